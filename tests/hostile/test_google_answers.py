"""Answers of Google with anything anywhere in them."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from google_replay import ACCOUNT, APP, PLACE, SECRET, TOKEN, answer, place_review, play_review
from loopback import Asked, Loopback, Reply
from pydantic import SecretStr
from youtube_replay import NOW, VIDEO, comment

from collectors.base import Collector, Tools
from collectors.google_business import GoogleBusiness, GoogleBusinessOptions
from collectors.google_play import GooglePlay, GooglePlayOptions
from collectors.http import guarded
from collectors.runner import understand
from collectors.youtube import YouTube, YouTubeOptions
from domain.errors import SimakError
from domain.records import Cursor

ODD: tuple[Any, ...] = (None, "\x00\ud800", [], {}, 10**40, [None], [[]], [{}], {"a": {}})
ERROR = {"code": 403, "errors": [{"reason": "commentsDisabled"}], "details": [{"reason": "a", "metadata": {"b": "c"}}]}
THREAD = {
    "id": "Ug1",
    "snippet": {"videoId": VIDEO, "totalReplyCount": 1, "topLevelComment": comment("Ug1", 5, videoId=VIDEO)},
    "replies": {"comments": [comment("Ug1.r", 4, parentId="Ug1")]},
}
Make = Callable[[str, Tools], Collector]


def youtube(url: str, tools: Tools) -> Collector:
    """Return the collector of comments at an address."""
    return YouTube(YouTubeOptions(base_url=url, videos=(VIDEO,), search=False), tools)


def play(url: str, tools: Tools) -> Collector:
    """Return the collector of an app's reviews at an address."""
    return GooglePlay(GooglePlayOptions(base_url=url, token_url=f"{url}/token", packages=(APP,)), tools)


def business(url: str, tools: Tools) -> Collector:
    """Return the collector of a place's reviews at an address."""
    options = GoogleBusinessOptions(base_url=url, token_url=f"{url}/token", locations={PLACE: "Senayan"})
    return GoogleBusiness(options, tools)


WHOLE: Mapping[str, tuple[Make, Any]] = {
    "youtube": (youtube, {"items": [THREAD], "error": ERROR}),
    "play": (play, {"reviews": [play_review(1, 5, reply="Maaf")], "tokenPagination": {}, "error": ERROR}),
    "business": (
        business,
        {"reviews": [place_review(1, 5, reviewReply={"comment": "Maaf", "updateTime": "2026-11-20T01:00:00Z"})]},
    ),
}


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value, at any depth."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        yield (*path, key)
        yield from paths(part, (*path, key))


def bodies(whole: Any) -> Iterator[Any]:
    """Yield answers in which one value is replaced by something that does not belong there."""
    for *parents, last in paths(whole):
        for odd in ODD:
            body: Any = copy.deepcopy(whole)
            holder = body
            for key in parents:
                holder = holder[key]
            holder[last] = odd
            yield body


@pytest.mark.parametrize("source", WHOLE)
@pytest.mark.parametrize("status", [200, 403])
def test_no_answer_breaks_the_collector(source: str, status: int) -> None:
    """Whatever stands anywhere in an answer, it is a page whose cursor can be stored, or an error of ours."""
    make, whole = WHOLE[source]
    # Reading the key of a service account takes longer than all the rest: there every fifth answer has to do.
    answers = list(bodies(whole))[:: 5 if source == "play" else 1]
    replies = iter(answers)
    secret = SecretStr(ACCOUNT if source == "play" else SECRET)

    def behave(asked: Asked) -> Reply:
        if asked.path == "/token":
            return answer({"access_token": TOKEN, "expires_in": 3599})
        return Reply(status, {}, json.dumps(next(replies)).encode())

    with Loopback(behave) as server, guarded(["localhost"]) as client:
        collector = make(server.url, Tools(client, lambda: NOW, lambda _: secret))
        read = refused = 0
        for _ in answers:
            try:
                page = next(collector.pages(None, Cursor()))
            except SimakError:
                refused += 1
                continue
            read += 1
            understand(collector, page)
            assert page.cursor.model_dump_json().isascii()
    assert read + refused == len(answers)
