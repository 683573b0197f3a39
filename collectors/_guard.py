"""The transport beneath the guarded client: it dials only checked addresses and unpacks only within limits."""

import socket
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from domain.errors import ConfigError, PermanentError

MEBIBYTE = 1024 * 1024
_PIECE = 64 * 1024

# How long the connection under way may last, where a request says so itself: a stream is listened to for minutes.
_SPAN: ContextVar[float | None] = ContextVar("_SPAN", default=None)

Resolve = Callable[..., Iterable[tuple[Any, ...]]]

_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
# Protocol assignments and the retired 6to4 relays: older patch releases of Python take parts of them for global.
_SPECIAL = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))


@dataclass(frozen=True)
class Limits:
    """What one answer may cost: bytes on the wire, bytes once unpacked, seconds to connect, to stay silent, in all."""

    sent: int = 10 * MEBIBYTE
    unpacked: int = 40 * MEBIBYTE
    connect: float = 10.0
    silence: float = 20.0
    total: float = 90.0


def is_public(address: str) -> bool:
    """Tell whether an address is one of the open internet; an IPv4 address inside an IPv6 one is judged as itself."""
    found = ip_address(address)
    if isinstance(found, IPv6Address):
        inner = _inner(found)
        if inner is None:
            return found in _UNICAST and found.is_global
        found = inner
    return found.is_global and not found.is_multicast and not any(found in block for block in _SPECIAL)


def _inner(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that a mapped, NAT64 (RFC 6052) or 6to4 (RFC 3056) address leads to."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


class Transport(httpx.HTTPTransport):
    """Dials through the check and unpacks within limits, for whoever uses the client in whatever way."""

    def __init__(self, allowed: frozenset[str], limits: Limits, resolve: Resolve = socket.getaddrinfo) -> None:
        """Let the ``allowed`` hosts have private addresses."""
        context = httpx.create_ssl_context()
        super().__init__(verify=context)
        self._limits = limits
        # A connection serves one request, so that its deadline is the request's.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_keepalive_connections=0,
            network_backend=Dialler(allowed, limits, resolve),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; the response's body is already unpacked, its headers say so.

        Its extension ``span``, in seconds, takes the place of the limit of time, and of that of bytes: who reads a
        stream holds it to a limit a line.
        """
        span = request.extensions.get("span")
        limits = self._limits if span is None else replace(self._limits, sent=sys.maxsize, unpacked=sys.maxsize)
        before = _SPAN.set(span)
        try:
            response = super().handle_request(request)
        finally:
            _SPAN.reset(before)
        packing = response.headers.pop("content-encoding", "identity").strip().lower()
        if packing != "identity":
            response.headers.pop("content-length", None)
        response.stream = _Body(response.stream, packing, limits, request.url.host)
        return response


@dataclass(frozen=True)
class Dialler(httpcore.NetworkBackend):
    """Connects to the very address that it has checked, so a name that changes its mind gains nothing."""

    allowed: frozenset[str]
    limits: Limits
    resolve: Resolve

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect as ``dial`` does, until the deadline of the request or of the limits."""
        deadline = time.monotonic() + (_SPAN.get() or self.limits.total)
        return _Line(self.dial(host, port, timeout, local_address, socket_options), deadline)

    def dial(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's addresses that answers; raises ConfigError when one is private."""
        refused: Exception = httpcore.ConnectError("no address")
        for address in self._checked(host, port):
            try:
                return httpcore.SyncBackend().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refused = error
        raise refused

    def _checked(self, host: str, port: int) -> tuple[str, ...]:
        try:
            found = self.resolve(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
        if plain(host) not in self.allowed and not all(map(is_public, addresses)):
            raise ConfigError(
                f"{host} has a private address, which Simak does not call; if it is yours, "
                f'add "{plain(host)}" to http.allow_private in simak.toml.'
            )
        return addresses


def plain(host: str) -> str:
    """Return a host as it is compared: lower case, without brackets or a final dot."""
    return host.strip("[]").rstrip(".").lower()


@dataclass(frozen=True)
class _Line(httpcore.NetworkStream):
    """A connection that ends at its deadline, however slowly the other side drips."""

    stream: httpcore.NetworkStream
    deadline: float

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self._left(timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Line(self.stream.start_tls(ssl_context, server_hostname, self._left(timeout)), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)

    def _left(self, timeout: float | None) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return left if timeout is None else min(left, timeout)


@dataclass(frozen=True)
class _Body(httpx.SyncByteStream):
    """A body counted as it arrives and as it unpacks, so that a bomb stops long before it fills the memory."""

    stream: Any
    packing: str
    limits: Limits
    host: str

    def __iter__(self) -> Iterator[bytes]:
        sent = self._counted(self.stream, self.limits.sent)
        if self.packing == "identity":
            return sent
        if self.packing not in {"gzip", "x-gzip", "deflate"}:
            raise httpx.DecodingError("a packing that was not asked for")
        return self._counted(_unpacked(sent), self.limits.unpacked)

    def close(self) -> None:
        self.stream.close()

    def _counted(self, chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                size_told = f"{limit / MEBIBYTE:.3g} MiB"
                raise PermanentError(f"{self.host} sent more than {size_told}; check the address of this source.")
            yield chunk


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what gzip or deflate data holds, in pieces of bounded size; raises DecodingError on bad or cut-off data."""
    inflater = None
    try:
        for chunk in chunks:
            inflater, rest = inflater or _inflater(chunk), chunk
            while rest and not inflater.eof:
                yield inflater.decompress(rest, _PIECE)
                rest = inflater.unconsumed_tail
        if inflater:
            yield inflater.flush()
    except zlib.error as error:
        raise httpx.DecodingError(str(error)) from error
    if inflater and not inflater.eof:
        raise httpx.DecodingError("the packed body is cut off")


def _inflater(head: bytes) -> "zlib._Decompress":
    """Return an unpacker for gzip, zlib or raw deflate data (some servers call the last one deflate too)."""
    try:
        zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(head, 1)
    except zlib.error:
        return zlib.decompressobj(-zlib.MAX_WBITS)
    return zlib.decompressobj(zlib.MAX_WBITS | 32)
