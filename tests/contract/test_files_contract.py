"""The collector of files keeps the promises of every collector."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from collector_contract import CollectorContract

from collectors.base import Tools
from collectors.files import FileOptions, Files
from domain.records import Cursor, Raw

ROWS = 1_203


class TestFiles(CollectorContract):
    """A CSV export of three pages, with twins, and files of other kinds for odd rows."""

    kind = Files
    wrong = ({"paths": "nowhere.csv"}, {"paths": "a-folder-that-is-not-there/x.xlsx"})

    @pytest.fixture
    def options(self, tmp_path: Path) -> Mapping[str, Any]:
        """Return the settings of an export whose rows repeat, so that some can be told apart by their number only."""
        path = tmp_path / "ulasan.csv"
        rows = (
            f"23/11/2024 14.{n % 60:02},nama {n % 7},Kopi senja enak {n % 400},{n % 5 + 1},{n}" for n in range(ROWS)
        )
        path.write_text("Tanggal,Nama,Ulasan,Bintang,Likes\n" + "\n".join(rows), encoding="utf-8")
        return {"paths": str(path)}

    @pytest.fixture
    def recorded(self, tmp_path: Path, tools: Tools) -> Sequence[Raw]:
        """Return rows that cannot be mapped or only just, as another file's reading would give them."""
        path = tmp_path / "aneh.jsonl"
        lines: list[Any] = [
            {"text": "\ud83d\ude21 \ud83d", "date": "kemarin"},
            {"text": "", "date": 1732345500},
            {"text": "angka", "likes": "banyak"},
            {"text": "besar", "likes": 10**40, "stars": 1e400},
            ["bukan objek"],
            "bukan JSON",
        ]
        path.write_text("\n".join(json.dumps(line) for line in lines) + "\n{", encoding="utf-8")
        collector = Files(FileOptions(paths=(path,)), tools)
        return [raw for page in collector.pages(None, Cursor()) for raw in page.raws]
