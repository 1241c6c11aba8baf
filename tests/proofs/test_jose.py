"""Compact JWS: three algorithms, and every header that is refused. jwcrypto is the oracle for what we sign."""

import json

import pytest
from jwcrypto import jwk, jws

from passport.errors import InvalidSignature, MalformedKey, ProofError
from passport.identity import Algorithm, KeySigner, PrivateKey, PublicKey
from passport.proofs import jose
from tests.each import each

SIGNERS = {algorithm: KeySigner(PrivateKey.generate(algorithm)) for algorithm in Algorithm}
CLAIMS = {"a": 1, "名": "电池"}


def forged(header: dict, payload: dict, key: dict) -> str:
    """A token that jwcrypto signs without asking whether that is wise."""
    token = jws.JWS(json.dumps(payload).encode())
    token.allowed_algs = [header["alg"]]
    token.add_signature(jwk.JWK(**key), alg=None, protected=json.dumps(header))
    return token.serialize(compact=True)


def unverified(header: object, payload: bytes = b"{}") -> str:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return f"{jose.encode(text)}.{jose.encode(payload)}.{jose.encode(b'sig')}"


@each("algorithm", list(Algorithm))
def test_what_we_sign_verifies_here_and_with_jwcrypto(algorithm):
    signer = SIGNERS[algorithm]
    text = jose.sign(CLAIMS, signer, typ="vc+jwt", cty="vc")
    token = jose.parse(text, typ="vc+jwt", cty="vc")
    jose.verify(token, signer.public_key)
    assert (token.claims(), token.kid) == (CLAIMS, signer.verification_method)
    other = jws.JWS()
    other.deserialize(text, jwk.JWK(**signer.public_key.jwk))
    assert json.loads(other.payload) == CLAIMS


@each("algorithm", list(Algorithm))
def test_a_changed_token_and_a_foreign_key_do_not_verify(algorithm):
    text = jose.sign(CLAIMS, SIGNERS[algorithm], typ="vc+jwt")
    header, _, signature = text.split(".")
    changed = f"{header}.{jose.encode(b'{}')}.{signature}"
    with pytest.raises(InvalidSignature):
        jose.verify(jose.parse(changed, typ="vc+jwt"), SIGNERS[algorithm].public_key)
    with pytest.raises(InvalidSignature):
        jose.verify(jose.parse(text, typ="vc+jwt"), PrivateKey.generate(algorithm).public_key)


def test_an_algorithm_other_than_the_keys_is_refused():
    token = jose.parse(jose.sign(CLAIMS, SIGNERS[Algorithm.P256], typ="vc+jwt"), typ="vc+jwt", cty="vc")
    with pytest.raises(ProofError, match="not one for this algorithm"):
        jose.verify(token, SIGNERS[Algorithm.ED25519].public_key)


@each("algorithm", ["none", "None", "", "HS256", "RS256", "ES256K", "Ed25519", None, ["ES256"]])
def test_an_algorithm_outside_of_the_list_is_refused(algorithm):
    with pytest.raises(ProofError, match="algorithm of the token"):
        jose.parse(unverified({"alg": algorithm, "typ": "vc+jwt"}), typ="vc+jwt")


def test_a_public_key_is_no_secret_for_hmac():
    import base64

    key = SIGNERS[Algorithm.P256].public_key
    secret = {"kty": "oct", "k": base64.urlsafe_b64encode(key.multikey.encode()).decode().rstrip("=")}
    text = forged({"alg": "HS256", "typ": "vc+jwt"}, CLAIMS, secret)
    with pytest.raises(ProofError, match="algorithm of the token"):
        jose.parse(text, typ="vc+jwt")


@each("name", ["jwk", "x5c"])
def test_a_key_in_the_header_is_not_used(name):
    mine = jwk.JWK.generate(kty="EC", crv="P-256")
    header = {"alg": "ES256", "typ": "vc+jwt", name: json.loads(mine.export_public())}
    text = forged(header, CLAIMS, json.loads(mine.export()))
    with pytest.raises(InvalidSignature):
        jose.verify(jose.parse(text, typ="vc+jwt"), SIGNERS[Algorithm.P256].public_key)


