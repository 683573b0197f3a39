"""From complaints and counters to alerts: what is foreseen, and what is worth telling."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from alarm_watch import DAY, TEXT, Watch, usual_weeks
from complaining import NOW, Said, complain, grow
from sqlalchemy import func, select

from domain.vocabulary import AlertLevel, AlertReason, AlertState
from simak.pipeline import Purge
from store import alerting
from store.engine import Store
from store.foresight_tables import CALIBRATION, FORECAST, THEME, THEME_MENTION, TRACK


def file_under(store: Store, theme_id: int, numbers: Sequence[int]) -> None:
    """Give complaints one theme."""
    with store.write() as conn:
        if conn.scalar(select(func.count()).select_from(THEME).where(THEME.c.id == theme_id)) == 0:
            row = {"id": theme_id, "brand_id": 1, "embedder": "test", "centroid": b"", "weight": 1.0}
            conn.execute(THEME.insert().values(**row, born_at=NOW, seen_at=NOW))
        rows = [{"mention_id": number, "brand_id": 1, "theme_id": theme_id} for number in numbers]
        conn.execute(THEME_MENTION.insert(), rows)


def test_a_post_that_takes_off_is_foreseen_long_before_it_is_large(store: Store) -> None:
    """An alert opens while less than half of what was to come has come, with its probability and the example."""
    (post,) = complain(store, [Said(180, TEXT, followers=900)])
    grow(store, post, 180, [(30, 4), (60, 16), (90, 44), (120, 110), (150, 260), (175, 600)])
    watch = Watch(store)
    watch.run()
    first = watch.told[0]
    assert (first.after.subject, first.after.reason) == (f"mention:{post}", AlertReason.SNOWBALL)
    assert first.after.facts["count"] < 300
    assert first.after.facts["p"] >= 0.7
    assert first.after.facts["mentions"] == [post]
    assert first.after.facts["views"] > 0


def test_a_post_that_stays_small_is_left_alone(store: Store) -> None:
    """Twelve shares in a day alarm nobody."""
    (post,) = complain(store, [Said(DAY, TEXT)])
    grow(store, post, DAY, [(30, 2), (60, 4), (180, 7), (600, 10), (1300, 12)])
    watch = Watch(store)
    watch.run()
    assert watch.subjects(AlertReason.SNOWBALL) == []


def test_many_quiet_voices_are_a_snowball_without_a_viral_post(store: Store) -> None:
    """Forty people within two hours, where two a day are usual, open an alert on their issue and not on the brand."""
    usual_weeks(store)
    numbers = complain(store, [Said(120 - 3 * n, TEXT) for n in range(40)])
    file_under(store, 3, numbers)
    watch = Watch(store)
    watch.run()
    assert watch.subjects(AlertReason.SNOWBALL) == ["theme:3"]
    facts = watch.told[0].after.facts
    assert facts["authors"] >= 3
    assert facts["within"] > 5 * facts["usual"]


def test_one_person_who_complains_forty_times_is_one_voice(store: Store) -> None:
    """People are counted, not posts."""
    usual_weeks(store)
    numbers = complain(store, [Said(120 - 3 * n, f"{TEXT} {n}", author="sama") for n in range(40)])
    file_under(store, 3, numbers)
    watch = Watch(store)
    watch.run()
    assert watch.subjects(AlertReason.SNOWBALL) == []


def test_run_again_it_changes_nothing(store: Store) -> None:
    """A second run at the same moment, and a new process, write no forecast and tell nothing twice."""
    (post,) = complain(store, [Said(180, TEXT)])
    grow(store, post, 180, [(30, 4), (60, 16), (90, 44), (120, 110), (150, 260)])
    watch = Watch(store)
    watch.run()
    with store.read() as conn:
        before = conn.scalar(select(func.count()).select_from(FORECAST))
    again = Watch(store)
    again.run()
    with store.read() as conn:
        assert conn.scalar(select(func.count()).select_from(FORECAST)) == before
    assert len(watch.told) >= 1
    assert again.told == []


def test_what_happened_while_simak_was_down_is_worked_through_and_not_told_late(store: Store) -> None:
    """A snowball of last week has its alert and its end in the log, and wakes nobody."""
    (post,) = complain(store, [Said(7 * DAY, TEXT)])
    grow(store, post, 7 * DAY, [(30, 4), (60, 16), (90, 44), (120, 110), (300, 900), (900, 1500), (1439, 1510)])
    watch = Watch(store)
    watch.run()
    with store.read() as conn:
        row = alerting.latest(conn, 1, AlertReason.SNOWBALL, f"mention:{post}")
    assert watch.told == []
    assert row is not None
    assert row["opened_at"] < NOW - timedelta(days=6)
    watch.over(range(5, 200, 5))
    with store.read() as conn:
        row = alerting.latest(conn, 1, AlertReason.SNOWBALL, f"mention:{post}")
    assert row is not None
    assert row["state"] is AlertState.RESOLVED


def test_a_competitors_snowball_is_only_watched(store: Store) -> None:
    """What rolls over a competitor is told at the lowest level and by its own reason."""
    (post,) = complain(store, [Said(180, TEXT)], brand=2)
    grow(store, post, 180, [(30, 4), (60, 16), (90, 44), (120, 110), (150, 260)])
    watch = Watch(store)
    watch.run()
    assert {(one.after.reason, one.after.level) for one in watch.told} == {(AlertReason.COMPETITOR, AlertLevel.WATCH)}


def test_a_brand_that_was_taken_out_alarms_nobody(store: Store) -> None:
    """What is still stored of a brand that is not set up any more opens nothing."""
    (post,) = complain(store, [Said(180, TEXT)])
    grow(store, post, 180, [(30, 4), (60, 16), (90, 44), (120, 110), (150, 260)])
    watch = Watch(store)
    watch.alarm = replace(watch.alarm, notice=replace(watch.alarm.notice, brands={2: "Fajar"}))
    watch.run()
    assert watch.told == []


def test_the_tenants_own_cases_move_the_threshold(store: Store) -> None:
    """Where past cases have taught that such probabilities are too high, the same post opens nothing."""
    (post,) = complain(store, [Said(180, TEXT)])
    grow(store, post, 180, [(30, 3), (60, 10), (90, 25), (120, 45)])
    with store.write() as conn:
        row = {"made_at": NOW, "cases": 300, "raw": [0.5, 0.99], "mended": [0.1, 0.4], "threshold": 0.9, "figures": {}}
        conn.execute(CALIBRATION.insert().values(**row))
    watch = Watch(store)
    watch.run()
    assert watch.subjects(AlertReason.SNOWBALL) == []


def test_eight_quiet_weeks_alarm_hardly_ever(store: Store) -> None:
    """A brand with a day's rhythm and lively chance raises no more than one false alert a month."""
    rng = np.random.default_rng(3)
    said = []
    for day in range(56):
        for hour in range(24):
            rate = 0.5 * (1 + np.sin((hour - 8) / 24 * 2 * np.pi)) * rng.gamma(4, 0.25)
            said += [Said(day * DAY + hour * 60 + float(rng.uniform(0, 60)), TEXT) for _ in range(rng.poisson(rate))]
    complain(store, said)
    watch = Watch(store)
    watch.run()
    with store.read() as conn:
        rows = [
            row for row in alerting.listed(conn, NOW - timedelta(days=99), 99) if row["reason"] is AlertReason.SNOWBALL
        ]
    assert len(rows) <= 2


