"""The charts of what is foreseen: how a complaint grew, and the cone of what may come."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from figures.charts import BRAND_COLOURS, Drawn

HEIGHT = 200
_REACH = "#b5607f"

Rows = Sequence[Mapping[str, Any]]


def growth_cone(grown: Rows, cone: Rows, reach: float, titles: Mapping[str, str]) -> Drawn:
    """Draw how many people there were, and from the last look on what is expected, with its 90 % interval.

    ``grown`` has ``time`` (local, ISO 8601 without zone) and ``count``; ``cone`` has ``time``, ``expected``, ``low``
    and ``high``, two rows. A dashed line stands at ``reach``. ``titles``: what the fields are called.
    """
    x = alt.X("time:T", title=None, axis=alt.Axis(format="%d/%m %H:%M", labelOverlap=True, grid=False, tickCount=5))
    tips = [alt.Tooltip(f"{field}:Q", title=title, format=",.0f") for field, title in titles.items()]
    seen = alt.Chart(alt.InlineData(values=list(grown))).encode(x=x)
    line = seen.mark_line(strokeWidth=2.5, color=BRAND_COLOURS[0]).encode(
        y=alt.Y("count:Q", title=None), tooltip=tips[:1]
    )
    ahead = alt.Chart(alt.InlineData(values=list(cone))).encode(x=x)
    band = ahead.mark_area(opacity=0.18, color=BRAND_COLOURS[0]).encode(y=alt.Y("low:Q", title=None), y2="high:Q")
    middle = ahead.mark_line(strokeWidth=2, strokeDash=[3, 4], color=BRAND_COLOURS[0]).encode(
        y=alt.Y("expected:Q", title=None), tooltip=tips[1:]
    )
    bar = alt.Chart(alt.InlineData(values=[{"reach": reach}])).mark_rule(
        strokeDash=[5, 3], color=_REACH, strokeWidth=1.5
    )
    chart: Drawn = alt.layer(band, bar.encode(y=alt.Y("reach:Q", title=None)), line, middle).properties(height=HEIGHT)
    framed: Drawn = chart.configure_view(strokeWidth=0)
    return framed


def reliability(bins: Sequence[tuple[float, float, int]], titles: Mapping[str, str]) -> Drawn:
    """Draw how often it happened against how likely it was said to be; on the diagonal both agree.

    Each bin has the mean probability, the share that happened, and how many looks it holds.
    """
    rows = [{"p": p, "happened": share, "looks": count} for p, share, count in bins]
    axis = alt.Axis(format="%", tickCount=5)
    scale = alt.Scale(domain=[0, 1])
    same = alt.Chart(alt.InlineData(values=[{"p": 0, "happened": 0}, {"p": 1, "happened": 1}]))
    formats = {"p": ".0%", "happened": ".0%", "looks": ",.0f"}
    tips = [alt.Tooltip(f"{name}:Q", title=titles[name], format=form) for name, form in formats.items()]
    x, y = (
        alt.X("p:Q", title=titles["p"], axis=axis, scale=scale),
        alt.Y("happened:Q", title=titles["happened"], axis=axis, scale=scale),
    )
    marks = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_line(point=True, color=BRAND_COLOURS[0])
        .encode(x=x, y=y, tooltip=tips)
    )
    diagonal = same.mark_line(strokeDash=[2, 3], opacity=0.6, color="#8a8a8a").encode(x=x, y=y)
    chart: Drawn = alt.layer(diagonal, marks).properties(height=HEIGHT)
    framed: Drawn = chart.configure_view(strokeWidth=0)
    return framed
