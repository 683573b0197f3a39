"""Killed at any moment, Simak loses nothing and doubles nothing."""

import csv
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.clock import Grain
from domain.vocabulary import Impression
from simak.pipeline import Count
from store.engine import Store, open_store
from store.queries import figures
from store.rollups import note_days
from store.tables import BrandMention, MetricSnapshot, Reading, RollupDue
from store.tables import Mention as MentionRow

KILLS = 50
ROWS = 4_000
SEED = 20261122
KEY = "a key for the crash tests only"
SETTINGS = """
[[brands]]
key = "kopi-senandika"
name = "Kopi Senandika"
role = "own"
aliases = ["kopi senandika", "senandika"]
[[sources]]
name = "sample"
collector = "sample"
[[sources]]
name = "calls"
collector = "files"
paths = ["calls.csv"]
platform = "call_centre"
about = "kopi-senandika"
"""
FELT = ("kecewa banget, pesanan belum sampai", "mantap kopinya, makasih", "ada promo apa?", "parah, kapok", "biasa aja")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a workspace whose sources bring enough work for fifty interrupted runs."""
    (tmp_path / "simak.toml").write_text(SETTINGS.replace('"calls.csv"', f'"{tmp_path / "calls.csv"}"'))
    with (tmp_path / "calls.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "waktu", "pelanggan", "teks"])
        for row in range(ROWS):
            day, hour = row % 28 + 1, row % 24
            writer.writerow([row, f"2026-10-{day:02} {hour:02}:30", row % 900, f"{FELT[row % 5]} (tiket {row})"])
    return tmp_path


@contextmanager
def working(home: Path, database_url: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"SIMAK_HOME": str(home), "SIMAK_DATABASE_URL": database_url, "SIMAK_PSEUDONYM_KEY": KEY}
    command = [str(Path(sys.executable).with_name("simak")), "collect"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as child:
        yield child


def progress(store: Store) -> tuple[int, int, int]:
    """Return how many mentions there are, how many are read, and how many days wait for counting."""
    with store.read() as conn:
        counts = [
            conn.execute(select(func.count()).select_from(row)).scalar_one() for row in (MentionRow, Reading, RollupDue)
        ]
    return counts[0], counts[1], counts[2]


@pytest.mark.xdist_group("crash")
def test_fifty_kills_lose_nothing_and_double_nothing(home: Path, database_url: str) -> None:
    """After fifty SIGKILLs at random moments one whole run leaves exactly what an undisturbed one leaves."""
    chance = random.Random(SEED)
    store = open_store(database_url, KEY.encode())
    states = set()
    for _ in range(KILLS):
        with working(home, database_url) as child:
            _wait_for_work(store, child, progress(store))
            time.sleep(chance.uniform(0, 0.4))
            child.kill()
        states.add(progress(store))
    with working(home, database_url) as child:
        assert child.wait() == 0
    whole = contents(store)
    assert len(states) > KILLS // 3, "too few kills hit unfinished work to prove anything"
    assert whole == undisturbed(home)
    assert counted(store) == recounted(store)
    store.close()


def _wait_for_work(store: Store, child: "subprocess.Popen[bytes]", before: tuple[int, int, int]) -> None:
    """Wait until the child has changed something, so that the kill falls among its writes and not into its start."""
    deadline = time.monotonic() + 6
    while child.poll() is None and time.monotonic() < deadline and progress(store) == before:
        time.sleep(0.01)


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
    store = open_store(url, KEY.encode())
    whole = contents(store)
    store.close()
    assert whole["waiting"] == 0
    assert sum(1 for source, *_ in whole["mentions"] if source == "calls") == ROWS
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
    assert sum(sum(one.by_impression[word] for word in Impression) for one in found) > ROWS // 2
    return found
