"""How fast the pages answer over a million mentions, and how fast pandas does over the same rows.

    python bench/pages.py [--database URL] [--count N] [--runs N] [--pages-only]

Fills the database when it is empty (a new SQLite file by default), times every page as a whole, then every query that
the Mentions and Advocacy pages make under many filters. Milliseconds; of queries the best of three runs.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import pandas as pd
from pydantic import SecretStr
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from bench.million import BRANDS, END, WORDS, ZONE, fill
from dashboard.workspace import Source, Workspace
from domain import clock
from domain.clock import Grain, edges
from domain.vocabulary import Impression, Journey, Platform, Stage, TouchPoint
from figures.series import starts
from store.engine import Store, open_store
from store.queries import figures, inbox
from store.queries.inbox import Filter

APP = Path(__file__).parents[1] / "dashboard" / "app.py"
KEY = "a key for the benchmark"
_OWN = 1
_WEEK = edges(date(2025, 3, 3), date(2025, 3, 10), ZONE)
FILTERS = {
    "nothing": Filter(_OWN),
    "impression WOW": Filter(_OWN, impressions=(Impression.WOW,)),
    "impressions Boo, Arrgh": Filter(_OWN, impressions=(Impression.BOO, Impression.ARRGH)),
    "stage Appeal (1 in 20)": Filter(_OWN, stages=(Stage.APPEAL,)),
    "touch point (1 in 160)": Filter(_OWN, touchpoints=(TouchPoint.BRANCH_LOCATION,)),
    "journey not told": Filter(_OWN, journeys=(Journey.NONE,)),
    "platform news": Filter(_OWN, platforms=(Platform.NEWS,)),
    "source that has none": Filter(_OWN, sources=("none",)),
    "complaints": Filter(_OWN, complaints=True),
    "use gaps (1 in 500)": Filter(_OWN, use_gaps=True),
    "not scored": Filter(_OWN, not_scored=True),
    "off topic (1 in 20)": Filter(_OWN, off_topic=True),
    "one old week": Filter(_OWN, since=_WEEK[0], until=_WEEK[1]),
    "three rare labels": Filter(
        _OWN, impressions=(Impression.BOO,), touchpoints=(TouchPoint.BRANCH_LOCATION,), use_gaps=True
    ),
    "word in 3 of 4 texts": Filter(_OWN, text=WORDS[0]),
    "word in 1 of 3": Filter(_OWN, text=WORDS[3]),
    "word in 1 of 40": Filter(_OWN, text=WORDS[30]),
    "word in 1 of 500": Filter(_OWN, text=WORDS[500]),
    "word in 1 of 4000": Filter(_OWN, text=WORDS[4400]),
    "word in none": Filter(_OWN, text="zzzzqq"),
    "two common words": Filter(_OWN, text=f"{WORDS[0]} {WORDS[1]}"),
    "sign in none": Filter(_OWN, text="😭"),
    "common word, rare labels": Filter(_OWN, text=WORDS[0], use_gaps=True, stages=(Stage.APPEAL,)),
    "common word, WOW, price": Filter(
        _OWN, text=WORDS[0], impressions=(Impression.WOW,), touchpoints=(TouchPoint.PRICE,)
    ),
}
VIEWS: dict[str, tuple[str, dict[str, str]]] = {
    "today": ("today", {}),
    "advocacy, weeks": ("advocacy", {}),
    "advocacy, days": ("advocacy", {"grain": "day"}),
    "journey, map": ("journey", {}),
    "journey, use gap": ("journey", {"board": "gap"}),
    "journey, beliefs": ("journey", {"board": "beliefs"}),
    "complaints": ("complaints", {}),
    "snowball": ("snowball", {}),
    "cases": ("cases", {}),
    "mentions": ("mentions", {}),
    "mentions, page 400": ("mentions", {"page": "400"}),
    "mentions, common word": ("mentions", {"text": WORDS[0]}),
    "mentions, rare labels": ("mentions", {"use_gaps": "1", "stages": "APPEAL"}),
    "mentions, Boo, waiting, a week": (
        "mentions",
        {"impressions": "BOO", "touchpoints": "WAITING_TIME", "since": "2026-11-09", "until": "2026-11-15"},
    ),
    "report": ("report", {}),
    "sources": ("sources", {}),
}


def best(work: Callable[[], object], runs: int = 3) -> float:
    """Return the shortest of some runs, in milliseconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def listing(store: Store, wanted: Filter) -> int:
    """Do what the Mentions page asks the store for, and return how many match."""
    with store.read() as conn:
        ids = inbox.matching(conn, wanted)
        inbox.mentions(conn, wanted.brand_id, ids[:25])
        inbox.counters(conn, ids[:25])
    return len(ids)


