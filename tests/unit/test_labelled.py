"""Files that a person labelled, in every form and spelling."""

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from domain.errors import ConfigError
from nlp.evaluation import UNLABELLED
from nlp.sentiment import SENTIMENTS
from simak.labelled import Labelled, read

ROWS: list[dict[str, Any]] = [
    {
        "text": "mantap banget",
        "impression": "WOW",
        "complaint": False,
        "stage": "ADVOCATE",
        "touchpoints": ["PRICE", "RESPONSE"],
        "journey": "NONE",
        "use_gap": False,
        "brand": "Kopi Kita",
        "source": "maps",
    },
    {
        "text": "lemot",
        "impression": "arrgh",
        "complaint": True,
        "stage": "act",
        "touchpoints": [],
        "journey": "post_purchase",
        "use_gap": True,
        "brand": None,
        "source": "x",
    },
]


def jsonl(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def in_csv(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        cells = ({name: "|".join(cell) if isinstance(cell, list) else cell for name, cell in r.items()} for r in rows)
        writer.writerows(cells)
    return path


def in_parquet(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "rows.parquet"
    parquet.write_table(pa.Table.from_pylist(rows), path)
    return path


@pytest.mark.parametrize("write", [jsonl, in_csv, in_parquet])
def test_every_form_gives_the_same_labels(tmp_path: Path, write: Any) -> None:
    """JSONL, CSV and Parquet give the same places, whatever the case of the words."""
    found: Labelled = read(write(tmp_path, ROWS))
    assert found.texts == ["mantap banget", "lemot"]
    assert found.about == [("Kopi Kita",), ()]
    assert found.names == ("BOO", "ARRGH", "OK", "AHA", "WOW")
    assert found.groups == {"source": ["maps", "x"]}
    assert {name: held.tolist() for name, held in found.truth.items()} == {
        "impression": [4, 1],
        "complaint": [0, 1],
        "use_gap": [0, 1],
        "stage": [4, 3],
        "journey": [3, 2],
        "touchpoints": [[0, 1, 0, 0, 0, 0, 0, 1], [0] * 8],
    }


@pytest.mark.parametrize(
    "cell", ["PRICE, RESPONSE", "price;response", '["PRICE", "RESPONSE"]', "['PRICE', 'RESPONSE']"]
)
def test_touch_points_in_a_cell(tmp_path: Path, cell: str) -> None:
    """Touch points of a cell may be parted by commas, semicolons or bars, or be a list."""
    found = read(in_csv(tmp_path, [{"text": "a", "impression": "OK", "touchpoints": cell}]))
    assert found.truth["touchpoints"].tolist() == [[0, 1, 0, 0, 0, 0, 0, 1]]


@pytest.mark.parametrize("words", [("positive", "neutral", "negative"), ("Positif", "netral", "NEGATIF")])
@pytest.mark.parametrize("column", ["impression", "label", "sentiment"])
def test_three_classes_are_known_by_their_words(tmp_path: Path, words: tuple[str, ...], column: str) -> None:
    """English and Indonesian sentiments make a file of three classes, under any of the usual columns."""
    found = read(jsonl(tmp_path, [{"text": "a", column: word} for word in words]))
    assert found.names == SENTIMENTS
    assert found.truth["impression"].tolist() == [2, 1, 0]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"impression": "GOOD"}, "row 2: impression is 'GOOD'; write one of BOO, ARRGH, OK, AHA, WOW"),
        ({"impression": "positive"}, "row 2: impression is 'positive'"),
        ({"impression": "OK", "stage": "BUY"}, "stage is 'BUY'; write one of AWARE"),
        ({"impression": "OK", "complaint": "maybe"}, "complaint is 'maybe'; write one of true, false"),
        ({"impression": "OK", "touchpoints": ["FOOD"]}, "touchpoints is 'FOOD'; write one of PRODUCT_INFORMATION"),
        ({"impression": "OK", "touchpoints": 7}, "touchpoints is '7'"),
        ({"impression": ["OK"]}, "impression is"),
        ({"impression": "\x1b[31mX\x00"}, r"impression is '\\x1b\[31mX\\x00'"),
        ({"impression": "x" * 500}, "x{40}'"),
    ],
)
def test_an_unknown_label_is_one_sentence(tmp_path: Path, row: dict[str, Any], says: str) -> None:
    """An unknown label names its row and the allowed words, on one line without control characters."""
    with pytest.raises(ConfigError, match=says) as raised:
        read(jsonl(tmp_path, [ROWS[0], {"text": "a", **row}]))
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 300


