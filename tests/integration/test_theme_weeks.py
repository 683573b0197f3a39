"""Weekly counts of themes: always what a count from the beginning would give."""

from collections.abc import Sequence
from typing import Any

from complaining import NOW, ZONE, Said, complain
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from domain.records import Labels
from domain.vocabulary import Impression, Journey, Stage
from simak.pipeline import Count
from store import theme_weeks, themes
from store.engine import Store
from store.foresight_tables import THEME, THEME_MENTION
from store.labels import correct
from store.place import Place
from store.privacy import bury
from store.tables import AUTHOR, BRAND_MENTION, MENTION, TOMBSTONE
from store.work_tables import THEME_DUE, THEME_WEEK

DAY = 24 * 60
PLACE = Place("x", "all", ZONE, NOW)
voices = st.tuples(st.integers(0, 40), st.integers(0, 3), st.sampled_from([Impression.BOO, Impression.ARRGH]))
deeds = st.lists(
    st.tuples(st.sampled_from(["join", "merge", "calm", "worsen", "bury"]), st.integers(0, 30)), max_size=20
)


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=set(Phase) - {Phase.shrink, Phase.explain},
)
@given(st.lists(voices, min_size=1, max_size=12), deeds)
def test_weeks_that_come_along_equal_a_count_from_the_beginning(
    store: Store, said: Sequence[tuple[int, int, Impression]], done: Sequence[tuple[str, int]]
) -> None:
    """Whatever joins, leaves, merges, is corrected or deleted: the weeks are those of a whole count."""
    clear(store)
    spoken = [
        Said(days * DAY, f"keluhan {n}", f"orang{who}", impression=felt) for n, (days, who, felt) in enumerate(said)
    ]
    numbers = complain(store, spoken)
    with store.write() as conn:
        ids = [themes.add(conn, _theme()) for _ in range(3)]
        rows = [{"mention_id": one, "brand_id": 1, "theme_id": ids[n % 3]} for n, one in enumerate(numbers)]
        themes.join(conn, rows[: len(rows) // 2 + 1], ZONE)
    Count(ZONE).run(store, NOW)
    for deed, number in done:
        with store.write() as conn:
            act(conn, store, deed, number % len(rows), rows, ids)
    Count(ZONE).run(store, NOW)
    stood = weeks(store)
    with store.write() as conn:
        theme_weeks.mark_all(conn, ZONE)
    Count(ZONE).run(store, NOW)
    assert stood == weeks(store)


def test_a_week_counts_each_person_once_by_the_strongest_impression(store: Store) -> None:
    """Two complaints of one person are two mentions and one person, furious if one of them is."""
    clear(store)
    numbers = complain(
        store, [Said(9, "satu", "siti"), Said(8, "dua", "siti", impression=Impression.BOO), Said(7, "tiga", "budi")]
    )
    with store.write() as conn:
        number = themes.add(conn, _theme())
        themes.join(conn, [{"mention_id": one, "brand_id": 1, "theme_id": number} for one in numbers], ZONE)
    Count(ZONE).run(store, NOW)
    with store.read() as conn:
        row = conn.execute(select(THEME_WEEK)).mappings().one()
    assert [row[name] for name in ("mentions", "people", "boo", "arrgh", "angry")] == [3, 2, 1, 1, 0]


def clear(store: Store) -> None:
    with store.write() as conn:
        for table in (THEME_WEEK, THEME_DUE, THEME_MENTION, THEME, BRAND_MENTION, MENTION, AUTHOR, TOMBSTONE):
            conn.execute(table.delete())


def _theme() -> dict[str, Any]:
    return {
        "brand_id": 1, "embedder": "none", "centroid": b"", "weight": 1.0, "born_at": NOW, "seen_at": NOW,
    }  # fmt: skip


def act(
    conn: Connection, store: Store, deed: str, number: int, rows: Sequence[dict[str, Any]], ids: Sequence[int]
) -> None:
    match deed:
        case "join":
            live = conn.scalar(select(THEME.c.merged_into).where(THEME.c.id == rows[number]["theme_id"]))
            themes.join(conn, [rows[number] | ({"theme_id": live} if live else {})], ZONE)
        case "merge":
            younger, older = ids[1 + number % 2], ids[0]
            themes.merge(conn, younger, older)
        case "calm" | "worsen":
            felt = Impression.OK if deed == "calm" else Impression.BOO
            labels = Labels(
                impression=felt,
                complaint=deed == "worsen",
                stage=Stage.ACT,
                touchpoints=(),
                journey=Journey.NONE,
                use_gap=False,
            )
            correct(conn, rows[number]["mention_id"], 1, labels, "somebody", ZONE, NOW)
        case "bury":
            bury(conn, store.names, PLACE, [str(number)])


def weeks(store: Store) -> set[tuple[Any, ...]]:
    with store.read() as conn:
        return {tuple(row) for row in conn.execute(select(THEME_WEEK))}
