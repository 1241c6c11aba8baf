"""Documents that a passport links: their digests are signed, shown to those who may read the link, and compared."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from passport.battery.linked_documents import linked_documents, without_digest
from passport.battery.privacy.release_policy import ReleaseOutcome, ReleasePolicy, decide
from passport.belonging import passport_verifier
from passport.commands.keeping.init import make_project
from passport.credentials.trust import TrustList
from passport.errors import AlreadyIssued, UsageError
from passport.exchange.records import record_files
from passport.exchange.records.document_folder import contents, digests
from passport.presenting.presenter import Presenter
from passport.store import Store
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import BATCH, MODEL, MODEL_DETAIL, PASSPORT
from passport.vocabulary.vocabulary import Audience, regimes
from tests.each import each
from tests.remembering_publisher import RememberingPublisher

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "ev-ncm-100kwh.xlsx"
BASE = "https://passport.example.com"
AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


def multihash(content: bytes) -> str:
    return "u" + urlsafe_b64encode(b"\x12\x20" + hashlib.sha256(content).digest()).decode().rstrip("=")


@pytest.fixture(scope="module")
def record():
    return record_files.read(EXAMPLE)[0][0]


@pytest.fixture(scope="module")
def folder(record, tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    for url in linked_documents(record):
        path = folder / urlsplit(url).path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(url.encode())
    return folder


def publish(folder_of_project, record):
    project = make_project(folder_of_project / "operator", BASE, names={"en": "Operator"})
    store = Store.open("sqlite://")
    publisher = RememberingPublisher(
        store, project.issuer_with_key(None), BASE, vocabulary.load(), tuple(regimes().values())
    )
    pack = publisher.issue([record], at=AT).of_kind("pack")[0].subject
    return project, store, publisher, pack


@pytest.fixture(scope="module")
def issued(record, folder, tmp_path_factory):
    known = replace(record, documents=digests(folder, linked_documents(record)))
    return (*publish(tmp_path_factory.mktemp("project"), known), known)


def texts(value):
    if isinstance(value, dict):
        return {text for item in value.values() for text in texts(item)}
    if isinstance(value, list):
        return {text for item in value for text in texts(item)}
    return {value}


def view(issued, audience):
    return Presenter(issued[1], vocabulary.load()).present(issued[3], audience)


def test_the_documents_of_a_record_are_its_links_without_homepages(record):
    links = linked_documents(record)
    assert len(links) > 10 and len(links) == len(set(links))
    assert record.value("euDeclarationOfConformity") in links and record.value("batteryIdentifier") not in links
    assert record.value("operatorInformation")["webAddress"] not in links
    assert {
        record.value("removalManual")[0]["documentUrl"],
        record.value("dismantlingInformation")["explodedDiagram"],
    } <= set(links)


@each("audience", list(Audience))
def test_each_reader_gets_the_digests_of_the_documents_that_are_linked_there_and_no_others(issued, audience):
    for credential in view(issued, audience).credentials:
        links = set(issued[4].documents) & texts(credential["credentialSubject"])
        related = credential.get("relatedResource", [])
        assert {entry["id"] for entry in related} == links, credential["type"]
        assert all(entry["digestMultibase"] == multihash(entry["id"].encode()) for entry in related)


def test_public_and_restricted_credentials_carry_digests(issued):
    carrying = {
        credential["type"][1]
        for audience in Audience
        for credential in view(issued, audience).credentials
        if "relatedResource" in credential
    }
    assert {MODEL, MODEL_DETAIL, BATCH} <= carrying and PASSPORT not in carrying


@each("audience", list(Audience))
def test_every_view_with_digests_verifies_and_a_document_at_hand_is_compared(issued, audience, folder):
    project = issued[0]
    trust = TrustList.load(project.folder / "trusted-issuers.json")
    document = view(issued, audience).presentation()
    at_hand = contents(folder, issued[4].documents)
    result = passport_verifier(trust, resources=at_hand).verify(document, at=AT + timedelta(hours=1))
    assert result.verified is True, [check.detail for check in result.checks if not check.passed]
    url = issued[4].value("euDeclarationOfConformity")
    exchanged = {**at_hand, url: b"another declaration"}
    result = passport_verifier(trust, resources=exchanged).verify(document, at=AT + timedelta(hours=1))
    assert result.verified is False and not result.check(1).passed


def test_a_digest_that_was_changed_afterwards_is_found_out(issued):
    trust = TrustList.load(issued[0].folder / "trusted-issuers.json")
    document = view(issued, Audience.PUBLIC).presentation()
    (model,) = [one for one in document["verifiableCredential"] if MODEL in one["type"]]
    model["relatedResource"][0]["digestMultibase"] = multihash(b"another")
    assert passport_verifier(trust).verify(document, at=AT + timedelta(hours=1)).verified is False


def test_another_document_behind_the_same_address_is_a_correction_and_the_same_is_none(issued, folder):
    *_, publisher, _, known = issued
    assert publisher.issue([known], at=AT + timedelta(days=1)).of_kind("model")[0].outcome == "same"
    url = known.value("euDeclarationOfConformity")
    other = replace(known, documents={**known.documents, url: multihash(b"new edition")})
    with pytest.raises(AlreadyIssued, match="other digests of linked documents"):
        publisher.issue([other], at=AT + timedelta(days=1))


def test_a_passport_without_known_documents_has_no_member_for_them(record, tmp_path):
    *_, store, _, pack = publish(tmp_path, record)
    shown = Presenter(store, vocabulary.load()).present(pack, Audience.PUBLIC)
    assert not any("relatedResource" in credential for credential in shown.credentials)


def test_links_without_digest_are_named(record, folder):
    (notice,) = without_digest([record])
    assert (notice.code, notice.severity) == ("document-without-digest", "info")
    assert all(url in notice.message for url in linked_documents(record))
    known = replace(record, documents=digests(folder, linked_documents(record)))
    assert without_digest([known]) == ()
    (notice,) = without_digest([replace(known, documents=dict(list(known.documents.items())[1:]))])
    assert notice.message.startswith("1 linked document ") and next(iter(known.documents)) in notice.message


# --- the folder -------------------------------------------------------------------------------------------------------


def test_a_document_is_found_by_its_whole_address_before_its_name(tmp_path):
    for name in ("a.example/docs/m.pdf", "docs/m.pdf", "m.pdf", "n 1.pdf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    urls = ("https://a.example/docs/m.pdf", "https://b.example/docs/m.pdf", "https://b.example/x/m.pdf?v=2",
            "https://b.example/n%201.pdf", "https://b.example/none.pdf", "https://b.example/")  # fmt: skip
    assert contents(tmp_path, urls) == {
        urls[0]: b"a.example/docs/m.pdf", urls[1]: b"docs/m.pdf", urls[2]: b"m.pdf", urls[3]: b"n 1.pdf",
    }  # fmt: skip
    assert digests(tmp_path, urls[:1]) == {urls[0]: multihash(b"a.example/docs/m.pdf")}


def test_no_address_leads_out_of_the_folder(tmp_path):
    (tmp_path / "secret.txt").write_text("x")
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "link.pdf").symlink_to(tmp_path / "secret.txt")
    urls = ("https://a.example/../secret.txt", "https://a.example/%2e%2e/secret.txt", "https://../secret.txt",
            "https://a.example/link.pdf", "https://a.example/\x00", f"https://a.example/{tmp_path}/secret.txt",
            "https://[a/secret.txt")  # fmt: skip
    assert contents(folder, urls) == {}


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is no folder"):
        digests(tmp_path / "none", ("https://a.example/m.pdf",))


def test_a_release_of_a_part_takes_the_digests_of_that_part_along(issued):
    *_, store, _, pack, _ = issued
    model = store.pack(pack).model
    stored = store.current(model, MODEL_DETAIL).document
    said = {"policy": "p", "recipient": "r", "basis": "b", "classes": [], "indicators": ["removalManual"]}
    decision = decide(ReleasePolicy.from_json(said, vocabulary.load()), vocabulary.load(), stored)
    assert decision.outcome is ReleaseOutcome.PART
    links = {entry["documentUrl"] for entry in stored["credentialSubject"]["removalManual"]}
    shown = {stored["relatedResource"][int(pointer.rsplit("/", 1)[1])]["id"] for pointer in decision.digests}
    assert shown == links and len(stored["relatedResource"]) > len(links)
