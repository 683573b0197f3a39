"""Reads what X sends, in the names it used until 2026 (tweet, retweet) and in those it uses since (post, repost)."""

import html
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from domain.errors import PoisonError, TransientError
from domain.records import Author, Mention, Metrics, Raw
from domain.vocabulary import Platform, Role

# Ids of X are its "snowflakes": the milliseconds since this moment, above 22 lower bits.
_SNOWFLAKE_ZERO = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
_ID = re.compile(r"[0-9]{1,19}")
_TOKEN = re.compile(r"[!-~]{1,512}")
# X names Indonesian and Hebrew by codes withdrawn in 1989; its pseudo-languages (und, qht, zxx) have three letters.
_LANGUAGES = {"in": "id", "iw": "he"}
_LANGUAGE = re.compile(r"[a-z]{2}")
# A post that its writer deleted, and one of an account that has become private: X wants both forgotten.
_GONE = ("/resource-not-found", "/not-authorized-for-resource")


def raws(body: Raw, observed_at: datetime) -> tuple[Raw, ...]:
    """Return the posts of an answer, each with its author and the time of the look at its counters."""
    users = included(body, "users")
    seen = observed_at.isoformat()
    return tuple(
        {"post": post, "author": _needed(users.get(str(mapping(post).get("author_id")))), "observed_at": seen}
        for post in items(body, "data")
    )


def _needed(user: Raw | None) -> Raw | None:
    """Return of a person only what tells the brand's own accounts and the reach: no name is kept."""
    return user and {key: user[key] for key in ("username", "public_metrics") if key in user}


def stale(body: Raw) -> list[str]:
    """Return the ids of the newest versions of posts of which an answer holds an earlier one only."""
    held = {str(mapping(post).get("id")) for post in items(body, "data")}
    newest = dict.fromkeys(str(history(mapping(post))[-1]) for post in items(body, "data"))
    return [post_id for post_id in newest if post_id not in held and _ID.fullmatch(post_id)]


def newest(body: Raw) -> str | None:
    """Return the highest id among the posts of an answer; ids of X rise with time."""
    ids = (str(mapping(post).get("id")) for post in items(body, "data"))
    return max(filter(_ID.fullmatch, ids), key=int, default=None)


def reaches(body: Raw, floor: str | None) -> bool:
    """Tell whether an answer goes back to the floor or beyond it."""
    ids = (str(mapping(post).get("id")) for post in items(body, "data"))
    return floor is not None and any(int(post_id) <= int(floor) for post_id in ids if _ID.fullmatch(post_id))


def total(body: Raw) -> int | None:
    """Return how many posts a count found; ``None`` when it does not say."""
    found = _first(mapping(body.get("meta")), "total_tweet_count", "total_post_count")
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def gone(body: Raw) -> tuple[str, ...]:
    """Return the ids of posts that X says are deleted or have become private."""
    here = {str(post_id) for post in items(body, "data") for post_id in history(mapping(post))}
    told = (_first(fault, "resource_id", "value") for fault in faults(body) if _lost(fault))
    lost = dict.fromkeys(map(str, told))
    # An earlier version of an edited post is not found either, though its mention lives.
    return tuple(post_id for post_id in lost if _ID.fullmatch(post_id) and post_id not in here)


def faults(body: Raw) -> list[Raw]:
    """Return what an answer says went wrong."""
    return [mapping(fault) for fault in items(body, "errors")]


def refusal(body: Raw) -> tuple[set[str], str]:
    """Return the parameters that X refuses and its words for it, as the old and the renamed interface tell them."""
    told = [body, *faults(body)]
    names = {name for fault in told for name in (str(fault.get("parameter")), *mapping(fault.get("parameters")))}
    said = [str(fault["message"]) for fault in told if fault.get("message")]
    return names, " ".join(said or [str(body.get("detail", ""))])


def _lost(fault: Raw) -> bool:
    return str(fault.get("resource_type")) in {"tweet", "post"} and str(fault.get("type")).endswith(_GONE)


def bought(body: Raw) -> tuple[AbstractSet[str], AbstractSet[str]]:
    """Return the ids of the posts and of the authors that an answer holds, the attached ones with them."""
    posts = {str(mapping(post).get("id")) for post in items(body, "data")}
    return posts | included(body, "tweets", "posts").keys(), included(body, "users").keys()


