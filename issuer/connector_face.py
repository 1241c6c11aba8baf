"""The connector over HTTP: other companies negotiate, and pull the data that they agreed on.

The application carries requests to :mod:`passport.connector` and back. It decides nothing itself, holds no state, and
lets a sender thread know when there is something to send.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, Response, current_app, request

from issuer import answers
from passport.connector.connector_endpoint import ConnectorAnswer, ConnectorRequest
from passport.connector.dataspace_messages import MAX_MESSAGE
from passport.connector.exchange_service import ExchangeService
from passport.errors import PassportError
from passport.linked_data import strict_json
from passport.texts import Message

logger = logging.getLogger("issuer")

#: Bytes of one request: a message, or a presentation with credentials.
MAX_BODY = max(MAX_MESSAGE, 1_000_000)
#: Longest sleep of the sender: another process may have put a message into the outbox.
_NAP = 1.0

Answerer = Callable[[ConnectorRequest, datetime], ConnectorAnswer | None]


@dataclass(frozen=True)
class ConnectorFaceConfig:
    """Everything that the application is told.

    :ivar answerers: asked in this order; the first that knows the path answers.
    """

    answerers: Sequence[Answerer]


def create_connector(config: ConnectorFaceConfig, *, now: Callable[[], datetime]) -> Flask:
    """The connector as a WSGI application.

    :param now: the clock, giving aware instants.
    """
    app = answers.application("connector", token=None, max_body=MAX_BODY)
    app.extensions["connector"] = (config, now)
    app.add_url_rule("/<path:path>", "connector", _answer, methods=["GET", "POST"])
    return app


def _answer(path: str) -> Response:
    config, now = current_app.extensions["connector"]
    asked = ConnectorRequest(request.method, f"/{path}", request.get_data(), request.headers.get("Authorization"))
    at = now()
    for answerer in config.answerers:
        answer = answerer(asked, at)
        if answer is not None:
            break
    else:
        return answers.problem(404, "not-found", Message("nothing is here"))
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
