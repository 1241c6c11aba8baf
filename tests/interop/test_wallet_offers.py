"""Foreign wallets take a granted role from our workspace over https, by OpenID4VCI."""

from __future__ import annotations

import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.serving import make_server

from issuer.workspace.app import create_workspace
from issuer.workspace.services import WorkspaceConfig
from passport.credentials.envelopes import sd_jwt_vc
from passport.credentials.verifier import Verifier
from passport.presenting import role_tokens
from passport.proofs import jose
from passport.publishing.events.accreditation import ActorStatement
from passport.publishing.events.actor_grants import ActorGrants
from passport.publishing.publisher import Publisher
from passport.vocabulary import vocabulary
from tests.issuer.work_world import BASE, WorkWorld
from tests.packs import example_records


class OfferWorld(WorkWorld):
    """A workspace that listens with TLS. Its clock is that of this machine, since the wallets' is."""

    def __init__(self, folder, certificate):
        super().__init__(folder)
        self.at = datetime.now(UTC)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        self.server = make_server("localhost", 0, lambda *call: self.app(*call), threaded=True, ssl_context=tls)
        self.origin = f"https://localhost:{self.server.server_port}"
        issuer = self.here.config.issuer
        self.app = create_workspace(
            WorkspaceConfig(self.project, self.store, issuer, self.origin), now=lambda: datetime.now(UTC)
        )
        self.here = self.app.extensions["workspace"]
        publisher = Publisher(self.store, issuer, BASE, vocabulary.load(), tuple(vocabulary.regimes().values()))
        report = publisher.issue(example_records("stationary-lfp.xlsx"), at=self.at - timedelta(hours=1))
        self.pack = report.of_kind("pack")[0].subject
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def ask(self, holder: str = "", *, granted: bool = True) -> str:
        """A ticket of a request, which was granted."""
        fields = {
            "pack": self.pack, "holder": holder, "audience": "legitimate-interest", "purpose": "recycling",
            "person": "Rec GmbH", "reason": "in our yard",
        }  # fmt: skip
        ticket = self.app.test_client().post("/ask", base_url=self.origin, json=fields).json["ticket"]
        if not granted:
            return ticket
        request = self.here.access.of_ticket(ticket)
        self.here.access.grant_to_wallet(request, at=self.at, by="command")
        self.here.offers.allow(request.id, self.at + timedelta(days=14))
        return ticket

    def answer(self, ticket: str) -> dict:
        """The answer to a ticket; the request for an accreditation is unsigned, since no wallet here has did:web."""
        address = "/ask/answer?client=uri&answer=encrypted"
        return self.app.test_client().post(address, base_url=self.origin, json={"ticket": ticket}).json

    def offer(self, ticket: str) -> str:
        return self.answer(ticket)["credential_offer"]

    def accreditation(self, holder: str) -> dict:
        statement = ActorStatement(holder, {"en": "Rec GmbH"}, ("utiliser",), registration_number="HRB 1")
        grants = ActorGrants(self.store, self.here.config.issuer, BASE)
        return grants.grant(statement, valid_from=datetime.now(UTC).replace(microsecond=0))


@pytest.fixture(scope="module")
def world(wallet, certificate, tmp_path_factory):
    made = OfferWorld(tmp_path_factory.mktemp("offers"), certificate)
    made.trust_accreditations()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.parametrize("library", ["digitalbazaar", "openid4vc"])
def test_a_wallet_takes_a_role_as_a_data_integrity_credential(wallet, world, library):
    result = wallet(f"{library}-receive", offer=world.offer(world.ask()), configuration="role")
    assert result["ok"], result
    (role,) = result["credentials"]
    assert role["credentialSubject"]["id"] == wallet("holder")["did"]
    assert role["credentialSubject"]["packs"] == [world.pack]
    assert Verifier(world.project.trust_list()).verify(role, at=datetime.now(UTC)).check(2).passed


@pytest.mark.parametrize(("configuration", "enc"), [("role", "A256GCM"), ("role_sd_jwt", "A128GCM")])
def test_a_wallet_takes_a_role_encrypted_to_its_key(wallet, world, configuration, enc):
    result = wallet("openid4vc-receive", offer=world.offer(world.ask()), configuration=configuration, enc=enc)
    assert result["ok"], result
    assert len(result["credentials"]) == 1


def test_a_wallet_takes_a_role_as_sd_jwt(wallet, world):
    result = wallet("openid4vc-receive", offer=world.offer(world.ask()), configuration="role_sd_jwt")
    assert result["ok"], result
    claims = jose.parse(result["credentials"][0].partition("~")[0], typ="dc+sd-jwt").claims()
    assert claims["vct"] == role_tokens.ROLE_TYPE and sd_jwt_vc.read_as_credential(claims)
    holder = wallet("holder")
    assert claims["sub"] == holder["did"]
    assert {name: claims["cnf"]["jwk"][name] for name in "xy"} == {name: holder["jwk"][name] for name in "xy"}


@pytest.mark.parametrize("library", ["digitalbazaar", "openid4vc"])
def test_an_offer_that_was_taken_is_refused_the_second_time(wallet, world, library):
    offer = world.offer(world.ask())
    jobs = [{"op": f"{library}-receive", "offer": offer, "configuration": "role"}] * 2
    first, second = wallet.all(jobs)
    assert first["ok"] and not second["ok"], (first, second)


@pytest.mark.parametrize(("name", "value"), [("nonce", "A" * 54), ("audience", "https://elsewhere.example")])
def test_a_proof_is_refused_with_another(wallet, world, name, value):
    result = wallet("openid4vc-receive", offer=world.offer(world.ask()), configuration="role", **{name: value})
    assert not result["ok"], result


def test_a_wallet_sends_the_transaction_code_that_its_holder_types(wallet, world):
    ticket = world.ask()
    code = world.here.offers.ask_transaction_code(world.here.access.of_ticket(ticket).id)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    first = wallet("openid4vc-receive", offer=world.offer(ticket), configuration="role", txCode=wrong)
    assert not first["ok"], first
    second = wallet("openid4vc-receive", offer=world.offer(ticket), configuration="role", txCode=code)
    assert second["ok"], second


@pytest.mark.parametrize("form", ["actor", "actor_sd_jwt"])
def test_a_wallet_takes_an_accreditation_and_shows_it_to_who_decides(wallet, world, form):
    accreditation = world.accreditation(wallet("holder")["did"])
    world.here.offers.allow(accreditation["id"], world.at + timedelta(days=14))
    made = world.here.offers.offer(accreditation["id"], at=datetime.now(UTC))
    taken = wallet("openid4vc-receive", offer=world.here.issuance.offer_link(made.code, "actor"), configuration=form)
    assert taken["ok"], taken
    ticket = world.ask(granted=False)
    shown = wallet(
        "openid4vc-present" + ("-sd-jwt" if form.endswith("sd_jwt") else ""),
        link=world.answer(ticket)["accreditation_request"], credential=taken["credentials"][0],
        at=datetime.now(UTC).isoformat(), enc="A128GCM",
    )  # fmt: skip
    assert shown["ok"], shown
    assert world.here.access.accreditation(world.here.access.of_ticket(ticket)) is not None
