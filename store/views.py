"""Saved views: filters of the inbox under a name, one's own or shared with everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from domain.access import Right
from domain.text import gate
from store.access import demand
from store.dialect import upsert_on
from store.work_tables import SAVED_VIEW

NAME_LENGTH = 60
# More than a menu can show is no help to find a view again.
MOST = 200
_ROW = SAVED_VIEW.c


@dataclass(frozen=True)
class View:
    """A saved view: ``params`` are what stands in the address."""

    id: int
    owner: str
    name: str
    shared: bool
    params: Mapping[str, Sequence[str]]


class Kept(StrEnum):
    """What became of a view: kept, its name is missing or taken, or there is no such view of this person."""

    DONE = "done"
    NAMELESS = "nameless"
    TAKEN = "taken"
    GONE = "gone"


def views(conn: Connection, who: str) -> list[View]:
    """Return somebody's own views and those that others share, by name."""
    row = (_ROW.id, _ROW.owner, _ROW.name, _ROW.shared, _ROW.params)
    mine = or_(_ROW.owner == who, _ROW.shared.is_(True))
    return [View(*found) for found in conn.execute(select(*row).where(mine).order_by(_ROW.name, _ROW.id).limit(MOST))]


def keep(
    conn: Connection, who: str, name: str, params: Mapping[str, Sequence[str]], now: datetime, *, shared: bool
) -> Kept:
    """Keep a view under a name; one's own of that name is written anew.

    Raises ForbiddenError when somebody shares who may not handle mentions.
    """
    demand(conn, Right.HANDLE if shared else Right.LOOK)
    if not (called := _called(name)):
        return Kept.NAMELESS
    row = {"owner": who, "name": called, "shared": shared, "made_at": now}
    row["params"] = {key: list(values) for key, values in params.items()}
    upsert_on(conn, SAVED_VIEW, ("owner", "name"), [row], ("shared", "params", "made_at"))
    return Kept.DONE


def rename(conn: Connection, who: str, view_id: int, name: str) -> Kept:
    """Call one's own view something else."""
    demand(conn, Right.LOOK)
    if not (called := _called(name)):
        return Kept.NAMELESS
    if conn.scalar(select(_ROW.id).where(_ROW.owner == who, _ROW.name == called, _ROW.id != view_id)):
        return Kept.TAKEN
    done = conn.execute(update(SAVED_VIEW).where(*_own(who, view_id)).values(name=called)).rowcount
    return Kept.DONE if done else Kept.GONE


def remove(conn: Connection, who: str, view_id: int) -> Kept:
    """Take one's own view away."""
    demand(conn, Right.LOOK)
    return Kept.DONE if conn.execute(delete(SAVED_VIEW).where(*_own(who, view_id))).rowcount else Kept.GONE


def _own(who: str, view_id: int) -> tuple[ColumnElement[bool], ...]:
    return _ROW.id == view_id, _ROW.owner == who


def _called(name: str) -> str:
    return " ".join(gate(name, NAME_LENGTH).split())
