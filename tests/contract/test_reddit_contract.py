"""The Reddit collector keeps the promises of every collector."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from collector_contract import HttpCollectorContract
from loopback import Behaviour, Loopback
from pydantic import SecretStr
from reddit_replay import NOW, SECRET, RedditReplay, comment, link

from collectors.base import Tools
from collectors.http import guarded
from collectors.reddit import Reddit, RedditOptions
from collectors.runner import understand
from domain.errors import ConfigError, PermanentError, RateLimitedError
from domain.query import Query, parse
from domain.records import Cursor, Mention, Page
from domain.vocabulary import Role

QUERY = Query("Kopi Senja", parse('"kopi senja" OR kopisenja'))
Serve = Callable[[Behaviour], Loopback]


def items() -> list[dict[str, Any]]:
    many = [link(100 + n, f"Kopi Senja kiriman {n}") for n in range(130)]
    edited = link(30, "Kopi Senja diedit", edited=(NOW - timedelta(minutes=3)).timestamp())
    gone = [link(40, "Kopi Senja", selftext="[removed]"), link(41, "Kopi Senja lagi", author="[deleted]")]
    return [link(5), edited, *gone, comment(6), comment(7, "Maaf ya kak", author="KopiSenja_ID"), *many]


class TestReddit(HttpCollectorContract):
    """A search and a subreddit of our making, with edits, removed texts and more than a page of submissions."""

    kind = Reddit
    query: ClassVar[Query] = QUERY
    wrong = ({"follow": ["r/indonesia"]},)

    @pytest.fixture
    def options(self, serve: Serve) -> Mapping[str, Any]:
        """Return the settings that lead to the replay."""
        return {**self.at(serve(RedditReplay(items())).url), "follow": ["indonesia"]}

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server."""
        return {"oauth_url": url, "reddit_url": url}


@pytest.fixture
def tools() -> Iterator[Tools]:
    """Yield real tools with a clock that stands still."""
    with guarded(["localhost"]) as client:
        yield Tools(client, lambda: NOW, lambda _: SecretStr(SECRET))


@pytest.fixture
def reddit(serve: Serve, tools: Tools) -> Callable[..., Reddit]:
    """Return a function that makes a collector of a replay."""

    def make(replay: RedditReplay, **options: Any) -> Reddit:
        url = serve(replay).url
        return Reddit(RedditOptions(oauth_url=url, reddit_url=url, **options), tools)

    return make


def walk(collector: Reddit, cursor: Cursor | None = None) -> list[Page]:
    return list(collector.pages(QUERY, cursor or Cursor()))


def mentions(collector: Reddit, pages: Sequence[Page]) -> dict[str, Mention]:
    return {one.native_id: one for page in pages for _, one in understand(collector, page).items}


def test_a_mention_says_who_what_and_how_much(reddit: Callable[..., Reddit]) -> None:
    """Title and text are one, edits are revisions, the brand's voice is known, and no name is kept."""
    collector = reddit(RedditReplay(items()), follow=["indonesia"], brand_accounts=["u/kopisenja_id"])
    pages = walk(collector)
    found = mentions(collector, pages)
    first, brand = found["t3_000032"], found["t1_000046"]
    assert first.text == "Kopi Senja telat lagi\nAntre dua jam"
    assert first.url == "https://www.reddit.com/r/indonesia/comments/000032/kopi/"
    assert first.metrics
    assert (first.metrics.likes, first.metrics.replies) == (12, 3)
    assert found["t3_00012c"].revision == int((NOW - timedelta(minutes=3)).timestamp())
    assert brand.author
    assert (brand.author.role, brand.parent_id) == (Role.BRAND, "t3_00000a")
    assert "sitirahma" not in json.dumps([page.model_dump(mode="json") for page in pages])


