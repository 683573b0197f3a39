"""How counts, ratings, platforms and roles in exports are read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors._files.values import parse_count, parse_platform, parse_role, parse_stars
from domain.vocabulary import Platform, Role


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("12", 12),
        ("12.0", 12),
        (12.0, 12),
        (7, 7),
        ("1.234", 1234),
        ("1,234", 1234),
        ("1.234.567", 1234567),
        ("1,2 rb", 1200),
        ("1.2K", 1200),
        ("3rb", 3000),
        ("2 jt", 2000000),
        ("10+", 10),
        (" 5 ", 5),
    ],
)
def test_counts_are_read_in_both_languages(written: object, count: int) -> None:
    """Thousands grouped by a point or a comma, and short units, give the number they stand for."""
    assert parse_count(written) == count


@pytest.mark.parametrize(
    "written", ["banyak", "-1", "1,23", "1.5", "1e9", "1 2", "9" * 40, "", "Ⅻ", "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧"]
)
def test_what_is_no_count_is_refused(written: str) -> None:
    """A cell that is not a whole number of something is not taken for one."""
    with pytest.raises(ValueError, match="not a count"):
        parse_count(written)


@given(st.integers(0, 2**53))
def test_every_count_survives(count: int) -> None:
    """A plain number is read as itself, also with its thousands grouped."""
    assert parse_count(str(count)) == parse_count(f"{count:,}") == count


@pytest.mark.parametrize(
    ("written", "stars"),
    [
        ("5", 5),
        (4, 4),
        ("4.0", 4),
        ("4,5", 5),
        ("3/5", 3),
        ("2 bintang", 2),
        ("FIVE", 5),
        ("★★★★☆", 4),
        ("⭐⭐", 2),
        ("0", None),
        ("☆☆☆☆☆", None),
    ],
)
def test_ratings_are_read(written: object, stars: int | None) -> None:
    """A rating out of five is read in any of its forms, and zero means that none was given."""
    assert parse_stars(written) == stars


@pytest.mark.parametrize("written", ["10", "8/10", "-1", "bagus", "5.9", "0.93x", ""])
def test_what_is_no_rating_is_refused(written: str) -> None:
    """A rating on another scale is not squeezed into five stars."""
    with pytest.raises(ValueError, match="not a rating"):
        parse_stars(written)


@pytest.mark.parametrize(
    ("written", "platform"),
    [
        ("twitter", Platform.X),
        ("X.com", Platform.X),
        ("google_play", Platform.GOOGLE_PLAY),
        ("IG", Platform.INSTAGRAM),
        ("Play Store", Platform.GOOGLE_PLAY),
        ("Google Maps", Platform.MAPS),
        ("Call Center", Platform.CALL_CENTRE),
        ("Tokopedia", Platform.MARKETPLACE),
        ("media konsumen", Platform.FORUM),
        ("TikTok", Platform.TIKTOK),
    ],
)
def test_platforms_go_by_many_names(written: str, platform: Platform) -> None:
    """What people call a platform is the platform."""
    assert parse_platform(written) is platform


@pytest.mark.parametrize("platform", list(Platform))
def test_every_stored_key_is_a_platform(platform: Platform) -> None:
    """An export of Simak's own keys is understood."""
    assert parse_platform(str(platform)) is platform


def test_the_brands_own_voice_is_known() -> None:
    """Yes, agent and outgoing mean the brand; anything else is a customer."""
    assert {parse_role(said) for said in (True, "True", "1", "Agen", "outbound", "admin")} == {Role.BRAND}
    assert {parse_role(said) for said in (False, "", "0", "pelanggan", "inbound")} == {Role.CUSTOMER}
    assert parse_role("media") is Role.PRESS
