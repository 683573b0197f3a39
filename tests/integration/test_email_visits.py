"""Visits to a real Dovecot: what is read, how often, how much of it, and by which way."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from dovecot import PASSWORD, Dovecot
from pydantic import SecretStr

from collectors._dial import Connection, guarded_dial
from collectors.base import Tools
from collectors.email import Email, EmailOptions
from collectors.http import Limits, guarded
from collectors.runner import understand
from domain.errors import ConfigError, PermanentError
from domain.records import Cursor, Mention, Page
from domain.vocabulary import Platform, Role

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
Visit = Callable[..., Email]


def letter(name: str, body: str = "Kopinya dingin.", **headers: str) -> bytes:
    """Return a message of our making."""
    given = {
        "From": "Ibu Sari <Sari@Example.com>",
        "Subject": f"Keluhan {name}",
        "Date": "Thu, 19 Nov 2026 10:00:00 +0700",
        "Message-ID": f"<{name}@Example.com>",
    }
    message = EmailMessage(SMTP)
    for header, value in {**given, **{key.replace("_", "-"): it for key, it in headers.items()}}.items():
        if value:
            message[header] = value
    message.set_content(body)
    return bytes(message)


class Counted(Connection):
    """A connection whose bytes are counted."""

    received = 0

    def _fill(self) -> None:
        before = self._read
        super()._fill()
        Counted.received += self._read - before


@pytest.fixture
def user() -> str:
    """Return the name of a mailbox that nobody has used."""
    return f"u{uuid4().hex}"


@pytest.fixture
def visit(dovecot: Dovecot, user: str) -> Visit:
    """Return a function that makes a collector of that mailbox."""
    dial = guarded_dial(["localhost", "127.0.0.1"], Limits(silence=5, total=20))

    def make(password: str = PASSWORD, **options: Any) -> Email:
        given = {"host": "localhost", "user": user, "port": dovecot.tls_port, "ca_file": str(dovecot.certificate)}
        with guarded() as client:
            tools = Tools(client, lambda: NOW, lambda _: SecretStr(password), dial=dial)
        return Email(EmailOptions(**{**given, **options}), tools)

    return make


def walk(collector: Email, cursor: Cursor | None = None) -> list[Page]:
    return list(collector.pages(None, cursor or Cursor()))


def mentions(collector: Email, pages: list[Page]) -> dict[str, Mention]:
    delivered = [understand(collector, page) for page in pages]
    assert not [poison.reason for one in delivered for poison in one.poisoned]
    return {mention.native_id: mention for one in delivered for _, mention in one.items}


def test_a_letter_becomes_a_mention(dovecot: Dovecot, user: str, visit: Visit) -> None:
    """Subject and own words, the writer's address, the time as written, what it answers, whom it is about."""
    body = "Tolong diganti!\n\nPada Kam, 19 Nov 2026 pukul 09.00 CS <cs@kopi.example> menulis:\n> Halo Kak\n"
    answer = letter("b", body, Subject="Re: Kopi dingin", In_Reply_To="<a@Kopi.Example>")
    dovecot.put(user, [answer, letter("c", From="CS <CS@kopi.example>"), letter("d", From="promo@kopi.example")])
    collector = visit(about="kopi", brand_addresses=["cs@Kopi.example", "@toko.example"])
    pages = walk(collector)
    found = mentions(collector, pages)
    first = found["b@example.com"]
    assert (first.platform, first.text) == (Platform.EMAIL, "Kopi dingin\nTolong diganti!")
    assert first.author
    assert (first.author.native_id, first.author.role) == ("sari@example.com", Role.CUSTOMER)
    assert (first.parent_id, first.about) == ("a@kopi.example", "kopi")
    assert first.published_at == datetime(2026, 11, 19, 3, tzinfo=UTC)
    roles = {name: mention.author and mention.author.role for name, mention in found.items()}
    assert roles == {"b@example.com": Role.CUSTOMER, "c@example.com": Role.BRAND, "d@example.com": Role.CUSTOMER}
    # Of people the raw item holds the writer's address alone.
    kept = {"id", "answers", "from", "subject", "date", "received_at", "kind", "text"}
    assert [set(raw) for raw in pages[0].raws] == [kept] * 3
    assert "Ibu Sari" not in json.dumps(pages[0].raws)


