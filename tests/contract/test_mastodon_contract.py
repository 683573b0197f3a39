"""The Mastodon collector keeps the promises of every collector."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from collector_contract import HttpCollectorContract
from loopback import Behaviour, Loopback
from mastodon_replay import NOW, MastodonReplay, post
from pydantic import SecretStr
from stored_contract import SECRET

from collectors.base import Tools
from collectors.http import guarded
from collectors.mastodon import Mastodon, MastodonOptions
from collectors.runner import understand
from domain.errors import ConfigError, RateLimitedError
from domain.query import Query, parse
from domain.records import Cursor, Page, Raw
from domain.vocabulary import Role

QUERY = Query("Kopi Senja", parse('"kopi senja" OR #kopisenja'))
Serve = Callable[[Behaviour], Loopback]


def timeline() -> list[dict[str, Any]]:
    return [
        post(5, "Kopi Senja telat lagi 😡 #kopisenja"),
        *(post(10 + minutes, low=minutes) for minutes in range(5)),
        post(30, "Diedit: Kopi Senja sudah minta maaf", edited_at="2026-11-20T11:45:00.000Z"),
        post(
            40,
            "Kopi Senja balas keluhan",
            in_reply_to_id="117440841601474392",
            account={"id": "9", "acct": "kopisenja"},
        ),
        post(50, "Kopi Senja <3 #kopisenja", spoiler_text="ulasan jujur"),
    ]


def statuses(shared: Path) -> Iterator[Raw]:
    """Yield every status that was recorded, as it was sent."""
    for path in sorted((shared / "fixtures" / "mastodon").glob("*.yaml")):
        if path.name.endswith(".ws.yaml"):
            continue
        for pair in yaml.safe_load(path.read_text(encoding="utf-8")).get("interactions", ()):
            said = pair["response"]["body"].get("string") or "null"
            body = json.loads(said) if said[:1] in "[{n" else None
            found = body if isinstance(body, list) else body.get("statuses", [body]) if isinstance(body, dict) else []
            yield from (one for one in found if isinstance(one, dict) and "content" in one and "visibility" in one)


class TestMastodon(HttpCollectorContract):
    """Posts of our making: an edit, a reply of the brand, a content warning, found by hashtag and by search."""

    kind = Mastodon
    query: ClassVar[Query] = QUERY
    wrong = ({"hashtags": ["kopi senja"]},)

    @pytest.fixture
    def options(self, serve: Serve) -> Mapping[str, Any]:
        """Return the settings that lead to the replay."""
        return {"base_url": serve(MastodonReplay(timeline())).url, "page_size": 3, "brand_accounts": ["@KopiSenja"]}

    @pytest.fixture
    def recorded(self, shared: Path, make: Callable[[], Mastodon]) -> Sequence[Raw]:
        """Return every recorded status."""
        return make()._raws(list(statuses(shared)))

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server."""
        return {"base_url": url}


@pytest.fixture
def tools() -> Iterator[Tools]:
    """Yield real tools with a clock that stands still."""
    with guarded(["localhost"]) as client:
        yield Tools(client, lambda: NOW, lambda _: SecretStr(SECRET))


@pytest.fixture
def mastodon(serve: Serve, tools: Tools) -> Callable[..., Mastodon]:
    """Return a function that makes a collector of a replay."""

    def make(replay: MastodonReplay, **options: Any) -> Mastodon:
        settings = {"base_url": serve(replay).url, "page_size": 3, "brand_accounts": ["kopisenja"], **options}
        return Mastodon(MastodonOptions(**settings), tools)

    return make


def walk(collector: Mastodon, cursor: Cursor | None = None) -> list[Page]:
    return list(collector.pages(QUERY, cursor or Cursor()))


def texts(collector: Mastodon, pages: Sequence[Page]) -> list[str]:
    return [mention.text for page in pages for _, mention in understand(collector, page).items]


def test_every_recorded_status_is_understood(shared: Path, mastodon: Callable[..., Mastodon]) -> None:
    """Served by loopback and read by the library, each recorded status becomes a mention."""
    found = list(statuses(shared))
    replay = MastodonReplay([])
    collector = mastodon(replay)
    for status in found:
        replay.calls, replay.posts = 0, [dict(status)]
        (page,) = collector.refresh([status["id"]])
        delivery = understand(collector, page)
        assert (len(delivery.items), delivery.poisoned, page.gone) == (1, (), ())
    assert len(found) == 50


