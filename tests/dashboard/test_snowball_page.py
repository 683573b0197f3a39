"""The Snowball and Cases pages: what is shown of an alert, and what people do there."""

from datetime import timedelta
from typing import Any

import pytest
from dashboard_house import NOW, House, Said, heard, shown
from sqlalchemy import select

from alerts.desk import Desk
from alerts.people import Directory, Person, Route
from alerts.signals import Signal
from domain.vocabulary import AlertLevel, AlertReason, AlertState, CaseStatus, Impression
from store import alerting, cases
from store.alert_tables import OUTBOX
from store.foresight_tables import FORECAST
from store.tables import MENTION

HOSTILE = "saldo hilang <script>alert(1)</script> [klik](javascript:alert(1)) **tebal** $x$"
PEOPLE = Directory({"sari": Person("sari", "Sari", ("tim",))}, [Route(("sari",))])


def alarm(house: House, *, subject: str | None = None, state: str = "open") -> str:
    """Open an alert on a complaint whose growth was foreseen, and return its key."""
    house.say(Said(HOSTILE, at=NOW - timedelta(hours=2), reading=heard(Impression.BOO, complaint=0.9)))
    with house.store.write() as conn:
        number = conn.scalar(select(MENTION.c.id).order_by(MENTION.c.id.desc()))
        for minutes, count in ((90, 5.0), (60, 12.0), (30, 30.0), (5, 44.0)):
            row = {
                "brand_id": 1, "theme_id": None, "mention_id": number, "at": NOW - timedelta(minutes=minutes),
                "looked_at": NOW - timedelta(minutes=minutes), "began_at": NOW - timedelta(hours=2), "count": count,
                "p": 0.82, "expected": 140.0, "low": 60.0, "high": 400.0, "reach": 100.0, "horizon_s": 86_400,
                "moved": {"size": 1.0, "age_h": 2.0, "added_60": 32.0, "speed": 0.5},
            }  # fmt: skip
            conn.execute(FORECAST.insert().values(**row))
        facts = {"p": 0.82, "count": 44.0, "reach": 100.0, "expected": 140.0, "low": 60.0, "high": 400.0}
        facts |= {"horizon_h": 24.0, "mentions": [number], "size": 1.0, "age_h": 2.0, "added_60": 32.0, "speed": 0.5}
        at = NOW - timedelta(minutes=5)
        about = (1, AlertReason.SNOWBALL, subject or f"mention:{number}", at, at, AlertLevel.CRITICAL)
        Desk(lambda *_: 0).take(conn, [Signal(*about, strong=True, facts=facts)], NOW)
        key = alerting.live(conn)[0]["key"]
    return str(key)


def alert(house: House, key: str) -> dict[str, Any]:
    with house.store.read() as conn:
        found = alerting.found(conn, key)
    assert found is not None
    return dict(found)


@pytest.mark.parametrize("language", ["id", "en"])
def test_an_alert_is_shown_with_its_reasons_and_figures(house: House, language: str) -> None:
    """The page says how likely it is, why, when it was last looked at, and quotes the complaint as plain text."""
    alarm(house)
    page = house.open("snowball", language)
    told = " ".join(shown(page))
    assert "82" in told
    assert ("Mengapa:" if language == "id" else "Why:") in told
    assert any(one.value == HOSTILE for one in page.text)
    assert "\\<script\\>" in told
    assert len(page.get("vega_lite_chart")) == 1


def test_a_button_takes_an_alert_for_whom_says_who_they_are(house: House) -> None:
    """Who has given a name owns what they take; the button is gone then."""
    key = alarm(house)
    page = house.open("snowball", "en")
    page.text_input(key="who").set_value("Sari").run()
    page.button(key=f"ack_{key}").click().run()
    assert (alert(house, key)["state"], alert(house, key)["owner"]) == (AlertState.ACKNOWLEDGED, "Sari")
    assert [one.value for one in page.get("toast")] == ["Taken."]


