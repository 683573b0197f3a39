"""The complaints page: themes in the order in which to act, by their own words, with a way to their mentions."""

from datetime import timedelta
from urllib.parse import parse_qs

from dashboard_house import NOW, ZONE, House, Said, heard, shown
from sqlalchemy import select

from domain.vocabulary import Impression
from simak.pipeline import Count
from store import themes
from store.tables import BRAND_MENTION, MENTION

WEEK = timedelta(days=7)
SLOW = "antrean kasir lama sekali sampai satu jam, <b>kapok</b>"


def fill(house: House) -> dict[str, int]:
    """Say complaints of two themes, and return the numbers of the themes by their word."""
    furious, sad = (heard(word, complaint=0.9, arousal=0.9) for word in (Impression.BOO, Impression.ARRGH))
    house.say(
        *(Said(f"{SLOW} {n}", f"a{n}", NOW - WEEK + timedelta(minutes=n), reading=furious) for n in range(4)),
        *(Said(f"gulanya kebanyakan deh {n}", f"b{n}", NOW - WEEK, reading=sad) for n in range(3)),
        *(Said(f"gulanya kemanisan {n}", f"b{n}", NOW - 2 * WEEK, reading=sad) for n in range(3)),
        Said("parkirnya sempit", "c", NOW - WEEK, reading=sad),
    )
    numbers = {}
    with house.store.write() as conn:
        for word in ("antrean", "gula", "parkir"):
            theme = {"brand_id": 1, "embedder": "none", "centroid": b"", "weight": 1.0, "born_at": NOW, "seen_at": NOW}
            numbers[word] = themes.add(conn, theme)
            said = select(MENTION.c.id).join(BRAND_MENTION, BRAND_MENTION.c.mention_id == MENTION.c.id)
            ids = conn.scalars(said.where(MENTION.c.text.contains(word))).all()
            themes.join(conn, [{"mention_id": one, "brand_id": 1, "theme_id": numbers[word]} for one in ids], ZONE)
    Count(ZONE).run(house.store, NOW)
    return numbers


def test_themes_stand_in_the_order_in_which_to_act(house: House) -> None:
    """The furious and growing theme comes first, is the top fifth, and is told with its own numbers and words."""
    numbers = fill(house)
    app = house.open("complaints", "en")
    table = app.dataframe[0].value
    assert list(table["Rank"]) == ["1 ★", "2"]
    assert list(table["People"]) == [4, 3]
    assert "antrean" in table["Theme"][0]
    text = shown(app)
    assert any("2 themes; the top fifth (1, marked ★) hold 57%" in one.replace("\\", "") for one in text)
    assert f"{SLOW} 3" in text
    assert f"Theme {numbers['antrean']}" in text
    assert any("1 complaint of one person alone" in one for one in text)


def test_a_theme_leads_to_its_mentions(house: House) -> None:
    """Its link filters the inbox to the theme's mentions of that week, and nothing else."""
    numbers = fill(house)
    app = house.open("complaints", "en")
    links = {one.proto.label: parse_qs(one.proto.query_string) for one in app.get("page_link")}
    params = links["All its mentions"]
    assert params["themes"] == [str(numbers["antrean"])]
    inbox = house.open("mentions", "en", **params)
    said = [one for one in shown(inbox) if one.startswith(("antrean", "gula", "parkir"))]
    assert {one[:-2] for one in said} == {SLOW}
    assert len(set(said)) == 4


def test_the_week_before_has_its_own_order(house: House) -> None:
    """Another week that is chosen shows that week's people."""
    fill(house)
    app = house.open("complaints", "en")
    app.selectbox(key="complaints_week").select_index(2).run()
    assert list(app.dataframe[0].value["People"]) == [3]


def test_an_address_for_a_theme_that_is_none_filters_nothing_unsafe(house: House) -> None:
    """A number that is no number is left out; one that no theme has shows that nothing matches."""
    fill(house)
    assert len(house.open("mentions", "en", themes="1 OR 1").exception) == 0
    assert house.open("mentions", "en", themes="99999").subheader[0].value == "Nothing matches"


def test_hundreds_of_themes_are_listed_in_part(house: House) -> None:
    """With more themes than one reads, the first are listed and the first few drawn, and the rest is counted."""
    sad = heard(Impression.ARRGH, complaint=0.9)
    house.say(*(Said(f"keluhan {n}", f"a{n}", NOW - WEEK, reading=sad) for n in range(80)))
    with house.store.write() as conn:
        theme = {"brand_id": 1, "embedder": "none", "centroid": b"", "weight": 1.0, "born_at": NOW, "seen_at": NOW}
        ids = conn.scalars(select(BRAND_MENTION.c.mention_id)).all()
        for pair in zip(ids[::2], ids[1::2], strict=True):
            number = themes.add(conn, theme)
            themes.join(conn, [{"mention_id": one, "brand_id": 1, "theme_id": number} for one in pair], ZONE)
    Count(ZONE).run(house.store, NOW)
    app = house.open("complaints", "en")
    assert len(app.dataframe[0].value) == 25
    assert any("15 more themes are smaller" in one for one in shown(app))
    assert len(app.subheader) == 5
