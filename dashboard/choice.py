"""What the inbox is asked for, as it stands in the page's address: readable, shareable, and safe to read back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from types import MappingProxyType

from domain.clock import edges
from domain.text import gate
from domain.vocabulary import CaseStatus, Impression, Journey, Platform, Priority, Stage, TouchPoint, Word
from store.queries.inbox import Filter

WORDS: Mapping[str, type[Word]] = MappingProxyType(
    {
        "impressions": Impression,
        "stages": Stage,
        "touchpoints": TouchPoint,
        "journeys": Journey,
        "platforms": Platform,
        "statuses": CaseStatus,
        "priorities": Priority,
    }
)
FLAGS = ("complaints", "use_gaps", "not_scored", "off_topic", "copies", "unowned")
# What is chosen among names that the store knows.
NAMED = ("sources", "branches", "owners", "tags", "themes")
DAYS = ("since", "until")
TEXT_LENGTH = 200
YEARS = (date(1990, 1, 1), date(2099, 12, 30))


@dataclass(frozen=True)
class Choice:
    """A filter as a reader sets it: ``since`` and ``until`` are local days, both included."""

    impressions: tuple[Impression, ...] = ()
    stages: tuple[Stage, ...] = ()
    touchpoints: tuple[TouchPoint, ...] = ()
    journeys: tuple[Journey, ...] = ()
    platforms: tuple[Platform, ...] = ()
    statuses: tuple[CaseStatus, ...] = ()
    priorities: tuple[Priority, ...] = ()
    sources: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    text: str = ""
    complaints: bool = False
    use_gaps: bool = False
    not_scored: bool = False
    off_topic: bool = False
    copies: bool = False
    unowned: bool = False

    @property
    def empty(self) -> bool:
        """Tell whether nothing is filtered."""
        return self == Choice()

    def filter(self, brand_id: int, zone: str) -> Filter:
        """Return the filter for the store, with days turned into moments by the zone's clock."""
        parts = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in DAYS}
        since = edges(self.since, self.since, zone)[0] if self.since else None
        until = edges(self.until, self.until + timedelta(days=1), zone)[1] if self.until else None
        return Filter(brand_id=brand_id, since=since, until=until, **parts)


def read_choice(params: Mapping[str, Sequence[str]], known: Mapping[str, Sequence[str]]) -> Choice:
    """Return the choice that an address asks for; what it asks for and is not ``known``, by field, is left out."""
    words = {
        name: tuple(word for word in vocabulary if word.value in params.get(name, ()))
        for name, vocabulary in WORDS.items()
    }
    flags = {flag: "1" in params.get(flag, ()) for flag in FLAGS}
    return Choice(
        **words,  # type: ignore[arg-type]  # each vocabulary's words go to the field of that name
        **flags,  # type: ignore[arg-type]
        **{name: tuple(one for one in known[name] if one in params.get(name, ())) for name in NAMED},  # type: ignore[arg-type]
        since=_day(params.get("since", ())),
        until=_day(params.get("until", ())),
        text=gate(next(iter(params.get("text", ())), ""), TEXT_LENGTH),
    )


def write_choice(choice: Choice) -> dict[str, list[str]]:
    """Return the address's parameters for a choice; what is not filtered is not in them."""
    params = {name: [str(word.value) for word in getattr(choice, name)] for name in WORDS}
    params |= {name: list(getattr(choice, name)) for name in NAMED}
    params |= {name: [day.isoformat()] for name in DAYS if (day := getattr(choice, name))}
    params |= {flag: ["1"] for flag in FLAGS if getattr(choice, flag)}
    params["text"] = [choice.text] if choice.text else []
    return {name: values for name, values in params.items() if values}


def _day(values: Sequence[str]) -> date | None:
    try:
        day = date.fromisoformat(next(iter(values), ""))
    except ValueError:
        return None
    return day if YEARS[0] <= day <= YEARS[1] else None
