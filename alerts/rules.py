"""The rules: figures of a moment become signals, each with its level and the reason for it.

Pure. A rule that sees nothing says so (``quiet``), so that what it once opened can end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from typing import Any, Final, Protocol

from alerts.signals import Signal
from domain.vocabulary import AlertLevel, AlertReason, Severity

# About 2 % of what never became a snowball is alerted from this probability on; the tenant's own budget moves it.
THRESHOLD: Final = 0.7
# One look at so much is enough. An alert falls below six tenths of the threshold, so that it does not flap.
STRONG: Final = 0.85
EXIT: Final = 0.6
# Fewer people are no issue, unless they have passed the reach already.
LEAST_AUTHORS: Final = 3
# So small a part of the reach still to come is no growth.
_SETTLED: Final = 0.1
# Of these nobody waits to see whether they grow.
_GRAVE: Final = frozenset({Severity.SAFETY, Severity.FRAUD, Severity.DISCRIMINATION, Severity.DATA_LEAK})
# One post with so large a part of an issue's people, or one issue of a brand's, is what the alert should be about.
_MOST_OF: Final = 0.6

# At this score a surge is raised by chance about once in two months of a brand (bench/surge.py).
SURGE: Final = 6.0
# A drop must be as unlikely, and leave less than this share of what is usual.
_DROP, _DROP_SCORE, _DROP_USUAL = 0.4, 6.0, 30.0
# An impression shift: so many authors at least, worse or better by so much, beyond both 99 % intervals.
_VOICES, _SHIFT, _Z = 30, 0.15, 2.58
# A tenth of the press's reach is a crowd of its own.
_FAR_BEYOND: Final = 10
# From so many minutes on readings are late: two looks of the most patient watch.
LATE: Final = timedelta(minutes=30)


class Foreseen(Protocol):
    """A row of what was foreseen."""

    brand_id: int
    theme_id: int | None
    mention_id: int | None
    at: datetime
    looked_at: datetime
    began_at: datetime
    count: float
    p: float
    expected: float
    low: float
    high: float
    reach: float
    horizon_s: int
    moved: Mapping[str, float]


@dataclass(frozen=True)
class Rule:
    """A rule beside the snowball, as it is set; no ``brands`` (ids) means all own ones."""

    name: str
    reason: AlertReason
    level: AlertLevel
    brands: frozenset[int] = frozenset()
    query: str | None = None
    followers: int = 50_000


def subject_of(row: Foreseen) -> str:
    """Return what a forecast is about: a post, an issue or the brand as a whole."""
    if row.mention_id is not None:
        return f"mention:{row.mention_id}"
    return "brand" if row.theme_id is None else f"theme:{row.theme_id}"


def snowball(row: Foreseen, p: float, threshold: float, *, own: bool, explained: bool = False) -> Signal:
    """Return what a forecast says; ``p`` is its probability, mended by the tenant's own cases.

    ``explained``: most of its people belong to one issue or one post of it, which speaks for itself. A competitor's
    snowball is only watched.
    """
    reached, settled = row.count >= row.reach, _settled(row)
    crowd = row.mention_id is not None or reached or row.moved.get("authors", 0.0) >= LEAST_AUTHORS
    opens = crowd and not settled and not explained and p >= threshold
    level = _level(row, p, own=own) if opens else None
    return Signal(
        row.brand_id,
        AlertReason.SNOWBALL if own else AlertReason.COMPETITOR,
        subject_of(row),
        row.at,
        row.looked_at,
        level,
        strong=opens and (reached or p >= STRONG),
        calm=settled or explained or p < EXIT * threshold,
        settled=settled,
        within=_within(row),
        facts=facts_of(row, p),
    )


def explains(part: float, whole: float) -> bool:
    """Tell whether the people of a part are most of the whole's."""
    return part >= _MOST_OF * whole


def surging(
    rule: Rule, brand_id: int, at: datetime, found: Mapping[str, float], *, name: str, elsewhere: bool = False
) -> Signal:
    """Return whether more people than usual do something; ``found``: score, count, usual, window_h.

    ``elsewhere``: a snowball of the brand is told already, which is the same affair.
    """
    score = found["score"]
    opens = score >= SURGE and not elsewhere
    return Signal(
        brand_id,
        rule.reason,
        f"rule:{rule.name}",
        at,
        at,
        rule.level if opens else None,
        strong=opens and score >= 1.5 * SURGE,
        calm=score < EXIT * SURGE,
        settled=score < EXIT * SURGE,
        facts={**found, "name": name},
    )


def missing(rule: Rule, brand_id: int, at: datetime, found: Mapping[str, float], *, name: str) -> Signal:
    """Return whether far fewer mentions came in a day than is usual; ``found``: drop (a score), count, usual."""
    count, usual = found["count"], found["usual"]
    opens = usual >= _DROP_USUAL and count < _DROP * usual and found["drop"] >= _DROP_SCORE
    over = count >= (1 - EXIT * (1 - _DROP)) * usual or usual < _DROP_USUAL
    return Signal(
        brand_id,
        rule.reason,
        f"rule:{rule.name}:fewer",
        at,
        at,
        rule.level if opens else None,
        calm=over,
        settled=over,
        facts={**found, "window_h": 24.0, "name": name},
    )


