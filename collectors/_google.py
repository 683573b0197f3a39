"""What Google's interfaces share: errors with reasons, keys in headers, and a client library kept to the guarded way.

google-api-python-client brings each interface's own description along; here it finds its routes and parameters in
that file (never over the network) and speaks through ``GuardedHttp``, which alone classifies what comes back.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

import httplib2
import httpx
from googleapiclient.discovery import build

from collectors.base import Tools
from collectors.http import Answer, fetch, refusal
from domain.errors import BudgetError, ConfigError, PermanentError, RateLimitedError, SimakError, TransientError
from domain.records import Raw

# Google's quotas of a day end with the day in California.
PACIFIC: Final = "America/Los_Angeles"

# The statuses whose body names a reason.
_EXPLAINED = frozenset({400, 401, 403, 404, 429})
_SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"})
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})
_SWITCHED_OFF = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_BAD_KEY = frozenset({"keyInvalid", "API_KEY_INVALID", "keyExpired", "API_KEY_EXPIRED", "authError"})
_MINUTE = timedelta(seconds=60)
_A_DAY = 86_400
# What the guarded client says by itself.
_OURS = frozenset({"accept-encoding", "user-agent", "content-length"})


class RefusedError(PermanentError):
    """Google refuses one request and says why in ``reasons``; a caller may know better what follows from it."""

    def __init__(self, message: str, status: int, reasons: frozenset[str]) -> None:
        """Keep the sentence, the status and Google's words for the reason."""
        super().__init__(message)
        self.status, self.reasons = status, reasons


@dataclass(frozen=True)
class Caller:
    """Asks one of Google's interfaces; ``headers`` yields what shows who asks, ``name`` is what people call it."""

    tools: Tools
    name: str
    headers: Callable[[], Mapping[str, str]]

    def ask(self, url: str, *, method: str = "GET", more: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Return a whole JSON object; raises RefusedError for a named reason, and the errors of ``fetch``."""
        asked = {**more, **self.headers()}
        now = self.tools.now
        answer = fetch(self.tools.http, url, asked, method=method, body=body, passing=_EXPLAINED, now=now)
        if answer.status in _EXPLAINED:
            raise self._refusal(answer)
        if not isinstance(answer.json(), dict):
            raise TransientError(f"{self.name} answered with something that is not an object.")
        return answer

    def _refusal(self, answer: Answer) -> SimakError:
        told = Told.of(answer)
        plain = refusal(answer, self.tools.now())
        now = self.tools.now()
        if told.never_granted:
            return ConfigError(
                f"Google has not yet granted this project a quota for {self.name} (it is 0): apply for access to it."
            )
        if told.reasons & _SPENT or told.spent_today:
            until = next_day(now)
            return BudgetError(
                f"{self.name} has used up today's quota; it goes on at {until:%Y-%m-%d %H:%M} UTC.", until
            )
        if told.reasons & _SWITCHED_OFF:
            return ConfigError(f"The Google project of this key has not switched on {self.name}: enable it there.")
        if told.reasons & _TOO_FAST and not isinstance(plain, RateLimitedError):
            return RateLimitedError(f"{self.name} asks to wait before the next call.", now + _MINUTE)
        if told.reasons & _BAD_KEY:
            return PermanentError(f"{self.name} does not accept the key; renew the key of this source.")
        return RefusedError(str(plain), answer.status, told.reasons) if type(plain) is PermanentError else plain


@dataclass(frozen=True)
class Told:
    """What an error of Google's says: its reasons, and the facts of the quota that was exceeded."""

    reasons: frozenset[str]
    facts: Mapping[str, str]

    @classmethod
    def of(cls, answer: Answer) -> "Told":
        """Read the body of a refusal; one that is not Google's says nothing."""
        body: Any = None
        with suppress(TransientError):
            body = answer.json()
        error = mapping(mapping(body).get("error"))
        parts = [*items(error, "errors"), *items(error, "details")]
        reasons = {part["reason"] for part in parts if isinstance(part.get("reason"), str)}
        facts = {str(key): str(value) for part in parts for key, value in mapping(part.get("metadata")).items()}
        return cls(frozenset(reasons), facts)

    @property
    def never_granted(self) -> bool:
        """Whether the quota is nought, as it is until Google has approved a project."""
        return self.facts.get("quota_limit_value") == "0"

    @property
    def spent_today(self) -> bool:
        """Whether the quota that is used up is one of a day."""
        return self.facts.get("quota_unit", "").startswith("1/d") or "PerDay" in self.facts.get("quota_limit", "")


@dataclass(frozen=True)
class GuardedHttp:
    """What the client library takes for an ``httplib2.Http``: it never sees anything but a good answer."""

    caller: Caller

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        redirections: int = 0,  # noqa: ARG002 - httplib2's
        connection_type: object = None,  # noqa: ARG002 - httplib2's
    ) -> tuple[httplib2.Response, bytes]:
        """Return the answer; raises the errors of ``Caller.ask``."""
        sent = body.encode() if isinstance(body, str) else body
        more = {name: value for name, value in headers.items() if name.lower() not in _OURS}
        answer = self.caller.ask(uri, method=method, more=more, body=sent)
        response = httplib2.Response(dict(answer.headers))
        response.status = answer.status
        return response, answer.body


def service(name: str, version: str, base_url: str, caller: Caller) -> Any:
    """Return the client library's own object for an interface, made from the description it brings along."""
    return build(
        name,
        version,
        http=GuardedHttp(caller),
        static_discovery=True,
        cache_discovery=False,
        client_options={"api_endpoint": base_url.rstrip("/") + "/"},
    )


def next_day(now: datetime) -> datetime:
    """Return when the next day begins in California, in UTC."""
    zone = ZoneInfo(PACIFIC)
    today = now.astimezone(zone).date()
    return datetime.combine(today + timedelta(days=1), time(), zone).astimezone(now.tzinfo)


@dataclass
class Bearer:
    """A token that is asked for when it is needed and kept in memory until it expires.

    ``grant`` returns the form that earns it, ``remedy`` says in a sentence what to do when Google refuses it.
    """

    tools: Tools
    url: str
    grant: Callable[[datetime], Mapping[str, str]]
    remedy: str
    _token: str = ""
    _until: datetime | None = None

    def headers(self) -> Mapping[str, str]:
        """Return the header that holds the token; raises the errors of ``fetch`` when there is none to be had."""
        if self._until is None or self.tools.now() >= self._until:
            self._renew()
        return {"Authorization": f"Bearer {self._token}"}

    def _renew(self) -> None:
        now = self.tools.now()
        form = httpx.QueryParams(dict(self.grant(now)))
        answer = fetch(
            self.tools.http,
            self.url,
            {"Content-Type": "application/x-www-form-urlencoded"},
            method="POST",
            body=str(form).encode(),
            passing=(400, 401),
            now=self.tools.now,
        )
        if answer.status in {400, 401}:
            raise PermanentError(self.remedy)
        told = mapping(answer.json())
        token, seconds = told.get("access_token"), told.get("expires_in")
        if not (isinstance(token, str) and token.isascii() and token.isprintable() and token.strip()):
            raise TransientError("Google answered the request for a token without one.")
        # A token that ends during a call would fail it: it is renewed a minute early.
        lasts = timedelta(seconds=seconds) if isinstance(seconds, int) and 0 < seconds < _A_DAY else _MINUTE
        self._token, self._until = token, now + lasts - _MINUTE


def mapping(value: object) -> Raw:
    """Return the value if it is an object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(body: Raw, key: str) -> list[Raw]:
    """Return the objects of a list in the answer; empty when there is none."""
    value = body.get(key)
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []
