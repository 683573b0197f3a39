"""The guarded client against real servers on the loopback interface."""

import gzip
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from loopback import Asked, Behaviour, Loopback, Reply

from collectors._guard import Limits, is_public
from collectors.http import FAILURES, REDIRECTS, STATUSES, fetch, guarded
from domain.errors import ConfigError, PermanentError, RateLimitedError, SimakError, TransientError

Serve = Callable[[Behaviour], Loopback]
KIB = 1024
SMALL = Limits(sent=64 * KIB, unpacked=256 * KIB, connect=2, silence=2, total=4)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = {"Authorization": "Bearer s3cret", "X-Api-Key": "s3cret", "If-None-Match": '"v1"'}


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """Yield a client that may call localhost, with small limits."""
    with guarded(["LocalHost."], SMALL) as opened:
        yield opened


PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.9",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001:db8::1",
    "2001::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = ["8.8.8.8", "103.10.66.1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "2606:4700:4700::1111"]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_known_in_every_dress(address: str) -> None:
    """Loopback, private, link-local, multicast, reserved and unset addresses are private, wrapped in IPv6 too."""
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_let_through(address: str) -> None:
    """Addresses of the open internet are public, also behind NAT64 or 6to4."""
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "[::ffff:127.0.0.1]"])
def test_an_inside_address_is_not_dialled(serve: Serve, host: str) -> None:
    """However it is written, an address inside is refused before a connection, and the error says how to allow it."""
    server = serve(lambda _: Reply())
    with guarded() as stranger, pytest.raises(ConfigError, match=r"add \".+\" to http.allow_private in simak.toml"):
        fetch(stranger, f"http://{host}:{server.port}/")
    assert not server.asked


def test_a_redirect_inside_is_not_followed(serve: Serve, client: httpx.Client) -> None:
    """A source that redirects to an address inside gains nothing."""
    inside = serve(lambda _: Reply())
    outside = serve(lambda _: Reply(302, {"Location": f"http://127.0.0.1:{inside.port}/admin"}))
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1"):
        fetch(client, outside.url)
    assert not inside.asked


def test_the_checked_address_is_the_dialled_one(serve: Serve) -> None:
    """A name is looked up once a connection, so one that answers differently the second time is of no use."""
    server = serve(lambda _: Reply(200, {}, b"hello"))
    answers = iter(["127.0.0.1", "127.0.0.2"])

    def resolve(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), server.port))]

    with guarded(["brand.example"], SMALL, resolve) as client:
        assert fetch(client, f"http://brand.example:{server.port}/").body == b"hello"
    assert next(answers) == "127.0.0.2"
    assert server.asked[0].headers["host"] == f"brand.example:{server.port}"


def test_one_private_address_among_public_ones_is_refused() -> None:
    """A name with a public and a private address is refused as a whole."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("8.8.8.8", "10.0.0.1")]
    with guarded(resolve=lambda *_, **__: found) as client, pytest.raises(ConfigError, match=r"brand\.example"):
        fetch(client, "http://brand.example/")


def test_tls_still_speaks_to_the_name() -> None:
    """The server is asked for its certificate by name, though the address is what is dialled."""
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda _, name, __: asked.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_shake_hands, args=(listener, context))
        thread.start()
        with guarded(["localhost"], SMALL) as client, pytest.raises(TransientError):
            fetch(client, f"https://localhost:{listener.getsockname()[1]}/")
        thread.join()
    assert asked == ["localhost"]


def _shake_hands(listener: socket.socket, context: ssl.SSLContext) -> None:
    connection, _ = listener.accept()
    with connection:
        try:
            context.wrap_socket(connection, server_side=True)
        except (ssl.SSLError, OSError):
            return


def test_proxies_and_cookies_are_not_heeded(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment is not used, and a cookie that a source sets is not sent back."""
    proxy = serve(lambda _: Reply(500))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    server = serve(lambda _: Reply(200, {"Set-Cookie": "who=me"}))
    with guarded(["localhost"], SMALL) as fresh:
        fetch(fresh, server.url)
        fetch(fresh, server.url)
    assert not proxy.asked
    assert all("cookie" not in asked.headers for asked in server.asked)
    assert server.asked[0].headers["user-agent"].startswith("Simak")


