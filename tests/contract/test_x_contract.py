"""The X collector keeps the promises of every collector."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from collector_contract import HttpCollectorContract
from loopback import Behaviour, Loopback
from x_recorded import payloads, posts_of, users_of
from x_replay import NOW, XReplay, edited, not_found, post

from collectors import _x_posts
from collectors.base import Tools
from collectors.x import X, XOptions
from domain.errors import ConfigError
from domain.query import Query, parse
from domain.records import Raw
from domain.vocabulary import Platform


class XContract(HttpCollectorContract):
    """What both sources of posts share."""

    kind = X
    query: ClassVar[Query] = Query("Kopi Senja", parse("kopi senja"))

    def at(self, url: str) -> Mapping[str, Any]:
        """Point the collector at a server."""
        return {"base_url": url, "page_size": 10}

    def test_a_missing_key_is_told(self, tools: Tools) -> None:
        """Without its key the collector says which secret to set."""
        keyless = Tools(tools.http, tools.now, lambda _: None)
        with pytest.raises(ConfigError, match="SIMAK_X_BEARER_TOKEN"):
            X(XOptions(), keyless).check()


class TestX(XContract):
    """Posts of our making, with an edit, a deletion, a reply, a long text and an empty page on the way."""

    @pytest.fixture
    def options(self, serve: Callable[[Behaviour], Loopback]) -> Mapping[str, Any]:
        """Return the settings that lead to the replay."""
        first = post(3)
        reply = post(4, referenced_tweets=[{"type": "replied_to", "id": first["id"]}])
        long = post(5, note_tweet={"text": "kopi senja " * 60})
        posts = [edited(first, 2, "kopi senja enak sekali"), reply, long, *map(post, range(10, 38))]
        replay = XReplay(posts, hollow=frozenset({1}), problems=[not_found(post(900)["id"])])
        return self.at(serve(replay).url)


class TestRecordedX(XContract):
    """Posts that X really sent, in the years 2020 to 2022."""

    @pytest.fixture
    def options(self, shared: Path, serve: Callable[[Behaviour], Loopback]) -> Mapping[str, Any]:
        """Serve every recorded post by X's rules."""
        found = payloads(shared)
        posts = {it["id"]: {**it, "lang": "in"} for body in found for it in posts_of(body)}
        users = {key: it for body in found for key, it in users_of(body).items()}
        replay = XReplay(list(posts.values()), users, lookback=timedelta(days=20 * 365))
        return {**self.at(serve(replay).url), "page_size": 20, "retweets": True}

    @pytest.fixture
    def recorded(self, shared: Path) -> Sequence[Raw]:
        """Return the raw items of the recorded answers as they are."""
        return [raw for body in payloads(shared) for raw in _x_posts.raws(body, NOW)]

    def test_every_recorded_post_is_understood(self, recorded: Sequence[Raw]) -> None:
        """No post that X really sent is set aside."""
        assert len(recorded) > 80
        mentions = [_x_posts.mention(raw, frozenset()) for raw in recorded]
        assert {mention.platform for mention in mentions} == {Platform.X}
