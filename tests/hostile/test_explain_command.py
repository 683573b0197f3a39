"""``simak explain`` on a terminal: what it shows of calm texts, and what it never lets through."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simak.cli import app

HOSTILE = {
    "colours and cursor": "kecewa \x1b[31mbanget\x1b[0m \x1b[2J\x1b]0;judul\x07 kopinya",
    "eight-bit control": "kecewa \x9b31mbanget kopinya",
    "bidi": "\u202ebagus\u202c sekali kopinya",
    "rich markup": "[red]bagus[/red] [link=http://127.0.0.1]klik[/link] [/] kopinya",
    "carriage return": "kopinya jelek\rbagus semua",
    "lone surrogate": "kecewa \ud83d banget",
    "backspaces": "jelek\b\b\b\b\bbagus kopinya",
    "NUL": "jel\x00ek banget kopinya",
    "ten thousand words": "jelek banget " * 5_000,
}
_SAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)


def said(*words: str) -> str:
    done = CliRunner().invoke(app, ["explain", *words], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


@pytest.mark.parametrize("name", HOSTILE)
def test_no_control_character_reaches_the_terminal(name: str) -> None:
    """Whatever the text and the brand hold, the page and the JSON carry no control or direction character."""
    for options in ((), ("--json",)):
        shown = said(HOSTILE[name], "--brand", HOSTILE[name][:30], *options)
        assert _SAFE.search(shown) is None
        assert shown.strip()


def test_markup_is_shown_as_it_was_written() -> None:
    """A text that looks like the terminal library's markup is text, not colour."""
    shown = said(HOSTILE["rich markup"])
    assert "red" in shown
    assert "[/]" in shown


def test_the_reason_of_a_plain_complaint_is_named_first() -> None:
    """The shipped reader's words of a complaint pull down, those of praise up, the strongest first."""
    low = json.loads(said("lemot banget aplikasinya, kecewa", "--json"))
    assert low["words"][0]["value"] < 0
    assert low["words"][0]["text"] in {"lemot", "kecewa"}
    high = json.loads(said("makasih kurirnya ramah dan cepat", "--json"))
    assert high["words"][0]["value"] > 0
    assert sum(high["reading"]["probabilities"].values()) == pytest.approx(1)


def test_the_page_has_bars_and_signs() -> None:
    """A bar and a share for each impression, the text with its signs, the words with their effects."""
    shown = said("kopinya enak, tapi kasirnya jutek banget")
    for word in ("Boo", "Arrgh", "OK", "AHA", "WOW"):
        assert re.search(rf"^{word} .*%", shown, re.MULTILINE)
    assert re.search("[⁻⁺]", shown)
    assert "effect (levels)" in shown


@pytest.mark.parametrize("text", ["...", "これは日本語の文章です。とても美味しいコーヒーでした。"])
def test_what_is_not_scored_says_so(text: str) -> None:
    """A text that is not read is answered in a sentence, without bars."""
    shown = said(text)
    assert shown.startswith("Not scored by")
    assert "%" not in shown


def test_a_brand_goes_by_all_its_names(tmp_path: Path) -> None:
    """A brand of the settings may be given by its key, and none of its aliases is among the reasons."""
    settings = '[[brands]]\nkey = "kita"\nname = "Kopi Kita"\nrole = "own"\naliases = ["kedai senja"]\n'
    (tmp_path / "simak.toml").write_text(settings)
    held = json.loads(said("Kedai Senja enak, Rival jelek", "--brand", "kita", "--json"))
    assert {word["text"] for word in held["words"]} == {"enak", "Rival", "jelek"}


def test_a_brand_is_named() -> None:
    """With a brand its own names are not among the reasons."""
    held = json.loads(said("Kopi Kita enak, Rival jelek", "--brand", "Kopi Kita", "--json"))
    assert "Kita" not in {word["text"] for word in held["words"]}