def test_what_is_called_irrelevant_is_over_and_told_to_whom_was_told(house: House) -> None:
    """The end goes to whom the opening went, by the workspace's own people."""
    house.settle(directory=PEOPLE)
    key = alarm(house)
    with house.store.write() as conn:
        row = {"key": "k", "alert_id": alert(house, key)["id"], "kind": "opened", "level": "critical", "person": "sari"}
        row |= {"channel": "tim", "facts": {}, "made_at": NOW, "due_at": NOW, "attempts": 0, "sent_at": NOW}
        conn.execute(OUTBOX.insert().values(**row))
    page = house.open("snowball", "en")
    page.button(key=f"not_{key}").click().run()
    assert alert(house, key)["irrelevant"]
    with house.store.read() as conn:
        assert "resolved" in list(conn.scalars(select(OUTBOX.c.kind)))


def test_a_link_asks_before_it_does_anything(house: House) -> None:
    """Opening a link changes nothing; the button on the page that it leads to does."""
    key = alarm(house)
    page = house.open("snowball", "en", alert=key, do="ack")
    assert alert(house, key)["state"] is AlertState.OPEN
    page.button(key="linked_ack").click().run()
    assert alert(house, key)["state"] is AlertState.ACKNOWLEDGED


@pytest.mark.parametrize("key", ["<b>nope</b>", "9" * 30, "0" * 5000, "9223372036"])
def test_a_link_to_nothing_says_so(house: House, key: str) -> None:
    """A key that nobody knows, however it looks, is answered with a sentence."""
    page = house.open("snowball", "en", alert=key, do="ack")
    assert not page.exception
    assert [one.value for one in page.warning] == ["There is no such alert or case any more."]


def test_a_case_is_worked_on(house: House) -> None:
    """Notes are masked, a status is kept, and the timeline tells both."""
    key = alarm(house)
    with house.store.read() as conn:
        case = cases.case_of(conn, alert(house, key)["id"])
    assert case is not None
    page = house.open("cases", "en")
    page.text_area[0].set_value("Sudah ditelepon ke 0812-3456-7890")
    next(one for one in page.button if one.label == "Write down").click().run()
    page.selectbox[1].set_value(CaseStatus.WAITING)
    next(one for one in page.button if one.label == "Save").click().run()
    with house.store.read() as conn:
        told = [(row["kind"].value, row["text"]) for row in cases.entries(conn, case["id"])]
    assert ("note", "Sudah ditelepon ke [phone]") in told
    assert ("status", "waiting") in told
    assert "Sudah ditelepon ke [phone]" in " ".join(shown(page))


def test_nothing_open_is_a_sentence(house: House) -> None:
    """Without alerts and cases the pages say what they wait for."""
    house.say(Said(reading=heard(Impression.OK)))
    assert any("Nothing is open" in text for text in shown(house.open("snowball", "en")))
    assert any("No cases yet" in text for text in shown(house.open("cases", "en")))


def test_every_kind_of_alert_has_a_name_and_a_sentence(house: House) -> None:
    """Alerts of sources, late work and rules say in words what they are about, the most urgent first."""
    at = NOW - timedelta(minutes=5)
    told: list[tuple[AlertReason, str, AlertLevel, dict[str, Any]]] = [
        (AlertReason.SOURCE, "source:x:no_answer", AlertLevel.WARN, {"source": "x", "what": "no_answer"}),
        (AlertReason.STALE, "late:counters", AlertLevel.WATCH, {"minutes": 44.0, "what": "counters"}),
        (AlertReason.VOLUME, "rule:volume", AlertLevel.CRITICAL, {"count": 120.0, "usual": 12.0}),
    ]
    with house.store.write() as conn:
        signals = [Signal(1, *one[:2], at, at, one[2], strong=True, facts=one[3]) for one in told]
        Desk(lambda *_: 0).take(conn, signals, NOW)
    words = shown(house.open("snowball", "en"))
    places = [next(n for n, text in enumerate(words) if part in text) for part in ("volume", "x ·", "Counters")]
    assert places == sorted(places)
    assert not any("no_answer" in text for text in words)
