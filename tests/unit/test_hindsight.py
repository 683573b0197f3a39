"""How well was foreseen what has ended, which threshold that calls for, and how it mends what is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy.stats import binomtest

from risk import calibration
from risk.calibration import learn, mend
from risk.hindsight import ENOUGH, FEWEST, SHIPPED, Ended, Share, figures, threshold, weeks

WEEK = 604_800.0
HOUR = 3_600.0


def case(began_s: float = 0.0, peak: float = 0.5, **values: object) -> Ended:
    """Return a case that stayed small and was not alerted, unless told otherwise."""
    known = {"reached_s": None, "alerted_s": None, **values}
    return Ended(began_s, peak=peak, **known)  # type: ignore[arg-type]


def told(count: int, seed: int, truth: Callable[[float], float], looks: int = 4) -> list[Ended]:
    """Return cases of which something was told evenly over 0 to 1, and that happened as often as ``truth`` says."""
    rng = np.random.default_rng(seed)
    made = []
    for p in rng.uniform(0.02, 0.98, count):
        seen = [(300.0 * look, 1.0, float(p)) for look in range(1, looks + 1)]
        reached = 9 * HOUR if rng.random() < truth(float(p)) else None
        made.append(Ended(0.0, reached, None, float(p), seen))
    return made


def test_moments_become_seconds_of_one_clock() -> None:
    """A case that was kept with moments has its warning time in seconds, and keeps its looks."""
    began = datetime(2026, 11, 20, tzinfo=UTC)
    late = began + timedelta(hours=5)
    found = Ended.of(began, late, late - timedelta(minutes=40), False, 0.8, [[60, 3, 0.2], [120, 9, 0.8]])
    assert found.lead_s == 2_400
    assert found.looks == [(60, 3, 0.2), (120, 9, 0.8)]
    assert Ended.of(began, None, None, False, 0.1, []).lead_s is None


@pytest.mark.parametrize(("part", "of"), [(0, 10), (7, 10), (10, 10), (93, 120), (1, 5_000)])
def test_intervals_are_those_of_wilson(part: int, of: int) -> None:
    """The interval agrees with an implementation of somebody else's."""
    theirs = binomtest(part, of).proportion_ci(0.95, method="wilson")
    ours = Share(part, of).interval
    assert ours is not None
    assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-4)


def test_intervals_hold_what_they_promise() -> None:
    """Drawn again and again from a known share, about 95 in 100 intervals hold it."""
    parts = np.random.default_rng(3).binomial(40, 0.8, 2_000)
    ends = [Share(int(part), 40).interval or (1.0, 0.0) for part in parts]
    assert 0.92 < np.mean([low <= 0.8 <= high for low, high in ends]) < 0.98


def test_too_few_cases_say_nothing() -> None:
    """Every figure of fewer than ten cases is withheld, none is shown as 0 or 100 %."""
    few = [case(at, reached_s=at + 9 * HOUR, alerted_s=at + HOUR) for at in range(FEWEST - 1)]
    found = figures(few)
    assert (found.precision.value, found.precision.interval, found.recall.value, found.early.value) == (None,) * 4
    assert (found.lead_min, found.false_a_week, found.brier, found.error) == (None,) * 4
    assert figures([]).cases == 0
    assert figures([*few, few[0]]).recall.value == 1.0


def test_alerts_are_held_against_what_became_of_them() -> None:
    """Twelve warned in time, four warned late, four missed, six alerted in vain, all over two weeks."""
    caught = [case(0.0, reached_s=5 * HOUR, alerted_s=3 * HOUR) for _ in range(12)]
    short = [case(HOUR, reached_s=5 * HOUR, alerted_s=5 * HOUR - 600) for _ in range(2)]
    late = [case(HOUR, reached_s=5 * HOUR, alerted_s=6 * HOUR) for _ in range(2)]
    missed = [case(WEEK, reached_s=WEEK + HOUR) for _ in range(4)]
    vain = [case(2 * WEEK, alerted_s=2 * WEEK + HOUR) for _ in range(6)]
    found = figures([*caught, *short, *late, *missed, *vain])
    assert (found.precision.part, found.precision.of) == (16, 22)
    assert (found.recall.part, found.recall.of) == (14, 20)
    assert (found.early.part, found.early.of) == (12, 20)
    assert found.lead_min == 120
    assert found.false_a_week == 3


