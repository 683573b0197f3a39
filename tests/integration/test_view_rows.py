"""The rows of a filtered view as a file."""

import csv
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from domain.access import Viewer
from domain.errors import ForbiddenError
from domain.records import Author, Mention
from domain.vocabulary import CaseStatus, Priority, UserRole
from reports import view
from reports.view import View, take_out
from speech.saying import Speech
from store.engine import Store
from store.place import Place
from store.queries.inbox import Filter
from store.state import BrandSetting, sync_brands
from store.tables import AUDIT
from store.triage import Change, answer, change
from store.writes import Arrival, save_mentions

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
PLACE = Place("feeds", "all", "Asia/Jakarta", NOW)
SPEECH = Speech("id", "Asia/Jakarta")
TEXTS = ("=1+1", "@SUM(A1)\n-2", "senja 😭 _x0041_", "kopi!" * 3_000, "+62 telepon", "https://jahat.example")


def who(role: UserRole) -> Viewer:
    return Viewer(name="sari@senja.id", role=role)


@pytest.fixture
def said(store: Store) -> Store:
    """Return a store with a mention for each hostile text, two of them by the same author, the last the newest."""
    with store.write() as conn:
        sync_brands(conn, [BrandSetting("senja", "Senja", own=True, expression="senja", exclusions={})], NOW)
        for n, text in enumerate(TEXTS, 1):
            mention = Mention(
                native_id=str(n),
                platform="x",
                published_at=NOW - timedelta(hours=10 - n),
                text=text,
                url=f"https://x.example/{n}",
                author=Author(native_id=f"orang{n % 5}"),
            )
            save_mentions(conn, store.names, PLACE, [Arrival({}, mention, (1,))])
        wanted = Change(status=CaseStatus.DONE, priority=Priority.HIGH, owner="=sari", tags_on=("@a", "b"))
        change(conn, 1, [6], wanted, "sari", NOW)
        answer(conn, 1, 6, NOW - timedelta(hours=2), "sari", NOW)
    return store


def taken(store: Store, form: str, role: UserRole = UserRole.ANALYST, **more: Any) -> bytes:
    asked = View(more.pop("wanted", Filter(1)), more.pop("params", {}), form, SPEECH, **more)
    return take_out(store, asked, who(role), "sari", NOW)


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"), newline="")))


def test_csv_tells_the_view_and_the_work(said: Store) -> None:
    """Rows are the newest first, cells carry nothing out, and work that nobody has begun is new."""
    rows = table(taken(said, view.CSV))
    assert [row["text"].lstrip("'") for row in rows] == list(reversed(TEXTS))
    assert [row["text"] for row in rows if row["text"][:1] in "=+-@"] == []
    names = ("status", "priority", "owner", "tags", "hours_to_answer")
    assert [rows[0][name] for name in names] == ["done", "high", "'=sari", "'@a, b", "2.0"]
    assert [rows[1][name] for name in names] == ["new", "normal", "", "", ""]


def test_authors_are_numbers_within_the_file(said: Store) -> None:
    """Without the right to know where a mention came from there is no address, and authors are numbered anew."""
    rows = table(taken(said, view.CSV))
    assert [row["author"] for row in rows] == ["1", "2", "3", "4", "5", "1"]
    assert "address" not in rows[0]
    assert b"x.example" not in taken(said, view.CSV)
    whole = table(taken(said, view.CSV, UserRole.ADMIN, identify=True))
    assert {row["address"] for row in whole} == {f"https://x.example/{n}" for n in range(1, 7)}
    assert whole[0]["author_in_store"] == whole[5]["author_in_store"]


def test_a_workbook_has_no_formula(said: Store) -> None:
    """Every cell is a text or a number, as it was said, and the head stays on top."""
    book = load_workbook(BytesIO(taken(said, view.XLSX)))
    sheet = book[book.sheetnames[-1]]
    rows = list(sheet.iter_rows())
    heads = [cell.value for cell in rows[0]]
    assert {"Status", "Jam sampai dijawab", "Teks"} <= set(heads)
    at = heads.index("Teks")
    assert [str(row[at].value)[:9] for row in rows[1:]] == [text[:9] for text in reversed(TEXTS)]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "inlineStr", "n", "d"}
    assert [cell.hyperlink for row in rows for cell in row if cell.hyperlink] == []
    assert sheet.freeze_panes
    assert rows[1][heads.index("Status")].value == "Selesai"


def test_the_filter_and_the_limit_hold(said: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what the view shows is taken out, and beyond the limit the oldest are left."""
    done = table(taken(said, view.CSV, wanted=Filter(1, statuses=(CaseStatus.DONE,))))
    assert [row["text"] for row in done] == [TEXTS[5]]
    assert table(taken(said, view.CSV, wanted=Filter(1, text="tidakada"))) == []
    monkeypatch.setattr(view, "MOST", 2)
    for form in (view.CSV, view.XLSX):
        assert taken(said, form)
    assert [row["text"] for row in table(taken(said, view.CSV))] == [TEXTS[5], "'+62 telepon"]


def test_what_is_taken_out_is_audited(said: Store) -> None:
    """The audit tells who took out how many rows of which view, in which form, and whether they lead to people."""
    taken(said, view.CSV, params={"impressions": ["BOO", "ARRGH"], "text": ["antre"]})
    taken(said, view.XLSX, UserRole.ADMIN, identify=True)
    with said.read() as conn:
        lines = select(AUDIT.c.actor, AUDIT.c.detail).where(AUDIT.c.action == "rows exported").order_by(AUDIT.c.id)
        assert conn.execute(lines).all() == [
            ("sari", "6 mentions of brand 1 as csv, pseudonymous: impressions=BOO&impressions=ARRGH&text=antre"),
            ("sari", "6 mentions of brand 1 as xlsx, with addresses: all"),
        ]


def test_who_may_not_gets_nothing(said: Store) -> None:
    """Managers take no rows out, analysts no addresses, and neither leaves a line that they did."""
    for role, identify in ((UserRole.VIEWER, False), (UserRole.MANAGER, False), (UserRole.ANALYST, True)):
        with pytest.raises(ForbiddenError):
            taken(said, view.CSV, role, identify=identify)
    with said.read() as conn:
        assert conn.scalars(select(AUDIT.c.id).where(AUDIT.c.action == "rows exported")).all() == []
