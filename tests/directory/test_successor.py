"""The status lists of an issuer that is gone are renewed by a successor on the trust list, and by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from passport.belonging import passport_verifier
from passport.credentials.status_list import BitString, status_list_credential
from passport.credentials.trust import TrustList
from tests.directory_world import NOW, Company, DirectoryWorld

LATER = NOW + timedelta(days=60)


@pytest.fixture(scope="module")
def world():
    world = DirectoryWorld()
    world.signed, world.backup = world.take(Company("maker", 1)), Company("backup", 2, roles=("backupOperator",))
    return world


def file_of(world, signer, *, revoked=False):
    """The identity with lists of today that ``signer`` signed, under the addresses of the old ones."""
    lists = []
    for entry in world.signed["credentialStatus"]:
        bits = BitString()
        bits.set(int(entry["statusListIndex"]), revoked and entry["statusPurpose"] == "revocation")
        unsigned = status_list_credential(
            entry["statusListCredential"], signer.id, entry["statusPurpose"], bits, valid_from=LATER,
            valid_until=LATER + timedelta(days=7),
        )  # fmt: skip
        lists.append(signer.issue(unsigned, created=LATER))
    return {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"],
            "verifiableCredential": [world.signed, *lists]}  # fmt: skip


def trust(world, *successors):
    backup = {"id": world.backup.did, "name": {"en": "Second Copy"}, "trustedFor": [],
              "didDocument": world.backup.document}  # fmt: skip
    return TrustList.from_json({"issuers": [{**world.trusted, "successors": list(successors)}, backup]})


def test_lists_of_a_named_successor_say_what_holds(world):
    named, backup = trust(world, world.backup.did), world.backup.issuer()
    result = passport_verifier(named).verify(file_of(world, backup), at=LATER)
    assert result.verified is True and result.status_lists_at == LATER
    result = passport_verifier(named).verify(file_of(world, backup, revoked=True), at=LATER)
    assert result.verified is False and result.credentials[0].check(4).code == "revoked"


def test_lists_of_anybody_else_say_nothing(world):
    for others in ((), ("did:web:somebody.example",)):
        result = passport_verifier(trust(world, *others)).verify(file_of(world, world.backup.issuer()), at=LATER)
        assert result.verified is not True and result.credentials[0].check(4).passed is False


def test_a_successor_issues_nothing_in_the_name_of_the_one_before(world):
    unsigned = {name: value for name, value in world.signed.items() if name != "proof"}
    forged = world.backup.issuer().issue({**unsigned, "issuer": world.backup.did}, created=LATER)
    result = passport_verifier(trust(world, world.backup.did)).verify(forged, at=LATER)
    assert result.credentials[0].check(5).passed is False
