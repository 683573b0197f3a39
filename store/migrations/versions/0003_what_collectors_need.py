"""Looks, allowances, gaps, intake and alerts of sources; replies and branches; copies; kept counts; a chained audit."""

import hashlib
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_BY_TIME = ("brand_id", "published_at", "mention_id", "impression", "stage", "touchpoints", "journey", "platform")
_COUNTED = ("mentions", "unscored", "complaints", "use_gaps", "promoting", "warning")
_IMPRESSIONS = ("boo", "arrgh", "ok", "aha", "wow")
_STAGES = ("aware", "appeal", "ask", "act", "advocate")
_SQLITE_CLOSED = (
    "CREATE TRIGGER audit_keeps BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    "CREATE TRIGGER audit_holds BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    """CREATE TRIGGER audit_ends AFTER INSERT ON audit WHEN new.id < (SELECT max(id) FROM audit)
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
)
_POSTGRESQL_CLOSED = (
    """CREATE FUNCTION audit_closed() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$""",
    "CREATE TRIGGER audit_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON audit EXECUTE FUNCTION audit_closed()",
    """CREATE FUNCTION audit_last() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF new.id < (SELECT max(id) FROM audit) THEN RAISE EXCEPTION 'the audit is append-only'; END IF;
            RETURN new;
        END $$""",
    "CREATE TRIGGER audit_ends BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_last()",
)
_FLAGS = ("source", "complaint", "use_gap", "off_topic", "version", "folded")


def upgrade() -> None:
    """Add the columns and tables, keep each known gap with the time it was noted, and chain the audit."""
    _extend_mentions()
    _make_source_tables()
    _make_copy_tables()
    _keep_gaps()
    _keep_counts()
    _chain_audit()
    _close_audit()


def _extend_mentions() -> None:
    op.add_column("brand_query", sa.Column("basis", sa.String(), nullable=True))
    op.add_column("brand_query", sa.Column("purpose", sa.Text(), nullable=True))
    op.add_column("mention", sa.Column("branch", sa.String(), nullable=True))
    named = sa.text("branch IS NOT NULL")
    op.create_index("mention_by_branch", "mention", ["branch"], sqlite_where=named, postgresql_where=named)
    op.add_column("mention", sa.Column("reply", sa.Text(), nullable=True))
    op.add_column("mention", sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("mention", sa.Column("copy_of", sa.Integer(), nullable=True))
    op.create_index("ix_mention_copy_of", "mention", ["copy_of"])
    op.add_column("brand_mention", sa.Column("folded", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.drop_index("brand_mention_by_time", "brand_mention")
    op.create_index("brand_mention_by_time", "brand_mention", [*_BY_TIME, *_FLAGS])


def _make_source_tables() -> None:
    op.create_table(
        "look",
        _mention_key(),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("look_by_due", "look", ["source", "due_at"])
    op.create_table(
        "usage",
        sa.Column("source", sa.String(), primary_key=True),
        sa.Column("what", sa.String(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("amount", sa.Float(), nullable=False),
    )
    op.create_table(
        "gap",
        sa.Column("source", sa.String(), primary_key=True),
        sa.Column("walk", sa.String(), primary_key=True),
        sa.Column("until", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
    )
    counts = [sa.Column(name, sa.Integer(), nullable=False) for name in ("seen", "written", "quarantined", "hollow")]
    op.create_table(
        "intake",
        sa.Column("source", sa.String(), primary_key=True),
        sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
        *counts,
    )
    op.create_table(
        "source_alert",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("source", sa.String(), nullable=False, index=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
    )


def _make_copy_tables() -> None:
    op.create_table("fold_due", _mention_key())
    op.create_table(
        "text_band",
        sa.Column("band", sa.BigInteger(), primary_key=True, autoincrement=False),
        _mention_key(index=True),
    )
    op.create_table(
        "campaign",
        _mention_key(),
        sa.Column("flagged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authors", sa.Integer(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
    )


def _mention_key(*, index: bool = False) -> "sa.Column[int]":
    reference = sa.ForeignKey("mention.id", ondelete="CASCADE")
    return sa.Column("mention_id", sa.Integer(), reference, primary_key=True, autoincrement=False, index=index)


def _keep_gaps() -> None:
    """Bring over what a source has said it missed; its bounds stood in the sentence alone."""
    op.execute(
        "INSERT INTO gap (source, walk, until, why) "
        "SELECT source, walk, coalesce(succeeded_at, attempted_at), gap FROM collector_state "
        "WHERE gap IS NOT NULL AND coalesce(succeeded_at, attempted_at) IS NOT NULL"
    )
    op.drop_column("collector_state", "gap")


def _keep_counts() -> None:
    """Make what holds the counts of mentions that go; deleting one looks for its corrections."""
    names = (
        *_COUNTED,
        *(f"mentions_{word}" for word in _IMPRESSIONS),
        *(f"authors_{word}" for word in (*_IMPRESSIONS, *_STAGES)),
    )
    brand = sa.ForeignKey("brand.id", ondelete="CASCADE")
    op.create_table(
        "rollup_kept",
        sa.Column("brand_id", sa.Integer(), brand, primary_key=True, autoincrement=False),
        sa.Column("grain", sa.String(24), primary_key=True),
        sa.Column("start", sa.Date(), primary_key=True),
        sa.Column("platform", sa.String(24), primary_key=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in names),
    )
    op.create_index("ix_correction_mention_id", "correction", ["mention_id"])


def _close_audit() -> None:
    """Let rows be added to the audit and nothing else."""
    for statement in _SQLITE_CLOSED if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL_CLOSED:
        op.execute(statement)


def _chain_audit() -> None:
    """Give each row the digest that ``store.audit`` would have given it."""
    op.add_column("audit", sa.Column("digest", sa.String(), nullable=False, server_default=""))
    audit = sa.table("audit", *map(sa.column, ("id", "at", "actor", "action", "detail", "digest")))
    conn, digest = op.get_bind(), ""
    for row in conn.execute(sa.select(audit).order_by(audit.c.id)).all():
        told = (digest, _told(row.at), row.actor, row.action, row.detail)
        digest = hashlib.sha256("\0".join(told).encode()).hexdigest()
        conn.execute(sa.update(audit).where(audit.c.id == row.id).values(digest=digest))


def _told(at: datetime | str) -> str:
    """Return a time as the chain writes it; SQLite gives the text that it keeps."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
