"""The last hop: what each service is really sent by Apprise, with hostile words in it, against a loopback."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram
from loopback import Behaviour, Loopback, Reply
from pydantic import SecretStr

from alerts.messages import Words
from alerts.notifier import Channels, Receipt, fit, harmless

Serve = Callable[[Behaviour], Loopback]
KEY = "0123456789abcdef01234567"
TOKEN = "abcdefgRAHASIA"
ADDRESSES = {
    "telegram": f"tgram://123456789:{TOKEN}/12315544/",
    "slack": f"slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#{TOKEN.lower()}",
    "discord": f"discord://4174216298/{TOKEN}/",
}
EVIL = (
    '<b>x <script>a</script> <a href="http://jahat.example">bank</a> [bank](http://jahat.example) @everyone <!channel>'
)
LINK = "Buka: https://simak.example.com/snowball?alert=a_b_c&do=ack"
ANSWERS = {"telegram": b'{"ok": true}', "slack": b"ok", "discord": b"{}"}


@pytest.fixture
def ask(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Reply, Words], tuple[Receipt, Loopback]]:
    """Return a function that sends words by a service's own plugin to a loopback that answers for it."""

    def send(service: str, reply: Reply, words: Words) -> tuple[Receipt, Loopback]:
        server = serve(lambda _: reply)
        monkeypatch.setattr(NotifyTelegram, "notify_url", f"{server.url}/bot")
        monkeypatch.setattr(NotifySlack, "webhook_url", server.url)
        monkeypatch.setattr(NotifyDiscord, "notify_url", server.url)
        return Channels(lambda _: SecretStr(ADDRESSES[service])).send(service, words, key=KEY), server

    return send


def said(server: Loopback) -> str:
    """Return all words of the one request."""
    (asked,) = server.asked
    sent: dict[str, Any] = json.loads(asked.body)
    return str(sent.get("text") or sent.get("content") or sent["attachments"][0]["text"])


@pytest.mark.parametrize("service", ADDRESSES)
def test_hostile_words_arrive_as_words(service: str, ask: Callable[..., tuple[Receipt, Loopback]]) -> None:
    """What a stranger wrote becomes no tag, no hidden link and no bell; our own link and the key come whole."""
    receipt, server = ask(service, Reply(body=ANSWERS[service]), Words("🔴 Kopi <i>", f"{EVIL}\n\n{LINK}"))
    words = said(server)
    assert receipt == Receipt()
    for harm in ("<a", "<script", "<b>x", "<i>", "](http", "@everyone", "<!channel"):
        assert harm not in words, words
    assert LINK.replace("&", "&amp;" if service != "discord" else "&") in words
    assert f"#{KEY[:8]}" in words


@pytest.mark.parametrize("service", ADDRESSES)
def test_a_refusal_tells_how_long_and_nothing_of_the_address(
    service: str, ask: Callable[..., tuple[Receipt, Loopback]], caplog: pytest.LogCaptureFixture
) -> None:
    """429 with Retry-After is asked once, at once, and heard; neither the error nor any log holds a token."""
    caplog.set_level(logging.WARNING)
    asked = {"Retry-After": "77", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"}
    receipt, server = ask(service, Reply(429, asked, b'{"ok": false}'), Words("judul", "isi"))
    assert receipt == Receipt("The channel answered 429.", 77.0)
    assert len(server.asked) == 1
    assert TOKEN.lower() not in f"{caplog.text}{receipt}".lower()


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("", None),
        ("nanti", None),
        ("-5", None),
        ("0", 0.0),
        ("Mon, 23 Nov 2020 05:00:00 -0000", 0.0),
        ("9" * 400, None),
    ],
)
def test_an_odd_retry_after_harms_nothing(
    asked: str, seconds: float | None, ask: Callable[..., tuple[Receipt, Loopback]]
) -> None:
    """What is no number and no date is as if nothing had been asked; a date in the past asks for nothing."""
    receipt, _ = ask("discord", Reply(503, {"Retry-After": asked}), Words("judul", "isi"))
    assert receipt.error == "The channel answered 503."
    assert receipt.wait_s == seconds


def test_a_refused_token_is_hopeless(ask: Callable[..., tuple[Receipt, Loopback]]) -> None:
    """401 is told as what another try will not change."""
    receipt, _ = ask("telegram", Reply(401, body=b'{"ok": false}'), Words("judul", "isi"))
    assert receipt.hopeless


def test_long_messages_lose_paragraphs_and_never_their_links() -> None:
    """Whatever the limit is, the last paragraph stays whole as long as it fits at all."""
    body = "\n\n".join(["Ringkas.", "alasan " * 90, "kutipan " * 40, LINK])
    for longest in (60 + len(LINK), 300, 500, 1_000, 4_096):
        short = fit(Words("judul", body), longest).body
        assert len(short) <= longest
        assert short.endswith(LINK)
    assert fit(Words("judul", body), 10_000).body == body


def test_control_characters_go_and_emoji_stay() -> None:
    """A bell, a null and a right-to-left override are taken out; joined emoji stay joined."""
    assert harmless("a\x07b\x00c\u202ed 👩\u200d🍳\n") == "abcd 👩\u200d🍳\n"
