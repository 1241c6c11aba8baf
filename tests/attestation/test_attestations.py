"""Attestations of values: who attested what, until when, whether it still fits, and whether a scheme is met."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.attestation.attested_standing import AttestedStanding, attested, by_indicator
from passport.attestation.attested_values import (
    AttestationStatement,
    read_attestation,
    subjects_of,
    unsigned_attestation,
    value_digest,
)
from passport.attestation.certificate import is_met, judge
from passport.belonging import passport_verifier
from passport.commands.keeping.init import make_project
from passport.credentials.credential import valid_until
from passport.credentials.digests import digest_of
from passport.credentials.issuer import presentation
from passport.credentials.status_list import REVOCATION
from passport.credentials.trust import TrustList
from passport.errors import FaultyRecord, MalformedOntology, UnknownRole, UsageError
from passport.exchange.untp.untp_conformity import conformity
from passport.presenting.attestations import with_attestations
from passport.presenting.presenter import Presenter
from passport.publishing.attestations import Attestor, take
from passport.store import Store
from passport.vocabulary import vocabulary
from passport.vocabulary.certification import read_scheme, scheme_named, schemes
from passport.vocabulary.credential_types import ATTESTATION, BATCH, MODEL, PASSPORT
from passport.vocabulary.vocabulary import Audience
from tests.each import each
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
SCHEME = scheme_named("cn-battery-id")
VOCABULARY = vocabulary.load()


class World:
    """A maker with one pack, and a laboratory; each has a store and a key of its own."""

    def __init__(self, folder) -> None:
        self.maker = make_project(folder / "maker", "https://maker.example", names={"en": "Maker"})
        self.lab = make_project(folder / "lab", "https://lab.example", names={"en": "Lab"})
        self.store, self.lab_store = Store.open("sqlite://"), Store.open("sqlite://")
        regimes = tuple(vocabulary.regimes().values())
        self.publisher = RememberingPublisher(
            self.store, self.maker.issuer_with_key(None), self.maker.base_url, VOCABULARY, regimes
        )
        self.record = example_records("ev-ncm-100kwh.xlsx")
        report = self.publisher.issue(self.record, at=AT - timedelta(hours=1))
        self.pack = report.of_kind("pack")[0].subject
        self.attestor = Attestor(self.lab_store, self.lab.issuer_with_key(None), self.lab.base_url)

    def trust(self, **lab) -> TrustList:
        maker = {"id": self.maker.issuer, "name": {"en": "Maker"}, "trustedFor": [PASSPORT, MODEL, BATCH]}
        other = {"id": self.lab.issuer, "name": {"en": "Lab"}, "trustedFor": [ATTESTATION], **lab}
        return TrustList.from_json({"issuers": [maker, other]})

    def view(self):
        return Presenter(self.store, VOCABULARY).present(self.pack, Audience.PUBLIC)

    def file(self, at=AT, **options):
        return with_attestations(self.store, self.view(), VOCABULARY, at, **options)

    def verified(self, at=AT, trust=None, file=None):
        return passport_verifier(trust or self.trust()).verify(file or self.file(at), at=at)

    def sign(self, *names, level="sampleTest", days=365, at=AT):
        """The laboratory's attestation of values of the model."""
        subjects = subjects_of(self.verified(at).documents)
        model = next(name for name, values in subjects.items() if "ratedCapacity" in values)
        values = {name: value_digest(name, subjects[model][name]) for name in names}
        statement = AttestationStatement(
            model, "BatteryModel", values, SCHEME.iri, level, "GB/T 31486-2024", at.date(),
            "https://lab.example/r/17.pdf", digest_of(b"report"),
        )  # fmt: skip
        return self.attestor.attest(statement, valid_from=at, valid_until=at + timedelta(days=days), at=at)

    def hand_over(self, *signed, at=AT):
        return take(self.store, presentation([*signed, *self.attestor.lists_of(signed)]), self.trust(), at)


CORE = ("ratedCapacity", "nominalVoltage", "batteryMass", "batteryChemistry")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("attested"))
    world.signed = world.sign(*CORE)
    (world.taken,) = world.hand_over(world.signed)
    return world


def standings(world, **options):
    trust = options.get("trust") or world.trust()
    return {each.indicator: each.standing for each in attested(world.verified(**options), trust)}


