"""Reviews of the App Store, by Apple's rules and against its traps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from app_store_replay import APP, NOW, PEM, AppStoreReplay, answer, review
from loopback import Behaviour, Loopback, Reply
from pydantic import SecretStr

from collectors.app_store import AppStore, AppStoreOptions
from collectors.base import Tools
from collectors.http import guarded
from domain.errors import ConfigError, PermanentError, RateLimitedError, TransientError
from domain.records import Cursor, Mention

SECRETS = {"app_store_key_id": "2X9R4HXF34", "app_store_issuer_id": "57246542-96fe-1a63", "app_store_private_key": PEM}
Serve = Callable[[Behaviour], Loopback]


@contextmanager
def reading(url: str, secrets: dict[str, str] = SECRETS, **options: object) -> Iterator[AppStore]:
    """Yield a collector that reads from an address, five reviews a page."""
    with guarded(["localhost"]) as client:
        tools = Tools(client, lambda: NOW, lambda name: SecretStr(secrets[name]) if name in secrets else None)
        yield AppStore(AppStoreOptions(**{"app_id": APP, "page_size": 5, "base_url": url} | options), tools)


def replay(count: int = 12, **more: object) -> AppStoreReplay:
    """Return Apple with so many reviews, five hours apart."""
    found = [review(number, number * 5) for number in range(count)]
    return AppStoreReplay(found, issuer="57246542-96fe-1a63", key_id="2X9R4HXF34", **more)  # type: ignore[arg-type]


def read(url: str, cursor: Cursor | None = None) -> tuple[list[Mention], Cursor]:
    """Walk once and return the mentions and the last cursor."""
    with reading(url) as collector:
        pages = list(collector.pages(None, cursor or Cursor()))
        return [collector.map(raw) for page in pages for raw in page.raws], pages[-1].cursor


def test_a_review_becomes_a_mention(serve: Serve) -> None:
    """Stars, both texts, the writer and the brand's answer with its time are read; a waiting answer is not public."""
    apple = replay(2)
    first, second = (it["id"] for it in apple.reviews)
    apple.answers = {first: answer("Maaf, Kak.", 1), second: answer("Baik.", 1, "PENDING_PUBLISH")}
    mentions = {mention.native_id: mention for mention in read(serve(apple).url)[0]}
    found = mentions[first]
    assert (found.stars, found.text) == (2, "Aplikasi kopi ke-0\nPesanan saya hilang, padahal sudah bayar.")
    assert found.author
    assert found.author.native_id == "pelanggan0"
    assert found.reply
    assert (found.reply.text, found.reply.at) == ("Maaf, Kak.", NOW - timedelta(hours=1))
    assert mentions[second].reply is None


def test_an_edit_is_a_higher_revision_of_the_same_review(serve: Serve) -> None:
    """A review that its writer has changed comes again, above what was read, with its new date as revision."""
    apple = replay()
    url = serve(apple).url
    before, cursor = read(url)
    old = next(mention for mention in before if mention.native_id == apple.reviews[9]["id"])
    apple.reviews[9] = {**review(9, -1, 5, body="Sudah beres, terima kasih.")}
    after, _ = read(url, cursor)
    new = next(mention for mention in after if mention.native_id == old.native_id)
    assert new.revision > old.revision
    assert new.stars == 5


def test_only_what_is_new_is_asked_for(serve: Serve) -> None:
    """A second walk ends at the first page that reaches below the floor and its overlap."""
    server = serve(replay(40))
    _, cursor = read(server.url)
    asked = len(server.asked)
    read(server.url, cursor)
    assert len(server.asked) - asked == 3  # two days of overlap are ten reviews, and one page tells that it ends


def test_the_key_never_follows_an_address_elsewhere(serve: Serve) -> None:
    """A next page on another host is refused, and that host is not called."""
    thief = serve(lambda _: Reply())
    with pytest.raises(TransientError, match="not its own"):
        read(serve(replay(elsewhere=thief.url)).url)
    assert not thief.asked


