"""``simak alerts test``: a person's ways are tried with one command, against real receivers."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from loopback import Behaviour, Loopback, Reply
from typer.testing import CliRunner, Result

from domain.errors import ConfigError
from simak.cli import app

TOKEN = "rahasia-sekali"
SETTINGS = """
[[brands]]
key = "kopi"
name = "Kopi"
role = "own"
aliases = ["kopi"]
[[alerts.people]]
key = "sari"
name = "Sari"
channels = ["tim", "cadangan"]
quiet = ["00:00", "23:59"]
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return the command in a workspace of its own."""
    (tmp_path / "simak.toml").write_text(SETTINGS)
    monkeypatch.setenv("SIMAK_HOME", str(tmp_path))
    monkeypatch.setenv("SIMAK_PSEUDONYM_KEY", "a key for the tests only")
    return lambda *words: CliRunner().invoke(app, ["alerts", "test", *words], catch_exceptions=False)


def test_each_channel_says_how_it_went(
    run: Callable[..., Result], serve: Callable[[Behaviour], Loopback], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One arrives, in quiet hours too, and one is refused; the command fails and tells no part of an address."""
    fine, broken = serve(lambda _: Reply()), serve(lambda _: Reply(503))
    monkeypatch.setenv("SIMAK_NOTIFY__TIM", f"json://user:{TOKEN}@127.0.0.1:{fine.port}/{TOKEN}")
    monkeypatch.setenv("SIMAK_NOTIFY__CADANGAN", f"json://127.0.0.1:{broken.port}/{TOKEN}")
    done = run("sari")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "sari, channel “tim”: The message arrived.",
        "sari, channel “cadangan”: The channel answered 503.",
    ]
    assert "Halo Sari" in json.loads(fine.asked[0].body)["message"]
    assert TOKEN not in done.output
    assert [one["arrived"] for one in json.loads(run("sari", "--json").stdout)] == [True, False]


def test_all_that_arrives_is_a_success(
    run: Callable[..., Result], serve: Callable[[Behaviour], Loopback], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every channel reached the command ends well."""
    server = serve(lambda _: Reply())
    for name in ("TIM", "CADANGAN"):
        monkeypatch.setenv(f"SIMAK_NOTIFY__{name}", f"json://127.0.0.1:{server.port}/")
    assert run("sari").exit_code == 0
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1


def test_who_is_not_set_up_is_told(run: Callable[..., Result]) -> None:
    """An unknown person is answered with those there are, a missing address with its setting."""
    with pytest.raises(ConfigError, match="There is no person “budi”; there are: sari"):
        run("budi")
    assert "SIMAK_NOTIFY__TIM is not set." in run("sari").stdout