def test_a_mention_says_who_what_and_how_much(mastodon: Callable[..., Mastodon]) -> None:
    """Markup becomes text under its warning, the brand's own voice is known, and no name is kept."""
    collector = mastodon(MastodonReplay(timeline()))
    pages = walk(collector)
    mentions = {mention.text: mention for page in pages for _, mention in understand(collector, page).items}
    assert "ulasan jujur\nKopi Senja <3 #kopisenja" in mentions
    reply, edited = mentions["Kopi Senja balas keluhan"], mentions["Diedit: Kopi Senja sudah minta maaf"]
    assert reply.author
    assert (reply.author.role, reply.parent_id) == (Role.BRAND, "117440841601474392")
    assert edited.revision == int(datetime(2026, 11, 20, 11, 45, tzinfo=UTC).timestamp())
    assert edited.metrics
    assert (edited.metrics.likes, edited.metrics.replies, edited.metrics.reposts) == (3, 1, 2)
    assert "siti" not in json.dumps([page.model_dump(mode="json") for page in pages]).replace("/@siti/", "").lower()


def test_a_later_visit_brings_what_is_new(mastodon: Callable[..., Mastodon]) -> None:
    """A second visit asks from an hour before the bookmark, for what the server heard of late."""
    replay = MastodonReplay(timeline())
    collector = mastodon(replay)
    cursor = walk(collector)[-1].cursor
    replay.posts += [post(1, "Kopi Senja tutup"), post(55, "Kopi Senja dari server lain"), post(500, "Kopi Senja lama")]
    found = set(texts(collector, walk(collector, cursor)))
    assert {"Kopi Senja tutup", "Kopi Senja dari server lain"} <= found
    assert "Kopi Senja lama" not in found


def test_a_post_that_comes_meanwhile_is_neither_lost_nor_doubled(mastodon: Callable[..., Mastodon]) -> None:
    """A post made while older pages are read is brought by the next visit, and no other one is left out."""
    replay = MastodonReplay(timeline())
    collector = mastodon(replay)
    replay.before[1] = lambda: replay.posts.append(post(0, "Kopi Senja baru saja #kopisenja", low=5))
    first = walk(collector)
    second = walk(collector, first[-1].cursor)
    ids = [raw["status"]["id"] for page in first for raw in page.raws]
    assert len({*ids}) >= 9
    assert "Kopi Senja baru saja #kopisenja" in {*texts(collector, first), *texts(collector, second)}


def test_what_is_gone_is_told_and_an_edit_is_seen(mastodon: Callable[..., Mastodon]) -> None:
    """A second look brings edits and counters, and names what the server no longer has."""
    replay = MastodonReplay(timeline())
    collector = mastodon(replay)
    kept, gone = replay.posts[0], replay.posts.pop(1)
    kept |= {"favourites_count": 99, "edited_at": "2026-11-20T11:59:00.000Z", "content": "<p>Kopi Senja oke</p>"}
    pages = list(collector.refresh([kept["id"], gone["id"]]))
    assert [page.gone for page in pages] == [(), (gone["id"],)]
    ((_, mention),) = understand(collector, pages[0]).items
    assert mention.metrics
    assert (mention.text, mention.metrics.likes, mention.revision > 0) == ("Kopi Senja oke", 99, True)


def test_without_a_token_hashtags_alone_are_followed(serve: Serve, tools: Tools) -> None:
    """A server that is asked without a token shows hashtags; with none to follow, that is said."""
    open_tools = Tools(tools.http, tools.now, lambda _: None)
    options = MastodonOptions(base_url=serve(MastodonReplay(timeline())).url)
    collector = Mastodon(options, open_tools)
    assert all("#kopisenja" in text for text in texts(collector, walk(collector)))
    assert collector.probe().endswith("texts are not searched.")
    with pytest.raises(ConfigError, match="hashtags alone"):
        list(collector.pages(Query("x", parse("kopi")), Cursor()))


@pytest.mark.parametrize("skew", [timedelta(0), timedelta(minutes=10), timedelta(minutes=-10)])
def test_a_limit_is_waited_for_by_the_servers_clock(mastodon: Callable[..., Mastodon], skew: timedelta) -> None:
    """After three hundred calls the time that the server names is waited for, however its clock stands."""
    collector = mastodon(MastodonReplay(timeline(), limit=1, now=NOW + skew))
    with pytest.raises(RateLimitedError) as caught:
        walk(collector)
    assert caught.value.until - NOW == timedelta(minutes=5)


def test_boosts_and_private_posts_are_not_kept(mastodon: Callable[..., Mastodon]) -> None:
    """A boost is no mention of its own, and what its author did not make public is left out."""
    posts = [
        post(1, "Kopi Senja", reblog=post(2)),
        post(3, "Kopi Senja rahasia", visibility="private"),
        post(4, "Kopi Senja", visibility="direct"),
    ]
    collector = mastodon(MastodonReplay(posts))
    assert texts(collector, walk(collector)) == []