def shifted(
    rule: Rule, brand_id: int, at: datetime, now: tuple[int, int], usual: tuple[int, int], *, elsewhere: bool = False
) -> Signal:
    """Return whether a larger share of authors than usual gives a Boo or an Arrgh; each pair: so many of how many.

    Shares are compared by their 99 % intervals (Wilson 1927), so that a handful of authors shifts nothing.
    """
    share, before = _share(now), _share(usual)
    beyond = _wilson(now, -_Z) > _wilson(usual, _Z) and share - before >= _SHIFT
    opens = now[1] >= _VOICES and usual[1] >= _VOICES and beyond and not elsewhere
    over = share - before < EXIT * _SHIFT
    return Signal(
        brand_id,
        rule.reason,
        f"rule:{rule.name}",
        at,
        at,
        rule.level if opens else None,
        calm=over,
        settled=over,
        facts={"share": share, "usual_share": before, "count": float(now[1])},
    )


def voice(
    rule: Rule, brand_id: int, at: datetime, author_id: int, mentions: list[int], *, followers: int | None
) -> Signal:
    """Return that press or somebody with many followers complains; one look is enough."""
    far = followers is not None and followers >= _FAR_BEYOND * rule.followers
    return Signal(
        brand_id,
        rule.reason,
        f"author:{author_id}",
        at,
        at,
        AlertLevel.CRITICAL if far else rule.level,
        strong=True,
        facts={"mentions": mentions} | ({"followers": followers} if followers else {}),
    )


def matching(rule: Rule, brand_id: int, at: datetime, mentions: list[int]) -> Signal:
    """Return that new mentions match a query that somebody set; one look is enough."""
    facts = {"name": rule.name, "count": float(len(mentions)), "mentions": mentions[:3]}
    return Signal(brand_id, rule.reason, f"rule:{rule.name}", at, at, rule.level, strong=True, facts=facts)


def failing(source: str, fault: str, at: datetime, figures: Mapping[str, float]) -> Signal:
    """Return that something is wrong with a source, which was looked at twice before it was said."""
    facts = {**figures, "source": source, "what": fault}
    subject = f"source:{source}:{fault}"
    return Signal(None, AlertReason.SOURCE, subject, at, at, AlertLevel.WARN, strong=True, facts=facts)


def late(what: str, at: datetime, since: datetime | None) -> Signal:
    """Return that something should have been read at ``since`` and was not; ``None``: nothing waits."""
    waited = at - since if since else timedelta(0)
    opens = waited >= LATE
    return Signal(
        None,
        AlertReason.STALE,
        f"late:{what}",
        at,
        since or at,
        AlertLevel.WARN if opens else None,
        calm=waited < EXIT * LATE,
        settled=waited < EXIT * LATE,
        facts={"minutes": waited / timedelta(minutes=1), "what": what},
    )


def quiet(brand_id: int | None, reason: AlertReason, subject: str, at: datetime, facts: Mapping[str, Any]) -> Signal:
    """Return that what was once told of a subject has not happened again."""
    return Signal(brand_id, reason, subject, at, at, None, calm=True, settled=True, facts=facts)


def _level(row: Foreseen, p: float, *, own: bool) -> AlertLevel:
    if not own:
        return AlertLevel.WATCH
    grave = any(f"severity.{kind}" in row.moved for kind in _GRAVE)
    return AlertLevel.CRITICAL if p >= STRONG or row.count >= row.reach or grave else AlertLevel.WARN


def _settled(row: Foreseen) -> bool:
    """Tell whether hardly anybody more is foreseen: nobody to speak of, or a post whose time is over."""
    over = row.mention_id is not None and row.at >= row.began_at + timedelta(seconds=row.horizon_s)
    return over or row.high - row.count < _SETTLED * row.reach


def _within(row: Foreseen) -> str | None:
    if row.mention_id is not None and row.theme_id is not None:
        return f"theme:{row.theme_id}"
    return None if row.mention_id is None and row.theme_id is None else "brand"


def facts_of(row: Foreseen, p: float) -> dict[str, Any]:
    """Return the facts of a forecast, with its probability as mended."""
    told = {name: getattr(row, name) for name in ("count", "expected", "low", "high", "reach")}
    return {
        **row.moved,
        **told,
        "p": p,
        "horizon_h": row.horizon_s / 3600,
        "began_at": row.began_at.isoformat(),
    }


def _share(found: tuple[int, int]) -> float:
    return found[0] / found[1] if found[1] else 0.0


def _wilson(found: tuple[int, int], z: float) -> float:
    """Return the bound of Wilson's interval of a share: the lower one for a negative ``z``."""
    of = found[1]
    if not of:
        return 0.0 if z < 0 else 1.0
    share = found[0] / of
    middle = share + z * z / (2 * of)
    return (middle + z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))) / (1 + z * z / of)
