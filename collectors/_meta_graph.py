"""Speaks to Meta's Graph API for Instagram, Facebook and Threads: one call, its usage headers, its error codes.

https://developers.facebook.com/docs/graph-api/guides/error-handling and
https://developers.facebook.com/docs/graph-api/overview/rate-limiting. A refusal mostly comes with status 400 whatever
it means, so the code in its body is what counts. Which codes and subcodes come when is known from documentation alone
and was not tried on a live account.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from httpx import codes
from pydantic import Field

from collectors import base
from collectors.http import Answer, fetch, refusal
from domain.errors import ConfigError, PermanentError, RateLimitedError, SimakError, TransientError
from domain.records import Raw
from domain.text import gate

# Meta counts over the hour gone by; where it does not say when calls are free again, that hour is waited.
_HOUR = timedelta(hours=1)
_LONGEST = timedelta(days=1)
_IMPLAUSIBLE = 1e9
_PAGING = ("after", "until", "__paging_token")
_MARK = re.compile(r"[!-~]{1,1000}")


class GraphOptions(base.Options):
    """What all three of Meta's sources let one set."""

    about: str | None = Field(
        default=None, description="The key of the brand whose account it is; its comments are then about it."
    )
    days: int = Field(
        default=30, ge=1, le=365, description="How old the brand's own posts may be to be looked through."
    )
    page_size: int = Field(default=25, ge=1, le=100, description="Posts an answer, 1 to 100.")
    busy: float = Field(default=95, gt=0, le=100, description="Per cent of Meta's allowance at which to wait.")
    version: str = Field(default="v25.0", pattern=r"^v\d+\.\d+$", description="The version of the interface.")
    base_url: str = Field(
        default="https://graph.facebook.com", pattern="^https?://", description="Where the interface is."
    )


class GoneError(PermanentError):
    """What was asked for is not there, or is not shown to this key."""


@dataclass(frozen=True)
class _Code:
    """What an error code means; ``subcodes`` narrows it."""

    numbers: Collection[int]
    kind: type[SimakError]
    says: str
    subcodes: Collection[int] = field(default=())

    def fits(self, code: int, subcode: int) -> bool:
        return code in self.numbers and (not self.subcodes or subcode in self.subcodes)


_THROTTLED = frozenset({4, 17, 32, 341, 613, *range(80000, 80015)})
_RENEW = "make a new one and set {secret}."
# The first line that fits speaks.
CODES: tuple[_Code, ...] = (
    _Code(_THROTTLED, RateLimitedError, "{name} has answered all the calls that it allows for now ({code})."),
    _Code({18}, RateLimitedError, "{name} allows thirty hashtags in seven days, and they are used up ({code})."),
    _Code({102, 190}, PermanentError, "{name}: the access token has expired ({code}); " + _RENEW, {463}),
    _Code({102, 190}, PermanentError, "{name}: the app was removed from the account ({code}); " + _RENEW, {458}),
    _Code({102, 190}, PermanentError, "{name}: the password was changed ({code}); " + _RENEW, {460}),
    _Code({102, 190}, PermanentError, "{name}: the account must confirm itself ({code}); " + _RENEW, {459, 464}),
    _Code({102, 190}, PermanentError, "{name}: the access token was revoked ({code}); " + _RENEW, {466, 467}),
    _Code({102, 190}, PermanentError, "{name} does not accept the access token ({code}); " + _RENEW),
    _Code({100}, GoneError, "{name} does not have the object, or does not show it to this token ({code}).", {33}),
    _Code({100}, ConfigError, "{name} does not take the request ({code})."),
    _Code({24, 803}, GoneError, "{name} does not know what was asked for ({code}); check the options of this source."),
    _Code({3, 10, *range(200, 300)}, PermanentError, "{name} lacks a permission ({code}); have it approved."),
    _Code({368}, PermanentError, "{name} has blocked the account for a breach of its rules ({code}); see its notices."),
    _Code({1, 2}, TransientError, "{name} has a fault of its own ({code})."),
)  # fmt: skip


