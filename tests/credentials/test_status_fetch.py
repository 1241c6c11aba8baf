"""Which status lists are fetched, and when none is: a real server on loopback plays the issuer's."""

from __future__ import annotations

import copy
import time

import pytest

from passport.credentials import status_fetch, status_list
from passport.credentials.credential import date_time
from passport.credentials.status_fetch import fetch_status_lists
from passport.credentials.trust import UnsafeAnyIssuer
from passport.errors import MalformedDocument, PassportError, RefusedAddress
from passport.identity.http_client import GuardedClient
from passport.linked_data import strict_json
from tests.web_server import disguised_client, make_certificate, make_secure_server

REVOCATION = "revocation"


def lists(fetched: dict) -> dict:
    """What came."""
    return {address: answer for address, answer in fetched.items() if isinstance(answer, dict)}


def faults(fetched: dict) -> dict:
    """Why nothing came."""
    return {address: answer for address, answer in fetched.items() if isinstance(answer, PassportError)}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(certificate):
    made = make_secure_server(certificate)
    yield made
    made.close()


@pytest.fixture
def client(server, certificate):
    return disguised_client(server, certificate)


@pytest.fixture
def address(world):
    return f"{world.base}/status/1"


def entries(world, *addresses: str, purpose: str = REVOCATION) -> dict:
    return {"credentialStatus": [status_list.entry(name, n, purpose) for n, name in enumerate(addresses, 7)]}


def test_a_list_that_is_not_enclosed_is_fetched_and_decides(world, server, client, address):
    pack = world.pack()
    server.body = strict_json.dumps(world.list(4711))
    before = world.verify(pack)
    assert before.verified is None
    fetched = fetch_status_lists(before, world.trust(), client)
    assert list(lists(fetched)) == [address] and faults(fetched) == {}
    assert world.verify(pack, verifier=world.verifier(lists=fetched)).check(4).code == "revoked"


def test_a_newer_list_is_asked_for_where_one_is_enclosed(world, server, client, address):
    saved = world.saved(world.pack(), world.list())
    server.body = strict_json.dumps(world.list(4711, at=world.now))
    before = world.verify(saved)
    assert before.verified is True
    fetched = fetch_status_lists(before, world.trust(), client)
    assert server.paths == ["/status/1"]
    assert world.verify(saved, verifier=world.verifier(lists=fetched)).verified is False


def test_a_list_that_lifts_an_enclosed_suspension_is_asked_for(world, server, client, address):
    pack = world.pack(**entries(world, address, purpose="suspension"))
    before = world.verify(world.saved(pack, world.list(7, purpose="suspension")))
    assert before.check(4).code == "suspended"
    server.body = strict_json.dumps(world.list(purpose="suspension"))
    assert list(lists(fetch_status_lists(before, world.trust(), client))) == [address]


def test_each_address_is_asked_once(world, server, client, address):
    server.body = strict_json.dumps(world.list())
    saved = world.saved(world.pack(1), world.pack(2), world.pack(3, **entries(world, address, f"{address}#part")))
    fetch_status_lists(world.verify(saved), world.trust(), client)
    assert server.paths == ["/status/1"]


# --- when none is fetched ------------------------------------------------------------------------------------------


def nobody_is_asked(world, server, client, document, policy=None) -> None:
    policy = policy or world.trust()
    fetched = fetch_status_lists(world.verify(document), policy, client)
    assert (lists(fetched), faults(fetched), server.requests) == ({}, {}, [])


def test_an_issuer_that_is_not_trusted_leads_nowhere(world, server, client):
    foreign = world.sign(world.unsigned(issuer=world.stranger.id), world.stranger)
    nobody_is_asked(world, server, client, foreign)


def test_an_issuer_that_is_trusted_for_something_else_leads_nowhere(world, server, client):
    types = {"type": ["VerifiableCredential", "BitstringStatusListCredential", "PackCredential"]}
    nobody_is_asked(world, server, client, world.pack(**types))


def test_an_issuer_that_its_own_file_vouches_for_leads_nowhere(world, server, client):
    document = world.sign(world.unsigned(issuer=world.did_web), world.web_issuer)
    saved = world.saved(document, did_documents=[world.web_document])
    nobody_is_asked(world, server, client, saved)
    nobody_is_asked(world, server, client, saved, world.trust(world.web_entry(pinned=False)))


