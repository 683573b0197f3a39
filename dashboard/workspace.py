"""What the pages are told when they start: by ``simak dashboard``, through one environment variable."""

import json
import os
from functools import cache
from typing import Self

from pydantic import SecretStr

from alerts.people import Directory
from domain.errors import ConfigError
from domain.records import Record

VARIABLE = "SIMAK_WORKSPACE"


class Source(Record):
    """A source as it is set up: which collector brings it, and every how many minutes; ``pushed`` ones call us."""

    name: str
    collector: str
    every_minutes: float
    pushed: bool = False


class Workspace(Record):
    """Whose mentions the pages show: brand keys with the own ones first, the zone of days, and the sources.

    ``sample`` marks the built-in fictional brand, which every page says. ``directory``: who is alerted of what.
    """

    database_url: SecretStr
    pseudonym_key: SecretStr
    brands: tuple[str, ...]
    timezone: str
    sources: tuple[Source, ...]
    sample: bool = False
    directory: Directory = Directory()

    def environment(self) -> dict[str, str]:
        """Return the variable that tells a child process of this workspace."""
        plain = self.model_dump(mode="json") | {
            "database_url": self.database_url.get_secret_value(),
            "pseudonym_key": self.pseudonym_key.get_secret_value(),
        }
        return {VARIABLE: json.dumps(plain)}

    @classmethod
    def told(cls) -> Self:
        """Return the workspace that this process was told of; raises ConfigError when it was told of none."""
        value = os.environ.get(VARIABLE)
        if not value:
            raise ConfigError("The pages are started by “simak dashboard”, which tells them what to show.")
        return cls.model_validate_json(value)


@cache
def workspace() -> Workspace:
    """Return the workspace of this process."""
    return Workspace.told()
