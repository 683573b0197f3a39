"""Opens the store: SQLite in one file, or PostgreSQL by its address; the same tables and the same promises."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from domain.access import Viewer
from domain.errors import ConfigError, TransientError
from store.migrations.run import migrate
from store.privacy import Pseudonyms

# A writer waits this long for another one; batches take milliseconds, so longer means that something is wrong.
BUSY_SECONDS = 30
# PostgreSQL ends one of two transactions that wait for each other, or that changed what a third has counted.
_BEATEN = frozenset({"40001", "40P01"})


class Store:
    """The rows, by way of two kinds of transaction."""

    def __init__(self, engine: Engine, names: Pseudonyms) -> None:
        """Keep the engine and the key that pseudonyms are made with."""
        self.engine = engine
        self.names = names

    @contextmanager
    def read(self, viewer: Viewer | None = None) -> Iterator[Connection]:
        """Give a connection that sees one moment of the store, on behalf of a viewer or of Simak itself."""
        with self._speaking() as conn, conn.execution_options(simak_viewer=viewer).begin():
            yield conn

    @contextmanager
    def write(self, viewer: Viewer | None = None) -> Iterator[Connection]:
        """Give a connection whose changes are all kept at the end, or, on any error, none."""
        with self._speaking() as conn, conn.execution_options(simak_writes=True, simak_viewer=viewer).begin():
            yield conn

    @contextmanager
    def _speaking(self) -> Iterator[Connection]:
        try:
            with self.engine.connect() as conn:
                yield conn
        except DBAPIError as error:
            beaten = getattr(error.orig, "sqlstate", None) in _BEATEN
            if error.connection_invalidated or beaten or "locked" in str(error.orig):
                raise TransientError("The database did not answer; the work will be tried again.") from error
            raise

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()


def open_store(url: str, key: bytes) -> Store:
    """Open the store at a database URL and bring its tables up to date.

    Raises ConfigError when the address is wrong, the server cannot be reached, or a newer Simak made the tables.
    """
    engine = _sqlite(make(url)) if make(url).get_backend_name() == "sqlite" else _postgresql(make(url))
    try:
        migrate(engine)
    except ConfigError:
        engine.dispose()
        raise
    except DBAPIError as error:
        engine.dispose()
        raise ConfigError(f"The database at {shown(url)} cannot be used: {_first_line(error)}") from error
    return Store(engine, Pseudonyms(key))


def make(url: str) -> URL:
    """Read a database URL; raises ConfigError when it is not one that Simak can use."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            "SIMAK_DATABASE_URL is not a database address; "
            "use sqlite:///data/simak.db or postgresql://user:password@host/database."
        ) from error
    if address.get_backend_name() == "postgresql":
        return address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() == "sqlite" and address.database not in {None, "", ":memory:"}:
        return address.set(drivername="sqlite")
    raise ConfigError("SIMAK_DATABASE_URL must begin with sqlite:/// and name a file, or with postgresql://.")


def shown(url: str) -> str:
    """Return a database URL without its password."""
    return make(url).render_as_string(hide_password=True)


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0]


def _sqlite(url: URL) -> Engine:
    folder = Path(str(url.database)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"The folder {folder} cannot be made: {error.strerror}.") from error
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _: object) -> None:
        # FULL waits for the disk at each commit: a power cut must not take back what a cursor says is stored.
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "cache_size=-65536",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        # A transaction that starts by reading and then writes cannot wait for another writer, only fail; one that
        # says at once that it will write queues up.
        writes = conn.get_execution_options().get("simak_writes", False)
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL) -> Engine:
    # Parameters stay out of errors: they are people's words.
    return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": 5})
