"""The maker's side of a register: entries made from its own store, an outbox, and a run that sends and asks.

* :func:`queued_rows` makes the entry of each pack from the signed credentials in the store.
* :meth:`RegistrationClient.send` hands in what is queued, in batches; :meth:`~RegistrationClient.ask` learns what
  became of what was sent, :meth:`~RegistrationClient.follow` what the register did to registrations later. All store
  what they learn after each batch. After a crash between an answer and its storing the same batch is sent again under
  the same keys, and the register answers the same.

Neither signs more than a token: what is registered was signed when the passport was issued.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from passport.credentials.digests import canonical_bytes, digest_of
from passport.credentials.issuer import Issuer
from passport.directory.register.registry_entry import RegistryEntry, facts_of
from passport.directory.register.submission import BATCH, submission_token
from passport.errors import FetchFailed
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store import Pack, Store
from passport.store.register import registration_outbox as states
from passport.store.register.registration_outbox import OutboxRow, RegistrationOutbox
from passport.texts import Message
from passport.vocabulary.credential_types import BATCH as BATCH_TYPE
from passport.vocabulary.credential_types import MODEL, PASSPORT

#: Hands JSON in at an address with a token, and gives the body of the answer. Raises ``FetchFailed``.
Post = Callable[[str, bytes, str], bytes]
#: Packs that are looked at in one question.
_AT_ONCE = 1000
#: The states of a register in which a row is decided.
_DECIDED = (states.REGISTERED, states.SUSPENDED, states.DEACTIVATED, states.REJECTED)


def entry_of(store: Store, pack: Pack, base_url: str, issuer: str) -> RegistryEntry | None:
    """The entry of a pack; None where it has no passport of this issuer that counts."""
    own = store.current(pack.subject, PASSPORT)
    if own is None or store.is_flagged(own.id):
        return None
    document = own.document
    subject = document["credentialSubject"]
    documents = [document]
    for kind, address in ((MODEL, subject.get("batteryModel")), (BATCH_TYPE, subject.get("batteryBatch"))):
        stored = store.current(address, kind) if isinstance(address, str) else None
        if stored is not None:
            documents.append(_parsed(stored.body))
    facts = facts_of(documents)
    if facts.issuer != issuer:
        return None
    return RegistryEntry(
        product=facts.product,
        passport=facts.passport or f"{base_url}/passports{facts.product.removeprefix(base_url)}",
        operator=issuer,
        endpoint=f"{base_url}/v1",
        digest=facts.digest,
        backup=facts.backup,
        model=facts.model,
        batch=facts.batch,
        commodity_code=facts.commodity_code,
        facility=facts.facility,
    )


@lru_cache(maxsize=256)
def _parsed(body: bytes) -> JsonObject:
    # Thousands of packs share a model and a batch.
    document: JsonObject = strict_json.loads(body)
    return document


def queued_rows(
    store: Store, base_url: str, issuer: str, subjects: Iterable[str] | None = None
) -> Iterator[OutboxRow]:  # fmt: skip
    """A row for each pack to be registered.

    :param subjects: addresses of packs; None: all in the store.
    """
    for pack in _packs(store) if subjects is None else filter(None, map(store.pack, subjects)):
        entry = entry_of(store, pack, base_url, issuer)
        if entry is not None:
            content = canonical_bytes(entry.to_json())
            yield OutboxRow(f"key-{uuid.uuid4()}", entry.product, digest_of(content), content, states.QUEUED)


def _packs(store: Store) -> Iterator[Pack]:
    after = ""
    while packs := store.find_packs(after=after, limit=_AT_ONCE):
        yield from packs
        after = packs[-1].subject


class RegistrationClient:
    """:param register: address of the register; :param issuer: who registers, with the key for tokens."""

    def __init__(self, outbox: RegistrationOutbox, issuer: Issuer, register: str, post: Post) -> None:
        self._outbox = outbox
        self._issuer = issuer
        self._register = register
        self._post = post

    def send(self, now: Callable[[], datetime], progress: Callable[[int], None] = lambda done: None) -> int:
        """Hand in what is queued. :returns: how many were handed in.

        :raises FetchFailed: the register does not answer, or answers something else; what was stored stays.
        """
        done, after = 0, ""
        while rows := self._outbox.in_state(states.QUEUED, BATCH, after=after):
            after = rows[-1].product
            body = strict_json.dumps({
                "entries": [{"idempotencyKey": row.key, "entry": strict_json.loads(row.entry)} for row in rows]
            })  # fmt: skip
            outcomes = self._answered("/v1/registerDPPs", body, now())
            by_key = {outcome.get("idempotencyKey"): outcome for outcome in outcomes}
            changed = [_after(row, by_key[row.key]) for row in rows if row.key in by_key]
            self._outbox.change(changed, now())
            done += len(changed)
            progress(done)
        return done

    def ask(self, now: Callable[[], datetime], progress: Callable[[int], None] = lambda done: None) -> int:
        """Ask what became of what was sent. :returns: how many are decided now.

        :raises FetchFailed: the register does not answer, or answers something else.
        """
        decided, after = 0, ""
        while rows := self._outbox.in_state(states.SENT, BATCH, after=after):
            after = rows[-1].product
            body = strict_json.dumps({"correlationIds": [row.correlation for row in rows]})
            by_name = {
                outcome.get("correlationId"): outcome for outcome in self._answered("/v1/registrations", body, now())
            }
            changed = [_after(row, by_name[row.correlation]) for row in rows if row.correlation in by_name]
            self._outbox.change(changed, now())
            decided += sum(1 for row in changed if row.state != states.SENT)
            progress(decided)
        return decided

    def follow(self, now: Callable[[], datetime]) -> Counter[str]:
        """Learn what the register did to registrations since the last time, from its feed of changes.

        :returns: how many rows came to each state.
        :raises FetchFailed: the register does not answer, or answers something else; what was stored stays.
        """
        counted = Counter[str]()
        while True:
            after = self._outbox.followed(self._register)
            page = self._posted("/v1/registrations/changes", strict_json.dumps({"after": after}), now())
            outcomes, newest = _outcomes(page, "/v1/registrations/changes"), page.get("newest")
            if not isinstance(newest, int) or newest < after or (newest == after and outcomes):
                raise FetchFailed(Message("the register answered something else"), found="newest")
            changed = [
                told
                for outcome in outcomes
                for row in self._outbox.of_registration(_text(outcome, "registrationId") or "")
                if (told := _told(row, outcome)) != row
            ]
            self._outbox.follow(changed, self._register, newest, now())
            counted.update(row.state for row in changed)
            if page.get("more") is not True or newest == after:
                return counted

    def release(self, registration: str, to: str, at: datetime) -> JsonObject:
        """Let another operator register a product that is registered for this one."""
        body = strict_json.dumps({"registrationId": registration, "to": to})
        return self._posted("/v1/registrations/release", body, at)

    def _answered(self, path: str, body: bytes, at: datetime) -> list[JsonObject]:
        return _outcomes(self._posted(path, body, at), path)

    def _posted(self, path: str, body: bytes, at: datetime) -> JsonObject:
        token = submission_token(self._issuer.signer, self._issuer.id, self._register, body, at)
        answer: Any = strict_json.loads(self._post(self._register + path, body, token))
        if not isinstance(answer, dict):
            raise FetchFailed(Message("the register answered something else"), found=path)
        return answer


def _outcomes(answer: JsonObject, path: str) -> list[JsonObject]:
    outcomes = answer.get("outcomes")
    if not isinstance(outcomes, list) or not all(isinstance(each, dict) for each in outcomes):
        raise FetchFailed(Message("the register answered something else"), found=path)
    return outcomes


def _state(outcome: JsonObject) -> str:
    named = outcome.get("state")
    return named if isinstance(named, str) and named in _DECIDED else states.SENT


def _told(row: OutboxRow, outcome: JsonObject) -> OutboxRow:
    """A row that was registered, once the register has said what its registration is now."""
    state = _state(outcome)
    return row if state == states.SENT else replace(
        row, state=state, detail=None if state == states.REGISTERED else _detail(outcome)
    )  # fmt: skip


def _detail(outcome: JsonObject) -> str | None:
    reasons = (outcome.get(name) for name in ("differences", "faults", "fault", "reason"))
    return next((each if isinstance(each, str) else strict_json.dumps(each).decode() for each in reasons if each), None)


def _after(row: OutboxRow, outcome: JsonObject) -> OutboxRow:
    """A row once the register has said what became of it."""
    return replace(
        row, state=_state(outcome), correlation=_text(outcome, "correlationId") or row.correlation,
        registration=_text(outcome, "registrationId"), detail=_detail(outcome),
        receipt=_text(outcome, "receipt") or row.receipt,
        attempts=row.attempts + 1,
    )  # fmt: skip


def _text(outcome: JsonObject, name: str) -> str | None:
    value = outcome.get(name)
    return value if isinstance(value, str) else None
