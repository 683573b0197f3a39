"""Use gaps over time: how many people, and how long half of those who state it have waited."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from figures.charts import BRAND_COLOURS

_HEIGHT, _PALE = 170, 0.45
Rows = Sequence[Mapping[str, Any]]
Titles = Mapping[str, str]


def people_bars(rows: Rows, ticks: Sequence[str], tips: Titles) -> alt.Chart:
    """Draw people by period; a row has ``period`` (a tick), ``running`` and ``people``; the unfinished one is pale."""
    chart = (
        alt.Chart(alt.InlineData(values=list(rows)))
        .mark_bar(color=BRAND_COLOURS[1])
        .encode(
            x=_periods(ticks),
            y=alt.Y("people:Q", title=None, axis=alt.Axis(tickCount=4, tickMinStep=1, format="~s")),
            opacity=alt.condition("datum.running", alt.value(_PALE), alt.value(1)),
            tooltip=_tips(tips),
        )
        .properties(height=_HEIGHT)
    )
    return _plain(chart)


def median_line(rows: Rows, ticks: Sequence[str], tips: Titles) -> alt.LayerChart:
    """Draw the median stated wait by period with its interval.

    A row has ``period``, ``running`` and ``value``, ``low``, ``high`` in days, ``None`` for too few.
    """
    base = alt.Chart(alt.InlineData(values=list(rows))).encode(x=_periods(ticks))
    level = alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=4))
    span = base.mark_rule(strokeWidth=5, opacity=0.25, color=BRAND_COLOURS[0]).encode(y="low:Q", y2="high:Q")
    line = base.mark_line(strokeWidth=2, color=BRAND_COLOURS[0]).encode(y=level)
    filled = base.transform_filter("!datum.running").mark_point(filled=True, size=60, opacity=1, color=BRAND_COLOURS[0])
    hollow = base.transform_filter("datum.running").mark_point(filled=False, size=60, color=BRAND_COLOURS[0])
    marks = [mark.encode(y=level, tooltip=_tips(tips)) for mark in (filled, hollow)]
    drawn: alt.LayerChart = alt.layer(span, line, *marks).properties(height=_HEIGHT).configure_view(strokeWidth=0)
    return drawn


def _periods(ticks: Sequence[str]) -> alt.X:
    axis = alt.Axis(title=None, labelAngle=0, labelOverlap=True, grid=False, tickSize=4)
    return alt.X("period:O", sort=list(ticks), scale=alt.Scale(domain=list(ticks)), axis=axis)


def _tips(titles: Titles) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def _plain(chart: alt.Chart) -> alt.Chart:
    framed: alt.Chart = chart.configure_view(strokeWidth=0)
    return framed