def test_what_somebody_calls_irrelevant_is_a_false_alarm() -> None:
    """It grew as foreseen, and still nobody wanted to be told: precision falls, recall does not."""
    cases = [case(at, reached_s=at + 5 * HOUR, alerted_s=at + HOUR, irrelevant=at < 5) for at in range(20)]
    found = figures(cases)
    assert found.precision.value == 0.75
    assert found.recall.value == 1.0
    assert found.false_a_week == 5


def test_what_was_told_after_the_fact_proves_no_foresight() -> None:
    """Looks at or after the moment at which a case had become a snowball count for nothing."""
    looks = [(HOUR, 5.0, 0.4), (2 * HOUR, 200.0, 1.0), (3 * HOUR, 300.0, 1.0)]
    cases = [case(at * HOUR, reached_s=(at + 2) * HOUR, looks=looks) for at in range(FEWEST)]
    found = figures(cases)
    assert [(mean, share, count) for mean, share, count in found.bins] == [(pytest.approx(0.4), 1.0, FEWEST)]
    assert found.brier == pytest.approx(0.36)
    assert found.error == pytest.approx(0.6)


def test_honest_probabilities_lie_on_the_diagonal() -> None:
    """Where 70 % happens 70 times in 100 the error is small, and where it happens half as often it shows."""
    honest, loud = (figures(told(4_000, 5, truth)) for truth in (lambda p: p, lambda p: p / 2))
    assert honest.error is not None
    assert loud.error is not None
    assert honest.error < 0.03
    assert loud.error == pytest.approx(0.25, abs=0.03)
    assert sum(count for _, _, count in honest.bins) == 4 * 4_000


def test_a_week_is_the_least_that_false_alerts_are_spread_over() -> None:
    """A busy first day is not blown up to a week of the same."""
    assert weeks([case(0.0), case(HOUR)]) == 1
    assert weeks([case(0.0), case(3 * WEEK)]) == 3
    assert weeks([]) == 1


def test_the_shipped_threshold_holds_until_there_are_enough_cases() -> None:
    """Few cases move nothing, however loud they were; snowballs tell nothing of false alarms."""
    assert threshold([], 1.0) == SHIPPED
    assert threshold([case(peak=0.95) for _ in range(ENOUGH - 1)], 1.0) == SHIPPED
    assert threshold([case(peak=0.95, reached_s=HOUR) for _ in range(500)], 1.0) == SHIPPED


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("budget", [0.5, 2.0, 5.0])
def test_the_budget_holds_in_the_weeks_that_follow(budget: float, seed: int) -> None:
    """Set on half a year, false alerts of the next half stay near what people are ready to bear."""
    rng = np.random.default_rng(seed)
    peaks = rng.beta(0.6, 3.0, 4_000)
    begins = rng.uniform(0, 52 * WEEK, 4_000)
    cases = [case(float(began), float(peak)) for began, peak in zip(begins, peaks, strict=True)]
    bar = threshold([one for one in cases if one.began_s < 26 * WEEK], budget)
    after = sum(one.peak >= bar for one in cases if one.began_s >= 26 * WEEK) / 26
    assert after <= budget + 3 * np.sqrt(budget / 26)


