"""Answers of a server of the Fediverse that lead on, in circles or nowhere, and with anything anywhere in them."""

import copy
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from loopback import Asked, Behaviour, Loopback, Reply
from mastodon_replay import NOW, TOKEN, MastodonReplay, Post, post
from pydantic import SecretStr

from collectors.base import Tools
from collectors.http import guarded
from collectors.mastodon import Mastodon, MastodonOptions
from collectors.runner import understand
from domain.errors import ConfigError, PermanentError, SimakError
from domain.query import Query, parse
from domain.records import Cursor, Mention, Page

TAG, PHRASE = Query("Kopi Senja", parse("#kopisenja")), Query("Kopi Senja", parse('"kopi senja"'))
BOTH = Query("Kopi Senja", parse('"kopi senja" OR #kopisenja'))
ODD: tuple[Any, ...] = (None, True, "\x00\ud800", [], {}, -1, 10**40, [None], [{}], {"a": {}})
Serve = Callable[[Behaviour], Loopback]


@pytest.fixture
def mastodon(serve: Serve) -> Iterator[Callable[..., Mastodon]]:
    """Yield a function that makes a collector of what answers."""
    with guarded(["localhost"]) as client:

        def make(behaviour: Behaviour, token: str = TOKEN) -> Mastodon:
            tools = Tools(client, lambda: NOW, lambda _: SecretStr(token))
            return Mastodon(MastodonOptions(base_url=serve(behaviour).url), tools)

        yield make


def answer(body: Any, link: str = "") -> Reply:
    headers = {"Content-Type": "application/json", **({"Link": link} if link else {})}
    return Reply(200, headers, json.dumps(body).encode())


def walk(collector: Mastodon, query: Query, cursor: Cursor | None = None) -> list[Page]:
    """Return all pages of a walk, or fail when it does not end."""
    pages = list(itertools.islice(collector.pages(query, cursor or Cursor()), 60))
    assert len(pages) < 60
    return pages


def mentions(collector: Mastodon, pages: Sequence[Page]) -> list[Mention]:
    return [mention for page in pages for _, mention in understand(collector, page).items]


def test_a_short_page_of_a_search_is_not_the_end(mastodon: Callable[..., Mastodon]) -> None:
    """A server leaves out posts after it has counted forty; what is older than them is brought all the same."""
    replay = MastodonReplay([post(10 + n, f"Kopi Senja nomor {n}", low=n) for n in range(60)])

    def hiding(asked: Asked) -> Reply:
        body = json.loads(replay(asked).body)
        return answer({"statuses": [one for one in body["statuses"] if one["id"] != replay.posts[3]["id"]]})

    collector = mastodon(hiding)
    assert len(mentions(collector, walk(collector, PHRASE))) == 59


def test_an_empty_page_that_leads_on_is_not_the_end(mastodon: Callable[..., Mastodon]) -> None:
    """What stands behind an empty page is brought, and the page itself is shown to whoever counts such pages."""
    newest = post(1)["id"]

    def behaviour(asked: Asked) -> Reply:
        return answer([post(5)]) if "max_id" in asked.query else answer([], f'<http://x/?max_id={newest}>; rel="next"')

    collector = mastodon(behaviour)
    pages = walk(collector, TAG)
    assert len(mentions(collector, pages)) == 1
    assert [bool(page.cursor.token) for page in pages] == [True, False]


def test_a_quiet_list_is_no_empty_page_that_leads_on(mastodon: Callable[..., Mastodon]) -> None:
    """Lists without news are passed over, so that nothing looks as if the server hid something."""
    (page,) = walk(mastodon(MastodonReplay([])), BOTH)
    assert page.cursor.token is None


def test_a_circle_ends_in_a_gap(mastodon: Callable[..., Mastodon]) -> None:
    """A server that leads back to where it was ends the walk and is told as a gap down to the bookmark."""
    one = post(5)
    collector = mastodon(lambda _: answer([one], f'<http://x/?max_id={one["id"]}>; rel="next"'))
    pages = walk(collector, TAG)
    assert pages[-1].gap
    assert (pages[-1].gap.since, pages[-1].gap.until) == (NOW - timedelta(days=7), NOW - timedelta(minutes=5))
    assert pages[-1].cursor.token is None


