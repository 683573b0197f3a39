"""Themes of complaints as drawings: who holds how many, and how one lived."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from figures.charts import BRAND_COLOURS, Drawn

_STRONG, _WEAK, _LINE = BRAND_COLOURS[1], "#b9ab97", BRAND_COLOURS[0]
HEIGHT = 220
Titles = Mapping[str, str]


def pareto(rows: Sequence[Mapping[str, Any]], tips: Titles) -> Drawn:
    """Draw people by theme as bars in their order, the top fifth strong, and the share that has added up as a line.

    A row has ``rank``, ``theme`` (its name), ``people``, ``top`` and ``share`` (of all people, up to this theme).
    """
    table = alt.InlineData(values=list(rows))
    tooltip = [alt.Tooltip(f"{field}:N", title=title) for field, title in tips.items()]
    across = alt.X("rank:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True, tickSize=0))
    base = alt.Chart(table).encode(x=across, tooltip=tooltip)
    bars = base.mark_bar(cornerRadiusEnd=3).encode(
        y=alt.Y("people:Q", title=None, axis=alt.Axis(tickCount=4, tickMinStep=1)),
        color=alt.condition("datum.top", alt.value(_STRONG), alt.value(_WEAK)),
    )
    share = alt.Y("share:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=4))
    line = base.mark_line(strokeWidth=2, color=_LINE, point={"color": _LINE, "size": 30}).encode(y=share)
    both = alt.layer(bars, line).resolve_scale(y="independent").properties(height=HEIGHT)
    drawn: Drawn = both.configure_view(strokeWidth=0)
    return drawn


def life(rows: Sequence[Mapping[str, Any]], ticks: Sequence[str], tips: Titles) -> Drawn:
    """Draw the people of a theme week by week; a row has ``period`` (a tick), ``people`` and ``chosen``."""
    table = alt.InlineData(values=list(rows))
    tooltip = [alt.Tooltip(f"{field}:N", title=title) for field, title in tips.items()]
    across = alt.X("period:O", sort=list(ticks), title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True))
    bars = (
        alt.Chart(table)
        .mark_bar(cornerRadiusEnd=3)
        .encode(
            x=across,
            y=alt.Y("people:Q", title=None, axis=alt.Axis(tickCount=3, tickMinStep=1)),
            color=alt.condition("datum.chosen", alt.value(_STRONG), alt.value(_WEAK)),
            tooltip=tooltip,
        )
    )
    drawn: Drawn = bars.properties(height=120).configure_view(strokeWidth=0)
    return drawn
