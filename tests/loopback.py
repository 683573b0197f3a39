"""A real HTTP server on the loopback interface that answers as it is told, badly too."""

import socket
import struct
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import ClassVar, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Reply:
    """One answer; ``promised`` bytes are announced however many are sent, ``reset`` breaks the connection off.

    ``wait`` seconds pass before anything is sent, ``drip`` seconds before each byte of the body. ``pieces`` are sent
    one by one as they come, in place of the body, and the connection is held until there are no more.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    promised: int | None = None
    reset: bool = False
    wait: float = 0
    drip: float = 0
    pieces: Iterable[bytes] | None = None


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it; header names are in lower case."""

    target: str
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""

    @property
    def path(self) -> str:
        """The address without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The parameters."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form that was sent."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


Behaviour = Callable[[Asked], Reply]


class Loopback:
    """Serves ``behaviour`` while it is open, and remembers what it was asked."""

    def __init__(self, behaviour: Behaviour) -> None:
        """Bind a free port."""
        self.asked: list[Asked] = []
        self.behaviour = behaviour
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"loopback": self}))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its address by name, so that the name has to be resolved."""
        return f"http://localhost:{self.port}"

    def __enter__(self) -> Self:
        """Start serving."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    loopback: ClassVar[Loopback]

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        asked = Asked(self.path, headers, self.command, body)
        self.loopback.asked.append(asked)
        self._send(self.loopback.behaviour(asked))

    # The names that the server looks for.
    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _send(self, reply: Reply) -> None:
        # Without a Date of its own: a source's clock is part of what a test says.
        time.sleep(reply.wait)
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.pieces is None:
            self.send_header("Content-Length", str(len(reply.body) if reply.promised is None else reply.promised))
        self.end_headers()
        try:
            self._write(b"" if self.command == "HEAD" else reply.body, reply.drip)
            for piece in reply.pieces or ():
                self._write(piece, 0)
                self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            return
        finally:
            if isinstance(reply.pieces, Generator):
                reply.pieces.close()
        if reply.reset:
            self._break_off()

    def _write(self, body: bytes, drip: float) -> None:
        if not drip:
            self.wfile.write(body)
            return
        for place in range(len(body)):
            time.sleep(drip)
            self.wfile.write(body[place : place + 1])
            self.wfile.flush()

    def _break_off(self) -> None:
        # Lingering for no time makes the close a reset (RST) and not an orderly end.
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def finish(self) -> None:
        try:
            super().finish()
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests read ``asked``."""