def test_a_redirect_loop_ends(serve: Serve, client: httpx.Client) -> None:
    """After five redirects it is over."""
    server = serve(lambda asked: Reply(302, {"Location": asked.path + "x"}))
    with pytest.raises(PermanentError, match="redirects more than 5 times"):
        fetch(client, server.url + "/")
    assert len(server.asked) == REDIRECTS + 1


def test_credentials_stay_with_their_origin(serve: Serve, client: httpx.Client) -> None:
    """Another origin gets none of the caller's headers that could hold a key, its own origin keeps them."""
    other = serve(lambda _: Reply())
    there = {"/": "/again", "/again": other.url}
    server = serve(lambda asked: Reply(302, {"Location": there[asked.path]}))
    fetch(client, server.url + "/", KEY)
    assert [asked.headers["x-api-key"] for asked in server.asked] == ["s3cret", "s3cret"]
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer s3cret", "Bearer s3cret"]
    (asked,) = other.asked
    assert {"authorization", "x-api-key"}.isdisjoint(asked.headers)
    assert asked.headers["if-none-match"] == '"v1"'
    assert asked.headers["host"] == f"localhost:{other.port}"


MOVES = {(301, 308): "/b", (301, 302): "/a", (302, 301): None, (): None}


@pytest.mark.parametrize("moves", MOVES)
def test_a_permanent_move_is_told(serve: Serve, client: httpx.Client, moves: tuple[int, ...]) -> None:
    """``moved_to`` is as far as the redirects were permanent from the first on, ``url`` where the answer came from."""
    steps = dict(zip(["/", "/a", "/b"], moves, strict=False))
    after = {"/": "/a", "/a": "/b"}

    def behave(asked: Asked) -> Reply:
        return Reply(steps[asked.path], {"Location": after[asked.path]}) if asked.path in steps else Reply()

    server = serve(behave)
    answer = fetch(client, server.url + "/")
    expected = MOVES[moves]
    assert answer.moved_to == (expected and server.url + expected)
    assert answer.url == server.url + ("/b" if moves else "/")


def test_not_modified_is_an_answer(serve: Serve, client: httpx.Client) -> None:
    """A 304 is returned with its headers, for who asked conditionally."""
    server = serve(lambda _: Reply(304, {"ETag": '"v1"'}))
    answer = fetch(client, server.url, {"If-None-Match": '"v1"'})
    assert (answer.status, answer.headers["etag"], answer.body) == (304, '"v1"', b"")


RAW_DEFLATE = zlib.compressobj(wbits=-zlib.MAX_WBITS)
PACKED = {
    "identity": b"kopi senja " * 9000,
    "gzip": gzip.compress(b"kopi senja " * 9000),
    "deflate": zlib.compress(b"kopi senja " * 9000),
    "Deflate": RAW_DEFLATE.compress(b"kopi senja " * 9000) + RAW_DEFLATE.flush(),
}


@pytest.mark.parametrize("packing", PACKED)
def test_a_packed_body_arrives_whole(serve: Serve, packing: str) -> None:
    """Gzip and both kinds of deflate are unpacked to the byte."""
    server = serve(lambda _: Reply(200, {"Content-Encoding": packing}, PACKED[packing]))
    with guarded(["localhost"]) as client:
        assert fetch(client, server.url).body == b"kopi senja " * 9000