def test_a_saved_passport_carries_its_attestations_and_says_who_attested_what_until_when(world):
    assert world.taken.new and world.taken.reason is None
    result = world.verified()
    assert result.verified is True, [check.detail for check in result.checks]
    values = attested(result, world.trust())
    assert {each.indicator for each in values} == set(CORE)
    assert {each.standing for each in values} == {AttestedStanding.FITS}
    assert {(each.issuer, each.until) for each in values} == {(world.lab.issuer, valid_until(world.signed))}
    outcomes = judge(SCHEME, values, AT.date())
    assert is_met(outcomes) and {each.indicator: each.met for each in outcomes}["ratedEnergy"] is None


def test_taken_again_it_is_known_and_of_another_battery_it_is_refused(world):
    (again,) = world.hand_over(world.signed)
    assert not again.new and again.reason is None
    statement = replace(read_attestation(world.signed), subject="https://other.example/id/X")
    other = world.attestor.attest(statement, valid_from=AT, valid_until=AT + timedelta(days=1), at=AT)
    (refused,) = world.hand_over(other)
    assert not refused.new and "in the store" in refused.reason
    changed = copy.deepcopy(world.signed)
    changed["credentialSubject"]["attestationLevel"] = "siteAudit"
    (refused,) = world.hand_over({**changed, "id": changed["id"] + "0"})
    assert "does not verify" in refused.reason
    with pytest.raises(FaultyRecord):
        take(world.store, world.view().presentation(), world.trust(), AT)


def test_an_issuer_that_is_not_trusted_for_the_scheme_attests_nothing(world):
    for lab in ({"schemes": ["https://other.example/scheme"]}, {"trustedFor": []}):
        trust = world.trust(**lab)
        assert set(standings(world, trust=trust).values()) == {AttestedStanding.NOT_TRUSTED}
    assert set(standings(world, trust=world.trust(schemes=[SCHEME.iri])).values()) == {AttestedStanding.FITS}


def test_an_attestation_that_ended_is_left_out_of_the_file_and_named_where_it_is_asked_for(world):
    at = AT + timedelta(days=366)
    world.publisher.sign_status_lists(at=at)
    assert world.verified(at).verified is True and standings(world, at=at) == {}
    file = world.file(at, ended=True)
    assert set(standings(world, at=at, file=file).values()) == {AttestedStanding.ENDED}
    world.publisher.sign_status_lists(at=AT)


def test_a_scheme_is_not_met_by_what_was_examined_too_long_ago_or_not_far_enough(world):
    values = attested(world.verified(), world.trust())
    late = judge(SCHEME, values, date(2030, 3, 8))
    assert not is_met(late) and {str(each.reason) for each in late if each.required} == {"it was examined too long ago"}
    assert is_met(judge(SCHEME, values, date(2030, 3, 7)))
    shallow = [replace(each, statement=replace(each.statement, level="documentReview")) for each in values]
    by_name = {each.indicator: each for each in judge(SCHEME, shallow, AT.date())}
    assert by_name["ratedCapacity"].met is False and by_name["batteryMass"].met is True
    assert not is_met(judge(SCHEME, values[1:], AT.date())), "one value is not attested"
    assert not is_met(judge(scheme_named("carbon-footprint"), values, AT.date())), "another scheme"
    assert list(by_indicator([*shallow, *values]))


def test_a_changed_value_has_no_attestation_and_the_others_keep_theirs(world, tmp_path):
    own = World(tmp_path)
    own.hand_over(own.sign(*CORE))
    changed = [replace(each, model={**each.model, "batteryMass": "541"}) for each in own.record]
    own.publisher.issue(changed, at=AT + timedelta(minutes=1), replace=True, reason="weighed again")
    at = AT + timedelta(minutes=2)
    found = standings(own, at=at)
    assert found.pop("batteryMass") is AttestedStanding.CHANGED
    assert set(found.values()) == {AttestedStanding.FITS}, "the same values in a newer credential"
    outcomes = judge(SCHEME, attested(own.verified(at), own.trust()), at.date())
    assert [str(each.reason) for each in outcomes if each.met is False] == ["the value was changed since"]
    # A withdrawal comes with the next list that is taken.
    (signed,) = [stored.document for stored in own.lab_store.history(_model(own), ATTESTATION)]
    own.attestor.change(signed["id"], REVOCATION, True, "error in the report", at)
    own.hand_over(signed, at=at)
    assert set(standings(own, at=at).values()) == {AttestedStanding.WITHDRAWN}
    assert own.verified(at).verified is False
    with pytest.raises(UnknownRole):
        own.attestor.change("https://lab.example/credentials/none", REVOCATION, True, "x", at)


