"""SD-JWT (RFC 9901): what is shown, and every disclosure that is refused. The package sd-jwt is the oracle."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.errors import ProofError, UsageError
from passport.identity import KeySigner, PrivateKey
from passport.proofs import jose, pointers, sd_jwt
from tests.conftest import example_count
from tests.each import each

CLAIMS = {
    "kind": "pack",
    "capacity": "280.0",
    "maker": {"name": "Example", "place": {"city": "宁德", "country": "CN"}},
    "cells": ["A", "B", {"code": "C"}],
}
HIDDEN = ["/capacity", "/maker/name", "/maker/place", "/maker/place/city", "/cells/0", "/cells/2", "/cells/2/code"]


def made(claims=CLAIMS, hidden=tuple(HIDDEN), **options):
    payload, disclosures = sd_jwt.conceal(claims, hidden, **options)
    return payload, sd_jwt.Presented("token", disclosures)


def disclosure(*content) -> str:
    return jose.encode(json.dumps(list(content)).encode())


def digest(text: str) -> str:
    return sd_jwt.digest_of(text.encode(), "sha-256")


def test_all_disclosures_show_everything_and_none_show_what_is_not_hidden():
    payload, presented = made()
    assert sd_jwt.reveal(payload, presented.disclosures).claims == CLAIMS
    nothing = sd_jwt.reveal(payload, ()).claims
    assert nothing == {"kind": "pack", "maker": {}, "cells": ["B"]}
    text = json.dumps(payload, ensure_ascii=False)
    assert not any(value in text for value in ("280.0", "Example", "宁德", '"A"', '"C"', "capacity"))


def test_the_argument_stays_as_it_is():
    claims = copy.deepcopy(CLAIMS)
    made(claims)
    assert claims == CLAIMS


def test_a_choice_brings_the_way_to_it_and_all_below():
    payload, presented = made()
    revealed = sd_jwt.reveal(payload, presented.disclosures)
    deep = sd_jwt.select(presented, revealed, ["/maker/place/city"])
    assert sd_jwt.reveal(payload, deep.disclosures).claims == {
        "kind": "pack", "maker": {"place": {"city": "宁德", "country": "CN"}}, "cells": ["B"],
    }  # fmt: skip
    whole = sd_jwt.select(presented, revealed, ["/cells"])
    assert sd_jwt.reveal(payload, whole.disclosures).claims["cells"] == CLAIMS["cells"]
    assert sd_jwt.select(presented, revealed, []).disclosures == ()
    with pytest.raises(UsageError):
        sd_jwt.select(presented, revealed, ["/nothing"])


@given(st.data())
@settings(max_examples=example_count(30), deadline=None)
def test_any_choice_shows_what_it_names_and_nothing_that_was_not_there(data):
    hidden = data.draw(st.lists(st.sampled_from(HIDDEN), unique=True))
    payload, presented = made(hidden=hidden)
    revealed = sd_jwt.reveal(payload, presented.disclosures)
    assert revealed.claims == CLAIMS
    assert set(revealed.places) == set(hidden)
    keep = data.draw(st.lists(st.sampled_from(HIDDEN), unique=True))
    shown = sd_jwt.reveal(payload, sd_jwt.select(presented, revealed, keep).disclosures).claims
    for pointer in keep:
        if not pointer.startswith("/cells"):  # entries move up where earlier ones are hidden
            assert pointers.resolve(shown, pointer) == pointers.resolve(CLAIMS, pointer)
    assert set(shown) <= set(CLAIMS)


def test_decoys_hide_how_much_is_hidden_and_the_order_of_digests_says_nothing():
    payload, presented = made(hidden=["/capacity", "/maker/name"], decoys=3)
    assert (len(payload["_sd"]), len(payload["maker"]["_sd"])) == (4, 4)
    assert payload["_sd"] == sorted(payload["_sd"])
    assert sd_jwt.reveal(payload, presented.disclosures).claims == CLAIMS


def test_each_salt_is_its_own():
    _, first = made()
    _, other = made()
    assert not set(first.disclosures) & set(other.disclosures)


# --- what is refused ----------------------------------------


def test_names_that_sd_jwt_reserves_cannot_be_claims():
    for name in ("_sd", "...", "_sd_alg"):
        with pytest.raises(UsageError, match="reserves"):
            sd_jwt.conceal({"a": {name: 1}}, [])


@each("pointer", ["", "/nothing", "/cells/9", "kind"])
def test_what_is_not_there_cannot_be_hidden(pointer):
    with pytest.raises(UsageError):
        sd_jwt.conceal(CLAIMS, [pointer])


NAME = disclosure("salt", "a", 1)
ENTRY = disclosure("salt", 1)


@each(
    ("payload", "disclosures", "message"),
    [
        ({"_sd": [digest(NAME)]}, [NAME, ENTRY], "belongs to no digest"),
        ({}, [NAME], "belongs to no digest"),
        ({"_sd": [digest(NAME), digest(NAME)]}, [NAME], "digest occurs twice"),
        ({"_sd": [digest(NAME)], "b": {"_sd": [digest(NAME)]}}, [NAME], "digest occurs twice"),
        ({"_sd": ["x"], "b": [{"...": "x"}]}, [], "digest occurs twice"),
        ({"_sd": [digest(NAME)], "a": 2}, [NAME], "overwrite"),
        ({"_sd": [digest(ENTRY)]}, [ENTRY], "array entry where a property"),
        ({"a": [{"...": digest(NAME)}]}, [NAME], "property where an array entry"),
        ({"a": [{"...": digest(ENTRY), "b": 1}]}, [ENTRY], "nothing else"),
        ({"a": [{"...": 1}]}, [], "nothing else"),
        ({"a": {"...": digest(ENTRY)}}, [ENTRY], "'...'"),
        ({"_sd": digest(NAME)}, [NAME], "list of digests"),
        ({"_sd": [1]}, [], "list of digests"),
        ({"_sd_alg": "md5"}, [], "hash function"),
        ({"_sd_alg": 1}, [], "hash function"),
    ],
)
def test_a_token_whose_disclosures_do_not_fit_is_refused(payload, disclosures, message):
    with pytest.raises(ProofError, match=message):
        sd_jwt.reveal(payload, disclosures)


@each(
    "text",
    [
        "x!", jose.encode(b"{}"), jose.encode(b"[]"), jose.encode(b"[1,2]"), jose.encode(b'["s",1,2]'),
        jose.encode(b'["s","a",1,2]'), jose.encode(b'["s","a",{"b":1,"b":2}]'), jose.encode(b"["), "",
    ],
)  # fmt: skip
def test_a_malformed_disclosure_is_refused(text):
    with pytest.raises(ProofError):
        sd_jwt.reveal({"_sd": [digest(text)]}, [text])


@each("name", ["_sd", "...", "_sd_alg"])
def test_a_disclosure_with_a_reserved_name_is_refused(name):
    text = disclosure("salt", name, [])
    with pytest.raises(ProofError, match="reserved name"):
        sd_jwt.reveal({"_sd": [digest(text)]}, [text])


def test_disclosures_within_each_other_without_end_are_refused():
    chain = [disclosure("salt", "a", 1)]
    for _ in range(80):
        chain.append(disclosure("salt", "a", {"_sd": [digest(chain[-1])]}))
    with pytest.raises(ProofError, match="too deeply"):
        sd_jwt.reveal({"_sd": [digest(chain[-1])]}, chain)


@each("text", [None, "", "token", "tok\u00e9n~", "a~b~b~", "a~" + "b~" * 10_001])
def test_what_is_no_sd_jwt_is_refused(text):
    with pytest.raises(ProofError):
        sd_jwt.split(text)


def test_a_token_is_taken_apart_and_put_together():
    for text in ("a~", "a~b~", "a~b~c~d"):
        assert str(sd_jwt.split(text)) == text
    assert sd_jwt.split("a~b~c.d.e").bound == b"a~b~"


# --- the oracle ----------------------------------------


@pytest.fixture
def oracle():
    import sd_jwt

    return sd_jwt


def test_the_oracle_reads_what_we_hide(oracle):
    from jwcrypto import jwk
    from sd_jwt.verifier import SDJWTVerifier

    signer = KeySigner(PrivateKey.generate())
    payload, presented = made(decoys=2)
    token = jose.sign(payload, signer, typ="vc+sd-jwt")
    text = str(sd_jwt.Presented(token, presented.disclosures))
    key = jwk.JWK(**signer.public_key.jwk)
    read = SDJWTVerifier(text, lambda issuer, header: key).get_verified_payload()
    assert read == CLAIMS
    revealed = sd_jwt.reveal(payload, presented.disclosures)
    part = str(sd_jwt.Presented(token, sd_jwt.select(presented, revealed, ["/maker"]).disclosures))
    read = SDJWTVerifier(part, lambda issuer, header: key).get_verified_payload()
    assert read == {"kind": "pack", "maker": CLAIMS["maker"], "cells": ["B"]}


def test_we_read_what_the_oracle_hides(oracle):
    from jwcrypto import jwk
    from sd_jwt.common import SDObj
    from sd_jwt.issuer import SDJWTIssuer

    key = jwk.JWK.generate(kty="EC", crv="P-256")
    claims = {SDObj("capacity"): "280.0", "maker": {SDObj("name"): "Example"}, "cells": [SDObj("A"), "B"]}
    issued = SDJWTIssuer(claims, key, add_decoy_claims=True).sd_jwt_issuance
    presented = sd_jwt.split(issued)
    payload = json.loads(jose.decode(presented.issuer_token.split(".")[1]))
    shown = sd_jwt.reveal(payload, presented.disclosures).claims
    assert shown == {"capacity": "280.0", "maker": {"name": "Example"}, "cells": ["A", "B"]}
