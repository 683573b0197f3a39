"""Senders of webhooks: what signs, wraps and posts as Meta and a call centre's system do."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from collectors.base import Receipt, Receiver
from collectors.whatsapp import WhatsApp

NUMBER = "1122334455667"


def signed_by_meta(secret: str, body: bytes) -> dict[str, str]:
    """Return the headers of a call of the WhatsApp Cloud API."""
    return {"x-hub-signature-256": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}


def signed(secret: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers of a call of ``POST /ingest``."""
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"simak-signature": f"t={stamp},v1={digest}"}


def envelope(*messages: Mapping[str, Any], number: str = NUMBER, **more: Any) -> dict[str, Any]:
    """Return a call of WhatsApp's with some messages of one customer."""
    contact = {"profile": {"name": "Sari"}, "wa_id": "6281200000001", "user_id": "ID.1349120865530274"}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "622150000000", "phone_number_id": number},
        "contacts": [contact],
        **({"messages": list(messages)} if messages else {}),
        **more,
    }
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "1", "changes": [{"value": value, "field": "messages"}]}],
    }


def message(wamid: str, words: str = "Kopi saya datang dingin 😡", at: int = 1763600000, **more: Any) -> dict[str, Any]:
    """Return one text message."""
    return {
        "from": "6281200000001",
        "id": wamid,
        "timestamp": str(at),
        "type": "text",
        "text": {"body": words},
        **more,
    }


def edit(of: str, words: str, at: int) -> dict[str, Any]:
    """Return the edit of a text message."""
    changed = {"type": "text", "text": {"body": words}}
    return {
        "from": "6281200000001",
        "id": f"{of}-edit-{at}",
        "timestamp": str(at),
        "type": "edit",
        "edit": {"original_message_id": of, "message": changed},
    }


def revoke(of: str, at: int = 1763600900) -> dict[str, Any]:
    """Return the deletion of a message."""
    return {
        "from": "6281200000001",
        "id": f"{of}-revoke",
        "timestamp": str(at),
        "type": "revoke",
        "revoke": {"original_message_id": of},
    }


def meta_calls(collector: WhatsApp, secret: str, calls: Sequence[Mapping[str, Any]]) -> list[Receipt]:
    """Return what a collector makes of calls of WhatsApp's."""
    bodies = [json.dumps(call).encode() for call in calls]
    return [collector.receive(signed_by_meta(secret, body), body) for body in bodies]


def own_calls(collector: Receiver, secret: str, calls: Sequence[Any], at: datetime) -> list[Receipt]:
    """Return what a collector makes of calls of a system of one's own."""
    bodies = [json.dumps(call).encode() for call in calls]
    return [collector.receive(signed(secret, body, at), body) for body in bodies]


def recorded_calls(shared: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every recorded call of WhatsApp's with its name, such as ``message.text``."""
    for path in sorted((shared / "fixtures" / "whatsapp").glob("*.json")):
        for case, body in json.loads(path.read_text(encoding="utf-8")).items():
            yield f"{path.stem}.{case}", body


def item(number: int, **more: Any) -> dict[str, Any]:
    """Return an item of a call centre's."""
    return {
        "id": f"tiket-{number}",
        "published_at": f"2026-11-19T10:{number % 60:02}:00+07:00",
        "text": f"Pelanggan mengeluh kopi kita dingin, nomor antrean {number}.",
        "author": {"id": f"pelanggan-{number % 7}"},
        **more,
    }
