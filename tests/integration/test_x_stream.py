"""X's stream: rules in step with the brands, a connection that is held, lost and made again as X prescribes."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from loopback import Behaviour, Loopback, Reply
from pydantic import SecretStr
from x_openapi import Interface
from x_recorded import streamed
from x_replay import NOW, SEARCH, TOKEN, post
from x_stream_replay import RULES, STREAM, XStreamReplay

from collectors import _x_posts
from collectors import http as guarded_http
from collectors.base import Tools
from collectors.http import Limits, guarded, listen
from collectors.runner import understand
from collectors.x_stream import XStream, XStreamOptions
from domain.errors import ConfigError, PermanentError, RateLimitedError, TransientError
from domain.query import Query, parse
from domain.records import Cursor, Page

QUERIES = (Query("kopi", parse("kopi")), Query("teh", parse("teh -lowongan")))
OURS = {"simak:kopi": "kopi lang:in -is:retweet", "simak:teh": "teh -lowongan lang:in -is:retweet"}

Make = Callable[..., XStream]


@pytest.fixture
def make(serve: Callable[[Behaviour], Loopback]) -> Iterator[Make]:
    """Return a function that makes a collector whose X is the given server."""
    # The limit of a whole answer is shorter than the listening: a stream must not be held to it.
    with guarded(["localhost"], Limits(silence=0.2, total=0.4)) as client:

        def made(behaviour: Behaviour, queries: tuple[Query, ...] = QUERIES, **options: Any) -> XStream:
            tools = Tools(client, lambda: NOW, lambda _: SecretStr(TOKEN), queries=queries)
            settings = {"base_url": serve(behaviour).url, "listen": 0.5, "silence": 0.4, "count": "never", **options}
            return XStream(XStreamOptions(**settings), tools)

        yield made


def walk(collector: XStream, cursor: Cursor | None = None) -> list[Page]:
    """Return the pages of one walk."""
    return list(collector.pages(None, cursor or Cursor()))


def given(replay: XStreamReplay) -> dict[str, str]:
    """Return the rules that X holds, by tag."""
    return {rule["tag"]: rule["value"] for rule in replay.rules.values()}


def test_rules_follow_the_brands(make: Make) -> None:
    """Missing rules are added, changed and orphaned ones of ours replaced, and those of others left alone."""
    replay = XStreamReplay([post(5)])
    replay.rules = {
        "1": {"value": "cuaca", "tag": "bmkg"},
        "2": {"value": "kopi", "tag": "simak:kopi"},
        "3": {"value": "susu", "tag": "simak:susu"},
    }
    walk(make(replay))
    assert given(replay) == {"bmkg": "cuaca", **OURS}
    before = replay.paths.count(RULES)
    walk(make(replay))
    assert replay.paths.count(RULES) == before + 1


def test_a_rule_that_is_there_already_is_no_error(make: Make) -> None:
    """Of two processes that add the same rule the second one is told so, and goes on."""
    replay = XStreamReplay([post(5)])
    replay.rules = {"1": {"value": OURS["simak:kopi"], "tag": "milik orang lain"}}
    assert walk(make(replay))
    assert OURS["simak:teh"] in given(replay).values()


def test_a_rule_that_x_refuses_is_told(make: Make) -> None:
    """A query that X does not take is an error that a person can mend, with X's own word for it."""
    with pytest.raises(ConfigError, match="UnprocessableEntity"):
        walk(make(XStreamReplay([]), queries=(Query("salah", parse("kopi #SALAH")),), languages=("SALAH",)))


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_every_request_fits_the_interface(shared: Path, make: Make, vocabulary: str) -> None:
    """Rules and stream ask what X's description allows; the stream in the old names under either vocabulary."""
    live = [post(1)]
    replay = XStreamReplay(list(live), live=live, vocabulary=vocabulary, interface=Interface.of(shared, vocabulary))
    replay.rules = {"1": {"value": "susu", "tag": "simak:susu"}}
    pages = walk(make(replay, vocabulary=vocabulary))
    assert {STREAM, RULES, SEARCH} <= set(replay.paths)
    assert len(pages) > 1
    assert replay.violations == []
    assert replay.misanswers == []


