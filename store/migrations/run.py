"""Brings a store's tables up to date when it is opened."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from domain.errors import ConfigError

_HERE = Path(__file__).parent
# Any constant will do, as long as every Simak uses the same one.
_LOCK = 7_414_625


def head() -> str:
    """Return the newest migration's number."""
    return max(script.name[:4] for script in (_HERE / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def migrate(engine: Engine) -> None:
    """Run the migrations that a store lacks, in one transaction that other processes wait for.

    Raises ConfigError when a newer Simak made the store.
    """
    with engine.connect() as conn:
        current = _revision(conn)
    if current == head():
        return
    with engine.connect().execution_options(simak_writes=True) as conn, conn.begin():
        if conn.dialect.name == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        current = _revision(conn)
        if current is not None and current > head():
            raise ConfigError(f"A newer Simak made this database (its tables are at {current}): update Simak.")
        if current != head():
            _upgrade(conn)


def _revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    revision: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def _upgrade(conn: Connection) -> None:
    # Imported here because a start on an up-to-date store, which is every start but one, does without it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
