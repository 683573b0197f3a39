"""How far steps of the pipeline have come that work through time."""

from datetime import datetime

from sqlalchemy import Connection, select

from store.dialect import upsert_on
from store.foresight_tables import PROGRESS


def reached(conn: Connection, step: str) -> datetime | None:
    """Return the moment up to which a step has worked, or ``None`` before its first time."""
    moment: datetime | None = conn.scalar(select(PROGRESS.c.at).where(PROGRESS.c.step == step))
    return moment


def reach(conn: Connection, step: str, at: datetime) -> None:
    """Note, in the transaction of the work itself, up to which moment a step has worked."""
    upsert_on(conn, PROGRESS, ("step",), [{"step": step, "at": at, "number": None}], ("at",))