def test_a_larger_budget_never_asks_for_more() -> None:
    """The more false alerts are borne, the lower the threshold, within its bounds."""
    rng = np.random.default_rng(2)
    cases = [case(float(at) * HOUR, float(peak)) for at, peak in enumerate(rng.beta(1, 2, 900))]
    bars = [threshold(cases, budget) for budget in (0.0, 0.5, 1, 3, 10, 50, 1_000)]
    assert bars == sorted(bars, reverse=True)
    assert bars[0] > bars[-1]
    assert all(0.3 <= bar <= 0.95 for bar in bars)


def test_few_cases_move_the_threshold_less_than_many() -> None:
    """Sixty quiet cases draw it down a little, six thousand nearly all the way."""
    some, many = ([case(peak=0.4) for _ in range(count)] for count in (60, 6_000))
    assert SHIPPED > threshold(some, 1.0) > threshold(many, 1.0)
    assert threshold(many, 1.0) == pytest.approx(0.4, abs=0.01)


def test_without_knots_nothing_is_mended() -> None:
    """Until a tenant's cases have taught something, 70 % stays 70 %."""
    assert [mend(p, [], []) for p in (0.0, 0.123, 0.7, 1.0)] == [0.0, 0.123, 0.7, 1.0]


@pytest.mark.parametrize("seed", range(5))
def test_mended_probabilities_keep_their_order(seed: int) -> None:
    """What was likelier stays at least as likely; what is certain stays certain, and nothing leaves 0 to 1."""
    knots = learn(told(400, seed, lambda p: p**2), seed)
    assert knots is not None
    mended = [mend(p, *knots) for p in np.linspace(0, 1, 501).tolist()]
    assert mended == sorted(mended)
    assert (mended[0], mended[-1]) == (0.0, 1.0)
    assert all(0 < p < 1 for p in mended[1:-1])


@pytest.mark.parametrize("seed", range(5))
def test_loud_probabilities_come_down(seed: int) -> None:
    """Where half of it happens, cases that were never seen are told better than before."""
    knots = learn(told(600, seed, lambda p: p / 2), seed)
    assert knots is not None
    unseen = told(2_000, seed + 100, lambda p: p / 2)
    before = figures(unseen)
    after = figures(
        [
            Ended(0.0, one.reached_s, None, one.peak, [(a, n, mend(p, *knots)) for a, n, p in one.looks])
            for one in unseen
        ]
    )
    assert before.error is not None
    assert after.error is not None
    assert after.error < before.error / 3


def test_nothing_is_learnt_from_too_little() -> None:
    """Too few cases, cases without a look, and cases that all ended alike teach nothing."""
    enough = calibration.ENOUGH
    assert learn(told(enough - 1, 1, lambda p: p / 2)) is None
    assert learn(told(2 * enough, 1, lambda p: p / 2, looks=0)) is None
    assert learn(told(enough, 1, lambda _: 0.0)) is None
    assert learn(told(enough, 1, lambda _: 1.0)) is None


def test_honest_probabilities_are_seldom_touched() -> None:
    """Where nothing is to be mended it is mostly left alone, and never moved far by chance."""
    found = [learn(told(400, seed, lambda p: p), seed) for seed in range(12)]
    assert sum(knots is None for knots in found) >= 8
    moved = [abs(mend(p, *knots) - p) for knots in found if knots for p in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert max(moved, default=0.0) < 0.2


def test_a_case_that_was_looked_at_often_weighs_no_more() -> None:
    """A hundred looks at each loud case that stayed small outweigh no quiet ones with a single look."""
    rng = np.random.default_rng(4)
    small = [case(looks=[(60.0, 1.0, 0.6)] * 100) for _ in range(150)]
    large = [case(reached_s=9 * HOUR, looks=[(60.0, 1.0, 0.6)]) for _ in range(150)]
    rest = [case(looks=[(60.0, 1.0, float(p))]) for p in rng.uniform(0, 0.1, 100)]
    knots = learn([*small, *large, *rest])
    assert knots is not None
    assert mend(0.6, *knots) == pytest.approx(0.5, abs=0.05)
