"""The whole way, through real collectors, a real store and the real command line."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loopback import Behaviour, Loopback, Reply

from domain.clock import now
from simak.house import open_house
from simak.scheduler import last_successes
from simak.settings import Home, Secrets, Settings, read
from store.engine import open_store
from store.queries import figures, health, inbox

SIMAK = str(Path(sys.executable).with_name("simak"))
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Berita</title>
<item><guid>1</guid><title>Kopi Kita buka cabang</title><link>https://example.com/1</link>
<pubDate>Sat, 21 Nov 2026 08:00:00 +0700</pubDate><description>Ramai sekali.</description></item>
<item><guid>2</guid><title>Cuaca hari ini</title><pubDate>Sat, 21 Nov 2026 09:00:00 +0700</pubDate></item>
<item><guid>3</guid><title>Rival Kopi turun harga</title><pubDate>Sat, 21 Nov 2026 10:00:00 +0700</pubDate></item>
</channel></rss>"""


def settings(url: str, **other: Any) -> Settings:
    return read(
        f"""
[http]
allow_private = ["localhost"]
[[brands]]
key = "kita"
name = "Kopi Kita"
role = "own"
aliases = ["kopi kita"]
[[brands]]
key = "rival"
name = "Rival"
role = "competitor"
aliases = ["rival kopi"]
[[sources]]
name = "berita"
collector = "feeds"
urls = ["{url}/feed"]
platform = "news"
""",
        "simak.toml",
    ).model_copy(update=other)


@pytest.fixture
def home(tmp_path: Path, database_url: str, serve: Callable[[Behaviour], Loopback]) -> Home:
    """Return a workspace whose one feed is served on loopback."""
    server = serve(lambda _: Reply(headers={"Content-Type": "application/rss+xml"}, body=FEED.encode()))
    secrets = Secrets(_env_file=None, database_url=database_url, pseudonym_key="a key for the tests only")
    return Home(tmp_path, settings(server.url), secrets, sample=False)


def test_a_feed_is_collected_read_and_counted(home: Home) -> None:
    """What names a brand is stored under it, read by the real reader and counted; what names none is dropped."""
    with open_house(home) as house:
        outcomes = [stage.run(house.store, now()) for stage in house.stages(house.collects())]
        with house.store.read() as conn:
            found = {
                key: inbox.mentions(conn, brand_id, inbox.matching(conn, inbox.Filter(brand_id=brand_id)))
                for key, brand_id in house.ids.items()
            }
            standing = health.standing(conn)
            span = figures.span(conn, list(house.ids.values()))
    assert [len(found["kita"]), len(found["rival"])] == [1, 1]
    assert (outcomes[0].seen, outcomes[0].written, outcomes[0].skipped) == (3, 2, 1)
    assert found["kita"][0].text.startswith("Kopi Kita buka cabang")
    assert all(one.language for listed in found.values() for one in listed)
    assert (standing.unread, standing.uncounted_days) == (0, 0)
    assert span is not None


def test_a_second_run_finds_nothing_new(home: Home) -> None:
    """Every stage finds its work done."""
    with open_house(home) as house:
        for _ in range(2):
            outcomes = [stage.run(house.store, now()) for stage in house.stages(house.collects())]
    assert not any(outcome.written for outcome in outcomes)


def test_a_failing_source_says_so_and_recovers(
    tmp_path: Path, database_url: str, serve: Callable[[Behaviour], Loopback]
) -> None:
    """A source that is gone is a sentence in its state; once it is back, so is its success."""
    replies = [Reply(status=410), Reply(body=FEED.encode())]
    server = serve(lambda _: replies[0])
    secrets = Secrets(_env_file=None, database_url=database_url, pseudonym_key="a key for the tests only")
    with open_house(Home(tmp_path, settings(server.url), secrets, sample=False)) as house:
        collect = house.collects()[0]
        failed = collect.run(house.store, now())
        with house.store.read() as conn:
            gone = health.sources(conn)[0]
        assert last_successes(house.store) == {}
        replies.pop(0)
        collect.run(house.store, now())
        with house.store.read() as conn:
            back = health.sources(conn)[0]
    assert gone.error
    assert gone.error in failed.reason
    assert gone.succeeded_at is None
    assert (back.error, back.stored) == (None, 2)
    assert back.succeeded_at is not None


