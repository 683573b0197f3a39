"""Strangers at the address that sources call: nothing they send gets in, out, or keeps others waiting."""

import copy
import gzip
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from programs import SECRET, Running, running
from pushing import edit, envelope, item, message, meta_calls, revoke, signed, signed_by_meta
from pydantic import SecretStr

from collectors.base import Tools
from collectors.ingest import Ingest, IngestOptions
from collectors.runner import understand
from collectors.whatsapp import WhatsApp, WhatsAppOptions
from domain.errors import PoisonError
from simak.receiving import PATIENCE

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ODD: tuple[Any, ...] = (None, "", "\x00", [], {}, -1, 10**40, True, [None], [[]], {"id": {}}, float("inf"))
TOOLS = Tools(
    http=None,  # type: ignore[arg-type]  # Nobody is called.
    now=lambda: NOW,
    secret=lambda _: SecretStr(SECRET),
)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Return the receiving program at work."""
    home = tmp_path_factory.mktemp("home")
    with running(home, f"sqlite:///{home / 'simak.db'}") as program:
        yield program


def mutants(whole: Any) -> Iterator[Any]:
    """Yield copies in which one value, at any depth, is replaced by something that does not belong there."""
    for *parents, last in _paths(whole):
        for odd in ODD:
            body = copy.deepcopy(whole)
            holder = body
            for key in parents:
                holder = holder[key]
            holder[last] = odd
            yield body


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        yield (*path, key)
        yield from _paths(part, (*path, key))


def test_whatever_stands_in_a_call_of_whatsapp_is_read_or_refused() -> None:
    """Anything anywhere in a signed call is mapped, set aside or refused; nothing else is ever raised."""
    collector = WhatsApp(WhatsAppOptions(), TOOLS)
    echo = envelope(message_echoes=[message("wamid.4")], statuses=[{"id": "wamid.5", "status": "read"}])
    whole = envelope(message("wamid.1", context={"id": "wamid.0"}), edit("wamid.2", "ralat", 1763600300), revoke("w"))
    whole["entry"] += echo["entry"]
    count = 0
    for body in mutants(whole):
        count += 1
        try:
            (receipt,) = meta_calls(collector, SECRET, [body])
        except PoisonError:
            continue
        delivery = understand(collector, receipt.page)
        assert len(delivery.items) + len(delivery.poisoned) == len(receipt.page.raws)
        json.dumps(receipt.page.model_dump(mode="json"), allow_nan=False)
    assert count > 500


def test_whatever_stands_in_an_item_is_read_or_refused() -> None:
    """Anything anywhere in a signed item is taken or refused, and what is taken makes a mention."""
    collector = Ingest(IngestOptions(), TOOLS)
    whole = item(
        1,
        platform="sms",
        url="https://bantuan.example/1",
        stars=2,
        metrics={"observed_at": "2026-11-19T11:00:00Z", "likes": 0},
        reply={"text": "Maaf", "at": "2026-11-19T11:00:00Z"},
        edited_at="2026-11-19T11:00:00Z",
    )
    for body in mutants([whole, {"id": "x", "deleted": True}]):
        sent = json.dumps(body).encode()
        try:
            receipt = collector.receive(signed(SECRET, sent, NOW), sent)
        except PoisonError:
            continue
        assert not understand(collector, receipt.page).poisoned


@pytest.mark.parametrize("source", ["wa", "ingest"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": f"sha256={'0' * 64}", "Simak-Signature": f"t=1,v1={'0' * 64}"},
        {"X-Hub-Signature-256": "sha256=\xe9", "Simak-Signature": "\xe9"},
        {"X-Hub-Signature-256": "sha1=" + "0" * 40, "Simak-Signature": "t=" + "9" * 9_000},
    ],
)
def test_a_wrong_signature_learns_nothing(one: Running, source: str, headers: dict[str, str]) -> None:
    """Without our signature a call is answered 401 with an empty body, whatever it holds, and leaves no row."""
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = one.client.post(f"{one.url}/{source}", content=b'{"entry": []}', headers=raw)
    assert (answer.status_code, answer.content) == (401, b"")
    assert "server" not in answer.headers
    assert one.count() == 0


def test_a_recorded_call_cannot_be_sent_again_later(one: Running) -> None:
    """A call that was overheard is refused once it is older than the clocks may differ."""
    body = json.dumps(item(1)).encode()
    answer = one.client.post(
        f"{one.url}/ingest", content=body, headers=signed(SECRET, body, datetime.now(UTC) - timedelta(minutes=10))
    )
    assert answer.status_code == 422
    assert answer.json()["error"].startswith("The call was signed 10 minutes ago by our clock")
    assert one.count() == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/nonesuch", 404),
        ("POST", "/wa/../../etc/passwd", 404),
        ("POST", "/", 404),
        ("GET", "/", 404),
        ("GET", "/nonesuch", 404),
        ("GET", "/nonesuch/schema.json", 404),
        ("GET", "/wa", 401),
        ("GET", "/ingest", 401),
        ("GET", "/wa?hub.mode=subscribe&hub.verify_token=salah&hub.challenge=%3Cscript%3E", 401),
        ("PUT", "/wa", 405),
        ("DELETE", "/ingest", 405),
        ("TRACE", "/ingest", 405),
    ],
)
def test_other_addresses_and_methods_say_nothing(one: Running, method: str, path: str, status: int) -> None:
    """What is not there, not asked rightly, or not done here is refused without a word of ours."""
    answer = one.client.request(method, one.url + path)
    assert answer.status_code == status
    assert len(answer.content) < 30
    assert b"script" not in answer.content


def test_a_compressed_body_is_not_unpacked(one: Running) -> None:
    """A bomb of zeros is refused unread, signed or not."""
    body = gzip.compress(bytes(10**7))
    headers = {"Content-Encoding": "gzip", **signed(SECRET, body, datetime.now(UTC))}
    assert one.client.post(f"{one.url}/ingest", content=body, headers=headers).status_code == 415


def test_a_body_has_a_limit_however_it_comes(one: Running) -> None:
    """Too large a body is refused by what it announces, and, in chunks that announce nothing, by what it brings."""
    large = b" " * (2**20 + 1)
    headers = signed(SECRET, large, datetime.now(UTC))
    assert _posted(one, large, headers) in {413, None}
    assert _posted(one, iter([large[:65_536]] * 17), headers) in {413, None}
    assert _posted(one, iter([large[:65_536]] * 49), {}, "wa") in {413, None}
    fits = json.dumps([item(n, text=f"Kopi kita {n} " + "a" * 2_000) for n in range(400)]).encode()
    assert _posted(one, iter([fits[:1000], fits[1000:]]), signed(SECRET, fits, datetime.now(UTC))) == 200


def _posted(one: Running, body: Any, headers: dict[str, str], source: str = "ingest") -> int | None:
    """Return the status of an answer, or ``None`` when the line was cut while the body was still being sent."""
    try:
        return httpx.post(f"{one.url}/{source}", content=body, headers=headers, timeout=30).status_code
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        return None


@pytest.mark.parametrize("length", ["-1", "1e3", "abc", "9" * 5_000, "12, 13"])
def test_a_length_that_is_none_is_refused(one: Running, length: str) -> None:
    """A length that is no number, or none that a body can have, is refused at once."""
    status = _raw(one, f"POST /ingest HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
    assert status in {400, 413}


def test_large_headers_are_refused(one: Running) -> None:
    """Headers that have not ended after sixteen kilobytes are refused, and so are large ones that do end."""
    assert _raw(one, b"GET /wa HTTP/1.1\r\nHost: x\r\nX-Big: " + b"a" * 400_000 + b"\r\n\r\n") == 400
    assert _raw(one, b"GET /" + b"a" * 40_000) == 400


def _raw(one: Running, sent: bytes) -> int:
    """Return the status of an answer; to be cut off while still sending counts as refused."""
    with _line(one) as line, suppress(ConnectionError):
        line.sendall(sent)
        return int(line.recv(64).split()[1])
    return 400


@contextmanager
def _line(one: Running) -> Iterator[socket.socket]:
    with closing(socket.create_connection(("127.0.0.1", int(one.url.rsplit(":", 1)[1])))) as line:
        line.settimeout(PATIENCE + 10)
        yield line


SLOW = (b"", b"POST /wa HTTP/1.1\r\nHost: x\r\n", b"POST /wa HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")


def test_slow_callers_are_hung_up_on_and_keep_nobody_waiting(one: Running) -> None:
    """Callers that say nothing, half a header, or half a body are hung up on, and others are served meanwhile."""
    with ThreadPoolExecutor(60) as pool:
        slow = [pool.submit(_hung_up, one, SLOW[n % 3], drip=n % 2 == 1) for n in range(60)]
        time.sleep(1)
        started = time.monotonic()
        assert one.wa(envelope(message("wamid.slow"))).status_code == 200
        assert time.monotonic() - started < 3
        assert all(PATIENCE - 2 < one.result() < PATIENCE + 6 for one in slow)


def _hung_up(one: Running, sent: bytes, *, drip: bool) -> float:
    """Return after how many seconds a caller that does not come to the point is hung up on."""
    started = time.monotonic()
    with _line(one) as line:
        line.sendall(sent)
        line.settimeout(0.5)
        while True:
            try:
                if drip and sent:
                    line.sendall(b"x")
                if not line.recv(1024):
                    return time.monotonic() - started
            except TimeoutError:
                assert time.monotonic() - started < PATIENCE + 10
            except OSError:
                return time.monotonic() - started


def test_a_flood_leaves_it_at_work(one: Running) -> None:
    """Hundreds of unsigned calls at once are each refused, and a signed one comes through after them."""
    with ThreadPoolExecutor(32) as pool:
        statuses = list(pool.map(lambda _: _posted(one, b"{}", {}, "wa"), range(400)))
    assert set(statuses) <= {401, 503, None}
    assert one.wa(envelope(message("wamid.flood"))).status_code == 200
    assert "Traceback" not in one.said()


def test_two_signatures_or_none_of_this_body(one: Running) -> None:
    """A signature of another source's kind, or of another body, opens nothing."""
    body = json.dumps(item(1)).encode()
    for source, headers in (
        ("ingest", signed_by_meta(SECRET, body)),
        ("wa", signed(SECRET, body, datetime.now(UTC))),
        ("ingest", signed(SECRET, body + b" ", datetime.now(UTC))),
    ):
        assert one.client.post(f"{one.url}/{source}", content=body, headers=headers).status_code == 401


def test_words_that_no_database_takes_are_cleaned(one: Running) -> None:
    """NUL, half an emoji, bidi marks and markup become text that is stored and shown as text."""
    before = one.count()
    words = "Kopi\x00 \ud83d\u202e<script>alert(1)</script>"
    assert one.wa(envelope(message("wamid.odd", words))).json()["written"] == 1
    assert one.count() == before + 1
