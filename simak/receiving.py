"""The small application that sources call: it answers 200 only once what they brought is stored for good."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import Any

import anyio
import anyio.to_thread
import uvicorn
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from collectors._pushed import OversizedError, RefusedError, UnsignedError
from collectors.base import Receiver
from collectors.runner import understand
from domain.errors import ConfigError, TransientError
from domain.records import Cursor, Outcome
from simak.collecting import Collect
from store.engine import Store
from store.place import Place
from store.state import begin_walk, end_walk, note_intake, save_progress

log = logging.getLogger(__name__)
# Whoever takes longer to say what he has to say keeps a place from others.
PATIENCE = 10.0
# Calls that are worked on at once: the calls of one source wait for each other in the database, so more of them only
# wait there, and on SQLite longer than they need to.
WRITERS = 2
CONNECTIONS = 200
HEADERS = 16 * 2**10
# After how many seconds a sender is asked to try again.
AGAIN = {"Retry-After": "30"}
_PLAIN = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
# What the store raises when it is not there.
_AWAY = (TransientError, OperationalError, InterfaceError, PoolTimeoutError)


@dataclass(frozen=True)
class Pushed:
    """A source that calls us: its stage, and the store that it is filed in."""

    stage: Collect
    receiver: Receiver
    store: Store

    def take(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """Store what a call brings, whole or not at all, and return what was made of it.

        Raises the errors of ``Receiver.receive`` and of the store.
        """
        try:
            receipt = self.receiver.receive(headers, body)
        except RefusedError as refused:
            self._note(str(refused))
            raise
        delivery = understand(self.stage.collector, receipt.page)
        left_out = sum(receipt.ignored.values())
        newest_at = max((mention.published_at for _, mention in delivery.items), default=None)
        place = self._place()
        with self.store.write() as conn:
            # First of all: its row makes the calls of one source wait for each other and never in a circle.
            begin_walk(conn, place)
            brought = self.stage.file(conn, self.store.names, place, delivery)
            outcome = brought + Outcome(seen=left_out, skipped=left_out)
            save_progress(conn, place, Cursor(), receipt.page, outcome, newest_at)
            note_intake(conn, place, receipt.page, brought)
            end_walk(conn, place, None, None)
        deleted = {"deleted": len(receipt.page.gone)} if receipt.page.gone else {}
        ignored = {"ignored": dict(receipt.ignored)} if receipt.ignored else {}
        return outcome.model_dump(include={"seen", "written", "skipped", "quarantined"}) | deleted | ignored

    def _note(self, why: str) -> None:
        """Show on the source's page why a call with the right signature was refused."""
        with self.store.write() as conn:
            begin_walk(conn, self._place())
            end_walk(conn, self._place(), why, None)

    def _place(self) -> Place:
        return Place(self.stage.name, "all", self.stage.zone, self.stage.clock())


def pushed(store: Store, stages: Iterable[Collect]) -> dict[str, Pushed]:
    """Return the sources that call us, by name."""
    return {
        stage.name: Pushed(stage, stage.collector, store) for stage in stages if isinstance(stage.collector, Receiver)
    }


def application(sources: Mapping[str, Pushed]) -> Starlette:
    """Make the application: each source is called at ``/`` and its name."""
    limiter = anyio.CapacityLimiter(WRITERS)

    async def receive(request: Request) -> Response:
        source = sources.get(request.path_params["source"])
        if source is None:
            return _refusal(404)
        if request.headers.get("content-encoding", "identity") != "identity":
            return _refusal(415, "Send the body as it is, without compression.")
        body = await _body(request, source.receiver.body_limit)
        if isinstance(body, Response):
            return body
        headers = dict(request.headers)
        return await anyio.to_thread.run_sync(lambda: answer(source, headers, body), limiter=limiter)

    async def greet(request: Request) -> Response:
        source = sources.get(request.path_params["source"])
        if source is None:
            return _refusal(404)
        try:
            return PlainTextResponse(source.receiver.greet(request.query_params), headers=_PLAIN)
        except UnsignedError:
            return _refusal(401)
        except ConfigError as error:
            log.error("%s: %s", source.stage.name, error)  # noqa: TRY400 - a sentence for a person
            return _refusal(503, headers=AGAIN)

    async def schema(request: Request) -> Response:
        source = sources.get(request.path_params["source"])
        found = source.receiver.schema() if source else None
        return _refusal(404) if found is None else JSONResponse(found, headers=_PLAIN)

    routes = [
        Route("/{source}", receive, methods=["POST"]),
        Route("/{source}", greet, methods=["GET"]),
        Route("/{source}/schema.json", schema, methods=["GET"]),
    ]
    return Starlette(routes=routes)


