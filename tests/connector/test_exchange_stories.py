"""Companies agree and hand data over; peers are late, absent or restarted; nobody else gets anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from passport.commands.keeping.init import make_project
from passport.connector.agreements import agreement_digest
from passport.connector.connector_endpoint import ConnectorRequest
from passport.connector.connector_node import ConnectorNode
from passport.connector.connector_settings import ConnectorSettings
from passport.connector.decider import ExchangeStep, StepKind
from passport.errors import FetchFailed, IllegalStep, PeerFailed, RefusedUsage, UnknownExchange, UnusableProject
from passport.identity.http_client import HttpAnswer
from passport.linked_data import strict_json
from passport.project import Project
from passport.proofs import jose
from passport.store.state.exchange_reading import salted
from passport.store.state.exchange_state import EXCHANGE
from passport.transparency import merkle
from tests.connector.companies import agreed, asked_for, started
from tests.connector.conftest import PART


@pytest.fixture
def cells(space):
    return space.members["cells"]


@pytest.fixture
def packs(space):
    return space.members["packs"]


def root_of(leaves):
    """The root of a tree, by the definition of RFC 9162, section 2.1.1."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return merkle.node_hash(root_of(leaves[:half]), root_of(leaves[half:]))


def test_a_pack_maker_gets_the_part_of_its_cell_maker_and_both_can_show_what_was_agreed_and_sent(space, cells, packs):
    agreement = agreed(space, packs, cells)
    pid = started(space, packs, agreement)
    data = packs.node.consumer.pull(pid, at=space.network.now)
    assert (data.content, data.kind, data.provider) == (PART, "record-part", cells.did)
    # Both logs name the same bytes and the same agreement.
    logs = {}
    for company in (cells, packs):
        lines = company.node.state.records()
        (line,) = [record for _, record, _ in lines if record.direction == "data"]
        logs[company.name] = (line.digest, line.agreement)
        # Each line is an entry of the transparency log, which grows with it.
        for position, record, salt in lines:
            entry = sha256(salted(salt, record)).digest()
            assert company.node.state.log_position(EXCHANGE, entry) == position
        tree = company.node.state.log_tree(EXCHANGE, company.node.state.log_size(EXCHANGE))
        entries = [sha256(salted(salt, record)).digest() for _, record, salt in lines]
        assert tree.root() == root_of([merkle.leaf_hash(entry) for entry in entries])
    assert logs["cells"] == logs["packs"] == (data.digest, agreement_digest(agreement))
    # What the provider sent is kept with the token that it signed over it.
    (answer,) = [record for _, record, _ in packs.node.state.records() if record.name == "ContractAgreementMessage"]
    claims = strict_json.loads(jose.decode(answer.token.split(".")[1]))
    assert (claims["iss"], claims["digest"]) == (cells.did, answer.digest)


def test_the_catalogue_shows_a_company_only_what_it_could_agree_to(space, cells, packs):
    stranger = space.members["stranger"]
    assert "dataset" not in stranger.node.catalogue_of(cells.did, at=space.network.now)
    (dataset,) = packs.node.catalogue_of(cells.did, at=space.network.now)["dataset"]
    url = f"https://cells.example/dsp/catalog/datasets/{dataset['@id']}"
    answer = stranger.node.courier.send(url, None, audience=cells.did, at=space.network.now)
    assert answer.status == 404


def test_a_company_without_the_role_is_terminated_by_the_provider(space, cells, packs):
    stranger = space.members["stranger"]
    (offer,) = cells.node.offers()
    address = "https://cells.example/dsp"
    stranger.service.begin_negotiation(cells.did, address, offer.odrl(target=True), at=space.network.now)
    space.settle()
    assert stranger.process("negotiation").reason == "policy-not-fulfilled"


