"""The Bluesky collector keeps the promises of every collector."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from bluesky_replay import DID, NOW, BlueskyReplay, post
from collector_contract import HttpCollectorContract
from loopback import Behaviour, Loopback
from pydantic import SecretStr
from stored_contract import SECRET

from collectors.base import Tools
from collectors.bluesky import Bluesky, BlueskyOptions
from collectors.http import guarded
from collectors.runner import understand
from domain.errors import PermanentError, PoisonError, RateLimitedError
from domain.query import Query, parse
from domain.records import Cursor, Mention, Page, Raw
from domain.vocabulary import Role

QUERY = Query("Kopi Senja", parse('"kopi senja" OR kopisenja'))
HANDLE = "kopisenja.bsky.social"
Serve = Callable[[Behaviour], Loopback]


def posts() -> list[dict[str, Any]]:
    reply = {"root": {"uri": f"at://{DID}/app.bsky.feed.post/3l9", "cid": "bafyreia"}}
    return [
        post(5, "Kopi Senja telat lagi 😡"),
        *(post(10 + minutes) for minutes in range(5)),
        post(30, "kopisenja di Bandung enak"),
        post(40, "Kopi Senja minta maaf ya kak", record={"reply": reply | {"parent": reply["root"]}}),
        post(50, "Kopi Senja dan kopisenja sama saja", author={"did": "did:plc:brand", "handle": HANDLE}),
    ]


class TestBluesky(HttpCollectorContract):
    """Posts of our making, found by two searches."""

    kind = Bluesky
    query: ClassVar[Query] = QUERY
    wrong = ({"handle": ""},)

    @pytest.fixture
    def options(self, serve: Serve) -> Mapping[str, Any]:
        """Return the settings that lead to the replay."""
        return {"base_url": serve(BlueskyReplay(posts())).url, "page_size": 3, "handle": HANDLE}

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server."""
        return {"base_url": url, "handle": HANDLE}


@pytest.fixture
def tools() -> Iterator[Tools]:
    """Yield real tools with a clock that stands still."""
    with guarded(["localhost"]) as client:
        yield Tools(client, lambda: NOW, lambda _: SecretStr(SECRET))


@pytest.fixture
def bluesky(serve: Serve, tools: Tools) -> Callable[..., Bluesky]:
    """Return a function that makes a collector of a replay."""

    def make(replay: BlueskyReplay, **options: Any) -> Bluesky:
        settings = {"base_url": serve(replay).url, "page_size": 3, "handle": HANDLE, **options}
        return Bluesky(BlueskyOptions(**settings), tools)

    return make


def walk(collector: Bluesky, cursor: Cursor | None = None) -> list[Page]:
    return list(collector.pages(QUERY, cursor or Cursor()))


def mentions(collector: Bluesky, pages: Sequence[Page]) -> dict[str, Mention]:
    return {mention.text: mention for page in pages for _, mention in understand(collector, page).items}


def test_a_mention_says_who_what_and_how_much(bluesky: Callable[..., Bluesky]) -> None:
    """The brand's own voice is known, an answer names what it answers, and no name is kept."""
    collector = bluesky(BlueskyReplay(posts()), brand_accounts=[f"@{HANDLE}"])
    pages = walk(collector)
    found = mentions(collector, pages)
    assert len(found) == 5
    assert found["Kopi Senja minta maaf ya kak"].parent_id == f"at://{DID}/app.bsky.feed.post/3l9"
    brand, angry = found["Kopi Senja dan kopisenja sama saja"], found["Kopi Senja telat lagi 😡"]
    assert brand.author
    assert brand.author.role is Role.BRAND
    assert angry.metrics
    assert (angry.metrics.likes, angry.metrics.reposts, angry.language) == (3, 2, "id")
    assert angry.url == f"https://bsky.app/profile/{DID}/post/3l00000000300"
    assert "siti" not in json.dumps([page.model_dump(mode="json") for page in pages]).lower()


