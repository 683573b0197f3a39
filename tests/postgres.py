"""A PostgreSQL server of the tests' own, on a Unix socket in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, make_url, text

# What makes a throw-away cluster quick; crash tests kill the client, not the server.
_QUICK = "-c fsync=off -c full_page_writes=off"
_ALONE = "-c listen_addresses='' -c max_connections=40"


def binaries() -> Path | None:
    """Return the newest server's folder, or ``None`` when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    named = shutil.which("initdb")
    return Path(named).parent if named else None


@contextmanager
def cluster(tools: Path, *, durable: bool = False) -> Iterator[str]:
    """Start a server and give its address; ``durable`` keeps what makes it safe and slower."""
    folder = Path(tempfile.mkdtemp(prefix="simak-pg-", dir="/tmp"))
    run = _as_server_user(folder)
    try:
        run(str(tools / "initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", "simak", "-E", "UTF8", "--no-sync")
        start(tools, folder, durable=durable)
        try:
            yield f"postgresql://simak@/postgres?host={folder}"
        finally:
            stop(tools, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start(tools: Path, folder: Path, *, durable: bool = False) -> None:
    """Start the server of a cluster's folder, again if it was stopped."""
    options = f"{_ALONE} {'' if durable else _QUICK} -k {folder}"
    run = _as_server_user(folder)
    run(str(tools / "pg_ctl"), "-D", str(folder / "data"), "-w", "-o", options, "-l", str(folder / "log"), "start")


def stop(tools: Path, folder: Path) -> None:
    """Stop the server of a cluster's folder at once, as a failing machine would."""
    _as_server_user(folder)(str(tools / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop")


def empty_database(address: str) -> str:
    """Make a new database on a server and return its address."""
    name = f"simak_{uuid4().hex}"
    engine = create_engine(make_url(address).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(address).set(database=name).render_as_string()


def _as_server_user(folder: Path) -> Callable[..., None]:
    """Return what runs a server command: PostgreSQL refuses root, so root becomes the ``postgres`` user."""
    who = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    if who:
        os.chown(folder, who.pw_uid, who.pw_gid)

    def run(*command: str) -> None:
        extra = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []} if who else {}
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **extra)
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stderr or done.stdout}")

    return run
