"""The Telegram collector keeps the promises of every collector."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from collector_contract import HttpCollectorContract
from loopback import Behaviour, Loopback
from pydantic import SecretStr
from telegram_replay import GROUP, NOW, TOKEN, TelegramReplay, update

from collectors.base import Tools
from collectors.http import guarded
from collectors.runner import understand
from collectors.telegram import Telegram, TelegramOptions
from domain.errors import ConfigError, PermanentError, RateLimitedError
from domain.records import Cursor, Mention, Page
from domain.vocabulary import Role

Serve = Callable[[Behaviour], Loopback]


def updates() -> list[dict[str, Any]]:
    return [
        update(1),
        update(2, "Balas: antre berapa lama kak?", reply_to_message=update(1)["message"]),
        update(3, None, caption="Foto kopi tumpah dari Kopi Senja", photo=[{"file_id": "x"}]),
        update(4, None, new_chat_members=[{"id": 5, "first_name": "Budi"}]),
        update(1, "Kopi Senja telat lagi, sudah dibalas", "edited_message", edit_date=int(NOW.timestamp()))
        | {"update_id": 9005},
        update(6, "Kopi Senja buka jam 8", "channel_post", sender_chat={"id": -100777, "type": "channel"}),
        update(7, "Mau tanya pesanan saya", chat={"id": 4242, "type": "private", "first_name": "Siti"}),
    ]


class TestTelegram(HttpCollectorContract):
    """Messages of our making; this server lets confirmed ones come again, for a contract walks many times."""

    kind = Telegram
    secret = TOKEN

    @pytest.fixture
    def options(self, serve: Serve) -> Mapping[str, Any]:
        """Return the settings that lead to the replay."""
        return {"base_url": serve(TelegramReplay(updates(), keeps=True)).url, "page_size": 2}

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server."""
        return {"base_url": url}


@pytest.fixture
def tools() -> Iterator[Tools]:
    """Yield real tools with a clock that stands still."""
    with guarded(["localhost"]) as client:
        yield Tools(client, lambda: NOW, lambda _: SecretStr(TOKEN))


@pytest.fixture
def bot(serve: Serve, tools: Tools) -> Callable[..., Telegram]:
    """Return a function that makes a collector of a replay."""

    def make(replay: TelegramReplay, **options: Any) -> Telegram:
        return Telegram(TelegramOptions(base_url=serve(replay).url, page_size=2, **options), tools)

    return make


def walk(collector: Telegram, cursor: Cursor | None = None) -> list[Page]:
    return list(collector.pages(None, cursor or Cursor()))


def mentions(collector: Telegram, pages: Sequence[Page]) -> list[Mention]:
    return [mention for page in pages for _, mention in understand(collector, page).items]


def test_a_message_says_who_what_and_where(bot: Callable[..., Telegram]) -> None:
    """Captions count as texts, replies name what they answer, edits are revisions, and no name is kept."""
    collector = bot(TelegramReplay(updates()), brand_accounts=["-100777"])
    pages = walk(collector)
    found = mentions(collector, pages)
    first, reply, caption, edited, channel, private = found
    chat = GROUP["id"]
    assert (first.native_id, first.url) == (f"{chat}:1", "https://t.me/pelanggansenja/1")
    assert reply.parent_id == f"{chat}:1"
    assert caption.text == "Foto kopi tumpah dari Kopi Senja"
    assert (edited.native_id, edited.revision, edited.published_at) == (
        first.native_id,
        int(NOW.timestamp()),
        first.published_at,
    )
    assert first.published_at == datetime(2026, 11, 20, 11, 1, tzinfo=UTC)
    assert channel.author
    assert channel.author.role is Role.BRAND
    assert private.url is None
    told = json.dumps([page.model_dump(mode="json") for page in pages]).lower()
    assert not any(name in told for name in ("siti", "budi", "pelanggan kopi"))


def test_what_is_stored_is_confirmed_and_nothing_else(bot: Callable[..., Telegram]) -> None:
    """A walk that is cut off loses nothing: only what stands in a stored cursor is confirmed."""
    replay = TelegramReplay(updates())
    collector = bot(replay)
    pages = collector.pages(None, Cursor())
    first = next(pages)
    pages.close()
    assert len(replay.updates) == 7
    rest = walk(collector, first.cursor)
    assert len(mentions(collector, [first, *rest])) == 6
    assert replay.updates == []
    assert walk(collector, rest[-1].cursor)[0].raws == ()


def test_chats_can_be_chosen(bot: Callable[..., Telegram]) -> None:
    """Messages to the bot itself can be left out, and chats be named."""
    collector = bot(TelegramReplay(updates()), private=False)
    assert len(mentions(collector, walk(collector))) == 5
    collector = bot(TelegramReplay(updates()), chats=[4242])
    assert [one.text for one in mentions(collector, walk(collector))] == ["Mau tanya pesanan saya"]


def test_a_long_standstill_is_a_gap(bot: Callable[..., Telegram]) -> None:
    """What Telegram has dropped since the last visit is told with its bounds, once."""
    state = {"offset": 9001, "asked": (NOW - timedelta(days=3)).isoformat()}
    pages = walk(bot(TelegramReplay(updates())), Cursor(floor=json.dumps(state)))
    assert pages[0].gap
    assert (pages[0].gap.since, pages[0].gap.until) == (NOW - timedelta(days=3), NOW - timedelta(days=1))
    assert not any(page.gap for page in pages[1:])


def test_refusals_are_told_in_a_sentence(bot: Callable[..., Telegram]) -> None:
    """Another asker, a limit and a wrong token are each told for what they are, without the token."""
    with pytest.raises(PermanentError, match="Another program"):
        walk(bot(TelegramReplay([], busy=True)))
    with pytest.raises(RateLimitedError) as caught:
        walk(bot(TelegramReplay([], pause=40)))
    assert caught.value.until - NOW == timedelta(seconds=40)


def test_a_wrong_token_is_told_without_it(serve: Serve, tools: Tools) -> None:
    """A token that Telegram does not know, or that cannot be one, is told by the name of its secret."""
    options = TelegramOptions(base_url=serve(TelegramReplay([])).url)
    other = TOKEN.replace("A", "B")
    with pytest.raises(PermanentError, match="SIMAK_TELEGRAM_BOT_TOKEN") as caught:
        walk(Telegram(options, Tools(tools.http, tools.now, lambda _: SecretStr(other))))
    assert other not in str(caught.value)
    with pytest.raises(ConfigError, match="SIMAK_TELEGRAM_BOT_TOKEN"):
        Telegram(options, Tools(tools.http, tools.now, lambda _: SecretStr("../getMe"))).check()
