"""Readings are toward a brand, tell arousal and what is off topic; what waits is found newest first."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEPT = "read_at, impression, probabilities, complaint, stage, touchpoints, journey, use_gap, language"
_COPY = f"""INSERT INTO reading (mention_id, brand_id, version, {_KEPT})
    SELECT mention_id, brand_id, version, {_KEPT} FROM reading_0001
    JOIN (SELECT mention_id AS filed, brand_id FROM brand_mention) AS brands ON filed = mention_id"""  # noqa: S608
_BY_TIME = ("brand_id", "published_at", "mention_id", "impression", "stage", "touchpoints", "journey", "platform")
_FLAGS = ("source", "complaint", "use_gap", "off_topic", "version")


def upgrade() -> None:
    """Copy each reading to every brand that its mention is filed under, and index the new label in force."""
    op.rename_table("reading", "reading_0001")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX reading_pkey RENAME TO reading_0001_pkey")
    _make_readings()
    op.execute(_COPY)
    op.drop_table("reading_0001")
    op.add_column("brand_mention", sa.Column("off_topic", sa.Boolean(), nullable=True))
    op.drop_index("brand_mention_by_time", "brand_mention")
    op.create_index("brand_mention_by_time", "brand_mention", [*_BY_TIME, *_FLAGS])
    op.drop_index("brand_mention_by_version", "brand_mention")
    op.create_index("brand_mention_by_version", "brand_mention", ["version", "published_at"])


def _make_readings() -> None:
    op.create_table(
        "reading",
        sa.Column("mention_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("brand_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("impression", sa.String(24), nullable=True),
        sa.Column("probabilities", sa.JSON(), nullable=True),
        sa.Column("complaint", sa.Float(), nullable=True),
        sa.Column("stage", sa.String(24), nullable=True),
        sa.Column("touchpoints", sa.String(64), nullable=False),
        sa.Column("journey", sa.String(24), nullable=True),
        sa.Column("use_gap", sa.Boolean(), nullable=True),
        sa.Column("arousal", sa.Float(), nullable=True),
        sa.Column("off_topic", sa.Float(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mention_id", "brand_id", "version"),
    )
