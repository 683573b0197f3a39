"""The two statements that SQLite and PostgreSQL share only by spelling: insert what is new, insert or update.

Both are made for hundreds of rows at a time, which is where a store's speed is decided.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

Rows = Sequence[Mapping[str, Any]]
Names = tuple[str, ...]
Processor = Callable[[Any], Any] | None


def insert_new(conn: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, all of the same columns, leaving alone those that are there already by any unique key."""
    _insert(conn, table, rows, (), ())


def upsert_on(conn: Connection, table: Table, keys: Sequence[str], rows: Rows, update: Sequence[str]) -> None:
    """Insert rows, all of the same columns; where the unique ``keys`` are there already, set those of ``update``."""
    _insert(conn, table, rows, tuple(keys), tuple(update))


def _insert(conn: Connection, table: Table, rows: Rows, keys: Names, update: Names) -> None:
    if not rows:
        return
    names = tuple(rows[0])
    columns = {name: [row[name] for row in rows] for name in names}
    if conn.dialect.name == "sqlite":
        statement, processors = _for_sqlite(table, names, keys, update)
        values = (columns[name] if make is None else map(make, columns[name]) for name, make in processors)
        conn.exec_driver_sql(statement, list(zip(*values, strict=True)))
    else:
        conn.execute(_for_postgresql(table, names, keys, update), columns)


@cache
def _for_sqlite(table: Table, names: Names, keys: Names, update: Names) -> tuple[str, list[tuple[str, Processor]]]:
    """Return the statement, and how each of its places is filled from a column's values.

    Rows go to the driver as they are: SQLAlchemy's way of handing over each row takes longer than SQLite's of
    storing it.
    """
    dialect = sqlite.dialect()
    insert = sqlite.insert(table).values({name: bindparam(name) for name in names})
    compiled = _on_conflict(insert, keys, update).compile(dialect=dialect)
    places = compiled.positiontup
    return str(compiled), [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in places]


@cache
def _for_postgresql(table: Table, names: Names, keys: Names, update: Names) -> Any:
    """Return the statement, which takes one array a column.

    It stays the same for any number of rows, and the server plans it once: a statement with thousands of
    placeholders takes longer to read than to carry out.
    """
    arrays = (func.unnest(bindparam(name, type_=postgresql.ARRAY(table.c[name].type, dimensions=1))) for name in names)
    insert = postgresql.insert(table).from_select(names, select(*arrays), include_defaults=False)
    return _on_conflict(insert, keys, update)


def _on_conflict(insert: Any, keys: Names, update: Names) -> Any:
    if not keys:
        return insert.on_conflict_do_nothing()
    return insert.on_conflict_do_update(index_elements=keys, set_={name: insert.excluded[name] for name in update})
