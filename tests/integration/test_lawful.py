"""Nothing is collected before each query states its lawful basis and purpose, and what they state is kept."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import select

from domain.errors import ConfigError
from simak.house import open_house
from simak.init import Answers, document
from simak.settings import Basis, Home, Secrets, read
from store.tables import AUDIT, BRAND_QUERY

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
BRAND = '[[brands]]\nkey = "kita"\nname = "Kita"\nrole = "own"\naliases = ["kita"]\n'
SOURCE = '[[sources]]\nname = "contoh"\ncollector = "sample"\n'
STATED = 'basis = "contract"\npurpose = "Menjawab keluhan pelanggan kami."\n'


def simak(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).with_name("simak")), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"SIMAK_HOME": str(home)})


def test_an_old_workspace_is_told_what_to_add(tmp_path: Path) -> None:
    """Without a basis the pages and figures stay; collecting, importing and running say in a sentence what to add."""
    (tmp_path / "simak.toml").write_text(BRAND + SOURCE)
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "1", "text": "kita", "tanggal": "2026-11-20"}))
    for words in (("collect",), ("run", "--port", "8979"), ("import", str(tmp_path / "in.jsonl"))):
        done = simak(tmp_path, *words)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "simak.toml:brands.kita: say why" in done.stderr
        assert "legitimate_interest" in done.stderr
    assert simak(tmp_path, "status").returncode == 0
    findings = {one["what"]: one["fine"] for one in json.loads(simak(tmp_path, "doctor", "--json").stdout)}
    assert findings["lawful basis"] is False
    assert (tmp_path / "data" / "simak.db").exists()


def test_a_stated_basis_is_kept_with_the_query_and_audited(tmp_path: Path) -> None:
    """Basis and purpose are stored with the query; another purpose is another row and a line of the audit."""
    for stated in ("", STATED, STATED, STATED.replace("keluhan", "pertanyaan")):
        home = Home(tmp_path, read(BRAND + stated, "simak.toml"), Secrets(_env_file=None), sample=False)
        with open_house(home) as house, house.store.read() as conn:
            row = BRAND_QUERY.c
            kept = conn.execute(select(row.basis, row.purpose).order_by(row.id)).all()
            told = list(conn.scalars(select(AUDIT.c.detail).where(AUDIT.c.action == "query changed")))
    assert [basis for basis, _ in kept] == [None, "contract", "contract"]
    assert kept[-1].purpose == "Menjawab pertanyaan pelanggan kami."
    assert told[-1] == 'kita: "kita" (contract: Menjawab pertanyaan pelanggan kami.)'


@pytest.mark.parametrize("stated", ['basis = "because"', 'basis = "contract"\npurpose = "ya"'])
def test_only_the_laws_grounds_are_taken(stated: str) -> None:
    """A ground that the law does not know, or a purpose of a word, is named as file and key."""
    with pytest.raises(ConfigError, match=r"simak.toml:brands.0"):
        read(BRAND + stated, "simak.toml")


def test_init_states_basis_and_purpose() -> None:
    """A first simak.toml has both for each brand, as given or as they are usual, with a word to check them."""
    answers = Answers("Kopi Kita", (), {"Rival": ()}, (), x=True, timezone="Asia/Jakarta")
    text = document(answers)
    assert [brand.basis for brand in read(text, "simak.toml").brands] == ["legitimate_interest"] * 2
    assert "check it and the purpose" in text
    given = Answers("Kita", (), {}, (), x=False, timezone="UTC", basis="consent", purpose="Riset yang disetujui.")
    (brand,) = read(document(given), "simak.toml").brands
    assert (brand.basis, brand.purpose) == ("consent", "Riset yang disetujui.")
    assert len(get_args(Basis)) == 6
