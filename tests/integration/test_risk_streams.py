"""``simak risk streams``: a file of complaints in, a score a brand and quarter of an hour out."""

import gzip
import json
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from domain.errors import ConfigError
from simak.cli import app

BEGIN = datetime.fromisoformat("2026-10-01T00:00:00+07:00")


def run(source: Path, output: Path) -> list[dict[str, Any]]:
    words = ["risk", "streams", "--input", str(source), "--output", str(output)]
    assert CliRunner().invoke(app, words, catch_exceptions=False).exit_code == 0
    return [json.loads(line) for line in output.read_text().splitlines()]


def written(path: Path, rows: list[str], head: str = "time,brand,author") -> Path:
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def quiet(days: int = 20) -> list[str]:
    """Return two complaints a day."""
    return [
        f"{(BEGIN + timedelta(days=day, hours=hour)).isoformat()},kopi,a{day}-{hour}"
        for day in range(days)
        for hour in (3, 8)
    ]


def burst(day: int = 15) -> list[str]:
    """Return thirty people within an hour."""
    return [f"{(BEGIN + timedelta(days=day, minutes=2 * n)).isoformat()},kopi,b{n}" for n in range(30)]


def test_a_surge_stands_out(tmp_path: Path) -> None:
    """Scores come every quarter of an hour with the fields that are promised, and are highest in the surge."""
    rows = run(written(tmp_path / "in.csv", quiet() + burst()), tmp_path / "out.jsonl")
    assert list(rows[0]) == ["brand", "time", "count", "score", "p"]
    steps = {(datetime.fromisoformat(b["time"]) - datetime.fromisoformat(a["time"])) for a, b in pairwise(rows)}
    assert steps == {timedelta(minutes=15)}
    best = max(rows, key=lambda row: row["score"])
    assert BEGIN + timedelta(days=15) < datetime.fromisoformat(best["time"]) <= BEGIN + timedelta(days=15, hours=2)
    assert best["p"] > 0.99


def test_the_future_changes_nothing(tmp_path: Path) -> None:
    """The same file, cut off in the middle of the surge, has the same scores until there."""
    said = sorted(quiet() + burst())
    cut = [row for row in said if datetime.fromisoformat(row.split(",")[0]) <= BEGIN + timedelta(days=15, minutes=30)]
    whole = run(written(tmp_path / "whole.csv", said), tmp_path / "whole.jsonl")
    part = run(written(tmp_path / "part.csv", cut), tmp_path / "part.jsonl")
    assert part == whole[: len(part)]


def test_order_packing_and_offsets_do_not_matter(tmp_path: Path) -> None:
    """Unsorted, packed, with a byte order mark or in another offset, the same complaints give the same scores."""
    said = quiet() + burst()
    plain = run(written(tmp_path / "in.csv", said), tmp_path / "a.jsonl")
    utc = [
        f"{datetime.fromisoformat(row.split(',')[0]).astimezone().isoformat()},{row.split(',', 1)[1]}" for row in said
    ]
    packed = tmp_path / "in.csv.gz"
    packed.write_bytes(gzip.compress(("\ufefftime,brand,author\n" + "\n".join(reversed(utc))).encode()))
    assert run(packed, tmp_path / "b.jsonl") == plain


def test_one_person_is_one_voice_and_brands_stand_apart(tmp_path: Path) -> None:
    """Thirty complaints by one author are no surge, nor is another brand's."""
    same = [row.rsplit(",", 1)[0] + ",sama" for row in burst()]
    other = [row.replace("kopi", "teh") for row in quiet() + burst()]
    rows = run(written(tmp_path / "in.csv", quiet() + same + other), tmp_path / "out.jsonl")
    assert max(row["score"] for row in rows if row["brand"] == "kopi") < 4
    assert max(row["score"] for row in rows if row["brand"] == "teh") > 6


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        ("time,author", "2026-10-01,a", "line 1: the column “brand” is missing"),
        ("time,brand", "kemarin,kopi", "line 2: “kemarin” is no time"),
        ("time,brand", "2026-10-01T00:00:00,", "line 2: the brand is missing"),
    ],
)
def test_what_is_no_stream_is_refused_with_its_line(tmp_path: Path, head: str, row: str, said: str) -> None:
    """A sentence names the file, the line and what is wrong."""
    with pytest.raises(ConfigError, match=said):
        run(written(tmp_path / "in.csv", [row], head), tmp_path / "out.jsonl")


def test_an_empty_or_missing_file_is_refused(tmp_path: Path) -> None:
    """Nothing to score is said, and no output is left."""
    with pytest.raises(ConfigError, match="holds no complaints"):
        run(written(tmp_path / "in.csv", []), tmp_path / "out.jsonl")
    with pytest.raises(ConfigError, match="cannot be read"):
        run(tmp_path / "nowhere.csv", tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()


def test_a_mistyped_year_is_asked_about(tmp_path: Path) -> None:
    """A span of centuries is a slip of the pen, not a stream to score for hours."""
    rows = ["2026-01-01T00:00:00Z,kopi,a", "2926-01-01T00:00:00Z,kopi,b"]
    with pytest.raises(ConfigError, match="from 2026-01-01 to 2926-01-01: is one of its times mistyped"):
        run(written(tmp_path / "in.csv", rows), tmp_path / "out.jsonl")
