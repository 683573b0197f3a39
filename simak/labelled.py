"""Reads a file of texts that a person labelled, in the stored words, into arrays to measure against."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from domain.errors import ConfigError
from domain.text import gate
from domain.vocabulary import Impression, Journey, Stage, TouchPoint, Word
from nlp.decode import HEADS
from nlp.evaluation import ANSWERS, UNLABELLED
from nlp.sentiment import SENTIMENTS, place_of
from simak.classifying import rows_of

# Public data sets call the label by one of the last two names.
_LABEL_COLUMNS = ("impression", "sentiment", "label")
_LANGUAGE_COLUMNS = ("language", "lang")
_YES = {"true", "yes", "ya", "1", "1.0"}
_NO = {"false", "no", "tidak", "0", "0.0"}
_BETWEEN = re.compile(r"[,;|]")
_SHOWN = 40


@dataclass(frozen=True)
class Labelled:
    """Texts with their labels: places in ``names`` under ``impression``, the other heads as in ``nlp.evaluation``.

    ``about`` holds the brand's names of each text, ``groups`` each text's group by column, ``unlabelled`` how many rows
    were left out because they name no impression.
    """

    texts: list[str]
    about: list[tuple[str, ...]]
    names: tuple[str, ...]
    truth: dict[str, np.ndarray]
    groups: dict[str, list[str]]
    unlabelled: int


def read(path: Path, by: Sequence[str] = ()) -> Labelled:
    """Return the labelled rows of a JSONL, CSV or Parquet file, grouped by ``source`` or the columns of ``by``.

    Raises ConfigError with the row and the allowed words when a label is unknown, and when nothing is labelled.
    """
    rows = list(rows_of(path))
    columns = dict.fromkeys(name for row in rows for name in row)
    column = next((name for name in _LABEL_COLUMNS if any(not _empty(row.get(name)) for row in rows)), None)
    kept = [(number, row) for number, row in enumerate(rows, 1) if column and not _empty(row.get(column))]
    if column is None:
        raise ConfigError(f"{path.name} has no labels: give each row a field named impression, e.g. AHA.")
    reader = _Reader(path.name, kept)
    names, labels = reader.main(column)
    return Labelled(
        texts=[row["text"] for _, row in kept],
        about=[_brands(row.get("brand")) for _, row in kept],
        names=names,
        truth={"impression": labels, **reader.heads(columns)},
        groups=_groups(path.name, [row for _, row in kept], list(columns), by),
        unlabelled=len(rows) - len(kept),
    )


class _Reader:
    """Turns the words of a file's rows into places, and says which row holds an unknown one."""

    def __init__(self, file: str, rows: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
        self._file, self._rows = file, rows

    def main(self, column: str) -> tuple[tuple[str, ...], np.ndarray]:
        """Return the classes of the main label, five impressions or three sentiments by its first word, and places."""
        words = [str(value) for _, value in self._told(column)]
        if place_of(words[0]) is None:
            return tuple(map(str, Impression)), self._words(column, Impression)
        allowed = ", ".join(SENTIMENTS)
        places = [
            self._known(number, column, place_of(str(value)), value, allowed) for number, value in self._told(column)
        ]
        return SENTIMENTS, np.array(places)

    def heads(self, columns: Iterable[str]) -> dict[str, np.ndarray]:
        """Return the other heads that the file labels at all."""
        there = set(columns)
        found = {name: self._answers(name) for name in ANSWERS if name in there}
        found |= {
            name: self._words(name, words) for name, words in (("stage", Stage), ("journey", Journey)) if name in there
        }
        if "touchpoints" in there:
            found["touchpoints"] = self._points()
        return {name: places for name, places in found.items() if (places != UNLABELLED).any()}

    def _told(self, column: str) -> Iterator[tuple[int, Any]]:
        return ((number, row.get(column)) for number, row in self._rows)

    def _words(self, column: str, words: type[Word]) -> np.ndarray:
        """Return the place of each row's word."""
        allowed = ", ".join(words)
        return np.array(
            [
                UNLABELLED if _empty(value) else self._known(number, column, _place(value, words), value, allowed)
                for number, value in self._told(column)
            ]
        )

    def _answers(self, column: str) -> np.ndarray:
        """Return 1 for each yes and 0 for each no."""
        return np.array(
            [
                UNLABELLED if _empty(value) else self._known(number, column, _answer(value), value, "true, false")
                for number, value in self._told(column)
            ]
        )

    def _points(self) -> np.ndarray:
        """Return which points each row names; with an empty field it names none, with null or NaN it is unlabelled."""
        places = np.zeros((len(self._rows), HEADS["touchpoints"]), int)
        for at, (number, value) in enumerate(self._told("touchpoints")):
            if _missing(value):
                places[at] = UNLABELLED
                continue
            for word in _listed(value):
                found = _place(word, TouchPoint)
                places[at, self._known(number, "touchpoints", found, word, ", ".join(TouchPoint))] = 1
        return places

    def _known(self, number: int, column: str, place: int | None, value: Any, allowed: str) -> int:
        """Return the place, or raise ConfigError that names the row, the word and the allowed words."""
        if place is None:
            shown = repr(str(value)[:_SHOWN])
            raise ConfigError(f"{self._file}, row {number}: {column} is {shown}; write one of {allowed}.")
        return place


def _place(value: Any, words: type[Word]) -> int | None:
    """Return the place of a stored key or of a label, in any case."""
    folded = str(value).strip().casefold()
    held = (place for place, word in enumerate(words) if folded in {word.casefold(), word.label_id.casefold()})
    return next(held, None)


def _answer(value: Any) -> int | None:
    folded = str(value).strip().casefold()
    return 1 if folded in _YES else 0 if folded in _NO else None


def _empty(value: Any) -> bool:
    """Whether a field tells nothing: missing or blank."""
    return _missing(value) or (isinstance(value, str) and not value.strip())


def _missing(value: Any) -> bool:
    """Whether a field is not there: null, or the NaN that tables are filled up with."""
    return value is None or value != value  # noqa: PLR0124 - NaN


def _listed(value: Any) -> list[str]:
    """Return the words of a list, of a JSON list in a cell, or of a cell with commas, semicolons or bars."""
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.lstrip().startswith("[") else _BETWEEN.split(value)
        except ValueError:
            value = _BETWEEN.split(value.strip("[] "))
    words = value if isinstance(value, list) else [value]
    return [str(word).strip(" '\"") for word in words if not _empty(word)]


def _brands(value: Any) -> tuple[str, ...]:
    """Return the names of the brand in question: one, or a list of names for the same brand."""
    return tuple(_listed(value if isinstance(value, list) else [value]))


def _groups(
    file: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], by: Sequence[str]
) -> dict[str, list[str]]:
    """Return each row's group by the columns asked for, and by language where the file tells it."""
    missing = [name for name in by if name not in columns]
    if missing:
        raise ConfigError(f"{file} has no column {missing[0]!r}; its columns are {', '.join(map(repr, columns))}.")
    chosen = [*(by or [name for name in ("source",) if name in columns])]
    found = {name: [_group(row.get(name)) for row in rows] for name in chosen}
    language = next((name for name in _LANGUAGE_COLUMNS if name in columns), None)
    return found | ({"language": [_group(row.get(language)) for row in rows]} if language else {})


def _group(value: Any) -> str:
    return "(none)" if _empty(value) else gate(str(value), _SHOWN).replace("\n", " ")
