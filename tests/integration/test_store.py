"""The store keeps its promises on SQLite and on PostgreSQL alike."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlmodel import SQLModel

from domain.advocacy import Tally, strongest
from domain.clock import Grain, period_start
from domain.errors import OvertakenError
from domain.records import Author, Cursor, Labels, Mention, Metrics, Outcome, Page, Reading
from domain.vocabulary import Impression, Journey, Platform, Role, Stage, TouchPoint
from store.engine import Store, open_store
from store.labels import Unread, correct, save_readings, unread
from store.place import Place
from store.privacy import bury
from store.queries import figures, inbox
from store.rollups import recount, take_due
from store.state import BrandSetting, begin_walk, load_state, purge_raw, save_progress, set_aside, sync_brands
from store.tables import (
    Audit,
    BrandMention,
    Correction,
    MetricSnapshot,
    Quarantine,
    RawItem,
    Rollup,
    RollupDue,
    Tombstone,
)
from store.tables import Author as AuthorRow
from store.tables import Mention as MentionRow
from store.tables import Reading as ReadingRow
from store.types import UtcDateTime
from store.writes import Arrival, save_mentions

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
ZONE = "Asia/Jakarta"
PLACE = Place("feeds", "all", ZONE, NOW)
BRANDS = [BrandSetting("senja", "Senja", own=True, expression="senja", exclusions={})]
BOO = Labels(
    impression=Impression.BOO,
    complaint=True,
    stage=Stage.ADVOCATE,
    touchpoints=(TouchPoint.PRICE,),
    journey=Journey.NONE,
    use_gap=False,
)


def mention(native_id: str, **other: Any) -> Mention:
    whole = {"native_id": native_id, "platform": Platform.X, "published_at": NOW, "text": f"senja {native_id}"}
    return Mention.model_validate(whole | other)


def save(store: Store, *mentions: Mention, place: Place = PLACE) -> tuple[int, int]:
    with store.write() as conn:
        ids = sync_brands(conn, BRANDS, NOW)
        arrivals = [Arrival({"id": one.native_id}, one, (ids["senja"],)) for one in mentions]
        outcome = save_mentions(conn, store.names, place, arrivals)
    return outcome.written, outcome.skipped


def read(store: Store, label: Impression = Impression.AHA, version: str = "v1") -> None:
    reading = Reading(impression=label, probabilities=dict.fromkeys(Impression, 0.2), stage=Stage.ACT, complaint=0.1)
    with store.write() as conn:
        waiting = unread(conn, version, 1000)
        save_readings(conn, version, [(one, reading) for one in waiting], ZONE, NOW)


def count(store: Store, table: type[SQLModel]) -> int:
    with store.read() as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


def only(store: Store, column: Any) -> Any:
    with store.read() as conn:
        return conn.execute(select(column)).scalar_one()


def test_opening_again_changes_nothing(store: Store, database_url: str) -> None:
    """A store that is up to date is opened as it is."""
    save(store, mention("1"))
    open_store(database_url, b"a key for the tests only").close()
    assert count(store, MentionRow) == 1


def test_a_mention_is_stored_once(store: Store) -> None:
    """The same page twice leaves what once leaves."""
    page = [mention(str(number), author=Author(native_id="a")) for number in range(3)]
    assert save(store, *page) == (3, 0)
    assert save(store, *page) == (0, 3)
    assert (count(store, MentionRow), count(store, AuthorRow), count(store, RawItem)) == (3, 1, 3)


def test_two_sources_may_use_the_same_id(store: Store) -> None:
    """A mention is known by source and id together."""
    save(store, mention("1"))
    assert save(store, mention("1"), place=Place("x", "all", ZONE, NOW)) == (1, 0)


def test_an_edit_replaces_and_is_read_again(store: Store) -> None:
    """A newer revision replaces text and reading; an older one that arrives late changes nothing."""
    save(store, mention("1"))
    read(store)
    assert save(store, mention("1", text="senja berubah", revision=2)) == (1, 0)
    assert save(store, mention("1", text="senja lama", revision=1)) == (0, 1)
    assert only(store, MentionRow.text) == "senja berubah"
    assert count(store, ReadingRow) == 0
    with store.read() as conn:
        assert [one.text for one in unread(conn, "v1", 9)] == ["senja berubah"]


def test_a_reading_of_a_text_that_changed_meanwhile_is_dropped(store: Store) -> None:
    """What was read in a text that is edited or deleted by now is not kept."""
    save(store, mention("1"), mention("2"))
    with store.read() as conn:
        waiting = unread(conn, "v1", 9)
    save(store, mention("1", text="senja berubah", revision=2))
    with store.write() as conn:
        bury(conn, store.names, PLACE, ["2"])
        written = save_readings(conn, "v1", [(one, Reading()) for one in waiting], ZONE, NOW)
    assert (written, count(store, ReadingRow)) == (0, 0)


def test_counters_are_only_ever_added(store: Store) -> None:
    """Each reading of the counters is a row, one that fell included; the same reading twice is one row."""
    for minutes, likes in ((0, 5), (30, 9), (60, 4), (60, 4)):
        save(store, mention("1", metrics=Metrics(observed_at=NOW + timedelta(minutes=minutes), likes=likes)))
    with store.read() as conn:
        mention_id = conn.execute(select(MentionRow.id)).scalar_one()
        assert [one.likes for one in inbox.counters(conn, [mention_id])[mention_id]] == [5, 9, 4]


def test_a_deleted_mention_leaves_nothing_and_does_not_return(store: Store) -> None:
    """Text, author, raw item, reading, counters and words go; a keyed tombstone stays and keeps it away."""
    save(store, mention("1", author=Author(native_id="a"), metrics=Metrics(observed_at=NOW, likes=1)))
    read(store)
    with store.write() as conn:
        assert bury(conn, store.names, PLACE, ["1", "unknown"]) == 1
    assert save(store, mention("1"), mention("unknown")) == (0, 2)
    left = [count(store, table) for table in (MentionRow, AuthorRow, RawItem, ReadingRow, MetricSnapshot, BrandMention)]
    assert left == [0] * 6
    assert count(store, Tombstone) == 2
    with store.read() as conn:
        assert inbox.matching(conn, inbox.Filter(brand_id=1, text="senja")) == []
        assert "1" not in set(conn.scalars(select(Tombstone.key)))


def test_an_author_stays_while_another_mention_is_theirs(store: Store) -> None:
    """Deleting one of two mentions keeps the author."""
    save(store, *(mention(number, author=Author(native_id="a")) for number in "12"))
    with store.write() as conn:
        bury(conn, store.names, PLACE, ["1"])
    assert count(store, AuthorRow) == 1


def test_nobody_is_named(store: Store) -> None:
    """Neither an author's id nor a phone number reaches the rows; raw items and quarantine are masked too."""
    save(store, mention("1", text="senja 081234567890", author=Author(native_id="budi")))
    with store.write() as conn:
        set_aside(conn, PLACE, [({"text": "hubungi 081234567890"}, "no date: 081234567890")])
    assert only(store, MentionRow.text) == "senja [phone]"
    assert "budi" not in only(store, AuthorRow.pseudonym)
    assert "[phone]" in only(store, Quarantine.body)
    assert only(store, Quarantine.reason) == "no date: [phone]"