@each(
    ("header", "message"),
    [
        ({"alg": "ES256"}, "another kind"),
        ({"alg": "ES256", "typ": "JWT"}, "another kind"),
        ({"alg": "ES256", "typ": "vp+jwt"}, "another kind"),
        ({"alg": "ES256", "typ": ["vc+jwt"]}, "another kind"),
        ({"alg": "ES256", "typ": "vc+jwt", "cty": "vp"}, "another content"),
        ({"alg": "ES256", "typ": "vc+jwt", "crit": ["exp"]}, "crit in the header"),
        ({"alg": "ES256", "typ": "vc+jwt", "b64": False}, "b64 in the header"),
        ({"alg": "ES256", "typ": "vc+jwt", "b64": True}, "b64 in the header"),
        ({"alg": "ES256", "typ": "vc+jwt", "jku": "https://example.org/keys"}, "jku in the header"),
        ({"alg": "ES256", "typ": "vc+jwt", "x5u": "https://example.org/chain"}, "x5u in the header"),
        ({"alg": "ES256", "typ": "vc+jwt", "zip": "DEF"}, "zip in the header"),
        ({"alg": "ES256", "typ": "vc+jwt", "enc": "A256GCM"}, "enc in the header"),
        ({"alg": "ES256", "typ": "vc+jwt", "cty": "JWT"}, "another content"),
        ({"alg": "ES256", "typ": "vc+jwt", "meta": {"typ": "vp+jwt"}}, "is not understood"),
        ({"alg": "ES256", "typ": "vc+jwt", "meta": ["x"]}, "is not understood"),
        ({"alg": "ES256", "typ": "vc+jwt", "kid": 1}, "kid"),
        ([], "not a JSON object"),
        (b'{"alg":"ES256","alg":"none","typ":"vc+jwt"}', "occurs twice"),
        (b"{", "not JSON"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_a_header_that_is_not_understood_is_refused(header, message):
    with pytest.raises(ProofError, match=message):
        jose.parse(unverified(header), typ="vc+jwt", cty="vc")


def test_a_token_within_a_token_is_refused_also_where_no_content_is_named():
    with pytest.raises(ProofError, match="another content"):
        jose.parse(unverified({"alg": "ES256", "typ": "kb+jwt", "cty": "JWT"}), typ="kb+jwt")


def test_the_kind_may_be_written_in_full_and_in_any_case():
    jose.parse(
        unverified({"alg": "ES256", "typ": "application/VC+JWT", "cty": "application/vc"}), typ="vc+jwt", cty="vc"
    )


@each(
    "text",
    [
        None,
        1,
        "",
        "a.b",
        "a.b.c.d",
        "a=.e30.c2ln",
        "e30.e30.",
        "e30 .e30.c2ln",
        "e31.e30.c2ln",
        "e30.e30.c2lnc",
        "x" * (jose.MAX_LENGTH + 1),
    ],
)
def test_what_is_no_token_is_refused(text):
    with pytest.raises(ProofError):
        jose.parse(text, typ="vc+jwt")


@each("payload", [b"[]", b'"x"', b"{", b'{"a":1,"a":2}'])
def test_a_payload_that_is_no_object_is_refused(payload):
    token = jose.parse(unverified({"alg": "ES256", "typ": "vc+jwt"}, payload), typ="vc+jwt")
    with pytest.raises(ProofError, match="payload"):
        token.claims()


@each("algorithm", list(Algorithm))
def test_a_jwk_is_the_same_key(algorithm):
    key = SIGNERS[algorithm].public_key
    assert PublicKey.from_jwk(key.jwk) == key
    more = {"kid": "x", "use": "sig", "key_ops": ["verify"], "alg": jose.ALGORITHMS[algorithm]}
    assert PublicKey.from_jwk(key.jwk | more) == key


@each(
    "changes",
    [
        {"kty": "RSA"},
        {"crv": "P-521"},
        {"x": "AAAA"},
        {"x": None},
        {"y": "A" * 43},
        {"d": "secret"},
        {"x": "A" * 42 + "B"},
        {"use": "enc"},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"alg": "ES384"},
        {"alg": "ECDH-ES"},
        {"alg": ["ES256"]},
    ],
)
def test_a_jwk_that_is_no_public_key_is_refused(changes):
    key = SIGNERS[Algorithm.P256].public_key
    with pytest.raises(MalformedKey) as caught:
        PublicKey.from_jwk(key.jwk | changes)
    assert "secret" not in (caught.value.found or "")
    with pytest.raises(MalformedKey):
        PublicKey.from_jwk("x")
