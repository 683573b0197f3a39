"""The sample workspace, from its first start: the snowball is told before half of it has rolled, and shown."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from dashboard_house import APP, LANGUAGES, shown
from loopback import Behaviour, Loopback, Reply
from streamlit.testing.v1 import AppTest

from dashboard import opened
from dashboard.workspace import workspace
from simak.house import open_house
from simak.settings import load
from simak.working import work


def test_the_samples_snowball_is_told_early_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serve: Callable[[Behaviour], Loopback]
) -> None:
    """A webhook gets the alert, marked as a sample, before half of the people had come; the page shows it."""
    server = serve(lambda _: Reply())
    monkeypatch.setenv("SIMAK_HOME", str(tmp_path))
    monkeypatch.setenv("SIMAK_NOTIFY__DEMO", f"json://127.0.0.1:{server.port}")
    with open_house(load()) as house:
        work(house, house.collects())
        told = house.workspace().environment()
    messages = [json.loads(asked.body) for asked in server.asked]
    assert [one["title"].split(" ")[0] for one in messages] == ["[CONTOH]", "[CONTOH]"]
    assert "HABISIN SEKARANG" not in messages[0]["title"]
    assert "saldo" in messages[0]["message"].lower()
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    workspace.cache_clear()
    opened.store.clear()  # type: ignore[attr-defined]
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.context["locale"] = LANGUAGES["en"]
    app.run()
    app.switch_page("app_pages/snowball.py").run()
    assert [error.value for error in app.exception] == []
    told_at, reached = (people(app, first) for first in ("Alert ", "It has reached"))
    assert told_at < reached / 2
    opened.store.clear()  # type: ignore[attr-defined]
    workspace.cache_clear()


def people(app: AppTest, first: str) -> int:
    """Return how many people the text that begins so tells of."""
    told = next(text for text in shown(app) if text.startswith(first))
    found = re.search(r"([\d,]+) people", told)
    assert found
    return int(found[1].replace(",", ""))
