"""Tokens end when trust ends: the role behind a token is looked at with each use of it."""

from __future__ import annotations

import json
import logging
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from passport.credentials import status_list
from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.credentials.issuer import Issuer
from passport.identity import did_web
from passport.identity.http_client import GuardedClient
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.linked_data import strict_json
from passport.publishing.places import Places
from passport.publishing.role_grants import RoleGrants
from passport.publishing.status.status_lists import StatusLists
from passport.vocabulary.derivation.derived_context import CONTEXT
from passport.vocabulary.vocabulary import Audience
from resolver.role_status import AGAIN, EVERY, RoleListFetcher
from tests.web_server import HOST, disguised_client, make_certificate, make_secure_server

BASE = "https://passport.example.com"
VP = {"Accept": "application/vp"}
RECYCLER, COMMISSION = Audience.LEGITIMATE_INTEREST, Audience.COMMISSION
LIST = f"https://{HOST}/status/9"
AUTHORITY = f"did:web:{HOST}"


@pytest.fixture(scope="module")
def operator(make_operator, tmp_path_factory):
    """An operator of our own: here roles are taken back, and lists grow old."""
    return make_operator(tmp_path_factory.mktemp("operator"), "lmt-ebike")


def write(path: Path, *entries: dict) -> None:
    path.write_text(json.dumps({"issuers": entries}))


@pytest.fixture
def own_entry(operator) -> dict:
    return strict_json.loads(operator.project.trust_list_path.read_bytes())["issuers"][0]


@pytest.fixture
def trust_path(tmp_path, own_entry) -> Path:
    path = tmp_path / "trusted-issuers.json"
    write(path, own_entry)
    return path


@pytest.fixture
def site(operator, make_site, tmp_path, trust_path):
    made = make_site(operator, tmp_path, trust_path=trust_path)
    StatusLists(operator.store, operator.issuer, BASE).sign_all(made.clock[0])
    return made


def read(site, token: str):
    return site.get(site.operator.packs["lmt"], {**VP, "Authorization": f"Bearer {token}"})


def opens(site, token: str) -> bool:
    answer = read(site, token)
    assert answer.status_code in (200, 401), answer.text
    if answer.status_code == 401:
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
        assert b"verifiableCredential" not in answer.data
    return answer.status_code == 200


def granted(site, role: dict) -> str:
    answer = site.ask(site.presentation(role))
    assert answer.status_code == 200, answer.text
    return answer.json["access_token"]


def refused(site, role: dict, words: str):
    answer = site.ask(site.presentation(role))
    assert answer.status_code == 400, answer.text
    assert words in json.dumps(answer.json), answer.json
    assert "access_token" not in answer.json
    return answer.json


# --- roles that are taken back --------------------------------------------------------------------------------------


def test_a_token_ends_when_its_role_is_taken_back_and_no_other_does(site, operator):
    role, other = operator.grant(site.holder, RECYCLER), operator.grant(site.holder, COMMISSION)
    token, kept = granted(site, role), granted(site, other)
    assert opens(site, token) and opens(site, kept)
    assert RoleGrants(operator.store, operator.issuer, BASE).revoke(role["id"], "contract ended", site.clock[0])
    assert not opens(site, token)
    assert opens(site, kept)
    assert "withdrawn" in read(site, token).text
    refused(site, role, "check 4")
    assert not RoleGrants(operator.store, operator.issuer, BASE).revoke(role["id"], "again", site.clock[0])


def test_a_token_ends_in_every_worker(site, operator, make_site, tmp_path, trust_path):
    second = make_site(operator, tmp_path, trust_path=trust_path)
    role = operator.grant(site.holder, RECYCLER)
    token = granted(site, role)
    assert opens(second, token)
    RoleGrants(operator.store, operator.issuer, BASE).revoke(role["id"], "x", site.clock[0])
    assert not opens(second, token)


def test_roles_stand_in_a_list_of_their_own_that_is_served_and_tells_nothing_of_them(site, operator):
    role = operator.grant(site.holder, RECYCLER)
    (entry,) = role["credentialStatus"]
    packs = {
        each["statusListCredential"]
        for pack in operator.packs.values()
        for each in operator.store.current(pack, "BatteryPassportCredential").document["credentialStatus"]
    }
    assert entry["statusPurpose"] == "revocation" and entry["statusListCredential"] not in packs
    answer = site.client.get(entry["statusListCredential"].removeprefix(BASE))
    assert answer.status_code == 200
    # Nothing of who has which role can be read here, by the public or by anybody.
    assert site.client.get(role["id"].removeprefix(BASE)).status_code == 404
    assert site.holder.public_key.did_key not in answer.text
    (place,) = Places(operator.store, operator.issuer.id, BASE).take(("revocation",)).status
    assert place["statusListCredential"] in packs