def answer(source: Pushed, headers: Mapping[str, str], body: bytes) -> Response:
    """Take a call and say what became of it; the log gets the source's name and a sentence, never what was sent."""
    name = source.stage.name
    try:
        taken = source.take(headers, body)
    except UnsignedError:
        log.warning("%s: a call was refused: it is not signed with our secret.", name)
        return _refusal(401)
    except RefusedError as refused:
        log.warning("%s: a call was refused: %s", name, refused)
        items = [{"index": index, "why": why} for index, why in refused.faults]
        return _refusal(413 if isinstance(refused, OversizedError) else 422, str(refused), items)
    except ConfigError as error:
        log.error("%s: %s", name, error)  # noqa: TRY400 - a sentence for a person
        return _refusal(503, headers=AGAIN)
    except _AWAY:
        log.error("%s: the database does not answer; the sender is asked to try again.", name)  # noqa: TRY400
        return _refusal(503, headers=AGAIN)
    except Exception as error:  # noqa: BLE001 - the boundary of a process: whatever it is, the caller must not see it
        # Without the error's own words: they may be somebody's.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("%s: an unexpected %s\n%s", name, type(error).__name__, where)  # noqa: TRY400
        return _refusal(500, headers=AGAIN)
    return JSONResponse(taken, headers=_PLAIN)


async def _body(request: Request, limit: int) -> bytes | Response:
    """Return a body within its limits of size and time, or the answer to one that is not."""
    length = request.headers.get("content-length", "0")
    too_large = _refusal(413, f"A call may bring {limit:,} bytes.", headers={"Connection": "close"})
    if not length.isdecimal() or int(length[:20]) > limit:
        return too_large
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    return too_large
    except TimeoutError:
        return _refusal(408, headers={"Connection": "close"})
    except ClientDisconnect:
        return _refusal(400)
    return bytes(body)


def _refusal(
    status: int, why: str = "", items: list[dict[str, Any]] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer that is not 200; without a sentence its body says nothing at all."""
    more = {**_PLAIN, **(headers or {})}
    if not why:
        return Response(status_code=status, headers=more)
    return JSONResponse({"error": why} | ({"items": items} if items else {}), status, more)


class Hurried(H11Protocol):
    """HTTP/1.1 for callers that come to the point: a request's headers must be whole within ``PATIENCE``."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a request's headers, but not for ever."""
        super().data_received(data)
        if self._is_answering():
            self._stop_waiting()
        elif self._deadline is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(PATIENCE, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self._is_answering():
            self.transport.close()


class Reception:
    """The application, served in a thread beside whatever else the process does."""

    def __init__(self, sources: Mapping[str, Pushed], address: str, port: int) -> None:
        """Prepare the server; nothing is bound yet."""
        config = uvicorn.Config(
            application(sources),
            host=address,
            port=port,
            http=Hurried,
            ws="none",
            lifespan="off",
            # Its log of calls would hold addresses, and the word of a verification.
            access_log=False,
            log_config=None,
            log_level="error",
            proxy_headers=False,
            server_header=False,
            limit_concurrency=CONNECTIONS,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=3,
            h11_max_incomplete_event_size=HEADERS,
        )
        self.sources = sources
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._serve, name="receive", daemon=True)
        self.ended: Callable[[], None] = lambda: None

    @property
    def alive(self) -> bool:
        """Whether it serves."""
        return self._thread.is_alive()

    def start(self, ended: Callable[[], None]) -> None:
        """Serve until ``stop``; ``ended`` is called when the server ends, whyever."""
        self.ended = ended
        self._thread.start()

    def stop(self) -> None:
        """Finish the calls under way, but for a few seconds only: who gets no answer sends again."""
        self._server.should_exit = True
        self._thread.join(5)

    def _serve(self) -> None:
        # uvicorn leaves by SystemExit when it cannot bind its port.
        with suppress(SystemExit):
            self._server.run()
        self.ended()
