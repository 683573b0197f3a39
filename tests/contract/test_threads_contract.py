"""The collector of Threads keeps the promises of every collector."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest
from collector_contract import HttpCollectorContract
from loopback import Behaviour, Loopback
from threads_account import account

from collectors.threads import Threads
from domain.query import Query, parse


class TestThreads(HttpCollectorContract):
    """Posts of our making: found by two words, naming the account, and answering its posts."""

    kind = Threads
    query: ClassVar[Query] = Query("kopi", parse('"kopi senja" OR (kopisenja -lagu)'))
    wrong = ({},)

    @pytest.fixture
    def options(self, serve: Callable[[Behaviour], Loopback]) -> Mapping[str, Any]:
        """Return the settings that lead to the replay."""
        return {**self.at(serve(account()).url), "page_size": 4}

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server."""
        return {"brand_accounts": ["@kopisenja"], "base_url": url}
