"""Answers of Reddit that lead on, in circles, elsewhere or nowhere, and with anything anywhere in them."""

import copy
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from loopback import Asked, Behaviour, Loopback, Reply
from pydantic import SecretStr
from reddit_replay import NOW, SECRET, Item, RedditReplay, link

from collectors.base import Tools
from collectors.http import guarded
from collectors.reddit import Reddit, RedditOptions
from collectors.runner import understand
from domain.errors import PermanentError, SimakError
from domain.query import Query, parse
from domain.records import Cursor, Page

QUERY = Query("Kopi Senja", parse('"kopi senja"'))
KEY = {"access_token": "key-1", "token_type": "bearer", "expires_in": 86_400, "scope": "*"}
LONG_AGO = Cursor(floor=json.dumps({"search": (NOW - timedelta(days=70)).timestamp()}))
ODD: tuple[Any, ...] = (None, True, "\x00\ud800", [], {}, -1, 10**40, 10**400, 1e308, [None], [{}], {"a": {}})
Serve = Callable[[Behaviour], Loopback]


def listing(items: Sequence[Item], after: str | None = None) -> Reply:
    return answer({"kind": "Listing", "data": {"after": after, "children": items}})


def answer(body: Any) -> Reply:
    return Reply(200, {"Content-Type": "application/json"}, json.dumps(body).encode())


@pytest.fixture
def reddit(serve: Serve) -> Iterator[Callable[..., Reddit]]:
    """Yield a function that makes a collector of what answers all but the request for a key."""
    with guarded(["localhost"]) as client:
        tools = Tools(client, lambda: NOW, lambda _: SecretStr(SECRET))

        def make(behaviour: Behaviour, **options: Any) -> Reddit:
            def keyed(asked: Asked) -> Reply:
                return answer(KEY) if asked.path == "/api/v1/access_token" else behaviour(asked)

            url = serve(keyed).url
            return Reddit(RedditOptions(oauth_url=url, reddit_url=url, **options), tools)

        yield make


def walk(collector: Reddit, cursor: Cursor) -> list[Page]:
    """Return all pages of a walk, or fail when it does not end."""
    pages = list(itertools.islice(collector.pages(QUERY, cursor), 100))
    assert len(pages) < 100
    return pages


def names(pages: Sequence[Page]) -> list[str]:
    return [raw["data"]["name"] for page in pages for raw in page.raws]


def test_an_empty_page_that_leads_on_is_not_the_end(reddit: Callable[..., Reddit]) -> None:
    """What stands behind an empty page is brought, and the page itself is shown to whoever counts such pages."""
    pages = walk(
        reddit(lambda asked: listing([link(5)]) if asked.query.get("after") else listing([], "t3_aa")), LONG_AGO
    )
    assert names(pages) == ["t3_000032"]
    assert [bool(page.cursor.token) for page in pages] == [True, False]


def test_a_quiet_list_is_no_empty_page_that_leads_on(reddit: Callable[..., Reddit]) -> None:
    """Lists without news are passed over, so that nothing looks as if Reddit hid something."""
    (page,) = walk(reddit(lambda _: listing([]), follow=["indonesia", "kopi"]), Cursor())
    assert page.cursor.token is None


@pytest.mark.parametrize("circle", [["t3_aa"], ["t3_aa", "t3_bb"]])
@pytest.mark.parametrize("items", [[], [link(5)]])
def test_a_circle_ends_in_a_gap(reddit: Callable[..., Reddit], items: Sequence[Item], circle: list[str]) -> None:
    """A list that leads back to itself ends the walk and is told as a gap down to the bookmark."""
    turns = itertools.cycle(circle)
    pages = walk(reddit(lambda _: listing(items, next(turns))), LONG_AGO)
    assert pages[-1].gap
    assert pages[-1].gap.since == NOW - timedelta(days=70)
    assert pages[-1].cursor.token is None


def test_a_first_visit_beyond_the_depth_is_a_gap(reddit: Callable[..., Reddit]) -> None:
    """Where a first visit cannot reach back as many days as it is told to, the part that is missing is named."""
    replay = RedditReplay([link(1 + n / 10, f"Kopi Senja {n}", name=f"t3_{n:x}") for n in range(1_200)])
    (gap,) = [page.gap for page in walk(_of(replay, reddit), Cursor()) if page.gap]
    assert (gap.since, NOW - gap.until < timedelta(hours=2)) == (NOW - timedelta(days=7), True)


def test_a_subreddit_that_does_not_exist_is_told(reddit: Callable[..., Reddit]) -> None:
    """Reddit leads from a misspelt subreddit to a search for one; that is told, not taken for silence."""

    def behaviour(asked: Asked) -> Reply:
        if asked.path.startswith("/r/takada/"):
            return Reply(302, {"Location": "/subreddits/search?q=takada"})
        return listing([{"kind": "t5", "data": {"name": "t5_x"}}] if "subreddits" in asked.path else [link(5)])

    with pytest.raises(PermanentError, match="spelt"):
        walk(reddit(behaviour, follow=["takada"]), Cursor())


def test_a_text_whose_author_is_null_is_gone(reddit: Callable[..., Reddit]) -> None:
    """A text without a writer is purged like one whose writer is called deleted."""
    (page,) = reddit(lambda _: listing([link(5, author=None), link(6)])).refresh(["t3_000032", "t3_00003c"])
    assert page.gone == ("t3_000032",)


@pytest.mark.parametrize("field", ["created_utc", "name", "permalink"])
def test_a_field_that_is_renamed_does_not_look_like_silence(reddit: Callable[..., Reddit], field: str) -> None:
    """Items that lack what mapping needs are handed on and set aside where they are counted, never dropped."""
    item = link(5)
    del item["data"][field]
    collector = reddit(lambda _: listing([item]))
    (page,) = walk(collector, Cursor())
    delivery = understand(collector, page)
    assert (len(delivery.poisoned), len(delivery.items)) == ((0, 1) if field == "permalink" else (1, 0))


@pytest.mark.parametrize("what", ["pages", "refresh", "key"])
def test_no_answer_breaks_the_collector(serve: Serve, what: str) -> None:
    """Whatever stands anywhere in an answer, it is pages whose cursor can be stored, or an error of ours."""
    whole = KEY if what == "key" else {"kind": "Listing", "data": {"after": "t3_q", "children": [link(5)]}}
    serving: dict[str, Any] = {"key": KEY, "rest": {"kind": "Listing", "data": {"children": [link(5)]}}}
    url = serve(lambda asked: answer(serving["key" if asked.path == "/api/v1/access_token" else "rest"])).url
    with guarded(["localhost"]) as client:
        tools = Tools(client, lambda: NOW, lambda _: SecretStr(SECRET))
        for body in bodies(whole):
            serving["key" if what == "key" else "rest"] = body
            collector = Reddit(RedditOptions(oauth_url=url, reddit_url=url), tools)
            try:
                pages = list(collector.refresh(["t3_000032"])) if what == "refresh" else walk(collector, LONG_AGO)
            except SimakError:
                continue
            for page in pages:
                understand(collector, page)
                assert "Infinity" not in page.cursor.model_dump_json()


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


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value, at any depth."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        yield (*path, key)
        yield from paths(part, (*path, key))


def _of(replay: RedditReplay, make: Callable[..., Reddit]) -> Reddit:
    replay.keys = 1
    return make(replay)
