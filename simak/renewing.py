"""Takes on changed settings: what runs ends cleanly and starts anew with them, once they can be read."""

import logging
import os
import sys
from threading import Event, Thread
from typing import NoReturn

from domain.errors import ConfigError
from simak.reforming import digest_of
from simak.settings import FILE, Home, load

log = logging.getLogger(__name__)
# Soon enough for whoever has just saved, seldom enough to cost nothing.
_SECONDS = 2.0


class Renewal:
    """Looks at simak.toml while Simak runs, and stops it when the file says something else; the sample has none."""

    def __init__(self, home: Home, stop: Event) -> None:
        """Keep what the settings are now, and how to stop."""
        self._home, self._stop = home, stop
        self._seen = "" if home.sample else digest_of(home.folder)
        self.due = False

    def start(self) -> None:
        """Begin to look."""
        if not self._home.sample:
            Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self._stop.wait(_SECONDS):
            if self._changed():
                self.due = True
                self._stop.set()

    def _changed(self) -> bool:
        """Tell whether there are other settings that can be read; those that cannot are told once and passed over."""
        try:
            found = digest_of(self._home.folder)
            if found == self._seen:
                return False
            self._seen = found
            load()
        except (OSError, ConfigError) as error:
            log.error("%s was changed and cannot be used, so the old settings hold: %s", FILE, error)  # noqa: TRY400
            return False
        log.info("%s was changed: Simak starts anew with it.", FILE)
        return True


def start_anew() -> NoReturn:
    """Run the same command again in place of this process."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - our own command as it was given
