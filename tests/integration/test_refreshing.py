"""What a source brought is looked at again in time: counters, edits, deletions, within its budget."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from loopback import Asked, Behaviour, Loopback, Reply
from sqlalchemy import select, update

from collectors import base
from collectors.http import fetch, guarded
from domain.query import Query
from domain.records import Cursor, Mention, Metrics, Page, Raw
from domain.vocabulary import Platform
from simak.budget import Budget
from simak.collecting import Collect, Refresh
from simak.settings import BrandTable
from store.engine import Store
from store.queries import health
from store.state import BrandSetting, sync_brands
from store.tables import BRAND_MENTION, LOOK, MENTION, METRIC_SNAPSHOT
from store.usage import DOLLARS, used

MORNING = datetime(2026, 11, 22, 20, tzinfo=UTC)
BRAND = BrandTable(key="senja", name="Kopi Senja", role="own", aliases=("senja",))
PRICE = 0.005


class BoardOptions(base.Options):
    """Where the board is."""

    base_url: str


class Board:
    """A board that shows everything, and looks again at three posts a call, each paid once a day."""

    name: ClassVar[str] = "board"
    Options: ClassVar[type[base.Options]] = BoardOptions
    caps: ClassVar[base.Caps] = base.Caps(batch=3, billed_daily=True)

    def __init__(self, options: BoardOptions, tools: base.Tools) -> None:
        self._url, self._tools = options.base_url, tools

    def check(self) -> None:
        """Nothing can be wrong."""

    def probe(self) -> str:
        """Return that it answers."""
        return "It answers."

    def dearest(self) -> float:
        """Return the price of a full call."""
        return 3 * PRICE

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield everything."""
        yield Page(raws=self._ask("all"), cursor=cursor)

    def refresh(self, native_ids: Sequence[str]) -> Iterator[Page]:
        """Yield what is still there of some posts."""
        raws = self._ask(",".join(native_ids))
        here = {raw["post"]["id"] for raw in raws}
        yield Page(raws=raws, gone=tuple(set(native_ids) - here), cost=PRICE * len(native_ids))

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a post."""
        post, seen = raw["post"], datetime.fromisoformat(raw["seen"])
        return Mention(
            native_id=post["id"],
            platform=Platform.FORUM,
            published_at=MORNING,
            text=post["text"],
            revision=post["edits"],
            metrics=Metrics(observed_at=seen, likes=post["likes"]),
        )

    def _ask(self, ids: str) -> tuple[Raw, ...]:
        posts = fetch(self._tools.http, f"{self._url}/posts", params={"ids": ids}, now=self._tools.now).json()
        return tuple({"post": post, "seen": self._tools.now().isoformat()} for post in posts)


@dataclass
class World:
    """A board on loopback, its stage, and a clock that the test moves."""

    store: Store
    serve: Callable[[Behaviour], Loopback]
    now: datetime = MORNING
    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    down: bool = False
    budget: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.server = self.serve(self._answer)
        self._client = guarded(["localhost"])
        tools = base.Tools(self._client, lambda: self.now, lambda _: None)
        with self.store.write() as conn:
            ids = sync_brands(conn, [BrandSetting("senja", "Kopi Senja", True, "senja", {})], self.now)
        board = Board(BoardOptions(base_url=self.server.url), tools)
        budget = Budget("papan", self.budget.get("day"), self.budget.get("month"))
        self.collect = Collect("papan", board, (BRAND,), ids, "Asia/Jakarta", clock=lambda: self.now, budget=budget)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def post(self, *ids: str, text: str = "kopi senja telat lagi") -> None:
        self.posts |= {native_id: {"id": native_id, "text": text, "edits": 0, "likes": 1} for native_id in ids}

    def look(self, after: timedelta) -> Any:
        """Let time pass and look again at what is due."""
        self.now += after
        return Refresh(self.collect).run(self.store, self.now)

    def asked(self) -> list[list[str]]:
        """Return the ids of every second look so far."""
        return [asked.query["ids"].split(",") for asked in self.server.asked if asked.query["ids"] != "all"]

    def spent(self) -> float:
        with self.store.read() as conn:
            return round(used(conn, "papan", DOLLARS, MORNING.date(), self.now.date()), 4)

    def rows(self, *columns: Any) -> list[Any]:
        with self.store.read() as conn:
            return list(conn.execute(select(*columns).order_by(columns[0])))

    def complain(self) -> None:
        """Let the reader have found complaints."""
        with self.store.write() as conn:
            conn.execute(update(BRAND_MENTION).values(complaint=True))

    def _answer(self, asked: Asked) -> Reply:
        if self.down:
            return Reply(503)
        wanted = asked.query["ids"].split(",")
        found = [post for native_id, post in self.posts.items() if wanted == ["all"] or native_id in wanted]
        return Reply(200, {}, json.dumps(found).encode())


@pytest.fixture
def world(store: Store, serve: Callable[[Behaviour], Loopback]) -> Iterator[World]:
    """Return a board with four posts that have been collected."""
    made = World(store, serve)
    made.post("a", "b", "c", "d")
    made.collect.run(store, made.now)
    yield made
    made.close()


def test_counters_edits_and_deletions_are_followed(world: World) -> None:
    """A later look adds a snapshot, brings an edited text, and buries what is gone, which does not return."""
    world.posts["a"]["likes"] = 40
    world.posts["b"] |= {"text": "kopi senja sudah dibalas, makasih", "edits": 1}
    gone = world.posts.pop("c")
    outcome = world.look(timedelta(minutes=5))
    assert not outcome.failed
    assert [row.native_id for row in world.rows(MENTION.c.native_id)] == ["a", "b", "d"]
    assert world.rows(MENTION.c.text)[1].text == "kopi senja telat lagi"
    assert {row.text for row in world.rows(MENTION.c.text)} == {gone["text"], world.posts["b"]["text"]}
    assert [row.likes for row in world.rows(METRIC_SNAPSHOT.c.likes)] == [1, 1, 1, 1, 1, 40]
    world.posts["c"] = gone
    world.collect.run(world.store, world.now)
    assert len(world.rows(MENTION.c.id)) == 3


def test_ids_are_asked_for_in_batches(world: World) -> None:
    """Due mentions are looked at as many at once as the source takes, each once."""
    world.look(timedelta(minutes=5))
    assert [sorted(ids) for ids in world.asked()] == [["a", "b", "c"], ["d"]]
    assert not world.look(timedelta(minutes=1)).seen
    assert len(world.asked()) == 2


def test_only_complaints_are_looked_at_often(world: World) -> None:
    """After the first look a complaint's next turn is minutes away, another mention's hours."""
    world.look(timedelta(minutes=5))
    assert {row.due_at for row in world.rows(LOOK.c.due_at)} == {world.now + timedelta(hours=6)}
    world.complain()
    world.look(timedelta(hours=6))
    assert {row.due_at for row in world.rows(LOOK.c.due_at)} == {world.now + timedelta(hours=1)}


def test_a_mention_is_paid_for_once_a_day(world: World) -> None:
    """Looks on the day of a mention's collection are free, and each further UTC day costs its price once."""
    world.look(timedelta(minutes=5))
    assert world.spent() == 0
    world.complain()
    for _ in range(30):
        world.look(timedelta(hours=1))
    assert world.now.date() - MORNING.date() == timedelta(days=2)
    assert world.spent() == 2 * 4 * PRICE


