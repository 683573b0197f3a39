"""What is usual, and what is far more than that: hours and weekdays, windows, new brands, quiet ones."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from risk.baseline import BIN_S, Baseline, binned
from risk.streams import loudest, scores, surges, ticks, voices
from risk.surge import LEAST, scan, surge

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
DAY = 86_400.0


def stream(a_day: float, days: int = 40, seed: int = 0) -> np.ndarray:
    """Return complaints with a rhythm: none at night, most at noon; a day varies by half."""
    rng = np.random.default_rng(seed)
    begin, found = NOW.replace(hour=0).timestamp() - (days - 1) * DAY, []
    for day in range(days):
        for hour in range(24):
            rate = a_day / 24 * (1 - np.cos(hour / 24 * 2 * np.pi)) * rng.gamma(4, 0.25)
            found += list(begin + day * DAY + hour * 3600 + rng.uniform(0, 3600, rng.poisson(rate)))
    return np.sort(np.array([at for at in found if at <= NOW.timestamp()]))


def now_scored(moments: np.ndarray, ago_min: list[float]) -> object:
    usual = Baseline.of(moments, NOW.timestamp() - DAY, float(moments[0]))
    recent = [NOW - timedelta(minutes=ago) for ago in ago_min]
    return surge(recent, NOW, usual)


def test_what_is_usual_follows_the_hours() -> None:
    """Noon is expected to be busy and the night quiet, and a day sums up to the usual day."""
    usual = Baseline.of(stream(48), NOW.timestamp() - DAY, NOW.timestamp() - 40 * DAY)
    midnight = NOW.replace(hour=0).timestamp()
    bins = usual.expected(midnight + BIN_S * np.arange(96))
    assert bins[48:52].sum() > 2 * bins[0:4].sum()
    assert 35 < bins.sum() < 60


def test_the_busiest_days_teach_nothing() -> None:
    """A surge a week ago does not make the next one usual."""
    quiet = stream(10)
    burst = np.sort(np.concatenate([quiet, NOW.timestamp() - 7 * DAY + np.linspace(0, 7200, 300)]))
    before, after = (Baseline.of(one, NOW.timestamp() - DAY, float(quiet[0])).day for one in (quiet, burst))
    assert after < 1.3 * before


def test_forty_within_two_hours_are_a_surge_and_a_usual_day_is_none() -> None:
    """Forty where ten a day are usual are beyond doubt; ten over the day are not worth a word."""
    moments = stream(10)
    assert now_scored(moments, [3 * at for at in range(40)]).p > 0.99
    assert now_scored(moments, [140 * at for at in range(10)]).p < 0.1


def test_a_handful_is_no_surge_however_quiet_it_is_usually() -> None:
    """Fewer than three are nothing; and a brand that is new to us is judged with care."""
    assert now_scored(stream(0.2), [1.0, 2.0]).p == 0
    new = Baseline.of(np.zeros(0), NOW.timestamp() - DAY, NOW.timestamp() - DAY)
    few = surge([NOW - timedelta(minutes=at) for at in range(LEAST)], NOW, new)
    assert few.p < 0.7


def test_a_stream_is_scored_as_each_moment_by_itself() -> None:
    """A year at once gives what one moment gives: the same windows, the same numbers."""
    moments = np.sort(np.concatenate([stream(10), NOW.timestamp() - np.linspace(60, 7000, 30)]))
    at = ticks(float(moments[0]), NOW.timestamp())
    row = int(np.flatnonzero(at == NOW.timestamp())[0])
    whole = scores(moments, at)
    assert whole.p[row] > 0.99
    assert whole.count[row] >= 30


def test_a_surge_that_is_over_is_over_within_a_day() -> None:
    """Two days after eighty people complained a quiet stream scores as if they never had."""
    moments = stream(4, days=60)
    began = NOW.timestamp() - 20 * DAY
    burst = np.sort(np.concatenate([moments, began + np.linspace(0, 14_400, 80)]))
    at = ticks(float(moments[0]), NOW.timestamp())
    quiet, after = scores(moments, at), scores(burst, at)
    later = (at > began + 2 * DAY) & (at < began + 10 * DAY)
    assert after.score[(at > began) & (at < began + DAY)].max() > 20
    assert (after.score[later] <= quiet.score[later] + 1).all()


def test_a_stream_remembers_no_more_than_one_moment_by_itself() -> None:
    """At any tick the whole stream's evidence is that of the last day alone, as the pipeline looks at it."""
    rng = np.random.default_rng(3)
    counts, expected, k = rng.poisson(0.4, 2_000).astype(float), np.full(2_000, 0.3), np.full(2_000, 6.0)
    counts[1_800:1_840] += 5
    whole = scan(counts, expected, k)
    for row in (95, 1_850, 1_999):
        day = slice(row - 95, row + 1)
        assert scan(counts[day], expected[day], k[day]).score[-1] == pytest.approx(whole.score[row])


def test_what_comes_later_changes_no_score() -> None:
    """Cut off after any moment, the stream has had the same scores until then."""
    moments = np.sort(np.concatenate([stream(12), NOW.timestamp() - np.linspace(60, 9000, 50)]))
    at = ticks(float(moments[0]), float(moments[-1]))
    whole = scores(moments, at)
    for cut in (500, 2_000, len(at) - 6):
        known = moments[moments <= at[cut - 1]]
        assert np.allclose(scores(known, at[:cut]).score, whole.score[:cut])


def test_a_person_counts_once_a_day() -> None:
    """Who complains again within a day is no new voice; who is not named counts each time."""
    moments = np.array([0.0, 10.0, 20.0, DAY + 1, DAY + 2])
    assert voices(moments, ["a", "a", None, "a", None]).tolist() == [0.0, 20.0, DAY + 1, DAY + 2]


def test_an_issue_is_heard_within_a_loud_brand() -> None:
    """Thirty people on one issue stand out where the brand as a whole hardly moves."""
    loud, issue = stream(400), NOW.timestamp() - np.linspace(60, 7000, 30)
    brand = {None: (loud, [None] * len(loud)), "saldo": (issue, [None] * len(issue))}
    at = ticks(NOW.timestamp() - 2 * DAY, NOW.timestamp())
    together = surges(brand, at)
    alone = scores(np.sort(np.concatenate([loud, issue])), at)
    assert together.score[-1] > alone.score[-1] + 2
    assert loudest([alone, together]).score[-1] == together.score[-1]


@pytest.mark.parametrize("count", [0, 1, 50])
def test_bins_keep_every_complaint(count: int) -> None:
    """Nothing falls between two bins, and the end belongs to the last one."""
    moments = np.linspace(1.0, 9_000.0, count)
    assert binned(moments, 0.0, 9_000.0).sum() == count
