"""The leader lock: of several schedulers on one store one works and the others stand by.

The lock belongs to a process and not to a row: when its holder is killed it is free at once, without a lease to wait
for.
"""

from contextlib import suppress
from typing import Protocol

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

# Any constant will do, as long as every Simak uses the same one.
_LOCK = 7_414_626


class Leader(Protocol):
    """A claim to be the one that works; ``reached`` tells whether the store answered when it was last tried."""

    reached: bool

    def claim(self) -> bool:
        """Try to become or remain the leader, without waiting, and tell whether it is so."""
        ...

    def resign(self) -> None:
        """Let another one lead."""


def leader(engine: Engine) -> Leader:
    """Return the claim that fits the store: a file lock beside SQLite's file, or a session lock of PostgreSQL."""
    if engine.dialect.name == "sqlite":
        return FileLeader(f"{engine.url.database}.leader")
    return SessionLeader(engine)


class FileLeader:
    """Leads while it holds the operating system's lock on a file."""

    reached = True

    def __init__(self, path: str) -> None:
        """Keep the file that stands for the lock."""
        self._lock = FileLock(path)

    def claim(self) -> bool:
        """Try to lock the file; a lock once held stays held."""
        if not self._lock.is_locked:
            with suppress(Timeout):
                self._lock.acquire(blocking=False)
        return self._lock.is_locked

    def resign(self) -> None:
        """Unlock the file."""
        self._lock.release()


class SessionLeader:
    """Leads while its own connection to PostgreSQL holds an advisory lock; a lost connection loses the lead."""

    def __init__(self, engine: Engine) -> None:
        """Keep the engine to connect by."""
        self._engine = engine
        self._conn: Connection | None = None
        self.reached = True

    def claim(self) -> bool:
        """Try to lock, or see whether the connection that holds the lock still lives."""
        try:
            leads = self._holds() or self._locks()
        except DBAPIError:
            self.resign()
            self.reached = False
            return False
        self.reached = True
        return leads

    def _holds(self) -> bool:
        return self._conn is not None and self._conn.execute(text("SELECT true")).scalar_one() is True

    def _locks(self) -> bool:
        conn = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if conn.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}).scalar_one():
            self._conn = conn
            return True
        conn.close()
        return False

    def resign(self) -> None:
        """Unlock, and close the connection for good."""
        if self._conn is not None:
            # A server notices a closed connection in its own time; the next leader shall not have to wait for that.
            with suppress(SQLAlchemyError):
                self._conn.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
            self._conn.invalidate()
            self._conn.close()
            self._conn = None
