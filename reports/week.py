"""The one dataset of the weekly report: all that its three forms tell of a brand's week, read from the store at once.

What is told is bound to the week. Nothing in it depends on when it was asked for, but for whether the week is over.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from domain.clock import Grain
from figures import series
from figures.series import Step
from reports.period import Week
from reports.themes import Told, subject, themes
from store.counting import JOURNEY, STAGE
from store.queries import weekly
from store.queries.figures import Listed, Period, periods
from store.queries.health import Missing
from store.queries.journey import Cell, matrix, touchpoints
from store.queries.weekly import Ended, Fault, Intake

# As many weeks as a quarter has, and so many months; days of two weeks, so that each has its like beside it.
WEEKS = series.LENGTHS[Grain.WEEK]
_ALERTS = 12


@dataclass(frozen=True)
class Source:
    """A source in the week: mentions of the brand from it, and what it brought in how many hours, if that is known."""

    name: str
    mentions: int
    intake: Intake | None


@dataclass(frozen=True)
class Report:
    """A brand's week beside the weeks before it and its competitors; ``steps`` are weeks by brand id, oldest first.

    ``now`` and ``before`` are the counts of the week and of the one before it, ``None`` without any mention.
    ``readers`` counts the week's mentions by the version of the reader that read them.
    """

    brand: Listed
    rivals: tuple[Listed, ...]
    week: Week
    query: str
    exclusions: Mapping[str, str]
    readers: Mapping[str, int]
    steps: Mapping[int, Sequence[Step]]
    now: Period | None
    before: Period | None
    stages: Sequence[Cell]
    journeys: Sequence[Cell]
    points_before: Sequence[Cell]
    themes: Sequence[Told]
    alerts: Sequence[Ended]
    names: Mapping[int, str]
    sources: Sequence[Source]
    faults: Sequence[Fault]
    gaps: Sequence[Missing]
    sample: bool = False

    @property
    def brands(self) -> tuple[Listed, ...]:
        """The own brand, then those it is compared with."""
        return (self.brand, *self.rivals)

    @property
    def step(self) -> Step:
        """The week itself."""
        return self.steps[self.brand.id][-1]

    @property
    def step_before(self) -> Step:
        """The week before it."""
        return self.steps[self.brand.id][-2]


def gather(conn: Connection, brand: Listed, rivals: Iterable[Listed], week: Week, *, sample: bool = False) -> Report:
    """Read a brand's week."""
    others = tuple(rivals)
    ids = [brand.id, *(rival.id for rival in others)]
    days = _days(week)
    found = periods(conn, ids, Grain.WEEK, days[0], days[-1])
    mine = {period.start: period for period in found if period.brand_id == brand.id}
    last = week.start if week.running else week.end
    query, exclusions = weekly.query_of(conn, brand.id, week.window[1])
    alerts = weekly.alerts(conn, brand.id, week.window, _ALERTS)
    return Report(
        brand=brand,
        rivals=others,
        week=week,
        query=query,
        exclusions=exclusions,
        readers=weekly.readers(conn, brand.id, week.window),
        steps={number: series.row(found, number, _since(days, found), Grain.WEEK, last) for number in ids},
        now=mine.get(week.start),
        before=mine.get(week.before),
        stages=matrix(conn, brand.id, Grain.WEEK, week.start, STAGE),
        journeys=matrix(conn, brand.id, Grain.WEEK, week.start, JOURNEY),
        points_before=touchpoints(conn, brand.id, Grain.WEEK, week.before, week.before),
        themes=themes(conn, brand.id, week),
        alerts=alerts,
        names={one.alert["id"]: subject(conn, brand.id, one.alert["subject"], week) for one in alerts},
        sources=_sources(conn, brand.id, week),
        faults=weekly.faults(conn, week.window),
        gaps=weekly.gaps(conn, week.window),
        sample=sample,
    )


def _days(week: Week) -> list[date]:
    return [week.start - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]


def _since(days: list[date], found: Sequence[Period]) -> list[date]:
    """Leave out the weeks before the first mention, but for the one before the report's."""
    first = min((period.start for period in found), default=days[-1])
    return [day for day in days if day >= first or day in days[-2:]]


def _sources(conn: Connection, brand_id: int, week: Week) -> list[Source]:
    brought = weekly.brought(conn, brand_id, week.window)
    intakes = {one.source: one for one in weekly.intakes(conn, week.window)}
    names = sorted(brought.keys() | intakes.keys())
    return [Source(name, brought.get(name, 0), intakes.get(name)) for name in names]
