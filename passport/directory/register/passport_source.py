"""Reading a passport at its operator's resolver, and what a verified answer is worth.

The address is that of the entry, which its operator signed; a visitor never chooses it. What came is verified before
anything in it is used: whose signature counts is the register's own trust list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from passport.credentials.credential import DID_DOCUMENT
from passport.credentials.issuer import presentation
from passport.credentials.verification_result import VerificationResult
from passport.credentials.verifier import Verifier
from passport.directory.register.registry_entry import PassportFacts, facts_of
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.register.passport_copies import CopiedPassport, PassportCopy

ACCEPT = "application/vp"
#: Gives the body at an address, or raises a :class:`~passport.errors.PassportError`.
Fetch = Callable[[str], bytes]
CREDENTIAL, DOCUMENT = "credential", "did-document"


@dataclass(frozen=True)
class SeenPassport:
    """A passport as it came, and what was found out about it.

    :ivar facts: of a passport that verified; None of another.
    """

    document: Any
    result: VerificationResult
    facts: PassportFacts | None

    @property
    def withdrawn(self) -> bool:
        """Whether it is what its issuer signed, and its issuer withdrew it."""
        codes = {check.code for each in self.result.credentials if each.proved for check in each.checks}
        return self.result.verified is False and bool(codes & {"revoked", "suspended"})


def dpp_address(endpoint: str, product: str) -> str:
    """Where a passport is read (EN 18222, ReadDPPByProductId). :param endpoint: root of the API, such as ``…/v1``."""
    return f"{endpoint}/dppsByProductId/{quote(product, safe='')}"


def read_passport(endpoint: str, product: str, fetch: Fetch, verifier: Verifier, at: datetime) -> SeenPassport:
    """The passport of a product at its resolver, verified.

    :param verifier: of passports, by whose signature counts; for many passports one that remembers their members.
    :raises PassportError: nothing came, or it is no JSON.
    """
    return seen(strict_json.loads(fetch(dpp_address(endpoint, product))), product, verifier, at)


def seen(document: Any, product: str, verifier: Verifier, at: datetime) -> SeenPassport:
    """What a document is worth at an instant.

    :param product: that it must be about.
    """
    result = verifier.verify(document, at=at, about=product)
    facts = facts_of(result.documents) if result.verified is True else None
    return SeenPassport(document, result, facts)


# --- copies -----------------------------------------------------------------------------------------------------------


def copy_of(passport: SeenPassport, product: str, at: datetime) -> tuple[PassportCopy, CopiedPassport]:
    """A verified passport as a copy is kept: its members, byte for byte as JSON says them, and what finds it.

    Its status lists are members too: they keep their date.
    """
    assert passport.facts is not None
    members = [(CREDENTIAL, strict_json.dumps(each)) for each in passport.document.get("verifiableCredential", [])]
    members += [(DOCUMENT, strict_json.dumps(each["@value"])) for each in passport.document.get(DID_DOCUMENT, [])]
    facts = passport.facts
    return PassportCopy(product, at, tuple(members)), CopiedPassport(
        product, at, facts.maker, facts.model_name, facts.category
    )


def presentation_of(copy: PassportCopy) -> JsonObject:
    """The presentation that a copy is, as it can be verified again."""
    by_part = {
        part: [strict_json.loads(body) for each, body in copy.members if each == part]
        for part in (CREDENTIAL, DOCUMENT)
    }
    return presentation(by_part[CREDENTIAL], did_documents=by_part[DOCUMENT])
