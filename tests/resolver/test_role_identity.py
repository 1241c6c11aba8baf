"""A role that rests on an identity opens nothing any more once that identity is revoked, suspended or over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from passport.credentials.identity_status import RestsOn
from passport.credentials.status_list import REVOCATION, SUSPENSION
from passport.directory.enterprise import Enterprise
from passport.identity.keys import Algorithm, PrivateKey
from passport.linked_data import strict_json
from passport.publishing.registrar import Registrar
from passport.publishing.role_grants import RoleGrants
from passport.store import Store
from passport.vocabulary.credential_types import IDENTITY
from passport.vocabulary.vocabulary import Audience
from resolver.role_status import EVERY
from tests.resolver import test_role_status as others
from tests.resolver.test_role_status import Authority, fetcher, granted, opens, refused, write
from tests.web_server import HOST, disguised_client

operator, own_entry, trust_path, site = others.operator, others.own_entry, others.trust_path, others.site
certificate, server = others.certificate, others.server


class Registry:
    """A registrar, elsewhere or the operator itself, that states who the holder of a role is."""

    def __init__(self, site, store, issuer, base) -> None:
        self.site, self.store, self.registrar = site, store, Registrar(store, issuer, base)
        did = site.holder.public_key.did_key
        recycler = Enterprise(did, {"en": "Rec Ltd"}, "DE", ("utiliser",), registration_number="HRB 1")
        at = site.clock[0]
        self.identity = self.registrar.issue(recycler, None, valid_from=at, valid_until=at + timedelta(days=20))

    def role(self) -> dict:
        operator = self.site.operator
        grants = RoleGrants(operator.store, operator.issuer, "https://passport.example.com")
        return grants.grant(
            self.site.holder.public_key.did_key, Audience.LEGITIMATE_INTEREST, "recycling", (),
            valid_from=self.site.clock[0], identity=RestsOn.of(self.identity),
        )  # fmt: skip

    def change(self, purpose: str, value: bool = True) -> None:
        did = self.site.holder.public_key.did_key
        self.registrar.change(did, purpose, value, "struck off", self.site.clock[0])


@pytest.fixture
def own(site) -> Registry:
    """The operator is the registrar: its lists are in its store."""
    return Registry(site, site.operator.store, site.operator.issuer, "https://passport.example.com")


@pytest.mark.parametrize("purpose", [REVOCATION, SUSPENSION])
def test_a_role_ends_with_the_identity_of_its_holder(site, own, purpose):
    role = own.role()
    token = granted(site, role)
    assert opens(site, token)
    own.change(purpose)
    assert not opens(site, token)
    assert "identity on which the role rests" in others.read(site, token).text
    refused(site, role, "check 4")
    if purpose == SUSPENSION:
        own.change(SUSPENSION, value=False)
        assert opens(site, token)


def test_a_role_ends_when_the_identity_of_its_holder_is_over(site, own):
    role = own.role()
    assert role["validUntil"] == own.identity["validUntil"]
    site.later(days=21)
    refused(site, role, "check 3")


def test_a_role_whose_only_status_is_that_of_an_identity_could_never_be_taken_back(site, own):
    role = own.role()
    unsigned = {name: value for name, value in role.items() if name != "proof"}
    unsigned["credentialStatus"] = unsigned["credentialStatus"][1:]
    refused(site, site.operator.issuer.issue(unsigned, created=site.clock[0]), "never be taken back")


@pytest.fixture
def elsewhere(site, own_entry, trust_path) -> Registry:
    """A registrar on another host, which the trust list names for identities."""
    key = PrivateKey.generate(Algorithm.P256)
    made = Authority(key)
    write(trust_path, own_entry, {**made.entry(trustedFor=[IDENTITY]), "audiences": []})
    return Registry(site, Store.open("sqlite://"), made.issuer, f"https://{HOST}")


def served(registry: Registry, server) -> None:
    """The server answers each address with the list of that number."""
    lists = {
        f"/status/{number}": strict_json.dumps(registry.store.status_list(number))
        for number in registry.store.list_numbers()
        if registry.store.status_list(number) is not None
    }
    server.answers = lists


def test_the_list_of_the_registrar_is_fetched_in_the_background_and_decides(site, elsewhere, server, certificate):
    role = elsewhere.role()
    served(elsewhere, server)
    fetch = fetcher(site, disguised_client(server, certificate)).fetch_due
    said = refused(site, role, "check 4")
    assert "in a minute" in said["hint"] and server.requests == []
    fetch()
    token = granted(site, role)
    assert opens(site, token)
    elsewhere.change(REVOCATION)
    served(elsewhere, server)
    site.later(seconds=EVERY.total_seconds())
    fetch()
    assert not opens(site, token)


def test_a_list_of_somebody_who_is_no_registrar_does_not_count(
    site, elsewhere, server, certificate, trust_path, own_entry
):
    role = elsewhere.role()
    served(elsewhere, server)
    entry = strict_json.loads(trust_path.read_bytes())["issuers"][1]
    write(trust_path, own_entry, {**entry, "trustedFor": ["BatteryEventCredential"]})
    refused(site, role, "check 4")
    fetcher(site, disguised_client(server, certificate)).fetch_due()
    refused(site, role, "check 4")
