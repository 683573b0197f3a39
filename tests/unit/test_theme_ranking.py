"""Themes in the order in which to act: people × severity × growth, and the top fifth."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figures.themes import held, ranked
from store.queries.complaints import ThemeCount

WEEK = date(2026, 11, 9)


def count(theme: int, people: int, back: int = 0, **felt: int) -> ThemeCount:
    feeling = {"boo": 0, "arrgh": people, "angry": 0} | felt
    return ThemeCount(theme, WEEK - timedelta(weeks=back), people, people, **feeling)


def test_more_people_worse_and_faster_come_first() -> None:
    """Each of the three factors alone decides the order of two themes that are equal otherwise."""
    assert [one.count.theme_id for one in ranked([count(1, 5), count(2, 6)], WEEK, [WEEK])] == [2, 1]
    worse = [count(1, 5), count(2, 5, boo=5, arrgh=0)]
    assert [one.count.theme_id for one in ranked(worse, WEEK, [WEEK])] == [2, 1]
    faster = [count(1, 5), count(2, 5), *(count(1, 5, back) for back in (1, 2, 3, 4))]
    assert [one.count.theme_id for one in ranked(faster, WEEK, [WEEK])] == [2, 1]


def test_the_factors_are_those_of_the_formula() -> None:
    """Ten people, four of them furious and two of these angry, against four a week: 10 × 1.6 × 11/5."""
    weeks = [count(1, 10, boo=4, arrgh=6, angry=2), *(count(1, 4, back) for back in (1, 2, 3, 4))]
    (one,) = ranked(weeks, WEEK, [WEEK - timedelta(weeks=1), WEEK])
    assert (one.usual, one.severity, one.growth) == (4, 1.6, pytest.approx(11 / 5))
    assert one.weight == pytest.approx(10 * 1.6 * 11 / 5)
    assert one.life == [4, 10]


def test_one_person_is_no_theme() -> None:
    """What one person alone complains of in a week is not ranked."""
    assert ranked([count(1, 1)], WEEK, [WEEK]) == []


@given(st.lists(st.integers(2, 500), min_size=1, max_size=40))
def test_the_top_fifth_is_a_fifth_and_the_heaviest(people: list[int]) -> None:
    """One theme in five, rounded up, is marked: those that weigh most; they hold at least their share of people."""
    found = ranked([count(number, one) for number, one in enumerate(people)], WEEK, [WEEK])
    assert sum(one.top for one in found) == -(-len(people) // 5)
    assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)
    assert [one.top for one in found] == sorted((one.top for one in found), reverse=True)
    assert held(found) >= sum(one.top for one in found) / len(found) - 1e-9