def test_a_list_past_its_time_refuses_the_token_and_says_what_the_operator_does(site, operator, caplog):
    role = operator.grant(site.holder, RECYCLER)
    site.later(days=7, seconds=-30)
    token = granted(site, role)
    assert opens(site, token)
    site.later(seconds=30)
    with caplog.at_level(logging.WARNING, "resolver"):
        assert not opens(site, token)
    assert any("past its time" in record.getMessage() for record in caplog.records)
    assert "passport refresh" in read(site, token).text
    site.later(seconds=30)
    refused(site, role, "status")
    StatusLists(operator.store, operator.issuer, BASE).sign_all(site.clock[0])
    assert opens(site, token)


def test_a_role_that_could_never_be_taken_back_is_refused(site, operator):
    role = operator.grant(site.holder, RECYCLER)
    for status in (None, [{**role["credentialStatus"][0], "statusPurpose": "suspension"}]):
        unsigned = {key: value for key, value in role.items() if key not in ("proof", "credentialStatus")}
        if status:
            unsigned["credentialStatus"] = status
        signed = operator.issuer.issue(unsigned, created=site.clock[0])
        refused(site, signed, "never be taken back" if status is None else "check 4")


# --- the trust list changes -----------------------------------------------------------------------------------------


def test_a_token_ends_when_its_issuer_is_taken_off_the_trust_list(site, operator, trust_path, own_entry):
    role = operator.grant(site.holder, RECYCLER)
    token = granted(site, role)
    write(trust_path)
    assert not opens(site, token)
    refused(site, role, "check 5")
    write(trust_path, own_entry)
    assert opens(site, token)


def test_a_token_ends_when_its_issuer_is_trusted_for_roles_no_more(site, operator, trust_path, own_entry):
    token = granted(site, operator.grant(site.holder, RECYCLER))
    kinds = [kind for kind in own_entry["trustedFor"] if kind != "BatteryRoleCredential"]
    write(trust_path, {**own_entry, "trustedFor": kinds})
    assert not opens(site, token)


def test_a_token_ends_when_its_audience_is_taken_off(site, operator, trust_path, own_entry):
    recycler = granted(site, operator.grant(site.holder, RECYCLER))
    commission = granted(site, operator.grant(site.holder, COMMISSION))
    write(trust_path, {**own_entry, "audiences": ["commission"]})
    assert not opens(site, recycler)
    assert opens(site, commission)


@pytest.mark.parametrize("content", ["", "{", '{"issuers": [{}]}', None])
def test_a_broken_or_missing_trust_list_lets_nobody_in(site, operator, trust_path, own_entry, content):
    role = operator.grant(site.holder, RECYCLER)
    token = granted(site, role)
    assert "trust-list" not in site.client.get("/health").json["checks"]
    if content is None:
        trust_path.unlink()
    else:
        trust_path.write_text(content)
    assert not opens(site, token)
    refused(site, role, "check 5")
    site.later(seconds=30)
    health = site.client.get("/health")
    assert health.status_code == 503 and health.json["checks"]["trust-list"]["status"] == "fail"
    assert str(trust_path) not in health.text
    write(trust_path, own_entry)
    assert opens(site, token)


def test_a_misspelt_audience_lets_nobody_in_instead_of_somebody_else(site, operator, trust_path, own_entry):
    token = granted(site, operator.grant(site.holder, RECYCLER))
    write(trust_path, {**own_entry, "audiences": ["legitimate-intrest"]})
    assert not opens(site, token)


def test_an_issuer_of_roles_without_audiences_lets_nobody_in(site, operator, trust_path, own_entry, caplog):
    token = granted(site, operator.grant(site.holder, RECYCLER))
    with caplog.at_level(logging.WARNING, "resolver"):
        write(trust_path, {key: value for key, value in own_entry.items() if key != "audiences"})
        assert not opens(site, token)
    refused(site, operator.grant(site.holder, RECYCLER), "names no audiences")
    assert any("add audiences" in message or "has audiences" in message for message in caplog.messages)


def test_the_pages_follow_the_trust_list_too(site, trust_path, own_entry):
    write(trust_path, {**own_entry, "name": {"en": "Renamed Operator", "zh": "改名"}})
    assert "Renamed Operator" in site.client.get("/issuers").text


# --- issuers elsewhere ----------------------------------------------------------------------------------------------


