"""What holds for all three of Meta's sources: their error codes, their allowance, their pages."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from facebook_page import PAGE, page
from instagram_account import account, comment, media
from loopback import Behaviour, Loopback, Reply
from meta_replay import ACCOUNT, NOW, TOKEN, refused
from pydantic import SecretStr

from collectors.base import Tools
from collectors.facebook import Facebook, FacebookOptions
from collectors.http import guarded
from collectors.instagram import Instagram, InstagramOptions
from domain.errors import ConfigError, PermanentError, RateLimitedError, SimakError, TransientError
from domain.records import Cursor, Mention, Page
from domain.vocabulary import Role

Serve = Callable[[Behaviour], Loopback]


@contextmanager
def tools(**more: Any) -> Iterator[Tools]:
    """Yield tools with the one token."""
    with guarded(["localhost"]) as client:
        yield Tools(client, lambda: NOW, lambda _: SecretStr(TOKEN), **more)


def instagram(url: str, held: Tools, **more: Any) -> Instagram:
    """Return a collector of our account."""
    options = {"account_id": ACCOUNT, "brand_accounts": ["kopisenja"], "base_url": url, "about": "kopi"} | more
    return Instagram(InstagramOptions(**options), held)


def walked(collector: Any, cursor: Cursor | None = None) -> tuple[dict[str, Mention], list[Page]]:
    """Walk once and return mentions by id, and the pages."""
    pages = list(collector.pages(None, cursor or Cursor()))
    mentions = [collector.map(raw) for one in pages for raw in one.raws]
    assert len(mentions) == len({mention.native_id for mention in mentions})
    return {mention.native_id: mention for mention in mentions}, pages


CODES: tuple[tuple[int, int, type[SimakError], str], ...] = (
    *((code, 0, RateLimitedError, "calls") for code in (4, 17, 32, 613, 80001, 80002, 80014)),
    (190, 463, PermanentError, "expired.*SIMAK_META_ACCESS_TOKEN"),
    (190, 458, PermanentError, "removed.*SIMAK_META_ACCESS_TOKEN"),
    (190, 460, PermanentError, "password.*SIMAK_META_ACCESS_TOKEN"),
    (190, 467, PermanentError, "revoked.*SIMAK_META_ACCESS_TOKEN"),
    (190, 0, PermanentError, "not accept.*SIMAK_META_ACCESS_TOKEN"),
    (10, 0, PermanentError, "permission"),
    (200, 0, PermanentError, "permission"),
    (299, 0, PermanentError, "permission"),
    (100, 0, ConfigError, "options"),
    (100, 33, PermanentError, "does not have"),
    (1, 0, TransientError, "fault"),
    (2, 0, TransientError, "fault"),
    (368, 0, PermanentError, "blocked"),
    (99999, 0, PermanentError, "99999"),
)


@pytest.mark.parametrize("status", [400, 200, 500])
@pytest.mark.parametrize(("code", "subcode", "kind", "says"), CODES)
def test_a_code_is_what_counts(
    serve: Serve, code: int, subcode: int, kind: type[SimakError], says: str, status: int
) -> None:
    """The code in an error's body becomes the error that says what to do next, under whatever status it comes."""
    message = f"Ditolak: access_token={TOKEN}"
    with tools() as held, pytest.raises(kind, match=says) as caught:
        instagram(serve(lambda _: refused(code, subcode, message, status)).url, held).probe()
    assert type(caught.value) is kind or kind is PermanentError
    assert TOKEN not in str(caught.value)


def test_a_throttled_call_waits_as_long_as_it_is_told(serve: Serve) -> None:
    """A refusal for too many calls waits until calls are free again, as the header says, or an hour."""
    until = {}
    for minutes in (0, 19):
        usage = {"x": [{"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": minutes}]}
        reply = refused(80002)
        told = Reply(400, {"X-Business-Use-Case-Usage": json.dumps(usage)}, reply.body)
        with tools() as held, pytest.raises(RateLimitedError) as caught:
            instagram(serve(lambda _, told=told: told).url, held).probe()
        until[minutes] = caught.value.until - NOW
    assert until == {0: timedelta(hours=1), 19: timedelta(minutes=19)}


