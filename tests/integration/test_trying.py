"""A query is tried on a source within a budget, and leaves nothing behind but what it cost."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from loopback import Behaviour, Loopback
from sqlalchemy import func, select
from x_replay import NOW, TOKEN, XReplay, post

from domain.errors import ConfigError
from simak.house import House, open_house
from simak.settings import Home, Secrets, read
from simak.trying import as_text, attempt
from store.tables import COLLECTOR_STATE, MENTION
from store.usage import DOLLARS, used

SETTINGS = """
[http]
allow_private = ["localhost"]
[[brands]]
key = "senja"
name = "Kopi Senja"
role = "own"
aliases = ["kopi senja"]
query = '"kopi senja" -loker'
[[sources]]
name = "cuit"
collector = "x"
base_url = "{url}"
page_size = 10
count = "never"
count_price = 0
"""
SAID = (
    "kopi senja enak banget, kapan-kapan mau ke sana lagi sama teman",
    "loker barista di kopi senja",
    "senja di pantai",
    "Kopi Senja wonten pundi nggih, kula badhe mriku sesarengan kaliyan kanca-kanca kula",
)


@pytest.fixture
def house(tmp_path: Path, serve: Callable[[Behaviour], Loopback], monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Return a house that searches a replay of X with twenty-eight posts."""
    monkeypatch.setattr("simak.house.now", lambda: NOW)
    posts = [post(10 + minutes, SAID[minutes % len(SAID)]) for minutes in range(28)]
    server = serve(XReplay(posts))
    secrets = Secrets(_env_file=None, pseudonym_key="a key for the tests only", x_bearer_token=TOKEN)
    with open_house(
        Home(tmp_path, read(SETTINGS.format(url=server.url), "simak.toml"), secrets, sample=False)
    ) as opened:
        yield opened


def test_a_trial_tells_languages_words_and_cost(house: House) -> None:
    """What would come is told by language and by word, with its cost; no mention and no cursor is kept."""
    found = attempt(house, "cuit", None, None, budget=1.0, limit=100)
    assert (found["seen"], found["matched"], found["dropped"]) == (28, 14, 7)
    assert found["languages"] == {"id": 7, "jv": 7}
    assert found["words"] == {"kopi senja": 14}
    assert found["cost"] == pytest.approx(28 * 0.005 + 3 * 0.010)
    assert "it cost $0.17; nothing is stored" in as_text(found)
    with house.store.read() as conn:
        counts = [conn.scalar(select(func.count()).select_from(table)) for table in (MENTION, COLLECTOR_STATE)]
        spent = used(
            conn, "cuit", DOLLARS, datetime(2026, 1, 1, tzinfo=UTC).date(), datetime(2099, 1, 1, tzinfo=UTC).date()
        )
    assert counts == [0, 0]
    assert spent == pytest.approx(found["cost"])


def test_a_trial_keeps_to_its_budget_and_limit(house: House) -> None:
    """It stops before an answer could exceed the budget, or with enough items, and says which."""
    found = attempt(house, "cuit", "kopi", None, budget=0.20, limit=100)
    assert (found["seen"], found["stopped"]) == (10, "the next answer could exceed the budget of $0.20")
    assert attempt(house, "cuit", None, None, budget=1.0, limit=15)["stopped"] == "after 15 items, as asked"
    with pytest.raises(ConfigError, match=r"may cost up to \$0\.15: say --budget 0\.15"):
        attempt(house, "cuit", None, None, budget=0.01, limit=15)


def test_an_unknown_source_is_told(house: House) -> None:
    """A source that is not set up is one sentence that names those that are."""
    with pytest.raises(ConfigError, match=r"no source “nonesuch”.*cuit"):
        attempt(house, "nonesuch", None, None, budget=1.0, limit=1)
