"""The lanes of one walk on X: the brand's search, and the quotes and replies of each post that is watched.

Each lane is walked newest first down to a floor of its own. A cursor holds the floors of all of them and the page of
the one under way; of a source with a single lane it is what it always was.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from domain.records import Cursor

SEARCH = "search"


@dataclass(frozen=True)
class Lane:
    """What is walked: a search, or the quotes of a post; ``counted`` when a count can say what it would bring."""

    name: str
    search: str = ""
    quoted: str = ""
    counted: bool = False


class Trail:
    """How far each lane has come."""

    def __init__(self, lanes: Sequence[Lane], cursor: Cursor) -> None:
        """Read a cursor; what it says of lanes that are no more is forgotten."""
        self._names = [lane.name for lane in lanes]
        self._lanes = {lane.name: lane for lane in lanes}
        self._floors = {name: floor for name, floor in _floors(cursor.floor).items() if name in self._lanes}
        self._lane, self._token = _place(cursor.token)
        if self._lane not in self._lanes:
            self._lane, self._token = self._names[0], None
        self._ceiling = cursor.ceiling if self._token else None

    def ahead(self) -> Iterator[Lane]:
        """Yield the lanes from the one under way on."""
        yield from (self._lanes[name] for name in self._names[self._names.index(self._lane) :])

    def local(self, lane: Lane) -> Cursor:
        """Return how far one lane has come, as if it were alone."""
        here = lane.name == self._lane
        floor = self._floors.get(lane.name)
        return Cursor(floor=floor, ceiling=self._ceiling, token=self._token) if here else Cursor(floor=floor)

    def move(self, lane: Lane, local: Cursor) -> Cursor:
        """Note how far a lane has come and return the cursor of the whole walk."""
        if local.floor:
            self._floors[lane.name] = local.floor
        self._lane, self._ceiling, self._token = lane.name, local.ceiling, local.token
        after = self._names[self._names.index(lane.name) + 1 :]
        if local.token is None:
            self._lane = after[0] if after else self._names[0]
            return Cursor(floor=self._floor(), token=f"{after[0]} " if after else None)
        named = local.token if lane.name == SEARCH else f"{lane.name} {local.token}"
        return Cursor(floor=self._floor(), ceiling=local.ceiling, token=named)

    def last(self, lane: Lane) -> bool:
        """Tell whether no lane comes after this one."""
        return lane.name == self._names[-1]

    def _floor(self) -> str | None:
        if not set(self._floors) - {SEARCH}:
            return self._floors.get(SEARCH)
        return json.dumps(self._floors, sort_keys=True)


def _floors(floor: str | None) -> Mapping[str, str]:
    if floor and floor.startswith("{"):
        with suppress(ValueError):
            return {str(name): str(found) for name, found in json.loads(floor).items()}
    return {SEARCH: floor} if floor else {}


def _place(token: str | None) -> tuple[str, str | None]:
    """Return the lane and the page of it that a token stands for; X's own tokens hold no space."""
    if token is None:
        return "", None
    lane, found, page = token.rpartition(" ")
    return (lane, page or None) if found else (SEARCH, token)
