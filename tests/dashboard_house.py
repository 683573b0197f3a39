"""A house for tests of the pages: a real store, a clock that stands still, and a way to open a page."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard import opened
from dashboard.workspace import Source, Workspace, workspace
from domain.records import Author, Mention, Metrics, Reading
from domain.vocabulary import Impression, Journey, Stage, TouchPoint
from store.engine import Store, open_store
from store.labels import save_readings, unread
from store.place import Place
from store.rollups import recount, take_due
from store.state import BrandSetting, sync_brands
from store.writes import Arrival, save_mentions

APP = Path(dashboard.__file__).with_name("app.py")
KEY = "a key for the tests only"
ZONE = "Asia/Jakarta"
# A Wednesday, noon in Jakarta: the week of 16 November 2026 is under way, the one before is the last finished one.
NOW = datetime(2026, 11, 18, 5, tzinfo=UTC)
LANGUAGES = {"id": "id-ID", "en": "en-GB"}


@dataclass(frozen=True)
class Said:
    """A mention for a test: who said what and when, and what the reader makes of it (nothing when ``reading`` is)."""

    text: str = "kopi senja"
    author: str | None = "siti"
    at: datetime = NOW - timedelta(days=7)
    brand: int = 1
    reading: Reading | None = field(default_factory=lambda: heard(Impression.OK))
    more: dict[str, Any] = field(default_factory=dict)
    metrics: tuple[Metrics, ...] = ()


def heard(impression: Impression | None, stage: Stage = Stage.ACT, **labels: Any) -> Reading:
    """Return a reading that is quite sure of its impression."""
    odds = {word: 0.8 if word is impression else 0.05 for word in Impression} if impression else None
    filled = {"journey": Journey.POST_PURCHASE, "touchpoints": (TouchPoint.PRICE,), "complaint": 0.1, "use_gap": False}
    return Reading(impression=impression, probabilities=odds, stage=stage, language="id", **(filled | labels))


class House:
    """A workspace of two brands with its store, and the pages over it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url = f"sqlite:///{folder / 'simak.db'}"
        self.store: Store = open_store(self.url, KEY.encode())
        self._monkeypatch = monkeypatch
        brands = [BrandSetting(key, name, own, name, {}) for key, name, own in BRANDS]
        with self.store.write() as conn:
            sync_brands(conn, brands, NOW)
        self.now = NOW
        self.settle()

    def settle(self, **changed: Any) -> None:
        """Tell the pages of the workspace, as ``simak dashboard`` does."""
        told = Workspace(
            **{
                "database_url": SecretStr(self.url),
                "pseudonym_key": SecretStr(KEY),
                "brands": tuple(key for key, _, _ in BRANDS),
                "timezone": ZONE,
                "sources": (Source(name="kabar", collector="feeds", every_minutes=15),),
                **changed,
            }
        )
        for name, value in told.environment().items():
            self._monkeypatch.setenv(name, value)
        workspace.cache_clear()
        opened.store.clear()  # type: ignore[attr-defined]

    def say(self, *mentions: Said) -> None:
        """Store mentions, read them and count them, as the pipeline does."""
        place = Place("kabar", "all", ZONE, NOW)
        for n, one in enumerate(mentions):
            native = f"{n}-{one.at:%s}-{one.text[:20]}"
            for metrics in one.metrics or (None,):
                author = Author(native_id=one.author, followers=120) if one.author else None
                values = {"native_id": native, "platform": "x", "published_at": one.at, "text": one.text} | one.more
                mention = Mention(**values, author=author, metrics=metrics)
                with self.store.write() as conn:
                    save_mentions(conn, self.store.names, place, [Arrival({}, mention, (one.brand,))])
            self._read(one.reading)
        with self.store.write() as conn:
            while due := take_due(conn):
                recount(conn, due, ZONE)

    def _read(self, reading: Reading | None) -> None:
        with self.store.write() as conn:
            newest = max(unread(conn, "v1", 99), key=lambda one: one.mention_id)
            if reading:
                save_readings(conn, "v1", [(newest, reading)], ZONE, NOW)

    def open(self, page: str = "advocacy", language: str = "id", /, **params: Any) -> AppTest:
        """Open a page as a browser of a language would, with an address's parameters; it must not fail."""
        app = AppTest.from_file(str(APP), default_timeout=30)
        app.context["locale"] = LANGUAGES[language]
        app.switch_page(f"app_pages/{page}.py")
        app.query_params.update(params)
        app.run()
        assert [error.value for error in app.exception] == []
        return app


BRANDS = (("senja", "Kopi Senja", True), ("fajar", "Kopi Fajar", False))


def shown(app: AppTest) -> list[str]:
    """Return every piece of text that a page shows, with its Markdown signs."""
    kinds = ("text", "markdown", "caption", "title", "subheader")
    return [str(one.value) for kind in kinds for one in app.get(kind)]
