"""E-mails to the brand: folders of a mailbox, read by IMAP (RFC 3501) and left as they were.

A message that vanishes from the mailbox is no withdrawal: the brand's own people file and delete mails. What its
writer wants forgotten is erased by ``simak erase``.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import UTC, date, datetime, timedelta
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from ipaddress import ip_address
from itertools import groupby
from ssl import SSLContext, SSLError
from typing import Any, ClassVar, Final, Literal

import httpx
from pydantic import Field

from collectors import base
from collectors._email_imap import PART, Box, logged_in
from collectors._email_parts import Fields, Part, section_of, texts
from collectors._email_text import charset_of, decoded, header, own_words, topic, unpacked
from domain.errors import ConfigError, PoisonError, SimakError
from domain.query import Query
from domain.records import Author, Cursor, Mention, Page, Raw
from domain.text import ID_LENGTH, gate
from domain.vocabulary import Platform, Role

_PORTS: Final = {"tls": 993, "starttls": 143, "none": 143}
# A clock that is off by the zone it forgot is believed; one that is further ahead of the mailbox's own is not.
_AHEAD: Final = timedelta(days=1)
# Looking through a header of tens of thousands of letters could take seconds.
_HEADER: Final = 1_000
_FIRST: Final = datetime(1990, 1, 1, tzinfo=UTC)
_ANGLE = re.compile(r"<\s*([^<>\s]+)\s*>")
_ADDRESS = re.compile(r"[^\s<>,;:\"'()\[\]]+@[^\s<>,;:\"'()\[\]]+")
_DEMONS = re.compile(r"(mailer-daemon|postmaster)@", re.IGNORECASE)
_Headers = Mapping[str, str]


class EmailOptions(base.Options):
    """Which mailbox is read, and what of it."""

    host: str = Field(min_length=1, description="The mail server (IMAP) by its name, such as imap.gmail.com.")
    user: str = Field(min_length=1, description="The name to log in with, mostly the address of the mailbox.")
    folders: tuple[str, ...] = Field(default=("INBOX",), description="The folders to read.")
    security: Literal["tls", "starttls", "none"] = Field(
        default="tls", description="How the connection is kept private: “tls”, “starttls”; “none” on this machine only."
    )
    port: int | None = Field(default=None, ge=1, le=65535, description="The port; left out, 993 for TLS, else 143.")
    ca_file: str | None = Field(
        default=None, description="A PEM file with a certificate authority of your own, trusted beside the public ones."
    )
    since: date | None = Field(default=None, description="Messages received before this day are not read.")
    brand_addresses: tuple[str, ...] = Field(
        default=(), description="Addresses that speak for the brand, or whole domains as @example.com."
    )
    automatic: bool = Field(
        default=False, description="Also bring automatic answers, bounces, newsletters and mailing lists."
    )
    page_size: int = Field(default=100, ge=1, le=100, description="Messages that are read at once, 1 to 100.")
    about: str | None = Field(default=None, description="The brand that every message is about, if that is certain.")


class Email:
    """Reads a mailbox from its oldest message to its newest.

    The cursor's floor holds, as JSON, the UIDVALIDITY and the last UID read of each folder. A folder whose UIDVALIDITY
    has changed is read anew; its messages are known by their Message-ID, so none is there twice.
    """

    name: ClassVar[str] = "email"
    Options: ClassVar[type[base.Options]] = EmailOptions
    caps: ClassVar[base.Caps] = base.Caps()

    def __init__(self, options: EmailOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options, self._tools = options, tools
        self._brand = frozenset(address.strip().lower() for address in options.brand_addresses)

    def check(self) -> None:
        """Raise ConfigError when the mailbox, its password or the way there is not usable."""
        options = self._options
        if not re.fullmatch(r"[\w.:-]+", options.host):
            raise ConfigError("The host of this mailbox is no name of a server; write it like imap.example.com.")
        if not options.folders:
            raise ConfigError("This mailbox has no folder to read; write INBOX into folders.")
        if options.security == "none" and not _is_local(options.host):
            raise ConfigError('A mailbox elsewhere is read by TLS only; set security to "tls" or "starttls".')
        if not self._password():
            raise ConfigError("The mailbox needs its password: put it into .env as SIMAK_EMAIL_PASSWORD.")
        _context(options.ca_file)

    def probe(self) -> str:
        """Log in and count the first folder."""
        self.check()
        with self._open() as box:
            count = box.enter(self._options.folders[0]).count
        return f"{self._options.host} lets us in, and {self._options.folders[0]} holds {count} messages."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:  # noqa: ARG002  # The protocol's.
        """Yield a page for every so many new messages of each folder.

        A folder that is missing keeps none of the others from being read: its error is raised at the end.
        """
        self.check()
        read: dict[str, Any] = json.loads(cursor.floor or "{}")
        states = {folder: read[folder] for folder in self._options.folders if folder in read}
        missing: SimakError | None = None
        with self._open() as box:
            for folder in self._options.folders:
                try:
                    for raws, state in self._news(box, folder, states.get(folder)):
                        states[folder] = state
                        yield Page(raws=raws, cursor=cursor.settled(json.dumps(states)))
                except ConfigError as error:
                    missing = missing or error
        if missing:
            raise missing

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a message: its subject and its writer's own words."""
        subject = topic(raw["subject"])
        body = own_words(raw["text"], raw["kind"])
        text = body if body.startswith(subject) else f"{subject}\n{body}".strip()
        if not text:
            raise PoisonError("An e-mail has neither a subject nor words of its own.")
        return Mention(
            native_id=raw["id"] or _digest(raw),
            platform=Platform.EMAIL,
            published_at=_moment(raw["date"], raw["received_at"]),
            text=text,
            author=self._author(raw["from"]),
            parent_id=raw["answers"] or None,
            about=self._options.about,
        )

    def _news(self, box: Box, folder: str, state: Any) -> Iterator[tuple[tuple[Raw, ...], Any]]:
        """Yield the new messages of a folder, so many at once, each time with how far it is read."""
        validity = box.enter(folder)
        last = int(state["last"]) if state and state["validity"] == validity.validity else 0
        # Some servers take “1:*” of an empty folder for a mistake.
        uids = box.after(last, self._options.since) if validity.count else []
        for first in range(0, len(uids), self._options.page_size):
            batch = uids[first : first + self._options.page_size]
            yield tuple(self._raws(box, batch)), {"validity": validity.validity, "last": batch[-1]}

    def _raws(self, box: Box, uids: list[int]) -> Iterator[Raw]:
        heads = {uid: (fields, _headers(fields)) for uid, fields in box.heads(uids).items()}
        wanted = {
            uid: texts(fields.get("BODYSTRUCTURE"))
            for uid, (fields, headers) in heads.items()
            if self._options.automatic or not _is_automatic(headers)
        }
        bodies: dict[int, Fields] = {}
        for sections, group in groupby(
            sorted(wanted, key=lambda uid: _sections(wanted[uid])), lambda uid: _sections(wanted[uid])
        ):
            bodies |= box.parts(list(group), sections) if sections else {}
        return (_raw(*heads[uid], parts, bodies.get(uid, {})) for uid, parts in sorted(wanted.items()))

    def _author(self, address: str) -> Author | None:
        if not address:
            return None
        speaks = address in self._brand or f"@{address.rpartition('@')[2]}" in self._brand
        return Author(native_id=address, role=Role.BRAND if speaks else Role.CUSTOMER)

    def _open(self) -> AbstractContextManager[Box]:
        options = self._options
        connection = self._tools.dial(options.host, options.port or _PORTS[options.security])
        try:
            context = _context(options.ca_file)
            if options.security == "tls":
                connection.secure(context)
            if options.security == "none" and not connection.is_local:
                raise ConfigError('A mailbox elsewhere is read by TLS only; set security to "tls" or "starttls".')
        except SimakError:
            connection.close()
            raise
        by_starttls = context if options.security == "starttls" else None
        return logged_in(options.host, connection, options.user, self._password(), by_starttls)

    def _password(self) -> str:
        secret = self._tools.secret("email_password")
        return secret.get_secret_value() if secret else ""


