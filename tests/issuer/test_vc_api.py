"""The VC API: what it answers, and everything that it refuses."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime

import pytest

from issuer.commands.vc_api import suites
from issuer.vc_api import SuiteIssuer, VcApiConfig, create_vc_api
from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList, UnsafeAnyIssuer
from passport.credentials.verifier import Verifier
from passport.errors import UnusableProject
from passport.identity import Algorithm, KeySigner, PrivateKey
from tests.each import each

NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
BASE = "https://localhost:8443"
TOKEN = "t" * 32
V2, V1 = "https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1"


def issuer(algorithm: Algorithm) -> Issuer:
    key = PrivateKey.generate(algorithm)
    return Issuer(key.public_key.did_key, KeySigner(key))


ISSUERS = {algorithm: issuer(algorithm) for algorithm in Algorithm}
P256 = ISSUERS[Algorithm.P256]


def api(**changes):
    options = {"development": True, "decisive": ("model", "proof", "validity", "status"), "foreign": True} | changes
    config = VcApiConfig(suites(ISSUERS), options.pop("policy", UnsafeAnyIssuer()), BASE, **options)
    return create_vc_api(config, now=lambda: NOW).test_client()


@pytest.fixture(scope="module")
def development():
    return api()


@pytest.fixture(scope="module")
def production():
    """As a project would run it: a token, a trust list, every check decisive, nothing foreign."""
    entry = {"id": P256.id, "name": {"en": "Example"}, "trustedFor": ["BitstringStatusListCredential"]}
    policy = TrustList.from_json({"issuers": [entry]})
    config = VcApiConfig(suites({Algorithm.P256: P256}), policy, BASE, token=TOKEN)
    return create_vc_api(config, now=lambda: NOW).test_client()


def unsigned(by: Issuer = P256, **changes) -> dict:
    return {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "issuer": by.id,
        "credentialSubject": {"id": "did:example:alice", "name": "Alice"},
    } | changes


def post(client, path: str, body, **options):
    return client.post(path, json=body, **options)


def issue(client, path: str, credential: dict, **options) -> dict:
    answer = post(client, f"{path}/credentials/issue", {"credential": credential, "options": options})
    assert answer.status_code == 201, answer.json
    return answer.json["verifiableCredential"]


PATHS = [
    ("/ecdsa-rdfc-2019-p256", Algorithm.P256),
    ("/ecdsa-rdfc-2019-p384", Algorithm.P384),
    ("/ecdsa-jcs-2019-p256", Algorithm.P256),
    ("/ecdsa-jcs-2019-p384", Algorithm.P384),
    ("/eddsa-rdfc-2022", Algorithm.ED25519),
    ("/eddsa-jcs-2022", Algorithm.ED25519),
    ("/status", Algorithm.ED25519),
    ("", Algorithm.P256),
]


@each(("path", "algorithm"), PATHS)
def test_what_is_issued_under_a_path_verifies(development, path, algorithm):
    signed = issue(development, path, unsigned(ISSUERS[algorithm]))
    answer = post(
        development, "/credentials/verify", {"verifiableCredential": signed, "options": {"checks": ["proof"]}}
    )
    assert (answer.status_code, answer.json["verified"]) == (200, True)
    (check,) = [check for check in answer.json["report"]["checks"] if check["number"] == 2]
    assert check["parts"] == [{"name": "proof", "outcome": "passed"}, {"name": "controller", "outcome": "passed"}]
    changed = copy.deepcopy(signed)
    changed["credentialSubject"]["name"] = "Mallory"
    answer = post(development, "/credentials/verify", {"verifiableCredential": changed})
    assert (answer.status_code, answer.json["verified"]) == (400, False)
    assert answer.json["errors"][0]["code"] == "invalid-signature"


def test_a_view_is_derived_and_narrowed_and_verifies_and_the_base_proof_does_not(development):
    base = issue(development, "/ecdsa-sd-2023", unsigned(), mandatoryPointers=["/issuer"])
    refused = post(development, "/credentials/verify", {"verifiableCredential": base})
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (400, "base-proof")
    options = {"selectivePointers": ["/credentialSubject"]}
    wide = post(development, "/credentials/derive", {"verifiableCredential": base, "options": options})
    assert (wide.status_code, wide.json["credentialSubject"]["name"]) == (201, "Alice")
    options = {"selectivePointers": ["/credentialSubject/id"]}
    narrow = post(development, "/credentials/derive", {"verifiableCredential": wide.json, "options": options})
    assert "name" not in narrow.json["credentialSubject"]
    for view in (wide.json, narrow.json):
        assert post(development, "/credentials/verify", {"verifiableCredential": view}).status_code == 200


def test_without_mandatory_pointers_the_issuer_is_mandatory(development):
    base = issue(development, "/ecdsa-sd-2023", unsigned())
    options = {"selectivePointers": ["/credentialSubject/name"]}
    view = post(development, "/credentials/derive", {"verifiableCredential": base, "options": options})
    assert view.json["issuer"] == P256.id


def test_a_presentation_verifies_for_its_challenge_and_domain_and_no_other(development):
    holder = ISSUERS[Algorithm.ED25519]
    presented = holder.present(
        [issue(development, "", unsigned())],
        challenge="c1", domain="example.org", created=NOW, cryptosuite="eddsa-rdfc-2022",
    )  # fmt: skip

    def verified(**options):
        return post(development, "/presentations/verify", {"verifiablePresentation": presented, "options": options})

    assert verified(challenge="c1", domain="example.org").json["verified"] is True
    assert verified(challenge="c2", domain="example.org").status_code == 400
    assert verified(challenge="c1", domain="example.com").status_code == 400
    presented["verifiableCredential"][0]["credentialSubject"]["name"] = "Mallory"
    assert verified(challenge="c1", domain="example.org").json["verified"] is False


def test_an_unsigned_presentation_is_refused(development):
    bare = {"@context": [V2], "type": ["VerifiablePresentation"]}
    answer = post(development, "/presentations/verify", {"verifiablePresentation": bare})
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (400, "unsigned")


def test_a_key_of_somebody_else_is_reported_apart_and_decides_where_controllers_count(development):
    """The published vectors: an https issuer, and a did:key that signs."""
    foreign = unsigned(issuer="https://vc.example/issuers/1")
    from passport.proofs.data_integrity import add_proof

    signed = add_proof(foreign, P256.signer, cryptosuite="ecdsa-rdfc-2019", created=NOW)
    answer = post(development, "/credentials/verify", {"verifiableCredential": signed})
    assert answer.status_code == 200
    parts = answer.json["report"]["checks"][1]["parts"]
    assert parts == [{"name": "proof", "outcome": "passed"}, {"name": "controller", "outcome": "failed"}]
    strict = api(decisive=("model", "proof", "controller"))
    answer = post(strict, "/credentials/verify", {"verifiableCredential": signed})
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (400, "foreign-key")


def test_status_entries_lead_to_lists_that_are_signed_and_long_enough(development):
    signed = issue(development, "/status", unsigned(ISSUERS[Algorithm.ED25519]))
    purposes = [entry["statusPurpose"] for entry in signed["credentialStatus"]]
    assert purposes == ["revocation", "suspension", "message"]
    for entry in signed["credentialStatus"]:
        address = entry["statusListCredential"]
        assert address.startswith(BASE + "/status/")
        answer = development.get(address.removeprefix(BASE))
        assert answer.status_code == 200
        assert answer.mimetype == "application/vc"
        assert Verifier(UnsafeAnyIssuer()).verify(json.loads(answer.data), at=NOW).verified is True
    message = signed["credentialStatus"][2]
    assert (message["statusSize"], len(message["statusMessage"])) == (2, 4)
    assert development.get("/status/9").status_code == 404


def test_a_credential_of_1_1_gets_the_context_of_its_proof_and_verifies_where_foreign_ones_are_taken(development):
    old = unsigned(issuanceDate="2026-01-01T00:00:00Z") | {"@context": [V1]}
    del old["credentialSubject"]["name"]
    signed = issue(development, "", old)
    assert signed["@context"] == [V1, "https://w3id.org/security/data-integrity/v2"]
    assert post(development, "/credentials/verify", {"verifiableCredential": signed}).status_code == 200


@each(
    "changes",
    [
        {"@context": [V1], "issuanceDate": "2026-01-01T00:00:00Z"},
        {"name": {"@value": "x", "@language": "en", "@direction": "rtl"}},
        {"@context": [V2, {"typo": "https://example.org/typo"}], "typo": "x"},
    ],
    ids=["VCDM 1.1", "base direction", "inline context"],
)
def test_what_has_no_place_in_a_passport_is_refused_outside_of_development(development, production, changes):
    document = unsigned() | changes
    document["credentialSubject"].pop("name")
    signed = issue(development, "", copy.deepcopy(document))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert post(production, "/credentials/issue", {"credential": document}, headers=headers).status_code == 400
    answer = post(production, "/credentials/verify", {"verifiableCredential": signed}, headers=headers)
    assert answer.status_code == 400
    assert answer.json["report"]["checks"][0]["outcome"] == "failed"


def test_an_inline_context_cannot_be_signed_as_json(development):
    document = unsigned() | {"@context": [V2, {"typo": "https://example.org/typo"}], "typo": "x"}
    assert post(development, "/ecdsa-jcs-2019-p256/credentials/issue", {"credential": document}).status_code == 400


# --- what is refused when issuing -----------------------------------------------------------------------------------


@each(
    "changes",
    [
        {"issuer": None},
        {"issuer": "did:key:zDnaeo"},
        {"type": ["VerifiableCredential", "Undefined"]},
        {"typo": "x"},
        {"validFrom": "yesterday"},
        {"credentialSubject": {}},
        {"relatedResource": [{"id": V2, "digestMultibase": "uM4RgWQc3RUDtjJCSgTJtTfvpZ7SPEg_LNO0ESlovQC0"}]},
        {"proof": {"type": "DataIntegrityProof"}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_credential_that_breaks_the_model_is_refused_and_never_repaired(development, changes):
    answer = post(development, "/eddsa-rdfc-2022/credentials/issue", {"credential": unsigned() | changes})
    assert answer.status_code == 400
    assert answer.json["errors"][0]["code"] in ("malformed-credential", "unsafe-json-ld")


@each(
    ("path", "body"),
    [
        ("/credentials/issue", {}),
        ("/credentials/issue", []),
        ("/credentials/issue", {"credential": "x"}),
        ("/credentials/issue", {"credential": {}, "options": []}),
        ("/credentials/derive", {"verifiableCredential": "x"}),
        ("/credentials/derive", {"verifiableCredential": {}, "options": {"selectivePointers": "/issuer"}}),
        ("/credentials/verify", {"verifiableCredential": "x"}),
        ("/credentials/verify", {"verifiableCredential": {}, "options": {"checks": ["nothing"]}}),
        ("/credentials/verify", {"verifiableCredential": {"type": "VerifiablePresentation"}}),
        ("/presentations/verify", {"verifiablePresentation": {"type": "VerifiableCredential"}}),
        ("/presentations/verify", {"verifiablePresentation": {}, "options": {"challenge": 1}}),
    ],
)
def test_a_body_of_another_shape_is_refused(development, path, body):
    answer = post(development, path, body)
    assert answer.status_code == 400
    assert answer.json["errors"]
    assert answer.json.get("verified", False) is False


def test_a_duplicate_key_is_refused(development):
    answer = development.post(
        "/credentials/verify",
        data=b'{"verifiableCredential":{},"verifiableCredential":{}}',
        content_type="application/json",
    )
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (400, "malformed-document")


def test_a_path_without_an_issuer_and_a_body_too_large_are_refused(development):
    assert post(development, "/bbs-2023/credentials/issue", {"credential": {}}).status_code == 404
    answer = development.post("/credentials/verify", data=b" " * 4_000_001, content_type="application/json")
    assert answer.status_code == 413
    assert development.get("/credentials/verify").status_code == 405


# --- who may call ---------------------------------------------------------------------------------------------------


@each("header", [None, "Bearer wrong", f"Basic {TOKEN}", "Bearer " + "t" * 31, "Bearer"])
def test_without_the_token_nothing_is_answered(production, header):
    headers = {} if header is None else {"Authorization": header}
    for path in ("/credentials/issue", "/credentials/verify", "/credentials/derive", "/presentations/verify"):
        answer = post(production, path, {"credential": unsigned()}, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_with_the_token_the_trust_list_decides(production):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    signed = post(production, "/credentials/issue", {"credential": unsigned()}, headers=headers)
    assert signed.status_code == 201
    answer = post(production, "/credentials/verify", signed.json, headers=headers)
    assert (answer.status_code, answer.json["errors"][0]["code"]) == (400, "issuer-not-accepted")


def test_development_answers_loopback_only_whatever_a_header_says(development):
    headers = {"X-Forwarded-For": "127.0.0.1", "Host": "localhost"}
    for address, status in (("127.0.0.1", 201), ("::1", 201), ("192.0.2.7", 403), ("", 403)):
        answer = post(
            development, "/credentials/issue", {"credential": unsigned()},
            headers=headers, environ_base={"REMOTE_ADDR": address},
        )  # fmt: skip
        assert answer.status_code == status, address


def test_a_page_of_another_origin_cannot_post_to_it_in_development(development):
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = development.post("/credentials/issue", data=b'{"credential":{}}', content_type=content_type)
        assert answer.status_code == 415
        assert "Access-Control-Allow-Origin" not in answer.headers


@each(
    "options",
    [
        {},
        {"token": "short"},
        {"token": TOKEN, "decisive": ("model", "proof")},
        {"development": True, "decisive": ("proof",)},
        {"token": TOKEN, "decisive": ("model", "proof", "controller", "taste")},
    ],
)
def test_a_configuration_that_opens_a_door_is_refused(options):
    with pytest.raises(UnusableProject):
        VcApiConfig({"": SuiteIssuer(P256, "ecdsa-rdfc-2019")}, UnsafeAnyIssuer(), BASE, **options)


def test_the_token_shows_in_no_repr():
    assert TOKEN not in repr(VcApiConfig({}, UnsafeAnyIssuer(), BASE, token=TOKEN))
