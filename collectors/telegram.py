"""Messages of the Telegram chats that invited a bot, https://core.telegram.org/bots/api#getupdates.

Only what the bot is shown: its chats, and what people write to it. Telegram keeps what was not confirmed for a day.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx
import telegram
from pydantic import Field

from collectors import base
from collectors.http import Answer, fetch, refusal
from domain.errors import ConfigError, PermanentError, PoisonError, RateLimitedError, SimakError, TransientError
from domain.query import Query
from domain.records import Author, Cursor, Gap, Mention, Page, Raw
from domain.vocabulary import Platform, Role

KEPT = timedelta(days=1)
_KINDS = ("message", "edited_message", "channel_post", "edited_channel_post")
# What mapping needs of a message; names, photographs and who is in the chat are left out.
_FIELDS = ("message_id", "date", "edit_date", "text", "caption")
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{20,}")


class TelegramOptions(base.Options):
    """Whose messages are taken."""

    private: bool = Field(default=True, description="Also take what people write to the bot itself.")
    chats: tuple[int, ...] = Field(default=(), description="Only these chats, by number; left out, all the bot is in.")
    brand_accounts: tuple[str, ...] = Field(
        default=(), description="People who speak for the brand, by user name or number."
    )
    about: str | None = Field(default=None, description="The brand that every message is about, if that is certain.")
    page_size: int = Field(default=100, ge=1, le=100, description="Updates an answer, 1 to 100.")
    base_url: str = Field(
        default="https://api.telegram.org", pattern="^https?://", description="Where the interface is."
    )


class Telegram:
    """Asks for the bot's updates. The floor is JSON: the first update not yet stored, and when that was asked.

    An update is confirmed by asking for the next one, and that is done only once its page is stored.
    """

    name: ClassVar[str] = "telegram"
    Options: ClassVar[type[base.Options]] = TelegramOptions
    caps: ClassVar[base.Caps] = base.Caps(lookback=KEPT)

    def __init__(self, options: TelegramOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options, self._tools = options, tools
        self._brand = frozenset(name.removeprefix("@").casefold() for name in options.brand_accounts)

    def check(self) -> None:
        """Raise ConfigError when the token is missing or cannot be one."""
        if not _TOKEN.fullmatch(self._token):
            raise ConfigError("Telegram needs the token of your bot: put it into .env as SIMAK_TELEGRAM_BOT_TOKEN.")

    def probe(self) -> str:
        """Ask who the bot is."""
        self.check()
        if not isinstance(self._call("getMe", {}), Mapping):
            raise TransientError("Telegram answered without saying whose token it is.")
        return "Telegram accepts the bot's token."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield what the bot was sent since the cursor, oldest first."""
        del query
        self.check()
        state: dict[str, Any] = json.loads(cursor.floor or "{}")
        gap = self._lost(state)
        while True:
            updates = self._updates(state.get("offset"))
            asked = self._tools.now().isoformat()
            offset = max((update["update_id"] + 1 for update in updates), default=state.get("offset"))
            state = {"offset": offset, "asked": asked}
            cursor = cursor.settled(json.dumps(state))
            yield Page(raws=self._raws(updates), cursor=cursor, gap=gap)
            gap = None
            if not updates:
                return

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a message; its edits are revisions of it."""
        # The library's own model reads the message, so that what Telegram means by each field is its business.
        message = telegram.Message.de_json({**raw["message"], "chat": raw["chat"]}, None)
        text = message.text or message.caption
        if not text:
            raise PoisonError("the message has no text")
        chat, edited = message.chat.id, message.edit_date
        return Mention(
            native_id=f"{chat}:{message.message_id}",
            platform=Platform.TELEGRAM,
            published_at=message.date.astimezone(UTC),
            text=text,
            url=raw["url"],
            author=self._author(raw["author"]),
            parent_id=f"{chat}:{raw['parent']}" if raw.get("parent") is not None else None,
            revision=int(edited.timestamp()) if edited else 0,
            about=self._options.about,
        )

    @property
    def _token(self) -> str:
        secret = self._tools.secret("telegram_bot_token")
        return secret.get_secret_value().strip() if secret else ""

    def _lost(self, state: Mapping[str, Any]) -> Gap | None:
        """Return what Telegram has dropped because nobody asked for longer than it keeps it."""
        if not isinstance(state.get("asked"), str):
            return None
        since, until = datetime.fromisoformat(state["asked"]), self._tools.now() - KEPT
        if since >= until:
            return None
        why = f"Telegram keeps messages for a day: what came until {until:%Y-%m-%d %H:%M} UTC is lost."
        return Gap(since=since, until=until, why=why)

    def _updates(self, offset: int | None) -> list[dict[str, Any]]:
        asked = {
            "limit": self._options.page_size,
            "timeout": 0,
            "allowed_updates": list(_KINDS),
            **({"offset": offset} if offset is not None else {}),
        }
        updates = self._call("getUpdates", asked)
        if not isinstance(updates, list):
            raise TransientError("Telegram answered with something that is no list of messages.")
        return [one for one in updates if isinstance(one, dict) and type(one.get("update_id")) is int]

    def _call(self, method: str, asked: Mapping[str, Any]) -> Any:
        """Return the result of a method; raises the errors of ``fetch``, and what Telegram says with its own codes.

        The token is part of the address, which stands in no error: ``fetch`` tells the host alone.
        """
        answer = fetch(
            self._tools.http,
            f"{self._options.base_url.rstrip('/')}/bot{self._token}/{method}",
            {"Content-Type": "application/json"},
            method="POST",
            body=json.dumps(asked).encode(),
            passing=range(400, 500),
            now=self._tools.now,
        )
        if answer.status >= httpx.codes.BAD_REQUEST:
            raise self._refusal(answer)
        body = answer.json()
        if not isinstance(body, Mapping) or body.get("ok") is not True:
            raise TransientError("Telegram answered without a result.")
        return body.get("result")

    def _refusal(self, answer: Answer) -> SimakError:
        now = self._tools.now()
        if answer.status in {httpx.codes.UNAUTHORIZED, httpx.codes.NOT_FOUND}:
            return PermanentError("Telegram does not know this bot: renew its token, SIMAK_TELEGRAM_BOT_TOKEN.")
        if answer.status == httpx.codes.CONFLICT:
            return PermanentError(
                "Another program asks for this bot's messages, or a webhook is set: end it, or make a bot for Simak."
            )
        pause = _pause(answer)
        if answer.status == httpx.codes.TOO_MANY_REQUESTS and pause:
            return RateLimitedError("Telegram asks to wait before the next call (429).", now + pause)
        return refusal(answer, now)

    def _raws(self, updates: Sequence[Mapping[str, Any]]) -> tuple[Raw, ...]:
        found = ((kind, update[kind]) for update in updates for kind in _KINDS if isinstance(update.get(kind), Mapping))
        return tuple(self._raw(message) for _, message in found if self._wanted(message))

    def _wanted(self, message: Mapping[str, Any]) -> bool:
        """Tell whether a message says something, in a chat that is listened to."""
        chat = _mapping(message.get("chat"))
        if self._options.chats and chat.get("id") not in self._options.chats:
            return False
        if chat.get("type") == "private" and not self._options.private:
            return False
        return bool(message.get("text") or message.get("caption"))

    def _raw(self, message: Mapping[str, Any]) -> Raw:
        chat, sender = _mapping(message.get("chat")), _mapping(message.get("sender_chat") or message.get("from"))
        names = {str(sender.get(name)).casefold() for name in ("id", "username") if sender.get(name)}
        public, number = chat.get("username"), message.get("message_id")
        linked = isinstance(public, str) and re.fullmatch(r"\w{4,32}", public)
        return {
            "message": {name: message[name] for name in _FIELDS if name in message},
            "chat": {"id": chat.get("id"), "type": chat.get("type")},
            "author": {"id": sender.get("id"), "brand": not names.isdisjoint(self._brand)},
            "parent": _mapping(message.get("reply_to_message")).get("message_id"),
            "url": f"https://t.me/{public}/{number}" if linked else None,
        }

    def _author(self, author: Raw) -> Author | None:
        if author.get("id") is None:
            return None
        return Author(native_id=str(author["id"]), role=Role.BRAND if author["brand"] is True else Role.CUSTOMER)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _pause(answer: Answer) -> timedelta | None:
    """Return how long Telegram asks to wait, as it tells in the answer's body."""
    try:
        body = answer.json()
    except TransientError:
        return None
    seconds = _mapping(_mapping(body).get("parameters")).get("retry_after")
    return timedelta(seconds=min(seconds, 86_400)) if type(seconds) is int and seconds > 0 else None
