"""Correcting the labels of many mentions at once: what is given is set, what is not stays each one's own."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from domain.access import Right
from domain.records import Labels
from store.access import demand
from store.audit import audit
from store.labels import correct_all
from store.tables import BRAND_MENTION
from store.triage import still

_ROW = BRAND_MENTION.c
_NAMES = tuple(Labels.model_fields)
# What a mention that was never read takes part in is not known; these two a person has to say.
_NEEDED = ("impression", "stage")


@dataclass(frozen=True)
class Relabelled:
    """How many mentions were corrected, lack an impression or a stage to be complete, or are gone."""

    done: int
    lacking: int
    gone: int


def relabel(
    conn: Connection, brand_id: int, ids: Collection[int], given: Mapping[str, Any], by: str, zone: str, now: datetime
) -> Relabelled:
    """Set labels by their names in ``Labels`` on mentions toward a brand, all or none, with one line in the audit.

    Raises ForbiddenError when the connection is that of somebody who may not correct.
    """
    demand(conn, Right.CORRECT)
    here = still(conn, brand_id, ids)
    whole = {one: Labels(**values) for one, values in _labels(conn, brand_id, here, given).items() if _complete(values)}
    done = len(correct_all(conn, brand_id, whole, by, zone, now)) if whole else 0
    if done:
        told = ", ".join(f"{name} {_said(value)}" for name, value in sorted(given.items()))
        audit(conn, by, "labels corrected", f"{done} mentions, brand {brand_id}: {told}", now)
    return Relabelled(done, len(here) - len(whole), len(set(ids)) - len(here))


def _labels(
    conn: Connection, brand_id: int, ids: Collection[int], given: Mapping[str, Any]
) -> dict[int, dict[str, Any]]:
    columns = [_ROW[name] for name in _NAMES]
    rows = select(_ROW.mention_id, *columns).where(_ROW.brand_id == brand_id, _ROW.mention_id.in_(ids))
    plain = {"complaint": False, "use_gap": False, "journey": "NONE"}
    found = {}
    for mention_id, *values in conn.execute(rows.order_by(_ROW.mention_id)):
        told = {name: value for name, value in zip(_NAMES, values, strict=True) if value is not None}
        found[mention_id] = plain | told | dict(given)
    return found


def _complete(values: Mapping[str, Any]) -> bool:
    return all(values.get(name) for name in _NEEDED)


def _said(value: Any) -> str:
    return "+".join(value) or "none" if isinstance(value, tuple) else str(value)
