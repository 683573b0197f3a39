"""Texts of files and of the command line are read toward the brand in question, or refused in one sentence."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from domain.errors import ConfigError
from nlp.classifier import Classifier, load
from simak.classifying import classify, given, names_in, texts_of
from simak.settings import read

SIMAK = str(Path(sys.executable).with_name("simak"))
SETTINGS = """
[[brands]]
key = "kita"
name = "Kopi Kita"
role = "own"
aliases = ["@kopikita"]
"""
KITA = ("Kopi Kita", "@kopikita")
RIVALS = "@kopikita jauh lebih enak dari Rival, yang itu parah banget"


@pytest.fixture(scope="module")
def reader() -> Classifier:
    return load()


def saved(tmp_path: Path, content: str) -> Path:
    (tmp_path / "in.csv").write_text(content)
    return tmp_path / "in.csv"


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SIMAK_")}
    environment["SIMAK_HOME"] = str(home)
    return subprocess.run([SIMAK, *words], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("field", "brand", "names"),
    [
        ("kita", None, KITA),
        ("KOPI KITA", None, KITA),
        ("@kopikita", None, KITA),
        ("Rival", None, ("Rival",)),
        (["Rival", "rivalid"], None, ("Rival", "rivalid")),
        (None, None, ()),
        ("", "kita", KITA),
        (None, "Rival", ("Rival",)),
        ("Rival", "kita", ("Rival",)),
        (7, None, ()),
    ],
)
def test_a_row_names_its_brand(field: Any, brand: str | None, names: Sequence[str]) -> None:
    """A brand of the settings goes by all its names, another one by those given; a row's own stands above the rest."""
    assert names_in(read(SETTINGS, "simak.toml"), brand)(field) == names


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_the_brand_of_a_row_is_asked_about(tmp_path: Path, reader: Classifier, form: str) -> None:
    """Every form of file carries the brand, and the same text toward two brands is two readings."""
    rows = [{"id": brand, "text": RIVALS, "brand": brand} for brand in ("kita", "Rival")]
    path = tmp_path / f"in.{form}"
    if form == "parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path)
    else:
        lines = ["id,text,brand", *(f'{row["id"]},"{row["text"]}",{row["brand"]}' for row in rows)]
        path.write_text("\n".join(lines if form == "csv" else map(json.dumps, rows)))
    found = list(classify(texts_of(path), reader, names_in(read(SETTINGS, "simak.toml"), None)))
    expected = reader.read([RIVALS, RIVALS], [KITA, ("Rival",)])
    assert [one["probabilities"] for one in found] == [dict(one.probabilities or {}) for one in expected]
    assert found[0]["probabilities"] != found[1]["probabilities"]


def test_the_brand_may_be_given_on_the_command_line(tmp_path: Path, reader: Classifier) -> None:
    """--brand knows the aliases of simak.toml, and the answer tells arousal and what is off topic."""
    (tmp_path / "simak.toml").write_text(SETTINGS)
    done = run(tmp_path, "classify", RIVALS, "--brand", "Kopi Kita")
    direct = reader.read([RIVALS], [KITA])[0]
    said = json.loads(done.stdout)
    assert (said["probabilities"], said["arousal"], said["off_topic"]) == (
        direct.probabilities,
        direct.arousal,
        direct.off_topic,
    )


def test_texts_beside_a_file_are_refused(tmp_path: Path) -> None:
    """Texts and a file together are one sentence and no output, for one of them would be lost."""
    path = saved(tmp_path, "id,text\n1,halo\n")
    done = run(tmp_path, "classify", "bagus", "--input", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert "not both" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    with pytest.raises(ConfigError, match="Give a text"):
        given([], None)


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("text,id,brand\nhalo\nhai,7\n", [(1, "halo", None), ("7", "hai", None)]),
        ("id,text\n,halo\n2,\n", [(1, "halo", None), ("2", "", None)]),
        ("id,text\n1,halo,,\n", [("1", "halo", None)]),
        ("\ufeffid,text\n1,halo\n\n2,hai\n", [("1", "halo", None), ("2", "hai", None)]),
    ],
)
def test_a_short_row_with_a_text_is_read(tmp_path: Path, content: str, rows: list[tuple[Any, ...]]) -> None:
    """A row whose end is missing is read as it is when its text is there; a missing id is the row's number."""
    found = [(row["id"], row["text"], row["brand"] or None) for row in texts_of(saved(tmp_path, content))]
    assert found == rows


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("id,text\n1,halo\n2\n", "row 2 ends before its text"),
        ("id,text\n1,halo, apa kabar\n", "row 1 has more fields"),
        ("id,teks\n1,halo\n", "no column named text"),
        ("", "no column named text"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(tmp_path: Path, content: str, says: str) -> None:
    """A row without a text, one that a comma has cut, and a file without the column each say what to do."""
    with pytest.raises(ConfigError, match=says):
        list(texts_of(saved(tmp_path, content)))
