"""The whole life of the Bluesky collector against Bluesky's own server; ``make test-live`` runs it.

The search that comes with that server looks for one string as it stands, and heeds neither time nor language: what the
network's own does with phrases and times is held to its documentation in ``tests/contract``.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from postgres import empty_database
from pydantic import SecretStr
from sqlalchemy import func, make_url, select

from collectors.base import Tools
from collectors.bluesky import Bluesky, BlueskyOptions
from collectors.http import guarded
from domain.records import Outcome
from simak.collecting import Collect, Refresh
from simak.settings import BrandTable
from store.engine import Store
from store.state import BrandSetting, sync_brands
from store.tables import MENTION, METRIC_SNAPSHOT, TOMBSTONE

ROOT = Path(__file__).parents[2]
PACKAGES = ROOT / "build" / "atproto"
PASSWORD = "hunter-hunter-2"
BRAND = BrandTable(key="senja", name="Kopi Senja", role="own", aliases=("kopisenja",))

pytestmark = pytest.mark.skipif(
    not os.environ.get("SIMAK_LIVE"), reason="starts Bluesky's own network, which takes a while: run “make test-live”"
)


@dataclass
class Network:
    """The running network, and what people do on it."""

    process: "subprocess.Popen[str]"
    url: str

    def settle(self) -> None:
        """Let everything that happened so far be found."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "settled\n"

    def call(self, method: str, token: str = "", **body: Any) -> Any:
        """Call a method of the server and return what it answers."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = httpx.post(f"{self.url}/xrpc/{method}", json=body, headers=headers, timeout=30)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def join(self, name: str) -> "Person":
        """Make an account."""
        made = self.call(
            "com.atproto.server.createAccount", handle=f"{name}.test", email=f"{name}@contoh.id", password=PASSWORD
        )
        return Person(self, made["did"], made["accessJwt"])


@dataclass
class Person:
    """Somebody with an account."""

    network: Network
    did: str
    token: str

    def record(self, kind: str, **values: Any) -> dict[str, str]:
        """Write a record of a kind and return its address and content id."""
        record = {"$type": kind, "createdAt": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:23] + "Z", **values}
        made: dict[str, str] = self.network.call(
            "com.atproto.repo.createRecord", self.token, repo=self.did, collection=kind, record=record
        )
        return {"uri": made["uri"], "cid": made["cid"]}

    def post(self, text: str, **more: Any) -> dict[str, str]:
        """Post a text."""
        return self.record("app.bsky.feed.post", text=text, langs=["id"], **more)

    def delete(self, post: dict[str, str]) -> None:
        """Delete a post."""
        rkey = post["uri"].rsplit("/", 1)[-1]
        body = {"repo": self.did, "collection": "app.bsky.feed.post", "rkey": rkey}
        self.network.call("com.atproto.repo.deleteRecord", self.token, **body)


@pytest.fixture(scope="module")
def network(postgresql: str) -> Iterator[Network]:
    """Start the network with a PostgreSQL and a Redis of its own, or skip and say so."""
    redis = shutil.which("redis-server")
    if redis is None or not (PACKAGES / "node_modules" / "@atproto" / "dev-env").is_dir():
        pytest.skip("needs redis-server and Bluesky's packages in build/atproto: “make test-live” installs both")
    address = make_url(empty_database(postgresql))
    folder = quote(str(address.query["host"]), safe="")
    told = {
        "SIMAK_ATPROTO": str(PACKAGES),
        "REDIS_HOST": "127.0.0.1:6391",
        "DB_POSTGRES_URL": f"postgresql://simak@{folder}/{address.database}",
        "LOG_ENABLED": "false",
    }
    store = subprocess.Popen([redis, "--port", "6391", "--save", "", "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL)
    process = subprocess.Popen(
        ["node", str(Path(__file__).parent / "bluesky_server.mjs")],
        env=os.environ | told,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout
        yield Network(process, process.stdout.readline().strip())
    finally:
        process.communicate()
        store.terminate()
        store.wait()


@dataclass
class Clock:
    """A clock that can be put on."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """Return the time by this clock."""
        return datetime.now(UTC) + self.ahead


@dataclass
class Listener:
    """Simak's side: the real stages over a real store."""

    collect: Collect
    store: Store
    clock: Clock

    def run(self) -> Outcome:
        """Collect once."""
        outcome = self.collect.run(self.store, self.clock.now())
        assert not outcome.failed, outcome.reason
        return outcome

    def look(self) -> None:
        """Look again at everything, a day later."""
        self.clock.ahead += timedelta(days=1)
        outcome = Refresh(self.collect).run(self.store, self.clock.now())
        assert not outcome.failed, outcome.reason

    def column(self, column: Any) -> list[Any]:
        """Return a column's values."""
        with self.store.read() as conn:
            return list(conn.scalars(select(column)))


@pytest.fixture
def listener(network: Network, store: Store) -> Iterator[Listener]:
    """Return Simak, signed in by an account of its own."""
    name = f"simak{time.monotonic_ns()}"[:18]
    network.join(name)
    with store.write() as conn:
        ids = sync_brands(conn, [BrandSetting("senja", "Kopi Senja", True, "kopisenja", {})], datetime.now(UTC))
    options = BlueskyOptions(base_url=network.url, handle=f"{name}.test", page_size=10)
    clock = Clock()
    with guarded(["localhost"]) as client:
        bluesky = Bluesky(options, Tools(client, clock.now, lambda _: SecretStr(PASSWORD)))
        yield Listener(Collect("bluesky", bluesky, (BRAND,), ids, "Asia/Jakarta", clock=clock.now), store, clock)


def test_the_whole_life_of_a_mention(network: Network, listener: Listener) -> None:
    """Posts are found page by page, once; counters grow; a deleted post goes for good and does not return."""
    siti, budi = (network.join(f"{who}{time.monotonic_ns()}"[:18]) for who in ("siti", "budi"))
    angry = siti.post("kopisenja telat lagi, dua jam menunggu 😡")
    many = [budi.post(f"Ngopi di kopisenja hari ke-{day}") for day in range(24)]
    budi.post("Senja di pantai")
    reply = budi.post("Setuju, kopisenja makin lama", reply={"root": angry, "parent": angry})
    network.settle()
    before = len(listener.column(MENTION.c.id))
    first = listener.run()
    known = set(listener.column(MENTION.c.native_id))
    assert {angry["uri"], reply["uri"], *(post["uri"] for post in many)} <= known
    assert first.written == len(known) - before
    assert listener.run().written == 0
    with listener.store.read() as conn:
        row = conn.execute(select(MENTION).where(MENTION.c.native_id == reply["uri"])).mappings().one()
    assert (row["parent_id"], row["text"]) == (angry["uri"], "Setuju, kopisenja makin lama")

    budi.record("app.bsky.feed.like", subject=angry)
    budi.record("app.bsky.feed.repost", subject=angry)
    network.settle()
    listener.look()
    with listener.store.read() as conn:
        wanted = select(func.max(METRIC_SNAPSHOT.c.likes), func.max(METRIC_SNAPSHOT.c.reposts)).join(MENTION)
        likes, reposts = conn.execute(wanted.where(MENTION.c.native_id == angry["uri"])).one()
    assert (likes, reposts) == (1, 1)

    siti.delete(angry)
    network.settle()
    listener.look()
    assert set(listener.column(MENTION.c.native_id)) == known - {angry["uri"]}
    assert len(listener.column(TOMBSTONE.c.key)) == 1
    listener.run()
    assert angry["uri"] not in listener.column(MENTION.c.native_id)