def test_the_same_handle_on_two_platforms_is_two_people(store: Store) -> None:
    """Identity is never inferred from an equal name."""
    save(
        store,
        mention("1", author=Author(native_id="a")),
        mention("2", platform="instagram", author=Author(native_id="a")),
    )
    assert count(store, AuthorRow) == 2


def test_a_correction_sticks(store: Store) -> None:
    """Labels that a person gave stay through a new reader's readings, and are kept as training data."""
    save(store, mention("1"))
    read(store)
    with store.write() as conn:
        correct(conn, 1, 1, BOO, "dashboard", ZONE, NOW)
    read(store, Impression.WOW, "v2")
    with store.read() as conn:
        shown = inbox.mentions(conn, 1, inbox.matching(conn, inbox.Filter(brand_id=1)))[0]
        assert unread(conn, "v2", 9) == []
    assert (shown.impression, shown.stage, shown.touchpoints, shown.corrected) == (
        Impression.BOO,
        Stage.ADVOCATE,
        (TouchPoint.PRICE,),
        True,
    )
    assert (count(store, Correction), count(store, ReadingRow)) == (1, 2)


def test_a_new_reader_reads_everything_again(store: Store) -> None:
    """Readings are keyed by version: another version finds everything unread, a smaller one too."""
    save(store, mention("1"), mention("2"))
    read(store, version="v5")
    with store.read() as conn:
        assert [len(unread(conn, version, 9)) for version in ("v5", "v6", "v4")] == [0, 2, 2]


