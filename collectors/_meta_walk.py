"""Walks through Meta's lists, and lists within lists, such that it can be cut off after any answer.

What is still to be read is a stack of lists; it stands in the cursor's token. The floor holds when the last finished
walk began, and notes that outlive a walk.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from collectors._meta_graph import GoneError, Graph, mapping, nodes, paging
from domain.errors import TransientError
from domain.records import Cursor, Gap, Page, Raw

# A source that answers so often with nothing new and a next page in one walk is turning in circles.
_FRUITLESS = 20


class Todo(NamedTuple):
    """A list to be read: its kind, of what, and the marks of its next page."""

    kind: str
    of: str
    paging: dict[str, str] = {}  # noqa: RUF012  # Never changed.


@dataclass(frozen=True)
class Kind:
    """How lists of one kind are read.

    ``raws`` gives the raw items on a page, ``within`` the lists in an object that go on elsewhere, ``notes`` what is to
    be remembered for good. A list in good order ends where its objects are older than ``oldest``. ``anew``: its marks
    are of no use to a later walk. ``optional``: that there is none is no failure. ``top``: it is read only as long as
    the options ask for it. ``once``: it is not read where there is a note of it. In ``path`` and ``params``, {of} is
    what the list is of, {note} what is noted of it.
    """

    path: str
    params: Mapping[str, str | int]
    raws: Callable[[list[Raw], str], Iterable[Raw]]
    within: Callable[[Raw], Iterable[Todo]] = lambda _: ()
    following: Callable[[Todo, Raw, list[Raw]], dict[str, str]] = lambda _todo, body, _nodes: paging(body)
    oldest: datetime | None = None
    moment: str = "timestamp"
    anew: bool = False
    notes: Callable[[Todo, list[Raw]], dict[str, str]] = lambda _todo, _nodes: {}
    before: Callable[[], None] = lambda: None
    optional: bool = False
    top: bool = False
    once: bool = False


@dataclass(frozen=True)
class State:
    """Where a walk stands: when it began, what it has noted, and what is still to be read."""

    began: str
    notes: dict[str, str] = field(default_factory=dict)
    todo: tuple[Todo, ...] = ()

    def told(self) -> str:
        """Return it as text for a cursor."""
        return json.dumps({"began": self.began, "notes": self.notes, "todo": self.todo}, separators=(",", ":"))


def read_state(text: str | None) -> State | None:
    """Return the state in a cursor's text; ``None`` where there is none, or not one of ours."""
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        told = json.loads(text or "")
        todo = tuple(Todo(str(kind), str(of), dict(marks)) for kind, of, marks in told["todo"])
        return State(str(told["began"]), dict(told["notes"]), todo)
    return None


def began(cursor: Cursor) -> datetime | None:
    """Return when the last finished walk began."""
    state = read_state(cursor.floor)
    return moment(state.began) if state else None


class _Read(NamedTuple):
    """What one answer gave, the lists to go on with, those to go on with after a restart, and whether it was hollow."""

    raws: tuple[Raw, ...] = ()
    further: tuple[Todo, ...] = ()
    saved: tuple[Todo, ...] = ()
    hollow: bool = False


