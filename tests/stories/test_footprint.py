"""A footprint from inventory to passport: declared, countersigned, filled in, published, held against it."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from passport.attestation.attested_standing import AttestedStanding, attested
from passport.attestation.attested_values import read_attestation, unsigned_attestation
from passport.belonging import passport_verifier
from passport.credentials import credential
from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.errors import MalformedCredential, UsageError
from passport.exchange.spreadsheet import inventory_workbook
from passport.footprint import METHODS, calculate, declared
from passport.footprint.mee_draft_2025 import MeeDraft2025
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.linked_data import strict_json
from passport.presenting.attestations import with_attestations
from passport.publishing import footprint_declaration
from passport.publishing.footprint_declaration import countersignature
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import ATTESTATION, DECLARATION_TYPE, VERIFICATION_TYPE
from tests.older_countersignature import older_countersignature

from .conftest import BASE, EXAMPLES, World

INVENTORY = EXAMPLES / "footprint-ev-ncm.xlsx"
VOCABULARY = vocabulary.load()
MODEL = f"{BASE}/01/09529999001009"
BATCH = f"{MODEL}/10/LH100-2606-B03"


class Footprint:
    """The story so far: a declaration in the maker's store, and a verifier with a key."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.result = calculate(inventory_workbook.read(INVENTORY), software="test 1")
        key = PrivateKey.generate(Algorithm.P256)
        self.verifier = Issuer(key.public_key.did_key, KeySigner(key))
        self.digest = footprint_declaration.digest_of(INVENTORY.read_bytes())
        self.declared = self.declare()

    def declare(self, **changes) -> dict:
        content = footprint_declaration.claims(replace(self.result, **changes), self.digest)
        stored = self.world.publisher.publish(
            DECLARATION_TYPE,
            BATCH,
            "BatteryBatch",
            {"batteryModel": MODEL, **content},
            at=self.world.now,
        )
        return stored.document

    def countersign(self, document: dict | None = None, **options) -> dict:
        options = {"statement": "conforms", **options}
        return footprint_declaration.countersign(document or self.declared, self.verifier, at=self.world.now, **options)

    def file(self, *more: dict, of: dict | None = None) -> dict:
        signed = of or self.declared
        return footprint_declaration.bundle(
            [signed, *more, *footprint_declaration.status_lists(self.world.store, signed)]
        )

    def passport(self, **links) -> dict:
        links = {declared.CHINESE.declaration: self.declared["id"], **links}
        records = [declared.fill(record, self.result, links) for record in self.world.records("ev-ncm-100kwh.xlsx")]
        pack = self.world.publisher.issue(records, at=self.world.now).of_kind("pack")[0].subject
        return self.world.scan(pack).presentation()

    def trust(self, *, verifier: bool = True, **narrowed) -> TrustList:
        listed = self.world.project.trust_list()
        entry = {
            "id": self.verifier.id,
            "name": {"en": "Verifier"},
            "trustedFor": [ATTESTATION, VERIFICATION_TYPE],
            **narrowed,
        }
        more = TrustList.from_json({"issuers": [entry] if verifier else []}).issuers
        return TrustList((*listed.issuers, *more))

    def examine(self, document: dict, passport: dict | None = None, **options) -> footprint_declaration.Examination:
        return footprint_declaration.examine(document, passport, self.trust(**options), at=self.world.now)


@pytest.fixture
def footprint(world: World) -> Footprint:
    return Footprint(world)


def failed(examination: footprint_declaration.Examination) -> list[int]:
    return [check.number for check in examination.checks if check.outcome.value == "failed"]


def test_a_countersigned_declaration_and_its_passport_agree(footprint):
    document = footprint.file(footprint.countersign(result=footprint.result, inventory_digest=footprint.digest))
    examination = footprint.examine(document, footprint.passport())
    assert examination.holds is True, examination.to_json()
    assert [check.number for check in examination.checks] == [1, 2, 3, 4, 5, 6, 7]


def test_the_declared_figures_fill_the_indicators_and_the_passport_names_the_declaration(footprint):
    view = footprint.passport()
    model, batch = (
        next(one["credentialSubject"] for one in view["verifiableCredential"] if kind in one["type"])
        for kind in ("BatteryModelCredential", "BatteryBatchCredential")
    )
    assert {name: batch.get(name) for name in (*declared.CHINESE.filled, declared.CHINESE.declaration)} == {
        "chinaCarbonFootprint": "0.154",
        "chinaCarbonFootprintRawMaterials": "0.127",
        "chinaCarbonFootprintProduction": "0.022",
        "chinaCarbonFootprintDistribution": "0.005",
        "chinaCarbonFootprintEndOfLife": None,
        "chinaCarbonFootprintAbsolute": "7392",
        "chinaCarbonFootprintMethod": "cn-mee-2024-63-draft-2025-03",
        "chinaCarbonFootprintBoundary": "partial",
        "chinaCarbonFootprintDeclaration": footprint.declared["id"],
    }
    assert not set(declared.CHINESE.filled) & set(model)