def test_a_writers_clock_is_believed_backwards_only(bluesky: Callable[..., Bluesky]) -> None:
    """A post that claims to be of the future stands under the time at which the network saw it."""
    future = post(5, "Kopi Senja dari masa depan", record={"createdAt": "2031-01-01T00:00:00.000Z"})
    past = post(6, "Kopi Senja tempo dulu", record={"createdAt": "2026-11-19T00:00:00+07:00"})
    collector = bluesky(BlueskyReplay([future, past]))
    found = mentions(collector, walk(collector))
    assert found["Kopi Senja dari masa depan"].published_at == NOW - timedelta(minutes=5)
    assert found["Kopi Senja tempo dulu"].published_at == datetime(2026, 11, 18, 17, tzinfo=UTC)


def test_a_session_that_has_ended_is_begun_anew(bluesky: Callable[..., Bluesky]) -> None:
    """One session serves a whole walk, and a new one is begun once the server calls it ended."""
    replay = BlueskyReplay(posts())
    collector = bluesky(replay)
    walk(collector)
    assert replay.session == 1
    replay.ended = True
    assert walk(collector)
    assert replay.session == 2


def test_a_refused_password_is_told(bluesky: Callable[..., Bluesky]) -> None:
    """A wrong handle or app password is one sentence that names the secret."""
    with pytest.raises(PermanentError, match="SIMAK_BLUESKY_APP_PASSWORD"):
        bluesky(BlueskyReplay([]), handle="salah.bsky.social").probe()


def test_beyond_the_depth_the_search_goes_on_by_time(bluesky: Callable[..., Bluesky]) -> None:
    """Where the search gives no cursor any more, it goes on below the oldest post, and nothing is left out."""
    many = [post(10 + n, f"Kopi Senja nomor {n}") for n in range(20)]
    collector = bluesky(BlueskyReplay(many, depth=6))
    pages = walk(collector)
    assert len(mentions(collector, pages)) == 20
    assert not any(page.gap for page in pages)


def test_posts_of_one_moment_beyond_the_depth_are_a_gap(bluesky: Callable[..., Bluesky]) -> None:
    """When more posts share a moment than the search shows, what is missing is told with its bounds."""
    same = [post(10, f"Kopi Senja {n}", key=f"3lsama{n:07d}") for n in range(9)]
    collector = bluesky(BlueskyReplay([*same, post(20, "Kopi Senja lama")], depth=3))
    pages = walk(collector)
    assert "Kopi Senja lama" in mentions(collector, pages)


def test_a_later_visit_brings_what_is_new(bluesky: Callable[..., Bluesky]) -> None:
    """A second visit asks from an hour before the newest post, for what the network found late."""
    replay = BlueskyReplay(posts())
    collector = bluesky(replay)
    cursor = walk(collector)[-1].cursor
    replay.posts += [post(1, "Kopi Senja tutup"), post(55, "Kopi Senja telat terindeks"), post(300, "Kopi Senja lama")]
    found = mentions(collector, walk(collector, cursor))
    assert {"Kopi Senja tutup", "Kopi Senja telat terindeks"} <= found.keys()
    assert "Kopi Senja lama" not in found


def test_a_post_that_comes_meanwhile_is_not_lost(bluesky: Callable[..., Bluesky]) -> None:
    """A post made while older pages are read comes with this visit or the next."""
    replay = BlueskyReplay(posts())
    collector = bluesky(replay)
    replay.before[1] = lambda: replay.posts.append(post(0, "Kopi Senja baru saja"))
    first = walk(collector)
    second = walk(collector, first[-1].cursor)
    found = {*mentions(collector, first), *mentions(collector, second)}
    assert {"Kopi Senja baru saja", *(one["record"]["text"] for one in replay.posts)} == found


