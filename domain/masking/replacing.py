"""Replaces what a pattern finds and a rule confirms."""

import re
from collections.abc import Callable

Rule = Callable[[re.Match[str]], str | None]


def replaced(pattern: re.Pattern[str], rule: Rule, text: str) -> str:
    """Return the text with each match replaced by what the rule says of it; with ``None`` it stays.

    Unlike ``re.sub``, a match that stays is looked through again from its second character on: two numbers side by
    side may look like a third one that begins in the first.
    """
    parts: list[str] = []
    done = at = 0
    while found := pattern.search(text, at):
        word = rule(found)
        at = found.start() + 1
        if word is not None:
            parts += (text[done : found.start()], word)
            done = at = found.end()
    return "".join((*parts, text[done:])) if parts else text