class European(MeeDraft2025):
    """A method of the EU that counts as the Chinese draft does."""

    id = "eu-jrc-2023"
    regime = "eu"


def bare(record):
    """A record without a footprint of either regime."""
    every = {name for names in declared.NAMES.values() for name in names.filled}
    parts = {part: {k: v for k, v in getattr(record, part).items() if k not in every} for part in ("model", "batch")}
    return replace(record, **parts)


@pytest.mark.parametrize(("method", "own", "other"), [
    ("cn-mee-2024-63-draft-2025-03", declared.CHINESE, declared.EUROPEAN),
    ("eu-jrc-2023", declared.EUROPEAN, declared.CHINESE),
])  # fmt: skip
def test_a_result_of_one_regime_never_fills_an_indicator_of_the_other(footprint, monkeypatch, method, own, other):
    monkeypatch.setitem(METHODS, European.id, European())
    result = replace(footprint.result, method=method)
    (record,) = map(bare, footprint.world.records("ev-ncm-100kwh.xlsx"))
    filled = declared.fill(record, result, declared.links_of(result, declaration="https://maker.example/d")[0])
    values = {**filled.model, **filled.batch}
    assert (values[own.total], values[own.method], values[own.boundary]) == ("0.154", method, "partial")
    assert not (set(other.filled) - {declared.ENERGY}) & set(values)
    assert other.declaration not in values and values[own.declaration] == "https://maker.example/d"


def test_a_chinese_result_leaves_the_figures_of_the_eu_as_they_are(footprint):
    (record,) = footprint.world.records("ev-ncm-100kwh.xlsx")
    before = {**record.model, **record.batch}
    filled = declared.fill(record, footprint.result)
    after = {**filled.model, **filled.batch}
    assert {name: after.get(name) for name in declared.EUROPEAN.filled} == {
        name: before.get(name) for name in declared.EUROPEAN.filled
    }


def test_a_chinese_figure_declared_as_the_eus_is_not_countersigned_and_does_not_hold(footprint):
    content = footprint_declaration.claims(footprint.result, footprint.digest)
    renamed = {name.replace("chinaCarbonFootprint", "carbonFootprint"): value for name, value in content.items()}
    renamed["batteryCarbonFootprint"] = renamed.pop("carbonFootprint")
    renamed["absoluteCarbonFootprint"] = renamed.pop("carbonFootprintAbsolute")
    stored = footprint.world.publisher.publish(DECLARATION_TYPE, MODEL, "BatteryModel", renamed, at=footprint.world.now)
    with pytest.raises(MalformedCredential, match="do not fit together"):
        footprint.countersign(stored.document)
    assert 4 in failed(footprint.examine(footprint.file(of=stored.document)))


def test_figures_of_both_regimes_in_one_declaration_do_not_hold(footprint):
    content = footprint_declaration.claims(footprint.result, footprint.digest)
    both = {**content, "batteryCarbonFootprint": "0.154", "absoluteCarbonFootprint": "7392"}
    stored = footprint.world.publisher.publish(DECLARATION_TYPE, MODEL, "BatteryModel", both, at=footprint.world.now)
    assert 4 in failed(footprint.examine(footprint.file(of=stored.document)))


def test_a_passport_that_names_another_method_is_found_out(footprint):
    document = footprint.file(footprint.countersign())
    (record,) = footprint.world.records("ev-ncm-100kwh.xlsx")
    filled = declared.fill(record, replace(footprint.result, boundary="full"))
    pack = footprint.world.publisher.issue([filled], at=footprint.world.now).of_kind("pack")[0].subject
    examination = footprint.examine(document, footprint.world.scan(pack).presentation())
    assert failed(examination) == [7] and "chinaCarbonFootprintBoundary" in examination.checks[-1].detail


def test_a_declaration_carries_its_method(footprint):
    subject = footprint.declared["credentialSubject"]
    assert subject["footprintMethod"] == "cn-mee-2024-63-draft-2025-03"
    assert (subject["footprintBoundary"], subject["footprintSoftware"]) == ("partial", "test 1")
    assert set(subject["functionalUnit"]) == {"en", "zh"}
    assert len(subject["factorSource"]) == 4


def test_without_a_countersignature_the_declaration_does_not_hold(footprint):
    assert failed(footprint.examine(footprint.file())) == [2]


