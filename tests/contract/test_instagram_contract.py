"""The collector of Instagram keeps the promises of every collector."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from collector_contract import HttpCollectorContract
from instagram_account import account
from loopback import Behaviour, Loopback
from meta_replay import ACCOUNT

from collectors.instagram import Instagram


class TestInstagram(HttpCollectorContract):
    """An account of our making: comments with answers, a long list of comments, tagged posts and two hashtags."""

    kind = Instagram
    wrong = (
        {"brand_accounts": ["kopisenja"]},
        {"account_id": ACCOUNT},
        {"account_id": ACCOUNT, "brand_accounts": ["kopisenja"], "hashtags": ["#kopi senja"]},
    )

    @pytest.fixture
    def options(self, serve: Callable[[Behaviour], Loopback]) -> Mapping[str, Any]:
        """Return the settings that lead to the replay."""
        return {**self.at(serve(account()).url), "hashtags": ["kopisenja", "ngopi"], "page_size": 3}

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server."""
        return {"account_id": ACCOUNT, "brand_accounts": ["@KopiSenja"], "base_url": url}
