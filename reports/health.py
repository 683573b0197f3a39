"""How well the week was listened to, and by which method its figures were made."""

from collections.abc import Iterator

from domain.advocacy import TOO_FEW
from figures import wording
from reports.week import Report, Source
from speech.saying import Speech
from store.alerts import SourceAlert


def rows(report: Report, speech: Speech) -> list[list[str]]:
    """Return a row for each source: its mentions of the brand, and what it brought for all brands in how many hours."""
    return [_row(speech, source) for source in report.sources]


def _row(speech: Speech, source: Source) -> list[str]:
    found = source.intake
    more = (found.hours, found.seen, found.quarantined) if found else ()
    counts = [speech.number(count) for count in more] or ["–"] * 3
    return [source.name, speech.number(source.mentions), *counts]


def faults(report: Report, speech: Speech) -> list[str]:
    """Return what was wrong with sources in the week, a sentence each."""
    found = []
    for one in report.faults:
        what = wording.fault(speech, SourceAlert(*one))
        ended = speech("report.fault_over", moment=speech.moment(one.closed_at)) if one.closed_at else ""
        found.append(f"{one.source}: {what} {ended or speech('report.fault_open')}")
    return found


def gaps(report: Report, speech: Speech) -> list[str]:
    """Return what sources could not give of the week, a sentence each."""
    return [f"{one.source}: {wording.gap(speech, one).rstrip(':')}" for one in report.gaps]


def method(report: Report, speech: Speech) -> list[str]:
    """Return how the figures were made, and what they rest on."""
    return list(_method(report, speech))


def _method(report: Report, speech: Speech) -> Iterator[str]:
    now = report.now
    yield speech("report.by.authors", least=speech.number(TOO_FEW))
    yield speech("report.by.intervals")
    yield speech("report.by.net")
    yield speech("report.by.social")
    yield speech(
        "report.by.n",
        mentions=speech.number(report.step.mentions),
        authors=speech.number(report.step.tally.authors),
        unscored=speech.number(now.unscored if now else 0),
    )
    yield speech("report.by.reader", versions=", ".join(name for name in report.readers if name) or "–")
    yield speech("report.by.query", query=report.query or "–")
