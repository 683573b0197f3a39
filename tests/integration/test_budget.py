"""What a source may cost: a clean stop that is seen, a day or a month later it goes on, and never a dollar more."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from loopback import Behaviour, Loopback
from pydantic import SecretStr
from sqlalchemy import func, select
from x_replay import NOW, TOKEN, XReplay, edited, post, user

from collectors.base import Tools
from collectors.http import guarded
from collectors.x import X, XOptions
from domain.records import Outcome
from simak.budget import Budget
from simak.collecting import Collect, Refresh
from simak.settings import BrandTable
from store.engine import Store
from store.queries import health
from store.state import BrandSetting, sync_brands
from store.tables import LOOK, MENTION, METRIC_SNAPSHOT, USAGE
from store.usage import DOLLARS, used

BRANDS = (
    BrandTable(key="senja", name="Kopi Senja", role="own", aliases=("kopi senja",)),
    BrandTable(key="pagi", name="Teh Pagi", role="competitor", aliases=("teh pagi",)),
)
# A page of ten from ten authors, and the count before it.
DEAREST = 0.155


@dataclass
class World:
    """X on loopback, as many processes as wanted on one store, and a clock that the test moves."""

    store: Store
    serve: Callable[[Behaviour], Loopback]
    stack: ExitStack
    budget: Mapping[str, float] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.replay = XReplay([], users={str(number): user(str(number)) for number in range(200)})
        self.url = self.serve(self._answer).url
        with self.store.write() as conn:
            settings = [BrandSetting(one.key, one.name, one.own, one.expression, {}) for one in BRANDS]
            self.ids = sync_brands(conn, settings, NOW)
        self.now = NOW

    def _answer(self, asked: Any) -> Any:
        self.replay.now = self.now
        return self.replay(asked)

    def stage(self, brands: int = 1) -> Collect:
        """Return the stage of a process of its own."""
        tools = Tools(self.stack.enter_context(guarded(["localhost"])), lambda: self.now, lambda _: SecretStr(TOKEN))
        settings = {"base_url": self.url, "page_size": 10, "count": "never", **self.options}
        x = X(XOptions(**settings), tools)
        budget = Budget("x", self.budget.get("day"), self.budget.get("month"))
        return Collect("x", x, BRANDS[:brands], self.ids, "Asia/Jakarta", clock=lambda: self.now, budget=budget)

    def run(self) -> Outcome:
        """Walk once, as a fresh process."""
        return self.stage().run(self.store, self.now)

    def look(self) -> Outcome:
        """Look again at what is due, as a fresh process."""
        return Refresh(self.stage()).run(self.store, self.now)

    def spent(self, day: datetime) -> float:
        with self.store.read() as conn:
            return used(conn, "x", DOLLARS, day.date(), day.date())

    def scalar(self, what: Any) -> Any:
        with self.store.read() as conn:
            return conn.scalar(what)

    def mentions(self) -> int:
        return int(self.scalar(select(func.count()).select_from(MENTION)))

    def walks(self) -> dict[str, health.Health]:
        with self.store.read() as conn:
            return {walk.walk: walk for walk in health.sources(conn)}


@pytest.fixture
def world(store: Store, serve: Callable[[Behaviour], Loopback]) -> Iterator[Callable[..., World]]:
    """Return a function that makes a world with a budget."""
    with ExitStack() as stack:
        yield lambda budget, **options: World(store, serve, stack, budget, options)


def posts(count: int, first: int = 1) -> list[Any]:
    """Return posts of as many authors."""
    return [post(first + number, author_id=str(number)) for number in range(count)]


def test_a_walk_stops_when_the_day_s_money_is_spent_and_goes_on_the_next(world: Callable[..., World]) -> None:
    """It ends between two pages with a sentence on the Sources page, and the next UTC day goes on where it was."""
    here = world({"day": 0.5})
    here.replay.posts = posts(45)
    first = here.run()
    assert not first.failed
    sentence = "x has spent $0.45 of the $0.50 that it may cost a day; it goes on at 2026-11-21 00:00 UTC."
    assert first.reason == sentence
    assert here.walks()["senja"].error == sentence
    assert here.walks()["senja"].retry_at == datetime(2026, 11, 21, tzinfo=UTC)
    assert (here.mentions(), here.replay.calls) == (30, 3)
    here.now += timedelta(hours=2)
    assert here.run().reason == "x asked to wait until 00:00 UTC."
    assert here.replay.calls == 3
    here.now = datetime(2026, 11, 21, 0, 5, tzinfo=UTC)
    assert here.run().written == 15
    assert here.mentions() == 45
    assert here.walks()["senja"].error is None
    for day in ("2026-11-20", "2026-11-21"):
        assert here.replay.billed(day) == pytest.approx(here.spent(datetime.fromisoformat(day)))
        assert here.replay.billed(day) <= 0.5


def test_a_month_s_money_lasts_a_month(world: Callable[..., World]) -> None:
    """Day by day it goes on until the month's limit, then the next month."""
    here = world({"day": 0.5, "month": 0.8})
    here.replay.posts = posts(70)
    here.run()
    here.now = datetime(2026, 11, 21, 0, 5, tzinfo=UTC)
    outcome = here.run()
    assert outcome.reason.endswith("it may cost a month; it goes on at 2026-12-01 00:00 UTC.")
    assert here.replay.billed() == pytest.approx(0.75)
    here.now = datetime(2026, 11, 26, tzinfo=UTC)
    here.run()
    assert here.replay.billed() <= 0.8
    here.now = datetime(2026, 12, 1, 0, 1, tzinfo=UTC)
    here.replay.posts = [post(-10 * 24 * 60 - number, author_id="1") for number in range(5)]
    here.run()
    assert here.walks()["senja"].error is None


