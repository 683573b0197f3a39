"""Settings that are changed from the pages: checked whole, written with their comments, told in the audit, taken on."""

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from browsing import free_port, wait_for

from domain.errors import ConfigError
from simak.house import open_house
from simak.reforming import Change, apply, digest_of
from simak.renewing import Renewal
from simak.settings import Home, load
from store.audit import lines
from store.engine import open_store

TEXT = """# What we listen for.
[[brands]]
key = "senja"
name = "Senja"
role = "own"
aliases = ["senja"] # its names
basis = "legitimate_interest"
purpose = "Menjawab keluhan pelanggan."

[[alerts.people]]
key = "sari"
name = "Sari"
channels = ["tim"]
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    (tmp_path / "simak.toml").write_text(TEXT)
    (tmp_path / "simak.toml").chmod(0o640)
    monkeypatch.setenv("SIMAK_HOME", str(tmp_path))
    monkeypatch.setenv("SIMAK_PSEUDONYM_KEY", "a key for the tests only")
    return load()


def change(home: Home, table: str, entry: str, *, remove: bool = False, **values: object) -> Change:
    told = {"by": "ani@example.com", "digest": digest_of(home.folder), "table": table, "entry": entry}
    return Change.model_validate({**told, "values": values, "remove": remove})


def test_a_change_keeps_the_comments_and_stands_in_the_audit(home: Home) -> None:
    """What is saved is in the file beside its comments and old rights, and the audit says who and what."""
    apply(home, change(home, "brands", "senja", query="senja -matahari", aliases=["senja", "kopi senja"]))
    text = (home.folder / "simak.toml").read_text()
    assert text.startswith("# What we listen for.")
    assert "# its names" in text
    assert (home.folder / "simak.toml").stat().st_mode & 0o777 == 0o640
    assert load().settings.brands[0].query == "senja -matahari"
    with open_house(load()) as house, house.store.read() as conn:
        told = [(line.actor, line.action, line.detail) for line in lines(conn, 20)]
    assert ("ani@example.com", "settings", "brands senja saved") in told
    assert any("kopi senja" in detail for _, action, detail in told if action == "setting changed")


def test_entries_are_added_and_taken_out(home: Home) -> None:
    """A competitor comes and goes, and a route to somebody who is there is added."""
    rival = {"key": "fajar", "name": "Fajar", "role": "competitor", "aliases": ["fajar"]}
    apply(home, change(home, "brands", "fajar", **rival))
    apply(home, change(home, "routes", "0", chain=["sari"], level="warn"))
    settings = load().settings
    assert [brand.key for brand in settings.brands] == ["senja", "fajar"]
    assert [route.chain for route in settings.alerts.routes] == [("sari",)]
    apply(home, change(home, "brands", "fajar", remove=True))
    assert [brand.key for brand in load().settings.brands] == ["senja"]


@pytest.mark.parametrize(
    ("table", "entry", "values", "said"),
    [
        ("brands", "senja", {"query": "senja AND ("}, "query"),
        ("brands", "senja", {"aliases": []}, "aliases"),
        ("routes", "0", {"chain": ["nobody"], "level": "warn"}, "nobody"),
        ("people", "sari", {"channels": []}, "channels"),
    ],
)
def test_what_would_be_wrong_is_not_written(
    home: Home, table: str, entry: str, values: dict[str, object], said: str
) -> None:
    """A change that the settings refuse is told in a sentence, and the file stays as it was."""
    with pytest.raises(ConfigError, match=said):
        apply(home, change(home, table, entry, **values))
    assert (home.folder / "simak.toml").read_text() == TEXT


def test_a_file_that_changed_meanwhile_is_left_alone(home: Home) -> None:
    """Of two who change the same version, the second is told to look again."""
    late = change(home, "brands", "senja", name="Late")
    apply(home, change(home, "brands", "senja", name="Early"))
    with pytest.raises(ConfigError, match="changed meanwhile"):
        apply(home, late)
    assert load().settings.brands[0].name == "Early"


def test_the_sample_is_fixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written where there is no file of one's own."""
    monkeypatch.setenv("SIMAK_HOME", str(tmp_path))
    told = Change(by="x", digest="", table="brands", entry="kopi-senandika", values={"name": "X"})
    with pytest.raises(ConfigError, match="simak init"):
        apply(load(), told)
    assert list(tmp_path.glob("*.toml")) == []


def test_the_command_reads_a_change_and_refuses_nonsense(home: Home) -> None:
    """The pages' way in: JSON on standard input, one sentence back, and no trace of Python."""
    command = [sys.executable, "-c", "from simak.cli import main; main()", "settings", "apply"]
    for text, status, said in (
        (change(home, "brands", "senja", name="Senja Baru").model_dump_json(), 0, "brands senja saved"),
        (json.dumps({"table": "sources"}), 2, "the change:by"),
        ("not JSON", 2, "the change"),
    ):
        done = subprocess.run(command, input=text, env=dict(os.environ), capture_output=True, text=True, check=False)
        assert done.returncode == status
        assert said in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_settings_that_cannot_be_read_stop_nothing(home: Home) -> None:
    """A broken file leaves what runs running; a good one asks for a new start."""
    stop = Event()
    renewal = Renewal(home, stop)
    (home.folder / "simak.toml").write_text("[[brands]\n")
    assert not renewal._changed()
    (home.folder / "simak.toml").write_text(TEXT.replace('"Senja"', '"Senja Lama"'))
    assert renewal._changed()
    assert not renewal._changed()


def test_simak_takes_changed_settings_on_by_itself(home: Home) -> None:
    """While it runs, a saved change ends it cleanly and starts it anew, as the same process, with the new settings."""
    port = free_port()
    command = [sys.executable, "-c", "from simak.cli import main; main()", "run", "--port", str(port)]
    with subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE, text=True) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}")
            (home.folder / "simak.toml").write_text(TEXT.replace('name = "Senja"', 'name = "Senja Baru"'))
            assert process.stdout is not None
            urls = 0
            for line in process.stdout:
                urls += line.startswith("Simak: http")
                if urls == 2:
                    break
            wait_for(f"http://127.0.0.1:{port}")
            store = open_store(home.database_url, home.pseudonym_key())
            with store.read() as conn:
                assert any("Senja Baru" in line.detail for line in lines(conn, 20))
            store.close()
            assert process.poll() is None
        finally:
            process.terminate()
            process.wait(20)
