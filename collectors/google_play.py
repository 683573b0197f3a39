"""Reviews of one's own apps on Google Play: Android Publisher v3, ``reviews.list``, with a service account.

Google gives the last week's reviews, those with words only. Each visit reads that week whole: that is how edits and the
brand's replies are seen, and what an answer cut short leaves out is there at the next visit.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Final

import google.auth.crypt
import google.auth.jwt
from pydantic import Field

from collectors import base
from collectors._google import Bearer, Caller, RefusedError, items, mapping, service
from domain.errors import ConfigError, PoisonError, TransientError
from domain.query import Query
from domain.records import Author, BrandReply, Cursor, Gap, Mention, Metrics, Page, Raw
from domain.vocabulary import Platform

LOOKBACK: Final = timedelta(days=7)
_SCOPE = "https://www.googleapis.com/auth/androidpublisher"
_PACKAGE = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)+", re.ASCII)
_TOKEN = re.compile(r"[!-~]{1,4096}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Android writes Indonesian as Java once did.
_LANGUAGES = {"in": "id", "iw": "he"}
_NEEDED = "put it, or the path of its JSON file, into .env as SIMAK_GOOGLE_SERVICE_ACCOUNT."


class GooglePlayOptions(base.Options):
    """Whose reviews are read."""

    packages: tuple[str, ...] = Field(default=(), description="Package names of the apps, such as id.kopisenja.app.")
    about: str | None = Field(default=None, description="The brand that the apps belong to.")
    page_size: int = Field(default=100, ge=1, le=100, description="Reviews an answer, 1 to 100.")
    calls_a_day: int = Field(default=4_800, ge=1, description="Calls that may be made a day.")
    token_url: str | None = Field(
        default=None,
        pattern="^https?://",
        description="Where tokens are asked for, if not where the service account says.",
    )
    base_url: str = Field(
        default="https://androidpublisher.googleapis.com",
        pattern="^https?://",
        description="Where the interface is, if not at Google itself.",
    )


class GooglePlay:
    """Reads reviews; the cursor's floor holds, as JSON, when each app was last read to the end."""

    name: ClassVar[str] = "google_play"
    Options: ClassVar[type[base.Options]] = GooglePlayOptions
    caps: ClassVar[base.Caps] = base.Caps(lookback=LOOKBACK)

    def __init__(self, options: GooglePlayOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options, self._tools = options, tools

    def check(self) -> None:
        """Raise ConfigError when no app is named, or the service account is missing or cannot be one."""
        if not self._options.packages:
            raise ConfigError("This source has no app to read; write the names of its packages into packages.")
        wrong = next((one for one in self._options.packages if not _PACKAGE.fullmatch(one)), None)
        if wrong is not None:
            raise ConfigError(f"“{wrong}” is not the name of a package; copy it from the app's address, after id=.")
        _Account.read(self._tools)

    def probe(self) -> str:
        """Ask for one review of the first app."""
        self.check()
        self._api().reviews(self._options.packages[0], None, 1)
        return "Google Play accepts the service account."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:  # noqa: ARG002 - the protocol's
        """Yield the last week's reviews, app by app; after a longer standstill the first page says what is lost.

        Raises the errors of ``collectors.http.fetch``.
        """
        self.check()
        api, visited = self._api(), json.loads(cursor.floor or "{}")
        step = json.loads(cursor.token) if cursor.token else {}
        packages = list(self._options.packages)
        if step.get("package") in packages:
            packages = packages[packages.index(step["package"]) :]
        else:
            step = {}
        for package in packages:
            yield from self._app(api, package, step, visited)
            step = {}

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a review; an edit is a revision of it, the brand's reply goes with it."""
        return _mention(raw, self._options.about)

    def _app(self, api: "_Api", package: str, step: Mapping[str, Any], visited: dict[str, str]) -> Iterator[Page]:
        token, began = step.get("token"), step.get("began", self._tools.now().isoformat())
        gap = None if token else self._lost(package, visited)
        while True:
            try:
                body = api.reviews(package, token, self._options.page_size)
            except RefusedError as refused:
                if not token or refused.status != _BAD_REQUEST:
                    raise
                # Google no longer knows the page that a broken-off visit stood at: the week is read from its top.
                token = None
                continue
            before, token = token, _turn(body)
            token = None if token == before else token
            if token:
                now_at = json.dumps({"package": package, "token": token, "began": began})
            else:
                visited[package], now_at = began, None
            yield Page(raws=self._raws(body), cursor=Cursor(floor=json.dumps(visited), token=now_at), gap=gap)
            gap = None
            if not token:
                return

    def _raws(self, body: Raw) -> tuple[Raw, ...]:
        seen = self._tools.now().isoformat()
        return tuple(_raw(review, seen) for review in items(body, "reviews"))

    def _lost(self, package: str, visited: Mapping[str, str]) -> Gap | None:
        if package not in visited:
            return None
        last, reach = datetime.fromisoformat(visited[package]), self._tools.now() - LOOKBACK
        if last >= reach:
            return None
        why = (
            f"Google Play gives a week: reviews of {package} between {last:%Y-%m-%d %H:%M} and "
            f"{reach:%Y-%m-%d %H:%M} UTC are lost."
        )
        return Gap(since=last, until=reach, why=why)

    def _api(self) -> "_Api":
        return _Api(self._options, self._tools)


_BAD_REQUEST = 400


class _Account:
    """A service account: who asks, and the key that signs for it."""

    def __init__(self, info: Mapping[str, str]) -> None:
        self.email, self.token_uri = info["client_email"], info["token_uri"]
        self._signer = google.auth.crypt.RSASigner.from_service_account_info(info)  # type: ignore[no-untyped-call]

    @classmethod
    def read(cls, tools: base.Tools) -> "_Account":
        """Return the account of the settings; raises ConfigError when there is none."""
        secret = tools.secret("google_service_account")
        if secret is None:
            raise ConfigError(f"Google Play needs a service account: {_NEEDED}")
        told = secret.get_secret_value().strip()
        try:
            text = told if told.startswith("{") else Path(told).read_text(encoding="utf-8")
            return cls(json.loads(text))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            # The cause would quote the key.
            raise ConfigError(f"The service account of Google Play cannot be read: {_NEEDED}") from None

    def grant(self, now: datetime, url: str) -> Mapping[str, str]:
        """Return the form that earns a token, signed by the account's key."""
        issued = int(now.timestamp())
        claims = {"iss": self.email, "scope": _SCOPE, "aud": url, "iat": issued, "exp": issued + 3600}
        signed = google.auth.jwt.encode(self._signer, claims)  # type: ignore[no-untyped-call]
        return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": signed.decode()}


class _Api:
    """The calls, each counted before it is made."""

    def __init__(self, options: GooglePlayOptions, tools: base.Tools) -> None:
        self._options, self._tools = options, tools
        account = _Account.read(tools)
        remedy = (
            "Google refuses the service account; make a new key for it in the Google Cloud console, invite it in the "
            f"Play Console, and {_NEEDED}"
        )
        url = options.token_url or account.token_uri
        bearer = Bearer(tools, url, lambda now: account.grant(now, account.token_uri), remedy)
        caller = Caller(tools, "the Google Play Android Developer API", bearer.headers)
        self._service = service("androidpublisher", "v3", options.base_url, caller)

    def reviews(self, package: str, token: str | None, size: int) -> Raw:
        self._tools.meter.take(base.Allowance("calls", self._options.calls_a_day))
        # An app without new reviews is answered by an empty object.
        body: Raw = (
            self._service.reviews().list(packageName=package, maxResults=size, token=token).execute(num_retries=0)
        )
        return body


def _turn(body: Raw) -> str | None:
    """Return the mark of the next page; raises TransientError for one that cannot be one."""
    token = mapping(body.get("tokenPagination")).get("nextPageToken")
    if token and not (isinstance(token, str) and _TOKEN.fullmatch(token)):
        raise TransientError("Google Play answered with a page mark that cannot be one.")
    return token or None


def _raw(review: Raw, seen: str) -> Raw:
    """Return of a review what mapping needs: neither the writer's name nor what phone they have."""
    said: dict[str, Raw] = {}
    for part in items(review, "comments"):
        user, developer = mapping(part.get("userComment")), mapping(part.get("developerComment"))
        if user:
            said["user"] = {key: user[key] for key in _USER if key in user}
        if developer:
            said["developer"] = {key: developer[key] for key in ("text", "lastModified") if key in developer}
    return {"reviewId": review.get("reviewId"), **said, "observed_at": seen}


_USER = ("text", "originalText", "lastModified", "starRating", "reviewerLanguage", "thumbsUpCount")


def _mention(raw: Raw, about: str | None) -> Mention:
    review_id, user = raw["reviewId"], mapping(raw.get("user"))
    if not isinstance(review_id, str) or not user:
        raise PoisonError("the review has no id or no words")
    at, likes = _moment(user["lastModified"]), user.get("thumbsUpCount")
    return Mention(
        native_id=review_id,
        platform=Platform.GOOGLE_PLAY,
        published_at=at,
        # A title stands before the body, with a tab between; a translation beside the words themselves.
        text=(user.get("originalText") or user["text"]).strip().replace("\t", "\n"),
        # The name of a writer is no id; but nobody has two reviews of one app, and so its id is theirs.
        author=Author(native_id=review_id),
        language=_language(user.get("reviewerLanguage")),
        revision=(at - _EPOCH) // timedelta(milliseconds=1),
        stars=user.get("starRating"),
        metrics=None if likes is None else Metrics(observed_at=raw["observed_at"], likes=likes),
        about=about,
        reply=_reply(mapping(raw.get("developer"))),
    )


def _reply(developer: Raw) -> BrandReply | None:
    text = developer.get("text")
    if not isinstance(text, str) or not text.strip():
        return None
    return BrandReply(text=text, at=_moment(developer["lastModified"]))


def _moment(told: Mapping[str, Any]) -> datetime:
    """Return the time in a Timestamp: seconds as text, and nanoseconds that may be missing."""
    return _EPOCH + timedelta(seconds=int(told["seconds"]), microseconds=int(told.get("nanos") or 0) // 1000)


def _language(code: object) -> str | None:
    found = re.match(r"([a-z]{2,3})(?![a-z])", code) if isinstance(code, str) else None
    return _LANGUAGES.get(found[1], found[1]) if found else None
