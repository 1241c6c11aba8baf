"""Status lists of other authorities: the workspace fetches them, and says where a status could not be checked."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from issuer.wallets.foreign_lists import AGAIN, EVERY
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import REVOCATION
from passport.directory.enterprise import Enterprise
from passport.identity import KeySigner, PrivateKey, did_web
from passport.identity.did import DidResolver
from passport.linked_data import strict_json
from passport.publishing.events.actor_grants import ActorGrants
from passport.publishing.events.identified_actor import statement_from
from passport.publishing.registrar import Registrar
from passport.publishing.role_grants import RoleGrants
from passport.publishing.status.status_lists import StatusLists
from passport.store import Store
from passport.vocabulary.credential_types import ACTOR, IDENTITY
from tests.issuer import test_wallet_offers as offers
from tests.issuer.test_wallet_offers import Actor, Wallet, refused
from tests.issuer.work_world import AT, BASE, WorkWorld
from tests.web_server import HOST, disguised_client, make_certificate, make_secure_server

_now = offers._now


class Authority:
    """An authority on another host: it states who a recycler is, and accredits it on that."""

    def __init__(self, server) -> None:
        self.server, self.store = server, Store.open("sqlite://")
        self.did, key = did_web.did_for(f"https://{HOST}"), PrivateKey.generate()
        document = did_web.document(self.did, {"key-1": key.public_key})
        issuer = Issuer(self.did, KeySigner(key, f"{self.did}#key-1"), DidResolver({self.did: document}))
        self.registrar = Registrar(self.store, issuer, f"https://{HOST}")
        self.grants = ActorGrants(self.store, issuer, f"https://{HOST}")
        self.lists = StatusLists(self.store, issuer, f"https://{HOST}")
        self.entry = {
            "id": self.did, "name": {"en": "Authority"}, "trustedFor": [ACTOR, IDENTITY], "didDocument": document,
        }  # fmt: skip

    def accredit(self, holder: str) -> dict:
        enterprise = Enterprise(holder, {"en": "Rec GmbH"}, "DE", ("utiliser",), registration_number="HRB 1")
        identity = self.registrar.issue(enterprise, None, valid_from=AT - timedelta(hours=1))
        return self.grants.grant(statement_from(identity, ("utiliser",)), valid_from=AT - timedelta(hours=1))

    def serve(self, at=AT) -> None:
        self.lists.sign_all(at)
        self.server.answers = {
            f"/status/{number}": strict_json.dumps(self.store.status_list(number)) for number in self.store.role_lists()
        }


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(certificate):
    made = make_secure_server(certificate)
    yield made
    made.close()


@pytest.fixture
def world(tmp_path, server, certificate):
    made = WorkWorld(tmp_path, client=disguised_client(server, certificate))
    made.pack = offers.issued_pack(made)
    made.tan = made.join("tan", "sign")
    return made


class ForeignActor(Actor):
    """An asker whom the other authority accredited."""

    def __init__(self, world, server):
        self.world, self.wallet = world, Wallet(world)
        self.authority = Authority(server)
        path = world.project.trust_list_path
        listed = json.loads(path.read_text())
        path.write_text(json.dumps({"issuers": [*listed["issuers"], self.authority.entry]}))
        self.accreditation = self.authority.accredit(self.wallet.key.public_key.did_key)

    @property
    def kept(self):
        return self.world.here.access.accreditation(self.world.here.access.get(self.wallet.id))


@pytest.fixture
def actor(world, server):
    return ForeignActor(world, server)


def test_an_accreditation_of_another_authority_is_taken_once_its_lists_were_fetched(world, actor, server):
    actor.authority.serve()
    assert actor.shown().json == {}
    assert sorted(set(server.paths)) == sorted(server.answers), "its own list, and those of the identity"
    page = world.tan.get("/access").text
    assert "Rec GmbH: Comprehensive utiliser" in page and "Not revoked by the status list of" in page
    asked = len(server.requests)
    world.tan.get("/access")
    assert len(server.requests) == asked, "fresh lists are not asked for again"


def test_an_accreditation_whose_list_cannot_be_had_is_refused_in_plain_words(world, actor, server):
    server.status = 503
    answer = actor.shown()
    assert answer.status_code == 400 and "could not be checked" in answer.json["detail"], answer.json
    assert actor.kept is None
    asked = len(server.requests)
    assert asked > 0 and actor.shown().status_code == 400 and len(server.requests) == asked, "not again at once"
    actor.authority.serve()
    server.status = 200
    world.later(seconds=AGAIN.total_seconds())
    assert actor.shown().json == {} and actor.kept is not None


@pytest.mark.parametrize("which", ["accreditation", "identity"])
def test_what_was_revoked_elsewhere_is_seen_on_the_page(world, actor, which):
    actor.authority.serve()
    assert actor.shown().json == {}
    if which == "accreditation":
        actor.authority.grants.revoke(actor.accreditation["id"], "licence withdrawn", AT)
    else:
        actor.authority.registrar.change(actor.wallet.key.public_key.did_key, REVOCATION, True, "struck off", AT)
    world.later(seconds=EVERY.total_seconds())
    actor.authority.serve(world.at)
    assert "It has ended or was revoked since." in world.tan.get("/access").text
    assert actor.shown().status_code == 400


def test_the_page_says_where_a_status_could_not_be_checked(world, actor, server):
    actor.authority.serve()
    assert actor.shown().json == {}
    world.later(days=30)
    server.status = 503
    world.sign_in(world.tan)
    page = world.tan.get("/access").text
    assert "Whether it was revoked since could not be checked." in page and "Not revoked by" not in page


def test_nothing_is_asked_for_on_account_of_an_authority_that_is_not_trusted(world, actor, server):
    actor.authority.serve()
    path = world.project.trust_list_path
    listed = json.loads(path.read_text())
    path.write_text(json.dumps({"issuers": listed["issuers"][:1]}))
    assert actor.shown().status_code == 400 and server.requests == []


# --- what was taken back elsewhere ------------------------------------------------------------------------------------


def test_a_role_that_the_command_took_back_is_no_longer_handed_out(world):
    wallet = Wallet(world).granted()
    token = wallet.token()
    role = wallet.ask(token, wallet.proof()).json["credentials"][0]["credential"]
    RoleGrants(world.store, world.here.config.issuer, BASE).revoke(role["id"], "contract ended", world.at)
    refused(wallet.ask(token, wallet.proof()), "credential_request_denied")
    answer = wallet.answer()
    assert answer.status_code == 403 and answer.json["code"] == "revoked" and "credential" not in answer.json
    page = world.tan.get("/access").text
    assert "Rec GmbH <small>taken back</small>" in page


def test_a_role_ends_in_the_workspace_with_the_identity_of_its_holder(world):
    wallet = Wallet(world)
    registrar = Registrar(world.store, world.here.config.issuer, BASE)
    did = wallet.key.public_key.did_key
    enterprise = Enterprise(did, {"en": "Rec GmbH"}, "DE", ("utiliser",), registration_number="HRB 1")
    identity = registrar.issue(enterprise, None, valid_from=world.at)
    wallet.granted()
    token = wallet.token()
    role = wallet.ask(token, wallet.proof()).json["credentials"][0]["credential"]
    assert role["credentialSubject"]["identityCredential"] == identity["id"]
    registrar.change(did, REVOCATION, True, "struck off", world.at)
    refused(wallet.ask(token, wallet.proof()), "credential_request_denied")
    assert wallet.answer().status_code == 403


def test_a_holder_whose_identity_does_not_count_gets_no_role(world):
    key = PrivateKey.generate()
    did = key.public_key.did_key
    registrar = Registrar(world.store, world.here.config.issuer, BASE)
    enterprise = Enterprise(did, {"en": "Rec GmbH"}, "DE", ("utiliser",), registration_number="HRB 1")
    registrar.issue(enterprise, None, valid_from=world.at)
    registrar.change(did, REVOCATION, True, "struck off", world.at)
    wallet = Wallet(world, holder=did, key=key)
    answer = wallet.decide("grant", days="14")
    assert answer.status_code == 400 and "does not count" in answer.text
    assert world.here.access.get(wallet.id).state == "open"