def test_nothing_is_marked_as_read(dovecot: Dovecot, user: str, visit: Visit) -> None:
    """A visit leaves every message as new as it was."""
    dovecot.put(user, [letter("a"), letter("b")])
    assert len(mentions(visit(), walk(visit()))) == 2
    assert not [line for line in dovecot.flags(user) if b"\\Seen" in line]


def test_the_last_message_is_not_read_again(dovecot: Dovecot, user: str, visit: Visit) -> None:
    """A visit without news brings no page, though “n:*” names the last message; news are brought alone."""
    dovecot.put(user, [letter("a")])
    cursor = walk(visit())[-1].cursor
    assert walk(visit(), cursor) == []
    dovecot.put(user, [letter("b")])
    assert list(mentions(visit(), walk(visit(), cursor))) == ["b@example.com"]


def test_a_folder_made_anew_is_read_anew_without_doubles(dovecot: Dovecot, user: str, visit: Visit) -> None:
    """Another UIDVALIDITY makes the UIDs worthless: all is read, and known by its Message-ID or its digest."""
    old = [letter("a"), letter("tanpa-id", Message_ID="")]
    dovecot.put(user, old, "Keluhan", at=NOW - timedelta(days=2))
    pages = walk(visit(folders=["Keluhan"]))
    dovecot.empty(user, "Keluhan")
    dovecot.put(user, [letter("baru"), *reversed(old)], "Keluhan", at=NOW)
    again = walk(visit(folders=["Keluhan"]), pages[-1].cursor)
    before, after = mentions(visit(), pages), mentions(visit(), again)
    assert after.keys() - before.keys() == {"baru@example.com"}
    assert before.items() <= after.items()
    assert walk(visit(folders=["Keluhan"]), again[-1].cursor) == []


def test_the_same_letter_in_two_folders_is_one(dovecot: Dovecot, user: str, visit: Visit) -> None:
    """A message that was copied has one id, with or without a Message-ID."""
    for folder in ("INBOX", "Arsip"):
        dovecot.put(user, [letter("a"), letter("tanpa-id", Message_ID="")], folder, at=NOW)
    pages = walk(visit(folders=["INBOX", "Arsip"]))
    assert sum(len(page.raws) for page in pages) == 4
    assert len(mentions(visit(), pages)) == 2


def test_an_expunged_letter_stays(dovecot: Dovecot, user: str, visit: Visit) -> None:
    """What the brand's own people delete from their mailbox is no withdrawal by its writer."""
    dovecot.put(user, [letter("a"), letter("b")])
    cursor = walk(visit())[-1].cursor
    with dovecot.session(user) as client:
        client.select("INBOX")
        client.store("1:*", "+FLAGS", "\\Deleted")
        client.expunge()
    dovecot.put(user, [letter("c")])
    pages = walk(visit(), cursor)
    assert [page.gone for page in pages] == [()]
    assert list(mentions(visit(), pages)) == ["c@example.com"]


def test_pages_hold_so_many_messages(dovecot: Dovecot, user: str, visit: Visit) -> None:
    """A long mailbox comes in pages, oldest first, each of which may be the last one stored."""
    dovecot.put(user, [letter(f"{n:03}") for n in range(230)])
    pages = walk(visit())
    assert [len(page.raws) for page in pages] == [100, 100, 30]
    rest = walk(visit(), pages[0].cursor)
    assert [len(page.raws) for page in rest] == [100, 30]


