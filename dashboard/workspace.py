"""What the pages are told when they start: by ``simak dashboard``, through one environment variable."""

import json
import os
from functools import cache
from typing import Any, Self

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


class SignIn(Record):
    """How people sign in: an OpenID provider by its metadata, where it sends them back, and what it knows us by.

    ``cookie_secret`` signs the cookie that keeps somebody signed in.
    """

    metadata: str
    redirect: str
    client_id: SecretStr
    client_secret: SecretStr
    cookie_secret: SecretStr

    def secrets(self) -> dict[str, Any]:
        """Return what Streamlit's own sign-in asks for."""
        return {
            "auth": {
                "redirect_uri": self.redirect,
                "server_metadata_url": self.metadata,
                "client_id": self.client_id.get_secret_value(),
                "client_secret": self.client_secret.get_secret_value(),
                "cookie_secret": self.cookie_secret.get_secret_value(),
            }
        }


class Workspace(Record):
    """Whose mentions the pages show: brand keys with the own ones first, the zone of days, and the sources.

    ``sample`` marks the built-in fictional brand, which every page says. ``directory``: who is alerted of what.
    ``home``: the folder of simak.toml.
    """

    database_url: SecretStr
    pseudonym_key: SecretStr
    brands: tuple[str, ...]
    timezone: str
    sources: tuple[Source, ...]
    sample: bool = False
    directory: Directory = Directory()
    sign_in: SignIn | None = None
    home: str = "."

    def environment(self) -> dict[str, str]:
        """Return the variable that tells a child process of this workspace."""
        return {VARIABLE: json.dumps(_plain(self.model_dump()), default=str)}

    @classmethod
    def told(cls) -> Self:
        """Return the workspace that this process was told of; raises ConfigError when it was told of none."""
        value = os.environ.get(VARIABLE)
        if not value:
            raise ConfigError("The pages are started by “simak dashboard”, which tells them what to show.")
        return cls.model_validate_json(value)


def _plain(value: Any) -> Any:
    """Return values as JSON has them, with secrets told: the variable is read by our own child alone."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple | frozenset) else value


@cache
def workspace() -> Workspace:
    """Return the workspace of this process."""
    return Workspace.told()
