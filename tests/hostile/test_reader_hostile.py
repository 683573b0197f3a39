"""Texts made to break a reader."""

import tracemalloc
from functools import cache
from typing import cast

import pytest

from nlp.bundled import BundledReader
from nlp.classifier import Classifier, load

CALM = "mantap, pelayanannya ramah dan cepat"


@cache
def reader() -> Classifier:
    """Return the bundled reader, loaded once for this file."""
    return load()


HOSTILE = {
    "ten megabytes": "jelek banget " * 800_000,
    "ten megabytes in one word": "a" * 10_000_000,
    "ten megabytes of tags": "<b " * 3_300_000,
    "ten megabytes of at signs": "@" * 10_000_000,
    "ten megabytes of spaces": " " * 10_000_000,
    "emoji run": "🤬" * 5_000,
    "joined emoji": "👩‍👩‍👧‍👦" * 1_000,
    "combining marks": "a" + "\u0301" * 20_000,
    "NUL and controls": "jel\x00ek\x07 banget\x1b[31m",
    "bidi": "\u202ebagus\u202c sekali \u2066kok\u2069",
    "lone surrogates": "kecewa \ud83d banget \udc00",
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)> kecewa",
    "formula": '=HYPERLINK("http://127.0.0.1","klik")',
    "special tokens": "<s></s><pad><unk><mask> kecewa",
    "entities": "&#0;&#x110000;&amp;amp;lt; kecewa",
    "private use": "\ue000\uf8ff\U000f0000",
    "unknown script": "𓀀𓀁𓀂 ᚠᚢᚦ",
    "newlines": "\n\r\n\t kecewa \u2028 banget \u2029",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_never_disturbs_its_neighbours(name: str) -> None:
    """Whatever stands between two calm texts, all three are answered and the calm ones keep their reading."""
    alone = reader().read([CALM])[0].impression
    before, held, after = reader().read([CALM, HOSTILE[name], CALM])
    assert before.impression is after.impression is alone
    assert held.probabilities is None or sum(held.probabilities.values()) == pytest.approx(1)


def test_what_is_not_a_text_is_not_scored() -> None:
    """An item that is no string is answered as not scored and does not fail its batch."""
    calm, number, nothing = reader().read(cast("list[str]", [CALM, 7, None]))
    assert calm.impression is not None
    assert number.impression is nothing.impression is None


def test_memory_stays_bounded() -> None:
    """Reading fifty different megabyte texts at once needs far less memory than the texts themselves."""
    texts = [f"keluhan nomor {number} " + "lemot sekali " * 80_000 for number in range(50)]
    found = reader()
    assert isinstance(found, BundledReader)
    tracemalloc.start()
    found.read(texts)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < sum(map(len, texts)) / 2
