"""The weekly report as a message: the week in its sentences, with the files beside them."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from alerts.messages import Words
from domain.clock import Grain
from domain.vocabulary import MessageKind
from speech.saying import Speech

# Most mail servers take no more in one message; the paper is small and goes first.
MOST_BYTES = 18_000_000


def letter(facts: Mapping[str, Any], speech: Speech, pages: str | None) -> Words:
    """Return the report of a week in words; ``pages`` is the address of the pages."""
    period = speech.period(date.fromisoformat(facts["start"]), Grain.WEEK)
    title = f"{speech.label(MessageKind.REPORT)} · {facts['brand']} · {period}"
    lines = "\n".join(f"{place}. {text}" for place, text in enumerate(facts["sentences"], 1))
    ways = [speech("alert.report.pages", url=f"{pages.rstrip('/')}/report")] if pages else []
    return Words(f"📄 {title}", "\n\n".join([lines, speech("alert.report.files"), *ways]))


def enclosed(facts: Mapping[str, Any], folder: Path) -> Sequence[Path]:
    """Return the files of a letter that are there and that go in one message, in their order."""
    found: list[Path] = []
    room = MOST_BYTES
    for path in (folder / name for name in facts.get("files", [])):
        size = path.stat().st_size if path.is_file() else room + 1
        if size <= room:
            found.append(path)
            room -= size
    return found
