"""Speaks to the App Store Connect API: signs each call and tells its refusals apart.

https://developer.apple.com/documentation/appstoreconnectapi/generating-tokens-for-api-requests and
https://developer.apple.com/documentation/appstoreconnectapi/identifying-rate-limits.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from httpx import codes

from collectors import base
from collectors.http import Answer, fetch, refusal
from domain.errors import ConfigError, PermanentError, RateLimitedError, SimakError, TransientError
from domain.records import Raw
from domain.text import gate

AUDIENCE = "appstoreconnect-v1"
# Apple takes no key that is good for more than twenty minutes.
LIFETIME = timedelta(minutes=15)
# Apple counts calls over the hour gone by and does not say when the next one is free.
_HOUR = timedelta(hours=1)
_SKEW = timedelta(minutes=1)
_MARK = re.compile(r"[!-~]{1,512}")
_PARTS = {"key_id": "SIMAK_APP_STORE_KEY_ID", "issuer_id": "SIMAK_APP_STORE_ISSUER_ID"}
_REFUSED = frozenset(
    {codes.BAD_REQUEST, codes.UNAUTHORIZED, codes.FORBIDDEN, codes.NOT_FOUND, codes.CONFLICT, codes.TOO_MANY_REQUESTS}
)
_SAID: Mapping[int, str] = {
    401: "App Store Connect does not accept the key (401): check that SIMAK_APP_STORE_KEY_ID, "
    "SIMAK_APP_STORE_ISSUER_ID and SIMAK_APP_STORE_PRIVATE_KEY belong together and that the key was not revoked.",
    403: "App Store Connect does not let this key read reviews (403): give it the role Customer Support, or Admin.",
    404: "App Store Connect shows this key no app of that number (404): check app_id.",
}
_AGREEMENT = "App Store Connect answers nobody (403) until the account holder has accepted Apple's newest agreement."


class GoneError(PermanentError):
    """What was asked for is not there."""


class StaleMarkError(ConfigError):
    """Apple no longer knows the page mark that was asked with."""


class Api:
    """The calls of one walk: once Apple says that the hour's calls are used up, there is no other."""

    def __init__(self, base_url: str, tools: base.Tools) -> None:
        """Keep where to call; nothing is called yet."""
        self._root = base_url.rstrip("/")
        self._tools = tools
        self._rest_until: datetime | None = None
        self._off = timedelta(0)

    def get(self, path: str, params: Mapping[str, str | int]) -> Raw:
        """Return one answer; raises the errors of ``collectors.http.fetch``, GoneError and StaleMarkError."""
        if self._rest_until:
            raise _spent(self._rest_until)
        answer = self._ask(path, params)
        if answer.status == codes.UNAUTHORIZED and self._learns_the_time(answer):
            answer = self._ask(path, params)
        now = self._tools.now()
        if _exhausted(answer):
            self._rest_until = now + _HOUR
        if answer.status in _REFUSED:
            raise self._refusal(answer, now)
        body = answer.json()
        if not isinstance(body, Mapping) or not isinstance(body.get("data"), list | Mapping):
            raise TransientError("App Store Connect answered without saying what it found.")
        return body

    def following(self, body: Raw) -> str | None:
        """Return the mark of the next page; raises TransientError for an address that is not Apple's.

        Only the mark is taken from the address: the key never goes where an answer points.
        """
        links = body.get("links")
        told = links.get("next") if isinstance(links, Mapping) else None
        if not told:
            return None
        with suppress(ValueError):
            there, here = urlsplit(str(told)), urlsplit(self._root)
            (mark,) = parse_qs(there.query).get("cursor", [""])
            if (there.scheme, there.netloc) == (here.scheme, here.netloc) and _MARK.fullmatch(mark):
                return mark
        raise TransientError("App Store Connect names a next page that is not its own.")

    def _ask(self, path: str, params: Mapping[str, str | int]) -> Answer:
        token = sign(self._tools, self._tools.now() + self._off)
        return fetch(
            self._tools.http,
            self._root + path,
            {"Authorization": f"Bearer {token}"},
            params=params,
            passing=_REFUSED,
            now=self._tools.now,
        )

    def _learns_the_time(self, answer: Answer) -> bool:
        """Tell whether Apple's clock is another than ours, and sign by it from now on: an expired key is a 401."""
        with suppress(ValueError):
            theirs = parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
            before, self._off = self._off, theirs - self._tools.now()
            return abs(self._off - before) > _SKEW
        return False

    def _refusal(self, answer: Answer, now: datetime) -> SimakError:
        if answer.status == codes.TOO_MANY_REQUESTS:
            return _spent(self._rest_until) if self._rest_until else refusal(answer, now)
        faults = list(_faults(answer))
        if answer.status in {codes.BAD_REQUEST, codes.CONFLICT}:
            if any(_names_cursor(fault) for fault in faults):
                return StaleMarkError("App Store Connect no longer knows the page to go on from.")
            told = gate(" ".join(str(fault.get("detail", "")) for fault in faults), 200)
            return ConfigError(f"App Store Connect does not take the request; check the options. It says: “{told}”.")
        if answer.status == codes.FORBIDDEN and any("AGREEMENT" in str(fault.get("code")) for fault in faults):
            return PermanentError(_AGREEMENT)
        return (GoneError if answer.status == codes.NOT_FOUND else PermanentError)(_SAID[answer.status])


