"""App Store Connect's customer reviews as its documentation describes them, for the loopback server.

A signed key of at most twenty minutes, sorted lists in pages of up to two hundred with ``links.next``, answers only
when included, a limit of calls an hour with its header, and error bodies as JSON:API has them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from loopback import Asked, Reply

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
APP = "1234567890"
_KEY = ec.generate_private_key(ec.SECP256R1())
# A key of Apple's shape, made for this run only.
PEM = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()
_PACIFIC = ZoneInfo("America/Los_Angeles")
_LIST, _ONE = f"/v1/apps/{APP}/customerReviews", "/v1/customerReviews/"

Review = Mapping[str, Any]


def review(number: int, hours_ago: float, rating: int = 2, **more: Any) -> Review:
    """Return a review of ours, written that long before NOW; Apple tells its times by its own zone."""
    return {
        "type": "customerReviews",
        "id": f"0000002{number:x}-b08c-0014-729e-fbd500000000",
        "attributes": {
            "rating": rating,
            "title": f"Aplikasi kopi ke-{number}",
            "body": "Pesanan saya hilang, padahal sudah bayar.",
            "reviewerNickname": f"pelanggan{number}",
            "createdDate": (NOW - timedelta(hours=hours_ago)).astimezone(_PACIFIC).isoformat(),
            "territory": "IDN",
            **more,
        },
    }


def answer(text: str, hours_ago: float, state: str = "PUBLISHED") -> Mapping[str, Any]:
    """Return the attributes of a developer's answer."""
    at = (NOW - timedelta(hours=hours_ago)).astimezone(_PACIFIC).isoformat()
    return {"responseBody": text, "lastModifiedDate": at, "state": state}


@dataclass
class AppStoreReplay:
    """Apple on a day of our making; ``before`` maps the number of a request to what happens just before its answer."""

    reviews: list[Review]
    answers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    issuer: str = PEM
    key_id: str = PEM
    now: datetime = NOW
    limit: int = 3600
    instead: dict[int, Reply] = field(default_factory=dict)
    before: dict[int, Callable[[], None]] = field(default_factory=dict)
    elsewhere: str = ""
    marks: set[str] = field(default_factory=set)
    calls: int = 0

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        number, self.calls = self.calls, self.calls + 1
        self.before.get(number, lambda: None)()
        if number in self.instead:
            return self.instead[number]
        reply = self._unsigned(asked) or self._limited() or self._found(asked)
        return Reply(reply.status, {**self._headers(), **reply.headers}, reply.body)

    def _headers(self) -> dict[str, str]:
        left = max(self.limit - self.calls, 0)
        return {
            "Content-Type": "application/json",
            "Date": format_datetime(self.now, usegmt=True),
            "X-Rate-Limit": f"user-hour-lim:{self.limit};user-hour-rem:{left};",
        }

    def _limited(self) -> Reply | None:
        return _problem(429, "RATE_LIMIT_EXCEEDED", "The request rate limit was reached.") if self._over else None

    @property
    def _over(self) -> bool:
        return self.calls > self.limit

    def _unsigned(self, asked: Asked) -> Reply | None:
        """Refuse a key that is not signed by ours, is too long good, expired, or for somebody else."""
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            head = jwt.get_unverified_header(token)
            held = jwt.decode(
                token,
                _KEY.public_key(),
                ["ES256"],
                options={"verify_exp": False, "verify_iat": False},
                audience="appstoreconnect-v1",
            )
        except jwt.PyJWTError:
            return _problem(401, "NOT_AUTHORIZED", "Provide a properly configured and signed bearer token.")
        now = self.now.timestamp()
        good = now < held["exp"] <= now + 1200 and held["iat"] <= now + 60 and held["exp"] - held["iat"] <= 1200
        if not good or (held["iss"], head["kid"], head["typ"]) != (self.issuer, self.key_id, "JWT"):
            return _problem(401, "NOT_AUTHORIZED", "Provide a properly configured and signed bearer token.")
        return None

    def _found(self, asked: Asked) -> Reply:
        if asked.path == _LIST:
            return self._list(asked)
        known = {it["id"]: it for it in self.reviews}
        wanted = asked.path.removeprefix(_ONE)
        if asked.path.startswith(_ONE) and wanted in known:
            return _answer(self._body([known[wanted]], asked.query) | {"data": self._linked(known[wanted])})
        return _problem(404, "NOT_FOUND", "The specified resource does not exist")

    def _list(self, asked: Asked) -> Reply:
        query = asked.query
        limit, mark = int(query.get("limit", "50")), query.get("cursor", "")
        if not 1 <= limit <= 200:
            return _problem(400, "PARAMETER_ERROR.INVALID", "limit must be 1 to 200", "limit")
        if mark and mark not in self.marks:
            return _problem(400, "PARAMETER_ERROR.INVALID", "The provided cursor is not valid", "cursor")
        wanted = set(filter(None, query.get("filter[territory]", "").split(",")))
        newest_first = query.get("sort") == "-createdDate"
        found = [it for it in self.reviews if not wanted or it["attributes"]["territory"] in wanted]
        found.sort(key=lambda it: (_written(it), it["id"]), reverse=newest_first)
        if mark:
            place = (datetime.fromisoformat(mark.split("_")[1]), mark.split("_")[2])
            found = [it for it in found if (_written(it), it["id"]) < place]
        page = found[:limit]
        body = self._body(page, query)
        if found[limit:]:
            mark = f"AQ_{_written(page[-1]).isoformat()}_{page[-1]['id']}"
            self.marks.add(mark)
            root = self.elsewhere or f"http://{asked.headers['host']}"
            body["links"] = {"next": f"{root}{_LIST}?cursor={mark.replace('+', '%2B')}&limit={limit}"}
        return _answer(body)

    def _body(self, page: Sequence[Review], query: Mapping[str, str]) -> dict[str, Any]:
        body: dict[str, Any] = {"data": [self._linked(it) for it in page], "links": {}}
        if query.get("include") == "response":
            kind = "customerReviewResponses"
            ids = [it["id"] for it in page if it["id"] in self.answers]
            body["included"] = [{"type": kind, "id": f"a-{key}", "attributes": self.answers[key]} for key in ids]
        return body

    def _linked(self, it: Review) -> dict[str, Any]:
        held = {"type": "customerReviewResponses", "id": f"a-{it['id']}"} if it["id"] in self.answers else None
        return {**it, "relationships": {"response": {"data": held, "links": {}}}}


def _written(it: Review) -> datetime:
    return datetime.fromisoformat(it["attributes"]["createdDate"]).astimezone(UTC)


def _answer(body: Mapping[str, Any]) -> Reply:
    return Reply(200, {}, json.dumps(body).encode())


def _problem(status: int, code: str, detail: str, parameter: str = "") -> Reply:
    fault: dict[str, Any] = {"id": "1", "status": str(status), "code": code, "title": detail, "detail": detail}
    if parameter:
        fault["source"] = {"parameter": parameter}
    return Reply(status, {}, json.dumps({"errors": [fault]}).encode())
