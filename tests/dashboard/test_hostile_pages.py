"""Foreign words on every page, in a real browser: shown as words, and never carried out."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
import tomlkit
from browsing import chromium, pages, settled
from dashboard_house import NOW, House, Said, heard
from playwright.sync_api import Browser, Page

import dashboard
from dashboard.workspace import Source
from domain.records import BrandReply, Cursor, Gap, Outcome
from domain.records import Page as Answer
from domain.vocabulary import Impression, Stage, TouchPoint
from store.place import Place
from store.state import BrandSetting, begin_walk, end_walk, save_progress, set_aside, sync_brands

DONE = "window.__done=1"
PAYLOADS = (
    f"<script>{DONE}</script>",
    f"<img src=x onerror={DONE}>",
    f"<svg onload={DONE}>",
    f"<svg><script>{DONE}</script></svg>",
    f"<body onload={DONE}>",
    f"<iframe srcdoc='<script>parent.{DONE}</script>'></iframe>",
    f'<iframe src="javascript:parent.{DONE}"></iframe>',
    f"<details open ontoggle={DONE}>",
    f"<video><source onerror={DONE}></video>",
    f"<input autofocus onfocus={DONE}>",
    f"<marquee onstart={DONE}>",
    f"<math><mtext></mtext><script>{DONE}</script></math>",
    f'<a href="javascript:{DONE}">klik</a>',
    f"[klik](javascript:{DONE})",
    f'[klik]( javascript:{DONE} "judul")',
    f'![x](x" onerror="{DONE})',
    f"<javascript:{DONE}>",
    f"```html\n<script>{DONE}</script>\n```",
    f"$\\href{{javascript:{DONE}}}{{klik}}$",
    f"$$\\htmlData{{x=<script>{DONE}</script>}}{{a}}$$",
    f":material/<script>{DONE}</script>:",
    f":red[<img src=x onerror={DONE}>]",
    f'"><script>{DONE}</script>',
    f"'-({DONE})-'",
    f"</textarea><script>{DONE}</script>",
    f"</script><script>{DONE}</script>",
    f"{{{{constructor.constructor('{DONE}')()}}}}",
    f"${{{DONE}}}",
    f"<scr<script>ipt>{DONE}</scr</script>ipt>",
    f'<meta http-equiv=refresh content="0;url=javascript:{DONE}">',
    f"data:text/html,<script>{DONE}</script>",
)
BOARDS = ("journey?board=gap", "journey?board=beliefs")
PAGES = [*sorted(path.stem for path in (Path(dashboard.__file__).parent / "app_pages").glob("*.py")), *BOARDS]


def test_there_are_thirty_of_them() -> None:
    """Each way to smuggle a script in is another one."""
    assert len(set(PAYLOADS)) >= 30


@pytest.fixture
def served(house: House, tmp_path: Path) -> Iterator[str]:
    """Serve a house in which every foreign word is a payload."""
    name = PAYLOADS[1]
    brand = {"key": "senja", "name": name, "role": "own", "aliases": list(PAYLOADS[:9])}
    person = {"key": "sari", "name": PAYLOADS[0], "channels": list(PAYLOADS[9:12])}
    settings = {"brands": [brand], "alerts": {"people": [person], "routes": [{"chain": [PAYLOADS[12]]}]}}
    (tmp_path / "simak.toml").write_text(tomlkit.dumps(settings))
    house.settle(
        home=str(tmp_path),
        brands=("senja", "fajar"),
        sources=(Source(name="kabar", collector=PAYLOADS[0], every_minutes=15),),
    )
    with house.store.write() as conn:
        sync_brands(conn, [BrandSetting("senja", name, True, "senja", {"kabar": PAYLOADS[2]})], NOW)
        here = Place("kabar", "all", "Asia/Jakarta", NOW)
        begin_walk(conn, here)
        gap = Gap(until=NOW, why=PAYLOADS[3])
        save_progress(conn, here, Cursor(), Answer(gap=gap), Outcome(), NOW)
        end_walk(conn, here, PAYLOADS[4], None)
        set_aside(conn, here, [({"text": text}, text) for text in PAYLOADS])
    house.say(*(_said(number, text) for number, text in enumerate(PAYLOADS)))
    with pages() as address:
        yield address


def _said(number: int, text: str) -> Said:
    impression = (Impression.BOO, Impression.WOW, Impression.ARRGH)[number % 3]
    reading = heard(
        impression,
        tuple(Stage)[number % 5],
        complaint=0.9 if impression.level < 0 else 0.1,
        use_gap=impression is Impression.ARRGH,
        touchpoints=(tuple(TouchPoint)[number % 8],),
    )
    more = {
        "branch": text[:60],
        "url": f"https://example.com/{number}?q=<script>",
        "reply": BrandReply(text=text, at=NOW - timedelta(hours=number)),
    }
    return Said(text, f"a{number}", NOW - timedelta(days=number % 9, hours=1), reading=reading, more=more)


@pytest.mark.parametrize(("locale", "scheme"), [("id-ID", "light"), ("en-GB", "dark")])
def test_no_page_runs_a_script_or_fails(served: str, locale: str, scheme: Literal["light", "dark"]) -> None:
    """Thirty payloads in every foreign word run nothing, open nothing, and break no page."""
    with chromium() as browser:
        page, raised = _watched(browser, locale, scheme)
        for name in PAGES:
            settled(page, f"{served}/{name}")
            assert page.evaluate("window.__done") is None, name
            assert page.get_by_test_id("stException").count() == 0, name
            assert page.locator("a[href^='javascript' i], iframe[srcdoc*='__done'], [onerror], [onload]").count() == 0
        assert raised == []


def _watched(browser: Browser, locale: str, scheme: Literal["light", "dark"]) -> tuple[Page, list[str]]:
    """Return a tab, and what its dialogs and the errors of its scripts will say."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale=locale, color_scheme=scheme)
    raised: list[str] = []
    page.on("dialog", lambda dialog: (raised.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: raised.append(str(error)))
    return page, raised
