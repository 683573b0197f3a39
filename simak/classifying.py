"""Reads texts from a file or a list and writes one JSON object a text, in order."""

import csv
import json
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

from domain.errors import ConfigError
from domain.records import Reading
from nlp.classifier import Classifier
from simak.settings import Settings

# Texts read together: enough to sort by length well, few enough to show progress.
_BATCH = 512
_FORMS = (".jsonl", ".csv", ".parquet")


def texts_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows (``id``, ``text``, ``brand``) of a JSONL, CSV or Parquet file, as ``rows_of`` does.

    A missing id is the row's number.
    """
    for number, row in enumerate(rows_of(path, ("id", "text", "brand")), 1):
        told = row.get("id")
        missing = told is None or told == ""
        yield {"id": number if missing else told, "text": row["text"], "brand": row.get("brand")}


def rows_of(path: Path, columns: Collection[str] = ()) -> Iterator[dict[str, Any]]:
    """Yield the rows of a JSONL, CSV or Parquet file, each with a ``text``: all columns, or those named.

    Raises ConfigError when the file is missing, of another form or encoding, or lacks a text, and when it names one of
    the columns twice.
    """
    if path.suffix.lower() not in _FORMS:
        raise ConfigError(f"{path.name} is none of {', '.join(_FORMS)}: save it as one of them.")
    if not path.is_file():
        raise ConfigError(f"{path} is not there; name a file with the columns id and text.")
    form = path.suffix.lower()
    rows = _jsonl(path) if form == ".jsonl" else {".csv": _csv, ".parquet": _parquet}[form](path, columns)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise ConfigError(f"{path.name}, row {number}: there is no text; give each row a field named text.")
        yield row


def given(texts: Sequence[str], path: Path | None) -> Iterator[dict[str, Any]]:
    """Yield the texts of the command line, or else a file's, as rows; raises ConfigError for neither and for both."""
    if texts and path:
        raise ConfigError("Give texts to read, or a file with --input, not both: texts beside a file would be lost.")
    if path:
        return texts_of(path)
    if not texts:
        raise ConfigError("Give a text to read, or a file with --input.")
    return ({"id": number, "text": text} for number, text in enumerate(texts, 1))


def names_in(settings: Settings, brand: str | None) -> Callable[[Any], tuple[str, ...]]:
    """Return what gives the names of the brand that a row's ``brand`` field means; an empty one means ``brand``.

    A brand that the settings know goes by its aliases too. A field may hold several names of one brand.
    """

    def names(field: Any) -> tuple[str, ...]:
        told = [name for name in (field if isinstance(field, list) else [field]) if isinstance(name, str) and name]
        if brand and not told:
            told = [brand]
        return tuple(dict.fromkeys(name for one in told for name in settings.names_of(one)))

    return names


def _lines(path: Path) -> Iterator[str]:
    """Yield the lines of a file with their ends as they are; raises ConfigError when it is not in UTF-8."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from lines
    except UnicodeDecodeError as error:
        # Read on with marks in place of letters, texts would be judged that nobody wrote.
        raise ConfigError(f"{path.name} is not in UTF-8: save it in UTF-8, in a spreadsheet as “CSV UTF-8”.") from error


def _jsonl(path: Path) -> Iterator[Any]:
    for number, line in enumerate(_lines(path), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as error:
                raise ConfigError(f"{path.name}, line {number} is not JSON: {error}.") from error


def _csv(path: Path, columns: Collection[str]) -> Iterator[Any]:
    csv.field_size_limit(2**31 - 1)
    rows = csv.DictReader(line.replace("\0", "") for line in _lines(path))
    names = list(rows.fieldnames or ())
    if "text" not in names:
        raise ConfigError(f"{path.name} has no column named text; its first line has to name the columns.")
    # Columns without a name are what spreadsheets leave behind, and mean nothing.
    double = next((name for name in columns or names if name and names.count(name) > 1), None)
    if double is not None:
        raise ConfigError(f"{path.name} has two columns named {double!r}: rename one of them, or take it out.")
    for number, row in enumerate(rows, 1):
        if row["text"] is None:
            raise ConfigError(f"{path.name}, row {number} ends before its text: complete the row or take it out.")
        if any(row.pop(None, ())):
            raise ConfigError(
                f"{path.name}, row {number} has more fields than the first line names: "
                "put a text that has commas between quotation marks."
            )
        yield row


def _parquet(path: Path, columns: Collection[str]) -> Iterator[Any]:
    from pyarrow import ArrowException  # noqa: PLC0415
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415

    try:
        file = ParquetFile(path)
        known = [name for name in file.schema_arrow.names if not columns or name in columns]
        for batch in file.iter_batches(columns=known):
            yield from batch.to_pylist()
    except ArrowException as error:
        raise ConfigError(f"{path.name} is not a Parquet file that can be read: {error}.") from error


def classify(
    rows: Iterable[dict[str, Any]],
    reader: Classifier,
    names: Callable[[Any], Sequence[str]],
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[dict[str, Any]]:
    """Yield one JSON-able object a row, in the rows' order, each read toward the brand of the row's ``names``."""
    source = iter(rows)
    while batch := list(islice(source, _BATCH)):
        about = [names(row.get("brand")) for row in batch]
        readings = reader.read([row["text"] for row in batch], about)
        for row, reading in zip(batch, readings, strict=True):
            yield {"id": row["id"], **shown(reading), "version": reader.version}
        progress(len(batch))


def shown(reading: Reading) -> dict[str, Any]:
    """Return a reading as JSON shows it: words by their keys, ``impression`` null when it is not scored."""
    return reading.model_dump(mode="json")


@contextmanager
def sink(path: Path | None) -> Iterator[IO[str]]:
    """Give where to write: standard output, or a file that appears under its name only once it is whole."""
    if path is None:
        yield sys.stdout
        return
    draft = path.with_name(f"{path.name}.part")
    try:
        with draft.open("w", encoding="utf-8") as file:
            yield file
        draft.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)


def write(objects: Iterable[dict[str, Any]], file: IO[str]) -> int:
    """Write one object a line and return how many."""
    written = 0
    for written, item in enumerate(objects, 1):  # noqa: B007
        file.write(json.dumps(item, ensure_ascii=False, default=str) + "\n")
    return written
