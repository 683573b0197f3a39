"""Shows on a terminal what ``simak evaluate`` found."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from nlp.evaluation import FEWEST

_BY_CLASS = ("precision", "recall", "F1")
# What a group's line has room for; the rest of its figures are in the JSON.
_MAIN = ("accuracy", "macro-F1", "QWK", "ECE", "Brier", "complaint F1")
Figures = dict[str, dict[str, float | None]]


def show(found: dict[str, Any], console: Console) -> None:
    """Print the figures over all rows, class by class, the confusion, and a line for each group."""
    console.print(Group(*_parts(found)))


def _parts(found: dict[str, Any]) -> Iterator[RenderableType]:
    whole, *groups = found["groups"]
    yield _title(found, whole)
    if whole["too_few"]:
        yield Text(f"Too few: fewer than {FEWEST} rows were scored.")
        return
    classes = found["classes"]
    yield _figures(whole["figures"], classes)
    yield _classes(whole["figures"], classes, whole["confusion"])
    yield _confusion(whole["confusion"], classes)
    for column in dict.fromkeys(group["by"] for group in groups):
        yield _groups(column, [group for group in groups if group["by"] == column])


def _title(found: dict[str, Any], whole: dict[str, Any]) -> Text:
    left = f", {found['unlabelled']:,} without a label left out" if found["unlabelled"] else ""
    rows = f"{found['rows']:,} row{'' if found['rows'] == 1 else 's'}"
    return Text(
        f"{found['file']}: {rows}{left}; {whole['not_scored']:.1%} not scored. "
        f"Reader {found['reader']}. In brackets: 95 % bootstrap intervals."
    )


def _figures(figures: Figures, classes: Sequence[str]) -> Table:
    """Return the figures that belong to no single class."""
    table = _table("figure", "")
    per_class = {f"{what} {name}" for what in _BY_CLASS for name in classes}
    for name, figure in figures.items():
        if name not in per_class:
            table.add_row(name, _cell(figure))
    return table


def _classes(figures: Figures, classes: Sequence[str], confusion: list[list[int]]) -> Table:
    """Return precision, recall and F1 of each class."""
    table = _table("class", "n", *_BY_CLASS)
    for name, row in zip(classes, confusion, strict=True):
        table.add_row(name, f"{sum(row):,}", *(_cell(figures[f"{what} {name}"]) for what in _BY_CLASS))
    return table


def _confusion(confusion: list[list[int]], classes: Sequence[str]) -> Table:
    """Return how often each class was named as each other."""
    table = _table("labelled, read as:", *classes)
    for name, row in zip(classes, confusion, strict=True):
        table.add_row(name, *(f"{count:,}" for count in row))
    return table


def _groups(column: str, groups: Sequence[dict[str, Any]]) -> Table:
    """Return one line a group of one column."""
    told = [name for name in _MAIN if any(name in group.get("figures", {}) for group in groups)]
    table = _table(f"by {column}", "n", "not scored", *told)
    for group in groups:
        cells = ["too few"] if group["too_few"] else [_cell(group["figures"][name]) for name in told]
        table.add_row(Text(group["name"]), f"{group['rows']:,}", f"{group['not_scored']:.1%}", *cells)
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title=" ", title_justify="left")
    table.add_column(Text(first), no_wrap=True)
    for name in others:
        table.add_column(Text(name), justify="right", no_wrap=True)
    return table


def _cell(figure: dict[str, float | None]) -> str:
    """Return a figure with its interval, a dash where it is not defined."""
    value, low, high = (figure[name] for name in ("value", "low", "high"))
    return "-" if value is None else f"{value:.3f} [{low:.2f} {high:.2f}]" if low is not None else f"{value:.3f}"
