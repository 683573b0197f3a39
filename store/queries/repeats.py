"""How often mentions were repeated, and which of them are campaigns."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from store.tables import CAMPAIGN, MENTION


@dataclass(frozen=True)
class Repeats:
    """How many copies a mention has besides itself, and, of a campaign, how many people posted it."""

    copies: int
    campaign_authors: int | None


def repeats(conn: Connection, mention_ids: Collection[int]) -> dict[int, Repeats]:
    """Return the repeats of mentions by id; one that nobody repeated is left out."""
    row = MENTION.c
    counted = select(row.copy_of, func.count()).where(row.copy_of.in_(mention_ids)).group_by(row.copy_of)
    flags = select(CAMPAIGN.c.mention_id, CAMPAIGN.c.authors).where(CAMPAIGN.c.mention_id.in_(mention_ids))
    authors: dict[int, int] = dict(conn.execute(flags).all())
    return {original: Repeats(copies, authors.get(original)) for original, copies in conn.execute(counted)}
