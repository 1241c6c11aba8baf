"""Handing in of signed events: to the project's own store or to another inbox, and what follows on it.

* The receipts of accepted events come with the answers; :func:`save_receipts` writes them beside their documents.
* :class:`Supervision` judges what the accepted events affect. What fails there undoes no event.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from passport.commands.events.log_keys import receipt_writer
from passport.commands.terminal import console
from passport.errors import FetchFailed, PassportError
from passport.identity.http_client import GuardedClient
from passport.lifecycle import catalogue
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.oversight.supervised_store import catch_up
from passport.oversight.supervisor import check, check_event
from passport.project import Project
from passport.publishing.events.event_check import EventCheck
from passport.publishing.events.event_credentials import canonical_bytes
from passport.publishing.events.inbox import GROUP, Inbox, Status
from passport.publishing.events.message import EventMessage
from passport.publishing.events.receipts import ReceiptWriter
from passport.store import Store
from passport.store.facts.fact_writing import FactWriter
from passport.supervision.rulebook import rulebook
from passport.texts import Message
from passport.transparency.receipt import SUFFIX, Receipt

logger = logging.getLogger("passport.events")

#: Environment variable of the token of a remote inbox; a secret is never an argument.
TOKEN = "PASSPORT_EVENTS_TOKEN"  # noqa: S105  the name of the variable, not its value
_STORED = (Status.ACCEPTED.value, Status.DUPLICATE.value)


def inbox_of(project: Project, store: Store, receipts: ReceiptWriter | None = None) -> Inbox:
    """The inbox of a project: its trust list decides whose accreditations count, its regimes which rules apply."""
    known = {rule.profile for rule in catalogue().rules.values()}
    profiles = [code for code in project.regimes if code in known]
    rules = catalogue().profile(*profiles) if profiles else {}
    check = EventCheck(store, project.trust_list(), project.base_url, project.resolvers()[-1])
    return Inbox(store, check, rules, receipts)


class Supervision:
    """Facts and alerts of a project, kept in step with what its inbox accepts."""

    def __init__(self, project: Project, store: Store) -> None:
        self._store = store
        self._regimes = project.regimes

    def follow(self, at: datetime) -> None:
        """Judge the rules over what the events affect that were accepted since the last time.

        Nothing is raised: the events are stored, and ``passport supervise check`` judges all of it again.
        """
        try:
            book = rulebook().profile(*self._regimes)
            with self._store.transaction() as transaction:
                first = FactWriter(transaction.connection).reached() is None
            for arrival in catch_up(self._store):
                check_event(self._store, book, pack=arrival.pack, event=arrival.event, at=at, touched=arrival.touched)
            if first:
                check(self._store, book, at)
        except Exception as error:  # noqa: BLE001
            code = error.code if isinstance(error, PassportError) else type(error).__name__
            logger.error("supervision did not follow (%s): run passport supervise check", code)


def hand_in(
    project: Project,
    store: Store,
    messages: Sequence[EventMessage],
    address: str | None,
    at: datetime,
    log_passphrase: bytes | None,
) -> list[JsonObject]:
    """What became of each message, as the inbox answers.

    :param address: of another inbox; None: the project's own store.
    :raises FetchFailed: the other inbox cannot be reached, or does not answer to each message.
    """
    if address is None:
        receipts = receipt_writer(project, store, log_passphrase)
        outcomes = inbox_of(project, store, receipts).accept(messages, now=at)
        if any(outcome.status is Status.ACCEPTED for outcome in outcomes):
            Supervision(project, store).follow(at)
        return [outcome.to_json() for outcome in outcomes]
    client = GuardedClient().naming(address)
    token = os.environ.get(TOKEN)
    answers: list[JsonObject] = []
    for start in range(0, len(messages), GROUP):
        some = messages[start : start + GROUP]
        body = strict_json.dumps({"messages": [message.to_json() for message in some]})
        answer = strict_json.loads(client.post_json(address, body, token=token).body)
        received = answer.get("outcomes") if isinstance(answer, dict) else None
        if not isinstance(received, list) or len(received) != len(some) or not all(map(_is_outcome, received)):
            raise FetchFailed(Message("{host} gave no answer to each message", host=address[:200]))
        answers += received
    return answers


def _is_outcome(value: Any) -> bool:
    return isinstance(value, dict) and value.get("status") in [status.value for status in Status]


def save_receipts(folder: Path, messages: Sequence[EventMessage], outcomes: Sequence[JsonObject]) -> int:
    """Write the receipt of each stored event, and of its detail, beside the document as it was signed.

    The two files of a pair are what ``passport log check`` takes. :returns: the number of receipts.

    :raises MalformedLogData: what another inbox answered is no receipt.
    """
    count = 0
    for message, outcome in zip(messages, outcomes, strict=True):
        receipt = outcome.get("receipt")
        if outcome["status"] not in _STORED or not isinstance(receipt, Mapping):
            continue
        name = hashlib.sha256(str(message.event["id"]).encode("utf-8", "surrogatepass")).hexdigest()[:40]
        for member, suffix, document in (("proof", "", message.event), ("detailProof", "-detail", message.detail)):
            proof = receipt.get(member)
            if document is None or not isinstance(proof, str):
                continue
            made = Receipt.parse(proof.encode("utf-8", "surrogatepass"))
            folder.mkdir(parents=True, exist_ok=True)
            console.write_output(folder / f"{name}{suffix}.jsonld", canonical_bytes(document))
            console.write_output(folder / f"{name}{suffix}{SUFFIX}", bytes(made))
            count += 1
    return count
