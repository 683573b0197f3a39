"""Themes of complaints in the order in which to act on them: people × severity × growth, and the top fifth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from store.queries.complaints import ThemeCount

# The weeks that one is compared with.
BEFORE = 4
_FIFTH = 5
# People in a week from whom on a theme is ranked.
LEAST = 2
_NOBODY = 0.0


@dataclass(frozen=True)
class Ranked:
    """A theme in one week: its counts, its people in each week of a row, and what it is ranked by.

    ``usual`` is the mean of people in the weeks before, ``top`` marks the first fifth of the week's themes.
    """

    count: ThemeCount
    life: Sequence[int]
    usual: float
    top: bool = False

    @property
    def severity(self) -> float:
        """Return the mean over people of 1 for disappointed, 2 for furious, 3 for furious and angry rather than sad.

        From 0 (none is either) to 3. Boo is what turns others away, and high-arousal anger is what is passed on
        (Herhausen et al. 2019, Journal of Marketing 83).
        """
        return (self.count.arrgh + 2 * self.count.boo + self.count.angry) / self.count.people

    @property
    def growth(self) -> float:
        """Return people ÷ usual people, with one more of each, so that what is new does not grow without end."""
        return (self.count.people + 1) / (self.usual + 1)

    @property
    def weight(self) -> float:
        """Return people × severity × growth."""
        return self.count.people * self.severity * self.growth


def ranked(counts: Sequence[ThemeCount], week: date, weeks: Sequence[date]) -> list[Ranked]:
    """Return the themes of a week by weight, the heaviest first, each with its life over ``weeks`` (oldest first).

    What one person alone complains of in that week is no theme of it yet.
    """
    people = {(one.theme_id, one.start): one.people for one in counts}
    found = [_told(one, people, week, weeks) for one in counts if one.start == week and one.people >= LEAST]
    found.sort(key=lambda one: (-one.weight, one.count.theme_id))
    top = ceil(len(found) / _FIFTH)
    return [Ranked(one.count, one.life, one.usual, number < top) for number, one in enumerate(found)]


def held(found: Sequence[Ranked]) -> float:
    """Return the share of complaining people, each counted once a theme, whom the top fifth of themes holds."""
    everybody = sum(one.count.people for one in found)
    return sum(one.count.people for one in found if one.top) / everybody if everybody else _NOBODY


def _told(one: ThemeCount, people: Mapping[tuple[int, date], int], week: date, weeks: Sequence[date]) -> Ranked:
    before = [people.get((one.theme_id, week - timedelta(weeks=back)), 0) for back in range(1, BEFORE + 1)]
    return Ranked(one, [people.get((one.theme_id, start), 0) for start in weeks], sum(before) / BEFORE)
