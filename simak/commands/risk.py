"""``simak risk``: how far complaints spread, learnt from histories, and tried on histories and streams."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from simak.commands.shared import Json, tell

risk = typer.Typer(help="Snowball risk: learn from finished histories, and replay them.", no_args_is_help=True)

Form = Annotated[
    Literal["events", "counters"], typer.Option("--format", help="events: JSON lines; counters: CSV, every 20 min.")
]
Horizon = Annotated[str, typer.Option(help="How far to foresee, from a post's beginning: 24h, 90m, 2d.")]


@risk.command("fit")
def risk_fit(
    history: Annotated[Path, typer.Option("--input", help="Finished histories; read packed when it ends in .gz.")],
    output: Annotated[Path, typer.Option(help="Where to write the model.")],
    form: Form = "events",
    horizon: Horizon = "24h",
    as_json: Json = False,
) -> None:
    """Learn how posts of a platform grow from histories that are finished."""
    from simak import forecasting  # noqa: PLC0415

    found = forecasting.fit(history, form, forecasting.horizon(horizon), output)
    tell(found, forecasting.fitted, as_json=as_json)


@risk.command("replay")
def risk_replay(
    history: Annotated[Path, typer.Option("--input", help="Finished histories; read packed when it ends in .gz.")],
    output: Annotated[Path, typer.Option(help="Where to write what was foreseen: JSON lines, one a post and look.")],
    reach: Annotated[float, typer.Option(min=1, help="How many make a snowball.")],
    model: Annotated[
        Path | None, typer.Option(help="What “simak risk fit” wrote; the cold start when left out.")
    ] = None,
    form: Form = "events",
    horizon: Horizon = "24h",
    as_json: Json = False,
) -> None:
    """Replay histories look by look and write what would have been foreseen, from what was known at the time."""
    from simak import forecasting  # noqa: PLC0415

    asked = (reach, forecasting.horizon(horizon))
    tell(forecasting.play(history, form, asked, model, output), forecasting.played, as_json=as_json)


@risk.command("streams")
def risk_streams(
    source: Annotated[
        Path, typer.Option("--input", help="Complaints as CSV: time (ISO 8601), brand, and if known author and theme.")
    ],
    output: Annotated[Path, typer.Option(help="Where to write the scores: JSON lines, one a brand and 15 minutes.")],
    as_json: Json = False,
) -> None:
    """Score streams of complaints every quarter of an hour: how far more people complain than usual."""
    from simak import streaming  # noqa: PLC0415

    tell(streaming.stream(source, output), streaming.streamed, as_json=as_json)
