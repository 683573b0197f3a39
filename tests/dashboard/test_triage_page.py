"""The inbox as a place of work: by key through the mentions, several at once, and views that are found again."""

from datetime import timedelta
from typing import Any

import pytest
from dashboard_house import NOW, ZONE, House, Said, heard, shown
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from domain.access import Viewer
from domain.records import BrandReply
from domain.vocabulary import CaseStatus, Impression, Priority, Stage, TouchPoint, UserRole
from store.place import Place
from store.privacy import bury
from store.tables import AUDIT, BRAND_MENTION, MENTION
from store.triage import Change, Held, change, held
from store.work_tables import TRIAGE_ENTRY


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert [error.value for error in app.exception] == []
    return app


def stands(house: House, mention_id: int) -> Held:
    with house.store.read() as conn:
        return held(conn, 1, [mention_id]).get(mention_id, Held())


def in_hand(app: AppTest) -> int:
    return int(app.session_state["inbox_at"])


def three(house: House) -> None:
    """Store three mentions; the third is the newest and first in the list."""
    house.say(*(Said(f"kopi {n}", at=NOW - timedelta(hours=10 - n)) for n in (1, 2, 3)))
    with house.store.write() as conn:
        change(conn, 1, [1], Change(owner="Budi", tags_on=("antre lama",)), "budi", NOW - timedelta(hours=1))


def test_keys_lead_through_the_mentions(house: House) -> None:
    """Next and previous stay in the page, the address names the mention, and each key is on its button."""
    three(house)
    app = house.open("mentions", mode="one")
    assert (in_hand(app), app.query_params["mention"]) == (3, "3")
    assert [in_hand(press(app, f"step_{way}")) for way in ("next", "next", "next", "before")] == [2, 1, 1, 2]
    assert app.query_params["mention"] == "2"
    assert app.text[0].value == "kopi 2"
    keys = {one.key: one.proto.shortcut for one in app.button if one.proto.shortcut}
    assert len(set(keys.values())) == len(keys) >= 12


def test_what_is_done_leads_on(house: House) -> None:
    """A status and a priority are kept at a key, and what is done gives way to the next one."""
    three(house)
    app = house.open("mentions", mode="one", statuses="new")
    press(app, "priority_urgent")
    assert in_hand(app) == 3
    press(app, "status_done")
    assert (in_hand(app), stands(house, 3)) == (2, Held(CaseStatus.DONE, Priority.URGENT, taken_at=NOW))
    assert app.toast[0].value == "Selesai. Lanjut ke sebutan berikutnya."
    again = house.open("mentions", mode="one", statuses="new")
    assert len(again.radio(key="inbox_at").options) == 2


def test_somebody_takes_a_mention_and_lets_go(house: House) -> None:
    """Who says who they are owns what they take; it shows in the card, and can be let go or given to others."""
    three(house)
    app = house.open("mentions", mode="one")
    app.text_input(key="who").set_value(" Sari  [R] ").run()
    press(app, "take")
    assert stands(house, 3).owner == "Sari [R]"
    app.selectbox(key="owner_3").set_value("Budi").run()
    assert stands(house, 3).owner == "Budi"
    assert r"Sebelumnya ditangani Sari \[R\]." in [one.value for one in app.toast]
    press(app, "take")
    assert stands(house, 3).owner == "Sari [R]"
    press(app, "take")
    assert stands(house, 3).owner is None
    app.multiselect(key="tags_3").set_value(["antre lama"]).run()
    assert stands(house, 3).tags == ("antre lama",)
    app.multiselect(key="tags_3").set_value([]).run()
    assert stands(house, 3).tags == ()
    with house.store.read() as conn:
        assert set(conn.scalars(select(TRIAGE_ENTRY.c.actor))) == {"Sari [R]", "budi"}
    cards = "\n".join(shown(house.open("mentions")))
    assert r"Baru · Biasa · Budi · \#antre lama" in cards


