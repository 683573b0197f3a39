"""Company thinks, customers think: two marks a touch point on one scale, and the way between them."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from figures.charts import BRAND_COLOURS, Drawn

_STEP, _PALE = 34, 0.7
_COMPANY, _CUSTOMERS, _WAY = BRAND_COLOURS[1], BRAND_COLOURS[0], "#8a8378"
_STEPS = [1, 2, 3, 4, 5]


def dumbbells(rows: Sequence[Mapping[str, Any]], whose: tuple[str, str], tips: Mapping[str, str]) -> Drawn:
    """Draw what the company and what customers think, 1 to 5, with the interval of the latter.

    A row has ``point``, ``believed``, ``value``, ``low`` and ``high`` (``None`` where missing) and ``differs``; what
    does not differ clearly is pale. ``whose`` are the names of the company and of the customers.
    """
    scale = alt.Scale(domain=[_STEPS[0], _STEPS[-1]], nice=False)
    across = alt.Axis(values=_STEPS, format="d", title=None)
    base = _base(rows, rows, tips)
    span = base.mark_rule(strokeWidth=7, color=_CUSTOMERS).encode(
        x=alt.X("low:Q", scale=scale, axis=across), x2="high:Q", opacity=alt.value(0.25)
    )
    way = base.mark_rule(strokeWidth=1.5, color=_WAY).encode(x=alt.X("believed:Q", scale=scale), x2="value:Q")
    both = [
        {**row, "whose": name, "at": row[field]} for row in rows for name, field in zip(whose, _FIELDS, strict=True)
    ]
    legend = alt.Legend(title=None, orient="top", symbolOpacity=1)
    marks = (
        _base(both, rows, tips)
        .mark_point(filled=True, size=110)
        .encode(
            x=alt.X("at:Q", scale=scale),
            color=alt.Color("whose:N", scale=alt.Scale(domain=whose, range=[_COMPANY, _CUSTOMERS]), legend=legend),
            shape=alt.Shape("whose:N", scale=alt.Scale(domain=whose, range=["square", "circle"]), legend=legend),
        )
    )
    drawn = alt.layer(span, way, marks).properties(height=alt.Step(_STEP))
    plain: Drawn = drawn.configure_view(strokeWidth=0)
    return plain


_FIELDS = ("believed", "value")


def _base(data: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], tips: Mapping[str, str]) -> alt.Chart:
    order = list(dict.fromkeys(row["point"] for row in rows))
    axis = alt.Axis(title=None, domain=False, ticks=False, labelLimit=140, labelPadding=6)
    return alt.Chart(alt.InlineData(values=list(data))).encode(
        y=alt.Y("point:O", sort=order, axis=axis),
        opacity=alt.condition("datum.differs", alt.value(1), alt.value(_PALE)),
        tooltip=[alt.Tooltip(f"{field}:N", title=title) for field, title in tips.items()],
    )
