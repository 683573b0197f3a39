"""The worked example of docs/adding-a-source.md keeps the promises of every collector."""

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from collector_contract import HttpCollectorContract
from loopback import Asked, Behaviour, Loopback, Reply

CHAPTER = Path(__file__).parents[2] / "docs" / "adding-a-source.md"
EXAMPLE = re.findall(r"```python\n(.*?)```", CHAPTER.read_text(encoding="utf-8"), re.DOTALL)[0]
SAID = (
    "Lampu jalan mati seminggu",
    "Air PAM keruh terus",
    "Petugasnya cepat tanggap, terima kasih",
    "Macet parah",
    "OK",
)
PAGE = 2


def loaded() -> ModuleType:
    """Return the example as the module that it would be."""
    module = ModuleType("documented_example")
    sys.modules[module.__name__] = module
    exec(compile(EXAMPLE, str(CHAPTER), "exec"), vars(module))
    return module


def board(asked: Asked) -> Reply:
    """Answer as the board of the example does."""
    since = int(asked.query["sejak"] or 0)
    rest = [
        {"id": n, "isi": text, "waktu": f"2026-11-20T0{n}:00:00+07:00", "penulis": f"warga{n}", "dukungan": n}
        for n, text in enumerate(SAID, 1)
        if n > since
    ]
    body = {"aduan": rest[:PAGE], "lanjut": "ya" if rest[PAGE:] else None}
    return Reply(200, {"Content-Type": "application/json"}, json.dumps(body).encode())


class TestDocumentedExample(HttpCollectorContract):
    """The example, as the chapter's test class would have it."""

    kind = loaded().Aduan
    wrong = ({"base_url": "aduan.example.id"},)

    @pytest.fixture
    def options(self, serve: Callable[[Behaviour], Loopback]) -> Mapping[str, Any]:
        """Return the settings that lead to the board."""
        return {"base_url": serve(board).url}

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server."""
        return {"base_url": url}


def test_the_example_is_short() -> None:
    """The worked example has at most eighty lines, and its test at most ten."""
    lengths = [len(part.splitlines()) for part in re.findall(r"```python\n(.*?)```", CHAPTER.read_text(), re.DOTALL)]
    assert [length <= most for length, most in zip(lengths, (80, 10), strict=True)] == [True, True]
