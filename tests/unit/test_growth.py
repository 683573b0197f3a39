"""How far posts will spread: what is kept of them, what is learnt, and what is foreseen."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from domain.errors import ConfigError
from risk.growth import GROUPS, Growth, History, Learnt, Reading, Root, Track, better, cold_start, learn, load, save
from risk.growth.plain import Plain, told_apart
from risk.growth.track import READINGS
from risk.histories import looks
from risk.replay import replay

DAY = 86_400.0


def history(number: int, rng: np.random.Generator) -> History:
    """Return a post whose shares come fast at first and ever slower, by a pace of its own."""
    size, pace = rng.lognormal(3, 1.3), np.exp(rng.uniform(6, 11))
    counts = np.floor(size * (1 - np.exp(-np.array(looks(DAY)) / pace)))
    readings = tuple(Reading(age, count, count) for age, count in zip(looks(DAY), counts.tolist(), strict=True))
    return History(f"p{number}", readings, readings[-1].count, Root(hour=number % 24), number * 60.0)


def grown(one: History, age_s: float) -> Track:
    """Return the track of a post at an age."""
    found = Track(one.root)
    for reading in one.readings:
        if reading.age_s <= age_s:
            found.look(reading.age_s, reading.count, reading.people)
    return found


@pytest.fixture(scope="module")
def posts() -> list[History]:
    """Return six hundred finished posts."""
    rng = np.random.default_rng(7)
    return [history(number, rng) for number in range(600)]


@pytest.fixture(scope="module")
def learnt(posts: list[History]) -> Learnt:
    """Return what two thirds of them teach."""
    return learn(posts[:400], DAY)


@pytest.fixture(params=["learnt", "cold"])
def growth(request: pytest.FixtureRequest, learnt: Learnt, posts: list[History]) -> Growth:
    """Return each kind of growth in turn."""
    return learnt if request.param == "learnt" else cold_start().among([grown(one, DAY) for one in posts[:400]])


def test_a_track_keeps_few_readings_and_comes_back_from_numbers() -> None:
    """However often a counter is read, a few readings remain, its first and last among them."""
    track = Track(Root(hour=3.0, verified=True))
    for minute in range(1, 3_000):
        track.look(minute * 60.0, minute // 2, minute // 3)
    assert len(track.ages) == READINGS
    assert (track.ages[0], track.age_s, track.count, track.people, track.first_s) == (60, 179_940, 1_499, 999, 120)
    assert Track.load(track.dump()) == track


def test_a_late_reading_takes_its_place() -> None:
    """A reading that comes late is put where it belongs, and one read twice is kept once."""
    track = Track()
    for age, count in ((600, 5), (1_800, 9), (1_200, 7), (1_800, 10)):
        track.look(age, count)
    assert (track.ages, track.counts) == ([600, 1_200, 1_800], [5, 7, 10])


def test_numbers_that_are_no_track_are_refused() -> None:
    """A state that was cut off is refused rather than read as another post."""
    with pytest.raises(ValueError, match="no track"):
        Track.load([0.0] * 9)


def test_a_missing_reading_is_not_no_growth(growth: Growth, posts: list[History]) -> None:
    """A post that was not read of late is foreseen as of its last reading, not as one that stood still since."""
    read = grown(posts[450], 3_600)
    still = Track.load(read.dump())
    for age in (7_200.0, 10_800.0, 14_400.0):
        still.look(age, read.count)
    last, stood = growth.foresee([read, still], [read.count * 2 + 1] * 2, DAY)
    assert last.p > stood.p
    assert last.expected > stood.expected


def test_forecasts_hold_together(growth: Growth, posts: list[History]) -> None:
    """A probability falls as more is asked, an interval holds what is expected, and nothing shrinks."""
    tracks = [grown(one, 3_600) for one in posts[400:]]
    asked = [growth.foresee(tracks, [reach] * len(tracks), DAY) for reach in (10, 30, 100, 1_000)]
    for near, far in pairwise(asked):
        assert all(one.p >= other.p for one, other in zip(near, far, strict=True))
    for one, track in zip(asked[0], tracks, strict=True):
        assert 0 <= one.p <= 1
        assert track.count <= one.low <= one.expected <= one.high
        assert set(one.moved) == set(GROUPS)


def test_what_is_reached_is_certain_and_what_is_over_is_over(growth: Growth, posts: list[History]) -> None:
    """A post that has reached its count has p = 1; one that has not when the horizon ends has p = 0."""
    whole = grown(max(posts, key=lambda one: one.total), DAY)
    there, not_there = growth.foresee([whole, whole], [whole.count, whole.count + 1], DAY)
    assert (there.p, not_there.p) == (1.0, 0.0)
    assert not_there.low == not_there.high == whole.count


def test_a_post_without_a_reading_is_foreseen(growth: Growth) -> None:
    """A post of which nothing is known yet gets a probability, and no posts get none."""
    (new,) = growth.foresee([Track()], [20], DAY)
    assert 0 <= new.p < 1
    assert growth.foresee([], [], DAY) == []


def test_learning_beats_the_count_on_posts_it_has_not_seen(learnt: Learnt, posts: list[History]) -> None:
    """After half an hour, what was learnt tells large posts from others better than their count, and is calibrated."""
    tracks = [grown(one, 1_800) for one in posts[400:]]
    large = np.array([one.total >= 100 for one in posts[400:]])
    p = np.array([one.p for one in learnt.foresee(tracks, [100] * len(tracks), DAY)])
    assert told_apart(p, large) > told_apart(np.array([one.count for one in tracks]), large) + 0.02
    assert abs(p.mean() - large.mean()) < 0.05


def test_trees_that_mislead_are_not_trusted() -> None:
    """Where trees guess at random, the forecast ranks as the count does; where they know, they are trusted."""
    rng = np.random.default_rng(3)
    sizes = rng.uniform(0, 6, 4_000)
    totals = np.expm1(sizes) * rng.lognormal(1, 0.4, 4_000) + 1
    came, ages = np.log1p(np.maximum(totals - np.expm1(sizes), 0)), np.exp(rng.uniform(6, 11, 4_000))
    plain = Plain.learn(ages, sizes, came)
    assert plain.weighed(ages, sizes, rng.normal(3, 2, 4_000), totals).trust.max() == 0
    assert plain.weighed(ages, sizes, came, totals).trust.min() >= 0.5
    at = np.full(200, 3_600.0)
    assert (np.diff(plain.guess(at, np.linspace(0, 9, 200))) > 0).all()


def test_learning_again_gives_the_same(posts: list[History], learnt: Learnt) -> None:
    """The same posts teach the same, to the last digit."""
    assert learn(posts[:400], DAY).as_json() == learnt.as_json()


def test_a_model_survives_its_file(tmp_path: Path, learnt: Learnt, posts: list[History]) -> None:
    """What is saved and loaded foresees the same, up to the digits that are kept."""
    save(learnt, tmp_path / "model.json")
    tracks = [grown(one, 3_600) for one in posts[400:420]]
    before, after = (one.foresee(tracks, [60] * 20, DAY) for one in (learnt, load(tmp_path / "model.json")))
    assert [one.p for one in after] == pytest.approx([one.p for one in before], abs=1e-3)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"kind": "other"}', '{"kind": "learnt"}', '{"kind": "learnt", "features": []}']
)
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, text: str) -> None:
    """A file that holds no model is refused by its name."""
    (tmp_path / "model.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"model\.json is no model of growth"):
        load(tmp_path / "model.json")


def test_a_model_serves_its_own_horizon_only(learnt: Learnt) -> None:
    """Asked for another horizon than it was learnt for, a model says so."""
    with pytest.raises(ConfigError, match="learnt for 24 h, not 48 h"):
        learnt.foresee([Track()], [10], 2 * DAY)


def test_few_posts_teach_nothing(posts: list[History]) -> None:
    """From fewer posts than are needed nothing is learnt, and the number is told."""
    with pytest.raises(ConfigError, match="99 finished posts are too few"):
        learn(posts[:99], DAY)


def test_only_a_better_growth_is_promoted(learnt: Learnt, posts: list[History]) -> None:
    """What foretells posts that neither has seen better by a margin is promoted; else, or on few posts, it is not."""
    assert better(learnt, cold_start(), posts[400:], DAY).better
    assert not better(cold_start(), learnt, posts[400:], DAY).better
    assert not better(learnt, learnt, posts[400:], DAY).better
    assert "too few" in better(learnt, cold_start(), posts[400:430], DAY).reason


def test_replay_never_sees_the_future(growth: Growth, posts: list[History]) -> None:
    """What a replay foresees is the same whatever comes after the look, and whatever the posts after it do."""
    half = [
        replace(one, readings=tuple(reading for reading in one.readings if reading.age_s <= 3_600))
        for one in posts[400:430]
    ]
    whole = {(row["id"], row["age_s"]): row for row in replay(posts[400:430], growth, 100, DAY)}
    for row in replay(half, growth, 100, DAY):
        assert row == pytest.approx(whole[row["id"], row["age_s"]])


def test_a_cold_replay_knows_only_posts_before() -> None:
    """Among posts whose beginnings are known, later ones change nothing about earlier ones."""
    rng = np.random.default_rng(2)
    some = [history(number, rng) for number in range(80)]
    few = {(row["id"], row["age_s"]): row["p"] for row in replay(some[:40], cold_start(), 100, DAY)}
    for row in replay(some, cold_start(), 100, DAY):
        assert row["p"] == few.get((row["id"], row["age_s"]), row["p"])
