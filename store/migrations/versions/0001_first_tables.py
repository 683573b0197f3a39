"""The first tables, and the index that finds words in texts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# SQLite: an index beside the table that triggers keep in step, so that a deleted text leaves it as well.
_SQLITE_WORDS = (
    """CREATE VIRTUAL TABLE mention_words USING fts5(
        text, content='mention', content_rowid='id', tokenize='unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER mention_words_insert AFTER INSERT ON mention BEGIN
        INSERT INTO mention_words(rowid, text) VALUES (new.id, new.text); END""",
    """CREATE TRIGGER mention_words_delete AFTER DELETE ON mention BEGIN
        INSERT INTO mention_words(mention_words, rowid, text) VALUES ('delete', old.id, old.text); END""",
    """CREATE TRIGGER mention_words_update AFTER UPDATE OF text ON mention BEGIN
        INSERT INTO mention_words(mention_words, rowid, text) VALUES ('delete', old.id, old.text);
        INSERT INTO mention_words(rowid, text) VALUES (new.id, new.text); END""",
)
_POSTGRESQL_WORDS = ("CREATE INDEX mention_words ON mention USING gin (to_tsvector('simple', text))",)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "author",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pseudonym", sa.String(), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("followers", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("pseudonym"),
    )
    op.create_table(
        "brand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "collector_state",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("walk", sa.String(), nullable=False),
        sa.Column("floor", sa.Text(), nullable=True),
        sa.Column("ceiling", sa.Text(), nullable=True),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("newest_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("gap", sa.Text(), nullable=True),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("source", "walk"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_quarantine_source", "quarantine", ["source"])
    op.create_table(
        "tombstone",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("buried_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "brand_query",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("brand_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("expression", sa.Text(), nullable=False),
        sa.Column("exclusions", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "mention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("native_id", sa.String(), nullable=False),
        sa.Column("platform", sa.String(24), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_mention_author_id", "mention", ["author_id"])
    op.create_index("mention_identity", "mention", ["native_id", "source"], unique=True)
    op.create_table(
        "rollup",
        sa.Column("brand_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("grain", sa.String(24), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("platform", sa.String(24), nullable=False),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.Column("unscored", sa.Integer(), nullable=False),
        sa.Column("complaints", sa.Integer(), nullable=False),
        sa.Column("use_gaps", sa.Integer(), nullable=False),
        sa.Column("mentions_boo", sa.Integer(), nullable=False),
        sa.Column("mentions_arrgh", sa.Integer(), nullable=False),
        sa.Column("mentions_ok", sa.Integer(), nullable=False),
        sa.Column("mentions_aha", sa.Integer(), nullable=False),
        sa.Column("mentions_wow", sa.Integer(), nullable=False),
        sa.Column("authors_boo", sa.Integer(), nullable=False),
        sa.Column("authors_arrgh", sa.Integer(), nullable=False),
        sa.Column("authors_ok", sa.Integer(), nullable=False),
        sa.Column("authors_aha", sa.Integer(), nullable=False),
        sa.Column("authors_wow", sa.Integer(), nullable=False),
        sa.Column("authors_aware", sa.Integer(), nullable=False),
        sa.Column("authors_appeal", sa.Integer(), nullable=False),
        sa.Column("authors_ask", sa.Integer(), nullable=False),
        sa.Column("authors_act", sa.Integer(), nullable=False),
        sa.Column("authors_advocate", sa.Integer(), nullable=False),
        sa.Column("promoting", sa.Integer(), nullable=False),
        sa.Column("warning", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("brand_id", "grain", "start", "platform"),
    )
    op.create_table(
        "rollup_due",
        sa.Column("brand_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("brand_id", "day"),
    )
    op.create_table(
        "brand_mention",
        sa.Column("mention_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("brand_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("platform", sa.String(24), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("impression", sa.String(24), nullable=True),
        sa.Column("complaint", sa.Boolean(), nullable=True),
        sa.Column("stage", sa.String(24), nullable=True),
        sa.Column("touchpoints", sa.String(64), nullable=False),
        sa.Column("journey", sa.String(24), nullable=True),
        sa.Column("use_gap", sa.Boolean(), nullable=True),
        sa.Column("corrected", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mention_id", "brand_id"),
    )
    op.create_index(
        "brand_mention_by_time",
        "brand_mention",
        [
            "brand_id",
            "published_at",
            "mention_id",
            "impression",
            "stage",
            "touchpoints",
            "journey",
            "platform",
            "source",
            "complaint",
            "use_gap",
            "version",
        ],
    )
    op.create_index("brand_mention_by_version", "brand_mention", ["version", "mention_id"])
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mention_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("brand_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("impression", sa.String(24), nullable=False),
        sa.Column("complaint", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("touchpoints", sa.String(64), nullable=False),
        sa.Column("journey", sa.String(24), nullable=False),
        sa.Column("use_gap", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "metric_snapshot",
        sa.Column("mention_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("likes", sa.BigInteger(), nullable=True),
        sa.Column("replies", sa.BigInteger(), nullable=True),
        sa.Column("reposts", sa.BigInteger(), nullable=True),
        sa.Column("quotes", sa.BigInteger(), nullable=True),
        sa.Column("views", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mention_id", "observed_at"),
    )
    op.create_table(
        "raw_item",
        sa.Column("mention_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mention_id"),
    )
    op.create_table(
        "reading",
        sa.Column("mention_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("impression", sa.String(24), nullable=True),
        sa.Column("probabilities", sa.JSON(), nullable=True),
        sa.Column("complaint", sa.Float(), nullable=True),
        sa.Column("stage", sa.String(24), nullable=True),
        sa.Column("touchpoints", sa.String(64), nullable=False),
        sa.Column("journey", sa.String(24), nullable=True),
        sa.Column("use_gap", sa.Boolean(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mention_id", "version"),
    )
    for statement in _SQLITE_WORDS if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL_WORDS:
        op.execute(statement)
