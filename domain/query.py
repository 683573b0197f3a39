"""The boolean language in which a brand says which texts are about it: ``AND OR NOT "phrase" -exclude ( )``.

Words stand side by side as AND, ``kopi*`` matches beginnings, ``#tag`` and ``@handle`` match only as such.
Matching ignores case, width and white space, and never matches inside a word.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from domain.errors import ConfigError
from domain.text import fold

_TOKEN = re.compile(
    r'\s*(?:(?P<phrase>"[^"]*")|(?P<mark>[()])|(?P<minus>-(?=[\w"(#@]))|(?P<word>[^\s()"]+)|(?P<bad>"))'
)


@dataclass(frozen=True)
class Term:
    """A word or a phrase, folded; ``prefix`` when it ended in ``*``."""

    text: str
    prefix: bool = False

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression that finds it as whole words in folded text."""
        before = "" if self.text[:1] in "#@" else r"(?<!\w)"
        after = "" if self.prefix else r"(?!\w)"
        return re.compile(before + re.escape(self.text) + after)

    def holds(self, folded: str) -> bool:
        """Tell whether the folded text has it."""
        return self.pattern.search(folded) is not None


@dataclass(frozen=True)
class Not:
    """True where its part is not."""

    part: "Node"

    def holds(self, folded: str) -> bool:
        """Tell whether the folded text lacks the part."""
        return not self.part.holds(folded)


@dataclass(frozen=True)
class And:
    """True where all parts are."""

    parts: tuple["Node", ...]

    def holds(self, folded: str) -> bool:
        """Tell whether the folded text has every part."""
        return all(part.holds(folded) for part in self.parts)


@dataclass(frozen=True)
class Or:
    """True where any part is."""

    parts: tuple["Node", ...]

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        """All parts in one expression, when they are terms: a brand's names are looked for in every text."""
        patterns = [part.pattern.pattern for part in self.parts if isinstance(part, Term)]
        return re.compile("|".join(patterns)) if len(patterns) == len(self.parts) else None

    def holds(self, folded: str) -> bool:
        """Tell whether the folded text has a part."""
        if self._pattern:
            return self._pattern.search(folded) is not None
        return any(part.holds(folded) for part in self.parts)


Node = Term | Not | And | Or


@dataclass(frozen=True)
class Verdict:
    """Why a text is or is not about a brand: the terms found, and the exclusion that dropped it, if one did."""

    matches: bool
    found: tuple[str, ...] = ()
    dropped_by: str = ""


@dataclass(frozen=True)
class Query:
    """What a brand listens for: its expression, and exclusions that hold for single sources."""

    brand: str
    expression: Node
    exclusions: Mapping[str, Node] = field(default_factory=dict)

    def matches(self, folded: str, source: str = "") -> bool:
        """Tell whether a text, already through ``domain.text.fold``, is about the brand."""
        if not self.expression.holds(folded):
            return False
        exclusion = self.exclusions.get(source)
        return exclusion is None or not exclusion.holds(folded)

    def explain(self, text: str, source: str = "") -> Verdict:
        """Return the verdict on a text and its reasons."""
        folded = fold(text)
        found = tuple(term.text for term in wanted(self.expression) if term.holds(folded))
        if self.matches(folded, source):
            return Verdict(matches=True, found=found)
        unwanted = [*excluded(self.expression), *wanted_or_none(self.exclusions.get(source))]
        noise = next((term.text for term in unwanted if term.holds(folded)), "")
        return Verdict(matches=False, found=found, dropped_by=noise if found else "")


def parse(expression: str) -> Node:
    """Read an expression; raises ConfigError that says what is wrong and where."""
    node, rest = _either(_tokens(expression), expression)
    if rest:
        raise ConfigError(f"The query has a “)” too many: {expression}")
    if not any(wanted(node)):
        raise ConfigError(f"The query names only what to leave out; add a word to look for: {expression}")
    return node


def any_of(aliases: tuple[str, ...]) -> Node:
    """Return the expression that finds any of a brand's names."""
    return Or(tuple(Term(fold(alias)) for alias in aliases))


def wanted(node: Node) -> Iterator[Term]:
    """Yield the terms that speak for a match."""
    yield from _terms(node, sought=True)


def excluded(node: Node) -> Iterator[Term]:
    """Yield the terms that speak against a match."""
    yield from _terms(node, sought=False)


def wanted_or_none(node: Node | None) -> Iterator[Term]:
    """Yield the wanted terms of an expression that may be missing."""
    return wanted(node) if node else iter(())


def _terms(node: Node, *, sought: bool) -> Iterator[Term]:
    match node:
        case Term():
            if sought:
                yield node
        case Not(part):
            yield from _terms(part, sought=not sought)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _terms(part, sought=sought)


def _tokens(expression: str) -> list[str]:
    tokens = []
    for match in _TOKEN.finditer(expression):
        if match["bad"]:
            raise ConfigError(f"The query has a quotation mark without its partner: {expression}")
        tokens.append(match[0].strip())
    return tokens


def _either(tokens: list[str], whole: str) -> tuple[Node, list[str]]:
    part, rest = _all(tokens, whole)
    parts = [part]
    while rest and rest[0] == "OR":
        part, rest = _all(rest[1:], whole)
        parts.append(part)
    return (parts[0] if len(parts) == 1 else Or(tuple(parts))), rest


def _all(tokens: list[str], whole: str) -> tuple[Node, list[str]]:
    part, rest = _one(tokens, whole)
    parts = [part]
    while rest and rest[0] not in {"OR", ")"}:
        part, rest = _one(rest[1:] if rest[0] == "AND" else rest, whole)
        parts.append(part)
    return (parts[0] if len(parts) == 1 else And(tuple(parts))), rest


def _one(tokens: list[str], whole: str) -> tuple[Node, list[str]]:
    if not tokens or tokens[0] in {"AND", "OR", ")"}:
        raise ConfigError(f"The query lacks a word {_place(tokens)}: {whole}")
    head, rest = tokens[0], tokens[1:]
    if head in {"NOT", "-"}:
        part, rest = _one(rest, whole)
        return Not(part), rest
    if head == "(":
        node, rest = _either(rest, whole)
        if not rest:
            raise ConfigError(f"The query lacks a “)”: {whole}")
        return node, rest[1:]
    return _term(head, whole), rest


def _term(token: str, whole: str) -> Term:
    text = fold(token.strip('"'))
    prefix = not token.startswith('"') and text.endswith("*")
    text = text.rstrip("*") if prefix else text
    if not text.strip("#@"):
        raise ConfigError(f"The query has an empty word or phrase: {whole}")
    return Term(text, prefix)


def _place(tokens: list[str]) -> str:
    return f"before “{tokens[0]}”" if tokens else "at its end"