def _is_local(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host.strip("[]")).is_loopback
    return host.lower() == "localhost"


def _context(ca_file: str | None) -> SSLContext:
    context = httpx.create_ssl_context()
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except (OSError, SSLError) as error:
            raise ConfigError("The file that ca_file names holds no certificate in PEM; check its path.") from error
    return context


def _sections(parts: Iterable[Part]) -> tuple[str, ...]:
    return tuple(part.section for part in parts)


def _headers(fields: Fields) -> _Headers:
    """Return the headers as text, the first of each name, in lower case; of a long one the end that matters."""
    message = BytesHeaderParser().parsebytes(section_of(fields, "HEADER"))
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        if (known := name.lower()) not in found:
            kept = str(value)[-_HEADER:] if known == "references" else str(value)[:_HEADER]
            found[known] = header(kept.encode("utf-8", "surrogateescape"))
    return found


def _is_automatic(headers: _Headers) -> bool:
    """Tell whether a machine wrote: an absence, a bounce, a newsletter (RFC 3834, RFC 2369, and older customs)."""
    return (
        headers.get("auto-submitted", "no").lower().split(";")[0] != "no"
        or headers.get("precedence", "").lower() in {"bulk", "junk", "list", "auto_reply"}
        or headers.get("return-path", "").replace(" ", "") == "<>"
        or headers.get("content-type", "").lower().startswith("multipart/report")
        or bool(headers.keys() & {"list-unsubscribe", "x-autoreply", "x-autorespond"})
        or bool(_DEMONS.search(headers.get("from", "")))
    )


