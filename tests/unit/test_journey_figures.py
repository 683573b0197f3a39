"""Figures of the journey: cells of the matrix, waits with intervals, and what the company thinks beside customers."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.advocacy import TOO_FEW, Tally
from domain.vocabulary import Impression, Stage, TouchPoint
from figures import matrix, waits
from figures.beliefs import IMPORTANCE, QUALITY, compared
from figures.matrix_charts import heat_map
from figures.series import NET, Figure
from figures.waits import LEAST_FOR_TENTH, MEDIAN, NINE_TENTHS, quantile, span
from speech.saying import Speech
from store.beliefs import Believed
from store.queries.journey import Cell
from store.queries.waits import Wait

ID, EN = Speech("id", "Asia/Jakarta"), Speech("en", "Asia/Jakarta")
WEEK = date(2026, 11, 9)


def cell(place: str, point: str, boo: int = 0, ok: int = 0, wow: int = 0) -> Cell:
    counts = dict.fromkeys(Impression, 0) | {Impression.BOO: boo, Impression.OK: ok, Impression.WOW: wow}
    return Cell(WEEK, place, point, counts, Tally(counts, {}))


def test_each_square_is_there_once_in_order() -> None:
    """A row stands for each place and touch point, empty ones too, with none and all of them last."""
    rows = matrix.rows(ID, [], "stage", NET)
    assert len(rows) == 6 * 10 == len({(row["place_key"], row["point_key"]) for row in rows})
    assert [row["place"] for row in rows[:6]] == ["Tahu", "Tertarik", "Bertanya", "Membeli", "Menganjurkan", "Semua"]
    assert [row["point_key"] for row in rows[-12::6]] == ["-", "*"]
    assert {row["value"] for row in rows} == {None}


def test_a_square_tells_its_figure_and_hides_too_few() -> None:
    """Ten people have a figure with an interval, nine have their number only."""
    cells = [cell("ACT", "PRICE", boo=2, wow=8), cell("ASK", "PRICE", wow=9)]
    found = {row["place_key"]: row for row in matrix.rows(EN, cells, "stage", NET) if row["point_key"] == "PRICE"}
    assert (found["ACT"]["words"], found["ACT"]["count"], found["ACT"]["full"]) == ("+60", "n 10", "+60.0 pts")
    assert (found["ASK"]["value"], found["ASK"]["words"], found["ASK"]["count"]) == (None, "", "n 9")


def test_shares_and_people_have_their_own_words() -> None:
    """The share of Boo and Arrgh is a percentage, people are a number that needs no interval."""
    cells = [cell("ACT", "PRICE", boo=3, ok=9)]
    told = {
        lens.key: [row["words"] for row in matrix.rows(ID, cells, "stage", lens) if row["value"] is not None]
        for lens in matrix.LENSES.values()
    }
    assert told == {"net_advocacy": ["-25"], "negative_share": ["25%"], "people": ["12"]}


@pytest.mark.parametrize("lens", matrix.LENSES.values())
def test_the_heat_map_is_a_valid_drawing(lens: Figure) -> None:
    """The drawing is what Vega-Lite takes, on the page with a selection and on paper with a width."""
    rows = matrix.rows(ID, [cell("ACT", "PRICE", boo=3, ok=9)], "stage", lens, ("ACT", "PRICE"))
    tips = {"place": "Tahap", "full": "Angka"}
    assert [one["name"] for one in heat_map(rows, lens, tips, selectable=True).to_dict()["params"]] == ["cell"]
    assert heat_map(rows, lens, tips, width=400).to_dict()["width"] == 400


def test_the_table_and_the_sheet_leave_out_what_nobody_said() -> None:
    """Both have the cells that somebody speaks in; the sheet has plain numbers under fixed names."""
    cells = [cell("ACT", "PRICE", boo=3, ok=9)]
    (row,) = matrix.table(ID, cells, "stage")
    assert (row["Tahap 5A"], row["Titik sentuh"], row["Boo"]) == ("Membeli", "Harga", "3")
    (plain,) = matrix.sheet("Kopi", "stage", cells)
    assert (plain["net_advocacy"], plain["authors_boo"], plain["place"]) == (-0.25, 3, "ACT")


def said(who: int, hours: float | None, *points: TouchPoint, product: str | None = None) -> Wait:
    return Wait(who, who, datetime(2026, 11, 10, tzinfo=UTC), points, hours, product)


def test_somebody_counts_once_with_the_longest_wait() -> None:
    """Three mentions of one person are one person, whose longest stated wait counts."""
    some = waits.waiting([said(1, 24), said(1, None), said(1, 72), said(2, None)])
    assert (some.people, some.stated) == (2, (72,))


def test_parts_count_people_by_product_and_touch_point() -> None:
    """Somebody who speaks of two touch points counts for both; the most people come first."""
    found = [said(1, 5, TouchPoint.PRICE, TouchPoint.PROCEDURE), said(2, None, TouchPoint.PRICE, product="Kartu")]
    assert [(key, one.people) for key, one in waits.by_key(found, lambda one: one.touchpoints)] == [
        ("PRICE", 2),
        ("PROCEDURE", 1),
    ]
    assert [key for key, _ in waits.by_key(found, lambda one: [one.product or ""])] == ["", "Kartu"]


def test_quantiles_equal_those_made_by_hand() -> None:
    """The median of ten values lies between the second and the ninth, as the binomial distribution has it."""
    middle = quantile([float(n) for n in range(1, 11)], MEDIAN)
    assert (middle.value, middle.low, middle.high, middle.n) == (5.5, 2, 9, 10)
    ninth = quantile([float(n) for n in range(1, 101)], NINE_TENTHS)
    assert (ninth.value, ninth.low, ninth.high) == (pytest.approx(90.1), 85, 96)


@given(st.lists(st.floats(0, 1e4), max_size=120).map(sorted), st.sampled_from([MEDIAN, NINE_TENTHS]))
def test_a_quantile_lies_in_its_interval_or_is_too_few(values: list[float], part: float) -> None:
    """A value is shown with limits around it, from enough values on, and else not at all."""
    found = quantile(values, part)
    least = TOO_FEW if part == MEDIAN else LEAST_FOR_TENTH
    assert found.enough == (len(values) >= least)
    if found.value is not None and found.low is not None and found.high is not None:
        assert found.low <= found.value <= found.high


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0.5, "30 menit"), (2.5, "2,5 jam"), (47, "47 jam"), (48, "2 hari"), (60, "2,5 hari"), (336, "14 hari")],
)
def test_waits_are_said_as_people_say_them(hours: float, words: str) -> None:
    """Minutes below an hour, hours below two days, then days."""
    assert span(ID, hours) == words


def crowd(point: str, boo: int, wow: int) -> Cell:
    return cell("*", point, boo=boo, wow=wow)


CELLS = [crowd("*", 60, 140), crowd("PRICE", 90, 10), crowd("RESPONSE", 0, 20)]


def test_customers_are_put_on_the_teams_scale() -> None:
    """The touch point that most speak of is 5, half as many are 3 and nobody is 1; all WOW is 5."""
    found = {(one.point, one.side): one for one in compared(CELLS, {})}
    importance = {point: found[point, IMPORTANCE].said.value for point in TouchPoint}
    assert importance[TouchPoint.PRICE] == 5
    assert importance[TouchPoint.RESPONSE] == pytest.approx(1.8)
    assert importance[TouchPoint.PROCEDURE] == 1
    assert found[TouchPoint.RESPONSE, QUALITY].said.value == 5
    assert found[TouchPoint.PRICE, QUALITY].said.value == pytest.approx(1.4)
    assert not found[TouchPoint.PROCEDURE, QUALITY].said.enough


def test_only_what_lies_beyond_the_teams_step_differs() -> None:
    """A rating of 1 stands for up to 1.5: 1.4 agrees with it; a 4 is far off, and comes first."""
    agrees = {TouchPoint.PRICE: Believed(5, 1), TouchPoint.RESPONSE: Believed(2, 5)}
    assert not [one for one in compared(CELLS, agrees) if one.differs]
    first, second, *others = compared(CELLS, {TouchPoint.PRICE: Believed(2, 4)})
    assert [(one.point, one.side, one.differs) for one in (first, second)] == [
        (TouchPoint.PRICE, IMPORTANCE, True),
        (TouchPoint.PRICE, QUALITY, True),
    ]
    assert first.gap == pytest.approx(3)
    assert not any(one.differs for one in others)


def test_nobody_at_all_compares_with_nothing() -> None:
    """Without customers every figure is too few and nothing differs."""
    rows = compared([], {TouchPoint.PRICE: Believed(1, 1)})
    assert len(rows) == len(TouchPoint) * 2
    assert not any(one.differs or one.said.enough for one in rows)
    assert {stage.label_en for stage in Stage} >= {"Act"}
