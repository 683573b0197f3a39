"""X's filtered stream as its documentation describes it, beside the search of ``x_replay``.

A connection is held open and sent what fits a rule, then an empty line as a sign of life; there is one connection at a
time, none without rules, and rules are added and deleted by the app that all users of the key share.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from loopback import Asked, Reply
from x_replay import PRICES, TOKEN, Post, XReplay, matches, problem

STREAM, RULES = "/2/tweets/search/stream", "/2/tweets/search/stream/rules"
# X sends a sign of life every twenty seconds; a test has not that long.
ALIVE = 0.05
# A server notices in its own time that a listener has hung up.
_NOTICED = 4 * ALIVE


@dataclass
class XStreamReplay(XReplay):
    """X with a stream that brings ``live``, each piece as it stands in ``said`` where that is set.

    ``refusals`` are given to the first connections; ``drops`` ends each connection after what there is to send.
    """

    live: list[Post] = field(default_factory=list)
    rules: dict[str, Mapping[str, str]] = field(default_factory=dict)
    refusals: list[Reply] = field(default_factory=list)
    said: list[bytes] | None = None
    drops: bool = False
    quiet: bool = False
    connections: int = 0
    occupied: Lock = field(default_factory=Lock)

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        if asked.path not in {STREAM, RULES}:
            return super().__call__(asked)
        self.paths.append(asked.path)
        if self.interface:
            self.violations += self.interface.violations(asked)
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return problem(401, "Unauthorized", "about:blank")
        if asked.path == STREAM:
            return self._stream(asked)
        return self._listed(asked) if asked.method == "GET" else self._changed(json.loads(asked.body))

    def _listed(self, asked: Asked) -> Reply:
        data = [{"id": key, **rule} for key, rule in self.rules.items()]
        body = {"meta": {"sent": "2026-11-20T12:00:00.000Z", "result_count": len(data)}}
        body = {"data": data, **body} if data else body
        if self.interface:
            self.misanswers += self.interface.misanswers(asked.path, body)
        return Reply(200, {}, json.dumps(body).encode())

    def _changed(self, wanted: Mapping[str, Any]) -> Reply:
        faults = []
        for key in wanted.get("delete", {}).get("ids", ()):
            del self.rules[key]
        for rule in wanted.get("add", ()):
            held = {known["value"]: key for key, known in self.rules.items()}
            if rule["value"] in held:
                faults.append(_refused(rule, held[rule["value"]], "duplicate-rules", "DuplicateRule"))
            elif len(rule["value"]) > 512 or "SALAH" in rule["value"]:
                faults.append(_refused(rule, "1", "invalid-rules", "UnprocessableEntity"))
            else:
                self.rules[str(100 + len(self.paths) * 100 + len(self.rules))] = rule
        body = {"meta": {"sent": "2026-11-20T12:00:00.000Z"}, **({"errors": faults} if faults else {})}
        return Reply(201, {}, json.dumps(body).encode())

    def _stream(self, asked: Asked) -> Reply:
        if self.refusals:
            return self.refusals.pop(0)
        if not self.rules:
            return problem(409, "RulesNotConfigured", "https://api.twitter.com/2/problems/rule-configuration-issue")
        if not self.occupied.acquire(timeout=_NOTICED):
            told = {"title": "ConnectionException", "connection_issue": "TooManyConnections", "detail": "At the limit."}
            return Reply(429, {}, json.dumps(told).encode())
        self.connections += 1
        return Reply(200, {"Content-Type": "application/json"}, pieces=self._pieces(asked))

    def _pieces(self, asked: Asked) -> Iterator[bytes]:
        try:
            yield from self.said if self.said is not None else [b"".join(self._events(asked))]
            while not self.drops:
                time.sleep(ALIVE)
                yield b"" if self.quiet else b"\r\n"
        finally:
            self.occupied.release()

    def _events(self, asked: Asked) -> Iterator[bytes]:
        for it in list(self.live):
            fits = [{"id": key, "tag": rule["tag"]} for key, rule in self.rules.items() if matches(rule["value"], it)]
            if fits:
                self.bill[f"{self.now:%F}", "post", it["id"]] = PRICES["post"]
                # The streams kept the names of tweets.
                asked_for = {*asked.query["tweet.fields"].split(","), "id", "text", "edit_history_tweet_ids"}
                data = {name: value for name, value in it.items() if name in asked_for}
                body = {"data": data, **self._included([it], asked.query), "matching_rules": fits}
                yield json.dumps(body, ensure_ascii=False).encode() + b"\r\n"


def _refused(rule: Mapping[str, str], key: str, kind: str, title: str) -> Mapping[str, Any]:
    return {"value": rule["value"], "id": key, "title": title, "type": f"https://api.twitter.com/2/problems/{kind}"}
