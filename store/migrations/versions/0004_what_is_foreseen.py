"""Themes, tracks, forecasts and how they ended; alerts, their messages, silences and cases."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the tables, and an index by which the answers to a complaint are found."""
    _make_alerts()
    _make_messages()
    _make_cases()
    _make_themes()
    _make_forecasts()
    _make_hindsight()
    answers = sa.text("parent_id IS NOT NULL")
    op.create_index("mention_by_parent", "mention", ["parent_id"], sqlite_where=answers, postgresql_where=answers)


def _number(name: str = "id") -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), primary_key=True)


def _of(
    name: str, other: str, *, key: bool = False, null: bool = False, index: bool = False, gone: str = "CASCADE"
) -> "sa.Column[int]":
    reference = sa.ForeignKey(f"{other}.id", ondelete=gone)
    return sa.Column(name, sa.Integer(), reference, primary_key=key, nullable=null, autoincrement=False, index=index)


def _at(name: str, *, null: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _word(name: str, *, null: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(24), nullable=null)


def _text(name: str, *, null: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=null)


def _string(name: str, *, null: bool = False, unique: bool = False, key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=null, unique=unique, primary_key=key)


def _json(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.JSON(), nullable=False)


def _floats(*names: str) -> list["sa.Column[float]"]:
    return [sa.Column(name, sa.Float(), nullable=False) for name in names]


def _make_alerts() -> None:
    op.create_table(
        "alert",
        _number(),
        _string("key", unique=True),
        _of("brand_id", "brand", null=True),
        _word("reason"),
        _string("subject"),
        _word("state"),
        _word("level"),
        _at("opened_at"),
        _at("looked_at"),
        _at("resolved_at", null=True),
        _at("due_at", null=True),
        _of("covered_by", "alert", null=True),
        sa.Column("irrelevant", sa.Boolean(), nullable=False),
        _string("owner", null=True),
        _json("facts"),
        _json("memory"),
    )
    op.create_index("alert_by_subject", "alert", ["brand_id", "reason", "subject"])
    op.create_index("alert_by_state", "alert", ["state", "due_at"])
    op.create_table(
        "alert_event",
        _number(),
        _of("alert_id", "alert", index=True),
        _at("at"),
        _word("cause"),
        _word("state"),
        _word("level"),
        _string("actor"),
        _json("facts"),
    )


def _make_messages() -> None:
    op.create_table(
        "outbox",
        _number(),
        _string("key", unique=True),
        _of("alert_id", "alert", null=True, index=True),
        _word("kind"),
        _word("level"),
        _string("person"),
        _string("channel"),
        _json("facts"),
        _at("made_at"),
        _at("due_at"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _at("claimed_until", null=True),
        _at("sent_at", null=True),
        _at("dead_at", null=True),
        _text("error", null=True),
    )
    waiting = sa.text("sent_at IS NULL AND dead_at IS NULL")
    op.create_index("outbox_waiting", "outbox", ["due_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("outbox_by_person", "outbox", ["person", "made_at"])
    op.create_table(
        "silence",
        _number(),
        _of("brand_id", "brand", null=True),
        _word("reason", null=True),
        _string("subject", null=True),
        _at("since"),
        _at("until"),
        _string("made_by"),
        _text("why"),
    )


def _make_cases() -> None:
    op.create_table(
        "case_file",
        _number(),
        _of("alert_id", "alert", null=True, index=True),
        _of("brand_id", "brand", null=True),
        _string("subject"),
        _word("status"),
        _string("owner", null=True),
        _at("opened_at"),
        _at("due_at", null=True),
        _at("closed_at", null=True),
    )
    op.create_table(
        "case_entry",
        _number(),
        _of("case_id", "case_file", index=True),
        _at("at"),
        _string("actor"),
        _word("kind"),
        _text("text"),
    )


def _make_themes() -> None:
    op.create_table(
        "theme",
        _number(),
        _of("brand_id", "brand", index=True),
        _string("embedder"),
        sa.Column("centroid", sa.LargeBinary(), nullable=False),
        *_floats("weight"),
        _at("born_at"),
        _at("seen_at"),
        _of("merged_into", "theme", null=True, gone="SET NULL"),
    )
    op.create_table(
        "theme_mention",
        _of("mention_id", "mention", key=True),
        _of("brand_id", "brand", key=True),
        _of("theme_id", "theme", null=True, index=True, gone="SET NULL"),
    )


def _make_forecasts() -> None:
    op.create_table(
        "progress", _string("step", key=True), _at("at", null=True), sa.Column("number", sa.BigInteger(), nullable=True)
    )
    op.create_table("track", _of("mention_id", "mention", key=True), _at("looked_at"), _json("state"))
    op.create_table(
        "forecast",
        _number(),
        _of("brand_id", "brand"),
        _of("theme_id", "theme", null=True),
        _of("mention_id", "mention", null=True),
        _at("at"),
        _at("looked_at"),
        _at("began_at"),
        *_floats("count", "p", "expected", "low", "high", "reach"),
        sa.Column("horizon_s", sa.Integer(), nullable=False),
        _json("moved"),
    )
    op.create_index("forecast_by_time", "forecast", ["at", "brand_id"])
    op.create_index("forecast_by_theme", "forecast", ["theme_id", "at"])
    op.create_index("forecast_by_mention", "forecast", ["mention_id", "at"])


def _make_hindsight() -> None:
    op.create_table(
        "hindsight",
        _number(),
        _of("brand_id", "brand"),
        _of("theme_id", "theme", null=True),
        _of("mention_id", "mention", null=True),
        _of("alert_id", "alert", null=True, gone="SET NULL"),
        _at("began_at"),
        _at("closed_at"),
        *_floats("reach", "count"),
        sa.Column("known", sa.Boolean(), nullable=False),
        _at("reached_at", null=True),
        _at("alerted_at", null=True),
        *_floats("peak"),
        _json("looks"),
    )
    op.create_index("hindsight_by_time", "hindsight", ["brand_id", "closed_at"])
    op.create_table(
        "calibration",
        _number(),
        _at("made_at"),
        sa.Column("cases", sa.Integer(), nullable=False),
        _json("raw"),
        _json("mended"),
        *_floats("threshold"),
        _json("figures"),
    )