@pytest.mark.parametrize(
    "usage",
    [
        {"X-App-Usage": '{"call_count": 20, "total_time": 96, "total_cputime": 1}'},
        {"X-Business-Use-Case-Usage": '{"1": [{"type": "pages", "call_count": 95, "total_cputime": 2}]}'},
        {"X-Ad-Account-Usage": '{"acc_id_util_pct": 99.5}'},
    ],
)
def test_the_last_calls_are_left(serve: Serve, usage: dict[str, str]) -> None:
    """At 95 % of any allowance the answer is still stored, and the next call waits."""
    replay = account()
    replay.usage = usage
    server = serve(replay)
    with tools() as held:
        pages = instagram(server.url, held, page_size=3).pages(None, Cursor())
        assert next(pages).raws
        with pytest.raises(RateLimitedError, match="nearly") as caught:
            next(pages)
    assert caught.value.until == NOW + timedelta(hours=1)
    assert len(server.asked) == 1


@pytest.mark.parametrize("header", ["", "{", "[]", '{"call_count": "x"}', '{"1": {"a": [1]}}', '{"1": 7}', "null"])
def test_a_garbled_usage_header_is_passed_over(serve: Serve, header: str) -> None:
    """A usage header that cannot be read stops nothing."""
    replay = account()
    replay.usage = {"X-App-Usage": header, "X-Business-Use-Case-Usage": header}
    with tools() as held:
        assert walked(instagram(serve(replay).url, held))[0]


def test_a_recorded_permission_error_is_told(serve: Serve, shared: Any) -> None:
    """The error that Meta really gave for a missing permission is told as one, not as a wrong setting."""
    body = (shared / "fixtures" / "meta" / "error_permission.json").read_bytes()
    with tools() as held, pytest.raises(PermanentError, match="lacks a permission"):
        Facebook(FacebookOptions(page_id="1", base_url=serve(lambda _: Reply(400, {}, body)).url), held).probe()


def test_the_address_of_a_next_page_is_not_followed(serve: Serve) -> None:
    """Of the address of the next page, which carries the token, only the mark is taken."""
    server = serve(account())
    with tools() as held:
        _, pages = walked(instagram(server.url, held, page_size=2))
    assert all("access_token" not in asked.target and TOKEN not in asked.target for asked in server.asked)
    assert TOKEN not in json.dumps([one.model_dump(mode="json") for one in pages])


def test_empty_pages_without_end_are_a_failure(serve: Serve) -> None:
    """A list that turns in circles of empty pages ends as a failure of the source, not as the end of the list."""
    body = b'{"data": [], "paging": {"cursors": {"after": "a"}, "next": "https://graph.facebook.com/?after=a"}}'
    with tools() as held, pytest.raises(TransientError, match="nothing new"):
        walked(instagram(serve(lambda _: Reply(200, {}, body)).url, held))


def test_instagram_brings_everything_once(serve: Serve) -> None:
    """Every comment, answer, tagged post and hashtag comes once, the brand's own voice marked as such."""
    with tools() as held:
        found, _ = walked(instagram(serve(account(overlap=True)).url, held, page_size=3, hashtags=["KopiSenja"]))
    assert sum(key.startswith("media/") for key in found) == 3 + 7
    assert sum(not key.startswith("media/") for key in found) == 12 + 24 + 36 + 48 + 2
    answered = found["178000010003"]
    assert answered.reply
    assert answered.reply.text == "Terima kasih, Kak!"
    ours = found["17810001"]
    assert ours.author
    assert (ours.author.role, ours.parent_id) == (Role.BRAND, "178000010003")
    assert found["media/17600000000000"].author is None
    assert found["media/17600000000000"].about is None
    assert answered.about == found["media/17700000000001"].about == "kopi"


def test_a_comment_that_comes_between_two_pages_is_not_lost(serve: Serve) -> None:
    """A post and a comment that arrive while the walk is under way come with the next one, and nothing twice."""
    replay = account()

    def arrive() -> None:
        replay.things |= {"17900000000009": media(-1), "17809": comment("Baru!", -1)}
        replay.lists |= {"17900000000009/comments": ["17809"]}
        replay.lists[f"{ACCOUNT}/media"].insert(0, "17900000000009")

    replay.before = {1: arrive}
    url = serve(replay).url
    with tools() as held:
        first, pages = walked(instagram(url, held, page_size=2))
        second, _ = walked(instagram(url, held, page_size=2), pages[-1].cursor)
    assert len({**first, **second}) == 122 + 3 + 1
    assert "17809" in second


def test_a_long_list_of_comments_is_not_read_again(serve: Serve) -> None:
    """A second walk reads of a long list only as far as it is new."""
    server = serve(account())
    with tools() as held:
        _, pages = walked(instagram(server.url, held))
        asked = len(server.asked)
        walked(instagram(server.url, held), pages[-1].cursor)
    assert (asked, len(server.asked) - asked) == (4, 2)


