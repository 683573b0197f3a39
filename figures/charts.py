"""The charts, as functions from plain values; impressions take the theme's five chart colours, in their order."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from domain.vocabulary import Impression

# The own brand first. Each stands out from the light and from the dark background by 3:1 or more (WCAG 1.4.11).
BRAND_COLOURS = ("#2f7f6a", "#a9723a", "#7c6bb8", "#7f8636", "#b5607f", "#5f7f96")
HEIGHT = 260
_PALE = 0.45
# The labels of impressions are the same in every language.
_IMPRESSIONS = [word.label_en for word in Impression]

Drawn = alt.Chart | alt.LayerChart | alt.FacetChart
Rows = Sequence[Mapping[str, Any]]
# The periods of which some part is missing.
Missing = Sequence[Mapping[str, Any]]
# The fields of a row that a tooltip shows, and what each is called.
Titles = Mapping[str, str]


def advocacy_line(rows: Rows, ticks: Sequence[str], tips: Titles, missing: Missing = ()) -> Drawn:
    """Draw net advocacy of one or several brands with its interval.

    A row has ``period`` (a tick), ``brand``, ``running`` and ``last`` (the unfinished period; it or the one before),
    and ``value``, ``low``, ``high`` in points, ``None`` for too few. The way to an unfinished period is dashed and
    ends in a hollow mark, so that half a week does not read as a fall.
    """
    # Too few stays in as null, which breaks the line: a gap is no news, not a straight way.
    table = alt.InlineData(values=list(rows))
    brands = list(dict.fromkeys(row["brand"] for row in rows))
    base = alt.Chart(table).encode(x=_periods(ticks), color=_brand_colour(brands))
    level = alt.Y("value:Q", title=None, axis=alt.Axis(format="+d", tickCount=5))
    band = base.mark_area(opacity=0.16 if len(brands) == 1 else 0.1).encode(y=alt.Y("low:Q", title=None), y2="high:Q")
    over = base.transform_filter("!datum.running").mark_line(strokeWidth=2.5).encode(y=level)
    ahead = base.transform_filter("datum.last").mark_line(strokeWidth=2, strokeDash=[2, 4]).encode(y=level)
    solid = base.transform_filter("!datum.running").mark_point(filled=True, size=55, opacity=1)
    hollow = base.transform_filter("datum.running").mark_point(filled=False, size=55, strokeWidth=2, opacity=1)
    marks = [mark.encode(y=level, tooltip=_tips(tips)) for mark in (solid, hollow)]
    zero = alt.Chart(alt.InlineData(values=[{"value": 0}])).mark_rule(strokeDash=[1, 3], opacity=0.6).encode(y=level)
    chart = alt.layer(*_shade(missing, ticks), zero, band, over, ahead, *marks).properties(height=HEIGHT)
    return _plain(chart)


def impression_bars(rows: Rows, ticks: Sequence[str], tips: Titles, missing: Missing = (), *, shares: bool) -> Drawn:
    """Draw authors by impression as stacked bars, Boo at the bottom; an unfinished period is pale.

    A row has ``period``, ``impression`` (its label), ``level``, ``running``, ``count`` and ``share``.
    """
    axis = alt.Axis(format="%" if shares else "~s", tickCount=5)
    scale = alt.Scale(domain=[0, 1]) if shares else alt.Scale()
    chart = (
        alt.Chart(alt.InlineData(values=list(rows)))
        .mark_bar(stroke="transparent", strokeWidth=0)
        .encode(
            x=_periods(ticks),
            y=alt.Y("share:Q" if shares else "count:Q", title=None, axis=axis, scale=scale, stack="zero"),
            color=alt.Color(
                "impression:N",
                scale=alt.Scale(domain=_IMPRESSIONS),
                legend=alt.Legend(title=None, orient="top", columns=5, symbolType="square"),
            ),
            order=alt.Order("level:Q"),
            opacity=alt.condition("datum.running", alt.value(_PALE), alt.value(1)),
            tooltip=_tips(tips),
        )
    )
    return _plain(alt.layer(*_shade(missing, ticks), chart).properties(height=HEIGHT))


def voice_bars(rows: Rows, ticks: Sequence[str], tips: Titles, missing: Missing = ()) -> Drawn:
    """Draw each brand's share of all brands' mentions as stacked bars; an unfinished period is pale.

    A row has ``period``, ``brand``, ``rank``, ``running`` and ``share``.
    """
    brands = list(dict.fromkeys(row["brand"] for row in rows))
    chart = (
        alt.Chart(alt.InlineData(values=list(rows)))
        .mark_bar()
        .encode(
            x=_periods(ticks),
            y=alt.Y("share:Q", title=None, axis=alt.Axis(format="%", tickCount=5), scale=alt.Scale(domain=[0, 1])),
            color=_brand_colour(brands),
            order=alt.Order("rank:Q"),
            opacity=alt.condition("datum.running", alt.value(_PALE), alt.value(1)),
            tooltip=_tips(tips),
        )
    )
    return _plain(alt.layer(*_shade(missing, ticks), chart).properties(height=HEIGHT))


def growth_line(points: Sequence[tuple[float, float]]) -> Drawn:
    """Draw how a mention's counters grew, points of time and count, as a line of a word's height."""
    chart = (
        alt.Chart(alt.InlineData(values=[{"time": time, "count": count} for time, count in points]))
        .mark_line(strokeWidth=2, color=BRAND_COLOURS[0])
        .encode(
            x=alt.X("time:Q", axis=None, scale=alt.Scale(zero=False)),
            y=alt.Y("count:Q", axis=None, scale=alt.Scale(zero=False)),
        )
        .properties(height=26, width=110, padding={"left": 2, "right": 2, "top": 2, "bottom": 2})
    )
    return _plain(chart)


def _shade(missing: Missing, ticks: Sequence[str]) -> list[alt.Chart]:
    """Shade the periods that a source could not give some part of; a row has ``period``, ``when`` and ``missing``."""
    if not missing:
        return []
    tips = [alt.Tooltip("when:N", title=" "), alt.Tooltip("missing:N", title=" ")]
    rows = alt.InlineData(values=list(missing))
    return [alt.Chart(rows).mark_rect(color="#8a8a8a", opacity=0.18).encode(x=_periods(ticks), tooltip=tips)]


def _plain(chart: Any) -> Drawn:
    framed: Drawn = chart.configure_view(strokeWidth=0)
    return framed


def _periods(ticks: Sequence[str]) -> alt.X:
    axis = alt.Axis(title=None, labelAngle=0, labelOverlap=True, grid=False, tickSize=4)
    return alt.X("period:O", sort=list(ticks), scale=alt.Scale(domain=list(ticks)), axis=axis)


def _brand_colour(brands: Sequence[str]) -> alt.Color:
    colours = [BRAND_COLOURS[n % len(BRAND_COLOURS)] for n in range(len(brands))]
    legend = alt.Legend(title=None, orient="top", symbolType="square", symbolOpacity=1) if len(brands) > 1 else None
    return alt.Color("brand:N", scale=alt.Scale(domain=list(brands), range=colours), legend=legend)


def _tips(titles: Titles) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]
