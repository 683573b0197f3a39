"""Mentions that another system pushes: a call centre, an SMS gateway, a helpdesk, a form.

Each call is signed with ``SIMAK_INGEST_SECRET`` over its time and its body, brings one item or a list of them, and is
taken whole or not at all. The same item may be sent any number of times.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic import model_validator as validates

from collectors import base
from collectors._pushed import OversizedError, RefusedError, UnsignedError, needed, signs
from domain.query import Query
from domain.records import Author, BrandReply, Cursor, Mention, Metrics, Page, Raw
from domain.text import ID_LENGTH, TEXT_LENGTH, URL_LENGTH
from domain.vocabulary import Platform, Role

# A call that was recorded and is sent again later is refused; senders' clocks are seldom off by more.
TOLERANCE: Final = timedelta(minutes=5)
BATCH: Final = 500
SECRET_LENGTH: Final = 16
HEADER: Final = "simak-signature"
_SIGNATURE = re.compile(r"t=(\d{1,12})((?:,v1=[0-9a-f]{64}){1,4})", re.ASCII)
_LARGEST = 2**63 - 1

Id = Annotated[str, Field(min_length=1, max_length=ID_LENGTH)]
Count = Annotated[int, Field(ge=0, le=_LARGEST)]


def _moment(value: object) -> object:
    """Leave a time to pydantic if it is written as one: a bare number would be read as seconds."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt ]", value):
        raise ValueError("write the time as 2026-11-20T19:05:00+07:00")
    return value


Time = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_moment, json_schema_input_type=AwareDatetime)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class ItemAuthor(_Part):
    """Who speaks. Only a keyed pseudonym of the id is stored."""

    id: Id = Field(description="The customer's number or name in your system; always the same for the same person.")
    role: Role = Field(default=Role.CUSTOMER, strict=False, description="Whose voice it is.")
    followers: Count | None = Field(default=None, description="How many people follow them, where that is known.")


class ItemMetrics(_Part):
    """Public counters, as they were read at one moment; left out means not known, never zero."""

    observed_at: Time = Field(description="When the counters were read, with its zone.")
    likes: Count | None = None
    replies: Count | None = None
    reposts: Count | None = None
    quotes: Count | None = None
    views: Count | None = None


class ItemReply(_Part):
    """What the brand answered."""

    text: str = Field(min_length=1, max_length=TEXT_LENGTH, description="The answer.")
    at: Time = Field(description="When it was given, with its zone.")


class Item(_Part):
    """One text of a customer about a brand."""

    id: Id = Field(description="Your number of it; sent again, the same id changes the same mention.")
    deleted: Literal[False] = Field(default=False, description="Left out, or false, for a text that is there.")
    published_at: Time = Field(description="When it was said, with its zone, such as 2026-11-20T19:05:00+07:00.")
    text: str = Field(min_length=1, max_length=TEXT_LENGTH, description="What was said, as plain text.")
    platform: Platform | None = Field(
        default=None, strict=False, description="Where it was said; left out, the source's own platform."
    )
    author: ItemAuthor | None = Field(default=None, description="Who said it, where that is known.")
    url: str | None = Field(
        default=None, pattern=r"^https?://", max_length=URL_LENGTH, description="Where it can be read."
    )
    parent: Id | None = Field(default=None, description="The id of what it answers.")
    stars: Annotated[int, Field(ge=1, le=5)] | None = Field(default=None, description="The writer's own rating.")
    branch: Id | None = Field(default=None, description="The place of business that it is about.")
    brand: str | None = Field(
        default=None, max_length=80, description="The brand that it is about; left out, the brands' queries decide."
    )
    metrics: ItemMetrics | None = Field(default=None, description="Public counters, where there are any.")
    reply: ItemReply | None = Field(default=None, description="The brand's answer, where there is one.")
    edited_at: Time | None = Field(default=None, description="When the text was last changed, with its zone.")
    revision: Count | None = Field(
        default=None, description="Instead of edited_at: a number that grows with each change of the text."
    )

    @validates(mode="after")
    def _one_order(self) -> Self:
        if self.edited_at is not None and self.revision is not None:
            raise ValueError("give edited_at or revision, not both: the newest version must be told by one of them")
        return self


class Deletion(_Part):
    """A text that must go, with all that hangs on it, and that does not return."""

    id: Id = Field(description="Your number of it.")
    deleted: Literal[True] = Field(description="True.")


Entry = Deletion | Item
_ENTRIES: Final[TypeAdapter[list[Any]]] = TypeAdapter(list[Any])
_ITEM: Final = TypeAdapter(Item)
_DELETION: Final = TypeAdapter(Deletion)
_BODY: Final[TypeAdapter[Any]] = TypeAdapter(Entry | Annotated[list[Entry], Field(min_length=1, max_length=BATCH)])


class IngestOptions(base.Options):
    """What holds for all that is pushed."""

    platform: Platform = Field(
        default=Platform.CALL_CENTRE, description="Where things are said that name no platform: call_centre, sms …"
    )
    about: str | None = Field(default=None, description="The brand that items are about which name none.")


