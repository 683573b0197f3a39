"""Keeps Simak running: the scheduler and what sources call in this process, the pages in a child of it."""

import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING, NoReturn

from domain.errors import ConfigError
from simak.collecting import Collect, Refresh
from simak.house import House
from simak.lawful import hold_to_law
from simak.renewing import Renewal
from simak.scheduler import Timed, last_successes, serve
from simak.settings import WebhooksTable
from simak.watching import Watch

if TYPE_CHECKING:
    from simak.receiving import Reception

log = logging.getLogger(__name__)
# New mentions are read and counted almost at once; asking an idle store costs well under a millisecond.
SOON = timedelta(seconds=2)
# What looks back over days has no hurry.
SELDOM = {
    "gauge": timedelta(minutes=2),
    "purge": timedelta(days=1),
    "learn": timedelta(days=1),
    "judge": timedelta(hours=1),
    "report": timedelta(minutes=5),
}
# A source that fails is left alone at least this long before it is asked again.
MINUTE = timedelta(minutes=1)
# No exit status of ours: the caller starts the command anew.
AGAIN = -1
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def timetable(house: House) -> list[Timed]:
    """Return every stage with its interval: sources as they are set, the rest soon after, deletion daily."""
    if house.home.settings.sources:
        hold_to_law(house.home)
    every = {source.name: source.every for source in house.home.settings.sources}
    last = last_successes(house.store)
    # What the sample has to report is long past, and nobody is to be sent it.
    reports = () if house.home.sample else (house.weekly(),)
    stages = (*house.stages(house.collects()), house.watch(), *reports)
    return [
        Timed(stage, every[stage.name], last.get(stage.name))
        if isinstance(stage, Collect)
        else Timed(stage, MINUTE if isinstance(stage, Refresh | Watch) else SELDOM.get(stage.name, SOON))
        for stage in stages
    ]


def serve_all(
    house: House, address: str, port: int, *, insecure: bool, say: Callable[[str], None], webhooks: WebhooksTable
) -> int:
    """Run the scheduler, the pages, and what sources call, until a signal or the end of one; return the exit status.

    It is ``AGAIN`` when the settings changed meanwhile.
    """
    stop = _until_signal()
    renewal = Renewal(house.home, stop)
    renewal.start()
    timed = timetable(house)
    reception = receive(house, webhooks, say)
    pages = start_pages(house, address, port, insecure=insecure)
    Thread(target=_stop_with, args=(pages, stop), daemon=True).start()
    say(f"Simak: {_url(address, port)}  (Ctrl+C stops it)")
    if reception:
        reception.start(stop.set)
    try:
        serve(house.store, timed, stop, say)
    finally:
        ended = pages.poll()
        alive = reception is None or reception.alive
        pages.terminate()
        if reception:
            reception.stop()
        pages.wait()
    if renewal.due:
        return AGAIN
    if ended is not None:
        log.error("The pages stopped with status %s; what they wrote above says why.", ended)
    return 0 if ended is None and alive else 1


def serve_webhooks(house: House, webhooks: WebhooksTable, say: Callable[[str], None]) -> int:
    """Run alone what sources call, until a signal or its end, and return the exit status.

    Raises ConfigError when no source calls us.
    """
    stop = _until_signal()
    reception = receive(house, webhooks, say)
    if reception is None:
        raise ConfigError("No source in simak.toml is called by the other side: add a “whatsapp” or an “ingest” one.")
    reception.start(stop.set)
    stop.wait()
    alive = reception.alive
    reception.stop()
    return 0 if alive else 1


def receive(house: House, webhooks: WebhooksTable, say: Callable[[str], None]) -> "Reception | None":
    """Prepare what sources call, or return ``None`` if none does; raises ConfigError for a taken port.

    A source that is not fully set up is told, and keeps nothing else from working.
    """
    if not any(stage.collector.caps.pushed for stage in house.collects()):
        return None
    from simak.receiving import Reception, pushed  # noqa: PLC0415

    _free(webhooks.address, webhooks.port, "--webhooks-port or in simak.toml, [webhooks] port")
    hold_to_law(house.home)
    sources = pushed(house.store, house.collects())
    for name, source in sources.items():
        say(f"{name} is called at {_url(webhooks.address, webhooks.port)}/{name}")
        try:
            source.stage.collector.check()
        except ConfigError as error:
            log.error("%s: %s", name, error)  # noqa: TRY400 - a sentence for a person
    return Reception(sources, webhooks.address, webhooks.port)


def where(house: House, address: str | None, port: int | None) -> WebhooksTable:
    """Return where sources reach us: as the settings say, but for what is given here."""
    table = house.home.settings.webhooks
    return WebhooksTable(address=address or table.address, port=port or table.port)


def _until_signal() -> Event:
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _url(address: str, port: int) -> str:
    host = "localhost" if address in _LOOPBACK else f"[{address}]" if ":" in address else address
    return f"http://{host}:{port}"


def _stop_with(pages: "subprocess.Popen[bytes]", stop: Event) -> None:
    pages.wait()
    stop.set()


def serve_pages(house: House, address: str, port: int, *, insecure: bool) -> int:
    """Run the pages alone until a signal, and return their exit status."""
    pages = start_pages(house, address, port, insecure=insecure)
    signal.signal(signal.SIGTERM, lambda *_: pages.terminate())
    with suppress(KeyboardInterrupt):
        pages.wait()
    return pages.returncode or 0


def leave(status: int) -> NoReturn:
    """End this process without waiting for a stage under way: its batch is stored whole or not at all."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def start_pages(house: House, address: str, port: int, *, insecure: bool = False) -> "subprocess.Popen[bytes]":
    """Start the pages on an address and port and return their process, which ends with this one.

    Raises ConfigError for an address that others can reach, as long as nobody has to sign in, and for a taken port.
    """
    if address not in _LOOPBACK and not insecure and house.home.settings.access is None:
        raise ConfigError(
            f"On {address} anybody on the network could read your customers' words: let people sign in ([access] in "
            "simak.toml), put a proxy with sign-in in front of 127.0.0.1, or say --insecure if you mean it."
        )
    _free(address, port)
    command = [sys.executable, "-m", "dashboard", address, str(port)]
    # The child reads its standard input to learn that this process is gone, even if it was killed.
    return subprocess.Popen(  # noqa: S603 - our own program with our own words
        command, env=os.environ | house.workspace().environment(), stdin=subprocess.PIPE
    )


def _free(address: str, port: int, option: str = "--port") -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise ConfigError(f"Port {port} is taken by another program: choose one with {option}.") from error
