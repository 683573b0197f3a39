"""What the operator has set: secrets from the environment and ``.env``, everything else from ``simak.toml``."""

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from collectors.base import Options
from domain.errors import ConfigError
from domain.query import Node, Query, any_of, parse
from domain.text import fold
from simak.alert_settings import AlertsTable
from simak.forms import Clock, Name, Span, Zone

FILE = "simak.toml"
_TAKEN = frozenset({"read", "fold", "count", "purge", "watch", "import", "gauge"})
_TAKEN |= {"group", "foresee", "alert", "deliver", "judge", "learn", "report"}
_KEY_LENGTH = 16
Wanted = TypeVar("Wanted", bound=Options)


class Secrets(BaseSettings):
    """Keys and addresses that no file of the project holds; each is read from ``SIMAK_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="SIMAK_", env_nested_delimiter="__", extra="ignore", frozen=True)

    database_url: SecretStr | None = None
    pseudonym_key: SecretStr | None = None
    x_bearer_token: SecretStr | None = None
    reddit_client_id: SecretStr | None = None
    reddit_client_secret: SecretStr | None = None
    youtube_api_key: SecretStr | None = None
    google_service_account: SecretStr | None = None
    google_client_id: SecretStr | None = None
    google_client_secret: SecretStr | None = None
    google_refresh_token: SecretStr | None = None
    app_store_key_id: SecretStr | None = None
    app_store_issuer_id: SecretStr | None = None
    app_store_private_key: SecretStr | None = None
    meta_access_token: SecretStr | None = None
    threads_access_token: SecretStr | None = None
    bluesky_app_password: SecretStr | None = None
    mastodon_access_token: SecretStr | None = None
    telegram_bot_token: SecretStr | None = None
    email_password: SecretStr | None = None
    whatsapp_app_secret: SecretStr | None = None
    whatsapp_verify_token: SecretStr | None = None
    ingest_secret: SecretStr | None = None
    oidc_client_id: SecretStr | None = None
    oidc_client_secret: SecretStr | None = None
    # One for each channel of alerts, SIMAK_NOTIFY__<NAME>: an Apprise address, which holds its token.
    notify: dict[str, SecretStr] = {}

    def get(self, name: str) -> SecretStr | None:
        """Return the secret of that name, or ``None`` when it is not set."""
        secret: SecretStr | None = getattr(self, name, None)
        return secret if secret and secret.get_secret_value() else None

    def every(self) -> list[str]:
        """Return the values of all secrets that are set: what no log may show."""
        values = [value for _, value in self if isinstance(value, SecretStr)] + list(self.notify.values())
        return [value.get_secret_value() for value in values if value.get_secret_value()]

    def channel(self, name: str) -> SecretStr | None:
        """Return the address of a channel of alerts, or ``None`` when it is not set."""
        found = {key.lower().replace("-", "_"): secret for key, secret in self.notify.items()}
        return found.get(name.lower().replace("-", "_"))


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WorkspaceTable(_Table):
    """What holds for the whole workspace."""

    timezone: Zone = "Asia/Jakarta"


class HttpTable(_Table):
    """How Simak reaches out; hosts in ``allow_private`` may have a private address."""

    allow_private: tuple[str, ...] = ()


class WebhooksTable(_Table):
    """Where sources that call us reach us; a proxy in front of it ends TLS."""

    address: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8502


class ReportsTable(_Table):
    """The weekly report: who of ``[[alerts.people]]`` gets it, in which forms, and from when on Monday, local time."""

    people: tuple[Name, ...] = ()
    hour: Clock = time(8)
    formats: Annotated[tuple[Literal["pdf", "xlsx", "csv"], ...], Field(min_length=1)] = ("pdf", "xlsx", "csv")
    language: Literal["id", "en"] = "id"


class AccessTable(_Table):
    """How people sign in: the metadata address of an OpenID provider, and the address at which they reach the pages."""

    metadata: Annotated[str, Field(pattern=r"^https?://")]
    pages: Annotated[str, Field(pattern=r"^https?://")]

    @property
    def redirect(self) -> str:
        """Where the provider sends people back to; it must be registered there."""
        return f"{self.pages.rstrip('/')}/oauth2callback"


class ReaderTable(_Table):
    """Which reader reads: the bundled one, or a transformers sequence classifier by its folder or its hub name."""

    model: str = "bundled"


# The six grounds of article 20 of Indonesia's law on personal data (UU 27/2022).
Basis = Literal["consent", "contract", "legal_obligation", "vital_interest", "public_task", "legitimate_interest"]


class BrandTable(_Table):
    """A brand to listen for; without a query any of its aliases is looked for.

    ``products`` are named as the pages call them, each with what else people call it.
    ``basis`` and ``purpose`` say why people's texts about it may be kept, and what for; nothing is collected without.
    """

    key: Name
    name: Annotated[str, Field(min_length=1, max_length=80)]
    role: Literal["own", "competitor"]
    aliases: Annotated[tuple[Annotated[str, Field(min_length=2)], ...], Field(min_length=1)]
    query: str | None = None
    exclude: Mapping[str, str] = {}
    products: Mapping[Annotated[str, Field(min_length=2, max_length=80)], tuple[str, ...]] = {}
    basis: Basis | None = None
    purpose: Annotated[str | None, Field(min_length=10, max_length=500)] = None

    @property
    def own(self) -> bool:
        """Tell whether it is the operator's own brand."""
        return self.role == "own"

    @property
    def names(self) -> tuple[str, ...]:
        """What people call it: how the reader finds it in a text."""
        return (self.name, *self.aliases)

    @property
    def expression(self) -> str:
        """The query as it is written, or as it follows from the aliases."""
        return self.query or " OR ".join(f'"{alias}"' for alias in self.aliases)

    @cached_property
    def compiled(self) -> Query:
        """The query that collectors are asked with and that texts are matched by."""
        expression: Node = parse(self.query) if self.query else any_of(self.aliases)
        return Query(self.key, expression, {source: parse(text) for source, text in self.exclude.items()})

    def called(self, name: str) -> bool:
        """Tell whether the brand goes by that key, name or alias."""
        return fold(name) in {self.key, fold(self.name), *map(fold, self.aliases)}

    @model_validator(mode="after")
    def _parses(self) -> Self:
        try:
            _ = self.compiled
        except ConfigError as error:
            raise ValueError(str(error)) from error
        return self


