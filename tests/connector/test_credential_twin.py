"""A membership is the twin of credentials that a registrar signed: the same facts, none of them written twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner

from issuer.commands.connector import connector
from passport.belonging import passport_verifier
from passport.commands.terminal import console
from passport.connector.claims.credential_twin import twin_claims
from passport.connector.connector_node import MEMBERSHIP
from passport.credentials.credential import date_time
from passport.credentials.issuer import Issuer, presentation
from passport.credentials.trust import TrustList
from passport.directory.enterprise import Enterprise, unsigned_identity
from passport.errors import UsageError, VerificationFailed
from passport.identity import KeySigner, PrivateKey
from passport.proofs import jose
from passport.publishing.events.accreditation import ActorStatement, unsigned_accreditation
from passport.vocabulary.credential_types import ACTOR, IDENTITY
from tests.connector.companies import dataspace

DID = "did:web:cells.example"
END = timedelta(days=100)


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    return dataspace(tmp_path_factory.mktemp("twin"), {"cells": ("CN", {"roles": ["typed-by-hand"]})})


@pytest.fixture(scope="module")
def registrar():
    key = PrivateKey.generate()
    return Issuer(key.public_key.did_key, KeySigner(key))


def trust(registrar):
    return {"id": registrar.id, "name": {"en": "Registrar"}, "trustedFor": [IDENTITY, ACTOR]}


def identity(registrar, at, did=DID, country="CN", **more):
    enterprise = Enterprise(
        did, {"en": "Cells Ltd"}, country, ("batteryMaker",), registration_number="HRB 7", **more
    )  # fmt: skip
    unsigned = unsigned_identity(f"urn:uuid:identity-{country}", registrar.id, enterprise, at, at + END)
    return registrar.issue(unsigned, created=at)


def accreditation(registrar, at, did=DID, days=40):
    statement = ActorStatement(did, {"en": "Cells Ltd"}, roles=("recycler",), registration_number="HRB 7")
    unsigned = unsigned_accreditation("urn:uuid:actor", registrar.id, statement, at, at + timedelta(days=days))
    return registrar.issue(unsigned, created=at)


def verified(registrar, at, *documents):
    verifier = passport_verifier(TrustList.from_json({"issuers": [trust(registrar)]}))
    return verifier.verify(presentation(documents), at=at)


def test_the_twin_says_what_our_credentials_say_and_ends_with_the_first(registrar, space):
    at = space.network.now
    holder, claims = twin_claims(verified(registrar, at, identity(registrar, at), accreditation(registrar, at)))
    assert holder == DID
    until = date_time(at + timedelta(days=40))
    assert claims == {"roles": ["batteryMaker", "recycler"], "country": "CN", "until": until}


def test_what_does_not_verify_or_is_of_several_companies_makes_no_twin(registrar, space):
    at = space.network.now
    forged = identity(registrar, at)
    forged["credentialSubject"]["addressCountry"] = "DE"
    for document in (forged, identity(registrar, at - timedelta(days=200))):
        with pytest.raises(VerificationFailed):
            twin_claims(verified(registrar, at, document))
    with pytest.raises(UsageError, match="one company"):
        two = identity(registrar, at), identity(registrar, at, did="did:web:other.example", country="DE")
        twin_claims(verified(registrar, at, *two))
    with pytest.raises(UsageError, match="several countries"):
        twin_claims(verified(registrar, at, identity(registrar, at), identity(registrar, at, country="DE")))


def test_a_member_gets_a_jwt_with_the_facts_of_its_identity(registrar, space, monkeypatch):
    """By command: the authority types no fact, the company asks, and what it gets is as old as its original at most."""
    network, authority = space.network, space.authority
    monkeypatch.setattr(console, "now", lambda: network.now)
    path = authority.node.project.trust_list_path
    document = json.loads(path.read_text())
    document["issuers"].append(trust(registrar))
    path.write_text(json.dumps(document))
    file = authority.folder / "cells.identity.jsonld"
    file.write_text(json.dumps(identity(registrar, network.now)))
    words = ["member", str(file), "--offline", "--project", str(authority.folder), "--json"]
    done = CliRunner().invoke(connector, words)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["claims"]["roles"] == ["batteryMaker"]
    authority.node = type(authority.node).open(authority.node.project, None, client=network)
    authority.restart()
    issued = authority.node.issuance._issued(
        {"credentials": [{"id": next(iter(authority.node.issuance._supported()))}]}, DID, network.now
    )
    (credential,) = issued
    payload = jose.parse(credential["payload"], typ="vc+jwt", cty="vc").claims()
    assert payload["type"] == ["VerifiableCredential", MEMBERSHIP]
    assert payload["credentialSubject"] == {"id": DID, "roles": ["batteryMaker"], "country": "CN"}
    assert payload["validUntil"] == date_time(network.now + END)
    late = authority.node.issuance._issued(
        {"credentials": [{"id": next(iter(authority.node.issuance._supported()))}]}, DID, network.now + END
    )
    assert late is None, "the identity has ended, and so has the membership"


@pytest.mark.parametrize("until", ["soon", "2028-03-08T09:30:00", 7])
def test_an_end_that_is_no_instant_gives_no_credential(space, until):
    service = replace(space.authority.node.issuance, claims=lambda holder, type_: {"roles": ["x"], "until": until})
    asked = {"credentials": [{"id": next(iter(service._supported()))}]}
    assert service._issued(asked, DID, space.network.now) is None
