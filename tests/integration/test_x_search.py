"""The X collector against a server that keeps X's rules."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from loopback import Behaviour, Loopback, Reply
from pydantic import SecretStr
from x_openapi import Interface
from x_recorded import posts_of
from x_replay import NOW, TOKEN, XReplay, edited, not_found, post, snowflake, user

from collectors.base import Tools
from collectors.http import guarded
from collectors.runner import understand
from collectors.x import X, XOptions
from domain.errors import ConfigError, PermanentError, RateLimitedError, TransientError
from domain.query import Query, any_of, parse
from domain.records import Cursor, Gap, Mention, Page
from domain.vocabulary import Role

QUERY = Query("Kopi Senja", parse("kopi senja -lowongan"))

Serve = Callable[[Behaviour], Loopback]
Collect = Callable[..., X]


@pytest.fixture
def collect(serve: Serve) -> Iterator[Collect]:
    """Return a function that makes a collector whose X is the given server."""
    with guarded(["localhost"]) as client:
        tools = Tools(http=client, now=lambda: NOW, secret=lambda _: SecretStr(TOKEN))

        def make(behaviour: Behaviour, **options: Any) -> X:
            settings = {"base_url": serve(behaviour).url, "page_size": 10, "count": "never", **options}
            return X(XOptions(**settings), tools)

        yield make


def mentions(collector: X, pages: list[Page]) -> list[Mention]:
    """Return the mentions of pages; none may be set aside."""
    deliveries = [understand(collector, page) for page in pages]
    assert not [poison for delivery in deliveries for poison in delivery.poisoned]
    return [mention for delivery in deliveries for _, mention in delivery.items]


def walk(collector: X, cursor: Cursor | None = None) -> list[Page]:
    """Return the pages of one walk."""
    return list(collector.pages(QUERY, cursor or Cursor()))


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_every_request_fits_the_interface(shared: Path, collect: Collect, vocabulary: str) -> None:
    """First walks, later ones and fallbacks ask, and the replay answers, nothing that X's description forbids."""
    posts = [post(minutes, low=1) for minutes in range(2, 30)]
    problems = [lost("api.twitter.com" if vocabulary == "tweet" else "api.x.com")]
    replay = XReplay(posts, vocabulary=vocabulary, interface=Interface.of(shared, vocabulary), problems=problems)
    collector = collect(replay, vocabulary=vocabulary)
    pages = walk(collector)
    posts.append(post(1))
    walk(collector, pages[-1].cursor)
    walk(collector, Cursor(floor=snowflake(NOW - timedelta(days=9))))
    assert replay.calls > 7
    assert replay.violations == []
    assert replay.misanswers == []


def lost(host: str = "api.x.com") -> Mapping[str, str]:
    """Return the partial error of a deleted post that nothing else mentions."""
    return not_found(snowflake(NOW - timedelta(days=3)), host)


def test_the_judge_of_requests_finds_faults(shared: Path, collect: Collect) -> None:
    """The check above is able to fail: the old names are no parameters of the renamed interface."""
    replay = XReplay([post(5)], vocabulary="tweet", interface=Interface.of(shared, "post"))
    walk(collect(replay))
    assert any("tweet.fields is not a parameter" in violation for violation in replay.violations)


def test_a_post_that_arrives_between_pages_is_neither_lost_nor_doubled(collect: Collect) -> None:
    """What is posted while the walk is under way comes with the next walk, and only once."""
    posts = [post(minutes) for minutes in range(10, 35)]
    replay = XReplay(posts, before={1: lambda: posts.append(post(2))})
    collector = collect(replay)
    first = walk(collector)
    second = walk(collector, first[-1].cursor)
    ids = [mention.native_id for mention in mentions(collector, [*first, *second])]
    assert sorted(ids) == sorted(it["id"] for it in posts)
    assert len(second) == 1


def test_the_floor_moves_only_with_the_last_page(collect: Collect) -> None:
    """The newest id of the first page becomes the bookmark when the whole walk is done, never before."""
    posts = [post(minutes) for minutes in range(10, 35)]
    pages = walk(collect(XReplay(posts)))
    assert [page.cursor.floor for page in pages] == [None, None, posts[0]["id"]]
    assert pages[0].cursor.ceiling == posts[0]["id"]
    assert pages[-1].cursor == Cursor(floor=posts[0]["id"])


