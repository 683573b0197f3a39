"""The collector of GDELT's news keeps the promises of every collector."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import pytest
from collector_contract import HttpCollectorContract
from gdelt_replay import GdeltReplay, article
from loopback import Behaviour, Loopback

from collectors.gdelt import Gdelt
from domain.query import Query, parse
from domain.records import Raw


class TestGdelt(HttpCollectorContract):
    """Articles of some weeks, more than one answer holds, several of them seen in the same quarter of an hour."""

    kind = Gdelt
    query: ClassVar[Query] = Query("Kopi Senja", parse('"kopi senja" OR kopisenja'))
    wrong = ({"languages": ["bahasa indonesia"]}, {"countries": ["ID OR -x"]})

    @pytest.fixture
    def options(self, serve: Callable[[Behaviour], Loopback]) -> Mapping[str, Any]:
        """Return the settings that lead to the replay."""
        times = [0.2, 1, 1.1, 1.2, 2, 5, 5, 5, 30, 31, 32, 50, 200, 201, 202, 202, 700]
        articles = [article(hours, number=number) for number, hours in enumerate(times)]
        others = [article(3, "Harga teh naik"), article(4, "Kopi Senja opens a branch", language="English")]
        return self.at(serve(GdeltReplay([*articles, *others])).url)

    @pytest.fixture
    def recorded(self) -> Sequence[Raw]:
        """Return an article without an address and one without a title."""
        raw = {"brand": None, "seendate": "20261120T110000Z", "domain": "koran.example", "language": "Indonesian"}
        return [{**raw, "url": "javascript:x", "title": "Kopi"}, {**raw, "url": "https://koran.example/1", "title": ""}]

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server."""
        return {"base_url": url, "page_size": 5, "interval": 0}
