"""The advocacy page: its figures against figures made by hand, and what it says where it has none."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from dashboard_house import NOW, House, Said, heard, shown
from streamlit.testing.v1 import AppTest

from domain.advocacy import Measure, Tally
from domain.clock import Grain
from domain.records import Cursor, Gap, Outcome, Page
from domain.vocabulary import Impression, Stage
from figures.drawing import impression_rows, line_rows, missing_rows, voice_rows
from figures.series import Step, changed, row, starts
from speech.saying import Speech
from store.place import Place
from store.queries.health import Missing
from store.state import begin_walk, save_progress

# Weeks of figures: 9 to 15 November is the last finished one, 2 to 8 the one before; NOW lies in the week after.
LAST, BEFORE = datetime(2026, 11, 10, 3, tzinfo=UTC), datetime(2026, 11, 3, 3, tzinfo=UTC)


def crowd(at: datetime, who: str, impression: Impression, count: int, stage: Stage = Stage.ACT) -> list[Said]:
    """Return mentions of so many people, each of whom speaks twice."""
    reading = heard(impression, stage)
    return [Said(f"{who} {n}", f"{who}{n}", at, reading=reading) for n in range(count) for _ in range(2)]


def figures(app: AppTest) -> dict[str, tuple[str, str]]:
    return {one.label: (one.value, one.delta) for one in app.metric}


@pytest.fixture
def busy(house: House) -> House:
    """Return a house with forty people last week, twenty the week before, and a competitor's dozen."""
    house.say(
        *crowd(LAST, "w", Impression.WOW, 12, Stage.ADVOCATE),
        *crowd(LAST, "b", Impression.BOO, 4, Stage.ADVOCATE),
        *crowd(LAST, "r", Impression.ARRGH, 10),
        *crowd(LAST, "o", Impression.OK, 14, Stage.AWARE),
        *crowd(BEFORE, "w", Impression.WOW, 5, Stage.ADVOCATE),
        *crowd(BEFORE, "o", Impression.OK, 15, Stage.ASK),
        *[Said(f"fajar {n}", f"f{n}", LAST, brand=2, reading=heard(Impression.WOW)) for n in range(12)],
        *[Said("hari ini", f"h{n}", NOW, reading=heard(Impression.BOO)) for n in range(11)],
    )
    return house


def test_figures_equal_those_made_by_hand(busy: House) -> None:
    """The last finished week's figures, their changes, intervals and n are those that pencil and paper give."""
    app = busy.open()
    # 40 people: 12 WOW, 4 Boo, 10 Arrgh; the week before 20: 5 WOW. Act or further: 26 of 40, before 5 of 20.
    assert figures(app) == {
        "Advokasi bersih": ("+20,0 poin", "-5,0 poin"),
        "Kehilangan senyap": ("25,0%", "+25,0 poin"),
        "Rata-rata kesan": ("+0,15", "-0,35"),
        "PAR": ("65,0%", "+40,0 poin"),
        "BAR": ("30,0%", "+5,0 poin"),
        "Rasio peringatan": ("10,0%", "+10,0 poin"),
    }
    text = shown(app)
    # Wilson's limits of 10 of 40 and of 26 of 40, from the formula in a table.
    assert "14,2% sampai 40,2% · n = 40 penulis" in text
    assert "49,5% sampai 77,9% · n = 40 penulis" in text
    assert app.selectbox[0].format_func(app.selectbox[0].value) == "9–15 Nov 2026"


def test_the_same_in_english(busy: House) -> None:
    """English has its own words, decimal points and dates."""
    app = busy.open("advocacy", "en")
    assert figures(app)["Net advocacy"] == ("+20.0 pts", "-5.0 pts")
    assert "14.2% to 40.2% · n = 40 authors" in shown(app)


def test_an_author_counts_once_by_the_strongest_impression(house: House) -> None:
    """Somebody who praised and then turned against the brand is one Boo author, not two."""
    people = [Said("a", f"p{n}", LAST, reading=heard(Impression.WOW)) for n in range(10)]
    house.say(*people, *[Said("b", f"p{n}", LAST, reading=heard(Impression.BOO)) for n in range(10)])
    assert figures(house.open())["Advokasi bersih"][0] == "-100,0 poin"


def test_too_few_is_said_instead_of_a_number(house: House) -> None:
    """Nine people make no figure, however often they speak; ten do."""
    house.say(*crowd(LAST, "w", Impression.WOW, 9))
    app = house.open()
    assert {value for value, _ in figures(app).values()} == {"Terlalu sedikit"}
    assert "Baru 9 penulis; perlu sedikitnya 10." in shown(app)
    house.say(Said("lagi", "w9", LAST, reading=heard(Impression.WOW)))
    assert figures(house.open())["Advokasi bersih"][0] == "+100,0 poin"


