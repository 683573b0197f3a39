"""Finds texts that repeat an earlier one: reposts, copy-paste, campaigns."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.records import Outcome
from nlp.copies import ALIKE, bands, resemblance, shingles
from store import copies
from store.engine import Store

BATCH = 256


@dataclass(frozen=True)
class Fold:
    """Looks for the original of each new or edited text and folds the copies under it."""

    name: str = "fold"

    def run(self, store: Store, now: datetime) -> Outcome:
        """Look until nothing waits; ``written`` counts the copies that were found."""
        outcome = Outcome()
        while True:
            with store.write() as conn:
                waiting = copies.waiting(conn, BATCH)
                if not waiting:
                    return outcome
                batch = _Batch(waiting)
                batch.compare(copies.sharing(conn, batch.wanted), lambda ids: copies.texts(conn, ids))
                copies.settle(conn, waiting, batch.originals, batch.copies, now)
            outcome += Outcome(seen=len(waiting), written=len(batch.copies))


class _Batch:
    """Some texts, compared with each other and with what is known: ``originals`` with bands, ``copies`` of which."""

    def __init__(self, looked_at: Sequence[copies.Text]) -> None:
        grams = {one.mention_id: shingles(one.text) for one in looked_at}
        self._grams = {mention_id: found for mention_id, found in grams.items() if found}
        self._bands = {mention_id: bands(found) for mention_id, found in self._grams.items()}
        self.originals: dict[int, tuple[int, ...]] = {}
        self.copies: dict[int, int] = {}

    @property
    def wanted(self) -> set[int]:
        """The bands to look for."""
        return {band for found in self._bands.values() for band in found}

    def compare(
        self, sharing: Mapping[int, Sequence[int]], texts: Callable[[Collection[int]], Mapping[int, str]]
    ) -> None:
        """Sort the texts into originals and copies; ``texts`` reads those of stored mentions."""
        stored = {band: set(ids) - self._bands.keys() for band, ids in sharing.items()}
        for mention_id, text in texts(set().union(*stored.values())).items():
            self._grams[mention_id] = shingles(text) or frozenset()
        for mention_id, found in self._bands.items():
            original = self._original(mention_id, set().union(*(stored.get(band, ()) for band in found)))
            if original is not None:
                self.copies[mention_id] = original
                continue
            self.originals[mention_id] = found
            for band in found:
                stored.setdefault(band, set()).add(mention_id)

    def _original(self, mention_id: int, candidates: Collection[int]) -> int | None:
        """Return the first of the candidates that the text is alike to, or ``None``."""
        mine = self._grams[mention_id]
        return next((one for one in sorted(candidates) if resemblance(mine, self._grams[one]) >= ALIKE), None)
