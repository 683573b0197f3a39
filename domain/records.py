"""What the rooms hand to each other: frozen, validated, and the only place where foreign values become ours."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, SkipValidation

from domain.text import ID_LENGTH, TEXT_LENGTH, gate, gate_url
from domain.vocabulary import Impression, Journey, Platform, Role, Stage, TouchPoint

# A date outside these years is a broken clock or a joke, and overflows when it is shown in another zone.
_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _plausible(moment: datetime) -> datetime:
    """Return the moment in UTC; raises ValueError outside 1990 to 2099."""
    if not _FIRST <= moment < _LAST:
        raise ValueError("the time is not between 1990 and 2099")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]
# What a 64-bit column holds: a source may send any number.
Count = Annotated[int, Field(ge=0, lt=2**63)]
Key = Annotated[str, AfterValidator(lambda value: gate(value, ID_LENGTH)), Field(min_length=1)]
Raw = Mapping[str, Any]


def _said(text: str) -> str:
    """Return the text; raises ValueError when the gate has left nothing of it."""
    if not text:
        raise ValueError("the text is empty")
    return text


class Record(BaseModel):
    """A frozen value; an unknown field is a mistake, not an extra."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Author(Record):
    """Who speaks, as the source names them; the store keeps a keyed pseudonym of ``native_id`` only."""

    native_id: Key
    role: Role = Role.CUSTOMER
    followers: Count | None = None


class Metrics(Record):
    """Public counters of a mention as read at one moment; ``None`` is "not told", never zero."""

    observed_at: Moment
    likes: Count | None = None
    replies: Count | None = None
    reposts: Count | None = None
    quotes: Count | None = None
    views: Count | None = None


class BrandReply(Record):
    """What the brand itself publicly answered to a mention, and when; the newest answer stands."""

    text: Annotated[str, AfterValidator(lambda value: gate(value, TEXT_LENGTH)), AfterValidator(_said)]
    at: Moment


class Mention(Record):
    """One public or customer text about a brand, unique by its source and ``native_id``.

    ``revision`` orders the versions of an edited text: the store never lets an older one overwrite a newer.
    ``stars`` is the writer's own rating, 1 to 5, kept beside the impression and never taken for it.
    ``about`` names the brand when the source itself tells it; otherwise the brands' queries decide.
    ``branch`` names the place of business that it is about, where the source tells it.
    """

    native_id: Key
    platform: Platform
    published_at: Moment
    text: Annotated[str, AfterValidator(lambda value: gate(value, TEXT_LENGTH)), AfterValidator(_said)]
    url: Annotated[str | None, AfterValidator(gate_url)] = None
    author: Author | None = None
    language: str | None = None
    parent_id: Key | None = None
    revision: Count = 0
    stars: Annotated[int, Field(ge=1, le=5)] | None = None
    metrics: Metrics | None = None
    about: str | None = None
    branch: Key | None = None
    reply: BrandReply | None = None


class Cursor(Record):
    """How far a collector has come.

    ``floor`` is the bookmark that a finished walk has earned, ``ceiling`` the newest item of the walk under way,
    ``token`` where that walk goes on. Newest-first sources would lose posts if the bookmark moved before the last
    page: the ceiling becomes the floor only then.
    """

    floor: str | None = None
    ceiling: str | None = None
    token: str | None = None

    def walking(self, token: str, ceiling: str | None) -> Self:
        """Return the cursor in the middle of a walk; the first page's ceiling stays."""
        return self.model_copy(update={"token": token, "ceiling": self.ceiling or ceiling})

    def settled(self, ceiling: str | None = None) -> Self:
        """Return the cursor after the last page: the ceiling has become the floor."""
        return self.model_copy(update={"floor": self.ceiling or ceiling or self.floor, "ceiling": None, "token": None})


class Gap(Record):
    """A stretch of time that a source could not give, and why in one sentence: what was said in it is missing.

    Without ``since`` it is not known how far back the missing part reaches.
    """

    since: Moment | None = None
    until: Moment
    why: str


class Page(Record):
    """One answer of a source: raw items, ids that are gone, and the cursor that is true once all are stored.

    ``cost`` is in US dollars. ``gap`` is there when the source could not give a stretch of time.
    """

    # What a source sent is checked where it is mapped; checking it here would only copy every item.
    raws: SkipValidation[tuple[Raw, ...]] = ()
    gone: tuple[str, ...] = ()
    cursor: Cursor = Cursor()
    cost: float = 0.0
    gap: Gap | None = None


class Reading(Record):
    """What the reader found in one text; ``impression`` is ``None`` when it is not scored.

    ``probabilities`` are calibrated and sum to one over the five impressions. ``complaint``, ``off_topic`` (not about
    the brand in question) and ``arousal`` (anger rather than sadness, of use where the impression is below OK) are
    probabilities.
    """

    impression: Impression | None = None
    probabilities: dict[Impression, float] | None = None
    complaint: Annotated[float, Field(ge=0, le=1)] | None = None
    stage: Stage | None = None
    touchpoints: tuple[TouchPoint, ...] = ()
    journey: Journey | None = None
    use_gap: bool | None = None
    arousal: Annotated[float, Field(ge=0, le=1)] | None = None
    off_topic: Annotated[float, Field(ge=0, le=1)] | None = None
    language: str = "und"


class Labels(Record):
    """The labels that a person gives a mention toward a brand."""

    impression: Impression
    complaint: bool
    stage: Stage
    touchpoints: tuple[TouchPoint, ...] = Field(max_length=2)
    journey: Journey
    use_gap: bool


class Outcome(Record):
    """What one run of a stage did, in rows, and in one sentence where something needs saying."""

    seen: int = 0
    written: int = 0
    skipped: int = 0
    quarantined: int = 0
    reason: str = ""
    failed: bool = False

    def __add__(self, other: "Outcome") -> "Outcome":
        """Add the counts and keep the distinct reasons."""
        reasons = dict.fromkeys(reason for reason in (self.reason, other.reason) if reason)
        return Outcome(
            seen=self.seen + other.seen,
            written=self.written + other.written,
            skipped=self.skipped + other.skipped,
            quarantined=self.quarantined + other.quarantined,
            reason=" ".join(reasons),
            failed=self.failed or other.failed,
        )


def utc(moment: datetime) -> datetime:
    """Return an aware time in UTC; raises ValueError on a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone is ambiguous by hours")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
