"""The first page: five sentences that are numbers, each with a way to its mentions."""

from datetime import timedelta
from urllib.parse import parse_qs

from dashboard_house import NOW, House, Said, heard, shown
from streamlit.testing.v1 import AppTest

from domain.vocabulary import Impression, TouchPoint
from speech.saying import Speech

WEEK = timedelta(days=7)
WAITING = {"touchpoints": (TouchPoint.WAITING_TIME,)}


def links(app: AppTest) -> dict[str, dict[str, list[str]]]:
    """Return what each link to the inbox says, and the filters of its address."""
    found = (one.proto for one in app.get("page_link"))
    mentions = (one for one in found if one.page.endswith("mentions"))
    return {one.label.replace("\\", ""): parse_qs(one.query_string) for one in mentions}


def crowd(count: int, impression: Impression, at: timedelta, name: str, **labels: object) -> list[Said]:
    reading = heard(impression, **labels)
    return [Said(f"{name} {n}", f"{name}{n}", NOW - at, reading=reading) for n in range(count)]


def test_five_sentences_lead_to_their_mentions(house: House) -> None:
    """Each sentence has last week's numbers, and its link filters the inbox to what it counts."""
    house.say(
        *crowd(12, Impression.BOO, WEEK, "lama", complaint=0.9, **WAITING),
        *crowd(4, Impression.BOO, 2 * WEEK, "dulu", complaint=0.9, **WAITING),
        *crowd(14, Impression.WOW, WEEK, "enak", touchpoints=(TouchPoint.PRODUCT_QUALITY,)),
        *crowd(3, Impression.ARRGH, WEEK, "belum", use_gap=True),
    )
    found = links(house.open("today"))
    told = list(found)
    assert told[0].startswith("Advokasi bersih pekan lalu")
    assert "29 penulis" in told[0]
    assert told[1].startswith("0 sebutan kemarin, sama banyak dengan sebelumnya")
    assert told[2].startswith("12 keluhan pekan lalu, 200% lebih banyak")
    assert "Waktu tunggu: 12 orang Boo atau Arrgh, pekan sebelumnya 4" in told[2]
    assert told[3].startswith("3 sebutan pekan lalu dari pelanggan yang sudah membeli")
    assert "Mutu produk: 14 dari 14 orang" in told[4]
    assert found[told[2]] == {
        "complaints": ["1"],
        "touchpoints": ["WAITING_TIME"],
        "since": ["2026-11-09"],
        "until": ["2026-11-15"],
    }
    assert found[told[3]]["use_gaps"] == ["1"]


def test_last_weeks_boo_about_waiting_is_one_click_away(house: House) -> None:
    """The first page has a link to last week's Boo mentions about waiting time, and it shows exactly those."""
    house.say(
        *crowd(2, Impression.BOO, WEEK, "lama", **WAITING),
        *crowd(1, Impression.ARRGH, WEEK, "antre", **WAITING),
        *crowd(1, Impression.BOO, 3 * WEEK, "dulu", **WAITING),
    )
    params = links(house.open("today", "en"))["Boo 2"]
    inbox = house.open("mentions", "en", **params)
    assert {one for one in shown(inbox) if one.startswith("lama")} == {"lama 0", "lama 1"}
    assert not any(one.startswith(("antre", "dulu")) for one in shown(inbox))


def test_too_few_people_are_called_too_few(house: House) -> None:
    """With a handful of authors no figure is told, and the page says why."""
    house.say(*crowd(3, Impression.WOW, WEEK, "enak"))
    told = list(links(house.open("today", "en")))
    assert told[0] == "Too few people spoke last week to tell net advocacy: 3 authors, at least 10 are needed."
    assert any("at least 10 are needed" in one for one in told[4:])


def test_praise_is_quoted_word_by_word(house: House) -> None:
    """Three people's own newest words stand there, as text, each person once."""
    reading = heard(Impression.WOW)
    house.say(
        *(Said(f"*enak* nomor {n}", "sama", NOW - WEEK + timedelta(minutes=n), reading=reading) for n in range(3)),
        Said("<b>juara</b>", "lain", NOW - WEEK, reading=reading),
    )
    app = house.open("today")
    assert [one.value for one in app.text] == ["*enak* nomor 2", "<b>juara</b>"]


def test_the_two_languages_say_the_same_numbers() -> None:
    """Every sentence takes the same values in both languages."""
    speeches = [Speech(language, "Asia/Jakarta") for language in ("id", "en")]
    values = dict.fromkeys(("count", "change", "point", "people", "before", "value", "interval", "n", "all"), "§")
    for key in ("said.complaints_at", "said.praise", "said.net_unclear", "said.gaps"):
        texts = [speech(key, **values) for speech in speeches]
        assert texts[0].count("§") == texts[1].count("§") > 1
