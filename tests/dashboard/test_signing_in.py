"""Signing in, with a real provider and a real browser: who is let in, who is not, and what each role may do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import tomlkit
from browsing import chromium, free_port, pages, settled
from dashboard_house import House, Said, heard
from openid import CLIENT, SECRET, Provider, provider
from playwright.sync_api import Browser, Page, expect
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard import access
from dashboard.workspace import SignIn
from domain.access import RIGHTS, Right, Viewer
from domain.errors import ForbiddenError
from domain.records import Labels
from domain.vocabulary import Impression, Journey, Priority, Stage, UserRole
from store import access as accounts
from store.labels import correct
from store.triage import Change, change

ADDRESS = "sari@example.com"
NAMES = sorted(path.stem for path in (Path(dashboard.__file__).parent / "app_pages").glob("*.py"))


def sign_in(metadata: str, port: int = 1) -> SignIn:
    return SignIn(
        metadata=metadata,
        redirect=f"http://127.0.0.1:{port}/oauth2callback",
        client_id=SecretStr(CLIENT),
        client_secret=SecretStr(SECRET),
        cookie_secret=SecretStr("a key that signs cookies in the tests"),
    )


@pytest.fixture
def door() -> Iterator[Provider]:
    with provider() as found:
        found.claims = {"email": ADDRESS.upper(), "email_verified": True}
        yield found


@pytest.fixture
def served(house: House, door: Provider) -> Iterator[str]:
    """Serve pages that ask people to sign in."""
    port = free_port()
    house.settle(sign_in=sign_in(door.metadata, port))
    house.say(Said("kopinya enak", reading=heard(Impression.WOW)))
    with house.store.write() as conn:
        accounts.put(conn, ADDRESS, UserRole.MANAGER)
    with pages(port) as address:
        yield address


def enter(page: Page, address: str) -> None:
    settled(page, address)
    page.get_by_role("button", name="Sign in").click()


def visitor(browser: Browser) -> Page:
    return browser.new_context(locale="en-GB").new_page()


def test_who_is_let_in_and_who_is_not(served: str, door: Provider, house: House) -> None:
    """A known and verified address enters by any link, is turned away once removed, and can leave; others never."""
    with chromium() as browser:
        page = visitor(browser)
        settled(page, f"{served}/mentions")
        expect(page.get_by_text("kopinya enak")).to_have_count(0)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Today")).to_be_visible(timeout=30_000)
        expect(page.get_by_text(f"{ADDRESS} · Manager")).to_be_visible()
        assert [one["httpOnly"] for one in page.context.cookies() if one["name"] == "_streamlit_user"] == [True]
        assert {one["sameSite"] for one in page.context.cookies()} <= {"Lax", "Strict"}

        with house.store.write() as conn:
            accounts.remove(conn, ADDRESS)
        settled(page, f"{served}/mentions")
        expect(page.get_by_text("may not look at these pages")).to_be_visible()
        expect(page.get_by_text("kopinya enak")).to_have_count(0)
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible(timeout=30_000)

        door.claims = {"email": ADDRESS, "email_verified": False}
        with house.store.write() as conn:
            accounts.put(conn, ADDRESS, UserRole.ADMIN)
        page = visitor(browser)
        enter(page, served)
        expect(page.get_by_text("does not vouch")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("fault", [{"nonce": "another"}, {"wrong_key": True}, {"expires_in": -600}])
def test_a_token_that_does_not_hold_lets_nobody_in(served: str, door: Provider, fault: dict[str, object]) -> None:
    """Another nonce, another key or a time that is over leave the visitor at the door."""
    for name, value in fault.items():
        setattr(door, name, value)
    with chromium() as browser:
        page = visitor(browser)
        enter(page, served)
        page.wait_for_timeout(3_000)
        settled(page, f"{served}/mentions")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(page.get_by_text("kopinya enak")).to_have_count(0)
    assert door.seen[:2] == ["authorize", "token"]


def as_role(house: House, monkeypatch: pytest.MonkeyPatch, role: UserRole | None, home: Path) -> None:
    """Let the pages be looked at by somebody of a role, or by a stranger."""
    brand = {"key": "senja", "name": "Kopi Senja", "role": "own", "aliases": ["senja"]}
    (home / "simak.toml").write_text(tomlkit.dumps({"brands": [brand]}))
    house.settle(sign_in=sign_in("http://127.0.0.1:1/metadata"), home=str(home))
    claims = {"is_logged_in": True, "email": ADDRESS, "email_verified": True}
    user = type("User", (), {"get": claims.get, "to_dict": lambda self: claims})()
    monkeypatch.setattr(access.st, "user", user)
    with house.store.write() as conn:
        accounts.remove(conn, ADDRESS)
        if role:
            accounts.put(conn, ADDRESS, role)


def seen(app: AppTest) -> list[str]:
    return [str(one.value) for kind in ("title", "error") for one in app.get(kind)]


@pytest.mark.parametrize("role", [*UserRole, None])
@pytest.mark.parametrize("name", NAMES)
def test_each_page_for_each_role(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, role: UserRole | None
) -> None:
    """By a direct link each role sees what it may, and one sentence where it may not; a stranger sees nothing."""
    house.say(Said("kopinya enak", reading=heard(Impression.WOW)))
    as_role(house, monkeypatch, role, tmp_path)
    found = seen(house.open(name, "en"))
    needs = Right.SET if name == "settings" else Right.LOOK
    if role is None:
        assert len(found) == 2
        assert "may not look" in found[1]
    elif needs in RIGHTS[role]:
        assert len(found) == 1
    else:
        assert any(f"The role “{role.label_en}” may not do this" in one for one in found)


@pytest.mark.parametrize("role", UserRole)
def test_rights_are_held_to_where_rows_are_written(house: House, role: UserRole) -> None:
    """Whatever page or link leads there, the store refuses what a role may not do, and does what it may."""
    house.say(Said("kopinya enak", reading=heard(Impression.WOW)))
    looks = Viewer(name=ADDRESS, role=role)
    labels = Labels(
        impression=Impression.BOO,
        complaint=True,
        stage=Stage.ACT,
        touchpoints=(),
        journey=Journey.NONE,
        use_gap=False,
    )
    deeds = {
        Right.HANDLE: lambda conn: change(conn, 1, [1], Change(priority=Priority.HIGH), ADDRESS, house.now),
        Right.CORRECT: lambda conn: correct(conn, 1, 1, labels, ADDRESS, "Asia/Jakarta", house.now),
        Right.SET: lambda conn: accounts.put(conn, "ani@example.com", UserRole.ADMIN),
    }
    for right, deed in deeds.items():
        allowed = True
        try:
            with house.store.write(looks) as conn:
                deed(conn)
        except ForbiddenError:
            allowed = False
        assert allowed is (right in RIGHTS[role]), right
