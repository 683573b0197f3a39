"""Which complaints are taken to speak of the same issue, and what an issue is called."""

import numpy as np
import pytest

from nlp.bundled import BundledReader
from nlp.themes import Embedder, Themes
from nlp.typical import typical

BALANCE = (
    "Saldo saya hilang setelah update aplikasi, tolong dikembalikan",
    "habis update aplikasi saldo malah jadi nol, balikin dong",
    "saldo 200 ribu lenyap sesudah aplikasi diperbarui",
)
LATE = (
    "pesanan saya dua jam belum diantar juga, kurirnya ke mana",
    "nunggu pesanan diantar lama banget, dua jam lebih",
)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    reader = BundledReader()
    return Embedder(reader.states, reader.base, reader.width)


def empty(embedder: Embedder) -> Themes:
    return Themes([], np.zeros((0, embedder.width + 512)), [])


def test_complaints_of_one_issue_lie_together(embedder: Embedder) -> None:
    """Three ways to say that a balance is gone are one theme, and late orders are another."""
    rows = empty(embedder).place(embedder.embed([*BALANCE, *LATE]))
    assert len(set(rows[:3])) == 1
    assert len(set(rows[3:])) == 1
    assert rows[0] != rows[3]


def test_a_text_that_cannot_be_scored_lies_by_its_words(embedder: Embedder) -> None:
    """An emoji or a foreign language has a place of its own, of the same width as all."""
    vectors = embedder.embed(["😡😡", "", "Это приложение не работает", *BALANCE])
    assert vectors.shape == (6, embedder.width + 512)
    assert np.isfinite(vectors).all()


def test_batches_do_not_matter(embedder: Embedder) -> None:
    """Placed one by one or all at once, complaints get the same themes."""
    vectors = embedder.embed([*BALANCE, *LATE])
    once, single = empty(embedder), empty(embedder)
    assert once.place(vectors) == [single.place(vector[None])[0] for vector in vectors]


def test_themes_that_have_become_the_same_are_merged_into_the_older() -> None:
    """Of two like centres the first stays, with the weight of both."""
    near = np.array([[1.0, 0.0], [0.95, 0.3122]])
    themes = Themes([7, 9], near.copy(), [3.0, 1.0], touched={1})
    themes.settle()
    assert themes.merged == {1: 0}
    assert themes.row(1) == 0
    assert themes.weights[0] == 4.0


def test_an_issue_is_called_by_its_own_words() -> None:
    """The words of at least three people that others do not use name it; what one person repeats does not."""
    members = [(number, text) for number, text in enumerate(BALANCE)] + [(9, "budi budi budi"), (9, "budi lagi")]
    assert set(typical(members, LATE)) == {"saldo", "aplikasi"}
