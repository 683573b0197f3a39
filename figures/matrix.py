"""The journey matrix in rows to be drawn: one for each place and touch point, its figure in words, too few as none."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.advocacy import Measure, Tally, share
from domain.vocabulary import Impression, Journey, Stage, TouchPoint, Word
from figures import wording
from figures.series import NET, Figure
from figures.sheet import Cell as Value
from speech.saying import Speech
from store.counting import ALL, JOURNEY, NONE, STAGE
from store.queries.journey import Cell

AXES: Mapping[str, type[Word]] = {STAGE: Stage, JOURNEY: Journey}
Row = dict[str, Any]
Chosen = tuple[str, str]


def negative_share(tally: Tally) -> Measure:
    """Return the share of authors who are disappointed or furious: Arrgh and Boo together."""
    count = sum(tally.impressions.get(word, 0) for word in (Impression.BOO, Impression.ARRGH))
    return share(count, tally.authors)


def people(tally: Tally) -> Measure:
    """Return how many people speak; a count needs no interval, and nobody is too few for it."""
    return Measure(float(tally.authors), None, None, tally.authors)


NEGATIVE = Figure("negative_share", negative_share, "share", more_is_good=False)
PEOPLE = Figure("people", people, "count")
LENSES = {figure.key: figure for figure in (NET, NEGATIVE, PEOPLE)}


def places(axis: str) -> list[str]:
    """Return the keys of an axis in their order, all of them together last."""
    return [*AXES[axis], ALL]


def points() -> list[str]:
    """Return the keys of the touch points in their order, then none, then all of them together."""
    return [*TouchPoint, NONE, ALL]


def called(speech: Speech, key: str, axis: str) -> str:
    """Return what a place (of an axis) or a touch point (axis ``""``) is called."""
    if key == ALL:
        return speech("matrix.all")
    if key == NONE:
        return speech("matrix.none")
    vocabulary: type[Word] = AXES[axis] if axis else TouchPoint
    return speech.label(vocabulary(key))


def found(cells: Iterable[Cell]) -> dict[Chosen, Cell]:
    """Return cells by place and touch point."""
    return {(cell.place, cell.touchpoint): cell for cell in cells}


def rows(speech: Speech, cells: Iterable[Cell], axis: str, lens: Figure, chosen: Chosen | None = None) -> list[Row]:
    """Return a row for each place and touch point: its keys and names, ``value`` (``None`` for too few), and words."""
    held = found(cells)
    keys = [(place, point) for point in points() for place in places(axis)]
    return [_row(speech, held.get(key), key, axis, lens) | {"chosen": key == chosen} for key in keys]


def _row(speech: Speech, cell: Cell | None, key: Chosen, axis: str, lens: Figure) -> Row:
    tally = cell.tally if cell else Tally({}, {})
    measure = lens.measure(tally)
    names = {"place": called(speech, key[0], axis), "point": called(speech, key[1], "")}
    told = {"words": _short(speech, lens, measure), "full": said(speech, lens, measure), "n": tally.authors}
    interval = {"interval": wording.interval(speech, lens, measure), "people": speech.number(tally.authors)}
    count = speech("matrix.n", n=speech.number(tally.authors)) if tally.authors else ""
    value = measure.value if tally.authors else None
    return {"place_key": key[0], "point_key": key[1], "value": value, "count": count} | names | told | interval


def said(speech: Speech, lens: Figure, measure: Measure) -> str:
    """Return a figure of the matrix with its unit."""
    if lens.unit == "count":
        return speech.number(measure.n)
    return wording.value(speech, lens, measure.value)


def _short(speech: Speech, lens: Figure, measure: Measure) -> str:
    """Return a figure as a small square has room for it."""
    if measure.value is None or not measure.n:
        return ""
    if lens.unit == "count":
        return speech.number(measure.n)
    if lens.unit == "share":
        return speech.percent(measure.value, 0)
    return speech.number(measure.value * 100, 0, signed=True)


def table(speech: Speech, cells: Sequence[Cell], axis: str) -> list[dict[str, str]]:
    """Return the cells that anybody speaks in, in words, with their people by impression."""
    held = found(cells)
    told = []
    for place in places(axis):
        for point in points():
            cell = held.get((place, point))
            if cell is None or not cell.mentions:
                continue
            head = {
                speech(f"matrix.{axis}"): called(speech, place, axis),
                speech("matrix.point"): called(speech, point, ""),
                speech("matrix.people"): speech.number(cell.tally.authors),
            }
            told.append(head | _figures(speech, cell))
    return told


def _figures(speech: Speech, cell: Cell) -> dict[str, str]:
    found: dict[str, str] = {}
    for lens in (NET, NEGATIVE):
        measure = lens.measure(cell.tally)
        found[speech(f"matrix.lens.{lens.key}")] = wording.value(speech, lens, measure.value)
        found[speech("matrix.interval", figure=speech(f"matrix.lens.{lens.key}"))] = wording.interval(
            speech, lens, measure
        )
    return found | {speech.label(word): speech.number(cell.tally.impressions[word]) for word in Impression}


def sheet(brand: str, axis: str, cells: Sequence[Cell]) -> list[dict[str, Value]]:
    """Return the cells as plain numbers, a row each, with keys that are the same in every language."""
    rows: list[dict[str, Value]] = []
    for cell in cells:
        row: dict[str, Value] = {"brand": brand, "start": cell.start.isoformat(), "axis": axis}
        row |= {"place": cell.place, "touchpoint": cell.touchpoint, "authors": cell.tally.authors}
        for lens in (NET, NEGATIVE):
            measure = lens.measure(cell.tally)
            row |= {lens.key: measure.value, f"{lens.key}_low": measure.low, f"{lens.key}_high": measure.high}
        row |= {f"authors_{word.lower()}": cell.tally.impressions[word] for word in Impression}
        rows.append(row | {f"mentions_{word.lower()}": cell.by_impression[word] for word in Impression})
    return rows
