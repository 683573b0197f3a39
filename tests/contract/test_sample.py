"""The sample collector keeps the contract, and its data is a workspace worth looking at."""

import json
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from collector_contract import NOW, CollectorContract

from collectors.base import Collector, Tools
from collectors.runner import understand
from collectors.sample import DATA, PAGE, Sample
from domain.query import Query, any_of, parse
from domain.records import Cursor, Mention, Page
from domain.text import TEXT_LENGTH, fold, gate, gate_url
from domain.vocabulary import Platform, Role

WEEK_MIN = 7 * 24 * 60
Line = dict[str, Any]


def _lines(name: str) -> list[Line]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


MENTIONS = _lines("mentions.jsonl")
SNAPSHOTS = _lines("snapshots.jsonl")
WORKSPACE = tomllib.loads((DATA / "simak.toml").read_text(encoding="utf-8"))


def _queries() -> dict[str, Query]:
    return {
        brand["key"]: Query(
            brand["key"], parse(brand["query"]) if "query" in brand else any_of(tuple(brand["aliases"]))
        )
        for brand in WORKSPACE["brands"]
    }


def _about(queries: Iterable[Query], line: Line) -> list[str]:
    return [query.brand for query in queries if query.matches(fold(line["text"]), "sample")]


def _mapped(collector: Collector, pages: Iterable[Page]) -> list[Mention]:
    deliveries = [understand(collector, page) for page in pages]
    assert not [poison for delivery in deliveries for poison in delivery.poisoned]
    return [mention for delivery in deliveries for _, mention in delivery.items]


class TestSample(CollectorContract):
    """The contract, and what only an archive of samples promises."""

    kind: ClassVar[type[Collector]] = Sample

    @pytest.fixture
    def options(self) -> Mapping[str, Any]:
        """Return no settings: there are none."""
        return {}

    def test_ids_are_unique_and_stable(self, make: Callable[[], Collector], pages: list[Page]) -> None:
        """A mention comes once, and again only with counters read at another moment; a second walk is the same."""
        mentions = _mapped(make(), pages)
        seen = [(mention.native_id, mention.metrics and mention.metrics.observed_at) for mention in mentions]
        assert len(seen) == len(set(seen)) == len(MENTIONS) + len(SNAPSHOTS)
        assert list(make().pages(None, Cursor())) == pages

    def test_the_first_walk_brings_full_pages_in_time_order(
        self, make: Callable[[], Collector], pages: list[Page]
    ) -> None:
        """All but the last page are full, a mention is never later than the next, and nothing lies in the future."""
        assert {len(page.raws) for page in pages[:-1]} == {PAGE}
        first: dict[str, datetime] = {}
        for mention in _mapped(make(), pages):
            first.setdefault(mention.native_id, mention.published_at)
            assert mention.published_at < NOW
            assert mention.metrics is None or mention.published_at <= mention.metrics.observed_at <= NOW
        assert list(first.values()) == sorted(first.values())

    def test_a_finished_walk_brings_nothing(self, make: Callable[[], Collector], pages: list[Page]) -> None:
        """Once the sample is delivered it stays as it is: later turns bring no page."""
        assert list(make().pages(None, pages[-1].cursor)) == []

    def test_times_stay_when_a_walk_resumes_days_later(self, tools: Tools, pages: list[Page]) -> None:
        """A walk resumed long after its start goes on with the anchor of its first page."""
        later = Tools(tools.http, lambda: NOW + timedelta(days=9), tools.secret)
        assert list(Sample(Sample.Options(), later).pages(None, pages[0].cursor)) == pages[1:]

    @pytest.mark.parametrize(
        ("now", "anchor"),
        [
            (datetime(2026, 3, 1, 15, 59, tzinfo=UTC), datetime(2026, 2, 28, 16, tzinfo=UTC)),
            (datetime(2026, 3, 1, 16, 0, tzinfo=UTC), datetime(2026, 3, 1, 16, tzinfo=UTC)),
        ],
    )
    def test_the_anchor_is_the_evening_before(self, tools: Tools, now: datetime, anchor: datetime) -> None:
        """Times are counted back from the last 23:00 in Jakarta, at whatever hour Simak starts."""
        page = next(Sample(Sample.Options(), Tools(tools.http, lambda: now, tools.secret)).pages(None, Cursor()))
        assert page.cursor.ceiling == anchor.isoformat()

    def test_snapshots_are_the_counters_of_the_snowball(self, make: Callable[[], Collector], pages: list[Page]) -> None:
        """One complaint is read every half hour for two days, its text unchanged and its counters never falling."""
        mentions = _mapped(make(), pages)
        often = Counter(mention.native_id for mention in mentions)
        native_id, times = often.most_common(1)[0]
        series = [mention.metrics for mention in mentions if mention.native_id == native_id and mention.metrics]
        assert (times, set(often.values())) == (97, {1, 97})
        assert all(b.observed_at - a.observed_at == timedelta(minutes=30) for a, b in pairwise(series))
        for name in ("likes", "replies", "reposts", "quotes", "views"):
            counts = [getattr(metrics, name) for metrics in series]
            assert counts == sorted(counts)
            assert counts[-1] > 100 * max(counts[0], 1)


