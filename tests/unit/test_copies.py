"""Which texts are copies of each other."""

import pytest

from nlp.copies import ALIKE, bands, resemblance, shingles

SAID = "Sudah seminggu saldo GoPay saya hilang dan admin cuma jawab template, mohon ditindaklanjuti ya min"


def alike(first: str, second: str) -> bool:
    """Tell whether two texts are found and taken for copies, as the pipeline does."""
    one, two = shingles(first), shingles(second)
    return bool(one and two and set(bands(one)) & set(bands(two)) and resemblance(one, two) >= ALIKE)


@pytest.mark.parametrize(
    "copy",
    [
        SAID,
        SAID.upper(),
        f"RT @budi: {SAID}",
        f"{SAID} 😡😡 https://t.co/abc #kecewa",
        SAID.replace(", ", "\n\n").replace("seminggu", "seminggu!!"),
        SAID.replace("ya min", "ya kak"),
        SAID.replace("seminggu", "sebulan"),
    ],
)
def test_a_varied_copy_is_one(copy: str) -> None:
    """Case, signs, links, emoji, a forward mark or another word do not hide a copy."""
    assert alike(SAID, copy)


@pytest.mark.parametrize(
    "other",
    [
        "Saldo GoPay saya hilang sejak kemarin malam, sudah lapor tapi belum ada kabar sama sekali dari CS",
        "Sudah seminggu paket saya belum datang dan kurirnya tidak bisa dihubungi, tolong dibantu kak",
        "Admin cuma jawab template terus padahal aplikasinya yang error tiap mau bayar pakai QRIS",
    ],
)
def test_the_same_trouble_in_other_words_is_no_copy(other: str) -> None:
    """Two people who tell alike troubles in words of their own are both listed."""
    assert not alike(SAID, other)


@pytest.mark.parametrize(
    "text", ["", "mantap banget!", "😡" * 99, "pelayanannya ramah dan cepat", "https://t.co/" + "a" * 99]
)
def test_a_short_text_is_told_from_no_other(text: str) -> None:
    """What many people say in the same few words is never folded."""
    assert shingles(text) is None
