"""Signed documents about enterprises for the frozen corpus: directory, attestation, and what rests on an identity."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from passport.attestation.attested_values import AttestationStatement, value_digest
from passport.battery.identifiers.party_identifier import PartyScheme
from passport.credentials.credential import status_entries
from passport.credentials.digests import digest_of
from passport.credentials.identity_status import RestsOn
from passport.credentials.issuer import presentation
from passport.identity import PrivateKey, did_rotation
from passport.publishing.attestations import Attestor
from passport.publishing.events.actor_grants import ActorGrants
from passport.publishing.events.identified_actor import statement_from
from passport.publishing.role_grants import RoleGrants
from passport.store import Store
from passport.vocabulary.credential_types import ACTOR, ATTESTATION, ROLE
from passport.vocabulary.vocabulary import Audience
from tests.directory_world import NOW, Company, DirectoryWorld, credit_code

SIGNED_AT = NOW + timedelta(days=1)
_WORLD = DirectoryWorld()
_LAB = Company("lab", 2, roles=("certificationBody",))
_AUTHORITY, _DEALER = Company("accreditor", 3, roles=("regulator",)), Company("dealer", 4, roles=("dealer",))


def directory() -> dict[str, Any]:
    """A signed directory of one enterprise with every member that an identity has, and with a retired key."""
    company = Company(
        "maker", 1, markets=("EU", "CN"), provinces=("CN-AH",), manufacturer_codes=("ZZZ",), gtin_prefixes=("9506000",),
        resolvers=("https://maker.example",), web_address="https://www.maker.example", registration_number="HRB 1",
        registered={PartyScheme.CREDIT_CODE: credit_code(1), PartyScheme.LEI: "506700GE1G29325QX363",
                    PartyScheme.GLN: "9506000134369", PartyScheme.EORI: "DE123456789012345"},
    )  # fmt: skip
    _WORLD.take(company)
    rotated = did_rotation.with_key(company.document, "key-2", PrivateKey.generate().public_key)
    _WORLD.registrar.take_keys(company.did, did_rotation.retired(rotated, "key-1"), SIGNED_AT)
    return _WORLD.file(SIGNED_AT)


def attestation() -> dict[str, Any]:
    """A signed attestation of two values of a model, with its status lists."""
    values = {name: value_digest(name, value) for name, value in (("ratedCapacity", "141"), ("batteryMass", "540"))}
    statement = AttestationStatement(
        "https://maker.example/id/EV1", "BatteryModel", values,
        "https://w3id.org/battery-passport/certification#cn-battery-id", "sampleTest", "GB/T 31486-2024",
        date(2026, 10, 1), "https://lab.example/r/17.pdf", digest_of(b"report"),
    )  # fmt: skip
    attestor = Attestor(_WORLD.store, _LAB.issuer(), "https://lab.example")
    signed = attestor.attest(statement, valid_from=NOW, valid_until=NOW + timedelta(days=365), at=NOW)
    return presentation([signed, *attestor.lists_of([signed])])


def resting() -> dict[str, Any]:
    """An accreditation and a role that rest on the identity of their holder, with it and with their status lists."""
    identity, store = _WORLD.take(_DEALER), Store.open("sqlite://")
    issuer, base = _AUTHORITY.issuer(), "https://accreditor.example"
    accreditation = ActorGrants(store, issuer, base).grant(statement_from(identity, ("dealer",)), valid_from=NOW)
    role = RoleGrants(store, issuer, base).grant(
        _DEALER.did, Audience.LEGITIMATE_INTEREST, "repair", valid_from=NOW, identity=RestsOn.of(identity)
    )
    named = {
        entry["statusListCredential"] for each in (identity, accreditation, role) for entry in status_entries(each)
    }
    lists = [
        each for kept in (store, _WORLD.store) for number in sorted(kept.role_lists())
        if (each := kept.status_list(number)) is not None and each["id"] in named
    ]  # fmt: skip
    return presentation([identity, accreditation, role, *lists])


def issuers() -> list[dict[str, Any]]:
    """The entries of a trust list for all of them."""
    lab = {"id": _LAB.did, "name": {"en": "Lab"}, "trustedFor": [ATTESTATION], "didDocument": _LAB.document}
    authority = {
        "id": _AUTHORITY.did, "name": {"en": "Accreditor"}, "trustedFor": [ACTOR, ROLE],
        "audiences": ["legitimate-interest"], "didDocument": _AUTHORITY.document,
    }  # fmt: skip
    return [_WORLD.trusted, lab, authority]
