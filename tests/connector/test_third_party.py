"""A third party in between records, replays, alters, and swaps tokens and answers: it gets and changes nothing.

Also a peer that is late, never answers, or sends in the wrong order. One dataspace serves all cases.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from passport.connector import dataspace_messages as dsp
from passport.connector.decider import ExchangeStep, StepKind
from passport.connector.exchange_process import ExchangeProcess, ProcessState
from passport.errors import FetchFailed, PassportError, PeerFailed
from passport.identity.http_client import HttpAnswer
from passport.linked_data import strict_json
from passport.proofs import jose
from tests.connector.companies import agreed, asked_for, started
from tests.connector.conftest import PART, copied

S = ProcessState


@pytest.fixture(scope="module")
def shared(joined, tmp_path_factory):
    return copied(joined, tmp_path_factory.mktemp("third-party"))


@pytest.fixture
def world(shared):
    """The dataspace without a third party in it, the cell maker and the pack maker."""
    shared.network.intercept = None
    cells, packs, stranger = (shared.members[name] for name in ("cells", "packs", "stranger"))

    def process(company, pid):
        return ExchangeProcess.from_json(company.node.state.process(pid).body)

    def theirs(pid):
        return process(packs, pid).peer_pid

    return SimpleNamespace(space=shared, network=shared.network, cells=cells, packs=packs, stranger=stranger,
                           process=process, theirs=theirs)  # fmt: skip


def transfer(world, agreement=None):
    return started(world.space, world.packs, agreement or agreed(world.space, world.packs, world.cells))


def access(world, pid):
    """Endpoint and token of a transfer."""
    address = world.process(world.packs, pid).data_address
    return address["endpoint"], address["endpointProperties"][0]["value"]


def received(world):
    return [record for _, record, _ in world.packs.node.state.records() if record.direction == "data"]


# --- tokens ---------------------------------------------------------------------------------------------------------


def test_the_token_of_one_transfer_opens_no_other(world):
    agreement = agreed(world.space, world.packs, world.cells)
    first, second = transfer(world, agreement), transfer(world, agreement)
    (one, token), (other, _) = access(world, first), access(world, second)
    assert one != other
    assert world.network.exchange(other, None, authorization=f"Bearer {token}").status == 403
    assert world.network.exchange(one, None, authorization=f"Bearer {token}").status == 200


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_with_one_changed_part_opens_nothing(world, part):
    endpoint, token = access(world, transfer(world))
    parts = token.split(".")
    parts[part] = parts[part][:-3] + ("AAA" if parts[part][-3:] != "AAA" else "BBB")
    assert world.network.exchange(endpoint, None, authorization=f"Bearer {'.'.join(parts)}").status == 403


def test_a_company_token_for_messages_opens_no_data(world):
    endpoint, _ = access(world, transfer(world))
    token = world.packs.node.own.token(world.cells.did, at=world.network.now, body=b"")
    assert world.network.exchange(endpoint, None, authorization=f"Bearer {token}").status == 403


def test_an_access_token_that_was_recorded_gives_a_third_party_no_credentials(world):
    """The pack maker's token holds an access token for the cell maker; another company that has it gets nothing."""
    asked_for(world.packs, world.cells)
    world.packs.service.send_due(at=world.network.now)
    recorded = next(
        authorization for _, url, body, authorization in reversed(world.network.requests)
        if url == "https://packs.example/holder/presentations/query"
    )  # fmt: skip
    body = next(body for _, url, body, _ in reversed(world.network.requests) if url.endswith("/presentations/query"))
    url = "https://packs.example/holder/presentations/query"
    claims = strict_json.loads(jose.decode(recorded.split(".")[1]))
    own = world.stranger.node.own.token(world.packs.did, at=world.network.now, body=body, access=claims["token"])
    for authorization in (recorded, f"Bearer {own}"):
        answer = world.network.exchange(url, body, authorization=authorization)
        assert answer.status == 401
        assert b"presentation" not in answer.body


def test_a_presentation_that_was_recorded_proves_nobody_else(world):
    """The stranger's credential service answers with the presentation of the pack maker."""
    kept = []

    def keep(forward, method, url, body, authorization):
        answer = forward(method, url, body, authorization)
        if url == "https://packs.example/holder/presentations/query":
            kept.append(answer)
        if url == "https://stranger.example/holder/presentations/query":
            return kept[-1]
        return answer

    world.network.intercept = keep
    world.packs.node.catalogue_of(world.cells.did, at=world.network.now)
    assert kept and kept[-1].status == 200
    with pytest.raises(PeerFailed) as refusal:
        world.stranger.node.catalogue_of(world.cells.did, at=world.network.now)
    assert refusal.value.found == "401"


