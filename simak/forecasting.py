"""Learns growth from histories in files, and replays them: what “simak risk fit” and “simak risk replay” do."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from domain.errors import ConfigError
from risk.growth import Growth, cold_start, learn, load, save
from risk.histories import Form, read
from risk.replay import replay


def fit(history: Path, form: Form, horizon_s: float, output: Path) -> dict[str, Any]:
    """Learn growth from a file of finished histories and write the model; return what it was learnt from."""
    growth = learn(read(history, form, horizon_s), horizon_s)
    save(growth, output)
    return {**growth.learnt_from, "horizon_h": horizon_s / 3600, "output": str(output)}


def play(history: Path, form: Form, asked: tuple[float, float], model: Path | None, output: Path) -> dict[str, Any]:
    """Replay a file of histories and write what was foreseen at each look; ``asked``: reach and horizon in seconds.

    Without a model the shipped cold start foresees.
    """
    reach, horizon_s = asked
    growth: Growth = load(model) if model else cold_start()
    looks = write_rows(replay(read(history, form, horizon_s), growth, reach, horizon_s), output)
    return {"looks": looks, "output": str(output)}


def write_rows(rows: Iterable[dict[str, Any]], output: Path) -> int:
    """Write rows as JSON lines, the file appearing only when it is whole; return how many."""
    half = output.with_name(f"{output.name}.part")
    count = 0
    try:
        with half.open("w", encoding="utf-8") as lines:
            for count, row in enumerate(rows, 1):  # noqa: B007 - the last number is the answer
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
        half.replace(output)
    except OSError as error:
        raise ConfigError(f"{output} cannot be written: {getattr(error, 'strerror', None) or error}.") from error
    return count


def fitted(found: dict[str, Any]) -> str:
    """Say what was learnt."""
    return (
        f"{found['output']} is written: growth over {found['horizon_h']:g} h, "
        f"learnt from {found['posts']:,.0f} posts at {found['looks']:,.0f} looks."
    )


def played(found: dict[str, Any]) -> str:
    """Say what was replayed."""
    return f"{found['output']} is written: {found['looks']:,} looks."


def horizon(text: str) -> float:
    """Return the seconds of a horizon such as “24h”, “90m” or “2d”.

    Raises :class:`ConfigError` for anything else.
    """
    units = {"m": 60.0, "h": 3600.0, "d": 86400.0}
    number = text[:-1]
    if text[-1:] not in units or not number.replace(".", "", 1).isdecimal() or float(number) == 0:
        raise ConfigError(f"--horizon: “{text}” is no time; write it like 24h, 90m or 2d.")
    return float(number) * units[text[-1]]
