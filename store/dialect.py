"""The two statements that SQLite and PostgreSQL share only by spelling: insert what is new, insert or update."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

Rows = Sequence[Mapping[str, Any]]


def insert_new(conn: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, all of the same columns, leaving alone those that are there already by any unique key."""
    if rows:
        _execute(conn, _insert(conn, table, rows).on_conflict_do_nothing(), rows)


def upsert_on(conn: Connection, table: Table, keys: str | Sequence[str], rows: Rows, update: Sequence[str]) -> None:
    """Insert rows, all of the same columns; where the unique ``keys`` are there already, set those of ``update``."""
    if rows:
        insert = _insert(conn, table, rows)
        values = {name: insert.excluded[name] for name in update}
        index = [keys] if isinstance(keys, str) else list(keys)
        _execute(conn, insert.on_conflict_do_update(index_elements=index, set_=values), rows)


def _insert(conn: Connection, table: Table, rows: Rows) -> Any:
    if conn.dialect.name == "sqlite":
        return sqlite.insert(table)
    # One array a column: the statement stays the same for any number of rows, and the server plans it once. A
    # statement with thousands of placeholders takes longer to read than to carry out.
    columns = [table.c[name] for name in rows[0]]
    arrays = (
        func.unnest(bindparam(column.name, type_=postgresql.ARRAY(column.type, dimensions=1))) for column in columns
    )
    return postgresql.insert(table).from_select(
        [column.name for column in columns], select(*arrays), include_defaults=False
    )


def _execute(conn: Connection, statement: Any, rows: Rows) -> None:
    if conn.dialect.name == "sqlite":
        conn.execute(statement, rows)
    else:
        conn.execute(statement, {name: [row[name] for row in rows] for name in rows[0]})
