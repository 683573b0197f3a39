"""Alembic's entry: runs the migrations on the connection that ``run.migrate`` hands over."""

from alembic import context

from store import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.SQLModel.metadata,
    render_as_batch=True,
)
context.run_migrations()
