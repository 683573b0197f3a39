"""The collector of Google Play reviews keeps the promises of every collector."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from collector_contract import HttpCollectorContract
from google_replay import ACCOUNT, APP, GoogleReplay, play_review
from loopback import Behaviour, Loopback

from collectors.base import Tools
from collectors.google_play import GooglePlay, GooglePlayOptions
from domain.errors import ConfigError


class TestGooglePlay(HttpCollectorContract):
    """Two apps, one of them without news; titles, translations and replies of the brand."""

    kind = GooglePlay
    secret = ACCOUNT
    wrong = ({}, {"packages": ["Kopi Senja"]})

    @pytest.fixture
    def options(self, serve: Callable[[Behaviour], Loopback]) -> Mapping[str, Any]:
        """Return the settings that lead to the replay."""
        reviews = [play_review(n, n * 30) for n in range(20)]
        reviews += [
            play_review(90, 700, "Tidak bisa masuk\tSudah dicoba tiga kali", reply="Mohon maaf, Kak."),
            play_review(91, 710, "Good coffee", originalText="Kopinya enak"),
        ]
        return {**self.at(serve(GoogleReplay({APP: reviews, "id.kopisenja.kasir": []})).url), "about": "kopi"}

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server."""
        packages = [APP, "id.kopisenja.kasir"]
        return {"base_url": url, "token_url": f"{url}/token", "packages": packages, "page_size": 8}

    def test_a_missing_account_is_told(self, tools: Tools) -> None:
        """Without its service account the collector says which secret to set."""
        keyless = Tools(tools.http, tools.now, lambda _: None)
        with pytest.raises(ConfigError, match="SIMAK_GOOGLE_SERVICE_ACCOUNT"):
            GooglePlay(GooglePlayOptions(packages=(APP,)), keyless).check()