def test_attachments_are_never_fetched(dovecot: Dovecot, user: str, visit: Visit) -> None:
    """Of a message of megabytes only the text crosses the wire, also the text that follows a picture."""
    message = EmailMessage(SMTP)
    message["From"], message["Subject"], message["Message-ID"] = "a@b.example", "Foto", "<foto@b.example>"
    message.set_content("Ini fotonya:")
    message.add_attachment(b"\xff" * 3_000_000, maintype="image", subtype="jpeg", filename='kopi "1".jpg')
    message.add_attachment("Lihat sendiri, kopinya tumpah.", disposition="inline")
    message.add_attachment("rahasia pribadi", filename="catatan.txt")
    message.add_attachment(EmailMessage(), disposition="attachment")
    dovecot.put(user, [bytes(message), letter("panjang", "Lama sekali. " * 40_000)])
    Counted.received = 0
    collector = visit()
    dialled = collector._tools.dial

    def dial(host: str, port: int) -> Connection:
        made = dialled(host, port)
        made.__class__ = Counted
        return made

    object.__setattr__(collector._tools, "dial", dial)
    found = mentions(collector, walk(collector))
    assert found["foto@b.example"].text == "Foto\nIni fotonya:\n\nLihat sendiri, kopinya tumpah."
    assert 0 < Counted.received < 90_000


def test_machines_are_left_out_unless_asked_for(dovecot: Dovecot, user: str, visit: Visit) -> None:
    """Absences, bounces, newsletters and lists are no customers' words."""
    marks: list[dict[str, str]] = [
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"Precedence": "bulk"},
        {"List_Unsubscribe": "<mailto:x@y.example>"},
        {"Return_Path": "<>"},
        {"X_Autoreply": "yes"},
        {"From": "Mail Delivery <MAILER-DAEMON@mx.example>"},
    ]
    dovecot.put(user, [letter(f"m{n}", **mark) for n, mark in enumerate(marks)])
    dovecot.put(user, [letter("orang", Auto_Submitted="no")])
    assert list(mentions(visit(), walk(visit()))) == ["orang@example.com"]
    assert len(mentions(visit(), walk(visit(automatic=True)))) == len(marks) + 1


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", NOW),
        ("kemarin", NOW),
        ("Thu, 19 Nov 2099 10:00:00 +0700", NOW),
        ("Thu, 01 Jan 1970 00:00:00 +0000", NOW),
        ("Fri, 20 Nov 2026 20:00:00 +0700", datetime(2026, 11, 20, 13, tzinfo=UTC)),
        ("Thu, 19 Nov 2020 10:00:00 -0000", datetime(2020, 11, 19, 10, tzinfo=UTC)),
    ],
)
def test_a_date_that_lies_is_not_believed(
    dovecot: Dovecot, user: str, visit: Visit, said: str, expected: datetime
) -> None:
    """Without a date that can be, the time is that at which the mailbox received the message."""
    dovecot.put(user, [letter("a", Date="").replace(b"Subject:", f"Date: {said}\r\nSubject:".encode(), 1)], at=NOW)
    assert mentions(visit(), walk(visit()))["a@example.com"].published_at == expected


def test_messages_before_a_day_are_not_read(dovecot: Dovecot, user: str, visit: Visit) -> None:
    """``since`` leaves out what was received before it."""
    dovecot.put(user, [letter("tua")], at=NOW - timedelta(days=400))
    dovecot.put(user, [letter("muda")], at=NOW)
    assert list(mentions(visit(), walk(visit(since=date(2026, 11, 1))))) == ["muda@example.com"]


def test_charsets_lie_and_are_seen_through(dovecot: Dovecot, user: str, visit: Visit) -> None:
    """A body in another charset than it claims, under a header in bare bytes, is read as it was written."""
    head = "From: sari@example.com\r\nMessage-ID: <a@b>\r\nSubject: Kopi “basi”\r\nContent-Type: text/plain; charset="
    dovecot.put(user, [head.encode("cp1252") + b"utf-8\r\n\r\n" + "Dari “café” – parah".encode("cp1252")])
    assert mentions(visit(), walk(visit()))["a@b"].text == "Kopi “basi”\nDari “café” – parah"