def sign(tools: base.Tools, now: datetime) -> str:
    """Return a key for one call; raises ConfigError that names the secret which is missing or is no key."""
    parts = {part: _secret(tools, part, name) for part, name in _PARTS.items()}
    payload = {"iss": parts["issuer_id"], "iat": now, "exp": now + LIFETIME, "aud": AUDIENCE}
    try:
        return jwt.encode(payload, _private_key(tools), algorithm="ES256", headers={"kid": parts["key_id"]})
    except (jwt.PyJWTError, ValueError, TypeError):
        # The cause may quote the key.
        raise ConfigError(
            "SIMAK_APP_STORE_PRIVATE_KEY is not a private key of Apple's: put the whole .p8 file there, or its path."
        ) from None


def _private_key(tools: base.Tools) -> str:
    """Return the key in PEM; in an environment file its lines may be joined by a written line feed."""
    told = _secret(tools, "private_key", "SIMAK_APP_STORE_PRIVATE_KEY")
    if "-----BEGIN" in told:
        return told.replace("\\n", "\n")
    try:
        return Path(told).expanduser().read_text(encoding="ascii")
    except (OSError, ValueError):
        raise ConfigError(
            "SIMAK_APP_STORE_PRIVATE_KEY is neither a key nor a readable file: put the .p8 file or its path there."
        ) from None


def _secret(tools: base.Tools, part: str, name: str) -> str:
    secret = tools.secret(f"app_store_{part}")
    told = secret.get_secret_value().strip() if secret else ""
    if not told:
        raise ConfigError(f"App Store Connect needs an API key with its id, issuer and .p8 file: set {name} in .env.")
    return told


def _spent(until: datetime) -> RateLimitedError:
    return RateLimitedError("App Store Connect has answered all the calls that it allows in an hour.", until)


def _exhausted(answer: Answer) -> bool:
    told = re.search(r"user-hour-rem:\s*(-?\d+)", answer.headers.get("x-rate-limit", ""))
    return told is not None and int(told[1]) <= 0


def _faults(answer: Answer) -> Iterator[Raw]:
    with suppress(TransientError):
        body = answer.json()
        told = body.get("errors") if isinstance(body, Mapping) else None
        yield from (fault for fault in told if isinstance(fault, Mapping)) if isinstance(told, list) else ()


def _names_cursor(fault: Mapping[str, Any]) -> bool:
    source = fault.get("source")
    return isinstance(source, Mapping) and source.get("parameter") == "cursor"
