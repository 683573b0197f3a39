"""What sources call, as the real program on a free port: stored before it is answered, and never doubled."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from postgres import binaries, cluster, empty_database, start, stop
from programs import ENVIRONMENT, KEY, SECRET, SETTINGS, SIMAK, Running, free_port, running, wait_until
from pushing import edit, envelope, item, message, revoke, signed_by_meta

from collectors._whatsapp_calls import NO_WORDS, STATUS, key
from dashboard.condition import Condition, Standing
from dashboard.workspace import Source
from store.engine import open_store
from store.queries import health
from store.queries.health import Health
from store.tables import AUTHOR, INTAKE, MENTION, QUARANTINE, TOMBSTONE


@pytest.fixture
def one(tmp_path: Path, database_url: str) -> Iterator[Running]:
    """Return the receiving program at work, once on each kind of database."""
    with running(tmp_path, database_url) as program:
        yield program


def test_a_whole_life_of_messages(one: Running) -> None:
    """A message is stored before it is answered; replays, edits, deletions and statuses do what they say."""
    greeting = {"hub.mode": "subscribe", "hub.verify_token": SECRET, "hub.challenge": "1158"}
    greeted = one.client.get(f"{one.url}/wa", params=greeting)
    assert (greeted.status_code, greeted.text) == (200, "1158")
    assert greeted.headers["content-type"].startswith("text/plain")
    first = one.wa(envelope(message("wamid.1"), message("wamid.2", "Enak banget!")))
    assert (first.status_code, first.json()) == (200, {"seen": 2, "written": 2, "skipped": 0, "quarantined": 0})
    assert one.wa(envelope(message("wamid.1"))).json()["written"] == 0
    status = {"id": "wamid.7", "status": "read", "timestamp": "1763600000"}
    back = [one.wa(envelope(statuses=[{**status, "status": word}])).json() for word in ("read", "delivered")]
    assert back == [{"seen": 1, "written": 0, "skipped": 1, "quarantined": 0, "ignored": {STATUS: 1}}] * 2
    assert one.wa(envelope(edit("wamid.1", "Sudah diganti, makasih", 1763600300))).json()["written"] == 1
    assert one.wa(envelope(revoke("wamid.2"))).json()["deleted"] == 1
    assert one.rows(MENTION.c.text) == [("Sudah diganti, makasih",)]
    assert one.rows(AUTHOR.c.role) == [("customer",)]
    assert one.count(TOMBSTONE) == 1


def test_what_comes_in_disorder_ends_in_order(one: Running) -> None:
    """An edit or a deletion that comes before its message holds, and so does the newer of two edits."""
    one.wa(envelope(edit("wamid.1", "versi ketiga", 1763600600)))
    one.wa(envelope(edit("wamid.1", "versi kedua", 1763600300)))
    one.wa(envelope(message("wamid.1", "versi pertama")))
    one.wa(envelope(revoke("wamid.2")))
    assert one.wa(envelope(message("wamid.2"))).json()["written"] == 0
    assert one.rows(MENTION.c.native_id, MENTION.c.text) == [(key("wamid.1"), "versi ketiga")]


def test_a_bad_message_is_set_aside_alone(one: Running) -> None:
    """A message of an unknown kind is set aside, the others of its call are stored, and the call is answered."""
    picture = message("wamid.3") | {"type": "image", "image": {"id": "1"}}
    told = one.wa(envelope(message("wamid.1"), message("wamid.2") | {"type": "hologram"}, picture)).json()
    assert told == {"seen": 3, "written": 1, "skipped": 1, "quarantined": 1, "ignored": {NO_WORDS: 1}}
    assert one.count(QUARANTINE) == 1
    assert one.rows(INTAKE.c.source, INTAKE.c.seen, INTAKE.c.written) == [("wa", 2, 1)]


def test_items_are_taken_whole_or_not_at_all(one: Running) -> None:
    """A list is stored whole; with one bad item nothing is, and the answer names it."""
    assert one.ingest([item(n) for n in range(5)]).json()["written"] == 5
    refused = one.ingest([item(5), item(6, stars=9), item(7)])
    assert refused.status_code == 422
    assert [fault["index"] for fault in refused.json()["items"]] == [1]
    assert refused.json()["items"][0]["why"].startswith("stars: ")
    assert one.count() == 5
    assert one.ingest(item(1)).json()["written"] == 0
    assert one.ingest(item(1, text="Kopi kita sudah diganti", revision=1)).json()["written"] == 1
    assert one.ingest([{"id": "tiket-2", "deleted": True}]).json() == {
        "seen": 0,
        "written": 0,
        "skipped": 0,
        "quarantined": 0,
        "deleted": 1,
    }
    assert one.ingest(item(2)).json()["written"] == 0
    assert one.count() == 4


def test_the_schema_is_published(one: Running) -> None:
    """Whoever connects a system reads at the source's own address what it takes."""
    published = one.client.get(f"{one.url}/ingest/schema.json")
    documented = Path(__file__).parents[2] / "docs" / "ingest.schema.json"
    assert published.json() == json.loads(documented.read_text(encoding="utf-8"))
    assert one.client.get(f"{one.url}/wa/schema.json").status_code == 404


def test_senders_at_once_bring_each_item_once(one: Running) -> None:
    """Eight senders with overlapping lists, some in another order, store each item once."""
    lists = [[item(n) for n in range(start, start + 40)][:: (-1) ** start] for start in range(0, 80, 5)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one.ingest, lists))
    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["written"] for answer in answers) == one.count() == 115


@pytest.mark.xdist_group("crash")
def test_killed_at_any_moment_it_loses_and_doubles_nothing(tmp_path: Path, database_url: str) -> None:
    """A sender that repeats what was not answered ends with each item once, however often the program is killed."""
    answered = 0
    for round_ in range(8):
        with running(tmp_path, database_url) as one:
            calls = iter(range(answered, 200))
            killer = ThreadPoolExecutor(1).submit(lambda child=one.child, round_=round_: _kill(child, round_))
            try:
                for number in calls:
                    answer = one.ingest([item(number * 3 + part) for part in range(3)])
                    assert answer.status_code == 200
                    answered = number + 1
            except httpx.TransportError:
                pass
            killer.result()
            assert answered * 3 <= one.count() <= answered * 3 + 3
    assert answered
    with running(tmp_path, database_url) as one:
        for number in range(answered + 2):
            one.ingest([item(number * 3 + part) for part in range(3)])
        assert one.count() == (answered + 2) * 3


def _kill(child: "subprocess.Popen[bytes]", round_: int) -> None:
    time.sleep(0.15 + round_ * 0.037)
    child.send_signal(signal.SIGKILL)
    child.wait()


def test_killed_after_the_write_the_senders_next_try_changes_nothing(tmp_path: Path, database_url: str) -> None:
    """Killed once a message is stored, before its sender has read an answer, the message is there once after all."""
    body = json.dumps(envelope(message("wamid.1"))).encode()
    headers = {"Host": "localhost", "Content-Length": str(len(body)), **signed_by_meta(SECRET, body)}
    head = "POST /wa HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with running(tmp_path, database_url) as one, closing(socket.socket()) as sender:
        sender.connect(("127.0.0.1", int(one.url.rsplit(":", 1)[1])))
        sender.sendall(head.encode() + b"\r\n" + body)
        wait_until(lambda: one.count() == 1)
        one.child.kill()
        one.child.wait()
    with running(tmp_path, database_url) as one:
        assert one.wa(envelope(message("wamid.1"))).json()["written"] == 0
        assert one.count() == 1


def test_a_source_that_is_not_called_is_not_late() -> None:
    """A source that calls us is never asked and never late, however long nobody has called."""
    source = Source(name="wa", collector="whatsapp", every_minutes=15, pushed=True)
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    walk = Health("wa", "all", long_ago, long_ago, long_ago, None, None, 1, 1, 0.0, 0)
    assert Standing("wa", source, (walk,)).condition(datetime.now(UTC)) is Condition.FINE


def test_a_database_that_is_away_is_told_with_a_time(tmp_path: Path, postgresql: str) -> None:
    """While the database does not answer, a sender is asked to try again, and its next try is stored."""
    del postgresql
    tools = binaries()
    assert tools
    with cluster(tools) as address:
        url = empty_database(address)
        with running(tmp_path, url) as one:
            assert one.ingest(item(1)).status_code == 200
            with stopped(address):
                answer = one.ingest(item(2))
                assert (answer.status_code, answer.headers["retry-after"], answer.text) == (503, "30", "")
                assert "Traceback" not in one.said()
                assert "does not answer" in one.said()
            assert one.ingest(item(2)).status_code == 200
            assert one.count() == 2


