"""Saved views of the inbox, in the store."""

from datetime import UTC, datetime

import pytest

from domain.access import Viewer
from domain.errors import ForbiddenError
from domain.vocabulary import UserRole
from store.engine import Store
from store.views import Kept, keep, remove, rename, views

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
BOO = {"impressions": ["BOO"], "text": ['100% "antre"']}


def named(store: Store, who: str) -> list[str]:
    with store.read() as conn:
        return [view.name for view in views(conn, who)]


def test_views_are_ones_own_unless_shared(store: Store) -> None:
    """Everybody sees their own and what others share, each with the address that it was kept with."""
    with store.write() as conn:
        assert keep(conn, "sari", " Boo  baru ", BOO, NOW, shared=False) is Kept.DONE
        assert keep(conn, "sari", "Antre", {}, NOW, shared=True) is Kept.DONE
        assert keep(conn, "budi", "Antre", BOO, NOW, shared=False) is Kept.DONE
        assert keep(conn, "budi", " \n ", BOO, NOW, shared=False) is Kept.NAMELESS
    assert named(store, "sari") == ["Antre", "Boo baru"]
    assert named(store, "budi") == ["Antre", "Antre"]
    with store.read() as conn:
        assert [view.params for view in views(conn, "sari")] == [{}, BOO]


def test_a_name_is_written_anew(store: Store) -> None:
    """Kept again under its name, a view is another one and still one."""
    with store.write() as conn:
        for params in ({}, BOO):
            keep(conn, "sari", "Pagi", params, NOW, shared=False)
        assert [view.params for view in views(conn, "sari")] == [BOO]


def test_only_the_owner_changes_a_view(store: Store) -> None:
    """Others can open what is shared, but neither rename nor remove it; a name that is taken stays where it is."""
    with store.write() as conn:
        keep(conn, "sari", "Pagi", BOO, NOW, shared=True)
        keep(conn, "sari", "Sore", BOO, NOW, shared=False)
        one = views(conn, "sari")[0].id
        assert rename(conn, "budi", one, "Punya saya") is Kept.GONE
        assert remove(conn, "budi", one) is Kept.GONE
        assert rename(conn, "sari", one, "Sore") is Kept.TAKEN
        assert rename(conn, "sari", one, "Pagi-pagi") is Kept.DONE
        assert rename(conn, "sari", one, "") is Kept.NAMELESS
        assert [view.name for view in views(conn, "sari")] == ["Pagi-pagi", "Sore"]
        assert remove(conn, "sari", one) is Kept.DONE
        assert remove(conn, "sari", one) is Kept.GONE


def test_who_may_only_look_shares_nothing(store: Store) -> None:
    """A viewer keeps views for themselves alone."""
    looks = Viewer(name="tamu@senja.id", role=UserRole.VIEWER)
    with store.write(looks) as conn:
        assert keep(conn, looks.name, "Pagi", BOO, NOW, shared=False) is Kept.DONE
    with pytest.raises(ForbiddenError), store.write(looks) as conn:
        keep(conn, looks.name, "Sore", BOO, NOW, shared=True)
    assert named(store, looks.name) == ["Pagi"]
