"""Answers that Meta really gave: each maps, or is set aside for a reason named here."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from meta_replay import ACCOUNT, NOW
from pydantic import SecretStr

from collectors import _meta_walk
from collectors.base import Tools
from collectors.facebook import Facebook, FacebookOptions
from collectors.instagram import Instagram, InstagramOptions
from collectors.runner import Delivery, understand
from domain.records import Page, Raw

# The recorded requests did not ask for what a mention needs; Simak's do.
NO_TIME, NO_ID, NO_TEXT = "no time asked for", "no id asked for", "a picture alone"
MAPPED = {
    "instagram/comments_p1.json": ("comments", 2),
    "instagram/comments_p2.json": ("comments", 2),
    "instagram/comments_fields.json": ("comments", 2),
    "instagram/mentioned_comment.json": ("comments", 1),
    "instagram/medias_fields.json": ("tags", 2),
    "instagram/mentioned_media.json": ("tags", 1),
    "instagram/tagged_medias.json": ("tags", 4),
    "facebook/feed_fields_p1.json": ("feed", 5),
    "facebook/feed_fields_p2.json": ("feed", 5),
    "facebook/feeds_default_fields_p1.json": ("feed", 5),
}
POISONED = {
    "instagram/hashtag_top_medias_p1.json": ("hashtag", NO_TIME, 25),
    "instagram/hashtag_top_medias_p2.json": ("hashtag", NO_TIME, 25),
    "facebook/comments_p1.json": ("comments", NO_ID, 10),
    "facebook/comments_p2.json": ("comments", NO_ID, 5),
}
# What holds no mention, and why.
EMPTY = {
    "instagram/hashtag_recent_medias_p1.json": "no text was asked for",
    "instagram/hashtag_recent_medias_p2.json": "no text was asked for",
    "instagram/hashtag_search.json": "the number of a hashtag",
    "instagram/recently_searched_hashtags.json": "the numbers of hashtags",
    "instagram/insights.json": "counters of one's own post",
    "error_permission.json": "a refusal, told in the tests of Meta's rules",
}


def collector(name: str) -> Instagram | Facebook:
    """Return a collector that needs no network."""
    tools = Tools(httpx.Client(), lambda: NOW, lambda _: SecretStr("x"))
    if name.startswith("instagram"):
        return Instagram(InstagramOptions(account_id=ACCOUNT, brand_accounts=("kopisenja",)), tools)
    return Facebook(FacebookOptions(page_id=ACCOUNT), tools)


def objects(body: Any) -> list[Raw]:
    """Return the objects in an answer: a list, several by id, or one in an envelope."""
    if isinstance(body.get("data"), list):
        return list(body["data"])
    return [it for it in body.values() if isinstance(it, dict)]


def delivered(shared: Path, name: str, kind: str) -> Delivery:
    """Return what becomes of a recorded answer."""
    reader = collector(name)
    body = json.loads((shared / "fixtures" / "meta" / name).read_text("utf-8"))
    raws = tuple(reader._kinds(NOW, None)[kind].raws(objects(body), "1"))
    return understand(reader, Page(raws=raws))


@pytest.mark.parametrize("name", MAPPED)
def test_a_recorded_answer_maps(shared: Path, name: str) -> None:
    """Every object with a text becomes a mention."""
    kind, count = MAPPED[name]
    delivery = delivered(shared, name, kind)
    assert (len(delivery.items), delivery.poisoned) == (count, ())


@pytest.mark.parametrize("name", POISONED)
def test_an_answer_to_less_than_we_ask_for_is_set_aside(shared: Path, name: str) -> None:
    """Objects without an id or a time are set aside, none of them silently."""
    kind, _, count = POISONED[name]
    delivery = delivered(shared, name, kind)
    assert (len(delivery.items), len(delivery.poisoned)) == (0, count)
    assert {poison.reason for poison in delivery.poisoned} == {"it has no id or no time"}


@pytest.mark.parametrize("name", ["instagram/hashtag_recent_medias_p1.json", "instagram/hashtag_recent_medias_p2.json"])
def test_posts_without_a_text_are_no_mentions(shared: Path, name: str) -> None:
    """A post that comes without a text is left out."""
    delivery = delivered(shared, name, "hashtag")
    assert (delivery.items, delivery.poisoned) == ((), ())


def test_the_number_of_a_hashtag_is_read(shared: Path) -> None:
    """The number that Instagram gave for a hashtag is noted."""
    body = json.loads((shared / "fixtures/meta/instagram/hashtag_search.json").read_text("utf-8"))
    kind = collector("instagram")._kinds(NOW, None)["find"]
    assert kind.notes(_meta_walk.Todo("find", "developers"), body["data"]) == {"developers": "17841562426109234"}


def test_recorded_pages_lead_on(shared: Path) -> None:
    """Every recorded first page names its next one by a mark that is understood, and every last page none."""
    folder = shared / "fixtures" / "meta"
    for path in sorted(folder.rglob("*_p?.json")):
        body = json.loads(path.read_text("utf-8"))
        marks = _meta_walk.paging(body)
        assert bool(marks) == ("next" in body.get("paging", {})), path.name
        assert "access_token" not in json.dumps(marks)


def test_every_recorded_file_is_accounted_for(shared: Path) -> None:
    """Each recorded file is mapped, set aside, or holds no mention, for a reason."""
    folder = shared / "fixtures" / "meta"
    there = {str(path.relative_to(folder)) for path in folder.rglob("*.json")}
    assert there == {*MAPPED, *POISONED, *EMPTY}
