"""The journey page: its map, its use-gap board and its beliefs, against figures made by hand."""

from datetime import timedelta

import pytest
from dashboard_house import NOW, House, Said, heard, shown
from streamlit.testing.v1 import AppTest

from domain.access import Viewer
from domain.vocabulary import Impression, Journey, Stage, TouchPoint, UserRole
from simak.gauging import Gauge
from store.audit import lines
from store.beliefs import Believed, beliefs

LAST = NOW - timedelta(days=7)
HOSTILE = "<script>alert(1)</script> **tebal** $x^2$ :red[merah] sudah 3 hari belum aktif"


def people(count: int, impression: Impression, **labels: object) -> list[Said]:
    """Return one mention each of so many people."""
    reading = heard(impression, **labels)
    return [Said(f"{impression} {n}", f"{impression}{n}", LAST, reading=reading) for n in range(count)]


def gaps(*texts: str, **more: object) -> list[Said]:
    """Return one mention each of people who cannot use yet what they bought."""
    reading = heard(Impression.ARRGH, use_gap=True, touchpoints=(TouchPoint.WAITING_TIME,))
    said = {"at": LAST, "reading": reading, **more}
    return [Said(text, f"tunggu{n}", **said) for n, text in enumerate(texts)]


def gauge(house: House) -> None:
    Gauge("Asia/Jakarta", {1: {"Kartu Senja": ("kartu",)}}).run(house.store, NOW)


def pick(app: AppTest, label: str, value: object) -> AppTest:
    """Choose in the box of a label, and draw the page again."""
    box = next(one for one in app.selectbox if one.label == label)
    return box.set_value(value).run()


def switch(app: AppTest, label: str, value: str) -> AppTest:
    """Choose in the row of buttons of a label, and draw the page again."""
    return next(one for one in app.get("button_group") if one.label == label).set_value(value).run()


def links(app: AppTest) -> dict[str, str]:
    """Return the links of a page: what each is called, and the address it leads to."""
    return {one.proto.label: f"{one.proto.page}?{one.proto.query_string}" for one in app.get("page_link")}


@pytest.fixture
def busy(house: House) -> House:
    """Return a house with thirty customers last week: twelve buyers at the price, and eighteen who ask."""
    ask = {"stage": Stage.ASK, "journey": Journey.PRE_PURCHASE, "touchpoints": (TouchPoint.RESPONSE,)}
    house.say(
        *people(9, Impression.WOW),
        *people(3, Impression.BOO),
        *people(18, Impression.OK, **ask),
        *[Said("hari ini", f"h{n}", NOW, reading=heard(Impression.BOO)) for n in range(2)],
    )
    return house


def test_the_map_opens_at_the_last_finished_week(busy: House) -> None:
    """Everybody of last week stands behind the square of all, with figures, and nobody of this week."""
    app = busy.open("journey")
    text = shown(app)
    assert "**30 penulis**" in text
    assert "Advokasi bersih: +20,0 poin (-2,6 sampai +40,3)" in text
    assert "Boo dan Arrgh: 10,0% (3,5% sampai 25,6%)" in text
    assert len(app.get("vega_lite_chart")) == 1


def test_a_square_leads_to_its_mentions(busy: House) -> None:
    """A chosen square tells its people by impression, and each way leads to just those mentions."""
    app = pick(pick(busy.open("journey"), "Tahap 5A", "ACT"), "Titik sentuh", "PRICE")
    assert "**12 penulis**" in shown(app)
    found = links(app)
    assert "3 sebutan" in found
    for part in ("impressions=BOO", "stages=ACT", "touchpoints=PRICE", "since=2026-11-09", "until=2026-11-15"):
        assert part in found["3 sebutan"]
    assert "impressions" not in found["Semua sebutan di sini"]


def test_the_address_shows_as_many_as_the_square_says(busy: House) -> None:
    """The inbox, opened by a square's address, lists the mentions that the square counts."""
    app = pick(busy.open("journey"), "Tahap 5A", "ACT")
    query = links(app)["3 sebutan"].split("?")[1]
    inbox = busy.open("mentions", "id", **dict(pair.split("=") for pair in query.split("&")))
    assert any("3 sebutan" in text for text in shown(inbox))


