"""A supplier's answer as a signed file: whose signature it is, and what the file says.

It is taken when, in this order:

1. It is signed by a key of the supplier that it names, for this request and this company.
   (:mod:`passport.connector.data.signed_part`)
2. The supplier is on the trust list. One that is not encloses an accreditation or an identity credential about itself,
   which verifies with issuer, validity and status.
3. It says nothing but what was asked for, and each value can be placed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from issuer.wallets.foreign_lists import CheckedStanding
from issuer.workspace.frame import workspace
from passport.battery.fault import Fault, Location
from passport.battery.value_reader import RecordBuilder, part_of
from passport.connector.data.signed_part import SignedPart, open_part
from passport.errors import MalformedDocument, ProofError
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.workspace.supplier_requests import SupplierRequest, SupplierSignature
from passport.texts import Message
from passport.texts.message import fallback
from passport.vocabulary.credential_types import ACTOR, IDENTITY

#: What a supplier may enclose about itself.
_ABOUT_THE_SUPPLIER = (ACTOR, IDENTITY)


@dataclass(frozen=True)
class SignedAnswer:
    """:ivar parts: of a record, by ``model``, ``batch`` and ``pack``; :ivar faults: values that cannot be placed."""

    parts: Mapping[str, Mapping[str, Any]]
    faults: tuple[Fault, ...]
    signature: SupplierSignature


@dataclass(frozen=True)
class PartSigner:
    """Whose signature it is, for a page.

    :ivar authority: name of the issuer of the credential about the signer; None: the trust list names the signer.
    :ivar standing: of that credential now.
    """

    name: str
    did: str
    authority: str | None
    at: datetime
    standing: CheckedStanding | None = None


def part_request(asked: SupplierRequest) -> JsonObject:
    """What a supplier signs its part for."""
    return {
        "request": asked.id, "audience": workspace().project.issuer, "until": asked.until.isoformat(),
        "indicators": list(asked.indicators),
    }  # fmt: skip


def signed_answer(asked: SupplierRequest, text: str, at: datetime) -> SignedAnswer:
    """What a signed file says.

    :raises PassportError: one of the steps above fails.
    """
    here = workspace()
    # 1.
    part = open_part(text, asked.id, here.project.issuer, here.dids(), at=at)
    # 2.
    credential = _about_the_supplier(part, at)
    # 3.
    if unknown := sorted(set(part.content) - set(asked.indicators)):
        raise MalformedDocument(Message("the part holds what was not asked for"), found=unknown[0][:80])
    builder = RecordBuilder(lambda *_: Location(asked.supplier))
    parts: dict[str, dict[str, Any]] = {}
    for name, value in part.content.items():
        placed = builder.part(part_of(name), {name: value}, None)
        parts.setdefault(part_of(name), {}).update({name: placed[name]} if name in placed else {})
    faults = tuple(fault for fault in builder.faults if fault.severity == "violation")
    body = None if credential is None else strict_json.dumps(credential)
    return SignedAnswer(parts, faults, SupplierSignature(part.provider, part.at, part.text, body))


def _about_the_supplier(part: SignedPart, at: datetime) -> JsonObject | None:
    """The credential that says who signed; None where the trust list names the signer."""
    here = workspace()
    trust_list = here.project.trust_list()
    if trust_list.issuer(part.provider) is not None:
        return None
    if part.credential is None:
        raise ProofError(
            Message("the trust list does not name who signed the part"),
            found=part.provider[:120],
            hint=Message("Enclose an accreditation or an identity credential of an authority that it names."),
        )
    document, _ = here.company_check.verified(part.credential, _ABOUT_THE_SUPPLIER, at)
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict) or subject.get("id") != part.provider:
        raise ProofError(Message("the enclosed credential is of another company"), expected=part.provider[:120])
    return document


def signer_of(asked: SupplierRequest, language: str) -> PartSigner | None:
    """Whose signature the answer to a request has; None where it has none."""
    here = workspace()
    signature = here.suppliers.signature(asked)
    if signature is None:
        return None
    if signature.credential is None:
        return PartSigner(here.named(signature.signer, language), signature.signer, None, signature.at)
    document = strict_json.loads(signature.credential)
    name = fallback(document["credentialSubject"]["legalName"], language)
    standing = here.company_check.standing(document, here.now())
    return PartSigner(name, signature.signer, here.named(document["issuer"], language), signature.at, standing)


def text_of(body: bytes) -> str:
    """The text of a file that was handed in.

    :raises MalformedDocument: it is no text.
    """
    try:
        return body.decode("ascii").strip()
    except UnicodeDecodeError:
        raise MalformedDocument(Message("a signed part"), expected=Message("the file that was signed")) from None