def test_ids_of_another_kind_are_told(mastodon: Callable[..., Mastodon]) -> None:
    """A server that numbers its posts in another way is refused in a sentence, not taken for silent."""
    with pytest.raises(PermanentError, match="unlike Mastodon"):
        walk(mastodon(lambda _: answer([post(5, id="01JD5M9T4ZV8K2")])), TAG)


def test_an_id_from_the_future_does_not_end_all_visits(mastodon: Callable[..., Mastodon]) -> None:
    """A post with an id far ahead of the time moves the bookmark no further than to now."""
    replay = MastodonReplay([post(-60 * 24 * 365)])
    collector = mastodon(replay)
    cursor = walk(collector, TAG)[-1].cursor
    replay.posts = [post(5)]
    assert mentions(collector, walk(collector, TAG, cursor))


def test_what_only_the_search_shows_is_brought(mastodon: Callable[..., Mastodon]) -> None:
    """An unlisted post stands on no hashtag's timeline, though it has the hashtag: the search's word counts."""
    replay = MastodonReplay([post(5, "Kopi Senja lambat #kopisenja", visibility="unlisted")])
    collector = mastodon(lambda asked: answer([]) if "/timelines/" in asked.path else replay(asked))
    assert len(mentions(collector, walk(collector, BOTH))) == 1


@pytest.mark.parametrize(("told", "meant"), [("in", "id"), ("zh-TW", "zh"), ("x" * 9_999, None), ("\x00", None)])
def test_a_language_is_a_code_or_not_told(mastodon: Callable[..., Mastodon], told: str, meant: str | None) -> None:
    """What a writer's server calls the language is a code of two or three letters, or nothing."""
    collector = mastodon(MastodonReplay([post(5, language=told)]))
    assert [one.language for one in mentions(collector, walk(collector, TAG))] == [meant]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://", "//x/y"])
def test_an_address_that_is_no_web_address_is_not_kept(mastodon: Callable[..., Mastodon], url: str) -> None:
    """What another server gives for an address is kept only when it is one of the web."""
    collector = mastodon(MastodonReplay([post(5, url=url)]))
    assert [one.url for one in mentions(collector, walk(collector, TAG))] == [None]


def test_a_token_that_names_a_file_is_refused(mastodon: Callable[..., Mastodon]) -> None:
    """The library would read a file of that name and send what stands in it; the check keeps it from that."""
    with pytest.raises(ConfigError, match="SIMAK_MASTODON_ACCESS_TOKEN"):
        mastodon(MastodonReplay([]), "/etc/hostname").probe()


@pytest.mark.parametrize("what", ["tag", "search", "refresh"])
def test_no_answer_breaks_the_collector(mastodon: Callable[..., Mastodon], what: str) -> None:
    """Whatever stands anywhere in an answer, it is pages whose cursor can be stored, or an error of ours."""
    one = post(5)
    serving: dict[str, Any] = {}
    collector = mastodon(lambda _: answer(serving["body"], serving["link"]))
    for serving["link"] in ("", "<x>; rel=next", f'<x?max_id={"9" * 20}>; rel="next"', '<x?max_id=1>; rel="next"'):
        for serving["body"] in bodies({"tag": [one], "search": {"statuses": [one]}, "refresh": one}[what]):
            try:
                pages = (
                    list(collector.refresh([one["id"]]))
                    if what == "refresh"
                    else walk(collector, TAG if what == "tag" else PHRASE)
                )
            except SimakError:
                continue
            for page in pages:
                understand(collector, page)
                assert page.cursor.model_dump_json().isascii()


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


def paths(value: Post | list[Any], path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value, at any depth."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        yield (*path, key)
        yield from paths(part, (*path, key))
