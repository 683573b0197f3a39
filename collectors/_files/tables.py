"""Opens a file as a table, whatever it calls itself: what it is shows in its first bytes."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from collectors._files import telegram
from collectors._files.chat import COLUMNS, is_chat, read_chat
from collectors._files.delimited import read_delimited
from collectors._files.objects import read_lines, read_list
from collectors._files.records import Table, of_records, of_rows
from collectors._files.workbook import read_workbook
from domain.errors import ConfigError
from domain.vocabulary import Platform

_HEAD: Final = 1 << 16
_REFUSED: Final = (
    (b"\xd0\xcf\x11\xe0", "an old or a locked Excel file; open it and save it as .xlsx without a password"),
    (b"PAR1", "Parquet; export it as CSV or JSON Lines"),
    (b"\x1f\x8b", "compressed; unpack it first"),
    (b"%PDF", "a PDF; export the table itself as CSV or XLSX"),
)


@dataclass(frozen=True)
class Form:
    """How a file is to be read where a person knows better than a look at it; ``None`` means "find out"."""

    encoding: str
    delimiter: str | None = None
    header: bool | None = None
    sheet: str | None = None


def open_table(path: Path, form: Form) -> Table:
    """Return the table in a file; raises OSError, and ConfigError when it is no table that Simak can read."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    for magic, what in _REFUSED:
        if head.startswith(magic):
            raise ConfigError(f"{path.name} is {what}.")
    if head.startswith(b"PK\x03\x04"):
        return of_records(read_workbook(path, form.sheet), header=form.header)
    return _open_text(path, form, head.decode(form.encoding, "replace").lstrip("\ufeff \t\r\n"))


def _open_text(path: Path, form: Form, head: str) -> Table:
    if re.match(r"<(?:!doctype|html|\?xml|table)", head, re.IGNORECASE):
        raise ConfigError(f"{path.name} is a web page, even if it is called a table; save it as .xlsx or CSV.")
    if is_chat(head):
        return of_rows(read_chat(path, form.encoding), COLUMNS, chat=Platform.WHATSAPP)
    if telegram.is_export(head):
        return of_rows(telegram.read_export(path, form.encoding), telegram.COLUMNS, chat=Platform.TELEGRAM)
    if re.match(r"\{\s*[\"}]|\[\s*[{\]]", head):
        return of_rows((read_lines if _is_lines(path, head) else read_list)(path, form.encoding))
    return of_records(read_delimited(path, form.encoding, form.delimiter), header=form.header)


def _is_lines(path: Path, head: str) -> bool:
    """Tell JSON Lines from one JSON document: by its name, or by a first line that is a whole plain object."""
    if path.suffix.lower() in {".jsonl", ".ndjson"}:
        return True
    line, _, rest = head.partition("\n")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and (
        bool(rest.strip()) or not any(isinstance(part, list) for part in value.values())
    )
