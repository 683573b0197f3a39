"""Answers of X with anything anywhere in them."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from loopback import Loopback, Reply
from pydantic import SecretStr
from x_replay import NOW, TOKEN, not_found, post, user

from collectors.base import Tools
from collectors.http import guarded
from collectors.runner import understand
from collectors.x import X, XOptions
from domain.errors import SimakError
from domain.query import Query, parse
from domain.records import Cursor

ODD: tuple[Any, ...] = (None, "\x00\ud800", [], {}, 10**40, [None], [[]], [{}], {"a": {}})
WHOLE = {
    "data": [dict(post(5))],
    "includes": {"users": [dict(user("77"))]},
    "errors": [dict(not_found("12"))],
    "meta": {"result_count": 1, "newest_id": "5"},
    "parameter": "query",
}


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value, at any depth."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        yield (*path, key)
        yield from paths(part, (*path, key))


def bodies() -> Iterator[bytes]:
    """Yield answers in which one value is replaced by something that does not belong there."""
    for *parents, last in paths(WHOLE):
        for odd in ODD:
            body: Any = copy.deepcopy(WHOLE)
            holder = body
            for key in parents:
                holder = holder[key]
            holder[last] = odd
            yield json.dumps(body).encode()


@pytest.mark.parametrize("status", [200, 400])
def test_no_answer_breaks_the_collector(status: int) -> None:
    """Whatever stands anywhere in an answer, it is a page whose cursor can be stored, or an error of ours."""
    answers = list(bodies())
    replies = iter(answers)
    read = refused = 0
    with Loopback(lambda _: Reply(status, {}, next(replies))) as server, guarded(["localhost"]) as client:
        tools = Tools(client, lambda: NOW, lambda _: SecretStr(TOKEN))
        collector = X(XOptions(base_url=server.url), tools)
        for _ in answers:
            try:
                page = next(collector.pages(Query("Kopi", parse("kopi")), Cursor()))
            except SimakError:
                refused += 1
                continue
            read += 1
            understand(collector, page)
            assert page.cursor.model_dump_json().isascii()
    assert read + refused == len(answers)
    assert (read > 0) == (status == 200)
