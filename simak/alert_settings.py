"""How people are alerted, as ``simak.toml`` has it: who, about what, when, and by which way."""

from datetime import time, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.errors import ConfigError
from domain.query import parse
from domain.vocabulary import AlertLevel, AlertReason
from simak.forms import Clock, Name, Span, Zone


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PersonTable(_Table):
    """Somebody who is alerted.

    ``channels`` are names whose addresses stand in ``SIMAK_NOTIFY__<NAME>``; the first one is used, the others when it
    fails. In quiet hours (``quiet``, from and to, by the clock of ``zone``) only critical alerts come, if
    ``breaks_through``; the rest waits for the digest. ``most_an_hour``: more messages than these become one summary.
    """

    key: Name
    name: Annotated[str, Field(min_length=1, max_length=80)]
    channels: Annotated[tuple[Name, ...], Field(min_length=1)]
    language: Literal["id", "en"] = "id"
    zone: Zone = "Asia/Jakarta"
    quiet: tuple[Clock, Clock] | None = None
    digest: Clock = time(7)
    breaks_through: bool = True
    most_an_hour: Annotated[int, Field(ge=1)] = 6


class RouteTable(_Table):
    """Who is told of which alerts: the first of ``chain``, then the next when nobody takes it in time.

    Without ``brands`` or ``reasons`` it is for all of them; ``level`` is the lowest that is told.
    """

    chain: Annotated[tuple[Name, ...], Field(min_length=1)]
    brands: tuple[Name, ...] = ()
    reasons: tuple[AlertReason, ...] = ()
    level: AlertLevel = AlertLevel.WATCH


class RuleTable(_Table):
    """A rule that somebody set beside the snowball: on new mentions that match ``query``, or on one of the shifts."""

    name: Name
    reason: Literal["mention", "volume", "impression", "use_gap", "author", "competitor"]
    level: AlertLevel = AlertLevel.WARN
    brands: tuple[Name, ...] = ()
    query: str | None = None
    followers: Annotated[int, Field(ge=1)] = 50_000

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if (self.reason == "mention") != (self.query is not None):
            raise ValueError("a rule with the reason “mention” needs a query, and no other rule has one")
        if self.query is not None:
            try:
                parse(self.query)
            except ConfigError as error:
                raise ValueError(str(error)) from error
        return self


class AlertsTable(_Table):
    """What holds for all alerts.

    ``reach``: how many people make a snowball, left out, what one complaint in ten of yours reached, at least 100.
    ``horizon``: within how long. ``budget``: how many false alerts a week are put up with. ``pages``: the address of
    the pages that messages link to.
    """

    reach: Annotated[float | None, Field(ge=2)] = None
    horizon: Span = timedelta(hours=24)
    budget: Annotated[float, Field(gt=0)] = 1.0
    pages: Annotated[str | None, Field(pattern=r"^https?://")] = None
    people: tuple[PersonTable, ...] = ()
    routes: tuple[RouteTable, ...] = ()
    rules: tuple[RuleTable, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> Self:
        keys = [person.key for person in self.people]
        double = next((key for key in keys if keys.count(key) > 1), None)
        if double:
            raise ValueError(f"people: “{double}” is there twice")
        stranger = next((key for route in self.routes for key in route.chain if key not in keys), None)
        if stranger:
            raise ValueError(f"routes: “{stranger}” is nobody of [[alerts.people]]")
        return self

    def person(self, key: str) -> PersonTable | None:
        """Return the person of that key, or ``None``."""
        return next((person for person in self.people if person.key == key), None)
