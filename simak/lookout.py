"""One look ahead: what the posts and the issues of a moment are foreseen to become."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from math import log1p
from typing import Any

import numpy as np

from domain.clock import grid, local
from domain.vocabulary import Severity
from risk.baseline import BIN_S, KNOWN, Baseline
from risk.growth import Forecast
from risk.issue import either, grave, lowered
from risk.surge import Surge, surge
from risk.wave import wave
from simak.evidence import DAY, Evidence, Voices
from simak.growing import Posts
from store.foresight import Complaint, Look

# The shortest pause between two looks at a young complaint: seeing more often would see nothing new.
EVERY = timedelta(minutes=5)
# What may still become one is looked at again though nothing happened, so that it can be seen to calm.
LIVELY, AGAIN = 0.1, timedelta(minutes=15)
_USUAL = timedelta(days=28)
_SIZES = ("expected", "low", "high")

Row = Mapping[str, Any]
Issue = tuple[int, int | None]


@dataclass
class Agenda:
    """The moments to look ahead at, in their order, each with the counters read since the one before."""

    until: datetime
    looks: dict[datetime, list[Look]]
    moments: list[datetime] = field(default_factory=list)
    planned: set[datetime] = field(default_factory=set)

    @classmethod
    def of(cls, evidence: Evidence, looks: Iterable[Look], since: datetime, until: datetime) -> "Agenda":
        """Plan the moments at which something was said or counted, and the last one: what came late shows there."""
        by_moment: dict[datetime, list[Look]] = defaultdict(list)
        for one in looks:
            by_moment[max(_after(one.observed_at), since + EVERY)].append(one)
        agenda = cls(until, by_moment)
        for brand in evidence.voices.values():
            for said in brand[None].between(since, until):
                agenda.plan(_after(said.published_at))
        for at in (*by_moment, until):
            agenda.plan(at)
        return agenda

    @property
    def left(self) -> bool:
        """Tell whether a moment is left."""
        return bool(self.moments)

    def plan(self, at: datetime) -> None:
        """Add a moment, unless it is there or has not come yet."""
        if at <= self.until and at not in self.planned:
            self.planned.add(at)
            heappush(self.moments, at)

    def take(self) -> tuple[datetime, list[Look]] | None:
        """Return the next moment with what was counted, or ``None`` at the end."""
        if not self.moments:
            return None
        at = heappop(self.moments)
        return at, self.looks.pop(at, [])


@dataclass(frozen=True)
class Last:
    """What was last foreseen of an issue: when, how likely, and of how many people."""

    at: datetime
    p: float
    authors: float


@dataclass
class Lookout:
    """Looks ahead with what a run has before it.

    By brand: ``reaches`` is how many people make a snowball, ``known_since`` from when on what is said is known.
    """

    evidence: Evidence
    posts: Posts
    reaches: Mapping[int, float]
    horizon: timedelta
    zone: str
    known_since: Mapping[int, datetime]
    last: dict[Issue, Last] = field(default_factory=dict)
    grown: dict[int, Forecast] = field(default_factory=dict)

    def remember(self, brand_id: int, newest: Mapping[int | None, Any]) -> None:
        """Take in what was last foreseen of a brand's issues."""
        for theme_id, row in newest.items():
            self.last[brand_id, theme_id] = Last(row.at, row.p, row.moved.get("authors", 0.0))

    def foresee(self, at: datetime, grown: Sequence[int], agenda: Agenda) -> list[Row]:
        """Return the forecasts of a moment, of posts and then of issues, and plan what is to be looked at again."""
        rows = self._posts(at, grown)
        touched = {(one.brand_id, one.theme_id) for mention_id in grown for one in self.evidence.by_mention[mention_id]}
        for issue in self._stirring(at, touched, whole=at == agenda.until):
            row = self._issue(at, issue)
            self.last[issue] = Last(at, row["p"], row["moved"]["authors"])
            rows.append(row)
            if row["p"] >= LIVELY:
                agenda.plan(grid(at, EVERY) + AGAIN)
        return rows

    def _stirring(self, at: datetime, touched: set[Issue], *, whole: bool) -> list[Issue]:
        """Return the issues to look at: what was just spoken of, has a post that grew, is lively, or came in late."""
        found = touched | set(self.evidence.issues(at - EVERY, at))
        found |= {issue for issue, last in self.last.items() if last.p >= LIVELY and at - last.at >= AGAIN}
        if whole:
            found |= {issue for issue in self.evidence.issues(at - DAY, at) if self._late(at, issue)}
        return sorted((issue for issue in found if self._voices(issue).between(at - _USUAL, at)), key=str)

    def _late(self, at: datetime, issue: Issue) -> bool:
        last = self.last.get(issue)
        return last is None or last.authors != len(self._voices(issue).people(at - DAY, at))

    def _voices(self, issue: Issue) -> Voices:
        return self.evidence.voices[issue[0]][issue[1]]

    def _posts(self, at: datetime, grown: Sequence[int]) -> list[Row]:
        """Return the forecasts of posts with new counters, one for each brand that they are about."""
        about = {one: self.evidence.by_mention[one] for one in grown if self.evidence.by_mention[one]}
        harms = {one: grave(self.evidence.harm(found[:1]), 1) for one, found in about.items()}
        reaches = {
            one: lowered(self.reaches[found[0].brand_id], harms[one], turned_public=False)
            for one, found in about.items()
        }
        forecasts = self.posts.foresee(reaches)
        self.grown.update(forecasts)
        return [
            self._post_row(at, complaint, forecasts[one], reaches[one], harms[one])
            for one, found in about.items()
            for complaint in found
        ]

    def _post_row(
        self, at: datetime, one: Complaint, forecast: Forecast, reach: float, harms: Mapping[Severity, float]
    ) -> Row:
        track = self.posts.known[one.mention_id]
        told = {
            **forecast.moved,
            **_told(harms),
            **self.posts.pace(one.mention_id),
            "authors": 1.0,
            "arousal": one.arousal or 0.0,
            "hour": float(local(at, self.zone).hour),
        }
        return {
            **_of(one.brand_id, one.theme_id, one.mention_id, at, self.horizon),
            "looked_at": self.posts.looked_at[one.mention_id],
            "began_at": one.published_at,
            "count": track.count,
            **_foreseen(forecast, reach),
            "moved": told,
        }

    def _issue(self, at: datetime, issue: Issue) -> Row:
        """Return the forecast of an issue: its crowd and its fastest post together."""
        voices = self._voices(issue)
        people = voices.people(at - DAY, at)
        quiet = voices.forerunners(at)
        harms = grave(self.evidence.harm(people), len(people)) if people else {}
        reach = lowered(self.reaches[issue[0]], harms, turned_public=quiet > 0)
        stir, crowd, more = self._crowd(at, issue[0], voices, people, reach)
        posts = {one.mention_id: self.grown[one.mention_id] for one in people if one.mention_id in self.grown}
        fastest = max((forecast.p for forecast in posts.values()), default=0.0)
        told = {
            **_about(stir, people),
            **_told(harms),
            "post_p": fastest,
            "crowd_p": crowd.p,
            **({"quiet": float(quiet)} if quiet else {}),
        }
        return {
            **_of(issue[0], issue[1], None, at, self.horizon),
            "looked_at": at,
            "began_at": at - timedelta(seconds=stir.age_s),
            "count": more + sum(self.posts.known[one].count for one in posts),
            "p": either(fastest, crowd.p),
            **{name: sum(getattr(one, name) for one in (crowd, *posts.values())) for name in _SIZES},
            "reach": reach,
            "moved": told,
        }

    def _crowd(
        self, at: datetime, brand_id: int, voices: Voices, people: Sequence[Complaint], reach: float
    ) -> tuple[Surge, Forecast, float]:
        """Return whether an issue's people surge, what that is foreseen to become, and how many more than usual came.

        That many more complain than usual may be chance, and how far a surge grows is a question of its own: the
        probability is the product of both. Only who is beyond what is usual counts towards the reach, or a large
        brand would have a snowball every day.
        """
        usual = voices.people(at - _USUAL - DAY, at - DAY)
        history = np.array([one.published_at.timestamp() for one in usual])
        begin = max(self.known_since[brand_id], at - _USUAL - DAY)
        baseline = Baseline.of(history, (at - DAY).timestamp(), begin.timestamp())
        stir = surge([one.published_at for one in people], at, baseline)
        if at - DAY - begin < KNOWN:
            # Nobody can tell yet what is usual.
            stir = replace(stir, score=0.0, p=0.0, age_s=0.0)
        since = at - timedelta(seconds=stir.age_s)
        joined = [one.published_at for one in people if one.published_at > since]
        late = sum(one > at - (at - since) / 3 for one in joined)
        usually = _expected(baseline, at, stir.age_s)
        more = max(len(joined) - usually, 0.0)
        crowd = wave(more, max(late - usually / 3, 0.0), stir.age_s, reach, self.horizon.total_seconds())
        sizes = {name: more + (getattr(crowd, name) - more) * stir.p for name in ("expected", "low")}
        return stir, replace(crowd, p=stir.p * crowd.p, **sizes), more


