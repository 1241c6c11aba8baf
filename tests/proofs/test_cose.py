"""COSE_Sign1: round trips, a foreign writer (cbor2 and cryptography), and every header that is refused."""

from __future__ import annotations

import contextlib
import json

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.errors import InvalidSignature, ProofError
from passport.identity import Algorithm, KeySigner, PrivateKey
from passport.proofs import cose
from tests.conftest import example_count
from tests.each import each

SIGNERS = {algorithm: KeySigner(PrivateKey.generate(algorithm)) for algorithm in Algorithm}
KEY = SIGNERS[Algorithm.P256].public_key
CONTENT = {"id": "urn:uuid:1", "name": "电池"}
TYP, VC = "application/vc+cose", "application/vc"
HEADER = {1: -7, 16: TYP}
PAYLOAD = json.dumps(CONTENT).encode()


def signed(signer=SIGNERS[Algorithm.P256], **options) -> bytes:  # noqa: B008  one signer for the module
    return cose.sign(CONTENT, signer, typ=TYP, content_type=VC, **options)


def parse(data) -> cose.CoseMessage:
    return cose.parse(data, typ=TYP, content_type=VC)


def foreign(header=HEADER, unprotected=None, payload=PAYLOAD, signer=None, tag: int | None = 18):
    """A message as another implementation writes it."""
    signer = signer or SIGNERS[Algorithm.P256]
    protected = header if isinstance(header, bytes) else cbor2.dumps(header)
    signature = signer.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    parts = [protected, {} if unprotected is None else unprotected, payload, signature]
    return cbor2.dumps(parts if tag is None else cbor2.CBORTag(tag, parts))


@each("algorithm", list(Algorithm))
def test_what_was_signed_verifies_with_its_key_and_no_other(algorithm):
    signer = SIGNERS[algorithm]
    message = parse(signed(signer))
    cose.verify(message, signer.public_key)
    assert (message.content(), message.kid) == (CONTENT, signer.verification_method)
    with pytest.raises(InvalidSignature):
        cose.verify(message, PrivateKey.generate(algorithm).public_key)


@each("algorithm", list(Algorithm))
def test_a_general_library_reads_the_same_message(algorithm):
    signer = SIGNERS[algorithm]
    message = cbor2.loads(signed(signer, claims={"aud": "https://a.example", "iat": 5, "nonce": "n"}))
    protected, unprotected, payload, signature = message.value
    assert message.tag == 18
    assert unprotected == {}
    assert json.loads(payload) == CONTENT
    assert cbor2.loads(protected) == {
        1: cose.ALGORITHMS[algorithm], 3: VC, 4: signer.verification_method.encode(), 16: TYP,
        15: {3: "https://a.example", 6: 5, 10: "n"},
    }  # fmt: skip
    signer.public_key.verify(signature, cbor2.dumps(["Signature1", protected, b"", payload]))


@each("tag", [18, None])
@each(
    ("header", "unprotected"),
    [
        (HEADER, {}),
        (HEADER | {4: b"did:key:z#z"}, {}),
        (HEADER, {4: b"did:key:z#z"}),
        (HEADER | {3: "application/vc"}, {33: [b"certificate"], 34: b"x"}),
        (HEADER | {16: "Application/VC+COSE", 33: [b"a", b"b"]}, {"vendor": b"x"}),
        (HEADER | {16: "vc+cose", "vendor": "x"}, {}),
    ],
    ids=repr,
)
def test_a_message_of_another_writer_is_read(header, unprotected, tag):
    message = parse(foreign(header, unprotected, tag=tag))
    cose.verify(message, KEY)
    assert message.content() == CONTENT


@each("at", range(0, 400, 7))
def test_a_changed_byte_is_refused(at):
    data = bytearray(signed())
    data[at % len(data)] ^= 1
    with pytest.raises(ProofError):
        cose.verify(parse(bytes(data)), KEY)


@each("algorithm", [each for each in Algorithm if each is not Algorithm.P256])
def test_an_algorithm_that_is_not_the_keys_is_refused(algorithm):
    with pytest.raises(ProofError, match="not one for this algorithm"):
        cose.verify(parse(signed(SIGNERS[algorithm])), KEY)