def test_every_mention_is_looked_at_within_a_day(world: World) -> None:
    """As long as a mention is watched, no day passes without a look; after that there is none."""
    looks: dict[str, list[datetime]] = {native_id: [] for native_id in world.posts}
    for _ in range(24 * 9):
        known = len(world.asked())
        world.look(timedelta(hours=1))
        for ids in world.asked()[known:]:
            for native_id in ids:
                looks[native_id].append(world.now)
    for times in looks.values():
        pauses = [after - before for before, after in pairwise(times)]
        assert max(pauses) <= timedelta(hours=25)
        assert timedelta(days=7) <= times[-1] - MORNING <= timedelta(days=8)
    assert world.rows(LOOK.c.mention_id) == []


def test_a_spent_budget_stops_the_looks_until_the_next_day(
    store: Store, serve: Callable[[Behaviour], Loopback]
) -> None:
    """Looks stop before they would exceed the budget, say until when, and go on the next day; nothing has failed."""
    world = World(store, serve, budget={"day": 0.02})
    world.post("a", "b", "c", "d", "e")
    world.collect.run(store, world.now)
    world.now += timedelta(hours=4)
    outcome = Refresh(world.collect).run(store, world.now)
    assert not outcome.failed
    assert "papan has spent $0.01 of the $0.02 that it may cost a day" in outcome.reason.replace("$0.015", "$0.01")
    assert world.spent() <= 0.02
    with store.read() as conn:
        walk = next(walk for walk in health.sources(conn) if walk.walk == "refresh")
    assert walk.retry_at == datetime(2026, 11, 24, tzinfo=UTC)
    assert not Refresh(world.collect).run(store, world.now + timedelta(minutes=1)).failed
    world.now = walk.retry_at
    world.look(timedelta())
    assert {native_id for ids in world.asked()[1:] for native_id in ids} > {"d", "e"}
    assert world.spent() <= 2 * 0.02
    world.close()


def test_a_source_that_is_down_loses_no_turn(world: World) -> None:
    """A look that fails is made up for, and says so meanwhile."""
    world.down = True
    outcome = world.look(timedelta(minutes=5))
    assert outcome.failed
    assert "has a fault of its own (503)" in outcome.reason
    world.down = False
    assert not world.look(timedelta(minutes=1)).failed
    assert sorted(native_id for ids in world.asked()[-2:] for native_id in ids) == ["a", "b", "c", "d"]
