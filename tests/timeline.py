"""Timelines: what is seen at which minute goes in, what was told at which minute comes out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from alerts.actions import Actions
from alerts.desk import Desk, hold
from alerts.signals import Signal
from alerts.states import Change, Held
from domain.vocabulary import AlertLevel, AlertReason
from store import alerting
from store.engine import Store
from store.tables import BRAND

START = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
WATCH, WARN, CRITICAL = AlertLevel


@dataclass(frozen=True)
class Told:
    """A message: at which minute, of what kind, about which subject and alert, at which level."""

    minute: float
    kind: str
    subject: str
    key: str
    level: AlertLevel


def minutes(moment: datetime) -> float:
    return (moment - START) / timedelta(minutes=1)


@dataclass
class Timeline:
    """A virtual clock over a store: each step goes to its minute, letting time pass every minute on the way."""

    store: Store
    brand_id: int | None = None
    minute: int = 0
    told: list[Told] = field(default_factory=list)
    tells_past: bool = False
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.restart()
        with self.store.write() as conn:
            row = {"key": "kopi", "name": "Kopi", "own": True}
            self.brand_id = conn.execute(BRAND.insert().values(**row).returning(BRAND.c.id)).scalar_one()

    def restart(self) -> None:
        """Go on with a new process: nothing is left but the store."""
        self.desk = Desk(self._tell, self.tells_past)

    @property
    def now(self) -> datetime:
        return START + timedelta(minutes=self.minute)

    def wait(self, until: int) -> "Timeline":
        """Let time pass."""
        for minute in range(self.minute + 1, until + 1):
            self.minute = minute
            with self.store.write() as conn:
                self.desk.pass_time(conn, self.now, self.now)
        return self

    def see(  # noqa: PLR0913 - all that a signal can say
        self,
        minute: int,
        level: AlertLevel | None,
        subject: str = "theme:1",
        *,
        strong: bool = False,
        calm: bool | None = None,
        settled: bool = False,
        within: str | None = None,
        count: float = 10,
        p: float = 0.7,
        ago: int = 0,
    ) -> "Timeline":
        """Take a look at a minute; ``ago``: what is seen happened so many minutes before."""
        self.wait(minute)
        at = self.now - timedelta(minutes=ago)
        signal = Signal(
            self.brand_id,
            AlertReason.SNOWBALL,
            subject,
            at,
            at,
            level,
            strong=strong,
            calm=level is None if calm is None else calm,
            settled=settled,
            within=within,
            facts={"count": count, "p": p},
        )
        return self.take([signal])

    def take(self, signals: Sequence[Signal]) -> "Timeline":
        with self.store.write() as conn:
            self.desk.take(conn, signals, self.now)
        return self

    @property
    def hands(self) -> Actions:
        return Actions(self.desk)

    def held(self, subject: str = "theme:1") -> Held:
        with self.store.read() as conn:
            found = hold(alerting.latest(conn, self.brand_id, AlertReason.SNOWBALL, subject))
        assert found is not None
        return found

    def kinds(self, subject: str | None = None) -> list[tuple[float, str]]:
        return [(one.minute, one.kind) for one in self.told if subject in {None, one.subject}]

    def causes(self, subject: str = "theme:1") -> list[str]:
        with self.store.read() as conn:
            return [row["cause"].value for row in alerting.events(conn, self.held(subject).id or 0)]

    def _tell(self, conn: Connection, change: Change, now: datetime) -> int:
        after = change.after
        assert change.message is not None
        self.told.append(Told(minutes(now), change.message.value, after.subject, after.key, after.level))
        return 1
