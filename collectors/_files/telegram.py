"""Reads the chats that Telegram Desktop exports as JSON (``result.json``): one message a row."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import ijson

from collectors._files.objects import utf8
from collectors._files.records import CELL, Row
from domain.errors import ConfigError

COLUMNS: Final = ("message_id", "date", "author_id", "text", "updated_at", "in_reply_to_id")
_KINDS = r"personal_chat|bot_chat|saved_messages|(?:private|public)_(?:group|supergroup|channel)"
_EXPORT = re.compile(rf'\{{.*"type"\s*:\s*"(?:{_KINDS})".*"messages"\s*:\s*\[', re.DOTALL)
_CHATS: Final = ("", "chats.list.item.")


def is_export(head: str) -> bool:
    """Tell whether a text begins as an export of Telegram Desktop does."""
    return _EXPORT.match(head[:8_192]) is not None


def read_export(path: Path, encoding: str) -> Iterator[Row]:
    """Yield a row for each message somebody wrote; notices of the system and media without a text are left out.

    The line is the message's place among all. Raises ConfigError when the file stops being JSON.
    """
    try:
        with path.open("rb") as file:
            for place, (chat, message) in enumerate(_messages(ijson.parse(utf8(file, encoding), use_float=True)), 1):
                if cells := _cells(chat, message):
                    yield Row(place, cells)
    except ijson.JSONError as error:
        raise ConfigError(f"{path.name} is not whole JSON; export it again.") from error


def _messages(events: Iterator[tuple[str, str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each message with the number of its chat, which stands before its messages."""
    chat, builder = "", None
    for prefix, event, value in events:
        if prefix in {f"{before}id" for before in _CHATS}:
            chat = str(value)
        elif prefix in {f"{before}messages.item" for before in _CHATS} and event in {"start_map", "end_map"}:
            if event == "start_map":
                builder = ijson.ObjectBuilder()
                builder.event(event, value)
            elif builder:
                builder.event(event, value)
                yield chat, builder.value
                builder = None
            continue
        if builder:
            builder.event(event, value)


def _cells(chat: str, message: dict[str, Any]) -> dict[str, Any] | None:
    """Return a message as a row, or ``None`` when nobody says anything in it."""
    text = _text(message.get("text")).strip()
    if message.get("type") != "message" or not text:
        return None
    answered = message.get("reply_to_message_id")
    return {
        "message_id": f"{chat}:{message.get('id')}",
        "date": _moment(message, "date"),
        "author_id": message.get("from_id"),
        "text": text[:CELL],
        "updated_at": _moment(message, "edited"),
        "in_reply_to_id": f"{chat}:{answered}" if answered else None,
    }


def _text(told: Any) -> str:
    """Return a text that is a string, or a list of strings and of marked parts."""
    if isinstance(told, list):
        return "".join(_text(part.get("text") if isinstance(part, dict) else part) for part in told)
    return told if isinstance(told, str) else ""


def _moment(message: dict[str, Any], name: str) -> str | None:
    """Return a time in UTC; the one in words is by the clock of whoever exported it."""
    seconds = message.get(f"{name}_unixtime")
    return str(seconds) if seconds else message.get(name)
