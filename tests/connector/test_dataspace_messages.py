"""The protocol itself: messages, states, policies. Hostile ones are refused, whatever they hold."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.connector import dataspace_messages as dsp
from passport.connector.claims import claims_messages as dcp
from passport.connector.connector_endpoint import versions
from passport.connector.exchange_process import (
    ACCEPTED_EVENT,
    FINALIZED_EVENT,
    TERMINAL,
    ExchangeKind,
    ExchangeProcess,
    ProcessState,
    Side,
    after,
)
from passport.connector.usage_policy import Participant, UsagePolicy
from passport.errors import IllegalStep, MalformedMessage, RefusedUsage
from tests.each import each

NOW = datetime(2027, 3, 8, tzinfo=UTC)
NAMES = [
    dsp.CONTRACT_REQUEST, dsp.CONTRACT_OFFER, dsp.AGREEMENT, dsp.VERIFICATION, ACCEPTED_EVENT, FINALIZED_EVENT,
    dsp.NEGOTIATION_END, dsp.TRANSFER_REQUEST, dsp.TRANSFER_START, dsp.TRANSFER_COMPLETION, dsp.TRANSFER_SUSPENSION,
    dsp.TRANSFER_END,
]  # fmt: skip
OFFER = {"@type": "Offer", "@id": "urn:o", "target": "urn:d", "permission": [{"action": "use"}]}
REQUEST = {
    "@context": [dsp.CONTEXT], "@type": dsp.CONTRACT_REQUEST, "consumerPid": "urn:uuid:1", "offer": OFFER,
    "callbackAddress": "https://c.example/dsp",
}  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def process(**members):
    return ExchangeProcess(
        "urn:uuid:1", ExchangeKind.NEGOTIATION, Side.PROVIDER, "did:web:c", "https://c", "d", **members
    )


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(list(Side))), max_size=30))
def test_no_order_of_messages_leaves_a_terminal_state(steps):
    state = ProcessState.BEGUN
    for name, side in steps:
        try:
            following = after(process(), name, side, state)
        except IllegalStep:
            continue
        assert state not in TERMINAL
        state = following


def test_the_negotiation_that_the_protocol_draws_is_the_one_that_is_allowed():
    state = ProcessState.BEGUN
    for name, side, expected in [
        (dsp.CONTRACT_REQUEST, Side.CONSUMER, "REQUESTED"), (dsp.CONTRACT_OFFER, Side.PROVIDER, "OFFERED"),
        (dsp.CONTRACT_REQUEST, Side.CONSUMER, "REQUESTED"), (dsp.CONTRACT_OFFER, Side.PROVIDER, "OFFERED"),
        (ACCEPTED_EVENT, Side.CONSUMER, "ACCEPTED"), (dsp.AGREEMENT, Side.PROVIDER, "AGREED"),
        (dsp.VERIFICATION, Side.CONSUMER, "VERIFIED"), (FINALIZED_EVENT, Side.PROVIDER, "FINALIZED"),
    ]:  # fmt: skip
        with pytest.raises(IllegalStep):
            after(process(), name, side.other, state)
        state = after(process(), name, side, state)
        assert state == expected


@each(
    "change",
    [
        {"@context": dsp.CONTEXT}, {"@context": ["https://evil.example"]}, {"@type": "CatalogRequestMessage"},
        {"consumerPid": "../../data/1"}, {"consumerPid": ".."}, {"consumerPid": 1}, {"consumerPid": None},
        {"providerPid": "urn:uuid:2"}, {"callbackAddress": 3}, {"offer": {}}, {"offer": {**OFFER, "@type": "Set"}},
        {"offer": {**OFFER, "permission": []}}, {"offer": {**OFFER, "permission": [1]}},
        {"offer": {**OFFER, "permission": [{"action": "use", "constraint": [{"leftOperand": "x"}]}]}},
        {"offer": {**OFFER, "permission": [{"action": "use", "constraint": [
            {"leftOperand": "x", "operator": "like", "rightOperand": "y"}]}]}},
        {"offer": {**OFFER, "permission": [{"action": "use"}] * 51}},
    ],
)  # fmt: skip
def test_a_message_that_breaks_the_schema_is_refused(change):
    body = json.dumps({name: value for name, value in {**REQUEST, **change}.items() if value is not None}).encode()
    assert dsp.read(json.dumps(REQUEST).encode(), dsp.CONTRACT_REQUEST) == REQUEST
    with pytest.raises(MalformedMessage):
        dsp.read(body, dsp.CONTRACT_REQUEST)


@settings(max_examples=60)
@given(JSON, st.sampled_from(["@context", "@type", "consumerPid", "offer", "callbackAddress"]))
def test_no_message_of_a_stranger_raises_anything_else(value, member):
    for reader, types in ((dsp.read, (dsp.CONTRACT_REQUEST,)), (dcp.read, (dcp.QUERY,))):
        for document in (
            value,
            {**REQUEST, member: value},
            {"@context": [dcp.CONTEXT], "type": dcp.QUERY, "scope": value},
        ):
            with suppress(MalformedMessage):
                reader(json.dumps(document).encode(), *types)


@given(JSON)
def test_no_policy_of_a_stranger_raises_anything_else(value):
    for policy in (
        {"permission": value},
        {"permission": [{"action": "use", "constraint": [value]}]},
        {"prohibition": value, "permission": [{"action": "use"}]},
    ):
        with suppress(RefusedUsage):
            UsagePolicy.from_odrl(policy)


def test_a_policy_is_read_as_it_was_written():
    policy = UsagePolicy(
        frozenset({"recycling"}), frozenset({"recycler"}), frozenset({"DE"}), frozenset({"https://p.example/1"}),
        NOW, 90, True,
    )  # fmt: skip
    assert UsagePolicy.from_odrl({"@type": "Offer", "@id": "x", **policy.to_odrl()}) == policy
    assert UsagePolicy.from_odrl(UsagePolicy().to_odrl()) == UsagePolicy()


@each(
    "policy",
    [
        {"permission": [{"action": "distribute"}]}, {"permission": [{"action": "use"}] * 2},
        {"permission": [{"action": "use", "duty": [{"action": "pay"}]}]},
        {"permission": [{"action": "use"}], "obligation": [{"action": "delete"}]},
        {"permission": [{"action": "use"}], "prohibition": [{"action": "print"}]},
        *(
            {"permission": [{"action": "use", "constraint": [
                {"leftOperand": left, "operator": operator, "rightOperand": right}]}]}
            for left, operator, right in [
                ("count", "lteq", "5"), ("odrl:purpose", "isNoneOf", ["x"]), ("odrl:spatial", "isAnyOf", ["Europe"]),
                ("odrl:dateTime", "gt", "2027-01-01T00:00:00Z"), ("odrl:dateTime", "lt", "2027-01-01"),
                ("odrl:elapsedTime", "lteq", "P1Y"), ("https://other.example/purpose", "isAnyOf", ["x"]),
            ]
        ),
        {"permission": [{"action": "use", "constraint": [{"or": []}]}]},
    ],
)  # fmt: skip
def test_a_term_that_is_not_enforced_refuses_the_policy(policy):
    with pytest.raises(RefusedUsage):
        UsagePolicy.from_odrl(policy)


@each(
    ("policy", "peer", "refused"),
    [
        (UsagePolicy(roles=frozenset({"recycler"})), Participant("d"), True),
        (UsagePolicy(roles=frozenset({"recycler"})), Participant("d", frozenset({"recycler", "dealer"})), False),
        (UsagePolicy(purposes=frozenset({"repair"})), Participant("d", purposes=frozenset({"recycling"})), True),
        (UsagePolicy(countries=frozenset({"DE"})), Participant("d"), True),
        (UsagePolicy(countries=frozenset({"DE"})), Participant("d", country="DE"), False),
        (UsagePolicy(until=NOW), Participant("d"), True),
        (UsagePolicy(until=NOW + timedelta(seconds=1)), Participant("d"), False),
    ],
)
def test_who_may_use_data_is_decided_by_what_is_proved(policy, peer, refused):
    assert bool(list(policy.refusals(peer, at=NOW))) is refused


def test_a_process_is_stored_as_it_is():
    whole = process(
        state=ProcessState.AGREED, peer_pid="x", offer=OFFER, agreement={"@id": "a"}, claims={"roles": ["r"]}
    )
    assert ExchangeProcess.from_json(json.loads(json.dumps(whole.to_json()))) == whole
    assert whole.participant.roles == {"r"}


def test_the_version_is_named():
    (version,) = versions()["protocolVersions"]
    assert (version["version"], version["binding"], version["path"]) == ("2025-1", "HTTPS", "/dsp")
