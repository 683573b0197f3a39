"""YouTube's rules and traps, against a server that obeys them."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from loopback import Behaviour, Loopback, Reply
from pydantic import SecretStr
from youtube_replay import KEY, NOW, OTHER, VIDEO, YouTubeReplay, comment, refused, result, thread

from collectors import _youtube_comments as comments
from collectors._google import next_day
from collectors.base import Allowance, Tools
from collectors.http import guarded
from collectors.youtube import YouTube, YouTubeOptions
from domain.errors import BudgetError, ConfigError, PermanentError, RateLimitedError
from domain.query import Query, parse
from domain.records import Cursor, Mention, Page
from domain.vocabulary import Role

QUERY = Query("Kopi Senja", parse('"kopi senja"'))
Make = Callable[..., YouTube]


@pytest.fixture
def make(serve: Callable[[Behaviour], Loopback]) -> Iterator[Make]:
    """Yield a function that makes a collector of a replay, with options of its own."""
    with guarded(["localhost"]) as client:

        def collector(replay: Behaviour, meter: Any = None, **options: Any) -> YouTube:
            more = {"meter": meter} if meter else {}
            tools = Tools(client, lambda: NOW, lambda _: SecretStr(KEY), **more)
            settings = {"videos": (VIDEO,), "search": False, **options}
            return YouTube(YouTubeOptions(base_url=serve(replay).url, **settings), tools)

        yield collector


def mentions(collector: YouTube, pages: list[Page]) -> list[Mention]:
    """Return what the pages bring."""
    return [collector.map(raw) for page in pages for raw in page.raws]


def test_every_reply_of_a_long_thread_is_read_once(make: Make) -> None:
    """A thread with more replies than it brings along has the rest asked for, and none is doubled."""
    replay = YouTubeReplay([thread("Ug1", 30, replies=12), thread("Ug2", 40, replies=2)])
    collector = make(replay, page_size=5)
    found = mentions(collector, list(collector.pages(None, Cursor())))
    assert len({it.native_id for it in found}) == len(found) == 16
    assert {it.parent_id for it in found} == {None, "Ug1", "Ug2"}
    assert replay.calls.count("comments") == 3
    assert not replay.faults


def test_a_second_visit_costs_one_call_and_brings_what_is_new(make: Make) -> None:
    """What is older than the overlap is neither asked for nor brought again."""
    replay = YouTubeReplay([thread(f"Ug{n}", n * 600) for n in range(1, 40)])
    collector = make(replay, page_size=10, overlap_hours=1)
    *_, last = collector.pages(None, Cursor())
    replay.threads.append(thread("UgBaru", 5))
    replay.calls.clear()
    again = mentions(collector, list(collector.pages(None, last.cursor)))
    assert [it.native_id for it in again] == ["UgBaru", "Ug1"]
    assert replay.calls == ["commentThreads"]


def test_disabled_comments_are_said_once_and_others_are_read(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """A video without comments and one that is gone are no failure, and are told at the first visit only."""
    caplog.set_level(logging.INFO)
    collector = make(
        YouTubeReplay([thread("Ug1", 5)], disabled=frozenset({OTHER})), videos=(OTHER, "kopiHilang1", VIDEO)
    )
    *_, last = collector.pages(None, Cursor())
    assert [record.message for record in caplog.records if "YouTube" in record.message] == [
        f"YouTube: the video {OTHER} has its comments switched off; the others are read.",
        "YouTube: the video kopiHilang1 is no longer there; the others are read.",
    ]
    caplog.clear()
    assert len(mentions(collector, list(collector.pages(None, last.cursor)))) == 1
    assert "YouTube" not in caplog.text


def test_a_search_is_rare_and_picks_videos_that_name_the_brand(make: Make) -> None:
    """One search a day finds videos by title, leaves out live ones, and their comments are about the brand."""
    results = [result(OTHER, "Review Kopi Senja", 60), result("lainLain_01", "Kopi lain", 50)]
    results.append(result("siaranKopi1", "Kopi Senja live", 40, live="live"))
    replay = YouTubeReplay([thread("Ug1", 5, video=OTHER, likeCount=0)], results)
    collector = make(replay, videos=(), search=True)
    pages = list(collector.pages(QUERY, Cursor()))
    (one,) = mentions(collector, pages)
    assert one.about == "Kopi Senja"
    assert one.metrics
    assert (one.metrics.likes, one.metrics.replies) == (0, 0)
    list(collector.pages(QUERY, pages[-1].cursor))
    assert replay.calls.count("search") == 1


class _Counts:
    """A meter with nothing left of one thing."""

    def __init__(self, spent: str) -> None:
        self.spent, self.taken = spent, list[str]()

    def take(self, allowance: Allowance, amount: float = 1) -> None:
        """Count, or refuse."""
        self.taken.append(f"{allowance.what} {allowance.a_day:g} {allowance.zone} {amount:g}")
        if allowance.what == self.spent:
            raise BudgetError("Nothing is left.", NOW)


def test_each_bucket_is_counted_and_an_empty_one_of_searches_stops_no_reading(make: Make) -> None:
    """Searches and units are counted apart before each call; without searches the known videos are still read."""
    meter, replay = _Counts("searches"), YouTubeReplay([thread("Ug1", 5)])
    collector = make(replay, meter, search=True)
    assert len(mentions(collector, list(collector.pages(QUERY, Cursor())))) == 1
    assert meter.taken == ["searches 100 America/Los_Angeles 1", "units 10000 America/Los_Angeles 1"]
    assert replay.calls == ["commentThreads"]
    with pytest.raises(BudgetError):
        list(make(replay, _Counts("units")).pages(None, Cursor()))


@pytest.mark.parametrize(
    ("reply", "kind", "says"),
    [
        (refused(403, "quotaExceeded"), BudgetError, "2026-11-21 08:00 UTC"),
        (refused(403, "rateLimitExceeded"), RateLimitedError, "wait"),
        (refused(403, "accessNotConfigured"), ConfigError, "enable"),
        (refused(400, "keyInvalid"), PermanentError, "renew the key"),
    ],
)
def test_refusals_are_told_apart(make: Make, reply: Reply, kind: type[Exception], says: str) -> None:
    """Google's reason decides what is to be done next, and until when."""
    with pytest.raises(kind, match=says):
        list(make(YouTubeReplay([], instead={0: reply})).pages(None, Cursor()))


