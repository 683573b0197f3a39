"""The alerts of a week: what they were about, how they began, and how they ended as far as it is known."""

from sqlalchemy import RowMapping

from domain.vocabulary import AlertCause, AlertState
from reports.week import Report
from speech.saying import Speech
from store.queries.weekly import Ended


def told(report: Report, speech: Speech) -> list[dict[str, str]]:
    """Return a row of words for each alert: when, how urgent, about what, how it began, and how it ended."""
    return [_row(speech, one, report) for one in report.alerts]


def _row(speech: Speech, one: Ended, report: Report) -> dict[str, str]:
    levels = [row["level"] for row in one.causes]
    return {
        "when": speech.moment(one.alert["opened_at"]),
        "level": speech.label(max([one.alert["level"], *levels], key=lambda level: level.step)),
        "reason": speech.label(one.alert["reason"]),
        "about": report.names.get(one.alert["id"], ""),
        "began": _began(speech, one),
        "ended": ended(speech, one),
    }


def _began(speech: Speech, one: Ended) -> str:
    first = next((row["facts"] for row in one.causes if row["cause"] is not AlertCause.SEEN), one.alert["facts"])
    if first.get("p") is None or not first.get("reach"):
        return "–"
    count, reach = (speech.number(float(first.get(key) or 0)) for key in ("count", "reach"))
    return speech("report.began", share=speech.percent(float(first["p"]), 0), count=count, reach=reach)


def ended(speech: Speech, one: Ended) -> str:
    """Return how an alert ended: what hindsight knows, else what became of it, else that it is still open."""
    if one.hindsight is not None and one.hindsight["known"]:
        return _known(speech, one.hindsight)
    if one.alert["state"] is not AlertState.RESOLVED:
        return speech("report.end.open", state=speech.label(one.alert["state"]))
    if one.alert["irrelevant"]:
        return speech("report.end.irrelevant")
    last = one.causes[-1]["cause"] if one.causes else AlertCause.RESOLVED
    return speech("report.end.over", cause=speech.label(last), moment=speech.moment(one.alert["resolved_at"]))


def _known(speech: Speech, row: RowMapping) -> str:
    count, reach = speech.number(row["count"]), speech.number(row["reach"])
    if row["reached_at"] is None:
        return speech("report.end.not_reached", count=count, reach=reach)
    return speech("report.end.reached", count=count, reach=reach, moment=speech.moment(row["reached_at"]))