def test_a_page_mark_that_is_stale_begins_again(serve: Serve) -> None:
    """A walk cut off for so long that its page mark is refused starts at the newest review and loses nothing."""
    apple = replay()
    url = serve(apple).url
    with reading(url) as collector:
        cut = next(collector.pages(None, Cursor())).cursor
    apple.marks.clear()
    mentions, cursor = read(url, cut)
    assert {mention.native_id for mention in mentions} == {it["id"] for it in apple.reviews}
    assert cursor.token is None


def test_the_hours_last_call_is_not_overdrawn(serve: Serve) -> None:
    """Once the header says that no call is left, the pages so far stand and the walk waits an hour without asking."""
    server = serve(replay(limit=2))
    with reading(server.url) as collector:
        pages = collector.pages(None, Cursor())
        got = [next(pages), next(pages)]
        with pytest.raises(RateLimitedError) as caught:
            next(pages)
    assert caught.value.until == NOW + timedelta(hours=1)
    assert len(server.asked) == len(got) == 2


def test_a_refusal_for_calls_waits_an_hour(serve: Serve) -> None:
    """A 429 that says that the hour's calls are used up is waited out."""
    with pytest.raises(RateLimitedError, match="hour") as caught:
        read(serve(replay(limit=0)).url)
    assert caught.value.until == NOW + timedelta(hours=1)


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_clock_that_is_off_is_corrected_once(serve: Serve, minutes: int) -> None:
    """Where our clock differs from Apple's, the call is signed again by Apple's, and the walk goes on."""
    apple = replay(now=NOW + timedelta(minutes=minutes) * 3)
    assert len(read(serve(apple).url)[0]) == 12


@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (401, "NOT_AUTHORIZED", "KEY_ID"),
        (403, "FORBIDDEN_ERROR", "Customer Support"),
        (404, "NOT_FOUND", "app_id"),
        (403, "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED", "agreement"),
    ],
)
def test_a_refusal_says_what_to_do(serve: Serve, status: int, code: str, says: str) -> None:
    """Each refusal of Apple's is one sentence that names what to change."""
    body = f'{{"errors": [{{"status": "{status}", "code": "{code}", "detail": "x"}}]}}'.encode()
    with pytest.raises(PermanentError, match=says):
        read(serve(lambda _: Reply(status, {"Date": format_datetime(NOW, usegmt=True)}, body)).url)


def test_looking_again_tells_what_is_gone(serve: Serve) -> None:
    """A review that Apple no longer has is gone; one that is there comes with its newest answer."""
    apple = replay(1)
    here = apple.reviews[0]["id"]
    apple.answers[here] = answer("Sudah kami kirim ulang.", 0)
    with reading(serve(apple).url) as collector:
        first, second = collector.refresh([here, "00000099-aaaa"])
        assert collector.map(first.raws[0]).reply
    assert second.gone == ("00000099-aaaa",)


def test_the_key_may_be_a_file_or_one_line(serve: Serve, tmp_path: Path) -> None:
    """The private key is read from the file that is named, or from one line with written line ends."""
    (tmp_path / "AuthKey.p8").write_text(PEM)
    for told in (str(tmp_path / "AuthKey.p8"), PEM.replace("\n", "\\n")):
        with reading(serve(replay(0)).url, SECRETS | {"app_store_private_key": told}) as collector:
            assert "no review yet" in collector.probe()


@pytest.mark.parametrize(
    ("secret", "value"),
    [
        *((name, "") for name in SECRETS),
        ("app_store_private_key", "/no/such.p8"),
        ("app_store_private_key", "-----BEGIN PRIVATE KEY-----\nzzz\n-----END PRIVATE KEY-----"),
    ],
)
def test_a_missing_or_broken_key_is_told(secret: str, value: str) -> None:
    """Each secret that is missing, or is no key, is named before anything is called."""
    with (
        reading("http://localhost", SECRETS | {secret: value}) as collector,
        pytest.raises(ConfigError, match=f"SIMAK_{secret.upper()}"),
    ):
        collector.check()
