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
from passport.connector.connector_endpoint import ConnectorAnswer
from passport.connector.connector_node import MEMBERSHIP
from passport.credentials.credential import date_time
from passport.credentials.issuer import Issuer, presentation
from passport.credentials.status_list import REVOCATION, SUSPENSION
from passport.credentials.trust import TrustList
from passport.directory.enterprise import Enterprise, unsigned_identity
from passport.errors import PeerFailed, UsageError, VerificationFailed
from passport.identity import KeySigner, PrivateKey
from passport.proofs import jose
from passport.publishing.events.accreditation import ActorStatement, unsigned_accreditation
from passport.publishing.registrar import Registrar
from passport.publishing.role_grants import RoleGrants
from passport.store import Store
from passport.vocabulary.credential_types import ACTOR, IDENTITY, ROLE
from passport.vocabulary.vocabulary import Audience
from tests.connector.companies import dataspace
from tests.each import each

DID = "did:web:cells.example"
END = timedelta(days=100)


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    return dataspace(
        tmp_path_factory.mktemp("twin"), {"cells": ("CN", {"roles": ["typed-by-hand"]}), "packs": ("CN", {})}
    )


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


# --- what becomes of the original -------------------------------------------------------------------------------------

REGISTRAR = "https://registrar.example"


class Originals:
    """A registrar on the network that gives one company an identity and a role, both with places in its lists."""

    def __init__(self, space, registrar, folder):
        self.space, self.store = space, Store.open("sqlite://")
        at, until = space.network.now, space.network.now + END
        self.registrar = Registrar(self.store, registrar, REGISTRAR)
        self.roles = RoleGrants(self.store, registrar, REGISTRAR)
        enterprise = Enterprise(DID, {"en": "Cells Ltd"}, "CN", ("batteryMaker",), registration_number="HRB 7")
        own = json.loads((space.members["cells"].folder / "did.json").read_text())
        self.identity = self.registrar.issue(enterprise, own, valid_from=at, valid_until=until)
        self.role = self.roles.grant(
            DID, Audience.LEGITIMATE_INTEREST, "recycling", (), valid_from=at, valid_until=until
        )
        lists = [self.store.status_list(number) for number in sorted(self.store.role_lists())]
        self.file = folder / "cells.jsonld"
        self.file.write_text(json.dumps(presentation([self.identity, self.role, *lists])))
        space.network.peers["registrar.example"] = self
        self.answerer = self._answer

    def _answer(self, request, at):
        number = int(request.path.rpartition("/")[2])
        return ConnectorAnswer(200, self.store.status_list(number))

    def member(self):
        """Make the company a member again, and let it ask for its membership."""
        authority, cells = self.space.authority, self.space.members["cells"]
        words = ["member", str(self.file), "--offline", "--project", str(authority.folder), "--json"]
        done = CliRunner().invoke(connector, words)
        assert done.exit_code == 0, done.output
        authority.restart()
        self.request(cells)
        return json.loads(done.stdout)["claims"]

    def request(self, cells):
        """What the issuer answers to a request for the membership."""
        pid = cells.node.requester.request(self.space.authority.did, (MEMBERSHIP,), at=self.space.network.now)
        self.space.authority.node.issuance.deliver(at=self.space.network.now)
        return cells.node.state.credential_request(pid)[3]


def name_registrar(company, registrar, *types):
    """The company's trust list names the registrar for these credentials, and for no other."""
    path = company.node.project.trust_list_path
    document = json.loads(path.read_text())
    others = [each for each in document["issuers"] if each["id"] != registrar.id]
    document["issuers"] = [*others, {**trust(registrar), "trustedFor": list(types)}]
    path.write_text(json.dumps(document))
    company.restart()


@pytest.fixture
def originals(space, registrar, tmp_path, monkeypatch):
    monkeypatch.setattr(console, "now", lambda: space.network.now)
    for company in (space.authority, space.members["packs"]):
        name_registrar(company, registrar, IDENTITY, ACTOR, ROLE)
    return Originals(space, registrar, tmp_path)


@pytest.mark.parametrize("which", ["identity", "role", "suspension"])
def test_a_membership_ends_with_the_revocation_of_its_original(space, originals, which):
    cells, packs, at = space.members["cells"], space.members["packs"], space.network.now
    claims = originals.member()
    assert claims["purposes"] == ["recycling"] and claims["roles"] == ["batteryMaker"]
    assert {each["statusPurpose"] for each in claims["status"]} == {"revocation", "suspension"}
    assert cells.node.catalogue_of(packs.did, at=at)
    if which == "role":
        originals.roles.revoke(originals.role["id"], "contract ended", at)
    else:
        purpose = SUSPENSION if which == "suspension" else REVOCATION
        originals.registrar.change(DID, purpose, True, "struck off", at)
    with pytest.raises(PeerFailed, match="refuses"):
        cells.node.catalogue_of(packs.did, at=at)
    assert originals.request(cells) == "REJECTED", "and no new one is issued"
    if which == "suspension":
        originals.registrar.change(DID, SUSPENSION, False, "cleared", at)
        assert cells.node.catalogue_of(packs.did, at=at)


def test_a_membership_whose_list_cannot_be_had_or_is_signed_by_another_does_not_count(space, originals, caplog):
    cells, packs, at = space.members["cells"], space.members["packs"], space.network.now
    originals.member()
    forger = PrivateKey.generate()
    forged = Issuer(forger.public_key.did_key, KeySigner(forger))

    def by_another(request, at):
        document = originals.store.status_list(int(request.path.rpartition("/")[2]))
        unsigned = {name: value for name, value in document.items() if name != "proof"}
        return ConnectorAnswer(200, forged.issue({**unsigned, "issuer": forged.id}, created=at))

    for answerer in (lambda request, at: None, by_another):
        originals.answerer = answerer
        with pytest.raises(PeerFailed, match="refuses"):
            cells.node.catalogue_of(packs.did, at=at)
        assert originals.request(cells) == "RECEIVED", "the request waits until it can be told"
        assert "a request for a credential waits" in caplog.text
        caplog.clear()
    originals.answerer = originals._answer
    assert cells.node.catalogue_of(packs.did, at=at)
    space.authority.node.issuance.deliver(at=at)


def test_a_membership_does_not_count_where_the_reader_does_not_trust_its_registrar(space, originals, registrar):
    cells, packs, at = space.members["cells"], space.members["packs"], space.network.now
    claims = originals.member()
    assert all("statusListIssuer" not in entry for entry in claims["status"]), "the list itself names its signer"
    assert cells.node.catalogue_of(packs.did, at=at)
    name_registrar(packs, registrar, "BatteryPassportCredential")
    with pytest.raises(PeerFailed, match="refuses"):
        cells.node.catalogue_of(packs.did, at=at)


@each("until", ["soon", "2028-03-08T09:30:00", 7])
def test_an_end_that_is_no_instant_gives_no_credential(space, until):
    assert issued(space, {"roles": ["x"], "until": until}) is None


@each("status", ["none", {"type": "x"}, ["https://registrar.example/status/1"]])
def test_a_status_that_is_no_list_of_entries_gives_no_credential(space, status):
    assert issued(space, {"roles": ["x"], "status": status}) is None


def issued(space, claims):
    service = replace(space.authority.node.issuance, claims=lambda holder, type_: claims)
    asked = {"credentials": [{"id": next(iter(service._supported()))}]}
    return service._issued(asked, DID, space.network.now)