def test_what_was_deleted_or_removed_is_not_brought(reddit: Callable[..., Reddit]) -> None:
    """A text that its writer deleted, or that was removed, does not come in, whatever is left of it."""
    collector = reddit(RedditReplay(items()))
    assert not {"t3_000190", "t3_00019a"} & mentions(collector, walk(collector)).keys()


def test_a_later_visit_stops_where_the_last_one_was(reddit: Callable[..., Reddit]) -> None:
    """A second visit asks for no more than it has to, and brings what is new or was found late."""
    replay = RedditReplay(items())
    collector = reddit(replay)
    cursor = walk(collector)[-1].cursor
    assert len(replay.asked) == 2
    replay.items += [link(1, "Kopi Senja baru"), link(50, "Kopi Senja terlambat"), link(90, "Kopi Senja lama")]
    found = {one.text.split("\n")[0] for one in mentions(collector, walk(collector, cursor)).values()}
    assert {"Kopi Senja baru", "Kopi Senja terlambat"} <= found
    assert "Kopi Senja lama" not in found
    assert len(replay.asked) == 3
    assert replay.keys == 1


def test_a_list_that_breaks_off_is_a_gap(reddit: Callable[..., Reddit]) -> None:
    """When the item to go on after was deleted, the list ends, and what is missing is told; nothing crashes."""
    replay = RedditReplay([link(10 + n, f"Kopi Senja {n}") for n in range(300)])
    floor = json.dumps({"search": (NOW - timedelta(days=70)).timestamp()})
    first = next(reddit(replay).pages(QUERY, Cursor(floor=floor)))
    replay.items = [one for one in replay.items if one["data"]["name"] != str(first.cursor.token).split("|")[1]]
    (last,) = walk(reddit(replay), first.cursor)
    assert last.gap
    assert last.gap.since == NOW - timedelta(days=70)
    assert last.cursor.token is None


def test_a_closed_subreddit_keeps_no_other_list_from_being_read(reddit: Callable[..., Reddit]) -> None:
    """What can be read comes in, the cursor goes on, and the refusal is told at the end."""
    collector = reddit(RedditReplay(items(), private="tutup"), follow=["tutup", "indonesia"])
    pages: list[Page] = []
    with pytest.raises(PermanentError, match="403"):
        pages.extend(collector.pages(QUERY, Cursor()))
    pages = []
    walked = collector.pages(QUERY, Cursor())
    with contextlib.suppress(PermanentError):
        while True:
            pages.append(next(walked))
    assert "t1_00003c" in mentions(collector, pages)
    assert pages[-1].cursor.token is None


def test_a_key_that_was_withdrawn_is_renewed_once(reddit: Callable[..., Reddit]) -> None:
    """When a key is refused in mid-life, a new one is asked for and the walk goes on."""
    replay = RedditReplay(items())
    collector = reddit(replay)
    walk(collector)
    replay.withdrawn = replay.keys
    assert mentions(collector, walk(collector))
    assert replay.keys == 2


def test_an_empty_answer_purges_nothing(reddit: Callable[..., Reddit]) -> None:
    """A second look that shows nothing at all is doubted: nothing is called gone."""
    (page,) = reddit(RedditReplay([])).refresh(["t3_000032", "t3_00012c"])
    assert page.gone == ()


