"""A brand's query in X's search language.

X reads words side by side as AND, negates single words only, searches for no negation alone and knows no beginnings
of words (https://docs.x.com/x-api/posts/search/integrate/build-a-query). The brand's own query is applied again to
what comes back, so an exclusion that X cannot express is left to that second look.
"""

import re

from domain.errors import ConfigError
from domain.query import And, Node, Not, Or, Query, Term, wanted

# The limit of the self-serve plans; only Enterprise may write longer ones.
LENGTH = 512

_PLAIN = re.compile(r"[#@]?\w+")
_TO_X = {"id": "in", "he": "iw"}


def compose(query: Query, source: str, languages: tuple[str, ...], *, retweets: bool) -> str:
    """Return the search for the brand; raises ConfigError when X cannot search for it or it is too long.

    A beginning (``kopi*``) asks X for the bare word, the nearest that X can search for.
    """
    noise = query.exclusions.get(source)
    words = _say(And((query.expression, Not(noise))) if noise else query.expression, query.brand)
    spoken = _either([f"lang:{_TO_X.get(code, code)}" for code in languages])
    text = " ".join(part for part in (words, spoken, "" if retweets else "-is:retweet") if part)
    if len(text) > LENGTH:
        size = f"{len(text)} characters in X's language, which allows {LENGTH}"
        raise ConfigError(f"The query of {query.brand} has {size}; shorten it or split the brand.")
    return text


def _say(node: Node, brand: str) -> str:
    """Return the node in X's language; empty when it is an exclusion that X cannot express."""
    match node:
        case Term():
            return _word(node)
        case Not(part):
            return _deny(part, brand)
        case And(parts):
            return " ".join(filter(None, (_say(part, brand) for part in parts)))
        case Or(parts):
            said = [_say(part, brand) for part in parts]
            if not all(said) or not all(any(wanted(part)) for part in parts):
                raise ConfigError(f"X cannot search for texts that only lack a word; change the query of {brand}.")
            return _either(said)


def _deny(node: Node, brand: str) -> str:
    match node:
        case Term():
            return f"-{_word(node)}"
        case Not(part):
            return _say(part, brand)
        case Or(parts):
            return " ".join(filter(None, (_deny(part, brand) for part in parts)))
        case And():
            return ""


def _either(parts: list[str]) -> str:
    return f"({' OR '.join(parts)})" if len(parts) > 1 else "".join(parts)


def _word(term: Term) -> str:
    """Return a word bare and anything else quoted, so that no term can act as an operator."""
    if _PLAIN.fullmatch(term.text) and term.text not in {"and", "or"}:
        return term.text
    return '"' + term.text.replace("\\", " ").replace('"', " ") + '"'