def test_the_snowball_grows_slowly_then_steeply_then_saturates() -> None:
    """The half hour of fastest growth lies hours after the start, and the last hours add next to nothing."""
    growth = [b["views"] - a["views"] for a, b in pairwise(SNAPSHOTS)]
    total = SNAPSHOTS[-1]["views"]
    assert 8 < growth.index(max(growth)) < 48
    assert sum(growth[:6]) < 0.02 * total
    assert sum(growth[-12:]) < 0.02 * total


def test_there_are_enough_mentions_and_none_twice() -> None:
    """At least 580 mentions, each with an id and a text of its own."""
    assert len(MENTIONS) >= 580
    assert len({line["id"] for line in MENTIONS}) == len(MENTIONS)
    assert len({fold(line["text"]) for line in MENTIONS}) == len(MENTIONS)


def test_every_text_and_address_passes_the_gate_unchanged() -> None:
    """Sample data is clean: the text gate has nothing to take away, and addresses lead nowhere real."""
    for line in MENTIONS:
        assert gate(line["text"], TEXT_LENGTH) == line["text"]
        assert gate_url(line.get("url")) == line.get("url")
        assert line.get("url", "https://example.com/").startswith("https://example.com/")


def test_every_week_of_eight_has_both_brands() -> None:
    """Each of the eight weeks has at least forty mentions of the own brand and fifteen of the competitor."""
    queries = _queries().values()
    weeks: dict[str, Counter[int]] = {query.brand: Counter() for query in queries}
    for line in MENTIONS:
        for brand in {line["about"]} if "about" in line else _about(queries, line):
            weeks[brand][line["offset_min"] // WEEK_MIN] += 1
    assert all(sorted(counts) == list(range(8)) for counts in weeks.values())
    assert min(weeks["kopi-senandika"].values()) >= 40
    assert min(weeks["kopi-sagarupa"].values()) >= 15


def test_people_write_when_people_are_awake() -> None:
    """In Jakarta's hours, noon and evening outweigh the night by far."""
    hours = Counter((23 - line["offset_min"] / 60) // 1 % 24 for line in MENTIONS)
    assert sum(hours[hour] for hour in range(6)) < 0.02 * len(MENTIONS)
    assert min(hours[12], hours[19], hours[20]) > len(MENTIONS) / 24


def test_counters_are_never_negative() -> None:
    """No counter, rating or follower count is below what it can be."""
    for line in [*MENTIONS, *SNAPSHOTS]:
        assert all(line.get(name, 0) >= 0 for name in ("likes", "replies", "reposts", "quotes", "views", "followers"))
        assert 1 <= line.get("stars", 1) <= 5


def test_replies_follow_what_they_answer() -> None:
    """A reply names a mention that is there and is older."""
    at = {line["id"]: line["offset_min"] for line in MENTIONS}
    replies = [line for line in MENTIONS if "parent" in line]
    assert len(replies) >= 20
    assert all(at[line["parent"]] > line["offset_min"] for line in replies)


def test_the_voices_and_places_are_many() -> None:
    """Ten platforms speak, brand and press beside customers, and a dozen customers come back on another day."""
    days: dict[str, set[int]] = {}
    for line in MENTIONS:
        if "role" not in line:
            days.setdefault(line["author"], set()).add(line["offset_min"] // (24 * 60))
    assert len({line["platform"] for line in MENTIONS} & set(Platform)) == 10
    assert {line.get("role", "customer") for line in MENTIONS} == set(Role)
    assert sum(len(seen) > 1 for seen in days.values()) >= 12


def test_the_workspace_finds_its_brands() -> None:
    """Queries find what is said about each brand and about both, and a channel names only brands that exist."""
    queries = _queries()
    found = Counter(tuple(_about(queries.values(), line)) for line in MENTIONS if "about" not in line)
    assert found["kopi-senandika",] >= 150
    assert found["kopi-sagarupa",] >= 50
    assert found["kopi-senandika", "kopi-sagarupa"] >= 15
    assert {line["about"] for line in MENTIONS if "about" in line} == set(queries)


def test_the_workspace_drops_the_noise() -> None:
    """What is about no brand is poetry, song or dictionary: “senandika” is found, and what drops it is named."""
    own = _queries()["kopi-senandika"]
    noise = [line for line in MENTIONS if "about" not in line and not _about(_queries().values(), line)]
    assert len(noise) == 25
    for line in noise:
        verdict = own.explain(line["text"], "sample")
        assert verdict.found == ("senandika",), line["text"]
        assert verdict.dropped_by


def test_the_workspace_collects_the_sample() -> None:
    """The workspace has one own brand, and its only source is this collector."""
    assert [brand["role"] for brand in WORKSPACE["brands"]] == ["own", "competitor"]
    assert [source["collector"] for source in WORKSPACE["sources"]] == [Sample.name]


def test_no_text_was_taken_from_real_people(shared: Path) -> None:
    """No sample text stands as a text in the real data."""
    ours = {fold(line["text"]) for line in MENTIONS}
    tables = [path for path in sorted((shared / "data").rglob("*.parquet")) if "text" in pq.read_schema(path).names]
    assert tables
    for path in tables:
        theirs = pq.read_table(path, columns=["text"])["text"].to_pylist()
        assert not ours & {fold(text) for text in theirs if text}, path.name