def test_without_enough_for_one_call_nothing_is_asked(world: Callable[..., World]) -> None:
    """A budget below the worst of a single call stops the source before it spends anything."""
    here = world({"day": DEAREST - 0.001})
    here.replay.posts = posts(5)
    assert "has spent $0.00 of the $0.15" in here.run().reason
    assert here.replay.calls == 0


def test_two_processes_share_one_purse(world: Callable[..., World]) -> None:
    """Of two processes with two brands each neither spends what the other needs, and the bill stays below the limit."""
    here = world({"day": 0.6})
    here.replay.posts = posts(120)
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda stage: stage.run(here.store, here.now), (here.stage(2), here.stage(2))))
    assert not [outcome for outcome in outcomes if outcome.failed]
    assert 0 < here.replay.billed() <= 0.6
    assert here.spent(here.now) <= 0.6
    assert not here.scalar(select(func.count()).select_from(USAGE).where(USAGE.c.what.like("usd set aside%")))


def test_what_another_call_may_need_is_left_for_it(world: Callable[..., World]) -> None:
    """While a call holds what is left, the next one waits a moment and not a day; a killed one's hold lapses."""
    here = world({"day": 0.2})
    here.replay.posts = posts(5)
    killed = here.stage().budget.purse(here.store, here.stage().collector, lambda: here.now)
    killed.open()
    assert here.run().reason == "x has a call under way that may need what is left."
    assert here.walks()["senja"].retry_at == here.now + timedelta(minutes=2)
    here.now += timedelta(hours=1, minutes=6)
    here.run()
    assert here.mentions() == 5


def test_a_second_look_is_on_the_same_budget(world: Callable[..., World]) -> None:
    """Looks again at what was paid for on this day are free; the next day they stop at the limit and go on later."""
    here = world({"day": 0.31}, page_size=10)
    here.replay.posts = posts(20)
    here.run()
    assert here.spent(here.now) == pytest.approx(0.30)
    here.now += timedelta(hours=1)
    assert here.look().skipped == 20
    assert here.spent(here.now) == pytest.approx(0.30)
    here.now = datetime(2026, 11, 21, 1, tzinfo=UTC)
    here.look()
    assert here.spent(here.now) == pytest.approx(20 * 0.005) == pytest.approx(here.replay.billed("2026-11-21"))


def test_within_a_day_every_post_of_the_watch_window_is_looked_at_again(world: Callable[..., World]) -> None:
    """In twenty-four hours each stored post is seen again, edited or deleted where X says so, and paid once a day."""
    here = world({})
    old = post(5 * 24 * 60, author_id="150")
    here.replay.posts = [*posts(150), old]
    here.run()
    assert here.mentions() == 151
    # Some hours later one has been edited and three are gone, one of them because its account is private now.
    changed = edited(here.replay.posts[0], -10, "kopi senja sudah dibalas")
    gone = [here.replay.posts[1]["id"], here.replay.posts[2]["id"], old["id"]]
    here.replay.earlier, here.replay.by_version = [here.replay.posts[0]], True
    here.replay.private = frozenset(gone[:1])
    here.replay.posts = [changed, here.replay.posts[1], *here.replay.posts[3:-1]]
    end = NOW + timedelta(hours=24)
    while here.now < end:
        here.now += timedelta(minutes=15)
        here.look()
    assert here.mentions() == 148
    text = here.scalar(select(MENTION.c.text).where(MENTION.c.native_id == changed["edit_history_tweet_ids"][0]))
    assert text == "kopi senja sudah dibalas"
    newest = select(func.max(METRIC_SNAPSHOT.c.observed_at)).group_by(METRIC_SNAPSHOT.c.mention_id)
    with here.store.read() as conn:
        assert min(conn.scalars(newest)) > NOW
        assert conn.scalar(select(func.count()).select_from(LOOK)) == 148
    billed = [key for key in here.replay.bill if key[:2] == ("2026-11-21", "post")]
    assert len(billed) <= 149
    assert here.spent(here.now) == pytest.approx(here.replay.billed("2026-11-21"), abs=0.011)
