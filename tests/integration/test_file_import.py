"""What an import promises: every row once, whatever is killed, repeated or overlapping."""

import csv
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from importing import collector_of, import_files, pages_of

from collectors.files import Field, FileOptions, preview
from domain.errors import ConfigError
from domain.records import Cursor, Page
from domain.vocabulary import Platform, Role

HEADER = ("tanggal", "nama", "ulasan")
TWIN = ("23/11/2024", "Budi", "bagus")


def save(path: Path, rows: Iterable[Sequence[object]], header: Sequence[str] = HEADER) -> Path:
    """Write a CSV file and return its path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def ids(pages: Iterable[Page]) -> list[str]:
    """Return the ids of raw items in order."""
    return [raw["_id"] for page in pages for raw in page.raws]


def test_twins_stay_two(tmp_path: Path) -> None:
    """Two rows alike in every cell are two mentions, and the same two when the file comes again."""
    path = save(tmp_path / "a.csv", [TWIN, TWIN, ("23/11/2024", "Ani", "bagus")])
    first = import_files(path)
    assert len(set(first.ids)) == 3
    assert import_files(path).ids == first.ids


def test_overlapping_exports_double_nothing(tmp_path: Path) -> None:
    """An export that repeats rows of an earlier one gives them the ids they had, twins among them."""
    old = import_files(save(tmp_path / "a.csv", [TWIN, ("24/11/2024", "Ani", "mahal"), TWIN]))
    new = import_files(save(tmp_path / "b.csv", [("25/11/2024", "Sari", "baru"), TWIN, TWIN]))
    assert set(new.ids) - set(old.ids) == {new.ids[0]}


def test_counted_ids_of_two_files_do_not_meet(tmp_path: Path) -> None:
    """Files that both count from 1 keep all their rows, unless one label says that their ids are the same."""
    header = ("id", "ulasan")
    one = save(tmp_path / "a.csv", [(1, "enak"), (2, "mahal")], header)
    two = save(tmp_path / "b.csv", [(1, "lambat"), (2, "mahal")], header)
    apart = [*import_files(one).ids, *import_files(two).ids]
    assert len(set(apart)) == 3
    labelled = [*import_files(one, source="cc").ids, *import_files(two, source="cc").ids]
    assert labelled == ["cc:1", "cc:2", "cc:1", "cc:2"]


def test_a_row_without_its_id_is_still_a_row(tmp_path: Path) -> None:
    """Rows whose id cell is empty are told apart by what they say and their number."""
    path = save(
        tmp_path / "a.csv",
        [(1, "enak"), *[(n, f"teks {n}") for n in range(2, 30)], ("", "ok"), ("", "ok")],
        ("id", "ulasan"),
    )
    assert len(set(import_files(path).ids)) == 31
    assert len(set(import_files(path, source="cc").ids)) == 31


ROWS = st.lists(
    st.sampled_from([TWIN, ("23/11/2024", "Ani", "bagus"), ("", "", "sendiri"), ("x", "y", "")]), max_size=6
)


@settings(max_examples=10, deadline=None)
@given(rows=ROWS, size=st.integers(1, 5))
def test_an_import_killed_after_any_page_goes_on(rows: list[tuple[str, ...]], size: int) -> None:
    """Cut after any page and resumed, an import delivers each row once, with the id of the uncut import."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("collectors.files.PAGE", size)
        paths = [save(Path(folder) / name, rows) for name in ("a.csv", "b.csv")]
        save(paths[1], [*rows, TWIN])
        whole = list(pages_of(*paths))
        for cut in range(1, len(whole) + 1):
            cursor = Cursor.model_validate_json(whole[cut - 1].cursor.model_dump_json())
            assert ids(whole[:cut]) + ids(pages_of(*paths, cursor=cursor)) == ids(whole)


def test_a_finished_file_comes_again_only_when_it_or_its_options_change(tmp_path: Path) -> None:
    """An unchanged file yields nothing, under another name neither; more rows or another mapping read it anew."""
    path = save(tmp_path / "a.csv", [TWIN, TWIN])
    done = import_files(path).cursor
    assert list(pages_of(path, cursor=done)) == []
    assert list(pages_of(path.rename(tmp_path / "b.csv"), cursor=done)) == []
    again = save(tmp_path / "b.csv", [TWIN, TWIN, TWIN])
    assert len(ids(pages_of(again, cursor=done))) == 3
    assert len(ids(pages_of(again, cursor=import_files(again).cursor, mapping={"text": "nama"}))) == 3


def test_a_file_that_changes_in_the_middle_begins_anew(tmp_path: Path) -> None:
    """A cursor in the middle of a file is not applied to another content of the same name."""
    path = save(tmp_path / "a.csv", [(f"{n % 28 + 1}/11/2024", "Budi", f"teks {n}") for n in range(700)])
    first = next(iter(pages_of(path)))
    save(path, [TWIN])
    assert len(ids(pages_of(path, cursor=first.cursor))) == 1


