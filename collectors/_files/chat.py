"""Reads a WhatsApp chat exported as text: one message a row, of Android or iPhone, in Indonesian or English."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from collectors._files.records import CELL, Row

COLUMNS: Final = ("tanggal", "nama", "pesan")
_LINE: Final = 1 << 20
_STAMP = re.compile(
    r"\u200e?\[?(?P<date>\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}),?\s(?:pukul\s)?"
    r"(?P<time>\d{1,2}[.:]\d{2}(?:[.:]\d{2})?(?:\s?[AaPp]\.?[Mm]\.?)?)(?:\]| -)\s"
)
_LEFT_OUT = re.compile(
    r"\u200e?<?(?:media|image|video|audio|sticker|stiker|gif|gambar|foto|dokumen|document)[^.!?]{0,20} "
    r"(?:tidak disertakan|omitted)>?$|(?:pesan ini (?:telah )?dihapus|this message was deleted)\.?$",
    re.IGNORECASE,
)


def is_chat(head: str) -> bool:
    """Tell whether a text begins as a chat export does."""
    return any(_STAMP.match(line) for line in head.splitlines()[:5])


def read_chat(path: Path, encoding: str) -> Iterator[Row]:
    """Yield a row for each message somebody wrote; notices of the system and media without a text are left out."""
    line, cells = 0, dict.fromkeys(COLUMNS, "")
    with path.open(encoding=encoding, errors="replace") as file:
        for number, text in enumerate(iter(partial(file.readline, _LINE), ""), start=1):
            if match := _STAMP.match(text):
                yield from _message(line, cells)
                name, colon, message = text[match.end() :].partition(": ")
                line, cells = (
                    number,
                    {"tanggal": f"{match['date']} {match['time']}", "nama": name if colon else "", "pesan": message},
                )
            elif len(cells["pesan"]) < CELL:
                cells["pesan"] += text
    yield from _message(line, cells)


def _message(line: int, cells: dict[str, str]) -> Iterator[Row]:
    text = cells["pesan"].strip()
    if cells["nama"] and text and not _LEFT_OUT.match(text):
        yield Row(line, {**cells, "pesan": text})
