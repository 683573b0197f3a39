"""The YouTube collector keeps the promises of every collector."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from collector_contract import HttpCollectorContract
from loopback import Behaviour, Loopback
from youtube_replay import CHANNEL, NOW, OTHER, VIDEO, YouTubeReplay, result, thread

from collectors import _youtube_comments as comments
from collectors.base import Tools
from collectors.runner import understand
from collectors.youtube import YouTube, YouTubeOptions
from domain.errors import ConfigError
from domain.query import Query, parse
from domain.records import Page, Raw
from domain.vocabulary import Platform


class YouTubeContract(HttpCollectorContract):
    """What both sources of comments share."""

    kind = YouTube
    query: ClassVar[Query] = Query("Kopi Senja", parse('"kopi senja"'))
    wrong = (
        {"search": False},
        {"videos": ["https://youtu.be/kopiSenja01"]},
        {"channels": ["@kopisenja"]},
    )

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server."""
        return {"base_url": url, "videos": [VIDEO], "page_size": 10}

    def test_a_missing_key_is_told(self, tools: Tools) -> None:
        """Without its key the collector says which secret to set."""
        keyless = Tools(tools.http, tools.now, lambda _: None)
        with pytest.raises(ConfigError, match="SIMAK_YOUTUBE_API_KEY"):
            YouTube(YouTubeOptions(), keyless).check()


class TestYouTube(YouTubeContract):
    """A watched video with long threads, one without comments, one that is gone, and one that a search finds."""

    @pytest.fixture
    def options(self, serve: Callable[[Behaviour], Loopback]) -> Mapping[str, Any]:
        """Return the settings that lead to the replay."""
        threads = [thread(f"Ug{n:02}", n * 20, replies=n % 9, likeCount=n) for n in range(1, 26)]
        threads += [thread(f"Uh{n}", n * 60, replies=13, video=OTHER) for n in range(3)]
        replay = YouTubeReplay(threads, [result(OTHER, "Kopi Senja, jujur!", 90)], disabled=frozenset({"kopiDiam_01"}))
        return {**self.at(serve(replay).url), "videos": [VIDEO, "kopiDiam_01", "kopiHilang1"]}


class TestRecordedYouTube(YouTubeContract):
    """Comments that YouTube really sent, in 2019."""

    @pytest.fixture
    def options(self, shared: Path, serve: Callable[[Behaviour], Loopback]) -> Mapping[str, Any]:
        """Serve every recorded thread by YouTube's rules."""
        found = {it["id"]: it for body in bodies(shared, "comment_threads_*.json") for it in body["items"]}
        replay = YouTubeReplay([served(it) for it in found.values()])
        settings = {"search": False, "videos": [], "channels": [CHANNEL], "lookback_days": 36_500, "page_size": 3}
        return {**self.at(serve(replay).url), **settings}

    @pytest.fixture
    def recorded(self, shared: Path) -> Sequence[Raw]:
        """Return the raw items of the recorded answers as they are."""
        common = {"observed_at": NOW.isoformat()}
        threads = [it for body in bodies(shared, "comment_threads_*.json") for it in comments.found(body)]
        replies = [it for body in bodies(shared, "comments_*.json") for it in comments.found(body)]
        return [
            *(raw for it in threads for raw in comments.of_thread(it, common)),
            *(comments.of_comment(it, common) for it in replies),
        ]

    def test_every_recorded_comment_is_understood(self, make: Callable[[], YouTube], recorded: Sequence[Raw]) -> None:
        """No comment that YouTube really sent is set aside."""
        told = understand(make(), Page.model_construct(raws=tuple(recorded)))
        assert not told.poisoned
        assert len(told.items) == len(recorded) > 15
        assert {mention.platform for _, mention in told.items} == {Platform.YOUTUBE}


def bodies(shared: Path, pattern: str) -> list[dict[str, Any]]:
    """Return the recorded answers of that name."""
    return [json.loads(path.read_bytes()) for path in sorted((shared / "fixtures" / "youtube").glob(pattern))]


def served(it: dict[str, Any]) -> dict[str, Any]:
    """Return a recorded thread as the replay serves it."""
    said = it.get("replies", {}).get("comments", [])
    first = it["snippet"]["topLevelComment"]
    return {"id": it["id"], "video": it["snippet"].get("videoId"), "channel": CHANNEL, "first": first, "all": said}
