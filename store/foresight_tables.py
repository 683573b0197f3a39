"""The tables of what is foreseen: issues that complaints belong to, how they grow, and how well that was foreseen."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, LargeBinary
from sqlmodel import Field, SQLModel

from store.columns import moment, of, table


def _passing(other: str) -> Column[int | None]:
    """Return a column that points at a row of ``other`` and is emptied when that row goes."""
    return Column(Integer, ForeignKey(f"{other}.id", ondelete="SET NULL"), nullable=True)


class Progress(SQLModel, table=True):
    """How far a step of the pipeline has come that works through time or numbers."""

    step: str = Field(primary_key=True)
    at: datetime | None = moment(null=True)
    number: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))


class Theme(SQLModel, table=True):
    """An issue that complaints of one brand share; its id stays for good.

    ``centroid`` holds 32-bit floats and ``embedder`` tells what made them; a theme that turned out to be another one
    keeps its row, with ``merged_into``.
    """

    id: int | None = Field(default=None, primary_key=True)
    brand_id: int = of("brand", index=True)
    embedder: str
    centroid: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    weight: float
    born_at: datetime = moment()
    seen_at: datetime = moment()
    merged_into: int | None = Field(default=None, sa_column=_passing("theme"))


class ThemeMention(SQLModel, table=True):
    """The issue that a complaint about a brand belongs to; without one it stands alone."""

    __tablename__ = "theme_mention"
    # The newest complaints of a theme are its last ones here, however many it has.
    __table_args__ = (Index("theme_mention_by_theme", "theme_id", "mention_id"),)
    mention_id: int = of("mention", key=True)
    brand_id: int = of("brand", key=True)
    theme_id: int | None = Field(default=None, sa_column=_passing("theme"))


class Track(SQLModel, table=True):
    """What is kept of a post's counters to foresee its growth: a few numbers, however often it was looked at."""

    mention_id: int = of("mention", key=True)
    looked_at: datetime = moment()
    state: list[float] = Field(sa_column=Column(JSON, nullable=False))


class Forecast(SQLModel, table=True):
    """How far a complaint (``mention_id``), or an issue as a whole, was foreseen to spread at one moment.

    ``p``: the probability to reach ``reach`` people within ``horizon_s`` seconds of its beginning; ``expected``,
    ``low`` and ``high`` (90 % interval): people by then; ``count``: people at ``at``, as last looked at ``looked_at``.
    ``moved``: what moved the forecast, by group.
    """

    __table_args__ = (
        Index("forecast_by_time", "at", "brand_id"),
        Index("forecast_by_theme", "theme_id", "at"),
        Index("forecast_by_mention", "mention_id", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    brand_id: int = of("brand")
    theme_id: int | None = of("theme", null=True)
    mention_id: int | None = of("mention", null=True)
    at: datetime = moment()
    looked_at: datetime = moment()
    began_at: datetime = moment()
    count: float
    p: float
    expected: float
    low: float
    high: float
    reach: float
    horizon_s: int
    moved: dict[str, float] = Field(sa_column=Column(JSON, nullable=False))


class Hindsight(SQLModel, table=True):
    """How a foreseen complaint or issue ended once its time was over, against what was foreseen.

    ``known``: counters were read until near its end; without them it is not known whether it reached anybody more.
    """

    __table_args__ = (Index("hindsight_by_time", "brand_id", "closed_at"),)
    id: int | None = Field(default=None, primary_key=True)
    brand_id: int = of("brand")
    theme_id: int | None = of("theme", null=True)
    mention_id: int | None = of("mention", null=True)
    alert_id: int | None = Field(default=None, sa_column=_passing("alert"))
    began_at: datetime = moment()
    closed_at: datetime = moment()
    reach: float
    count: float
    known: bool
    reached_at: datetime | None = moment(null=True)
    alerted_at: datetime | None = moment(null=True)
    peak: float
    looks: list[list[float]] = Field(sa_column=Column(JSON, nullable=False))


class Calibration(SQLModel, table=True):
    """What this tenant's own cases have taught: knots that mend probabilities, and the threshold of its budget."""

    id: int | None = Field(default=None, primary_key=True)
    made_at: datetime = moment()
    cases: int
    raw: list[float] = Field(sa_column=Column(JSON, nullable=False))
    mended: list[float] = Field(sa_column=Column(JSON, nullable=False))
    threshold: float
    figures: dict[str, float] = Field(sa_column=Column(JSON, nullable=False))


PROGRESS, THEME, THEME_MENTION, TRACK = map(table, (Progress, Theme, ThemeMention, Track))
FORECAST, HINDSIGHT, CALIBRATION = map(table, (Forecast, Hindsight, Calibration))
