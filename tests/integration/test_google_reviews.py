"""The rules and traps of Google's two kinds of reviews, against a server that obeys them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from google_replay import ACCOUNT, APP, NOW, PEM, PLACE, SECRET, GoogleReplay, place_review, play_review, refused
from loopback import Behaviour, Loopback
from pydantic import SecretStr

from collectors.base import Collector, Tools
from collectors.google_business import GoogleBusiness, GoogleBusinessOptions
from collectors.google_play import GooglePlay, GooglePlayOptions
from collectors.http import guarded
from domain.errors import BudgetError, ConfigError, PermanentError
from domain.records import Cursor, Mention, Page


@pytest.fixture
def tools() -> Iterator[Tools]:
    """Yield real tools with the secrets of both sources."""
    with guarded(["localhost"]) as client:
        yield Tools(client, lambda: NOW, lambda name: SecretStr(ACCOUNT if "account" in name else SECRET))


@pytest.fixture
def play(tools: Tools, serve: Callable[[Behaviour], Loopback]) -> Callable[..., GooglePlay]:
    """Return a function that makes the collector of an app's reviews."""

    def make(replay: Behaviour, now: timedelta = timedelta(), **options: Any) -> GooglePlay:
        url = serve(replay).url
        settings = GooglePlayOptions(base_url=url, token_url=f"{url}/token", packages=(APP,), **options)
        return GooglePlay(settings, replace(tools, now=lambda: NOW + now))

    return make


@pytest.fixture
def business(tools: Tools, serve: Callable[[Behaviour], Loopback]) -> Callable[..., GoogleBusiness]:
    """Return a function that makes the collector of places' reviews."""

    def make(replay: Behaviour, **options: Any) -> GoogleBusiness:
        url = serve(replay).url
        urls = dict.fromkeys(("base_url", "accounts_url", "information_url"), url)
        return GoogleBusiness(GoogleBusinessOptions(**urls, token_url=f"{url}/token", **options), tools)

    return make


def mentions(collector: Collector, pages: list[Page]) -> dict[str, Mention]:
    """Return what the pages bring, by id."""
    return {it.native_id: it for it in (collector.map(raw) for page in pages for raw in page.raws)}


def test_a_review_keeps_stars_words_and_the_brand_s_reply(play: Callable[..., GooglePlay]) -> None:
    """Stars stand beside the words themselves; neither name, device nor key is handed on, and one token does."""
    replay = GoogleReplay({APP: [play_review(3, 90, "Good", originalText="Bagus", reply="Terima kasih, Kak.")]})
    collector = play(replay, about="kopi")
    pages = list(collector.pages(None, Cursor()))
    (one,) = mentions(collector, pages).values()
    assert (one.stars, one.text, one.language, one.about) == (4, "Bagus", "id", "kopi")
    assert one.reply
    assert one.reply.at == one.published_at.replace(microsecond=0) + timedelta(hours=1)
    told = json.dumps([page.model_dump(mode="json") for page in pages])
    assert not [word for word in ("Ibu Kopi", "klte", PEM, "ya29") if word in told]
    assert replay.tokens == 1


def test_an_edit_is_a_revision_and_a_lost_page_mark_heals(play: Callable[..., GooglePlay]) -> None:
    """An answer that forgets the next page loses nothing for good: the next visit reads the week again."""
    replay = GoogleReplay({APP: [play_review(n, n * 10) for n in range(30)]}, cut=10)
    collector = play(replay, page_size=10)
    pages = list(collector.pages(None, Cursor()))
    before = mentions(collector, pages)
    assert len(before) == 20
    replay.cut, replay.apps = None, {APP: [play_review(5, 1, "Sudah bisa"), *replay.apps[APP][6:]]}
    after = mentions(collector, list(collector.pages(None, pages[-1].cursor)))
    assert len(after) == 25
    assert after["lm:AOqp0005"].revision > before["lm:AOqp0005"].revision


