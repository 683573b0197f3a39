"""Logs that a person reads: one line an event, and never a secret in it."""

import logging
import sys
from collections.abc import Iterable

from simak.settings import Secrets


class Redacting(logging.Formatter):
    """Formats a record, its trace included, with every known secret blanked."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Keep the secrets, the longest first: one may be part of another."""
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = sorted(secrets, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without secrets."""
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "[secret]")
        return line


def start_logging(secrets: Secrets) -> None:
    """Log to standard error, Simak's own events from INFO and libraries' from WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting(secrets.every()))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # That a stage still works when its next turn comes is no event: its turn after that does the rest.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    for room in ("simak", "collectors", "nlp", "store", "alerts"):
        logging.getLogger(room).setLevel(logging.INFO)
