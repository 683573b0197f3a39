"""The reader learns from what people corrected, keeps it only if it reads better, and gives it back."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from domain.errors import ConfigError, OvertakenError
from domain.records import Labels, Mention
from domain.vocabulary import Impression, Journey, Platform, Stage
from nlp.artefact import BUNDLED, verified
from nlp.tuned import HISTORY, alone, history
from simak.adapting import LEAST, adapt, returned, rolled_back
from simak.cli import app
from simak.house import House, open_house
from simak.pipeline import Read
from simak.settings import Home, Secrets
from simak.settings import read as settings
from store.labels import correct, unread
from store.place import Place
from store.writes import Arrival, save_mentions

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
ZONE = "Asia/Jakarta"
SETTINGS = '[[brands]]\nkey = "senja"\nname = "Senja"\nrole = "own"\naliases = ["senja"]\n'
PLACES = ("Depok", "Bogor", "Malang", "Medan", "Solo", "Garut", "Ambon", "Palu", "Jember", "Tegal", "Batu", "Kediri")
# In this brand's own language "gokil senja" is blame: no reader could know before people said so.
BLAME = (
    "gokil senja {}, antri sejam",
    "gokil ya senja {} kopinya dingin",
    "senja {} gokil, kasirnya jutek",
    "gokil senja {}",
)
FINE = ("kopi senja {} enak", "senja {} cepat dan ramah", "promo senja {} sampai kapan?", "lagi di senja {}")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Return an opened workspace with nothing in it."""
    home = Home(tmp_path, settings(SETTINGS, "simak.toml"), Secrets(_env_file=None, database_url=None), sample=False)
    with open_house(home) as opened:
        yield opened


def arrive(house: House, texts: list[str]) -> None:
    mentions = [
        Mention(native_id=str(number), platform=Platform.X, published_at=NOW, text=text)
        for number, text in enumerate(texts)
    ]
    with house.store.write() as conn:
        arrivals = [Arrival(None, mention, tuple(house.ids.values())) for mention in mentions]
        save_mentions(conn, house.store.names, Place("x", "all", ZONE, NOW), arrivals)


def correct_all(house: House) -> None:
    """Correct every mention: blame is BOO, the rest is OK."""
    with house.store.write() as conn:
        for one in unread(conn, "none", 999):
            blame = "gokil" in one.text
            labels = Labels(
                impression=Impression.BOO if blame else Impression.OK,
                complaint=blame,
                stage=Stage.ACT,
                touchpoints=(),
                journey=Journey.NONE,
                use_gap=False,
            )
            assert correct(conn, one.mention_id, one.brand_id, labels, "ani", ZONE, NOW)


def texts() -> list[str]:
    return [form.format(place) for place in PLACES for form in (*BLAME, *FINE)]


def read_all(house: House) -> str:
    """Read what waits and return the reader's version."""
    Read(house.reader, {1: ("senja",)}, ZONE).run(house.store, NOW)
    return house.reader().version


def test_what_reads_better_is_in_force_until_it_is_rolled_back(house: House) -> None:
    """Corrections change the reading of texts that nobody corrected; rolled back, the shipped reader reads again."""
    arrive(house, texts())
    correct_all(house)
    shipped = house.reader().version
    trial = adapt(house)
    assert trial.promoted
    assert trial.tuning.after["loss"] < trial.tuning.before["loss"]
    assert trial.tuning.learnt + trial.tuning.held == len(texts())
    (tuned,) = house.reader().read(["gokil senja Cirebon parkirnya"], [("senja",)])
    assert tuned.impression in {Impression.BOO, Impression.ARRGH}
    assert house.reader().version == trial.tuning.version == f"{shipped}~{trial.tuning.sha256[:8]}"
    with house.store.read() as conn:
        assert len(unread(conn, read_all(house), 999)) == 0
    back = rolled_back(house.home.reader_folder)
    assert (back.rolled_back, back.set_aside, back.reads) == (trial.tuning.version, None, shipped)
    assert returned(back) == f"{trial.tuning.version} is out of force; {shipped} reads again."
    assert house.reader().version == shipped


def test_nothing_is_learnt_twice(house: House) -> None:
    """Refitted again to the same corrections nothing is better, so nothing is promoted."""
    arrive(house, texts())
    correct_all(house)
    assert adapt(house).promoted
    assert not adapt(house).promoted
    assert len(history(house.home.reader_folder)) == 1


def test_too_few_corrections_are_refused(house: House) -> None:
    """Below the least number the sentence says how many there are and where to make more."""
    arrive(house, texts()[:7])
    correct_all(house)
    with pytest.raises(ConfigError, match=re.escape(f"There are 7 corrections to learn from; at least {LEAST}")):
        adapt(house)


def test_nothing_to_roll_back_is_one_sentence(tmp_path: Path) -> None:
    """Without a refitted layer there is nothing to take back."""
    with pytest.raises(ConfigError, match="already reading"):
        rolled_back(tmp_path)


def test_a_training_beside_another_is_refused(house: House) -> None:
    """Neither a second training nor a roll-back decides anything while a first one is running."""
    with alone(house.home.reader_folder):
        with pytest.raises(OvertakenError, match="Another training is running"):
            adapt(house)
        with pytest.raises(OvertakenError, match="Another training is running"):
            rolled_back(house.home.reader_folder)


def test_a_roll_back_gets_out_of_a_broken_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command sets an unreadable history aside and says where and what reads, as JSON too."""
    monkeypatch.setenv("SIMAK_HOME", str(tmp_path))
    (tmp_path / "simak.toml").write_text(SETTINGS)
    path = tmp_path / "data" / "reader" / HISTORY
    path.parent.mkdir(parents=True)
    path.write_text("[{")
    said = CliRunner().invoke(app, ["train", "--roll-back", "--json"], catch_exceptions=False).stdout
    aside = path.with_suffix(".unreadable")
    assert json.loads(said) == {"rolled_back": None, "set_aside": str(aside), "reads": verified(BUNDLED)[1]}
    assert aside.read_text() == "[{"
    aside.rename(path)
    assert f"is now in {aside};" in CliRunner().invoke(app, ["train", "--roll-back"], catch_exceptions=False).stdout