def test_the_unfinished_week_is_marked(busy: House) -> None:
    """The week under way is not the one that is shown first, and says what it is when it is chosen."""
    app = busy.open()
    box = app.selectbox[0]
    assert box.options[:2] == ["16–22 Nov 2026 (minggu berjalan)", "9–15 Nov 2026"]
    box.select_index(0).run()
    assert figures(app)["Advokasi bersih"][0] == "-100,0 poin"
    assert any("belum selesai" in text for text in shown(app))


# In November 52 people: 12 WOW, and 4 and 11 Boo; who spoke in two of its weeks is one person.
@pytest.mark.parametrize(
    ("grain", "period", "first", "running"),
    [
        ("day", "10 Nov 2026", "+20,0 poin", "-100,0 poin"),
        ("month", "Oktober 2026", "Terlalu sedikit", "-5,8 poin"),
    ],
)
def test_other_grains_open_at_the_last_telling_period(
    busy: House, grain: str, period: str, first: str, running: str
) -> None:
    """Days and months count people of their own, and begin with the last one that is over and has enough people."""
    app = busy.open()
    app.get("button_group")[0].set_value(grain).run()
    box = app.selectbox[0]
    assert box.format_func(box.value) == period
    assert figures(app)["Advokasi bersih"][0] == first
    box.select_index(0).run()
    assert figures(app)["Advokasi bersih"][0] == running


def test_competitors_are_compared(busy: House) -> None:
    """With a competitor there are five charts and a table of brands; without one, three and none."""
    app = busy.open()
    assert len(app.get("vega_lite_chart")) == 5
    table = next(one.value for one in app.dataframe if "Merek" in one.value)
    assert next(iter(table["Merek"])) == "Kopi Senja"
    busy.settle(brands=("senja",))
    app = busy.open()
    assert len(app.get("vega_lite_chart")) == 3
    assert not any("Merek" in one.value for one in app.dataframe)


def test_an_address_chooses_grain_period_and_platforms(busy: House) -> None:
    """A link leads to the same figures again; what it asks for and is not there is passed over."""
    app = busy.open("advocacy", "id", grain="day", period="2026-11-10", platforms="x")
    assert app.selectbox[0].format_func(app.selectbox[0].value) == "10 Nov 2026"
    assert len(busy.open("advocacy", "id", grain="day", period="nonsense", platforms="<script>").exception) == 0


def step(start: date, boo: int, wow: int, *, running: bool = False, mentions: int = 0) -> Step:
    people = dict.fromkeys(Impression, 0) | {Impression.BOO: boo, Impression.WOW: wow}
    return Step(1, start, running, mentions, Tally(people, dict.fromkeys(Stage, 0)))


WEEKS = [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)]
SPEECH = Speech("id", "Asia/Jakarta")


def test_the_lines_tell_what_is_running_and_what_is_too_few() -> None:
    """A week of too few is a gap, and the last step before the unfinished week is drawn apart."""
    weeks = [step(WEEKS[0], 3, 6), step(WEEKS[1], 5, 15), step(WEEKS[2], 0, 12, running=True)]
    rows = line_rows(SPEECH, Grain.WEEK, "Kopi", weeks)
    assert [one["value"] for one in rows] == [None, 50.0, 100.0]
    assert [(one["running"], one["last"]) for one in rows] == [(False, False), (False, True), (True, True)]
    assert rows[1]["low"] < 50 < rows[1]["high"]


def test_bars_share_out_the_whole() -> None:
    """Shares of impressions and of voice add up to one in each period, and too few have no share but a count."""
    weeks = [step(WEEKS[0], 3, 6, mentions=9), step(WEEKS[1], 5, 15, mentions=30)]
    shares = impression_rows(SPEECH, Grain.WEEK, weeks, shares=True)
    assert sum(one["share"] for one in shares) == pytest.approx(1)
    assert sum(one["count"] for one in impression_rows(SPEECH, Grain.WEEK, weeks, shares=False)) == 29
    voices = voice_rows(
        SPEECH, Grain.WEEK, {"Senja": weeks, "Fajar": [step(week, 0, 0, mentions=10) for week in WEEKS[:2]]}
    )
    assert [(one["brand"], round(one["share"], 2)) for one in voices] == [
        ("Senja", 0.47),
        ("Fajar", 0.53),
        ("Senja", 0.75),
        ("Fajar", 0.25),
    ]