def test_other_terms_get_the_own_offer_and_then_an_end(space, cells, packs):
    (offer,) = cells.node.offers()
    wish = {"@type": "Offer", "@id": offer.id, "target": offer.dataset, "permission": [{"action": "use"}]}
    packs.service.begin_negotiation(cells.did, "https://cells.example/dsp", wish, at=space.network.now)
    space.settle()
    assert packs.process("negotiation").reason == "other-terms"
    assert [record.name for _, record, _ in packs.node.state.records() if record.direction == "in"] == [
        "ContractOfferMessage"
    ]
    assert cells.states("negotiation") == ["TERMINATED"]


@pytest.mark.parametrize(("later", "allowed"), [({"days": 29}, True), ({"days": 30}, False)])
def test_data_is_refused_from_the_instant_on_at_which_the_agreement_ends(space, cells, packs, later, allowed):
    agreement = agreed(space, packs, cells)
    space.later(**later)
    if allowed:
        assert packs.node.consumer.pull(started(space, packs, agreement), at=space.network.now).content == PART
    else:
        with pytest.raises(RefusedUsage):
            packs.service.begin_transfer(agreement["@id"], at=space.network.now)


def test_a_token_is_refused_a_second_after_the_agreement_ends(space, cells, packs):
    cells.offer({"name": "part", "kind": "record-part", "file": "part.json",
                 "policy": {"until": (space.network.now + timedelta(hours=1)).isoformat()}})  # fmt: skip
    pid = started(space, packs, agreed(space, packs, cells))
    space.later(minutes=59, seconds=59)
    assert packs.node.consumer.pull(pid, at=space.network.now).content == PART
    space.later(seconds=2)
    with pytest.raises(PeerFailed) as refusal:
        packs.node.consumer.pull(pid, at=space.network.now)
    assert refusal.value.found == "403"


@pytest.mark.parametrize("step", [StepKind.SUSPEND, StepKind.COMPLETE, StepKind.TERMINATE])
def test_a_token_ends_with_its_transfer_and_lives_again_only_with_a_new_start(space, cells, packs, step):
    pid = started(space, packs, agreed(space, packs, cells))
    endpoint, token = packs.process("transfer").data_address["endpoint"], None
    token = packs.process("transfer").data_address["endpointProperties"][0]["value"]
    packs.service.choose(pid, ExchangeStep(step), at=space.network.now)
    space.settle()
    answer = space.network.exchange(endpoint, None, authorization=f"Bearer {token}")
    assert answer.status == 403
    if step is StepKind.SUSPEND:
        provider = cells.node.state.processes("transfer")[0].pid
        cells.service.choose(provider, ExchangeStep(StepKind.START), at=space.network.now)
        space.settle()
        assert packs.node.consumer.pull(pid, at=space.network.now).content == PART


def test_a_role_that_is_taken_away_ends_the_hand_over(space, cells, packs):
    """The claims of each message count, so a company that lost its role cannot go on."""
    agreement = agreed(space, packs, cells)
    settings = space.authority.node.settings
    stated = {did: claims for did, claims in settings.memberships.items() if did != packs.did}
    replace(settings, memberships={**stated, packs.did: {"roles": [], "country": "CN"}}).save(space.authority.folder)
    space.authority.restart()
    packs.node.requester.request(space.authority.did, ("MembershipCredential",), at=space.network.now)
    space.authority.node.issuance.deliver(at=space.network.now)
    pid = started(space, packs, agreement)
    with pytest.raises(PeerFailed):
        packs.node.consumer.pull(pid, at=space.network.now)


# --- a third party in between ---------------------------------------------------------------------------------------


