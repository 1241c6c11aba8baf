"""Check 6: whether the members of a file belong together. Signed by hand, so that files can be put together wrongly."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from passport.belonging import passport_verifier
from passport.credentials import status_list
from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.credentials.issuer import Issuer, presentation
from passport.credentials.status_list import BitString
from passport.credentials.trust import TrustList
from passport.credentials.verdict import Verdict
from passport.credentials.verification_result import Outcome
from passport.identity import KeySigner, PrivateKey
from passport.vocabulary.derivation.derived_context import CONTEXT
from tests.each import each

NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
BASE = "https://passport.example.com"
MODEL, PACK, OTHER = f"{BASE}/01/09529999001009", f"{BASE}/01/09529999001009/21/A1", f"{BASE}/01/09529999001009/21/A2"
BATCH = f"{MODEL}/10/B1"
CODE = "ZZZPE10A7K2M05G6J0000317"
KINDS = [
    "BatteryModelCredential", "BatteryModelDetailCredential", "BatteryPassportCredential", "BatteryConditionCredential",
    "BatteryBatchCredential",
    "BatteryEventCredential", "BatteryRoleCredential", "CarbonFootprintDeclarationCredential",
    "CarbonFootprintVerificationCredential",
]  # fmt: skip


def new_issuer() -> Issuer:
    key = PrivateKey.generate()
    return Issuer(key.public_key.did_key, KeySigner(key))


@dataclass
class Maker:
    """Someone who is trusted and signs what a test asks for."""

    issuer: Issuer = field(default_factory=new_issuer)
    numbers: count = field(default_factory=lambda: count(1))

    def sign(self, kind: str, subject: str, *, about: str = "BatteryPack", status=(), **claims) -> dict:
        document = {
            "@context": [CREDENTIALS_V2, CONTEXT],
            "id": f"{BASE}/credentials/{self.issuer.id[-6:]}-{next(self.numbers)}",
            "type": ["VerifiableCredential", kind],
            "issuer": self.issuer.id,
            "validFrom": "2027-03-01T00:00:00Z",
            **({"credentialStatus": list(status)} if status else {}),
            "credentialSubject": {"id": subject, "type": about, **claims},
        }
        return self.issuer.issue(document, created=NOW - timedelta(hours=1))

    def model(self, subject: str = MODEL, **claims) -> dict:
        return self.sign("BatteryModelCredential", subject, about="BatteryModel", **{"gtin": "09529999001009"} | claims)

    def passport(self, subject: str = PACK, model: str = MODEL, **claims) -> dict:
        claims = {"packTractionBatteryCode": CODE, "serialNumber": "A1"} | claims
        return self.sign("BatteryPassportCredential", subject, batteryModel=model, **claims)

    def batch(self, subject: str = BATCH, model: str = MODEL, **claims) -> dict:
        claims = {"facilityIdentifier": "plant"} | claims
        return self.sign("BatteryBatchCredential", subject, about="BatteryBatch", batteryModel=model, **claims)

    def read_out(self, day: int = 2, subject: str = PACK, index: int | None = None) -> dict:
        entry = [] if index is None else [status_list.entry(f"{BASE}/status/3", index, "refresh")]
        return self.sign(
            "BatteryConditionCredential", subject, status=entry, recordedAt=f"2027-03-0{day}T08:00:00Z",
            numberOfFullCycles=day,
        )  # fmt: skip

    def list(self, *indexes: int) -> dict:
        bits = BitString()
        for index in indexes:
            bits.set(index, True)
        made = NOW - timedelta(minutes=30)
        unsigned = status_list.status_list_credential(
            f"{BASE}/status/3", self.issuer.id, "refresh", bits, made, made + timedelta(days=7)
        )
        return self.issuer.issue(unsigned, created=made)

    def entry(self, **more) -> dict:
        return {"id": self.issuer.id, "name": {"en": "Maker"}, "trustedFor": KINDS, **more}


@pytest.fixture(scope="module")
def maker() -> Maker:
    return Maker()


@pytest.fixture(scope="module")
def rival() -> Maker:
    return Maker()


def verified(*documents: dict, by: list[dict], about: str | None = None):
    verifier = passport_verifier(TrustList.from_json({"issuers": by}))
    return verifier.verify(presentation(copy.deepcopy(list(documents))), at=NOW, about=about)


def refused(result, code: str) -> None:
    assert result.verified is False
    assert result.check(6).outcome is Outcome.FAILED
    assert result.check(6).code == code
    assert all(result.check(number).passed for number in range(1, 6))
    assert result.documents == ()
    for language in ("en", "zh"):
        verdict = Verdict(result, names=lambda _: None, at=NOW, language=language)
        assert verdict.rows[5].code == code
        assert verdict.sentence.startswith(("Do not rely on this file.", "请勿依据此文件。"))


# --- what belongs together ------------------------------------------------------------------------------------------


def test_a_pack_its_model_and_its_read_out_belong_together(maker):
    result = verified(maker.model(), maker.passport(), maker.read_out(), by=[maker.entry()])
    assert result.verified is True
    assert result.check(6).detail == "one pack and its model"
    assert len(result.documents) == 3


def test_a_pack_its_batch_and_its_model_belong_together(maker):
    result = verified(maker.model(), maker.batch(), maker.passport(batteryBatch=BATCH), by=[maker.entry()])
    assert result.verified is True and result.check(6).detail == "one pack, its batch and its model"
    assert verified(maker.model(), maker.batch(), by=[maker.entry()]).check(6).detail == "one batch and its model"
    assert verified(maker.batch(), by=[maker.entry()], about=BATCH).check(6).detail == "one batch"


def test_a_named_batch_that_is_absent_is_no_fault(maker):
    assert verified(maker.model(), maker.passport(batteryBatch=BATCH), by=[maker.entry()]).verified is True


def test_another_batch_than_the_packs_is_refused(maker):
    other = maker.batch(f"{MODEL}/10/B2")
    refused(verified(maker.model(), other, maker.passport(batteryBatch=BATCH), by=[maker.entry()]), "other-batch")


def test_two_batches_are_refused(maker):
    refused(verified(maker.batch(), maker.batch(f"{MODEL}/10/B2"), maker.model(), by=[maker.entry()]), "two-batches")


def test_a_batch_of_another_model_is_refused(maker):
    foreign = maker.batch(model=f"{BASE}/01/09506000134352")
    passport = maker.passport(batteryBatch=BATCH)
    refused(verified(maker.model(), foreign, passport, by=[maker.entry()]), "batch-of-other-model")
    refused(verified(foreign, passport, by=[maker.entry()]), "batch-of-other-model")


def test_a_batch_that_the_pack_does_not_name_is_refused(maker):
    refused(verified(maker.model(), maker.batch(), maker.passport(), by=[maker.entry()]), "batch-unnamed")


def test_two_versions_of_a_batch_are_refused(maker):
    passport = maker.passport(batteryBatch=BATCH)
    refused(
        verified(maker.batch(), maker.batch(renewableContentShare="3"), passport, by=[maker.entry()]), "two-versions"
    )


def test_a_named_model_that_is_absent_is_reported_and_no_fault(maker):
    result = verified(maker.passport(), by=[maker.entry()])
    assert result.verified is True
    assert "not in the file" in result.check(6).detail


def test_a_model_alone_is_a_file_too(maker):
    assert verified(maker.model(), by=[maker.entry()]).check(6).detail == "one model"


def test_a_file_of_nothing_about_batteries_is_none_of_the_rules_business(maker):
    foreign = maker.issuer.issue(
        {
            "@context": [CREDENTIALS_V2],
            "type": ["VerifiableCredential"],
            "id": "urn:uuid:1",
            "issuer": maker.issuer.id,
            "credentialSubject": {"id": "urn:x:1", "name": "thing"},
        },
        created=NOW,
    )
    assert verified(foreign, by=[maker.entry()]).check(6).outcome is Outcome.NOT_APPLIED


# --- what does not --------------------------------------------------------------------------------------------------


def test_another_packs_read_out_is_refused(maker):
    refused(verified(maker.model(), maker.passport(), maker.read_out(subject=OTHER), by=[maker.entry()]), "other-pack")


def test_two_packs_in_one_file_are_refused(maker):
    two = (maker.passport(), maker.passport(OTHER, serialNumber="A2"))
    refused(verified(maker.model(), *two, by=[maker.entry()]), "other-pack")


def test_another_model_than_the_pack_names_is_refused(maker):
    other = f"{BASE}/01/09529999001016"
    refused(verified(maker.model(other), maker.passport(), by=[maker.entry()]), "other-model")
    refused(verified(maker.model(), maker.model(other), maker.passport(), by=[maker.entry()]), "two-models")


def test_another_makers_model_is_refused_though_both_are_trusted(maker, rival):
    own = f"{BASE}/01/04012345000009"
    result = verified(rival.model(own, gtin="04012345000009"), maker.passport(), by=[maker.entry(), rival.entry()])
    refused(result, "other-model")


def test_two_versions_of_one_credential_are_refused(maker):
    refused(verified(maker.passport(), maker.passport(serialNumber="B"), by=[maker.entry()]), "two-versions")
    refused(verified(maker.model(), maker.model(gtin="04012345000009"), by=[maker.entry()]), "two-versions")


def test_a_credential_about_two_packs_is_refused(maker):
    document = maker.passport()
    unsigned = {key: value for key, value in document.items() if key != "proof"}
    unsigned["credentialSubject"] = [unsigned["credentialSubject"], {"id": OTHER, "serialNumber": "A2"}]
    refused(verified(maker.issuer.issue(unsigned, created=NOW), by=[maker.entry()]), "no-battery-subject")


def test_a_model_that_nothing_binds_to_the_read_out_is_not_taken_for_its_own(maker):
    elsewhere = f"{BASE}/id/X"
    result = verified(maker.model(elsewhere), maker.read_out(), by=[maker.entry()])
    assert result.verified is None
    assert result.check(6).code == "binding-unknown"
    assert verified(maker.model(), maker.read_out(), by=[maker.entry()]).verified is True


def test_a_kind_of_credential_that_is_not_known_beside_a_passport_could_not_be_checked(maker):
    other = maker.issuer.issue(
        {
            "@context": [CREDENTIALS_V2],
            "id": "urn:uuid:2",
            "type": ["VerifiableCredential", "JsonSchemaCredential"],
            "issuer": maker.issuer.id,
            "credentialSubject": {"id": PACK, "name": "thing"},
        },
        created=NOW,
    )
    trusted = maker.entry() | {"trustedFor": [*KINDS, "JsonSchemaCredential"]}
    result = verified(maker.passport(), other, by=[trusted])
    assert result.verified is None
    assert result.check(6).code == "kind-unknown"


# --- supports -------------------------------------------------------------------------------------------------------


def role(maker: Maker, holder: str) -> dict:
    unsigned = {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "id": f"{BASE}/credentials/role",
        "type": ["VerifiableCredential", "BatteryRoleCredential"],
        "issuer": maker.issuer.id,
        "validUntil": date_time(NOW + timedelta(days=1)),
        "credentialSubject": {"id": holder, "audience": ["legitimate-interest"]},
    }
    return maker.issuer.issue(unsigned, created=NOW)


def test_a_role_of_an_actor_in_the_file_is_a_support(maker):
    own = role(maker, maker.issuer.id)
    assert verified(maker.passport(), own, by=[maker.entry()]).verified is True


def test_a_role_of_somebody_who_has_no_part_in_the_file_is_refused(maker, rival):
    stranger = role(maker, rival.issuer.id)
    refused(verified(maker.passport(), stranger, by=[maker.entry()]), "support-of-another")
    assert verified(stranger, by=[maker.entry()]).verified is True  # a role by itself is a file of its own


def test_a_declaration_of_another_model_is_refused(maker):
    kind = "CarbonFootprintDeclarationCredential"
    own = maker.sign(kind, MODEL, about="BatteryModel", batteryModelIdentifier="M")
    assert verified(maker.model(), maker.passport(), own, by=[maker.entry()]).verified is True
    other = maker.sign(kind, f"{BASE}/id/X", about="BatteryModel", batteryModelIdentifier="X")
    refused(verified(maker.model(), maker.passport(), other, by=[maker.entry()]), "support-of-another")


@each("order", [1, -1], ids=["declaration first", "role first"])
def test_supports_that_have_nothing_to_do_with_each_other_are_refused_in_either_order(maker, rival, order):
    kind = "CarbonFootprintDeclarationCredential"
    declaration = maker.sign(kind, MODEL, about="BatteryModel", batteryModelIdentifier="M")
    refused(verified(*[declaration, role(maker, rival.issuer.id)][::order], by=[maker.entry()]), "support-of-another")


# --- the address that was asked -------------------------------------------------------------------------------------


@each(
    "about",
    [
        PACK,
        MODEL,
        f"{BASE}/passports/01/09529999001009/21/A1?lang=zh",
        f"{BASE}/01/09529999001009/10/LOT7/21/A1",
        f"{BASE}/gbt34014/{CODE}",
        CODE,
        "A1",
    ],
)
def test_the_battery_that_was_asked_for_is_let_pass(maker, about):
    assert verified(maker.model(), maker.passport(), by=[maker.entry()], about=about).verified is True


@each(
    "about",
    [
        OTHER,
        f"{BASE}/passports/01/09529999001009/21/A2",
        "https://elsewhere.example/01/09529999001009/21/A1",
        f"{BASE}/gbt34014/ZZZPE10A7K2M05G6J0000318",
        "A2",
        "",
        "https://[",
    ],
)
def test_another_battery_than_was_asked_for_is_refused(maker, about):
    refused(verified(maker.model(), maker.passport(), by=[maker.entry()], about=about), "other-asked")


def test_the_model_alone_is_refused_where_a_pack_was_asked_for(maker):
    refused(verified(maker.model(), by=[maker.entry()], about=PACK), "other-asked")


# --- read-outs ------------------------------------------------------------------------------------------------------


def test_a_newer_read_out_is_told_with_the_day_of_this_one(maker):
    result = verified(maker.passport(), maker.read_out(2, index=7), maker.list(7), by=[maker.entry()])
    assert result.verified is True
    sentence = Verdict(result, names=lambda _: None, at=NOW).sentence
    assert "A newer read-out exists; this one is of 2 March 2027." in sentence
    chinese = Verdict(result, names=lambda _: None, at=NOW, language="zh").sentence
    assert "已有更新的读数；此份为2027年3月2日的读数。" in chinese
    assert result.to_json()["superseded"][0]["of"] == "2027-03-02T08:00:00Z"


def test_of_two_read_outs_the_newest_is_named(maker):
    two = (maker.read_out(2, index=7), maker.read_out(4, index=8))
    result = verified(maker.passport(), *two, maker.list(7), by=[maker.entry()])
    assert result.verified is True
    assert result.check(6).detail.endswith("of 2 read-outs the newest is of 4 March 2027")


def test_two_read_outs_that_are_both_called_newest_are_refused(maker):
    two = (maker.read_out(2, index=7), maker.read_out(4, index=8))
    refused(verified(maker.passport(), *two, maker.list(), by=[maker.entry()]), "two-read-outs")


def test_whether_a_newer_read_out_exists_could_not_be_checked_without_its_list(maker):
    result = verified(maker.passport(), maker.read_out(2, index=7), by=[maker.entry()])
    assert result.verified is None
    assert result.check(4).code == "no-status-list"


# --- namespaces over a whole file -----------------------------------------------------------------------------------


def test_a_code_in_the_passport_speaks_for_the_read_out_and_the_model_too(maker):
    namespaces = {"manufacturerCodes": ["ZZZ"], "gtinPrefixes": ["9529999"], "addresses": [BASE]}
    by = [maker.entry(namespaces=namespaces)]
    assert verified(maker.model(), maker.passport(), maker.read_out(), by=by).verified is True
    assert verified(maker.model(), by=by).check(5).code == "subject-undetermined"


def test_a_trusted_rivals_read_out_of_this_pack_is_refused(maker, rival):
    own, theirs = ({"namespaces": {"manufacturerCodes": [code]}} for code in ("ZZZ", "YYY"))
    by = [maker.entry(**own), rival.entry(**theirs)]
    result = verified(maker.model(), maker.passport(), rival.read_out(), by=by)
    assert result.verified is False
    assert result.check(5).code == "subject-not-accepted"


def test_a_role_needs_no_namespace(maker):
    namespaces = {"addresses": ["https://elsewhere.example"]}
    assert verified(role(maker, "did:key:zDnaeX"), by=[maker.entry(namespaces=namespaces)]).verified is True