def test_the_day_of_quotas_ends_at_midnight_in_california() -> None:
    """Also on the days when its clocks change."""
    assert next_day(datetime(2026, 11, 1, 7, 30, tzinfo=UTC)) == datetime(2026, 11, 2, 8, tzinfo=UTC)
    assert next_day(datetime(2026, 3, 8, 8, 30, tzinfo=UTC)) == datetime(2026, 3, 9, 7, tzinfo=UTC)


def test_a_page_that_youtube_has_forgotten_is_read_from_the_top(make: Make) -> None:
    """A mark of the last visit that is no longer good costs nothing but calls."""
    replay = YouTubeReplay([thread(f"Ug{n}", n) for n in range(1, 31)])
    collector = make(replay, page_size=10)
    first = next(collector.pages(None, Cursor()))
    replay.instead = {len(replay.calls): refused(400, "invalidPageToken")}
    rest = mentions(collector, list(collector.pages(None, first.cursor)))
    assert {it.native_id for it in rest} == {f"Ug{n}" for n in range(1, 31)}


def test_a_second_look_tells_edits_and_what_is_gone(make: Make) -> None:
    """Fifty at once: an edit is a revision, and what YouTube no longer shows is gone."""
    replay = YouTubeReplay([thread("Ug" + "a" * 24, 600, replies=45)])
    replay.threads[0]["first"] = comment("Ug" + "a" * 24, 600, "kopi senja mahal", updatedAt="2026-11-20T11:00:00Z")
    collector = make(replay)
    ids = [replay.threads[0]["id"], *(one["id"] for one in replay.threads[0]["all"]), "UgHapus", "UgHapus.r1"]
    pages = list(collector.refresh(ids))
    found = {it.native_id: it for it in mentions(collector, pages)}
    assert [one for page in pages for one in page.gone] == ["UgHapus", "UgHapus.r1"]
    assert len(found) == 46
    assert found[ids[0]].revision > 0 == found[ids[1]].revision
    assert not replay.faults


def test_the_brand_s_own_channel_speaks_for_it(make: Make) -> None:
    """Comments of a channel that is set up as the brand's have its role, and no name is kept of anybody."""
    collector = make(YouTubeReplay([thread("Ug1", 5)]), brand_channels=("UCibukopi-ibukopi-ibuk-1",))
    (page,) = collector.pages(None, Cursor())
    (one,) = mentions(collector, [page])
    assert one.author
    assert one.author.role is Role.BRAND
    assert "@ibukopi" not in json.dumps(page.raws)


def test_every_recorded_file_is_read_or_explained(shared: Path, make: Make) -> None:
    """Searches name videos, errors are told, and the statistics of videos are the only answers that are not used."""
    folder = shared / "fixtures" / "youtube"
    for path in folder.glob("search_*.json"):
        body = json.loads(path.read_bytes())
        every = Query("any", parse("a* OR b* OR h* OR s* OR t* OR w*"))
        assert len(comments.videos(body, every, "youtube")) > 20
    for path, status in ((folder / "error_response.json", 400), (folder / "error_permission_resp.json", 403)):
        answer = Reply(status, {}, path.read_bytes())
        with pytest.raises(PermanentError):
            list(make(YouTubeReplay([], instead={0: answer})).pages(None, Cursor()))
    known = ("comment_threads_", "comments_", "search_", "error_", "videos_")
    assert all(path.name.startswith(known) for path in folder.glob("*.json"))
