"""Walks through GDELT's search: its pace, its windows, its gaps, its answers in words."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from gdelt_replay import NOW, GdeltReplay, article, said
from loopback import Behaviour, Loopback, Reply

from collectors import gdelt
from collectors.base import Tools
from collectors.gdelt import Gdelt, GdeltOptions
from collectors.http import guarded
from collectors.runner import understand, walk
from domain.errors import BudgetError, ConfigError, RateLimitedError, TransientError
from domain.query import Query, parse
from domain.records import Cursor, Outcome, Page
from domain.vocabulary import Platform, Role

QUERY = Query("senja", parse('"kopi senja"'))


class Clock:
    """A clock that a test moves."""

    def __init__(self, replay: GdeltReplay) -> None:
        self.replay = replay

    def __call__(self) -> datetime:
        return self.replay.now

    def pass_by(self, seconds: float) -> None:
        self.replay.now += timedelta(seconds=seconds)


Visit = Callable[..., tuple[Gdelt, Clock]]


@pytest.fixture(autouse=True)
def _asked_never() -> None:
    gdelt._LAST.clear()


@pytest.fixture
def visit(serve: Callable[[Behaviour], Loopback]) -> Iterator[Visit]:
    """Return a function that makes a collector of a replay, and its clock."""
    with guarded(["localhost"]) as client:

        def make(replay: GdeltReplay, **options: Any) -> tuple[Gdelt, Clock]:
            clock = Clock(replay)
            given = {"base_url": serve(replay).url, "interval": 0, **options}
            return Gdelt(GdeltOptions(**given), Tools(client, clock, lambda _: None)), clock

        yield make


def links(pages: list[Page]) -> list[str]:
    return [raw["url"] for page in pages for raw in page.raws]


def test_an_article_is_a_title_and_a_link(visit: Visit) -> None:
    """The newsroom is the author, the time that of first sight, the address without trackers, the spacing mended."""
    collector, _ = visit(GdeltReplay([article(1, "Kopi Senja : laba naik , kata CEO &amp; pendiri")]))
    (page,) = collector.pages(QUERY, Cursor())
    ((_, mention),) = understand(collector, page).items
    assert mention.text == "Kopi Senja: laba naik, kata CEO & pendiri"
    assert mention.url == mention.native_id == "https://www.koran.example/bisnis/202611201100-0"
    assert mention.author
    assert (mention.author.native_id, mention.author.role) == ("koran.example", Role.PRESS)
    assert (mention.platform, mention.language, mention.about) == (Platform.NEWS, "id", None)
    assert mention.published_at == NOW - timedelta(hours=1)
    assert page.raws[0].keys() == {"brand", "url", "title", "seendate", "domain", "language"}


def test_articles_may_be_kept_that_do_not_name_the_brand_in_the_title(visit: Visit) -> None:
    """Asked for, an article is about the brand that GDELT was asked for."""
    collector, _ = visit(GdeltReplay([article(1)]), anywhere=True)
    (page,) = collector.pages(QUERY, Cursor())
    assert understand(collector, page).items[0][1].about == "senja"


def test_a_full_answer_is_gone_on_from_its_oldest_quarter(visit: Visit) -> None:
    """More articles than an answer holds come in several, each quarter of an hour whole in one of them."""
    times = [0.1, 0.5, 1, 1, 1, 2, 2, 3, 4, 4, 4, 4, 9]
    replay = GdeltReplay([article(hours, number=number) for number, hours in enumerate(times)])
    collector, _ = visit(replay, page_size=5)
    pages = list(collector.pages(QUERY, Cursor()))
    assert len(links(pages)) == len(set(links(pages))) == len(times)
    assert not [page.gap for page in pages if page.gap]
    assert [page.cursor.token is None for page in pages] == [*[False] * (len(pages) - 1), True]


def test_a_quarter_that_fills_an_answer_leaves_a_gap(visit: Visit) -> None:
    """What does not fit into one answer and cannot be split further is a gap with its bounds, and the walk goes on."""
    replay = GdeltReplay([article(1, number=n) for n in range(9)] + [article(5)])
    collector, _ = visit(replay, page_size=4)
    pages = list(collector.pages(QUERY, Cursor()))
    (gap,) = [page.gap for page in pages if page.gap]
    assert (gap.since, gap.until) == (NOW - timedelta(hours=1), NOW - timedelta(minutes=45))
    assert len(links(pages)) == 5


def test_news_are_brought_alone_and_late_ones_too(visit: Visit) -> None:
    """A later visit asks from a little before the last one, so what was found late is not missed."""
    replay = GdeltReplay([article(30), article(2)])
    collector, clock = visit(replay)
    *_, last = collector.pages(QUERY, Cursor())
    replay.articles += [article(3, number=7), article(-0.9)]
    clock.pass_by(3600)
    (page,) = collector.pages(QUERY, last.cursor)
    assert len(links([page])) == 3
    assert page.gap is None


def test_nothing_found_is_an_answer(visit: Visit) -> None:
    """An empty answer ends the walk and moves the bookmark on, so that a quiet brand has no gap."""
    collector, clock = visit(GdeltReplay([]))
    (page,) = collector.pages(QUERY, Cursor())
    for _ in range(5):
        clock.pass_by(30 * 86_400)
        (page,) = collector.pages(QUERY, page.cursor)
        assert (page.raws, page.gap) == ((), None)


def test_a_standstill_of_more_than_three_months_leaves_a_gap(visit: Visit) -> None:
    """What was published before GDELT's reach is recorded as lost, with its bounds, once."""
    replay = GdeltReplay([])
    collector, clock = visit(replay)
    (page,) = collector.pages(QUERY, Cursor())
    replay.articles.append(article(-99 * 24))
    clock.pass_by(100 * 86_400)
    (page,) = collector.pages(QUERY, page.cursor)
    assert page.gap
    assert (page.gap.since, page.gap.until) == (NOW, NOW + timedelta(days=10))
    assert len(page.raws) == 1
    (page,) = collector.pages(QUERY, page.cursor)
    assert page.gap is None