def _model(world):
    return next(name for name, values in subjects_of(world.view().credentials).items() if "ratedCapacity" in values)


def test_an_attestation_of_restricted_values_is_shown_to_nobody_without_a_right(world):
    digest = value_digest("remainingCapacity", "98")
    statement = replace(read_attestation(world.signed), values={"remainingCapacity": digest}, subject=world.pack)
    signed = world.attestor.attest(statement, valid_from=AT, valid_until=AT + timedelta(days=9), at=AT)
    assert world.hand_over(signed)[0].new
    assert signed["id"] not in {each["id"] for each in world.file()["verifiableCredential"]}


@each(
    "change",
    [
        lambda d: d.update(type=["VerifiableCredential"]), lambda d: d.pop("credentialSubject"),
        lambda d: d["credentialSubject"].update(attestedValues=[]), lambda d: d["credentialSubject"].pop("examinedOn"),
        lambda d: d["credentialSubject"].update(examinedOn="soon"),
        lambda d: d["credentialSubject"]["attestedValues"].append(d["credentialSubject"]["attestedValues"][0]),
        lambda d: d["credentialSubject"]["attestedValues"][0].update(attestedIndicator="https://x.example/y"),
        lambda d: d["credentialSubject"].update(attestationMethod=7),
    ],
)  # fmt: skip
def test_what_is_no_attestation_is_refused(world, change):
    document = copy.deepcopy(world.signed)
    change(document)
    with pytest.raises(FaultyRecord):
        read_attestation(document)


def test_an_attestation_of_nothing_or_without_a_time_is_not_made(world):
    statement = read_attestation(world.signed)
    for given_values, until in (({}, AT + timedelta(days=1)), (statement.values, AT)):
        with pytest.raises(UsageError):
            unsigned_attestation("urn:x", "did:web:x.example", replace(statement, values=given_values), AT, until)


VALUES = st.recursive(
    st.text(max_size=5) | st.integers(-(2**53) + 1, 2**53 - 1) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=4).filter(lambda name: name != "id"), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(VALUES, VALUES)
def test_the_digest_tells_values_apart_and_knows_no_node_ids_and_no_order(value, other):
    node = {"id": "https://maker.example/credentials/1#v-1", "value": value}
    assert value_digest("x", node) == value_digest("x", {**node, "id": "https://maker.example/credentials/2#v-9"})
    assert value_digest("x", [value, other]) == value_digest("x", [other, value])
    assert (value_digest("x", value) == value_digest("y", value)) is False
    if json.dumps(value, sort_keys=True) != json.dumps(other, sort_keys=True) and not isinstance(value, list | dict):
        assert value_digest("x", [value]) != value_digest("x", [other])


def test_it_is_written_as_a_conformity_credential_of_the_published_form(world, vectors):
    schema = json.loads((vectors / "untp/0.6.1/untp-dcc-schema.json").read_text("utf-8"))
    made = conformity(world.signed, "Lab", {"id": "did:web:maker.example", "name": "Maker"})
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(made)
    assert len(made["credentialSubject"]["assessment"]) == len(CORE)
    assert len(made["credentialSubject"]["auditableEvidence"]["hashDigest"]) == 64


def test_each_scheme_speaks_of_public_indicators_in_both_languages_and_says_whose_rules_they_are():
    assert {scheme.code for scheme in schemes().values()} >= {"cn-battery-id", "carbon-footprint"}
    for scheme in schemes().values():
        assert scheme.label["zh"] and scheme.label["en"] and scheme.description["zh"] and not scheme.verified
        assert all(Audience.PUBLIC in VOCABULARY.indicators[name].audiences for name in scheme.rules)


@each(
    ("change", "message"),
    [
        (("bp:batteryMass", "bp:batteryMess"), "does not have"), (("level:sampleTest", "level:glance"), "level"),
        (("cert:validMonths 36", "cert:validMonths 0"), "months"),
        (("cert:required true", "cert:required false"), "requires"),
        (("a cert:Scheme", "a cert:Skeme"), "no scheme"),
    ],
)  # fmt: skip
def test_a_scheme_that_contradicts_itself_is_refused(change, message):
    from passport.linked_data import resources

    text = resources.read_text("ontology/certification/cn-battery-id.ttl")
    with pytest.raises(MalformedOntology, match=message):
        read_scheme(text.replace(*change), "scheme", VOCABULARY)
