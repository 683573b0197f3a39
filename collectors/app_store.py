"""Reviews of one's own app in the App Store: ``GET /v1/apps/{id}/customerReviews`` of the App Store Connect API.

https://developer.apple.com/documentation/appstoreconnectapi/customer-reviews. An edited review replaces the one before
it and gets a new ``createdDate``. No event tells of a deleted one: it is missing when it is looked at again. How long
a page mark stays good is not documented; a walk whose mark is refused begins again at the newest review.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from pydantic import Field

from collectors import _app_store_reviews as reviews
from collectors import base
from collectors._app_store_api import Api, GoneError, StaleMarkError, sign
from domain.errors import ConfigError, TransientError
from domain.query import Query
from domain.records import Cursor, Mention, Page, Raw


class AppStoreOptions(base.Options):
    """Which app's reviews are read."""

    app_id: str = Field(default="", description="The app's number: 123456789 of apps.apple.com/id/app/…/id123456789.")
    about: str | None = Field(default=None, description="The brand whose app it is; every review is then about it.")
    territories: tuple[str, ...] = Field(
        default=(), description="Countries to read, as ISO 3166-1 alpha-3 codes such as IDN; empty for all."
    )
    overlap: int = Field(
        default=2,
        ge=0,
        le=30,
        description="Days read again each time: some reviews are shown later than they are dated.",
    )
    page_size: int = Field(default=200, ge=1, le=200, description="Reviews an answer, 1 to 200.")
    base_url: str = Field(
        default="https://api.appstoreconnect.apple.com",
        pattern="^https?://",
        description="Where the interface is, if not at Apple itself.",
    )


class AppStore:
    """Reads the reviews of one app, newest first; the cursor's floor is when the newest one was written."""

    name: ClassVar[str] = "app_store"
    Options: ClassVar[type[base.Options]] = AppStoreOptions
    caps: ClassVar[base.Caps] = base.Caps(batch=20)

    def __init__(self, options: AppStoreOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options = options
        self._tools = tools

    def check(self) -> None:
        """Raise ConfigError when the app is not named or the key is missing or cannot be one."""
        if not re.fullmatch(r"[0-9]{5,20}", self._options.app_id):
            raise ConfigError("App Store Connect is asked for one app: write the app's number into app_id.")
        for place, code in enumerate(self._options.territories, start=1):
            if not re.fullmatch(r"[A-Z]{3}", code):
                raise ConfigError(f"Territory {place} is not a country code of three capital letters; write IDN.")
        sign(self._tools, self._tools.now())

    def probe(self) -> str:
        """Ask for one review."""
        self.check()
        found = reviews.raws(self._ask(Api(self._options.base_url, self._tools), None, 1))
        return f"App Store Connect accepts the key and shows {'reviews' if found else 'no review yet'}."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:  # noqa: ARG002  # The protocol's.
        """Yield the app's reviews, newest first, from where the cursor stands to a little below its floor.

        Raises the errors of ``collectors.http.fetch``.
        """
        self.check()
        api, floor = Api(self._options.base_url, self._tools), self._floor(cursor)
        while True:
            try:
                body = self._ask(api, cursor.token, self._options.page_size)
            except StaleMarkError:
                if cursor.token is None:
                    raise
                cursor = cursor.model_copy(update={"token": None})
                continue
            page = self._page(api, body, cursor, floor)
            yield page
            cursor = page.cursor
            if cursor.token is None:
                return

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a review."""
        return reviews.mention(raw, self._options.about)

    def refresh(self, native_ids: Sequence[str]) -> Iterator[Page]:
        """Yield each review as it is now; one that Apple does not find is gone."""
        self.check()
        api = Api(self._options.base_url, self._tools)
        for native_id in native_ids:
            if not re.fullmatch(r"[\w-]+", native_id):
                continue
            try:
                body = api.get(f"/v1/customerReviews/{native_id}", {"include": "response"})
            except GoneError:
                yield Page(gone=(native_id,))
                continue
            yield Page(raws=reviews.raws(body))

    def _ask(self, api: Api, mark: str | None, size: int) -> Raw:
        params: dict[str, str | int] = {"sort": "-createdDate", "limit": size, "include": "response"}
        if self._options.territories:
            params["filter[territory]"] = ",".join(self._options.territories)
        if mark:
            params["cursor"] = mark
        return api.get(f"/v1/apps/{self._options.app_id}/customerReviews", params)

    def _page(self, api: Api, body: Raw, cursor: Cursor, floor: datetime | None) -> Page:
        found, mark = reviews.raws(body), api.following(body)
        if mark and mark == cursor.token:
            raise TransientError("App Store Connect names the page it has just given as the next one.")
        top, bottom = reviews.newest(found), reviews.oldest(found)
        newest = top.isoformat() if top else None
        below = floor is not None and bottom is not None and bottom < floor
        return Page(raws=found, cursor=cursor.walking(mark, newest) if mark and not below else cursor.settled(newest))

    def _floor(self, cursor: Cursor) -> datetime | None:
        with suppress(ValueError, TypeError):
            return datetime.fromisoformat(str(cursor.floor)).astimezone(UTC) - timedelta(days=self._options.overlap)
        return None
