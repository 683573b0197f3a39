"""The report as PDF: Typst lays out a template of ours, with fonts of ours, from strings that stay strings."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from reports.paper import content
from reports.vector import FONTS
from reports.week import Report
from speech.saying import Speech

_TEMPLATE = Path(__file__).parent / "templates" / "weekly.typ"


def pdf(report: Report, speech: Speech, pages: str | None = None) -> bytes:
    """Return the report on A4; the same week gives the same bytes, whenever and wherever it is made."""
    return laid_out(content(report, speech, pages), report.week.window[1])


def laid_out(told: dict[str, Any], made: datetime) -> bytes:
    """Return what is told as PDF; ``made`` stands in it as the time of its making."""
    found: bytes = typst.compile(
        _TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(told, ensure_ascii=False)},
        timestamp=int(made.timestamp()),
    )
    return found


@cache
def _fonts() -> typst.Fonts:
    """Return the bundled fonts alone: what a machine has besides must not change a page."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
