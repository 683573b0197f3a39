"""Wires the rooms together: the one place where settings become a store, tools and stages."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from pydantic import SecretStr

from alerts.desk import Desk
from alerts.outbox import Outbox
from alerts.people import Directory
from collectors._dial import guarded_dial
from collectors.base import Tools
from collectors.http import guarded
from collectors.registry import find, names
from dashboard.workspace import SignIn, Source, Workspace
from domain.clock import now
from domain.errors import ConfigError
from nlp.classifier import Classifier, load
from nlp.themes import Embedder
from nlp.tuned import changed_at
from simak.alarming import Alarm
from simak.budget import StoredMeter
from simak.collecting import Collect, collect
from simak.declaring import declared
from simak.directory import directory, rules
from simak.foreseeing import Foresee
from simak.gauging import Gauge
from simak.growths import Growths
from simak.judging import Judge
from simak.learning_growth import Learn
from simak.noticing import Notice
from simak.pipeline import Stage, pipeline
from simak.reaching import Reach
from simak.reporting import Weekly
from simak.settings import BrandTable, Home, SourceTable
from simak.theming import Group
from simak.watching import Watch
from store.audit import audit_settings
from store.engine import Store, open_store
from store.state import BrandSetting, hold_to_key, hold_to_zone, sync_brands


class Loaded:
    """The reader, loaded when it is first asked for and anew once another refitted layer is in force."""

    def __init__(self, home: Home) -> None:
        """Keep where the settings and the layers are."""
        self._home = home
        self._at = 0
        self._reader: Classifier | None = None

    def __call__(self) -> Classifier:
        """Return the reader as it stands now."""
        at = changed_at(self._home.reader_folder)
        if self._reader is None or at != self._at:
            model = self._home.settings.reader.model
            self._at, self._reader = at, load(model, self._home.reader_folder, self._home.folder)
        return self._reader


@dataclass(frozen=True)
class House:
    """An opened workspace: its settings, its store, the ids of its brands, and what collectors may use."""

    home: Home
    store: Store
    ids: dict[str, int]
    tools: Tools

    @property
    def zone(self) -> str:
        """The zone that days are counted in."""
        return self.home.settings.workspace.timezone

    def collects(self) -> tuple[Collect, ...]:
        """Make the stage of every source; raises ConfigError when one is set up wrongly."""
        return tuple(map(self._collect, self.home.settings.sources))

    def _collect(self, source: SourceTable) -> Collect:
        meter = StoredMeter(self.store, source.name, now)
        return collect(self.home.settings, source, self.ids, replace(self.tools, meter=meter))

    def misconfigured(self) -> dict[str, str]:
        """Return what is wrong with the options of sources, in a sentence each, by the source's name."""
        found = {}
        for source in self.home.settings.sources:
            try:
                self._collect(source)
            except ConfigError as error:
                found[source.name] = str(error)
        return found

    def stages(self, collects: Sequence[Collect]) -> tuple[Stage, ...]:
        """Return the pipeline from these sources on; the reader is loaded when the first text waits for it."""
        names = {self.ids[brand.key]: brand.names for brand in self.home.settings.brands}
        return pipeline(collects, self.reader, names, self.zone, self.ahead())

    def ahead(self) -> tuple[Stage, ...]:
        """Return the stages that look into what was read, ahead of it too, and tell people what they see."""
        from alerts.notifier import Channels  # noqa: PLC0415 - Apprise is slow to load, and most commands send nothing
        from simak.delivering import Deliver  # noqa: PLC0415

        alerts = self.home.settings.alerts
        growths = Growths(self.home.growth_folder, self.store, alerts.horizon.total_seconds())
        products = {self.ids[brand.key]: brand.products for brand in self.home.settings.brands}
        return (
            Gauge(self.zone, products),
            Group(self.embedder, self.zone),
            Foresee(growths, Reach(alerts.reach), alerts.horizon, self.zone, now()),
            Alarm(self.desk(), Notice(rules(alerts, self.ids), self._brands(), self._own()), self._own()),
            Deliver(
                Channels(self.home.secrets.channel),
                self.directory,
                self._brands(),
                alerts.pages,
                self.home.reports_folder,
            ),
            Judge(alerts.horizon, self._own(), alerts.budget),
            Learn(growths, self.zone),
        )

    def desk(self) -> Desk:
        """Return the desk that decides about alerts; in the sample it tells of the past too, since all of it is."""
        return Desk(Outbox(self.directory, sample=self.home.sample), tells_past=self.home.sample)

    def embedder(self) -> Embedder:
        """Return what tells issues apart: the bundled reader's states, whichever reader is in force."""
        from nlp.bundled import BundledReader  # noqa: PLC0415 - the runtime is slow to load

        reader = self.reader()
        bundled = reader if isinstance(reader, BundledReader) else BundledReader()
        return Embedder(bundled.states, bundled.base, bundled.width)

    @cached_property
    def directory(self) -> Directory:
        """Who is told of what."""
        return directory(self.home.settings.alerts, self.ids)

    def _brands(self) -> dict[int, str]:
        return {self.ids[brand.key]: brand.name for brand in self.home.settings.brands}

    def _own(self) -> frozenset[int]:
        return frozenset(self.ids[brand.key] for brand in self.home.settings.brands if brand.own)

    def watch(self) -> Watch:
        """Return the stage that notices when a source stops listening."""
        pushed = frozenset(one.name for one in self.collects() if one.collector.caps.pushed)
        return Watch(self.home.settings.sources, pushed, now())

    def weekly(self) -> Weekly:
        """Return the stage that makes the weekly report."""
        settings = self.home.settings
        return Weekly(
            settings.reports,
            [brand.key for brand in settings.brands if brand.own],
            [brand.key for brand in settings.brands],
            [self.directory.people[key] for key in settings.reports.people],
            self.zone,
            self.home.reports_folder,
            settings.alerts.pages,
        )

    @cached_property
    def reader(self) -> Callable[[], Classifier]:
        """What loads the reader once, when it is first asked for."""
        return Loaded(self.home)

    def workspace(self) -> Workspace:
        """Return what the pages need to know, the own brands first."""
        settings = self.home.settings
        brands = sorted(settings.brands, key=lambda brand: not brand.own)
        sources = (
            Source(
                name=source.name,
                collector=source.collector,
                every_minutes=source.every.total_seconds() / 60,
                pushed=source.collector in names() and find(source.collector).caps.pushed,
            )
            for source in settings.sources
        )
        return Workspace(
            database_url=SecretStr(self.home.database_url),
            pseudonym_key=SecretStr(self.home.pseudonym_key().decode()),
            brands=tuple(brand.key for brand in brands),
            timezone=self.zone,
            sources=tuple(sources),
            sample=self.home.sample,
            directory=self.directory,
            sign_in=self._sign_in(),
            home=str(self.home.folder),
        )

    def _sign_in(self) -> SignIn | None:
        access, secret = self.home.settings.access, self.home.secrets.get
        if access is None:
            return None
        client, word = secret("oidc_client_id"), secret("oidc_client_secret")
        if client is None or word is None:
            raise ConfigError("[access] needs SIMAK_OIDC_CLIENT_ID and SIMAK_OIDC_CLIENT_SECRET: set both in .env.")
        return SignIn(
            metadata=access.metadata,
            redirect=access.redirect,
            client_id=client,
            client_secret=word,
            cookie_secret=SecretStr(self.home.cookie_key()),
        )


@contextmanager
def open_house(home: Home) -> Iterator[House]:
    """Open a workspace, its tables up to date and its brands as the settings have them."""
    store = open_store(home.database_url, home.pseudonym_key())
    client = guarded(allow_private=home.settings.http.allow_private)
    dial = guarded_dial(allow_private=home.settings.http.allow_private)
    try:
        with store.write() as conn:
            hold_to_key(conn, store.names, now())
            hold_to_zone(conn, home.settings.workspace.timezone, now())
            ids = sync_brands(conn, [_setting(brand) for brand in home.settings.brands], now())
            audit_settings(conn, declared(home.settings), now())
        yield House(home, store, ids, Tools(client, now, home.secrets.get, dial=dial))
    finally:
        client.close()
        store.close()


def _setting(brand: BrandTable) -> BrandSetting:
    return BrandSetting(
        key=brand.key,
        name=brand.name,
        own=brand.own,
        expression=brand.expression,
        exclusions=brand.exclude,
        basis=brand.basis,
        purpose=brand.purpose,
    )