def mention(raw: Raw, brand_accounts: frozenset[str], watched: Mapping[str, str] = MappingProxyType({})) -> Mention:
    """Return the mention in a post; the versions of an edited post are one mention and its revisions.

    What replies to or quotes a post in ``watched`` is about the brand that it is watched for, named or not.
    """
    post = raw["post"]
    versions = history(post)
    if not all(isinstance(version, str) and _ID.fullmatch(version) for version in (*versions, post["id"])):
        raise PoisonError("the post has an id that is not one of X's")
    return Mention(
        native_id=versions[0],
        platform=Platform.X,
        published_at=_published(post, versions),
        text=html.unescape(_text(post)),
        url=f"https://x.com/i/status/{post['id']}",
        author=_author(post, raw.get("author") or {}, brand_accounts),
        language=_language(post.get("lang")),
        parent_id=next(_parents(post), None),
        revision=versions.index(post["id"]),
        metrics=_metrics(post, raw["observed_at"]),
        about=next((watched[one] for one in _roots(post) if one in watched), None) if watched else None,
    )


def history(post: Raw) -> list[Any]:
    """Return the ids of a post's versions, the first one first."""
    told = _first(post, "edit_history_tweet_ids", "edit_history_post_ids")
    return told if isinstance(told, list) and told else [post.get("id")]


def turn(body: Raw) -> tuple[str | None, str | None]:
    """Return an answer's newest id and the token of the next page; raises TransientError for a token that is none."""
    newest, token = (str(mapping(body.get("meta")).get(key) or "") for key in ("newest_id", "next_token"))
    if token and not _TOKEN.fullmatch(token):
        raise TransientError("X answered with a page mark that cannot be one.")
    return (newest if _ID.fullmatch(newest) else None), token or None


def moment(post_id: str) -> datetime:
    """Return when the post of that id was made; raises PoisonError for an id without a time (before November 2010)."""
    milliseconds = int(post_id) >> 22
    if milliseconds == 0:
        raise PoisonError("the post has no time")
    return _SNOWFLAKE_ZERO + timedelta(milliseconds=milliseconds)


def reached(post_id: str, since: datetime) -> bool:
    """Tell whether the post of that id was made at a moment or later."""
    return int(post_id) >> 22 >= (since - _SNOWFLAKE_ZERO) // timedelta(milliseconds=1)


def items(body: Raw, key: str) -> list[Any]:
    """Return a list in the answer; empty when there is none."""
    value = body.get(key)
    return value if isinstance(value, list) else []


def mapping(value: object) -> Raw:
    """Return the value if it is an object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def included(body: Raw, *keys: str) -> dict[str, Raw]:
    """Return the objects that an answer attaches, by id."""
    attached = mapping(body.get("includes"))
    return {str(item.get("id")): item for key in keys for item in map(mapping, items(attached, key)) if item}


def _first(found: Raw, *names: str) -> Any:
    return next((found[name] for name in names if found.get(name) is not None), None)


def _published(post: Raw, versions: list[str]) -> datetime:
    """Return when the first version was posted: an edit carries the time of the edit."""
    told: str | None = post.get("created_at")
    return datetime.fromisoformat(told) if told and len(versions) == 1 else moment(versions[0])


def _text(post: Raw) -> str:
    """Return the whole text: a long post carries only its beginning in ``text``."""
    long: Raw = _first(post, "note_tweet", "note_post") or {}
    return str(long["text"] if long.get("text") else post["text"])


def _language(code: object) -> str | None:
    known = isinstance(code, str) and _LANGUAGE.fullmatch(code)
    return _LANGUAGES.get(str(code), str(code)) if known else None


def _parents(post: Raw) -> Iterator[str]:
    for reference in _first(post, "referenced_tweets", "referenced_posts") or ():
        if reference["type"] == "replied_to":
            yield reference["id"]


def _roots(post: Raw) -> Iterator[str]:
    """Yield the ids of the posts that a post may be watched with: its conversation, what it quotes or replies to."""
    yield str(post.get("conversation_id"))
    for reference in _first(post, "referenced_tweets", "referenced_posts") or ():
        yield str(reference["id"])


def _author(post: Raw, user: Raw, brand_accounts: frozenset[str]) -> Author | None:
    if "author_id" not in post:
        return None
    return Author(
        native_id=post["author_id"],
        role=Role.BRAND if str(user.get("username")).casefold() in brand_accounts else Role.CUSTOMER,
        followers=(user.get("public_metrics") or {}).get("followers_count"),
    )


def _metrics(post: Raw, observed_at: str) -> Metrics | None:
    counts = post.get("public_metrics")
    if not counts:
        return None
    return Metrics(
        observed_at=datetime.fromisoformat(observed_at),
        likes=counts.get("like_count"),
        replies=counts.get("reply_count"),
        reposts=_first(counts, "retweet_count", "repost_count"),
        quotes=counts.get("quote_count"),
        views=counts.get("impression_count"),
    )
