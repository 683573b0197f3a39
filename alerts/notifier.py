"""The last hop: hands a message to a channel by Apprise, which speaks to Telegram, Slack, e-mail and many more.

Apprise never tries again by itself here: the outbox does, which knows how often and after what pause. Addresses hold
tokens: nothing of them comes out of this module, not in an error and not in a log.
"""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from pathlib import Path
from typing import Any, Final, Protocol

import requests
from apprise import Apprise, AppriseAsset, AppriseAttachment, NotifyFormat
from pydantic import SecretStr
from requests.adapters import HTTPAdapter

from alerts.messages import Words
from alerts.people import variable

_HEADER: Final = "Idempotency-Key"
_SHORT = 8
# What would ring a whole channel, become a tag, or hide an address behind other words, whoever wrote it.
_HARMFUL = re.compile(r"@(?=everyone|here|channel|all\b)|<(?=\S)|\](?=\()", re.IGNORECASE)
_GONE = frozenset({400, 401, 403, 404, 405, 410})
_BUSY = frozenset({429, 503})


@dataclass(frozen=True)
class Receipt:
    """How a delivery went; ``error`` is empty when it arrived, ``wait_s`` is what the receiver asked for.

    ``hopeless``: it was refused in a way that another try will not change.
    """

    error: str = ""
    wait_s: float | None = None
    hopeless: bool = False

    @property
    def arrived(self) -> bool:
        """Tell whether it was delivered."""
        return not self.error


class Notifier(Protocol):
    """Delivers a message to a channel."""

    def send(self, channel: str, words: Words, *, key: str, files: Sequence[Path] = ()) -> Receipt:
        """Deliver once; ``key`` is the same whenever the same message is sent again."""
        ...


@dataclass(frozen=True)
class Channels:
    """Delivers by Apprise; ``address`` gives a channel's address, or ``None`` where there is none."""

    address: Callable[[str], SecretStr | None]

    def send(self, channel: str, words: Words, *, key: str, files: Sequence[Path] = ()) -> Receipt:
        """Deliver once; an address that is missing or none is told in a sentence that names the setting.

        ``files`` go with it where the channel carries files.
        """
        setting = variable(channel)
        url = self.address(channel)
        if url is None or not url.get_secret_value():
            return Receipt(f"{setting} is not set.")
        plugin = _instance(url.get_secret_value())
        if plugin is None:
            return Receipt(f"{setting} is no address that Apprise knows.")
        return _deliver(plugin, words, key, files)


def fit(words: Words, longest: int) -> Words:
    """Return a message that is short enough: whole paragraphs go, the longest first, the links at its end never."""
    parts = words.body.split("\n\n")
    while len("\n\n".join(parts)) > longest and len(parts) > 2:  # noqa: PLR2004 - the first and the last stay
        del parts[max(range(1, len(parts) - 1), key=lambda at: len(parts[at]))]
    body = "\n\n".join(parts)
    if len(body) > longest and len(parts) > 1:
        room = longest - len(parts[-1]) - 3
        body = f"{parts[0][:room]}…\n\n{parts[-1]}" if room > 0 else parts[0]
    return Words(words.title, body[:longest])


def harmless(text: str) -> str:
    """Return a text that rings nobody, is read as no mark-up and holds no control characters."""
    plain = "".join(sign for sign in text if sign in "\n\t" or sign.isprintable() or sign == "\u200d")
    return _HARMFUL.sub(lambda found: f"{found.group()}\u2060", plain)


def _instance(url: str) -> Any | None:
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    plugin: Any = Apprise.instantiate(url, asset=AppriseAsset(http_redirects=False), suppress_exceptions=True)
    return plugin


def _deliver(plugin: Any, words: Words, key: str, files: Sequence[Path]) -> Receipt:
    # The outbox keeps the pauses; and a receiver that can tell a repeated message apart is told its key.
    plugin.throttle = _at_once
    if isinstance(getattr(plugin, "headers", None), dict):
        plugin.headers[_HEADER] = key
    short = fit(Words(words.title, harmless(words.body)), plugin.body_maxlen - _SHORT - len(words.title) - 8)
    carried = {"attach": AppriseAttachment([str(path) for path in files])} if files and _carries(plugin) else {}
    with _listening() as heard:
        try:
            arrived = plugin.notify(
                title=harmless(words.title),
                body=f"{short.body}\n\n#{key[:_SHORT]}",
                body_format=NotifyFormat.TEXT,
                **carried,
            )
        except Exception as error:  # noqa: BLE001 - what a plugin throws must not stop the others
            return Receipt(f"The channel failed: {type(error).__name__}.")
    return Receipt() if arrived else _refusal(heard)


def _carries(plugin: Any) -> bool:
    return bool(getattr(plugin, "attachment_support", False))


def _at_once(*_: object, **__: object) -> None:
    """Wait for nothing: some plugins would sleep for as long as a receiver says."""


def _refusal(heard: list[requests.Response]) -> Receipt:
    if not heard:
        return Receipt("The channel could not be reached.")
    last = heard[-1]
    asked = _seconds(last.headers.get("Retry-After"))
    return Receipt(f"The channel answered {last.status_code}.", asked, last.status_code in _GONE)


def _seconds(asked: str | None) -> float | None:
    """Return a Retry-After in seconds: it comes as a number or as a date (RFC 9110, 10.2.3)."""
    if not asked:
        return None
    if asked.strip().isdecimal():
        # A number beyond all numbers asks for nothing that can be done.
        return seconds if isfinite(seconds := float(asked)) else None
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return None
    # A date whose zone is unknown ("-0000") is one of UTC.
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((aware - datetime.now(UTC)).total_seconds(), 0.0)


_heard: ContextVar[list[requests.Response] | None] = ContextVar("heard", default=None)


@contextmanager
def _listening() -> Iterator[list[requests.Response]]:
    """Collect the responses that come in here: Apprise tells only whether it went well, not when to come back."""
    heard: list[requests.Response] = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


class _Listening(HTTPAdapter):
    """Lets whoever listens hear a response, and asks nothing more of a receiver that asked for patience."""

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        heard = _heard.get()
        if heard and heard[-1].status_code in _BUSY:
            raise requests.exceptions.RetryError("The receiver asked for patience.")
        return super().send(*args, **kwargs)

    def build_response(self, req: Any, resp: Any) -> requests.Response:
        response: requests.Response = super().build_response(req, resp)
        heard = _heard.get()
        if heard is not None:
            heard.append(response)
        return response


# Apprise opens a session for each request and offers no hook; every session asks this name for its adapter.
requests.sessions.HTTPAdapter = _Listening
