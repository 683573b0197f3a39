"""How dates in exports are read."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors._files.moments import is_month_first, parse_moment

JAKARTA = ZoneInfo("Asia/Jakarta")
NOON = datetime(2024, 11, 23, 7, 5, tzinfo=UTC)
INDONESIAN = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()  # noqa: SIM905


@pytest.mark.parametrize(
    "written",
    [
        "2024-11-23T07:05:00Z",
        "2024-11-23T14:05:00+07:00",
        "2024-11-23 14:05",
        "2024-11-23T07:05:00.000Z",
        "1732345500",
        "1732345500000",
        "45619.586805556",
        45619.586805556,
        "23/11/2024 14:05",
        "23/11/2024 14.05",
        "23/11/24 14.05",
        "23/11/2024, 2:05 PM",
        "23-11-2024 14:05:00",
        "23.11.2024 14.05 WIB",
        "23/11/2024 15.05 WITA",
        "23/11/2024 16.05 WIT",
        "2024/11/23 14:05",
        "23 Nov 2024 14:05",
        "23 Nop 2024 14.05",
        "23 November 2024 pukul 14.05",
        "Sabtu, 23 November 2024 pukul 14.05 WIB",
        "Sat, 23 Nov 2024 14:05:00 +0700",
        "Sat Nov 23 07:05:00 +0000 2024",
        "November 23, 2024 2:05 PM",
    ],
)
def test_every_common_form_is_the_same_moment(written: object) -> None:
    """Exports write one moment in two dozen ways, and all of them are read as that moment."""
    assert abs(parse_moment(written, JAKARTA) - NOON) < timedelta(seconds=2)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "kemarin",
        "2 minggu lalu",
        "10",
        "2024",
        "12/2024",
        "14:05",
        "31/02/2024",
        "2024-13-45",
        "0",
        "99999",
        "nan",
        "1/1/1850",
        "9999-12-31",
        "23 Foo 2024",
        "Nov 23, 2024 2:05 PM PST",
        "²²²²²²²²²²",
        "x" * 1000,
        "1" * 5000,
    ],
)
def test_what_is_no_whole_date_is_refused(written: str) -> None:
    """A part of a date is not filled in from today, nor an unknown zone dropped."""
    with pytest.raises(ValueError, match=r"\w"):
        parse_moment(written, JAKARTA)


@given(st.datetimes(datetime(1991, 1, 1), datetime(2098, 1, 1)))  # noqa: DTZ001
def test_indonesian_dates_are_read_as_written(moment: datetime) -> None:
    """A date written out in Indonesian, with any month, is read back to the minute."""
    written = f"{moment.day} {INDONESIAN[moment.month - 1]} {moment.year} pukul {moment:%H.%M}"
    expected = moment.replace(second=0, microsecond=0, tzinfo=JAKARTA).astimezone(UTC)
    assert parse_moment(written, JAKARTA) == expected


@given(st.datetimes(datetime(1991, 1, 1), datetime(2098, 1, 1)))  # noqa: DTZ001
def test_the_order_of_day_and_month_is_kept(moment: datetime) -> None:
    """Numbers with slashes read day first, or month first when the file is known to write so."""
    expected = moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=JAKARTA).astimezone(UTC)
    assert parse_moment(f"{moment:%d/%m/%Y}", JAKARTA) == expected
    assert parse_moment(f"{moment:%m/%d/%Y}", JAKARTA, month_first=True) == expected


@given(st.text(max_size=80))
def test_any_text_is_a_moment_or_a_value_error(text: str) -> None:
    """No text makes the reader fail in another way than the one it promises."""
    with suppress(ValueError):
        assert parse_moment(text, JAKARTA).tzinfo is UTC


def test_month_first_needs_proof() -> None:
    """Dates are month first only if some cannot be day first and none contradicts."""
    assert is_month_first(["11/23/2024", "01/02/2024"])
    assert not is_month_first(["01/02/2024", "03/04/2024"])
    assert not is_month_first(["23/11/2024", "11/23/2024"])
    assert not is_month_first(["2024-11-23"])
