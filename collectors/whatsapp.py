"""Messages to the brand's number by the WhatsApp Cloud API, which calls us.

Calls come at least once, in batches and in no certain order: an edit may come before its message and then stands, a
deletion too. What is stored of a message is its words, its time and whom it answers.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from re import ASCII, fullmatch
from typing import ClassVar, Final

from pydantic import Field

from collectors import base
from collectors._pushed import RefusedError, UnsignedError, needed, same, signs
from collectors._whatsapp_calls import Call
from domain.errors import PoisonError
from domain.query import Query
from domain.records import Author, Cursor, Mention, Page, Raw
from domain.vocabulary import Platform

_SECRET: Final = ("whatsapp_app_secret", "copy the app secret from Meta's App Dashboard, Settings, Basic")
_TOKEN: Final = ("whatsapp_verify_token", "choose a long word and repeat it where the webhook is set up at Meta")


class WhatsAppOptions(base.Options):
    """Whose messages are taken."""

    phone_number_id: tuple[str, ...] = Field(
        default=(), description="The ids (of Meta, not the numbers) of the numbers to listen to; left out, all."
    )
    about: str | None = Field(default=None, description="The brand whose numbers they are: every message is about it.")


class WhatsApp:
    """Takes the calls of Meta's webhook."""

    name: ClassVar[str] = "whatsapp"
    Options: ClassVar[type[base.Options]] = WhatsAppOptions
    caps: ClassVar[base.Caps] = base.Caps(pushed=True)
    # The largest that Meta sends.
    body_limit: ClassVar[int] = 3 * 2**20

    def __init__(self, options: WhatsAppOptions, tools: base.Tools) -> None:
        """Keep the options and the tools."""
        self._options, self._tools = options, tools

    def check(self) -> None:
        """Raise ConfigError when one of the two secrets is missing."""
        for name, why in (_SECRET, _TOKEN):
            needed(self._tools, name, why)

    def probe(self) -> str:
        """Say that there is nothing to call."""
        self.check()
        return "It waits to be called; both of its secrets are set."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield nothing: this source is never asked."""
        del query, cursor
        return iter(())

    def receive(self, headers: Mapping[str, str], body: bytes) -> base.Receipt:
        """Return what a call brings, if Meta has signed these very bytes."""
        key = needed(self._tools, *_SECRET).get_secret_value().encode()
        scheme, _, signature = headers.get("x-hub-signature-256", "").partition("=")
        if scheme != "sha256" or not signs(key, body, signature):
            raise UnsignedError("The call is not signed with the app secret.")
        try:
            call = Call(json.loads(body), self._options.phone_number_id)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise RefusedError("The body is not a call of the WhatsApp Cloud API.") from error
        ignored = {reason: count for reason, count in call.ignored.items() if count}
        return base.Receipt(Page(raws=tuple(call.raws), gone=tuple(call.gone)), ignored)

    def greet(self, query: Mapping[str, str]) -> str:
        """Return Meta's challenge, when it names the word that was agreed on."""
        word = needed(self._tools, *_TOKEN).get_secret_value()
        challenge = query.get("hub.challenge", "")
        agreed = same(word, query.get("hub.verify_token", ""))
        # Whatever it repeats is text and short: this address must not say what a stranger wants it to say.
        if query.get("hub.mode") != "subscribe" or not agreed or not fullmatch(r"[\w.-]{1,200}", challenge, ASCII):
            raise UnsignedError("The verification does not name the word that was agreed on.")
        return challenge

    def schema(self) -> None:
        """Return nothing: Meta decides what it sends."""
        return

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a message; raises PoisonError for one of a kind or shape that is not known."""
        if "unreadable" in raw:
            raise PoisonError("A message has not the shape that WhatsApp documents.")
        if raw["text"] is None:
            raise PoisonError("A message is of a kind that is not known here.")
        seconds = int(raw["at"])
        return Mention(
            native_id=raw["id"],
            platform=Platform.WHATSAPP,
            published_at=datetime.fromtimestamp(seconds, UTC),
            text=raw["text"],
            author=Author(native_id=raw["author"], role=raw["role"]),
            parent_id=raw.get("parent"),
            # The message itself is older than any edit of it, whichever comes first.
            revision=seconds if raw.get("edited") else 0,
            about=self._options.about,
        )
