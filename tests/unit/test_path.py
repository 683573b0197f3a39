"""The steps of the 5A path and the shape they draw."""

from math import exp, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.advocacy import STEPS, TOO_FEW, Z95, archetype, ratio, step_ratios
from domain.vocabulary import Archetype, Stage


def shape(*people: int) -> Archetype | None:
    return archetype(step_ratios(dict(zip(Stage, people, strict=True))))


@pytest.mark.parametrize(
    ("people", "drawn"),
    [
        ((400, 200, 60, 150, 30), Archetype.DOOR_KNOB),
        ((400, 100, 300, 120, 40), Archetype.GOLDFISH),
        ((400, 200, 100, 50, 150), Archetype.TRUMPET),
        ((800, 400, 200, 100, 40), Archetype.FUNNEL),
    ],
)
def test_each_archetype_is_drawn_by_its_numbers(people: tuple[int, ...], drawn: Archetype) -> None:
    """Numbers that stand clearly as Marketing 4.0 describes a shape are called by its name."""
    assert shape(*people) is drawn


def test_what_is_not_clear_has_no_name() -> None:
    """Numbers that chance alone could have turned around, or too few of them, draw nothing."""
    assert shape(100, 100, 100, 100, 100) is None
    assert shape(9, 5, 9, 9, 9) is None
    assert shape(0, 0, 0, 0, 0) is None


def test_a_step_is_a_ratio_with_the_interval_of_its_logarithm() -> None:
    """Forty of twenty is two, and its interval is that of Katz et al."""
    measure = ratio(40, 20)
    half = Z95 * sqrt(1 / 40 + 1 / 20)
    assert (measure.value, measure.n) == (2.0, 20)
    assert (measure.low, measure.high) == (pytest.approx(exp(log(2) - half)), pytest.approx(exp(log(2) + half)))


@given(st.lists(st.integers(0, 10_000), min_size=5, max_size=5))
def test_steps_are_told_only_of_enough_people(people: list[int]) -> None:
    """A step is told exactly where both of its stages have enough people, and lies within its interval."""
    seen = dict(zip(Stage, people, strict=True))
    for name, later, earlier in zip(STEPS, people[1:], people[:-1], strict=True):
        measure = step_ratios(seen)[name]
        assert measure.enough is (min(later, earlier) >= TOO_FEW)
        if measure.value is not None and measure.low is not None and measure.high is not None:
            assert measure.low < measure.value < measure.high
