"""The collector of X's stream keeps the promises of every collector."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from collector_contract import HttpCollectorContract, stored
from loopback import Behaviour, Loopback
from pydantic import SecretStr
from stored_contract import SECRET
from x_recorded import streamed
from x_replay import NOW, edited, post
from x_stream_replay import XStreamReplay

from collectors import _x_posts
from collectors.base import Collector, Tools
from collectors.http import guarded
from collectors.x_stream import XStream, XStreamOptions
from domain.errors import ConfigError
from domain.query import Query, parse
from domain.records import Cursor, Page, Raw

QUERIES = (Query("kopi", parse("kopi")), Query("teh", parse("teh -lowongan")))


class TestXStream(HttpCollectorContract):
    """Posts of our making that come live, a few of them also from before."""

    kind = XStream
    wrong: ClassVar[Sequence[Mapping[str, Any]]] = ({"watched": {"kopi": ["https://example.com"]}},)

    @pytest.fixture
    def tools(self) -> Iterator[Tools]:
        """Yield tools that know the brands."""
        for tools in super().tools.__wrapped__(self):  # type: ignore[attr-defined]
            yield replace(tools, queries=QUERIES)

    @pytest.fixture
    def options(self, serve: Callable[[Behaviour], Loopback]) -> Mapping[str, Any]:
        """Return the settings that lead to the replay."""
        before = post(50)
        live = [post(1, low=number) for number in range(1, 4)]
        replay = XStreamReplay([*live, edited(before, 40, "kopi"), *map(post, range(10, 22))], live=live)
        return self.at(serve(replay).url)

    @pytest.fixture
    def recorded(self, shared: Path) -> Sequence[Raw]:
        """Return the raw items of the stream's example payloads."""
        return [raw for body in streamed(shared) for raw in _x_posts.raws(body, NOW)]

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server, for a short time of listening."""
        return {"base_url": url, "page_size": 10, "listen": 0.3, "silence": 0.4}

    def test_ids_are_unique_and_stable(self, make: Callable[[], Collector], pages: list[Page]) -> None:
        """What comes live comes again with the search, as the same mention; a second walk gives the same ids."""
        found = stored(make(), pages)
        for page in pages:
            assert stored(make(), [page]).items() <= found.items()
        assert stored(make(), list(make().pages(None, Cursor()))).keys() == found.keys()

    def test_a_private_address_is_refused(self, serve: Callable[[Behaviour], Loopback]) -> None:
        """A stream that leads to an address inside is not listened to, and the error says how to allow it."""
        server = serve(XStreamReplay([]))
        with guarded() as client:
            tools = Tools(client, lambda: NOW, lambda _: SecretStr(SECRET), queries=QUERIES)
            with pytest.raises(ConfigError, match="allow_private"):
                list(XStream(XStreamOptions(**self.at(server.url)), tools).pages(None, Cursor()))
        assert not server.asked

    def test_a_brand_is_needed(self, tools: Tools) -> None:
        """Without a brand there is nothing to listen for, and check says so."""
        with pytest.raises(ConfigError, match="a brand to listen for"):
            XStream(XStreamOptions(), replace(tools, queries=())).check()
