"""The weekly export: one week in three forms and a manifest, the same to the byte whenever and wherever it is made."""

import csv
import hashlib
import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from weekly_store import NOON, WEEK, Said, crowd, said

from domain.access import Viewer
from domain.errors import ConfigError, ForbiddenError
from domain.vocabulary import Impression, TouchPoint, UserRole
from reports import xlsx
from reports.export import Wanted, Written, export
from reports.period import Week
from store.engine import Store

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "+62 812 belum dibalas",
    "-1+2 kopi senja",
    "\tkopi senja dengan tab di depan",
    "#strong[tebal] $x^2$ *bintang* _garis_ @rujukan <label> // bukan komentar",
    "السلام عليكم kopi senja",
    "mantap banget 😍🔥👍🏽 👨‍👩‍👧 𝗲𝗻𝗮𝗸",
    "x_x0041_x dan _x000D_ bukan apa-apa",
    "baris satu\nbaris dua & <b>tebal</b>",
    "a" * 10_000,
    "https://example.com/" + "b" * 300,
)


def week_of(store: Store) -> list:
    """Fill a store with a week of all kinds of mentions, and the week before."""
    strange = [Said(text, f"aneh-{n}", Impression.BOO, NOON + timedelta(hours=n)) for n, text in enumerate(HOSTILE)]
    return said(
        store,
        *strange,
        *crowd(14, Impression.WOW),
        *crowd(9, Impression.ARRGH, NOON + timedelta(days=1), touchpoints=(TouchPoint.RESPONSE, TouchPoint.PRICE)),
        *crowd(30, Impression.OK, NOON - timedelta(days=7)),
        *crowd(12, Impression.AHA, brand=2),
        Said("belum dibaca", None, None, NOON + timedelta(days=2)),
        Said("minggu depan", "esok", Impression.OK, NOON + timedelta(days=7)),
    )


def written(store: Store, folder: Path, **wanted: object) -> Written:
    """Export the week into a folder."""
    return export(store, week_of(store), WEEK, Wanted(**wanted), folder)


def test_every_mention_of_the_week_is_a_row_and_nothing_is_a_formula(store: Store, tmp_path: Path) -> None:
    """Workbook and CSV hold the week's mentions and no other, texts as they are, and no cell is a formula or a link."""
    found = written(store, tmp_path)
    assert [path.suffix for path in found.files] == [".pdf", ".xlsx", ".csv", ".json"]
    assert found.rows == len(HOSTILE) + 14 + 9 + 1
    book = openpyxl.load_workbook(found.files[1])
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "inlineStr"}
    assert not any(cell.hyperlink for cell in cells)
    sheet = book["Sebutan"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("C2", f"A1:T{found.rows + 1}")
    texts = [row[19].value for row in sheet.iter_rows(min_row=2)]
    assert set(HOSTILE[:4]) | {HOSTILE[7], HOSTILE[9], HOSTILE[10]} <= set(texts)
    # A spreadsheet undoes what looks like its own escape, so that what was said is escaped once more.
    assert "x_x005F_x0041_x dan _x005F_x000D_ bukan apa-apa" in texts
    assert len(texts) == found.rows
    first = sheet[2]
    assert first[1].value.isoformat() == "2026-11-09T12:00:00"
    assert isinstance(first[5].value, int)
    with found.files[2].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == found.rows
    assert {row["text"] for row in rows} >= {f"'{text}" for text in HOSTILE[:4]}
    assert not any(value.startswith(("=", "+", "-", "@", "\t")) for row in rows for value in row.values())
    assert rows[-1] | {"impression": "", "reader": "", "author": ""} == rows[-1]


def test_the_manifest_holds_digests_and_counts(store: Store, tmp_path: Path) -> None:
    """The manifest names query, readers, window and counts, and its digests are those of the files."""
    found = written(store, tmp_path)
    told = json.loads(found.files[-1].read_text())
    assert [file["sha256"] for file in told["files"]] == [
        hashlib.sha256(path.read_bytes()).hexdigest() for path in found.files[:-1]
    ]
    assert told["query"] == {"expression": '"kopi senja" -lagu', "exclusions": {}}
    assert told["readers"] == {"unread": 1, "v1": found.rows - 1}
    assert told["window"]["since_utc"] == "2026-11-08T17:00:00+00:00"
    assert (told["window"]["week"], told["window"]["finished"]) == ("2026-W46", True)
    assert told["rows"] == {"mentions": found.rows, "authors": found.rows - 1}
    assert told["counts"]["mentions_by_impression"]["WOW"] == 14


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_paper_tells_the_week_in_words(open_sqlite, tmp_path: Path, language: str) -> None:  # noqa: ANN001
    """The PDF has four pages or fewer than seven, names brand and week, and leaves Typst's signs in a text alone."""
    store = open_sqlite(tmp_path / "simak.db")
    found = written(store, tmp_path / "out", formats=("pdf",), language=language, pages="https://simak.example.com/")
    with pypdfium2.PdfDocument(found.files[0]) as document:
        text = "\n".join(page.get_textpage().get_text_range() for page in document)
        assert 3 <= len(document) <= 6
    assert "Kopi Senja" in text
    assert "2026-W46" in text
    assert "n = 35" in text
    assert ("lima kalimat" if language == "id" else "five sentences") in text
    assert b"simak.example.com/mentions?brand=senja" in found.files[0].read_bytes()
    store.close()


def test_the_same_week_is_the_same_to_the_byte_under_every_host_zone(open_sqlite, tmp_path: Path) -> None:  # noqa: ANN001
    """Exported twice in three host zones, every file is the same, and so are their names."""
    store = open_sqlite(tmp_path / "simak.db")
    week_of(store)
    store.close()
    digests = []
    for zone in ("UTC", "Asia/Jakarta", "America/New_York", "UTC"):
        folder = tmp_path / f"{len(digests)}"
        command = [sys.executable, __file__, str(tmp_path / "simak.db"), str(folder)]
        paths = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]
        subprocess.run(command, check=True, env=os.environ | {"TZ": zone, "PYTHONPATH": os.pathsep.join(paths)})
        digests.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()})
    assert len(digests[0]) == 4
    assert all(one == digests[0] for one in digests)