class Ingest:
    """Takes signed calls from systems of your own."""

    name: ClassVar[str] = "ingest"
    Options: ClassVar[type[base.Options]] = IngestOptions
    caps: ClassVar[base.Caps] = base.Caps(pushed=True)
    body_limit: ClassVar[int] = 2**20

    def __init__(self, options: IngestOptions, tools: base.Tools) -> None:
        """Keep the options and the tools."""
        self._options, self._tools = options, tools

    def check(self) -> None:
        """Raise ConfigError when the secret is missing or could be guessed."""
        self._key()

    def probe(self) -> str:
        """Say that there is nothing to call."""
        self.check()
        return "It waits to be called; SIMAK_INGEST_SECRET is set."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield nothing: this source is never asked."""
        del query, cursor
        return iter(())

    def receive(self, headers: Mapping[str, str], body: bytes) -> base.Receipt:
        """Return what a call brings, if it is signed, of now, and without a fault."""
        self._hold_to_signature(headers.get(HEADER, ""), body)
        raws, gone = self._entries(body)
        return base.Receipt(Page(raws=tuple(raws), gone=tuple(gone)))

    def greet(self, query: Mapping[str, str]) -> str:
        """Answer nobody: senders of this kind do not ask first."""
        del query
        raise UnsignedError("This source is not asked before it is called.")

    def schema(self) -> Mapping[str, Any]:
        """Return what a call's body may be."""
        return published()

    def map(self, raw: Raw) -> Mention:
        """Return the mention in an item as it was accepted."""
        author, metrics, reply = raw.get("author"), raw.get("metrics"), raw.get("reply")
        return Mention(
            native_id=raw["id"],
            platform=raw.get("platform") or self._options.platform,
            published_at=raw["published_at"],
            text=raw["text"],
            url=raw.get("url"),
            author=Author(**_renamed(author)) if author is not None else None,
            parent_id=raw.get("parent"),
            revision=_revision(raw),
            stars=raw.get("stars"),
            metrics=Metrics(**metrics) if metrics is not None else None,
            about=raw.get("brand") or self._options.about,
            branch=raw.get("branch"),
            reply=BrandReply(**reply) if reply is not None else None,
        )

    def _key(self) -> bytes:
        why = "choose one, give it to the system that calls, and sign each call with it"
        return needed(self._tools, "ingest_secret", why, SECRET_LENGTH).get_secret_value().encode()

    def _hold_to_signature(self, header: str, body: bytes) -> None:
        """Raise UnsignedError without our signature, and RefusedError for a time too far from ours."""
        key, found = self._key(), _SIGNATURE.fullmatch(header)
        if not found:
            raise UnsignedError("The call carries no signature.")
        stamp, signatures = found[1], found[2].split(",v1=")[1:]
        if not any(signs(key, stamp.encode() + b"." + body, signature) for signature in signatures):
            raise UnsignedError("The call is signed with another secret.")
        # Only who holds the secret gets here, so the answer may help.
        off = datetime.fromtimestamp(int(stamp), UTC) - self._tools.now() if int(stamp) < 2**33 else timedelta.max
        if abs(off) > TOLERANCE:
            raise RefusedError(f"The call was signed {_told(off)} by our clock: set the sender's clock and sign anew.")

    def _entries(self, body: bytes) -> tuple[list[Raw], list[str]]:
        """Return the raw items and the deleted ids of a body; raises RefusedError that names each bad item."""
        raws, gone, faults = list[Raw](), list[str](), list[tuple[int, str]]()
        for index, value in enumerate(_listed(body)):
            try:
                if isinstance(value, dict) and value.get("deleted") is True:
                    gone.append(self._read(_DELETION, value).id)
                else:
                    raws.append(self._accepted(value))
            except ValidationError as error:
                faults.append((index, _sentence(error)))
        if faults:
            raise RefusedError("Nothing was stored: " + _counted(faults), faults)
        return raws, gone

    def _accepted(self, value: object) -> Raw:
        """Return an item as it is kept; raises ValidationError unless it also makes a mention."""
        raw: Raw = self._read(_ITEM, value).model_dump(mode="json", exclude_none=True, exclude={"deleted"})
        self.map(raw)
        return raw

    @staticmethod
    def _read(kind: TypeAdapter[Any], value: object) -> Any:
        # By way of JSON, because strictness means another thing there: a time is a text.
        return kind.validate_json(_ENTRIES.dump_json([value])[1:-1])


def published() -> dict[str, Any]:
    """Return what the body of a call may be, as JSON Schema (2020-12)."""
    told = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "What Simak takes at POST /ingest"}
    return told | _BODY.json_schema()


def _listed(body: bytes) -> list[Any]:
    try:
        found = TypeAdapter(Any).validate_json(body)
    except ValidationError as error:
        raise RefusedError("The body is not JSON in UTF-8: send one object or a list of them.") from error
    items = found if isinstance(found, list) else [found]
    if len(items) > BATCH:
        raise OversizedError(f"A call brings at most {BATCH} items; this one has {len(items)}: send them in parts.")
    if not items:
        raise RefusedError("The list is empty: send one object or a list of them.")
    return items


def _revision(raw: Raw) -> int:
    if raw.get("edited_at"):
        return int(datetime.fromisoformat(raw["edited_at"]).timestamp() * 1000)
    return int(raw.get("revision", 0))


def _renamed(author: Mapping[str, Any]) -> dict[str, Any]:
    return {("native_id" if key == "id" else key): value for key, value in author.items()}


def _told(off: timedelta) -> str:
    if abs(off) > timedelta(days=1):
        return "more than a day " + ("ahead" if off > timedelta() else "ago")
    return f"{round(abs(off) / timedelta(minutes=1))} minutes " + ("ahead" if off > timedelta() else "ago")


def _counted(faults: list[tuple[int, str]]) -> str:
    return f"{len(faults)} item{'' if len(faults) == 1 else 's'} cannot be taken."


def _sentence(error: ValidationError) -> str:
    """Return what is wrong with each field, without the value: it may be somebody's data."""
    parts = (
        ": ".join([".".join(map(str, fault["loc"])), fault["msg"].removeprefix("Value error, ")]).removeprefix(": ")
        for fault in error.errors(include_input=False, include_url=False)
    )
    return "; ".join(parts) + "."