def test_posts_come_as_they_are_made_and_nothing_is_missed(make: Make) -> None:
    """The stream's posts come first and leave the bookmark; the search after it brings the rest and moves it."""
    live = [post(1, low=number) for number in range(1, 4)]
    replay = XStreamReplay([post(30), *live], live=live)
    collector = make(replay, queries=QUERIES[:1])
    begun = time.monotonic()
    pages = collector.pages(None, Cursor())
    first = next(pages)
    assert time.monotonic() - begun < 0.4
    rest = list(pages)
    assert first.cursor == Cursor()
    assert json.loads(rest[-1].cursor.floor or "") == {"search/kopi": live[-1]["id"]}
    heard = [raw for page in (first, *rest[:-1]) for raw in page.raws]
    assert [raw["post"]["id"] for raw in heard] == [it["id"] for it in live]
    assert len(rest[-1].raws) == 4


def test_what_came_live_is_not_paid_for_again(make: Make) -> None:
    """The search costs only what the stream did not bring on this day: X bills a post and an author once."""
    live = [post(1, low=number) for number in range(1, 4)]
    replay = XStreamReplay([post(30), *live], live=live)
    pages = walk(make(replay, queries=QUERIES[:1]))
    assert sum(page.cost for page in pages) == pytest.approx(4 * 0.005 + 0.010) == pytest.approx(replay.billed())


def test_signs_of_life_hold_the_connection(make: Make) -> None:
    """Empty lines alone keep it open for the whole time, over one connection, and yield no page."""
    replay = XStreamReplay([post(5)])
    begun = time.monotonic()
    pages = walk(make(replay, queries=QUERIES[:1], listen=0.9))
    assert 0.9 <= time.monotonic() - begun < 2
    assert (replay.connections, len(pages)) == (1, 1)


def test_a_silent_connection_is_lost(make: Make) -> None:
    """Without a sign of life the connection counts as lost; the search is done, then the walk asks for another try."""
    replay = XStreamReplay([post(5)], quiet=True)
    pages = make(replay, listen=5).pages(None, Cursor())
    assert len(next(pages).raws) == 1
    with pytest.raises(RateLimitedError, match="did not answer in time") as caught:
        list(pages)
    assert caught.value.until == NOW


def test_a_connection_that_breaks_is_made_again_at_once_then_later(make: Make) -> None:
    """Each break in a row waits a quarter of a second longer, up to sixteen, and a connection that stands resets it."""
    replay = XStreamReplay([post(5)], refusals=[Reply(200, promised=10, reset=True)] * 3, drops=True)
    collector = make(replay)
    waits = []
    for _ in range(5):
        with pytest.raises(RateLimitedError) as caught:
            walk(collector)
        waits.append((caught.value.until - NOW).total_seconds())
    assert waits[:3] == [0, 0, 0] or waits[:3] == [0, 0.25, 0.5]
    assert waits[3:] == [0, 0]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply(503), [5, 10, 20, 40, 80, 160, 320, 320]),
        (Reply(409), [5, 10, 20]),
        (Reply(429), [60, 120, 240]),
        (Reply(429, {"x-rate-limit-reset": str(int((NOW + timedelta(minutes=9)).timestamp()))}), [540, 540]),
    ],
)
def test_a_refusal_is_waited_out_as_x_prescribes(make: Make, reply: Reply, expected: list[int]) -> None:
    """Twice as long each time, from five seconds to 320, for a limit from a minute; the search is done meanwhile."""
    replay = XStreamReplay([post(5)], refusals=[reply] * len(expected))
    collector = make(replay, listen=0.1)
    waits = []
    for _ in expected:
        pages = collector.pages(None, Cursor())
        assert next(pages).raws
        with pytest.raises(RateLimitedError) as caught:
            list(pages)
        waits.append((caught.value.until - NOW).total_seconds())
    assert waits == expected
    walk(collector)
    replay.refusals = [reply]
    with pytest.raises(RateLimitedError) as caught:
        walk(collector)
    assert (caught.value.until - NOW).total_seconds() == expected[0]


