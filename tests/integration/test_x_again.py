"""X counted before it is searched, looked at again, and followed around a watched post."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from loopback import Behaviour, Loopback, Reply
from pydantic import SecretStr
from x_openapi import Interface
from x_replay import COUNTS, LOOKUP, NOW, SEARCH, TOKEN, USAGE, XReplay, edited, post, quote, reply, snowflake, user

from collectors.base import Priced, Refresher, Tools
from collectors.http import guarded
from collectors.runner import understand
from collectors.x import X, XOptions
from domain.errors import ConfigError
from domain.query import Query, parse
from domain.records import Cursor, Mention, Page

QUERY = Query("kopi-senja", parse('"kopi senja"'))
# A post of the brand's own, older than what a search reaches.
OWN = post(12 * 24 * 60, "Menu baru kami!")

Make = Callable[..., X]


@pytest.fixture
def make(serve: Callable[[Behaviour], Loopback]) -> Iterator[Make]:
    """Return a function that makes a collector whose X is the given server."""
    with guarded(["localhost"]) as client:
        tools = Tools(http=client, now=lambda: NOW, secret=lambda _: SecretStr(TOKEN))
        yield lambda behaviour, **options: X(
            XOptions(**{"base_url": serve(behaviour).url, "page_size": 10, **options}), tools
        )


def walk(collector: X, cursor: Cursor | None = None) -> list[Page]:
    """Return the pages of one walk."""
    return list(collector.pages(QUERY, cursor or Cursor()))


def mentions(collector: X, pages: list[Page]) -> dict[str, Mention]:
    """Return the mentions of pages by id; none may be set aside."""
    deliveries = [understand(collector, page) for page in pages]
    assert not [poison for delivery in deliveries for poison in delivery.poisoned]
    return {mention.native_id: mention for delivery in deliveries for _, mention in delivery.items}


def around(replay: XReplay) -> XReplay:
    """Put quotes and replies of a watched post into a replay."""
    # In no language that X could name, so that the search for the brand does not find them.
    said = [reply(OWN, minutes, "mantap kak", low=3, lang="und") for minutes in range(20, 45)]
    deep = reply(said[0], 10, "setuju", low=4, lang="und")
    quotes = [quote(OWN, minutes, "coba deh", low=5, lang="und") for minutes in (50, 60, 11 * 24 * 60)]
    replay.posts += [*said, deep, *quotes]
    return replay


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_every_request_fits_the_interface(shared: Path, make: Make, vocabulary: str) -> None:
    """Counts, quotes, replies, second looks and probes ask and are answered as X's description says."""
    old = post(30)
    replay = around(XReplay([post(5), edited(old, 12, "enak")], vocabulary=vocabulary, earlier=[old], by_version=True))
    replay.interface = Interface.of(shared, vocabulary)
    collector = make(replay, vocabulary=vocabulary, count="always", watched={"kopi-senja": [OWN["id"]]})
    pages = walk(collector)
    walk(collector, pages[-1].cursor)
    list(collector.refresh([old["id"], post(5)["id"], snowflake(NOW - timedelta(days=2))]))
    collector.probe()
    assert {SEARCH, COUNTS, LOOKUP, USAGE, f"/2/tweets/{OWN['id']}/quote_tweets"} == set(replay.paths)
    assert replay.violations == []
    assert replay.misanswers == []


