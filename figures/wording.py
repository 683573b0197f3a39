"""Figures in words: a value with its unit, its interval and its change, as the pages and their tooltips say them."""

from functools import partial

from domain.advocacy import Measure
from figures.series import Figure
from speech.saying import Speech
from store.alerts import SourceAlert
from store.queries.health import Missing


def value(speech: Speech, figure: Figure, amount: float | None) -> str:
    """Return an amount of a figure in its unit, or the words for too few."""
    if amount is None:
        return speech("figure.too_few")
    if figure.unit == "share":
        return speech.percent(amount)
    if figure.unit == "points":
        return speech("figure.points", value=points(speech, amount))
    return speech.number(amount, 2, signed=True)


def points(speech: Speech, amount: float) -> str:
    """Return a difference of shares in points, with its sign."""
    return speech.number(amount * 100, 1, signed=True)


def interval(speech: Speech, figure: Figure, measure: Measure) -> str:
    """Return the interval of a measure: ``8,1 – 16,4``, or a dash for too few."""
    if measure.low is None or measure.high is None:
        return "–"
    write = points if figure.unit == "points" else partial(value, figure=figure)
    return speech("figure.interval", low=write(speech, amount=measure.low), high=write(speech, amount=measure.high))


def change(speech: Speech, figure: Figure, amount: float) -> str:
    """Return a change of a figure with its sign, in points where the figure is a share."""
    if figure.unit == "level":
        return speech.number(amount, 2, signed=True)
    return speech("figure.points", value=points(speech, amount))


def fault(speech: Speech, alert: SourceAlert) -> str:
    """Return what is wrong with a source, and since when."""
    told = {
        name: speech.percent(figure, 0) if name == "share" else speech.number(figure)
        for name, figure in alert.figures.items()
    }
    return speech("fault.since", what=speech(f"fault.{alert.fault}", **told), moment=speech.moment(alert.opened_at))


def gap(speech: Speech, missing: Missing) -> str:
    """Return the bounds of a stretch that is missing."""
    until = speech.moment(missing.until)
    if missing.since is None:
        return speech("source.gap_before", until=until)
    return speech("source.gap", since=speech.moment(missing.since), until=until)
