"""``simak alerts``: what is open is listed, and what people say about it is done."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from alerts.desk import Desk
from alerts.signals import Signal
from domain.errors import ConfigError
from domain.vocabulary import AlertLevel, AlertReason
from simak.cli import app
from store.engine import open_store
from store.state import BrandSetting, sync_brands

SETTINGS = """
[[brands]]
key = "kopi"
name = "Kopi"
role = "own"
aliases = ["kopi"]
"""
KEY = "a key for the tests only"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return the command in a workspace with one open alert."""
    (tmp_path / "simak.toml").write_text(SETTINGS)
    monkeypatch.setenv("SIMAK_HOME", str(tmp_path))
    monkeypatch.setenv("SIMAK_PSEUDONYM_KEY", KEY)
    runner = CliRunner()
    runner.invoke(app, ["alerts", "list"], catch_exceptions=False)
    store = open_store(f"sqlite:///{tmp_path / 'data' / 'simak.db'}", KEY.encode())
    at = datetime.now(UTC)
    with store.write() as conn:
        ids = sync_brands(conn, [BrandSetting("kopi", "Kopi", True, "kopi", {})], at)
        facts = {"p": 0.82, "reach": 100.0, "count": 44.0}
        about = (ids["kopi"], AlertReason.SNOWBALL, "theme:3", at, at, AlertLevel.WARN)
        Desk(lambda *_: 0).take(conn, [Signal(*about, strong=True, facts=facts)], at)
    store.close()
    return lambda *words: runner.invoke(app, ["alerts", *words], catch_exceptions=False)


def test_what_is_open_is_listed(run: Callable[..., Result]) -> None:
    """A line says level, state, subject and how likely it is; JSON says the same for a program."""
    line = run("list").stdout
    assert line.split()[:6] == ["1", "warn", "open", "snowball", "kopi", "theme:3"]
    assert "82% to reach 100, now 44" in line
    (row,) = json.loads(run("list", "--json").stdout)
    assert (row["brand"], row["p"], row["state"]) == ("kopi", 0.82, "open")


def test_what_people_say_is_done(run: Callable[..., Result]) -> None:
    """Taken, put off and ended, an alert says so, and what is over is listed only when it is asked for."""
    assert run("ack", "1", "--by", "Sari").stdout == "Alert 1 (theme:3) is taken.\n"
    (row,) = json.loads(run("list", "--json").stdout)
    assert (row["state"], row["owner"]) == ("acknowledged", "Sari")
    assert "put off" in run("snooze", row["key"], "--for", "4h").stdout
    assert "not relevant" in run("resolve", "1", "--not-relevant").stdout
    assert run("list").stdout == "Nothing is open.\n"
    assert "resolved" in run("list", "--all").stdout


def test_a_silence_says_what_it_covers_until_when(run: Callable[..., Result]) -> None:
    """A silence of a brand or a reason is set with its why."""
    assert run("silence", "--for", "2h", "--reason", "volume", "--brand", "kopi", "--why", "promo").stdout.startswith(
        "Alerts on kopi volume are noted and not sent until "
    )
    assert "everything" in run("silence", "--why", "pemeliharaan").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("silence", "--reason", "nope", "--why", "x"), "--reason: there is no “nope”"),
        (("silence", "--brand", "nope", "--why", "x"), "There is no brand “nope”"),
        (("ack", "99"), "There is no alert “99”"),
        (("snooze", "1", "--for", "soon"), "“soon” is no length of time"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    run: Callable[..., Result], words: tuple[str, ...], said: str
) -> None:
    """A stranger's number and a length that is none are refused in words."""
    with pytest.raises(ConfigError, match=said):
        run(*words)
