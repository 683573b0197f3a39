"""The collector of feeds keeps the promises of every collector."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from collector_contract import HttpCollectorContract
from loopback import Asked, Behaviour, Loopback, Reply

from collectors.feeds import Feeds

ITEM = """<item><title>Surat {n}</title><link>https://koran.example/{n}?utm_source=rss</link>
<guid isPermaLink="false">{n}</guid><pubDate>Sat, 23 Nov 2024 14:05:{n:02} +0700</pubDate>
<description><![CDATA[<p>Pengiriman ke-{n} <b>lambat</b>.</p>]]></description></item>"""
FEED = (
    '<?xml version="1.0"?><rss version="2.0"><channel><title>Koran</title><language>id-ID</language>{}</channel></rss>'
)


def feed(numbers: range) -> bytes:
    """Return an RSS feed with an item for each number."""
    return FEED.format("".join(ITEM.format(n=n) for n in numbers)).encode()


class TestFeeds(HttpCollectorContract):
    """Two feeds of one publisher, of which one answers conditional requests."""

    kind = Feeds
    wrong = ({"urls": []}, {"urls": ["ftp://koran.example/feed"]}, {"urls": ["koran.example/feed"]})

    @pytest.fixture
    def options(self, serve: Callable[[Behaviour], Loopback]) -> Mapping[str, Any]:
        """Return the settings of the two feeds."""

        def answer(asked: Asked) -> Reply:
            if asked.headers.get("if-none-match") == '"a"':
                return Reply(304)
            if asked.path == "/utama":
                return Reply(200, {"ETag": '"a"', "Content-Type": "application/rss+xml"}, feed(range(5)))
            return Reply(200, {"Content-Type": "text/xml"}, feed(range(5, 9)))

        url = serve(answer).url
        return {"urls": [f"{url}/utama", f"{url}/ekonomi"]}

    def at(self, url: str) -> Mapping[str, Any]:
        """Return the settings that read a feed at that address."""
        return {"urls": url}
