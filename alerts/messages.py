"""What a message says: how urgent, how likely and by when, why, what people write, and what to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from alerts.advice import advise
from alerts.reasons import reasons
from domain.vocabulary import AlertLevel, AlertReason, MessageKind, Platform, SourceFault
from speech.saying import Speech

# As much of a mention as tells what it is about; the link leads to the rest.
_EXCERPT = 160
EXAMPLES = 3
_SIGNS = {AlertLevel.WATCH: "🟡", AlertLevel.WARN: "🟠", AlertLevel.CRITICAL: "🔴"}
_ACTIONS = ("ack", "snooze", "irrelevant", "assign")
# Kinds after which there is nothing left to take, put off or assign.
_OVER = frozenset({MessageKind.RESOLVED, MessageKind.TEST})


@dataclass(frozen=True)
class Example:
    """A mention to show: what was said, where, when, and its address if it has one."""

    text: str
    platform: Platform
    published_at: datetime
    url: str | None = None


@dataclass(frozen=True)
class Message:
    """All that a message about one alert is made of; ``key`` is the alert's, ``brand`` its name, ``None`` for none.

    ``sample`` marks the fictional workspace. ``looked_at`` is when the evidence was read.
    """

    kind: MessageKind
    level: AlertLevel
    reason: AlertReason
    key: str
    brand: str | None
    looked_at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict)
    examples: Sequence[Example] = ()
    sample: bool = False


@dataclass(frozen=True)
class Words:
    """A message in words: one line, and the rest as plain text."""

    title: str
    body: str


def compose(message: Message, speech: Speech, now: datetime, pages: str | None = None) -> Words:
    """Return one alert in words; ``pages`` is the address of the pages, without which there are no links to act."""
    parts = [
        gist(message, speech),
        _listed(speech("alert.why"), [] if message.kind in _OVER else reasons(message.facts, speech)),
        _listed(speech("alert.examples"), [_example(one, speech) for one in message.examples[:EXAMPLES]]),
        _so_far(message, speech),
        _listed(speech("alert.do"), _advice(message, speech)),
        speech("alert.looked", ago=speech.ago(message.looked_at, now), moment=speech.moment(message.looked_at)),
        "\n".join(_links(message, speech, pages)),
    ]
    return Words(title(message, speech), "\n\n".join(part for part in parts if part))


def gather(messages: Sequence[Message], kind: MessageKind, speech: Speech, now: datetime, pages: str | None) -> Words:
    """Return several alerts in one message: a morning digest, or what came after a person's limit."""
    head = speech.counted("alert.gathered", len(messages), kind=speech.label(kind))
    first = sorted(messages, key=lambda one: (-one.level.step, one.looked_at))
    lines = [f"{title(one, speech)}\n{gist(one, speech)}".strip() for one in first]
    ways = [speech("alert.pages", url=f"{pages.rstrip('/')}/snowball")] if pages else []
    when = speech("alert.as_of", moment=speech.moment(now))
    return Words(_sample(head, messages[0].sample, speech), "\n\n".join([*lines, when, *ways]))


def trial(name: str, speech: Speech, now: datetime) -> Words:
    """Return the message by which the way to a person is tried."""
    return Words(speech("alert.trial"), speech("alert.trial_line", name=name, moment=speech.moment(now)))


def title(message: Message, speech: Speech) -> str:
    """Return the line that tells the most: level, what became of it, brand and reason."""
    told = [speech.label(message.level).upper(), message.brand or "", speech.label(message.reason)]
    if message.kind is not MessageKind.OPENED:
        told.insert(1, speech.label(message.kind))
    line = f"{_SIGNS[message.level]} {' · '.join(part for part in told if part)}"
    return _sample(line, message.sample, speech)


def _sample(line: str, sample: bool, speech: Speech) -> str:  # noqa: FBT001 - one of two wordings
    return f"[{speech('alert.sample')}] {line}" if sample else line


def gist(message: Message, speech: Speech) -> str:
    """Return in one line how likely it is to reach how many by when, and how many it has reached."""
    facts = message.facts
    if message.kind is MessageKind.RESOLVED:
        return speech("alert.over")
    if facts.get("p") is None or not facts.get("reach"):
        return speech(f"alert.about.{message.reason}", **_told(facts, speech))
    count, reach = speech.number(facts.get("count", 0)), speech.number(facts["reach"])
    if float(facts.get("count", 0)) >= float(facts["reach"]):
        return speech("alert.reached", count=count, reach=reach)
    horizon = speech.span(timedelta(hours=float(facts.get("horizon_h") or 24)))
    numbers = {name: speech.number(facts.get(name) or 0) for name in ("expected", "low", "high")}
    share = speech.percent(float(facts["p"]), 0)
    return speech("alert.likely", share=share, reach=reach, horizon=horizon, count=count, **numbers)


def _told(facts: Mapping[str, Any], speech: Speech) -> dict[str, str]:
    """Return the facts of a rule as its sentence takes them; what a rule does not tell reads as a dash."""
    shares = {name: speech.percent(float(facts[name]), 0) for name in ("share", "usual_share") if name in facts}
    counts = {name: speech.number(float(facts[name])) for name in ("count", "followers", "minutes") if name in facts}
    usual = {"usual": speech.number(float(facts["usual"]), 1)} if "usual" in facts else {}
    names = {name: str(facts[name]) for name in ("name", "source") if name in facts}
    names |= {"what": fault(str(facts["what"]), speech)} if "what" in facts else {}
    empty = dict.fromkeys(("share", "usual_share", "count", "followers", "minutes", "usual", "name", "source"), "–")
    return {**empty, "what": "–", **shares, **counts, **usual, **names}


def fault(what: str, speech: Speech) -> str:
    """Return what is wrong with a source as people read it."""
    return speech.label(SourceFault(what)) if what in {one.value for one in SourceFault} else what


def _so_far(message: Message, speech: Speech) -> str:
    views = message.facts.get("views")
    return speech.counted("alert.views", int(views)) if views else ""


def _advice(message: Message, speech: Speech) -> list[str]:
    if message.kind is MessageKind.RESOLVED:
        return []
    return [speech(f"advice.{one}") for one in advise(message.reason, message.facts)]


def _example(one: Example, speech: Speech) -> str:
    text = " ".join(one.text.split())
    short = text if len(text) <= _EXCERPT else f"{text[: _EXCERPT - 1].rstrip()}…"
    where = f"{speech.label(one.platform)}, {speech.moment(one.published_at)}"
    return f"“{short}” ({where})" + (f"\n  {one.url}" if one.url else "")


def _listed(head: str, lines: Sequence[str]) -> str:
    return "\n".join([head, *(f"- {line}" for line in lines)]) if lines else ""


def _links(message: Message, speech: Speech, pages: str | None) -> Iterator[str]:
    """Yield the ways to act; each opens a page that asks first, since previews of links open them too."""
    if not pages or message.kind in _OVER:
        return
    address = f"{pages.rstrip('/')}/snowball?alert={quote(message.key, safe='')}"
    yield speech("alert.open", url=address)
    for action in _ACTIONS:
        yield speech(f"alert.to.{action}", url=f"{address}&do={action}")
