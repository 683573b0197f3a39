"""A mailbox by imap-tools, over a guarded connection and for reading only.

imap-tools' own ``fetch`` takes whole messages, attachments and all; here a message's structure is asked for first, and
then the beginning of its text alone. Nothing is ever marked as seen.
"""

import imaplib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from ssl import SSLContext
from typing import Any, Final

from imap_tools.errors import ImapToolsError, MailboxFolderSelectError
from imap_tools.mailbox import BaseMailBox
from imap_tools.query import AND, U

from collectors._dial import Connection
from collectors._email_parts import Fields, fetched
from domain.errors import ConfigError, PermanentError, SimakError, TransientError
from domain.text import gate

# A complaint fits into this many bytes as they are sent; what a longer one adds is history or markup.
PART: Final = 64 * 1024
_HEADERS: Final = (
    "FROM SUBJECT DATE MESSAGE-ID IN-REPLY-TO REFERENCES RETURN-PATH CONTENT-TYPE "
    "AUTO-SUBMITTED PRECEDENCE LIST-UNSUBSCRIBE X-AUTOREPLY X-AUTORESPOND"
)
_HEAD: Final = f"(UID INTERNALDATE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS ({_HEADERS})]<0.{PART // 2}>)"
# Refusals of a login that pass by themselves (RFC 5530, and what Gmail says).
_PASSES = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|too many|temporar", re.IGNORECASE)
_SHOWN = 20


class _Client(imaplib.IMAP4):
    """imaplib's commands over a guarded connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        super().__init__()

    # The signatures are imaplib's.
    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        """Do nothing: it is open."""

    def read(self, size: int) -> bytes:
        return self._connection.read(size)

    def readline(self) -> bytes:
        return self._connection.readline()

    def send(self, data: Any) -> None:
        self._connection.write(bytes(data))

    def shutdown(self) -> None:
        self._connection.close()

    def _command(self, name: str, *args: Any) -> bytes:
        self._connection.begin()
        tag: bytes = super()._command(name, *args)  # type: ignore[misc]  # imaplib's own way for every command
        return tag

    def secure(self, context: SSLContext) -> None:
        """Go on in TLS: imaplib's own STARTTLS would wrap a socket that is not there."""
        if "STARTTLS" not in self.capabilities:
            raise ConfigError('The mail server offers no STARTTLS; set security to "tls", or another port.')
        if self._simple_command("STARTTLS")[0] != "OK":
            raise TransientError("The mail server does not begin STARTTLS for now.")
        self._connection.secure(context)
        # Those told before may be anybody's.
        self._get_capabilities()


class _Box(BaseMailBox):
    """imap-tools' mailbox around a client that is connected already."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self._connected = client
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return self._connected


@dataclass(frozen=True)
class Folder:
    """A folder that has been entered: its UIDVALIDITY and how many messages it holds."""

    validity: str
    count: int


class Box:
    """A mailbox that is logged in."""

    def __init__(self, host: str, box: _Box) -> None:
        """Keep the mailbox."""
        self._host, self._box = host, box

    def enter(self, folder: str) -> Folder:
        """Enter a folder for reading only; raises ConfigError, with the folders there are, when it is missing."""
        with _classified(self._host):
            try:
                _, (count, *_) = self._box.folder.set(folder, readonly=True)
            except MailboxFolderSelectError as refusal:
                if _PASSES.search(str(refusal)):
                    raise TransientError(f"{self._host} cannot open “{folder}” for now.") from None
                names = [f"“{gate(found.name, 80)}”" for found in self._box.folder.list()]
                told = ", ".join(names[:_SHOWN]) + ("…" if names[_SHOWN:] else "")
                raise ConfigError(
                    f"The mailbox has no folder “{folder}”; write one of these into folders: {told}."
                ) from None
            _, (validity, *_) = self._box.client.response("UIDVALIDITY")
            return Folder((validity or b"").decode("ascii", "replace"), int(count))

    def after(self, uid: int, since: date | None) -> list[int]:
        """Return the UIDs above one, ascending, of messages received since a day."""
        with _classified(self._host):
            wanted = AND(uid=U(str(uid + 1), "*"), date_gte=since)
            found = map(int, self._box.uids(wanted, charset=None))
            # “n:*” means at least the last message, however low its UID.
            return sorted({one for one in found if one > uid})

    def heads(self, uids: Sequence[int]) -> Mapping[int, Fields]:
        """Return the headers and the structures of messages, by UID; one that has gone meanwhile is left out."""
        return self._fetch(uids, _HEAD)

    def parts(self, uids: Sequence[int], sections: Sequence[str]) -> Mapping[int, Fields]:
        """Return the beginnings of some parts of messages, by UID."""
        share = PART // len(sections)
        wanted = " ".join(f"BODY.PEEK[{section}]<0.{share}>" for section in sections)
        return self._fetch(uids, f"(UID {wanted})")

    def _fetch(self, uids: Sequence[int], what: str) -> Mapping[int, Fields]:
        with _classified(self._host):
            status, data = self._box.client.uid("FETCH", ",".join(map(str, uids)), what)
            if status != "OK":
                raise TransientError(f"{self._host} does not hand out its messages for now.")
            return {uid: fields for uid, fields in fetched(data).items() if uid in set(uids)}


@contextmanager
def logged_in(host: str, connection: Connection, user: str, password: str, context: SSLContext | None) -> Iterator[Box]:
    """Log in over a connection, by STARTTLS when there is a ``context``, and log out at the end.

    Raises PermanentError when the password is not accepted, and TransientError.
    """
    try:
        with _classified(host):
            client = _Client(connection)
            if context:
                client.secure(context)
            box = _Box(client)
            _log_in(host, box, user, password)
        yield Box(host, box)
        with suppress(SimakError, ImapToolsError, imaplib.IMAP4.error):
            box.logout()
    finally:
        connection.close()


def _log_in(host: str, box: _Box, user: str, password: str) -> None:
    try:
        if user.isascii() and password.isascii():
            box.login(user, password, initial_folder=None)
        else:
            box.login_utf8(user, password, initial_folder=None)
    except imaplib.IMAP4.abort:
        raise
    except (ImapToolsError, imaplib.IMAP4.error) as refusal:
        if _PASSES.search(str(refusal)):
            raise TransientError(f"{host} takes no login for now.") from None
        raise PermanentError(
            f"{host} does not accept the user and the password; set SIMAK_EMAIL_PASSWORD anew (many want an "
            f"app password)."
        ) from None


@contextmanager
def _classified(host: str) -> Iterator[None]:
    """Turn what imaplib and imap-tools raise into errors of ours; the causes are dropped, they quote what was said."""
    try:
        yield
    except imaplib.IMAP4.abort:
        raise TransientError(f"{host} ended the session.") from None
    except (imaplib.IMAP4.error, ImapToolsError, ValueError, LookupError, TypeError, AttributeError):
        raise TransientError(f"{host} answered something other than IMAP.") from None
