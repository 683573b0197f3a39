"""What follows from a delivery: it is noted, tried again after a pause, tried another way, or given up."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from alerts.notifier import Receipt
from alerts.people import Directory, Person
from alerts.routing import FEWEST_TRIES, GIVEN_UP, another_way, hour, pause
from alerts.sorting import Parcel, Row
from domain.vocabulary import AlertLevel
from store import outbox

# Refusals that another try will not change may change once somebody mends the settings.
_HOPELESS_S = 900.0
_KEPT = ("alert_id", "kind", "level", "facts", "made_at")


@dataclass(frozen=True)
class Settle:
    """Notes how deliveries went; ``directory`` knows the other ways."""

    directory: Directory
    # Pauses only have to differ from each other; nobody gains by guessing them.
    chance: random.Random = field(default_factory=random.Random)

    def __call__(self, conn: Connection, parcel: Parcel, receipt: Receipt, now: datetime) -> None:
        """Note how a delivery went."""
        if receipt.arrived:
            self._arrived(conn, parcel, now)
        else:
            self._failed(conn, parcel, receipt, now)

    def _arrived(self, conn: Connection, parcel: Parcel, now: datetime) -> None:
        outbox.sent(conn, _ids(parcel), now)
        for row in parcel.rows:
            outbox.dead(conn, outbox.siblings(conn, row), now, "It went by another channel.")
            if row["alert_id"] is not None:
                outbox.dead(conn, outbox.overtaken(conn, row), now, "A newer message told it.")

    def _failed(self, conn: Connection, parcel: Parcel, receipt: Receipt, now: datetime) -> None:
        first, attempts = parcel.first, parcel.first["attempts"] + 1
        asked = max(receipt.wait_s or 0.0, _HOPELESS_S if receipt.hopeless else 0.0)
        waits = pause(attempts, asked, self.chance)
        if receipt.hopeless or another_way(parcel.level, attempts, waits):
            outbox.put(conn, [way for row in parcel.rows for way in self._other_ways(conn, row, now)])
        if attempts >= FEWEST_TRIES and now - self._since(first) >= GIVEN_UP:
            outbox.dead(conn, _ids(parcel), now, receipt.error)
        else:
            outbox.failed(conn, _ids(parcel), now + waits, receipt.error)

    def _since(self, row: Row) -> datetime:
        """Return since when a message could have been sent: one that waited for the morning is not old then."""
        return hour(self._person(row), row["level"], row["made_at"])

    def _other_ways(self, conn: Connection, row: Row, now: datetime) -> list[dict[str, Any]]:
        """Return the same message on the person's next channel or, when there is none, for the next in the chain."""
        person, place = self._person(row), _place(row) + 1
        key = f"{row['key'].split('/')[0]}/{place}"
        following = _after(person.channels, row["channel"])
        if following:
            return [_way(row, key, person, following[0], now)]
        return [_way(row, f"{key}/{one.key}", one, one.channels[0], now) for one in self._next_people(conn, row)]

    def _next_people(self, conn: Connection, row: Row) -> list[Person]:
        """Return who comes after a person that cannot be reached, for what is critical, unless they were told."""
        if row["level"] is not AlertLevel.CRITICAL:
            return []
        alert = outbox.alerts_of(conn, [row["alert_id"]])[row["alert_id"]]
        chains = self.directory.chains(alert["brand_id"], alert["reason"], row["level"])
        places = [(chain, [one.key for one in chain].index(row["person"])) for chain in chains if _in(row, chain)]
        following = {chain[at + 1].key: chain[at + 1] for chain, at in places if at + 1 < len(chain)}
        told = outbox.told(conn, row["alert_id"])
        return [one for key, one in following.items() if key not in told]

    def _person(self, row: Row) -> Person:
        return self.directory.people[row["person"]]


def _way(row: Row, key: str, person: Person, channel: str, now: datetime) -> dict[str, Any]:
    due_at = hour(person, row["level"], now)
    told = {name: row[name] for name in _KEPT}
    return {"key": key, "person": person.key, "channel": channel, "due_at": due_at, **told}


def _place(row: Row) -> int:
    """Return how many ways were tried before: the key says so after a stroke."""
    return int(([*row["key"].split("/"), "0"])[1])


def _after(channels: tuple[str, ...], channel: str) -> tuple[str, ...]:
    """Return the channels after one; all of them after one that the settings no longer name."""
    return channels[channels.index(channel) + 1 :] if channel in channels else channels


def _in(row: Row, chain: tuple[Person, ...]) -> bool:
    return any(one.key == row["person"] for one in chain)


def _ids(parcel: Parcel) -> list[int]:
    return [row["id"] for row in parcel.rows]