@dataclass
class Authority:
    """An issuer of roles of its own, whose status list is on its own server."""

    key: PrivateKey

    @property
    def issuer(self) -> Issuer:
        return Issuer(AUTHORITY, KeySigner(self.key, f"{AUTHORITY}#2026"))

    def entry(self, **changes) -> dict:
        document = did_web.document(AUTHORITY, {"2026": self.key.public_key})
        return {
            "id": AUTHORITY, "name": {"en": "Authority"}, "trustedFor": ["BatteryRoleCredential"],
            "audiences": ["commission"], "didDocument": document, **changes,
        }  # fmt: skip

    def role(self, site, address: str = LIST) -> dict:
        at = site.clock[0]
        unsigned = {
            "@context": [CREDENTIALS_V2, CONTEXT],
            "id": f"https://{HOST}/roles/1",
            "type": ["VerifiableCredential", "BatteryRoleCredential"],
            "issuer": AUTHORITY,
            "validFrom": date_time(at),
            "validUntil": date_time(at + timedelta(days=30)),
            "credentialStatus": [status_list.entry(address, 5, "revocation")],
            "credentialSubject": {
                "id": site.holder.public_key.did_key, "audience": ["commission"], "purpose": "inspection",
            },
        }  # fmt: skip
        return self.issuer.issue(unsigned, created=at)

    def list(self, site, *indexes: int, issuer: Issuer | None = None, days: float | None = 7, **changes) -> bytes:
        bits = status_list.BitString()
        for index in indexes:
            bits.set(index, True)
        issuer, at = issuer or self.issuer, changes.pop("at", site.clock[0])
        until = None if days is None else at + timedelta(days=days)
        unsigned = status_list.status_list_credential(
            changes.pop("id", LIST), issuer.id, changes.pop("purpose", "revocation"), bits, at, until
        )
        return strict_json.dumps(issuer.issue(unsigned, created=at))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(certificate):
    made = make_secure_server(certificate)
    yield made
    made.close()


@pytest.fixture
def authority(trust_path, own_entry) -> Authority:
    made = Authority(PrivateKey.generate(Algorithm.P256))
    write(trust_path, own_entry, made.entry())
    return made


def fetcher(site, client: GuardedClient) -> RoleListFetcher:
    own: RoleListFetcher = copy(site.app.extensions["role-lists"])
    own.client = client
    return own


@pytest.fixture
def fetch(site, server, certificate, monkeypatch):
    """What the background does; a request that did it would fail, since the application's own client reaches nobody."""
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: pytest.fail("asked within a request"))
    return fetcher(site, disguised_client(server, certificate)).fetch_due


def test_the_list_of_another_issuer_is_fetched_in_the_background_and_decides(site, authority, server, fetch):
    role = authority.role(site)
    server.body = authority.list(site)
    fetch()
    assert server.requests == []
    said = refused(site, role, "check 4")
    assert "in a minute" in said["hint"] and server.requests == []
    fetch()
    assert server.paths == ["/status/9"]
    token = granted(site, role)
    assert opens(site, token)
    # It is asked for again in time, and not before.
    server.body = authority.list(site, 5)
    fetch()
    assert len(server.requests) == 1 and opens(site, token)
    site.later(seconds=EVERY.total_seconds())
    token = granted(site, role)
    fetch()
    assert len(server.requests) == 2 and not opens(site, token)
    refused(site, role, "check 4")


def test_several_workers_ask_once(
    site, authority, server, fetch, operator, make_site, tmp_path, trust_path, certificate
):
    server.body = authority.list(site)
    refused(site, authority.role(site), "check 4")
    second = make_site(operator, tmp_path, trust_path=trust_path)
    known = site.state.role_lists()[0]
    assert [state.claim_role_list(known, site.clock[0]) for state in (site.state, second.state)] == [True, False]
    site.later(seconds=AGAIN.total_seconds())
    fetch()
    fetcher(second, disguised_client(server, certificate)).fetch_due()
    assert len(server.requests) == 1
    granted(second, authority.role(second))


def test_a_server_that_is_away_ends_trust_when_its_list_is_past_its_time_and_not_before(site, authority, server, fetch):
    server.body = authority.list(site, days=0.01)
    refused(site, authority.role(site), "check 4")
    fetch()
    server.status = 503
    site.later(minutes=14)
    token = granted(site, authority.role(site))
    site.later(minutes=1)
    fetch()
    assert "answered 503" not in read(site, token).text and not opens(site, token)
    assert "answered 503" in site.state.role_lists()[0].fault
    server.status, server.body = 200, authority.list(site)
    site.later(minutes=1)
    fetch()
    assert opens(site, token)


