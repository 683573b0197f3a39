"""How an entry of a feed becomes a mention."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors._entries import EXTRACT, canonical, cut, map_entry, to_text
from domain.errors import PoisonError
from domain.vocabulary import Platform, Role

RAW: dict[str, Any] = {
    "id": "https://koran.example/?p=7",
    "link": "https://Koran.example/kopi/?utm_source=rss&utm_medium=feed&id=3#komentar-2",
    "title": "Kopi Senja naik harga",
    "extract": "Harga kopi naik.",
    "author": "Budi",
    "published_at": "2024-11-23T07:05:00+00:00",
    "updated_at": "2024-11-24T00:00:00+00:00",
    "dated_by": "entry",
    "trusted": "id",
    "feed": {"host": "koran.example", "language": "in-ID"},
}


def mapped(role: Role = Role.PRESS, **changed: Any) -> Any:
    """Return the mention of the entry with some fields changed."""
    return map_entry(RAW | changed, Platform.NEWS, role, None)


def test_an_entry_is_its_title_and_extract() -> None:
    """A mention holds title and extract, the clean address, the writer, the language and the time of its edit."""
    mention = mapped()
    assert mention.text == "Kopi Senja naik harga\nHarga kopi naik."
    assert mention.url == "https://koran.example/kopi/?id=3#komentar-2"
    assert (mention.author.native_id, mention.author.role, mention.language) == ("Budi", Role.PRESS, "id")
    assert mention.revision == 1_732_406_400
    assert mapped(extract="Kopi Senja naik harga sejak Senin").text == "Kopi Senja naik harga sejak Senin"


def test_identity_falls_back_in_order() -> None:
    """The guid names an entry, else its clean address, else what it says; a guid a feed repeats is not used."""
    assert mapped().native_id == RAW["id"]
    assert mapped(id="7").native_id == "koran.example:7"
    link = mapped(id="").native_id
    assert link == mapped(trusted="link").native_id == "https://koran.example/kopi/?id=3#komentar-2"
    texts = [
        mapped(trusted="text").native_id,
        mapped(id="", link="").native_id,
        mapped(id="", link="javascript:x").native_id,
    ]
    assert len(set(texts)) == 1
    assert texts[0] != mapped(trusted="text", title="Lain").native_id


def test_long_guids_stay_apart() -> None:
    """Guids longer than an id may be are not cut to the same beginning."""
    ids = {mapped(id=f"https://koran.example/{'x' * 600}{number}").native_id for number in range(2)}
    assert len(ids) == 2
    assert max(map(len, ids)) <= 512


def test_a_newsroom_speaks_for_its_unsigned_articles() -> None:
    """An unsigned article is the newsroom's and not a customer's; an unsigned letter has no author."""
    author = mapped(author="").author
    assert (author.native_id, author.role) == ("koran.example", Role.PRESS)
    assert mapped(Role.CUSTOMER, author="").author is None


def test_an_entry_that_says_nothing_is_set_aside() -> None:
    """Neither title nor extract: nothing to read, and the reason says so."""
    with pytest.raises(PoisonError, match="neither a title nor a text"):
        mapped(title="", extract="")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Ha<b>lo</b> dunia<br>baris &amp; dua</p><p>tiga", "Halo dunia\nbaris & dua\ntiga"),
        ("a<script>alert(1)</script><style>p{}</style><noscript>b</noscript>c", "ac"),
        ("harga < 5 ribu & > 3", "harga < 5 ribu & > 3"),
        ("<img src=x onerror=alert(1)>foto", "foto"),
        ("a\x00b\u202ec <i>d</i>", "abc d"),
        ("<ul><li>satu<li>dua</ul>", "satu\ndua"),
        ("", ""),
    ],
)
def test_markup_becomes_what_a_reader_sees(markup: str, text: str) -> None:
    """Tags, scripts, styles and control characters go, words and line breaks stay."""
    assert to_text(markup) == text


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "file:///etc/passwd", "//koran.example/a", "koran", "", None, "http://", "http://[x"],
)
def test_only_web_addresses_are_kept(address: str | None) -> None:
    """What a browser should not open is no address."""
    assert canonical(address) is None


@given(st.text(max_size=3_000))
def test_an_extract_is_short(text: str) -> None:
    """No extract is longer than its limit, and a short text is left alone."""
    assert len(cut(text)) <= EXTRACT
    assert len(text) > EXTRACT or cut(text) == text


@given(st.text(alphabet="<>/&;!-ab \n'\"=", max_size=200))
def test_no_markup_breaks_the_reader(markup: str) -> None:
    """Any mess of brackets becomes some text, without a script in it."""
    assert "<script" not in to_text(f"{markup}<script>x</script>")
