"""The 5A path of customers' talk: how many were seen at each stage, and the steps between the stages."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from domain.vocabulary import Stage
from figures.charts import BRAND_COLOURS, Drawn
from speech.saying import Speech
from store.counting import ALL
from store.queries.journey import Cell

HEIGHT = 190
Titles = Mapping[str, str]


def seen_at(cells: Sequence[Cell]) -> dict[Stage, int]:
    """Return how many people were seen at each stage, each once a stage."""
    known = {stage.value for stage in Stage}
    return {Stage(cell.place): cell.tally.authors for cell in cells if cell.place in known and cell.touchpoint == ALL}


def rows(speech: Speech, seen: Mapping[Stage, int]) -> list[dict[str, Any]]:
    """Return a row for each stage: its label, and its people as a number and in words."""
    return [
        {"stage": speech.label(stage), "people": seen.get(stage, 0), "words": speech.number(seen.get(stage, 0))}
        for stage in Stage
    ]


def path_bars(table: Sequence[Mapping[str, Any]], tips: Titles) -> Drawn:
    """Draw the stages as bars about one middle, so that their shape is that of the archetype; rows as of ``rows``."""
    half = alt.Chart(
        alt.InlineData(values=[{**row, "left": -row["people"] / 2, "right": row["people"] / 2} for row in table])
    )
    order = [row["stage"] for row in table]
    down = alt.Y("stage:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False, labelPadding=8))
    tooltip = [alt.Tooltip(f"{field}:N", title=title) for field, title in tips.items()]
    bars = half.mark_bar(cornerRadius=4, color=BRAND_COLOURS[0], opacity=0.75).encode(
        y=down, x=alt.X("left:Q", title=None, axis=None), x2="right:Q", tooltip=tooltip
    )
    words = half.mark_text(fontWeight=600).encode(y=down, x=alt.datum(0), text="words:N")
    both = alt.layer(bars, words).properties(height=HEIGHT)
    drawn: Drawn = both.configure_view(strokeWidth=0)
    return drawn