def test_time_to_answer_is_told(house: House) -> None:
    """An answer by hand counts from the mention to the moment noted, and ten of them have a median."""
    three(house)
    app = house.open("mentions", mode="one")
    assert "Belum dijawab, menunggu 7 jam" in shown(app)
    press(app, "answer_now")
    assert ":material/reply: Dijawab setelah 7 jam" in shown(app)
    assert not [text for text in shown(app) if "Waktu menjawab" in text]
    reply = BrandReply(text="Maaf", at=NOW)
    house.say(*(Said(f"teh {n}", at=NOW - timedelta(hours=n), more={"reply": reply}) for n in range(1, 11)))
    words = "\n".join(shown(house.open("mentions")))
    assert "separuh dijawab dalam 6 jam" in words
    assert "n = 11" in words


def test_notes_and_answers_are_written_down(house: House) -> None:
    """A note stands in the timeline as it was typed, and an answer before its mention stays in its field."""
    three(house)
    app = house.open("mentions", mode="one")
    app.text_area(key="text_3").set_value("**telepon** lagi <b>besok</b>")
    next(one for one in app.button if one.label == "Simpan").click().run()
    assert "**telepon** lagi <b>besok</b>" in [one.value for one in app.text]
    assert app.text_area(key="text_3").value == ""
    kind = next(one for one in app.get("button_group") if one.key == "kind_3")
    kind.set_value("reply")
    app.text_area(key="text_3").set_value("sudah")
    early = (NOW - timedelta(days=2)).replace(tzinfo=None)
    app.datetime_input(key="at_3").set_value(early)
    next(one for one in app.button if one.label == "Simpan").click().run()
    assert app.toast[0].value == "Jawaban tidak bisa mendahului sebutannya."
    assert app.text_area(key="text_3").value == "sudah"
    assert stands(house, 3).answered_at is None


def test_a_mention_that_went_meanwhile_is_told_once(house: House) -> None:
    """What was taken back while somebody looks at it is neither changed nor an error."""
    three(house)
    app = house.open("mentions", mode="one")
    with house.store.write() as conn:
        native = conn.scalars(select(MENTION.c.native_id).where(MENTION.c.id == 3)).one()
        bury(conn, house.store.names, Place("kabar", "all", ZONE, NOW), [native])
    press(app, "status_in_progress")
    assert [one.value for one in app.toast] == [
        "1 sebutan sudah dihapus atau ditarik penulisnya, jadi tidak ada yang diubah padanya."
    ]
    assert in_hand(app) == 2


def test_a_link_to_one_mention_opens_it(house: House) -> None:
    """A link names a mention that is not on its page: it comes first in the list; one that is gone is said to be."""
    house.say(*(Said(f"kopi {n}", at=NOW - timedelta(hours=n)) for n in range(30)))
    app = house.open("mentions", mode="one", mention="29")
    assert (in_hand(app), app.text[0].value) == (29, "kopi 28")
    assert len(app.radio(key="inbox_at").options) == 26
    for lost in ("999", "9" * 30, "-1"):
        app = house.open("mentions", mode="one", mention=lost)
        assert in_hand(app) == 1
    assert len(house.open("mentions", mode="one", mention="999").toast) == 1


def test_beyond_the_page_is_the_next_page(house: House) -> None:
    """Next on the last mention of a page opens the next page at its first, and back again at the last."""
    house.say(*(Said(f"kopi {n}", at=NOW - timedelta(hours=n)) for n in range(30)))
    app = house.open("mentions", mode="one", mention="25")
    press(app, "step_next")
    assert (in_hand(app), app.query_params["page"]) == (26, "2")
    press(app, "step_before")
    assert in_hand(app) == 25
    assert "page" not in app.query_params


