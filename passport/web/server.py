"""The HTTP server of resolver and issuer: uvicorn with a timeout for each wait, in front of a WSGI application.

* The application answers in a few threads. The body of a request is read before a thread is taken, and it is bounded.
* A client has so many seconds for one request, and so many for taking an answer. The head of a request is bounded;
  header names with an underscore are dropped, since WSGI cannot tell them from others.
* An application may answer a request that arrived whole and alone at once, on the event loop
  (:meth:`Application.at_once`). Everything that follows a request whose answer or body is under way takes the usual
  way.

uvicorn is pinned exactly, since :class:`Connection` extends a class of it.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Callable, Iterable
from threading import Event
from typing import Any, cast

import uvicorn
from a2wsgi import WSGIMiddleware
from a2wsgi.asgi_typing import HTTPScope, Receive, ReceiveEvent, Send, SendEvent
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from passport.errors import StoreFailure

#: Bytes of a request's body, where the application names no other bound.
MAX_BODY = 1_000_000
#: Threads of one worker process in which the application answers. They take turns at one interpreter; there are more
#: than cores so that some may wait for a disk, or for a reader who takes a long answer slowly.
THREADS = 8
#: Connections of one worker process; those above it are told to come back.
CONNECTIONS = 500
#: Seconds for the whole of one request to arrive, for a client to take what was sent, and between two requests.
RECEIVE, TAKE, IDLE = 30, 30, 15
MAX_HEAD = 65_536
#: Seconds that answers under way have when the server is told to stop.
PATIENCE = 10

logger = logging.getLogger("resolver")


class Application:
    """A WSGI application as an ASGI application.

    :param max_body: bytes of a request's body; one that is longer is not read, and Flask refuses it.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], *, max_body: int = MAX_BODY) -> None:
        self.wsgi = WSGIMiddleware(_with_errors(application), workers=THREADS)
        self._max_body = max_body

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        headers = [pair for pair in scope["headers"] if b"_" not in pair[0] and pair[0] != b"transfer-encoding"]
        body = b""
        if not any(name == b"content-length" and int(value) > self._max_body for name, value in headers):
            # What says of itself that it is too large is not read; Flask refuses it by what it says.
            more = True
            while more and len(body) <= self._max_body:
                message = await receive()
                if message["type"] != "http.request":  # the client has left
                    return
                body, more = body + message.get("body", b""), message.get("more_body", False)
            headers = [pair for pair in headers if pair[0] != b"content-length"]
            if body:
                headers.append((b"content-length", str(len(body)).encode()))

        async def whole() -> ReceiveEvent:
            return {"type": "http.request", "body": body, "more_body": False}

        gone, cycle = Event(), getattr(send, "__self__", None)

        async def sent(message: SendEvent) -> None:
            # To one who has left. An error here would end what empties the queue, and the thread that fills it would
            # wait for ever; uvicorn itself throws the message away and says nothing. So a long answer asks between two
            # pieces whether anybody is there.
            try:
                await send(message)
            except OSError:
                gone.set()
            if getattr(cycle, "disconnected", False):
                gone.set()

        # ASGI lets a scope carry keys of one's own; its TypedDict knows none.
        inner = cast(HTTPScope, {**scope, "headers": headers, "passport.gone": gone.is_set})
        await self.wsgi(inner, whole, sent)

    def at_once(self, request: bytes, connection: Connection) -> bytes | None:
        """The whole answer to a whole request, or None where it takes the usual way. Here it always does."""
        return None


class Connection(HttpToolsProtocol):
    """One connection: uvicorn's, with an end to each wait, and an application that may answer at once."""

    app: Application

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: What the application remembers of this connection, as long as it lasts.
        self.known: Any = None
        self.address = ""
        self._within = self.headed = False
        self._head = 0
        self._answered_at = 0.0
        self._arriving: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    # --- what arrives -----------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self._arriving = self.loop.call_later(RECEIVE, self._too_slow)

    def data_received(self, data: bytes) -> None:
        # Between two requests only, and not for one who does not take what it asked for.
        if not self._within and (self.cycle is None or self.cycle.response_complete) and not self.flow.write_paused:
            try:
                answer = self.app.at_once(data, self)
            except StoreFailure as error:
                # The application has words for it, and threads that may wait.
                logger.error("no answer at once, the store failed (%s); the application is asked", error)
                answer = None
            except Exception:
                logger.exception("no answer at once; the application is asked")
                answer = None
            if answer is not None:
                self.transport.write(answer)
                self._arrived()
                self._answered_at = self.loop.time()
                if self.timeout_keep_alive_task is None:
                    self._wait(self.timeout_keep_alive)
                return
        super().data_received(data)
        if self._within and not self.headed:
            self._head += len(data)
            if self._head > MAX_HEAD and not self.transport.is_closing():
                self._refuse(431)

    def on_message_begin(self) -> None:
        self._within, self.headed, self._head = True, False, 0
        if self._arriving is None:
            self._arriving = self.loop.call_later(RECEIVE, self._too_slow)
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        # Behind the body there may be trailers without end; they are not read.
        if not self.headed:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self.headed = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._within = False
        self._arrived()
        super().on_message_complete()

    # --- the ends of waits ------------------------------------------------------------------------------------------

    def timeout_keep_alive_handler(self) -> None:
        left = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._wait(left)
        elif self.transport.get_write_buffer_size():
            # It would be closed only when all was taken.
            self.transport.abort()
        else:
            super().timeout_keep_alive_handler()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._taking = self.loop.call_later(TAKE, self.transport.abort)

    def resume_writing(self) -> None:
        self._taken()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        self._taken()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def _arrived(self) -> None:
        if self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None

    def _taken(self) -> None:
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None

    def _wait(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _too_slow(self) -> None:
        self._arriving = None
        if self._within and (self.cycle is None or self.cycle.response_complete or not self.headed):
            self._refuse(408)
        else:
            self.transport.abort()

    def _refuse(self, status: int) -> None:
        """End the connection with a status; whatever else arrives on it is not read."""
        head = b"content-length: 0\r\nconnection: close\r\ncache-control: no-store\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head)
        self.transport.close()


def _with_errors(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """The same with its error messages on standard error: nothing is written to standard output."""

    def called(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["wsgi.errors"] = sys.stderr
        return application(environ, start_response)

    return called


def settle() -> None:
    """Exempt what is loaded from garbage collection, and collect less often. For a process that serves from now on.

    Ontology, contexts and shapes stay in memory for good. By its usual thresholds the collector walks through them
    every few thousand objects, which takes a tenth of the time of a request that verifies.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def serve(app: str | Application, host: str, port: int, **options: Any) -> None:
    """Serve an application, or one per worker process from the factory ``app``, until interrupted.

    :param options: of :func:`uvicorn.run`, such as ``factory`` and ``workers``. A factory calls :func:`settle` itself.
    """
    if not isinstance(app, str):
        settle()
    # It would write a line for each request that is no HTTP.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    uvicorn.run(
        app,
        interface="asgi3",
        http=Connection,
        ws="none",
        lifespan="off",
        host=host,
        port=port,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=PATIENCE,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        access_log=False,
        log_config=None,
        **options,
    )
