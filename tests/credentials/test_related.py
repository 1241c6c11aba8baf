"""Digests of related resources: checked where the resource is at hand, and nowhere else."""

import base64
import hashlib

import pytest

from passport.credentials.checks.related import check_related
from passport.credentials.credential import CREDENTIALS_V2, check_credential
from passport.errors import MalformedCredential
from passport.identity import multibase_encode
from passport.linked_data import resources
from tests.each import each

URL = "https://example.com/logo.png"
CONTENT = b"\x89PNG"


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def multihash(data: bytes) -> bytes:
    return b"\x12\x20" + hashlib.sha256(data).digest()


def document(**entry) -> dict:
    made = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiableCredential"],
        "issuer": "https://example.com/issuer",
        "credentialSubject": {"id": "urn:uuid:1"},
        "relatedResource": [{"id": URL} | entry],
    }
    check_credential(made)
    return made


GOOD = [
    {"digestSRI": "sha256-" + b64(hashlib.sha256(CONTENT).digest())},
    {"digestSRI": "sha384-" + b64(hashlib.sha384(CONTENT).digest())},
    {"digestSRI": "sha512-" + b64(hashlib.sha512(CONTENT).digest())},
    {"digestMultibase": multibase_encode(multihash(CONTENT))},
    {"digestMultibase": "u" + base64.urlsafe_b64encode(multihash(CONTENT)).rstrip(b"=").decode()},
    {"digestMultibase": "u" + base64.urlsafe_b64encode(hashlib.sha256(CONTENT).digest()).rstrip(b"=").decode()},
]


@each("entry", GOOD)
def test_a_digest_of_a_resource_at_hand_matches_or_is_an_error(entry):
    check_related(document(**entry), {URL: CONTENT})
    with pytest.raises(MalformedCredential, match="not the digest of https://example.com/logo.png"):
        check_related(document(**entry), {URL: CONTENT + b" "})


@each("entry", GOOD)
def test_a_resource_that_is_not_at_hand_is_not_fetched_and_not_judged(entry):
    check_related(document(**entry))


@each(
    "entry",
    [
        {"digestSRI": "sha384-" + b64(hashlib.sha256(CONTENT).digest())},
        {"digestSRI": "sha256-AAAA"},
        {"digestMultibase": "zQm"},
        {"digestMultibase": "uAAAA"},
        {"digestMultibase": "u" + "A" * 41},
    ],
)
def test_a_digest_of_no_known_length_is_refused_whether_or_not_the_resource_is_at_hand(entry):
    with pytest.raises(MalformedCredential, match="relatedResource.digest"):
        check_related(document(**entry))


def test_pinned_contexts_are_at_hand_as_they_are_published():
    content = resources.read_bytes("contexts/w3c/credentials-v2.jsonld")
    check_related(document(id=CREDENTIALS_V2, digestSRI="sha384-" + b64(hashlib.sha384(content).digest())))
    with pytest.raises(MalformedCredential, match="not the digest"):
        check_related(document(id=CREDENTIALS_V2, digestSRI="sha384-" + b64(hashlib.sha384(b"").digest())))


def test_the_pinned_contexts_are_the_published_bytes(vectors):
    """The digests that W3C publishes for its contexts; a reformatted file would be another resource."""
    sums = (vectors / "w3c" / "contexts" / "SHA256SUMS").read_text(encoding="utf-8")
    published = dict(reversed(line.split()) for line in sums.splitlines() if line.strip())
    folder = resources.path("contexts/w3c")
    ours = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    assert ours.items() <= published.items()
