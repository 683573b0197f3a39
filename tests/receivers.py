"""People with a receiver each, and the desk and the delivery that reach them, on one virtual clock."""

import json
from datetime import timedelta
from typing import Any

from loopback import Loopback
from pydantic import SecretStr
from timeline import START, Timeline

from alerts.desk import Desk
from alerts.notifier import Channels
from alerts.outbox import Outbox
from alerts.people import Directory, Person, Route
from simak.delivering import Deliver
from store.alert_tables import OUTBOX
from store.engine import Store


class Receivers:
    """People with one receiver each, an alert desk that writes to them, and the stage that delivers, on one clock."""

    def __init__(
        self, store: Store, people: list[Person], addresses: dict[str, str], chains: list[tuple[str, ...]]
    ) -> None:
        directory = Directory({one.key: one for one in people}, [Route(chain) for chain in chains])
        self.line = Timeline(store)
        self.line.desk = Desk(Outbox(directory))
        self.deliver = Deliver(
            Channels(lambda name: SecretStr(addresses[name]) if name in addresses else None),
            directory,
            {self.line.brand_id or 0: "Kopi"},
            "https://simak.example.com",
            time=lambda: self.now,
            patience_s=5,
        )
        self.now = START

    def run(self, minute: float) -> "Receivers":
        """Deliver at a minute."""
        self.now = START + timedelta(minutes=minute)
        self.deliver.run(self.line.store, self.now)
        return self

    def rows(self) -> list[Any]:
        with self.line.store.read() as conn:
            return list(conn.execute(OUTBOX.select().order_by(OUTBOX.c.id)))


def hook(server: Loopback) -> str:
    """Return a receiver's address, with a short patience so that the tests need none."""
    return f"json://127.0.0.1:{server.port}/?rto=0.3&cto=0.3"


def person(key: str, **told: Any) -> Person:
    return Person(key, key.title(), **{"channels": (key,), **told})


def received(server: Loopback) -> list[dict[str, Any]]:
    return [json.loads(asked.body) | {"key": asked.headers["idempotency-key"]} for asked in server.asked]
