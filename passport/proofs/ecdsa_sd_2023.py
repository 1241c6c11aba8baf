"""ecdsa-sd-2023: a signature over each statement, so that a holder can show some of them.

* The issuer makes a **base proof**: one signature of its own over the mandatory statements, and one with a key made
  for this proof alone over each of the others. A base proof is not for showing; verification refuses it.
* :func:`derive` makes from it a document that shows what the mandatory and some further JSON pointers select, with the
  signatures that belong to it.
* :func:`derive_full` makes the full view, which shows every statement. The issuer keeps the HMAC key and the mandatory
  pointers beside it; :func:`base_document_of` makes the base proof again from them.
* :func:`thin` does the same with a derived document. It gives the same bytes as deriving from the base proof, so a
  server that holds the full view, and neither the base proof nor a key of the issuer, can make every narrower view.

What a derived document proves: each statement in it was signed by the issuer, together with all mandatory ones. What
it does not: that nothing was left out. Anybody can thin it further. One base proof's views can be recognised as such:
they share the base signature and the proof key. (VC Data Integrity ECDSA Cryptosuites 1.0, sections 3.6.1 to 3.6.7)
"""

from __future__ import annotations

import hashlib
import marshal
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from passport.errors import InvalidSignature, ProofError, UsageError
from passport.identity import Algorithm, PrivateKey, PublicKey, Signer, VerificationMethod
from passport.linked_data import jsonld
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.linked_data.walked import Listed, Walked
from passport.proofs import pointers as json_pointers
from passport.proofs import sd_mandatory, sd_value
from passport.proofs.rdfc_hashing import configuration_hash
from passport.proofs.sd_statements import MaskedStatements, masked_label
from passport.proofs.sd_value import BaseProof, DerivedProof, IssuerPart, key_bytes
from passport.texts import Message

NAME = "ecdsa-sd-2023"


class EcdsaSd2023:
    """See :class:`passport.proofs.cryptosuite.Cryptosuite`."""

    name = NAME
    algorithms = frozenset({Algorithm.P256})
    context_in_proof = False

    def create_proof_value(
        self,
        document: JsonObject,
        options: JsonObject,
        signer: Signer,
        *,
        mandatory_pointers: Sequence[str],
        loader: ContextLoader,
        graph: Walked | Listed | None = None,
    ) -> str:
        if not mandatory_pointers:
            # Without any, a holder could show a credential's claims and leave out who issued it.
            raise UsageError(
                Message("{name} needs to be told what is mandatory", name=NAME), hint=Message("At the least: /issuer")
            )
        return create_base_proof(document, options, signer, mandatory_pointers, loader=loader, graph=graph).encode()

    def verify_proof_value(
        self,
        document: JsonObject,
        proof: JsonObject,
        method: VerificationMethod,
        *,
        loader: ContextLoader,
        graph: Walked | None = None,
    ) -> bool:
        verify_derived_proof(document, proof, method.public_key, loader=loader)
        return True


# --- the issuer -----------------------------------------------------------------------------------------------------


def create_base_proof(
    document: JsonObject,
    options: JsonObject,
    signer: Signer,
    mandatory_pointers: Sequence[str],
    *,
    loader: ContextLoader = PINNED,
    proof_key: PrivateKey | None = None,
    hmac_key: bytes | None = None,
    graph: Walked | Listed | None = None,
) -> BaseProof:
    """Sign a document so that parts of it can be shown. (sections 3.6.1 to 3.6.3)

    :param document: without its proof.
    :param options: the proof without its value.
    :param proof_key: P-256 key for this proof alone, and :param hmac_key: 32 bytes. Made here and forgotten; given
        only to reproduce test vectors. A key used twice would let statements of two credentials be mixed.
    :param graph: of ``document``, where the caller has made it.
    :raises UsageError: a pointer names nothing.
    """
    proof_key = proof_key or PrivateKey.ephemeral()
    hmac_key = hmac_key or secrets.token_bytes(32)
    statements = MaskedStatements(document, hmac_key, loader=loader, graph=graph)
    mandatory = _numbers(statements, mandatory_pointers)
    base_signature = signer.sign(
        signed_data(
            configuration_hash(document, options, algorithm="sha256", loader=loader),
            proof_key.public_key,
            (statements.lines[number] for number in sorted(mandatory)),
        )
    )
    signatures = tuple(
        proof_key.sign(line.encode("utf-8")) for number, line in enumerate(statements.lines) if number not in mandatory
    )
    base = BaseProof(base_signature, proof_key.public_key, hmac_key, signatures, tuple(mandatory_pointers))
    content = _content(document, base.encode())
    _newest.made = None if content is None else _Made(content, loader, base, statements, mandatory)
    return base


