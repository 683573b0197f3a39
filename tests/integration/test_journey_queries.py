"""What the journey page reads and writes, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from complaining import NOW, Said, complain
from sqlalchemy import event, select

from domain.access import Viewer
from domain.clock import Grain
from domain.errors import ForbiddenError
from domain.vocabulary import Impression, Role, TouchPoint, UserRole
from simak.gauging import Gauge
from store.audit import lines
from store.beliefs import Believed, beliefs, believe, entered
from store.engine import Store
from store.queries import journey, waits
from store.use_gaps import ungauged
from store.work_tables import MATRIX_ROLLUP

WEEK = NOW.date() - timedelta(days=NOW.weekday())
ASK = Believed(4, 2)


def gap(text: str, author: str = "", ago: float = 5, role: Role = Role.CUSTOMER) -> Said:
    return Said(ago, text, author, use_gap=True, role=role)


def test_the_matrix_adds_what_is_kept(store: Store) -> None:
    """Cells of one period hold what stands and what was kept of mentions that have served their time."""
    complain(store, [Said(5, "satu"), Said(4, "dua")])
    with store.write() as conn:
        row = conn.execute(select(MATRIX_ROLLUP).where(MATRIX_ROLLUP.c.grain == Grain.WEEK)).mappings().first()
        assert row is not None
        conn.execute(MATRIX_ROLLUP.insert().values(**{**row, "kept": True}))
        cells = journey.matrix(conn, 1, Grain.WEEK, row["start"], row["axis"])
        (found,) = [one for one in cells if (one.place, one.touchpoint) == (row["place"], row["touchpoint"])]
        assert (found.mentions, found.tally.authors) == (4, 4)
        assert found.by_impression[Impression.ARRGH] == 4
        assert journey.matrix(conn, 2, Grain.WEEK, row["start"], row["axis"]) == []


def test_all_places_together_are_on_either_axis(store: Store) -> None:
    """What holds for everybody is part of the matrix by stage and of that by purchase."""
    complain(store, [Said(5, "satu")])
    with store.read() as conn:
        for axis in ("stage", "journey"):
            found = journey.matrix(conn, 1, Grain.WEEK, WEEK, axis)
            assert [one.mentions for one in found if (one.place, one.touchpoint) == ("*", "*")] == [1]
        everybody = journey.touchpoints(conn, 1, Grain.WEEK, WEEK, WEEK)
        assert {one.place for one in everybody} == {"*"}


def test_waits_are_those_of_customers_in_the_stretch(store: Store) -> None:
    """Brand accounts, other times and other brands are left out; ungauged ones count without a wait."""
    first, second = complain(store, [gap("sudah 3 hari belum", "a"), gap("belum bisa", "b")])
    complain(store, [gap("sudah 9 hari", "c", role=Role.BRAND), gap("sudah 9 hari", "d", 9_000)], first=5)
    complain(store, [gap("sudah 9 hari", "e")], first=9, brand=2)
    Gauge("Asia/Jakarta", {}).run(store, NOW)
    late = complain(store, [gap("sudah 5 hari", "a", 1)], first=20)
    with store.read() as conn:
        found = waits.waits(conn, 1, NOW - timedelta(days=1), NOW)
        assert [(one.mention_id, one.hours) for one in found] == [(first, 72), (second, None), (late[0], None)]
        assert found[0].who == found[2].who
        assert waits.waiting(conn, 1, NOW - timedelta(days=1), NOW) == 2
        assert waits.waiting(conn, 1, NOW - timedelta(days=1), NOW - timedelta(minutes=3)) == 2


def test_the_longest_waits_are_one_a_person(store: Store) -> None:
    """Of each person the longest stated wait is shown, the longest first, with its words."""
    said = [gap("sudah 3 hari", "a"), gap("sudah 8 hari", "a"), gap("udah 5 hari", "b"), gap("belum", "c")]
    complain(store, said)
    Gauge("Asia/Jakarta", {}).run(store, NOW)
    with store.read() as conn:
        found = waits.waits(conn, 1, NOW - timedelta(days=1), NOW)
        assert [(one.hours, one.text) for one in waits.longest(conn, found, 9)] == [
            (192, "sudah 8 hari"),
            (120, "udah 5 hari"),
        ]
        assert len(waits.longest(conn, found, 1)) == 1


def test_use_gaps_are_found_by_their_own_index(open_sqlite: Callable[[Path], Store], tmp_path: Path) -> None:
    """What the board asks for does not walk all mentions of a brand."""
    asked: list[tuple[str, Any]] = []
    store = open_sqlite(tmp_path / "simak.db")
    with store.read() as conn:
        event.listen(conn, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
        waits.waits(conn, 1, NOW - timedelta(days=400), NOW)
        waits.waiting(conn, 1, NOW - timedelta(days=7), NOW)
        ungauged(conn, 9)
    with store.read() as conn:
        for statement, values in asked:
            plan = conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            assert "brand_mention_use_gap" in str(plan)
    assert len(asked) == 3
    store.close()


def test_beliefs_are_kept_changed_and_audited(store: Store) -> None:
    """What the team believes is kept by touch point; each change is a line of the audit, and no change is none."""
    complain(store, [Said(5, "satu")])
    with store.write() as conn:
        assert entered(conn, 1) is None
        assert believe(conn, 1, {TouchPoint.RESPONSE: ASK, TouchPoint.PRICE: Believed(1, 5)}, "sari", NOW) == 2
        assert believe(conn, 1, {TouchPoint.RESPONSE: ASK, TouchPoint.PRICE: Believed(1, 5)}, "budi", NOW) == 0
        assert believe(conn, 1, {TouchPoint.RESPONSE: Believed(5, 5)}, "budi", NOW + timedelta(hours=1)) == 2
    with store.read() as conn:
        assert beliefs(conn, 1) == {TouchPoint.RESPONSE: Believed(5, 5)}
        assert beliefs(conn, 2) == {}
        assert entered(conn, 1) == (NOW + timedelta(hours=1), "budi")
        told = [(line.actor, line.detail) for line in lines(conn, 9) if line.action == "belief"]
        assert told[-2:] == [
            ("budi", "senja, Response: importance 4, quality 2 to importance 5, quality 5"),
            ("budi", "senja, Price: importance 1, quality 5 to nothing"),
        ]


@pytest.mark.parametrize("rating", [0, 6])
def test_a_rating_beyond_the_scale_is_refused(store: Store, rating: int) -> None:
    """Ratings are one to five."""
    with store.write() as conn, pytest.raises(ValueError, match="1, 2, 3, 4 or 5"):
        believe(conn, 1, {TouchPoint.PRICE: Believed(rating, 3)}, "sari", NOW)


def test_who_only_looks_may_not_enter_beliefs(store: Store) -> None:
    """The right is asked for where the rows are written."""
    viewer = Viewer(name="lihat@example.com", role=UserRole.VIEWER)
    with store.write(viewer) as conn, pytest.raises(ForbiddenError):
        believe(conn, 1, {TouchPoint.PRICE: ASK}, viewer.name, NOW)
