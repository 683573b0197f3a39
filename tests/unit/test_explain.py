"""Erasure, on a reader simple enough to know what each word is worth."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.records import Reading
from domain.vocabulary import Impression
from nlp.explain import HEAD, PAIRED, TAIL, TOGETHER, explain, words_of
from nlp.sift import sift

WORTH = {"bagus": 0.4, "mantap": 0.3, "jelek": -0.4, "§": 0.1, "😡": -0.3}


class Counting:
    """A real, if simple, reader: words add up to the share between OK and an end, and “ngga” turns the word after it.

    It reads through the same gate as the shipped one, and notes how many calls it had.
    """

    version = "counting-1"

    def __init__(self) -> None:
        self.calls: list[int] = []

    def read(self, texts: Sequence[str], about: Sequence[Sequence[str]] | None = None) -> list[Reading]:
        self.calls.append(len(texts))
        return sift(texts, about, lambda shown, languages: map(self._reading, shown, languages))

    @staticmethod
    def _reading(text: str, language: str) -> Reading:
        tokens = re.findall(r"\w+|[^\w\s]", text.lower())
        turns = [-1 if before == "ngga" else 1 for before in ["", *tokens]]
        value = sum(WORTH.get(token, 0) * turn for token, turn in zip(tokens, turns, strict=False))
        end, share = Impression.WOW if value > 0 else Impression.BOO, min(abs(value) / 2, 1)
        chances = {word: share if word is end else 0.0 for word in Impression}
        chances[Impression.OK] = 1 - share
        return Reading(impression=max(chances, key=chances.__getitem__), probabilities=chances, language=language)


def effects(text: str, *names: str) -> dict[str, float]:
    return {word.text: round(word.value, 6) for word in explain(text, Counting(), names).words}


def test_a_word_is_worth_what_the_reading_loses_without_it() -> None:
    """The effects are those that the reader adds up, the strongest first, and the indifferent ones nought."""
    found = effects("kopinya bagus, tempat jelek 😡")
    assert found == {"jelek": -0.4, "bagus": 0.4, "😡": -0.3, "kopinya": 0, "tempat": 0}
    assert list(found)[2:] == ["😡", "kopinya", "tempat"]
    assert effects("kopinya bagus")["kopinya"] == 0


def test_the_chance_is_that_of_the_named_impression() -> None:
    """A word that pulls away from OK takes probability from it."""
    found = explain("kopinya bagus", Counting())
    assert found.named is Impression.OK
    assert found.words[0].chance == pytest.approx(-0.2)


def test_words_that_act_together_are_measured_as_a_pair() -> None:
    """A negation and its word are found as a pair, by erasing both; words that only add up are not."""
    (pair, *others) = explain("ngga bagus kopinya", Counting()).pairs
    assert (pair.first.text, pair.second.text) == ("ngga", "bagus")
    # Without "ngga" it rises by 0.8, without "bagus" by 0.4, without both by 0.4 again.
    assert (pair.value, pair.extra) == (pytest.approx(-0.4), pytest.approx(0.8))
    assert others == []
    assert explain("kopi bagus dan mantap", Counting()).pairs == ()


def test_all_variants_are_read_in_one_call() -> None:
    """One call reads the text and its variants, one more the pairs of at most twelve words."""
    reader = Counting()
    explain(" ".join(f"kata{number}" for number in range(30)), reader)
    assert reader.calls == [31, PAIRED * (PAIRED - 1) // 2]


def test_the_brands_names_stay_in_the_text() -> None:
    """The brand in question is no reason of its own: its names are never taken out, other brands are."""
    assert set(effects("Kopi Kita jelek, Rival bagus", "Kopi Kita")) == {"jelek", "Rival", "bagus"}
    assert set(effects("@kopikita jelek, Rival bagus", "Kopi Kita", "kopikita")) == {"jelek", "Rival", "bagus"}


def test_a_long_text_is_tried_at_both_ends() -> None:
    """Of a text too long the beginning and the end are tried, and the rest is counted."""
    reader = Counting()
    found = explain(" ".join(f"kata{number}" for number in range(500)), reader)
    assert (len(found.words), found.untried) == (HEAD + TAIL, 500 - HEAD - TAIL)
    assert reader.calls[0] == HEAD + TAIL + 1


@pytest.mark.parametrize("text", ["", "   ", "12345 ...", "\x00\x1b"])
def test_what_is_not_scored_has_no_words(text: str) -> None:
    """Nothing to read is explained by nothing."""
    found = explain(text, Counting())
    assert (found.named, found.words, found.pairs) == (None, (), ())


def test_a_single_word_cannot_be_taken_out() -> None:
    """Without its only word nothing is left to read, so no effect is claimed."""
    found = explain("bagus", Counting())
    assert found.named is not None
    assert found.words == ()


def test_emoji_of_several_signs_are_one_word() -> None:
    """Skin tones, variation selectors and joined families belong to their emoji; repeated emoji are words each."""
    text = "bagus 👍🏽 👨‍👩‍👧 ❤️😡😡 ngga-kayak 50rb!!"
    assert [word.text for word in words_of(text)] == [
        "bagus", "👍🏽", "👨‍👩‍👧", "❤️", "😡", "😡", "ngga-kayak", "50rb",
    ]  # fmt: skip


@given(st.text(max_size=120))
def test_words_lie_in_the_text_in_order_and_apart(text: str) -> None:
    """Whatever the text, its words are where they say, in order, and never overlap."""
    end = 0
    for word in words_of(text):
        assert text[word.start : word.end] == word.text != ""
        assert word.start >= end
        end = word.end


@given(
    st.lists(st.sampled_from(["bagus", "jelek", "ngga", "Kita", "😡", "\n", "\x1b[31m", "<b>", "kopi"]), max_size=14)
)
def test_every_text_is_explained(words: list[str]) -> None:
    """Any mix of words is explained without a word counted twice, and pairs are over the bar that is promised."""
    found = explain(" ".join(words), Counting(), ["Kita"])
    assert len({word.start for word in found.words}) == len(found.words)
    assert all(abs(pair.extra) >= TOGETHER for pair in found.pairs)
    assert "\x1b" not in found.text
