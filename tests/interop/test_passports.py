"""The example packs, as our publisher issues and our presenter shows them, in front of a foreign verifier.

Every credential of every role's view is verified there with nothing but the document, our context file and the status
lists; what that stack derives, presents and lists itself is verified here.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from passport.battery.privacy import rights
from passport.commands.companies.grant import role_credential
from passport.commands.keeping.init import make_project
from passport.credentials.issuer import Issuer
from passport.credentials.trust import UnsafeAnyIssuer
from passport.credentials.verifier import VerificationResult, Verifier
from passport.errors import BaseProofPresented, ProofError
from passport.exchange.records import record_files
from passport.identity.did import DidResolver
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.presenting.presenter import PassportView, Presenter
from passport.project import Project
from passport.proofs import ecdsa_sd_2023
from passport.proofs.data_integrity import verify_proof
from passport.publishing.publisher import Publisher
from passport.publishing.sign import base_credential
from passport.store import Store
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import CONDITION, MODEL, MODEL_DETAIL, PASSPORT
from passport.vocabulary.derivation.derived_context import CONTEXT
from passport.vocabulary.vocabulary import Audience
from tests.remembering_publisher import RememberingPublisher

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
WORKBOOKS = ("ev-ncm-100kwh.xlsx", "stationary-lfp.xlsx", "lmt-ebike.xlsx")
BASE = "https://passport.example.com"
AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
LATER = "2027-03-09T00:00:00Z"


@dataclass(frozen=True)
class Operator:
    """An operator who has issued the three example packs."""

    project: Project
    store: Store
    publisher: Publisher
    packs: tuple[str, ...]

    def view(self, pack: str, audience: Audience) -> PassportView:
        return Presenter(self.store, vocabulary.load()).present(pack, audience)

    def base_proof(self, pack: str, type_: str) -> dict:
        """The issuer's own copy of the pack's newest restricted credential of that type."""
        subject = self.store.pack(pack).model if type_ == MODEL_DETAIL else pack
        stored = self.store.current(subject, type_)
        return base_credential(stored.document, self.store.base_proof(stored.id))


def make_operator(folder: Path) -> Operator:
    project = make_project(folder, BASE, names={"en": "Example Operator", "zh": "示例运营者"})
    store = Store.open("sqlite://")
    regimes = tuple(vocabulary.regimes()[code] for code in project.regimes)
    publisher = RememberingPublisher(store, project.issuer_with_key(None), BASE, vocabulary.load(), regimes)
    records = [record for name in WORKBOOKS for record in record_files.read(EXAMPLES / name)[0]]
    report = publisher.issue(records, at=AT)
    return Operator(project, store, publisher, tuple(entry.subject for entry in report.of_kind("pack")))


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    return make_operator(tmp_path_factory.mktemp("operator") / "project")


def verified_here(document: dict, status_lists: tuple[dict, ...] = (), **options) -> VerificationResult:
    lists = {document["id"]: document for document in status_lists}
    verifier = Verifier(UnsafeAnyIssuer(), status_lists=lists)
    return verifier.verify(document, at=AT + timedelta(days=1), **options)


def jobs_for(view: PassportView) -> list[dict]:
    return [
        {"op": "verify", "document": document, "at": LATER, "statusLists": list(view.status_lists)}
        for document in view.credentials
    ]


# --- their verifier, our passports ----------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", list(Audience))
def test_they_verify_every_credential_of_every_view(peer, operator, audience):
    views = [operator.view(pack, audience) for pack in operator.packs]
    assert len(views) == 3
    documents = [document for view in views for document in view.credentials]
    assert {MODEL, PASSPORT} <= {document["type"][1] for document in documents}
    if audience is Audience.LEGITIMATE_INTEREST:
        assert {MODEL_DETAIL, CONDITION} <= {document["type"][1] for document in documents}
    results = peer.all([job for view in views for job in jobs_for(view)])
    refused = [
        (document["type"][1], result["error"])
        for document, result in zip(documents, results, strict=True)
        if not result["ok"]
    ]
    assert refused == []


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.LEGITIMATE_INTEREST])
def test_they_verify_a_saved_passport_as_one_presentation(peer, operator, audience):
    for pack in operator.packs:
        view = operator.view(pack, audience)
        saved = view.presentation()
        assert len(saved["verifiableCredential"]) == len(view.credentials) + len(view.status_lists)
        result = peer("verify-presentation", document=saved, at=LATER, statusLists=list(view.status_lists))
        assert result["ok"], result


def test_both_refuse_a_changed_value_in_every_credential(peer, operator):
    view = operator.view(operator.packs[0], Audience.LEGITIMATE_INTEREST)
    for document in view.credentials:
        changed = copy.deepcopy(document)
        subject = changed["credentialSubject"]
        name = next(key for key, value in subject.items() if isinstance(value, str) and key not in ("id", "type"))
        subject[name] = f"{subject[name]}1"
        result = peer("verify", document=changed, at=LATER, statusLists=list(view.status_lists))
        assert "Invalid signature" in result.get("error", ""), (document["type"], name, result)
        with pytest.raises(ProofError):
            verify_proof(changed, DidResolver())


def test_both_refuse_a_restricted_value_added_to_a_thinner_view(peer, operator):
    """A reader of two views cannot put the value of one into the other."""
    pack = operator.packs[0]
    thin = operator.view(pack, Audience.COMMISSION).credential(MODEL_DETAIL)
    full = operator.view(pack, Audience.LEGITIMATE_INTEREST).credential(MODEL_DETAIL)
    extra = set(full["credentialSubject"]) - set(thin["credentialSubject"])
    assert extra, "the two audiences must differ for this test to say anything"
    name = sorted(extra)[0]
    mixed = copy.deepcopy(thin)
    mixed["credentialSubject"][name] = full["credentialSubject"][name]
    lists = list(operator.view(pack, Audience.COMMISSION).status_lists)
    assert not peer("verify", document=mixed, at=LATER, statusLists=lists)["ok"]
    with pytest.raises(ProofError):
        verify_proof(mixed, DidResolver())


def test_both_refuse_a_revoked_passport(peer, tmp_path):
    operator = make_operator(tmp_path / "revoking")
    pack = operator.packs[0]
    before = operator.view(pack, Audience.PUBLIC)
    assert peer("verify", document=before.credential(PASSPORT), at=LATER, statusLists=list(before.status_lists))["ok"]
    operator.publisher.revoke(pack, reason="recalled", at=AT + timedelta(hours=1))
    after = operator.view(pack, Audience.PUBLIC)
    document = after.credential(PASSPORT)
    result = peer("verify", document=document, at=LATER, statusLists=list(after.status_lists))
    assert not result["ok"]
    assert "status bit set: revocation" in result["error"]
    assert verified_here(document, after.status_lists).verified is False


@pytest.mark.parametrize("type_", [MODEL_DETAIL, CONDITION])
def test_both_refuse_the_issuers_own_copy(peer, operator, type_):
    base = operator.base_proof(operator.packs[0], type_)
    lists = list(operator.view(operator.packs[0], Audience.LEGITIMATE_INTEREST).status_lists)
    assert "must be a derived proof" in peer("verify", document=base, at=LATER, statusLists=lists)["error"]
    with pytest.raises(BaseProofPresented):
        verify_proof(base, DidResolver())


# --- their derivation, our documents --------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", [audience for audience in Audience if audience is not Audience.PUBLIC])
@pytest.mark.parametrize("type_", [MODEL_DETAIL, CONDITION])
def test_they_derive_the_same_view_that_our_read_side_thins(peer, operator, audience, type_):
    for pack in operator.packs:
        base = operator.base_proof(pack, type_)
        pointers = rights.pointers(vocabulary.load(), base, audience)
        mine = operator.view(pack, audience).credential(type_)
        if not pointers:
            assert mine is None
            continue
        result = peer("derive", document=base, selectivePointers=list(pointers))
        assert result["ok"], result
        theirs = result["document"]
        assert {**theirs, "proof": None} == {**mine, "proof": None}
        verify_proof(theirs, DidResolver())
        assert ecdsa_sd_2023.thin(theirs, pointers) == mine


# --- their issuer, our verifier -------------------------------------------------------------------------------------


@pytest.mark.parametrize("cryptosuite", ["ecdsa-rdfc-2019", "eddsa-rdfc-2022"])
def test_we_verify_a_passport_credential_that_they_issue(peer, operator, cryptosuite):
    view = operator.view(operator.packs[0], Audience.PUBLIC)
    unsigned = {key: value for key, value in view.credential(PASSPORT).items() if key != "proof"}
    del unsigned["credentialStatus"]
    document = peer("issue", credential=unsigned, cryptosuite=cryptosuite)["document"]
    assert document["issuer"] != operator.project.issuer
    assert verified_here(document).verified is True
    changed = copy.deepcopy(document)
    changed["credentialSubject"]["batteryModel"] += "0"
    assert verified_here(changed).verified is False


def test_we_verify_and_thin_a_condition_credential_that_they_issue(peer, operator):
    condition = operator.view(operator.packs[0], Audience.LEGITIMATE_INTEREST).credential(CONDITION)
    unsigned = {key: value for key, value in condition.items() if key != "proof"}
    assert CONTEXT in unsigned["@context"]
    pointers = rights.pointers(vocabulary.load(), unsigned, Audience.LEGITIMATE_INTEREST)
    assert len(pointers) > 1
    mandatory = ["/issuer", "/validFrom", "/credentialSubject/id"]
    base = peer("issue", credential=unsigned, cryptosuite="ecdsa-sd-2023", mandatoryPointers=mandatory)["document"]
    full = peer("derive", document=base, selectivePointers=list(pointers))["document"]
    assert verified_here(full).verified is True
    one = ecdsa_sd_2023.thin(full, pointers[:1])
    assert set(one["credentialSubject"]) <= {"id", "type", "recordedAt", pointers[0].rsplit("/", 1)[1]}
    assert verified_here(one).verified is True
    assert peer("verify", document=one, at=LATER)["ok"]


def test_we_honour_a_status_list_that_they_publish(peer):
    list_id = f"{BASE}/status/1"
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": f"{BASE}/credentials/1",
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": f"{BASE}/id/M/1"},
    }

    def issued(index: int) -> dict:
        entry = {
            "id": f"{list_id}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(index),
            "statusListCredential": list_id,
        }
        document = {**credential, "credentialStatus": entry}
        return {"op": "issue", "credential": document, "cryptosuite": "ecdsa-rdfc-2019"}

    listing = {"op": "status-list", "id": list_id, "purpose": "revocation", "set": [7, 131071]}
    results = peer.all([listing, *(issued(index) for index in (6, 7, 8, 131070, 131071))])
    status_list, *documents = (result["document"] for result in results)
    assert {document["issuer"] for document in documents} == {status_list["issuer"]}
    outcomes = [verified_here(document, (status_list,)).verified for document in documents]
    assert outcomes == [True, False, True, True, False]


# --- presentations --------------------------------------------------------------------------------------------------


def role_of(operator: Operator, holder: str) -> dict:
    return role_credential(
        operator.project,
        operator.project.issuer_with_key(None),
        holder,
        Audience.LEGITIMATE_INTEREST,
        "recycling",
        (),
        AT,
        AT + timedelta(days=30),
    )


def list_of(operator: Operator, role: dict) -> dict:
    """The status list in which the role has its place."""
    address = role["credentialStatus"][0]["statusListCredential"]
    return operator.project.open_store().status_list(int(address.rsplit("/", 1)[1]))


def test_they_verify_a_role_that_our_holder_presents_and_refuse_another_occasion(peer, operator):
    key = PrivateKey.generate()
    holder = Issuer(key.public_key.did_key, KeySigner(key))
    role = role_of(operator, holder.id)
    presented = holder.present([role], challenge="c-1", domain="passport.example.com", created=AT)
    job = {
        "op": "verify-presentation", "document": presented, "at": LATER, "domain": "passport.example.com",
        "statusLists": [list_of(operator, role)],
    }  # fmt: skip
    good, replayed, elsewhere = peer.all(
        [{**job, "challenge": "c-1"}, {**job, "challenge": "c-2"}, {**job, "challenge": "c-1", "domain": "other"}]
    )
    assert good["ok"], good
    assert not replayed["ok"]
    assert not elsewhere["ok"]


def test_we_verify_a_role_that_their_holder_presents_and_refuse_another_occasion(peer, operator):
    role = role_of(operator, PrivateKey.generate().public_key.did_key)
    occasion = {"challenge": "c-1", "domain": "passport.example.com"}
    presented = peer("present", credentials=[role], at=LATER, **occasion)["document"]
    assert verified_here(presented, (list_of(operator, role),), **occasion).verified is True
    assert verified_here(presented, **{**occasion, "challenge": "c-2"}).verified is False
    assert verified_here(presented, **{**occasion, "domain": "other"}).verified is False
