"""Telegram's interface for bots as its documentation describes it, for the loopback server.

The token in the path, updates from an offset that confirms those before it, a hundred at most, one asker at a time,
refusals in the body with their own codes.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from loopback import Asked, Reply

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
GROUP = {"id": -1001234567890, "type": "supergroup", "title": "Pelanggan Kopi Senja", "username": "pelanggansenja"}
Update = dict[str, Any]


def update(number: int, text: str | None = "Kopi Senja telat lagi", kind: str = "message", **more: Any) -> Update:
    """Return an update of ours, as Telegram sends it."""
    sent = int((NOW - timedelta(minutes=60 - number)).timestamp())
    message = {
        "message_id": number,
        "date": sent,
        "chat": GROUP,
        "from": {"id": 4242, "is_bot": False, "first_name": "Siti", "username": "sitirahma"},
        **({"text": text} if text is not None else {}),
        **more,
    }
    return {"update_id": 9000 + number, kind: message}


@dataclass
class TelegramReplay:
    """Telegram on a day of our making; ``keeps`` lets confirmed updates come again, as no real server does."""

    updates: list[Update]
    keeps: bool = False
    busy: bool = False
    pause: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        found = re.fullmatch(r"/bot([^/]+)/(\w+)", asked.path)
        if not found or found.group(1) != TOKEN:
            return _reply(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        if self.pause:
            told = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 40"}
            return _reply(429, told | {"parameters": {"retry_after": self.pause}})
        if found.group(2) == "getMe":
            return _reply(200, {"ok": True, "result": {"id": 1, "is_bot": True, "first_name": "Simak"}})
        if self.busy:
            told = "Conflict: terminated by other getUpdates request"
            return _reply(409, {"ok": False, "error_code": 409, "description": told})
        return self._updates(json.loads(asked.body))

    def _updates(self, body: dict[str, Any]) -> Reply:
        self.asked.append(body)
        offset = body.get("offset", 0)
        if not self.keeps:
            self.updates = [one for one in self.updates if one["update_id"] >= offset]
        wanted = [
            one
            for one in self.updates
            if one["update_id"] >= offset and any(kind in one for kind in body["allowed_updates"])
        ]
        return _reply(200, {"ok": True, "result": wanted[: min(body["limit"], 100)]})


def _reply(status: int, body: Any) -> Reply:
    return Reply(status, {"Content-Type": "application/json"}, json.dumps(body).encode())