def test_who_records_the_hand_over_reads_nothing(space, cells, packs):
    pid = started(space, packs, agreed(space, packs, cells))
    recorded = []

    def tap(forward, *request):
        answer = forward(*request)
        recorded.append(answer.body)
        return answer

    space.network.intercept = tap
    packs.node.consumer.pull(pid, at=space.network.now)
    assert recorded
    assert not any(b"C-280" in body for body in recorded)
    # With the token out of a recorded message, another company gets the same sealed bytes and cannot open them.
    stranger = space.members["stranger"]
    row = packs.node.state.process(pid).body
    with stranger.node.state.turn() as turn:
        turn.put({**row, "peer_pid": row["peer_pid"]}, space.network.now, agreement=None)
    with pytest.raises(Exception, match="does not open"):
        stranger.node.consumer.pull(pid, at=space.network.now)


def test_who_replays_alters_or_swaps_gets_nothing(space, cells, packs):
    negotiation = asked_for(packs, cells)
    packs.service.send_due(at=space.network.now)
    method, url, body, authorization = next(
        request for request in reversed(space.network.requests) if request[1].endswith("/negotiations/request")
    )
    stranger = space.members["stranger"]
    foreign = stranger.node.own.token(cells.did, at=space.network.now, body=body)
    misdirected = packs.node.own.token(stranger.did, at=space.network.now, body=body)
    attempts = {
        "replayed": (url, body, authorization),
        "altered": (url, body.replace(b"use", b"read"), authorization),
        "to another address": (url.replace("negotiations", "transfers"), body, authorization),
        "without a proof": (url, body, ""),
        "under another name": (url, body, f"Bearer {foreign}"),
        "with a token for another": (url, body, f"Bearer {misdirected}"),
    }  # fmt: skip
    before = len(cells.node.state.processes("negotiation"))
    for name, (address, content, proof) in attempts.items():
        assert space.network.exchange(address, content, authorization=proof).status == 404, name
    assert len(cells.node.state.processes("negotiation")) == before == 1
    space.settle()
    assert packs.node.state.process(negotiation.pid).body["state"] == "FINALIZED"


def test_who_alters_sealed_data_is_noticed(space, cells, packs):
    pid = started(space, packs, agreed(space, packs, cells))

    def alter(forward, method, url, body, authorization):
        answer = forward(method, url, body, authorization)
        if "/data/" not in url:
            return answer
        parts = answer.body.split(b".")
        parts[3] = parts[3][:-2] + (b"AA" if parts[3][-2:] != b"AA" else b"BA")
        return HttpAnswer(url, b".".join(parts), answer.media_type, answer.status)

    space.network.intercept = alter
    with pytest.raises(Exception, match="open|base64url"):
        packs.node.consumer.pull(pid, at=space.network.now)
    assert not [record for _, record, _ in packs.node.state.records() if record.direction == "data"]


def test_a_process_of_others_is_not_there(space, cells, packs):
    negotiation = asked_for(packs, cells)
    space.settle()
    theirs = packs.node.state.process(negotiation.pid).body["peer_pid"]
    stranger = space.members["stranger"]
    for path, body in (
        (f"negotiations/{theirs}", None),
        ("negotiations/urn:uuid:none", None),
        (f"negotiations/{theirs}/termination", strict_json.dumps({
            "@context": ["https://w3id.org/dspace/2025/1/context.jsonld"],
            "@type": "ContractNegotiationTerminationMessage", "providerPid": theirs, "consumerPid": negotiation.pid,
        })),
    ):  # fmt: skip
        url = f"https://cells.example/dsp/{path}"
        answer = stranger.node.courier.send(url, body, audience=cells.did, at=space.network.now)
        assert answer.status == 404, path


def test_a_callback_to_another_company_is_refused(space, cells, packs):
    """Else a request could make a provider send its messages anywhere."""
    packs.service = replace(packs.service, address="https://stranger.example/dsp")
    asked_for(packs, cells)
    packs.service.send_due(at=space.network.now)
    assert packs.process("negotiation").reason == "refused 400"
    assert cells.states("negotiation") == []


