"""The names of the brand in question stand as one sign."""

import pytest

from nlp.target import SIGN, mark


@pytest.mark.parametrize(
    ("text", "names", "marked"),
    [
        ("Fore lebih enak dari Kopken", ("Fore Coffee",), "§ lebih enak dari Kopken"),
        ("kopi di FORE COFFEE enak", ("Fore Coffee",), "kopi di § enak"),
        ("min @forecoffee #forecoffee tolong", ("Fore Coffee",), "min § tolong"),
        ("forenya dingin", ("fore",), "§nya dingin"),
        ("before sunset, foreign", ("fore",), "before sunset, foreign"),
        ("bank itu ramah", ("Bank Mandiri",), "bank itu ramah"),
        ("kopi mana yang enak?", ("Kopi",), "§ mana yang enak?"),
        ("BCA atau mandiri?", ("bca", "klikbca"), "§ atau mandiri?"),
        ("tanpa merek", (), "tanpa merek"),
        ("C++ (beta) cepat", ("C++ (beta)",), "C++ (§) cepat"),
        ("Mie Gacoan lebih enak dari Mie Sedaap", ("Mie Sedaap",), "Mie Gacoan lebih enak dari §"),
        ("hari ini aku beli Janji Jiwa", ("Kopi Hari Ini",), "hari ini aku beli Janji Jiwa"),
        ("paket J&T lama, j & t parah, ongkir 5 jt", ("J&T",), "paket § lama, § parah, ongkir 5 jt"),
        ("hm, mahal. aw lucu", ("H&M", "A&W"), "hm, mahal. aw lucu"),
        ("makan di Domino's, by.U murah", ("Domino's", "byu", "by.U"), "makan di §, § murah"),
        ("???", ("???",), "???"),
    ],
)
def test_a_brand_is_marked_where_it_is_named(text: str, names: tuple[str, ...], marked: str) -> None:
    """A brand's names are found whole, in any case, as tag or handle; words that brands share name none alone."""
    assert mark(text, names) == marked


def test_a_foreign_sign_is_taken_out() -> None:
    """Nobody can mark a brand of their own by writing the sign."""
    assert SIGN not in mark(f"{SIGN} bagus, {SIGN}{SIGN} jelek")


def test_a_name_of_nothing_finds_nothing() -> None:
    """Empty names, signs and expressions are no names and never an error."""
    assert mark("apa saja (.*)", ("", " ", "(", ".*", "\\")) == "apa saja (.*)"


def test_marking_grows_with_the_text_alone() -> None:
    """A text of a hundred thousand signs that nearly match is marked, not searched for ever."""
    text = "kopi " * 20_000
    assert mark(text, ("kopi kita senja",)) == text
