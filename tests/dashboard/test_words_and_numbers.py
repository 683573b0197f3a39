"""The two languages: the same texts in both, all of them used, numbers and dates as each writes them."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from string import Formatter

import pytest

import alerts
import dashboard
import figures
import reports
import speech
from dashboard.condition import Condition
from domain.clock import Grain
from speech.saying import LANGUAGES, Speech, preferred, texts

ROOMS = [Path(str(room.__file__)).parent for room in (dashboard, reports, figures, alerts, speech)]
NOW = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)
ID, EN = Speech("id", "Asia/Jakarta"), Speech("en", "Asia/Makassar")


def asked() -> Iterator[str]:
    """Yield a pattern for every key that pages and messages ask for; a part known only later matches any word."""
    calls = (
        node
        for room in ROOMS
        for path in room.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    )
    for call in calls:
        name = ast.unparse(call.func)
        if not (call.args and (name in {"speech", "speech.counted", "frame().speech"} or name == "self")):
            continue
        plural = r"\.(one|other)" if name == "speech.counted" else ""
        for part in _strings(call.args[0]):
            yield part + plural


def _strings(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [re.escape(text)]
        case ast.JoinedStr(values=values):
            return ["".join(re.escape(v.value) if isinstance(v, ast.Constant) else r"\w+" for v in values)]
        case ast.IfExp(body=body, orelse=orelse):
            return _strings(body) + _strings(orelse)
    return []


def test_both_languages_have_the_same_texts() -> None:
    """Every key is in both files, not empty, and takes the same values."""
    assert texts("id").keys() == texts("en").keys()
    for key, text in texts("id").items():
        fields = [sorted(name for _, name, _, _ in Formatter().parse(one) if name) for one in (text, texts("en")[key])]
        assert fields[0] == fields[1], key
        assert text.strip()


def test_every_text_that_is_asked_for_exists_and_none_is_left_over() -> None:
    """Each key in the code is in the files, and each key in the files is asked for by the code."""
    patterns = [re.compile(pattern) for pattern in asked()]
    assert len(patterns) > 60
    keys = texts("en").keys()
    assert [one.pattern for one in patterns if not any(one.fullmatch(key) for key in keys)] == []
    assert [key for key in keys if not any(one.fullmatch(key) for one in patterns)] == []


def test_every_word_of_a_family_has_its_text() -> None:
    """Conditions and periods, whose keys are made from their names, have a text each."""
    wanted = [f"condition.{word}" for word in Condition] + [f"period.running.{grain}" for grain in Grain]
    assert set(wanted) <= texts("id").keys()


@pytest.mark.parametrize(
    ("locale", "language"), [("id-ID", "id"), ("id", "id"), ("su", "id"), (None, "id"), ("en", "en"), ("zh-CN", "en")]
)
def test_the_browsers_locale_chooses(locale: str | None, language: str) -> None:
    """Languages of Indonesia and an unknown locale read Indonesian, others English."""
    assert preferred(locale) == language
    assert set(LANGUAGES) == {"id", "en"}


def test_numbers_are_local() -> None:
    """Points and commas change places between the languages; a sign is written on demand, never on zero."""
    assert (ID.number(1234.5, 1), EN.number(1234.5, 1)) == ("1.234,5", "1,234.5")
    assert [ID.number(value, 1, signed=True) for value in (2.04, -2.06, 0.04)] == ["+2,0", "-2,1", "0,0"]
    assert (ID.percent(0.1234), EN.percent(0.1234)) == ("12,3%", "12.3%")
    assert (ID.dollars(1234.5), EN.dollars(1234.5)) == ("USD 1.234,50", "USD 1,234.50")


def test_times_are_local() -> None:
    """Moments are shown by the clock of the workspace's zone and named after it."""
    assert ID.moment(NOW) == "23 Nov 2026 14.05 WIB"
    assert EN.moment(NOW) == "23 Nov 2026, 15:05 WITA"
    assert [ID.ago(NOW - timedelta(**gone), NOW) for gone in ({"seconds": 20}, {"hours": 3}, {"days": 2})] == [
        "baru saja",
        "3 jam yang lalu",
        "2 hari yang lalu",
    ]
    assert EN.ago(NOW - timedelta(minutes=5), NOW) == "5 minutes ago"
    assert (EN.ago(None, NOW), ID.span(timedelta(minutes=15))) == ("–", "15 menit")


def test_periods_are_named() -> None:
    """A week is its first and last day, over the turn of a month or year too."""
    assert ID.period(date(2026, 11, 16), Grain.WEEK) == "16–22 Nov 2026"
    assert ID.period(date(2026, 12, 28), Grain.WEEK).replace("\u2009", " ") == "28 Des 2026 – 3 Jan 2027"
    assert (ID.period(date(2026, 8, 1), Grain.MONTH), EN.period(date(2026, 8, 1), Grain.MONTH)) == (
        "Agustus 2026",
        "August 2026",
    )


def test_one_thing_is_not_many() -> None:
    """English counts one author and two authors; Indonesian has one form."""
    assert [EN.counted("count.authors", n) for n in (0, 1, 2)] == ["0 authors", "1 author", "2 authors"]
    assert ID.counted("count.authors", 1_000) == "1.000 penulis"