def test_data_that_lies_with_another_company_is_not_asked_for(space, cells, packs):
    pid = started(space, packs, agreed(space, packs, cells))
    row = packs.node.state.process(pid).body
    moved = {**row, "data_address": {**row["data_address"], "endpoint": "https://stranger.example/data/x"}}
    with packs.node.state.turn() as turn:
        turn.put(moved, space.network.now, agreement=None)
    with pytest.raises(RefusedUsage):
        packs.node.consumer.pull(pid, at=space.network.now)


def test_an_unknown_agreement_is_refused(space, cells, packs):
    with pytest.raises(UnknownExchange):
        packs.service.begin_transfer("urn:uuid:none", at=space.network.now)


def test_a_company_that_the_trust_list_does_not_know_is_not_believed(space, cells, packs):
    """Its membership is signed by an authority that the cell maker does not trust."""
    path = cells.node.project.trust_list_path
    document = strict_json.loads(path.read_bytes())
    document["issuers"] = [entry for entry in document["issuers"] if entry["id"] != space.authority.did]
    path.write_bytes(strict_json.dumps(document))
    cells.restart()
    with pytest.raises(PeerFailed) as refusal:
        packs.node.catalogue_of(cells.did, at=space.network.now)
    assert refusal.value.found == "401"


# --- late, twice, never, in the wrong order; restarts are in test_restarts ------------------------------------------


def test_an_answer_that_is_lost_is_found_out_by_asking_for_the_state(space, cells, packs):
    lost = []

    def lose_once(forward, method, url, body, authorization):
        answer = forward(method, url, body, authorization)
        if url.endswith("/agreement") and not lost:
            lost.append(url)
            raise FetchFailed("no answer")
        return answer

    space.network.intercept = lose_once
    negotiation = asked_for(packs, cells)
    # The pack maker has the agreement; the cell maker does not know. It sends it again, is refused, and looks.
    for _ in range(8):
        space.settle(2)
        space.later(seconds=10)
    assert lost
    assert packs.node.state.process(negotiation.pid).body["state"] == "FINALIZED"
    assert cells.states("negotiation") == ["FINALIZED"]


def test_a_peer_that_never_answers_ends_the_process_after_ten_attempts(space, cells, packs):
    def silent(forward, method, url, body, authorization):
        if url.endswith("/negotiations/request"):
            raise FetchFailed("no answer")
        return forward(method, url, body, authorization)

    begun = asked_for(packs, cells)
    space.network.intercept = silent
    for _ in range(12):
        packs.service.send_due(at=space.network.now)
        space.later(hours=1)
    row = packs.node.state.process(begun.pid).body
    assert (row["state"], row["reason"]) == ("TERMINATED", "unanswered")
    assert len([1 for _, record, _ in packs.node.state.records(begun.pid) if record.outcome == "unanswered"]) == 10


def test_a_peer_that_has_too_many_requests_is_asked_again_later(space, cells, packs):
    """429 is no refusal for good: a company behind the address of a stranger would lose its negotiation."""
    busy = [True]

    def refuse_once(forward, method, url, body, authorization):
        if url.endswith("/negotiations/request") and busy:
            busy.clear()
            return HttpAnswer(url, b"", status=429)
        return forward(method, url, body, authorization)

    begun = asked_for(packs, cells)
    space.network.intercept = refuse_once
    space.settle(1)
    assert packs.node.state.process(begun.pid).body["state"] == "BEGUN"
    space.later(seconds=10)
    space.settle()
    assert packs.node.state.process(begun.pid).body["state"] == "FINALIZED"


@pytest.mark.parametrize("path", ["/dsp/negotiations/x", "/dsp/catalog/request", "/data/x", "/holder/offers"])
def test_a_request_without_a_proof_is_a_strangers(space, cells, path):
    request = ConnectorRequest("GET" if path == "/data/x" else "POST", path, b"{}", "Bearer x.y.z")
    assert cells.answerer(request, space.network.now).of_stranger
    # A document for all is not.
    versions = ConnectorRequest("GET", "/.well-known/dspace-version")
    assert not cells.answerer(versions, space.network.now).of_stranger


