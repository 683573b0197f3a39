"""What was foreseen is judged when its time is over, and what that teaches is put in force."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from alarm_watch import TEXT, Watch
from complaining import NOW, Said, complain, grow
from sqlalchemy import func, select

from domain.vocabulary import AlertReason, Platform
from risk.growth import Learnt
from risk.hindsight import Ended
from simak.growths import Growths
from simak.judging import Judge
from simak.learning_growth import Learn
from store import alerting, hindsight
from store.engine import Store
from store.foresight import calibration
from store.foresight_tables import HINDSIGHT
from store.tables import MENTION

DAY = 1440
HOURS = timedelta(hours=24)
FAST = [(30, 4), (60, 16), (90, 44), (120, 110), (150, 260), (300, 900), (900, 1500), (1400, 1510)]
SLOW = [(30, 1), (60, 2), (120, 3), (600, 6), (1300, 8)]


@pytest.fixture
def judge() -> Judge:
    return Judge(HOURS, frozenset({1}), 1.0)


def rows(store: Store) -> dict[int | None, object]:
    with store.read() as conn:
        return {row.mention_id: row for row in conn.execute(HINDSIGHT.select())}


def test_each_case_is_judged_once_when_its_time_is_over(store: Store, judge: Judge) -> None:
    """What became a snowball and was alerted, and what stayed small, stand as they ended; before that nothing does."""
    fast, slow = complain(store, [Said(2 * DAY, TEXT), Said(2 * DAY, "kurang manis")])
    grow(store, fast, 2 * DAY, FAST)
    grow(store, slow, 2 * DAY, SLOW)
    judge.run(store, NOW - HOURS)
    assert rows(store) == {}
    Watch(store).run()
    assert judge.run(store, NOW).written == 2
    assert judge.run(store, NOW).written == 0
    found = rows(store)
    assert found[fast].alerted_at < found[fast].reached_at
    assert (found[slow].reached_at, found[slow].alerted_at) == (None, None)
    assert 0.5 < found[fast].peak <= 1
    assert found[fast].known


def test_late_counters_leave_the_end_unknown(store: Store, judge: Judge) -> None:
    """A post whose counters stopped early neither counts as small nor as large."""
    (post,) = complain(store, [Said(2 * DAY, TEXT)])
    grow(store, post, 2 * DAY, SLOW[:2])
    Watch(store).run()
    judge.run(store, NOW)
    assert not rows(store)[post].known
    with store.read() as conn:
        assert hindsight.ended(conn, [1], NOW - timedelta(days=9)) == []


def test_a_post_found_after_its_time_is_closed_unknown(store: Store, judge: Judge) -> None:
    """What was first counted when its time was over stops nobody from being judged, and is judged once."""
    late, slow = complain(store, [Said(4 * DAY, TEXT), Said(2 * DAY, "kurang manis")])
    grow(store, late, 4 * DAY, [(2 * DAY, 40), (2 * DAY + 60, 4000)])
    grow(store, slow, 2 * DAY, SLOW)
    Watch(store).run()
    assert judge.run(store, NOW).written == 2
    assert judge.run(store, NOW).written == 0
    assert (rows(store)[late].known, rows(store)[slow].known) == (False, True)


def test_a_snowball_without_an_alert_is_a_missed_one(store: Store, judge: Judge) -> None:
    """Counters that came only at the end show a snowball that nobody was told of in time."""
    (post,) = complain(store, [Said(2 * DAY, TEXT)])
    grow(store, post, 2 * DAY, [(1430, 2000)])
    Watch(store).run()
    judge.run(store, NOW)
    with store.read() as conn:
        (case,) = (Ended.of(*kept) for kept in hindsight.ended(conn, [1], NOW - timedelta(days=9)))
    assert case.happened
    assert case.lead_s is None or case.lead_s <= 0


def test_what_somebody_calls_irrelevant_counts_as_a_false_alarm(store: Store, judge: Judge) -> None:
    """The word of a person goes before the size."""
    (post,) = complain(store, [Said(2 * DAY, TEXT)])
    grow(store, post, 2 * DAY, FAST)
    watch = Watch(store)
    watch.run()
    judge.run(store, NOW)
    with store.write() as conn:
        row = alerting.latest(conn, 1, AlertReason.SNOWBALL, f"mention:{post}")
        assert row is not None
        alerting.keep(conn, row["id"], {"irrelevant": True})
        (case,) = (Ended.of(*kept) for kept in hindsight.ended(conn, [1], NOW - timedelta(days=9)))
    assert case.happened
    assert not case.right


def test_a_deleted_post_takes_its_case_along(store: Store, judge: Judge) -> None:
    """Nothing is kept of what was erased."""
    (post,) = complain(store, [Said(2 * DAY, TEXT)])
    grow(store, post, 2 * DAY, SLOW)
    Watch(store).run()
    judge.run(store, NOW)
    with store.write() as conn:
        conn.execute(MENTION.delete().where(MENTION.c.id == post))
        assert conn.scalar(select(func.count()).select_from(HINDSIGHT)) == 0


def test_two_hundred_cases_teach_a_threshold_and_a_calibration(store: Store, judge: Judge) -> None:
    """Where half of what was foreseen as likely stayed small, probabilities come down; before that nothing changes."""
    rng = np.random.default_rng(1)

    def case(p: float, number: int, *, happened: bool) -> dict[str, object]:
        began = NOW - timedelta(days=30, minutes=number)
        return {
            "brand_id": 1,
            "theme_id": None,
            "mention_id": None,
            "alert_id": None,
            "began_at": began,
            "closed_at": began + HOURS,
            "reach": 100.0,
            "count": 200.0 if happened else 20.0,
            "known": True,
            "reached_at": began + timedelta(hours=8) if happened else None,
            "alerted_at": None,
            "peak": p,
            "looks": [[3600.0, 10.0, p]],
        }

    def add(count: int, first: int) -> None:
        told = rng.uniform(0.05, 0.95, count)
        made = [case(float(p), first + at, happened=bool(rng.random() < p / 2)) for at, p in enumerate(told)]
        with store.write() as conn:
            conn.execute(HINDSIGHT.insert(), made)

    complain(store, [Said(5, TEXT)])
    add(150, 0)
    judge.run(store, NOW)
    with store.read() as conn:
        assert calibration(conn) is None
    add(250, 1000)
    judge.run(store, NOW)
    with store.read() as conn:
        found = calibration(conn)
    assert found is not None
    assert found.cases == 400
    assert 0.25 < np.interp(0.8, found.raw, found.mended) < 0.55
    assert list(found.mended) == sorted(found.mended)
    judge.run(store, NOW + timedelta(days=6))
    with store.read() as conn:
        assert calibration(conn) == found
    judge.run(store, NOW + timedelta(days=8))
    with store.read() as conn:
        again = calibration(conn)
    assert again is not None
    assert (again.cases, again.made_at) == (400, NOW + timedelta(days=8))


def posts(store: Store, count: int, seed: int, *, days_ago: int) -> None:
    """Store posts that grow as this platform's do: what has come after an hour says nearly all."""
    rng = np.random.default_rng(seed)
    numbers = complain(
        store, [Said(days_ago * DAY + 3 * at, "ya", author=f"s{seed}-{at}") for at in range(count)], first=seed
    )
    for at, number in enumerate(numbers):
        size, bend = rng.lognormal(3, 1.2), float(rng.uniform(0.5, 2))
        ages = [15, 30, 60, 120, 240, 600, 900, 1400]
        grow(
            store, number, days_ago * DAY + 3 * at, [(age, int(size * (1 - np.exp(-age / 300 * bend)))) for age in ages]
        )


