"""The receiving program as a child process: what calls it, what it has stored, what it has said."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from pushing import signed, signed_by_meta
from sqlalchemy import func, select

from store.engine import open_store
from store.tables import MENTION

SECRET = "rahasia-uji-coba-yang-panjang"
KEY = "a key for the tests only"
SETTINGS = """
[[brands]]
key = "kopi-kita"
name = "Kopi Kita"
role = "own"
aliases = ["kopi kita", "kopikita"]
basis = "legitimate_interest"
purpose = "menjawab keluhan pelanggan"
[[sources]]
name = "wa"
collector = "whatsapp"
about = "kopi-kita"
[[sources]]
name = "ingest"
collector = "ingest"
"""
ENVIRONMENT = {
    "SIMAK_PSEUDONYM_KEY": KEY,
    "SIMAK_WHATSAPP_APP_SECRET": SECRET,
    "SIMAK_WHATSAPP_VERIFY_TOKEN": SECRET,
    "SIMAK_INGEST_SECRET": SECRET,
}
SIMAK = str(Path(sys.executable).with_name("simak"))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """The program at work: what calls it, and what it has stored and said."""

    home: Path
    url: str
    database_url: str
    child: "subprocess.Popen[bytes]"
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def wa(self, call: Any) -> httpx.Response:
        """Post a call as Meta does."""
        body = json.dumps(call).encode()
        return self.client.post(f"{self.url}/wa", content=body, headers=signed_by_meta(SECRET, body))

    def ingest(self, call: Any) -> httpx.Response:
        """Post items as a call centre's system does."""
        body = json.dumps(call).encode()
        return self.client.post(f"{self.url}/ingest", content=body, headers=signed(SECRET, body, datetime.now(UTC)))

    def rows(self, *columns: Any) -> list[Any]:
        """Return what is stored."""
        with closing(open_store(self.database_url, KEY.encode())) as store, store.read() as conn:
            return list(conn.execute(select(*columns).order_by(*columns)).all())

    def count(self, table: Any = MENTION) -> int:
        """Return how many rows a table has."""
        return int(self.rows(func.count(table.c[next(iter(table.c.keys()))]))[0][0])

    def said(self) -> str:
        """Return what the program has written to its log."""
        return (self.home / "log").read_text()


@contextmanager
def running(home: Path, database_url: str, *words: str, **more: str) -> Iterator[Running]:
    """Run a command that receives, until the block ends."""
    (home / "simak.toml").write_text(SETTINGS)
    port = free_port()
    words = words or ("receive", "--port")
    environment = os.environ | ENVIRONMENT | {"SIMAK_HOME": str(home), "SIMAK_DATABASE_URL": database_url} | more
    with (home / "log").open("ab") as log:
        child = subprocess.Popen([SIMAK, *words, str(port)], env=environment, stdout=log, stderr=log)
    try:
        one = Running(home, f"http://127.0.0.1:{port}", database_url, child)
        with one.client:
            wait_until(lambda: listens(port) or child.poll() is not None)
            assert child.poll() is None, one.said()
            yield one
    finally:
        child.terminate()
        child.wait(20)


def listens(port: int) -> bool:
    """Tell whether somebody listens on a port."""
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(done: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something, but not for ever."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
