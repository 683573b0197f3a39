"""Mentions in hand, saved views, beliefs, accounts; how long people wait; counts by journey, touch point and theme."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables, and the indexes by which the mentions of an author, of a theme and of use gaps are found."""
    _make_triage()
    _make_views()
    _make_rollups()
    _make_themes()
    op.create_index("brand_mention_by_author", "brand_mention", ["author_id", "brand_id", "published_at"])
    # As SQLAlchemy writes the condition "use_gap" on each database, so that both see that the index serves it.
    few, of_all = sa.text("use_gap = 1"), ["brand_id", "published_at"]
    op.create_index(
        "brand_mention_use_gap", "brand_mention", of_all, sqlite_where=few, postgresql_where=sa.text("use_gap")
    )
    op.drop_index("ix_theme_mention_theme_id", "theme_mention")
    op.create_index("theme_mention_by_theme", "theme_mention", ["theme_id", "mention_id"])
    # The matrix is new: every day is counted again once, by the step that counts what is due.
    op.execute(
        "INSERT INTO rollup_due (brand_id, day) SELECT DISTINCT r.brand_id, r.start FROM rollup r "
        "LEFT JOIN rollup_due d ON d.brand_id = r.brand_id AND d.day = r.start WHERE r.grain = 'day' AND d.day IS NULL"
    )


def _of(name: str, other: str, *, key: bool = False, null: bool = False) -> "sa.Column[int]":
    reference = sa.ForeignKey(f"{other}.id", ondelete="CASCADE")
    return sa.Column(name, sa.Integer(), reference, primary_key=key, nullable=null, autoincrement=False)


def _at(name: str, *, null: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _word(name: str, *, key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(24), nullable=False, primary_key=key)


def _string(name: str, *, null: bool = False, key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=null, primary_key=key)


def _counts(*names: str) -> list["sa.Column[int]"]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _about(*, key: bool = True) -> list["sa.Column[int]"]:
    return [_of("mention_id", "mention", key=key), _of("brand_id", "brand", key=key)]


def _make_triage() -> None:
    words = (_word("status"), _word("priority"), _string("owner", null=True))
    times = (_at("changed_at"), _at("taken_at", null=True), _at("answered_at", null=True))
    op.create_table("triage", *_about(), *words, *times)
    op.create_index("triage_by_status", "triage", ["brand_id", "status", "owner", "priority", "mention_id"])
    op.create_table("triage_tag", *_about(), _string("tag", key=True))
    op.create_index("triage_tag_by_tag", "triage_tag", ["brand_id", "tag", "mention_id"])
    number = sa.Column("id", sa.Integer(), primary_key=True)
    told = (_at("at"), _string("actor"), _word("kind"), sa.Column("text", sa.Text(), nullable=False))
    op.create_table("triage_entry", number, *_about(key=False), *told)
    op.create_index("triage_entry_by_mention", "triage_entry", ["mention_id", "brand_id"])


def _make_views() -> None:
    number = sa.Column("id", sa.Integer(), primary_key=True)
    kept = [sa.Column("shared", sa.Boolean(), nullable=False), sa.Column("params", sa.JSON(), nullable=False)]
    op.create_table("saved_view", number, _string("owner"), _string("name"), *kept, _at("made_at"))
    op.create_index("saved_view_name", "saved_view", ["owner", "name"], unique=True)
    op.create_table("account", _string("email", key=True), _word("role"))
    rated = _counts("importance", "quality")
    op.create_table(
        "belief",
        _of("brand_id", "brand", key=True),
        _word("touchpoint", key=True),
        *rated,
        _at("made_at"),
        _string("made_by"),
    )
    hours = sa.Column("hours", sa.Float(), nullable=True)
    op.create_table("use_gap", *_about(), hours, _string("product", null=True))
    op.create_index("ix_use_gap_product", "use_gap", ["product"])


def _make_rollups() -> None:
    levels = ("boo", "arrgh", "ok", "aha", "wow")
    op.create_table(
        "matrix_rollup",
        _of("brand_id", "brand", key=True),
        _word("grain", key=True),
        sa.Column("start", sa.Date(), primary_key=True),
        *(_string(name, key=True) for name in ("axis", "place", "touchpoint")),
        sa.Column("kept", sa.Boolean(), primary_key=True),
        *_counts(*(f"{what}_{level}" for what in ("mentions", "authors") for level in levels)),
    )


def _make_themes() -> None:
    key = (_of("theme_id", "theme", key=True), sa.Column("start", sa.Date(), primary_key=True))
    counts = _counts("mentions", "people", "boo", "arrgh", "angry")
    op.create_table("theme_week", *key, _of("brand_id", "brand"), *counts)
    op.create_index("theme_week_by_start", "theme_week", ["brand_id", "start"])
    op.create_table("theme_due", _of("theme_id", "theme", key=True), sa.Column("start", sa.Date(), primary_key=True))
