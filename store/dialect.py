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


def add_on(conn: Connection, table: Table, keys: Sequence[str], rows: Rows) -> None:
    """Add the numbers of rows, all of the same columns, to those of the rows with the same unique ``keys``."""
    if rows:
        _insert(conn, table, rows, tuple(keys), tuple(name for name in rows[0] if name not in keys), add=True)


def _insert(conn: Connection, table: Table, rows: Rows, keys: Names, update: Names, *, add: bool = False) -> None:
    if not rows:
        return
    names = tuple(rows[0])
    columns = {name: [row[name] for row in rows] for name in names}
    if conn.dialect.name == "sqlite":
        statement, processors = _for_sqlite(table, names, keys, update, add=add)
        values = (columns[name] if make is None else map(make, columns[name]) for name, make in processors)
        conn.exec_driver_sql(statement, list(zip(*values, strict=True)))
    else:
        conn.execute(_for_postgresql(table, names, keys, update, add=add), columns)


@cache
def _for_sqlite(
    table: Table, names: Names, keys: Names, update: Names, *, add: bool
) -> tuple[str, list[tuple[str, Processor]]]:
    """Return the statement, and how each of its places is filled from a column's values.

    Rows go to the driver as they are: SQLAlchemy's way of handing over each row takes longer than SQLite's of
    storing it.
    """
    dialect = sqlite.dialect()
    insert = sqlite.insert(table).values({name: bindparam(name) for name in names})
    compiled = _on_conflict(insert, keys, update, add=add).compile(dialect=dialect)
    places = compiled.positiontup
    return str(compiled), [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in places]


@cache
def _for_postgresql(table: Table, names: Names, keys: Names, update: Names, *, add: bool) -> Any:
    """Return the statement, which takes one array a column.

    It stays the same for any number of rows, and the server plans it once: a statement with thousands of
    placeholders takes longer to read than to carry out.
    """
    arrays = (func.unnest(bindparam(name, type_=postgresql.ARRAY(table.c[name].type, dimensions=1))) for name in names)
    insert = postgresql.insert(table).from_select(names, select(*arrays), include_defaults=False)
    return _on_conflict(insert, keys, update, add=add)


def _on_conflict(insert: Any, keys: Names, update: Names, *, add: bool) -> Any:
    """Leave alone what is there, set it anew, or add to it."""
    if not keys:
        return insert.on_conflict_do_nothing()
    held, new = insert.table.c, insert.excluded
    changed = {name: held[name] + new[name] if add else new[name] for name in update}
    return insert.on_conflict_do_update(index_elements=keys, set_=changed)
