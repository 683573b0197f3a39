"""A chat exported by Telegram Desktop is imported as it stands."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from importing import import_files

from domain.errors import ConfigError
from domain.vocabulary import Platform

BOLD = [{"type": "bold", "text": "Kopi Senja"}, " telat lagi ", {"type": "link", "text": "https://s.id/x"}]


def message(number: int, text: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "date": "2026-11-20T18:00:00",
        "date_unixtime": str(1_795_174_000 + number),
        "from": "Siti Rahma",
        "from_id": "user4242",
        "text": text,
        **more,
    }


def chat(*messages: dict[str, Any], number: int = 77) -> dict[str, Any]:
    return {"name": "Pelanggan", "type": "private_supergroup", "id": number, "messages": list(messages)}


MESSAGES = (
    message(1, BOLD),
    {
        "id": 2,
        "type": "service",
        "date": "2026-11-20T18:00:00",
        "actor": "Siti Rahma",
        "action": "join_group",
        "text": "",
    },
    message(3, "", media_type="sticker"),
    message(4, "sudah dibalas", edited="2026-11-20T19:00:00", edited_unixtime="1795178000", reply_to_message_id=1),
)


def saved(folder: Path, whole: Any) -> Path:
    path = folder / "result.json"
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def test_an_exported_chat_is_understood(tmp_path: Path) -> None:
    """Marked parts are one text, times are those of the clock in UTC, notices and stickers are left out."""
    found = import_files(saved(tmp_path, chat(*MESSAGES)))
    assert found.reasons == []
    first, answer = found.mentions
    assert first.text == "Kopi Senja telat lagi https://s.id/x"
    assert first.published_at == datetime.fromtimestamp(1_795_174_001, UTC)
    assert (first.platform, answer.parent_id) == (Platform.TELEGRAM, "77:1")
    assert first.author
    assert first.author.native_id == "user4242"
    assert answer.revision == 1_795_178_000


def test_an_export_of_all_chats_is_understood(tmp_path: Path) -> None:
    """Messages of several chats keep apart, though each chat counts from one."""
    both = {
        "about": "Here is the data you requested.",
        "chats": {"list": [chat(*MESSAGES), chat(*MESSAGES, number=78)]},
    }
    found = import_files(saved(tmp_path, both), source="telegram")
    assert found.ids == ["telegram:77:1", "telegram:77:4", "telegram:78:1", "telegram:78:4"]


def test_an_export_that_broke_off_is_told(tmp_path: Path) -> None:
    """A file that ends in the middle is one sentence that says what to do."""
    path = saved(tmp_path, chat(*MESSAGES))
    path.write_text(path.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    with pytest.raises(ConfigError, match="export it again"):
        import_files(path)


def test_an_export_twice_is_the_same(tmp_path: Path) -> None:
    """A later, longer export brings the same messages under the same ids."""
    first = import_files(saved(tmp_path, chat(*MESSAGES[:1])))
    later = import_files(saved(tmp_path, chat(*MESSAGES)))
    assert first.ids == later.ids[:1]
