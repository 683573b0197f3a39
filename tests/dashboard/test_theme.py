"""The theme: offline, shut to others, and five impressions that every eye tells apart."""

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import dashboard
from dashboard.card import COLOURS
from figures.charts import BRAND_COLOURS

CONFIG: dict[str, Any] = tomllib.loads((Path(dashboard.__file__).parent / ".streamlit" / "config.toml").read_text())
Colour = tuple[float, float, float]
# Machado, Oliveira, Fernandes 2009 (IEEE TVCG 15), severity 1.0, on linear RGB.
SIGHTS = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(code: str) -> Colour:
    parts = [int(code[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def seen(code: str, sight: str) -> Colour:
    light = linear(code)
    red, green, blue = (sum(a * b for a, b in zip(line, light, strict=True)) for line in SIGHTS[sight])
    return red, green, blue


def lab(light: Colour) -> Colour:
    """Return CIE L*a*b* of linear sRGB under D65."""
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = (sum(a * max(b, 0) for a, b in zip(line, light, strict=True)) for line in matrix)
    x, y, z = (
        (part / white) ** (1 / 3) if part / white > 0.008856 else 7.787 * part / white + 16 / 116
        for part, white in zip(xyz, (0.9505, 1.0, 1.089), strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one: str, other: str, sight: str) -> float:
    """Return the distance of two colours in CIE76 units; about two is the least that an eye sees."""
    a, b = lab(seen(one, sight)), lab(seen(other, sight))
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5


def contrast(one: str, other: str) -> float:
    weights = (0.2126, 0.7152, 0.0722)
    a, b = (sum(w * part for w, part in zip(weights, linear(code), strict=True)) for code in (one, other))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_impressions_are_told_apart(theme: str, sight: str) -> None:
    """Neighbours on the scale and its two ends differ clearly for every kind of colour vision."""
    colours = CONFIG["theme"][theme]["chartCategoricalColors"]
    assert len(colours) == 5
    assert min(apart(one, other, sight) for one, other in [*pairwise(colours), (colours[0], colours[4])]) > 15


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_and_marks_stand_out(theme: str) -> None:
    """Text has a contrast of 4.5 on its ground, badges too, and marks of brands 3 (WCAG 2.2, 1.4.3 and 1.4.11)."""
    colours = CONFIG["theme"][theme]
    ground = colours["backgroundColor"]
    assert contrast(colours["textColor"], ground) > 7
    for name in {*COLOURS.values(), "yellow", "green"}:
        assert contrast(colours[f"{name}TextColor"], colours[f"{name}BackgroundColor"]) >= 4.5, name
    assert min(contrast(colour, ground) for colour in BRAND_COLOURS) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_badges_wear_the_charts_colours(theme: str) -> None:
    """An impression has one colour, in badges as in charts."""
    colours = CONFIG["theme"][theme]
    assert [colours[f"{name}Color"] for name in COLOURS.values()] == colours["chartCategoricalColors"]


def test_the_pages_keep_to_themselves() -> None:
    """The server listens on loopback only, tells nobody about itself, and fetches no font from elsewhere."""
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["server"]["enableXsrfProtection"] is True
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["disableDataExport"] is True
    assert "http" not in str(CONFIG["theme"])
