"""Makes the weekly report when its hour has come, and puts it in the outbox for those who are to get it, once."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from alerts.outbox import key_of
from alerts.people import Person
from alerts.routing import hour
from domain.clock import local
from domain.records import Outcome
from domain.vocabulary import AlertLevel, MessageKind
from reports.export import Wanted, Written, export
from reports.period import Week, last_finished
from reports.sentences import sentences
from simak.settings import ReportsTable
from speech.saying import Speech
from store import outbox
from store.audit import audit
from store.engine import Store
from store.progress import reach, reached
from store.queries.figures import brands, span

# Files hold people's words: they stay until the next week's are there and everybody was sent theirs, no longer. Any
# week can be made again as long as its mentions are kept.
KEPT = timedelta(days=10)


@dataclass(frozen=True)
class Weekly:
    """Makes each own brand's last finished week from the hour that ``table`` names, by the clock of ``zone``.

    ``own`` are the own brands' keys, ``every`` all brands' in their order; ``people`` are those that are told.
    """

    table: ReportsTable
    own: Sequence[str]
    every: Sequence[str]
    people: Sequence[Person]
    zone: str
    folder: Path
    pages: str | None = None
    name: str = "report"

    def run(self, store: Store, now: datetime) -> Outcome:
        """Make what is due; of weeks missed while nothing ran, the last one."""
        outcome = Outcome()
        self._forget(now)
        week = last_finished(local(now, self.zone).date(), self.zone)
        if local(now, self.zone).time() < self.table.hour and local(now, self.zone).date() == week.end:
            return outcome
        for key in self.own:
            outcome += self._make(store, key, week, now)
        return outcome

    def _make(self, store: Store, key: str, week: Week, now: datetime) -> Outcome:
        with store.read() as conn:
            if self._done(conn, key, week):
                return Outcome()
            found = brands(conn, [key, *(one for one in self.every if one != key)])
            days = span(conn, [found[0].id])
        if days is None or days[0] >= week.end:
            return Outcome(skipped=1, reason=f"{key}: there is nothing to report of {week.name} yet.")
        wanted = Wanted(self.table.formats, self.table.language, pages=self.pages)
        written = export(store, found, week, wanted, self.folder / key / week.name)
        with store.write() as conn:
            # Another process may have been at it too: who comes second has written the same files.
            if self._done(conn, key, week):
                return Outcome()
            told = outbox.put(conn, list(self._letters(written, now)))
            reach(conn, _step(key), week.window[1])
            audit(
                conn, "simak", "report made", f"{key} {week.name}: {', '.join(wanted.formats)} for {told} people", now
            )
        return Outcome(seen=1, written=told)

    def _done(self, conn: Connection, key: str, week: Week) -> bool:
        at = reached(conn, _step(key))
        return at is not None and at >= week.window[1]

    def _letters(self, written: Written, now: datetime) -> Iterator[dict[str, Any]]:
        report = written.report
        for person in self.people:
            yield {
                "key": key_of("report", report.brand.key, report.week.name, person.key),
                "alert_id": None,
                "kind": MessageKind.REPORT,
                "level": AlertLevel.WATCH,
                "person": person.key,
                "channel": person.channels[0],
                "facts": self._facts(written, Speech(person.language, self.zone)),
                "made_at": now,
                "due_at": hour(person, AlertLevel.WATCH, now),
            }

    def _facts(self, written: Written, speech: Speech) -> Mapping[str, Any]:
        """Return what a letter says: sentences of numbers, no text of a mention."""
        report = written.report
        return {
            "brand": report.brand.name,
            "week": report.week.name,
            "start": report.week.start.isoformat(),
            "sentences": [one.text for one in sentences(report, speech)],
            "files": [str(path.relative_to(self.folder)) for path in written.files[:-1]],
        }

    def _forget(self, now: datetime) -> None:
        """Delete the folders of weeks whose files have served."""
        for folder in self.folder.glob("*/*"):
            if folder.is_dir() and datetime.fromtimestamp(folder.stat().st_mtime, now.tzinfo) < now - KEPT:
                shutil.rmtree(folder, ignore_errors=True)


def clear(folder: Path) -> None:
    """Delete all files of reports that are kept: what somebody had erased must not stay in one of them."""
    shutil.rmtree(folder, ignore_errors=True)


def _step(key: str) -> str:
    return f"report {key}"
