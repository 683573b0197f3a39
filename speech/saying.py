"""Texts in Indonesian and English, and numbers, dates and times as each language writes them."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime, format_interval, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent

from domain.clock import Grain, local, next_period, zone_label
from domain.vocabulary import Word

LANGUAGES = ("id", "en")
_LOCALES = {"id": "id_ID", "en": "en_GB"}
_CLOCK = {"id": "d MMM yyyy HH.mm", "en": "d MMM yyyy, HH:mm"}
_MISSING = "–"


def preferred(locale: str | None) -> str:
    """Return the language for a browser's locale: Indonesian for Indonesian and unknown ones, otherwise English."""
    return "en" if locale and locale.lower().split("-")[0] not in {"id", "in", "ms", "jv", "su"} else "id"


@cache
def texts(language: str) -> dict[str, str]:
    """Return the texts of a language by dotted key."""
    files = sorted((Path(__file__).parent / "locales" / language).glob("*.toml"))
    return {key: text for file in files for key, text in _flat(tomllib.loads(file.read_text(encoding="utf-8")))}


def _flat(node: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in node.items():
        pairs += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, value)]
    return pairs


@dataclass(frozen=True)
class Speech:
    """How the pages speak: a language, and the zone whose clock they show."""

    language: str
    zone: str

    @property
    def locale(self) -> str:
        """The locale that numbers and dates follow."""
        return _LOCALES[self.language]

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its values put in; raises KeyError for a key that no locale file has."""
        return texts(self.language)[key].format(**values)

    def counted(self, key: str, count: int, **values: object) -> str:
        """Return a text about a number of things, in the singular for one: ``key.one`` or ``key.other``."""
        return self(f"{key}.{'one' if count == 1 else 'other'}", count=self.number(count), **values)

    def label(self, word: Word) -> str:
        """Return a word of the vocabulary as people read it."""
        return word.label(self.language)

    def number(self, value: float, digits: int = 0, *, signed: bool = False) -> str:
        """Return a number with as many decimals as asked, grouped: ``1.234,5`` or ``1,234.5``."""
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        if signed and round(value, digits):
            pattern = f"+{pattern};-{pattern}"
        return format_decimal(value, pattern, self.locale)

    def percent(self, share: float, digits: int = 1) -> str:
        """Return a share as a percentage: ``12,3%``."""
        return format_percent(share, "#,##0" + ("." + "0" * digits if digits else "") + "%", self.locale)

    def dollars(self, amount: float) -> str:
        """Return an amount of US dollars."""
        return format_currency(amount, "USD", "¤¤ #,##0.00", self.locale)

    def moment(self, moment: datetime) -> str:
        """Return a moment by the clock of the zone: ``23 Nov 2026 14.05 WIB``."""
        shown = format_datetime(local(moment, self.zone), _CLOCK[self.language], locale=self.locale)
        return f"{shown} {zone_label(self.zone)}"

    def ago(self, moment: datetime | None, now: datetime) -> str:
        """Return how long ago a moment was: ``3 jam yang lalu``; a dash for never."""
        if moment is None:
            return _MISSING
        gone = min(moment - now, timedelta(seconds=-1))
        if gone > timedelta(minutes=-1):
            return self("time.just_now")
        return format_timedelta(gone, add_direction=True, threshold=1.2, locale=self.locale)

    def span(self, length: timedelta) -> str:
        """Return a length of time in its largest unit: ``15 menit``."""
        return format_timedelta(length, threshold=1.2, locale=self.locale)

    def day(self, day: date) -> str:
        """Return a day: ``23 Nov 2026``."""
        return format_date(day, "d MMM yyyy", self.locale)

    def period(self, start: date, grain: Grain) -> str:
        """Return a period in full: ``23 Nov 2026``, ``16–22 Nov 2026`` or ``November 2026``."""
        if grain is Grain.WEEK:
            return format_interval(start, next_period(start, grain) - timedelta(days=1), "yMMMd", locale=self.locale)
        return format_date(start, "LLLL yyyy", self.locale) if grain is Grain.MONTH else self.day(start)

    def tick(self, start: date, grain: Grain) -> str:
        """Return a period as an axis has room for it: its first day, or its month."""
        return format_date(start, "LLL yyyy" if grain is Grain.MONTH else "d MMM", self.locale)