def run(home: Path, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SIMAK_")}
    command = [SIMAK, *words]
    return subprocess.run(
        command, env=environment | {"SIMAK_HOME": str(home)}, input=stdin, capture_output=True, text=True, check=False
    )


def test_a_newcomer_sets_up_imports_and_sees_counts(tmp_path: Path) -> None:
    """init, query test, import, status and doctor lead from nothing to mentions that are read."""
    done = run(
        tmp_path, "init", "--brand", "Kopi Kita", "--alias", "@kopikita", "--competitor", "Rival=rival kopi", "--no-x"
    )
    assert done.returncode == 0, done.stderr
    table = tmp_path / "ulasan.csv"
    rows = [
        ("1", "2026-11-01 10:00", "Kopi Kita enak banget!", 5),
        ("2", "2026-11-02 11:00", "pesanan belum sampai", 1),
    ]
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([("id", "tanggal", "ulasan", "bintang"), *rows, ("3", "kapan-kapan", "rusak", 2)])
    preview = run(tmp_path, "import", str(table), "--dry-run", "--json")
    assert json.loads(preview.stdout)[0]["quarantined"] == 1
    tried = json.loads(run(tmp_path, "query", "test", "--file", str(table), "--json").stdout)
    assert (tried["matched"], tried["unrelated"]) == (1, 1)
    imported = json.loads(run(tmp_path, "import", str(table), "--json").stdout)
    assert (imported["import"]["written"], imported["import"]["quarantined"], imported["read"]["written"]) == (2, 1, 2)
    again = json.loads(run(tmp_path, "import", str(table), "--json").stdout)
    assert again["import"]["written"] == 0
    standing = json.loads(run(tmp_path, "status", "--json").stdout)
    assert (standing["mentions"], standing["unread"], standing["quarantined"]) == (2, 0, 1)
    assert run(tmp_path, "init", "--brand", "Lain").returncode == 2


def test_classify_gives_one_object_a_text_in_order(tmp_path: Path) -> None:
    """Every text gets an object with the agreed fields, in order, from arguments, JSONL, CSV and Parquet."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    texts = ["mantap banget kopinya, recommended!", "", "parah, penipu, kapok!", "12345"]
    rows = [{"id": f"t{number}", "text": text} for number, text in enumerate(texts)]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with (tmp_path / "in.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["id", "text"])
        writer.writeheader()
        writer.writerows(rows)
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet")
    found = {}
    for form in ("jsonl", "csv", "parquet"):
        done = run(
            tmp_path, "classify", "--input", str(tmp_path / f"in.{form}"), "--output", str(tmp_path / "out.jsonl")
        )
        assert done.returncode == 0, done.stderr
        found[form] = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert found["jsonl"] == found["csv"] == found["parquet"]
    assert [one["id"] for one in found["jsonl"]] == [row["id"] for row in rows]
    fields = "id impression probabilities complaint stage touchpoints journey use_gap arousal off_topic language"
    assert list(found["jsonl"][0]) == [*fields.split(), "version"]
    assert [one["impression"] is None for one in found["jsonl"]] == [False, True, False, True]
    assert set(found["jsonl"][0]["probabilities"]) == {"BOO", "ARRGH", "OK", "AHA", "WOW"}
    said = [json.loads(line) for line in run(tmp_path, "classify", *texts[::2]).stdout.splitlines()]
    assert [one["impression"] for one in said] == [found["jsonl"][0]["impression"], found["jsonl"][2]["impression"]]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("classify",), "Give a text"),
        (("classify", "--input", "nowhere.jsonl"), "is not there"),
        (("classify", "--input", "a.docx"), "is none of"),
        (("import", "nowhere.csv", "-y"), "run “simak init” first"),
        (("collect", "nonesuch"), "no source “nonesuch”"),
        (("query", "test", "kopi AND"), "lacks a word"),
        (("query", "test", "--brand", "nobody"), "no brand “nobody”"),
        (("run", "--address", "0.0.0.0"), "--insecure"),
        (("init",), "Name your brand"),
    ],
)
def test_bad_input_gets_one_sentence(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    """What cannot be done is one sentence on standard error that says what to do, and no trace."""
    done = run(tmp_path, *words, stdin="")
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("brands = 3", "simak.toml:brands"),
        ("[[brands]]\nkey = 'a'", "simak.toml:brands.0.name"),
        ("nonsense", "not valid TOML"),
        ("[[brands]]\nkey='a'\nname='A'\nrole='own'\naliases=['ab']\nquery='a OR'", "lacks a word"),
        ("[[brands]]\nkey='a'\nname='A'\nrole='own'\naliases=['ab']\n[[sources]]\nname='x'\ncollector='feeds'", "urls"),
    ],
)
def test_a_wrong_setting_is_named_as_file_and_key(tmp_path: Path, text: str, says: str) -> None:
    """A mistake in simak.toml is named by file and key."""
    (tmp_path / "simak.toml").write_text(text)
    done = run(tmp_path, "collect")
    assert done.returncode == 2
    assert says in done.stderr


def test_status_names_a_source_that_is_set_up_wrongly(tmp_path: Path) -> None:
    """A source whose options or collector are wrong is one line of status, which shows the rest all the same."""
    (tmp_path / "simak.toml").write_text(
        '[[brands]]\nkey = "kita"\nname = "Kita"\nrole = "own"\naliases = ["kita"]\n'
        '[[sources]]\nname = "berita"\ncollector = "feeds"\nurl = "https://example.com/feed"\n'
        '[[sources]]\nname = "lain"\ncollector = "nothing"\n'
        '[[sources]]\nname = "contoh"\ncollector = "sample"\n'
    )
    done = run(tmp_path, "status")
    wrong = [line for line in done.stdout.splitlines() if line.startswith("source")]
    assert (done.returncode, len(wrong)) == (0, 2)
    assert "simak.toml:sources.berita:url: " in wrong[0]
    assert "There is no collector “nothing”" in wrong[1]


def test_secrets_reach_neither_output_nor_log(tmp_path: Path) -> None:
    """A password in a database address and a key show up nowhere."""
    (tmp_path / "simak.toml").write_text("[[brands]]\nkey='a'\nname='A'\nrole='own'\naliases=['ab']")
    (tmp_path / ".env").write_text(
        "SIMAK_DATABASE_URL=postgresql://u:geheim@127.0.0.1:1/d\nSIMAK_X_BEARER_TOKEN=geheim2\n"
    )
    done = run(tmp_path, "status")
    assert done.returncode == 2
    assert "geheim" not in done.stdout + done.stderr


@pytest.mark.xdist_group("pages")
def test_run_serves_pages_reads_the_sample_and_stops_cleanly(tmp_path: Path) -> None:
    """`simak run` brings up the sample workspace, read and counted, with pages on loopback, and ends on SIGTERM."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SIMAK_")}
    command = [SIMAK, "run", "--port", "8977"]
    with subprocess.Popen(command, env=environment | {"SIMAK_HOME": str(tmp_path)}, stdout=subprocess.PIPE) as child:
        try:
            _wait(lambda: urllib.request.urlopen("http://127.0.0.1:8977/_stcore/health").status == 200)
            _wait(lambda: _sample_is_done(tmp_path))
        finally:
            child.send_signal(signal.SIGTERM)
        assert child.wait(15) == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen("http://127.0.0.1:8977/_stcore/health")


def _sample_is_done(home: Path) -> bool:
    store = open_store(f"sqlite:///{home / 'data' / 'sample.db'}", b"only to look at the store")
    try:
        with store.read() as conn:
            standing = health.standing(conn)
            return standing.mentions > 600 and not standing.unread and not standing.uncounted_days
    finally:
        store.close()


def _wait(holds: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except OSError:
            pass
        time.sleep(0.3)
    pytest.fail("it did not come up in time")


def test_help_imports_no_model() -> None:
    """The command line's help loads neither a runtime nor a database."""
    heavy = {"torch", "onnxruntime", "sqlalchemy", "streamlit"}
    script = f"import sys, simak.cli; print([name for name in sys.modules if name in {heavy}])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