class BudgetTable(_Table):
    """What a source may cost, in US dollars a UTC day and a UTC month; left out, there is no limit."""

    day: Annotated[float | None, Field(ge=0)] = None
    month: Annotated[float | None, Field(ge=0)] = None


class SourceTable(BaseModel):
    """A source to collect from; what is not named here are its collector's own options.

    ``watch``: how long a mention's counters, edits and deletion are looked after. ``retention``: how long mentions are
    kept; left out, as long as the source's terms let them.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    name: Name
    collector: str
    every: Span = timedelta(minutes=15)
    watch: Span = timedelta(days=7)
    retention: Span | None = None
    budget: BudgetTable = BudgetTable()

    @property
    def options(self) -> dict[str, Any]:
        """The options that belong to the collector."""
        return dict(self.model_extra or {})


class Settings(_Table):
    """The whole of ``simak.toml``."""

    workspace: WorkspaceTable = WorkspaceTable()
    http: HttpTable = HttpTable()
    webhooks: WebhooksTable = WebhooksTable()
    access: AccessTable | None = None
    reader: ReaderTable = ReaderTable()
    alerts: AlertsTable = AlertsTable()
    reports: ReportsTable = ReportsTable()
    brands: Annotated[tuple[BrandTable, ...], Field(min_length=1)]
    sources: tuple[SourceTable, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Self:
        for kind, names in (
            ("brands", [brand.key for brand in self.brands]),
            ("sources", [source.name for source in self.sources]),
        ):
            double = next((name for name in names if names.count(name) > 1), None)
            if double:
                raise ValueError(f"{kind}: “{double}” is there twice")
        taken = next((source.name for source in self.sources if source.name in _TAKEN), None)
        if taken:
            raise ValueError(f"sources: “{taken}” is what Simak calls a step of its own; choose another name")
        if not any(brand.own for brand in self.brands):
            raise ValueError('brands: one of them needs role = "own"')
        stranger = next((key for key in self.reports.people if self.alerts.person(key) is None), None)
        if stranger:
            raise ValueError(f"reports.people: “{stranger}” is nobody of [[alerts.people]]")
        return self

    def brand(self, name: str) -> BrandTable | None:
        """Return the brand of that key, name or alias, or ``None``."""
        return next((brand for brand in self.brands if brand.called(name)), None)

    def names_of(self, name: str) -> tuple[str, ...]:
        """Return every name of the brand of that key, name or alias; of a brand that is not set up, the one given."""
        found = self.brand(name)
        return found.names if found else (name,)

    def brand_or_own(self, name: str | None) -> BrandTable:
        """Return a brand by key, name or alias, or the own one; raises ConfigError when there is none of that name."""
        found = self.brand(name) if name else next(brand for brand in self.brands if brand.own)
        if found is None:
            raise ConfigError(
                f"There is no brand “{name}”; there are: {', '.join(brand.key for brand in self.brands)}."
            )
        return found


@dataclass(frozen=True)
class Home:
    """A workspace on disk: the folder with ``simak.toml``, ``.env`` and ``data/``, and what they say."""

    folder: Path
    settings: Settings
    secrets: Secrets
    sample: bool

    @property
    def database_url(self) -> str:
        """Where the rows are; the sample keeps to a file of its own, so that it never mixes with real mentions."""
        given = self.secrets.get("database_url")
        if given and not self.sample:
            return given.get_secret_value()
        return f"sqlite:///{self.folder / 'data' / ('sample.db' if self.sample else 'simak.db')}"

    @property
    def growth_folder(self) -> Path:
        """Where what was learnt of the growth of posts is kept."""
        return self.folder / "data" / ("sample-growth" if self.sample else "growth")

    @property
    def reader_folder(self) -> Path:
        """Where layers are kept that were refitted to this workspace's corrections."""
        return self.folder / "data" / ("sample-reader" if self.sample else "reader")

    @property
    def reports_folder(self) -> Path:
        """Where the files of weekly reports are kept until they were sent."""
        return self.folder / "data" / ("sample-reports" if self.sample else "reports")

    def cookie_key(self) -> str:
        """Return what signs the cookie of who is signed in; it is made once and kept in ``data/``."""
        return self._kept_key("cookie.key").decode()

    def pseudonym_key(self) -> bytes:
        """Return the key of pseudonyms; where none is set, one is made once and kept in ``data/``.

        Raises ConfigError when it is too short to resist guessing.
        """
        given = self.secrets.get("pseudonym_key")
        key = given.get_secret_value().encode() if given else self._kept_key("pseudonym.key")
        if len(key) < _KEY_LENGTH:
            raise ConfigError("The key of pseudonyms is shorter than 16 characters: set a longer SIMAK_PSEUDONYM_KEY.")
        return key

    def _kept_key(self, name: str) -> bytes:
        path = self.folder / "data" / name
        # What customers said is nobody else's to read on a machine that several people use.
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _write_once(path, secrets.token_hex(32))
        return path.read_bytes().strip()


