"""The mentions of a filtered view as a file: the columns of every table of mentions, and what the team does about them.

The newest come first, so that a view beyond the limit loses its oldest.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from domain.access import Right, Viewer
from domain.vocabulary import CaseStatus, Priority
from reports.rows import Column, Kind, Sink, Told, columns, pour_chunks
from reports.rows_csv import CsvRows
from reports.xlsx import Mentions, XlsxRows, shell
from speech.saying import Speech
from store.access import demand
from store.audit import audit
from store.engine import Store
from store.queries import rows, weekly
from store.queries.answers import took
from store.queries.inbox import Filter

CSV, XLSX = "csv", "xlsx"
# What a spreadsheet still opens with ease, and a page makes within a minute.
MOST = 200_000
WORK = (
    Column("status", Kind.WORD, CaseStatus),
    Column("priority", Kind.WORD, Priority),
    Column("owner", Kind.NAME),
    Column("tags", Kind.NAME),
    Column("hours_to_answer", Kind.NUMBER),
)


@dataclass(frozen=True)
class View:
    """A view to take out: its filter, the parameters of its address, the form, and whether it leads to people."""

    wanted: Filter
    params: Mapping[str, Sequence[str]]
    form: str
    speech: Speech
    identify: bool = False


def take_out(store: Store, view: View, viewer: Viewer, by: str, now: datetime) -> bytes:
    """Return the file of a view, and note in the audit who took out what.

    Raises ForbiddenError for a viewer without the right to rows, or to what leads to people where that is asked for.
    """
    with tempfile.TemporaryDirectory(prefix="simak-") as folder:
        path = Path(folder) / f"view.{view.form}"
        with store.read(viewer) as conn:
            weekly.one_moment(conn)
            told = _write(conn, view, path, now)
        with store.write(viewer) as conn:
            asked = "&".join(f"{name}={value}" for name, values in sorted(view.params.items()) for value in values)
            who = "with addresses" if view.identify else "pseudonymous"
            detail = f"{told.mentions} mentions of brand {view.wanted.brand_id} as {view.form}, {who}: {asked or 'all'}"
            audit(conn, by, "rows exported", detail, now)
        return path.read_bytes()


def _write(conn: Connection, view: View, path: Path, now: datetime) -> Told:
    demand(conn, Right.EXPORT)
    if view.identify:
        demand(conn, Right.IDENTIFY)
    kept = (*columns(identify=view.identify), *WORK)
    with _sink(conn, view, kept, path, now) as sink, rows.walk(conn, view.wanted, MOST) as chunks:
        return pour_chunks(chunks, [sink], identify=view.identify, more=_work)


@contextmanager
def _sink(conn: Connection, view: View, kept: Sequence[Column], path: Path, now: datetime) -> Iterator[Sink]:
    if view.form == CSV:
        with CsvRows(path, kept, view.speech.zone) as sink:
            yield sink
        return
    mentions = Mentions(view.speech("report.sheet.mentions"), kept, rows.count(conn, view.wanted, MOST))
    draft = path.with_name("draft.xlsx")
    shell(draft, (), mentions, view.speech, now)
    with XlsxRows(draft, path, mentions, view.speech) as sheet:
        yield sheet


def _work(chunk: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """Return the columns of the team's work: one that nobody has touched is new and of normal priority."""
    width = len(rows.MORE)
    status, priority, owner, tags, replied, answered = zip(*(row[-width:] for row in chunk), strict=True)
    said = [row[1] for row in chunk]
    hours = [took(*one) for one in zip(said, replied, answered, strict=True)]
    return [
        [one or CaseStatus.NEW for one in status],
        [one or Priority.NORMAL for one in priority],
        owner,
        tags,
        [None if one is None else round(one, 2) for one in hours],
    ]
