"""What the audit holds, and whether its chain is whole."""

from typing import Any

from domain.errors import ConfigError
from simak.house import House
from store.audit import Line, broken_at, holds, lines

# So much of a digest tells it from every other, and can still be copied by hand.
_SHORT = 16
_LEAST = 8


def show(house: House, limit: int) -> list[dict[str, Any]]:
    """Return the newest lines, the newest last."""
    with house.store.read() as conn:
        return [vars(line) for line in lines(conn, limit)]


def head(house: House) -> Line | None:
    """Return the last line, or ``None`` while there is none."""
    with house.store.read() as conn:
        return next(iter(lines(conn, 1)), None)


def verify(house: House, noted: str | None) -> dict[str, Any]:
    """Tell, and say in a sentence, whether every line follows from the one before it and a noted digest is there.

    Raises ConfigError when the noted digest is too short to tell anything.
    """
    if noted is not None and len(noted) < _LEAST:
        raise ConfigError(f"Give at least {_LEAST} signs of the digest that “simak status” showed.")
    with house.store.read() as conn:
        broken = broken_at(conn)
        there = noted is None or holds(conn, noted)
        last = next(iter(lines(conn, 1)), None)
    if broken is not None:
        sentence = f"Line {broken} does not follow from the one before it: a line was changed, left out or put in."
    elif not there:
        sentence = "The noted digest is not there: the last lines were cut off, or the whole was made anew."
    else:
        sentence = f"The chain is whole up to {told(last)}."
    return {"whole": broken is None and there, "sentence": sentence}


def told(last: Line | None) -> str:
    """Return the last line's number and digest, to be noted elsewhere."""
    return f"line {last.id}, digest {last.digest[:_SHORT]}" if last else "no line yet"


def as_text(found: list[dict[str, Any]]) -> str:
    """Return lines as text."""
    return "\n".join(
        f"{line['id']:>5}  {line['at']:%F %H:%M} UTC  {line['actor']}  {line['action']}: {line['detail']}"
        for line in found
    )
