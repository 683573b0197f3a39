"""Threads, by its rules and against its traps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from loopback import Behaviour, Loopback
from meta_replay import NOW, TOKEN, MetaReplay
from pydantic import SecretStr
from threads_account import account, post

from collectors.base import Allowance, Tools
from collectors.http import guarded
from collectors.threads import Threads, ThreadsOptions, keywords
from domain.errors import BudgetError, ConfigError
from domain.query import Query, parse
from domain.records import Cursor, Mention, Page
from domain.vocabulary import Role

Serve = Callable[[Behaviour], Loopback]
QUERY = Query("kopi", parse('"kopi senja" OR (kopisenja -lagu)'))


@contextmanager
def threads(url: str, meter: Any = None, **more: Any) -> Iterator[Threads]:
    """Yield a collector of our account."""
    with guarded(["localhost"]) as client:
        held = Tools(client, lambda: NOW, lambda _: SecretStr(TOKEN), **({"meter": meter} if meter else {}))
        yield Threads(ThreadsOptions(**{"brand_accounts": ["kopisenja"], "base_url": url, "page_size": 4} | more), held)


def walked(url: str, cursor: Cursor | None = None, **more: Any) -> tuple[dict[str, Mention], list[Page]]:
    """Walk once and return mentions by id, and the pages."""
    with threads(url, **more) as collector:
        pages = list(collector.pages(QUERY, cursor or Cursor()))
        mentions = [collector.map(raw) for one in pages for raw in one.raws]
    return {mention.native_id: mention for mention in mentions}, pages


def test_everything_comes_once(serve: Serve) -> None:
    """Posts found by either word, posts that name the account and answers come, with the brand's own answer."""
    found, pages = walked(serve(account()).url, about="kopi")
    assert set(found) == {*map(str, range(100, 113)), "120", "131", "132", "133", "140"}
    assert sum(len(one.raws) for one in pages) == len(found)
    assert found["131"].reply
    assert found["131"].reply.text == "Betul, Kak!"
    assert found["132"].author
    assert found["132"].author.role is Role.BRAND
    assert (found["131"].about, found["120"].about) == ("kopi", None)
    assert found["120"].metrics is None


def test_pages_of_a_search_go_back_by_time(serve: Serve) -> None:
    """A search without marks goes on below the oldest post, and loses none of several in one second."""
    server = serve(account())
    walked(server.url)
    untils = [int(asked.query["until"]) for asked in server.asked if "until" in asked.query]
    assert untils == sorted(untils, reverse=True)
    assert len(untils) == len(set(untils)) == 4


def test_more_posts_in_one_second_than_a_page_holds_end(serve: Serve) -> None:
    """A second with more posts than an answer may hold does not hold up the walk."""
    things = {str(number): post("kopi senja", 5) for number in range(9)} | {"50": post("kopi senja", 6)}
    found, _ = walked(serve(MetaReplay(things, version="v1.0")).url, own=False)
    assert "50" in found


def test_only_what_is_new_is_searched(serve: Serve) -> None:
    """A second walk searches from an hour before the last one began."""
    server = serve(account())
    _, pages = walked(server.url)
    before = len(server.asked)
    walked(server.url, pages[-1].cursor)
    since = {asked.query["since"] for asked in server.asked[before:] if "since" in asked.query}
    assert since == {str(int((NOW - timedelta(hours=1)).timestamp()))}


def test_another_brands_search_leaves_the_account_alone(serve: Serve) -> None:
    """Answers and mentions are read with the search of the brand whose account it is, and no other."""
    server = serve(account())
    walked(server.url, about="pesaing")
    assert {asked.path for asked in server.asked} == {"/v1.0/keyword_search"}


def test_an_empty_list_is_no_failure_but_one_with_a_mark_is_hollow(serve: Serve) -> None:
    """A sensitive word is answered with nothing; only an empty page that names a next one is told as such."""
    found, pages = walked(serve(MetaReplay({}, version="v1.0")).url, own=False)
    assert (found, len(pages), pages[0].cursor.token) == ({}, 1, None)
    with threads(serve(MetaReplay({}, version="v1.0", hollow=True)).url, own=False) as collector:
        hollow = next(collector.pages(QUERY, Cursor()))
    assert not hollow.raws
    assert hollow.cursor.token


def test_searches_are_counted_before_they_are_made(serve: Serve) -> None:
    """Once the day's searches are used up, the walk stops before the next one and keeps its place."""

    class Meter:
        left = 2

        def take(self, allowance: Allowance, amount: float = 1) -> None:
            assert allowance == Allowance("keyword searches", 2200)
            self.left -= 1
            if self.left < 0:
                raise BudgetError("Used up.", datetime(2026, 11, 21, tzinfo=UTC))

    server = serve(account())
    got = []
    with threads(server.url, Meter()) as collector, pytest.raises(BudgetError):
        got.extend(collector.pages(QUERY, Cursor()))
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("kopi", ["kopi"]),
        ("#kopisenja OR @kopisenja", ["kopisenja"]),
        ('"kopi senja" bandung -lagu', ["kopi senja"]),
        ("senja (kopi OR kafe)", ["senja"]),
        ("kopi* OR teh", ["kopi", "teh"]),
    ],
)
def test_words_are_chosen(expression: str, words: list[str]) -> None:
    """Each alternative is searched for by its longest word; the query itself then judges what comes."""
    assert keywords(Query("kopi", parse(expression))) == words


def test_a_query_that_only_lacks_a_word_is_refused() -> None:
    """Threads cannot be asked for what is not there."""
    with pytest.raises(ConfigError, match="only lack a word"):
        keywords(Query("kopi", parse("kopi OR -lagu")))