def weeks(store: Store, grain: Grain) -> object:
    """Do what the Advocacy page asks the store for."""
    with store.read() as conn:
        span = figures.span(conn, (1, 2, 3))
        assert span
        days = starts(span[0], END.date(), grain)
        return figures.periods(conn, (1, 2, 3), grain, days[0], days[-1])


def frame_of(store: Store) -> pd.DataFrame:
    """Load the same rows as a table in memory, sorted as the page lists them."""
    asked = "SELECT b.*, m.text FROM brand_mention b JOIN mention m ON m.id = b.mention_id ORDER BY b.published_at DESC"
    with store.read() as conn:
        table = pd.read_sql(text(asked), conn, parse_dates=["published_at"])
    if table["published_at"].dt.tz is None:
        table["published_at"] = table["published_at"].dt.tz_localize("UTC")
    return table


def filtered(table: pd.DataFrame, wanted: Filter) -> pd.DataFrame:
    """Do with pandas what a filter does."""
    keep = table["brand_id"] == wanted.brand_id
    chosen = {"impression": wanted.impressions, "stage": wanted.stages, "journey": wanted.journeys}
    for name, values in {**chosen, "platform": wanted.platforms, "source": wanted.sources}.items():
        if values:
            keep &= table[name].isin([str(value) for value in values])
    flags = {"complaint": wanted.complaints, "use_gap": wanted.use_gaps, "off_topic": wanted.off_topic}
    for name, asked in flags.items():
        if asked:
            keep &= table[name].fillna(0).astype(bool)
    if wanted.not_scored:
        keep &= table["impression"].isna() & table["version"].notna()
    for point in wanted.touchpoints:
        keep &= table["touchpoints"].str.contains(point.value, regex=False)
    if wanted.since and wanted.until:
        keep &= (table["published_at"] >= wanted.since) & (table["published_at"] < wanted.until)
    for word in wanted.text.split():
        keep &= table["text"].str.contains(word, regex=False)
    return table[keep].head(25)


def page(name: str, params: dict[str, str], runs: int) -> tuple[float, float]:
    """Return the median and the 95th percentile of the time that a page takes as a whole, once the server is warm."""
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.context["locale"] = "id-ID"
    app.switch_page(f"app_pages/{name}.py")
    app.query_params.update(params)
    app.run()
    assert not app.exception, name
    times = sorted(best(app.run, runs=1) for _ in range(runs))
    return times[len(times) // 2], times[-max(1, round(len(times) * 0.05))]


def main() -> None:
    """Fill, time, and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--database", default=f"sqlite:///{tempfile.mkdtemp()}/million.db")
    options.add_argument("--count", type=int, default=1_000_000)
    options.add_argument("--runs", type=int, default=20)
    options.add_argument("--pages-only", action="store_true")
    asked = options.parse_args()
    store = open_store(asked.database, KEY.encode())
    with store.read() as conn:
        filled = bool(figures.brands(conn, BRANDS))
    if not filled:
        print(f"filled in {best(lambda: fill(store, asked.count), runs=1) / 1000:.0f} s")
    # Weeks end where the invented mentions do, whenever this is run.
    clock.now = lambda: END + timedelta(hours=1)
    told = Workspace(
        database_url=SecretStr(asked.database),
        pseudonym_key=SecretStr(KEY),
        brands=BRANDS,
        timezone=ZONE,
        sources=(Source(name="x", collector="x", every_minutes=15),),
    )
    os.environ.update(told.environment())
    print(f"{'page as a whole':32}{'p50 ms':>8}{'p95 ms':>8}")
    for name, (script, params) in VIEWS.items():
        median, high = page(script, params, asked.runs)
        print(f"{name:32}{median:8.0f}{high:8.0f}", flush=True)
    if asked.pages_only:
        return
    start = time.perf_counter()
    table = frame_of(store)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"pandas loads the same rows in {time.perf_counter() - start:.0f} s; the process then holds {memory:.0f} MB")
    print(f"{'query':28}{'found':>8}{'ms':>8}{'pandas':>8}{'ratio':>8}")
    for name, wanted in FILTERS.items():
        ours, theirs = best(partial(listing, store, wanted)), best(partial(filtered, table, wanted))
        print(f"{name:28}{listing(store, wanted):8}{ours:8.0f}{theirs:8.0f}{theirs / ours:8.1f}", flush=True)
    for grain in Grain:
        print(f"{f'periods by {grain}':28}{'':8}{best(partial(weeks, store, grain)):8.0f}")


if __name__ == "__main__":
    main()
