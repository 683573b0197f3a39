"""Feeds made to break whoever reads them."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loopback import Behaviour, Loopback, Reply

from collectors.base import Tools
from collectors.feeds import FeedOptions, Feeds
from collectors.http import guarded
from collectors.runner import understand
from domain.errors import SimakError
from domain.records import Cursor, Mention

Serve = Callable[[Behaviour], Loopback]


def read(serve: Serve, body: bytes) -> list[Mention]:
    """Return the mentions in a feed with that body."""
    with guarded(["localhost"]) as client:
        tools = Tools(http=client, now=lambda: datetime(2026, 11, 20, tzinfo=UTC), secret=lambda _: None)
        feeds = Feeds(FeedOptions(urls=(serve(lambda _: Reply(200, {}, body)).url,)), tools)
        return [mention for page in feeds.pages(None, Cursor()) for _, mention in understand(feeds, page).items]


def rss(description: str, link: str = "https://k.example/1") -> bytes:
    """Return a feed with one item."""
    entry = f"<item><title>Judul</title><link>{link}</link><description>{description}</description></item>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{entry}</channel></rss>'.encode()


def test_scripts_and_handlers_do_not_pass(serve: Serve) -> None:
    """Of markup with scripts, handlers and odd addresses nothing but the words arrive."""
    markup = "&lt;script&gt;x()&lt;/script&gt;&lt;a href='javascript:y()' onclick=z()&gt;kata&lt;/a&gt;"
    (mention,) = read(serve, rss(markup, "javascript:alert(1)"))
    assert mention.text == "Judul\nkata"
    assert mention.url is None


@pytest.mark.parametrize(
    "description",
    ["kopi " * 2_000_000, "&lt;div&gt;" * 100_000, "&lt;!--" * 100_000, "😀" * 300_000, "a&lt;" * 200_000],
    ids=["ten megabytes", "deep markup", "open comments", "emoji", "brackets"],
)
def test_giants_become_extracts(serve: Serve, description: str) -> None:
    """However long or deep an entry is, its mention is a short extract."""
    (mention,) = read(serve, rss(description))
    assert mention.text.startswith("Judul")
    assert len(mention.text) <= 1_000


def test_entities_neither_multiply_nor_fetch(serve: Serve) -> None:
    """Entities of entities are not expanded, and an entity that names a file or an address brings nothing of it."""
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    outside = '<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY g SYSTEM "http://169.254.169.254/">'
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "haha">{levels}{outside}]>'
    body = rss("awal &e11; &f; &g; akhir").decode().replace('<?xml version="1.0"?>', head)
    for mention in read(serve, body.encode()):
        assert len(mention.text) <= 1_000
        assert "haha" * 100 not in mention.text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(middle=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_entries_or_an_error_of_ours(serve: Serve, middle: bytes) -> None:
    """No bytes inside or in place of a feed make the visit fail in a way that the runner does not know."""
    for body in (rss("@").replace(b"@", middle), middle):
        with suppress(SimakError):
            assert all(mention.text for mention in read(serve, body))