def test_late_counters_teach_no_totals(store: Store, tmp_path: Path) -> None:
    """Posts read in their first hours and again only after the horizon are not taken for posts that stopped."""
    numbers = complain(store, [Said(20 * DAY + 3 * at, "ya", author=f"l{at}") for at in range(400)], first=30_000)
    for at, number in enumerate(numbers):
        grow(store, number, 20 * DAY + 3 * at, [(15, 1), (30, 2), (60, 4), (120, 9), (1800, 5_000)])
    assert learnt(store, tmp_path)[1] == ""


def learnt(store: Store, folder: Path) -> tuple[Growths, str]:
    growths = Growths(folder, store, HOURS.total_seconds())
    return growths, Learn(growths, "Asia/Jakarta").run(store, NOW).reason


def test_growth_is_learnt_from_own_posts_and_promoted_when_it_is_better(store: Store, tmp_path: Path) -> None:
    """Four hundred finished posts teach more than the cold start knows, and it is in force at once; forty do not."""
    posts(store, 40, 10_000, days_ago=5)
    growths, said = learnt(store, tmp_path)
    assert said == ""
    assert not isinstance(growths(Platform.X), Learnt)
    posts(store, 400, 20_000, days_ago=20)
    growths, said = learnt(store, tmp_path)
    assert said.startswith("x: Better: a Brier score of")
    assert isinstance(growths(Platform.X), Learnt)


def test_what_is_no_better_is_not_promoted(store: Store, tmp_path: Path) -> None:
    """Learnt again from the same posts it is no better than what is in force, which stays."""
    posts(store, 400, 20_000, days_ago=20)
    growths, _ = learnt(store, tmp_path)
    before = growths.file(Platform.X).read_bytes()
    again, said = learnt(store, tmp_path)
    assert said.startswith("x: No better:")
    assert again.file(Platform.X).read_bytes() == before
