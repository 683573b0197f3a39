"""Reads texts from a file or a list and writes one JSON object a text, in order."""

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

from domain.errors import ConfigError
from domain.records import Reading
from nlp.classifier import Classifier

# Texts read together: enough to sort by length well, few enough to show progress.
_BATCH = 512
_FORMS = (".jsonl", ".csv", ".parquet")


def texts_of(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows (``id``, ``text``, optional ``brand``) of a JSONL, CSV or Parquet file.

    Raises ConfigError when the file is missing, of another form, or lacks a text; a missing id is the row's number.
    """
    if path.suffix.lower() not in _FORMS:
        raise ConfigError(f"{path.name} is none of {', '.join(_FORMS)}: save it as one of them.")
    if not path.is_file():
        raise ConfigError(f"{path} is not there; name a file with the columns id and text.")
    rows = {".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}[path.suffix.lower()](path)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise ConfigError(f"{path.name}, row {number}: there is no text; give each row a field named text.")
        yield {"id": row.get("id", number), "text": row["text"]}


def given(texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield texts of the command line as rows; raises ConfigError when there is none."""
    if not texts:
        raise ConfigError("Give a text to read, or a file with --input.")
    return ({"id": number, "text": text} for number, text in enumerate(texts, 1))


def _jsonl(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise ConfigError(f"{path.name}, line {number} is not JSON: {error}.") from error


def _csv(path: Path) -> Iterator[Any]:
    csv.field_size_limit(2**31 - 1)
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        yield from csv.DictReader(line.replace("\0", "") for line in lines)


def _parquet(path: Path) -> Iterator[Any]:
    from pyarrow import ArrowException  # noqa: PLC0415
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415

    try:
        file = ParquetFile(path)
        columns = [name for name in ("id", "text") if name in file.schema_arrow.names]
        for batch in file.iter_batches(columns=columns):
            yield from batch.to_pylist()
    except ArrowException as error:
        raise ConfigError(f"{path.name} is not a Parquet file that can be read: {error}.") from error


def classify(
    rows: Iterable[dict[str, Any]], reader: Classifier, progress: Callable[[int], None] = lambda _: None
) -> Iterator[dict[str, Any]]:
    """Yield one JSON-able object a row, in the rows' order."""
    source = iter(rows)
    while batch := list(islice(source, _BATCH)):
        readings = reader.read([row["text"] for row in batch])
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
