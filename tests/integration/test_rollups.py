"""Counts that come along with what changes them: always what a count from the beginning would give."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from domain.advocacy import strongest
from domain.clock import Grain, local, period_start
from domain.records import Author, Labels, Mention, Reading
from domain.vocabulary import Impression, Journey, Platform, Role, Stage, TouchPoint
from simak.pipeline import Count
from store.counting import ALL, CELL, COUNTED, JOURNEY, NONE, STAGE
from store.engine import Store
from store.labels import Unread, correct, save_readings
from store.place import Place
from store.privacy import bury
from store.retention import retire
from store.rollups import all_due
from store.state import BrandSetting, sync_brands
from store.tables import AUTHOR, BRAND_MENTION, MENTION, ROLLUP, ROLLUP_DUE, ROLLUP_KEPT
from store.work_tables import MATRIX_ROLLUP
from store.writes import Arrival, save_mentions

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
PLACE = Place("x", "all", "Asia/Jakarta", NOW)
PLATFORMS = (Platform.X, Platform.REVIEW)

labels = st.builds(
    Labels,
    impression=st.sampled_from(Impression),
    complaint=st.booleans(),
    stage=st.sampled_from(Stage),
    touchpoints=st.lists(st.sampled_from(TouchPoint), max_size=2, unique=True).map(tuple),
    journey=st.sampled_from(Journey),
    use_gap=st.booleans(),
)


@dataclass(frozen=True)
class Said:
    """A mention that is made up: who, when, where, and toward which brands."""

    author: int
    day: int
    platform: Platform
    role: Role
    brands: tuple[int, ...]


said = st.builds(
    Said,
    author=st.integers(0, 4),
    day=st.integers(0, 40),
    platform=st.sampled_from(PLATFORMS),
    role=st.sampled_from([Role.CUSTOMER, Role.CUSTOMER, Role.CUSTOMER, Role.PRESS]),
    brands=st.sampled_from([(1,), (2,), (1, 2)]),
)
# What is done to the mentions after they came: which one (modulo how many there are), what, and with which labels.
deeds = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(["read", "read", "correct", "delete", "retire", "edit"]), labels),
    max_size=25,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=set(Phase) - {Phase.shrink, Phase.explain},
)
@given(st.lists(said, min_size=1, max_size=20), deeds)
def test_counts_that_come_along_equal_a_recount(
    store: Store, mentions: Sequence[Said], done: Sequence[tuple[int, str, Labels]]
) -> None:
    """Whatever comes, is read, corrected, edited, deleted or retired: what stands is what a whole recount gives."""
    clear(store)
    arrive(store, mentions)
    for number, deed, given_labels in done:
        with store.write() as conn:
            act(conn, store, number % len(mentions), deed, given_labels)
    Count(PLACE.zone).run(store, NOW)
    stood = counts(store)
    with store.write() as conn:
        all_due(conn, PLACE.zone)
    Count(PLACE.zone).run(store, NOW)
    assert stood == counts(store)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(said, labels), min_size=1, max_size=20))
def test_the_matrix_equals_a_count_by_hand(store: Store, told: Sequence[tuple[Said, Labels]]) -> None:
    """Each cell has the mentions and the authors that one would count with a pencil."""
    clear(store)
    arrive(store, [one for one, _ in told])
    with store.write() as conn:
        for number, (_, given_labels) in enumerate(told):
            act(conn, store, number, "read", given_labels)
    with store.read() as conn:
        row = MATRIX_ROLLUP.c
        found = conn.execute(select(MATRIX_ROLLUP).where(row.brand_id == 1, row.grain == Grain.MONTH)).mappings()
        cells = {
            (one["start"], one["axis"], one["place"], one["touchpoint"]): (
                [one[f"mentions_{word.lower()}"] for word in Impression],
                [one[f"authors_{word.lower()}"] for word in Impression],
            )
            for one in found
        }
    assert {key: cell for key, cell in cells.items() if any(cell[0])} == by_hand(told)


def test_readings_are_on_the_pages_at_once(store: Store) -> None:
    """No further step is needed: a reading's own transaction counts it, and leaves nothing due."""
    clear(store)
    arrive(store, [Said(1, 0, Platform.X, Role.CUSTOMER, (1,))])
    with store.write() as conn:
        act(conn, store, 0, "read", LABELS)
    with store.read() as conn:
        assert conn.scalars(select(ROLLUP.c.authors_boo)).all() == [1, 1, 1]
        assert conn.execute(select(ROLLUP_DUE)).all() == []