def test_a_tampered_credential_leads_nowhere(world, server, client):
    forged = copy.deepcopy(world.pack())
    forged["credentialStatus"][0]["statusListCredential"] = f"{world.base}/beacon"
    nobody_is_asked(world, server, client, forged)


def test_an_unsigned_credential_leads_nowhere(world, server, client):
    nobody_is_asked(world, server, client, world.unsigned())


def test_an_expired_credential_leads_nowhere(world, server, client):
    nobody_is_asked(world, server, client, world.pack(validUntil=date_time(world.now)[:11] + "00:00:00Z"))


def test_a_file_with_a_foreign_member_leads_nowhere_at_all(world, server, client):
    foreign = world.sign(world.unsigned(2, issuer=world.stranger.id), world.stranger)
    nobody_is_asked(world, server, client, world.saved(world.pack(), foreign))


def test_where_any_issuer_counts_nobody_is_asked(world, server, client):
    result = world.verify(world.pack(), verifier=world.verifier(UnsafeAnyIssuer()))
    assert result.check(5).passed
    assert fetch_status_lists(result, UnsafeAnyIssuer(), client) == {}
    # Nor on the word of a result that somebody made under another policy.
    foreign = world.sign(world.unsigned(issuer=world.stranger.id), world.stranger)
    accepted = world.verify(foreign, verifier=world.verifier(UnsafeAnyIssuer()))
    assert fetch_status_lists(accepted, world.trust(), client) == {}
    assert server.requests == []


def test_a_message_that_has_no_bearing_is_not_asked_for(world, server, client, address):
    message = status_list.entry(address, 7, "message", messages=("fine", "not fine"))
    nobody_is_asked(world, server, client, world.pack(credentialStatus=[message]))


# --- what does not come ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"7", b'{"a":1,"a":2}', b'{"a":' * 200])
def test_an_answer_that_is_no_json_object_is_a_fault_of_that_address(world, server, client, address, body):
    server.body = body
    fetched = fetch_status_lists(world.verify(world.pack()), world.trust(), client)
    assert lists(fetched) == {} and isinstance(faults(fetched)[address], MalformedDocument)
    # An answer that is no list is not as good as none: what is enclosed does not decide then.
    result = world.verify(world.saved(world.pack(), world.list()), verifier=world.verifier(lists=fetched))
    assert result.verified is None


def test_a_list_at_a_private_address_is_a_fault_and_not_called(world, server, certificate, address):
    result = world.verify(world.pack())
    for private in ("127.0.0.1", "10.0.0.1", "169.254.169.254"):
        client = disguised_client(server, certificate, addresses=(private,), peer=private)
        assert isinstance(fetch_status_lists(result, world.trust(), client)[address], RefusedAddress)
    assert server.requests == []


def test_a_list_over_plain_http_is_a_fault_and_not_called(world, server):
    names = (f"http://127.0.0.1:{server.port}/1", f"https://user@127.0.0.1:{server.port}/1")
    result = world.verify(world.pack(**entries(world, *names)))
    assert set(faults(fetch_status_lists(result, world.trust(), GuardedClient()))) == set(names)
    assert server.requests == []


def test_one_list_that_does_not_come_hinders_no_other(world, server, client):
    names = [f"{world.base}/status/{n}" for n in (1, 2)]
    server.answers = {"/status/2": strict_json.dumps(world.list(number=2))}
    fetched = fetch_status_lists(world.verify(world.pack(**entries(world, *names))), world.trust(), client)
    assert (list(lists(fetched)), list(faults(fetched))) == ([names[1]], [names[0]])


def test_all_lists_together_have_one_deadline(world, server, client):
    server.drip = True
    names = [f"{world.base}/status/{n}" for n in range(1, 7)]
    result = world.verify(world.pack(**entries(world, *names)))
    started = time.monotonic()
    fetched = fetch_status_lists(result, world.trust(), client, seconds=0.5)
    assert time.monotonic() - started < 5
    assert set(faults(fetched)) == set(names)
    assert "are over" in str(faults(fetched)[names[-1]])


def test_a_file_with_very_many_lists_is_not_followed_to_its_end(world, server, client, monkeypatch):
    monkeypatch.setattr(status_fetch, "MAX_LISTS", 3)
    server.body = strict_json.dumps({})
    names = [f"{world.base}/status/{n}" for n in range(1, 6)]
    fetched = fetch_status_lists(world.verify(world.pack(**entries(world, *names))), world.trust(), client)
    assert len(server.requests) == len(lists(fetched)) == 3
    assert set(faults(fetched)) == set(names[3:])