def test_the_other_axis_is_when_they_bought(busy: House) -> None:
    """By purchase those who ask stand before it, and the way to them says so."""
    app = switch(busy.open("journey"), "Menurut", "journey")
    app = pick(app, "Saat pembelian", "PRE_PURCHASE")
    assert "**18 penulis**" in shown(app)
    assert "journeys=PRE_PURCHASE" in links(app)["Semua sebutan di sini"]


def test_an_empty_square_says_so(busy: House) -> None:
    """Where nobody spoke there is a sentence and no link."""
    app = pick(busy.open("journey"), "Tahap 5A", "APPEAL")
    assert "Tidak ada yang bersuara di sini pada periode ini." in shown(app)
    assert links(app) == {}


def test_a_competitor_is_counted_but_not_linked(busy: House) -> None:
    """A competitor's squares have figures; the inbox has none of its mentions, so nothing leads there."""
    busy.say(*[Said(f"fajar {n}", f"f{n}", LAST, brand=2, reading=heard(Impression.WOW)) for n in range(11)])
    app = pick(busy.open("journey"), "Merek", "fajar")
    assert "**11 penulis**" in shown(app)
    assert links(app) == {}


def test_a_week_without_customers_says_so(busy: House) -> None:
    """A period that nobody spoke in has a sentence instead of a map."""
    busy.say(Said("lama", "lama", NOW - timedelta(days=40)))
    app = busy.open("journey")
    box = next(one for one in app.selectbox if one.label == "Periode")
    app = box.set_value(box.options and (NOW - timedelta(days=16)).date()).run()
    assert "Pada periode ini belum ada pelanggan" in app.info[0].value


def test_the_board_of_waits_equals_pencil_and_paper(house: House) -> None:
    """Twelve people wait, ten say how long: the median and its limits are the sixth and its neighbours."""
    house.say(*gaps(*(f"kartu sudah {n} hari belum" for n in range(2, 12)), "belum bisa", "kok belum"))
    house.say(*gaps("sudah 4 hari", at=NOW - timedelta(days=12)), *gaps("sudah 4 hari", at=NOW - timedelta(hours=2)))
    gauge(house)
    app = house.open("journey", "id", board="gap")
    values = {one.label: one.value for one in app.metric}
    assert values == {
        "Belum bisa memakai": "12",
        "Separuh menunggu paling lama": "6,5 hari",
        "Satu dari sepuluh lebih lama dari": "Terlalu sedikit",
    }
    text = shown(app)
    assert "3 hari sampai 10 hari · n = 10 menyebut lamanya" in text
    assert "Baru 10 yang menyebut lamanya; perlu sedikitnya 35." in text
    assert "Periode sebelumnya: 1" in text
    assert (
        "**12 orang bilang dalam 7 hari terakhir bahwa mereka sudah beli tetapi belum bisa memakai Kopi Senja.**"
        in text
    )
    products = app.dataframe[0].value
    assert list(products["Produk"]) == ["Kartu Senja", "Produk tidak disebut"]
    assert list(products["Orang"]) == ["10", "2"]
    assert "use_gaps=1" in links(app)["Semua sebutan belum bisa dipakai pada periode ini"]
    assert text.index("kartu sudah 11 hari belum") < text.index("kartu sudah 10 hari belum")


def test_without_use_gaps_the_board_says_so(busy: House) -> None:
    """A brand of which nobody waits has a sentence instead of a board."""
    assert "Belum ada pelanggan" in busy.open("journey", "id", board="gap").info[0].value


def test_what_people_wrote_is_shown_as_text(house: House) -> None:
    """A hostile text of a long wait stands in a text element as it was written, and nowhere else."""
    house.say(*gaps(HOSTILE))
    gauge(house)
    app = house.open("journey", "id", board="gap")
    assert HOSTILE in [one.value for one in app.text]
    assert not any("script" in one.value for one in [*app.markdown, *app.caption])