def _raw(fields: Fields, headers: _Headers, parts: tuple[Part, ...], body: Fields) -> Raw:
    """Return of a message what mapping needs: no name, no other address, no attachment."""
    share = PART // max(len(parts), 1)
    return {
        "id": _message_id(headers.get("message-id", "")),
        "answers": _message_id(headers.get("in-reply-to", "") or headers.get("references", "").rpartition(" ")[2]),
        "from": _address(headers.get("from", "")),
        "subject": gate(headers.get("subject", ""), 1_000),
        "date": headers.get("date", "")[:100],
        "received_at": (fields.get("INTERNALDATE") or b"").decode("ascii", "replace"),
        "kind": parts[0].kind if parts else "plain",
        "text": gate("\n".join(_text(part, section_of(body, part.section), share) for part in parts), PART),
    }


def _text(part: Part, packed: bytes, asked: int) -> str:
    data = unpacked(packed, part.packing)
    charset = part.charset or (charset_of(data) if part.kind == "html" else "")
    return decoded(data, charset, cut=len(packed) >= asked)


def _message_id(value: str) -> str:
    """Return an id without its brackets, the server's name in lower case; nothing when it is none."""
    found = _ANGLE.search(value)
    local, at, server = (found[1] if found else value.strip()).rpartition("@")
    known = gate(f"{local}{at}{server.lower()}", ID_LENGTH + 1) if local else ""
    return known if len(known) <= ID_LENGTH and not re.search(r"\s", known) else ""


def _address(value: str) -> str:
    """Return the address of a writer in lower case; nothing when there is none."""
    angles = [found for found in _ANGLE.findall(value) if "@" in found]
    found = angles[-1:] or _ADDRESS.findall(value)[:1]
    return gate(found[0].lower(), ID_LENGTH) if found else ""


def _digest(raw: Raw) -> str:
    """Return what tells a message without a Message-ID apart, the same wherever it is moved to."""
    said = "\x1f".join(raw[name] for name in ("from", "date", "subject", "text"))
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _moment(said: str, received: str) -> datetime:
    """Return when a message was written, by its own word where that can be, else when the mailbox received it."""
    arrived = _parsed(received)
    written = _parsed(said)
    believed = written and written >= _FIRST and (arrived is None or written <= arrived + _AHEAD)
    moment = written if believed else arrived
    if moment is None:
        raise PoisonError("An e-mail has no time.")
    return moment


def _parsed(value: str) -> datetime | None:
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        moment = parsedate_to_datetime(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return None
