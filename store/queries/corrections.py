"""What people corrected, as the reader learns from it."""

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from domain.records import Labels
from store.tables import BRAND, CORRECTION, MENTION


class Corrected(NamedTuple):
    """A text, the key of the brand in question, and the labels that a person gave it."""

    text: str
    brand: str
    labels: Labels


def corrections(conn: Connection) -> list[Corrected]:
    """Return the newest correction of each mention toward each brand, in the order in which they were made."""
    newest = select(func.max(CORRECTION.c.id)).group_by(CORRECTION.c.mention_id, CORRECTION.c.brand_id)
    labels = [CORRECTION.c[name] for name in Labels.model_fields]
    found = conn.execute(
        select(MENTION.c.text, BRAND.c.key, *labels)
        .join_from(CORRECTION, MENTION, MENTION.c.id == CORRECTION.c.mention_id)
        .join(BRAND, BRAND.c.id == CORRECTION.c.brand_id)
        .where(CORRECTION.c.id.in_(newest))
        .order_by(CORRECTION.c.id)
    )
    names = tuple(Labels.model_fields)
    return [Corrected(text, key, Labels(**dict(zip(names, values, strict=True)))) for text, key, *values in found]
