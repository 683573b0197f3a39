"""The collector of e-mails keeps the promises of every collector, on a real Dovecot."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import pytest
from collector_contract import NOW, CollectorContract
from dovecot import Dovecot

from collectors.base import Tools
from collectors.email import Email, EmailOptions
from domain.errors import ConfigError
from domain.records import Raw


def letter(number: int, body: str = "Kopi saya datang dingin.", **headers: str) -> bytes:
    """Return a message of our making, as a mail programme would send it."""
    message = EmailMessage()
    message["From"] = f"Ibu Sari <Sari{number}@Example.com>"
    message["To"] = "halo@kopikita.example"
    message["Subject"] = f"Keluhan ke-{number}: kopi dingin"
    message["Date"] = f"Thu, 19 Nov 2026 10:{number % 60:02}:00 +0700"
    message["Message-ID"] = f"<surat-{number}@Example.com>"
    for name, value in headers.items():
        header = name.replace("_", "-")
        del message[header]
        if value:
            message[header] = value
    message.set_content(body)
    return bytes(message)


class TestEmail(CollectorContract):
    """Eight letters in two folders, read three at a time; one of them has no Message-ID."""

    kind = Email

    wrong = (
        {"host": "https://imap.example", "user": "halo"},
        {"host": "imap.example", "user": "halo", "folders": []},
        {"host": "imap.example", "user": "halo", "security": "none"},
        {"host": "imap.example", "user": "halo", "ca_file": "/nowhere/ca.pem"},
    )

    @pytest.fixture
    def options(self, dovecot: Dovecot) -> Mapping[str, Any]:
        """Fill a mailbox of this test's own and return the settings that lead to it."""
        user = f"u{uuid4().hex}"
        dovecot.put(user, [letter(n) for n in range(5)], at=NOW)
        dovecot.put(user, [letter(n) for n in (5, 6)] + [letter(7, Message_ID="")], "Keluhan", NOW)
        return {
            "host": "localhost",
            "user": user,
            "folders": ["INBOX", "Keluhan"],
            "port": dovecot.tls_port,
            "ca_file": str(dovecot.certificate),
            "page_size": 3,
        }

    @pytest.fixture
    def recorded(self) -> Sequence[Raw]:
        """Return raw items that no server sends: one without words, one without a time."""
        raw = {"id": "a@b", "answers": "", "from": "", "subject": "", "kind": "plain", "text": ""}
        return [
            {**raw, "date": "", "received_at": "19-Nov-2026 10:00:00 +0700"},
            {**raw, "date": "", "received_at": ""},
        ]

    def test_a_missing_password_is_told(self, tools: Tools) -> None:
        """Without its password the collector says which secret to set."""
        keyless = replace(tools, secret=lambda _: None)
        with pytest.raises(ConfigError, match="SIMAK_EMAIL_PASSWORD"):
            Email(EmailOptions(host="imap.example", user="halo"), keyless).check()
