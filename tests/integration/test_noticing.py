"""The rules beside the snowball: each opens an alert on what it is there for, and ends it when that is over."""

from datetime import timedelta

import pytest
from alarm_watch import DAY, TEXT, Watch, usual_weeks
from complaining import NOW, Said, complain
from sqlalchemy import update

from alerts.rules import Rule
from domain.vocabulary import AlertLevel, AlertReason, Impression, Role
from store.engine import Store
from store.tables import BRAND_MENTION, LOOK, SOURCE_ALERT

MATCHES = Rule("produk-baru", AlertReason.MENTION, AlertLevel.WATCH, query="croissant -promo")


@pytest.mark.parametrize(
    ("said", "level"),
    [
        (Said(30, TEXT, followers=60_000), AlertLevel.WARN),
        (Said(30, TEXT, followers=900_000), AlertLevel.CRITICAL),
        (Said(30, TEXT, role=Role.PRESS), AlertLevel.WARN),
    ],
)
def test_press_and_influential_authors_who_complain_are_told_at_once(
    store: Store, said: Said, level: AlertLevel
) -> None:
    """One complaint of theirs is enough; ten times as many followers make it critical."""
    watch = Watch(store)
    watch.run(NOW - timedelta(minutes=10))
    complain(store, [said, Said(31, TEXT, followers=49_000)])
    watch.run()
    assert [(one.after.reason, one.after.level) for one in watch.told] == [(AlertReason.AUTHOR, level)]


def test_mentions_that_match_a_query_are_told(store: Store) -> None:
    """A rule with a query tells of what matches it, counts it, and is over when nothing more comes."""
    watch = Watch(store, [MATCHES])
    watch.run(NOW - timedelta(minutes=10))
    said = [
        Said(20, "croissant-nya keras"),
        Said(19, "croissant promo"),
        Said(18, TEXT),
        Said(17, "suka croissant ini"),
    ]
    complain(store, said)
    watch.run()
    (told,) = watch.told
    assert (told.after.subject, told.after.facts["count"]) == ("rule:produk-baru", 2)
    watch.over(range(5, 200, 5))
    assert watch.subjects(AlertReason.MENTION) == []


def test_more_mentions_than_usual_are_told_and_a_usual_day_is_not(store: Store) -> None:
    """Ten times the usual volume opens an alert; eight usual weeks before it did not."""
    usual = [Said(DAY * day + 60 * n, TEXT, impression=Impression.OK) for day in range(1, 40) for n in range(10)]
    complain(store, usual, first=9000)
    watch = Watch(store)
    watch.run(NOW - timedelta(minutes=10))
    assert watch.subjects() == []
    complain(store, [Said(240 - n, "rame ya", impression=Impression.OK) for n in range(120)])
    watch.over([0, 15, 30])
    assert watch.subjects(AlertReason.VOLUME) == ["rule:volume"]


def test_far_fewer_mentions_than_usual_are_told(store: Store) -> None:
    """A brand of forty mentions a day that falls silent for a day is worth a look."""
    complain(
        store, [Said(DAY * day + 35 * n, "ok", impression=Impression.OK) for day in range(1, 40) for n in range(40)]
    )
    watch = Watch(store)
    watch.over([0, 15, 30])
    assert watch.subjects(AlertReason.VOLUME) == ["rule:volume:fewer"]


def test_worse_impressions_than_usual_are_told(store: Store) -> None:
    """When half of the authors are unhappy where a tenth is usual, that is a shift; among ten authors it is none."""
    usual = [
        Said(DAY * day + 100 * n, "ok", impression=Impression.ARRGH if n == 0 else Impression.AHA)
        for day in range(1, 29)
        for n in range(10)
    ]
    complain(store, usual, first=9000)
    watch = Watch(store)
    watch.run(NOW - timedelta(minutes=10))
    few = [Said(300 - n, "hmm", impression=Impression.BOO) for n in range(6)]
    complain(store, few, first=100)
    watch.run()
    assert watch.subjects(AlertReason.IMPRESSION) == []
    more = [Said(290 - n, "hmm", impression=(Impression.BOO, Impression.OK)[n % 2]) for n in range(40)]
    complain(store, more, first=200)
    watch.over([15, 30])
    assert watch.subjects(AlertReason.IMPRESSION) == ["rule:impressions"]


def test_more_people_who_cannot_use_what_they_bought_are_told(store: Store) -> None:
    """Twenty people within two hours who bought and cannot use it yet are a surge; they need not complain."""
    watch = Watch(store)
    usual_weeks(store, 1)
    watch.run(NOW - timedelta(minutes=10))
    complain(store, [Said(120 - 5 * n, "belum aktif", impression=Impression.OK, use_gap=True) for n in range(20)])
    watch.over([0, 15])
    assert "rule:use-gap" in watch.subjects(AlertReason.USE_GAP)


def test_a_failing_source_is_told_until_it_listens_again(store: Store) -> None:
    """What the watch over sources found is told once, and ends some hours after it is right again."""
    with store.write() as conn:
        row = {"source": "x", "kind": "no_answer", "opened_at": NOW, "figures": {"minutes": 40.0}}
        conn.execute(SOURCE_ALERT.insert().values(**row))
    watch = Watch(store)
    watch.over([0, 5, 10])
    assert [one.after.subject for one in watch.told] == ["source:x:no_answer"]
    with store.write() as conn:
        conn.execute(update(SOURCE_ALERT).values(closed_at=NOW + timedelta(minutes=12)))
    watch.over(range(15, 220, 5))
    assert watch.told[-1].message == "resolved"
    assert watch.subjects(AlertReason.SOURCE) == []


def test_late_counters_are_not_taken_for_calm(store: Store) -> None:
    """A complaint whose look is long overdue, and a mention that nobody reads, raise the watchdog."""
    (post,) = complain(store, [Said(200, TEXT)])
    with store.write() as conn:
        conn.execute(LOOK.insert().values(mention_id=post, source="x", due_at=NOW - timedelta(minutes=55)))
    watch = Watch(store)
    watch.over([0, 5])
    assert watch.subjects(AlertReason.STALE) == ["late:counters"]
    complain(store, [Said(90, TEXT)], first=50)
    with store.write() as conn:
        conn.execute(update(BRAND_MENTION).where(BRAND_MENTION.c.mention_id != post).values(version=None))
    watch.over([35, 40])
    assert set(watch.subjects(AlertReason.STALE)) == {"late:counters", "late:reading"}


def test_a_competitors_surge_is_told_beside_ones_own(store: Store) -> None:
    """The volume of a competitor is watched against its own weeks."""
    usual = [Said(DAY * day + 60 * n, "biasa", impression=Impression.OK) for day in range(1, 40) for n in range(10)]
    complain(store, usual, first=9000, brand=2)
    watch = Watch(store)
    watch.run(NOW - timedelta(minutes=10))
    complain(store, [Said(240 - n, "promo!", impression=Impression.OK) for n in range(120)], brand=2)
    watch.over([0, 15])
    assert watch.subjects(AlertReason.COMPETITOR) == ["rule:competitor"]
