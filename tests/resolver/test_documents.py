"""Documents that programs read: credentials, status lists, vocabulary, context, shapes, DID document."""

from __future__ import annotations

import json
from functools import cache

import rdflib

from passport.credentials.verifier import Verifier
from passport.identity import did_rotation, did_web
from passport.identity.keys import PrivateKey
from passport.linked_data import resources
from passport.store import StoredCredential
from passport.vocabulary.credential_types import CONDITION, EVENT, MODEL, MODEL_DETAIL, PASSPORT
from tests.each import each

BASE = "https://passport.example.com"


def path_of(site, type_: str) -> str:
    subject = site.ev.split("/21/")[0] if type_ in (MODEL, MODEL_DETAIL) else site.ev
    return site.operator.store.current(subject, type_).id.removeprefix(BASE)


@each("type_", [MODEL, PASSPORT])
def test_a_public_credential_is_served_byte_for_byte(site, type_):
    path = path_of(site, type_)
    answer = site.client.get(path)
    assert answer.mimetype == "application/vc"
    assert answer.data == site.operator.store.credential(BASE + path).body
    assert site.client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@each("type_", [MODEL_DETAIL, CONDITION, EVENT])
def test_a_restricted_credential_looks_to_the_public_as_if_it_were_not_there(site, type_):
    restricted = site.client.get(path_of(site, type_))
    absent = site.client.get("/credentials/00000000-0000-4000-8000-000000000000")
    assert restricted.status_code == absent.status_code == 404
    assert restricted.data == absent.data
    same = {name for name, _ in absent.headers if name not in ("Date",)}
    assert {name for name, _ in restricted.headers if name not in ("Date",)} == same


@each(
    ("audience", "type_", "status"),
    [
        ("legitimate-interest", MODEL_DETAIL, 200), ("legitimate-interest", CONDITION, 200),
        ("legitimate-interest", EVENT, 404), ("commission", CONDITION, 404), ("commission", MODEL_DETAIL, 200),
        ("cn-regulator", EVENT, 200), ("cn-regulator", CONDITION, 404), ("market-surveillance", CONDITION, 404),
    ],
)  # fmt: skip
def test_a_role_opens_the_credentials_with_something_in_them_for_it(site, audience, type_, status):
    answer = site.client.get(path_of(site, type_), headers=site.bearer(audience))
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "private, no-store"
    if status == 200:
        result = Verifier(site.operator.project.trust_list()).verify(json.loads(answer.data), at=site.clock[0])
        assert result.credentials[0].check(2).passed


def test_a_recycled_packs_credential_is_gone_for_the_public_and_stays_for_a_role(make_operator, make_site, tmp_path):
    operator = make_operator(tmp_path, "lmt-ebike")
    site, pack = make_site(operator, tmp_path), operator.packs["lmt"]
    path = operator.store.current(pack, PASSPORT).id.removeprefix(BASE)
    model = operator.store.current(operator.store.pack(pack).model, MODEL).id.removeprefix(BASE)
    assert site.client.get(path).status_code == 200
    said = {"id": f"{BASE}/credentials/event", "credentialSubject": {"id": pack, "lifecycleEvent": "recycle"}}
    with operator.store.transaction() as transaction:
        transaction.add_credential(
            StoredCredential(said["id"], EVENT, pack, json.dumps(said).encode(), "x", site.clock[0])
        )
    gone = site.client.get(path)
    assert (gone.status_code, gone.json["code"]) == (410, "passport-ceased")
    assert gone.headers["Cache-Control"] == "no-store"
    assert site.client.get(path, headers=site.bearer()).status_code == 200
    assert site.client.get(model).status_code == 200


def test_a_restricted_credential_is_thinned_to_the_reader(site):
    headers = site.bearer("commission")
    subject = json.loads(site.client.get(path_of(site, MODEL_DETAIL), headers=headers).data)["credentialSubject"]
    assert "disassemblyManual" in subject
    assert "testReportResults" in subject
    assert "certifiedUsableBatteryEnergy" not in subject  # legitimate interest only


