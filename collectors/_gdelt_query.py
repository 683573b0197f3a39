"""A brand's query in GDELT's search language.

GDELT reads words side by side as AND, takes OR only between the words of one flat bracket, excludes words and phrases
but no brackets, knows no beginnings of words, and refuses short ones. What it cannot express is asked for more widely:
the brand's own query is applied again to what comes back.
"""

import re
from collections.abc import Iterable
from typing import Final

from domain.errors import ConfigError
from domain.query import And, Node, Not, Or, Query, Term

# It says “too short or too long” for longer ones; where exactly it draws the line it does not tell.
LENGTH: Final = 250
# A word needs three letters; what stands in quotation marks, five.
_WORD, _PHRASE = 3, 5
_PLAIN = re.compile(r"\w+")


def compose(query: Query, source: str, languages: tuple[str, ...], countries: tuple[str, ...]) -> str:
    """Return the search for the brand; raises ConfigError when GDELT cannot search for it or it is too long."""
    noise = query.exclusions.get(source)
    clauses = _clauses(query.expression)
    if not clauses:
        raise ConfigError(
            f"GDELT searches for words of three letters and phrases of five or more; the query of {query.brand} "
            "has none that each of its texts must have."
        )
    unwanted = [f"-{word}" for node in (query.expression, Not(noise) if noise else None) for word in _excluded(node)]
    told = [_either(f"sourcelang:{language}" for language in languages)]
    told.append(_either(f"sourcecountry:{country}" for country in countries))
    text = " ".join(part for part in dict.fromkeys([*map(_either, clauses), *unwanted, *told]) if part)
    if len(text) > LENGTH:
        size = f"{len(text)} characters in GDELT's language, which allows {LENGTH}"
        raise ConfigError(f"The query of {query.brand} has {size}; shorten it or split the brand.")
    return text


def _clauses(node: Node) -> list[tuple[str, ...]]:
    """Return brackets of words of which each text that the node finds has one word at least."""
    match node:
        case Term():
            word = _word(node)
            return [(word,)] if word else []
        case Not(Not(part)):
            return _clauses(part)
        case And(parts):
            return [clause for part in parts for clause in _clauses(part)]
        case Or(parts):
            return _alternatives(parts)
        case _:
            return []


def _alternatives(parts: tuple[Node, ...]) -> list[tuple[str, ...]]:
    """Return the one bracket for all alternatives: of an alternative with several clauses, the most telling one.

    A name that is too short to be searched for is left out as long as there are others.
    """
    found = [_clauses(part) for part in parts if not (isinstance(part, Term) and not _word(part))]
    if not found or not all(found):
        return []
    telling = (max(clauses, key=lambda clause: min(map(len, clause))) for clauses in found)
    return [tuple(dict.fromkeys(word for clause in telling for word in clause))]


def _excluded(node: Node | None) -> list[str]:
    """Return the words that no text of the node has."""
    match node:
        case Not(Term() as term):
            return [word] if (word := _word(term)) else []
        case Not(Or(parts)):
            return [word for part in parts for word in _excluded(Not(part))]
        case Not(Not(part)):
            return _excluded(part)
        case And(parts):
            return [word for part in parts for word in _excluded(part)]
        case _:
            return []


def _either(words: Iterable[str]) -> str:
    several = list(words)
    return f"({' OR '.join(several)})" if len(several) > 1 else "".join(several)


def _word(term: Term) -> str:
    """Return a word bare and anything else quoted; empty when GDELT takes it for too short."""
    text = term.text.lstrip("#@")
    if _PLAIN.fullmatch(text):
        return text if len(text) >= _WORD else ""
    text = " ".join(re.sub(r"[\"()\\]", " ", text).split())
    return f'"{text}"' if len(text) >= _PHRASE else ""
