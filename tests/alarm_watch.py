"""Foreseeing and alarming over a store of complaints, with what was told at hand."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from complaining import NOW, Said, complain

from alerts.desk import Desk
from alerts.rules import Rule
from alerts.states import Change
from domain.records import Outcome
from domain.vocabulary import AlertReason
from risk.growth import cold_start
from simak.alarming import Alarm
from simak.directory import USUAL
from simak.foreseeing import Foresee
from simak.noticing import Notice
from store import alerting
from store.engine import Store

DAY = 1440
TEXT = "saldo hilang setelah update aplikasi, tolong dikembalikan"


class Watch:
    """Foresees and alarms over a store, and keeps what was told."""

    def __init__(self, store: Store, rules: Sequence[Rule] = USUAL, *, own: Sequence[int] = (1,)) -> None:
        self.store, self.told = store, list[Change]()
        self.desk = Desk(lambda _, change, __: self.told.append(change) or 1)
        self.foresee = Foresee(
            lambda _: cold_start(), lambda *_: 100.0, timedelta(hours=24), "Asia/Jakarta", NOW - timedelta(hours=9)
        )
        notice = Notice(rules, {1: "Senja", 2: "Fajar"}, frozenset(own))
        self.alarm = Alarm(self.desk, notice, frozenset(own))

    def run(self, now: datetime = NOW) -> Outcome:
        self.foresee.run(self.store, now)
        return self.alarm.run(self.store, now)

    def over(self, minutes: Sequence[int]) -> "Watch":
        """Run at minutes after now."""
        for minute in minutes:
            self.run(NOW + timedelta(minutes=minute))
        return self

    def subjects(self, *reasons: AlertReason) -> list[str]:
        with self.store.read() as conn:
            return [row["subject"] for row in alerting.live(conn, *reasons)]


def usual_weeks(store: Store, a_day: int = 2) -> None:
    """Store eight quiet weeks: so many complaints a day by different people."""
    complain(store, [Said(DAY * day + 400 * n + 60, TEXT) for day in range(1, 56) for n in range(a_day)], first=5000)
