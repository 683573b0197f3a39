"""What a message says, and what it advises."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alerts.advice import Advice, advise
from alerts.messages import Example, Message, compose, gather, trial
from alerts.reasons import reasons
from domain.vocabulary import AlertLevel, AlertReason, MessageKind, Platform
from speech.saying import LANGUAGES, Speech

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "p": 0.82,
    "reach": 200,
    "horizon_h": 24,
    "count": 46,
    "expected": 310,
    "low": 160,
    "high": 620,
    "authors": 35,
    "usual": 1.2,
    "window_h": 1,
    "crowd": 3.4,
    "speed": 0.9,
    "added_60": 24,
    "arousal": 0.8,
    "views": 4177,
}
EXAMPLE = Example("Sudah <b>3 hari</b>\npesanan saya belum datang!", Platform.X, NOW, "https://example.com/x/1")


def message(kind: MessageKind = MessageKind.OPENED, **facts: Any) -> Message:
    looked_at = NOW - timedelta(minutes=12)
    told = {**FACTS, **facts}
    return Message(kind, AlertLevel.WARN, AlertReason.SNOWBALL, "k1", "Kopi Kita", looked_at, told, [EXAMPLE] * 5)


def test_an_alert_says_how_likely_why_and_what_to_do() -> None:
    """Probability, horizon, size, reasons with numbers, examples with links, age of the reading, advice and links."""
    words = compose(message(), Speech("id", "Asia/Jakarta"), NOW, "https://simak.example.com/")
    assert words.title == "🟠 WASPADA · Kopi Kita · Bola salju"
    for part in (
        "Kemungkinan 82% menjangkau 200 orang dalam 24 jam",
        "perkiraan akhirnya 310 (160 sampai 620)",
        "35 orang mengeluhkannya dalam 60 menit; biasanya 1,2.",
        "24 orang bertambah dalam satu jam terakhir.",
        "“Sudah <b>3 hari</b> pesanan saya belum datang!” (X, 23 Nov 2026 10.00 WIB)\n  https://example.com/x/1",
        "Jangan menawarkan kompensasi",
        "Terakhir dibaca 12 menit yang lalu",
        "https://simak.example.com/snowball?alert=k1&do=ack",
    ):
        assert part in words.body
    assert words.body.count("https://example.com/x/1") == 3


def test_an_end_asks_for_nothing() -> None:
    """A message that it is over gives neither advice nor ways to act."""
    words = compose(message(MessageKind.RESOLVED), Speech("en", "Asia/Jakarta"), NOW, "https://simak.example.com")
    assert "Resolved" in words.title
    assert "What to do" not in words.body
    assert "do=ack" not in words.body


def test_what_has_happened_is_not_called_likely() -> None:
    """Past its reach an alert tells the count, not a chance."""
    words = compose(message(count=250), Speech("en", "Asia/Jakarta"), NOW)
    assert "It has reached 250 people" in words.body
    assert "chance" not in words.body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", AlertReason)
def test_every_reason_has_its_sentence_without_any_fact(language: str, reason: AlertReason) -> None:
    """An alert of any reason is told in both languages, also when its facts are missing."""
    bare = Message(MessageKind.OPENED, AlertLevel.WATCH, reason, "k", None, NOW)
    words = compose(bare, Speech(language, "Asia/Jayapura"), NOW, "https://simak.example.com")
    assert words.body
    assert "{" not in words.body


def test_a_digest_puts_the_gravest_first_and_a_sample_says_so() -> None:
    """Several alerts become one message; what is fictional is marked."""
    calm = Message(MessageKind.OPENED, AlertLevel.WATCH, AlertReason.VOLUME, "a", "Kopi", NOW, {"count": 9, "usual": 2})
    words = gather([calm, message()], MessageKind.DIGEST, Speech("id", "Asia/Jakarta"), NOW, None)
    assert words.title == "Rangkuman pagi: 2 alert"
    assert words.body.index("WASPADA") < words.body.index("AMATI")
    sample = Message(MessageKind.OPENED, AlertLevel.WATCH, AlertReason.VOLUME, "a", "Kopi", NOW, sample=True)
    assert compose(sample, Speech("id", "Asia/Jakarta"), NOW).title.startswith("[CONTOH]")
    assert "Rani" in trial("Rani", Speech("id", "Asia/Jakarta"), NOW).body


def test_reasons_are_three_and_the_strongest_come_first() -> None:
    """Harm comes first, then what moved the forecast most; nothing is told twice."""
    told = reasons({**FACTS, "severity.fraud": 0.5, "quiet": 4, "size": 0.05}, Speech("en", "Asia/Jakarta"))
    assert [line.split()[0] for line in told] == ["It", "4", "35"]
    assert len(reasons(FACTS, Speech("id", "Asia/Jakarta"))) == 2


def test_compensation_is_warned_of_where_anger_is_high() -> None:
    """The warning comes with anger only, experts with grave harm, and a burning one is not apologised away."""
    assert advise(AlertReason.SNOWBALL, FACTS)[-1] is Advice.NO_COMPENSATION
    assert Advice.NO_COMPENSATION not in advise(AlertReason.SNOWBALL, {"arousal": 0.2})
    assert advise(AlertReason.SNOWBALL, {"severity.safety": 0.4})[0] is Advice.EXPERTS
    assert Advice.VARY in advise(AlertReason.SNOWBALL, {"count": 300, "reach": 200})
    assert advise(AlertReason.STALE, {}) == [Advice.CHECK]