@each(
    ("header", "message"),
    [
        ({16: TYP}, "algorithm"),
        (HEADER | {1: -257}, "algorithm"),  # RS256
        (HEADER | {1: 5}, "algorithm"),  # HMAC
        (HEADER | {1: -47}, "algorithm"),  # ES256K
        (HEADER | {1: "ES256"}, "algorithm"),
        (HEADER | {1: [-7]}, "algorithm"),
        ({1: -7}, "another kind"),
        (HEADER | {16: "application/vp+cose"}, "another kind"),
        (HEADER | {16: 50}, "another kind"),
        (HEADER | {3: "application/vp"}, "another content"),
        (HEADER | {3: 50}, "another content"),
        (HEADER | {2: [1]}, "crit"),
        (HEADER | {5: b"iv"}, "IV"),
        (HEADER | {6: b"iv"}, "partial IV"),
        (HEADER | {35: "https://example.org/chain"}, "x5u"),
        (HEADER | {99: {1: 2}}, "not understood"),
        (HEADER | {"vendor": [1]}, "not understood"),
        (HEADER | {4: "did:key:z"}, "kid"),
        (HEADER | {4: b"\xff"}, "kid"),
        (b"", "ends too early"),
        (b"\x80", "no map"),
        (b"\xa2\x01\x26\x01\x26", "different"),
        (cbor2.dumps(HEADER) + b"\x00", "follow"),
    ],
    ids=repr,
)
def test_a_header_that_is_not_understood_is_refused(header, message):
    with pytest.raises(ProofError, match=message):
        parse(foreign(header))


@each("label", [1, 2, 3, 5, 6, 15, 16, 35])
def test_a_meaning_outside_of_what_is_signed_is_refused(label):
    with pytest.raises(ProofError, match="is not signed"):
        parse(foreign(HEADER, {label: 1}))


def test_a_member_in_both_headers_is_refused():
    with pytest.raises(ProofError, match="occurs twice"):
        parse(foreign(HEADER | {4: b"did:key:z"}, {4: b"did:key:z"}))


@each(
    "claims",
    [{4: "tomorrow"}, {4: b"1"}, {7: b"id"}, {99: 1}, {"exp": 1}, {3: [1]}, {3: 1}, {10: b"n"}, {6: [1]}, [4], 4],
    ids=repr,
)
def test_a_claim_that_is_not_understood_is_refused(claims):
    with pytest.raises(ProofError):
        parse(foreign(HEADER | {15: claims})).claims()


@each(
    "data",
    [
        None, "x", b"", b"\xd2", b"\x84", b"\xd2\x83\x40\xa0\x40", cbor2.dumps([b"", {}, b""]), cbor2.dumps({}),
        foreign(tag=17), foreign(tag=98), foreign() + b"\x00", b"\xd2" + foreign(),
        cbor2.dumps([cbor2.dumps(HEADER), {}, None, b"x"]), cbor2.dumps([cbor2.dumps(HEADER), [], b"{}", b"x"]),
        cbor2.dumps([cbor2.dumps(HEADER), {}, b"{}", "x"]), cbor2.dumps([cbor2.dumps(HEADER), {}, "{}", b"x"]),
        cbor2.dumps([HEADER, {}, b"{}", b"x"]), b"\x84\x9f\xff" + b"\x40" * 3, b"\x84" + b"\x81" * 200,
    ],
)  # fmt: skip
def test_what_is_no_message_with_its_payload_inside_is_refused(data):
    with pytest.raises(ProofError):
        parse(data)


@each("payload", [b"[]", b"", b"{", b'{"a":1,"a":2}', b"\xff"])
def test_a_payload_that_is_no_json_object_is_refused(payload):
    with pytest.raises(ProofError, match="payload"):
        parse(foreign(payload=payload)).content()


def test_the_kind_of_a_message_is_read_without_verifying_it():
    assert cose.looks_like_message(signed())
    assert cose.kind(signed()) == cose.kind(foreign(tag=None)) == "vc+cose"
    assert not cose.looks_like_message(b"{}")
    for data in (b"", b"\x84\x40\xa0\x40\x40", b"\xd2", b"\x80", foreign({1: -7})):
        assert cose.kind(data) is None


@each("change", [lambda fields: [*fields, b""], lambda fields: fields[:3]], ids=["five fields", "three fields"])
def test_a_structure_of_another_length_is_refused(change):
    fields = cbor2.loads(foreign(tag=None))
    with pytest.raises(ProofError, match="array of four"):
        parse(cbor2.dumps(cbor2.CBORTag(18, change(fields))))


nested = st.recursive(
    st.integers() | st.binary(max_size=8) | st.text(max_size=8) | st.none() | st.booleans() | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.integers() | st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


@given(nested | st.lists(nested, min_size=4, max_size=4), st.booleans())
@settings(max_examples=example_count(120))
def test_no_value_of_cbor_fails_in_another_way(value, tagged):
    data = cbor2.dumps(cbor2.CBORTag(18, value) if tagged else value)
    cose.kind(data)
    with contextlib.suppress(ProofError):
        parse(data)


@given(st.dictionaries(st.sampled_from([1, 2, 3, 4, 5, 15, 16, 33, 35, "x"]), nested, max_size=4))
@settings(max_examples=example_count(120))
def test_no_header_fails_in_another_way(header):
    with contextlib.suppress(ProofError):
        message = parse(foreign(HEADER | header))
        message.claims()
        cose.verify(message, KEY)


@given(st.binary(max_size=120))
def test_no_bytes_fail_in_another_way(data):
    cose.kind(data)
    with contextlib.suppress(ProofError):
        parse(data)
