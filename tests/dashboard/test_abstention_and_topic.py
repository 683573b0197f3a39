"""What the pages say of a mention that is not scored, of anger, of what is off topic, and of a new reader."""

from typing import Any

import pytest
from dashboard_house import NOW, House, Said, heard, shown

from domain.records import Labels, Reading
from domain.vocabulary import Impression, Journey, Stage
from store.labels import correct
from store.state import hold_to_reader

ODDS = dict.fromkeys(Impression, 0.2)


def seen(house: House, page: str = "mentions", language: str = "id", /, **params: Any) -> str:
    """Return everything that a page shows, in one text."""
    return "\n".join(shown(house.open(page, language, **params)))


@pytest.mark.parametrize(
    ("reading", "indonesian", "english"),
    [
        (Reading(probabilities=ODDS, language="id"), "tidak dinilai: kurang yakin", "not scored: unsure"),
        (Reading(language="es"), "tidak dinilai: bahasa lain", "not scored: other language"),
        (Reading(), "tidak dinilai: tidak ada kata", "not scored: nothing to read"),
    ],
)
def test_why_it_is_not_scored_is_said(house: House, reading: Reading, indonesian: str, english: str) -> None:
    """A mention that is not scored says why, in both languages, and gives no confidence."""
    house.say(Said(reading=reading))
    for language, phrase in (("id", indonesian), ("en", english)):
        text = seen(house, "mentions", language)
        assert phrase in text
        assert "keyakinan" not in text
        assert "confident" not in text


@pytest.mark.parametrize(
    ("complaint", "arousal", "angry"), [(0.9, 0.5, True), (0.9, 0.49, False), (0.1, 0.9, False), (0.9, None, False)]
)
def test_an_angry_complaint_says_so(house: House, complaint: float, arousal: float | None, angry: bool) -> None:
    """Anger is shown where there is a complaint and anger is at least as likely as not."""
    house.say(Said(reading=heard(Impression.ARRGH, complaint=complaint, arousal=arousal)))
    assert ("marah" in seen(house)) is angry
    assert ("angry" in seen(house, "mentions", "en")) is angry


def test_what_is_off_topic_is_marked_and_filtered(house: House) -> None:
    """Off-topic mentions have a badge, the filter lists them alone, and its help says that they are counted."""
    house.say(Said("senja kota", reading=heard(Impression.OK, off_topic=0.8)), Said(reading=heard(Impression.WOW)))
    app = house.open("mentions")
    assert [str(one.value) for one in app.text] == ["kopi senja", "senja kota"]
    assert sum("di luar topik" in text for text in shown(app)) == 1
    toggle = app.toggle(key="filter_off_topic")
    assert "menghitungnya" in toggle.help
    toggle.set_value(True).run()
    assert [str(one.value) for one in app.text] == ["senja kota"]
    assert app.query_params == {"off_topic": "1"}
    assert "off topic" in seen(house, "mentions", "en", off_topic="1")
    assert "**2 sebutan**" in seen(house)


def test_off_topic_mentions_stay_in_the_figures(house: House) -> None:
    """The advocacy page counts the author of an off-topic mention like any other."""
    said = [
        Said(author=f"a{n}", reading=heard(Impression.WOW, off_topic=0.9 if n % 2 else 0.1), more={"stars": 5})
        for n in range(40)
    ]
    house.say(*said)
    assert "n = 40" in seen(house, "advocacy")


def test_a_corrected_complaint_stays_angry(house: House) -> None:
    """The reader's arousal stands beside labels that a person corrected."""
    house.say(Said(reading=heard(Impression.ARRGH, complaint=0.2, arousal=0.9)))
    labels = Labels(
        impression=Impression.BOO, complaint=True, stage=Stage.ACT, touchpoints=(), journey=Journey.NONE, use_gap=False
    )
    with house.store.write() as conn:
        correct(conn, 1, 1, labels, "dashboard", "Asia/Jakarta", NOW)
    assert "marah" in seen(house)


def test_a_new_reader_is_announced_where_sources_are(house: House) -> None:
    """While a new reader works, the Sources page says how many mentions it has still to read; labels stay."""
    house.say(Said(), Said("lain"))
    assert "dibaca ulang" not in seen(house, "sources")
    with house.store.write() as conn:
        hold_to_reader(conn, "v2", NOW)
    assert "2 sebutan sedang dibaca ulang" in seen(house, "sources")
    assert "2 mentions are being read again" in seen(house, "sources", "en")
    assert seen(house).count("keyakinan 80%") == 2