class Graph:
    """The calls of one walk: once Meta's own count comes near its end, there is no other."""

    def __init__(self, name: str, secret: str, options: GraphOptions, tools: base.Tools) -> None:
        """Keep where to call and in whose name; nothing is called yet."""
        self.name, self._secret = name, secret
        self._root = f"{options.base_url.rstrip('/')}/{options.version}"
        self._busy = options.busy
        self._tools = tools
        self._rest_until: datetime | None = None

    def token(self) -> str:
        """Return the access token; raises ConfigError when it is missing or cannot be one."""
        secret = self._tools.secret(self._secret)
        told = secret.get_secret_value().strip() if secret else ""
        if not re.fullmatch(r"[!-~]+", told):
            raise ConfigError(f"{self.name} needs a long-lived access token: put it into .env as {self._variable}.")
        return told

    def ask(self, path: str, params: Mapping[str, str | int]) -> Raw:
        """Return one answer; raises GoneError and the errors of ``collectors.http.fetch``."""
        if self._rest_until:
            raise RateLimitedError(f"{self.name} has been asked nearly as often as it allows.", self._rest_until)
        token = self.token()
        answer = fetch(
            self._tools.http,
            f"{self._root}/{path}",
            {"Authorization": f"Bearer {token}"},
            params=params,
            passing=range(400, 600),
            now=self._tools.now,
        )
        now = self._tools.now()
        used, regained = _usage(answer.headers)
        if used >= self._busy:
            self._rest_until = now + (regained or _HOUR)
        return self._body(answer, now, now + (regained or _HOUR), token)

    @property
    def _variable(self) -> str:
        return f"SIMAK_{self._secret.upper()}"

    def _body(self, answer: Answer, now: datetime, until: datetime, token: str) -> Raw:
        refused = answer.status >= codes.BAD_REQUEST
        body = _quietly(answer) if refused else answer.json()
        if isinstance(body, Mapping) and isinstance(body.get("error"), Mapping):
            raise self._error(body["error"], until, token)
        if refused:
            raise refusal(answer, now)
        if not isinstance(body, Mapping):
            raise TransientError(f"{self.name} answered something other than an object.")
        return body

    def _error(self, fault: Raw, until: datetime, token: str) -> SimakError:
        code, subcode, said = _number(fault.get("code")), _number(fault.get("error_subcode")), fault.get("message")
        told = gate(str(said or "").replace(token, "…"), 200)
        known = next((line for line in CODES if line.fits(code, subcode)), None)
        if known and known.kind is ConfigError:
            return self._wrong(told)
        kind: type[SimakError] = TransientError if fault.get("is_transient") is True else PermanentError
        says = f"{self.name} refuses the request with a code that Simak does not know ({code}): “{told}”."
        if known:
            kind, says = known.kind, known.says.format(name=self.name, code=code, secret=self._variable)
        return RateLimitedError(says, until) if kind is RateLimitedError else kind(says)

    def _wrong(self, told: str) -> SimakError:
        """Tell a missing permission from a wrong setting: both are code 100, and only the words differ."""
        if "permission" in told.casefold():
            return PermanentError(
                f"{self.name} lacks a permission (100); have it approved in the app review: “{told}”."
            )
        return ConfigError(f"{self.name} does not take the request (100); check the options of this source: “{told}”.")


def nodes(body: Raw, name: str) -> list[Raw]:
    """Return the objects of a list; raises TransientError when the answer is no list."""
    data = body.get("data")
    if not isinstance(data, list):
        raise TransientError(f"{name} answered without a list of what it found.")
    return [it for it in data if isinstance(it, Mapping)]


def paging(body: Raw) -> dict[str, str]:
    """Return what leads to the next page of a list; empty on its last page.

    Only the marks are taken: the address that Meta names carries the access token, and might lead elsewhere.
    """
    told = mapping(body.get("paging"))
    following = told.get("next")
    if not isinstance(following, str) or not following:
        return {}
    with suppress(ValueError):
        query = {key: values[0] for key, values in parse_qs(urlsplit(following).query).items()}
        after = mapping(told.get("cursors")).get("after")
        marks = {"after": after} if isinstance(after, str) and after else {key: query.get(key, "") for key in _PAGING}
        if found := {key: mark for key, mark in marks.items() if _MARK.fullmatch(mark)}:
            return found
    raise TransientError("Meta named a next page without saying which.")


def mapping(value: Any) -> Raw:
    """Return the value if it is an object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def _quietly(answer: Answer) -> Any:
    with suppress(TransientError):
        return answer.json()
    return None


def _usage(headers: Mapping[str, str]) -> tuple[float, timedelta | None]:
    """Return how many per cent of the fullest allowance are used, and when calls are free again, where it is told."""
    told = [one for name in ("x-app-usage", "x-ad-account-usage") for one in _told(headers.get(name))]
    business = [
        it for one in _told(headers.get("x-business-use-case-usage")) for lines in one.values() for it in _lines(lines)
    ]
    counts = ("call_count", "total_time", "total_cputime", "acc_id_util_pct")
    used = max((_amount(one.get(count)) for one in (*told, *business) for count in counts), default=0)
    minutes = max((_amount(one.get("estimated_time_to_regain_access")) for one in business), default=0)
    return used, min(timedelta(minutes=minutes), _LONGEST) if minutes > 0 else None


def _told(header: str | None) -> Iterator[Raw]:
    with suppress(ValueError, RecursionError):
        found = json.loads(header or "{}")
        if isinstance(found, Mapping):
            yield found


def _lines(value: object) -> Iterable[Raw]:
    return [it for it in value if isinstance(it, Mapping)] if isinstance(value, list) else []


def _amount(value: object) -> float:
    known = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _IMPLAUSIBLE
    return float(value) if known else 0.0  # type: ignore[arg-type]


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
