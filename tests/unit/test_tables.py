"""How files of every kind and encoding become rows."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from importing import import_files
from openpyxl import Workbook

from collectors._files.opened import FileOptions, Opened, look, open_file
from collectors._files.records import Row
from collectors.files import preview
from domain.errors import ConfigError, SimakError
from domain.vocabulary import Platform

CSV = "tanggal,ulasan,bintang\n23/11/2024,“Kopi susu” é enak — 5 bintang 😀,5\n24/11/2024,Antre lama,2\n"


def opened(path: Path) -> Opened:
    """Return a file opened without any option."""
    return open_file(path, FileOptions(paths=(path,)), look(path))


def rows(path: Path) -> list[Row]:
    """Return all rows of a file."""
    return list(opened(path).table.rows)


def written(path: Path, content: str | bytes) -> Path:
    """Write a file and return its path."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def shaped(path: Path) -> list[list[object]]:
    """Return columns and rows of a file as lists."""
    table = opened(path).table
    return [list(table.columns), *([row.cells.get(name) for name in table.columns] for row in table.rows)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_in_any_form_is_read(tmp_path: Path, encoding: str) -> None:
    """A table in any Unicode encoding, marked or not, gives the same texts."""
    path = written(tmp_path / "a.csv", CSV.encode(encoding))
    assert import_files(path).texts == ["“Kopi susu” é enak — 5 bintang 😀", "Antre lama"]


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_old_encodings_are_recognised(tmp_path: Path, encoding: str) -> None:
    """A table from an old spreadsheet keeps its accents."""
    path = written(
        tmp_path / "a.csv", "ulasan;kota\nKafé di Bandung enak;Bandung\nà la carte mahal;Solo\n".encode(encoding)
    )
    assert import_files(path).texts == ["Kafé di Bandung enak", "à la carte mahal"]


def test_an_accent_late_in_a_long_file_is_seen(tmp_path: Path) -> None:
    """The whole file is looked at: one accent after two megabytes of plain letters decides the encoding."""
    path = written(tmp_path / "a.csv", b"ulasan\n" + b"biasa saja kopinya\n" * 110_000 + "Kafé enak\n".encode("cp1252"))
    assert opened(path).survey.encoding == "cp1252"


def test_one_broken_character_does_not_change_the_encoding(tmp_path: Path) -> None:
    """A UTF-8 file with an emoji cut in two stays UTF-8, and only the cut character is lost."""
    path = written(tmp_path / "a.csv", b"ulasan\n" + "mantap 😀\n".encode() * 20 + b"bagus \xf0\x9f\x98\nok ya\n")
    texts = import_files(path).texts
    assert texts[:1] == ["mantap 😀"]
    assert texts[-2:] == ["bagus \ufffd", "ok ya"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_separators_are_found(tmp_path: Path, delimiter: str) -> None:
    """The separator is the one that gives every record as many cells as the header, whatever the texts hold."""
    lines = [("id", "pesan", "kota")] + [(str(n), f'"a, b; c | d {n}"', "Solo") for n in range(9)]
    path = written(tmp_path / "a.csv", "\n".join(delimiter.join(line) for line in lines))
    assert shaped(path)[1] == ["0", "a, b; c | d 0", "Solo"]


def test_a_list_of_texts_keeps_its_commas(tmp_path: Path) -> None:
    """A file of one column is not cut at the commas of its sentences."""
    path = written(tmp_path / "sms.csv", "pesan\nHalo, paket saya belum sampai\nKapan, kak, dikirim?\nok\n")
    assert import_files(path).texts == ["Halo, paket saya belum sampai", "Kapan, kak, dikirim?", "ok"]


def test_awkward_shapes(tmp_path: Path) -> None:
    """Blank lines, quoted newlines, short and long rows, empty and repeated headers: each keeps its line number."""
    text = 'pesan,kota,,kota\n\n"dua\nbaris",Solo\n , ,,\npas,Solo,x,y\n"lebih",Solo,x,y,z\nlebih kosong,Solo,x,y,,\n'
    path = written(tmp_path / "a.csv", text)
    assert opened(path).table.columns == ("pesan", "kota", "C", "kota (D)")
    found = rows(path)
    assert [row.line for row in found if not row.problem] == [3, 5, 6, 8]
    assert [(row.line, "5 cells" in row.problem) for row in found if row.problem] == [(7, True)]
    assert found[0].cells == {"pesan": "dua\nbaris", "kota": "Solo"}


def test_a_table_without_a_header_has_letters(tmp_path: Path) -> None:
    """A first row of data is no header: nothing is lost, and the text is found by its content."""
    path = written(
        tmp_path / "a.csv", "1,Kopinya enak sekali ya,2024-01-05\n2,Antreannya lama sekali hari ini,2024-01-06\n"
    )
    assert opened(path).table.columns == ("A", "B", "C")
    assert import_files(path).texts == ["Kopinya enak sekali ya", "Antreannya lama sekali hari ini"]


def test_titles_above_a_header_are_skipped(tmp_path: Path) -> None:
    """A report's title lines are not the header; the row of known names is."""
    path = written(
        tmp_path / "a.csv", "Laporan keluhan,,\nNovember 2024,,\ntanggal,keluhan,nama\n23/11/2024,Lambat,Budi\n"
    )
    found = import_files(path)
    assert (found.texts, found.reasons) == (["Lambat"], [])


def test_an_open_quotation_mark_is_reported(tmp_path: Path) -> None:
    """A quotation mark that nothing closes does not quietly swallow the rest of the file."""
    path = written(tmp_path / "a.csv", 'id,pesan\n1,baik\n2,"tidak ditutup\n3,hilang\n')
    found = import_files(path)
    assert found.texts == ["baik"]
    assert found.reasons == ["Line 3: it opens a quotation mark that nothing closes."]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.txt"])
def test_json_lines_are_read_by_content(tmp_path: Path, name: str) -> None:
    """Objects line by line are read whatever the file is called, nested ones by dotted names, bad lines set aside."""
    lines = [{"id": 1, "teks": "Halo dunia", "user": {"name": "Budi", "followers": 3}}, {"id": 2, "teks": "Dua"}]
    path = written(tmp_path / name, "\n".join(map(json.dumps, lines)) + "\n\n[1]\n{rusak\n")
    found = import_files(path)
    assert found.texts == ["Halo dunia", "Dua"]
    author = found.mentions[0].author
    assert author is not None
    assert (author.native_id, author.followers) == ("Budi", 3)
    assert found.reasons == ["Line 4: it is not an object with named values.", "Line 5: it is not JSON."]


@pytest.mark.parametrize("bare", [True, False])
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_lists_are_read(tmp_path: Path, encoding: str, indent: int | None, bare: bool) -> None:
    """A JSON list, bare or inside an object, small or pretty, gives a row an object."""
    items = [{"text": "satu é", "likes": 1}, {"text": "dua", "likes": 2.0}]
    value = items if bare else {"meta": {"n": 2}, "reviews": items}
    path = written(tmp_path / "a.json", json.dumps(value, indent=indent, ensure_ascii=False).encode(encoding))
    found = import_files(path)
    assert found.texts == ["satu é", "dua"]
    assert [mention.metrics.likes for mention in found.mentions if mention.metrics] == [1, 2]


def test_a_cut_json_list_is_refused(tmp_path: Path) -> None:
    """A list that breaks off is an error of the file, said in a sentence."""
    with pytest.raises(ConfigError, match="not whole JSON"):
        import_files(written(tmp_path / "a.json", '[{"text": "satu"}, {"text": "du'))


def test_workbooks_are_read(tmp_path: Path) -> None:
    """A workbook's first sheet with rows is read, dates as dates, and texts that look like formulas as texts."""
    book = Workbook()
    sheet = book.create_sheet("Ulasan")
    sheet.append(["Laporan ulasan"])
    sheet.append([])
    sheet.append(["Tanggal", "Jam", "Ulasan", "Bintang"])
    sheet.append([datetime(2024, 11, 23), datetime(2024, 1, 1, 14, 5).time(), "Enak", 5])  # noqa: DTZ001
    sheet.append([datetime(2024, 11, 23, 14, 5), None, '=HYPERLINK("http://x.example","klik")', 1])  # noqa: DTZ001
    path = tmp_path / "a.xlsx"
    book.save(path)
    found = import_files(path)
    assert found.texts == ["Enak", '=HYPERLINK("http://x.example","klik")']
    assert {mention.published_at.isoformat() for mention in found.mentions} == {"2024-11-23T07:05:00+00:00"}
    assert [row.line for row in rows(path)] == [4, 5]


def test_a_sheet_can_be_named(tmp_path: Path) -> None:
    """The sheet that is asked for is read, and one that is not there is refused with those that are."""
    book = Workbook()
    for name in ("Satu", "Dua"):
        sheet = book.create_sheet(name)
        sheet.append(["teks"])
        sheet.append([f"isi {name}"])
    book.save(tmp_path / "a.xlsx")
    assert import_files(tmp_path / "a.xlsx", sheet="Dua").texts == ["isi Dua"]
    with pytest.raises(ConfigError, match="no sheet “Tiga”; it has: Sheet, Satu, Dua"):
        import_files(tmp_path / "a.xlsx", sheet="Tiga")


CHATS = {
    "android": "23/11/24 14.05 - Pesan dan panggilan dienkripsi secara end-to-end.\n"
    "23/11/24 14.05 - Budi: Halo kak: paket saya\nbelum sampai\n23/11/24 14.06 - Toko Senja: Mohon tunggu\n"
    "23/11/24 14.07 - Budi: <Media tidak disertakan>\n23/11/24 14.08 - Budi keluar\n",
    "english": "11/23/24, 2:05\u202fPM - Budi: Halo kak: paket saya\nbelum sampai\n11/23/24, 2:06 PM - Toko Senja: "
    "Mohon tunggu\n"
    "11/23/24, 2:07 PM - Budi: <Media omitted>\n",
    "iphone": "\u200e[23/11/24 14.05.33] Budi: Halo kak: paket saya\nbelum sampai\n[23/11/24 14.06.00] Toko Senja: "
    "Mohon tunggu\n"
    "\u200e[23/11/24 14.07.00] Budi: \u200eimage omitted\n",
}


@pytest.mark.parametrize("kind", CHATS)
def test_whatsapp_chats_are_read(tmp_path: Path, kind: str) -> None:
    """A chat export gives a message a row, on several lines too, without notices and media, and knows the brand."""
    found = import_files(written(tmp_path / "chat.txt", CHATS[kind]), brand_accounts="toko senja")
    assert found.texts == ["Halo kak: paket saya\nbelum sampai", "Mohon tunggu"]
    assert [str(mention.author.role) for mention in found.mentions if mention.author] == ["customer", "brand"]
    assert {mention.platform for mention in found.mentions} == {Platform.WHATSAPP}
    assert {f"{mention.published_at:%d %H:%M}" for mention in found.mentions} == {"23 07:05", "23 07:06"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "save it as .xlsx"),
        (b"PAR1....", "Parquet"),
        (b"\x1f\x8b\x08", "unpack it"),
        (b"<html><table><tr><td>x", "web page"),
        (b"PK\x03\x04rubbish", "cannot be read as a workbook"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(tmp_path: Path, content: bytes, says: str) -> None:
    """A file that is something else is named for what it is, with what to do."""
    with pytest.raises(ConfigError, match=says):
        import_files(written(tmp_path / "a.csv", content))


def test_an_empty_file_is_no_error(tmp_path: Path) -> None:
    """A file without a row brings nothing, and is finished."""
    for name, content in {"a.csv": "", "b.csv": "tanggal,ulasan\n", "c.json": "[]", "d.jsonl": "\n\n"}.items():
        assert import_files(written(tmp_path / name, content)).mentions == []


def test_recorded_tables_are_read_or_refused(shared: Path) -> None:
    """Every awkward table on record gives its rows, or an error of ours, and no other."""
    folder = shared / "fixtures" / "tables"
    files = [path for path in sorted(folder.iterdir()) if path.name != "LICENSE"]
    assert files
    for path in files:
        try:
            found = preview(FileOptions(paths=(path,)))
        except SimakError as error:
            pytest.fail(f"{path.name}: {error}")
        assert found.rows == found.mapped + found.poisoned > 0, path.name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dummy.csv", [["a", "b", "c"], ["1", "2", "3"]]),
        ("dummy.tsv", [["a", "b", "c"], ["1", "2", "3"]]),
        ("dummy.xlsx", [["a", "b", "c"], [1, 2, 3]]),
        ("mac_newlines.csv", [["a", "b", "c"], ["1", "2", "3"], ["Once upon\ra time", "5", "6"]]),
        ("no_header_row.csv", [["A", "B", "C"], ["1", "2", "3"]]),
        ("test_header_newline.csv", [["start end", "b", "c"], ["d", "e", "f"]]),
        ("test_latin1.csv", [["a", "b", "c"], ["1", "2", "3"], ["4", "5", "©"]]),
        ("test_utf16_little.csv", [["a", "b", "c"], ["1", "2", "3"], ["4", "5", "ʤ"]]),
        ("test_utf8_bom.csv", [["foo", "bar", "baz"], ["1", "2", "3"], ["4", "5", "ʤ"]]),
    ],
)
def test_recorded_tables_have_the_shape_they_look_like(shared: Path, name: str, expected: list[list[object]]) -> None:
    """Awkward tables on record give the columns and cells that a person sees in them."""
    assert shaped(shared / "fixtures" / "tables" / name) == expected
