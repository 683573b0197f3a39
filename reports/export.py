"""Writes the report's files: each whole under its name or not at all, the manifest last."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from domain.access import Right, Viewer
from domain.errors import ConfigError
from reports import manifest, tables
from reports.pdf import pdf
from reports.period import Week
from reports.rows import Told, columns, pour
from reports.rows_csv import CsvRows
from reports.week import Report, gather
from reports.xlsx import Mentions, XlsxRows, shell
from speech.saying import Speech
from store.access import demand
from store.engine import Store
from store.queries import weekly
from store.queries.figures import Listed

PDF, XLSX, CSV = "pdf", "xlsx", "csv"
FORMATS = (PDF, XLSX, CSV)
# What holds people's own words, a row each, and so needs the right to take rows out.
ROWS = frozenset({XLSX, CSV})


@dataclass(frozen=True)
class Wanted:
    """Which forms are wanted, in which language, and whether what leads to a person is in the rows.

    ``pages`` is the address of the pages that the PDF links to.
    """

    formats: Sequence[str] = FORMATS
    language: str = "id"
    identify: bool = False
    pages: str | None = None
    sample: bool = False


@dataclass(frozen=True)
class Written:
    """What was written: the files in the order of their formats, the manifest last, and the report that they tell."""

    files: tuple[Path, ...]
    report: Report
    rows: int | None


def export(
    store: Store,
    brands: Sequence[Listed],
    week: Week,
    wanted: Wanted,
    folder: Path,
    viewer: Viewer | None = None,
) -> Written:
    """Write a week of the first of some brands, beside the others, into a folder.

    Raises ConfigError when the folder cannot be written to, ForbiddenError for a viewer without the right.
    """
    with _drafts(folder) as drafts, store.read(viewer) as conn:
        weekly.one_moment(conn)
        report = gather(conn, brands[0], brands[1:], week, sample=wanted.sample)
        told = _write(conn, report, wanted, drafts)
        files = [folder / path.name for path in _drafted(drafts, report, wanted)]
        _note(report, wanted, drafts, told)
        names = [*files, folder / f"{_stem(report)}.json"]
        for path in names:
            (drafts / path.name).replace(path)
    return Written(tuple(names), report, told.mentions if told else None)


def _write(conn: Connection, report: Report, wanted: Wanted, drafts: Path) -> Told | None:
    """Write every form; rows go to all that hold rows in one walk."""
    speech = Speech(wanted.language, report.week.zone)
    if PDF in wanted.formats:
        (drafts / f"{_stem(report)}.{PDF}").write_bytes(pdf(report, speech, wanted.pages))
    if not ROWS & set(wanted.formats):
        return None
    demand(conn, Right.EXPORT)
    if wanted.identify:
        demand(conn, Right.IDENTIFY)
    with ExitStack() as stack:
        sinks = [stack.enter_context(one) for one in _sinks(conn, report, wanted, drafts, speech)]
        return pour(conn, report.brand.id, report.week, sinks, identify=wanted.identify)


def _sinks(conn: Connection, report: Report, wanted: Wanted, drafts: Path, speech: Speech) -> Iterator[Any]:
    kept = columns(identify=wanted.identify)
    stem = drafts / _stem(report)
    if XLSX in wanted.formats:
        count = weekly.count(conn, report.brand.id, report.week.window)
        mentions = Mentions(speech("report.sheet.mentions"), kept, count)
        draft = drafts / "draft.xlsx"
        shell(draft, tables.tables(report, speech), mentions, speech, report.week.window[1])
        yield XlsxRows(draft, stem.with_name(f"{stem.name}.{XLSX}"), mentions, speech)
    if CSV in wanted.formats:
        yield CsvRows(stem.with_name(f"{stem.name}.{CSV}"), kept, report.week.zone)


def _note(report: Report, wanted: Wanted, drafts: Path, told: Told | None) -> None:
    more = {"language": wanted.language, "identifying": wanted.identify}
    files = {path: {"format": path.suffix[1:], **more} for path in _drafted(drafts, report, wanted)}
    rows = {"mentions": told.mentions, "authors": told.authors} if told else None
    found = manifest.manifest(report, files, rows)
    (drafts / f"{_stem(report)}.json").write_text(manifest.text(found), encoding="utf-8")


def _drafted(drafts: Path, report: Report, wanted: Wanted) -> list[Path]:
    return [drafts / f"{_stem(report)}.{form}" for form in FORMATS if form in wanted.formats]


def _stem(report: Report) -> str:
    return f"{report.brand.key}-{report.week.name}"


@contextmanager
def _drafts(folder: Path) -> Iterator[Path]:
    """Give a folder for drafts beside the files to be, so that each gets its name in one step."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".simak-", dir=folder) as drafts:
            yield Path(drafts)
    except OSError as error:
        raise ConfigError(f"The folder {folder} cannot be written to: {error.strerror or error}.") from error
