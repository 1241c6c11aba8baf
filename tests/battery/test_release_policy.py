"""Release policies: denied by default, withheld by name only, personal data never; the log is a chain."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.battery.privacy.release_policy import (
    FIRST,
    ReleaseOutcome,
    ReleasePolicy,
    check_log,
    decide,
    log_line,
    personal_data,
)
from passport.errors import MalformedPolicy
from passport.vocabulary.vocabulary import ExportClass, load
from tests.each import each

VOCABULARY = load()
POLICY = {"policy": "p", "recipient": "r", "basis": "b", "classes": ["open"]}
AT = datetime(2026, 11, 21, tzinfo=UTC)
#: What the Chinese side does not let out without a decision of its own; see the class of each.
NEVER_BY_CLASS = {
    "swapRecord", "swapInboundRecord", "swapOutboundRecord", "recyclingOutlet", "recyclingLocation",
    "recyclingInboundRecord", "recyclingOutboundRecord", "vehicleSaleRecord", "vehicleProductionRecord",
    "vehicleIdentificationNumber", "licensePlateNumber", "batteryProductionRecord", "factoryRetirementRecord",
}  # fmt: skip


def policy(**members):
    return ReleasePolicy.from_json({**POLICY, **members}, VOCABULARY)


def credential(kind, **said):
    return {"id": "urn:x", "type": ["VerifiableCredential", kind], "credentialSubject": {"id": "urn:p", **said}}


@each("name", sorted(NEVER_BY_CLASS))
def test_no_class_releases_records_of_the_chinese_platform(name):
    assert not policy(classes=["open", "restricted"]).releases(VOCABULARY.indicators[name])


def test_a_policy_that_names_nothing_releases_nothing():
    silent = policy(classes=[])
    assert [i.id for i in VOCABULARY.indicators.values() if silent.releases(i)] == []


@given(classes=st.sets(st.sampled_from(["open", "restricted"])))
def test_an_indicator_leaves_by_its_class_alone(classes):
    released = {i.id for i in VOCABULARY.indicators.values() if policy(classes=sorted(classes)).releases(i)}
    assert released == {i.id for i in VOCABULARY.indicators.values() if i.export_class.value in classes}


def test_a_withheld_indicator_leaves_by_name_and_an_excluded_one_stays():
    made = policy(indicators=["recyclingLocation"], **{"except": ["gtin"]})
    assert made.releases(VOCABULARY.indicators["recyclingLocation"])
    assert not made.releases(VOCABULARY.indicators["gtin"])


@each(
    ("wrong", "message"),
    [
        ({"classes": ["withheld"]}, "no policy can release the class withheld"),
        ({"classes": ["public"]}, "no policy can release the class public"),
        ({"indicators": ["vehicleIdentificationNumber"]}, "personal data"),
        ({"indicators": ["licensePlateNumber"]}, "personal data"),
        ({"indicators": ["nominalVoltages"]}, "no indicator is called"),
        ({"except": ["x"]}, "no indicator is called"),
        ({"release": []}, "no member release"),
        ({"basis": ""}, "basis is wrong"),
        ({"classes": "open"}, "classes is wrong"),
        ({"indicators": [7]}, "indicators is wrong"),
    ],
)
def test_a_wrong_policy_is_refused(wrong, message):
    with pytest.raises(MalformedPolicy, match=message):
        policy(**wrong)


@each("missing", ["policy", "recipient", "basis"])
def test_a_policy_says_what_it_is_for_whom_and_on_what_basis(missing):
    with pytest.raises(MalformedPolicy, match=f"does not say its {missing}"):
        ReleasePolicy.from_json({name: value for name, value in POLICY.items() if name != missing}, VOCABULARY)


@each("document", [None, [], "x", 7])
def test_what_is_no_object_is_no_policy(document):
    with pytest.raises(MalformedPolicy):
        ReleasePolicy.from_json(document, VOCABULARY)


def test_a_public_credential_leaves_whole_or_not_at_all():
    document = credential("BatteryPassportCredential", serialNumber="S", manufacturingDate="2026-01-01")
    assert decide(policy(), VOCABULARY, document).outcome is ReleaseOutcome.WHOLE
    held = decide(policy(**{"except": ["manufacturingDate"]}), VOCABULARY, document)
    assert held.outcome is ReleaseOutcome.NOTHING
    assert "manufacturingDate stays" in held.reason


def test_a_restricted_credential_leaves_in_part_with_the_time_that_dates_it():
    document = credential(
        "BatteryConditionCredential",
        recordedAt="t",
        statusChangedAt="t",
        stateOfCharge="1",
        batteryStatus="original",
        capacityFade="2",
    )
    made = decide(policy(indicators=["batteryStatus"]), VOCABULARY, document)
    assert made.outcome is ReleaseOutcome.PART
    assert made.pointers == ("/credentialSubject/batteryStatus", "/credentialSubject/statusChangedAt")
    assert made.withheld == ("stateOfCharge", "capacityFade")
    without = decide(policy(indicators=["capacityFade"]), VOCABULARY, document)
    assert without.pointers == ("/credentialSubject/capacityFade",)
    whole = decide(policy(classes=["restricted"]), VOCABULARY, document)
    assert whole.outcome is ReleaseOutcome.WHOLE


def test_what_the_vocabulary_does_not_know_stays():
    document = credential("BatteryPassportCredential", serialNumber="S", colour="blue")
    assert decide(policy(), VOCABULARY, document).outcome is ReleaseOutcome.NOTHING
    document = credential("BatteryConditionCredential", stateOfCharge="1", colour="blue")
    assert decide(policy(classes=["restricted"]), VOCABULARY, document).released == ("stateOfCharge",)


@each("name", ["vehicleIdentificationNumber", "licensePlateNumber", "ownerName", "ownerCode",
                                  "ownerAddress", "vin"])  # fmt: skip
def test_a_credential_with_personal_data_anywhere_stays_whatever_the_policy(name):
    document = credential("BatteryEventCredential", recyclingLocation=[{"id": "urn:n", name: "x"}])
    made = decide(policy(indicators=["recyclingLocation"]), VOCABULARY, document)
    assert made.outcome is ReleaseOutcome.NOTHING
    assert made.reason == f"it holds personal data: {name}"


def test_a_hash_of_a_vin_is_no_personal_data_and_a_vin_in_its_place_is():
    assert list(personal_data({"vinHash": "u" + "A" * 43}, VOCABULARY)) == []
    assert list(personal_data([{"vinHash": "LSVAA4182E2123456"}], VOCABULARY)) == ["vinHash"]


@given(subject=st.dictionaries(st.text(max_size=5), st.integers()) | st.none() | st.lists(st.integers()) | st.text())
def test_no_credential_makes_a_decision_fail(subject):
    made = decide(policy(), VOCABULARY, {"type": "x", "credentialSubject": subject})
    assert made.outcome is ReleaseOutcome.NOTHING


def lines(count):
    previous, made = FIRST, []
    for n in range(count):
        document = credential("BatteryPassportCredential", serialNumber=f"S{n}")
        line = log_line(policy(), decide(policy(), VOCABULARY, document), document, b"body", at=AT, previous=previous)
        previous = sha256(line).hexdigest()
        made.append(line)
    return made


def test_the_log_is_a_chain_that_a_change_or_a_missing_line_breaks():
    whole = lines(4)
    assert check_log(iter(whole)) == sha256(whole[-1]).hexdigest()
    assert check_log(iter([])) == FIRST
    for broken in (whole[1:], whole[:1] + whole[2:], [whole[0].replace(b'"b"', b'"c"'), *whole[1:]]):
        with pytest.raises(MalformedPolicy, match="broken at line"):
            check_log(iter(broken))


def test_a_policy_is_known_by_its_content():
    assert policy().digest == policy().digest
    assert policy().digest != policy(basis="another").digest
    assert set(ExportClass) == {"open", "restricted", "withheld"}