def test_a_backlog_is_counted_before_it_is_bought(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    """A first walk is told in posts and dollars before the first post is paid for, and the count is on the bill."""
    caplog.set_level(logging.INFO)
    replay = XReplay([post(minutes) for minutes in range(10, 35)])
    pages = walk(make(replay))
    assert replay.paths == [COUNTS, SEARCH, SEARCH, SEARCH]
    assert "X has 25 posts for search, which cost up to $0.38" in caplog.text
    assert pages[0].cost == pytest.approx(0.005 + 10 * 0.005 + 0.010)
    assert pages[1].cost == pytest.approx(10 * 0.005 + 0.010)


def test_a_backlog_of_nothing_is_not_searched(make: Make) -> None:
    """Where the count says zero there is no search, the page says what the count cost, and the bookmark stays."""
    floor = snowflake(NOW - timedelta(days=2))
    replay = XReplay([post(4 * 24 * 60)])
    assert walk(make(replay), Cursor(floor=floor)) == [Page(cursor=Cursor(floor=floor), cost=0.005)]
    assert replay.paths == [COUNTS]


def test_a_routine_visit_pays_for_no_count(make: Make) -> None:
    """A search that finds nothing is free, so only “always” counts before each visit; a walk resumed never does."""
    posts = [post(minutes) for minutes in range(10, 35)]
    replay = XReplay(posts)
    floor = Cursor(floor=posts[12]["id"])
    walk(make(replay), floor)
    walk(make(replay, count="never"))
    assert COUNTS not in replay.paths
    collector = make(replay, count="always")
    first, *_ = walk(collector, floor)
    walk(collector, first.cursor)
    assert replay.paths.count(COUNTS) == 1


def test_a_count_out_of_reach_begins_where_x_begins(make: Make) -> None:
    """A floor that X no longer knows is met by the count already, and the gap is told once, posts or none."""
    floor = Cursor(floor=snowflake(NOW - timedelta(days=9)))
    replay = XReplay([post(5)])
    (page,) = walk(make(replay), floor)
    assert page.gap is not None
    assert len(page.raws) == 1
    (page,) = walk(make(XReplay([])), floor)
    assert page.gap is not None
    assert replay.paths == [COUNTS, COUNTS, SEARCH]


def test_the_dearest_call_is_never_cheaper_than_a_page(make: Make) -> None:
    """What a call may cost at most covers a full page on which everybody is somebody else, and the count before."""
    posts = [post(minutes, author_id=str(minutes)) for minutes in range(10, 35)]
    collector = make(XReplay(posts, users={str(number): user(str(number)) for number in range(10, 35)}))
    assert isinstance(collector, Priced)
    costs = [page.cost for page in walk(collector)]
    assert max(costs) == pytest.approx(collector.dearest()) == pytest.approx(0.155)


@pytest.mark.parametrize("by_version", [True, False])
@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_an_edit_is_found_by_the_first_version_s_id(make: Make, vocabulary: str, by_version: bool) -> None:
    """Whether X answers an earlier id with that version or with the newest, the newest text ends up in the mention."""
    old = post(30)
    replay = XReplay([edited(old, 5, "kopi senja & susu")], vocabulary=vocabulary, earlier=[old], by_version=by_version)
    collector = make(replay, vocabulary=vocabulary)
    assert isinstance(collector, Refresher)
    (mention,) = mentions(collector, list(collector.refresh([old["id"]]))).values()
    assert (mention.native_id, mention.revision, mention.text) == (old["id"], 1, "kopi senja & susu")
    assert replay.calls == 1 + by_version


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_what_is_deleted_or_private_is_gone(make: Make, vocabulary: str) -> None:
    """Of three posts the living one is shown, and the deleted and the private one are gone."""
    posts = [post(10), post(20)]
    replay = XReplay(posts, vocabulary=vocabulary, private=frozenset({posts[1]["id"]}))
    collector = make(replay, vocabulary=vocabulary)
    lost = snowflake(NOW - timedelta(days=1))
    (page,) = collector.refresh([posts[0]["id"], posts[1]["id"], lost])
    assert page.gone == (posts[1]["id"], lost)
    assert list(mentions(collector, [page])) == [posts[0]["id"]]


def test_a_second_look_pays_for_no_author(make: Make) -> None:
    """A hundred posts are looked at in one call, each for the price of a post."""
    posts = [post(minutes, low=1) for minutes in range(10, 110)]
    replay = XReplay(posts)
    (page,) = make(replay).refresh([it["id"] for it in posts])
    assert (len(page.raws), replay.calls) == (100, 1)
    assert page.cost == pytest.approx(0.5) == pytest.approx(replay.billed())


def test_what_x_neither_shows_nor_calls_gone_is_left_out(make: Make) -> None:
    """A post of which X says only that it has trouble is neither changed nor deleted."""
    body = b'{"errors":[{"resource_id":"12","resource_type":"tweet","type":"https://api.x.com/2/problems/internal-error"}]}'
    (page,) = make(lambda _: Reply(200, {}, body)).refresh(["12"])
    assert (page.raws, page.gone) == ((), ())


@pytest.mark.parametrize("vocabulary", ["tweet", "post"])
def test_quotes_and_replies_of_a_watched_post_are_about_its_brand(make: Make, vocabulary: str) -> None:
    """Whoever answers or quotes a watched post speaks about its brand, named or not; answers know what they answer."""
    replay = around(XReplay([], vocabulary=vocabulary))
    link = f"https://x.com/kopisenja/status/{OWN['id']}?s=20"
    collector = make(replay, vocabulary=vocabulary, watched={"kopi-senja": [link]})
    found = mentions(collector, walk(collector))
    assert len(found) == 29
    assert {mention.about for mention in found.values()} == {"kopi-senja"}
    said = [it for it in replay.posts if "replied_to" in str(it["referenced_tweets"])]
    assert [found[it["id"]].parent_id for it in said] == [it["referenced_tweets"][0]["id"] for it in said]
    looked = mentions(collector, list(collector.refresh([said[0]["id"]])))
    assert looked[said[0]["id"]].about == "kopi-senja"


def test_only_the_watched_post_s_own_brand_asks_for_it(make: Make) -> None:
    """A post that is watched for one brand is no part of another brand's walk."""
    replay = around(XReplay([]))
    assert not [page for page in walk(make(replay, watched={"lain": [OWN["id"]]})) if page.raws]


def test_each_lane_has_its_own_bookmark(make: Make) -> None:
    """A second walk brings of each lane what is new, a lane that begins later begins at its beginning."""
    replay = around(XReplay([post(5)]))
    collector = make(replay, watched={"kopi-senja": [OWN["id"]]}, count="never")
    end = walk(collector)[-1].cursor
    assert end.token is end.ceiling is None
    # Quotes cannot be asked for from an id on: their first page comes again.
    quotes = {it["id"] for it in replay.posts if "quoted" in str(it.get("referenced_tweets"))}
    assert mentions(collector, walk(collector, end)).keys() == quotes
    asked_after = {"lang": "und", "low": 7}
    more = [post(4, low=7), reply(OWN, 3, "kak, harga?", **asked_after), quote(OWN, 2, "wah", **asked_after)]
    replay.posts += more
    new = mentions(collector, walk(collector, end)).keys()
    # Quotes cannot be asked for from an id on: their first page comes again.
    assert (
        {it["id"] for it in more}
        <= new
        <= {it["id"] for it in more} | {it["id"] for it in replay.posts if "quoted" in str(it.get("referenced_tweets"))}
    )
    plain = make(replay, count="never")
    assert walk(plain, end)[-1].cursor == Cursor(floor=more[0]["id"])
    later = make(replay, watched={"kopi-senja": [OWN["id"]]}, count="never")
    assert len(mentions(later, walk(later, Cursor(floor=more[0]["id"])))) == 26 + 1 + 3 + 1


def test_a_walk_of_many_lanes_resumes_after_every_page(make: Make) -> None:
    """Cut off after any page, a walk goes on in the lane and on the page where it was, and no page looks hollow."""
    replay = around(XReplay([post(minutes) for minutes in range(100, 125)]))
    collector = make(replay, watched={"kopi-senja": [OWN["id"]], "lain": ["12"]}, count="never")
    whole = walk(collector)
    assert len(whole) == 3 + 3 + 1
    assert all(page.raws for page in whole)
    for cut in range(1, len(whole)):
        rest = walk(collector, whole[cut - 1].cursor)
        assert [page.cursor for page in rest] == [page.cursor for page in whole[cut:]]
        assert mentions(collector, [*whole[:cut], *rest]) == mentions(collector, whole)


def test_a_watched_post_that_is_gone_ends_its_lane(make: Make) -> None:
    """What X no longer knows has no quotes, and nothing fails."""
    body = (
        b'{"errors":[{"value":"12","resource_type":"tweet","type":"https://api.x.com/2/problems/resource-not-found"}]}'
    )
    replay = XReplay([post(5)], instead={2: Reply(200, {}, body)})
    pages = walk(make(replay, watched={"kopi-senja": ["12"]}, count="never"))
    assert pages[-1].cursor.token is None
    assert replay.calls == 3


WRONG: dict[str, dict[str, Any]] = {
    "neither an id nor a link": {"watched": {"kopi": ["https://example.com/1"]}},
    "watched twice": {"watched": {"kopi": ["12"], "lain": ["https://x.com/a/status/12"]}},
}


@pytest.mark.parametrize("says", WRONG)
def test_a_wrong_watched_post_is_told(make: Make, says: str) -> None:
    """A post that cannot be watched is told before anything is called."""
    with pytest.raises(ConfigError, match=says):
        make(XReplay([]), **WRONG[says]).check()


def test_a_probe_costs_nothing_and_says_what_is_used(make: Make) -> None:
    """The probe tells that the key works and how much of the month's posts is used."""
    replay = XReplay([])
    assert make(replay).probe() == "X accepts the key; 1,234 of this month's 3,000,000 posts are used."
    assert (replay.paths, replay.billed()) == ([USAGE], 0)
    assert make(lambda _: Reply(200, {}, b'{"data":{}}')).probe().startswith("X accepts the key")