def test_the_inbox_filters(store: Store) -> None:
    """Each filter lets through what it names, and words in texts are found as typed."""
    save(store, mention("1", text="Kopi senja ENAK 😋"), mention("2", platform="news", text="senja' OR 1=1 --"))
    read(store)
    with store.write() as conn:
        correct(conn, 1, 1, BOO, "dashboard", ZONE, NOW)
    cases: list[tuple[dict[str, Any], int]] = [
        ({}, 2),
        ({"impressions": (Impression.BOO,)}, 1),
        ({"stages": (Stage.ADVOCATE, Stage.ACT)}, 2),
        ({"touchpoints": (TouchPoint.PRICE, TouchPoint.RESPONSE)}, 1),
        ({"platforms": (Platform.NEWS,)}, 1),
        ({"complaints": True}, 1),
        ({"since": NOW + timedelta(seconds=1)}, 0),
        ({"until": NOW}, 0),
        ({"text": "senja enak"}, 1),
        ({"text": "sen"}, 2),
        ({"text": "😋"}, 1),
        ({"text": "' OR 1=1 --"}, 1),
        ({"text": '"*)('}, 0),
        ({"text": "enak", "impressions": (Impression.WOW,)}, 0),
    ]
    with store.read() as conn:
        found = [len(inbox.matching(conn, inbox.Filter(brand_id=1, **wanted))) for wanted, _ in cases]
    assert found == [expected for _, expected in cases]


