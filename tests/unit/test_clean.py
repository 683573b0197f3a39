"""What the model sees of a text."""

import pytest

from nlp.clean import HEAD, TAIL, clean


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("@kopi_kita tolong dong https://contoh.id/a?b=1", "@user tolong dong [url]"),
        ("kirim ke budi.s@contoh.co.id ya", "kirim ke [email] ya"),
        ("hubungi 0812-3456-7890 segera", "hubungi [phone] segera"),
        ("resi 123456789012 belum sampai", "resi [number] belum sampai"),
        ("bagusssssss bangettttt!!!!!!", "bagusss bangettt!!!"),
        ("😂😂😂😂😂😂 lucu", "😂😂😂 lucu"),
        ("enak &amp; murah<br>banget", "enak & murah banget"),
        ("suka ❤️ 👍🏽", "suka ❤ 👍"),
        ("@a @b @c @d @e halo", "@user @user halo"),
        ("satu\n\n  dua\tTIGA", "satu dua TIGA"),
        ("harga 50.000 aja <3", "harga 50.000 aja <3"),
        ("Mantap 🤬 BANGET", "Mantap 🤬 BANGET"),
        ("", ""),
    ],
)
def test_masks_and_caps(text: str, seen: str) -> None:
    """Links, handles, addresses and numbers are masked, runs capped, entities read; case and emoji stay."""
    assert clean(text) == seen


def test_masked_text_stays_as_it_is() -> None:
    """Cleaning a cleaned text changes nothing, so data masked at its source is seen like a live post."""
    text = "@user kok lemot banget [url] [phone] [number] 😡"
    assert clean(text) == text
    assert clean(clean("@x www.a.id  sukaaaaaa 🥺🥺🥺🥺")) == clean("@x www.a.id  sukaaaaaa 🥺🥺🥺🥺")


def test_a_long_text_keeps_both_ends() -> None:
    """Of a text longer than the model could take, the beginning and the verdict at the end are kept."""
    text = "awal " + "isi " * 5_000 + "kapok"
    seen = clean(text)
    assert len(seen) <= HEAD + TAIL + 1
    assert seen.startswith("awal")
    assert seen.endswith("kapok")