def test_a_countersignature_attests_each_declared_figure_of_the_batch(footprint):
    """So the passport names who verified its footprint, wherever it names who attested a value."""
    signed = footprint.countersign(days=100)
    statement = read_attestation(signed)
    assert (statement.subject, statement.report, signed["description"]) == (BATCH, footprint.declared["id"], "conforms")
    assert signed["validUntil"] == credential.date_time(footprint.world.now + timedelta(days=100))
    footprint_declaration.add_countersignature(
        footprint.world.store, footprint.file(signed), at=footprint.world.now, body=strict_json.dumps
    )
    view = footprint.passport()
    pack = max((each["credentialSubject"]["id"] for each in view["verifiableCredential"]), key=len)
    file = with_attestations(footprint.world.store, footprint.world.scan(pack), VOCABULARY, footprint.world.now)
    result = passport_verifier(footprint.trust()).verify(file, at=footprint.world.now, about=pack)
    assert result.verified is True, [check.detail for check in result.checks]
    standings = {each.indicator: each.standing for each in attested(result, footprint.trust())}
    assert set(standings.values()) == {AttestedStanding.FITS}
    assert standings.keys() == set(declared.CHINESE.filled) & footprint.declared["credentialSubject"].keys() | {
        declared.CHINESE.method, declared.CHINESE.boundary,
    }  # fmt: skip


def test_a_countersignature_of_the_older_type_still_counts(footprint):
    older = older_countersignature(footprint.declared, footprint.verifier, "urn:uuid:older", at=footprint.world.now)
    document = footprint.file(older)
    assert footprint.examine(document, footprint.passport()).holds is True
    store = footprint.world.store
    footprint_declaration.add_countersignature(store, document, at=footprint.world.now, body=strict_json.dumps)
    assert footprint_declaration.published(store, BATCH).countersignature == older


def test_an_issuer_that_is_trusted_for_another_scheme_countersigns_nothing(footprint):
    document = footprint.file(footprint.countersign())
    assert failed(footprint.examine(document, schemes=["https://other.example/scheme"])) == [2]
    assert footprint.examine(document, schemes=[footprint_declaration.scheme().iri]).holds is True


def test_a_countersignature_ends(footprint):
    document = footprint.file(footprint.countersign(days=1))
    footprint.world.later(days=2)
    assert 2 in failed(footprint.examine(document))


@pytest.mark.parametrize("change", [
    {"subject": f"{MODEL}/10/OTHER"}, {"report": f"{BASE}/credentials/another"},
    {"values": {"chinaCarbonFootprint": "zother"}}, {"values": {"batteryMass": "zother"}},
])  # fmt: skip
def test_a_countersignature_that_names_another_batch_or_figure_does_not_hold(footprint, change):
    statement = replace(read_attestation(footprint.countersign()), **change)
    now = footprint.world.now
    unsigned = unsigned_attestation("urn:uuid:1", footprint.verifier.id, statement, now, now + timedelta(days=9))
    forged = footprint.verifier.issue(unsigned, created=now)
    assert failed(footprint.examine(footprint.file(forged))) == [3]


def test_a_verifier_that_nobody_trusts_does_not_count(footprint):
    assert failed(footprint.examine(footprint.file(footprint.countersign()), verifier=False)) == [2]


def test_a_maker_cannot_countersign_its_own_declaration(footprint):
    maker = footprint.world.project.issuer_with_key(None)
    with pytest.raises(UsageError, match="own declaration"):
        footprint_declaration.countersign(footprint.declared, maker, at=footprint.world.now, statement="conforms")


def test_a_countersignature_of_another_declaration_is_refused(footprint):
    old = footprint.countersign()
    footprint.world.later(minutes=1)
    new = footprint.declare(total=Decimal(7440), stages={**footprint.result.stages, "distribution": Decimal("291.936")})
    examination = footprint.examine(footprint.file(old, of=new))
    assert failed(examination) == [3]


def test_a_declaration_that_was_replaced_is_withdrawn(footprint):
    document = footprint.countersign()
    footprint.world.later(minutes=1)
    footprint.declare(plant="plant 2")
    assert failed(footprint.examine(footprint.file(document))) == [1]


def test_the_same_declaration_again_changes_nothing(footprint):
    footprint.world.later(minutes=1)
    assert footprint.declare() == footprint.declared


def test_a_tampered_figure_is_not_countersigned_and_does_not_hold(footprint):
    forged = copy.deepcopy(footprint.declared)
    forged["credentialSubject"]["chinaCarbonFootprint"] = "0.1"
    with pytest.raises(MalformedCredential, match="does not verify"):
        footprint.countersign(forged)
    assert 1 in failed(footprint.examine(footprint.file(footprint.countersign(), of=forged)))


