"""The sheets of a workbook that hold few rows: summary, weekly series, matrix, themes, alerts and sources."""

from collections.abc import Mapping, Sequence

from domain.clock import Grain
from figures import drawing, matrix
from figures.sheet import Cell
from reports import endings, facts
from reports.themes import Told
from reports.week import Report
from reports.xlsx import Table
from speech.saying import Speech
from store.counting import JOURNEY, STAGE


def tables(report: Report, speech: Speech) -> list[Table]:
    """Return the sheets in their order; numbers stay numbers, and too few is an empty cell."""
    found: dict[str, Sequence[Mapping[str, Cell]]] = {
        "summary": facts.summary(report, speech),
        "weeks": [
            row for brand in report.brands for row in drawing.sheet_rows(brand.name, Grain.WEEK, report.steps[brand.id])
        ],
        "matrix": _matrix(report),
        "themes": _themes(report),
        "alerts": endings.told(report, speech),
        "sources": _sources(report),
    }
    return [Table(speech(f"report.sheet.{name}"), rows) for name, rows in found.items()]


def _weeks(report: Report) -> list[dict[str, Cell]]:
    steps = ((brand.name, report.steps[brand.id]) for brand in report.brands)
    return [row for name, some in steps for row in drawing.sheet_rows(name, Grain.WEEK, some)]


def _matrix(report: Report) -> list[dict[str, Cell]]:
    name = report.brand.name
    return matrix.sheet(name, STAGE, report.stages) + matrix.sheet(name, JOURNEY, report.journeys)


def _themes(report: Report) -> list[dict[str, Cell]]:
    return [_theme(rank, one) for rank, one in enumerate(report.themes, 1)]


def _theme(rank: int, one: Told) -> dict[str, Cell]:
    count = one.ranked.count
    return {
        "rank": rank,
        "top_fifth": "yes" if one.ranked.top else "no",
        "theme": count.theme_id,
        "words": one.name,
        "mentions": count.mentions,
        "people": count.people,
        "people_boo": count.boo,
        "people_arrgh": count.arrgh,
        "people_angry": count.angry,
        "people_usual": one.ranked.usual,
        "severity": round(one.ranked.severity, 3),
        "growth": round(one.ranked.growth, 3),
        "weight": round(one.ranked.weight, 3),
        "example": one.quotes[0].text if one.quotes else "",
    }


def _sources(report: Report) -> list[dict[str, Cell]]:
    return [
        {
            "source": one.name,
            "mentions": one.mentions,
            "hours_asked": one.intake.hours if one.intake else None,
            "seen": one.intake.seen if one.intake else None,
            "stored": one.intake.written if one.intake else None,
            "set_aside": one.intake.quarantined if one.intake else None,
        }
        for one in report.sources
    ]