def test_a_list_without_an_end_counts_for_a_day(site, authority, server, fetch):
    server.body = authority.list(site, days=None)
    role = authority.role(site)
    refused(site, role, "check 4")
    fetch()
    site.later(hours=24, seconds=-10)
    token = granted(site, role)
    site.later(seconds=10)
    assert not opens(site, token)


@pytest.mark.parametrize(
    "wrong",
    ["of another issuer", "of another address", "of another purpose", "past its time", "tampered", "a role", "no JSON"],
)
def test_what_comes_and_is_no_list_of_the_issuer_is_not_taken(site, authority, operator, server, fetch, wrong):
    stranger = PrivateKey.generate(Algorithm.P256)
    foreign = Issuer(stranger.public_key.did_key, KeySigner(stranger))
    good = authority.list(site)
    server.body = {
        "of another issuer": authority.list(site, issuer=foreign),
        "of another address": authority.list(site, id=f"https://{HOST}/status/10"),
        "of another purpose": authority.list(site, purpose="message"),
        "past its time": authority.list(site, at=site.clock[0] - timedelta(days=8)),
        "tampered": good.replace(b"H4sIAAAAAAAC", b"H4sIAAAAAAAD"),
        "a role": strict_json.dumps(authority.role(site)),
        "no JSON": b"<html>",
    }[wrong]
    assert server.body != good
    role = authority.role(site)
    refused(site, role, "check 4")
    fetch()
    assert len(server.requests) == 1
    (known,) = site.state.role_lists()
    assert known.body is None and known.fault
    refused(site, role, "check 4")


def test_an_older_list_does_not_take_the_place_of_a_newer_one(site, authority, server, fetch):
    """Whoever stands between the two machines has seen the list of before the revocation."""
    before = authority.list(site, at=site.clock[0] - timedelta(hours=1))
    server.body = authority.list(site, 5)
    role = authority.role(site)
    refused(site, role, "check 4")
    fetch()
    server.body = before
    site.later(seconds=EVERY.total_seconds())
    fetch()
    assert len(server.requests) == 2
    refused(site, role, "check 4")
    assert "older" in site.state.role_lists()[0].fault


def test_a_stranger_s_role_has_nothing_fetched(site, authority, server, fetch):
    stranger = Authority(PrivateKey.generate(Algorithm.P256))
    refused(site, stranger.role(site), "check")
    unsigned = {**authority.role(site), "issuer": "did:web:elsewhere.example"}
    refused(site, unsigned, "check")
    assert site.state.role_lists() == ()
    fetch()
    assert server.requests == []


def test_a_list_of_an_issuer_that_lost_trust_is_not_asked_for(site, authority, server, fetch, trust_path, own_entry):
    server.body = authority.list(site)
    refused(site, authority.role(site), "check 4")
    write(trust_path, own_entry)
    fetch()
    write(trust_path, own_entry, authority.entry(trustedFor=["BatteryEventCredential"]))
    fetch()
    assert server.requests == []


def test_a_list_at_a_private_address_is_not_called(site, authority, server, certificate):
    refused(site, authority.role(site), "check 4")
    for address in ("127.0.0.1", "10.0.0.1", "169.254.169.254"):
        fetcher(site, disguised_client(server, certificate, addresses=(address,), peer=address)).fetch_due()
        site.later(seconds=AGAIN.total_seconds())
    assert server.requests == []
    assert "not called" in site.state.role_lists()[0].fault


def test_a_token_ends_when_the_key_of_its_role_is_removed(site, authority, server, fetch, trust_path, own_entry):
    role = authority.role(site)
    server.body = authority.list(site)
    refused(site, role, "check 4")
    fetch()
    token = granted(site, role)
    other = PrivateKey.generate(Algorithm.P256)
    write(trust_path, own_entry, authority.entry(didDocument=did_web.document(AUTHORITY, {"2027": other.public_key})))
    assert not opens(site, token)
    # Nor does another key under the same name keep it.
    write(trust_path, own_entry, authority.entry(didDocument=did_web.document(AUTHORITY, {"2026": other.public_key})))
    assert not opens(site, token)


def test_no_more_lists_are_remembered_than_the_limit_says(site, authority, monkeypatch):
    monkeypatch.setattr("resolver.role_status.MAX_LISTS", 2)
    for number in range(4):
        refused(site, authority.role(site, f"https://{HOST}/status/{number}"), "check 4")
    assert len(site.state.role_lists()) == 2
    site.state.forget_role_lists(site.clock[0] + timedelta(seconds=1))
    assert site.state.role_lists() == ()
