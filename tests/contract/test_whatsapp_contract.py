"""The collector of WhatsApp messages keeps the promises of every collector."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from collector_contract import CollectorContract, stored
from pushing import edit as edited
from pushing import envelope, message, meta_calls, recorded_calls, revoke, signed_by_meta
from pydantic import SecretStr
from stored_contract import SECRET

from collectors._pushed import RefusedError, UnsignedError
from collectors._whatsapp_calls import NO_WORDS, OTHER_NUMBER, STATUS, key
from collectors.base import Caps, Receipt, Receiver, Tools
from collectors.runner import understand
from collectors.whatsapp import WhatsApp, WhatsAppOptions
from domain.errors import ConfigError
from domain.query import Query
from domain.records import Cursor, Page, Raw
from domain.vocabulary import Platform, Role

CALLS = (
    envelope(message("wamid.1"), message("wamid.2", "Enak banget kopinya!", 1763600100)),
    envelope(message("wamid.3", "Ralat, sudah diganti", 1763600200, context={"id": "wamid.1", "from": "622150000000"})),
    envelope(edited("wamid.9", "Kopinya dingin, eh, esnya cair", 1763600500), revoke("wamid.2")),
    envelope(message("wamid.1"), statuses=[{"id": "wamid.8", "status": "read", "timestamp": "1763600000"}]),
)
TAP, NOTICE, OTHER = "a tap on a prepared answer", "a notice of WhatsApp's", "a kind that WhatsApp does not hand on"
# What each recorded call must become: the words and the role of a mention, the id that is gone, or why it is none.
RECORDED: Mapping[str, Any] = {
    "callback_button.button": TAP,
    "callback_button.quick_reply": TAP,
    "callback_button.quick_reply_without_context": TAP,
    "callback_selection.callback": TAP,
    "callback_selection.description": TAP,
    "deleted_message.revoke": ("gone", "<ORIGINAL_WHATSAPP_MESSAGE_ID>"),
    "edited_message.image": ("Updated image caption", Role.CUSTOMER),
    "message.animated_sticker": "a sticker",
    "message.audio": "a recording",
    "message.chosen_location": "a place",
    "message.contacts": "contacts",
    "message.current_location": "a place",
    "message.document": ("caption", Role.CUSTOMER),
    "message.forwarded": ("forwarded text", Role.CUSTOMER),
    "message.forwarded_many_times": ("text forwarded many times", Role.CUSTOMER),
    "message.image": NO_WORDS,
    "message.interactive_message_with_err": TAP,
    "message.media_with_url": NO_WORDS,
    "message.order": NO_WORDS,
    "message.reaction": "a reaction",
    "message.referral": ("BODY", Role.CUSTOMER),
    "message.reply": ("replied text", Role.CUSTOMER),
    "message.static_sticker": "a sticker",
    "message.text": ("Body Text", Role.CUSTOMER),
    "message.unreaction_empty": "a reaction",
    "message.unreaction_no_emoji": "a reaction",
    "message.unsupported": OTHER,
    "message.unsupported_with_type": OTHER,
    "message.video": ("caption", Role.CUSTOMER),
    "message.voice": "a recording",
    "message_status.delivered": STATUS,
    "message_status.failed": STATUS,
    "message_status.group": STATUS,
    "message_status.played": STATUS,
    "message_status.read": STATUS,
    "message_status.sent": STATUS,
    "message_status.with_tracker": STATUS,
    "outgoing_message.delete": ("gone", "wamid.zzzzzz"),
    "outgoing_message.edit": ("Text was edited", Role.BRAND),
    "outgoing_message.text": ("Test message", Role.BRAND),
    "system.identity_change": NOTICE,
    "system.phone_number_change": NOTICE,
}


class Posted(WhatsApp):
    """The collector, with a sender beside it that makes its calls when it is walked."""

    caps: ClassVar[Caps] = replace(WhatsApp.caps, pushed=False)

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield what becomes of each call."""
        return (receipt.page for receipt in meta_calls(self, SECRET, CALLS))


