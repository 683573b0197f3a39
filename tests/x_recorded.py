"""The answers that X really gave, from the recorded material."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Body = Mapping[str, Any]


def payloads(shared: Path) -> list[Body]:
    """Return every recorded answer that holds posts, from whichever endpoint."""
    return [body for path in _files(shared) for body in _bodies(json.loads(path.read_text("utf-8"))) if posts_of(body)]


def posts_of(body: Body) -> list[Body]:
    """Return the posts of an answer."""
    data = body.get("data")
    return [it for it in data if "text" in it] if isinstance(data, list) else []


def users_of(body: Body) -> dict[str, Body]:
    """Return the users that an answer attaches, by id."""
    return {it["id"]: it for it in body.get("includes", {}).get("users", ())}


def _files(shared: Path) -> list[Path]:
    folder = shared / "fixtures" / "x"
    return [*sorted((folder / "recorded").glob("*.json")), *sorted((folder / "cassettes").glob("*.json"))]


def _bodies(found: Any) -> Iterator[Body]:
    interactions = found.get("interactions") if isinstance(found, Mapping) else None
    for body in [it["response"]["body"] for it in interactions] if interactions else [found]:
        if isinstance(body, Mapping):
            yield body


def streamed(shared: Path) -> list[Body]:
    """Return the example payloads of the stream, as answers that hold one post."""
    path = shared / "fixtures" / "x" / "simulated" / "tweets_search_stream.json"
    bodies = [it["response"] for it in json.loads(path.read_text("utf-8"))]
    return [{**body, "data": [body["data"]]} for body in bodies if isinstance(body.get("data"), Mapping)]
