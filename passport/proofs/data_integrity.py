"""Data Integrity proofs: adding one to a document, and verifying all that a document has.

What is decided here, once for all cryptosuites (VC Data Integrity 1.0, sections 4.2 to 4.6):

1. The proof is a ``DataIntegrityProof`` of a known cryptosuite, and its options are well formed.
2. Its purpose is the expected one; challenge and domain are the expected ones where some are expected.
3. It has not expired at the instant of verification, and was not made after it.
4. Its verification method is found, belongs to its controller, and is listed there under that purpose.
5. The key is of a kind that the suite works with.
6. The suite says that document and proof belong together.

*All* proofs of a document must verify. If one were enough, anybody could add a proof of their own to a document that
somebody else had signed, change the document, and have it pass. In a chain (``previousProof``) the earlier proofs are
part of what the later one signs; they must be there.

Not decided here: whether the signer is the issuer, and whether the issuer is trusted. The published vectors keep the
two apart (an https issuer, a did:key key), and so do we.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from passport.errors import (
    MalformedDocument,
    PassportError,
    ProofError,
    Undetermined,
    UnknownContext,
    UnknownProof,
    UsageError,
)
from passport.identity import DidResolver, Signer, VerificationMethod
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.linked_data.json_types import JsonArray, JsonObject, JsonValue
from passport.linked_data.walked import Listed, Walked
from passport.proofs import cryptosuite as suites
from passport.proofs.domains import is_for
from passport.texts import Message

PROOF_TYPE = "DataIntegrityProof"
MAX_PROOFS = 16
"""A document with more proofs than this is refused: each costs a canonicalisation."""
CLOCK_SKEW = timedelta(minutes=5)
"""How far a signer's clock may run ahead of the verifier's. Ends are not stretched."""


@dataclass(frozen=True)
class VerifiedProof:
    """What a proof that verified says.

    :param created: when the signer says it was made; ``None`` where it does not say.
    :param derived: the document may be a part of what was signed, chosen by the holder who passed it on.
    """

    cryptosuite: str
    verification_method: VerificationMethod
    created: datetime | None
    purpose: str
    derived: bool


def add_proof(
    document: JsonObject,
    signer: Signer,
    *,
    cryptosuite: str,
    created: datetime,
    purpose: str = "assertionMethod",
    challenge: str | None = None,
    domain: str | Sequence[str] | None = None,
    expires: datetime | None = None,
    mandatory_pointers: Sequence[str] = (),
    proof_id: str | None = None,
    previous_proof: str | Sequence[str] | None = None,
    loader: ContextLoader = PINNED,
    graph: Walked | Listed | None = None,
) -> JsonObject:
    """A copy of ``document`` with one proof more.

    :param created: aware instant of signing; written in UTC, to the second.
    :param expires: aware instant from which on the proof is worth nothing.
    :param mandatory_pointers: for ecdsa-sd-2023: RFC 6901 pointers to what every derived view must show.
    :param proof_id: IRI of this proof, needed when a later one is to be chained to it.
    :param previous_proof: ids of proofs in the document that this one signs too.
    :param graph: the graph of ``document`` without its proofs, where the caller has made it; None: it is made here.
    :raises UnknownProof: the suite is not known.
    :raises ProofError: a previous proof that is not there, an id that another proof has, or more proofs
        than :data:`MAX_PROOFS`.
    :raises UsageError: the key does not fit the suite, mandatory pointers do not, or an instant has no zone.
    :raises UnsafeJsonLd: the document holds something that would not be signed.
    :raises UnknownContext: a context is not pinned.
    """
    suite = suites.find(cryptosuite)
    if signer.public_key.algorithm not in suite.algorithms:
        raise UsageError(
            Message("the key does not fit {name}", name=suite.name),
            expected=Message("one of {names}", names=", ".join(sorted(suite.algorithms))),
            found=signer.public_key.algorithm,
        )
    present = proofs_of(document) if "proof" in document else []
    options: JsonObject = {
        **({} if proof_id is None else {"id": proof_id}),
        "type": PROOF_TYPE,
        "cryptosuite": suite.name,
        "created": _timestamp(created),
        **({} if expires is None else {"expires": _timestamp(expires)}),
        "verificationMethod": signer.verification_method,
        "proofPurpose": purpose,
        **({} if domain is None else {"domain": domain if isinstance(domain, str) else list(domain)}),
        **({} if challenge is None else {"challenge": challenge}),
    }
    if suite.context_in_proof and "@context" in document:
        options = {"@context": document["@context"], **options}
    if previous_proof is not None:
        options["previousProof"] = previous_proof if isinstance(previous_proof, str) else list(previous_proof)
    proofs_of({"proof": [*present, options]})  # what no verifier takes is not signed: a second proof of one id, say
    value = suite.create_proof_value(
        _what_is_signed(document, options, present),
        options,
        signer,
        mandatory_pointers=mandatory_pointers,
        loader=loader,
        # In a chain the earlier proofs are signed, too.
        graph=graph if previous_proof is None else None,
    )
    proof = {**options, "proofValue": value}
    return {**_without_proof(document), "proof": [*present, proof] if present else proof}


def verify_proof(
    document: JsonObject,
    resolver: DidResolver,
    *,
    expected_purpose: str = "assertionMethod",
    expected_challenge: str | None = None,
    expected_domain: str | None = None,
    at: datetime | None = None,
    loader: ContextLoader = PINNED,
    graph: Walked | None = None,
    postponed: list[Callable[[], None]] | None = None,
) -> tuple[VerifiedProof, ...]:
    """Verify every proof of a document.

    :param expected_challenge: the challenge given to the presenter; :param expected_domain: the intended verifier.
    :param at: aware instant of verification. Without it, a proof or key that expires is refused.
    :param graph: of ``document`` without its proofs, where the caller has walked it; None: it is made here.
    :param postponed: takes the verification of each signature that can be done later. **Nothing is verified before all
        of them were called**; what does not verify raises as here. For many documents, whose signatures together take
        less time than one here and one there. None: all is done here.
    :raises ProofError: no proof, or one that is malformed, expired, for another purpose, or does not verify
        (:class:`~passport.errors.InvalidSignature`, :class:`~passport.errors.BaseProofPresented`).
    :raises MalformedDocument: the document is no JSON object.
    :raises UsageError: ``at`` has no zone.
    :raises UnresolvableDid: the document of the signer's DID is not at hand.
    :raises UnknownProof: a proof is of an unknown type or suite, alone or beside proofs that hold.
    :raises UnsafeJsonLd: the document or a proof holds something that no signature covers.
    :raises UnknownContext: a context is not pinned.
    """
    if at is not None and at.tzinfo is None:
        raise UsageError(
            Message("the instant of verification has no time zone"),
            expected=Message("an aware datetime"),
            found=str(at),
        )
    proofs = proofs_of(document)
    expected = _Expected(expected_purpose, expected_challenge, expected_domain, at)
    verified: list[VerifiedProof] = []
    open_questions: list[PassportError] = []
    for proof in proofs:
        try:
            verified.append(_verify_one(document, proof, proofs, resolver, expected, loader, graph, postponed))
        except (Undetermined, UnknownContext) as error:
            # A failed proof decides, at any position in the set; what cannot be checked does not hide it.
            open_questions.append(error)
    if open_questions:
        raise open_questions[0]
    return tuple(verified)


def proofs_of(document: object) -> list[JsonObject]:
    """The proofs of a document.

    :raises ProofError: it has none, too many, or another value in their place.
    :raises MalformedDocument: it is no JSON object.
    """
    if not isinstance(document, dict):
        raise MalformedDocument(Message("a signed document is one JSON object"), found=type(document).__name__)
    value: JsonValue = document.get("proof")
    proofs: JsonArray = value if isinstance(value, list) else [value]
    if value is None or not proofs:
        raise ProofError(Message("the document has no proof"), expected=Message("one proof or a list of them"))
    if len(proofs) > MAX_PROOFS:
        raise ProofError(
            Message("the document has too many proofs"),
            expected=Message("at most {max_proofs}", max_proofs=MAX_PROOFS),
            found=str(len(proofs)),
        )
    for proof in proofs:
        if not isinstance(proof, dict):
            raise ProofError(Message("a proof is not a JSON object"), found=type(proof).__name__)
    ids = [proof["id"] for proof in proofs if isinstance(proof.get("id"), str)]
    if len(ids) != len(set(ids)):
        raise ProofError(Message("two proofs have the same id"), expected=Message("an id of its own for each proof"))
    return proofs


# --- one proof ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Expected:
    purpose: str
    challenge: str | None
    domain: str | None
    at: datetime | None


def _verify_one(
    document: JsonObject,
    proof: JsonObject,
    proofs: list[JsonObject],
    resolver: DidResolver,
    expected: _Expected,
    loader: ContextLoader,
    graph: Walked | None,
    postponed: list[Callable[[], None]] | None,
) -> VerifiedProof:
    # 1. Kind and form.
    if not isinstance(proof.get("type"), str) or not proof["type"]:
        raise ProofError(Message("the proof has no type"), expected=PROOF_TYPE, found=repr(proof.get("type"))[:80])
    if proof["type"] != PROOF_TYPE:
        raise UnknownProof(Message("unknown type of proof"), expected=PROOF_TYPE, found=repr(proof.get("type"))[:80])
    suite = suites.find(proof.get("cryptosuite"))
    method_url = proof.get("verificationMethod")
    if not isinstance(method_url, str):
        raise ProofError(
            Message("the proof names no verificationMethod"), expected=Message("one URL"), found=repr(method_url)[:80]
        )
    created, expires = _instant(proof, "created"), _instant(proof, "expires")
    if not isinstance(proof.get("proofValue"), str):
        raise ProofError(
            Message("the proof has no proofValue"),
            expected=Message("a text"),
            found=type(proof.get("proofValue")).__name__,
        )
    # 2. What it was made for.
    purpose, domains = proof.get("proofPurpose"), proof.get("domain")
    if purpose != expected.purpose:
        raise ProofError(
            Message("the proof was made for another purpose"), expected=expected.purpose, found=repr(purpose)[:80]
        )
    if expected.challenge is not None and proof.get("challenge") != expected.challenge:
        raise ProofError(Message("the proof does not answer the challenge"), found=repr(proof.get("challenge"))[:80])
    if expected.domain is not None and not is_for(domains, expected.domain):
        raise ProofError(
            Message("the proof was made for another domain"), expected=expected.domain, found=repr(domains)[:80]
        )
    # 3. Whether it is in force.
    if expires is not None:
        if expected.at is None:
            raise ProofError(
                Message("the proof expires, and no instant of verification was given"),
                expected=Message("the instant of verification"),
                found=Message("expires {expires}", expires=proof["expires"]),
            )
        if expected.at >= expires:
            raise ProofError(
                Message("the proof has expired"),
                expected=Message("a proof in force"),
                found=Message("expires {expires}", expires=proof["expires"]),
            )
    if created is not None and expected.at is not None and created > expected.at + CLOCK_SKEW:
        raise ProofError(
            Message("the proof was made in the future"), expected=Message("a time gone by"), found=proof["created"]
        )
    # 4. Whose key it is, 5. and whether that is a key for this suite.
    method = resolver.verification_method(method_url, expected.purpose, at=expected.at)
    # The instant of verification decides, since anybody with the key writes any date; a proof that itself says that
    # it was made after the end of its key is refused as well.
    if created is not None and not method.usable_at(created):
        raise ProofError(
            Message("the proof was made when its key had expired or was revoked"),
            expected=Message("a key in force"),
            found=proof["created"],
        )
    if method.public_key.algorithm not in suite.algorithms:
        raise ProofError(
            Message("the key does not fit {name}", name=suite.name),
            expected=Message("one of {names}", names=", ".join(sorted(suite.algorithms))),
            found=method.public_key.algorithm,
        )
    # 6. Whether it is a proof of this.
    signed = _what_is_signed(document, proof, proofs)
    # In a chain the earlier proofs are signed, too.
    walked = None if "previousProof" in proof else graph
    later: Callable[..., Callable[[], None]] | None = None if postponed is None else getattr(suite, "postponed", None)
    if postponed is not None and later is not None:
        postponed.append(later(signed, proof, method, loader=loader, graph=walked))
        derived = False
    else:
        derived = suite.verify_proof_value(signed, proof, method, loader=loader, graph=walked)
    return VerifiedProof(suite.name, method, created, expected.purpose, derived)


def _what_is_signed(document: JsonObject, options: JsonObject, proofs: list[JsonObject]) -> JsonObject:
    """The document without its proofs, or in a chain with those that this proof is chained to."""
    unsecured = _without_proof(document)
    if "previousProof" not in options:
        return unsecured
    previous = options["previousProof"]
    names = previous if isinstance(previous, list) else [previous]
    if not all(isinstance(name, str) for name in names):
        # A null would match every proof without an id.
        raise ProofError(
            Message("previousProof of the proof is no id"),
            expected=Message("the id of a proof, or a list of them"),
            found=repr(previous)[:80],
        )
    matching = [proof for proof in proofs if proof.get("id") in names and proof is not options]
    if not names or len(matching) != len(names):
        raise ProofError(
            Message("a previous proof is missing"),
            expected=Message("each previousProof in the document"),
            found=Message("{count} of {total}", count=len(matching), total=len(names)),
        )
    return {**unsecured, "proof": matching}


def _without_proof(document: JsonObject) -> JsonObject:
    return {key: value for key, value in document.items() if key != "proof"}


# --- instants -------------------------------------------------------------------------------------------------------

_DATE_TIME_STAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def _instant(proof: JsonObject, name: str) -> datetime | None:
    text = proof.get(name)
    if name not in proof:
        return None
    if isinstance(text, str) and _DATE_TIME_STAMP.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise ProofError(
        Message("{name} of the proof is not a time", name=name),
        expected=Message("a dateTimeStamp"),
        found=repr(text)[:80],
    )


def _timestamp(instant: datetime) -> str:
    if instant.tzinfo is None:
        raise UsageError(
            Message("an instant of a proof has no time zone"), expected=Message("an aware datetime"), found=str(instant)
        )
    return instant.astimezone(UTC).isoformat()[:19] + "Z"
