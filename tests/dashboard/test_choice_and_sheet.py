"""The address of a view, and tables that leave the pages."""

import csv
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.choice import DAYS, FLAGS, WORDS, Choice, read_choice, write_choice
from figures.sheet import csv_bytes

KNOWN = {
    "sources": ("kabar", "x 2", "ulasan & lain"),
    "branches": ("Dago", "Tebet & Kuningan"),
    "owners": ("dashboard", "sari@senja.id"),
    "tags": ("antre lama", "promo #1"),
    "themes": ("7", "12"),
}
DAY = st.dates(date(1990, 1, 1), date(2099, 1, 1))


def some(words: object) -> st.SearchStrategy[tuple[object, ...]]:
    ordered = list(words)  # type: ignore[call-overload]
    return st.sets(st.sampled_from(ordered)).map(lambda chosen: tuple(word for word in ordered if word in chosen))


CHOICES = st.builds(
    Choice,
    text=st.sampled_from(["", "kopi senja", '100% & #1 = "ya"']),
    **{name: some(words) for name, words in (WORDS | KNOWN).items()},
    **{name: st.none() | DAY for name in DAYS},
    **{name: st.booleans() for name in FLAGS},
)


@given(CHOICES)
def test_an_address_comes_back_as_it_went(choice: Choice) -> None:
    """Whatever is chosen is read back from its own address."""
    assert read_choice(write_choice(choice), KNOWN) == choice


@given(
    st.dictionaries(
        st.sampled_from(["impressions", "since", "until", "text", "sources", "complaints", "x"]), st.lists(st.text())
    )
)
def test_any_address_is_read(params: dict[str, list[str]]) -> None:
    """An address that anybody wrote is a valid filter, with moments inside the years that a store knows."""
    wanted = read_choice(params, KNOWN).filter(1, "Asia/Jayapura")
    assert all(moment is None or 1989 <= moment.year <= 2100 for moment in (wanted.since, wanted.until))
    assert len(wanted.text) <= 200


def test_days_are_whole_local_days() -> None:
    """A day begins and ends at midnight by the clock of the zone, and the last day is included."""
    wanted = Choice(since=date(2026, 11, 10), until=date(2026, 11, 11)).filter(7, "Asia/Jakarta")
    assert wanted.brand_id == 7
    assert (wanted.since, wanted.until) == (
        datetime(2026, 11, 9, 17, tzinfo=UTC),
        datetime(2026, 11, 11, 17, tzinfo=UTC),
    )


@pytest.mark.parametrize("start", ["=1+1", "+62", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_a_spreadsheet_carries_nothing_out(start: str) -> None:
    """A cell or a column's name that a spreadsheet would take for a formula is quoted; numbers stay numbers."""
    rows = list(
        csv.reader(StringIO(csv_bytes([{start: start, "n": -1.5, "none": None}]).decode("utf-8-sig"), newline=""))
    )
    assert rows == [[f"'{start}", "n", "none"], [f"'{start}", "-1.5", ""]]


def test_a_table_without_rows_is_empty() -> None:
    """No rows are no bytes but the mark of the encoding."""
    assert csv_bytes([]) == b"\xef\xbb\xbf"
