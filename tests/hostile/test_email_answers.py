"""What a server that is no good answers to a mailbox's collector, and what comes of it."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import SecretStr

from collectors._dial import guarded_dial
from collectors._email_parts import fetched, section_of, texts
from collectors.base import Tools
from collectors.email import Email, EmailOptions, _address, _headers
from collectors.http import Limits
from domain.errors import ConfigError, PermanentError, SimakError, TransientError
from domain.records import Cursor

SECRET = "s3cret rahasia"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
GREETING = b"* OK siap\r\n"
Script = Callable[[bytes], bytes]


class Liar:
    """An IMAP server that answers each command by a script; ``drip`` seconds pass before each byte."""

    def __init__(self, greeting: bytes, script: Script, drip: float, *, reset: bool) -> None:
        self.greeting, self.script, self.drip, self.reset = greeting, script, drip, reset
        self.said: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        try:
            line, _ = self._socket.accept()
            with line, line.makefile("rb") as heard:
                self._say(line, self.greeting)
                for command in heard:
                    self.said.append(command)
                    self._say(line, self.script(command))
                    if self.reset:
                        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        return
        except OSError:
            return

    def _say(self, line: socket.socket, answer: bytes) -> None:
        for place in range(len(answer) if self.drip else 0):
            time.sleep(self.drip)
            line.sendall(answer[place : place + 1])
        if not self.drip:
            line.sendall(answer)


def honest(**instead: bytes) -> Script:
    """Return a script of a mailbox with one message, in which some commands are answered otherwise."""

    def answer(command: bytes) -> bytes:
        tag, name = command.split()[0], command.split()[2 if b" UID " in command.upper() else 1].decode().upper()
        told = {
            "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
            "EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] \r\n",
            "SEARCH": b"* SEARCH 3\r\n",
            "LOGOUT": b"* BYE\r\n",
            "FETCH": _FETCHED,
        }
        said = instead.get(name, told.get(name, b"") + b"TAG OK done\r\n")
        return said.replace(b"TAG", tag)

    return answer


_HEAD = b"From: a@b.example\r\nSubject: Kopi\r\n\r\n"
_FETCHED = (
    b'* 1 FETCH (UID 3 INTERNALDATE "19-Nov-2026 10:00:00 +0700" BODYSTRUCTURE ("text" "plain" NIL NIL NIL "7bit" 9 1)'
    b" BODY[HEADER.FIELDS (FROM)]<0> {%d}\r\n%s BODY[1]<0> {9}\r\nParah 100)\r\n" % (len(_HEAD), _HEAD)
)


@pytest.fixture
def lie() -> Iterator[Callable[..., Liar]]:
    """Return a function that starts a lying server for the length of the test."""
    liars: list[Liar] = []

    def start(script: Script, greeting: bytes = GREETING, drip: float = 0, *, reset: bool = False) -> Liar:
        liars.append(Liar(greeting, script, drip, reset=reset))
        return liars[-1]

    yield start
    for liar in liars:
        liar.close()


def visit(liar: Liar, security: str = "none", limits: Limits | None = None) -> list[str]:
    """Read the mailbox and return the texts."""
    dial = guarded_dial(["localhost", "127.0.0.1"], limits or Limits(silence=0.5, total=1.5))
    with httpx.Client() as client:
        tools = Tools(client, lambda: NOW, lambda _: SecretStr(SECRET), dial=dial)
    collector = Email(EmailOptions(host="127.0.0.1", user="sari", port=liar.port, security=security), tools)
    return [collector.map(raw).text for page in collector.pages(None, Cursor()) for raw in page.raws]


def test_the_script_itself_is_a_mailbox(lie: Callable[..., Liar]) -> None:
    """Left alone, the scripted server is understood, and is never told to change anything."""
    liar = lie(honest())
    assert visit(liar) == ["Kopi\nParah 100"]
    commands = b"".join(liar.said).upper()
    assert b"BODY[" not in commands
    assert not [word for word in (b"SELECT", b"STORE", b"EXPUNGE", b"APPEND") if b" " + word in commands]


GREETINGS = {
    "a web server": b"HTTP/1.1 400 Bad Request\r\n\r\n<html>",
    "a farewell": b"* BYE terlalu ramai\r\n",
    "nothing": b"",
    "noise": bytes(range(256)) * 20 + b"\r\n",
}
ANSWERS: dict[str, tuple[dict[str, bytes], type[SimakError]]] = {
    "a login that is refused": ({"LOGIN": b"TAG NO [AUTHENTICATIONFAILED] s3cret rahasia\r\n"}, PermanentError),
    "a login that is not understood": ({"LOGIN": b"TAG BAD s3cret rahasia\r\n"}, PermanentError),
    "a login that is put off": ({"LOGIN": b"TAG NO [UNAVAILABLE] nanti\r\n"}, TransientError),
    "too many at once": ({"LOGIN": b"TAG NO [ALERT] Too many simultaneous connections\r\n"}, TransientError),
    "a farewell at login": ({"LOGIN": b"* BYE sampai jumpa\r\n"}, TransientError),
    "a folder that is refused": ({"EXAMINE": b"TAG NO tidak ada\r\n"}, ConfigError),
    "a folder in use": ({"EXAMINE": b"TAG NO [INUSE] nanti\r\n"}, TransientError),
    "a folder without a count": ({"EXAMINE": b"* OK [UIDVALIDITY 7] \r\nTAG OK done\r\n"}, TransientError),
    "a count that is none": ({"EXAMINE": b"* banyak EXISTS\r\nTAG OK done\r\n"}, TransientError),
    "UIDs that are none": ({"SEARCH": b"* SEARCH x y\r\nTAG OK done\r\n"}, TransientError),
    "a refused search": ({"SEARCH": b"TAG NO nanti\r\n"}, TransientError),
    "a refused fetch": ({"FETCH": b"TAG NO nanti\r\n"}, TransientError),
    "a fetch that is not closed": ({"FETCH": b"* 1 FETCH (UID 3 (((\r\nTAG OK done\r\n"}, TransientError),
    "a fetch closed too often": ({"FETCH": b"* 1 FETCH ))))\r\nTAG OK done\r\n"}, TransientError),
    "a fetch of halves": ({"FETCH": b"* 1 FETCH (UID)\r\nTAG OK done\r\n"}, TransientError),
    "a UID that is none": ({"FETCH": b"* 1 FETCH (UID tiga)\r\nTAG OK done\r\n"}, TransientError),
    "a literal that never ends": ({"FETCH": b"* 1 FETCH (UID 3 BODY[1] {99999999999999}\r\nabc"}, TransientError),
    "another command's answer": ({"SEARCH": b"ZZZZ1 OK done\r\n"}, TransientError),
    "a farewell on the way": ({"FETCH": b"* BYE mati\r\n"}, TransientError),
}


@pytest.mark.parametrize("case", GREETINGS)
def test_what_is_no_mail_server_passes_as_a_failure(lie: Callable[..., Liar], case: str) -> None:
    """Whoever else answers at the address, the visit ends in a sentence, to be tried again."""
    with pytest.raises(TransientError, match=r"\.$"):
        visit(lie(honest(), GREETINGS[case]))


@pytest.mark.parametrize("case", ANSWERS)
def test_bad_answers_are_classified(lie: Callable[..., Liar], case: str) -> None:
    """What a server answers becomes the error that says what to do next, without what it quoted."""
    instead, expected = ANSWERS[case]
    with pytest.raises(expected, match=r"\.$") as caught:
        visit(lie(honest(**instead)))
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_reset_passes(lie: Callable[..., Liar]) -> None:
    """A connection that breaks is tried again."""
    with pytest.raises(TransientError):
        visit(lie(honest(), reset=True))


def test_a_slow_drip_ends_at_the_deadline(lie: Callable[..., Liar]) -> None:
    """A server that sends a byte now and then holds nobody for longer than an exchange may last."""
    begun = time.monotonic()
    with pytest.raises(TransientError, match="in time"):
        visit(lie(honest(), b"* OK " + b"x" * 500, drip=0.05))
    assert time.monotonic() - begun < 4


def test_a_flood_is_stopped(lie: Callable[..., Liar]) -> None:
    """An answer without end is not read to its end."""
    with pytest.raises(PermanentError, match=r"more than 0\.0\d+ MiB"):
        visit(lie(honest(SEARCH=b"* SEARCH " + b"1 " * 200_000)), limits=Limits(sent=50_000, silence=2, total=4))


def test_a_literal_beyond_the_limit_is_not_waited_for(lie: Callable[..., Liar]) -> None:
    """A promise of gigabytes takes no memory."""
    flood = b"* 1 FETCH (UID 3 BODY[1] {99999999999999}\r\n" + b"x" * 100_000
    with pytest.raises(PermanentError, match="MiB"):
        visit(lie(honest(FETCH=flood)), limits=Limits(sent=50_000, silence=2, total=4))


@pytest.mark.parametrize(
    ("capability", "expected"), [(b"IMAP4rev1", ConfigError), (b"IMAP4rev1 STARTTLS", TransientError)]
)
def test_no_password_is_sent_without_the_tls_that_was_asked_for(
    lie: Callable[..., Liar], capability: bytes, expected: type[SimakError]
) -> None:
    """A server that offers no STARTTLS, or refuses it, never hears the password."""
    told = b"* CAPABILITY %s\r\nTAG OK done\r\n" % capability
    liar = lie(honest(CAPABILITY=told, STARTTLS=b"TAG NO nanti\r\n"))
    with pytest.raises(expected):
        visit(liar, "starttls")
    assert not [command for command in liar.said if b"LOGIN" in command]


def test_messages_that_nobody_asked_for_are_ignored(lie: Callable[..., Liar]) -> None:
    """Other messages and news of flags in an answer change nothing."""
    others = b"* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 99 BODY[1]<0> {1}\r\nx)\r\n"
    assert visit(lie(honest(FETCH=others + _FETCHED + b"TAG OK done\r\n"))) == ["Kopi\nParah 100"]


def test_a_message_that_has_gone_meanwhile_is_left_out(lie: Callable[..., Liar]) -> None:
    """An empty answer to a fetch is no failure."""
    assert visit(lie(honest(FETCH=b"TAG OK done\r\n"))) == []


@pytest.mark.parametrize(
    "head",
    [b"From: " + b"a" * 30_000, b"From: " + b"<" * 30_000, b"Subject: " + b"=?a?q?x" * 4_000, b"X: y\r\n" * 5_000],
)
def test_hostile_headers_are_read_quickly(head: bytes) -> None:
    """Headers made to be slow to look through are looked through in a moment."""
    begun = time.perf_counter()
    headers = _headers({"BODY[HEADER.FIELDS (X)]<0>": head + b"\r\n\r\n"})
    assert _address(headers.get("from", "")) == ""
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "fd00::1"]
)
def test_a_name_that_leads_inside_is_not_dialled(address: str) -> None:
    """Whatever a name resolves to is checked when it is dialled, one private address among public ones too."""
    found = [(0, 0, 0, "", (it, 993)) for it in ("93.184.215.14", address)]
    dial = guarded_dial(resolve=lambda *_, **__: found)
    with pytest.raises(ConfigError, match="allow_private"):
        dial("imap.example", 993)


def test_structures_of_any_shape_are_looked_through() -> None:
    """However deep or odd a structure is, looking for its text ends, and finds only what is text."""
    deep: object = [b"text", b"plain", None, None, None, b"7bit", b"9", b"1"]
    for _ in range(5_000):
        deep = [deep, b"mixed"]
    assert [part.kind for part in texts(deep)] == ["plain"]
    for odd in (None, [], [b"text"], [[], b"mixed"], [[b"text", b"plain"]], [None] * 9, [[[[]]]], b"x"):
        assert texts(odd) == ()
    assert section_of({"BODY[1]<0>": None}, "1") == b""


def test_quoted_strings_and_literals_are_told_apart() -> None:
    """Brackets, quotes and braces within a string are the string's own."""
    data = [(b'1 (UID 3 BODYSTRUCTURE ("a (\\"b\\") {3}" NIL) BODY[1]<0> {5}', b"(x){1"), b")"]
    assert fetched(data) == {3: {"UID": b"3", "BODYSTRUCTURE": [b'a ("b") {3}', None], "BODY[1]<0>": b"(x){1"}}
