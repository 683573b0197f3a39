"""What goes with the files of a report: where they come from, what they count, and the digests they are known by."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from domain.clock import local
from domain.vocabulary import Impression
from reports.week import Report

_BLOCK = 1 << 20


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def manifest(report: Report, files: Mapping[Path, Mapping[str, Any]], rows: Mapping[str, int] | None) -> dict[str, Any]:
    """Return the manifest of a report; ``files`` tell more of each file, ``rows`` is what the rows count, if any.

    Nothing in it depends on when it was made: the same week exported twice has the same manifest.
    """
    return {
        "report": "weekly advocacy",
        "simak": version("simak"),
        "brand": {"key": report.brand.key, "name": report.brand.name},
        "competitors": [rival.key for rival in report.rivals],
        "sample": report.sample,
        "window": _window(report),
        "query": {"expression": report.query, "exclusions": dict(report.exclusions)},
        "readers": {name or "unread": count for name, count in report.readers.items()},
        "counts": _counts(report),
        "rows": rows,
        "files": [_file(path, more) for path, more in files.items()],
    }


def text(found: Mapping[str, Any]) -> str:
    """Return a manifest as it is written."""
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _window(report: Report) -> dict[str, Any]:
    since, until = report.week.window
    return {
        "week": report.week.name,
        "finished": not report.week.running,
        "zone": report.week.zone,
        "since": local(since, report.week.zone).isoformat(),
        "until": local(until, report.week.zone).isoformat(),
        "since_utc": since.isoformat(),
        "until_utc": until.isoformat(),
    }


def _counts(report: Report) -> dict[str, Any]:
    now, tally = report.now, report.step.tally
    return {
        "mentions": report.step.mentions,
        "not_scored": now.unscored if now else 0,
        "complaints": now.complaints if now else 0,
        "use_gaps": now.use_gaps if now else 0,
        "mentions_by_impression": {word.value: now.by_impression[word] if now else 0 for word in Impression},
        "authors": tally.authors,
        "authors_by_impression": {word.value: tally.impressions[word] for word in Impression},
    }


def _file(path: Path, more: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": path.name, **more, "bytes": path.stat().st_size, "sha256": digest(path)}


def held(folder: Path) -> Sequence[Mapping[str, Any]]:
    """Return the files that a folder's manifests name."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return [file for one in found for file in one["files"]]
