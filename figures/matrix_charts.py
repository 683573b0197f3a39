"""The journey matrix as a heat map, the same on the page and in the weekly report."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from figures.charts import Drawn
from figures.series import Figure

# Light tints that dark letters stand on, in the light and in the dark theme and on paper.
_INK, _PALE_INK = "#1f1c19", "#8a8378"
# From Boo's colour to WOW's, paler towards the middle; one colour where more is only more.
_BAD, _MIDDLE, _GOOD, _MANY = "#e08a86", "#ece5d8", "#86b4d8", "#8cc0ad"
# Most cells of a brand lie within: beyond, the colour grows no stronger.
_SPREAD, _HALF = 0.5, 0.6
SELECTION = "cell"
_STEP = 42
_NARROW = "width < 400"
# Squares stand a little apart.
_APART = alt.Scale(paddingInner=0.05, paddingOuter=0)
_BARE: Any = {
    "title": None,
    "domain": False,
    "ticks": False,
    "grid": False,
    "labelLimit": 140,
    "labelPadding": 6,
}
# What a tooltip shows, and what each is called.
Titles = Mapping[str, str]


def heat_map(
    rows: Sequence[Mapping[str, Any]], lens: Figure, tips: Titles, *, selectable: bool = False, width: int | None = None
) -> Drawn:
    """Draw a square for each place and touch point, coloured by its figure, with n in it; too few stay pale.

    Rows are those of ``figures.matrix.rows``, of which the chosen one has a ring. ``selectable`` lets a square be
    clicked: the selection ``cell`` has its ``place_key`` and ``point_key``. Without a ``width`` (pixels) the chart
    fills its container.
    """
    table = alt.InlineData(values=list(rows))
    tooltip = [alt.Tooltip(f"{field}:N", title=title) for field, title in tips.items()]
    base = alt.Chart(table).encode(x=_across(_order(rows, "place")), y=_down(_order(rows, "point")), tooltip=tooltip)
    ring = base.transform_filter("datum.chosen").mark_rect(
        cornerRadius=4, filled=False, stroke=_PALE_INK, strokeWidth=3
    )
    pale = base.transform_filter("datum.value === null").mark_rect(cornerRadius=4, fill=_PALE_INK, opacity=0.12)
    full = base.transform_filter("datum.value !== null").mark_rect(cornerRadius=4).encode(color=_colour(lens, rows))
    words = base.mark_text(dy=-5, fontSize=13, fontWeight=600, color=_INK).encode(text="words:N")
    few = base.transform_filter("datum.value === null").mark_text(fontSize=10, color=_PALE_INK).encode(text="count:N")
    n = base.transform_filter("datum.value !== null").mark_text(dy=10, fontSize=10, color=_INK).encode(text="count:N")
    if selectable:
        full = full.add_params(alt.selection_point(name=SELECTION, fields=["place_key", "point_key"], on="click"))
    drawn = alt.layer(pale, full, ring, words, few, n).properties(height=alt.Step(_STEP))
    drawn = drawn.properties(width=width) if width else drawn
    plain: Drawn = drawn.configure_view(strokeWidth=0)
    return plain


def _across(order: Sequence[str]) -> alt.X:
    """Write places above, each word of a name on a line of its own."""
    # On a phone they would run into each other, and lean.
    angle, align = alt.ExprRef(f"{_NARROW} ? -38 : 0"), alt.ExprRef(f"{_NARROW} ? 'left' : 'center'")
    lines = f"{_NARROW} ? datum.label : split(datum.label, ' ')"
    axis = alt.Axis(**_BARE, orient="top", labelOverlap=False, labelAngle=angle, labelAlign=align, labelExpr=lines)
    return alt.X("place:O", sort=order, scale=_APART, axis=axis)


def _down(order: Sequence[str]) -> alt.Y:
    return alt.Y("point:O", sort=order, scale=_APART, axis=alt.Axis(**_BARE))


def _order(rows: Sequence[Mapping[str, Any]], field: str) -> list[str]:
    return list(dict.fromkeys(row[field] for row in rows))


def _colour(lens: Figure, rows: Sequence[Mapping[str, Any]]) -> alt.Color:
    if lens.unit == "count":
        # All of them together are many more than any: they would leave the rest without colour.
        parts = [row["n"] for row in rows if "*" not in {row["place_key"], row["point_key"]}]
        scale = alt.Scale(domain=[0, max([1, *parts])], range=[_MIDDLE, _MANY], clamp=True, interpolate="rgb")
    elif lens.unit == "share":
        scale = alt.Scale(domain=[0, _HALF], range=[_MIDDLE, _BAD], clamp=True, interpolate="rgb")
    else:
        scale = alt.Scale(domain=[-_SPREAD, 0, _SPREAD], range=[_BAD, _MIDDLE, _GOOD], clamp=True, interpolate="rgb")
    return alt.Color("value:Q", scale=scale, legend=None)
