"""The way from the pages to simak.toml: through Simak's own command, which checks everything before it writes."""

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from dashboard.frame import frame
from domain.errors import ConfigError

_COMMAND = (sys.executable, "-c", "from simak.cli import main; main()", "settings", "apply")
_SECONDS, _SHORT = 60, 16


@dataclass(frozen=True)
class Written:
    """What simak.toml says, as it is written there, and the digest of the file that a change has to name."""

    digest: str
    brands: tuple[Mapping[str, Any], ...]
    people: tuple[Mapping[str, Any], ...]
    routes: tuple[Mapping[str, Any], ...]


def settings() -> Written:
    """Return what may be changed; raises ConfigError when the file is not there or no TOML."""
    told = frame().workspace
    path = Path(told.home) / "simak.toml"
    try:
        body = _sample() if told.sample else path.read_bytes()
        found = tomllib.loads(body.decode())
    except OSError as error:
        raise ConfigError("simak.toml cannot be read where Simak was started: see that it is there.") from error
    except ValueError as error:
        raise ConfigError(f"simak.toml is not valid TOML: {error}.") from error
    alerts = found.get("alerts", {})
    lists = (found.get("brands", ()), alerts.get("people", ()), alerts.get("routes", ()))
    return Written(hashlib.sha256(body).hexdigest()[:_SHORT], *map(tuple, lists))


def _sample() -> bytes:
    return (resources.files("collectors") / "sample_data" / "simak.toml").read_bytes()


def save(by: str, digest: str, table: str, entry: str, values: Mapping[str, Any], *, remove: bool = False) -> str:
    """Change one entry, and return what was done; raises ConfigError with the sentence that says why not."""
    change = {"by": by, "digest": digest, "table": table, "entry": entry, "values": dict(values), "remove": remove}
    return _run(json.dumps(change))


def _run(text: str) -> str:
    here = os.environ | {"SIMAK_HOME": frame().workspace.home}
    done = subprocess.run(  # noqa: S603 - our own program; what people typed goes in by standard input
        _COMMAND, input=text, env=here, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if done.returncode:
        said = "\n".join(line.removeprefix("simak: ") for line in done.stderr.strip().splitlines()[-5:])
        raise ConfigError(said or "The settings could not be read.")
    return done.stdout.strip()