class TestWhatsApp(CollectorContract):
    """Four calls with messages, an answer, an edit whose message never came, a deletion, a status and a replay."""

    kind = Posted

    @pytest.fixture
    def options(self) -> Mapping[str, Any]:
        """Return the settings of a brand's number."""
        return {"about": "kopi"}

    @pytest.fixture
    def recorded(self, shared: Path, tools: Tools) -> Sequence[Raw]:
        """Return the recorded messages."""
        collector = WhatsApp(WhatsAppOptions(), tools)
        receipts = meta_calls(collector, SECRET, [body for _, body in recorded_calls(shared)])
        return [raw for receipt in receipts for raw in receipt.page.raws]

    def test_ids_are_unique_and_stable(self, make: Callable[[], Any], pages: list[Page]) -> None:
        """Calls come at least once, so here the same id is the same text, and a second walk gives the same ids."""
        seen = [m for page in pages for _, m in understand(make(), page).items]
        assert all(a == b for a in seen for b in seen if (a.native_id, a.revision) == (b.native_id, b.revision))
        again = list(make().pages(None, Cursor()))
        assert stored(make(), again).keys() == stored(make(), pages).keys()


@pytest.fixture
def collector() -> WhatsApp:
    """Return a collector with both secrets."""
    return made()


def made(secrets: Sequence[str] = ("whatsapp_app_secret", "whatsapp_verify_token"), **options: Any) -> WhatsApp:
    """Return a collector with some secrets."""
    tools = Tools(
        http=None,  # type: ignore[arg-type]  # It calls nobody.
        now=lambda: datetime(2026, 11, 20, tzinfo=UTC),
        secret=lambda name: SecretStr(SECRET) if name in secrets else None,
    )
    return WhatsApp(WhatsAppOptions(**options), tools)


def told(collector: WhatsApp, receipt: Receipt) -> Any:
    """Return what a call with one message became, as ``RECORDED`` writes it."""
    delivery = understand(collector, receipt.page)
    assert not delivery.poisoned
    if receipt.ignored:
        assert not receipt.page.raws
        assert not receipt.page.gone
        (reason,) = receipt.ignored
        return reason
    if receipt.page.gone:
        (gone,) = receipt.page.gone
        return "gone", gone
    ((_, mention),) = delivery.items
    assert mention.author
    return mention.text, mention.author.role


def test_every_recorded_call_maps_or_is_explained(shared: Path, collector: WhatsApp) -> None:
    """Each recorded call becomes a mention, a deletion, or is left out for a reason that is counted."""
    calls = dict(recorded_calls(shared))
    assert calls.keys() == RECORDED.keys()
    for name, body in calls.items():
        (receipt,) = meta_calls(collector, SECRET, [body])
        wanted = RECORDED[name]
        expected = ("gone", key(wanted[1])) if wanted[0] == "gone" else wanted
        assert told(collector, receipt) == expected, name


def test_the_author_is_the_stable_id(collector: WhatsApp) -> None:
    """A customer goes by the id that stays when the number changes, and by the number only where there is no id."""
    known, named, unknown = (
        message("wamid.1"),
        message("wamid.2", from_user_id="ID.77"),
        message("wamid.3") | {"from": "6281299999999"},
    )
    (receipt,) = meta_calls(collector, SECRET, [envelope(known, named, unknown)])
    authors = [raw["author"] for raw in receipt.page.raws]
    assert authors == ["ID.1349120865530274", "ID.77", "6281299999999"]


def test_no_more_of_people_is_kept_than_needed(collector: WhatsApp) -> None:
    """A raw item holds neither the profile's name, nor the id of a message, which spells out the telephone number."""
    (receipt,) = meta_calls(collector, SECRET, [envelope(message("wamid.HBgNNjI4MTIwMDAwMDAwMRUCABIYFDNB"))])
    kept = json.dumps(receipt.page.model_dump(mode="json"))
    assert "Sari" not in kept
    assert "HBgN" not in kept
    assert "62812" not in kept


def test_other_numbers_of_the_account_are_left_out() -> None:
    """A message for a number that is not listened to is counted with the reason and leaves nothing."""
    collector = made(phone_number_id=["777"])
    mine, other = meta_calls(collector, SECRET, [envelope(message("wamid.1"), number="777"), envelope(message("x"))])
    assert len(mine.page.raws) == 1
    assert other == Receipt(Page(), {OTHER_NUMBER: 1})


