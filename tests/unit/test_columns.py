"""How the columns of a table are guessed."""

import pytest

from collectors._files.columns import Basis, Guess, guess
from collectors._files.fields import Field
from domain.errors import ConfigError

TEXTS = (
    "Aplikasinya sering keluar sendiri, tolong diperbaiki",
    "Pengiriman cepat dan kurirnya ramah sekali",
    "Kopinya enak tapi antreannya lama banget",
)


def guess_rows(columns: dict[str, tuple[object, ...]], given: dict[Field, str] | None = None) -> Guess:
    """Return the guess for a table written by columns."""
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    return guess(list(columns), rows, given or {})


def test_indonesian_headers_are_known() -> None:
    """A review export with Indonesian headers needs no mapping."""
    found = guess_rows(
        {
            "No": (1, 2, 3),
            "Tanggal Ulasan": ("1/2/2024", "3/2/2024", "23/2/2024"),
            "Nama Pelanggan": ("Budi", "Ani", "Sari"),
            "Isi Ulasan": TEXTS,
            "Bintang": (1, 5, 3),
            "Tautan": ("https://a.example/1", "", ""),
            "Merek": ("Kopi Senja",) * 3,
        }
    )
    assert found.columns == {
        Field.TEXT: "Isi Ulasan",
        Field.PUBLISHED_AT: "Tanggal Ulasan",
        Field.AUTHOR: "Nama Pelanggan",
        Field.STARS: "Bintang",
        Field.URL: "Tautan",
        Field.ABOUT: "Merek",
    }
    assert set(found.basis.values()) == {Basis.NAME}
    assert not found.doubts


def test_an_app_store_export_is_known() -> None:
    """The columns that review scrapers write in camel case are found by the same names."""
    found = guess_rows(
        {
            "reviewId": ("a", "b", "c"),
            "userName": ("Budi", "Ani", "Sari"),
            "content": TEXTS,
            "score": (1, 5, 3),
            "thumbsUpCount": (0, 2, 1),
            "at": ("2024-05-01 10:00:00",) * 3,
            "replyContent": ("Halo kak, mohon maaf atas ketidaknyamanannya ya", "", ""),
        }
    )
    assert found.columns == {
        Field.NATIVE_ID: "reviewId",
        Field.AUTHOR: "userName",
        Field.TEXT: "content",
        Field.STARS: "score",
        Field.LIKES: "thumbsUpCount",
        Field.PUBLISHED_AT: "at",
    }


def test_a_familiar_name_over_other_content_is_not_believed() -> None:
    """A score that is no rating, a source that is no platform and an id that repeats are left alone."""
    found = guess_rows(
        {
            "text": TEXTS,
            "score": (-0.4, 0.9, 87),
            "source": ("Twitter for Android", "Web App", "Bot"),
            "id": ("produk-1",) * 3,
            "date": ("kemarin", "tadi", "lusa"),
        }
    )
    assert found.columns == {Field.TEXT: "text"}
    assert any("date" in doubt for doubt in found.doubts)


def test_content_tells_where_names_do_not() -> None:
    """Without a telling header the longest varied text and the written dates are taken, and doubted aloud."""
    found = guess_rows(
        {
            "A": ("https://kopi.example/ulasan/1?ref=rss&x=111111", "https://kopi.example/2", "https://kopi.example/3"),
            "B": ("Terima kasih sudah berbelanja di toko kami ya kak",) * 3,
            "C": TEXTS,
            "D": ("23 Nov 2024", "24 Nov 2024", "25 November 2024"),
        }
    )
    assert found.columns == {Field.TEXT: "C", Field.PUBLISHED_AT: "D"}
    assert set(found.basis.values()) == {Basis.CONTENT}
    assert any("“C”" in doubt for doubt in found.doubts)


def test_what_a_person_gives_comes_first() -> None:
    """A given column is taken by any spelling of its name, and an empty one keeps the field without a column."""
    found = guess_rows(
        {"text": TEXTS, "Catatan Agen": TEXTS, "rating": (1, 2, 3)}, {Field.TEXT: "catatan agen", Field.STARS: ""}
    )
    assert found.columns == {Field.TEXT: "Catatan Agen"}
    assert found.basis[Field.TEXT] is Basis.GIVEN


def test_a_given_column_must_exist() -> None:
    """A column that is not there is refused in a sentence that lists those that are."""
    with pytest.raises(ConfigError, match="no column “Isi”; the columns are: text"):
        guess_rows({"text": TEXTS}, {Field.TEXT: "Isi"})


def test_day_and_time_may_stand_apart() -> None:
    """A day in one column and a clock in another make one moment; a whole moment needs no second column."""
    apart = guess_rows({"pesan": TEXTS, "Tanggal": ("23/11/2024",) * 3, "Jam": ("14.05", "9.30", "10.00")})
    assert (apart.columns[Field.PUBLISHED_AT], apart.columns[Field.TIME]) == ("Tanggal", "Jam")
    whole = guess_rows({"pesan": TEXTS, "Tanggal": ("23/11/2024 14:05",) * 3, "Jam": ("14.05", "9.30", "10.00")})
    assert Field.TIME not in whole.columns


def test_an_american_export_is_read_month_first() -> None:
    """One date that cannot be day first turns the whole file; dates that could be either are a doubt."""
    assert guess_rows({"text": TEXTS, "date": ("11/23/2024", "01/02/2024", "02/02/2024")}).month_first
    unsure = guess_rows({"text": TEXTS, "date": ("01/02/2024", "02/02/2024", "03/04/2024")})
    assert not unsure.month_first
    assert any("day first" in doubt for doubt in unsure.doubts)


def test_nested_names_tell_by_their_last_part() -> None:
    """Counters and texts of nested JSON are found, but an author's id is never the mention's."""
    found = guess_rows(
        {
            "user.id": ("1", "2", "3"),
            "data.text": TEXTS,
            "public_metrics.like_count": (1, 2, 3),
            "user.url": ("", "", ""),
        }
    )
    assert found.columns == {
        Field.AUTHOR: "user.id",
        Field.TEXT: "data.text",
        Field.LIKES: "public_metrics.like_count",
    }
