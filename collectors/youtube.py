"""Comments on YouTube: threads and replies under watched videos and channels, and under videos that name a brand.

Data API v3, https://developers.google.com/youtube/v3/docs. It has no "since": threads come newest first and are read
until the known ones, with an overlap in which late replies and edits are still seen. Live chats are not read.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from pydantic import Field

from collectors import _youtube_comments as comments
from collectors import base
from collectors._google import PACIFIC, Caller, RefusedError, mapping, service
from collectors._youtube_marks import Marks, Step, Target
from domain.errors import BudgetError, ConfigError, PermanentError, TransientError
from domain.query import Query, wanted
from domain.records import Cursor, Mention, Page, Raw

_LOG = logging.getLogger(__name__)
_GONE = frozenset({"videoNotFound", "commentThreadNotFound", "commentNotFound", "parentCommentNotFound"})
_LOST_PAGE = frozenset({"invalidPageToken", "pageTokenInvalid"})
# Of a page's last threads so many have to be older than wanted: a single stray one ends no walk.
_TAIL = 5


class YouTubeOptions(base.Options):
    """Which comments are read, and how much may be asked."""

    videos: tuple[str, ...] = Field(default=(), description="Ids of videos to watch: what follows v= in an address.")
    channels: tuple[str, ...] = Field(
        default=(), description="Ids of channels to watch, each beginning with UC: the comments on all their videos."
    )
    about: str | None = Field(
        default=None, description="The brand that every comment on them is about, if that is certain."
    )
    brand_channels: tuple[str, ...] = Field(default=(), description="Ids of channels that speak for the brand.")
    search: bool = Field(default=True, description="Also look for videos whose title or description names a brand.")
    search_every_hours: int = Field(default=24, ge=1, description="Hours between two searches for a brand.")
    searches_a_day: int = Field(default=100, ge=0, description="Searches that the key may make a day.")
    units_a_day: int = Field(default=10_000, ge=0, description="Units that all other calls may use a day, one each.")
    found_videos: int = Field(default=50, ge=0, description="How many found videos to watch for a brand, the newest.")
    found_days: int = Field(default=30, ge=1, le=3650, description="How many days old a found video may be.")
    region: str = Field(default="ID", pattern="^[A-Z]{2}$", description="The country whose viewers' videos are sought.")
    lookback_days: int = Field(
        default=30, ge=1, le=36_500, description="How many days back the first visit to a video or channel reads."
    )
    overlap_hours: int = Field(
        default=48, ge=0, description="How far behind the newest known thread each visit reads again, for its replies."
    )
    page_size: int = Field(default=100, ge=1, le=100, description="Threads or replies an answer, 1 to 100.")
    base_url: str = Field(
        default="https://youtube.googleapis.com",
        pattern="^https?://",
        description="Where the interface is, if not at Google itself.",
    )


class YouTube:
    """Reads comments; the cursor's floor holds, as JSON, how far each video and channel has been read."""

    name: ClassVar[str] = "youtube"
    Options: ClassVar[type[base.Options]] = YouTubeOptions
    # Its terms: what is kept is looked at again, or deleted, within thirty days.
    caps: ClassVar[base.Caps] = base.Caps(searches=True, batch=50, keep=timedelta(days=30))

    def __init__(self, options: YouTubeOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options, self._tools = options, tools
        self._brand = frozenset(options.brand_channels)

    def check(self) -> None:
        """Raise ConfigError when the key is missing, nothing is to be read, or an id cannot be one."""
        if not re.fullmatch(r"[!-~]+", _key(self._tools)):
            raise ConfigError(
                "YouTube needs an API key of a Google project: put it into .env as SIMAK_YOUTUBE_API_KEY."
            )
        options = self._options
        if not (options.videos or options.channels or options.search):
            raise ConfigError("This source has nothing to read; name videos or channels, or set search = true.")
        for kind, ids, shape in (
            ("video", options.videos, comments.VIDEO),
            ("channel", (*options.channels, *options.brand_channels), comments.CHANNEL),
        ):
            wrong = next((one for one in ids if not shape.fullmatch(one)), None)
            if wrong is not None:
                raise ConfigError(f"“{wrong}” is not the id of a {kind} on YouTube; copy it from its address.")

    def probe(self) -> str:
        """Ask for the languages of YouTube, the cheapest call there is."""
        self.check()
        _Api(self._options, self._tools).languages()
        return "YouTube accepts the key."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield new comments, target by target, after a search for videos when it is time for one.

        A target that is refused does not keep the others from being read: its error is raised at the end.
        """
        self.check()
        marks, api = Marks.read(cursor), _Api(self._options, self._tools)
        if query and marks.step is None and self._seek(api, marks, query):
            yield Page(cursor=marks.cursor())
        failures: list[PermanentError] = []
        for target in self._targets(marks, query):
            try:
                yield from _Walk(self._options, api, marks, target, self._tools.now()).pages()
            except RefusedError as refused:
                if not refused.reasons:
                    raise
                marks.step = None
                failures.append(refused)
        if failures:
            raise failures[0]

    def refresh(self, native_ids: Sequence[str]) -> Iterator[Page]:
        """Yield comments as they are now; what YouTube no longer shows is gone."""
        self.check()
        api = _Api(self._options, self._tools)
        # The id of a reply is its thread's and its own, with a dot between.
        replies = [one for one in native_ids if "." in one]
        threads = [one for one in native_ids if "." not in one]
        common = {"observed_at": self._tools.now().isoformat()}
        if threads:
            found = api.threads_again(threads)
            yield self._again(threads, [raw for it in found for raw in comments.of_thread(it, common)])
        if replies:
            yield self._again(replies, [comments.of_comment(it, common) for it in api.again(replies)])

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a comment; an edit is a revision of it."""
        return comments.mention(raw, self._brand)

    def _again(self, asked: Sequence[str], raws: Sequence[Raw]) -> Page:
        here = {raw["comment"]["id"] for raw in raws}
        return Page(raws=tuple(map(self._named, raws)), gone=tuple(one for one in asked if one not in here))

    def _named(self, raw: Raw) -> Raw:
        """Say of a comment on what is watched which brand it is about."""
        watched = raw.get("videoId") in self._options.videos
        watched = watched or raw["comment"]["snippet"].get("channelId") in self._options.channels
        return {**raw, "about": self._options.about} if watched else raw

    def _targets(self, marks: Marks, query: Query | None) -> list[Target]:
        """Return what is to be read, from where an unfinished walk stands, and drop the marks of anything else."""
        options, brand = self._options, query.brand if query else None
        targets = [
            *(Target("video", one, options.about) for one in options.videos),
            *(Target("channel", one, options.about) for one in options.channels),
            *(Target("video", one, brand) for one in marks.found if one not in options.videos),
        ]
        keys = [target.key for target in targets]
        marks.floors = {key: floor for key, floor in marks.floors.items() if key in keys}
        marks.closed = [key for key in marks.closed if key in keys]
        if marks.step and marks.step.target in keys:
            return targets[keys.index(marks.step.target) :]
        marks.step = None
        return targets

    def _seek(self, api: "_Api", marks: Marks, query: Query) -> bool:
        """Look for videos if it is time to, and tell whether that was done."""
        options, now = self._options, self._tools.now()
        last = datetime.fromisoformat(marks.searched) if marks.searched else None
        if not options.search or (last and now - last < timedelta(hours=options.search_every_hours)):
            return False
        try:
            body = api.search(query, now - timedelta(days=options.found_days))
        except BudgetError as spent:
            # Searches have a quota of their own: the comments under what is known can still be read.
            _LOG.info("%s", spent)
            return False
        known = {**marks.found, **comments.videos(body, query, self.name)}
        newest = sorted(known, key=lambda one: (known[one], one), reverse=True)[: options.found_videos]
        marks.found, marks.searched = {one: known[one] for one in newest}, now.isoformat()
        return True


@dataclass
class _Walk:
    """Reads one video or channel down to what is known of it."""

    options: YouTubeOptions
    api: "_Api"
    marks: Marks
    target: Target
    now: datetime

    def pages(self) -> Iterator[Page]:
        """Yield what is new, an answer a page; a video without comments or that is gone is no failure."""
        try:
            yield from self._read()
        except RefusedError as refused:
            if "commentsDisabled" in refused.reasons:
                yield from self._closed("has its comments switched off")
            elif refused.reasons & _GONE:
                self.marks.forget(self.target)
                yield from self._closed("is no longer there")
            else:
                raise

    def _closed(self, why: str) -> Iterator[Page]:
        if self.marks.close(self.target):
            _LOG.info("YouTube: the %s %s %s; the others are read.", self.target.kind, self.target.id, why)
            yield Page(cursor=self.marks.cursor())

    def _read(self) -> Iterator[Page]:
        step = self.marks.step or Step(self.target.key)
        while not step.is_over:
            try:
                raws, step = self._replies(step) if step.threads else self._threads(step)
            except RefusedError as refused:
                if not (step.page or step.threads) or not refused.reasons & _LOST_PAGE:
                    raise
                # YouTube has forgotten the page since the last visit: from the top again, which doubles nothing.
                step = Step(step.target, newest=step.newest)
                continue
            self.marks.advance(step)
            yield Page(raws=tuple(raws), cursor=self.marks.cursor())
        if self.target.key in self.marks.closed:
            self.marks.closed.remove(self.target.key)

    def _threads(self, step: Step) -> tuple[list[Raw], Step]:
        """Read a page of threads: the wanted ones, and which of them have more replies than they bring along."""
        body = self.api.threads(self.target, step.page or None)
        threads, token, bound = comments.found(body), comments.turn(body), self._bound()
        times = [comments.begun(thread) for thread in threads]
        wished = [it for it, at in zip(threads, times, strict=True) if at is None or at >= bound]
        # A time that lies ahead would hide what is written until then.
        known = [min(at, self.now) for at in times if at]
        newest = max([*known, *([datetime.fromisoformat(step.newest)] if step.newest else [])], default=None)
        tail = known[-_TAIL:]
        ends = token is None or token == step.page or (tail and all(at < bound for at in tail))
        after = replace(
            step,
            page=None if ends else token,
            newest=newest.isoformat() if newest else None,
            threads=tuple(_pending(wished)),
        )
        return [raw for it in wished for raw in comments.of_thread(it, self._common)], after

    def _replies(self, step: Step) -> tuple[list[Raw], Step]:
        """Read a page of the replies in the first thread that has more of them."""
        (thread, video, page), *rest = step.threads
        try:
            body = self.api.replies(thread, page)
        except RefusedError as refused:
            if refused.reasons & _GONE:
                return [], replace(step, threads=tuple(rest))
            raise
        token = comments.turn(body)
        more = [(thread, video, token)] if token and token != page else []
        common = {"videoId": video, **self._common}
        return [comments.of_comment(it, common) for it in comments.found(body)], replace(step, threads=(*more, *rest))

    @property
    def _common(self) -> Mapping[str, Any]:
        return {"about": self.target.about, "observed_at": self.now.isoformat()}

    def _bound(self) -> datetime:
        floor = self.marks.floor(self.target)
        if floor is None:
            return self.now - timedelta(days=self.options.lookback_days)
        return floor - timedelta(hours=self.options.overlap_hours)


class _Api:
    """The calls, each counted before it is made."""

    def __init__(self, options: YouTubeOptions, tools: base.Tools) -> None:
        self._options, self._tools = options, tools
        # In a header: an address with the key in it ends up in logs.
        caller = Caller(tools, "the YouTube Data API", lambda: {"X-Goog-Api-Key": _key(tools)})
        self._service = service("youtube", "v3", options.base_url, caller)

    def languages(self) -> None:
        self._units(self._service.i18nLanguages().list(part="snippet"))

    def threads(self, target: Target, page: str | None) -> Raw:
        filters = {"videoId": target.id} if target.kind == "video" else {"allThreadsRelatedToChannelId": target.id}
        return self._units(
            self._service.commentThreads().list(
                part="snippet,replies",
                order="time",
                textFormat="plainText",
                maxResults=self._options.page_size,
                pageToken=page,
                **filters,
            )
        )

    def replies(self, thread: str, page: str | None) -> Raw:
        return self._units(
            self._service.comments().list(
                part="snippet",
                parentId=thread,
                textFormat="plainText",
                maxResults=self._options.page_size,
                pageToken=page,
            )
        )

    def threads_again(self, ids: Sequence[str]) -> list[Raw]:
        ask = self._service.commentThreads().list(part="snippet", id=",".join(ids), textFormat="plainText")
        return comments.found(self._units(ask))

    def again(self, ids: Sequence[str]) -> list[Raw]:
        ask = self._service.comments().list(part="snippet", id=",".join(ids), textFormat="plainText")
        return comments.found(self._units(ask))

    def search(self, query: Query, since: datetime) -> Raw:
        self._tools.meter.take(base.Allowance("searches", self._options.searches_a_day, PACIFIC))
        body: Raw = (
            self._service.search()
            .list(
                part="snippet",
                type="video",
                q=comments.query_text(wanted(query.expression)),
                order="date",
                maxResults=50,
                regionCode=self._options.region,
                publishedAfter=f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            )
            .execute(num_retries=0)
        )
        return body

    def _units(self, request: Any) -> Raw:
        """Make a call of one unit; the library's own retries, which sleep, stay off."""
        self._tools.meter.take(base.Allowance("units", self._options.units_a_day, PACIFIC))
        try:
            body: Raw = request.execute(num_retries=0)
        except RefusedError as refused:
            if "processingFailure" in refused.reasons:
                raise TransientError("YouTube could not process the request just now.") from None
            raise
        return body


def _pending(threads: Sequence[Raw]) -> Iterator[tuple[str, str | None, str | None]]:
    for thread in threads:
        thread_id, video = thread.get("id"), mapping(thread.get("snippet")).get("videoId")
        if isinstance(thread_id, str) and not comments.is_whole(thread):
            yield thread_id, video if isinstance(video, str) else None, None


def _key(tools: base.Tools) -> str:
    secret = tools.secret("youtube_api_key")
    return secret.get_secret_value().strip() if secret else ""