def test_counters_are_refreshed_and_deletions_told(bluesky: Callable[..., Bluesky]) -> None:
    """A second look brings new counters and names what is no longer shown."""
    replay = BlueskyReplay(posts())
    collector = bluesky(replay)
    kept, gone = replay.posts[0], replay.posts.pop(1)
    kept["likeCount"] = 99
    (page,) = collector.refresh([kept["uri"], gone["uri"]])
    assert page.gone == (gone["uri"],)
    (mention,) = mentions(collector, [page]).values()
    assert mention.metrics
    assert mention.metrics.likes == 99


def test_a_post_whose_shape_has_changed_is_set_aside_and_not_called_gone(bluesky: Callable[..., Bluesky]) -> None:
    """A post that is shown without its time is no deletion, and counts as one that cannot be understood."""
    collector = bluesky(BlueskyReplay([]))
    shown = post(5)
    del shown["indexedAt"]
    collector._call = lambda *_: {"posts": [shown]}  # type: ignore[method-assign]
    (page,) = collector.refresh([shown["uri"]])
    assert page.gone == ()
    assert len(understand(collector, page).poisoned) == 1


def test_an_empty_page_with_a_cursor_is_not_the_end(bluesky: Callable[..., Bluesky]) -> None:
    """The search goes on after an empty page that names a next one, and ends at one that names itself."""
    collector = bluesky(BlueskyReplay([]))
    assert collector._next({"posts": [], "cursor": "200"}, "100", "", NOW)[0] == "200"
    assert collector._next({"posts": [], "cursor": "200"}, "200", "", NOW) == ("", "", None)


@pytest.mark.parametrize(("told", "language"), [("id", "id"), ("id-ID", "id"), ("ban", "ban"), ("min", "min")])
def test_a_language_is_kept_whole(bluesky: Callable[..., Bluesky], told: str, language: str) -> None:
    """A language of three letters is not cut down to another one."""
    assert bluesky(BlueskyReplay([])).map(raw(record={"langs": [told]})).language == language


@pytest.mark.parametrize("skew", [timedelta(0), timedelta(minutes=10), timedelta(minutes=-10)])
def test_a_limit_is_waited_for_by_the_servers_clock(bluesky: Callable[..., Bluesky], skew: timedelta) -> None:
    """At the limit the time that the server names is waited for, however its clock stands."""
    collector = bluesky(BlueskyReplay(posts(), limit=2, now=NOW + skew))
    with pytest.raises(RateLimitedError) as caught:
        walk(collector)
    assert caught.value.until - NOW == timedelta(minutes=5)


def lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def raw(**changed: Any) -> Raw:
    one = post(5)
    record = one["record"] | changed.pop("record", {})
    did = changed.pop("did", DID)
    return {
        "post": {**one, **changed, "record": record},
        "author": {"did": did, "brand": False},
        "observed_at": one["indexedAt"],
    }


def test_identifiers_are_held_to_the_published_syntax(shared: Path, bluesky: Callable[..., Bluesky]) -> None:
    """Valid DIDs of the published examples are taken, invalid ones set aside; so are addresses that name no post."""
    collector, folder = bluesky(BlueskyReplay([])), shared / "fixtures" / "bluesky" / "syntax"
    for did in lines(folder / "did_valid.txt"):
        assert collector.map(raw(did=did)).author
    for did in lines(folder / "did_invalid.txt"):
        with pytest.raises(PoisonError):
            collector.map(raw(did=did))


def test_replays_pass_the_published_schemas(shared: Path) -> None:
    """The posts that these tests are made of have what the published schema requires."""
    defs = json.loads((shared / "fixtures" / "bluesky" / "lexicons" / "app.bsky.feed.defs.json").read_text())["defs"]
    record = json.loads((shared / "fixtures" / "bluesky" / "lexicons" / "app.bsky.feed.post.json").read_text())["defs"]
    for one in posts():
        assert set(defs["postView"]["required"]) <= one.keys()
        assert set(record["main"]["record"]["required"]) <= one["record"].keys()
        assert {*one} - {"$type"} <= defs["postView"]["properties"].keys()
