"""What is noticed beside the snowball: shifts, voices that carry far, what somebody asked for, sources, late work."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection

from alerts.rules import Rule, failing, late, matching, missing, quiet, shifted, surging, voice
from alerts.signals import Signal
from alerts.states import LIVE
from domain.query import Query, parse
from domain.text import fold
from domain.vocabulary import AlertReason, AlertState
from risk.baseline import BIN_S, KNOWN, Baseline
from risk.surge import likelihood, surge
from store import alerting, noticed
from store.foresight import known_since

DAY, USUAL = timedelta(days=1), timedelta(days=28)
# Shifts over hours do not change within minutes.
SHIFTS = timedelta(minutes=15)
# What was said once ends without being said again; what shifts is looked at for as long as the rule stands.
_SAID_ONCE = frozenset({AlertReason.AUTHOR, AlertReason.MENTION, AlertReason.SOURCE})


@dataclass(frozen=True)
class Notice:
    """Applies the rules; ``brands`` are names by id, ``own`` the ids of one's own brands."""

    rules: Sequence[Rule]
    brands: Mapping[int, str]
    own: frozenset[int]

    def signals(self, conn: Connection, since: datetime, at: datetime, behind: datetime | None) -> list[Signal]:
        """Return what the rules say at a moment, the last time having been ``since``.

        ``behind``: up to when forecasts have come.
        """
        found = [*self._sources(conn, at), *_late(conn, at, behind), *self._said(conn, since, at)]
        if int(at.timestamp()) % int(SHIFTS.total_seconds()) == 0 or at - since >= SHIFTS:
            found += self._shifts(conn, at)
        heard = {(one.brand_id, one.reason, one.subject) for one in found}
        return found + [one for one in _no_more(conn, at) if (one.brand_id, one.reason, one.subject) not in heard]

    def _about(self, rule: Rule) -> list[int]:
        rivals = frozenset(self.brands) - self.own
        return sorted(rule.brands or (rivals if rule.reason is AlertReason.COMPETITOR else self.own))

    def _sources(self, conn: Connection, at: datetime) -> Iterator[Signal]:
        for source, fault, figures in noticed.faulty(conn):
            yield failing(source, fault, at, figures)

    def _said(self, conn: Connection, since: datetime, at: datetime) -> Iterator[Signal]:
        """Yield what somebody has said since the last time, of what is not older than a day."""
        for rule in self.rules:
            for brand_id in self._about(rule):
                if rule.reason is AlertReason.AUTHOR:
                    yield from _voices(conn, rule, brand_id, since, at)
                elif rule.reason is AlertReason.MENTION:
                    yield from _matching(conn, rule, brand_id, since, at)

    def _shifts(self, conn: Connection, at: datetime) -> Iterator[Signal]:
        for rule in self.rules:
            for brand_id in self._about(rule):
                yield from self._shift(conn, rule, brand_id, at)

    def _shift(self, conn: Connection, rule: Rule, brand_id: int, at: datetime) -> Iterator[Signal]:
        known = known_since(conn, brand_id)
        if known is None or at - DAY - known < KNOWN:
            # Nobody can tell yet what is usual.
            return
        elsewhere, name = _snowballing(conn, brand_id), self.brands[brand_id]
        if rule.reason in {AlertReason.VOLUME, AlertReason.COMPETITOR}:
            times = [one.timestamp() for one in noticed.mentioned(conn, brand_id, at - USUAL - DAY, at)]
            yield surging(rule, brand_id, at, _more(times, at), name=name, elsewhere=elsewhere)
            if rule.reason is AlertReason.VOLUME:
                yield missing(rule, brand_id, at, _fewer(times, at), name=name)
        elif rule.reason is AlertReason.USE_GAP:
            people = _first_times(noticed.stuck(conn, brand_id, at - USUAL - DAY, at), at)
            yield surging(rule, brand_id, at, _more(people, at), name=name)
        elif rule.reason is AlertReason.IMPRESSION:
            now = noticed.unhappy(conn, brand_id, at - DAY, at)
            usual = noticed.unhappy(conn, brand_id, at - USUAL - DAY, at - DAY)
            yield shifted(rule, brand_id, at, now, usual, elsewhere=elsewhere)


