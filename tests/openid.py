"""An OpenID provider on loopback, as the standard has it: discovery, authorization code, signed identity tokens, keys.

It lets in whoever it is told to (``claims``), and can be told to err: another nonce, another key, a time that is over.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from secrets import token_urlsafe
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import jwt
import uvicorn
from browsing import free_port
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "simak", "a secret that the provider gave"


@dataclass
class Provider:
    """What the provider knows; ``seen`` are the requests that it answered, by path."""

    address: str
    claims: dict[str, Any] = field(default_factory=dict)
    nonce: str | None = None
    expires_in: int = 600
    wrong_key: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    other: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    @property
    def metadata(self) -> str:
        return f"{self.address}/.well-known/openid-configuration"

    async def configuration(self, _: Request) -> Response:
        """Tell where everything is (OpenID Connect Discovery 1.0)."""
        return JSONResponse(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def authorize(self, request: Request) -> Response:
        """Send back with a code whoever asks for one rightly."""
        self.seen.append("authorize")
        asked = dict(request.query_params)
        if asked.get("client_id") != CLIENT or "code_challenge" not in asked or "openid" not in asked.get("scope", ""):
            return Response("refused", 400)
        code = token_urlsafe()
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def token(self, request: Request) -> Response:
        """Change a code, once, for an identity token."""
        self.seen.append("token")
        form = await request.form()
        asked = self.codes.pop(str(form.get("code")), None)
        if asked is None or asked["redirect_uri"] != form.get("redirect_uri") or not form.get("code_verifier"):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        told = {
            "iss": self.address,
            "sub": "1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + self.expires_in,
            "nonce": self.nonce or asked["nonce"],
        }
        key = self.other if self.wrong_key else self.key
        signed = jwt.encode(told | self.claims, key, "RS256", headers={"kid": "one"})
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "expires_in": 600, "id_token": signed})

    async def keys(self, _: Request) -> Response:
        """Tell the key that identity tokens are signed with."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return JSONResponse({"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]})


@contextmanager
def provider() -> Iterator[Provider]:
    """Serve a provider until the end."""
    port = free_port()
    made = Provider(f"http://127.0.0.1:{port}")
    routes = [
        Route("/.well-known/openid-configuration", made.configuration),
        Route("/authorize", made.authorize),
        Route("/token", made.token, methods=["POST"]),
        Route("/keys", made.keys),
    ]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=port, log_level="error"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield made
    finally:
        server.should_exit = True
        thread.join()