def test_a_naive_time_is_refused() -> None:
    """A time without a zone is an error, not a guess that is hours off."""
    with pytest.raises(ValueError, match="without a zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), None)  # type: ignore[arg-type]  # noqa: DTZ001


def test_changed_queries_are_audited(store: Store) -> None:
    """A changed query leaves a line in the audit; the same one again does not."""
    for expression in ("senja", "senja", "senja -lagu"):
        with store.write() as conn:
            sync_brands(conn, [BrandSetting("senja", "Senja", own=True, expression=expression, exclusions={})], NOW)
    assert count(store, Audit) == 2


def test_old_raw_items_are_deleted(store: Store) -> None:
    """Raw items go after their time; the mention stays."""
    save(store, mention("1"))
    with store.write() as conn:
        assert purge_raw(conn, NOW) == 0
        assert purge_raw(conn, NOW + timedelta(seconds=1)) == 1
    assert (count(store, RawItem), count(store, MentionRow)) == (0, 1)


def test_of_two_on_one_source_the_first_wins(store: Store) -> None:
    """A page whose cursor another process has moved meanwhile is refused, with all that it brought."""
    cursor = Cursor()
    with store.write() as conn:
        begin_walk(conn, PLACE)
        save_progress(conn, PLACE, cursor, Page(cursor=cursor.walking("2", "9")), Outcome(), None)
    with pytest.raises(OvertakenError), store.write() as conn:
        save_mentions(conn, store.names, PLACE, [Arrival({}, mention("1"), ())])
        save_progress(conn, PLACE, cursor, Page(cursor=cursor.walking("2", "8")), Outcome(), None)
    assert count(store, MentionRow) == 0
    with store.read() as conn:
        assert load_state(conn, PLACE) == (Cursor(ceiling="9", token="2"), None)


Said = tuple[int, int, Impression | None, Stage | None, Role]
said = st.tuples(
    st.integers(0, 6),
    st.integers(0, 40),
    st.sampled_from([*Impression, None]),
    st.sampled_from([*Stage, None]),
    st.sampled_from(Role),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(said, max_size=30))
def test_rollups_equal_a_count_by_hand(store: Store, mentions: Sequence[Said]) -> None:
    """Counts of every period equal those made from the mentions one by one."""
    with store.write() as conn:
        for table in (Rollup, RollupDue, BrandMention, MentionRow, AuthorRow):
            conn.execute(table.__table__.delete())  # type: ignore[attr-defined]
    _fill(store, mentions)
    with store.write() as conn:
        while due := take_due(conn):
            recount(conn, due, ZONE)
    with store.read() as conn:
        for grain in Grain:
            found = figures.periods(conn, [1], grain, date(2026, 1, 1), date(2027, 1, 1))
            expected = _by_hand(mentions, grain)
            assert {one.start: one.mentions for one in found} == {start: len(ones) for start, ones in expected.items()}
            assert {one.start: one.tally for one in found} == {start: _tally(ones) for start, ones in expected.items()}


def _day(said: Said) -> datetime:
    return NOW - timedelta(days=said[1])


def _fill(store: Store, mentions: Sequence[Said]) -> None:
    save(
        store,
        *(
            mention(
                str(number),
                published_at=_day(one),
                author=Author(native_id=f"{one[4]}{one[0]}", role=one[4]) if one[0] else None,
            )
            for number, one in enumerate(mentions)
            if one[0] or one[4] is Role.CUSTOMER
        ),
    )
    with store.write() as conn:
        ids = dict(conn.execute(select(MentionRow.native_id, MentionRow.id)).all())
        waiting = {one.mention_id: one for one in unread(conn, "v1", 1000)}
        readings = [
            (waiting[ids[str(number)]], Reading(impression=one[2], stage=one[3]))
            for number, one in enumerate(mentions)
            if str(number) in ids
        ]
        save_readings(conn, "v1", readings, ZONE, NOW)


def _by_hand(mentions: Sequence[Said], grain: Grain) -> dict[date, list[Said]]:
    periods: dict[date, list[Said]] = {}
    for number, one in enumerate(mentions):
        if one[0] or one[4] is Role.CUSTOMER:
            key = (one[0] or -1 - number, *one[1:])
            periods.setdefault(period_start((_day(one) + timedelta(hours=7)).date(), grain), []).append(key)
    return periods


def _tally(mentions: Sequence[Said]) -> Tally:
    customers = [one for one in mentions if one[4] is Role.CUSTOMER]
    authors = {one[0] for one in customers}
    impressions, stages = dict.fromkeys(Impression, 0), dict.fromkeys(Stage, 0)
    promoting = warning = 0
    for author in authors:
        mine = [one for one in customers if one[0] == author]
        scored = [one[2] for one in mine if one[2]]
        told = [one[3] for one in mine if one[3]]
        if scored:
            impressions[strongest(scored)] += 1
        if told:
            stages[max(told, key=lambda stage: stage.step)] += 1
        advocating = [one[2].level for one in mine if one[3] is Stage.ADVOCATE and one[2]]
        promoting += any(level > 0 for level in advocating)
        warning += any(level < 0 for level in advocating)
    return Tally(impressions, stages, promoting, warning)


def test_unread_carries_what_the_reader_needs(store: Store) -> None:
    """What waits for the reader is a mention, a brand and the masked text."""
    save(store, mention("1", text="senja a@b.id"))
    with store.read() as conn:
        assert unread(conn, "v1", 9) == [Unread(1, 1, "senja [email]")]
