"""The bundled reader: order, sharing, abstaining, and readings that nobody would dispute."""

from functools import cache

import pytest

from domain.records import Reading
from domain.vocabulary import Impression, Stage
from nlp.bundled import BundledReader
from nlp.classifier import load
from nlp.engine import BATCH_TOKENS, sorted_batches


@cache
def reader() -> BundledReader:
    """Return the bundled reader, loaded once for this file."""
    found = load()
    assert isinstance(found, BundledReader)
    return found


def level(text: str) -> int:
    """Return the level that the reader gives to a text."""
    impression = reader().read([text])[0].impression
    assert impression is not None
    return impression.level


TEXTS = [
    "aplikasi error terus, tolong diperbaiki",
    "mantap, pengiriman cepat dan barang sesuai",
    "min, cara daftar paket hematnya gimana ya?",
    "penipu! jangan pernah belanja di sini, kapok",
    "kopi terenak, wajib coba, recommended banget!",
] * 3


def test_order_and_length_are_kept() -> None:
    """A batch gives one reading a text, and each is the one that the text gets in another order."""
    forward, backward = reader().read(TEXTS), reader().read(TEXTS[::-1])
    assert len(forward) == len(TEXTS)
    assert [held.impression for held in forward] == [held.impression for held in backward[::-1]]


def test_a_reading_does_not_depend_on_its_neighbours() -> None:
    """A text alone, among others and beside much longer ones gets the very same reading."""
    alone = [reader().read([text])[0] for text in TEXTS[:5]]
    assert reader().read(TEXTS)[:5] == alone
    assert reader().read([*TEXTS[:5], " ".join(TEXTS * 3)])[:5] == alone


def test_identical_texts_share_one_reading() -> None:
    """Texts that look the same to the model are read once and get the very same reading."""
    first, second, third = reader().read(["mantap @budi", "mantap @siti", "mantap   @user"])
    assert first is second is third


def test_probabilities_are_of_the_five_and_sum_to_one() -> None:
    """Every scored reading has five probabilities that sum to one, and names the likeliest."""
    for held in reader().read(TEXTS):
        assert held.probabilities is not None
        assert list(held.probabilities) == list(Impression)
        assert sum(held.probabilities.values()) == pytest.approx(1, abs=1e-9)
        assert held.impression is max(held.probabilities, key=held.probabilities.__getitem__)


def test_every_field_of_a_scored_reading_is_filled() -> None:
    """A scored reading has a complaint probability, a stage, a journey, a use gap answer and two points at most."""
    for held in reader().read(TEXTS):
        assert held.complaint is not None
        assert held.stage is not None
        assert held.journey is not None
        assert held.use_gap is not None
        assert len(held.touchpoints) <= 2


@pytest.mark.parametrize("text", ["", "   ", "12345", "!!! ... ???", "@user [url]", "https://contoh.id/x"])
def test_nothing_to_read_is_not_scored(text: str) -> None:
    """A text without letters or emoji gets an empty reading instead of a guess."""
    assert reader().read([text]) == [Reading()]


def test_foreign_languages_are_not_scored() -> None:
    """A text plainly in a language that is not covered gets its language and nothing else."""
    assert reader().read(["El servicio es muy malo y no lo recomiendo a nadie"]) == [Reading(language="es")]


def test_an_emoji_alone_is_scored() -> None:
    """An emoji says something, so it is read."""
    assert reader().read(["😡😡😡"])[0].impression is not None


def test_no_texts_give_no_readings() -> None:
    """An empty batch is answered by an empty list."""
    assert reader().read([]) == []


def testsorted_batches_hold_every_row_once_within_their_bound() -> None:
    """Batches cover all rows once, and none has more padded tokens than allowed."""
    lengths = [(row * 37) % 95 + 2 for row in range(500)]
    batches = list(sorted_batches(lengths))
    assert sorted(row for batch in batches for row in batch) == list(range(500))
    assert all(len(batch) * max(lengths[row] for row in batch) <= BATCH_TOKENS for batch in batches)


@pytest.mark.parametrize(
    "text",
    [
        "penipu semua! uang saya hilang, jangan pernah pakai aplikasi sampah ini",
        "kapok banget belanja di sini, barang palsu, jangan ada yang beli",
        "aplikasi error terus, sudah tiga hari tidak bisa login, tolong diperbaiki",
        "kecewa, pesanan saya sudah seminggu belum sampai juga",
    ],
)
def test_plain_complaints_are_read_as_such(text: str) -> None:
    """An unmistakable complaint is Boo or Arrgh and a complaint."""
    assert level(text) < 0
    assert (reader().read([text])[0].complaint or 0) > 0.5


@pytest.mark.parametrize(
    "text",
    [
        "terima kasih, pelayanannya ramah dan cepat, saya puas",
        "kopinya enak banget, tempatnya nyaman, bakal balik lagi",
        "luar biasa! aplikasi terbaik, sangat recommended buat semua",
        "mantap, barang sesuai pesanan dan sampai tepat waktu",
    ],
)
def test_plain_praise_is_read_as_such(text: str) -> None:
    """Unmistakable praise is AHA or WOW and no complaint."""
    assert level(text) > 0
    assert (reader().read([text])[0].complaint or 0) < 0.5


def test_a_question_before_buying_takes_no_side() -> None:
    """Somebody who asks how to get it is OK and stands at Ask."""
    held = reader().read(["min, kalau mau daftar paket yang baru caranya gimana dan harganya berapa ya?"])[0]
    assert held.impression is Impression.OK
    assert held.stage is Stage.ASK


def test_the_version_names_the_weights() -> None:
    """The version is the reader's name and eight hexadecimal digits."""
    name, digits = reader().version.split("+")
    assert name == "reader-3"
    assert len(digits) == 8
    assert int(digits, 16) >= 0
