"""Alarms: works through what was foreseen in its order, with what else is noticed, and hands it to the desk."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from alerts.desk import Desk, hold
from alerts.rules import THRESHOLD, explains, quiet, snowball
from alerts.signals import Signal
from domain.clock import grid
from domain.records import Outcome
from domain.vocabulary import AlertReason
from risk.calibration import mend
from simak.lookout import EVERY
from simak.noticing import Notice
from store import alerting, noticed
from store.engine import Store
from store.foresight import calibration, foreseen, moments
from store.progress import reach, reached

STEP, BEFORE = "alert", "foresee"
# Moments a transaction.
BATCH = 50
EXAMPLES = 3
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_SPREADING = (AlertReason.SNOWBALL, AlertReason.COMPETITOR)


@dataclass(frozen=True)
class Bar:
    """From which probability alerts open, and how probabilities are mended: as shipped, or as own cases have taught."""

    threshold: float = THRESHOLD
    raw: Sequence[float] = ()
    mended: Sequence[float] = ()

    @classmethod
    def of(cls, row: Any | None) -> "Bar":
        """Return what the newest calibration says."""
        return cls() if row is None else cls(row.threshold, row.raw, row.mended)


@dataclass
class Crowds:
    """How many people the posts and the issues of a brand last had, and when that was."""

    posts: dict[tuple[int, int], tuple[datetime, int | None, float]] = field(default_factory=dict)
    issues: dict[tuple[int, int], tuple[datetime, float]] = field(default_factory=dict)

    def add(self, row: Any) -> None:
        """Take in a forecast."""
        if row.mention_id is not None:
            self.posts[row.brand_id, row.mention_id] = (row.at, row.theme_id, row.count)
        elif row.theme_id is not None:
            self.issues[row.brand_id, row.theme_id] = (row.at, row.count)

    def explain(self, row: Any) -> bool:
        """Tell whether most of an issue's people are those of one post, or most of a brand's those of one issue."""
        return row.mention_id is None and explains(max(self._parts(row), default=0.0), max(row.count, 1.0))

    def _parts(self, row: Any) -> Iterator[float]:
        for (brand_id, _), (at, theme_id, count) in self.posts.items():
            if brand_id == row.brand_id and row.theme_id in {None, theme_id} and row.at - at <= _DAY:
                yield count
        for (brand_id, _), (at, count) in self.issues.items():
            if brand_id == row.brand_id and row.theme_id is None and row.at - at <= _DAY:
                yield count


@dataclass(frozen=True)
class Alarm:
    """Opens, moves and ends alerts; ``own`` are the ids of one's own brands."""

    desk: Desk
    notice: Notice
    own: frozenset[int]
    name: str = STEP

    def run(self, store: Store, now: datetime) -> Outcome:
        """Work up to where forecasts have come, then let time pass."""
        with store.read() as conn:
            since, until = reached(conn, STEP), reached(conn, BEFORE)
            idle = (since is not None and until == since) and not _waits(conn, now)
        if idle:
            return Outcome()
        outcome = self._catch_up(store, since, until, now) if until else Outcome()
        with store.write() as conn:
            return outcome + Outcome(written=self.desk.pass_time(conn, now, now))

    def _catch_up(self, store: Store, since: datetime | None, until: datetime, now: datetime) -> Outcome:
        outcome, crowds = Outcome(), Crowds()
        if since is None or since < until:
            done = since or datetime.min.replace(tzinfo=until.tzinfo)
            with store.read() as conn:
                self._recall(conn, crowds, done)
            while done < until:
                done, some = self._some(store, crowds, done, until, now)
                outcome += some
            outcome += self._look_around(store, since or until - EVERY, until, now)
        return outcome

    def _recall(self, conn: Connection, crowds: Crowds, since: datetime) -> None:
        if since.year > 1:
            for row in foreseen(conn, since - _DAY, since):
                crowds.add(row)

    def _some(
        self, store: Store, crowds: Crowds, since: datetime, until: datetime, now: datetime
    ) -> tuple[datetime, Outcome]:
        """Work through some moments in one transaction; return how far that came."""
        with store.write() as conn:
            alerting.alone(conn)
            if (reached(conn, STEP) or since) > since:
                # Another process was here first.
                return until, Outcome()
            steps = moments(conn, since, until, BATCH)
            done = steps[-1] if len(steps) == BATCH else until
            rows = foreseen(conn, since, done)
            bar, written = Bar.of(calibration(conn)), 0
            for at in steps:
                crowd = [row for row in rows if row.at == at]
                for row in crowd:
                    crowds.add(row)
                written += self.desk.take(conn, self._signals(conn, crowd, crowds, bar), now)
                written += self.desk.pass_time(conn, at, now)
            reach(conn, STEP, done)
        return done, Outcome(seen=len(rows), written=written)

    def _signals(self, conn: Connection, rows: Sequence[Any], crowds: Crowds, bar: Bar) -> list[Signal]:
        """Return what forecasts of a moment say, of what opens an alert or has one."""
        held = alerting.held_subjects(conn)
        found = []
        # A brand that was taken out of the settings is nobody's business any more.
        for row in (one for one in rows if one.brand_id in self.notice.brands):
            p = mend(row.p, bar.raw, bar.mended)
            own = row.brand_id in self.own
            signal = snowball(row, p, bar.threshold, own=own, explained=crowds.explain(row))
            if signal.level or (signal.brand_id, signal.reason, signal.subject) in held:
                found.append(replace(signal, facts={**signal.facts, **_shown(conn, row)}))
        return found

    def _look_around(self, store: Store, since: datetime, until: datetime, now: datetime) -> Outcome:
        """Apply the other rules as of now, end what has had its time, and move what was merged."""
        with store.write() as conn:
            signals = self.notice.signals(conn, since, grid(now, EVERY), until)
            written = self.desk.take(conn, [*signals, *_outlived(conn, now)], now)
            for row, subject in alerting.merged(conn):
                written += self.desk.move(conn, _sure(row), subject, now, now)
        return Outcome(seen=len(signals), written=written)


def _waits(conn: Connection, now: datetime) -> bool:
    due = alerting.next_due(conn)
    return due is not None and due <= now


def _shown(conn: Connection, row: Any) -> dict[str, Any]:
    """Return the examples that a message shows, and how often they were seen so far."""
    if row.mention_id is not None:
        numbers = [row.mention_id]
    else:
        numbers = noticed.examples(conn, row.brand_id, row.theme_id, row.at - _DAY, row.at, EXAMPLES)
    views = noticed.seen_by(conn, numbers, row.at)
    return {"mentions": numbers} | ({"views": views} if views else {})


def _outlived(conn: Connection, now: datetime) -> list[Signal]:
    """Return that nothing more is asked of alerts whose time is over and that nobody foresees any more."""
    return [
        quiet(row["brand_id"], row["reason"], row["subject"], now, row["facts"])
        for row in alerting.live(conn, *_SPREADING)
        if _over(row["facts"], row["looked_at"], now) and "settled_since" not in row["memory"]
    ]


def _over(facts: Mapping[str, Any], looked_at: datetime, now: datetime) -> bool:
    began = facts.get("began_at")
    horizon = timedelta(hours=float(facts.get("horizon_h") or 0))
    return began is not None and now >= datetime.fromisoformat(began) + horizon and now - looked_at >= _HOUR


def _sure(row: Any) -> Any:
    held = hold(row)
    assert held is not None  # noqa: S101 - a row is always held
    return held
