"""The pages as a phone and a desk see them, served by the real server to a real browser."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from browsing import chromium, pages, settled
from dashboard_house import NOW, House, Said, heard
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from domain.records import Metrics
from domain.vocabulary import Impression, Stage
from store.tables import Correction

# Each page with the charts that it has: the inbox draws one for the mention whose counters were read three times.
CHARTS = {"/": 1, "/today": 1, "/advocacy": 5, "/journey": 1, "/mentions": 1, "/sources": 0}
LONG = "panjangtanpaspasi" * 30


@pytest.fixture
def served(house: House) -> Iterator[str]:
    """Return the address of the pages of a house with something said in it."""
    house.settle(sample=True)
    grown = tuple(Metrics(observed_at=NOW - timedelta(hours=3 - n), likes=10**n) for n in range(3))
    house.say(
        *(Said(f"kopi {n}", f"a{n}", reading=heard(Impression.WOW, Stage.ADVOCATE)) for n in range(30)),
        Said(
            f"<img src='https://tracker.example/x.png'>{LONG} ![](https://tracker.example/y.png)",
            "b",
            NOW,
            metrics=grown,
        ),
    )
    with pages() as address:
        yield address


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Return a browser, or skip and say so."""
    with chromium() as opened:
        yield opened


def test_a_phone_needs_no_sideways_scroll_and_nothing_is_fetched_elsewhere(served: str, browser: Browser) -> None:
    """At 390 pixels no page is wider than the screen, in either theme, and every request stays on this machine."""
    for theme in ("light", "dark"):
        page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=theme, locale="id-ID")
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        failed: list[str] = []
        page.on("console", lambda said, failed=failed: failed.append(said.text) if said.type == "error" else None)
        for path, charts in CHARTS.items():
            settled(page, served + path)
            expect(page.get_by_test_id("stVegaLiteChart").locator("svg, canvas")).to_have_count(charts, timeout=30_000)
            main = page.get_by_test_id("stMain")
            assert main.evaluate("main => main.scrollWidth - main.clientWidth") == 0, path
            assert page.evaluate("document.documentElement.scrollWidth") == 390, path
        ours = (served, served.replace("http", "ws"), "data:", "blob:")
        assert [url for url in asked if not url.startswith(ours)] == []
        # Streamlit looks for its own address by trial; any other error is one of a chart or a script.
        assert [text for text in failed if not text.startswith("Failed to load resource")] == []
        page.close()


def test_a_label_is_corrected_by_hand(served: str, house: House, browser: Browser) -> None:
    """Somebody opens the form, chooses, saves, sees the correction, and sees it again after loading anew."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000}, locale="en-GB")
    settled(page, f"{served}/mentions?text=kopi+7")
    page.get_by_role("button", name="Correct", exact=False).first.click()
    form = page.get_by_role("dialog")
    form.get_by_text("Boo", exact=True).click()
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    for _ in range(2):
        card = page.get_by_text("kopi 7", exact=True).locator("xpath=ancestor::*[@data-testid='stVerticalBlock'][1]")
        expect(card.get_by_text("corrected")).to_be_visible()
        expect(card.get_by_text("Boo", exact=True)).to_be_visible()
        page.reload()
    with house.store.read() as conn:
        assert conn.scalars(select(Correction.impression)).all() == [Impression.BOO]
    page.close()
