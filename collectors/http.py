"""The one guarded way out: no private address, no endless body and no unclassified failure passes here.

What went wrong becomes one of ``domain.errors`` at this edge; nowhere deeper does a status code matter.
"""

import json
import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from socket import getaddrinfo
from types import MappingProxyType
from typing import Any

import httpx

from collectors._guard import MEBIBYTE, Limits, Resolve, Transport, plain
from domain.errors import ConfigError, PermanentError, RateLimitedError, SimakError, TransientError
from domain.records import utc

__all__ = ["Answer", "Limits", "fetch", "guarded", "listen", "refusal"]

# Both log each address, and some sources want their key in it.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

REDIRECTS = 5
USER_AGENT = "Simak (social listening; reads feeds and official interfaces)"

# A refusal that names no time is answered by the most common window of a minute; one that names a time already past,
# or says that calls are left (a limit by the second), by the shortest wait; none is believed beyond a day.
UNTOLD, SHORTEST, LONGEST = timedelta(seconds=60), timedelta(seconds=2), timedelta(days=1)

# No line of a stream is longer than this; an endless one would fill the memory.
LINE = MEBIBYTE

# The parameters of an address; as pairs where one comes several times.
Params = Mapping[str, str | int] | tuple[tuple[str, str], ...] | None
# When a limit is lifted, as X, Mastodon and Bluesky name it.
_RESETS = ("x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PERMANENTLY = frozenset({301, 308})
# Another origin gets none of the caller's headers but these: a key may hide in any of the rest.
_HARMLESS = frozenset({"accept", "accept-language", "if-modified-since", "if-none-match"})

STATUSES: Mapping[int, tuple[type[SimakError], str]] = MappingProxyType(
    {
        400: (PermanentError, "{host} does not understand the request (400); check the options of this source."),
        401: (PermanentError, "{host} does not accept the key (401); renew the key of this source."),
        402: (PermanentError, "{host} asks to be paid (402); check the plan and the budget of this source."),
        403: (PermanentError, "{host} does not let us read this (403); check what the key of this source may read."),
        404: (PermanentError, "{host} has nothing at this address (404); check the address of this source."),
        408: (TransientError, "{host} gave up waiting for the request (408)."),
        410: (PermanentError, "{host} has closed this address for good (410); remove this source."),
        425: (TransientError, "{host} is not ready for the request (425)."),
        429: (RateLimitedError, "{host} asks to wait before the next call (429)."),
    }
)
_OTHERWISE: Mapping[int, tuple[type[SimakError], str]] = MappingProxyType(
    {
        3: (PermanentError, "{host} redirects to nowhere ({status}); check the address of this source."),
        4: (PermanentError, "{host} refuses the request ({status}); check the options of this source."),
        5: (TransientError, "{host} has a fault of its own ({status})."),
    }
)
# The first kind that fits speaks.
FAILURES: tuple[tuple[type[Exception], type[SimakError], str], ...] = (
    (httpx.InvalidURL, ConfigError, "This source's address is not one; write it as https://…"),
    (httpx.UnsupportedProtocol, ConfigError, "{host}: an address must begin with http:// or https://."),
    (httpx.LocalProtocolError, ConfigError, "{host}: the key of this source holds characters that no key has."),
    (UnicodeEncodeError, ConfigError, "{host}: the key of this source holds characters that no key has."),
    (httpx.TimeoutException, TransientError, "{host} did not answer in time."),
    (httpx.ConnectError, TransientError, "{host} cannot be reached."),
    (httpx.HTTPError, TransientError, "{host} broke off its answer or garbled it."),
)


@dataclass(frozen=True)
class Answer:
    """What a source answered: the whole body, unpacked, and the address it finally came from.

    ``moved_to`` is the new address when the asked one has moved for good.
    """

    status: int
    headers: httpx.Headers
    body: bytes
    url: str
    moved_to: str | None = None

    def json(self) -> Any:
        """Return the body read as JSON; raises TransientError when it is cut off or something else."""
        try:
            return json.loads(self.body, parse_constant=_refuse)
        except (ValueError, RecursionError):
            # The cause would quote the body, and with it people's posts, in a log.
            raise TransientError(f"{_host(self.url)} answered something other than whole JSON.") from None


def _refuse(constant: str) -> None:
    """Refuse NaN and the infinities: Python reads them, JSON and PostgreSQL know none."""
    raise ValueError(constant)


def guarded(
    allow_private: Collection[str] = (), limits: Limits | None = None, resolve: Resolve = getaddrinfo
) -> httpx.Client:
    """Return the client that every collector uses; hosts in ``allow_private`` may have private addresses.

    It heeds no proxy, ``.netrc`` or cookie, and follows no redirect by itself: ``fetch`` does.
    """
    limits = limits or Limits()
    return httpx.Client(
        transport=Transport(frozenset(map(plain, allow_private)), limits, resolve),
        timeout=httpx.Timeout(limits.silence, connect=limits.connect),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        trust_env=False,
    )


def fetch(  # noqa: PLR0913 - a request has as many parts as it has
    client: httpx.Client,
    url: str,
    headers: Mapping[str, str] = MappingProxyType({}),
    *,
    params: Params = None,
    method: str = "GET",
    body: bytes | None = None,
    passing: Collection[int] = (),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Answer:
    """Ask an address and return the answer: any 2xx, 304, or a status named in ``passing``.

    Follows up to five redirects, each guarded like the first address. Raises TransientError, RateLimitedError,
    PermanentError or ConfigError (an unusable or private address); no message holds a path, a query or a header.
    """
    with _classified(url):
        request = client.build_request(method, url, params=params, headers=headers, content=body)
        moved_to, permanently = None, True
        for _ in range(REDIRECTS + 1):
            with closing(client.send(request, stream=True, follow_redirects=False)) as response:
                if response.next_request is None:
                    return _answer(response, passing, moved_to, now)
                permanently = permanently and response.status_code in _PERMANENTLY
                request = _next(request, response.next_request, headers)
                moved_to = str(request.url) if permanently else moved_to
    raise PermanentError(f"{_host(url)} redirects more than {REDIRECTS} times; check the address of this source.")


def listen(  # noqa: PLR0913 - a request has as many parts as it has
    client: httpx.Client,
    url: str,
    headers: Mapping[str, str] = MappingProxyType({}),
    *,
    span: float,
    silence: float,
    params: Params = None,
    refused: Callable[[Answer], SimakError | None] = lambda _: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[list[bytes]]:
    """Yield the lines of an endless answer for ``span`` seconds, those that came in one piece together.

    The first list is empty and says that the connection stands. Raises like ``fetch``, follows no redirect, lets
    ``refused`` judge an answer that is none of 2xx, and raises TransientError when the source ends the stream or is
    silent, without even an empty line, for longer than ``silence`` seconds.
    """
    end = time.monotonic() + span
    with _classified(url):
        request = client.build_request(
            "GET",
            url,
            params=params,
            # Unpacked on the way, a line could wait for the next one.
            headers={**headers, "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(silence),
            extensions={"span": span},
        )
        with closing(client.send(request, stream=True, follow_redirects=False)) as response:
            if not response.is_success:
                told = Answer(response.status_code, response.headers, response.read(), str(response.url))
                raise refused(told) or refusal(told, now())
            yield []
            yield from _lines(response, end)


def _lines(response: httpx.Response, end: float) -> Iterator[list[bytes]]:
    """Yield whole lines until the end; raises TransientError when the source ends first."""
    rest = b""
    try:
        for piece in response.iter_raw():
            *whole, rest = (rest + piece).split(b"\n")
            if max(map(len, (*whole, rest))) > LINE:
                raise PermanentError(f"{response.url.host} sent a line without end; check the address of this source.")
            yield [line for line in map(bytes.strip, whole) if line]
            if time.monotonic() >= end:
                return
    except httpx.ReadTimeout:
        # The guard ends the connection with its span, in whatever it waits for.
        if time.monotonic() >= end:
            return
        raise
    raise TransientError(f"{response.url.host} ended the stream.")


def _answer(
    response: httpx.Response, passing: Collection[int], moved_to: str | None, now: Callable[[], datetime]
) -> Answer:
    status = response.status_code
    if not (response.is_success or status == httpx.codes.NOT_MODIFIED or status in passing):
        raise _refusal(status, response.headers, response.url.host, now())
    return Answer(status, response.headers, response.read(), str(response.url), moved_to)


def _next(asked: httpx.Request, following: httpx.Request, headers: Mapping[str, str]) -> httpx.Request:
    """Return the request of the next hop, without the caller's headers where it leads to another origin."""
    if (following.url.scheme, following.url.netloc) != (asked.url.scheme, asked.url.netloc):
        for name in {name.lower() for name in headers} - _HARMLESS:
            following.headers.pop(name, None)
    return following


def refusal(answer: Answer, now: datetime) -> SimakError:
    """Return the error of an answer whose status was let through and turned out to mean nothing special."""
    return _refusal(answer.status, answer.headers, _host(answer.url), now)


def _refusal(status: int, headers: httpx.Headers, host: str, now: datetime) -> SimakError:
    kind, says = STATUSES.get(status) or _OTHERWISE.get(status // 100, _OTHERWISE[4])
    sentence = says.format(host=host, status=status)
    if kind is RateLimitedError or (kind is TransientError and "retry-after" in headers):
        return RateLimitedError(sentence, now + _pause(headers, now))
    return kind(sentence)


def _pause(headers: httpx.Headers, now: datetime) -> timedelta:
    """Return how long a refusal asks to wait, measured by the source's own clock where it tells its time."""
    if headers.get("x-rate-limit-remaining", "0").strip() not in {"", "0"}:
        return SHORTEST
    theirs = _moment(headers.get("date", "")) or now
    told = (_moment(headers.get("retry-after", ""), theirs), *(_moment(headers.get(name, "")) for name in _RESETS))
    until = next(filter(None, told), None)
    return UNTOLD if until is None else min(max(until - theirs, SHORTEST), LONGEST)


def _moment(value: str, since: datetime = _EPOCH) -> datetime | None:
    """Return the time that a header names, as seconds from ``since``, as an HTTP date or by ISO 8601, else ``None``."""
    with suppress(ValueError, OverflowError):
        if value.strip().isdigit():
            return since + timedelta(seconds=int(value))
        if value[:4].isdigit():
            return utc(datetime.fromisoformat(value.strip()))
        return parsedate_to_datetime(value.replace("-0000", "GMT")).astimezone(UTC)
    return None


@contextmanager
def _classified(url: str) -> Iterator[None]:
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeEncodeError) as error:
        kind, says = next((kind, says) for cause, kind, says in FAILURES if isinstance(error, cause))
        # The cause is dropped on purpose: its text may carry the address, and with it a key.
        raise kind(says.format(host=_host(url))) from None


def _host(url: str) -> str:
    """Return the host alone: the rest of an address may hold a key or a name."""
    with suppress(httpx.InvalidURL):
        return httpx.URL(url).host or "The source"
    return "The source"