def test_rows_without_an_impression_are_counted_and_left_out(tmp_path: Path) -> None:
    """An empty label, null or the NaN of a filled-up table leaves the row out; row numbers stay those of the file."""
    rows = [{"text": "a", "impression": word} for word in ("", None, float("nan"), "ok")]
    found = read(jsonl(tmp_path, rows))
    assert (found.texts, found.unlabelled) == (["a"], 3)
    with pytest.raises(ConfigError, match="row 5"):
        read(jsonl(tmp_path, [*rows, {"text": "a", "impression": "meh"}]))


def test_a_head_labelled_in_some_rows_only(tmp_path: Path) -> None:
    """Rows that do not tell a head are marked so, and a head that none tells is not there."""
    rows = [{"text": "a", "impression": "OK", "stage": "ASK", "journey": None}, {"text": "b", "impression": "OK"}]
    found = read(jsonl(tmp_path, rows)).truth
    assert found["stage"].tolist() == [2, UNLABELLED]
    assert "journey" not in found
    assert "touchpoints" not in found


@pytest.mark.parametrize("told", [{}, {"touchpoints": None}, {"touchpoints": float("nan")}])
def test_a_row_without_touch_points_told_is_not_labelled(tmp_path: Path, told: dict[str, Any]) -> None:
    """A list of touch points that is missing, null or NaN is not an empty one."""
    rows = [{"text": "a", "impression": "OK", "touchpoints": []}, {"text": "b", "impression": "OK", **told}]
    assert read(jsonl(tmp_path, rows)).truth["touchpoints"].tolist() == [[0] * 8, [UNLABELLED] * 8]


@pytest.mark.parametrize("write", [jsonl, in_csv, in_parquet])
def test_a_blank_column_of_labels_leaves_it_to_the_next(tmp_path: Path, write: Any) -> None:
    """Where no row fills in an impression, the sentiments beside it are the labels."""
    found = read(write(tmp_path, [{"text": "a", "impression": "", "sentiment": word} for word in SENTIMENTS]))
    assert (found.names, found.unlabelled) == (SENTIMENTS, 0)
    assert found.truth["impression"].tolist() == [0, 1, 2]


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """One of two columns of a name would be lost unseen; columns without a name mean nothing and may be many."""
    path = tmp_path / "rows.csv"
    path.write_text("text,impression,impression\na,OK,WOW\n")
    with pytest.raises(ConfigError, match="two columns named 'impression': rename"):
        read(path)
    path.write_text("text,impression,,\na,OK,,\n")
    assert read(path).truth["impression"].tolist() == [2]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
@pytest.mark.parametrize("write", [jsonl, in_csv])
def test_another_encoding_is_one_sentence(tmp_path: Path, write: Any, encoding: str) -> None:
    """A file that is not in UTF-8 is refused with the encoding to save it in, not read with letters missing."""
    path = write(tmp_path, [{"text": "kafe\u0301", "impression": "OK"}])
    path.write_text("caf\xe9\n" + path.read_text(), encoding=encoding, errors="replace")
    with pytest.raises(ConfigError, match="save it in UTF-8"):
        read(path)


def test_groups_are_those_asked_for(tmp_path: Path) -> None:
    """Columns of --by replace the source; the language of the file is kept; names lose control characters."""
    rows = [{"text": "a", "impression": "OK", "kota": "\x1b[2JSolo\nBaru", "source": "x", "language": "jv"}]
    path = jsonl(tmp_path, [*rows, {"text": "b", "impression": "OK"}])
    assert read(path, ["kota"]).groups == {"kota": ["[2JSolo Baru", "(none)"], "language": ["jv", "(none)"]}
    with pytest.raises(ConfigError, match="no column 'desa'; its columns are 'text', 'impression', 'kota'"):
        read(path, ["desa"])


@pytest.mark.parametrize("rows", [[], [{"text": "a"}], [{"text": "a", "impression": ""}]])
def test_a_file_without_labels_is_one_sentence(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    """A file that labels nothing says which field is missing."""
    with pytest.raises(ConfigError, match="a field named impression"):
        read(jsonl(tmp_path, rows))


def test_several_names_of_one_brand(tmp_path: Path) -> None:
    """A list in the brand's field holds names of the same brand; a name with a comma stays whole."""
    rows = [
        {"text": "a", "impression": "OK", "brand": ["Kopi Kita", "kopikita"]},
        {"text": "b", "impression": "OK", "brand": "Kita, Kopi"},
    ]
    assert read(jsonl(tmp_path, rows)).about == [("Kopi Kita", "kopikita"), ("Kita, Kopi",)]