def test_a_promise_stands_beside_the_wait(house: House) -> None:
    """What was promised is told apart from what was waited, on the card of a long wait."""
    house.say(*gaps("katanya 1x24 jam, ini sudah 3 hari belum aktif"))
    gauge(house)
    text = " ".join(shown(house.open("journey", "id", board="gap")))
    assert "3 hari]" in text
    assert "[dijanjikan 24 jam]" in text


def rate(app: AppTest, brand: int, point: TouchPoint, importance: int, quality: int) -> None:
    for side, rating in (("importance", importance), ("quality", quality)):
        key = f"belief_{brand}_{point}_{side}"
        next(one for one in app.get("button_group") if one.key == key).set_value(rating)


def test_what_the_team_believes_is_compared(busy: House) -> None:
    """Beliefs that are entered are kept and audited, and clear differences become sentences with their ways."""
    app = busy.open("journey", "id", board="beliefs")
    rate(app, 1, TouchPoint.PRICE, 1, 4)
    rate(app, 1, TouchPoint.RESPONSE, 5, 3)
    next(one for one in app.button if one.label == "Simpan").click().run()
    with busy.store.read() as conn:
        assert beliefs(conn, 1) == {TouchPoint.PRICE: Believed(1, 4), TouchPoint.RESPONSE: Believed(5, 3)}
        assert [line.actor for line in lines(conn, 9) if line.action == "belief"] == ["dashboard", "dashboard"]
    text = shown(app)
    # Twelve of thirty speak of the price, eighteen of answers: two thirds as many, so 1 + 4 × 2/3.
    told = "**Harga** lebih sering dibicarakan daripada dugaan tim: kepentingannya 3,7 (2,6 sampai 4,8)"
    assert f"{told}, tim menduga 1; n = 30." in text
    assert not any("**Respons** lebih" in one for one in text)
    assert "touchpoints=PRICE" in links(app)["Sebutannya"]


def test_a_rating_of_one_side_is_not_kept(busy: House) -> None:
    """A touch point that is rated on one side only is left out, and that is said."""
    app = busy.open("journey", "id", board="beliefs")
    key = f"belief_1_{TouchPoint.PRICE}_importance"
    next(one for one in app.get("button_group") if one.key == key).set_value(3)
    next(one for one in app.button if one.label == "Simpan").click().run()
    assert "kecuali" in app.toast[0].value
    with busy.store.read() as conn:
        assert beliefs(conn, 1) == {}


def test_who_only_looks_has_no_form(busy: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A viewer sees what is compared and cannot enter anything."""
    looks = Viewer(name="lihat@example.com", role=UserRole.VIEWER)
    monkeypatch.setattr("dashboard.access.OWNER", looks)
    app = busy.open("journey", "id", board="beliefs")
    assert not [one for one in app.button if one.label == "Simpan"]


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("board", ["map", "gap", "beliefs", "%3Cscript%3E"])
def test_each_board_opens_empty_and_full(house: House, board: str, language: str) -> None:
    """Every board opens in both languages, with nothing said and with something; an unknown one is the first."""
    house.open("journey", language, board=board)
    house.say(*people(12, Impression.WOW), *gaps("sudah 3 hari"))
    gauge(house)
    app = house.open("journey", language, board=board)
    assert app.title[0].value == {"id": "Perjalanan", "en": "Journey"}[language]


def test_a_square_shows_its_newest_words(busy: House) -> None:
    """Under the map stand the newest mentions of the square, the worst impression first, as text."""
    app = pick(busy.open("journey"), "Titik sentuh", "PRICE")
    assert [one.value for one in app.text] == ["BOO 2", "BOO 1", "BOO 0"]
    app = switch(app, "Yang terbaru di sini", Impression.WOW)
    assert [one.value for one in app.text] == ["WOW 8", "WOW 7", "WOW 6", "WOW 5"]
