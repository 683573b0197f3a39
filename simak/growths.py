"""The growth in force for each platform: learnt from the tenant's own finished posts, or the shipped cold start."""

from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from domain.vocabulary import Platform
from risk.growth import Growth, Learnt, Track, cold_start, load
from store.engine import Store
from store.foresight import recent_tracks

# How far a platform's posts have come changes slowly.
_HOLD_S = 3_600.0
# So many posts tell where one stands among them.
_CROWD = 2_000


@dataclass
class Growths:
    """Gives the growth in force for a platform; ``folder`` holds what was learnt, a file a platform."""

    folder: Path
    store: Store
    horizon_s: float
    _held: dict[Platform, tuple[int, float, Growth]] = field(default_factory=dict)

    def __call__(self, platform: Platform) -> Growth:
        """Return the growth in force, at most an hour old; what was learnt since is in force at once."""
        stamp = self._stamp(platform)
        held = self._held.get(platform)
        if held is None or held[0] != stamp or monotonic() - held[1] > _HOLD_S:
            held = self._held[platform] = (stamp, monotonic(), self._found(platform, stamp))
        return held[2]

    def file(self, platform: Platform) -> Path:
        """Return where what was learnt of a platform is kept."""
        return self.folder / f"{platform.value}.json"

    def _stamp(self, platform: Platform) -> int:
        file = self.file(platform)
        return file.stat().st_mtime_ns if file.is_file() else 0

    def _found(self, platform: Platform, stamp: int) -> Growth:
        learnt: Learnt | None = load(self.file(platform)) if stamp else None
        if learnt is not None and learnt.horizon_s == self.horizon_s:
            return learnt
        with self.store.read() as conn:
            states = recent_tracks(conn, platform, _CROWD)
        return cold_start().among([Track.load(state) for state in states])
