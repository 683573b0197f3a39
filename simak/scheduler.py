"""When each stage runs: APScheduler as the clock, the settings as its jobs, one leader a store."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Event

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from domain.clock import now
from domain.errors import SimakError
from simak.pipeline import Stage
from store.engine import Store
from store.leader import leader
from store.queries import health

log = logging.getLogger(__name__)
# A standby takes over within this time; a leader whose database has gone stops within it.
CLAIM_SECONDS = 2.0
STANDBY, LEADING = "standing by: another Simak is at work on this store", "at work"
AWAY = "standing by: the database does not answer; it is tried again until it does"


class Timed:
    """A stage and how often it runs; ``last`` is when it last succeeded, before this start."""

    def __init__(self, stage: Stage, every: timedelta, last: datetime | None = None) -> None:
        """Keep the three."""
        self.stage, self.every, self.last = stage, every, last

    def first_run(self, moment: datetime) -> datetime:
        """Return when to run first: at once when its turn came while nothing was running, else when it is due."""
        return max(moment, self.last + self.every) if self.last else moment


def serve(store: Store, timed: Sequence[Timed], stop: Event, say: Callable[[str], None]) -> None:
    """Run stages on time until ``stop`` is set, as the leader; else stand by, and say why once."""
    claim = leader(store.engine)
    said = ""
    while not stop.is_set():
        leads = claim.claim()
        state = LEADING if leads else STANDBY if claim.reached else AWAY
        if leads or state != said:
            say(state)
        said = state
        if leads:
            _lead(store, timed, stop, claim.claim)
        stop.wait(CLAIM_SECONDS)
    claim.resign()


def _lead(store: Store, timed: Sequence[Timed], stop: Event, claim: Callable[[], bool]) -> None:
    """Run the stages until stopped or no longer the leader."""
    scheduler = _scheduler(store, timed)
    scheduler.start()
    try:
        while not stop.wait(CLAIM_SECONDS) and claim():
            pass
    finally:
        # Whatever is running is safe to leave: its batch is either stored with its progress or not at all.
        scheduler.shutdown(wait=False)


def _scheduler(store: Store, timed: Sequence[Timed]) -> BackgroundScheduler:
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(max_workers=max(4, len(timed)))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    moment = now()
    for job in timed:
        scheduler.add_job(
            run_stage,
            "interval",
            seconds=job.every.total_seconds(),
            args=(store, job.stage),
            id=job.stage.name,
            next_run_time=job.first_run(moment),
        )
    return scheduler


def run_stage(store: Store, stage: Stage) -> None:
    """Run one stage and log what it did; its failure is its own, and its next turn comes."""
    try:
        outcome = stage.run(store, now())
    except SimakError as error:
        # A sentence for a person; its trace would only bury it.
        log.error("%s: %s", stage.name, error)  # noqa: TRY400
    except Exception:
        log.exception("%s stopped by an unexpected error", stage.name)
    else:
        if outcome.written or outcome.quarantined or outcome.reason:
            log.info("%s: %s", stage.name, describe(outcome.model_dump()))


def describe(outcome: dict[str, object]) -> str:
    """Return an outcome's counts that are not zero, and its reason."""
    return ", ".join(f"{key} {value}" for key, value in outcome.items() if value)


def last_successes(store: Store) -> dict[str, datetime]:
    """Return when each source last succeeded with all of its walks."""
    with store.read() as conn:
        walks = health.sources(conn)
    unfinished = {walk.source for walk in walks if walk.succeeded_at is None or walk.error}
    times = [(walk.source, walk.succeeded_at) for walk in walks if walk.succeeded_at]
    return {source: min(t for s, t in times if s == source) for source, _ in times if source not in unfinished}
