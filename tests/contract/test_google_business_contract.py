"""The collector of Business Profile reviews keeps the promises of every collector."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from collector_contract import HttpCollectorContract
from google_replay import PLACE, GoogleReplay, place_review
from loopback import Behaviour, Loopback

from collectors.base import Tools
from collectors.google_business import GoogleBusiness, GoogleBusinessOptions
from domain.errors import ConfigError


class TestGoogleBusiness(HttpCollectorContract):
    """Two branches that the account has, with stars alone, translations and replies of the brand."""

    kind = GoogleBusiness
    wrong = ({"locations": {"Senayan": "Senayan"}},)

    @pytest.fixture
    def options(self, serve: Callable[[Behaviour], Loopback]) -> Mapping[str, Any]:
        """Return the settings that lead to the replay."""
        other = "accounts/77/locations/102"
        reply = {"comment": "Terima kasih, Kak.", "updateTime": "2026-11-20T01:00:00Z"}
        reviews = [place_review(n, n * 30, reviewReply=reply) for n in range(70)]
        reviews += [place_review(n, n * 30, None) for n in range(80, 90)]
        named = {"101": {"title": "Kopi Senja", "storeCode": "JKT-01"}, "102": {"title": "Kopi Senja Bandung"}}
        replay = GoogleReplay(places={PLACE: reviews, other: [place_review(1, 5, place=other)]}, named=named)
        return {**self.at(serve(replay).url), "locations": {}, "about": "kopi"}

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server."""
        urls = dict.fromkeys(("base_url", "accounts_url", "information_url"), url)
        return {**urls, "token_url": f"{url}/token", "locations": {PLACE: "Senayan"}}

    def test_a_missing_secret_is_told(self, tools: Tools) -> None:
        """Without a secret the collector says which one to set."""
        keyless = Tools(tools.http, tools.now, lambda _: None)
        with pytest.raises(ConfigError, match="SIMAK_GOOGLE_CLIENT_ID"):
            GoogleBusiness(GoogleBusinessOptions(), keyless).check()
