"""Looks for what is missing, one line each: keys, sources, disk, model, database, clock."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from alerts.people import variable
from domain.clock import now, zone_label
from domain.errors import SimakError
from simak.house import House, open_house
from simak.lawful import unfounded
from simak.settings import Home
from store.engine import shown
from store.queries import health

# A store grows by about a gigabyte a million mentions; below this the next weeks are not safe.
LOW_DISK = 2 * 2**30
SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is as it should be, and in one sentence what was found or what to do."""

    what: str
    fine: bool
    sentence: str


def _good(what: str, sentence: str) -> Finding:
    return Finding(what, fine=True, sentence=sentence)


def _bad(what: str, sentence: str) -> Finding:
    return Finding(what, fine=False, sentence=sentence)


def examine(home: Home) -> Iterator[Finding]:
    """Yield what was found, each as soon as it is known."""
    yield _settings(home)
    yield _law(home)
    yield _keys(home)
    yield _disk(home)
    yield _attempt("model", lambda: _model(home))
    try:
        with open_house(home) as house:
            yield Finding(
                "database", fine=True, sentence=f"{shown(home.database_url)} answers and its tables are up to date."
            )
            yield _clock(house)
            yield from _sources(house)
            yield _people(house)
    except SimakError as error:
        yield _bad("database", str(error))


def _settings(home: Home) -> Finding:
    if home.sample:
        return Finding(
            "settings", fine=True, sentence="No simak.toml: the sample workspace is shown; “simak init” sets up yours."
        )
    brands = ", ".join(brand.name for brand in home.settings.brands)
    return Finding(
        "settings", fine=True, sentence=f"{brands}; days are counted in {zone_label(home.settings.workspace.timezone)}."
    )


def _law(home: Home) -> Finding:
    sentence = unfounded(home)
    return _bad("lawful basis", sentence) if sentence else _good("lawful basis", "Every query states its purpose.")


def _keys(home: Home) -> Finding:
    if home.secrets.get("pseudonym_key"):
        return _good("keys", "SIMAK_PSEUDONYM_KEY names the key of authors' pseudonyms.")
    return _good("keys", "The key of authors' pseudonyms is data/pseudonym.key: back it up with the store.")


def _disk(home: Home) -> Finding:
    free = shutil.disk_usage(home.folder).free
    enough = free >= LOW_DISK
    sentence = f"{free / 2**30:.1f} GB free" + ("." if enough else ": make room, or the store will stop growing.")
    return Finding("disk", fine=enough, sentence=sentence)


def _model(home: Home) -> str:
    from nlp.classifier import load  # noqa: PLC0415

    reader = load(home.settings.reader.model, home.reader_folder, home.folder)
    reader.read(["Kopinya enak banget, pelayanannya ramah!"])
    return f"{reader.version} reads."


def _clock(house: House) -> Finding:
    """Compare with the newest time in the store: a clock that was put back would date new mentions before old ones."""
    with house.store.read() as conn:
        seen = [walk.attempted_at for walk in health.sources(conn) if walk.attempted_at]
    newest = max(seen, default=datetime.min.replace(tzinfo=UTC))
    if newest > now() + SKEW:
        return Finding(
            "clock", fine=False, sentence=f"This clock is behind the store's newest entry ({newest:%F %T} UTC): set it."
        )
    return _good("clock", f"{now():%F %T} UTC.")


def _sources(house: House) -> Iterator[Finding]:
    if not house.home.settings.sources:
        yield Finding(
            "sources",
            fine=False,
            sentence="None are set up: add one to simak.toml, or import a file with “simak import”.",
        )
    for source in house.home.settings.sources:
        yield _attempt(f"source {source.name}", partial(_source, house, source.name))


def _people(house: House) -> Finding:
    """Tell whether alerts reach anybody: somebody is set up, and each of their channels has an address."""
    people = house.directory.people.values()
    if house.home.sample or not people:
        sentence = (
            "Nobody is told; alerts stand on the Snowball page. [[alerts.people]] in simak.toml says whom to tell."
        )
        return _good("alerts", sentence)
    channels = {channel for person in people for channel in person.channels}
    missing = sorted(channel for channel in channels if house.home.secrets.channel(channel) is None)
    if missing:
        return _bad("alerts", f"{missing[0]} has no address: set {variable(missing[0])} in .env.")
    return _good("alerts", f"{', '.join(person.name for person in people)}; “simak alerts test” tries the way to them.")


def _source(house: House, name: str) -> str:
    stage = next(stage for stage in house.collects() if stage.name == name)
    stage.collector.check()
    return stage.collector.probe()


def _attempt(what: str, look: Callable[[], str]) -> Finding:
    try:
        return _good(what, look())
    except SimakError as error:
        return _bad(what, str(error))
