"""Reads reviews as the App Store Connect API sends them: JSON:API, with the developer's answers among ``included``."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from domain.errors import PoisonError
from domain.records import Author, BrandReply, Mention, Raw
from domain.vocabulary import Platform


def raws(body: Raw) -> tuple[Raw, ...]:
    """Return the reviews of an answer, each with its published answer and without links."""
    data = body["data"]
    answers = {_named(it): _attributes(it) for it in _items(body.get("included"))}
    return tuple(_raw(_mapping(it), answers) for it in (data if isinstance(data, list) else [data]))


def oldest(found: tuple[Raw, ...]) -> datetime | None:
    """Return when the oldest of some reviews was written."""
    return min(_moments(found), default=None)


def newest(found: tuple[Raw, ...]) -> datetime | None:
    """Return when the newest of some reviews was written."""
    return max(_moments(found), default=None)


def mention(raw: Raw, about: str | None) -> Mention:
    """Return the mention in a review; an edited one is the same with a later date.

    Raises PoisonError where there is no id or text.
    """
    text = "\n".join(part for part in (raw.get("title"), raw.get("body")) if part)
    if not isinstance(raw["id"], str) or not text:
        raise PoisonError("the review has no id or says nothing")
    written = datetime.fromisoformat(raw["created"])
    nickname, answer = raw.get("nickname"), raw.get("answer")
    return Mention(
        native_id=raw["id"],
        platform=Platform.APP_STORE,
        published_at=written,
        text=text,
        author=Author(native_id=nickname) if nickname else None,
        revision=int(written.timestamp()),
        stars=raw.get("rating"),
        about=about,
        reply=BrandReply(text=answer["text"], at=answer["at"]) if answer else None,
    )


def _raw(review: Raw, answers: Mapping[tuple[str, str], Raw]) -> Raw:
    said = _attributes(review)
    link = _mapping(_mapping(_mapping(review.get("relationships")).get("response")).get("data"))
    return {
        "id": review.get("id"),
        "rating": said.get("rating"),
        "title": said.get("title"),
        "body": said.get("body"),
        "nickname": said.get("reviewerNickname"),
        "created": said.get("createdDate"),
        "territory": said.get("territory"),
        "answer": _answer(answers.get(_named(link), {})),
    }


def _answer(said: Raw) -> Raw | None:
    """Return what the developer answered; one that waits for publication is not public yet."""
    if not said.get("responseBody") or said.get("state", "PUBLISHED") != "PUBLISHED":
        return None
    return {"text": said["responseBody"], "at": said.get("lastModifiedDate")}


def _moments(found: tuple[Raw, ...]) -> list[datetime]:
    known = []
    for raw in found:
        with suppress(ValueError, TypeError, OverflowError):
            known.append(datetime.fromisoformat(raw["created"]).astimezone(UTC))
    return known


def _named(item: Raw) -> tuple[str, str]:
    return str(item.get("type")), str(item.get("id"))


def _attributes(item: Raw) -> Raw:
    return _mapping(item.get("attributes"))


def _items(value: object) -> list[Raw]:
    return [it for it in value if isinstance(it, Mapping)] if isinstance(value, list) else []


def _mapping(value: Any) -> Raw:
    return value if isinstance(value, Mapping) else {}
