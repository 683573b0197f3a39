"""The page of the weekly report: which weeks it offers, what each role may take, and what the audit keeps."""

from datetime import date

import pytest
from dashboard_house import NOW, ZONE, House, Said, heard

from dashboard import access
from dashboard.report_download import Order, made
from domain.access import Viewer
from domain.errors import ForbiddenError
from domain.vocabulary import Impression, UserRole
from reports.period import Week
from store.queries.figures import brands
from store.tables import AUDIT

WEEK = Week(date(2026, 11, 9), ZONE)
PEOPLE = {role: Viewer(name=f"{role}@kopi.id", role=role) for role in UserRole}


def order(house: House, form: str, *, identify: bool = False) -> Order:
    with house.store.read() as conn:
        both = brands(conn, ["senja", "fajar"])
    return Order(both, WEEK, form, "id", identify, sample=False)


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_last_finished_week_comes_first(house: House, language: str) -> None:
    """Weeks are offered back to the first mention, the running one marked as such."""
    house.say(Said(reading=heard(Impression.WOW)))
    app = house.open("report", language)
    assert app.selectbox(key="week").options[0].endswith("2026-W46")
    app.selectbox(key="week").select_index(len(app.selectbox(key="week").options) - 1).run()
    assert [("belum selesai" in one.value) or ("not over" in one.value) for one in app.info] == [True]


@pytest.mark.parametrize(
    ("role", "forms"),
    [
        (UserRole.VIEWER, ["report_pdf"]),
        (UserRole.MANAGER, ["report_pdf"]),
        (UserRole.ANALYST, ["report_pdf", "report_xlsx", "report_csv"]),
        (UserRole.ADMIN, ["report_pdf", "report_xlsx", "report_csv"]),
    ],
)
def test_each_role_is_offered_what_it_may_take(
    house: House, role: UserRole, forms: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everybody who looks may take the paper; rows are for analysts and admins, addresses for admins alone."""
    monkeypatch.setattr(access, "OWNER", PEOPLE[role])
    house.say(Said(reading=heard(Impression.WOW)))
    app = house.open("report")
    shown = [one.proto.id for one in app.get("download_button")]
    assert [form for form in ("report_pdf", "report_xlsx", "report_csv") if any(form in one for one in shown)] == forms
    assert bool([one for one in app.toggle if one.key == "identify"]) == (role is UserRole.ADMIN)


def test_a_download_is_held_to_rights_and_noted(house: House) -> None:
    """What is made on a click is refused to who may not have it, and each file that goes out is a line of the audit."""
    house.say(Said(reading=heard(Impression.WOW), at=NOW))
    assert made(house.store, order(house, "pdf"), PEOPLE[UserRole.VIEWER], "ani").startswith(b"%PDF")
    with pytest.raises(ForbiddenError):
        made(house.store, order(house, "csv"), PEOPLE[UserRole.MANAGER], "ani")
    with pytest.raises(ForbiddenError):
        made(house.store, order(house, "csv", identify=True), PEOPLE[UserRole.ANALYST], "ani")
    assert made(house.store, order(house, "csv", identify=True), PEOPLE[UserRole.ADMIN], "budi")
    with house.store.read() as conn:
        told = [(row.actor, row.detail) for row in conn.execute(AUDIT.select()) if row.action == "report exported"]
    assert told == [
        ("ani", "senja 2026-W46: pdf"),
        ("budi", "senja 2026-W46: csv, with addresses and lasting author numbers"),
    ]


def test_without_mentions_the_page_says_what_to_do(house: House) -> None:
    """An empty store offers no file."""
    app = house.open("report")
    assert not app.get("download_button")
    assert any("simak import" in one.value for one in app.markdown)
