"""Judges, once their time is over, how complaints and issues ended, and learns from it what to believe."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from domain.records import Outcome
from risk import calibration
from risk.hindsight import Ended, figures, threshold
from store import hindsight
from store.engine import Store
from store.foresight import calibration as in_force

STEP = "judge"
# Counters may come late; a case is closed when they have had time to.
GRACE = timedelta(hours=6)
# What is older was judged, or is history.
BACK = timedelta(weeks=8)
# Whose last counters are older than this part of its time may have grown unseen.
_SEEN = 0.5
BATCH, LOOKS = 200, 60
# An issue that is spoken of every day is judged by the week.
LONGEST = timedelta(days=7)
# What taught last year may not hold any more; new lessons are drawn when so many cases have come.
REMEMBERED, NEW_CASES = timedelta(days=180), 20
# Old cases go as new ones come, so that a steady number of them must not stand in the way for good.
AGAIN = timedelta(weeks=1)
# Cases of which nobody ever thought anything teach nothing, however many they are.
_LIVELY = 0.02


@dataclass(frozen=True)
class Judge:
    """Closes cases whose horizon is over; ``own`` are the ids of one's own brands, ``budget`` false alerts a week."""

    horizon: timedelta
    own: frozenset[int]
    budget: float
    name: str = STEP

    def run(self, store: Store, now: datetime) -> Outcome:
        """Judge all that has ended since the last time."""
        until = now - self.horizon - GRACE
        written = self._posts(store, now - BACK, until, now) + self._issues(store, now)
        with store.write() as conn:
            self._learn(conn, now)
        return Outcome(seen=written, written=written)

    def _posts(self, store: Store, since: datetime, until: datetime, now: datetime) -> int:
        written = 0
        while True:
            with store.write() as conn:
                some = hindsight.finished_posts(conn, since, until, BATCH)
                rows = [self._post(conn, brand_id, mention_id, now) for brand_id, mention_id in some]
                kept = hindsight.keep(conn, rows)
            written += kept
            if len(some) < BATCH or not kept:
                return written

    def _issues(self, store: Store, now: datetime) -> int:
        with store.write() as conn:
            over = hindsight.finished_issues(conn, now - BACK, now - self.horizon, LONGEST)
            rows = []
            for brand_id, theme_id, first, last in over:
                found = hindsight.foreseen_of(conn, brand_id, {"theme_id": theme_id}, first, last)
                # An alert on one of its posts was an alert on the issue: the post spoke for it.
                posts = hindsight.posts_of(conn, theme_id, first, last)
                subjects = [f"theme:{theme_id}", *(f"mention:{post}" for post in posts)]
                row = self._row(conn, brand_id, found, subjects, last)
                rows.append(row | {"theme_id": theme_id, "mention_id": None, "known": True})
            return hindsight.keep(conn, rows)

    def _post(self, conn: Connection, brand_id: int, mention_id: int, now: datetime) -> dict[str, Any]:
        found = hindsight.foreseen_of(conn, brand_id, {"mention_id": mention_id}, now - BACK - BACK, now)
        began, over = found[0].began_at, found[0].began_at + self.horizon + GRACE
        # A post that was found only after its time was never foreseen: it is closed, and its end is unknown.
        found = [row for row in found if row.at <= over] or found[:1]
        counted = found[-1].looked_at - began >= _SEEN * self.horizon or found[-1].count >= found[-1].reach
        seen = found[-1].at <= over and counted
        theme_id = found[-1].theme_id
        subjects = [f"mention:{mention_id}", *([f"theme:{theme_id}"] if theme_id else [])]
        row = self._row(conn, brand_id, found, subjects, began + self.horizon)
        return row | {"theme_id": theme_id, "mention_id": mention_id, "known": seen}

    def _row(
        self, conn: Connection, brand_id: int, found: Sequence[Any], subjects: Sequence[str], closed_at: datetime
    ) -> dict[str, Any]:
        """Return how a case ended that was foreseen so; an alert on any of the subjects, or on the brand, counts."""
        began = min(row.began_at for row in found)
        reached_at = next((row.at for row in found if row.count >= row.reach), None)
        before = [row for row in found if reached_at is None or row.at < reached_at]
        alert = hindsight.alerted(conn, brand_id, [*subjects, "brand"], began, closed_at + GRACE)
        return {
            "brand_id": brand_id,
            "alert_id": alert[0] if alert else None,
            "began_at": began,
            "closed_at": closed_at,
            "reach": found[-1].reach,
            "count": max(row.count for row in found),
            "reached_at": reached_at,
            "alerted_at": alert[1] if alert else None,
            "peak": max((row.p for row in before), default=0.0),
            "looks": [[(row.at - began).total_seconds(), row.count, row.p] for row in _thinned(before)],
        }

    def _learn(self, conn: Connection, now: datetime) -> None:
        """Put in force what the cases teach, once enough new ones have come."""
        ended = (Ended.of(*kept) for kept in hindsight.ended(conn, sorted(self.own), now - REMEMBERED))
        cases = [case for case in ended if _told(case)]
        before = in_force(conn)
        if len(cases) < calibration.ENOUGH or (before and not _due(before, len(cases), now)):
            return
        raw, mended = calibration.learn(cases) or ([], [])
        hindsight.calibrate(
            conn,
            {
                "made_at": now,
                "cases": len(cases),
                "raw": raw,
                "mended": mended,
                "threshold": threshold(_mended(cases, raw, mended), self.budget),
                "figures": _plain(cases),
            },
        )


def _due(before: Any, cases: int, now: datetime) -> bool:
    return bool(cases >= before.cases + NEW_CASES or now - before.made_at >= AGAIN)


def _told(case: Ended) -> bool:
    return case.happened or case.alerted_s is not None or case.peak >= _LIVELY


def _mended(cases: Sequence[Ended], raw: Sequence[float], mended: Sequence[float]) -> Sequence[Ended]:
    """Return cases with their peaks as they would be told from now on: thresholds are set on those."""
    return [replace(case, peak=calibration.mend(case.peak, raw, mended)) for case in cases]


def _plain(cases: Sequence[Ended]) -> dict[str, float]:
    found = figures(cases)
    told = {
        "precision": found.precision.value,
        "recall": found.recall.value,
        "early": found.early.value,
        "lead_min": found.lead_min,
        "false_a_week": found.false_a_week,
        "brier": found.brier,
        "error": found.error,
    }
    return {name: value for name, value in told.items() if value is not None}


def _thinned(rows: Sequence[Any]) -> Iterator[Any]:
    """Yield at most :data:`LOOKS` rows, evenly."""
    yield from rows[:: len(rows) // LOOKS + 1]
