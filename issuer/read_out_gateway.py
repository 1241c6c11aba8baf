"""Read-outs over HTTP, from a gateway of battery management systems. It signs with the operator's key.

    POST /read-outs    one read-out or a list of them, at most 500; each as in a JSON file of ``passport condition add``

* 200: what became of each read-out, in their order by pack: ``added``, or ``same`` where it is stored already. A faulty
  one is refused and named with its JSON pointer; the others are added (:mod:`passport.publishing.condition.read_outs`).
* 422: all of them were refused.
* A bearer token is always required: its holder can have read-outs signed.
* The rules of supervision about read-outs are judged afterwards, for packs with life-cycle events.
* Status lists are signed when the program ends and with the daily ``passport refresh``, not for each request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from flask import Flask, Response, current_app, request

from issuer import answers
from passport.battery.fault import Fault
from passport.errors import MalformedDocument
from passport.exchange.event_tables.read_out_files import from_documents
from passport.linked_data import strict_json
from passport.publishing.condition.read_outs import AddedReadOut, ReadOutLoader
from passport.texts import Message

#: Bytes and read-outs of one request.
MAX_BODY = 4_000_000
MOST = 500


@dataclass(frozen=True)
class GatewayConfig:
    """Configuration of the gateway.

    :ivar token: bearer token, at least 32 characters.
    :ivar added: called after read-outs were added; it does not wait for what follows.
    """

    loader: ReadOutLoader
    token: str = field(repr=False)
    added: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        """:raises UnusableProject: the token is too short."""
        answers.check_token(self.token)


def create_gateway(config: GatewayConfig, *, now: Callable[[], datetime]) -> Flask:
    """The gateway as a WSGI application.

    :param now: the clock, giving aware instants.
    """
    app = answers.application("read_out_gateway", token=config.token, max_body=MAX_BODY)
    app.extensions["read_out_gateway"] = (config, now, Lock())
    app.add_url_rule("/read-outs", "read-outs", _read_outs, methods=["POST"])
    return app


def _read_outs() -> Response:
    config, now, turn = current_app.extensions["read_out_gateway"]
    body = strict_json.loads(request.get_data(), max_bytes=MAX_BODY)
    if isinstance(body, list) and not 0 < len(body) <= MOST:
        raise MalformedDocument(
            Message("the body of the request"), expected=Message("1 to {count} read-outs", count=MOST)
        )
    entries: list[AddedReadOut] = []
    faults: list[Fault] = []
    for read_outs, reading_faults in from_documents(body, "request"):
        # Of two requests about one pack the later one is judged after what the earlier one stored.
        with turn:
            report = config.loader.add(read_outs, at=now())
        entries += report.entries
        faults += [*reading_faults, *report.faults]
    if entries:
        config.added()
    return answers.answer(_document(entries, faults), 200 if entries else 422)


def _document(entries: list[AddedReadOut], faults: list[Fault]) -> dict[str, Any]:
    return {
        "entries": [entry.to_json() for entry in entries],
        "faults": [fault.to_json() for fault in faults],
    }