def test_hashtags_are_counted_and_asked_for_by_number(serve: Serve) -> None:
    """A hashtag's number is asked for once for good and counted; an unknown one does not stop the others."""
    taken: list[str] = []

    class Counting:
        def take(self, allowance: Any, amount: float = 1) -> None:
            taken.append(allowance.what)

    server = serve(account())
    with tools(meter=Counting()) as held:
        tags = ["takdikenal", "kopisenja"]
        found, pages = walked(instagram(server.url, held, hashtags=tags))
        walked(instagram(server.url, held, hashtags=tags[1:]), pages[-1].cursor)
    assert sum(key.startswith("media/176") for key in found) == 7
    assert taken == ["new hashtags"] * 2


def test_a_standstill_longer_than_a_day_leaves_a_gap(serve: Serve) -> None:
    """What was posted with hashtags during a standstill beyond 24 hours is recorded as lost, once."""
    url = serve(account()).url
    began = NOW - timedelta(days=3)
    with tools() as held:
        floor = json.dumps({"began": began.isoformat(), "notes": {}, "todo": []})
        _, pages = walked(instagram(url, held, hashtags=["kopisenja", "ngopi"]), Cursor(floor=floor))
    (gap,) = [one.gap for one in pages if one.gap]
    assert (gap.since, gap.until) == (began, NOW - timedelta(days=1))


def test_a_removed_hashtag_does_not_hold_up_a_walk(serve: Serve) -> None:
    """A walk cut off before a hashtag that Meta refuses goes on once the hashtag is taken out of the options."""
    replay = account()
    replay.instead["ig_hashtag_search"] = refused(99999)
    url = serve(replay).url
    cursor = Cursor()
    with tools() as held:
        with pytest.raises(PermanentError):
            for one in instagram(url, held, hashtags=["terlarang"]).pages(None, Cursor()):
                cursor = one.cursor
        _, pages = walked(instagram(url, held), cursor)
    assert pages[-1].cursor.token is None


def test_looking_again_tells_gone_from_hidden(serve: Serve) -> None:
    """A deleted comment is gone, the others are read again; where nothing at all is shown, nothing is called gone."""
    replay = account()
    replay.things["178000010004"]["like_count"] = 9
    del replay.things["178000010005"]
    url = serve(replay).url
    with tools() as held:
        collector = instagram(url, held)
        (one,) = collector.refresh(["178000010003", "178000010004", "178000010005", "media/17700000000001"])
        assert one.gone == ("178000010005",)
        likes = {raw["id"]: raw["likes"] for raw in one.raws}
        assert likes["178000010004"] == 9
        assert collector.map(one.raws[0]).reply
        replay.instead = {f"{ACCOUNT}/media": refused(10)}
        with pytest.raises(PermanentError, match="permission"):
            list(collector.refresh(["178000010005"]))


def test_facebook_brings_everything_once(serve: Serve) -> None:
    """Every comment and answer comes once, a visitor's post with the page's answer, and what a rating says."""
    with tools() as held:
        options = FacebookOptions(page_id=PAGE, base_url=serve(page()).url, ratings=True, page_size=2)
        found, _ = walked(Facebook(options, held))
        assert len(found) == 1 + (14 + 28 + 42 + 56) + 3 + 30 + 1
    visitor, answered, ours = found[f"{PAGE}_2"], found["2_3"], found["2_900"]
    assert visitor.reply
    assert visitor.reply.text == "Terima kasih sudah mampir!"
    assert visitor.metrics
    assert (visitor.metrics.likes, visitor.metrics.reposts) == (12, 4)
    assert answered.reply
    assert answered.reply.at == NOW - timedelta(hours=1)
    assert ours.author
    assert (ours.author.role, ours.parent_id) == (Role.BRAND, "2_3")
    assert found["rating/31"].stars is None


def test_facebook_looks_again_at_posts_and_comments(serve: Serve) -> None:
    """Posts and comments have other fields and are asked for apart; what is gone is told of each."""
    replay = page()
    del replay.things["2_4"]
    with tools() as held:
        collector = Facebook(FacebookOptions(page_id=PAGE, base_url=serve(replay).url), held)
        posts, answers = collector.refresh([f"{PAGE}_2", f"{PAGE}_999", "2_3", "2_4", "rating/31"])
    assert (posts.gone, answers.gone) == ((f"{PAGE}_999",), ("2_4",))
    assert collector.map(posts.raws[0]).metrics


def test_a_page_of_many_ids_keeps_to_fifty() -> None:
    """No more ids are asked for at once than Meta takes."""
    assert Instagram.caps.batch == Facebook.caps.batch == 50
