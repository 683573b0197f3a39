"""The inbox as a place of work in a real browser: keys, fields, files, a phone, and words that stay words."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from browsing import chromium, pages, settled
from dashboard_house import NOW, House, Said, heard
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from domain.vocabulary import CaseStatus, Impression
from store.tables import BRAND_MENTION
from store.triage import Change, Held, change, held
from store.views import keep

DONE = "window.__done=1"
HOSTILE = (
    f"<img src=x onerror={DONE}>",
    f"[klik](javascript:{DONE}) https://jahat.example www.jahat.example a@jahat.example",
    f"![x](https://jahat.example/y.png) :red[<script>{DONE}</script>]",
    f"</label><svg onload={DONE}>",
    "panjangtanpaspasi" * 30,
)


@pytest.fixture
def served(house: House) -> Iterator[str]:
    """Return the address of the pages of a house with thirty mentions, five of them hostile and with hostile work."""
    house.say(*(Said(f"kopi {n}", at=NOW - timedelta(hours=n)) for n in range(6, 31)))
    hostile = (Said(text, at=NOW - timedelta(hours=n), reading=heard(Impression.BOO)) for n, text in enumerate(HOSTILE))
    house.say(*hostile)
    with house.store.write() as conn:
        for text in HOSTILE:
            change(conn, 1, [26, 27], Change(owner=text, tags_on=(text,)), text, NOW)
            keep(conn, "orang lain", text, {"text": [text]}, NOW, shared=True)
    with pages() as address:
        yield address


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Return a browser, or skip and say so."""
    with chromium() as opened:
        yield opened


def stands(house: House, mention_id: int) -> Held:
    with house.store.read() as conn:
        return held(conn, 1, [mention_id]).get(mention_id, Held())


def place(page: Page, number: int) -> None:
    """Wait until the mention at a place of the list is in hand."""
    expect(page.get_by_text(f"{number} dari 25 di")).to_be_visible(timeout=15_000)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=15_000)
    # Keys are listened for a moment after the page shows.
    page.wait_for_timeout(1_000)


def test_keys_work_and_letters_in_a_field_do_not(served: str, house: House, browser: Browser) -> None:
    """J leads on, 4 is done and leads on, what is done keeps its place; typed into a field they do nothing."""
    page = browser.new_page(locale="id-ID", viewport={"width": 1280, "height": 900})
    settled(page, f"{served}/mentions?mode=one&statuses=new&text=kopi")
    place(page, 1)
    page.get_by_placeholder("misalnya: pesanan belum sampai").press_sequentially("j4ab")
    page.get_by_role("heading", name="Sebutan").click()
    expect(page.get_by_text("Tidak ada yang cocok")).to_be_visible(timeout=15_000)
    settled(page, f"{served}/mentions?mode=one&statuses=new&text=kopi")
    place(page, 1)
    page.keyboard.press("j")
    place(page, 2)
    page.keyboard.press("4")
    place(page, 3)
    page.keyboard.press("k")
    place(page, 2)
    expect(page.get_by_test_id("stRadio").get_by_role("radio")).to_have_count(25)
    assert "mention=2" in page.url
    assert [stands(house, n).status for n in (1, 2, 3)] == [CaseStatus.NEW, CaseStatus.DONE, CaseStatus.NEW]


def test_the_mention_in_hand_is_corrected(served: str, house: House, browser: Browser) -> None:
    """The form opens over the mention in hand, what it saves is in force, and the same mention stays in hand."""
    page = browser.new_page(locale="id-ID", viewport={"width": 1280, "height": 900})
    settled(page, f"{served}/mentions?mode=one&text=kopi&mention=4")
    place(page, 4)
    page.get_by_role("button", name="Koreksi").click()
    form = page.get_by_role("dialog")
    form.get_by_text("Boo", exact=True).click()
    form.get_by_role("button", name="Simpan").click()
    expect(form).to_have_count(0, timeout=15_000)
    place(page, 4)
    expect(page.get_by_text("dikoreksi")).to_be_visible()
    with house.store.read() as conn:
        row = BRAND_MENTION.c
        assert conn.scalars(select(row.impression).where(row.corrected)).all() == [Impression.BOO]


def test_rows_are_downloaded_on_a_click(served: str, browser: Browser) -> None:
    """The file holds what the view shows, and is made only when somebody asks for it."""
    page = browser.new_page(locale="id-ID")
    settled(page, f"{served}/mentions?text=kopi")
    page.get_by_role("button", name="Unduh baris").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert len(list(csv.DictReader(StringIO(text)))) == 25


@pytest.mark.parametrize("mode", ["read", "one", "several"])
def test_foreign_words_lead_nowhere(served: str, browser: Browser, mode: str) -> None:
    """In lists, menus, tags and names no script runs, no link is made, and a phone is wide enough."""
    page = browser.new_page(viewport={"width": 390, "height": 844}, locale="id-ID")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    settled(page, f"{served}/mentions?mode={mode}&mention=26")
    page.get_by_role("button", name="Tampilan tersimpan").click()
    page.wait_for_timeout(500)
    assert page.evaluate("window.__done") is None
    assert page.locator("[href*='javascript:'], [href*='jahat.example']").count() == 0
    assert [url for url in asked if "jahat.example" in url] == []
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth") == 0
