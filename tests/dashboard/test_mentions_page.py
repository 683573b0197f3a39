"""The inbox: what it shows, what it filters, and corrections that stick."""

from datetime import timedelta
from typing import Any

import pytest
from dashboard_house import NOW, House, Said, heard, shown
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from domain.records import BrandReply, Metrics
from domain.vocabulary import Impression, Journey, Stage, TouchPoint
from simak.folding import Fold
from store.tables import Audit, BrandMention, Correction

HOSTILE = [
    "<script>document.title='pwned'</script><img src=x onerror=alert(1)>",
    "**tebal** _miring_ `kode` # judul\n- butir\n> kutip\n| a | b |",
    ":red[merah] :material/home: $\\frac{1}{2}$ [klik](javascript:alert(1)) ![](http://127.0.0.1/x.png)",
    '=HYPERLINK("http://evil.example","klik") +1 -1 @SUM(A1)',
    "{frame} {0} %s %(x)s \\n \\",
    "😭" * 80 + "panjang" * 60,
]


def said_here(app: AppTest) -> list[str]:
    return [str(one.value) for one in app.text]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_stands(house: House, text: str) -> None:
    """HTML, Markdown, directives, formulas and format strings appear letter by letter, and nowhere as Markdown."""
    house.say(Said(text))
    app = house.open("mentions")
    whole = said_here(app)
    assert text in whole
    assert [one for one in shown(app) if text in one] == [text] * whole.count(text)
    assert [one for one in app.markdown if one.allow_html] == []


def test_a_long_text_is_folded_and_whole(house: House) -> None:
    """A text longer than the fold shows its beginning, and all of it behind the fold."""
    text = "kata " * 1_000 + "akhir"
    house.say(Said(text))
    app = house.open("mentions")
    assert max(said_here(app), key=len) == text
    assert min(map(len, said_here(app))) < 700
    assert "5.005" in app.expander[-1].label


def test_a_card_tells_who_where_and_when(house: House) -> None:
    """A card has platform, local time, a pseudonymous author, followers, stars, confidence and counters."""
    metrics = (
        Metrics(observed_at=NOW - timedelta(hours=3), likes=3, views=50),
        Metrics(observed_at=NOW, likes=1_200, replies=0, views=9_000),
    )
    house.say(Said(author="siti.rahma", at=NOW - timedelta(hours=3), more={"stars": 4}, metrics=metrics))
    text = "\n".join(shown(house.open("mentions")))
    for part in (
        "**X**",
        "18 Nov 2026 09.00 WIB",
        "3 jam yang lalu",
        "penulis 0001",
        "120 pengikut",
        "★★★★☆",
        "keyakinan 80%",
        "1.200 suka",
        "9.000 tayangan",
        "Harga",
        "Membeli",
        "Setelah beli",
    ):
        assert part in text
    assert "0 balasan" not in text
    assert "siti" not in text.lower()
    english = "\n".join(shown(house.open("mentions", "en")))
    for part in ("18 Nov 2026, 09:00 WIB", "3 hours ago", "author 0001", "80% confident", "1,200 likes", "Price"):
        assert part in english


def test_a_review_tells_its_branch_and_the_brands_answer(house: House) -> None:
    """A card names the branch and shows what the brand answered and after how long; a branch can be chosen alone."""
    reply = BrandReply(text="Mohon maaf, **kak**!", at=NOW)
    house.say(
        Said("antre lama", at=NOW - timedelta(hours=5), more={"stars": 2, "branch": "Dago *atas*", "reply": reply}),
        Said("cepat dan ramah", more={"branch": "Tebet"}),
        Said("kopinya enak"),
    )
    app = house.open("mentions")
    assert "cabang Dago \\*atas\\*" in "\n".join(shown(app))
    assert "Dijawab merek setelah 5 jam" in [one.label for one in app.expander]
    assert "Mohon maaf, **kak**!" in said_here(app)
    assert len(said_here(app)) == 4
    only = house.open("mentions", branches=["Tebet"])
    assert said_here(only) == ["cepat dan ramah"]


def test_a_campaign_is_listed_once(house: House) -> None:
    """A text that six people posted is one card with the number of its copies and people, and six on request."""
    text = "Kopi Senja penipu, jangan beli di sana, saya sudah bayar tapi pesanan tidak pernah dikirim"
    house.say(*[Said(f"{text} {'!' * n}", f"orang{n}") for n in range(6)], Said("enak"))
    Fold().run(house.store, NOW)
    app = house.open("mentions")
    assert len(said_here(app)) == 2
    words = "\n".join(shown(app))
    assert "kampanye: 6 penulis" in words
    assert "5 salinan" in words
    assert len(said_here(house.open("mentions", copies="1"))) == 7


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", None])
def test_only_web_addresses_are_links(house: House, url: str | None) -> None:
    """A mention links to its original over http and https only."""
    house.say(Said(more={"url": url}), Said("lain", more={"url": "https://example.com/a"}))
    links = house.open("mentions").get("link_button")
    assert [link.proto.url for link in links] == ["https://example.com/a"]


def test_states_of_reading_are_told_apart(house: House) -> None:
    """A mention that waits for the reader says so, and one that the reader did not score says that."""
    house.say(Said("a", reading=None), Said("b", reading=heard(None)))
    text = "\n".join(shown(house.open("mentions")))
    assert "belum dibaca" in text
    assert "tidak dinilai" in text