@dataclass(frozen=True)
class _Made:
    """A base proof just made. The issuer derives a view from it at once, which then takes neither parsing nor a walk.

    :ivar content: bytes that tell its document and value from all others.
    """

    content: bytes
    loader: ContextLoader
    base: BaseProof
    statements: MaskedStatements
    mandatory: frozenset[int]


class _Newest(threading.local):
    """The base proof that this thread made last."""

    made: _Made | None = None


_newest = _Newest()


def _content(document: JsonObject, proof_value: Any) -> bytes | None:
    try:
        return marshal.dumps((document, proof_value), 2)
    except ValueError:  # a value that no JSON has
        return None


def signed_data(configuration_hash: bytes, proof_key: PublicKey, mandatory: Iterable[str]) -> bytes:
    """What the base signature covers: configuration hash, proof key, hash of the mandatory statements. (section
    3.5.1)"""
    return configuration_hash + key_bytes(proof_key) + hashlib.sha256("".join(mandatory).encode("utf-8")).digest()


# --- the holder -----------------------------------------------------------------------------------------------------


def is_base_proof(document: object) -> bool:
    """Whether a document carries a base proof, and so must not be shown."""
    proof = document.get("proof") if isinstance(document, dict) else None
    return any(isinstance(each, dict) and _is_base(each) for each in (proof if isinstance(proof, list) else [proof]))


def derive(
    base_document: JsonObject, selective_pointers: Sequence[str], *, loader: ContextLoader = PINNED
) -> JsonObject:
    """The document that shows what the mandatory and the given pointers select, with its derived proof. (section 3.6.6)

    Other proofs of the document are left out: they were made over the whole.

    :raises ProofError: no base proof, more than one, or a malformed one.
    :raises UsageError: a selective pointer names nothing.
    """
    proof, _, derived, part = _disclosed(base_document, selective_pointers, loader)
    return _with_proof(part, proof, derived)


def derive_full(
    base_document: JsonObject, selective_pointers: Sequence[str], *, loader: ContextLoader = PINNED
) -> tuple[JsonObject, IssuerPart]:
    """The full view, and the parts of the base proof that the full view lacks.

    The base proof can be made again from the two (:func:`base_document_of`), so it need not be kept.

    :param selective_pointers: together with the mandatory ones they select every statement.
    :raises ProofError: as :func:`derive`, and where a statement is not selected.
    :raises UsageError: as :func:`derive`.
    """
    proof, base, derived, part = _disclosed(base_document, selective_pointers, loader)
    if len(derived.signatures) != len(base.signatures):
        raise ProofError(
            Message("the view leaves something of the document out"),
            expected=Message("{count} signatures", count=len(base.signatures)),
            found=str(len(derived.signatures)),
        )
    view = _with_proof(part, proof, derived)
    return view, IssuerPart(base.hmac_key, base.mandatory_pointers)


def base_document_of(full_view: JsonObject, issuer_part: IssuerPart) -> JsonObject:
    """The document with its base proof again.

    :param full_view: as :func:`derive_full` gave it with ``issuer_part``.
    :raises ProofError: no derived proof, more than one, or a malformed one.
    """
    proof, document = _split(full_view, base=False)
    derived = sd_value.decode_derived(proof.get("proofValue"))
    base = BaseProof(
        derived.base_signature,
        derived.proof_key,
        issuer_part.hmac_key,
        derived.signatures,
        issuer_part.mandatory_pointers,
    )
    return _with_proof(document, proof, base)


