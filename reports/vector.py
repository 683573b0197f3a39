"""Charts of the pages as vectors for paper: the same specifications, with the colours of the light theme."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import altair as alt

from figures.charts import Drawn

FONTS: Final = Path(__file__).parent / "fonts"
FAMILY: Final = "Noto Sans"
# From Boo to WOW, as the light theme has them (dashboard/.streamlit/config.toml): a test holds the two together.
IMPRESSION_COLOURS: Final = ("#a3212f", "#d0703b", "#a39a8c", "#4f91b5", "#175b8c")
_INK, _PALE, _LINE = "#2d2a26", "#625b51", "#e3dacb"
_AXIS = {"labelColor": _PALE, "domainColor": _LINE, "tickColor": _LINE, "gridColor": _LINE, "labelFontSize": 9}
_CONFIG: Final = {
    "background": "transparent",
    "font": FAMILY,
    "range": {"category": list(IMPRESSION_COLOURS)},
    "axis": _AXIS,
    "legend": {"labelColor": _INK, "labelFontSize": 10},
    "view": {"stroke": "transparent"},
    "text": {"font": FAMILY},
}


def svg(chart: Drawn, **size: Any) -> str:
    """Return a chart as SVG; ``width`` and ``height`` are in pixels, of which 96 are an inch."""
    drawn = chart.properties(**size) if size else chart
    told: str = _converter().vegalite_to_svg(json.dumps(drawn.to_dict()), vl_version=_version(), config=_CONFIG)
    return told


def _version() -> str:
    return ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])


@cache
def _converter() -> Any:
    import vl_convert  # noqa: PLC0415 - it starts a JavaScript engine, which only a drawing needs

    vl_convert.register_font_directory(str(FONTS))
    return vl_convert