FAULTS = {
    "503": (Reply(503), TransientError),
    "truncated JSON": (Reply(200, {}, b'{"data":[{"id":"1'), TransientError),
    "cut-off body": (Reply(200, {}, b'{"data"', promised=900), TransientError),
    "reset": (Reply(200, {}, b'{"data"', promised=900, reset=True), TransientError),
    "HTML": (Reply(200, {"Content-Type": "text/html"}, b"<html>Sorry</html>"), TransientError),
    "a problem with status 200": (Reply(200, {}, b'{"title":"Over capacity","type":"about:blank"}'), TransientError),
    "a list": (Reply(200, {}, b"[]"), TransientError),
    "429": (Reply(429, {"x-rate-limit-remaining": "0"}), RateLimitedError),
    "a spent plan": (Reply(402), PermanentError),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_on_the_way_loses_nothing(collect: Collect, fault: str) -> None:
    """Whatever fails on the second page, the walk resumed from the first page's cursor brings every post once."""
    posts = [post(minutes) for minutes in range(10, 35)]
    reply, expected = FAULTS[fault]
    collector = collect(XReplay(posts, instead={1: reply}))
    pages = collector.pages(QUERY, Cursor())
    first = next(pages)
    with pytest.raises(expected):
        next(pages)
    ids = [mention.native_id for mention in mentions(collector, [first, *walk(collector, first.cursor)])]
    assert ids == [it["id"] for it in posts]


def test_the_limit_of_calls_says_when_to_come_back(collect: Collect) -> None:
    """A 429 with X's reset time names that time, by X's clock."""
    replay = XReplay([post(minutes) for minutes in range(10, 35)], limit=2, now=NOW + timedelta(hours=1))
    with pytest.raises(RateLimitedError) as caught:
        walk(collect(replay))
    assert caught.value.until == NOW + timedelta(minutes=15)


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_a_floor_out_of_reach_leaves_a_recorded_gap(collect: Collect, vocabulary: str) -> None:
    """After more than seven days the walk starts where X still answers and says once what is lost."""
    posts = [post(minutes) for minutes in range(10, 35)]
    collector = collect(XReplay(posts, vocabulary=vocabulary), vocabulary=vocabulary)
    pages = walk(collector, Cursor(floor=snowflake(NOW - timedelta(days=8))))
    assert pages[0].gap == Gap(
        since=datetime(2026, 11, 12, 12, tzinfo=UTC),
        until=datetime(2026, 11, 13, 12, 1, tzinfo=UTC),
        why="X keeps seven days: what was posted between 2026-11-12 12:00 UTC and 2026-11-13 12:01 UTC is lost.",
    )
    assert [page.gap for page in pages[1:]] == [None, None]
    assert pages[-1].cursor == Cursor(floor=posts[0]["id"])


def test_an_empty_page_is_not_the_end(collect: Collect) -> None:
    """A page without posts but with a token is walked past, and the next page's newest id is the bookmark."""
    posts = [post(minutes) for minutes in range(10, 25)]
    collector = collect(XReplay(posts, hollow=frozenset({0})))
    pages = walk(collector)
    assert [len(page.raws) for page in pages] == [0, 10, 5]
    assert pages[-1].cursor == Cursor(floor=posts[0]["id"])


def test_nothing_new_keeps_the_bookmark(collect: Collect) -> None:
    """An answer without posts leaves the floor where it was."""
    floor = Cursor(floor=snowflake(NOW - timedelta(days=1)))
    assert [page.cursor for page in walk(collect(XReplay([])), floor)] == [floor]


def test_an_edited_post_is_one_mention(collect: Collect) -> None:
    """An edit has a new id, but is the next revision of the same mention and keeps the time of the post."""
    old = post(20)
    posts = [old]
    collector = collect(XReplay(posts))
    pages = walk(collector)
    posts[:] = [edited(old, 5, "kopi senja &amp; susu")]
    first, second = mentions(collector, [*pages, *walk(collector, pages[-1].cursor)])
    assert (second.native_id, second.revision, second.text) == (first.native_id, 1, "kopi senja & susu")
    assert second.published_at == first.published_at
    assert second.url == f"https://x.com/i/status/{posts[0]['id']}"


def test_deleted_posts_are_reported(collect: Collect) -> None:
    """Posts that X says are gone are, but neither a missing user nor an earlier version of a post that lives."""
    version = edited(post(20), 5, "kopi senja")
    a_user = {**not_found("12"), "resource_type": "user"}
    private = {**not_found("13"), "type": "https://api.x.com/2/problems/not-authorized-for-resource"}
    busy = {**not_found("14"), "type": "https://api.x.com/2/problems/internal-error"}
    problems = [lost(), a_user, private, busy, not_found(version["edit_history_tweet_ids"][0])]
    (page,) = walk(collect(XReplay([version], problems=problems)))
    assert page.gone == (lost()["resource_id"], "13")
    assert len(page.raws) == 1


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
@pytest.mark.parametrize("answers", ["tweet", "post"])
def test_both_vocabularies_read_the_same(collect: Collect, vocabulary: str, answers: str) -> None:
    """Whichever names are asked with and whichever come back, the mention is the same and complete."""
    parent = snowflake(NOW - timedelta(hours=2))
    said = post(20, referenced_tweets=[{"type": "quoted", "id": "1"}, {"type": "replied_to", "id": parent}])
    said = {**said, "note_tweet": {"text": "kopi senja " * 40}}
    collector = collect(XReplay([said], vocabulary=vocabulary, answers=answers), vocabulary=vocabulary)
    (mention,) = mentions(collector, walk(collector))
    assert (mention.native_id, mention.parent_id, mention.language) == (said["id"], parent, "id")
    assert mention.text == ("kopi senja " * 40).strip()
    assert mention.metrics is not None
    counts = mention.metrics.model_dump(exclude={"observed_at"})
    assert counts == {"likes": 5, "replies": 1, "reposts": 2, "quotes": 0, "views": 90}
    assert mention.metrics.observed_at == NOW
    assert mention.author is not None
    assert (mention.author.native_id, mention.author.followers, mention.author.role) == ("77", 321, Role.CUSTOMER)


def test_the_brand_s_own_account_is_known(collect: Collect) -> None:
    """A post by an account named as the brand's is not a customer's."""
    replay = XReplay([post(5)], users={"77": user("77", "KopiSenja")})
    collector = collect(replay, brand_accounts=["@kopisenja"])
    (mention,) = mentions(collector, walk(collector))
    assert mention.author is not None
    assert mention.author.role is Role.BRAND


def test_what_x_does_not_tell_stays_untold(collect: Collect) -> None:
    """A post without counters, language or an attached author leaves them open, never zero."""
    bare = {name: value for name, value in post(5).items() if name not in {"public_metrics", "lang"}}
    collector = collect(XReplay([bare], users={}), languages=())
    (mention,) = mentions(collector, walk(collector))
    assert (mention.metrics, mention.language) == (None, None)
    assert mention.author is not None
    assert mention.author.followers is None


def test_a_page_says_what_it_cost(collect: Collect) -> None:
    """Posts and distinct authors are counted at the configured prices."""
    users = {"77": user("77"), "78": user("78")}
    posts = [post(5), post(6), post(7, author_id="78")]
    (page,) = walk(collect(XReplay(posts, users=users)))
    assert page.cost == pytest.approx(3 * 0.005 + 2 * 0.010)
    (page,) = walk(collect(XReplay(posts, users=users), post_price=1, user_price=0))
    assert page.cost == 3


def test_a_query_too_long_for_x_costs_no_call(collect: Collect) -> None:
    """The collector says which brand's query is too long before it asks X."""
    replay = XReplay([post(5)])
    long = replace(QUERY, expression=any_of(tuple(f"kedai kopi senja nomor {number}" for number in range(40))))
    with pytest.raises(ConfigError, match="Kopi Senja"):
        list(collect(replay).pages(long, Cursor()))
    assert replay.calls == 0


def test_x_s_own_refusal_is_passed_on_without_the_key(collect: Collect) -> None:
    """When X refuses a search its reason is shown, cleaned, and never the key even if X repeats it."""
    body = f'{{"errors":[{{"message":"no viable alternative \\u0000 at {TOKEN}","parameters":3}}]}}'.encode()
    with pytest.raises(ConfigError, match="no viable alternative") as caught:
        walk(collect(XReplay([], instead={0: Reply(400, {}, body)})))
    assert TOKEN not in str(caught.value)
    assert "\x00" not in str(caught.value)


def test_a_wrong_key_stops_the_source(serve: Serve) -> None:
    """X's 401 is final until a person renews the key."""
    with guarded(["localhost"]) as client:
        tools = Tools(http=client, now=lambda: NOW, secret=lambda _: SecretStr("other"))
        with pytest.raises(PermanentError, match="renew the key"):
            walk(X(XOptions(base_url=serve(XReplay([])).url), tools))


def test_the_log_never_holds_the_key(collect: Collect, caplog: pytest.LogCaptureFixture) -> None:
    """Even at its most talkative level no log line shows the key, though tweepy would write one."""
    for name in ("httpx", "httpcore", "tweepy"):
        caplog.set_level(logging.DEBUG, logger=name)
    walk(collect(XReplay([post(5)])))
    assert caplog.records
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("name", ["search_tweets_query", "search_tweets_for_nyc", "tweet_quote_tweets_resp"])
def test_recorded_answers_are_read_as_they_came(shared: Path, collect: Collect, name: str) -> None:
    """An answer that X really gave, byte for byte, yields every one of its posts."""
    path = shared / "fixtures" / "x" / "recorded" / f"{name}.json"
    collector = collect(lambda _: Reply(200, {}, path.read_bytes()))
    page = next(collector.pages(QUERY, Cursor()))
    assert len(mentions(collector, [page])) == len(posts_of(json.loads(path.read_bytes()))) > 0