def test_a_batch_keeps_its_order_and_its_parts(collector: WhatsApp) -> None:
    """All of a call's entries, changes and messages are taken, and one that is odd is set aside alone."""
    one, two = envelope(message("wamid.1"), message("wamid.2")), envelope(message("wamid.3"))
    odd = envelope({"id": "wamid.4"}, {**message("wamid.5"), "type": "hologram"}, message("wamid.6"))
    body = {"object": "x", "entry": [*one["entry"], *two["entry"], *odd["entry"]]}
    (receipt,) = meta_calls(collector, SECRET, [body])
    delivery = understand(collector, receipt.page)
    assert [m.native_id for _, m in delivery.items] == [key(f"wamid.{n}") for n in (1, 2, 3, 6)]
    assert [p.raw.get("unreadable") or p.raw["kind"] for p in delivery.poisoned] == [["id"], "hologram"]


UNSIGNED = ({}, {"x-hub-signature-256": ""}, {"x-hub-signature-256": "sha256=é"}, {"x-hub-signature": "sha1=0"})
NO_CALLS = (b"", b"[", b"[]", b"{}", b"1", b'{"entry": 1}', b"[" * 100_000, b"\xff", b"1" * 9_999)


@pytest.mark.parametrize("header", UNSIGNED)
def test_an_unsigned_call_is_refused(collector: WhatsApp, header: dict[str, str]) -> None:
    """A call without the app's signature is refused before it is read."""
    with pytest.raises(UnsignedError):
        collector.receive(header, b"{")


def test_the_signature_is_over_the_raw_bytes(collector: WhatsApp) -> None:
    """The same JSON in other bytes does not carry the signature; an emoji, escaped or not, does no harm."""
    body = json.dumps(envelope(message("wamid.1")), ensure_ascii=False).encode()
    assert collector.receive(signed_by_meta(SECRET, body), body).page.raws[0]["text"].endswith("😡")
    with pytest.raises(UnsignedError):
        collector.receive(signed_by_meta(SECRET, body), json.dumps(json.loads(body)).encode())


@pytest.mark.parametrize("body", NO_CALLS, ids=range(len(NO_CALLS)))
def test_a_signed_call_that_is_none_is_refused(collector: WhatsApp, body: bytes) -> None:
    """A body that is no call of WhatsApp's is refused in a sentence, whatever it is."""
    with pytest.raises(RefusedError, match=r"\.$"):
        collector.receive(signed_by_meta(SECRET, body), body)


def test_verification_echoes_only_the_challenge(collector: WhatsApp) -> None:
    """The challenge comes back for the right word, and neither markup nor a long text nor a wrong word does."""
    asked = {"hub.mode": "subscribe", "hub.verify_token": SECRET, "hub.challenge": "1158201444"}
    assert collector.greet(asked) == "1158201444"
    for wrong in (
        {"hub.verify_token": "salah"},
        {"hub.verify_token": "é"},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": "<script>"},
        {"hub.challenge": "1" * 201},
        {"hub.challenge": "1\n"},
    ):
        with pytest.raises(UnsignedError):
            collector.greet(asked | wrong)


@pytest.mark.parametrize("missing", ["whatsapp_app_secret", "whatsapp_verify_token"])
def test_a_missing_secret_is_named(missing: str) -> None:
    """The check names the variable that is missing."""
    there = {"whatsapp_app_secret", "whatsapp_verify_token"} - {missing}
    with pytest.raises(ConfigError, match=f"SIMAK_{missing.upper()} is not set"):
        made(tuple(there)).check()


def test_it_is_a_receiver(collector: WhatsApp) -> None:
    """It says that it is called, has nothing to be asked for, and its messages are WhatsApp's."""
    assert isinstance(collector, Receiver)
    assert collector.caps.pushed
    assert not list(collector.pages(None, Cursor()))
    (receipt,) = meta_calls(collector, SECRET, [envelope(message("wamid.1"))])
    assert collector.map(receipt.page.raws[0]).platform is Platform.WHATSAPP
