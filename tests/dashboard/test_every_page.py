"""What holds for every page: languages, the sample's banner, empty states, brands, and errors for people."""

import pytest
from dashboard_house import KEY, House, Said, heard, shown

from dashboard.workspace import Source
from domain.records import Cursor, Gap, Outcome, Page
from domain.vocabulary import Impression, SourceFault
from store.alerts import hold_alerts
from store.place import Place
from store.state import BrandSetting, begin_walk, end_walk, save_progress, set_aside, sync_brands

PAGES = ("today", "advocacy", "journey", "snowball", "cases", "mentions", "sources")
TITLES = {
    "id": {
        "today": "Ringkasan",
        "journey": "Perjalanan",
        "advocacy": "Advokasi",
        "snowball": "Bola salju",
        "cases": "Kasus",
        "mentions": "Sebutan",
        "sources": "Sumber",
    },
    "en": {
        "today": "Today",
        "journey": "Journey",
        "advocacy": "Advocacy",
        "snowball": "Snowball",
        "cases": "Cases",
        "mentions": "Mentions",
        "sources": "Sources",
    },
}
BANNERS = {"id": "**Data contoh.**", "en": "**Sample data.**"}


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_in_the_browsers_language(house: House, page: str, language: str) -> None:
    """Each page speaks the browser's language, and says on every page when its data are samples."""
    house.say(Said(reading=heard(Impression.WOW)))
    app = house.open(page, language)
    assert [one.value for one in app.title] == [TITLES[language][page]]
    assert [one.value for one in app.warning] == []
    assert any("WIB" in text for text in shown(app))
    house.settle(sample=True)
    sample = house.open(page, language)
    assert sample.warning[0].value.startswith(BANNERS[language])
    assert "simak init" in sample.warning[0].value


@pytest.mark.parametrize(
    ("locale", "title"), [("id", "Ringkasan"), (None, "Ringkasan"), ("en-US", "Today"), ("de", "Today")]
)
def test_the_first_language_follows_the_browser(house: House, locale: str | None, title: str) -> None:
    """Indonesian is spoken to Indonesians and to whoever does not say, English to everybody else."""
    app = house.open("advocacy", "id")
    app.context["locale"] = locale
    fresh = type(app).from_file(app._script_path, default_timeout=30)
    fresh.context["locale"] = locale
    assert fresh.run().title[0].value == title


def test_the_switch_changes_the_language_and_stays(house: House) -> None:
    """The language that is chosen holds on the next page too."""
    app = house.open("mentions", "id")
    switch = next(one for one in app.get("button_group") if one.label == "Bahasa · Language")
    switch.set_value("EN").run()
    assert app.title[0].value == "Mentions"
    app.switch_page("app_pages/sources.py").run()
    assert app.title[0].value == "Sources"


@pytest.mark.parametrize(
    ("page", "params", "expected"),
    [
        ("today", {}, "Belum ada sebutan"),
        ("advocacy", {}, "Belum ada sebutan"),
        ("journey", {}, "Belum ada sebutan"),
        ("mentions", {}, "Belum ada sebutan"),
        ("mentions", {"impressions": "WOW"}, "Tidak ada yang cocok"),
    ],
)
def test_an_empty_page_says_what_to_do(house: House, page: str, params: dict[str, str], expected: str) -> None:
    """Where there is nothing, the page says why and what to do next."""
    app = house.open(page, "id", **params)
    assert [one.value for one in app.subheader] == [expected]


def test_without_sources_the_page_says_how_to_add_one(house: House) -> None:
    """A workspace without sources is told about simak.toml."""
    house.settle(sources=())
    app = house.open("sources")
    assert app.subheader[0].value == "Belum ada sumber"
    assert "simak.toml" in app.markdown[0].value


def test_own_brands_can_be_chosen_between(house: House) -> None:
    """With several own brands the sidebar lets one choose, and the inbox shows that brand's mentions."""
    with house.store.write() as conn:
        sync_brands(conn, [BrandSetting("fajar", "Kopi *Fajar*", True, "fajar", {})], house.now)
    house.say(Said("tentang senja"), Said("tentang fajar", brand=2))
    app = house.open("mentions")
    assert [one.value for one in app.text] == ["tentang senja"]
    app.sidebar.selectbox[0].select("fajar").run()
    assert [one.value for one in app.text] == ["tentang fajar"]
    assert any(r"Kopi \*Fajar\*" in text for text in shown(app))


def test_an_error_for_people_is_shown_as_a_sentence(house: House) -> None:
    """A workspace whose database cannot be used gets one sentence, without a password."""
    house.settle(database_url="postgresql://simak:geheim@127.0.0.1:1/none")
    app = house.open("advocacy")
    assert "cannot be used" in app.error[0].value
    assert "geheim" not in app.error[0].value


def place(house: House, source: str, walk: str = "all") -> Place:
    return Place(source, walk, "Asia/Jakarta", house.now)


def test_sources_tell_how_they_are(house: House) -> None:
    """A source shows its state, counts, spend, error and what was set aside; one that never ran is there too."""
    house.settle(
        sources=(
            Source(name="kabar", collector="feeds", every_minutes=15),
            Source(name="x", collector="x", every_minutes=60),
        )
    )
    with house.store.write() as conn:
        for walk, error in (("senja", None), ("fajar", "The feed *refused*: HTTP 403.")):
            here = place(house, "kabar", walk)
            begin_walk(conn, here)
            page = Page(cost=1.5, gap=Gap(until=house.now, why="Two hours are missing."))
            save_progress(conn, here, Cursor(), page, Outcome(seen=1_200, written=700), house.now)
            end_walk(conn, here, error, None)
        hold_alerts(conn, "kabar", {SourceFault.DRIFT: {"share": 0.2, "seen": 60}}, house.now)
        set_aside(conn, place(house, "kabar"), [({"text": "<b>081234567890</b>"}, "There is no date.")])
    app = house.open("sources")
    text = shown(app)
    assert [one.value for one in app.subheader] == ["kabar", "x"]
    for part in (
        "The feed *refused*: HTTP 403.",
        "Two hours are missing.",
        "1.400 dari 2.400 yang dilihat",
        "USD 3,00",
        "There is no date.",
        ":red-badge[:material/error: gagal]",
        ":grey-badge[:material/hourglass_empty: menunggu]",
    ):
        assert part in text
    assert [one.value.split(" (")[0] for one in app.warning] == [
        "20% dari 60 butir sehari terakhir tidak dapat dipahami; apakah formatnya berubah?"
    ]
    assert [one.value for one in app.code] == ['{"text": "<b>[phone]</b>"}']
    assert KEY not in "".join(text)
