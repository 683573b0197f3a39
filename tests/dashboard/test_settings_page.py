"""The settings page: a query is tried as it is written, and what is saved is saved through Simak's own command."""

from pathlib import Path

import pytest
from dashboard_house import KEY, House, Said, heard, shown

from domain.vocabulary import Impression, UserRole
from store import access
from store.audit import lines

TEXT = """[[brands]]
key = "senja"
name = "Kopi Senja"
role = "own"
aliases = ["senja"]
basis = "legitimate_interest"
purpose = "Menjawab keluhan pelanggan."

[[alerts.people]]
key = "sari"
name = "Sari <b>"
channels = ["tim"]
"""


@pytest.fixture
def workspace(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    (tmp_path / "simak.toml").write_text(TEXT)
    monkeypatch.setenv("SIMAK_PSEUDONYM_KEY", KEY)
    monkeypatch.setenv("SIMAK_DATABASE_URL", house.url)
    house.settle(home=str(tmp_path))
    house.say(*(Said(text, reading=heard(Impression.OK)) for text in ("senja enak", "senja dan matahari", "lain")))
    return house


def test_a_query_is_tried_as_it_is_written(workspace: House) -> None:
    """Of the stored texts it is told how many the query keeps and drops, and by which word; a wrong one says why."""
    app = workspace.open("settings", "en")
    app.text_area(key="query_senja").set_value("senja -matahari").run()
    assert "Of the newest **3** stored texts this keeps **1** and drops **1** as noise." in shown(app)
    assert [one.value for one in app.code] == ["senja", "matahari"]
    app.text_area(key="query_senja").set_value("senja AND (").run()
    assert app.error[0].value


def test_what_is_saved_is_in_the_file(workspace: House, tmp_path: Path) -> None:
    """Saving writes simak.toml, and a setting that is wrong leaves it alone and says so."""
    app = workspace.open("settings", "en")
    app.text_area(key="query_senja").set_value("senja -matahari").run()
    app.button(key="save_senja").click().run()
    assert 'query = "senja -matahari"' in (tmp_path / "simak.toml").read_text()
    app.text_input(key="aliases_senja").set_value("x").run()
    app.button(key="save_senja").click().run()
    assert "aliases" in app.error[0].value
    assert '["senja"]' in (tmp_path / "simak.toml").read_text()


def test_users_are_let_in_and_turned_away(workspace: House) -> None:
    """An address gets a role and loses it again, both in the audit; what is no address is refused."""
    app = workspace.open("settings", "en")
    email = next(one for one in app.text_input if one.label == "E-mail address")
    email.set_value("Sari@Example.com")
    save = [one for one in app.button if one.label == "Save"][-1]
    save.click().run()
    with workspace.store.read() as conn:
        assert access.accounts(conn) == {"sari@example.com": UserRole.VIEWER}
    app.button(key="user_sari@example.com").click().run()
    with workspace.store.read() as conn:
        assert access.accounts(conn) == {}
        assert [line.action for line in lines(conn, 2)] == ["user let in", "user turned away"]


def test_no_secret_is_on_the_page(workspace: House) -> None:
    """People's channels are names; neither addresses nor keys reach the page."""
    app = workspace.open("settings", "en")
    text = str([*shown(app), *(one.value for one in app.dataframe)])
    assert KEY not in text
    assert "tim" in text
