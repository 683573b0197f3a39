"""Recovery: what those who complained say of the brand once it has answered them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping

from domain.vocabulary import Impression
from store import cases

# What somebody said a month before the answer is another story.
_BEFORE: Final = timedelta(days=30)


@dataclass(frozen=True)
class Recovery:
    """How many of a case's authors spoke better, alike or worse once the brand had answered, and how many not at all.

    Each author is compared with themselves: the last impression before the answer against the last one since, by their
    order from Boo to WOW. ``answered_at`` is ``None`` while nobody has answered; then all counts are 0.
    """

    answered_at: datetime | None
    authors: int
    better: int = 0
    alike: int = 0
    worse: int = 0

    @property
    def silent(self) -> int:
        """Return how many have said nothing of the brand since."""
        return self.authors - self.better - self.alike - self.worse


def recovery(conn: Connection, case: RowMapping, now: datetime) -> Recovery:
    """Return how a case's authors speak of the brand since it answered them."""
    if case["brand_id"] is None:
        return Recovery(None, 0)
    answered_at = cases.first_reply(conn, case["id"])
    since = case["opened_at"] - timedelta(days=1)
    authors = cases.complainers(conn, case["brand_id"], case["subject"], since, answered_at or now)
    if answered_at is None:
        return Recovery(None, len(authors))
    said = cases.impressions(conn, case["brand_id"], authors, answered_at - _BEFORE)
    steps = _steps(said, answered_at)
    return Recovery(
        answered_at,
        len(authors),
        better=sum(step > 0 for step in steps),
        alike=sum(step == 0 for step in steps),
        worse=sum(step < 0 for step in steps),
    )


def _steps(said: list[tuple[int, datetime, Impression]], answered_at: datetime) -> list[int]:
    """Return by how many steps each author who spoke again rose or fell."""
    before: dict[int, int] = {}
    after: dict[int, int] = defaultdict(int)

    for author, at, impression in said:
        (before if at <= answered_at else after)[author] = impression.level
    return [after[author] - before[author] for author in after if author in before]
