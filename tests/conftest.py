"""What tests of every kind may ask for."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import dovecot as imap
import pytest
from loopback import Behaviour, Loopback
from postgres import binaries, cluster, empty_database

from store.engine import Store, open_store

pytest.register_assert_rewrite("collector_contract", "stored_contract")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of recorded traffic and real data beside the checkout, or skip and say so."""
    folder = Path(os.environ.get("SIMAK_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "fixtures").is_dir():
        pytest.skip("needs the recorded traffic in ../shared (or SIMAK_SHARED), which is not here")
    return folder


@pytest.fixture
def serve() -> Iterator[Callable[[Behaviour], Loopback]]:
    """Return a function that starts a loopback server for the length of the test."""
    with ExitStack() as stack:
        yield lambda behaviour: stack.enter_context(Loopback(behaviour))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Return the address of a PostgreSQL server started for the tests, or skip and say so."""
    tools = binaries()
    if tools is None:
        pytest.skip("needs PostgreSQL's server programs (Debian: apt-get install postgresql), which are not here")
    with cluster(tools) as address:
        yield address


@pytest.fixture(scope="session")
def dovecot() -> Iterator[imap.Dovecot]:
    """Return a mail server started for the tests, or skip and say so."""
    program = imap.binary()
    if program is None:
        pytest.skip("needs the mail server Dovecot (Debian: apt-get install dovecot-imapd), which is not here")
    with imap.server(program) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'simak.db'}"
    return empty_database(request.getfixturevalue("postgresql"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Return an open, empty store, once of each kind."""
    opened = open_store(database_url, b"a key for the tests only")
    yield opened
    opened.close()


@pytest.fixture
def open_sqlite() -> Callable[[Path], Store]:
    """Return a function that opens a store in a file."""
    return lambda path: open_store(f"sqlite:///{path}", b"a key for the tests only")