def test_gdelt_is_not_asked_before_five_seconds_have_passed(visit: Visit) -> None:
    """The second request waits for its time, whoever makes it: another brand, another walk, a probe."""
    replay = GdeltReplay([article(1)], pace=5)
    collector, clock = visit(replay, interval=5)
    list(collector.pages(QUERY, Cursor()))
    clock.pass_by(2)
    for ask in (lambda: list(collector.pages(Query("teh", parse("teh")), Cursor())), collector.probe):
        with pytest.raises(BudgetError, match="one request in 5 seconds") as caught:
            ask()
        assert caught.value.until == NOW + timedelta(seconds=5)
    assert replay.calls == 1
    clock.pass_by(3)
    assert collector.probe().endswith(".")


def test_the_cursor_remembers_the_last_request(visit: Visit) -> None:
    """A process that has just begun keeps the pace that the last one kept."""
    replay = GdeltReplay([article(n) for n in range(9)], pace=5)
    collector, clock = visit(replay, interval=5, page_size=4)
    first = next(collector.pages(QUERY, Cursor()))
    gdelt._LAST.clear()
    clock.pass_by(4)
    with pytest.raises(BudgetError):
        next(collector.pages(QUERY, first.cursor))
    clock.pass_by(1)
    assert next(collector.pages(QUERY, first.cursor)).raws


def test_a_clock_that_was_set_back_holds_nobody_up(visit: Visit) -> None:
    """A last request in the future is not waited for."""
    collector, clock = visit(GdeltReplay([article(1)]), interval=5)
    (page,) = collector.pages(QUERY, Cursor())
    clock.pass_by(-600)
    assert list(collector.pages(QUERY, page.cursor))