def _expected(baseline: Baseline, at: datetime, age_s: float) -> float:
    """Return how many people would usually have complained since a surge began."""
    begins = at.timestamp() - BIN_S * np.arange(int(age_s / BIN_S), 0, -1.0)
    return float(baseline.expected(begins).sum())


def _about(stir: Surge, people: Sequence[Complaint]) -> dict[str, float]:
    """Return what is told of an issue's people."""
    return {
        "authors": float(len(people)),
        "usual": stir.usual,
        "window_h": stir.window_s / 3600,
        "within": float(stir.count),
        "crowd": log1p(stir.count) - log1p(stir.usual),
        "score": stir.score,
        "platforms": float(len({one.platform for one in people})),
        "arousal": _mean([one.arousal for one in people if one.arousal is not None]),
        "age_h": stir.age_s / 3600,
    }


def _after(moment: datetime) -> datetime:
    """Return the first moment of the grid at which something that happened can be known."""
    at = grid(moment, EVERY)
    return at if at == moment else at + EVERY


def _of(
    brand_id: int, theme_id: int | None, mention_id: int | None, at: datetime, horizon: timedelta
) -> dict[str, Any]:
    return {
        "brand_id": brand_id,
        "theme_id": theme_id,
        "mention_id": mention_id,
        "at": at,
        "horizon_s": int(horizon.total_seconds()),
    }


def _foreseen(forecast: Forecast, reach: float) -> dict[str, float]:
    return {**{name: getattr(forecast, name) for name in ("p", *_SIZES)}, "reach": reach}


def _told(harms: Mapping[Severity, float]) -> dict[str, float]:
    return {f"severity.{kind}": share for kind, share in harms.items()}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
