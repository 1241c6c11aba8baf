"""A footprint from inventory to passport: declared, countersigned, filled in, published, held against it."""

from __future__ import annotations

import copy
from dataclasses import replace
from decimal import Decimal

import pytest

from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.credentials.verifier import Verifier
from passport.errors import MalformedCredential, UsageError
from passport.exchange.spreadsheet import inventory_workbook
from passport.footprint import calculate, declared
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.linked_data import strict_json
from passport.publishing import footprint_declaration

from .conftest import BASE, EXAMPLES, World

INVENTORY = EXAMPLES / "footprint-ev-ncm.xlsx"
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
            footprint_declaration.DECLARATION_TYPE,
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
        figures = declared.indicators(self.result)
        links = {declared.DECLARATION: self.declared["id"], **links}
        records = [declared.fill(record, figures, links) for record in self.world.records("ev-ncm-100kwh.xlsx")]
        pack = self.world.publisher.issue(records, at=self.world.now).of_kind("pack")[0].subject
        return self.world.scan(pack).presentation()

    def trust(self, *, verifier: bool = True) -> TrustList:
        listed = self.world.project.trust_list()
        entry = {
            "id": self.verifier.id,
            "name": {"en": "Verifier"},
            "trustedFor": [footprint_declaration.VERIFICATION_TYPE],
        }
        more = TrustList.from_json({"issuers": [entry] if verifier else []}).issuers
        return TrustList((*listed.issuers, *more))

    def examine(self, document: dict, passport: dict | None = None, **options) -> footprint_declaration.Examination:
        return footprint_declaration.examine(document, passport, Verifier(self.trust(**options)), at=self.world.now)


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
    figures = {name: batch.get(name, model.get(name)) for name in (*declared.INDICATORS, declared.DECLARATION)}
    assert figures == {
        "batteryCarbonFootprint": "0.154",
        "carbonFootprintRawMaterials": "0.127",
        "carbonFootprintProduction": "0.022",
        "carbonFootprintDistribution": "0.005",
        "carbonFootprintEndOfLife": None,
        "absoluteCarbonFootprint": "7392",
        "totalEnergyOverServiceLife": "48000",
        "carbonFootprintDeclaration": footprint.declared["id"],
    }


def test_a_declaration_carries_its_method(footprint):
    subject = footprint.declared["credentialSubject"]
    assert subject["footprintMethod"] == "cn-mee-2024-63-draft-2025-03"
    assert (subject["footprintBoundary"], subject["footprintSoftware"]) == ("partial", "test 1")
    assert set(subject["functionalUnit"]) == {"en", "zh"}
    assert len(subject["factorSource"]) == 4


def test_without_a_countersignature_the_declaration_does_not_hold(footprint):
    assert failed(footprint.examine(footprint.file())) == [2]


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
    forged["credentialSubject"]["batteryCarbonFootprint"] = "0.1"
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
    assert "carbonFootprintRawMaterials: declared 0.127, in the passport 0.1269" in examination.checks[-1].detail


def test_a_passport_of_another_model_is_found_out(footprint):
    document = footprint.file(footprint.countersign())
    pack = footprint.world.issue("lmt-ebike.xlsx").of_kind("pack")[0].subject
    assert failed(footprint.examine(document, footprint.world.scan(pack).presentation())) == [6]


def test_a_passport_that_names_another_declaration_is_found_out(footprint):
    document = footprint.file(footprint.countersign())
    view = footprint.passport(**{declared.DECLARATION: f"{BASE}/credentials/another"})
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
    stored = footprint.world.publisher.publish(
        footprint_declaration.DECLARATION_TYPE, MODEL, "BatteryModel", content, at=footprint.world.now
    )
    assert footprint.examine(footprint.file(footprint.countersign(stored.document), of=stored.document)).holds is True


def test_a_countersignature_by_another_than_the_named_verifier_is_refused(footprint):
    parties = footprint_declaration.DeclaredParties(verifier="did:web:verifier.example")
    content = footprint_declaration.claims(footprint.result, footprint.digest, parties)
    stored = footprint.world.publisher.publish(
        footprint_declaration.DECLARATION_TYPE, MODEL, "BatteryModel", content, at=footprint.world.now
    )
    with pytest.raises(UsageError, match="another verifier"):
        footprint.countersign(stored.document)


def test_a_countersignature_of_another_than_the_named_verifier_does_not_hold(footprint, monkeypatch):
    parties = footprint_declaration.DeclaredParties(verifier="did:web:verifier.example")
    content = footprint_declaration.claims(footprint.result, footprint.digest, parties)
    stored = footprint.world.publisher.publish(
        footprint_declaration.DECLARATION_TYPE, MODEL, "BatteryModel", content, at=footprint.world.now
    )
    with monkeypatch.context() as careless:
        careless.setattr(footprint_declaration, "is_did", lambda named: False)
        countersignature = footprint.countersign(stored.document)
    examination = footprint.examine(footprint.file(countersignature, of=stored.document))
    assert failed(examination) == [3]
