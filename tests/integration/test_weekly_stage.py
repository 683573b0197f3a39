"""The weekly report on its schedule: made once when its hour has come, sent once to each with its files."""

import base64
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from loopback import Behaviour, Loopback, Reply
from pydantic import SecretStr
from receivers import hook, person
from weekly_store import NOON, ZONE, crowd, said

from alerts.letters import MOST_BYTES, enclosed
from alerts.notifier import Channels
from alerts.people import Directory, Person
from domain.vocabulary import Impression
from simak.delivering import Deliver
from simak.reporting import KEPT, Weekly, clear
from simak.settings import ReportsTable, read
from store.alert_tables import OUTBOX
from store.engine import Store
from store.tables import AUDIT

Serve = Callable[[Behaviour], Loopback]
# Monday after the week, 08:00 in Jakarta.
DUE = datetime(2026, 11, 16, 1, tzinfo=UTC)
PEOPLE = [person("sari"), person("budi", language="en")]


def stage(folder: Path, people: list[Person] = PEOPLE, **table: Any) -> Weekly:
    settings = ReportsTable(**{"formats": ("pdf", "csv"), "hour": "08:00", **table})
    return Weekly(settings, ["senja"], ["senja", "fajar"], people, ZONE, folder, "https://simak.example.com")


def filled(store: Store) -> None:
    said(store, *crowd(14, Impression.WOW), *crowd(12, Impression.BOO, NOON - timedelta(days=7)))


def letters(store: Store) -> list[Any]:
    with store.read() as conn:
        return list(conn.execute(OUTBOX.select().order_by(OUTBOX.c.id)))


def test_it_is_made_when_its_hour_has_come_and_once(store: Store, tmp_path: Path) -> None:
    """A second before the hour nothing is made; from then on once, with a letter for each and a line in the audit."""
    filled(store)
    weekly = stage(tmp_path)
    assert weekly.run(store, DUE - timedelta(seconds=1)).written == 0
    assert not (tmp_path / "senja").exists()
    assert weekly.run(store, DUE).written == 2
    assert weekly.run(store, DUE + timedelta(hours=1)).written == 0
    assert [(row.person, row.alert_id) for row in letters(store)] == [("sari", None), ("budi", None)]
    assert sorted(path.name for path in (tmp_path / "senja" / "2026-W46").iterdir()) == [
        "senja-2026-W46.csv",
        "senja-2026-W46.json",
        "senja-2026-W46.pdf",
    ]
    with store.read() as conn:
        assert [row.detail for row in conn.execute(AUDIT.select()) if row.action == "report made"] == [
            "senja 2026-W46: pdf, csv for 2 people"
        ]


def test_after_weeks_of_standstill_only_the_last_week_is_made(store: Store, tmp_path: Path) -> None:
    """Who comes back after a month makes the last finished week, and no week again later."""
    filled(store)
    weekly = stage(tmp_path)
    assert weekly.run(store, DUE).written == 2
    later = DUE + timedelta(weeks=4, days=2)
    assert weekly.run(store, later).written == 2
    assert weekly.run(store, later + timedelta(days=1)).written == 0
    assert [row.facts["week"] for row in letters(store)] == ["2026-W46"] * 2 + ["2026-W50"] * 2


def test_a_kill_between_files_and_letters_doubles_nothing(store: Store, tmp_path: Path) -> None:
    """Files that were written without their letters are written again, the same to the byte, and told once."""
    filled(store)
    broken = stage(tmp_path, [Person("x", "X", ())])
    with pytest.raises(IndexError):
        broken.run(store, DUE)
    before = {path.name: path.read_bytes() for path in (tmp_path / "senja" / "2026-W46").iterdir()}
    assert letters(store) == []
    assert stage(tmp_path).run(store, DUE).written == 2
    assert {path.name: path.read_bytes() for path in (tmp_path / "senja" / "2026-W46").iterdir()} == before


def test_a_brand_that_nobody_has_mentioned_yet_is_not_reported(store: Store, tmp_path: Path) -> None:
    """Before the first mention there is nothing to report, and the reason says so."""
    said(store)
    outcome = stage(tmp_path).run(store, DUE)
    assert (outcome.written, outcome.reason) == (0, "senja: there is nothing to report of 2026-W46 yet.")