def test_periods_are_all_there() -> None:
    """A row reaches from the first mention to today without a hole: three periods at least, thirteen weeks at most."""
    today = date(2026, 11, 18)
    assert starts(today, today, Grain.WEEK) == WEEKS
    assert len(starts(date(2020, 1, 1), today, Grain.WEEK)) == 13
    assert starts(date(2026, 9, 20), today, Grain.MONTH) == [date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)]
    steps = row([], 1, WEEKS, Grain.WEEK, today)
    assert [(one.start, one.running, one.tally.authors) for one in steps] == [
        (WEEKS[0], False, 0),
        (WEEKS[1], False, 0),
        (WEEKS[2], True, 0),
    ]


def test_the_last_day_of_a_period_still_runs() -> None:
    """A week runs until its Sunday is over."""
    assert row([], 1, WEEKS[1:2], Grain.WEEK, date(2026, 11, 15))[0].running
    assert not row([], 1, WEEKS[1:2], Grain.WEEK, date(2026, 11, 16))[0].running


def test_a_change_is_clear_only_when_intervals_part() -> None:
    """Overlapping intervals are no clear change, and too few on either side is no change at all."""
    assert changed(Measure(0.5, 0.4, 0.6, 90), Measure(0.2, 0.1, 0.3, 90)) == (pytest.approx(0.3), True)
    assert changed(Measure(0.5, 0.4, 0.6, 90), Measure(0.4, 0.3, 0.5, 90)) == (pytest.approx(0.1), False)
    assert changed(Measure(0.5, 0.4, 0.6, 90), Measure(None, None, None, 3)) is None


def test_weeks_begin_by_the_local_clock(house: House) -> None:
    """A Sunday evening in UTC is Monday in Jakarta, and counts there."""
    sunday_night = datetime(2026, 11, 8, 17, 30, tzinfo=UTC)
    house.say(*crowd(sunday_night, "w", Impression.WOW, 10), Said(at=sunday_night - timedelta(days=20)))
    assert figures(house.open())["Advokasi bersih"][0] == "+100,0 poin"


def test_a_period_with_a_missing_stretch_is_shaded() -> None:
    """Each period that a gap touches by the local clock is named with its bounds, and no other."""
    weeks = [step(week, 0, 12) for week in WEEKS]
    gap = Missing("x", datetime(2026, 11, 8, 16, tzinfo=UTC), datetime(2026, 11, 8, 18, tzinfo=UTC), "X keeps a week.")
    (first, second) = missing_rows(SPEECH, Grain.WEEK, weeks, [gap], "Asia/Jakarta")
    assert [first["period"], second["period"]] == [SPEECH.tick(WEEKS[0], Grain.WEEK), SPEECH.tick(WEEKS[1], Grain.WEEK)]
    assert first["missing"] == "x: Terlewat antara 8 Nov 2026 23.00 WIB dan 9 Nov 2026 01.00 WIB"
    unbounded = Missing("x", None, datetime(2026, 11, 17, tzinfo=UTC), "A list was cut.")
    (only,) = missing_rows(SPEECH, Grain.WEEK, weeks, [unbounded], "Asia/Jakarta")
    assert only["period"] == SPEECH.tick(WEEKS[2], Grain.WEEK)
    assert only["missing"] == "x: Terlewat sebelum 17 Nov 2026 07.00 WIB"


def test_the_charts_show_what_is_missing(house: House) -> None:
    """A chart over a period with a gap has a shaded stretch, and a caption that says what it means."""
    house.say(*crowd(house.now - timedelta(days=9), "w", Impression.WOW, 10))
    assert not shading(house.open())
    with house.store.write() as conn:
        gap = Gap(since=house.now - timedelta(days=9), until=house.now - timedelta(days=8), why="It was down.")
        place = Place("kabar", "all", "Asia/Jakarta", house.now)
        begin_walk(conn, place)
        save_progress(conn, place, Cursor(), Page(gap=gap), Outcome(), None)
    app = house.open()
    assert len(shading(app)) == 4
    assert "Diarsir: ada bagian yang tidak dapat diberikan sebuah sumber." in shown(app)


def shading(app: AppTest) -> list[str]:
    """Return the charts of a page that have a shaded stretch."""
    specs = [json.loads(one.proto.spec) for one in app.get("vega_lite_chart")]
    return [spec for spec in specs if any(layer["mark"]["type"] == "rect" for layer in spec.get("layer", ()))]