def test_two_who_read_the_same_author_at_once_count_one_author(store: Store) -> None:
    """Of two processes that read two mentions of one author, the second sees what the first one counted."""
    clear(store)
    arrive(store, [Said(1, 0, Platform.X, Role.CUSTOMER, (1,)) for _ in range(8)])

    def read(number: int) -> None:
        with store.write() as conn:
            act(conn, store, number, "read", LABELS)

    threads = [Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as conn:
        assert conn.scalars(select(ROLLUP.c.authors_boo)).all() == [1, 1, 1]
        assert conn.scalars(select(ROLLUP.c.mentions_boo)).all() == [8, 8, 8]


LABELS = Labels(
    impression=Impression.BOO,
    complaint=True,
    stage=Stage.ACT,
    touchpoints=(TouchPoint.WAITING_TIME,),
    journey=Journey.ENCOUNTER,
    use_gap=False,
)


def clear(store: Store) -> None:
    with store.write() as conn:
        for table in (MATRIX_ROLLUP, ROLLUP, ROLLUP_DUE, ROLLUP_KEPT, BRAND_MENTION, MENTION, AUTHOR):
            conn.execute(table.delete())
        keys = ("senja", "fajar")
        sync_brands(conn, [BrandSetting(key, key, own=True, expression=key, exclusions={}) for key in keys], NOW)


def arrive(store: Store, mentions: Sequence[Said]) -> None:
    with store.write() as conn:
        arrivals = [Arrival({}, _mention(number, one), one.brands) for number, one in enumerate(mentions)]
        save_mentions(conn, store.names, PLACE, arrivals)


def _mention(number: int, one: Said, revision: int = 0) -> Mention:
    # An author has one voice: what a source says of it later would change it everywhere.
    author = Author(native_id=f"{one.role}{one.author}", role=one.role) if one.author else None
    return Mention(
        native_id=str(number),
        platform=one.platform,
        published_at=NOW - timedelta(days=one.day),
        text=f"number {number}, version {revision}",
        author=author,
        revision=revision,
    )


def act(conn: Connection, store: Store, number: int, deed: str, given: Labels) -> None:
    found = conn.execute(select(MENTION.c.id, MENTION.c.text).where(MENTION.c.native_id == str(number))).first()
    if found is None:
        return
    brands = conn.scalars(select(BRAND_MENTION.c.brand_id).where(BRAND_MENTION.c.mention_id == found.id)).all()
    match deed:
        case "read":
            reading = Reading(**given.model_dump(exclude={"complaint"}), complaint=float(given.complaint))
            read: list[Any] = [(Unread(found.id, brand_id, found.text), reading) for brand_id in brands]
            save_readings(conn, "one", read, PLACE.zone, NOW)
        case "correct":
            correct(conn, found.id, brands[0], given, "somebody", PLACE.zone, NOW) if brands else None
        case "delete":
            bury(conn, store.names, PLACE, [str(number)])
        case "retire":
            retire(conn, store.names, [found.id], PLACE.zone, NOW)
        case "edit":
            one = Said(1, 3, Platform.X, Role.CUSTOMER, (2,))
            save_mentions(conn, store.names, PLACE, [Arrival({}, _mention(number, one, revision=1), one.brands)])


def counts(store: Store) -> set[tuple[Any, ...]]:
    with store.read() as conn:
        return {
            tuple(row.values())
            for table, names in ((ROLLUP, COUNTED), (MATRIX_ROLLUP, CELL))
            for row in conn.execute(select(table)).mappings()
            if any(row[name] for name in names)
        }


def by_hand(told: Sequence[tuple[Said, Labels]]) -> dict[tuple[Any, ...], Any]:
    spoken: dict[tuple[Any, ...], list[tuple[Any, Impression]]] = {}
    for number, (one, felt) in enumerate(told):
        if 1 not in one.brands or (one.author and one.role is not Role.CUSTOMER):
            continue
        start = period_start(local(NOW - timedelta(days=one.day), PLACE.zone).date(), Grain.MONTH)
        who = (one.platform, one.author) if one.author else number
        points = [point.value for point in felt.touchpoints] or [NONE]
        for axis, place in ((STAGE, felt.stage.value), (STAGE, ALL), (JOURNEY, felt.journey.value)):
            for point in (*points, ALL):
                spoken.setdefault((start, axis, place, point), []).append((who, felt.impression))
    return {key: _cell(ones) for key, ones in spoken.items()}


def _cell(spoken: Sequence[tuple[Any, Impression]]) -> tuple[list[int], list[int]]:
    authors: dict[Any, list[Impression]] = {}
    for who, impression in spoken:
        authors.setdefault(who, []).append(impression)
    said = [impression for _, impression in spoken]
    felt = [strongest(ones) for ones in authors.values()]
    return [said.count(word) for word in Impression], [felt.count(word) for word in Impression]
