"""Google's tokens, Play reviews and Business Profile reviews by their documented rules, for the loopback server."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import google.auth.crypt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from loopback import Asked, Reply

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = "s3cret-AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0"
TOKEN = "ya29.s3cret-token"
EMAIL = "simak@kopi-senja.iam.gserviceaccount.com"
APP, PLACE = "id.kopisenja.app", "accounts/77/locations/101"
AUDIENCE = "https://oauth2.googleapis.com/token"
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = _KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
_PUBLIC = _KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
ACCOUNT = json.dumps(
    {
        "type": "service_account",
        "project_id": "kopi-senja",
        "private_key_id": "1",
        "private_key": PEM,
        "client_email": EMAIL,
        "token_uri": AUDIENCE,
    }
)
Made = dict[str, Any]


def answer(body: Any, status: int = 200) -> Reply:
    """Return an answer of Google's."""
    return Reply(status, {"Content-Type": "application/json; charset=UTF-8"}, json.dumps(body).encode())


def refused(status: int, code: str, reason: str = "", **facts: str) -> Reply:
    """Return an error as Google words it."""
    error: Made = {"code": status, "message": "Refused.", "status": code}
    if reason:
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        error["details"] = [{"@type": kind, "reason": reason, "domain": "googleapis.com", "metadata": facts}]
    return answer({"error": error}, status)


def play_review(number: int, minutes_ago: float, text: str = "\tAplikasinya enak dipakai", **more: Any) -> Made:
    """Return a review of an app, changed that long before NOW; ``reply`` is what the brand said an hour later."""
    at = NOW - timedelta(minutes=minutes_ago)
    reply = more.pop("reply", None)
    user = {
        "text": text,
        "lastModified": {"seconds": str(int(at.timestamp())), "nanos": 351000000},
        "starRating": 1 + number % 5,
        "reviewerLanguage": "in",
        "device": "klte",
        "appVersionName": "3.1",
        "thumbsUpCount": number,
        "thumbsDownCount": 0,
        **more,
    }
    said: list[Made] = [{"userComment": user}]
    if reply:
        later = str(int((at + timedelta(hours=1)).timestamp()))
        said.append({"developerComment": {"text": reply, "lastModified": {"seconds": later}}})
    return {"reviewId": f"lm:AOqp{number:04}", "authorName": "Ibu Kopi", "comments": said}


def place_review(number: int, minutes_ago: float, comment: str | None = "Kopinya enak", **more: Any) -> Made:
    """Return a review of a place, changed that long before NOW."""
    at = f"{NOW - timedelta(minutes=minutes_ago):%Y-%m-%dT%H:%M:%S}.123456789Z"
    place = more.pop("place", PLACE)
    review = {
        "name": f"{place}/reviews/AbF{number:04}",
        "reviewId": f"AbF{number:04}",
        "reviewer": {"displayName": "Ibu Kopi", "profilePhotoUrl": "https://lh3.googleusercontent.com/ibu"},
        "starRating": ("ONE", "TWO", "THREE", "FOUR", "FIVE")[number % 5],
        "createTime": at,
        "updateTime": at,
        **more,
    }
    return review if comment is None else {**review, "comment": comment}


@dataclass
class GoogleReplay:
    """Google on a day of our making; ``instead`` maps the number of a call (not for a token) to its answer."""

    apps: Mapping[str, list[Made]] = field(default_factory=dict)
    places: Mapping[str, list[Made]] = field(default_factory=dict)
    named: Mapping[str, Made] = field(default_factory=dict)
    instead: dict[int, Reply] = field(default_factory=dict)
    now: datetime = NOW
    lasts: int = 3599
    tokens: int = 0
    cut: int | None = None
    calls: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        if asked.path == "/token":
            return self._token(asked.form)
        number = len(self.calls)
        self.calls.append(asked.path)
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return refused(401, "UNAUTHENTICATED", "ACCESS_TOKEN_TYPE_UNSUPPORTED")
        return self.instead.get(number) or self._answer(asked)

    def _token(self, form: Mapping[str, str]) -> Reply:
        self.tokens += 1
        if form.get("grant_type") == "refresh_token":
            good = all(form.get(name) == SECRET for name in ("client_id", "client_secret", "refresh_token"))
        else:
            good = form.get("grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer" and self._signed(form)
        if not good:
            return answer({"error": "invalid_grant", "error_description": "Bad Request"}, 400)
        return answer({"access_token": TOKEN, "expires_in": self.lasts, "token_type": "Bearer"})

    def _signed(self, form: Mapping[str, str]) -> bool:
        head, claims, signature = form["assertion"].split(".")
        told = json.loads(_decoded(claims))
        good: bool = google.auth.crypt.verify_signature(f"{head}.{claims}".encode(), _decoded(signature), _PUBLIC)
        now = int(self.now.timestamp())
        fits = told["iss"] == EMAIL and told["aud"] == AUDIENCE and told["exp"] - told["iat"] <= 3600
        return good and fits and told["iat"] <= now < told["exp"] and told["scope"].endswith("/androidpublisher")

    def _answer(self, asked: Asked) -> Reply:
        parts = asked.path.strip("/").split("/")
        if parts[:3] == ["androidpublisher", "v3", "applications"] and parts[4:] == ["reviews"]:
            return self._play(parts[3], asked.query)
        if asked.path == "/v1/accounts":
            return answer({"accounts": [{"name": "accounts/77", "accountName": "Kopi Senja", "type": "PERSONAL"}]})
        if asked.path == "/v1/accounts/77/locations":
            return answer({"locations": [{"name": f"locations/{n}", **it} for n, it in self.named.items()]})
        if parts[0] == "v4":
            return self._place("/".join(parts[1:]), asked.query)
        return refused(404, "NOT_FOUND")

    def _play(self, app: str, query: Mapping[str, str]) -> Reply:
        if app not in self.apps:
            return refused(404, "NOT_FOUND")
        week = (self.now - timedelta(days=7)).timestamp()
        found = [it for it in self.apps[app] if _seconds(it) >= week]
        found.sort(key=_seconds, reverse=True)
        size, start = int(query.get("maxResults", "10")), _start(query.get("token"))
        if start is None:
            return refused(400, "INVALID_ARGUMENT")
        if not found:
            return answer({})
        body: Made = {"reviews": found[start : start + size]}
        # Now and then the real one forgets to name the next page.
        if start + size < len(found) and start != self.cut:
            body["tokenPagination"] = {"nextPageToken": f"p{start + size}"}
        return answer(body)

    def _place(self, path: str, query: Mapping[str, str]) -> Reply:
        location, _, review = path.partition("/reviews")
        found = self.places.get(location)
        if found is None:
            return refused(404, "NOT_FOUND")
        if review:
            return next((answer(it) for it in found if it["name"] == path), refused(404, "NOT_FOUND"))
        size, start = int(query.get("pageSize", "50")), _start(query.get("pageToken"))
        if start is None or size > 50:
            return refused(400, "INVALID_ARGUMENT")
        ordered = sorted(found, key=lambda it: it["updateTime"], reverse=True)
        if not ordered:
            return answer({})
        body: Made = {"reviews": ordered[start : start + size], "averageRating": 3, "totalReviewCount": len(ordered)}
        return answer(body | ({"nextPageToken": f"p{start + size}"} if start + size < len(ordered) else {}))


def _start(token: str | None) -> int | None:
    if token is None:
        return 0
    return int(token[1:]) if token[:1] == "p" and token[1:].isdigit() else None


def _seconds(review: Made) -> int:
    return int(review["comments"][0]["userComment"]["lastModified"]["seconds"])


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
