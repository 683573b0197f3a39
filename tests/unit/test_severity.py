"""Which harm a complaint tells of."""

import pytest

from domain.vocabulary import Severity
from nlp.severity import severities


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Habis makan di sini sekeluarga keracunan, adik saya masuk IGD.", {Severity.SAFETY}),
        ("susunya udah basi min, kadaluarsa minggu lalu", {Severity.SAFETY}),
        ("Ditipu sama kasirnya, promo palsu!", {Severity.FRAUD}),
        ("Pelayannya rasis ke tamu lokal", {Severity.DISCRIMINATION}),
        ("data pelanggan kok bisa bocor, akun saya di-hack", {Severity.DATA_LEAK}),
        ("Saldo kepotong tapi pesanan batal, uang belum kembali", {Severity.MONEY_LOST}),
        ("Saldo Rp300.000 baru top up. Habis update app, jadi Rp0. NOL.", {Severity.MONEY_LOST}),
        ("uang saya raib, ini penipuan", {Severity.MONEY_LOST, Severity.FRAUD}),
        ("Kopinya dingin dan antrenya lama sekali", set()),
        ("Tanpa basa basi langsung dilayani, alarm kebakaran dicek juga", set()),
        ("", set()),
    ],
)
def test_harm_is_found_by_its_words(text: str, kinds: set[Severity]) -> None:
    """Each kind of harm is found in everyday wording, and not where its words mean something else."""
    assert severities(text) == kinds


def test_a_long_hostile_text_is_read_at_once() -> None:
    """No text makes the rules slow: what repeats their beginnings ten thousand times is read in well under a second."""
    assert severities("uang " * 10_000 + "data " * 10_000) == frozenset()
