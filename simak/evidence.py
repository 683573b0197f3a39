"""What a run of foreseeing has before it: complaints in time order, by brand and by issue."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.vocabulary import Impression, Platform, Severity
from nlp.severity import severities
from store.foresight import Complaint

DAY = timedelta(days=1)
# Where a customer speaks to the brand alone, or where nobody passes on what they read.
QUIET = frozenset(
    {
        *(Platform.CALL_CENTRE, Platform.EMAIL, Platform.SMS, Platform.WHATSAPP),
        *(Platform.GOOGLE_PLAY, Platform.APP_STORE, Platform.MAPS, Platform.MARKETPLACE, Platform.REVIEW),
    }
)
# The same trouble told in private is remembered for this long; fewer than these are no forerunners.
_FORERUNNERS, _REMEMBERED = 3, timedelta(days=14)
# A calibrated probability of anger: one half is where it outweighs sadness.
_ANGRY = 0.5


@dataclass
class Voices:
    """The complaints of one issue, or of a brand as a whole, oldest first."""

    complaints: list[Complaint] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)

    def add(self, one: Complaint) -> None:
        """Add the next complaint in time."""
        self.complaints.append(one)
        self.times.append(one.published_at)

    def between(self, since: datetime, until: datetime) -> Sequence[Complaint]:
        """Return the complaints after ``since``, up to ``until``."""
        return self.complaints[bisect_right(self.times, since) : bisect_right(self.times, until)]

    def people(self, since: datetime, until: datetime) -> list[Complaint]:
        """Return the first complaint of each author in a stretch; who is not named counts each time."""
        seen: set[int] = set()
        found = []
        for one in self.between(since, until):
            if one.author_id is None or one.author_id not in seen:
                found.append(one)
            if one.author_id is not None:
                seen.add(one.author_id)
        return found

    def forerunners(self, at: datetime) -> int:
        """Return how many had told the brand in private before the issue turned public within the last day, or 0."""
        public = (one.published_at for one in self.between(at - _REMEMBERED, at) if one.platform not in QUIET)
        turned = next(public, None)
        if turned is None or turned <= at - DAY:
            return 0
        earlier = self.people(turned - _REMEMBERED, turned)
        count = sum(one.platform in QUIET for one in earlier)
        return count if count >= _FORERUNNERS else 0


@dataclass
class Evidence:
    """All complaints of a run by brand and issue; an issue of ``None`` is the brand as a whole."""

    voices: dict[int, dict[int | None, Voices]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Voices))
    )
    by_mention: dict[int, list[Complaint]] = field(default_factory=lambda: defaultdict(list))
    _kinds: dict[int, frozenset[Severity]] = field(default_factory=dict)

    @classmethod
    def of(cls, complaints: Sequence[Complaint]) -> "Evidence":
        """Sort complaints, which come oldest first."""
        evidence = cls()
        for one in complaints:
            brand = evidence.voices[one.brand_id]
            brand[None].add(one)
            if one.theme_id is not None:
                brand[one.theme_id].add(one)
            evidence.by_mention[one.mention_id].append(one)
        return evidence

    def issues(self, since: datetime, until: datetime) -> Iterator[tuple[int, int | None]]:
        """Yield brand and issue of what was complained about in a stretch, each once."""
        for brand_id, issues in self.voices.items():
            for theme_id, voices in issues.items():
                if voices.between(since, until):
                    yield brand_id, theme_id

    def harm(self, people: Iterable[Complaint]) -> Counter[Severity]:
        """Return how many of some people tell of each kind of harm, or are furious."""
        found: Counter[Severity] = Counter()
        for one in people:
            if one.mention_id not in self._kinds:
                self._kinds[one.mention_id] = severities(one.text)
            found.update(self._kinds[one.mention_id])
            if one.impression is Impression.BOO and (one.arousal or 0.0) >= _ANGRY:
                found[Severity.ANGER] += 1
        return found
