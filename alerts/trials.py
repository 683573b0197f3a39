"""Trying the ways to a person: a message goes by each channel now, and each says how that went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.messages import trial
from alerts.notifier import Notifier
from alerts.outbox import key_of
from alerts.people import Directory, Person
from domain.errors import ConfigError
from domain.vocabulary import MessageKind
from speech.saying import Speech


@dataclass(frozen=True)
class Tried:
    """How a channel of a person answered; ``error`` is empty when the message arrived, and holds no address."""

    person: str
    channel: str
    error: str

    @property
    def arrived(self) -> bool:
        """Tell whether the message was delivered."""
        return not self.error


def known(directory: Directory, key: str) -> Person:
    """Return a person by key; raises ConfigError with the known ones."""
    if key not in directory.people:
        there = ", ".join(directory.people) or "nobody; people stand in [[alerts.people]]"
        raise ConfigError(f"There is no person “{key}”; there are: {there}.")
    return directory.people[key]


def attempt(notifier: Notifier, person: Person, now: datetime) -> list[Tried]:
    """Send a trial by each channel of a person, also in their quiet hours: whoever asks for it waits for it."""
    words = trial(person.name, Speech(person.language, person.zone), now)
    key = key_of(MessageKind.TEST.value, person.key, now.isoformat())
    return [Tried(person.key, one, notifier.send(one, words, key=key).error) for one in person.channels]


def as_text(tried: Sequence[Tried]) -> str:
    """Return one sentence a channel."""
    return "\n".join(f"{one.person}, channel “{one.channel}”: {_went(one)}" for one in tried)


def _went(one: Tried) -> str:
    return "The message arrived." if one.arrived else one.error