def test_a_large_brand_has_no_snowball_every_day(tmp_path: Path, open_sqlite: Callable[[Path], Store]) -> None:
    """Two hundred complaints a day, as on any other day, pass a reach of fifty and alarm once in weeks at most."""
    store, rng = open_sqlite(tmp_path / "large.db"), np.random.default_rng(5)
    complain(store, [Said(float(ago), TEXT) for ago in rng.uniform(0, 14 * DAY, 200 * 14)])
    watch = Watch(store)
    watch.run()
    with store.read() as conn:
        rows = alerting.listed(conn, NOW - timedelta(days=99), 99)
    store.close()
    assert len([row for row in rows if row["reason"] is AlertReason.SNOWBALL]) <= 1


def test_what_was_foreseen_long_ago_is_deleted(store: Store) -> None:
    """Forecasts and counters' tracks go after nine weeks; those of today stay."""
    (post,) = complain(store, [Said(180, TEXT)])
    grow(store, post, 180, [(30, 4), (60, 16)])
    Watch(store).run()
    Purge("Asia/Jakarta").run(store, NOW)
    with store.read() as conn:
        assert conn.scalar(select(func.count()).select_from(FORECAST)) > 0
    Purge("Asia/Jakarta").run(store, NOW + timedelta(weeks=10))
    with store.read() as conn:
        assert conn.scalar(select(func.count()).select_from(FORECAST)) == 0
        assert conn.scalar(select(func.count()).select_from(TRACK)) == 0
