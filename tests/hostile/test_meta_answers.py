"""Answers of Meta and of Apple with anything anywhere in them."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from app_store_replay import APP, PEM, answer, review
from facebook_page import PAGE, post, said
from instagram_account import comment, media
from loopback import Loopback, Reply
from meta_replay import ACCOUNT, NOW, stamp
from pydantic import SecretStr
from threads_account import post as thread

from collectors.app_store import AppStore, AppStoreOptions
from collectors.base import Tools
from collectors.facebook import Facebook, FacebookOptions
from collectors.http import guarded
from collectors.instagram import Instagram, InstagramOptions
from collectors.runner import understand
from collectors.threads import Threads, ThreadsOptions
from domain.errors import SimakError
from domain.query import Query, parse
from domain.records import Cursor

ODD: tuple[Any, ...] = (None, "\x00\ud800", [], {}, 10**40, [None], [[]], [{}], {"a": {}}, "https://[::1")
PAGING = {"cursors": {"after": "m1"}, "next": "https://graph.facebook.com/?after=m1"}
REPLIES = {"data": [{"id": "3", **comment("Siap", 1, "kopisenja")}], "paging": PAGING}
COMMENTS = {"data": [{"id": "2", **comment("Enak", 2), "from": {"id": "9"}, "replies": REPLIES}], "paging": PAGING}
INNER = {"data": [{"id": "3", **said("Siap", 1, PAGE)}], "paging": PAGING}
ON_PAGE = {"data": [{"id": "2", **said("Enak", 2), "comments": INNER}], "summary": {"total_count": 1}}
REVIEW = {**review(1, 1), "relationships": {"response": {"data": {"type": "customerReviewResponses", "id": "a"}}}}
ANSWERED = {"type": "customerReviewResponses", "id": "a", "attributes": answer("Maaf.", 1)}
USAGE = {"X-App-Usage": '{"call_count": 1e400}', "X-Business-Use-Case-Usage": '{"1": [{"call_count": "x"}]}'}

WHOLE: dict[str, Any] = {
    "instagram": {
        "data": [{"id": "1", **media(3, "Halo"), "comments": COMMENTS}],
        "paging": PAGING,
        "error": {"message": "x", "code": 1, "error_subcode": 2, "is_transient": False},
    },
    "facebook": {"data": [{"id": f"{PAGE}_1", **post("Halo", 3, "7"), "comments": ON_PAGE}], "paging": PAGING},
    "threads": {"data": [{"id": "1", **thread("kopi", 3, replied_to="2")}], "paging": PAGING},
    "app_store": {"data": [REVIEW], "included": [ANSWERED], "links": {"next": f"http://localhost/?cursor={stamp(1)}"}},
}
MAKE: dict[str, Callable[[str, Tools], Any]] = {
    "instagram": lambda url, held: Instagram(
        InstagramOptions(account_id=ACCOUNT, brand_accounts=("kopisenja",), base_url=url), held
    ),
    "facebook": lambda url, held: Facebook(FacebookOptions(page_id=PAGE, base_url=url), held),
    "threads": lambda url, held: Threads(ThreadsOptions(own=False, base_url=url), held),
    "app_store": lambda url, held: AppStore(AppStoreOptions(app_id=APP, base_url=url), held),
}


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value, at any depth."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        yield (*path, key)
        yield from paths(part, (*path, key))


def bodies(whole: Any) -> Iterator[bytes]:
    """Yield answers in which one value is replaced by something that does not belong there."""
    for *parents, last in paths(whole):
        for odd in ODD:
            body: Any = copy.deepcopy(whole)
            holder = body
            for key in parents:
                holder = holder[key]
            holder[last] = odd
            yield json.dumps(body).encode()


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("name", MAKE)
def test_no_answer_breaks_the_collector(name: str, status: int) -> None:
    """Whatever stands anywhere in an answer, it is a page whose cursor can be stored, or an error of ours."""
    answers = list(bodies(WHOLE[name]))
    current = [b""]
    read = refused = 0
    with Loopback(lambda _: Reply(status, USAGE, current[0])) as server, guarded(["localhost"]) as client:
        secret = SecretStr(PEM if name == "app_store" else "kunci")
        collector = MAKE[name](server.url, Tools(client, lambda: NOW, lambda _: secret))
        for current[0] in answers:
            try:
                page = next(collector.pages(Query("Kopi", parse("kopi")), Cursor()))
            except SimakError:
                refused += 1
                continue
            read += 1
            understand(collector, page)
            assert page.cursor.model_dump_json().isascii()
    assert read + refused == len(answers)
    assert status == 200 or not read
    assert name == "app_store" or status == 400 or read