MIXED = (
    Said(
        "senja pahit sekali", "a", NOW - timedelta(days=9), reading=heard(Impression.BOO, Stage.ADVOCATE, complaint=0.9)
    ),
    Said(
        "senja lama datang",
        "b",
        NOW - timedelta(days=8),
        reading=heard(
            Impression.ARRGH, touchpoints=(TouchPoint.WAITING_TIME,), journey=Journey.ENCOUNTER, use_gap=True
        ),
    ),
    Said(
        "senja buka jam berapa", "c", NOW - timedelta(days=7), reading=heard(Impression.OK, Stage.ASK, touchpoints=())
    ),
    Said("berita senja", None, NOW - timedelta(days=6), reading=heard(None), more={"platform": "news"}),
)
CASES: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [3, 2, 1, 0]),
    ({"impressions": "BOO"}, [0]),
    ({"impressions": ["BOO", "ARRGH"]}, [1, 0]),
    ({"stages": "ASK"}, [2]),
    ({"touchpoints": "WAITING_TIME"}, [1]),
    ({"journeys": "ENCOUNTER"}, [1]),
    ({"platforms": "news"}, [3]),
    ({"sources": "kabar"}, [3, 2, 1, 0]),
    ({"since": "2026-11-11", "until": "2026-11-11"}, [2]),
    ({"until": "2026-11-10"}, [1, 0]),
    ({"since": "1995-01-01", "until": "2099-01-01"}, [3, 2, 1, 0]),
    ({"since": "0001-01-01", "until": "9999-12-31"}, [3, 2, 1, 0]),
    ({"text": "lama"}, [1]),
    ({"text": "SENJA pah"}, [0]),
    ({"complaints": "1"}, [0]),
    ({"use_gaps": "1"}, [1]),
    ({"not_scored": "1"}, [3]),
    ({"stages": ["ACT", "ADVOCATE"], "text": "senja", "complaints": "1"}, [0]),
    ({"impressions": "WOW"}, []),
    ({"impressions": "rubbish", "since": "31/31/2026", "sources": "no such"}, [3, 2, 1, 0]),
]


@pytest.mark.parametrize(("params", "expected"), CASES)
def test_an_address_opens_its_view(house: House, params: dict[str, Any], expected: list[int]) -> None:
    """Each filter in the address lets through what it names, newest first; what it does not know is left out."""
    house.say(*MIXED)
    app = house.open("mentions", **params)
    assert said_here(app) == [MIXED[n].text for n in expected]
    if expected:
        assert f"**{len(expected)} sebutan**" in shown(app)


def test_what_is_chosen_goes_into_the_address_and_back(house: House) -> None:
    """Filters set on the page are in its address, a fresh visit to it shows the same, and clearing empties both."""
    house.say(*MIXED)
    app = house.open("mentions")
    app.pills(key="filter_impressions").set_value([Impression.BOO, Impression.ARRGH])
    app.text_input(key="filter_text").set_value("lama").run()
    assert said_here(app) == ["senja lama datang"]
    assert app.query_params == {"impressions": ["BOO", "ARRGH"], "text": "lama"}
    again = house.open("mentions", "en", **app.query_params)
    assert said_here(again) == ["senja lama datang"]
    assert again.pills(key="filter_impressions").value == [Impression.BOO, Impression.ARRGH]
    next(one for one in again.button if one.label == "Clear filters").click().run()
    assert (len(said_here(again)), again.query_params) == (4, {})


def test_pages_hold_twenty_five(house: House) -> None:
    """The newest twenty-five come first, the address knows the page, and a page beyond the last is the last."""
    house.say(*(Said(f"kopi {n}", at=NOW - timedelta(hours=n)) for n in range(30)))
    assert said_here(house.open("mentions")) == [f"kopi {n}" for n in range(25)]
    for page in ("2", "99"):
        assert said_here(house.open("mentions", page=page)) == [f"kopi {n}" for n in range(25, 30)]
    assert len(said_here(house.open("mentions", page="-1"))) == 25


def test_a_great_number_is_not_counted_to_the_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the cap the count says so, and the pages reach as far as the cap."""
    monkeypatch.setattr("store.queries.inbox.COUNT_CAP", 26)
    house.say(*(Said(f"kopi {n}", at=NOW - timedelta(hours=n)) for n in range(30)))
    app = house.open("mentions", page="9")
    assert "**26+ sebutan**" in shown(app)
    assert said_here(app) == ["kopi 25"]


def correct(app: AppTest) -> None:
    next(one for one in app.button if one.label == "Koreksi").click().run()
    kinds = ("button_group", "selectbox", "multiselect", "toggle")
    labels = {one.label: one for kind in kinds for one in app.get(kind) if one.form_id}
    labels["Kesan"].set_value(Impression.BOO)
    labels["Tahap"].set_value(Stage.ADVOCATE)
    labels["Titik sentuh (paling banyak dua)"].set_value([TouchPoint.RESPONSE, TouchPoint.WAITING_TIME])
    labels["Keluhan"].set_value(True)
    next(one for one in app.button if one.label == "Simpan").click().run()


def test_a_correction_sticks(house: House) -> None:
    """Corrected labels are in force at once and after a reload, kept as training data, audited and due for counting."""
    house.say(Said("senja lambat"))
    app = house.open("mentions")
    correct(app)
    assert [one.value for one in app.exception] == []
    for view in (app, house.open("mentions"), house.open("mentions", impressions="BOO", complaints="1")):
        text = "\n".join(shown(view))
        assert "dikoreksi" in text
        assert "Respons" in text
        assert "keyakinan" not in text
    with house.store.read() as conn:
        kept = conn.execute(select(Correction.impression, Correction.stage, Correction.made_by)).all()
        assert kept == [(Impression.BOO, Stage.ADVOCATE, "dashboard")]
        assert conn.scalars(select(BrandMention.corrected)).all() == [True]
        assert conn.execute(select(Audit.actor, Audit.action).where(Audit.actor == "dashboard")).all() == [
            ("dashboard", "labels corrected")
        ]