@contextmanager
def stopped(address: str) -> Iterator[None]:
    """Stop a PostgreSQL server for the length of a block."""
    tools, folder = binaries(), Path(address.split("host=")[1])
    assert tools
    stop(tools, folder)
    try:
        yield
    finally:
        start(tools, folder)


def test_nothing_of_what_is_sent_is_logged(one: Running) -> None:
    """Neither words, nor numbers, nor ids, nor secrets stand in the log, whether a call is taken or refused."""
    one.client.get(f"{one.url}/wa", params={"hub.mode": "subscribe", "hub.verify_token": f"{SECRET}x"})
    one.wa(envelope(message("wamid.1", "Nomor saya 0812-3456-7890"), {"id": "wamid.2"}))
    one.ingest([item(1, text="Nomor saya 0812-3456-7890", stars=77)])
    one.client.post(f"{one.url}/ingest", content=b'{"text": "0812-3456-7890"}')
    said = one.said()
    assert "not signed" in said
    assert "cannot be taken" in said
    for private in ("0812", "62812", "wamid", "Nomor", "tiket", SECRET, "127.0.0.1:", "hub."):
        assert private not in said.replace(one.url.removeprefix("http://"), ""), private


def test_a_refused_call_of_a_known_sender_is_shown(one: Running) -> None:
    """A call that is signed and refused leaves its sentence with the source until one is taken."""
    one.ingest({})
    with closing(open_store(one.database_url, KEY.encode())) as store, store.read() as conn:
        (walk,) = health.sources(conn)
    assert walk.error == "Nothing was stored: 1 item cannot be taken."
    one.ingest(item(1))
    with closing(open_store(one.database_url, KEY.encode())) as store, store.read() as conn:
        (walk,) = health.sources(conn)
    assert walk.error is None
    assert walk.succeeded_at


@pytest.mark.xdist_group("crash")
def test_run_receives_beside_its_pages(tmp_path: Path) -> None:
    """“simak run” starts it too, what came in is read, and a signal ends both."""
    database = f"sqlite:///{tmp_path / 'simak.db'}"
    words = ("run", "--port", str(free_port()), "--webhooks-port")
    with running(tmp_path, database, *words) as one:
        assert one.wa(envelope(message("wamid.1"))).status_code == 200
        assert f"wa is called at {one.url.replace('127.0.0.1', 'localhost')}/wa" in one.said()
        wait_until(lambda: "read: " in one.said(), 90)
        one.child.send_signal(signal.SIGTERM)
        assert one.child.wait(20) == 0


def test_without_such_a_source_there_is_nothing_to_receive(tmp_path: Path) -> None:
    """The command says in a sentence that no source calls, or that the port is taken."""
    plain = SETTINGS.split("[[sources]]", maxsplit=1)[0]
    for settings, port, why in (
        (plain, free_port(), "No source in simak.toml is called"),
        (SETTINGS, None, "--webhooks-port or in simak.toml"),
    ):
        (tmp_path / "simak.toml").write_text(settings)
        with closing(socket.socket()) as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            there = str(port or taken.getsockname()[1])
            environment = os.environ | ENVIRONMENT | {"SIMAK_HOME": str(tmp_path)}
            done = subprocess.run(
                [SIMAK, "receive", "--port", there], env=environment, capture_output=True, text=True, check=False
            )
        assert done.returncode == 2
        assert why in done.stderr
        assert "Traceback" not in done.stderr


def test_the_readmes_example_is_taken(tmp_path: Path, open_sqlite: Callable[[Path], Any]) -> None:
    """The shell lines of the README sign and send an item that is stored."""
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (script,) = [block for block in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL) if "Simak-Signature" in block]
    with running(tmp_path, f"sqlite:///{tmp_path / 'simak.db'}") as one:
        script = script.replace("http://localhost:8502", one.url)
        environment = os.environ | {"SIMAK_INGEST_SECRET": SECRET}
        done = subprocess.run(
            ["bash", "-euc", script], env=environment, capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert '"written":1' in done.stdout, done.stdout + done.stderr
        assert one.count() == 1