def test_who_may_not_take_rows_out_gets_the_paper_alone(store: Store, tmp_path: Path) -> None:
    """A viewer gets the PDF; rows need the right to export, and what leads to a person the right to identify."""
    brands = week_of(store)
    for role, wanted, may in (
        (UserRole.VIEWER, Wanted(formats=("pdf",)), True),
        (UserRole.VIEWER, Wanted(formats=("csv",)), False),
        (UserRole.MANAGER, Wanted(formats=("xlsx",)), False),
        (UserRole.ANALYST, Wanted(formats=("csv",)), True),
        (UserRole.ANALYST, Wanted(formats=("csv",), identify=True), False),
        (UserRole.ADMIN, Wanted(formats=("csv",), identify=True), True),
    ):
        folder = tmp_path / f"{role}-{wanted.identify}-{wanted.formats[0]}"
        viewer = Viewer(name="a@b.id", role=role)
        if may:
            assert len(export(store, brands, WEEK, wanted, folder, viewer).files) == 2
        else:
            with pytest.raises(ForbiddenError):
                export(store, brands, WEEK, wanted, folder, viewer)
            assert list(folder.iterdir()) == []


def test_rows_lead_to_nobody_unless_asked_to(store: Store, tmp_path: Path) -> None:
    """Authors are numbered anew in each file and no address is in it; asked for, both are told."""
    more = {"url": "https://x.com/siti/status/1"}
    brands = said(store, Said(more=more), Said("lagi", "siti"), Said("lain", "budi"))
    plain = export(store, brands, WEEK, Wanted(formats=("csv",)), tmp_path / "plain").files[0].read_text("utf-8-sig")
    assert "https" not in plain
    assert [row["author"] for row in csv.DictReader(plain.splitlines())] == ["1", "1", "2"]
    wanted = Wanted(formats=("csv",), identify=True)
    told = export(store, brands, WEEK, wanted, tmp_path / "told").files[0].read_text("utf-8-sig")
    rows = list(csv.DictReader(told.splitlines()))
    assert rows[0]["address"] == more["url"]
    assert rows[0]["author_in_store"] == rows[1]["author_in_store"] != rows[2]["author_in_store"]


def test_a_week_without_a_mention_is_told_as_such(store: Store, tmp_path: Path) -> None:
    """An empty store gives whole files with no rows."""
    brands = said(store)
    found = export(store, brands, Week(date(2026, 11, 2), WEEK.zone, running=True), Wanted(), tmp_path)
    assert found.rows == 0
    book = openpyxl.load_workbook(found.files[1])
    assert [row[0].value for row in book["Sebutan"].iter_rows()] == ["Sebutan"]
    with pypdfium2.PdfDocument(found.files[0]) as document:
        assert "Tidak ada sebutan tentang Kopi Senja" in document[0].get_textpage().get_text_range()


def test_a_full_sheet_goes_on_in_the_next(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than a sheet has room for go on in a second one, none lost and none twice."""
    monkeypatch.setattr(xlsx, "SHEET_ROWS", 11)
    brands = said(store, *crowd(25, Impression.WOW))
    book = openpyxl.load_workbook(export(store, brands, WEEK, Wanted(formats=("xlsx",)), tmp_path).files[0])
    sheets = [book[name] for name in book.sheetnames if name.startswith("Sebutan")]
    rows = [[row[0].value for row in sheet.iter_rows(min_row=2)] for sheet in sheets]
    assert [len(one) for one in rows] == [10, 10, 5]
    assert len({number for one in rows for number in one}) == 25


def test_a_folder_that_cannot_be_written_to_is_told_in_a_sentence(store: Store, tmp_path: Path) -> None:
    """A file in the way of the folder is told with its name, and stays as it was."""
    brands = said(store)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match="cannot be written to"):
        export(store, brands, WEEK, Wanted(), tmp_path / "file" / "out")
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_failure_leaves_what_was_there(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the rows break off, the files of the last time stay whole and no draft is left."""
    brands = week_of(store)
    before = {path: path.read_bytes() for path in export(store, brands, WEEK, Wanted(), tmp_path / "out").files}

    def breaks(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("reports.sheet_xml.RowMaker.make", breaks)
    with pytest.raises(ConfigError, match="No space left"):
        export(store, brands, WEEK, Wanted(language="en"), tmp_path / "out")
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


if __name__ == "__main__":
    from store.engine import open_store
    from store.queries.figures import brands as listed

    opened = open_store(f"sqlite:///{sys.argv[1]}", b"a key for the tests only")
    with opened.read() as connection:
        both = listed(connection, ["senja", "fajar"])
    export(opened, both, WEEK, Wanted(), Path(sys.argv[2]))