@each(
    "path", ["/credentials/x", "/credentials/../token", "/credentials/%2e%2e", "/credentials/", "/status/0",
             "/status/99", "/status/x", "/status/-1", "/status/1/..", "/shapes/..%2Fpyproject.toml",
             "/shapes/../pyproject.toml", "/shapes/pins.json", "/shapes/", "/contexts/battery/v2",
             "/.well-known/did.json", "/static/../app.py", "/static/other.css"]
)  # fmt: skip
def test_nothing_else_is_served(anonymous, path):
    assert anonymous.get(path).status_code == 404


def test_status_lists_are_signed_credentials_of_the_issuer(site):
    document = json.loads(site.client.get("/status/1").data)
    assert document["credentialSubject"]["statusPurpose"] == "revocation"
    result = Verifier(site.operator.project.trust_list()).verify(document, at=site.clock[0])
    assert result.credentials[0].check(2).passed


@cache
def parsed(data: bytes, format_: str) -> rdflib.Graph:
    """The ontology takes a second."""
    return rdflib.Graph().parse(data=data, format=format_)


@each(
    ("accept", "media_type", "format_"),
    [
        (None, "text/turtle", "turtle"),
        ("text/turtle", "text/turtle", "turtle"),
        ("application/ld+json", "application/ld+json", "json-ld"),
    ],
)
def test_the_namespace_leads_to_the_ontology(anonymous, accept, media_type, format_):
    answer = anonymous.get("/ns", headers={"Accept": accept} if accept else {})
    assert answer.mimetype == media_type
    graph = parsed(answer.data, format_)
    term = rdflib.URIRef("https://w3id.org/battery-passport/ns#nominalVoltage")
    assert (term, rdflib.RDFS.label, rdflib.Literal("标称电压", lang="zh")) in graph


def test_the_context_and_the_shapes_are_the_files_that_are_pinned(anonymous):
    context = anonymous.get("/contexts/battery/v1")
    assert context.mimetype == "application/ld+json"
    assert context.data == resources.read_bytes("contexts/battery-v1.jsonld")
    shapes = anonymous.get("/shapes/datatypes.ttl")
    assert shapes.mimetype == "text/turtle"
    assert shapes.data == resources.read_bytes("shapes/datatypes.ttl")


def test_the_did_document_is_served_where_it_is_the_issuers(operator, tmp_path, make_site):
    key = operator.issuer.signer.public_key
    document = did_web.document("did:web:passport.example.com", {"key-1": key})
    site = make_site(operator, tmp_path, issuer_document=document)
    answer = site.client.get("/.well-known/did.json")
    assert answer.json == document
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_rotated_did_document_is_served_without_a_restart(operator, tmp_path, make_site):
    did, key = "did:web:passport.example.com", operator.issuer.signer.public_key
    document, path = did_web.document(did, {"key-1": key}), tmp_path / "did.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    site = make_site(operator, tmp_path, issuer_document=document, issuer_document_path=path)
    assert site.client.get("/.well-known/did.json").json == document
    rotated = did_rotation.with_key(document, "key-2", PrivateKey.generate().public_key)
    path.write_text(json.dumps(rotated), encoding="utf-8")
    assert site.client.get("/.well-known/did.json").json == rotated
    assert site.client.get("/did.json").json == rotated


@each("content", ["{", "[]", '{"id": "did:web:evil.example"}'])
def test_a_did_document_that_cannot_be_used_is_not_replaced_by_an_older_one(operator, tmp_path, make_site, content):
    """The older one may hold a key that was revoked since."""
    document = did_web.document("did:web:passport.example.com", {"key-1": operator.issuer.signer.public_key})
    path = tmp_path / "did.json"
    site = make_site(operator, tmp_path, issuer_document=document, issuer_document_path=path)
    assert site.client.get("/.well-known/did.json").json == document, "no file yet: the pinned one"
    path.write_text(content, encoding="utf-8")
    assert site.client.get("/.well-known/did.json").status_code == 503


def test_health_says_ok_and_no_more(anonymous):
    answer = anonymous.get("/healthz")
    assert (answer.status_code, answer.data) == (200, b"ok\n")
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_style_sheet_is_small_and_asks_nobody_else(anonymous):
    answer = anonymous.get("/static/passport.css")
    assert answer.mimetype == "text/css"
    assert len(answer.data) < 20_000
    assert b"http" not in answer.data and b"@import" not in answer.data and b"url(" not in answer.data
