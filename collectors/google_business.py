"""Reviews of one's own places on Google Maps: Business Profile, REST v4 ``accounts.locations.reviews``.

A location is a branch. The interface has no description in Google's client library, so it is asked directly; it is
open to approved projects only.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from pydantic import Field

from collectors import base
from collectors._google import Bearer, Caller, RefusedError, items, mapping
from domain.errors import ConfigError, PoisonError, TransientError
from domain.query import Query
from domain.records import Author, BrandReply, Cursor, Mention, Page, Raw
from domain.vocabulary import Platform

_NAME = re.compile(r"accounts/[\w-]+/locations/[\w-]+", re.ASCII)
_REVIEW = re.compile(r"accounts/[\w-]+/locations/[\w-]+/reviews/[\w=.~-]{1,300}", re.ASCII)
_TOKEN = re.compile(r"[!-~]{1,4096}")
_STARS = {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BAD_REQUEST, _NOT_FOUND = 400, 404
_PAGE = 50
_SECRETS = ("google_client_id", "google_client_secret", "google_refresh_token")
_TRANSLATED, _ORIGINAL = "(Translated by Google)", "(Original)"
_KEPT = ("name", "starRating", "comment", "createTime", "updateTime")


class GoogleBusinessOptions(base.Options):
    """Which places are read."""

    locations: Mapping[str, str] = Field(
        default={},
        description="Branches by location, “accounts/…/locations/…” = “Senayan”; empty for all that the account has.",
    )
    about: str | None = Field(default=None, description="The brand that the places belong to.")
    overlap_days: int = Field(
        default=2, ge=0, description="How far behind the newest known review a visit reads again."
    )
    token_url: str = Field(
        default="https://oauth2.googleapis.com/token", pattern="^https?://", description="Where tokens are asked for."
    )
    base_url: str = Field(
        default="https://mybusiness.googleapis.com", pattern="^https?://", description="Where reviews are asked for."
    )
    accounts_url: str = Field(
        default="https://mybusinessaccountmanagement.googleapis.com",
        pattern="^https?://",
        description="Where accounts are asked for.",
    )
    information_url: str = Field(
        default="https://mybusinessbusinessinformation.googleapis.com",
        pattern="^https?://",
        description="Where an account's locations are asked for.",
    )


class GoogleBusiness:
    """Reads reviews; the cursor's floor holds, as JSON, the newest change that was read of each location."""

    name: ClassVar[str] = "google_business"
    Options: ClassVar[type[base.Options]] = GoogleBusinessOptions
    caps: ClassVar[base.Caps] = base.Caps(batch=20)

    def __init__(self, options: GoogleBusinessOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options, self._tools = options, tools

    def check(self) -> None:
        """Raise ConfigError when a secret is missing or a location cannot be one."""
        for name in _SECRETS:
            if not re.fullmatch(r"[!-~]+", _secret(self._tools, name)):
                raise ConfigError(
                    "Google Business Profile needs the OAuth client of your project and a refresh token of the "
                    f"profile's owner: put SIMAK_{name.upper()} into .env."
                )
        wrong = next((one for one in self._options.locations if not _NAME.fullmatch(one)), None)
        if wrong is not None:
            raise ConfigError(f"“{wrong}” is not a location; write it as accounts/…/locations/….")

    def probe(self) -> str:
        """Ask for the accounts, or for the reviews of the first location that is set up."""
        self.check()
        if self._options.locations:
            self._reviews(next(iter(self._options.locations)), None)
            return "Google Business Profile accepts the key."
        told = self._ask(self._options.accounts_url, "v1/accounts", {"pageSize": "20"})
        return f"Google Business Profile accepts the key and shows accounts: {len(items(told, 'accounts'))}."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:  # noqa: ARG002 - the protocol's
        """Yield new and changed reviews, location by location, the latest change first.

        Raises ConfigError when Google has not approved the project, and the errors of ``collectors.http.fetch``.
        """
        self.check()
        floors = {key: at for key, at in json.loads(cursor.floor or "{}").items() if key in self._branches}
        step = json.loads(cursor.token) if cursor.token else {}
        locations = sorted(self._branches)
        if step.get("location") in locations:
            locations = locations[locations.index(step["location"]) :]
        else:
            step = {}
        for location in locations:
            yield from self._location(location, step, floors)
            step = {}

    def refresh(self, native_ids: Sequence[str]) -> Iterator[Page]:
        """Yield reviews as they are now, one a call; one that is not found, or has lost its words, is gone."""
        self.check()
        for native_id in native_ids:
            try:
                review = self._ask(self._options.base_url, f"v4/{native_id}", {})
            except RefusedError as refused:
                if refused.status != _NOT_FOUND:
                    raise
                yield Page(gone=(native_id,))
                continue
            if review.get("name") != native_id:
                raise TransientError("Google Business Profile answered with another review than the one asked for.")
            raws = self._raws(native_id.partition("/reviews/")[0], [review])
            yield Page(raws=raws, gone=() if raws else (native_id,))

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a review; an edit is a revision of it, the brand's reply goes with it."""
        return _mention(raw, self._options.about)

    @cached_property
    def _branches(self) -> Mapping[str, str]:
        """What each location is called: as it is set up, or as the account has it."""
        return self._options.locations or dict(self._discovered())

    def _discovered(self) -> Iterator[tuple[str, str]]:
        """Yield the account's locations, each with its store code, or its title where that is no other's."""
        found: list[tuple[str, Raw]] = []
        for account in self._all(self._options.accounts_url, "v1/accounts", "accounts", {"pageSize": "20"}):
            path = f"v1/{account.get('name')}/locations"
            asked = {"readMask": "name,title,storeCode", "pageSize": "100"}
            places = self._all(self._options.information_url, path, "locations", asked)
            found.extend((f"{account.get('name')}/{place.get('name')}", place) for place in places)
        titles = [str(place.get("title")) for _, place in found]
        for name, place in found:
            if _NAME.fullmatch(name):
                number = name.rpartition("/")[2]
                title = str(place.get("title") or number)
                yield name, str(place.get("storeCode") or (title if titles.count(title) < 2 else f"{title} {number}"))  # noqa: PLR2004

    def _all(self, url: str, path: str, key: str, asked: Mapping[str, str]) -> Iterator[Raw]:
        token: str | None = None
        while True:
            body = self._ask(url, path, {**asked, **({"pageToken": token} if token else {})})
            yield from items(body, key)
            before, token = token, _turn(body)
            if token is None or token == before:
                return

    def _location(self, location: str, step: Mapping[str, Any], floors: dict[str, str]) -> Iterator[Page]:
        token, newest = step.get("token"), step.get("newest")
        floor = floors.get(location)
        bound = datetime.fromisoformat(floor) - timedelta(days=self._options.overlap_days) if floor else _EPOCH
        while True:
            try:
                body = self._reviews(location, token)
            except RefusedError as refused:
                if not token or refused.status != _BAD_REQUEST:
                    raise
                # Google no longer knows the page that a broken-off visit stood at: from the top again.
                token = None
                continue
            found = items(body, "reviews")
            times = [at for at in map(_changed, found) if at]
            newest = max([*([newest] if newest else []), *(at.isoformat() for at in times)], default=None)
            before, token = token, _turn(body)
            if token == before or (times and max(times) < bound):
                token = None
            if token is None and newest:
                floors[location] = newest
            at = json.dumps({"location": location, "token": token, "newest": newest}) if token else None
            yield Page(raws=self._raws(location, found), cursor=Cursor(floor=json.dumps(floors), token=at))
            if token is None:
                return

    def _raws(self, location: str, reviews: Sequence[Raw]) -> tuple[Raw, ...]:
        """Return the reviews that have words, each with its branch: stars alone are no text that could be read."""
        branch = self._branches.get(location, location.rpartition("/")[2])
        return tuple(_raw(review, branch) for review in reviews if review.get("comment"))

    def _reviews(self, location: str, token: str | None) -> Raw:
        asked = {"pageSize": str(_PAGE), "orderBy": "updateTime desc", **({"pageToken": token} if token else {})}
        return self._ask(self._options.base_url, f"v4/{location}/reviews", asked)

    def _ask(self, url: str, path: str, asked: Mapping[str, str]) -> Raw:
        address = f"{url.rstrip('/')}/{path}" + (f"?{urlencode(asked)}" if asked else "")
        body: Raw = self._caller.ask(address, more={}).json()
        return body

    @cached_property
    def _caller(self) -> Caller:
        remedy = (
            "Google refuses the refresh token of Business Profile; let the owner agree again and put the new one into "
            ".env as SIMAK_GOOGLE_REFRESH_TOKEN (that of a project in testing lasts seven days)."
        )
        bearer = Bearer(self._tools, self._options.token_url, self._grant, remedy)
        return Caller(self._tools, "Google Business Profile", bearer.headers)

    def _grant(self, _: datetime) -> Mapping[str, str]:
        named = {name.removeprefix("google_"): _secret(self._tools, name) for name in _SECRETS}
        return {"grant_type": "refresh_token", **named}


def _turn(body: Raw) -> str | None:
    """Return the mark of the next page; raises TransientError for one that cannot be one."""
    token = body.get("nextPageToken")
    if token and not (isinstance(token, str) and _TOKEN.fullmatch(token)):
        raise TransientError("Google Business Profile answered with a page mark that cannot be one.")
    return token or None


def _changed(review: Raw) -> datetime | None:
    try:
        return datetime.fromisoformat(str(review.get("updateTime"))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _raw(review: Raw, branch: str) -> Raw:
    """Return of a review what mapping needs: neither the writer's name nor their picture."""
    kept = {key: review[key] for key in _KEPT if key in review}
    reply = mapping(review.get("reviewReply"))
    said = {key: reply[key] for key in ("comment", "updateTime") if key in reply}
    anonymous = mapping(review.get("reviewer")).get("isAnonymous") is True
    return {"review": kept, "reply": said, "anonymous": anonymous, "branch": branch}


def _mention(raw: Raw, about: str | None) -> Mention:
    review: Raw = raw["review"]
    name = review["name"]
    if not (isinstance(name, str) and _REVIEW.fullmatch(name)):
        raise PoisonError("the review has a name that is not one of Business Profile's")
    published = datetime.fromisoformat(review["createTime"])
    updated = datetime.fromisoformat(review["updateTime"]) if review.get("updateTime") else published
    return Mention(
        native_id=name,
        platform=Platform.MAPS,
        published_at=published,
        text=_own_words(review["comment"]),
        # The name of a writer is no id; but nobody has two reviews of one place, and so its id is theirs.
        author=None if raw.get("anonymous") else Author(native_id=name),
        revision=(updated - _EPOCH) // timedelta(milliseconds=1),
        stars=_STARS.get(review.get("starRating", "")),
        about=about,
        branch=raw.get("branch"),
        reply=_reply(mapping(raw.get("reply"))),
    )


def _reply(told: Raw) -> BrandReply | None:
    text = told.get("comment")
    if not isinstance(text, str) or not text.strip():
        return None
    return BrandReply(text=_own_words(text), at=datetime.fromisoformat(told["updateTime"]))


def _own_words(text: str) -> str:
    """Return what was written itself: Google puts a translation before it or behind it."""
    head, marked, original = text.partition(_ORIGINAL)
    if marked and head.lstrip().startswith(_TRANSLATED):
        return original.strip()
    before, _, translated = text.partition(_TRANSLATED)
    return before.strip() or translated.strip()


def _secret(tools: base.Tools, name: str) -> str:
    secret = tools.secret(name)
    return secret.get_secret_value().strip() if secret else ""
