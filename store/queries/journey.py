"""What customers say at each place of the journey about each touch point, read from the rollup of the matrix."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from domain.advocacy import Tally
from domain.clock import Grain
from domain.vocabulary import Impression
from store.counting import ALL, CELL, STAGE
from store.work_tables import MATRIX_ROLLUP

_ROW = MATRIX_ROLLUP.c


@dataclass(frozen=True)
class Cell:
    """Customers of one period at a place who speak of a touch point: mentions by impression, and a tally of authors.

    ``place`` and ``touchpoint`` are keys, ``*`` for all; ``touchpoint`` is ``-`` for texts that name none. The tally
    knows impressions only.
    """

    start: date
    place: str
    touchpoint: str
    by_impression: dict[Impression, int]
    tally: Tally

    @property
    def mentions(self) -> int:
        """Mentions of customers with an impression."""
        return sum(self.by_impression.values())


def matrix(conn: Connection, brand_id: int, grain: Grain, start: date, axis: str) -> list[Cell]:
    """Return the cells of one period on an axis, ``stage`` or ``journey``, with what holds for all places (``*``)."""
    everything = and_(_ROW.axis == STAGE, _ROW.place == ALL)
    return _cells(conn, brand_id, grain, (start, start), or_(_ROW.axis == axis, everything))


def touchpoints(conn: Connection, brand_id: int, grain: Grain, first: date, last: date) -> list[Cell]:
    """Return the cells of all places together, of the periods that begin from ``first`` to ``last``."""
    return _cells(conn, brand_id, grain, (first, last), and_(_ROW.axis == STAGE, _ROW.place == ALL))


def _cells(conn: Connection, brand_id: int, grain: Grain, days: tuple[date, date], which: Any) -> list[Cell]:
    """Add up what stands and what is kept of mentions that have served their time."""
    key = (_ROW.start, _ROW.place, _ROW.touchpoint)
    counts = [func.sum(_ROW[name]).label(name) for name in CELL]
    here = (_ROW.brand_id == brand_id, _ROW.grain == grain, _ROW.start.between(*days))
    rows = conn.execute(select(*key, *counts).where(*here, which).group_by(*key).order_by(*key))
    return [_cell(row) for row in rows.mappings()]


def _cell(row: Any) -> Cell:
    authors, mentions = (
        {word: int(row[f"{what}_{word.lower()}"]) for word in Impression} for what in ("authors", "mentions")
    )
    return Cell(row["start"], row["place"], row["touchpoint"], mentions, Tally(authors, {}))