def test_what_was_handled_makes_room(house: House) -> None:
    """Where what is done leaves the view, going on beyond the page skips nothing, and ends at the last one."""
    house.say(*(Said(f"kopi {n}", at=NOW - timedelta(hours=n)) for n in range(30)))
    app = house.open("mentions", mode="one", statuses="new")
    for _ in range(24):
        press(app, "step_next")
    assert in_hand(app) == 25
    press(app, "status_done")
    assert (in_hand(app), app.query_params.get("page")) == (26, None)
    press(app, "step_next")
    assert (in_hand(app), app.query_params["page"]) == (27, "2")
    for _ in range(9):
        press(app, "step_next")
    assert in_hand(app) == 30
    press(app, "status_done")
    assert in_hand(app) == 29


def test_several_are_changed_at_once(house: House) -> None:
    """What is ticked is given a status, an owner and tags; what is left out stays as it is."""
    three(house)
    with house.store.write() as conn:
        change(conn, 1, [2], Change(priority=Priority.HIGH, tags_on=("promo",)), "budi", NOW)
    app = house.open("mentions", mode="several")
    app.checkbox(key="bulk_3").check()
    app.checkbox(key="bulk_2").check().run()
    app.selectbox(key="bulk_status").set_value(CaseStatus.WAITING)
    app.selectbox(key="bulk_owner").set_value("Budi")
    app.multiselect(key="bulk_tags_on").set_value(["antre lama"])
    app.multiselect(key="bulk_tags_off").set_value(["promo"])
    next(one for one in app.button if one.label == "Terapkan ke 2 sebutan").click().run()
    assert app.toast[0].value == "2 sebutan diubah."
    assert stands(house, 2) == Held(CaseStatus.WAITING, Priority.HIGH, "Budi", NOW, tags=("antre lama",))
    assert stands(house, 3) == Held(CaseStatus.WAITING, owner="Budi", taken_at=NOW, tags=("antre lama",))
    assert stands(house, 1).status is CaseStatus.NEW


def test_all_that_match_are_chosen_beyond_the_page(house: House) -> None:
    """Every mention that matches can be changed, not only those of the page."""
    house.say(*(Said(f"kopi {n}", at=NOW - timedelta(hours=n)) for n in range(27)))
    app = house.open("mentions", mode="several")
    next(one for one in app.toggle if one.label == "Semua 27 yang cocok").set_value(True).run()
    app.selectbox(key="bulk_priority").set_value(Priority.LOW)
    next(one for one in app.button if one.label == "Terapkan ke 27 sebutan").click().run()
    assert {stands(house, n).priority for n in range(1, 28)} == {Priority.LOW}


def test_labels_of_several_are_corrected_and_keep_what_is_their_own(house: House) -> None:
    """The impression of many is set, each one's other labels stay, what was never read is told, once in the audit."""
    waiting = heard(Impression.ARRGH, touchpoints=(TouchPoint.WAITING_TIME,), complaint=0.9)
    house.say(
        Said("a", at=NOW - timedelta(hours=3)),
        Said("b", at=NOW - timedelta(hours=2), reading=waiting),
        Said("c", at=NOW - timedelta(hours=1), reading=None),
    )
    app = house.open("mentions", mode="several")
    press(app, "bulk_page")
    app.selectbox(key="bulk_impression").set_value(Impression.BOO)
    next(one for one in app.button if one.label == "Koreksi 3 sebutan").click().run()
    assert [one.value for one in app.toast] == [
        "2 sebutan dikoreksi.",
        "1 sebutan belum dibaca: isi juga kesan dan tahapnya.",
    ]
    row = BRAND_MENTION.c
    with house.store.read() as conn:
        labels = select(row.impression, row.stage, row.touchpoints, row.complaint, row.corrected)
        assert conn.execute(labels.order_by(row.mention_id)).all() == [
            (Impression.BOO, Stage.ACT, (TouchPoint.PRICE,), False, True),
            (Impression.BOO, Stage.ACT, (TouchPoint.WAITING_TIME,), True, True),
            (None, None, (), None, False),
        ]
        told = select(AUDIT.c.detail).where(AUDIT.c.action == "labels corrected")
        assert conn.scalars(told).all() == ["2 mentions, brand 1: impression BOO"]


