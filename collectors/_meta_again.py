"""Looks at several of Meta's objects again by their ids, and tells what is gone from what is only hidden."""

from collections.abc import Callable, Sequence

from collectors._meta_graph import GoneError, Graph, mapping
from domain.records import Raw


def again(
    graph: Graph, ids: Sequence[str], fields: str, still_trusted: Callable[[], object]
) -> tuple[list[Raw], tuple[str, ...]]:
    """Return the objects of some ids as they are now, and the ids that are gone; raises the errors of ``Graph.ask``.

    Meta refuses a whole batch for one id that it does not show, and answers alike for a deleted object and for a lost
    permission. So where nothing at all is shown, ``still_trusted`` must succeed before anything is called gone.
    """
    if not ids:
        return [], ()
    try:
        told = graph.ask("", {"ids": ",".join(ids), "fields": fields})
        found = {one: mapping(told.get(one)) for one in ids}
    except GoneError:
        found = {one: _alone(graph, one, fields) for one in ids}
    if not any(found.values()):
        still_trusted()
    return [it for it in found.values() if it], tuple(one for one, it in found.items() if not it)


def _alone(graph: Graph, one: str, fields: str) -> Raw:
    try:
        return graph.ask(one, {"fields": fields})
    except GoneError:
        return {}
