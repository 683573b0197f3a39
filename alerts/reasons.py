"""Why something is foreseen, in up to three plain sentences with their numbers.

They are made of the facts of a forecast (``Signal.facts``, ``forecast.moved``), all plain numbers:

- ``speed, acceleration, people, author, time, size``: by how much each lifts the logarithm of what is still to come, as
  the model of growth itself tells; ``crowd``: the same for how many complain against how many usually do;
- ``count, authors, within`` (people in the most unusual window, of ``window_h`` hours)``, usual`` (people in such a
  window)``, age_h, added_60, added_30, added_before`` (people in the last hour, in the last half hour and in the one
  before it)``, distinct, followers, hour`` (of the clock)``, platforms``;
- ``severity.<kind>``: the share of people who tell of a kind of harm; ``quiet``: how many had told the brand in private
  before it turned public; ``reach`` (after both have lowered it).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from domain.vocabulary import Severity
from speech.saying import Speech

MOST = 3
_SEVERITY = "severity."
# What moves a forecast by less than a tenth is not a reason.
_LEAST = 0.1

Facts = Mapping[str, Any]


def reasons(facts: Facts, speech: Speech) -> list[str]:
    """Return up to ``MOST`` sentences: first what lowers the reach, then what moved the forecast, the most first."""
    told = [*_harm(facts, speech), *_moved(facts, speech), *_plain(facts, speech)]
    return list(dict.fromkeys(told))[:MOST]


def kinds(facts: Facts) -> list[Severity]:
    """Return the kinds of harm that the facts tell of, the most frequent first."""
    shares = {key.removeprefix(_SEVERITY): share for key, share in facts.items() if key.startswith(_SEVERITY)}
    return [Severity(kind) for kind in sorted(shares, key=lambda kind: (-shares[kind], kind))]


def _harm(facts: Facts, speech: Speech) -> Iterator[str]:
    found = kinds(facts)
    if found:
        named = ", ".join(speech.label(kind).lower() for kind in found)
        yield speech("reason.severity", kinds=named, reach=speech.number(facts.get("reach", 0)))
    if facts.get("quiet"):
        yield speech("reason.public", quiet=speech.number(facts["quiet"]))


def _moved(facts: Facts, speech: Speech) -> Iterator[str]:
    by_group: dict[str, Callable[[Facts, Speech], str | None]] = {
        "crowd": _crowd,
        "speed": _speed,
        "acceleration": _acceleration,
        "people": _people,
        "author": _author,
        "time": _time,
        "size": _size,
    }
    weights = {group: float(facts.get(group, 0.0)) for group in by_group}
    for group in sorted(weights, key=lambda group: -abs(weights[group])):
        sentence = by_group[group](facts, speech) if abs(weights[group]) >= _LEAST else None
        if sentence:
            yield sentence


def _plain(facts: Facts, speech: Speech) -> Iterator[str]:
    """Yield what can be told of any issue, where the forecast has fewer reasons than there is room for."""
    for sentence in (_crowd(facts, speech), _speed(facts, speech), _size(facts, speech)):
        if sentence:
            yield sentence


def _crowd(facts: Facts, speech: Speech) -> str | None:
    people = facts.get("within") or facts.get("authors")
    if not people or "usual" not in facts:
        return None
    window = speech.span(timedelta(hours=float(facts.get("window_h") or 24)))
    usual = float(facts["usual"])
    return speech.counted(
        "reason.crowd",
        int(people),
        window=window,
        usual=speech.number(usual, 0 if usual >= 10 else 1),  # noqa: PLR2004 - a tenth of ten is noise
    )


def _speed(facts: Facts, speech: Speech) -> str | None:
    return speech.counted("reason.speed", int(facts["added_60"])) if facts.get("added_60") else None


def _acceleration(facts: Facts, speech: Speech) -> str | None:
    late, early = facts.get("added_30"), facts.get("added_before")
    if late is None or early is None or late == early:
        return None
    told = {"late": speech.number(late), "early": speech.number(early)}
    return speech("reason.rising" if late > early else "reason.falling", **told)


def _people(facts: Facts, speech: Speech) -> str | None:
    return speech("reason.people", people=speech.number(facts["distinct"])) if facts.get("distinct") else None


def _author(facts: Facts, speech: Speech) -> str | None:
    return speech("reason.author", followers=speech.number(facts["followers"])) if facts.get("followers") else None


def _time(facts: Facts, speech: Speech) -> str | None:
    if facts.get("hour") is None:
        return None
    lifts = float(facts.get("time", 0)) > 0
    return speech("reason.good_hour" if lifts else "reason.bad_hour", hour=f"{int(facts['hour']):02d}")


def _size(facts: Facts, speech: Speech) -> str | None:
    if not facts.get("count") or not facts.get("age_h"):
        return None
    return speech.counted("reason.size", int(facts["count"]), age=speech.span(timedelta(hours=float(facts["age_h"]))))