def test_a_view_is_kept_opened_renamed_and_removed(house: House) -> None:
    """A view under a name restores its filters, and its owner can call it otherwise or take it away."""
    house.say(Said("a", reading=heard(Impression.BOO)), Said("b"))
    app = house.open("mentions", impressions="BOO", statuses="new", themes="7")
    app.text_input(key="view_name").set_value("Boo *baru*")
    app.checkbox(key="view_shared").check()
    next(one for one in app.button if one.label == "Simpan tampilan").click().run()
    fresh = house.open("mentions")
    fresh = press(fresh, "view_1")
    assert fresh.query_params == {"impressions": "BOO", "statuses": "new", "themes": "7"}
    fresh.text_input(key="view_new").set_value("Boo")
    next(one for one in fresh.button if one.label == "Ganti nama").click().run()
    assert fresh.button(key="view_1").label == "Boo"
    next(one for one in fresh.button if one.label == "Hapus").click().run()
    assert not [one for one in fresh.button if one.key == "view_1"]


HOSTILE = ["<script>x</script> **tebal** [klik](javascript:alert(1)) :red[x]", "=cmd|'/C calc'!A0", "\u202e nama"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("mode", ["one", "several"])
def test_hostile_words_are_letters_in_every_way_of_working(house: House, text: str, mode: str) -> None:
    """Texts, tags, owners and names of views are letters in lists and menus."""
    house.say(Said(text))
    with house.store.write() as conn:
        change(conn, 1, [1], Change(owner=text, tags_on=(text,)), text, NOW)
    app = house.open("mentions", mode=mode)
    labels: list[Any] = [*app.radio, *app.checkbox]
    said = [str(option) for one in labels for option in getattr(one, "options", [one.label])]
    assert not [one for one in said if "[klik](" in one or "**tebal" in one or "<script>" in one]
    assert not [one.value for one in [*app.caption, *app.markdown] if "[klik](" in one.value or "<script>" in one.value]


@pytest.mark.parametrize(
    ("role", "works", "corrects"),
    [(UserRole.VIEWER, False, False), (UserRole.MANAGER, True, False), (UserRole.ANALYST, True, True)],
)
def test_each_role_sees_what_it_may_do(
    house: House, monkeypatch: pytest.MonkeyPatch, role: UserRole, works: bool, corrects: bool
) -> None:
    """Who may not handle, correct or take rows out has no button for it, also by a link that asks for one."""
    three(house)
    monkeypatch.setattr("dashboard.access.OWNER", Viewer(name="tamu@senja.id", role=role))
    app = house.open("mentions", mode="one")
    assert (len(app.radio) == 1, "take" in [one.key for one in app.button]) == (works, works)
    assert ("Koreksi" in [one.label for one in app.button]) is corrects
    assert (len(app.get("download_button")) == 2) is corrects
    several = house.open("mentions", mode="several")
    assert ("Terapkan ke 0 sebutan" in [one.label for one in several.button]) is works
    assert ("Koreksi 0 sebutan" in [one.label for one in several.button]) is corrects
    app.text_input(key="view_name").set_value("milik saya")
    next(one for one in app.button if one.label == "Simpan tampilan").click().run()
    assert app.toast[0].value == "Tampilan tersimpan."
    assert app.checkbox(key="view_shared").disabled is not works


def test_a_role_that_was_taken_away_changes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who loses a right while a page is open is told so at the next key, and nothing is changed."""
    three(house)
    app = house.open("mentions", mode="one")
    monkeypatch.setattr("dashboard.access.OWNER", Viewer(name="tamu@senja.id", role=UserRole.VIEWER))
    press(app, "status_done")
    assert app.toast[0].value == "Peran Anda tidak boleh melakukan ini; tidak ada yang diubah."
    assert stands(house, 3) == Held()
