"""Measures a reader on a file that a person labelled, over all of it and by group."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from domain.records import Reading
from nlp.classifier import Classifier
from nlp.evaluation import FEWEST, Figure, Rows, chosen, confusion, measured, said_of
from simak.labelled import Labelled, read

_BATCH = 512


def evaluate(
    path: Path,
    reader: Classifier,
    by: Sequence[str] = (),
    progress: Callable[[int], None] = lambda _: None,
    names: Callable[[list[str]], tuple[str, ...]] = tuple,
) -> dict[str, Any]:
    """Return every figure of the reader on a labelled file, as ``simak evaluate --json`` prints it.

    ``names`` gives every name of the brand that a row's field means. ``groups`` begins with all rows, then has those
    of each column in ``by`` (``source`` when left out) and of each language, the largest first; one with fewer than
    ``FEWEST`` scored rows has no figures. A figure is ``value``, ``low`` and ``high``, null where it is not defined.
    """
    labelled = read(path, by)
    readings = list(_readings(labelled, reader, names, progress))
    groups = {"language": [reading.language for reading in readings], **labelled.groups}
    found = _Measure(labelled, readings)
    return {
        "file": path.name,
        "reader": reader.version,
        "rows": len(readings),
        "unlabelled": labelled.unlabelled,
        "classes": list(labelled.names),
        "groups": [found.of(None, "all", np.ones(len(readings), bool))]
        + [found.of(column, name, which) for column, values in _in_order(groups) for name, which in _parts(values)],
    }


def _readings(
    labelled: Labelled,
    reader: Classifier,
    names: Callable[[list[str]], tuple[str, ...]],
    progress: Callable[[int], None],
) -> Iterator[Reading]:
    for start in range(0, len(labelled.texts), _BATCH):
        texts = labelled.texts[start : start + _BATCH]
        yield from reader.read(texts, [names(list(held)) for held in labelled.about[start : start + _BATCH]])
        progress(len(texts))


def _in_order(groups: dict[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Yield the columns with the language last."""
    return iter(sorted(groups.items(), key=lambda item: item[0] == "language"))


def _parts(values: Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each group of a column and which rows are in it, the largest first."""
    held = np.array(values)
    names, sizes = np.unique(held, return_counts=True)
    return ((str(names[at]), held == names[at]) for at in np.argsort(-sizes, kind="stable"))


class _Measure:
    """The labels and readings of one file, to be measured in parts."""

    def __init__(self, labelled: Labelled, readings: Sequence[Reading]) -> None:
        self._names = labelled.names
        self._scored = np.array([reading.impression is not None for reading in readings])
        scored = [reading for reading in readings if reading.impression is not None]
        self._truth = chosen(labelled.truth, self._scored)
        self._said: Rows = said_of(scored, labelled.names) if scored else {}

    def of(self, column: str | None, name: str, which: np.ndarray) -> dict[str, Any]:
        """Return what one group's rows give."""
        scored, rows = int(self._scored[which].sum()), int(which.sum())
        group = {"by": column, "name": name, "rows": rows, "scored": scored, "not_scored": 1 - scored / rows}
        if scored < FEWEST:
            return {**group, "too_few": True}
        truth, said = (chosen(side, which[self._scored]) for side in (self._truth, self._said))
        table = confusion(truth["impression"], said["impression"], len(self._names), np.ones((1, scored)))[0]
        return {
            **group,
            "too_few": False,
            "figures": {name: _shown(figure) for name, figure in measured(truth, said, self._names).items()},
            "confusion": table.astype(int).tolist(),
        }


def _shown(figure: Figure) -> dict[str, float | None]:
    """Return a figure as JSON has it, which knows no NaN."""
    return {name: None if math.isnan(value) else round(value, 4) for name, value in asdict(figure).items()}
