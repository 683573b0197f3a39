"""Serves the pages: ``python -m dashboard ADDRESS PORT``, started by ``simak run`` and ``simak dashboard``."""

import os
import sys
from pathlib import Path
from threading import Thread

from streamlit.runtime.secrets import secrets_singleton
from streamlit.web import cli

from dashboard.workspace import Workspace

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def main(address: str, port: str) -> None:
    """Serve until the process that started this one is gone."""
    Thread(target=_leave_with_parent, daemon=True).start()
    flags = {"server.address": address, "server.port": port}
    if address not in LOOPBACK:
        flags["server.allowedHosts"] = "*"
    if sign_in := Workspace.told().sign_in:
        # Handed over in memory: no file holds them.
        secrets_singleton.merge_programmatic_secrets(sign_in.secrets())
    script = str(Path(__file__).with_name("app.py"))
    sys.argv = ["streamlit", "run", script, *(f"--{name}={value}" for name, value in flags.items())]
    cli.main()


def _leave_with_parent() -> None:
    """Wait for the end of standard input, which comes even when the parent was killed, and leave."""
    # Not through sys.stdin, whose lock a thread that still reads would hold while the interpreter ends.
    while os.read(0, 4096):
        pass
    # Only a hard exit ends the server's threads from here; pages hold nothing that is not in the store.
    os._exit(0)


main(*sys.argv[1:])
