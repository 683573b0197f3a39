"""A store is opened, brought up to date, led by one, and says in a sentence when it cannot be."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from postgres import empty_database
from sqlalchemy import text
from sqlmodel import SQLModel

from domain.errors import ConfigError
from store.engine import Store, open_store, shown
from store.leader import leader


def test_the_migrations_make_the_tables_that_the_code_describes(store: Store) -> None:
    """A migrated database and the table classes do not differ; words in texts are indexed besides."""
    with store.engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        differences = compare_metadata(context, SQLModel.metadata)
    assert [one for one in differences if "mention_words" not in str(one)] == []


def test_a_store_of_a_newer_simak_is_refused(store: Store, database_url: str) -> None:
    """Tables that a newer Simak made are left alone, and the sentence says what to do."""
    with store.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match="update Simak"):
        open_store(database_url, b"a key for the tests only")


def test_one_leads_and_the_next_takes_over(store: Store, database_url: str) -> None:
    """Of two claims on a store one leads; when it resigns, the other does."""
    other = open_store(database_url, b"a key for the tests only")
    first, second = leader(store.engine), leader(other.engine)
    assert [first.claim(), second.claim(), first.claim()] == [True, False, True]
    first.resign()
    assert [second.claim(), first.claim()] == [True, False]
    second.resign()
    other.close()


def test_a_leader_whose_session_is_ended_resigns_and_may_lead_again(postgresql: str) -> None:
    """When the server ends the leader's session, its next claim says no, and the one after that leads anew."""
    opened = open_store(empty_database(postgresql), b"a key for the tests only")
    claim = leader(opened.engine)
    assert claim.claim()
    with opened.write() as conn:
        ours = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        conn.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND {ours}"))
    assert [claim.claim(), claim.claim()] == [False, True]
    claim.resign()
    opened.close()


def test_an_address_is_shown_without_its_password() -> None:
    """No password reaches a message, and a wrong address is explained."""
    assert "geheim" not in shown("postgresql://simak:geheim@db/simak")
    for wrong in ("mysql://db/simak", "nonsense", "sqlite://", "sqlite:///:memory:"):
        with pytest.raises(ConfigError, match="SIMAK_DATABASE_URL"):
            shown(wrong)


def test_an_unreachable_server_is_a_sentence() -> None:
    """A server that is not there is one clear sentence without a trace or a password."""
    with pytest.raises(ConfigError, match="cannot be used") as caught:
        open_store("postgresql://simak:geheim@127.0.0.1:1/simak", b"a key for the tests only")
    assert "geheim" not in str(caught.value)
