from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import PassportError, ProofError, UsageError
from passport.identity import DidResolver, PrivateKey, did_rotation, did_web
from passport.identity.did_key import PURPOSES
from tests.each import each

DID = "did:web:battery.example.com"
KEYS = [PrivateKey.generate().public_key for _ in range(4)]
NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
LATER = datetime(2099, 1, 1, tzinfo=UTC)


def fresh() -> dict:
    return did_web.document(DID, {"key-1": KEYS[0]})


def verifies(document: dict, fragment: str, purpose: str = "assertionMethod", at: datetime = LATER) -> bool:
    try:
        DidResolver({DID: document}).verification_method(f"{DID}#{fragment}", purpose, at=at)
    except PassportError:
        return False
    return True


def embedded() -> dict:
    """Methods listed under their purpose only, with relative ids."""
    method = {**fresh()["verificationMethod"][0], "id": "#key-1"}
    return {"@context": [], "id": DID, "assertionMethod": [method], "authentication": ["#key-1"]}


def single() -> dict:
    """Values that are no lists."""
    document = fresh()
    return {**document, "verificationMethod": document["verificationMethod"][0], "assertionMethod": f"{DID}#key-1"}


@each("make", [fresh, embedded, single])
def test_a_key_is_added_retired_and_revoked_in_every_form_of_a_document(make):
    document = did_rotation.with_key(make(), "key-2", KEYS[1])
    assert all(verifies(document, "key-2", purpose) for purpose in PURPOSES)
    retired = did_rotation.retired(document, "key-1")
    assert verifies(retired, "key-1") and not verifies(retired, "key-1", "authentication")
    assert verifies(retired, "key-2", "authentication")
    revoked = did_rotation.revoked(document, "key-1", NOW)
    assert not any(verifies(revoked, "key-1", purpose, datetime(2000, 1, 1, tzinfo=UTC)) for purpose in PURPOSES)
    assert did_rotation.method(revoked, "key-1").revoked == "2027-03-08T09:30:00Z"
    assert verifies(revoked, "key-2")
    assert did_rotation.as_it_was(revoked, "key-1").verification_method(
        f"{DID}#key-1", "assertionMethod"
    ).public_key == KEYS[0]  # fmt: skip


def test_the_reason_of_a_refusal_is_that_the_key_is_revoked():
    with pytest.raises(ProofError, match="is revoked"):
        DidResolver({DID: did_rotation.revoked(fresh(), "key-1", NOW)}).verification_method(
            f"{DID}#key-1", "assertionMethod", at=NOW
        )


def test_a_name_is_used_once():
    with pytest.raises(UsageError, match="another key named key-1"):
        did_rotation.with_key(fresh(), "key-1", KEYS[1])
    assert did_rotation.with_key(fresh(), "key-1", KEYS[0]) == fresh(), "the same key under its name is there already"
    with pytest.raises(UsageError):
        did_rotation.with_key(did_rotation.revoked(fresh(), "key-1", NOW), "key-1", KEYS[0])


@each(
    ("names", "expected"), [(["key-1"], "key-2"), (["2026"], "key-2"), (["key-9", "key-3"], "key-10"),
                            (["a", "b", "c"], "key-4")]
)  # fmt: skip
def test_the_next_name_is_above_all_others(names, expected):
    assert did_rotation.next_fragment(did_web.document(DID, dict(zip(names, KEYS, strict=False)))) == expected


@each("change", [did_rotation.retired, lambda d, f: did_rotation.revoked(d, f, NOW)])
def test_a_key_that_is_not_there_is_refused(change):
    with pytest.raises(UsageError, match="no key key-7"):
        change(fresh(), "key-7")


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(UsageError, match="time zone"):
        did_rotation.revoked(fresh(), "key-1", NOW.replace(tzinfo=None))


def test_an_earlier_instant_stays():
    document = did_rotation.revoked(fresh(), "key-1", NOW)
    assert did_rotation.revoked(document, "key-1", LATER) == document


steps = st.lists(st.tuples(st.sampled_from(["add", "retire", "revoke"]), st.integers(0, 3)), max_size=12)


@given(steps)
def test_whatever_is_done_in_whatever_order(todo):
    """A revoked key verifies nothing ever after, a retired one its signatures, and no other key is touched."""
    document = did_web.document(DID, {"key-1": KEYS[0]}) | {"service": [{"id": "#s"}], "extra": 1}
    states = {"key-1": "in use"}
    for step, number in todo:
        fragment, before = f"key-{number + 1}", copy.deepcopy(document)
        try:
            if step == "add":
                document = did_rotation.with_key(document, fragment, KEYS[number])
                states[fragment] = "in use" if states.get(fragment, "in use") == "in use" else states[fragment]
            elif step == "retire":
                document = did_rotation.retired(document, fragment)
                states[fragment] = "retired" if states[fragment] != "revoked" else "revoked"
            else:
                document = did_rotation.revoked(document, fragment, NOW)
                states[fragment] = "revoked"
        except UsageError:
            assert document == before
        assert {**document, **dict.fromkeys((*PURPOSES, "verificationMethod"), 0)} == {
            **before,
            **dict.fromkeys((*PURPOSES, "verificationMethod"), 0),
        }
        for name, state in states.items():
            assert verifies(document, name) is (state != "revoked"), (name, state)
            assert verifies(document, name, "authentication") is (state == "in use"), (name, state)