def _voices(conn: Connection, rule: Rule, brand_id: int, since: datetime, at: datetime) -> Iterator[Signal]:
    said: dict[int, list[noticed.Voice]] = {}
    for one in noticed.voices(conn, brand_id, since, at - DAY, rule.followers):
        said.setdefault(one.author_id, []).append(one)
    for author_id, found in said.items():
        yield voice(rule, brand_id, at, author_id, [one.mention_id for one in found], followers=found[-1].followers)


def _matching(conn: Connection, rule: Rule, brand_id: int, since: datetime, at: datetime) -> Iterator[Signal]:
    if not rule.query:
        return
    query = Query(rule.name, parse(rule.query))
    found = noticed.read_since(conn, brand_id, since, at - DAY)
    numbers = [number for number, text, source in found if query.matches(fold(text), source)]
    if numbers:
        yield matching(rule, brand_id, at, numbers)


def _late(conn: Connection, at: datetime, behind: datetime | None) -> Iterator[Signal]:
    """Yield what is late: reading, looks at counters, and forecasts; late counters are not no growth."""
    yield late("reading", at, noticed.longest_unread(conn, at - DAY))
    yield late("counters", at, noticed.longest_unseen(conn, at - DAY))
    yield late("forecasts", at, behind)


def _no_more(conn: Connection, at: datetime) -> Iterator[Signal]:
    """Yield that what was said once is not said any more, for alerts that do not know it yet."""
    for row in alerting.live(conn, *_SAID_ONCE):
        if row["state"] in LIVE and "settled_since" not in row["memory"]:
            yield quiet(row["brand_id"], row["reason"], row["subject"], at, row["facts"])


def _snowballing(conn: Connection, brand_id: int) -> bool:
    """Tell whether a snowball of a brand is open, which a shift of its volume or impressions would only repeat."""
    return any(
        row["brand_id"] == brand_id and row["state"] is not AlertState.RESOLVED
        for row in alerting.live(conn, AlertReason.SNOWBALL)
    )


def _first_times(said: Sequence[tuple[int | None, datetime]], at: datetime) -> list[float]:
    """Return one moment a person and day (counted back from now); who is not named counts each time."""
    seen, found = set(), []
    for author, moment in said:
        key = (author, (at - moment) // DAY)
        if author is None or key not in seen:
            seen.add(key)
            found.append(moment.timestamp())
    return found


def _more(times: Sequence[float], at: datetime) -> dict[str, float]:
    """Return how far more there was in the last day than four weeks let expect."""
    moments, end = np.array(times), at.timestamp()
    cut = end - DAY.total_seconds()
    recent = [datetime.fromtimestamp(one, at.tzinfo) for one in moments[moments > cut]]
    found = surge(recent, at, _usual(moments, cut))
    return {
        "score": found.score,
        "count": float(found.count),
        "usual": found.usual,
        "window_h": found.window_s / 3600,
    }


def _fewer(times: Sequence[float], at: datetime) -> dict[str, float]:
    """Return how far less there was in the last day than four weeks let expect."""
    moments, end = np.array(times), at.timestamp()
    cut = end - DAY.total_seconds()
    baseline = _usual(moments, cut)
    usual = float(baseline.expected(np.arange(cut, end, BIN_S)).sum())
    count = float((moments > cut).sum())
    # The likelihood ratio of a lowered rate is that of a raised one with both sides changed.
    drop = float(likelihood(np.array([usual]), np.array([max(count, 0.5)]), np.array([baseline.k]))[0])
    return {"drop": drop, "count": count, "usual": usual}


def _usual(moments: np.ndarray[tuple[int], np.dtype[np.float64]], cut: float) -> Baseline:
    earlier = moments[moments <= cut]
    known = float(earlier[0]) if len(earlier) else cut
    return Baseline.of(earlier, cut, known)
