"""A ``requests`` session over the guarded client, for the libraries of sources that bring a client of their own."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import httpx
import requests
from requests.adapters import BaseAdapter

from collectors.http import fetch

# Whatever a source answers goes back to its library, which knows what each status means there; what is left over is
# classified by the collector with ``refusal``.
_EVERY_STATUS = range(100, 600)


class GuardedAdapter(BaseAdapter):
    """Sends a session's requests through the guarded client: no private address, no endless body, no cookie."""

    def __init__(self, client: httpx.Client, now: Callable[[], datetime], passing: range = _EVERY_STATUS) -> None:
        """Let the statuses in ``passing`` through to the library; the others raise the errors of ``fetch``."""
        super().__init__()
        self._client, self._now, self._passing = client, now, passing

    def send(  # type: ignore[override]  # What else a session hands over is the guarded client's business.
        self, request: requests.PreparedRequest, **_: Any
    ) -> requests.Response:
        """Return the answer to a prepared request; raises the errors of ``collectors.http.fetch``."""
        body = request.body.encode() if isinstance(request.body, str) else request.body
        answer = fetch(
            self._client,
            str(request.url),
            _plain(request.headers),
            method=str(request.method),
            body=body if isinstance(body, bytes) else None,
            passing=self._passing,
            now=self._now,
        )
        response = requests.Response()
        response.status_code, response.url, response.request = answer.status, answer.url, request
        response.headers.update(answer.headers)
        response._content = answer.body  # noqa: SLF001 - requests has no other way to make a response
        response.encoding = requests.utils.get_encoding_from_headers(response.headers)
        return response

    def close(self) -> None:
        """Leave the client open: it is everybody's."""


def session(client: httpx.Client, now: Callable[[], datetime], passing: range = _EVERY_STATUS) -> requests.Session:
    """Return a session that heeds no environment and reaches out through the guarded client alone."""
    made = requests.Session()
    made.trust_env = False
    for scheme in ("http://", "https://"):
        made.mount(scheme, GuardedAdapter(client, now, passing))
    return made


def _plain(headers: Mapping[str, str | bytes]) -> dict[str, str]:
    """Return headers as text, without the packing that a session asks for and the guarded client may not know."""
    texts = {name: value.decode("latin-1") if isinstance(value, bytes) else value for name, value in headers.items()}
    return {name: value for name, value in texts.items() if name.lower() not in {"accept-encoding", "content-length"}}
