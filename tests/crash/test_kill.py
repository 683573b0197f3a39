"""Killed at any moment, Simak loses nothing and doubles nothing."""

import csv
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.clock import Grain
from domain.vocabulary import Impression
from simak.pipeline import Count
from store.engine import Store, open_store
from store.queries import figures, health
from store.rollups import note_days
from store.tables import BrandMention, MetricSnapshot
from store.tables import Mention as MentionRow

KILLS = 50
# What each round brings: a page of mentions to collect, a batch to read, days to count.
ROWS = 60
SEED = 20261122
KEY = "a key for the crash tests only"
SETTINGS = """
[[brands]]
key = "kopi-senandika"
name = "Kopi Senandika"
role = "own"
basis = "legitimate_interest"
purpose = "Menjawab keluhan pelanggan."
aliases = ["kopi senandika", "senandika"]
[[sources]]
name = "sample"
collector = "sample"
[[sources]]
name = "calls"
collector = "files"
platform = "call_centre"
about = "kopi-senandika"
"""
FELT = ("kecewa banget, pesanan belum sampai", "mantap kopinya, makasih", "ada promo apa?", "parah, kapok", "biasa aja")


def bring_more(home: Path, round_: int) -> None:
    """Put another table of calls beside the earlier ones, and name them all in the settings."""
    table = home / f"calls-{round_:02}.csv"
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "waktu", "pelanggan", "teks"])
        for row in range(ROWS):
            when = f"2026-10-{row % 28 + 1:02} {round_ % 24:02}:30"
            writer.writerow([f"{round_}-{row}", when, row % 50, f"{FELT[row % 5]} (tiket {round_}-{row})"])
    paths = ", ".join(f'"{path}"' for path in sorted(home.glob("calls-*.csv")))
    (home / "simak.toml").write_text(f"{SETTINGS}paths = [{paths}]\n")


@contextmanager
def working(home: Path, database_url: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"SIMAK_HOME": str(home), "SIMAK_DATABASE_URL": database_url, "SIMAK_PSEUDONYM_KEY": KEY}
    command = [str(Path(sys.executable).with_name("simak")), "collect"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as child:
        yield child


def progress(store: Store) -> tuple[int, int, int]:
    """Return how many mentions there are, how many wait for the reader, and how many days wait for counting."""
    with store.read() as conn:
        standing = health.standing(conn)
    return standing.mentions, standing.unread, standing.uncounted_days


@pytest.mark.xdist_group("crash")
def test_fifty_kills_lose_nothing_and_double_nothing(tmp_path: Path, database_url: str) -> None:
    """After fifty SIGKILLs at random moments one whole run leaves exactly what an undisturbed one leaves."""
    chance = random.Random(SEED)
    with closing(open_store(database_url, KEY.encode())) as store:
        cut_short = sum(kill_one(tmp_path, database_url, store, round_, chance) for round_ in range(KILLS))
        with working(tmp_path, database_url) as child:
            assert child.wait() == 0
        assert cut_short > KILLS // 3, "too few kills hit unfinished work to prove anything"
        assert contents(store) == undisturbed(tmp_path)
        assert counted(store) == recounted(store)


def kill_one(home: Path, database_url: str, store: Store, round_: int, chance: random.Random) -> bool:
    """Kill a run somewhere in its work and tell whether it left some undone."""
    bring_more(home, round_)
    before = progress(store)
    with working(home, database_url) as child:
        deadline = time.monotonic() + 6
        # The kill shall fall among the writes and not into the start.
        while child.poll() is None and time.monotonic() < deadline and progress(store) == before:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.9))
        child.kill()
    _, unread, uncounted = progress(store)
    return unread > 0 or uncounted > 0


def contents(store: Store) -> dict[str, Any]:
    """Return what must not depend on any interruption."""
    with store.read() as conn:
        mentions = conn.execute(select(MentionRow.source, MentionRow.native_id, MentionRow.text)).all()
        labels = conn.execute(
            select(MentionRow.native_id, BrandMention.brand_id, BrandMention.version).join(
                BrandMention, BrandMention.mention_id == MentionRow.id
            )
        ).all()
        snapshots = conn.execute(select(func.count()).select_from(MetricSnapshot)).scalar_one()
        waiting = conn.execute(select(func.count()).where(BrandMention.version.is_(None))).scalar_one()
    assert len(mentions) == len({(row.source, row.native_id) for row in mentions})
    return {
        "mentions": sorted(map(tuple, mentions)),
        "labels": sorted(map(tuple, labels), key=str),
        "snapshots": snapshots,
        "waiting": waiting,
    }


def undisturbed(home: Path) -> dict[str, Any]:
    url = f"sqlite:///{home / 'undisturbed.db'}"
    with working(home, url) as child:
        assert child.wait() == 0
    with closing(open_store(url, KEY.encode())) as store:
        whole = contents(store)
    assert whole["waiting"] == 0
    assert sum(1 for source, *_ in whole["mentions"] if source == "calls") == ROWS * KILLS
    return whole


def counted(store: Store) -> list[figures.Period]:
    with store.read() as conn:
        return figures.periods(conn, [1], Grain.DAY, date(2020, 1, 1), date(2030, 1, 1))


def recounted(store: Store) -> list[figures.Period]:
    with store.write() as conn:
        days = [(1, period.start) for period in counted(store)]
        note_days(conn, days)
    Count("Asia/Jakarta").run(store, None)  # type: ignore[arg-type]
    found = counted(store)
    assert sum(sum(one.by_impression[word] for word in Impression) for one in found) > ROWS * KILLS // 2
    return found
