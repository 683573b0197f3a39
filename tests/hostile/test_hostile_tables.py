"""Tables made to break whoever reads them."""

import json
import zipfile
from contextlib import suppress
from pathlib import Path
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from importing import import_files, pages_of
from openpyxl import Workbook

from domain.errors import ConfigError, SimakError
from domain.text import TEXT_LENGTH

NASTY = {
    "formula": '=HYPERLINK("http://169.254.169.254/","klik")',
    "command": "@SUM(1+1)*cmd|' /C calc'!A0",
    "html": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "emoji": "😀" * 5_000,
    "joined": "👩‍👩‍👧‍👦" * 500,
    "zalgo": "k" + "\u0301" * 2_000 + "opi",
}


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("kind", ["csv", "jsonl", "xlsx"])
def test_nasty_texts_stay_texts(tmp_path: Path, kind: str, name: str) -> None:
    """Formulas, markup and runs of emoji pass as the characters they are, evaluated and followed by nobody."""
    path = tmp_path / f"a.{kind}"
    write(path, [NASTY[name], "biasa"])
    (text, other) = import_files(path).texts
    assert (text[:20], other) == (normalize("NFC", NASTY[name])[:20], "biasa")
    assert len(text) <= TEXT_LENGTH


def write(path: Path, texts: list[str]) -> None:
    """Write a table of one column."""
    if path.suffix == ".xlsx":
        book = Workbook()
        for text in ["teks", *texts]:
            book.worksheets[0].append([text])
        book.save(path)
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps({"teks": text}) for text in texts), encoding="utf-8")
    else:
        quoted = ('"' + text.replace('"', '""') + '"' for text in texts)
        path.write_text("teks\n" + "\n".join(quoted), encoding="utf-8")


def test_control_characters_and_bidi_are_taken_out(tmp_path: Path) -> None:
    """NUL, direction overrides and lone surrogates do not reach a mention."""
    (tmp_path / "a.csv").write_bytes("teks,nama\nba\x00gus \u202egnp.exe,a\x00b\n".encode())
    (tmp_path / "b.jsonl").write_text('{"teks": "tanda \\ud83d\\u0000 \\u2066x", "nama": "\\udc00c"}', encoding="utf-8")
    assert import_files(tmp_path / "a.csv").texts == ["bagus gnp.exe"]
    (mention,) = import_files(tmp_path / "b.jsonl").mentions
    assert mention.text.encode().decode() == mention.text
    assert "\u2066" not in mention.text


def test_a_ten_megabyte_cell_is_cut_and_its_neighbours_kept(tmp_path: Path) -> None:
    """A giant cell becomes a mention of the longest allowed text, and no page carries the rest of it."""
    giant = "kopi 😀 " * 1_500_000
    write(tmp_path / "a.csv", ["sebelum", giant, "sesudah"])
    write(tmp_path / "b.jsonl", ["sebelum", giant, "sesudah"])
    for name in ("a.csv", "b.jsonl"):
        texts = import_files(tmp_path / name).texts
        assert [len(text) for text in texts] == [7, TEXT_LENGTH, 7]
        sizes = [len(raw["row"]["teks"]) for page in pages_of(tmp_path / name) for raw in page.raws]
        assert max(sizes) <= 3 * TEXT_LENGTH


def test_a_cell_beyond_every_limit_is_set_aside(tmp_path: Path) -> None:
    """A cell too large to hold costs its own row, and the rows after it are read."""
    (tmp_path / "a.csv").write_text(
        "teks,kota\nsebelum,Solo\n" + "x" * (1 << 25) + ",Solo\nsesudah,Solo\n", encoding="utf-8"
    )
    found = import_files(tmp_path / "a.csv")
    assert (found.texts[0], found.texts[-1]) == ("sebelum", "sesudah")
    assert any("cannot be read as a table row" in reason for reason in found.reasons)


