"""Alembic's entry: runs the migrations on the connection that ``run.migrate`` hands over."""

from alembic import context
from sqlmodel import SQLModel

import store.alert_tables
import store.foresight_tables
import store.tables
import store.work_tables  # noqa: F401

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
context.run_migrations()
