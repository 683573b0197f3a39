"""How the pages are started: the command line, and what the process is told."""

import sys
from collections.abc import Mapping
from pathlib import Path

from dashboard.workspace import Workspace

APP = Path(__file__).with_name("app.py")
HOST = "127.0.0.1"
PORT = 8501


def command(port: int = PORT) -> list[str]:
    """Return the command line that serves the pages on the loopback address; it does not end by itself."""
    # The address is repeated from the settings file because a variable of the environment would win over the file.
    return [sys.executable, "-m", "streamlit", "run", str(APP), f"--server.port={port}", f"--server.address={HOST}"]


def environment(workspace: Workspace, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for that command: the inherited one, the workspace, and where the rooms are found."""
    rooms = str(APP.parents[1])
    path = inherited.get("PYTHONPATH")
    return {**inherited, **workspace.environment(), "PYTHONPATH": f"{rooms}:{path}" if path else rooms}