def _disclosed(
    base_document: JsonObject, selective_pointers: Sequence[str], loader: ContextLoader
) -> tuple[JsonObject, BaseProof, DerivedProof, JsonObject]:
    """:returns: the proof of ``base_document``; its decoded value; the decoded value of the view's proof; the view
    without a proof."""
    proof, document = _split(base_document, base=True)
    made = _newest.made
    if made is not None and made.loader is loader and made.content == _content(document, proof.get("proofValue")):
        base, statements, mandatory = made.base, made.statements, made.mandatory
    else:
        base = sd_value.decode_base(proof.get("proofValue"))
        statements = MaskedStatements(document, base.hmac_key, loader=loader)
        try:
            mandatory = _numbers(statements, base.mandatory_pointers)
        except UsageError as error:
            raise ProofError(Message("the base proof's mandatory pointers do not fit the document")) from error
    others = [number for number in range(len(statements.lines)) if number not in mandatory]
    if len(others) != len(base.signatures):
        raise ProofError(
            Message("the base proof does not fit the document"),
            expected=Message("{count} signatures", count=len(others)),
            found=str(len(base.signatures)),
        )
    signatures = dict(zip(others, base.signatures, strict=True))
    pointers = [*base.mandatory_pointers, *selective_pointers]
    return proof, base, *_disclose(statements, base, signatures, mandatory, pointers)


def thin(
    derived_document: JsonObject,
    keep_pointers: Sequence[str],
    *,
    mandatory_pointers: Sequence[str] | None = None,
    loader: ContextLoader = PINNED,
) -> JsonObject:
    """A narrower view of a derived document: what is mandatory, and of the rest what the pointers select.

    Gives the same document, byte for byte, as :func:`derive` with these pointers would give from the base proof, when
    they are pointers into ``derived_document`` (an array in it may have fewer entries than the issuer's).

    :param mandatory_pointers: the issuer's mandatory pointers, where the caller knows them. They are checked, and
        found out where they do not fit; knowing them is merely faster.
    :raises ProofError: the proof is no derived one, or does not fit the document.
    :raises UsageError: a pointer names nothing.
    """
    proof, document = _split(derived_document, base=False)
    derived = sd_value.decode_derived(proof.get("proofValue"))
    masks = {f"c14n{number}": masked for number, masked in derived.labels.items()}
    statements = MaskedStatements(document, masks, loader=loader)
    mandatory = frozenset(derived.mandatory)
    others = [number for number in range(len(statements.lines)) if number not in mandatory]
    if len(others) != len(derived.signatures) or any(number >= len(statements.lines) for number in mandatory):
        raise ProofError(
            Message("the derived proof does not fit the document"),
            expected=Message(
                "{signatures} signatures for its {statements} statements",
                signatures=len(others),
                statements=len(statements.lines),
            ),
            found=Message(
                "{signatures} signatures, {mandatory} mandatory statements",
                signatures=len(derived.signatures),
                mandatory=len(mandatory),
            ),
        )
    if mandatory_pointers is None or not _select(statements, mandatory_pointers, mandatory):
        mandatory_pointers = sd_mandatory.pointers(statements, mandatory)
    signatures = dict(zip(others, derived.signatures, strict=True))
    thinned, part = _disclose(statements, derived, signatures, mandatory, [*mandatory_pointers, *keep_pointers])
    return _with_proof(part, proof, thinned)


def _disclose(
    statements: MaskedStatements,
    source: BaseProof | DerivedProof,
    signatures: Mapping[int, bytes],
    mandatory: frozenset[int],
    pointers: Sequence[str],
) -> tuple[DerivedProof, JsonObject]:
    """The proof of what the pointers select, and the document without a proof."""
    if not pointers and not mandatory:
        raise UsageError(Message("nothing is selected"), expected=Message("a mandatory or a selective pointer"))
    numbers, masks = statements.part(pointers)
    shown = sorted(numbers)
    derived = DerivedProof(
        source.base_signature,
        source.proof_key,
        tuple(signatures[number] for number in shown if number not in mandatory),
        masks,
        tuple(place for place, number in enumerate(shown) if number in mandatory),
    )
    return derived, json_pointers.select(statements.document, pointers)


