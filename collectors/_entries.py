"""Turns one entry of a feed into a mention: its title and an extract, never the article itself."""

import re
from datetime import datetime
from hashlib import blake2b
from typing import Final

from courlan import clean_url
from selectolax.lexbor import LexborHTMLParser

from domain.errors import PoisonError
from domain.records import Author, Mention, Raw
from domain.text import ID_LENGTH, gate, gate_url
from domain.vocabulary import Platform, Role

# A publisher's article is the publisher's; this much of it is a quotation, and enough to tell what it is about.
EXTRACT: Final = 1_000
# Parsing bounds its own work: an extract comes from the beginning of what a feed sends.
_MARKUP: Final = 20_000
UNSEEN: Final = "script, style, noscript, template, iframe, svg, head"
_BREAKS = "br, p, div, li, tr, h1, h2, h3, h4, blockquote, pre"
_TAG = re.compile(r"<[a-zA-Z/!]|&[#\w]+;")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:\S", re.IGNORECASE)


def map_entry(raw: Raw, platform: Platform, role: Role, about: str | None) -> Mention:
    """Return the mention in an entry; raises PoisonError when it says nothing."""
    title, extract = raw["title"], raw["extract"]
    text = extract if extract.startswith(title) else f"{title}\n{extract}".strip()
    if not text:
        raise PoisonError(f"An entry of {raw['feed']['host']} has neither a title nor a text.")
    return Mention(
        native_id=_native_id(raw),
        platform=platform,
        published_at=datetime.fromisoformat(raw["published_at"]),
        text=cut(text),
        url=canonical(raw["link"]),
        author=_author(raw, role),
        language=_language(raw["feed"]["language"]),
        revision=_revision(raw),
        about=about,
    )


def canonical(address: str | None) -> str | None:
    """Return an address without what only counts clicks (``utm_*``, ``fbclid``), or ``None`` if it is no web address.

    The one rule is courlan's: it keeps the fragment, which in a forum tells one answer of a thread from the next,
    and drops trackers, by which the same article would have another address on every day.
    """
    safe = gate_url(address)
    return gate_url(clean_url(safe)) or safe if safe else None


def to_text(markup: str, limit: int = _MARKUP, unseen: str = UNSEEN) -> str:
    """Return what a reader would see of HTML: no tags, nothing ``unseen``, a line break where a block ends.

    ``limit``: how many characters of the markup are read; ``unseen``: the CSS selectors of what is left out.
    """
    markup = gate(markup[:limit], limit)
    if not _TAG.search(markup):
        return _tidy(markup)
    tree = LexborHTMLParser(markup)
    # A node comes once for each selector it answers to, and taking it out takes out what it holds: each once, the
    # innermost first.
    hidden = {node.mem_id: node for node in tree.css(unseen)}
    for node in reversed(hidden.values()):
        node.decompose()
    for node in tree.css(_BREAKS):
        node.insert_after("\n")
    return _tidy(tree.body.text() if tree.body else "")


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def cut(text: str) -> str:
    """Return the extract of a text: what fits of it, up to the end of a word."""
    if len(text) <= EXTRACT:
        return text
    return re.sub(r"\s+\S*$", "", text[: EXTRACT - 1]) + "…"


def _native_id(raw: Raw) -> str:
    """Return the entry's guid, else its address, else a digest of what it says.

    A guid that is no address counts within its own feed only. ``trusted`` is the first of these that the feed has
    not been seen to give to different entries.
    """
    guid = raw["id"] if raw["trusted"] == "id" else ""
    if guid and not _ADDRESS.match(guid):
        guid = f"{raw['feed']['host']}:{guid}"
    link = canonical(raw["link"]) if raw["trusted"] != "text" else None
    known = guid or link or ""
    if 0 < len(known) <= ID_LENGTH:
        return known
    said = known or f"{raw['feed']['host']}\x1f{raw['title']}\x1f{raw['extract']}"
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _author(raw: Raw, role: Role) -> Author | None:
    """Return the writer, else, unless a customer writes, the newsroom: without an author no role would be known."""
    name = raw["author"] or (raw["feed"]["host"] if role is not Role.CUSTOMER else "")
    return Author(native_id=name, role=role) if name else None


def _language(tag: str) -> str | None:
    code = tag.strip().lower().replace("_", "-").split("-")[0]
    code = "id" if code == "in" else code
    return code if code.isascii() and code.isalpha() and len(code) in {2, 3} else None


def _revision(raw: Raw) -> int:
    return max(int(datetime.fromisoformat(raw["updated_at"]).timestamp()), 0) if raw["updated_at"] else 0
