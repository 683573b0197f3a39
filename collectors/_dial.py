"""Guarded connections for the sources that do not speak HTTP: the same check of addresses, the same limits."""

import socket
import time
from collections.abc import Callable, Collection
from ipaddress import ip_address
from ssl import SSLCertVerificationError, SSLContext, SSLError

import httpcore

from collectors._guard import MEBIBYTE, Dialler, Limits, Resolve, plain
from domain.errors import ConfigError, PermanentError, TransientError

_PIECE = 64 * 1024


class Connection:
    """A connection to a checked address, read by the line or by the byte.

    Each exchange has its own deadline and its own limit of bytes, however slowly the other side drips.
    """

    def __init__(self, host: str, stream: httpcore.NetworkStream, limits: Limits) -> None:
        """Begin the first exchange."""
        self._host, self._stream, self._limits = host, stream, limits
        self._held = bytearray()
        self.begin()

    def begin(self) -> None:
        """Begin an exchange: its deadline and its limit count from here."""
        self._deadline = time.monotonic() + self._limits.total
        self._read = 0

    @property
    def is_local(self) -> bool:
        """Tell whether the other side is this very machine."""
        address = self._stream.get_extra_info("server_addr")
        return bool(address) and ip_address(address[0]).is_loopback

    def secure(self, context: SSLContext) -> None:
        """Go on in TLS; raises ConfigError when the certificate is not to be trusted, TransientError when TLS fails."""
        # What came before the handshake was said by anybody.
        self._held.clear()
        try:
            self._stream = self._stream.start_tls(context, self._host, self._left())
        except httpcore.NetworkError as error:
            if isinstance(error.__cause__, SSLCertVerificationError):
                why = error.__cause__.verify_message
                raise ConfigError(f"The certificate of {self._host} is not to be trusted: {why}.") from None
            if isinstance(error.__cause__, SSLError):
                raise TransientError(f"{self._host} does not speak TLS at this port.") from None
            raise TransientError(f"{self._host} broke off the connection.") from None
        except httpcore.TimeoutException:
            raise self._late() from None

    def write(self, data: bytes) -> None:
        """Send data; raises TransientError."""
        try:
            self._stream.write(data, self._left())
        except httpcore.NetworkError:
            raise TransientError(f"{self._host} broke off the connection.") from None
        except httpcore.TimeoutException:
            raise self._late() from None

    def read(self, size: int) -> bytes:
        """Return so many bytes; raises TransientError, or PermanentError when it is more than the limit."""
        while len(self._held) < size:
            self._fill()
        return self._take(size)

    def readline(self) -> bytes:
        """Return a line with its end; raises like ``read``."""
        while (end := self._held.find(b"\n")) < 0:
            self._fill()
        return self._take(end + 1)

    def close(self) -> None:
        """Close it."""
        self._stream.close()

    def _fill(self) -> None:
        try:
            piece = self._stream.read(_PIECE, self._left())
        except httpcore.NetworkError:
            piece = b""
        except httpcore.TimeoutException:
            raise self._late() from None
        if not piece:
            raise TransientError(f"{self._host} broke off the connection.")
        self._read += len(piece)
        if self._read > self._limits.sent:
            size = f"{self._limits.sent / MEBIBYTE:.3g} MiB"
            raise PermanentError(f"{self._host} sent more than {size} at once; check the address of this source.")
        self._held += piece

    def _take(self, size: int) -> bytes:
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise self._late()
        return min(left, self._limits.silence)

    def _late(self) -> TransientError:
        return TransientError(f"{self._host} did not answer in time.")


Dial = Callable[[str, int], Connection]


def guarded_dial(
    allow_private: Collection[str] = (), limits: Limits | None = None, resolve: Resolve = socket.getaddrinfo
) -> Dial:
    """Return what connects collectors to hosts and ports; hosts in ``allow_private`` may have private addresses.

    It raises ConfigError for a private address and TransientError when nobody answers.
    """
    limits = limits or Limits()
    dialler = Dialler(frozenset(map(plain, allow_private)), limits, resolve)

    def dial(host: str, port: int) -> Connection:
        try:
            return Connection(host, dialler.dial(host, port, limits.connect), limits)
        except (httpcore.NetworkError, httpcore.TimeoutException):
            raise TransientError(f"{host} cannot be reached.") from None

    return dial
