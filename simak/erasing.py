"""Erases what is known of a person, a mention or a source, and keeps it from returning."""

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

import typer

from domain.clock import now
from domain.errors import ConfigError
from domain.records import Outcome
from domain.vocabulary import Platform
from simak.house import House
from simak.importing import SOURCE
from simak.pipeline import Count, take
from simak.reporting import clear
from store import erasing
from store.audit import audit
from store.erasing import Target
from store.privacy import Pseudonyms
from store.scrubbing import scrub

# A shorter name would be found in items that have nothing to do with it.
_TELLING = 4
# Nothing but what is surely a telephone number: elsewhere other digits are somebody else.
_MOBILE = re.compile(r"(?:\+?62|0)[ .-]?8[1-9](?:[ .-]?[0-9]){7,10}")
_KEPT_OUT = "A tombstone without name keeps out what the sources may still bring."
_COUNTED = ("mentions", "authors", "readings", "corrections", "counters", "raw items", "set aside")


@dataclass(frozen=True)
class Wanted:
    """What is to be erased, as it was given: authors by their ids, mentions by address or id, or a whole source."""

    authors: Sequence[str] = ()
    mentions: Sequence[str] = ()
    author_of: str | None = None
    source: str | None = None


@dataclass(frozen=True)
class Plan:
    """What an erasure takes: its target, how it is called in the audit, and how much it would be of each kind."""

    target: Target
    told: str
    counts: dict[str, int]

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to erase."""
        return not any(self.counts.values())


def plan(house: House, wanted: Wanted) -> Plan:
    """Find what is to be erased; raises ConfigError when it is not clear what that is."""
    given = [bool(part) for part in (wanted.authors, wanted.mentions, wanted.author_of)]
    if sum(given) > 1 or not (any(given) or wanted.source):
        raise ConfigError("Say what to erase: --author ID, --author-of ADDRESS, --mention ADDRESS, or --source NAME.")
    with house.store.read() as conn:
        there = erasing.sources(conn) | {one.name for one in house.home.settings.sources}
        if wanted.source and wanted.source not in there:
            raise ConfigError(f"There is no source “{wanted.source}”; there are: {', '.join(sorted(there)) or 'none'}.")
        places = [wanted.source] if wanted.source else sorted(there | {SOURCE})
        if wanted.author_of:
            pseudonym = erasing.pseudonym_of(conn, wanted.author_of, wanted.source)
            if pseudonym is None:
                raise ConfigError(f"No stored mention whose author is known has the address or id {wanted.author_of}.")
            target, told = Target(pseudonyms=(pseudonym,), keys=(pseudonym,)), "the author of a mention"
        else:
            target, told = _target(house.store.names, wanted, places)
        return Plan(target, told, dict(zip(_COUNTED, erasing.count(conn, erasing.resolved(conn, target)), strict=True)))


def erase(house: House, plan: Plan) -> Outcome:
    """Erase what was planned in batches, count its periods again, and note in the audit that it was done.

    The tombstones come first, so that nothing of it comes in meanwhile.
    """
    begun, store = now(), house.store
    with store.write() as conn:
        erasing.begin(conn, plan.target, begun)
        audit(conn, "operator", "erasure begun", plan.told, begun)
    # Reports that are kept may quote it; any week can be made again.
    clear(house.home.reports_folder)
    deleted = take(store, plan.target, house.zone)
    with store.write() as conn:
        aside = erasing.clear_aside(conn, plan.target)
        audit(conn, "operator", "erased", f"{plan.told}: {deleted} mentions, {aside} items set aside", now())
    Count(house.zone).run(store, now())
    return Outcome(seen=deleted, written=deleted, reason=_traces(house, begun))


def as_text(plan: Plan) -> str:
    """Return what would go as one line."""
    counts = ", ".join(f"{count:,} {name}" for name, count in plan.counts.items() if count)
    return f"{plan.told}: {counts or 'nothing is stored'}"


def report(plan: Plan, *, erased: bool) -> dict[str, Any]:
    """Return what went or would go, as a program reads it."""
    return {"what": plan.told, "erased": erased, **{name.replace(" ", "_"): n for name, n in plan.counts.items()}}


def carry_out(house: House, wanted: Wanted, *, sure: bool, dry_run: bool, as_json: bool) -> int:
    """Show what would go, ask on a terminal, erase, and return the exit status; what is not there is kept out too.

    Raises ConfigError when nobody can be asked and nobody was sure.
    """
    found = plan(house, wanted)
    if not as_json:
        typer.echo(as_text(found))
    if not (dry_run or sure or found.empty):
        if not sys.stdin.isatty():
            raise ConfigError("Nothing is erased without being asked: say --yes, or see with --dry-run what would go.")
        dry_run = not typer.confirm("Erase it for good?", default=False)
    outcome = Outcome() if dry_run else erase(house, found)
    if as_json:
        typer.echo(json.dumps(report(found, erased=not dry_run), ensure_ascii=False, indent=2))
    elif not dry_run:
        typer.echo(f"{outcome.written:,} mentions are erased. {_KEPT_OUT} {outcome.reason}".rstrip())
    return int(found.empty)


def _traces(house: House, since: datetime) -> str:
    if scrub(house.store, since):
        return ""
    return "Another program is reading the database: the last traces leave its log when it is done, or daily."


def _target(names: Pseudonyms, wanted: Wanted, places: Sequence[str]) -> tuple[Target, str]:
    where = wanted.source or "every source"
    if wanted.authors:
        ids = [form for given in wanted.authors for form in _forms(given)]
        each = product(places, Platform, ids)
        pseudonyms = tuple(names.author(place, platform, one) for place, platform, one in each)
        # Without a source the person is kept out of sources yet to be set up, too.
        people = () if wanted.source else tuple(map(names.person, ids))
        target = Target(pseudonyms=pseudonyms, keys=(*pseudonyms, *people), words=_telling(ids), sources=tuple(places))
        return target, f"{len(wanted.authors)} author(s) on {where}"
    if wanted.mentions:
        keys = tuple(names.mention(place, one) for place in places for one in wanted.mentions if "://" not in one)
        target = Target(mentions=wanted.mentions, keys=keys, words=_telling(wanted.mentions), sources=tuple(places))
        return target, f"{len(wanted.mentions)} mention(s) on {where}"
    return Target(whole=True, sources=tuple(places)), f"the source {wanted.source}"


def _forms(given: str) -> list[str]:
    """Return the forms in which a source may have named somebody: with and without @, a number with 0 and 62."""
    plain = given.strip().removeprefix("@")
    forms = [given.strip(), plain, f"@{plain}"]
    digits = "".join(filter(str.isdecimal, plain))
    if "@" in plain:
        forms.append(plain.lower())
    elif _MOBILE.fullmatch(plain):
        home = digits.removeprefix("62").removeprefix("0")
        forms += [digits, f"0{home}", f"62{home}", f"+62{home}"]
    return list(dict.fromkeys(forms))


def _telling(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(one for one in ids if len(one) >= _TELLING)
