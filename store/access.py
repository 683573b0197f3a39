"""Holds those who ask to their rights, where rows are read and written, whatever page or link they come by."""

from sqlalchemy import Connection, delete, select

from domain.access import Right, Viewer
from domain.vocabulary import UserRole
from store.dialect import upsert_on
from store.work_tables import ACCOUNT

_ROW = ACCOUNT.c


def demand(conn: Connection, right: Right) -> None:
    """Raise ForbiddenError when a connection was given on behalf of somebody who has not got a right."""
    viewer: Viewer | None = conn.get_execution_options().get("simak_viewer")
    if viewer is not None:
        viewer.demand(right)


def accounts(conn: Connection) -> dict[str, UserRole]:
    """Return the roles of those who may sign in, by e-mail address."""
    return dict(conn.execute(select(_ROW.email, _ROW.role).order_by(_ROW.email)).all())


def role_of(conn: Connection, email: str) -> UserRole | None:
    """Return the role of a verified e-mail address, or ``None`` for a stranger's."""
    role: UserRole | None = conn.scalar(select(_ROW.role).where(_ROW.email == email.casefold()))
    return role


def put(conn: Connection, email: str, role: UserRole) -> None:
    """Give somebody a role."""
    demand(conn, Right.SET)
    upsert_on(conn, ACCOUNT, ("email",), [{"email": email.casefold(), "role": role}], ("role",))


def remove(conn: Connection, email: str) -> bool:
    """Take somebody's role away, and tell whether they had one."""
    demand(conn, Right.SET)
    return conn.execute(delete(ACCOUNT).where(_ROW.email == email.casefold())).rowcount > 0
