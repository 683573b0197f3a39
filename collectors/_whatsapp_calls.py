"""What stands in a call of the WhatsApp Cloud API: messages, echoes of the brand's own, edits, deletions, statuses.

A call is a batch of entries of changes of messages. Whatever is no mention by its nature is counted with a reason.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from domain.records import Raw

_Json = Mapping[str, Any]
# The changes that hold messages, and under which name; ``smb_message_echoes``: what staff wrote by the phone app.
_MESSAGES: Final = {"messages": "customer", "message_echoes": "brand"}
# A kind of message, and where its writer's own words stand in it.
_WORDS: Final = {
    "text": ("text", "body"),
    "image": ("image", "caption"),
    "video": ("video", "caption"),
    "document": ("document", "caption"),
    "order": ("order", "text"),
}
# A tap on an answer that the brand prepared is the brand's words: read as the customer's they would be praise or
# blame that nobody wrote. The others hold no words at all.
_WORDLESS: Final = {
    "audio": "a recording",
    "sticker": "a sticker",
    "location": "a place",
    "contacts": "contacts",
    "reaction": "a reaction",
    "button": "a tap on a prepared answer",
    "interactive": "a tap on a prepared answer",
    "system": "a notice of WhatsApp's",
    "unsupported": "a kind that WhatsApp does not hand on",
    "request_welcome": "a notice of WhatsApp's",
}
STATUS: Final = "a status of a message sent"
OTHER_NUMBER: Final = "for another number of the account"
OTHER_FIELD: Final = "a change of another kind than messages"
NO_WORDS: Final = "media without a caption"


class Call:
    """One call taken apart: raw items in order, ids that are gone, and what was left out and why."""

    def __init__(self, body: _Json, numbers: tuple[str, ...]) -> None:
        """Take a body apart, keeping to these ids of phone numbers where there are any."""
        self.raws: list[Raw] = []
        self.gone: list[str] = []
        self.ignored: Counter[str] = Counter()
        self._numbers = numbers
        for change in _changes(body):
            self._guarded(self._change, change)

    def _guarded(self, part: Any, *given: Any) -> None:
        """Set a part aside whose shape is not the documented one, by the names of its fields alone."""
        try:
            part(*given)
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
            last = given[-1]
            fields = sorted(map(str, last)) if isinstance(last, Mapping) else type(last).__name__
            self.raws.append({"unreadable": fields})

    def _change(self, change: _Json) -> None:
        value = change["value"]
        held = [(name, role) for name, role in _MESSAGES.items() if name in value]
        if not held and "statuses" not in value:
            self.ignored[OTHER_FIELD] += 1
            return
        statuses = _list(value.get("statuses"))
        number = str(value["metadata"]["phone_number_id"])
        if self._numbers and number not in self._numbers:
            self.ignored[OTHER_NUMBER] += len(statuses) + sum(len(_list(value[name])) for name, _ in held)
            return
        self.ignored[STATUS] += len(statuses)
        for name, role in held:
            for message in _list(value[name]):
                self._guarded(self._message, value, number, role, message)

    def _message(self, value: _Json, number: str, role: str, message: _Json) -> None:
        kind = message["type"]
        if kind == "revoke":
            self.gone.append(key(message["revoke"]["original_message_id"]))
            return
        about, original, told = message, message["id"], {}
        if kind == "edit":
            about, original = message["edit"]["message"], message["edit"]["original_message_id"]
            kind, told = about["type"], {"edited": True}
        if reason := _wordless(kind, about):
            self.ignored[reason] += 1
            return
        context = about.get("context") or message.get("context") or {}
        self.raws.append(
            {
                "id": key(original),
                "at": str(message["timestamp"]),
                "kind": kind,
                "text": _words(kind, about),
                "role": role,
                "author": number if role == "brand" else _author(value, message),
                **({"parent": key(context["id"])} if context.get("id") else {}),
                **told,
            }
        )


def key(wamid: object) -> str:
    """Return the id that a message goes by here: WhatsApp's own spells out the customer's telephone number."""
    if not isinstance(wamid, str) or not wamid:
        raise TypeError("a message without an id")
    return hashlib.blake2b(wamid.encode(errors="replace"), digest_size=16, person=b"wamid").hexdigest()


def _wordless(kind: str, message: _Json) -> str | None:
    """Return why a message is no mention, or ``None`` when it may be one or its kind is not known."""
    if kind in _WORDLESS:
        return _WORDLESS[kind]
    return NO_WORDS if kind in _WORDS and kind != "text" and not _words(kind, message) else None


def _words(kind: str, message: _Json) -> str | None:
    if kind not in _WORDS:
        return None
    outer, inner = _WORDS[kind]
    words = message[outer].get(inner)
    if words is not None and not isinstance(words, str):
        raise TypeError("the words are no text")
    return words


def _author(value: _Json, message: _Json) -> str:
    """Return who writes: the id that WhatsApp gives a customer of this business, else the telephone number.

    From 2026 on a customer may hide the number or change it; the id stays.
    """
    number = message.get("from")
    contacts = [contact for contact in _list(value.get("contacts")) if contact.get("wa_id") == number]
    known = message.get("from_user_id") or next((contact.get("user_id") for contact in contacts), None) or number
    if not isinstance(known, str):
        raise TypeError("a message of nobody")
    return known


def _changes(body: _Json) -> Iterator[_Json]:
    return (change for entry in _list(body["entry"]) for change in _list(entry["changes"]))


def _list(value: Any) -> list[Any]:
    """Return a list, an absent one as empty; raises TypeError for anything else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError("no list")
    return value