# --- answers and messages -------------------------------------------------------------------------------------------


def test_sealed_data_of_an_earlier_transfer_is_not_taken_again(world):
    agreement = agreed(world.space, world.packs, world.cells)
    recorded = []

    def record(forward, *request):
        answer = forward(*request)
        recorded.append(answer)
        return answer

    world.network.intercept = record
    first = transfer(world, agreement)
    recorded.clear()
    world.packs.node.consumer.pull(first, at=world.network.now)
    (sealed,) = recorded
    world.network.intercept = None
    second = transfer(world, agreement)
    before = len(received(world))
    world.network.intercept = lambda forward, *request: sealed
    with pytest.raises(PassportError, match="another transfer"):
        world.packs.node.consumer.pull(second, at=world.network.now)
    assert len(received(world)) == before


@pytest.mark.parametrize(
    ("ending", "old", "new"),
    [
        ("/negotiations/request", b"P30D", b"P90D"), ("/agreement", b"P30D", b"P90D"),
        ("/agreement", b"did:web:packs.example", b"did:web:stranger.example"),
    ],
)  # fmt: skip
def test_a_message_that_was_altered_on_its_way_makes_no_agreement(world, ending, old, new):
    altered = []

    def alter(forward, method, url, body, authorization):
        if url.endswith(ending):
            altered.append(url)
            assert old in body
            body = body.replace(old, new)
        return forward(method, url, body, authorization)

    begun = asked_for(world.packs, world.cells)
    world.network.intercept = alter
    world.space.settle()
    assert altered
    process = world.process(world.packs, begun.pid)
    assert process.agreement is None
    assert process.state is not S.FINALIZED


def test_the_start_of_a_transfer_that_was_altered_leads_nowhere(world):
    agreement = agreed(world.space, world.packs, world.cells)

    def redirect(forward, method, url, body, authorization):
        return forward(method, url, body.replace(b"cells.example/data", b"stranger.example/data"), authorization)

    begun = world.packs.service.begin_transfer(agreement["@id"], at=world.network.now)
    world.network.intercept = redirect
    world.space.settle()
    assert world.process(world.packs, begun.pid).data_address is None


def test_an_acknowledgement_that_was_made_up_gives_nobody_an_agreement(world):
    """A third party swallows the agreement and acknowledges it: without the consumer's verification nothing follows."""

    def swallow(forward, method, url, body, authorization):
        return (
            HttpAnswer(url, b"{}", status=200)
            if url.endswith("/agreement")
            else forward(method, url, body, authorization)
        )

    begun = asked_for(world.packs, world.cells)
    world.network.intercept = swallow
    world.space.settle()
    theirs = world.process(world.cells, world.theirs(begun.pid))
    assert (theirs.state, world.process(world.packs, begun.pid).state) == (S.AGREED, S.REQUESTED)
    world.network.intercept = None
    request = dsp.message(dsp.TRANSFER_REQUEST, {
        "consumerPid": "urn:uuid:t1", "agreementId": theirs.agreement_id, "format": "HttpData-PULL",
        "callbackAddress": "https://packs.example/dsp",
    })  # fmt: skip
    url = "https://cells.example/dsp/transfers/request"
    body = strict_json.dumps(request)
    answer = world.packs.node.courier.send(url, body, audience=world.cells.did, at=world.network.now)
    assert answer.status == 404


def test_a_first_answer_with_a_process_that_is_none_ends_the_negotiation(world):
    def mislead(forward, method, url, body, authorization):
        answer = forward(method, url, body, authorization)
        if url.endswith("/negotiations/request"):
            return HttpAnswer(url, answer.body.replace(b'"providerPid":"', b'"providerPid":"../../'), status=201)
        return answer

    begun = asked_for(world.packs, world.cells)
    world.network.intercept = mislead
    world.packs.service.send_due(at=world.network.now)
    process = world.process(world.packs, begun.pid)
    assert (process.state, process.reason) == (S.TERMINATED, "malformed-answer")


