"""The collector of Facebook keeps the promises of every collector."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from collector_contract import HttpCollectorContract
from facebook_page import PAGE, page
from loopback import Behaviour, Loopback

from collectors.facebook import Facebook


class TestFacebook(HttpCollectorContract):
    """A page of our making: visitors' posts, comments with answers, more of both than one answer holds, ratings."""

    kind = Facebook
    wrong = ({}, {"page_id": "kopisenja"})

    @pytest.fixture
    def options(self, serve: Callable[[Behaviour], Loopback]) -> Mapping[str, Any]:
        """Return the settings that lead to the replay."""
        return {**self.at(serve(page()).url), "page_size": 2, "ratings": True}

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server."""
        return {"page_id": PAGE, "base_url": url}