def test_names_and_ids_cannot_collide_or_spoil_a_row(tmp_path: Path) -> None:
    """Long ids stay apart, and a name of control characters only is no name; the text is kept."""
    lines = [{"id": "x" * 600 + str(n), "text": "enak", "author": "\x00\u202e", "brand": "\x07"} for n in range(2)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    found = import_files(tmp_path / "a.jsonl", source="s")
    assert len(set(found.ids)) == 2
    assert [(mention.author, mention.about) for mention in found.mentions] == [(None, None)] * 2


def test_deep_json_is_set_aside(tmp_path: Path) -> None:
    """An object nested a hundred thousand deep fails alone."""
    deep = '{"teks": ' + "[" * 100_000 + "]" * 100_000 + "}"
    (tmp_path / "a.jsonl").write_text('{"teks": "baik"}\n' + deep + '\n{"teks": "lagi"}', encoding="utf-8")
    found = import_files(tmp_path / "a.jsonl")
    assert found.texts == ["baik", "lagi"]
    assert found.reasons == ["Line 2: it is not JSON."]


def sheet_of(path: Path, cells: str) -> Path:
    """Write a workbook whose sheet holds hand-made XML, and return its path."""
    Workbook().save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts["xl/worksheets/sheet1.xml"] = f"<worksheet {space}><sheetData>{cells}</sheetData></worksheet>".encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def test_a_formula_shows_what_was_shown(tmp_path: Path) -> None:
    """A formula gives the value the spreadsheet kept; where that is an error, the text that somebody typed."""
    cells = (
        f'<row r="1">{inline("A1", "teks")}</row>'
        '<row r="2"><c r="A2" t="str"><f>UPPER("enak")</f><v>ENAK</v></c></row>'
        '<row r="3"><c r="A3" t="e"><f>)) mantap</f><v>#NAME?</v></c></row>'
    )
    assert import_files(sheet_of(tmp_path / "a.xlsx", cells)).texts == ["ENAK", "=)) mantap"]


def inline(cell: str, text: str) -> str:
    """Return a cell that carries its own text."""
    return f'<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_a_cell_in_the_last_corner_costs_only_itself(tmp_path: Path) -> None:
    """A sheet that claims the largest possible rectangle is read for the cells it has."""
    cells = f'<row r="1">{inline("A1", "teks")}</row><row r="1048576">{inline("XFD1048576", "ujung")}</row>'
    found = import_files(sheet_of(tmp_path / "a.xlsx", cells))
    assert found.mentions == []
    assert len(found.reasons) == 1


def test_rows_beyond_excel_are_refused(tmp_path: Path) -> None:
    """A row number that no spreadsheet has ends the import in a sentence, not in an endless count."""
    cells = f'<row r="1">{inline("A1", "teks")}</row><row r="2000000000">{inline("A2000000000", "jauh")}</row>'
    with pytest.raises(ConfigError, match="more rows or cells"):
        import_files(sheet_of(tmp_path / "a.xlsx", cells))


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    """A workbook that unpacks to more than a sheet can hold is refused before it is unpacked."""
    path = sheet_of(tmp_path / "a.xlsx", f'<row r="1">{inline("A1", "teks")}</row>')
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.bin", bytes(1 << 20))
        # Only the directory states the size, as a small file that unpacks to two gigabytes would.
        archive.getinfo("xl/media/bomb.bin").file_size = 1 << 31
    with pytest.raises(ConfigError, match="unpacks to more"):
        import_files(path)


def test_entities_do_not_multiply(tmp_path: Path) -> None:
    """A sheet whose XML defines entities of entities is refused, not expanded."""
    path = sheet_of(tmp_path / "a.xlsx", "")
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "hahaha">{levels}]>'
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = (
        parts["xl/worksheets/sheet1.xml"]
        .decode()
        .replace("<sheetData>", f'<sheetData><row r="1">{inline("A1", "&e11;")}</row>')
    )
    parts["xl/worksheets/sheet1.xml"] = (bomb + sheet).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(ConfigError, match="cannot be read as a workbook"):
        import_files(path)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_rows_or_an_error_of_ours(tmp_path: Path, content: bytes) -> None:
    """No content of a file makes the import fail in a way that the runner does not know."""
    path = tmp_path / "a.csv"
    for head in (b"teks,tanggal\n", b""):
        path.write_bytes(head + content)
        with suppress(SimakError):
            assert import_files(path).cursor.floor
