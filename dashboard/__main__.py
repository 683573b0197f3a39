"""Serves the pages: ``python -m dashboard ADDRESS PORT``, started by ``simak run`` and ``simak dashboard``."""

import os
import sys
from pathlib import Path
from threading import Thread

from streamlit.web import cli


def main(address: str, port: str) -> None:
    """Serve until the process that started this one is gone."""
    Thread(target=_leave_with_parent, daemon=True).start()
    flags = {"server.address": address, "server.port": port, "server.headless": "true"}
    script = str(Path(__file__).with_name("app.py"))
    sys.argv = ["streamlit", "run", script, *(f"--{name}={value}" for name, value in flags.items())]
    cli.main()


def _leave_with_parent() -> None:
    """Wait for the end of standard input, which comes even when the parent was killed, and leave."""
    sys.stdin.buffer.read()
    # Only a hard exit ends the server's threads from here; pages hold nothing that is not in the store.
    os._exit(0)


main(*sys.argv[1:])
