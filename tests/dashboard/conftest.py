"""A house with a real store for every test of the pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from dashboard_house import NOW, House

from dashboard import opened
from dashboard.workspace import workspace


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Return a house with nothing said in it yet; its clock stands still."""
    monkeypatch.setattr("domain.clock.now", lambda: NOW)
    made = House(tmp_path, monkeypatch)
    yield made
    made.store.close()
    opened.store.clear()
    workspace.cache_clear()