def test_the_runner_keeps_the_pace(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runner waits the seconds out between the answers of a walk, and GDELT never has to refuse."""
    replay = GdeltReplay([article(n) for n in range(8)], pace=5)
    collector, clock = visit(replay, interval=5, page_size=4)
    brought: list[int] = []

    def deliver(delivery: Any) -> Outcome:
        brought.append(len(delivery.items))
        return Outcome()

    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.extend([seconds] if seconds else [])
        clock.pass_by(seconds)

    monkeypatch.setattr("time.sleep", sleep)
    walk(collector, QUERY, Cursor(), deliver, clock)
    assert brought == [3, 3, 2]
    assert waited == [5, 5]


def test_a_long_backlog_goes_on_at_the_next_turn(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backlog of more answers than a turn waits for is no failure: the next turns bring the rest, nothing twice."""
    replay = GdeltReplay([article(n) for n in range(30)], pace=5)
    collector, clock = visit(replay, interval=5, page_size=4)
    brought: list[str] = []
    cursors = [Cursor()]

    def deliver(delivery: Any) -> Outcome:
        brought.extend(mention.native_id for _, mention in delivery.items)
        cursors.append(delivery.page.cursor)
        return Outcome()

    monkeypatch.setattr("time.sleep", clock.pass_by)
    for _ in range(2):
        with pytest.raises(BudgetError):
            walk(collector, QUERY, cursors[-1], deliver, clock)
        clock.pass_by(900)
    walk(collector, QUERY, cursors[-1], deliver, clock)
    assert len(brought) == len(set(brought)) == 30
    assert cursors[-1].token is None


WORDS = {
    "Please limit requests to one every 5 seconds or contact us for larger queries.": RateLimitedError,
    "Your query was too short or too long.": ConfigError,
    "The specified phrase is too short.": ConfigError,
    "Queries containing OR'd terms must be surrounded by ().": ConfigError,
    "Parentheses may only be used around OR'd statements.": ConfigError,
    "One or more of your keywords contained an illegal character.": ConfigError,
    "Invalid/Unsupported Language.": ConfigError,
    "An error occurred.": TransientError,
    '<!DOCTYPE html><html lang="id">': TransientError,
    '{"articles": [': TransientError,
    '{"articles": 3}': TransientError,
    "[]": TransientError,
    "null": TransientError,
    '{"status": "error"}': TransientError,
}


@pytest.mark.parametrize("words", WORDS)
def test_answers_in_words_are_classified(visit: Visit, words: str) -> None:
    """GDELT says with status 200 what is wrong; each becomes the error that says what to do next."""
    collector, _ = visit(GdeltReplay([], instead={0: said(words)}))
    with pytest.raises(WORDS[words]) as caught:
        list(collector.pages(QUERY, Cursor()))
    assert type(caught.value) is WORDS[words]
    if isinstance(caught.value, RateLimitedError):
        assert caught.value.until == NOW + timedelta(seconds=60)


def test_json_that_a_title_breaks_is_mended(visit: Visit) -> None:
    """A stray backslash or a bare tab in a title spoils no answer, and what is escaped well stays as it is."""
    whole = json.dumps({"articles": [article(1, "Kopi Senja TITLE")]})
    body = whole.replace("TITLE", "50\\% \\'murah\\'\t\\\\x \\u00e9").encode()
    collector, _ = visit(GdeltReplay([], instead={0: Reply(200, {}, body)}))
    (page,) = collector.pages(QUERY, Cursor())
    assert page.raws[0]["title"] == "Kopi Senja 50\\% \\'murah\\'\t\\x é"


@pytest.mark.parametrize("seen", ["", "20261120", "kemarin", None, 3])
def test_a_full_answer_without_times_is_not_gone_on_from(visit: Visit, seen: Any) -> None:
    """Where the oldest article has no time, the walk would lose its way: it is tried again instead."""
    collector, _ = visit(
        GdeltReplay([], instead={0: _answer([article(1), {**article(2), "seendate": seen}])}), page_size=2
    )
    with pytest.raises(TransientError):
        list(collector.pages(QUERY, Cursor()))


def test_articles_of_another_time_do_not_make_a_walk_endless(visit: Visit) -> None:
    """A server that does not heed the time asked for is not asked for ever."""
    newer = [article(-9, number=n) for n in range(2)]
    collector, _ = visit(GdeltReplay([], instead={0: _answer(newer)}), page_size=2)
    with pytest.raises(TransientError):
        list(collector.pages(QUERY, Cursor()))


def test_odd_articles_are_left_to_mapping(visit: Visit) -> None:
    """Items that are no articles are dropped, fields that are missing poison their item alone."""
    odd = [3, None, {}, {"url": None, "title": {}}, article(1)]
    collector, _ = visit(GdeltReplay([], instead={0: _answer(odd)}))
    (page,) = collector.pages(QUERY, Cursor())
    delivery = understand(collector, page)
    assert (len(delivery.items), len(delivery.poisoned)) == (1, 2)


def _answer(articles: list[Any]) -> Reply:
    return Reply(200, {"Content-Type": "application/json"}, json.dumps({"articles": articles}).encode())