def test_each_is_sent_the_week_in_words_with_its_files(store: Store, tmp_path: Path, serve: Serve) -> None:
    """The letter has five sentences in the person's language and the files whole, once, though the first try fails."""
    filled(store)
    answers = [Reply(500)]
    server = serve(lambda _: answers.pop() if answers else Reply())
    stage(tmp_path).run(store, DUE)
    address = SecretStr(hook(server))
    directory = Directory({one.key: one for one in PEOPLE}, [])
    deliver = Deliver(Channels(lambda _: address), directory, {1: "Kopi Senja"}, reports=tmp_path, patience_s=9)
    for minute in range(5):
        deliver.time = lambda at=DUE + timedelta(minutes=minute): at
        deliver.run(store, DUE + timedelta(minutes=minute))
    assert all(row.sent_at for row in letters(store))
    sent = [json.loads(asked.body) for asked in server.asked]
    assert len(sent) == 3
    arrived = {one["title"]: one for one in sent}
    assert set(arrived) == {
        "📄 Laporan mingguan · Kopi Senja · 9–15 Nov 2026",
        "📄 Weekly report · Kopi Senja · 9–15 Nov 2026",
    }
    indonesian = arrived["📄 Laporan mingguan · Kopi Senja · 9–15 Nov 2026"]
    assert "5. " in indonesian["message"]
    files = {one["filename"]: base64.b64decode(one["base64"]) for one in indonesian["attachments"]}
    folder = tmp_path / "senja" / "2026-W46"
    assert files == {name: (folder / name).read_bytes() for name in ("senja-2026-W46.pdf", "senja-2026-W46.csv")}


def test_two_brands_reports_do_not_push_each_other_out(store: Store, tmp_path: Path, serve: Serve) -> None:
    """A report that could not be sent at first still comes after another brand's has arrived."""
    filled(store)
    said(store, *crowd(3, Impression.OK, brand=2))
    answers = [Reply(500)]
    server = serve(lambda _: answers.pop() if answers else Reply())
    settings = ReportsTable(formats=("pdf",))
    Weekly(settings, ["senja", "fajar"], ["senja", "fajar"], PEOPLE[:1], ZONE, tmp_path).run(store, DUE)
    address = SecretStr(hook(server))
    directory = Directory({"sari": PEOPLE[0]}, [])
    deliver = Deliver(Channels(lambda _: address), directory, {}, reports=tmp_path, patience_s=9)
    for minute in range(6):
        deliver.time = lambda at=DUE + timedelta(minutes=minute): at
        deliver.run(store, DUE + timedelta(minutes=minute))
    assert [row.error for row in letters(store)] == [None, None]
    assert all(row.sent_at for row in letters(store))


def test_files_too_large_for_a_message_stay_behind(tmp_path: Path) -> None:
    """What goes beyond the limit of a message is left out, and what is gone too."""
    (tmp_path / "a.pdf").write_bytes(b"a")
    with (tmp_path / "b.xlsx").open("wb") as file:
        file.truncate(MOST_BYTES)
    (tmp_path / "c.csv").write_bytes(b"c")
    found = enclosed({"files": ["a.pdf", "b.xlsx", "c.csv", "gone.csv"]}, tmp_path)
    assert [path.name for path in found] == ["a.pdf", "c.csv"]


def test_files_go_once_they_have_served(store: Store, tmp_path: Path) -> None:
    """Ten days after they were made the files of a week are deleted, and an erasure deletes all of them."""
    filled(store)
    stage(tmp_path).run(store, DUE)
    folder = tmp_path / "senja" / "2026-W46"
    old = (DUE - KEPT - timedelta(hours=1)).timestamp()
    os.utime(folder, (old, old))
    stage(tmp_path).run(store, DUE + timedelta(hours=1))
    assert not folder.exists()
    clear(tmp_path)
    assert not tmp_path.exists()


def test_a_report_for_nobody_known_is_a_mistake_in_the_settings() -> None:
    """Who is to get the report must be somebody of the alerts' people."""
    text = '[[brands]]\nkey = "a"\nname = "A"\nrole = "own"\naliases = ["aa"]\n[reports]\npeople = ["siapa"]\n'
    with pytest.raises(Exception, match=r"reports\.people: “siapa” is nobody"):
        read(text, "simak.toml")
