"""Answers of X with anything anywhere in them."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from loopback import Asked, Loopback, Reply
from pydantic import SecretStr
from x_replay import NOW, TOKEN, not_found, post, user

from collectors.base import Tools
from collectors.http import guarded
from collectors.runner import understand
from collectors.x import X, XOptions
from domain.errors import SimakError
from domain.query import Query, parse
from domain.records import Cursor, Page

ODD: tuple[Any, ...] = (None, "\x00\ud800", [], {}, 10**40, [None], [[]], [{}], {"a": {}})
WHOLE = {
    "data": [dict(post(5))],
    "includes": {"users": [dict(user("77"))]},
    "errors": [dict(not_found("12"))],
    "meta": {"result_count": 1, "newest_id": "5", "total_tweet_count": 1},
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


def first_page(collector: X, what: str) -> Page | None:
    """Return the first page of a kind of call, or nothing where it yields none."""
    if what == "look up":
        return next(collector.refresh(["5"]))
    token = "quotes/5 b26" if what == "quotes" else None
    return next(collector.pages(Query("kopi", parse("kopi")), Cursor(token=token)), None)


@pytest.mark.parametrize("what", ["search", "count", "quotes", "look up"])
@pytest.mark.parametrize("status", [200, 400])
def test_no_answer_breaks_the_collector(status: int, what: str) -> None:
    """Whatever stands anywhere in an answer, it is a page whose cursor can be stored, or an error of ours."""
    answers = list(bodies())
    read = refused = 0
    behaviour = Serving()
    with Loopback(behaviour) as server, guarded(["localhost"]) as client:
        tools = Tools(client, lambda: NOW, lambda _: SecretStr(TOKEN))
        count = "always" if what == "count" else "never"
        collector = X(XOptions(base_url=server.url, count=count, watched={"kopi": ("5",)}), tools)
        for answer in answers:
            behaviour.reply = Reply(status, {}, answer)
            try:
                page = first_page(collector, what)
            except SimakError:
                refused += 1
                continue
            read += 1
            if page:
                understand(collector, page)
                assert page.cursor.model_dump_json().isascii()
    assert read + refused == len(answers)
    assert (read > 0) == (status == 200)


class Serving:
    """Answers everything with the reply of the moment."""

    reply = Reply()

    def __call__(self, _: Asked) -> Reply:
        """Return it."""
        return self.reply
