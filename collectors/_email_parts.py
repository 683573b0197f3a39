"""What an IMAP server says of messages: the answers to FETCH, and which parts of a message are its text."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

# What stands in an answer: bytes, nothing (NIL), or a list of these.
Value = Any
Fields = Mapping[str, Value]

_TOKEN = re.compile(
    rb'\s*(?:(?P<open>\()|(?P<close>\))|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<atom>[^\s()"\[]+(?:\[[^\]]*\][^\s()]*)?))',
    re.DOTALL,
)
_LITERAL = re.compile(rb"\{\d+\}$")
# More parts than these is no letter; deeper than these is an attack.
_LEAVES: Final = 200
_JOINED: Final = 4
_KINDS: Final = (b"plain", b"html")
# What is told of a part at least: type, subtype, parameters, id, description, packing, size (RFC 3501).
_TOLD: Final = 7
# A part of fewer bytes is there for form's sake: an empty line beside the markup that says it all.
_SAYING: Final = 3


@dataclass(frozen=True)
class Part:
    """One part of a message: its section number, and how its bytes become text."""

    section: str
    kind: str
    charset: str
    packing: str


def fetched(data: Iterable[Any]) -> dict[int, Fields]:
    """Return what an answer to UID FETCH tells of each message, by UID; raises ValueError when it is none."""
    told: dict[int, Fields] = {}
    for value in _values(data):
        if isinstance(value, list):
            fields = {bytes(name).upper().decode("ascii"): it for name, it in zip(value[::2], value[1::2], strict=True)}
            if "UID" in fields:
                told[int(fields["UID"])] = {**told.get(int(fields["UID"]), {}), **fields}
    return told


def section_of(fields: Fields, section: str) -> bytes:
    """Return the bytes of a section, empty when there are none; the server names where the piece begins."""
    found = next((value for name, value in fields.items() if name.startswith(f"BODY[{section}")), None)
    return found if isinstance(found, bytes) else b""


def texts(structure: Value) -> tuple[Part, ...]:
    """Return the parts that a reader sees: the plain ones, else those in HTML; never an attachment."""
    leaves = [leaf for _, leaf in zip(range(_LEAVES), _leaves(structure), strict=False)]
    for kind in _KINDS:
        found = [_part(section, leaf) for section, leaf in leaves if len(leaf) >= _TOLD and _says(leaf, kind)]
        if found:
            return tuple(found[:_JOINED])
    return ()


def _values(data: Iterable[Any]) -> list[Value]:
    """Read the pieces that imaplib hands over, a literal being a piece of its own."""
    stack: list[list[Value]] = [[]]
    for piece in data:
        head, literal = piece if isinstance(piece, tuple) else (piece, None)
        if head is None:
            continue
        for token in _TOKEN.finditer(_LITERAL.sub(b"", head) if literal is not None else head):
            _take(stack, token)
        if literal is not None:
            stack[-1].append(literal)
    if len(stack) > 1:
        raise ValueError("the answer is cut off")
    return stack[0]


def _take(stack: list[list[Value]], token: "re.Match[bytes]") -> None:
    match token.lastgroup:
        case "open":
            stack.append([])
        case "close":
            closed = stack.pop()
            stack[-1].append(closed)
        case "quoted":
            stack[-1].append(re.sub(rb"\\(.)", rb"\1", token["quoted"], flags=re.DOTALL))
        case _:
            stack[-1].append(None if token["atom"].upper() == b"NIL" else token["atom"])


def _leaves(structure: Value) -> Iterator[tuple[str, list[Value]]]:
    """Yield the parts that hold no others, with their section numbers, in reading order."""
    waiting: list[tuple[str, Value]] = [("", structure)]
    while waiting:
        section, node = waiting.pop()
        if not isinstance(node, list) or not node:
            continue
        if not isinstance(node[0], list):
            yield section or "1", node
            continue
        children = [child for child in node if isinstance(child, list)]
        # What follows the subtype are the multipart's own parameters.
        end = next((place for place, child in enumerate(node) if not isinstance(child, list)), len(node))
        numbered = [(f"{section}.{place}".lstrip("."), child) for place, child in enumerate(children[:end], start=1)]
        waiting += reversed(numbered)


def _says(leaf: list[Value], kind: bytes) -> bool:
    kinds = [_lower(leaf[0]), _lower(leaf[1])]
    if kinds == [b"text", b""]:
        kinds[1] = b"plain"
    # A size that is not told is no reason to leave the part out.
    size = int(leaf[6]) if isinstance(leaf[6], bytes) and leaf[6].isdigit() else _SAYING
    return kinds == [b"text", kind] and size >= _SAYING and not _is_attached(leaf)


def _is_attached(leaf: list[Value]) -> bool:
    """Tell whether the part is to be saved rather than read: its disposition stands behind size, lines and digest."""
    return any(isinstance(it, list) and it and _lower(it[0]) == b"attachment" for it in leaf[8:])


def _part(section: str, leaf: list[Value]) -> Part:
    given = leaf[2] if isinstance(leaf[2], list) else []
    parameters = {_lower(name): value for name, value in zip(given[::2], given[1::2], strict=False)}
    charset = parameters.get(b"charset") or b""
    return Part(section, *(_lower(it).decode("ascii", "replace") for it in (leaf[1], charset, leaf[5])))


def _lower(value: Value) -> bytes:
    return value.lower() if isinstance(value, bytes) else b""