def _write_once(path: Path, value: str) -> None:
    """Write a secret that only its owner reads; of two processes that try at once, the first one's stays."""
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(value)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def folder() -> Path:
    """Return the folder of the workspace: ``SIMAK_HOME``, or where the command is given."""
    return Path(os.environ.get("SIMAK_HOME") or Path.cwd()).absolute()


def load() -> Home:
    """Read the workspace; raises ConfigError that names file and key. Without ``simak.toml`` it is the sample's."""
    path = folder() / FILE
    sample = not path.exists()
    try:
        text = _sample_text() if sample else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read as a text in UTF-8: save it so.") from error
    return Home(folder(), read(text, "sample" if sample else FILE), _secrets(folder()), sample)


def read(text: str, name: str) -> Settings:
    """Read the text of a settings file; raises ConfigError that names it and each wrong key."""
    try:
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise ConfigError(faults(name, error)) from error


def options_of(kind: type[Wanted], where: str, values: Mapping[str, Any]) -> Wanted:
    """Read options as a collector wants them; raises ConfigError that names where they stand and each wrong key."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise ConfigError(faults(where, error)) from error


def faults(name: str, error: ValidationError) -> str:
    """Say what is wrong with each setting, as file:key, without its value: it may be a secret."""
    lines = (f"{name}:{'.'.join(map(str, fault['loc']))}: {_plain(fault['msg'])}" for fault in error.errors())
    return "\n".join(lines)


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Assertion failed, ")


def _secrets(folder: Path) -> Secrets:
    try:
        return Secrets(_env_file=folder / ".env")
    except ValidationError as error:
        raise ConfigError(faults(".env", error)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{folder / '.env'} cannot be read as a text in UTF-8: save it so.") from error


def _sample_text() -> str:
    return (resources.files("collectors") / "sample_data" / "simak.toml").read_text(encoding="utf-8")
