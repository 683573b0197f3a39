"""When and how somebody is told: quiet hours by their own clock, the morning digest, and pauses between tries."""

import random
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from alerts.people import Directory, Person
from alerts.states import Held
from domain.vocabulary import AlertLevel, MessageKind

# After a failure: half to one and a half times 5 s, then twice as long each time, up to a quarter of an hour.
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 900.0
# A receiver may ask for more patience, but not for more than an hour.
_MOST_PATIENCE: Final = 3_600.0
# So long is tried before it is given up, and so often, for it may have been due while nothing ran.
GIVEN_UP: Final = timedelta(hours=6)
FEWEST_TRIES: Final = 6
# A critical message goes another way after so many tries, or when the next is so far off; others after more tries.
_TRIES = {AlertLevel.CRITICAL: 2, AlertLevel.WARN: 5, AlertLevel.WATCH: 5}
FALLBACK_AFTER: Final = timedelta(minutes=2)


def audience(directory: Directory, held: Held, kind: MessageKind) -> list[Person]:
    """Return who a message about an alert goes to by the routes, each person once.

    It begins with the first of each chain; an escalation goes to the next one only, and what follows to all who were
    asked so far. At the end of a chain its last person stays responsible.
    """
    step = int(held.memory.get("chain", 0))
    found: dict[str, Person] = {}
    for chain in directory.chains(held.brand_id, held.reason, held.level):
        at = min(step, len(chain) - 1)
        asked = chain[at : at + 1] if kind is MessageKind.ESCALATED else chain[: at + 1]
        found.update({person.key: person for person in asked})
    return list(found.values())


def hour(person: Person, level: AlertLevel, due_at: datetime) -> datetime:
    """Return when a message reaches a person: at once, or with the morning digest after their quiet hours."""
    if level is AlertLevel.CRITICAL and person.breaks_through:
        return due_at
    return _morning(person, due_at) if quiet(person, due_at) else due_at


def quiet(person: Person, moment: datetime) -> bool:
    """Tell whether a moment is within a person's quiet hours, which may go across midnight."""
    if person.quiet is None:
        return False
    since, until = person.quiet
    at = moment.astimezone(ZoneInfo(person.zone)).time()
    return since <= at < until if since <= until else at >= since or at < until


def pause(attempts: int, asked: float | None, chance: random.Random) -> timedelta:
    """Return how long to wait after so many failures; ``asked`` is what the receiver asked for, in seconds."""
    grown = min(_FIRST_PAUSE * 2.0 ** (attempts - 1), _LONGEST_PAUSE) * chance.uniform(0.5, 1.5)
    return timedelta(seconds=max(grown, min(asked or 0.0, _MOST_PATIENCE)))


def another_way(level: AlertLevel, attempts: int, waits: timedelta) -> bool:
    """Tell whether it is time to try another channel, after so many failures and with so long until the next try."""
    return attempts >= _TRIES[level] or (level is AlertLevel.CRITICAL and waits >= FALLBACK_AFTER)


def _morning(person: Person, moment: datetime) -> datetime:
    """Return the next time of a person's digest that is not in their quiet hours."""
    local = moment.astimezone(ZoneInfo(person.zone))
    digest = local.replace(hour=person.digest.hour, minute=person.digest.minute, second=0, microsecond=0)
    digest = digest if digest > local else digest + timedelta(days=1)
    if quiet(person, digest) and person.quiet:
        end = person.quiet[1]
        digest = digest.replace(hour=end.hour, minute=end.minute)
        digest = digest if digest > local else digest + timedelta(days=1)
    return digest.astimezone(moment.tzinfo)