class Walk:
    """One walk over some lists, from where the cursor stands."""

    def __init__(
        self, graph: Graph, kinds: Mapping[str, Kind], first: Sequence[Todo], cursor: Cursor, now: datetime
    ) -> None:
        """Take up the walk in the cursor, or begin one with the lists in ``first``."""
        before, under_way = read_state(cursor.floor), read_state(cursor.token)
        self._graph, self._kinds, self._cursor = graph, kinds, cursor
        self._first = {(todo.kind, todo.of) for todo in first}
        fresh = State(now.isoformat(), before.notes if before else {}, tuple(first))
        self.state = self._still_wanted(under_way) if under_way else fresh
        self._met: set[tuple[str, str, str]] = set()
        self._brought: set[str] = set()
        self._led: set[tuple[str, str, str]] = set()
        self._fruitless = 0

    def pages(self, gaps: Callable[[Todo], Gap | None] = lambda _: None) -> Iterator[Page]:
        """Yield a page for each answer that brought something; ``gaps`` tells what a list can no longer give."""
        while self.state.todo:
            todo, *rest = self.state.todo
            gap = gaps(todo) if not todo.paging else None
            read = self._read(todo)
            self.state = replace(self.state, todo=(*read.further, *rest))
            if not self.state.todo:
                yield Page(raws=read.raws, gap=gap, cursor=self._settled())
                return
            if read.raws or gap or read.hollow:
                resume = replace(self.state, todo=(*read.saved, *rest))
                yield Page(raws=read.raws, gap=gap, cursor=self._cursor.walking(resume.told(), self.state.began))
        yield Page(cursor=self._settled())

    def _settled(self) -> Cursor:
        return Cursor(floor=replace(self.state, todo=()).told())

    def _still_wanted(self, state: State) -> State:
        todo = (one for one in state.todo if one.kind in self._kinds)
        kept = (one for one in todo if not self._kinds[one.kind].top or (one.kind, one.of) in self._first)
        return replace(state, todo=tuple(kept))

    def _read(self, todo: Todo) -> _Read:
        kind = self._kinds[todo.kind]
        found, marks = self._ask(kind, todo)
        self.state = replace(self.state, notes=self.state.notes | kind.notes(todo, found))
        within = [one for node in found for one in kind.within(node)]
        onward = [todo._replace(paging=marks)] if marks else []
        return _Read(
            raws=tuple(self._once(kind.raws(found, todo.of))),
            further=(*within, *onward),
            saved=(*within, *([todo._replace(paging={})] if kind.anew and marks else onward)),
            hollow=bool(marks and not found),
        )

    def _ask(self, kind: Kind, todo: Todo) -> tuple[list[Raw], dict[str, str]]:
        """Return the objects on a page of a list and the marks of its next page."""
        note = self.state.notes.get(todo.of, "")
        if (kind.once and note) or ("{note}" in kind.path and not note):
            return [], {}
        kind.before()
        params = {name: str(value).replace("{of}", todo.of) for name, value in kind.params.items()}
        try:
            body = self._graph.ask(kind.path.format(of=todo.of, note=note), params | todo.paging)
        except GoneError:
            if not kind.optional:
                raise
            return [], {}
        found = nodes(body, self._graph.name)
        return found, self._goes_on(kind, todo, body, found)

    def _goes_on(self, kind: Kind, todo: Todo, body: Raw, found: list[Raw]) -> dict[str, str]:
        """Return the marks of a list's next page; none where it ends, is old enough, or repeats itself."""
        marks = kind.following(todo, body, found)
        met = {(todo.kind, todo.of, str(node.get("id") or node)) for node in found}
        seen = (todo.kind, todo.of, json.dumps(marks))
        fresh, circling = not met <= self._met, seen in self._led or marks == todo.paging
        self._met |= met
        self._led.add(seen)
        ends = circling and not fresh and (found or kind.anew)
        if ends or settled(found, kind.moment, kind.oldest):
            return {}
        self._fruitless += not fresh
        if marks and ((circling and not found) or self._fruitless > _FRUITLESS):
            raise TransientError(f"{self._graph.name} answers with pages of nothing new without end.")
        return marks

    def _once(self, raws: Iterable[Raw]) -> Iterator[Raw]:
        """Yield what this walk has not brought yet: a post may both name the brand and carry its hashtag."""
        for raw in raws:
            key = str(raw.get("id"))
            if key not in self._brought:
                self._brought.add(key)
                yield raw


def settled(found: Sequence[Raw], key: str, oldest: datetime | None) -> bool:
    """Tell whether a list is in order, newest first, and its last object older than wanted.

    Meta promises no order for most lists, so it is believed only where it is seen.
    """
    moments = [moment(node.get(key)) for node in found]
    known = [one for one in moments if one]
    if oldest is None or not known or len(known) < len(moments):
        return False
    return all(one >= after for one, after in pairwise(known)) and known[-1] < oldest


def embedded(node: Raw, name: str, oldest: datetime | None, key: str) -> tuple[list[Raw], dict[str, str]]:
    """Return the objects of a list that came inside an object, and the marks of its next page, if that is wanted."""
    held = mapping(node.get(name))
    data = held.get("data")
    found = [it for it in data if isinstance(it, Mapping)] if isinstance(data, list) else []
    marks = paging(held)
    return found, {} if settled(found, key, oldest) else marks


def moment(told: Any) -> datetime | None:
    """Return a time as Meta tells it, in UTC; ``None`` where it is none."""
    with suppress(ValueError, TypeError, OverflowError):
        found = datetime.fromisoformat(told)
        return found.astimezone(UTC) if found.tzinfo else None
    return None
