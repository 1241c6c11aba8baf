"""The event inbox over HTTP: actors hand in signed life-cycle events. It holds no key that signs them.

    POST /events    one message {event, detail, accreditation, statusLists}      201, 409, 422 or 424
    POST /events    {"messages": […]}, at most 500, accepted each by itself      200 {"outcomes": […]}

* 201 means stored, and the body is the receipt: pack, position in its chain, sequence, digest, and the proof that event
  and detail are in the log, where this inbox has the key of the log.
* 409 changes nothing: the event is stored already (``already-stored``, with its receipt), or another event came first
  (``not-the-head``, with the new head to sign on).
* 422 has every fault at once, each with the place in the message, in Chinese and English. 424: something that would
  decide is not at hand here, such as a status list; sending it along helps.
* Who may report is decided by the signature and the accreditation. A token is asked for besides, where one is set.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, request

from issuer import answers
from passport.errors import MalformedDocument
from passport.linked_data import strict_json
from passport.publishing.events.inbox import GROUP, Inbox, InboxOutcome, Status
from passport.publishing.events.message import MAX_BYTES
from passport.texts import Message

#: Bytes of one request; a single message has a limit of its own.
MAX_BODY = 8_000_000
_CONFLICTS = frozenset({"not-the-head", "predecessor-altered"})
_STATUS: Mapping[Status, int] = {
    Status.ACCEPTED: 201,
    Status.DUPLICATE: 409,
    Status.REFUSED: 422,
    Status.UNDETERMINED: 424,
}
_TITLES: Mapping[Status, Message] = {
    Status.DUPLICATE: Message("the event is stored already"),
    Status.REFUSED: Message("the event was refused"),
    Status.UNDETERMINED: Message("the event could not be checked"),
}


@dataclass(frozen=True)
class EventInboxConfig:
    """Everything that the inbox is told.

    :ivar token: bearer token, at least 32 characters; None where the signature of an accredited actor is enough.
    :ivar accepted: called after events were accepted, before the answer; it must not wait.
    """

    inbox: Inbox
    token: str | None = field(default=None, repr=False)
    accepted: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        """:raises UnusableProject: the token is too short."""
        answers.check_token(self.token)


class Follower:
    """Does in a thread of its own what follows on accepted events, so that no answer waits for it.

    Events that are accepted meanwhile are followed together, in the next round.

    :param follow: given the instant; :param now: the clock.
    """

    def __init__(self, follow: Callable[[datetime], None], now: Callable[[], datetime]) -> None:
        self._follow = follow
        self._now = now
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="events-follower", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that events were accepted."""
        self._woken.set()

    def _run(self) -> None:
        while True:
            self._woken.wait()
            self._woken.clear()
            self._follow(self._now())


def create_event_inbox(config: EventInboxConfig, *, now: Callable[[], datetime]) -> Flask:
    """The inbox as a WSGI application.

    :param now: the clock, giving aware instants.
    """
    app = answers.application("event_inbox", token=config.token, max_body=MAX_BODY)
    app.extensions["event_inbox"] = (config, now)
    app.add_url_rule("/events", "events", _events, methods=["POST"])
    return app


def _events() -> Response:
    config, now = current_app.extensions["event_inbox"]
    body = strict_json.loads(request.get_data(), max_bytes=MAX_BODY)
    if isinstance(body, dict) and "messages" in body:
        messages = body["messages"]
        if not isinstance(messages, list) or len(messages) > GROUP or body.keys() != {"messages"}:
            raise MalformedDocument(
                Message("the body of the request"), expected=Message("at most {count} messages", count=GROUP)
            )
        outcomes = _accepted(config, messages, now())
        return answers.answer({"outcomes": [outcome.to_json() for outcome in outcomes]}, 200)
    if len(request.get_data()) > MAX_BYTES:
        return answers.problem(
            413, "too-large", Message("expected at most {count:,} bytes", count=MAX_BYTES)
        )  # fmt: skip
    (outcome,) = _accepted(config, [body], now())
    return _of_outcome(outcome)


def _accepted(config: EventInboxConfig, messages: list[Any], at: datetime) -> tuple[InboxOutcome, ...]:
    outcomes = config.inbox.accept(messages, now=at)
    if config.accepted is not None and any(outcome.status is Status.ACCEPTED for outcome in outcomes):
        config.accepted()
    return outcomes


def _of_outcome(outcome: InboxOutcome) -> Response:
    if outcome.status is Status.ACCEPTED:
        return answers.answer(outcome.to_json(), 201)
    status = 409 if _CONFLICTS & set(outcome.codes) else _STATUS[outcome.status]
    code = outcome.codes[0] if outcome.codes else outcome.status.value
    return answers.problem(status, code, _TITLES[outcome.status], outcome.to_json())
