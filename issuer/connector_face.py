"""The connector over HTTP: other companies negotiate, and pull the data that they agreed on.

The application carries requests to :mod:`passport.connector` and back, and lets a sender thread know when there is
something to send. It decides one thing itself: strangers get so many answers in a time, and then 429.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from flask import Flask, Response, current_app, request

from issuer import answers
from passport.connector.connector_endpoint import ConnectorAnswer, ConnectorRequest
from passport.connector.dataspace_messages import MAX_MESSAGE
from passport.connector.exchange_service import ExchangeService
from passport.errors import PassportError
from passport.linked_data import strict_json
from passport.texts import Message
from passport.web.limits import Buckets, Limit, client_of

logger = logging.getLogger("issuer")

#: Bytes of one request: a message, or a presentation with credentials.
MAX_BODY = max(MAX_MESSAGE, 1_000_000)
#: Longest sleep of the sender: another process may have put a message into the outbox.
_NAP = 1.0

#: Requests of strangers, and what one costs that has no valid proof: a proof makes us fetch documents and verify them.
STRANGERS = Limit(300, 60)
_COST = 10

Answerer = Callable[[ConnectorRequest, datetime], ConnectorAnswer | None]


@dataclass(frozen=True)
class ConnectorFaceConfig:
    """Everything that the application is told.

    :ivar answerers: asked in this order; the first that knows the path answers.
    :ivar strangers: how many requests without a valid proof are answered to one client; a quota of 0 is no limit.
    :ivar proxies: how many proxies of our own a request passes before it comes here.
    """

    answerers: Sequence[Answerer]
    strangers: Limit = STRANGERS
    proxies: int = 0


class StrangerLimit:
    """Counts requests without a valid proof, by the address of the client; companies that prove themselves pay nothing.

    The cost of a failed proof is taken before anything is verified, and given back where the proof holds. Only a keyed
    hash of an address is kept, in memory, for a bounded number of clients.

    :param clock: seconds of a clock that never goes back.
    """

    def __init__(self, limit: Limit, proxies: int, clock: Callable[[], float]) -> None:
        self.buckets = Buckets(limit)
        self._limited, self._proxies, self._clock = bool(limit.quota), proxies, clock
        self._key = secrets.token_bytes(32)

    def admit(self, address: str | None, forwarded: str | None) -> tuple[bytes, int]:
        """What the client is remembered by, and the seconds that it has to wait; 0: it is admitted."""
        client = client_of(address, forwarded, self._proxies).encode()
        name = blake2b(client, key=self._key, digest_size=16).digest()
        if not self._limited:
            return name, 0
        decision = self.buckets.take(name, _COST, self._clock())
        return name, 0 if decision.allowed else decision.wait

    def settle(self, client: bytes, *, is_stranger: bool, is_public: bool) -> None:
        """Give back what the request did not cost: a public document costs one, a proved request nothing."""
        if self._limited and not is_stranger:
            self.buckets.give_back(client, _COST - 1 if is_public else _COST)


def create_connector(
    config: ConnectorFaceConfig, *, now: Callable[[], datetime], clock: Callable[[], float] = time.monotonic
) -> Flask:
    """The connector as a WSGI application.

    :param now: the clock, giving aware instants; :param clock: seconds for the limit of strangers.
    """
    app = answers.application("connector", token=None, max_body=MAX_BODY)
    app.extensions["connector"] = (config, now, StrangerLimit(config.strangers, config.proxies, clock))
    app.add_url_rule("/<path:path>", "connector", _answer, methods=["GET", "POST"])
    return app


def _answer(path: str) -> Response:
    config, now, strangers = current_app.extensions["connector"]
    client, wait = strangers.admit(request.remote_addr, request.headers.get("X-Forwarded-For"))
    if wait:
        refusal = answers.problem(429, "too-many-requests", Message("too many requests without a valid proof"))
        refusal.headers["Retry-After"] = str(wait)
        return refusal
    asked = ConnectorRequest(request.method, f"/{path}", request.get_data(), request.headers.get("Authorization"))
    at = now()
    for answerer in config.answerers:
        answer = answerer(asked, at)
        if answer is not None:
            break
    else:
        return answers.problem(404, "not-found", Message("nothing is here"))
    strangers.settle(client, is_stranger=answer.of_stranger, is_public=asked.authorization is None)
    body = answer.body if answer.json is None else strict_json.dumps(answer.json)
    response = Response(body, answer.status, content_type=answer.media_type)
    if answer.location is not None:
        response.headers["Location"] = answer.location
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


class MessageSender:
    """Sends what waits in the outbox, in a thread of its own.

    :param now: the clock.
    :param also: what else is to be sent, such as credentials to those who asked for them; :returns: how many it sent.
    """

    def __init__(
        self, service: ExchangeService, now: Callable[[], datetime], also: Callable[..., int] | None = None
    ) -> None:
        self._service = service
        self._now = now
        self._also = also
        self._woken = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="message-sender", daemon=True)

    def start(self) -> None:
        """Take up what waits from before, and go on."""
        self._service.resume(at=self._now())
        self._thread.start()

    def wake(self) -> None:
        """Say that there may be something to send."""
        self._woken.set()

    def stop(self) -> None:
        """End after the message under way."""
        self._stopped = True
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped:
            self._woken.clear()
            try:
                sent = self._service.send_due(at=self._now())
                sent += 0 if self._also is None else self._also(at=self._now())
            except PassportError as error:
                logger.error("the connector's messages could not be sent: %s", error.code)
                sent = 0
            if not sent:
                self._woken.wait(self._pause())

    def _pause(self) -> float:
        due = self._service.state.next_due()
        left = timedelta(seconds=_NAP) if due is None else due - self._now()
        return min(max(left.total_seconds(), 0.01), _NAP)
