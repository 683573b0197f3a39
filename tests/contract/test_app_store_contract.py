"""The collector of App Store reviews keeps the promises of every collector."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from app_store_replay import APP, PEM, AppStoreReplay, answer, review
from collector_contract import HttpCollectorContract
from loopback import Behaviour, Loopback

from collectors.app_store import AppStore


class TestAppStore(HttpCollectorContract):
    """Reviews of our making, one of them answered, one with a title alone, and one without a name."""

    kind = AppStore
    secret = PEM
    wrong = ({}, {"app_id": "com.kopi.senja"}, {"app_id": APP, "territories": ["Indonesia"]})

    @pytest.fixture
    def options(self, serve: Callable[[Behaviour], Loopback]) -> Mapping[str, Any]:
        """Return the settings that lead to the replay."""
        found = [review(number, number * 5) for number in range(12)]
        found += [review(20, 1, title="Bagus", body=None, rating=5), review(21, 2, reviewerNickname=None)]
        answers = {
            found[3]["id"]: answer("Maaf ya, Kak. Kami bantu.", 1),
            found[4]["id"]: answer("Baik.", 1, "PENDING"),
        }
        return self.at(serve(AppStoreReplay(found, answers)).url)

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server."""
        return {"app_id": APP, "base_url": url, "page_size": 5}
