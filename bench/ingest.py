"""Collect → store, in mentions a second, beside what one would write without Simak; all in one run.

``python bench/ingest.py [ROWS]`` makes a CSV, takes it in by the real ``files`` collector into SQLite and, where its
programs are installed, into a PostgreSQL of its own with the safe settings (fsync on), then does the same job the two
usual ways: pandas' ``read_csv`` and ``to_sql`` (no identity, no masking, no words index, no cursor), and one commit a
row.
"""

import csv
import sqlite3
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import httpx
import pandas as pd
from sqlalchemy import create_engine, make_url

from collectors.base import Tools
from collectors.files import Files
from domain.clock import now
from simak.collecting import Collect
from simak.settings import BrandTable
from store.engine import open_store
from store.state import BrandSetting, sync_brands

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from postgres import binaries, cluster, empty_database

# The best of some runs: what else the machine is doing only ever makes one slower.
RUNS = 3
BRAND = BrandTable(key="kopi", name="Kopi", role="own", aliases=("kopi senandika", "senandika"))
SAID = ("kecewa sama kopi senandika, pesanan telat", "senandika enak banget 😍", "promo senandika apa ya min?")


def made(folder: Path, rows: int) -> Path:
    """Write a table of ``rows`` mentions."""
    path = folder / "mentions.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "tanggal", "user", "teks", "likes"])
        for row in range(rows):
            text = f"{SAID[row % 3]} di cabang nomor {row}, semoga cepat ditindak ya kak"
            writer.writerow(
                [row, f"2026-{row % 9 + 1:02}-{row % 28 + 1:02} 08:{row % 60:02}", f"u{row % 9000}", text, row % 50]
            )
    return path


def simak(url: str, path: Path) -> float:
    """Take the table in the way Simak does, and return the seconds that it took once the store is open."""
    store = open_store(url, b"a key for the benchmark only")
    with store.write() as conn:
        setting = BrandSetting(BRAND.key, BRAND.name, BRAND.own, BRAND.expression, {})
        ids = sync_brands(conn, [setting], now())
    options = Files.Options.model_validate({"paths": [path], "platform": "x"})
    with httpx.Client() as client:
        stage = Collect("bench", Files(options, Tools(client, now, lambda _: None)), [BRAND], ids, "Asia/Jakarta")
        start = time.perf_counter()
        outcome = stage.run(store, now())
        seconds = time.perf_counter() - start
    store.close()
    if outcome.reason:
        raise SystemExit(outcome.reason)
    return seconds


def pandas(url: str, path: Path) -> float:
    """Take the table in with pandas, and return the seconds."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg") if url.startswith("postgresql") else url)
    start = time.perf_counter()
    for chunk in pd.read_csv(path, chunksize=500):
        chunk.to_sql("plain", engine, if_exists="append", index=False)
    seconds = time.perf_counter() - start
    engine.dispose()
    return seconds


def row_by_row(url: str, path: Path) -> float:
    """Take the table in with a commit a row, and return the seconds; SQLite only, with the same durability."""
    conn = sqlite3.connect(url.removeprefix("sqlite:///"))
    conn.execute("PRAGMA journal_mode=WAL")
    conn.execute("PRAGMA synchronous=FULL")
    conn.execute("CREATE TABLE plain (id TEXT PRIMARY KEY, at TEXT, user TEXT, text TEXT, likes INT)")
    start = time.perf_counter()
    with path.open(encoding="utf-8") as file:
        for row in list(csv.reader(file))[1:]:
            conn.execute("INSERT OR IGNORE INTO plain VALUES (?, ?, ?, ?, ?)", row)
            conn.commit()
    seconds = time.perf_counter() - start
    conn.close()
    return seconds


def main(rows: int) -> None:
    """Measure and print."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path = made(folder, rows)
        few = made(Path(stack.enter_context(tempfile.TemporaryDirectory())), rows // 20)
        ours = rows / min(simak(f"sqlite:///{folder / f'simak{run}.db'}", path) for run in range(RUNS))
        print(f"SQLite      simak {ours:8,.0f}/s")
        for name, way, table, n in (("pandas", pandas, path, rows), ("a commit a row", row_by_row, few, rows // 20)):
            other = n / min(way(f"sqlite:///{folder / f'{way.__name__}{run}.db'}", table) for run in range(RUNS))
            print(f"            {name} {other:,.0f}/s   simak is {ours / other:.2f} × as fast")
        tools = binaries()
        if tools is None:
            print("PostgreSQL  its programs are not installed")
            return
        server = stack.enter_context(cluster(tools, durable=True))
        ours = rows / min(simak(empty_database(server), path) for _ in range(RUNS))
        other = rows / min(pandas(empty_database(server), path) for _ in range(RUNS))
        print(f"PostgreSQL  simak {ours:8,.0f}/s")
        print(f"            pandas {other:,.0f}/s   simak is {ours / other:.2f} × as fast")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