def test_no_praw_ini_and_no_environment_speaks(
    reddit: Callable[..., Reddit], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings that lie about in the folder or the environment change nothing."""
    (tmp_path / "praw.ini").write_text("[DEFAULT]\nrefresh_token=x\noauth_url=http://127.0.0.1:1\n[[broken")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("praw_site", "other")
    monkeypatch.setenv("praw_refresh_token", "x")
    monkeypatch.setattr("praw.config.Config.CONFIG", None)
    collector = reddit(RedditReplay(items()))
    assert mentions(collector, walk(collector))


def test_beyond_the_depth_of_a_list_is_a_gap(reddit: Callable[..., Reddit]) -> None:
    """When a list ends before the bookmark, what lies between is told with its bounds."""
    many = [link(10 + n, f"Kopi Senja {n}") for n in range(1_200)]
    collector = reddit(RedditReplay(many))
    floor = (NOW - timedelta(minutes=1_150)).timestamp()
    pages = walk(collector, Cursor(floor=json.dumps({"search": floor})))
    (gap,) = [page.gap for page in pages if page.gap]
    assert gap.since == NOW - timedelta(minutes=1_150)
    assert gap.until == NOW - timedelta(minutes=1_009)


def test_what_is_gone_is_told_and_counters_are_refreshed(reddit: Callable[..., Reddit]) -> None:
    """A second look brings new counters and names what was deleted, removed or is no longer known."""
    replay = RedditReplay(items())
    collector = reddit(replay)
    replay.items[0]["data"]["score"] = 99
    (page,) = collector.refresh(["t3_000032", "t3_000190", "t3_zzzzzz"])
    assert page.gone == ("t3_000190", "t3_zzzzzz")
    metrics = mentions(collector, [page])["t3_000032"].metrics
    assert metrics
    assert metrics.likes == 99


def test_limits_are_waited_for_without_sleeping(reddit: Callable[..., Reddit]) -> None:
    """A spent window stops the walk before the next call, with the time that Reddit names in seconds from now."""
    replay = RedditReplay(items(), limit=1)
    began = time.monotonic()
    with pytest.raises(RateLimitedError) as caught:
        walk(reddit(replay))
    assert caught.value.until - NOW == timedelta(seconds=300)
    assert replay.calls == 1
    assert time.monotonic() - began < 2


def test_a_refused_app_is_told(serve: Serve, tools: Tools) -> None:
    """An app that Reddit does not know, or that is not set up, is told in a sentence that names approval."""
    url = serve(RedditReplay([])).url
    options = RedditOptions(oauth_url=url, reddit_url=url)
    with pytest.raises(PermanentError):
        Reddit(options, Tools(tools.http, tools.now, lambda _: SecretStr("wrong"))).probe()
    with pytest.raises(ConfigError, match=r"contract with it.*SIMAK_REDDIT_CLIENT_ID"):
        Reddit(options, Tools(tools.http, tools.now, lambda _: None)).check()


def test_every_recorded_item_is_understood(shared: Path, serve: Serve, tools: Tools) -> None:
    """Served by loopback and read by praw, each recorded text maps, or is gone because it was taken away."""
    mapped, gone, reasons = 0, 0, set[str]()
    for path in sorted((shared / "fixtures" / "reddit").glob("*.json")):
        # Some files show a text in two answers; what was recorded last stands.
        items = list({one["data"]["name"]: one for one in recorded(path)}.values())
        collector = _showing(serve, tools, items)
        for start in range(0, len(items), 100):
            (page,) = collector.refresh([one["data"]["name"] for one in items[start : start + 100]])
            delivery = understand(collector, page)
            mapped, gone = mapped + len(delivery.items), gone + len(page.gone)
            reasons |= {poison.reason for poison in delivery.poisoned}
    assert (mapped, gone, reasons) == (636, 25, set())


def _showing(serve: Serve, tools: Tools, items: Sequence[Mapping[str, Any]]) -> Reddit:
    """Return a collector of a Reddit that has these items, as they were recorded."""
    replay = RedditReplay([dict(one) for one in items])
    url = serve(replay).url
    return Reddit(RedditOptions(oauth_url=url, reddit_url=url), tools)


def recorded(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield every submission and comment of the recorded answers, at any depth of a tree of comments."""
    cassette = json.loads(path.read_text(encoding="utf-8"))
    for pair in cassette.get("http_interactions") or cassette["interactions"]:
        yield from _texts(json.loads(pair["response"]["body"]["string"] or "null"))


def _texts(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict) and value.get("kind") in ("t1", "t3"):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(part)
