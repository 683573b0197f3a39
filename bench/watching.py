"""A hundred thousand watched posts: how long one round of foreseeing and alarming takes over all of them.

``python bench/watching.py [POSTS]`` fills an SQLite file with complaints of the last day, each with a reading of its
counters, foresees them once, gives all of them a second reading, and times the second round: what a round costs while
everything moves at once.
"""

import resource
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import insert

from alerts.desk import Desk
from domain.clock import now
from domain.records import Author, Mention, Reading
from domain.vocabulary import Impression, Platform
from risk.growth import cold_start
from simak.alarming import Alarm
from simak.directory import USUAL
from simak.foreseeing import Foresee
from simak.noticing import Notice
from store.engine import Store, open_store
from store.labels import save_readings, unread
from store.place import Place
from store.state import BrandSetting, sync_brands
from store.tables import METRIC_SNAPSHOT
from store.writes import Arrival, save_mentions

PAGE, DAY_MIN = 500, 1_200


def fill(store: Store, posts: int) -> None:
    """Store complaints, read, evenly over the last twenty hours."""
    moment = now()
    with store.write() as conn:
        sync_brands(conn, [BrandSetting("kopi", "Kopi", own=True, expression="kopi", exclusions={})], moment)
    for start in range(0, posts, PAGE):
        arrivals = [
            Arrival(
                {},
                Mention(
                    native_id=str(number),
                    platform=Platform.X,
                    published_at=moment - timedelta(minutes=60 + number * DAY_MIN / posts),
                    text=f"pesanan nomor {number} belum sampai juga, kecewa",
                    author=Author(native_id=f"orang{number}", followers=number % 5_000),
                ),
                (1,),
            )
            for number in range(start, min(start + PAGE, posts))
        ]
        with store.write() as conn:
            save_mentions(conn, store.names, Place("x", "all", "Asia/Jakarta", moment), arrivals)
            waiting = unread(conn, "bench", PAGE)
            sure = Reading(impression=Impression.ARRGH, complaint=0.9, arousal=0.2, off_topic=0.01)
            save_readings(conn, "bench", [(one, sure) for one in waiting], "Asia/Jakarta", moment)


def count(store: Store, posts: int, ago: timedelta, seed: int) -> None:
    """Give every post a reading of its counters."""
    rng = np.random.default_rng(seed)
    at, sizes = now() - ago, rng.lognormal(1.5 + seed, 1.2, posts).astype(int)
    with store.write() as conn:
        rows = [{"mention_id": n + 1, "observed_at": at, "reposts": int(size)} for n, size in enumerate(sizes)]
        conn.execute(insert(METRIC_SNAPSHOT), rows)


def main() -> None:
    """Print what a round costs."""
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'bench.db'}", b"a key for the benchmark only")
        fill(store, posts)
        growth = cold_start()
        begun = now() - timedelta(days=1)
        foresee = Foresee(lambda _: growth, lambda *_: 500.0, timedelta(hours=24), "Asia/Jakarta", begun)
        alarm = Alarm(Desk(lambda *_: 0), Notice(USUAL, {1: "Kopi"}, frozenset({1})), frozenset({1}))
        for seed, ago in enumerate((timedelta(minutes=50), timedelta(minutes=6))):
            count(store, posts, ago, seed)
            started = time.perf_counter()
            seen = foresee.run(store, now() - ago + timedelta(minutes=6))
            middle = time.perf_counter()
            alarmed = alarm.run(store, now() - ago + timedelta(minutes=6))
            ended = time.perf_counter()
            print(
                f"round {seed + 1}: {seen.seen:,} readings, {seen.written:,} forecasts in {middle - started:.1f} s; "
                f"{alarmed.seen:,} looked at for alerts in {ended - middle:.1f} s"
            )
        store.close()
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
