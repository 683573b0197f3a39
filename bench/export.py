"""How long a week of a million mentions takes to export, and how long pandas does for the same rows.

    python bench/export.py [--database URL] [--count N] [--without-pandas]

Fills the database when it is empty (a new SQLite file by default) with invented mentions of one brand in one week,
synthetic load made to be much. Each export runs in a process of its own; told are its seconds, from its start to its
end, and the most memory that it held.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import text

from bench import million
from domain.clock import edges
from reports.export import FORMATS, Wanted, export
from reports.period import Week
from store.engine import open_store
from store.queries.figures import brands

KEY = b"a key for the benchmark"
WEEK = Week(million.END.date().fromisocalendar(2026, 47, 1), million.ZONE)
ROWS = """SELECT b.mention_id, b.published_at, b.platform, b.source, b.role, b.author_id, b.impression, b.complaint,
b.stage, b.touchpoints, b.journey, b.use_gap, b.off_topic, b.corrected, b.folded, b.version, m.stars, m.branch, m.text
FROM brand_mention b JOIN mention m ON m.id = b.mention_id
WHERE b.brand_id = 1 AND b.published_at >= :since AND b.published_at < :until ORDER BY b.published_at, b.mention_id"""


def fill(url: str, count: int) -> None:
    """Put so many mentions of the first brand into the week."""
    store = open_store(url, KEY)
    with store.read() as conn:
        filled = bool(brands(conn, million.BRANDS))
    if not filled:
        million._DAYS = 4  # noqa: SLF001 - two years are pressed into one week
        million.fill(store, count)
        with store.write() as conn:
            conn.execute(text("UPDATE reading SET brand_id = 1"))
            conn.execute(text("UPDATE brand_mention SET brand_id = 1"))
        million.count_all(store)
    store.close()


def ours(url: str, folder: Path, formats: tuple[str, ...]) -> None:
    """Export the week as Simak does."""
    store = open_store(url, KEY)
    with store.read() as conn:
        found = brands(conn, million.BRANDS)
    print(export(store, found, WEEK, Wanted(formats), folder).rows, "rows", end=" ")


def theirs(url: str, folder: Path, form: str) -> None:
    """Read the same rows with pandas and write them with it: without titles, types, escaping or digests."""
    import pandas as pd  # noqa: PLC0415 - it is measured too

    since, until = edges(WEEK.start, WEEK.end, WEEK.zone)
    store = open_store(url, KEY)
    params = {"since": since.replace(tzinfo=None), "until": until.replace(tzinfo=None)}
    with store.read() as conn:
        table = pd.read_sql(text(ROWS), conn, params=params)
    if form == "csv":
        table.to_csv(folder / "pandas.csv", index=False)
    else:
        table.to_excel(folder / "pandas.xlsx", index=False, engine="xlsxwriter")
    print(len(table), "rows", end=" ")


def timed(name: str, arguments: list[str]) -> None:
    """Run a part of this program as a process of its own and tell what it took."""
    begun = time.perf_counter()
    child = subprocess.Popen([sys.executable, __file__, *arguments])
    _, _, used = os.wait4(child.pid, 0)
    print(f"{name:24} {time.perf_counter() - begun:6.1f} s {used.ru_maxrss / 1024:8.0f} MB", flush=True)


def main() -> None:
    """Fill, export in all ways, and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--database", default=f"sqlite:///{tempfile.mkdtemp()}/week.db")
    options.add_argument("--count", type=int, default=1_000_000)
    options.add_argument("--without-pandas", action="store_true")
    options.add_argument("--part", nargs=2, metavar=("WHO", "FORM"), help=argparse.SUPPRESS)
    options.add_argument(
        "--out", type=Path, default=Path(tempfile.gettempdir()) / "simak-export", help=argparse.SUPPRESS
    )
    asked = options.parse_args()
    asked.out.mkdir(exist_ok=True)
    if asked.part:
        who, form = asked.part
        formats = FORMATS if form == "all" else (form,)
        (ours(asked.database, asked.out, formats) if who == "simak" else theirs(asked.database, asked.out, form))
        return
    fill(asked.database, asked.count)
    told = ["--database", asked.database, "--out", str(asked.out), "--part"]
    for form in ("all", *FORMATS):
        timed(f"simak {form}", [*told, "simak", form])
    for form in () if asked.without_pandas else ("csv", "xlsx"):
        timed(f"pandas {form}", [*told, "pandas", form])
    for path in sorted(asked.out.iterdir()):
        print(f"{path.name:32} {path.stat().st_size / 1e6:8.1f} MB")


if __name__ == "__main__":
    main()