# --- a peer that is late, never answers, or is in the wrong order ---------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "side"), [("/agreement", "cells"), ("/agreement/verification", "packs"), ("/start", "cells")]
)
def test_a_peer_that_never_answers_a_later_message_ends_the_process_here(world, ending, side):
    def silent(forward, method, url, body, authorization):
        if url.endswith(ending) or (method == "GET" and "/dsp/" in url):
            raise FetchFailed("no answer")
        return forward(method, url, body, authorization)

    if ending == "/start":
        agreement = agreed(world.space, world.packs, world.cells)
        pid = world.packs.service.begin_transfer(agreement["@id"], at=world.network.now).pid
    else:
        pid = asked_for(world.packs, world.cells).pid
    world.network.intercept = silent
    for _ in range(14):
        world.space.settle()
        world.space.later(hours=1)
    company, own = (world.packs, pid) if side == "packs" else (world.cells, world.theirs(pid))
    process = world.process(company, own)
    assert (process.state, process.reason) == (S.TERMINATED, "unanswered")


def test_a_message_that_comes_after_the_end_changes_nothing(world):
    """The consumer has given up; the agreement comes late."""
    begun = asked_for(world.packs, world.cells)
    held = []

    def hold(forward, *request):
        if request[1].endswith("/agreement") and not held:
            held.append(request)
            raise FetchFailed("no answer")
        return forward(*request)

    world.network.intercept = hold
    world.packs.service.send_due(at=world.network.now)
    world.cells.service.send_due(at=world.network.now)
    world.packs.service.choose(begun.pid, ExchangeStep(StepKind.TERMINATE, code="too-late"), at=world.network.now)
    world.packs.service.send_due(at=world.network.now)
    world.network.intercept = None
    answer = world.network.forward(*held[0])
    assert answer.status == 400
    process = world.process(world.packs, begun.pid)
    assert (process.state, process.agreement) == (S.TERMINATED, None)
    world.space.settle()
    assert world.process(world.cells, world.theirs(begun.pid)).state is S.TERMINATED


def test_no_message_but_the_right_one_moves_a_negotiation(world):
    """In the state REQUESTED a consumer may only end it."""
    begun = asked_for(world.packs, world.cells)
    world.packs.service.send_due(at=world.network.now)
    theirs = world.theirs(begun.pid)
    pids = {"providerPid": theirs, "consumerPid": begun.pid}
    offer = world.process(world.packs, begun.pid).offer
    agreement = {
        **offer, "@type": "Agreement", "assigner": world.cells.did, "assignee": world.packs.did,
        "timestamp": "2027-03-08T09:30:00Z",
    }  # fmt: skip
    attempts = {
        "request": dsp.message(dsp.CONTRACT_REQUEST, {**pids, "offer": offer}),
        "offers": dsp.message(dsp.CONTRACT_OFFER, {**pids, "offer": offer}),
        "agreement": dsp.message(dsp.AGREEMENT, {**pids, "agreement": agreement}),
        "agreement/verification": dsp.message(dsp.VERIFICATION, pids),
        "events": dsp.message(dsp.EVENT, {**pids, "eventType": "ACCEPTED"}),
    }
    for path, message in attempts.items():
        url = f"https://cells.example/dsp/negotiations/{theirs}/{path}"
        body = strict_json.dumps(message)
        answer = world.packs.node.courier.send(url, body, audience=world.cells.did, at=world.network.now)
        assert (path, answer.status) == (path, 400)
        assert strict_json.loads(answer.body)["code"] == "illegal-step"
        assert world.process(world.cells, theirs).state is S.REQUESTED
    world.space.settle()
    assert world.process(world.cells, theirs).state is S.FINALIZED


def test_nobody_but_the_parties_ends_or_starts_a_transfer(world):
    pid = transfer(world)
    theirs = world.theirs(pid)
    for path, type_ in (("termination", dsp.TRANSFER_END), ("suspension", dsp.TRANSFER_SUSPENSION),
                        ("completion", dsp.TRANSFER_COMPLETION), ("start", dsp.TRANSFER_START)):  # fmt: skip
        message = dsp.message(type_, {"providerPid": theirs, "consumerPid": pid})
        url, body = f"https://cells.example/dsp/transfers/{theirs}/{path}", strict_json.dumps(message)
        answer = world.stranger.node.courier.send(url, body, audience=world.cells.did, at=world.network.now)
        assert answer.status == 404
    assert world.packs.node.consumer.pull(pid, at=world.network.now).content == PART