def test_a_request_that_comes_twice_begins_one_negotiation(space, cells, packs):
    first = []

    def lose_first(forward, method, url, body, authorization):
        answer = forward(method, url, body, authorization)
        if url.endswith("/negotiations/request") and not first:
            first.append(url)
            raise FetchFailed("no answer")
        return answer

    begun = asked_for(packs, cells)
    space.network.intercept = lose_first
    for _ in range(4):
        space.settle(3)
        space.later(seconds=10)
    assert cells.states("negotiation") == ["FINALIZED"]
    assert packs.node.state.process(begun.pid).body["state"] == "FINALIZED"


def test_an_answer_before_the_acknowledgement_is_taken(space, cells, packs):
    """A peer that is quick sends its next message while our request still waits for its answer."""

    def hasty(forward, method, url, body, authorization):
        answer = forward(method, url, body, authorization)
        for company in (cells, packs):
            company.service.send_due(at=space.network.now)
        return answer

    space.network.intercept = hasty
    begun = asked_for(packs, cells)
    space.settle()
    assert packs.node.state.process(begun.pid).body["state"] == "FINALIZED"
    assert cells.states("negotiation") == ["FINALIZED"]


def test_a_message_in_the_wrong_order_is_refused_and_changes_nothing(space, cells, packs):
    begun = asked_for(packs, cells)
    packs.service.send_due(at=space.network.now)
    theirs = packs.node.state.process(begun.pid).body["peer_pid"]
    for step in (StepKind.VERIFY, StepKind.ACCEPT):
        with pytest.raises(IllegalStep):
            packs.service.choose(begun.pid, ExchangeStep(step), at=space.network.now)
    event = strict_json.dumps({
        "@context": ["https://w3id.org/dspace/2025/1/context.jsonld"], "@type": "ContractNegotiationEventMessage",
        "providerPid": theirs, "consumerPid": begun.pid, "eventType": "FINALIZED",
    })  # fmt: skip
    url = f"https://cells.example/dsp/negotiations/{theirs}/events"
    answer = packs.node.courier.send(url, event, audience=cells.did, at=space.network.now)
    assert answer.status == 400
    assert strict_json.loads(answer.body)["code"] == "illegal-step"
    assert cells.states("negotiation") == ["REQUESTED"]
    assert cells.node.state.records()[-1][1].outcome == "refused illegal-step"


def test_credentials_that_nobody_asked_for_fill_no_wallet(space, packs):
    stranger = space.members["stranger"]
    held = packs.node.state.held_credentials()
    message = strict_json.dumps({
        "@context": ["https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"], "type": "CredentialMessage",
        "issuerPid": "1", "holderPid": "urn:uuid:none", "status": "ISSUED", "credentials": [],
    })  # fmt: skip
    answer = stranger.node.courier.send(
        "https://packs.example/holder/credentials", message, audience=packs.did, at=space.network.now
    )
    assert answer.status == 404
    assert packs.node.state.held_credentials() == held


def test_an_authority_states_nothing_of_a_company_that_it_does_not_know(space, packs):
    replace(space.authority.node.settings, memberships={"did:web:x.example": {}}).save(space.authority.folder)
    space.authority.restart()
    pid = packs.node.requester.request(space.authority.did, ("MembershipCredential",), at=space.network.now)
    space.authority.node.issuance.deliver(at=space.network.now)
    assert packs.node.state.credential_request(pid)[3] == "REJECTED"


def test_a_project_without_an_address_has_no_connector(tmp_path):
    """A did:key names no service, so no other company could find it."""
    make_project(tmp_path, "https://key.example", names={"en": "Key", "zh": "Key"})
    ConnectorSettings("https://key.example", "DE").save(tmp_path)
    with pytest.raises(UnusableProject, match="no address"):
        ConnectorNode.open(Project.open(tmp_path), None)