@pytest.mark.parametrize("way", ["starttls", "none"])
def test_other_ways_in(dovecot: Dovecot, user: str, visit: Visit, way: str) -> None:
    """STARTTLS brings the same; without TLS the mailbox is read on this very machine."""
    dovecot.put(user, [letter("a")])
    collector = visit(security=way, port=dovecot.port)
    assert list(mentions(collector, walk(collector))) == ["a@example.com"]
    assert collector.probe() == "localhost lets us in, and INBOX holds 1 messages."


@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(dovecot: Dovecot, visit: Visit, way: str) -> None:
    """A self-made certificate that is not trusted by name ends the visit in a sentence about it."""
    port = dovecot.tls_port if way == "tls" else dovecot.port
    with pytest.raises(ConfigError, match="certificate of localhost is not to be trusted"):
        walk(visit(ca_file=None, security=way, port=port))


def test_tls_where_none_is_spoken_is_told(dovecot: Dovecot, visit: Visit) -> None:
    """TLS at a port without it fails in a sentence."""
    with pytest.raises(Exception, match="does not speak TLS"):
        walk(visit(port=dovecot.port))


def test_a_wrong_password_is_told(visit: Visit) -> None:
    """A refused login names the secret to set, in ASCII or not, and never the password."""
    for password in ("salah", "sälah “sekali”"):
        with pytest.raises(PermanentError, match="SIMAK_EMAIL_PASSWORD") as caught:
            walk(visit(password))
        assert password not in str(caught.value)


def test_a_missing_folder_is_told_and_keeps_no_other_from_being_read(dovecot: Dovecot, user: str, visit: Visit) -> None:
    """The error names the folders there are, after the others were read."""
    dovecot.put(user, [letter("a")], "Keluhan")
    pages = visit(folders=["Tiada", "Keluhan"]).pages(None, Cursor())
    assert len(next(pages).raws) == 1
    with pytest.raises(ConfigError, match="no folder “Tiada”") as caught:
        next(pages)
    assert "“Keluhan”" in str(caught.value)
    assert "“INBOX”" in str(caught.value)


def test_a_folder_may_have_any_name(dovecot: Dovecot, user: str, visit: Visit) -> None:
    """A folder outside ASCII is found by the name that people see."""
    with dovecot.session(user) as client:
        client.create('"Keluhan &- caf&AOk-"')
        client.append('"Keluhan &- caf&AOk-"', "", NOW, letter("a"))
    assert list(mentions(visit(), walk(visit(folders=["Keluhan & café"])))) == ["a@example.com"]


def test_a_mailbox_inside_is_not_called(dovecot: Dovecot, visit: Visit) -> None:
    """Without leave a private address is refused when it is dialled, whatever name leads to it."""
    collector = visit()
    object.__setattr__(collector._tools, "dial", guarded_dial())
    with pytest.raises(ConfigError, match="allow_private"):
        walk(collector)


# One has headers alone, two are digests of other messages; none has a subject.
_SILENT = {"msg_18", "msg_28", "msg_30"}


def test_every_recorded_message_is_understood(shared: Path, dovecot: Dovecot, user: str, visit: Visit) -> None:
    """Each recorded message, put into a real mailbox, becomes a mention or is set aside for a reason."""
    paths = sorted((shared / "fixtures/mail").glob("msg_*"))
    told: dict[str, str] = {}
    for path in paths:
        folder = path.stem
        dovecot.put(user, [path.read_bytes()], folder, at=NOW)
        collector = visit(folders=[folder], automatic=True)
        delivered = [understand(collector, page) for page in walk(collector)]
        for poison in delivered[0].poisoned:
            told[folder] = poison.reason
        assert [len(one.items) + len(one.poisoned) for one in delivered] == [1]
    assert len(paths) == 24
    assert told == dict.fromkeys(_SILENT, "An e-mail has neither a subject nor words of its own.")