def test_figures_that_the_verifier_does_not_find_are_not_countersigned(footprint):
    other = replace(footprint.result, total=Decimal(8000))
    with pytest.raises(MalformedCredential, match="is not the calculated one"):
        footprint.countersign(result=other)
    with pytest.raises(MalformedCredential, match="inventoryDigest"):
        footprint.countersign(
            result=footprint.result, inventory_digest=footprint_declaration.digest_of(b"another file")
        )


def test_figures_that_do_not_fit_together_are_not_countersigned(footprint):
    wrong = footprint.declare(stages={"raw-materials": Decimal(480)})
    with pytest.raises(MalformedCredential, match="do not fit together"):
        footprint.countersign(wrong)


def test_a_passport_with_other_figures_is_found_out(footprint):
    document = footprint.file(footprint.countersign())
    footprint.world.issue("ev-ncm-100kwh.xlsx")
    pack = footprint.world.store.packs_named("ZZZPE10A7K2M05G6J0000317")[0].subject
    examination = footprint.examine(document, footprint.world.scan(pack).presentation())
    assert failed(examination) == [7]
    assert "chinaCarbonFootprintRawMaterials: declared 0.127, in the passport 0.1269" in examination.checks[-1].detail


def test_a_passport_of_another_model_is_found_out(footprint):
    document = footprint.file(footprint.countersign())
    pack = footprint.world.issue("lmt-ebike.xlsx").of_kind("pack")[0].subject
    assert failed(footprint.examine(document, footprint.world.scan(pack).presentation())) == [6]


def test_a_passport_that_names_another_declaration_is_found_out(footprint):
    document = footprint.file(footprint.countersign())
    view = footprint.passport(**{declared.CHINESE.declaration: f"{BASE}/credentials/another"})
    assert failed(footprint.examine(document, view)) == [7]


def test_without_its_status_lists_a_declaration_is_not_fully_checked(footprint):
    document = footprint_declaration.bundle([footprint.declared, footprint.countersign()])
    assert footprint.examine(document).holds is None


@pytest.mark.parametrize("document", [7, [], {}, {"type": "VerifiablePresentation"}, None])
def test_a_file_of_something_else_is_a_result_and_no_crash(footprint, document):
    assert footprint.examine(document).holds is False
    assert footprint.examine(footprint.file(footprint.countersign()), document or {}).holds is False


def test_the_read_side_finds_declaration_and_countersignature_by_model(footprint):
    store = footprint.world.store
    assert footprint_declaration.published(store, BATCH) == footprint_declaration.Published(footprint.declared, None)
    document = footprint.file(footprint.countersign())
    for _ in range(2):
        footprint_declaration.add_countersignature(store, document, at=footprint.world.now, body=strict_json.dumps)
    found = footprint_declaration.published(store, BATCH)
    assert found.countersignature == document["verifiableCredential"][1]
    assert footprint_declaration.published(store, f"{BASE}/01/nobody") is None


def test_a_declaration_names_maker_plant_country_study_and_verifier(footprint):
    parties = footprint_declaration.DeclaredParties(study="https://lanhu.example/study", verifier=footprint.verifier.id)
    content = footprint_declaration.claims(footprint.result, footprint.digest, parties)
    assert content["footprintManufacturer"].startswith("Lanhu Example")
    assert (content["footprintPlantCountry"], content["footprintStudy"]) == ("CN", "https://lanhu.example/study")
    stored = footprint.world.publisher.publish(DECLARATION_TYPE, MODEL, "BatteryModel", content, at=footprint.world.now)
    assert footprint.examine(footprint.file(footprint.countersign(stored.document), of=stored.document)).holds is True


def test_a_countersignature_by_another_than_the_named_verifier_is_refused(footprint):
    parties = footprint_declaration.DeclaredParties(verifier="did:web:verifier.example")
    content = footprint_declaration.claims(footprint.result, footprint.digest, parties)
    stored = footprint.world.publisher.publish(DECLARATION_TYPE, MODEL, "BatteryModel", content, at=footprint.world.now)
    with pytest.raises(UsageError, match="another verifier"):
        footprint.countersign(stored.document)


def test_a_countersignature_of_another_than_the_named_verifier_does_not_hold(footprint, monkeypatch):
    parties = footprint_declaration.DeclaredParties(verifier="did:web:verifier.example")
    content = footprint_declaration.claims(footprint.result, footprint.digest, parties)
    stored = footprint.world.publisher.publish(DECLARATION_TYPE, MODEL, "BatteryModel", content, at=footprint.world.now)
    with monkeypatch.context() as careless:
        careless.setattr(countersignature, "is_did", lambda named: False)
        countersigned = footprint.countersign(stored.document)
    examination = footprint.examine(footprint.file(countersigned, of=stored.document))
    assert failed(examination) == [3]