def _with_proof(document: JsonObject, proof: JsonObject, value: BaseProof | DerivedProof) -> JsonObject:
    return {**document, "proof": {**proof, "proofValue": value.encode()}}


def _numbers(statements: MaskedStatements, pointers: Sequence[str]) -> frozenset[int]:
    return statements.numbers(pointers) if pointers else frozenset()


def _select(statements: MaskedStatements, pointers: Sequence[str], expected: frozenset[int]) -> bool:
    try:
        return _numbers(statements, pointers) == expected
    except (ProofError, UsageError):
        return False


def _is_base(proof: JsonObject) -> bool:
    return proof.get("cryptosuite") == NAME and sd_value.is_base(proof.get("proofValue"))


def _split(document: JsonObject, *, base: bool) -> tuple[JsonObject, JsonObject]:
    """The one proof of the kind asked for, and the document without any."""
    proofs = document.get("proof") if isinstance(document, dict) else None
    proofs = proofs if isinstance(proofs, list) else [proofs]
    ours = [proof for proof in proofs if isinstance(proof, dict) and proof.get("cryptosuite") == NAME]
    if base:
        ours = [proof for proof in ours if _is_base(proof)]
    if len(ours) != 1:
        kind = Message("base proof") if base else Message("proof")
        raise ProofError(
            Message("cannot tell which {kind} to use", kind=kind),
            expected=Message("one {kind} of {name}", kind=kind, name=NAME),
            found=str(len(ours)),
        )
    return ours[0], {key: value for key, value in document.items() if key != "proof"}


# --- the verifier ---------------------------------------------------------------------------------------------------


def verify_derived_proof(
    document: JsonObject, proof: JsonObject, issuer_key: PublicKey, *, loader: ContextLoader = PINNED
) -> None:
    """Check a derived proof. (section 3.6.7)

    :param document: without its proof.
    :raises BaseProofPresented: the proof is a base proof.
    :raises InvalidSignature: a statement, or the set of mandatory ones, is not what was signed.
    :raises ProofError: the proof is malformed or does not fit the document.
    """
    # 1. The parts of the proof.
    derived = sd_value.decode_derived(proof.get("proofValue"))
    # 2. The statements, under their masked labels. The map must name each blank node, and no others.
    graph = jsonld.graph(document, loader=loader)
    issued = graph.issued()
    if {f"c14n{number}" for number in derived.labels} != set(issued.values()):
        raise ProofError(Message("the label map of the proof does not fit the document"))
    labels = {own: masked_label(derived.labels[int(canonical[4:])]) for own, canonical in issued.items()}
    lines = graph.lines(labels)
    # 3. Mandatory and other statements, and a signature for each of the others.
    mandatory = set(derived.mandatory)
    if any(index >= len(lines) for index in mandatory):
        raise ProofError(
            Message("a mandatory index of the proof is beyond the last statement"),
            expected=Message("at most {count}", count=len(lines) - 1),
            found=str(derived.mandatory[-1]),
        )
    others = [line for number, line in enumerate(lines) if number not in mandatory]
    if len(others) != len(derived.signatures):
        raise ProofError(
            Message("signatures and statements of the document do not match in number"),
            expected=Message("{count} signatures", count=len(others)),
            found=str(len(derived.signatures)),
        )
    # 4. The issuer signed the configuration, the proof key and the mandatory statements.
    issuer_key.verify(
        derived.base_signature,
        signed_data(
            configuration_hash(document, proof, algorithm="sha256", loader=loader),
            derived.proof_key,
            (lines[number] for number in derived.mandatory),
        ),
    )
    # 5. The proof key signed each of the others.
    for line, signature in zip(others, derived.signatures, strict=True):
        try:
            derived.proof_key.verify(signature, line.encode("utf-8"))
        except InvalidSignature:
            raise InvalidSignature(Message("a statement of the document was not signed in this form")) from None
