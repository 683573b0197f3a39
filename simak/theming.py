"""Groups complaints by their issue, a batch a transaction."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import repeat

import numpy as np
from sqlalchemy import Connection

from domain.records import Outcome
from nlp.decode import Array
from nlp.themes import Embedder, Themes
from store import themes
from store.engine import Store
from store.themes import Kept, Ungrouped

# What is older has had its time; a theme that sleeps longer keeps its number and wakes up when it is met again.
RECENT = timedelta(weeks=8)
BATCH, MOST, RENEWED = 256, 2_000, 20


@dataclass(frozen=True)
class Group:
    """Gives each complaint the theme of its issue; ``embedder`` is loaded when the first complaint waits."""

    embedder: Callable[[], Embedder]
    zone: str
    name: str = "group"

    def run(self, store: Store, now: datetime) -> Outcome:
        """Group until nothing waits."""
        outcome = Outcome()
        while True:
            with store.read() as conn:
                waiting = themes.ungrouped(conn, now - RECENT, BATCH)
            if not waiting:
                return outcome
            embedder = self.embedder()
            vectors = embedder.embed([one.text for one in waiting])
            with store.write() as conn:
                for brand_id, rows in _by_brand(waiting).items():
                    self._group(conn, embedder, brand_id, [waiting[row] for row in rows], vectors[rows])
            outcome += Outcome(seen=len(waiting), written=len(waiting))

    def _group(
        self, conn: Connection, embedder: Embedder, brand_id: int, some: Sequence[Ungrouped], vectors: Array
    ) -> None:
        held = _held(conn, embedder, brand_id, vectors.shape[1])
        rows = held.place(vectors)
        held.settle()
        rows = [held.row(row) for row in rows]
        seen = {row: one.published_at for row, one in zip(rows, some, strict=True)}
        for row in sorted(held.touched):
            _write(conn, embedder.name, brand_id, held, row, seen.get(row))
        for younger, older in held.merged.items():
            number, into = held.numbers[younger], held.numbers[held.row(older)]
            if number is not None and into is not None:
                themes.merge(conn, number, into)
        members = [
            {"mention_id": one.mention_id, "brand_id": brand_id, "theme_id": held.numbers[row]}
            for one, row in zip(some, rows, strict=True)
        ]
        themes.join(conn, members, self.zone)
        themes.forget(conn, brand_id, MOST)


def _held(conn: Connection, embedder: Embedder, brand_id: int, width: int) -> Themes:
    """Return a brand's themes, with new centres for those that another embedder made."""
    kept = themes.live(conn, brand_id, MOST)
    found = ((one, _centre(conn, embedder, one, width)) for one in kept)
    known = [(one, centre) for one, centre in found if centre is not None]
    centres = np.array([centre for _, centre in known]).reshape(len(known), width)
    return Themes([one.id for one, _ in known], centres, [one.weight for one, _ in known])


def _centre(conn: Connection, embedder: Embedder, one: Kept, width: int) -> Array | None:
    if one.embedder == embedder.name:
        centre: Array = np.frombuffer(one.centroid, dtype=np.float32).astype(np.float64)
        return centre if len(centre) == width else None
    texts = [text for _, text in themes.texts(conn, one.id, RENEWED)]
    if not texts:
        return None
    mean = embedder.embed(texts).mean(axis=0)
    centre = mean / max(float(np.linalg.norm(mean)), 1e-9)
    themes.move(conn, one.id, {"embedder": embedder.name, "centroid": _packed(centre)})
    return centre


def _write(conn: Connection, embedder: str, brand_id: int, held: Themes, row: int, seen_at: datetime | None) -> None:
    values = {"centroid": _packed(held.centres[row]), "weight": held.weights[row]}
    number = held.numbers[row]
    if number is not None:
        themes.move(conn, number, values, seen_at)
    elif held.row(row) == row and seen_at is not None:
        made = dict(zip(("born_at", "seen_at"), repeat(seen_at)))
        held.numbers[row] = themes.add(conn, {"brand_id": brand_id, "embedder": embedder, **values, **made})


def _packed(centre: Array) -> bytes:
    return np.asarray(centre, dtype=np.float32).tobytes()


def _by_brand(waiting: Sequence[Ungrouped]) -> dict[int, list[int]]:
    found = defaultdict(list)
    for row, one in enumerate(waiting):
        found[one.brand_id].append(row)
    return found
