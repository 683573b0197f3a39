"""Reads comments and their replies, which Instagram and Facebook send in the same shape under other names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collectors._meta_graph import mapping
from collectors._meta_walk import Todo, embedded, moment
from domain.errors import PoisonError
from domain.records import Author, BrandReply, Mention, Metrics, Raw
from domain.vocabulary import Platform, Role

# Objects that come inside another one; more are asked for by themselves.
INSIDE = 25


@dataclass(frozen=True)
class Words:
    """What one of the platforms calls things in a comment."""

    text: str
    moment: str
    replies: str
    replies_count: str | None
    fields: str

    @property
    def nested(self) -> str:
        """The fields of a comment with those of its replies."""
        return f"{self.fields},{self.replies}.limit({INSIDE}){{{self.fields}}}"


@dataclass(frozen=True)
class Comments:
    """Turns comments into raw items; ``ours`` tells the brand's own voice, ``seen`` is when they were looked at."""

    words: Words
    ours: Callable[[Raw], bool]
    seen: datetime
    oldest: datetime | None = None

    def all(self, comments: list[Raw], parent: str | None) -> Iterator[Raw]:
        """Yield some comments and the replies that came inside them."""
        for comment in comments:
            yield from self._with_replies(comment, parent)

    def alone(self, replies: list[Raw], parent: str) -> Iterator[Raw]:
        """Yield some replies, which have none of their own."""
        return (self.raw(reply, parent) for reply in replies)

    def _with_replies(self, comment: Raw, parent: str | None) -> Iterator[Raw]:
        replies, _ = embedded(comment, self.words.replies, None, self.words.moment)
        yield self.raw(comment, parent, replies)
        yield from (self.raw(reply, str(comment.get("id"))) for reply in replies)

    def within(self, comment: Raw) -> Iterator[Todo]:
        """Yield the rest of a comment's replies."""
        yield from self.rest(comment, self.words.replies, "replies")

    def rest(self, holder: Raw, name: str, kind: str) -> Iterator[Todo]:
        """Yield the rest of a list that came inside an object."""
        _, marks = embedded(holder, name, self.oldest, self.words.moment)
        if marks and isinstance(holder.get("id"), str):
            yield Todo(kind, holder["id"], marks)

    def raw(self, comment: Raw, parent: str | None, replies: list[Raw] | None = None) -> Raw:
        """Return the raw item of a comment with the brand's newest reply, if the brand gave one."""
        words, sender = self.words, mapping(comment.get("from"))
        ours = self.ours(comment)
        return {
            "kind": "comment",
            "id": comment.get("id"),
            "text": comment.get(words.text),
            "at": comment.get(words.moment),
            "user": sender.get("id") or comment.get("username"),
            "brand": ours,
            "parent": parent,
            "url": comment.get("permalink_url"),
            "likes": comment.get("like_count"),
            "replies": comment.get(words.replies_count) if words.replies_count else None,
            "reply": None if ours else self.answer(replies or []),
            "seen": self.seen.isoformat(),
        }

    def answer(self, replies: list[Raw]) -> Raw | None:
        """Return the newest of the brand's own replies among some."""
        said = [it for it in replies if self.ours(it) and it.get(self.words.text) and moment(it.get(self.words.moment))]
        newest = max(said, key=lambda it: str(moment(it[self.words.moment])), default=None)
        return {"text": newest[self.words.text], "at": newest[self.words.moment]} if newest else None


def mention(raw: Raw, platform: Platform, about: str | None) -> Mention:
    """Return the mention in a raw item of one of Meta's platforms; raises PoisonError where it has no id or time."""
    at = moment(raw.get("at"))
    if not isinstance(raw.get("id"), str) or at is None:
        raise PoisonError("it has no id or no time")
    role, reply = (Role.BRAND if raw.get("brand") is True else Role.CUSTOMER), raw.get("reply")
    return Mention(
        native_id=raw["id"],
        platform=platform,
        published_at=at,
        text=raw.get("text") or "",
        url=raw.get("url"),
        author=Author(native_id=raw["user"], role=role) if raw.get("user") else None,
        parent_id=raw.get("parent"),
        stars=raw.get("stars"),
        metrics=_metrics(raw),
        about=about,
        reply=BrandReply(text=reply["text"], at=_at(reply["at"])) if reply else None,
    )


def _metrics(raw: Raw) -> Metrics | None:
    counts = {name: raw.get(name) for name in ("likes", "replies", "reposts", "quotes", "views")}
    if all(count is None for count in counts.values()):
        return None
    return Metrics(observed_at=datetime.fromisoformat(raw["seen"]), **counts)


def _at(told: Any) -> datetime:
    at = moment(told)
    if at is None:
        raise PoisonError("the brand's reply has no time")
    return at