BODIES: dict[str, tuple[Reply, type[SimakError]]] = {
    "too many bytes": (Reply(200, {}, b"x" * 65 * KIB), PermanentError),
    "an announced flood": (Reply(200, {}, b"x" * 65 * KIB, promised=10**12), PermanentError),
    "a gzip bomb": (Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(32 * KIB * KIB))), PermanentError),
    "a deflate bomb": (
        Reply(200, {"Content-Encoding": "deflate"}, zlib.compress(bytes(32 * KIB * KIB))),
        PermanentError,
    ),
    "a body cut off": (Reply(200, {}, b"x" * 10, promised=20), TransientError),
    "a packed body cut off": (Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(b"x" * 99)[:-9]), TransientError),
    "a body wrongly packed": (Reply(200, {"Content-Encoding": "gzip"}, b"plainly not gzip"), TransientError),
    "an unknown packing": (Reply(200, {"Content-Encoding": "br"}, b"x"), TransientError),
    "a reset in the body": (Reply(200, {}, b"x" * 10, promised=20, reset=True), TransientError),
}


@pytest.mark.parametrize("body", BODIES)
def test_a_bad_body_is_stopped(serve: Serve, client: httpx.Client, body: str) -> None:
    """Floods and bombs end the source's turn for good, broken bodies only for now."""
    reply, expected = BODIES[body]
    with pytest.raises(expected):
        fetch(client, serve(lambda _: reply).url)


def test_a_bomb_stops_while_it_unpacks(serve: Serve) -> None:
    """No more of a bomb is ever unpacked than the limit and one piece, whoever reads the client's answer and how."""
    server = serve(lambda _: Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(64 * KIB * KIB))))
    seen: list[int] = []
    with (
        guarded(["localhost"], Limits(sent=KIB * KIB, unpacked=256 * KIB)) as client,
        client.stream("GET", server.url) as response,
        pytest.raises(PermanentError, match=r"0\.25 MiB"),
    ):
        seen.extend(map(len, response.iter_bytes()))
    assert sum(seen) == 256 * KIB


def test_a_drip_ends_at_the_deadline() -> None:
    """A server that sends a byte now and then, never silent for long, is cut off when the whole time is over."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_drip, args=(listener, stop))
        thread.start()
        with (
            guarded(["localhost"], Limits(connect=2, silence=2, total=0.4)) as client,
            pytest.raises(TransientError, match="in time"),
        ):
            fetch(client, f"http://localhost:{listener.getsockname()[1]}/")
        stop.set()
        thread.join()


def _drip(listener: socket.socket, stop: threading.Event) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not stop.wait(0.05):
            try:
                connection.sendall(b"X-Drip: 1\r\n")
            except OSError:
                return


ADDRESSES = ["ftp://localhost/x", "not an address", "http://", "file:///etc/passwd", "http://[::1"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_no_web_address_is_a_mistake_to_correct(client: httpx.Client, address: str) -> None:
    """An address that cannot be called is a setting that a person must change."""
    with pytest.raises(ConfigError, match="https://"):
        fetch(client, address)


def test_nobody_home_passes(client: httpx.Client) -> None:
    """A closed port and an unknown name may be there again later."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TransientError, match="localhost cannot be reached"):
        fetch(client, f"http://localhost:{port}/")
    with pytest.raises(TransientError, match="cannot be reached"):
        fetch(client, "http://nowhere.invalid/")


def test_a_key_with_foreign_characters_is_told_without_showing_it(serve: Serve, client: httpx.Client) -> None:
    """A key that no header can carry is a setting to correct, and is not repeated."""
    url = serve(lambda _: Reply()).url
    for key in ("s3crét", "s3cret\r\nHost: x"):
        with pytest.raises(ConfigError, match="key of this source") as caught:
            fetch(client, url, {"Authorization": key})
        assert "s3cr" not in str(caught.value)
        assert caught.value.__cause__ is None


