"""Foresees, moment by moment, how far complaints will spread: each post by its counters, each issue by its people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.clock import grid
from domain.records import Outcome
from domain.vocabulary import Platform
from risk.growth import Growth
from simak.evidence import DAY, Evidence
from simak.growing import Posts
from simak.lookout import EVERY, Agenda, Lookout
from store.engine import Store
from store.foresight import (
    arriving,
    complaints,
    first_complaint,
    keep_forecasts,
    keep_tracks,
    known_since,
    new_looks,
    newest,
    tracks,
)
from store.progress import reach, reached

STEP = "foresee"
# What is usual is told by four weeks; a first start looks back over eight, the rest is history.
USUAL, FIRST = timedelta(days=28), timedelta(weeks=8)
# A post older than this is looked at once a day at most, and grows no more.
WATCHED = timedelta(days=8)
# A first start waits for what is still coming in, but not for an archive that takes the reader hours.
PATIENCE = timedelta(hours=1)
# Moments a transaction: an archive has thousands, and each of them writes a row or two.
BATCH = 100


@dataclass(frozen=True)
class Foresee:
    """Writes a forecast for each complaint with new counters, and for each issue in which something changed.

    ``growth`` gives the model of growth in force for a platform, ``reach`` how many people make a snowball, by brand;
    ``since`` is when this process began to work.
    """

    growth: Callable[[Platform], Growth]
    reach: Callable[[Store, int, datetime], float]
    horizon: timedelta
    zone: str
    since: datetime
    name: str = STEP

    def run(self, store: Store, now: datetime) -> Outcome:
        """Work through the moments up to now in which something was said or counted, in their order."""
        until = grid(now, EVERY)
        since = self._begin(store, now, until)
        if since is None or since >= until:
            return Outcome()
        lookout, agenda = self._prepare(store, since, until)
        outcome = Outcome()
        while agenda.left:
            outcome += self._some(store, lookout, agenda)
        with store.write() as conn:
            reach(conn, STEP, until)
        return outcome

    def _begin(self, store: Store, now: datetime, until: datetime) -> datetime | None:
        """Return the moment from which to go on, or ``None`` while a new store is still being filled."""
        with store.read() as conn:
            since = reached(conn, STEP)
            if since is not None:
                return since
            if arriving(conn) and now - self.since < PATIENCE:
                return None
            first = first_complaint(conn)
        return max(grid(first, EVERY) - EVERY, until - FIRST) if first else until - EVERY

    def _prepare(self, store: Store, since: datetime, until: datetime) -> tuple[Lookout, Agenda]:
        with store.read() as conn:
            evidence = Evidence.of(complaints(conn, since - USUAL - 2 * DAY, until))
            looks = new_looks(conn, since - WATCHED, until)
            posts = Posts(self.growth, self.zone, self.horizon.total_seconds())
            posts.remember(tracks(conn, {one.mention_id for one in looks}))
            last = {brand_id: newest(conn, brand_id, since - DAY) for brand_id in evidence.voices}
            known = {brand_id: known_since(conn, brand_id) or since for brand_id in evidence.voices}
        reaches = {brand_id: self.reach(store, brand_id, until) for brand_id in evidence.voices}
        lookout = Lookout(evidence, posts, reaches, self.horizon, self.zone, known)
        for brand_id, found in last.items():
            lookout.remember(brand_id, found)
        return lookout, Agenda.of(evidence, looks, since, until)

    def _some(self, store: Store, lookout: Lookout, agenda: Agenda) -> Outcome:
        """Foresee some moments; keep what was foreseen, and how far that came, in one transaction."""
        rows: list[Mapping[str, Any]] = []
        touched: dict[int, None] = {}
        seen = 0
        for _ in range(BATCH):
            moment = agenda.take()
            if moment is None:
                break
            at, looks = moment
            grown = lookout.posts.look(looks)
            touched.update(dict.fromkeys(grown))
            rows += lookout.foresee(at, grown, agenda)
            seen += len(looks)
        with store.write() as conn:
            keep_tracks(conn, lookout.posts.kept(list(touched)))
            written = keep_forecasts(conn, rows)
            reach(conn, STEP, at)
        return Outcome(seen=seen, written=written)
