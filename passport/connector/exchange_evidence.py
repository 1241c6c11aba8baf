"""Evidence of an exchange: lines of one company's log, for a third party that knows the key of that log.

The file is JSON. It holds the agreement, and of each line what was logged, its salt, the message, and the receipt of
its entry (``.tlog-proof``). Other lines of the log stay unknown: a salt is random, and an entry is a digest. A check
takes the file, the key of the log, and DID documents:

1. Each line with its salt is an entry of the log, under a checkpoint that is signed with its key.
2. The message of a line has the digest that was logged.
3. The agreement has the digest that its lines name.
4. The sender of each message signed its digest, with a key of the sender's DID document. What a provider handed over
   carries the provider's signature over data and agreement.

Steps 1 to 3 bind the company whose log it is. Step 4 binds the other side: it cannot deny what it agreed to or sent. A
line of our own hand-over has no signature of the receiver, and proves no more than our log.

    evidence = ExchangeEvidence.from_json(document)
    check(evidence, log_key, resolver)
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from passport.connector.agreements import agreement_digest
from passport.connector.data.sealed_data import signed_data
from passport.errors import MalformedLogData, PassportError, UnresolvableDid
from passport.identity.did import DidResolver
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.proofs import jose
from passport.store.state.exchange_reading import ExchangeRecord, salted
from passport.texts import Message
from passport.transparency import receipt as receipts
from passport.transparency.checkpoint import Quorum
from passport.transparency.note import NoteKey
from passport.transparency.receipt import Receipt

TYPE = "ExchangeEvidence"
_NAMES = ("at", "direction", "peer", "process", "name", "outcome", "digest", "agreement", "token")
_MAX_BYTES = 32_000_000
_MAX_LINES = 10_000
_NOBODY = Quorum((), 0)


class EvidenceOutcome(StrEnum):
    """What became of one step of a check."""

    PASSED = "passed"
    FAILED = "failed"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True)
class EvidenceCheck:
    """One step of the list above for one line.

    :ivar step: its number; :ivar index: of the line's entry in the log, None of the agreement.
    """

    step: int
    index: int | None
    outcome: EvidenceOutcome
    message: Message


@dataclass(frozen=True)
class EvidenceLine:
    """A line of a log with its proof.

    :ivar record: with the message, where the line has one; :ivar receipt: of its entry.
    """

    record: ExchangeRecord
    salt: bytes
    receipt: Receipt


@dataclass(frozen=True)
class ExchangeEvidence:
    """What a company shows of an exchange.

    :ivar company: DID of the company whose log it is; :ivar agreement: in ODRL, None where there was none.
    """

    company: str
    agreement: JsonObject | None
    lines: tuple[EvidenceLine, ...]

    def to_json(self) -> JsonObject:
        """The file."""
        lines = []
        for line in self.lines:
            body = line.record.body
            lines.append({
                **dict(zip(_NAMES, line.record.row, strict=True)),
                **({} if body is None else {"message": body.decode()}),
                "salt": base64.b64encode(line.salt).decode(), "receipt": bytes(line.receipt).decode(),
            })  # fmt: skip
        return {"type": TYPE, "company": self.company, "agreement": self.agreement, "lines": lines}

    @classmethod
    def from_bytes(cls, data: bytes) -> ExchangeEvidence:
        """:raises MalformedDocument: not strict JSON. :raises MalformedLogData: not such a file."""
        return cls.from_json(strict_json.loads(data, max_bytes=_MAX_BYTES))

    @classmethod
    def from_json(cls, document: Any) -> ExchangeEvidence:
        """:raises MalformedLogData: not such a file."""
        if not isinstance(document, dict) or document.get("type") != TYPE:
            raise _malformed("type")
        company, agreement, lines = (document.get(name) for name in ("company", "agreement", "lines"))
        if not isinstance(company, str) or not isinstance(agreement, dict | None):
            raise _malformed("company, agreement")
        if not isinstance(lines, list) or not 0 < len(lines) <= _MAX_LINES:
            raise _malformed("lines")
        return cls(company, agreement, tuple(map(_line, lines)))


def check(evidence: ExchangeEvidence, log_key: NoteKey, resolver: DidResolver) -> tuple[EvidenceCheck, ...]:
    """All steps for all lines; nothing is raised for what the evidence says.

    :param resolver: DID documents of the company and of its peers, from a source that the verifier trusts.
    """
    return tuple(each for line in evidence.lines for each in _of_line(line, evidence, log_key, resolver))


def _of_line(
    line: EvidenceLine, evidence: ExchangeEvidence, log_key: NoteKey, resolver: DidResolver
) -> Iterator[EvidenceCheck]:
    record, index = line.record, line.receipt.index
    # 1. The entry of the log.
    try:
        entry = sha256(salted(line.salt, record)).digest()
        proof = receipts.verify(line.receipt, entry, log_key, _NOBODY)
        size, origin = proof.checkpoint.size, proof.checkpoint.origin
        yield _passed(1, index, Message("entry {index} of {size} of {origin}", index=index, size=size, origin=origin))
    except PassportError as error:
        yield _failed(1, index, Message("entry {index} is not proved: {error}", index=index, error=error))
    # 2. The message.
    if record.body is not None:
        if sha256(record.body).hexdigest() == record.digest:
            yield _passed(2, index, Message("{name}, as it was logged", name=record.name))
        else:
            yield _failed(2, index, Message("{name} is not the message that was logged", name=record.name))
    # 3. The agreement.
    if record.agreement:
        own = None if evidence.agreement is None else agreement_digest(evidence.agreement)
        if own == record.agreement:
            yield _passed(3, index, Message("under this agreement"))
        else:
            yield _failed(3, index, Message("entry {index} is of another agreement", index=index))
    # 4. The signature of the sender.
    sender = evidence.company if record.direction == "out" else record.peer
    if record.token:
        yield _signature(record, sender, index, resolver)


def _signature(record: ExchangeRecord, sender: str, index: int, resolver: DidResolver) -> EvidenceCheck:
    try:
        resolver.resolve(sender)
    except UnresolvableDid:
        text = Message("the DID document of {sender} is not at hand", sender=sender)
        return EvidenceCheck(4, index, EvidenceOutcome.UNDETERMINED, text)
    try:
        stated = _signed_digests(record, sender, resolver)
    except PassportError as error:
        return _failed(4, index, Message("{sender} did not sign it: {error}", sender=sender, error=error))
    if stated != (record.digest, record.agreement if record.direction == "data" else ""):
        return _failed(4, index, Message("{sender} signed something else", sender=sender))
    return _passed(4, index, Message("signed by {sender}", sender=sender))


def _signed_digests(record: ExchangeRecord, sender: str, resolver: DidResolver) -> tuple[str, str]:
    """Digest of what a sender signed, and for data that of the agreement in it.

    :raises PassportError: it did not sign.
    """
    if record.direction == "data":
        payload = signed_data(record.token, sender, resolver, at=record.at)
        return sha256(record.token.encode()).hexdigest(), str(payload.get("agreementDigest"))
    token = jose.parse(record.token, typ="jwt")
    url = token.kid or ""
    if url.partition("#")[0] != sender:
        raise MalformedLogData(Message("the token is another company's"), expected=sender, found=url[:120])
    jose.verify(token, resolver.verification_method(url, "capabilityInvocation", at=record.at).public_key)
    return str(token.claims().get("digest")), ""


def _line(value: Any) -> EvidenceLine:
    if not isinstance(value, Mapping) or not all(isinstance(each, str) for each in value.values()):
        raise _malformed("lines")
    if not {*_NAMES, "salt", "receipt"} <= value.keys() <= {*_NAMES, "salt", "receipt", "message"}:
        raise _malformed("lines")
    try:
        at, salt = datetime.fromisoformat(value["at"]), base64.b64decode(value["salt"], validate=True)
    except (ValueError, binascii.Error):
        raise _malformed("at, salt") from None
    if at.tzinfo is None:
        raise _malformed("at")
    direction, peer, pid, name, outcome, digest, agreement, token = (value[each] for each in _NAMES[1:])
    body = value["message"].encode() if "message" in value else None
    record = ExchangeRecord(at, direction, peer, pid, name, outcome, digest, agreement, token, body)
    return EvidenceLine(record, salt, Receipt.parse(value["receipt"].encode("utf-8", "replace")))


def _passed(step: int, index: int | None, message: Message) -> EvidenceCheck:
    return EvidenceCheck(step, index, EvidenceOutcome.PASSED, message)


def _failed(step: int, index: int | None, message: Message) -> EvidenceCheck:
    return EvidenceCheck(step, index, EvidenceOutcome.FAILED, message)


def _malformed(name: str) -> MalformedLogData:
    return MalformedLogData(Message("not the evidence of an exchange"), found=name)
