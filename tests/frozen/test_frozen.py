"""What was signed before still means the same and still verifies; a term that was published never goes.

The corpus holds documents of this project (``make_corpus.py``). From the freeze on, terms are only added.
"""

from __future__ import annotations

import json
from pathlib import Path

import rdflib

from passport.belonging import passport_verifier
from passport.credentials.trust import TrustList
from passport.identity.did import DidResolver
from passport.lifecycle import catalogue
from passport.linked_data import resources, strict_json
from tests.each import each

from . import make_corpus

STATES = sorted(path for path in make_corpus.FOLDER.iterdir() if path.is_dir())
VIEWS = [(state, view.stem) for state in STATES for view in sorted(state.glob("*.jsonld"))]


def read(folder: Path, view: str) -> dict:
    return strict_json.loads((folder / f"{view}.jsonld").read_bytes())


def test_there_is_a_corpus_with_every_kind_of_document():
    kinds = {
        kind
        for folder, view in VIEWS
        for member in read(folder, view)["verifiableCredential"]
        for kind in member["type"]
    }
    assert kinds >= {
        "BatteryModelCredential", "BatteryBatchCredential", "BatteryPassportCredential", "BatteryModelDetailCredential",
        "BatteryConditionCredential", "BitstringStatusListCredential",
        "BatteryEventCredential", "BatteryEventDetailCredential", "BatteryActorCredential",
        "EnterpriseIdentityCredential", "EnterpriseDirectoryCredential", "BatteryAttestationCredential",
    }  # fmt: skip


def test_the_corpus_has_digests_of_linked_documents_in_whole_and_in_divided_credentials():
    carrying = {
        kind
        for folder, view in VIEWS
        for member in read(folder, view)["verifiableCredential"]
        if "relatedResource" in member
        for kind in member["type"]
    }
    assert carrying >= {"BatteryModelCredential", "BatteryModelDetailCredential", "BatteryBatchCredential"}


def test_the_corpus_has_an_accreditation_and_a_role_that_rest_on_an_identity():
    resting = {
        kind
        for folder, view in VIEWS
        for member in read(folder, view)["verifiableCredential"]
        if {"identityCredential", "identityDigest"} <= set(member["credentialSubject"])
        for kind in member["type"]
    }
    assert resting >= {"BatteryActorCredential", "BatteryRoleCredential"}


def test_the_corpus_has_an_event_of_every_kind():
    events = {
        member["credentialSubject"]["lifecycleEvent"]
        for folder, view in VIEWS
        for member in read(folder, view)["verifiableCredential"]
        if "BatteryEventCredential" in member["type"]
    }
    assert events == set(catalogue().kinds)


@each(("folder", "view"), VIEWS, ids=str)
def test_a_document_signed_before_has_its_canonical_form(folder, view):
    members = read(folder, view)["verifiableCredential"]
    frozen = json.loads((folder / "hashes.json").read_text("utf-8"))[view]
    assert [make_corpus.canonical_hash(member) for member in members] == frozen


@each(("folder", "view"), VIEWS, ids=str)
def test_a_document_signed_before_verifies(folder, view):
    trust_list = TrustList.load(folder / "trusted-issuers.json")
    verifier = passport_verifier(trust_list, DidResolver(trust_list.did_documents()))
    result = verifier.verify(read(folder, view), at=make_corpus.signed_at(view))
    assert result.verified is True, [check.detail for check in result.checks if not check.passed]


def test_a_changed_value_has_another_canonical_form():
    document = read(*VIEWS[0])["verifiableCredential"][0]
    before = make_corpus.canonical_hash(document)
    document["credentialSubject"]["batteryMass"] = "541"
    assert make_corpus.canonical_hash(document) != before


FROZEN = json.loads(make_corpus.TERMS.read_text("utf-8"))


def test_no_term_of_the_context_went_or_changed():
    now = make_corpus.terms()
    assert {name: now.get(name) for name in FROZEN} == FROZEN


def test_no_term_of_the_ontology_went():
    graph = rdflib.Graph().parse(data=resources.read_text("ontology/battery.ttl"), format="turtle")
    defined = {str(subject) for subject in graph.subjects()}
    ours = {term["@id"] for term in FROZEN.values() if term["@id"].startswith("https://w3id.org/battery-passport/ns#")}
    assert len(ours) > 300
    assert sorted(ours - defined) == []
