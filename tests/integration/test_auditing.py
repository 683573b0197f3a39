"""The audit takes lines and gives none back: what was changed, left out, put in or cut off is found."""

import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from postgres import empty_database
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from simak.declaring import declared
from simak.house import open_house
from simak.settings import Home, Secrets, read
from store.audit import audit, audit_settings, broken_at, holds, lines
from store.engine import Store, open_store
from store.tables import AUDIT

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
COLUMNS = "at, actor, action, detail, digest"
INSERTED = f"INSERT INTO audit (id, {COLUMNS}) SELECT 0, {COLUMNS} FROM audit WHERE id = 3"
SETTINGS = """
[[brands]]
key = "kita"
name = "Kita"
role = "own"
aliases = ["kita"]
[[sources]]
name = "berita"
collector = "feeds"
urls = ["https://example.com/feed?token=rahasia"]
"""


def fill(store: Store) -> None:
    with store.write() as conn:
        for number in range(5):
            audit(conn, "operator", "query changed", f"senja: {number}", NOW + timedelta(seconds=number))


def unguarded(conn: Connection) -> None:
    """Do what somebody does who owns the database: take the triggers away."""
    for trigger in ("audit_keeps", "audit_holds", "audit_ends"):
        if conn.dialect.name == "sqlite":
            conn.execute(text(f"DROP TRIGGER {trigger}"))
        else:
            conn.execute(text(f"DROP TRIGGER IF EXISTS {trigger} ON audit"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET detail = 'senja: 9' WHERE id = 3",
        "DELETE FROM audit WHERE id = 3",
        "DELETE FROM audit WHERE id = 5",
        INSERTED,
    ],
)
def test_the_database_refuses_all_but_more_lines(store: Store, statement: str) -> None:
    """No line can be changed, deleted or put before another one, by whatever program."""
    fill(store)
    with pytest.raises(DBAPIError, match="append-only"), store.write() as conn:
        conn.execute(text(statement))
    with store.read() as conn:
        assert broken_at(conn) is None


def test_the_server_refuses_to_empty_the_audit(postgresql: str) -> None:
    """PostgreSQL can empty a table at a stroke; that is refused, too."""
    store = open_store(empty_database(postgresql), b"a key for the tests only")
    with pytest.raises(DBAPIError, match="append-only"), store.write() as conn:
        conn.execute(text("TRUNCATE audit"))
    store.close()


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("UPDATE audit SET detail = 'senja: 9' WHERE id = 3", 3),
        ("UPDATE audit SET at = (SELECT at FROM audit WHERE id = 4) WHERE id = 3", 3),
        ("DELETE FROM audit WHERE id = 3", 4),
        ("DELETE FROM audit WHERE id = 1", 2),
        (INSERTED, 0),
    ],
)
def test_a_tampered_line_is_found(store: Store, statement: str, line: int) -> None:
    """Whoever takes the guard away and changes, removes or inserts a line breaks the chain at that place."""
    fill(store)
    with store.write() as conn:
        unguarded(conn)
        conn.execute(text(statement))
    with store.read() as conn:
        assert broken_at(conn) == line


def test_a_cut_off_end_is_found_by_a_noted_digest(store: Store) -> None:
    """A chain whose last lines are cut off is whole by itself; the digest that somebody noted is missing from it."""
    fill(store)
    with store.write() as conn:
        noted = lines(conn, 1)[0].digest[:16]
        assert holds(conn, noted)
        unguarded(conn)
        conn.execute(text("DELETE FROM audit WHERE id = 5"))
    with store.read() as conn:
        assert (broken_at(conn), holds(conn, noted), holds(conn, "%")) == (None, False, False)


def test_changed_settings_are_audited_once_and_without_secrets(store: Store) -> None:
    """Each setting that is new, another one or gone is one line; the same again is none; no address is repeated."""

    def note(document: str) -> list[str]:
        with store.write() as conn:
            before = len(lines(conn, 99))
            audit_settings(conn, declared(read(document, "simak.toml")), NOW)
            return [line.detail for line in lines(conn, 99)][before:]

    assert [line.partition(":")[0] for line in note(SETTINGS)] == ["http", "reader", "brand kita", "source berita"]
    assert note(SETTINGS) == []
    (changed,) = note(SETTINGS + 'retention = "90d"\n[sources.budget]\nday = 2.0\n')
    assert "retention 90 days" in changed
    assert "budget 2.0 a day" in changed
    (other,) = note(SETTINGS.replace("rahasia", "lain") + 'retention = "90d"\n[sources.budget]\nday = 2.0\n')
    assert (other != changed, "lain" in other) == (True, False)
    assert note(SETTINGS.partition("[[sources]]")[0]) == ["source berita: taken out"]
    assert len(note(SETTINGS)) == 1


def test_opening_a_house_audits_its_settings(tmp_path: Path) -> None:
    """A start with changed settings leaves its lines, and the chain is whole."""
    secrets = Secrets(_env_file=None)
    for document in (SETTINGS, SETTINGS, SETTINGS + 'retention = "30d"'):
        home = Home(tmp_path, read(document, "simak.toml"), secrets, sample=False)
        with open_house(home) as house, house.store.read() as conn:
            actions = list(conn.scalars(select(AUDIT.c.action)))
            assert broken_at(conn) is None
    assert actions.count("setting changed") == 5


def test_the_commands_list_verify_and_anchor(tmp_path: Path) -> None:
    """``simak status`` shows the last digest, ``simak audit`` the lines, and ``verify`` finds a cut-off end by it."""
    (tmp_path / "simak.toml").write_text(SETTINGS)

    def simak(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [str(Path(sys.executable).with_name("simak")), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, env={"SIMAK_HOME": str(tmp_path)})

    last = json.loads(simak("status", "--json").stdout)["audit"]
    digest = last.rpartition(" ")[2]
    assert simak("audit", "verify", digest).returncode == 0
    listed = simak("audit").stdout
    assert ("setting changed" in listed, "rahasia" in listed) == (True, False)
    raw = sqlite3.connect(tmp_path / "data" / "simak.db")
    raw.execute("DROP TRIGGER audit_holds")
    raw.execute("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit WHERE action != 'setting changed')")
    raw.commit()
    raw.close()
    found = simak("audit", "verify", digest)
    assert (found.returncode, "does not follow" in found.stdout) == (1, True)
    assert simak("audit", "verify", "abc").returncode == 2