def test_a_plan_without_the_stream_is_told(make: Make) -> None:
    """X's 403 is final until a person changes the plan."""
    with pytest.raises(PermanentError, match="does not let us read"):
        walk(make(XStreamReplay([], refusals=[Reply(403)])))


def test_of_two_listeners_one_listens(make: Make) -> None:
    """X lets one connection in; who comes second leaves it at the search and does not fail."""
    replay = XStreamReplay([post(5)])
    assert replay.occupied.acquire()
    assert len(walk(make(replay))) == 2
    assert replay.connections == 0


def test_a_search_that_was_cut_off_is_finished_before_listening(make: Make) -> None:
    """A cursor in the middle of the search goes on there."""
    posts = [post(minutes) for minutes in range(5, 30)]
    replay = XStreamReplay(posts)
    collector = make(replay, page_size=10)
    whole = walk(collector)
    rest = walk(collector, whole[0].cursor)
    assert [page.cursor for page in rest] == [page.cursor for page in whole[1:]]
    assert replay.connections == 1


SAID = {
    "half a line of something": (b'{"data": {"id"\r\n', "cannot be read"),
    "a list": (b"[1]\r\n", ""),
    "an operational disconnect": (
        b'{"errors":[{"title":"operational-disconnect","detail":"You have been disconnected upstream."}]}\r\n',
        "disconnected upstream",
    ),
}


@pytest.mark.parametrize("said", SAID)
def test_odd_lines_end_the_connection_or_are_passed_over(make: Make, said: str) -> None:
    """What is no post ends the connection with X's reason, or is left out, and what was said before it is kept."""
    line, reason = SAID[said]
    good = json.dumps({"data": {**post(1)}}).encode() + b"\r\n"
    collector = make(XStreamReplay([post(5)], said=[good, line]), queries=QUERIES[:1])
    pages = collector.pages(None, Cursor())
    assert [raw["post"]["id"] for raw in next(pages).raws] == [post(1)["id"]]
    if reason:
        with pytest.raises(TransientError, match=reason):
            list(pages)
    else:
        assert len(list(pages)) == 1


def test_a_post_cut_into_pieces_is_whole(make: Make) -> None:
    """A line that comes in pieces, an emoji torn apart, is one post."""
    line = json.dumps({"data": {**post(1, "kopi ☕🥰")}}, ensure_ascii=False).encode() + b"\r\n"
    collector = make(XStreamReplay([], said=[line[:70], line[70:71], line[71:]]), queries=QUERIES[:1])
    ((_, mention),) = understand(collector, next(collector.pages(None, Cursor()))).items
    assert mention.text == "kopi ☕🥰"


def test_a_line_without_end_is_refused(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line longer than any post stops the source before it fills the memory."""
    monkeypatch.setattr(guarded_http, "LINE", 1000)
    with pytest.raises(PermanentError, match="a line without end"):
        walk(make(XStreamReplay([], said=[b"x" * 2000] * 3)))


def test_a_private_address_is_not_listened_to(serve: Callable[[Behaviour], Loopback]) -> None:
    """The guard holds for streams as for everything."""
    server = serve(XStreamReplay([]))
    with guarded() as client, pytest.raises(ConfigError, match="allow_private"):
        list(listen(client, f"{server.url}{STREAM}", span=1, silence=1))
    assert not server.asked


def test_every_example_of_the_stream_is_understood(shared: Path, make: Make) -> None:
    """Each example payload of the stream becomes a mention."""
    bodies = streamed(shared)
    assert bodies
    collector = make(XStreamReplay([]))
    for body in bodies:
        (mention,) = (collector.map(raw) for raw in _x_posts.raws(body, NOW))
        assert mention.native_id