def test_a_standstill_of_more_than_a_week_is_a_gap(play: Callable[..., GooglePlay]) -> None:
    """What Google no longer gives is recorded with its bounds, once."""
    replay = GoogleReplay({APP: [play_review(1, 10)]})
    (first,) = play(replay).pages(None, Cursor())
    replay.now += timedelta(days=9)
    (second,) = play(replay, timedelta(days=9)).pages(None, first.cursor)
    assert first.gap is None
    assert second.gap
    assert (second.gap.since, second.gap.until) == (NOW, NOW + timedelta(days=2))
    (third,) = play(replay, timedelta(days=9)).pages(None, second.cursor)
    assert third.gap is None


def test_a_service_account_that_google_refuses_is_told(play: Callable[..., GooglePlay]) -> None:
    """A grant that is not accepted names the secret to renew, and never the key."""
    replay = GoogleReplay({APP: []}, now=NOW + timedelta(days=2))
    with pytest.raises(PermanentError, match="SIMAK_GOOGLE_SERVICE_ACCOUNT"):
        list(play(replay).pages(None, Cursor()))


def test_branches_are_told_apart_and_stars_alone_left_out(business: Callable[..., GoogleBusiness]) -> None:
    """A branch is its store code, or its title, with its number where two share one."""
    others = (f"accounts/77/locations/{n}" for n in (102, 103))
    places = {name: [place_review(1, 5, place=name)] for name in others}
    named = {
        "101": {"title": "Kopi", "storeCode": "JKT-01"},
        "102": {"title": "Kopi"},
        "103": {"title": "Kopi Bandung"},
    }
    replay = GoogleReplay(places={PLACE: [place_review(2, 5), place_review(3, 6, None)], **places}, named=named)
    collector = business(replay)
    found = mentions(collector, list(collector.pages(None, Cursor())))
    assert sorted(str(it.branch) for it in found.values()) == ["JKT-01", "Kopi 102", "Kopi Bandung"]
    assert replay.tokens == 1


@pytest.mark.parametrize(
    "text",
    [
        "(Translated by Google) The coffee is good\n\n(Original)\nKopinya enak",
        "Kopinya enak\n\n(Translated by Google)\nThe coffee is good",
        "Kopinya enak",
    ],
)
def test_the_words_themselves_are_kept(business: Callable[..., GoogleBusiness], text: str) -> None:
    """Of a translated review the original is read, wherever Google puts it."""
    collector = business(GoogleReplay(places={PLACE: [place_review(1, 5, text)]}), locations={PLACE: "Senayan"})
    (one,) = mentions(collector, list(collector.pages(None, Cursor()))).values()
    assert (one.text, one.branch, one.stars) == ("Kopinya enak", "Senayan", 2)


def test_a_review_that_is_gone_or_wordless_is_forgotten(business: Callable[..., GoogleBusiness]) -> None:
    """A second look brings the brand's reply, and calls gone what is not found or has lost its words."""
    reply = {"comment": "Terima kasih.", "updateTime": "2026-11-20T01:00:00Z"}
    reviews = [place_review(1, 5, reviewReply=reply), place_review(2, 5, None)]
    collector = business(GoogleReplay(places={PLACE: reviews}), locations={PLACE: "Senayan"})
    ids = [f"{PLACE}/reviews/AbF000{n}" for n in (1, 2, 3)]
    pages = list(collector.refresh(ids))
    assert [one for page in pages for one in page.gone] == ids[1:]
    (one,) = mentions(collector, pages).values()
    assert one.reply


def test_a_project_that_is_not_approved_is_told(business: Callable[..., GoogleBusiness]) -> None:
    """A quota of nought says to apply for access, and one of a day waits for the next."""
    for facts, kind in (
        ({"quota_limit_value": "0"}, ConfigError),
        ({"quota_limit_value": "10", "quota_unit": "1/d/{project}"}, BudgetError),
    ):
        reply = refused(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED", **facts)
        collector = business(GoogleReplay(instead={0: reply}), locations={PLACE: "Senayan"})
        with pytest.raises(kind):
            list(collector.pages(None, Cursor()))
