"""Erasing a whole source, and a person, beside another source of the same size: how long, and how long others wait.

``python bench/erasing.py [MENTIONS]`` fills an SQLite file and, where its programs are installed, a PostgreSQL of its
own, erases half of it while another connection writes a row every few milliseconds, and tells the longest wait of
that writer.
"""

import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

from domain.clock import now
from domain.records import Author, Mention, Metrics
from domain.vocabulary import Platform
from simak.erasing import Wanted, erase, plan
from simak.house import House, open_house
from simak.pipeline import Count
from simak.settings import Home, Secrets, read
from store.place import Place
from store.usage import use
from store.writes import Arrival, save_mentions

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from postgres import binaries, cluster, empty_database

SETTINGS = '[[brands]]\nkey = "kopi"\nname = "Kopi"\nrole = "own"\naliases = ["kopi"]\n'
PAGE = 500


def fill(house: House, mentions: int) -> None:
    """Store mentions of two sources, a year of them, by turns."""
    for start in range(0, mentions, PAGE):
        for source in ("x", "ulasan"):
            arrivals = [
                Arrival(
                    {"id": str(number)},
                    Mention(
                        native_id=str(number),
                        platform=Platform.X,
                        published_at=now() - timedelta(minutes=5 * number),
                        text=f"kopinya enak, tapi nomor {number} lama sekali diantar ke kantor kami kak",
                        author=Author(native_id=f"orang{number % 9000}"),
                        metrics=Metrics(observed_at=now(), likes=number % 50),
                    ),
                    (1,),
                )
                for number in range(start, start + PAGE)
            ]
            with house.store.write() as conn:
                save_mentions(conn, house.store.names, Place(source, "all", house.zone, now()), arrivals)
    Count(house.zone).run(house.store, now())


def beside(house: House, stop: Event, waits: list[float]) -> None:
    """Write a row now and then until told to stop, and note how long each took."""
    while not stop.wait(0.005):
        start = time.perf_counter()
        with house.store.write() as conn:
            use(conn, "bench", "calls", now().date(), 1)
        waits.append(time.perf_counter() - start)


def measure(name: str, url: str, mentions: int) -> None:
    """Fill, erase, and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        secrets = Secrets(_env_file=None, database_url=url, pseudonym_key="a key for the benchmark only")
        home = Home(Path(folder), read(SETTINGS, "simak.toml"), secrets, sample=False)
        with open_house(home) as house:
            fill(house, mentions)
            for what, wanted in (("author", Wanted(authors=["orang7"])), ("source", Wanted(source="x"))):
                stop, waits = Event(), [0.0]
                thread = Thread(target=beside, args=(house, stop, waits))
                thread.start()
                start = time.perf_counter()
                outcome = erase(house, plan(house, wanted))
                seconds = time.perf_counter() - start
                stop.set()
                thread.join()
                print(
                    f"{name:<11} {what}: {outcome.written:,} mentions in {seconds:.1f} s; "
                    f"another writer waited {1000 * max(waits):.0f} ms at most"
                )


def main() -> None:
    """Measure on each database that is here."""
    mentions = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        measure("SQLite", f"sqlite:///{folder}/bench.db", mentions)
        tools = binaries()
        if tools:
            address = stack.enter_context(cluster(tools, durable=True))
            measure("PostgreSQL", empty_database(address), mentions)


if __name__ == "__main__":
    main()