@pytest.mark.parametrize("status", [*STATUSES, 305, 402, 451, 500, 503, 520, 999])
def test_every_status_has_its_row(serve: Serve, client: httpx.Client, status: int) -> None:
    """Each status becomes the error of its row, in a sentence with the host and without path or query."""
    kind = STATUSES.get(status, (TransientError if status // 100 == 5 else PermanentError, ""))[0]
    with pytest.raises(kind, match="localhost") as caught:
        fetch(client, serve(lambda _: Reply(status)).url + "/secret-path?key=s3cret")
    assert type(caught.value) is kind
    assert "secret" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_status_let_pass_is_an_answer(serve: Serve, client: httpx.Client) -> None:
    """A status that the caller wants to read itself is returned with its body."""
    answer = fetch(client, serve(lambda _: Reply(400, {}, b"why")).url, passing=(400,))
    assert (answer.status, answer.body) == (400, b"why")


STAMP = int(NOW.timestamp())
WAITS: dict[str, tuple[dict[str, str], int]] = {
    "nothing told": ({}, 60),
    "seconds": ({"Retry-After": "40"}, 40),
    "a date": ({"Retry-After": "Fri, 20 Nov 2026 12:00:40 GMT"}, 40),
    "a reset ahead": ({"x-rate-limit-reset": str(STAMP + 40), "x-rate-limit-remaining": "0"}, 40),
    "a reset just past": ({"x-rate-limit-reset": str(STAMP - 300)}, 2),
    "calls left: the limit by the second": ({"x-rate-limit-reset": str(STAMP + 800), "x-rate-limit-remaining": "7"}, 2),
    "a clock an hour ahead": (
        {"Date": "Fri, 20 Nov 2026 13:00:00 GMT", "x-rate-limit-reset": str(STAMP + 3640)},
        40,
    ),
    "a clock an hour behind": ({"Date": "Fri, 20 Nov 2026 11:00:00 GMT", "x-rate-limit-reset": str(STAMP - 3560)}, 40),
    "an odd zone": ({"Retry-After": "Fri, 20 Nov 2026 12:00:40 -0000"}, 40),
    "nonsense": ({"Retry-After": "soon", "x-rate-limit-reset": "²", "Date": "today"}, 60),
    "beyond all time": ({"Retry-After": "9" * 30}, 60),
    "next year": ({"Retry-After": "31536000"}, 86_400),
    "a negative number": ({"Retry-After": "-5"}, 60),
}


@pytest.mark.parametrize("told", WAITS)
def test_a_refusal_waits_as_it_asks(serve: Serve, client: httpx.Client, told: str) -> None:
    """The time to come back is what the source asks for by its own clock, within two seconds and a day."""
    headers, seconds = WAITS[told]
    with pytest.raises(RateLimitedError) as caught:
        fetch(client, serve(lambda _: Reply(429, headers)).url, now=lambda: NOW)
    assert caught.value.until - NOW == timedelta(seconds=seconds)


def test_a_fault_that_says_how_long_is_waited_for(serve: Serve, client: httpx.Client) -> None:
    """A 503 with Retry-After is a wait until then, one without is an ordinary failure of the moment."""
    with pytest.raises(RateLimitedError) as caught:
        fetch(client, serve(lambda _: Reply(503, {"Retry-After": "40"})).url, now=lambda: NOW)
    assert caught.value.until - NOW == timedelta(seconds=40)


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b"NaN", b'{"a":Infinity}', b"\xff", b"[" * 100_000])
def test_what_is_not_json_passes(serve: Serve, body: bytes) -> None:
    """An answer that should be JSON and is not is a failure of the moment, told without the body."""
    with guarded(["localhost"]) as client, pytest.raises(TransientError, match="other than whole JSON") as caught:
        fetch(client, serve(lambda _: Reply(200, {}, body)).url).json()
    assert caught.value.__cause__ is None


def test_every_failure_of_the_library_has_a_row() -> None:
    """Whatever httpx may raise on the way finds its row, so that none leaves this edge unclassified."""
    assert FAILURES[-1][0] is httpx.HTTPError
    assert any(issubclass(httpx.InvalidURL, row[0]) for row in FAILURES)