def test_rows_without_a_date_are_dated_and_counted(tmp_path: Path) -> None:
    """A row without a date gets the default date or else the file's own, and the preview says for how many."""
    path = save(tmp_path / "a.csv", [TWIN, ("", "Ani", "enak"), ("-", "Ani", "mahal")])
    os.utime(path, (1_700_000_000, 1_700_000_000))
    dates = [mention.published_at for mention in import_files(path).mentions]
    assert dates[1:] == [datetime.fromtimestamp(1_700_000_000, UTC)] * 2
    default = datetime(2024, 5, 1, tzinfo=UTC)
    assert [mention.published_at for mention in import_files(path, default_date=default).mentions][1:] == [default] * 2
    assert preview(FileOptions(paths=(path,))).undated == 2


def test_bad_rows_are_set_aside_by_line_and_column(tmp_path: Path) -> None:
    """A row that cannot be understood is reported by its line and column, without its value, and fails no other."""
    rows = [("1/1/2024", "enak", 5, 1)] * 20 + [
        ("31/2/2024", "a", 5, 1),
        ("1/1/2024", "", 5, 1),
        ("1/1/2024", "b", "rahasia", 1),
    ]
    path = save(
        tmp_path / "a.csv",
        [*rows, ("1/1/2024", "c", 5, "x"), ("1/1/2024", "d", 5, 1)],
        ("tanggal", "ulasan", "bintang", "likes"),
    )
    found = import_files(path)
    assert len(found.mentions) == 21
    assert [reason.split(":")[0] for reason in found.reasons] == [
        "Line 22, column “tanggal”",
        "Line 23, column “ulasan”",
        "Line 24, column “bintang”",
        "Line 25, column “likes”",
    ]
    assert not any("rahasia" in reason for reason in found.reasons)


def test_options_settle_what_columns_only_suggest(tmp_path: Path) -> None:
    """Platform and brand given as options hold against a guessed column, and yield to one that was named."""
    header = ("platform", "brand", "text")
    path = save(
        tmp_path / "a.csv", [("twitter", "Senja", "enak sekali kopinya"), ("", "", "mahal sekali kopinya")], header
    )
    assert {mention.platform for mention in import_files(path, platform="sms").mentions} == {Platform.SMS}
    assert [mention.about for mention in import_files(path, about="fajar").mentions] == ["fajar", "fajar"]
    named = import_files(path, about="fajar", mapping={"about": "brand"})
    assert [mention.about for mention in named.mentions] == ["Senja", "fajar"]


def test_a_file_without_a_text_column_is_refused(tmp_path: Path) -> None:
    """No import begins on a file whose text cannot be told; the sentence says how to name it."""
    path = save(tmp_path / "a.csv", [(1, 2), (3, 4)], ("x", "y"))
    with pytest.raises(ConfigError, match=r"mapping, for example text=Ulasan. The columns are: x, y\."):
        collector_of(path).check()
    with pytest.raises(ConfigError, match="cannot be read"):
        collector_of(tmp_path / "hilang.csv").check()
    assert preview(FileOptions(paths=(path,))).guess.doubts[0].startswith("No column looks like text")


def test_a_preview_counts_what_the_import_brings(tmp_path: Path) -> None:
    """The preview's counts, first mentions and problems are those of the import itself."""
    path = save(tmp_path / "a.csv", [(f"{n % 33 + 1}/11/2024", "Budi", f"teks {n}") for n in range(900)])
    shown, found = preview(FileOptions(paths=(path,)), rows=3), import_files(path)
    assert (shown.rows, shown.mapped, shown.poisoned) == (900, len(found.mentions), len(found.reasons))
    assert list(shown.mentions) == found.mentions[:3]
    assert [problem.reason for problem in shown.problems] == found.reasons[:100]
    assert shown.problems[0].line == 32


def test_a_stream_of_real_tweets_maps_whole(shared: Path, tmp_path: Path) -> None:
    """An export of real posts maps without a setting: every row, its counters, and the brand's own voice."""
    table = pq.read_table(shared / "data" / "tweets" / "telco_engagement.parquet")
    records = table.to_pylist()
    path = save(tmp_path / "a.csv", [[row[name] for name in table.column_names] for row in records], table.column_names)
    found = import_files(path)
    assert (len(found.mentions), found.reasons, len(set(found.ids))) == (4_290, [], 4_290)
    for mention, row in zip(found.mentions, records, strict=True):
        assert mention.author is not None
        assert mention.metrics is not None
        assert mention.author.native_id == row["author_key"]
        assert (mention.author.role is Role.BRAND) == row["is_brand_account"]
        assert (mention.metrics.likes, mention.metrics.reposts) == (row["likes"], row["retweets"])
        assert (mention.metrics.replies, mention.metrics.quotes) == (row["replies"], row["quotes"])
        assert mention.published_at == datetime.fromisoformat(row["created_at"])
    assert {mention.platform for mention in found.mentions} == {Platform.X}
    assert preview(FileOptions(paths=(path,)), rows=1).guess.columns[Field.NATIVE_ID] == "tweet_key"
    labelled = import_files(path, source="telco")
    assert labelled.ids == [f"telco:{row['tweet_key']}" for row in records]
