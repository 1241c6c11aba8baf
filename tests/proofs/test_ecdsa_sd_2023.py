"""Selective disclosure: what a view shows, what thinning gives, and every way to cheat that is refused."""

import base64
import copy
import json

import cbor2
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from passport.errors import BaseProofPresented, DocumentError, InvalidSignature, ProofError, UnsafeJsonLd, UsageError
from passport.identity import Algorithm, DidResolver, PrivateKey
from passport.proofs import ecdsa_sd_2023, pointers, sd_value
from passport.proofs.data_integrity import add_proof, verify_proof
from passport.proofs.ecdsa_sd_2023 import base_document_of, derive, derive_full, is_base_proof, thin
from passport.proofs.sd_value import IssuerPart
from tests.conftest import example_count
from tests.each import each

MANDATORY = ["/issuer", "/validFrom", "/credentialSubject/id"]
EVERYTHING = ["/credentialSubject"]
WHOLE = [*EVERYTHING, "/validFrom", "/issuer"]


def without_ids(credential):
    """The same credential with blank nodes in every place but the root."""
    credential = copy.deepcopy(credential)
    subject = credential["credentialSubject"]
    del subject["id"], subject["part"]["id"], subject["part"]["part"]["id"]
    for reading in subject["reading"]:
        del reading["id"]
    return credential


@pytest.fixture
def sign(signers, loader, now):
    def sign(credential, mandatory=MANDATORY):
        return add_proof(
            credential,
            signers["ecdsa-sd-2023"],
            cryptosuite="ecdsa-sd-2023",
            created=now,
            mandatory_pointers=mandatory,
            loader=loader,
        )

    return sign


@pytest.fixture
def base(credential, sign):
    return sign(credential)


@pytest.fixture
def view(base, loader):
    return derive(base, ["/credentialSubject/mass", "/credentialSubject/reading/1"], loader=loader)


def verify(document, loader):
    (proof,) = verify_proof(document, DidResolver(), loader=loader)
    return proof


def text(document):
    return json.dumps(document, ensure_ascii=False)


# --- what a view shows ---------------------------------------------------------------------------------------------


def test_a_view_shows_what_is_mandatory_and_what_was_selected(view, credential, loader):
    assert verify(view, loader).derived
    assert not is_base_proof(view)
    shown = {key: value for key, value in view.items() if key != "proof"}
    assert shown == {
        "@context": credential["@context"],
        "id": credential["id"],
        "type": credential["type"],
        "issuer": credential["issuer"],
        "validFrom": credential["validFrom"],
        "credentialSubject": {
            "id": "urn:x:pack",
            "mass": "450.50",
            "reading": [{"id": "urn:x:credential#reading-2", "cells": 2, "mass": "2.0"}],
        },
    }


def test_a_view_holds_no_signature_of_what_it_does_not_show(base, view):
    signatures = sd_value.decode_base(base["proof"]["proofValue"]).signatures
    shown = sd_value.decode_derived(view["proof"]["proofValue"]).signatures
    assert set(shown) < set(signatures)
    assert len(shown) == 4  # mass; reading 2 and its two values


def test_a_view_may_show_no_more_than_what_is_mandatory(base, credential, loader):
    view = derive(base, [], loader=loader)
    assert verify(view, loader)
    assert view["credentialSubject"] == {"id": "urn:x:pack"}


@each("name", ["mass", "cells", "maker", "title", "notes", "reading", "part", "data"])
def test_each_property_can_be_shown_alone(base, credential, loader, name):
    view = derive(base, [f"/credentialSubject/{name}"], loader=loader)
    assert verify(view, loader)
    assert view["credentialSubject"] == {"id": "urn:x:pack", name: credential["credentialSubject"][name]}


def test_a_base_proof_is_refused_for_verification(base, loader):
    assert is_base_proof(base)
    with pytest.raises(BaseProofPresented) as refusal:
        verify(base, loader)
    assert refusal.value.code == "base-proof"


def test_only_what_carries_a_base_proof_is_taken_for_one(base, view):
    assert is_base_proof({**base, "proof": [view["proof"], base["proof"]]})
    for document in (view, {}, {"proof": None}, {"proof": [None, 5]}, None, [], {"proof": {"proofValue": "u2V0A"}}):
        assert not is_base_proof(document)


def test_the_hmac_key_is_not_in_any_repr(base):
    parsed = sd_value.decode_base(base["proof"]["proofValue"])
    assert parsed.hmac_key.hex() not in repr(parsed)
    assert repr(parsed.hmac_key) not in repr(parsed)


def test_keys_are_made_for_one_proof_alone(credential, sign):
    first, second = (sd_value.decode_base(sign(credential)["proof"]["proofValue"]) for _ in range(2))
    assert first.proof_key != second.proof_key
    assert first.hmac_key != second.hmac_key


# --- the full view -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [True, False])
def test_a_full_view_and_the_issuers_part_are_the_base_proof_again(credential, sign, loader, named):
    base = sign(credential if named else without_ids(credential), ["/issuer", "/credentialSubject/notes"])
    for _ in range(2):  # once just after it was made, once read
        view, part = derive_full(base, WHOLE, loader=loader)
        assert text(view) == text(derive(base, WHOLE, loader=loader))
        assert verify(view, loader)
        again = base_document_of(view, IssuerPart.from_json(json.loads(json.dumps(part.to_json()))))
        assert again == base
        sign(credential)


def test_a_view_that_leaves_something_out_is_no_full_view(base, loader):
    with pytest.raises(ProofError, match="leaves something of the document out"):
        derive_full(base, ["/credentialSubject/mass"], loader=loader)


@pytest.mark.parametrize("key", [None, 3, "", "A" * 42, "A" * 44, "ä" * 43, "A" * 42 + "="])
def test_a_malformed_hmac_key_of_the_issuers_part_is_refused(key):
    with pytest.raises(ProofError, match="HMAC key"):
        IssuerPart.from_json({"hmacKey": key, "mandatoryPointers": ["/issuer"]})


@pytest.mark.parametrize("pointers", [None, "/issuer", [1], {"/issuer": 1}])
def test_malformed_mandatory_pointers_of_the_issuers_part_are_refused(pointers):
    with pytest.raises(ProofError, match="mandatory pointers"):
        IssuerPart.from_json({"hmacKey": "A" * 43, "mandatoryPointers": pointers})


def test_the_hmac_key_is_not_in_any_repr_of_the_issuers_part(base, loader):
    _, part = derive_full(base, WHOLE, loader=loader)
    assert repr(part.hmac_key) not in repr(part)


# --- thinning ------------------------------------------------------------------------------------------------------

TARGETS = [
    "/credentialSubject/mass",
    "/credentialSubject/cells",
    "/credentialSubject/maker",
    "/credentialSubject/title",
    "/credentialSubject/title/zh",
    "/credentialSubject/notes",
    "/credentialSubject/notes/1",
    "/credentialSubject/reading",
    "/credentialSubject/reading/0",
    "/credentialSubject/reading/2/cells",
    "/credentialSubject/part",
    "/credentialSubject/part/part/mass",
    "/credentialSubject/data",
    "/validFrom",
    "/issuer",
]
MANDATORIES = [
    ["/issuer"],
    MANDATORY,
    ["/issuer", "/credentialSubject/reading/1", "/credentialSubject/mass"],
    ["/credentialSubject/part/part/cells", "/credentialSubject/notes/0", "/credentialSubject/title/en"],
    ["/credentialSubject"],
    ["/type"],
]
PROPERTY = settings(
    max_examples=example_count(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@PROPERTY
@example(["/credentialSubject/mass"], ["/issuer"], True)
@example(["/credentialSubject/mass"], ["/issuer"], False)
@given(st.lists(st.sampled_from(TARGETS), max_size=5), st.sampled_from(MANDATORIES), st.booleans())
def test_thinning_the_full_view_is_deriving_from_the_base_byte_for_byte(
    credential, sign, loader, selection, mandatory, named
):
    base = sign(credential if named else without_ids(credential), [p for p in mandatory if named or p != MANDATORY[2]])
    known = sd_value.decode_base(base["proof"]["proofValue"]).mandatory_pointers
    full = derive(base, [*EVERYTHING, "/validFrom", "/issuer"], loader=loader)
    derived = derive(base, selection, loader=loader)
    assert text(thin(full, selection, loader=loader)) == text(derived)
    assert text(thin(full, selection, mandatory_pointers=known, loader=loader)) == text(derived)
    assert verify(derived, loader)


@PROPERTY
@given(st.lists(st.sampled_from(TARGETS[:13]), min_size=1, max_size=4), st.data())
def test_a_view_can_be_thinned_again(base, loader, selection, data):
    full = derive(base, EVERYTHING, loader=loader)
    view = thin(full, selection, loader=loader)
    less = [p for p in data.draw(st.lists(st.sampled_from(selection))) if not any(c.isdigit() for c in p)]
    again = thin(view, less, loader=loader)
    assert text(again) == text(derive(base, less, loader=loader))
    assert verify(again, loader)


def test_what_is_mandatory_is_kept_without_being_asked_for(view, loader):
    least = thin(view, [], loader=loader)
    assert verify(least, loader)
    assert least["credentialSubject"] == {"id": "urn:x:pack"}
    assert least["issuer"] == view["issuer"]


def test_wrong_mandatory_pointers_do_no_harm(base, loader):
    full = derive(base, EVERYTHING, loader=loader)
    expected = text(thin(full, ["/credentialSubject/mass"], loader=loader))
    for wrong in (["/credentialSubject/cells"], ["/issuer"], ["/absent"], ["nonsense"], []):
        made = thin(full, ["/credentialSubject/mass"], mandatory_pointers=wrong, loader=loader)
        assert text(made) == expected


def test_the_view_that_is_thinned_is_left_as_it_is(view, loader):
    before = text(view)
    thin(view, ["/credentialSubject/mass"], loader=loader)["credentialSubject"]["mass"] = "0"
    assert text(view) == before


def test_a_base_proof_cannot_be_thinned_nor_a_view_derived_from(base, view, loader):
    with pytest.raises(BaseProofPresented):
        thin(base, [], loader=loader)
    with pytest.raises(ProofError, match="base proof"):
        derive(view, [], loader=loader)


def test_a_view_that_does_not_fit_its_proof_is_not_thinned(view, loader):
    for change in ({"name": "added"}, {"validFrom": None}):
        document = {key: value for key, value in {**view, **change}.items() if value is not None}
        with pytest.raises(ProofError, match="does not fit"):
            thin(document, ["/credentialSubject/mass"], mandatory_pointers=["/issuer"], loader=loader)


def test_a_view_of_nothing_is_refused(credential, base, signers, loader):
    """Another issuer may have said that nothing is mandatory."""
    options = {key: value for key, value in base["proof"].items() if key != "proofValue"}
    proof = ecdsa_sd_2023.create_base_proof(credential, options, signers["ecdsa-sd-2023"], [], loader=loader)
    document = {**credential, "proof": {**options, "proofValue": proof.encode()}}
    with pytest.raises(UsageError, match="nothing is selected"):
        derive(document, [], loader=loader)
    assert derive(document, ["/credentialSubject/mass"], loader=loader)["credentialSubject"]["mass"] == "450.50"


@each("operation", [derive, thin])
def test_a_document_with_no_or_several_such_proofs_is_refused(base, operation, loader):
    for proof in (None, [], {"cryptosuite": "ecdsa-rdfc-2019"}, [base["proof"], base["proof"]]):
        with pytest.raises(ProofError):
            operation({**base, "proof": proof}, ["/issuer"], loader=loader)


def test_other_proofs_are_left_out_of_a_view(base, signers, loader, now):
    both = add_proof(base, signers["eddsa-rdfc-2022"], cryptosuite="eddsa-rdfc-2022", created=now, loader=loader)
    assert verify(derive(both, ["/credentialSubject/mass"], loader=loader), loader).cryptosuite == "ecdsa-sd-2023"


def test_a_pointer_that_names_nothing_is_refused(base, view, loader):
    for pointer in ("/credentialSubject/absent", "/credentialSubject/reading/7", "credentialSubject"):
        with pytest.raises(UsageError):
            derive(base, [pointer], loader=loader)
        with pytest.raises(UsageError):
            thin(view, [pointer], loader=loader)


def test_part_of_a_json_literal_cannot_be_shown(base, loader):
    with pytest.raises(ProofError, match="does not say the same"):
        derive(base, ["/credentialSubject/data/free"], loader=loader)


@each("subject", [{"id": "urn:x:pack"}, {}])
def test_a_list_is_not_signed_for_selective_disclosure(credential, sign, signers, loader, now, subject):
    """Its cells have no names, so a part could not be told apart from another part. As a whole it can be signed."""
    credential["credentialSubject"] = {**subject, "cells": 1, "steps": ["a", "b"]}
    with pytest.raises(UnsafeJsonLd, match="list"):
        sign(credential, ["/issuer"])
    suite = "eddsa-rdfc-2022"
    signed = add_proof(credential, signers[suite], cryptosuite=suite, created=now, loader=loader)
    assert verify(signed, loader)


# --- signing -------------------------------------------------------------------------------------------------------


def test_an_issuer_must_say_what_is_mandatory(credential, sign):
    with pytest.raises(UsageError, match="mandatory"):
        sign(credential, [])


def test_a_mandatory_pointer_that_names_nothing_is_not_signed(credential, sign):
    with pytest.raises(UsageError, match="names nothing"):
        sign(credential, ["/issuer", "/validUntil"])


def test_the_reserved_kind_of_iri_is_not_signed(credential, sign):
    credential["credentialSubject"]["maker"] = "urn:bnid:b0"
    with pytest.raises(UnsafeJsonLd, match="reserved"):
        sign(credential)


def test_a_base_proof_whose_pointers_do_not_fit_its_document_is_refused(base, loader):
    del base["validFrom"]
    with pytest.raises(ProofError, match="mandatory pointers"):
        derive(base, [], loader=loader)


def test_a_base_proof_of_another_document_is_refused(base, loader):
    base["credentialSubject"]["notes"].append("fourth")
    with pytest.raises(ProofError, match="does not fit"):
        derive(base, [], loader=loader)


# --- cheating ------------------------------------------------------------------------------------------------------


@each(
    ("path", "value"),
    [
        (("credentialSubject", "mass"), "450.51"),
        (("credentialSubject", "reading", 0, "cells"), 3),
        (("credentialSubject", "id"), "urn:x:another-pack"),
        (("issuer",), "did:example:another"),
        (("validFrom",), "2020-01-01T00:00:00Z"),
        (("id",), "urn:x:another"),
    ],
)
def test_a_tampered_value_is_refused(view, loader, path, value):
    target = view
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    with pytest.raises(InvalidSignature):
        verify(view, loader)


def test_an_added_or_removed_statement_is_refused(view, loader):
    added = copy.deepcopy(view)
    added["credentialSubject"]["cells"] = 96
    removed = copy.deepcopy(view)
    del removed["credentialSubject"]["mass"]
    hidden = copy.deepcopy(view)
    del hidden["validFrom"]
    for document in (added, removed, hidden):
        with pytest.raises(ProofError):
            verify(document, loader)


def test_a_mandatory_statement_cannot_be_thinned_away(view, loader):
    derived = sd_value.decode_derived(view["proof"]["proofValue"])
    shown = len(derived.mandatory) + len(derived.signatures)
    least = {key: value for key, value in view.items() if key != "validFrom"}
    for place in derived.mandatory:
        mandatory = tuple(n - (n > place) for n in derived.mandatory if n != place)
        value = sd_value.DerivedProof(derived.base_signature, derived.proof_key, derived.signatures, {}, mandatory)
        with pytest.raises(ProofError):
            verify({**least, "proof": {**view["proof"], "proofValue": value.encode()}}, loader)
    assert shown == len(derived.mandatory) + 4


def test_a_statement_of_another_credential_cannot_be_mixed_in(credential, sign, view, loader):
    """Both credentials are the same issuer's; each base proof has a key of its own, so their statements do not mix."""
    other = {**credential, "credentialSubject": {**credential["credentialSubject"], "mass": "1.00"}}
    foreign = derive(sign(other), ["/credentialSubject/mass", "/credentialSubject/reading/1"], loader=loader)
    theirs = sd_value.decode_derived(foreign["proof"]["proofValue"])
    ours = sd_value.decode_derived(view["proof"]["proofValue"])
    mixed = copy.deepcopy(view)
    mixed["credentialSubject"]["mass"] = "1.00"
    for signatures, key in [
        (theirs.signatures, ours.proof_key),
        (theirs.signatures, theirs.proof_key),
        (ours.signatures, theirs.proof_key),
    ]:
        value = sd_value.DerivedProof(ours.base_signature, key, signatures, {}, ours.mandatory)
        mixed["proof"] = {**view["proof"], "proofValue": value.encode()}
        with pytest.raises(InvalidSignature):
            verify(mixed, loader)


def test_a_key_of_somebody_else_cannot_take_the_place_of_the_proof_key(view, loader):
    derived = sd_value.decode_derived(view["proof"]["proofValue"])
    own = PrivateKey.generate(Algorithm.P256)
    value = sd_value.DerivedProof(derived.base_signature, own.public_key, derived.signatures, {}, derived.mandatory)
    with pytest.raises(InvalidSignature):
        verify({**view, "proof": {**view["proof"], "proofValue": value.encode()}}, loader)


def test_a_proof_of_one_view_does_not_fit_another(base, view, loader):
    other = derive(base, ["/credentialSubject/cells"], loader=loader)
    with pytest.raises(ProofError):
        verify({**other, "proof": view["proof"]}, loader)


# --- malformed proof values -----------------------------------------------------------------------------------------


def parts_of(document):
    value = document["proof"]["proofValue"]
    return cbor2.loads(base64.urlsafe_b64decode(value[1:] + "===")[3:])


def value_of(parts, header=sd_value.DERIVED_HEADER, **options):
    return "u" + base64.urlsafe_b64encode(header + cbor2.dumps(parts, **options)).rstrip(b"=").decode()


def change(index, value):
    def apply(parts):
        parts[index] = value(parts[index]) if callable(value) else value
        return parts

    return apply


@each(
    "malform",
    [
        lambda parts: parts[:4],
        lambda parts: [*parts, 0],
        lambda parts: {0: parts},
        lambda parts: parts[0],
        change(0, b"\0" * 63),
        change(0, b"\0" * 65),
        change(0, "text"),
        change(1, lambda key: key[:-1]),
        change(1, lambda key: b"\x81" + key[1:]),
        change(1, lambda key: key[:2] + b"\x05" + key[3:]),
        change(1, lambda key: key[:3] + b"\xff" * 32),
        change(2, b""),
        change(2, lambda signatures: signatures[:-1]),
        change(2, lambda signatures: [*signatures, signatures[0]]),
        change(2, lambda signatures: [signature[:63] for signature in signatures]),
        change(2, lambda signatures: list(reversed(signatures))),
        change(2, lambda signatures: [signature + b"\0" for signature in signatures]),
        change(3, []),
        change(3, {0: b"\0" * 32}),
        change(3, {0: b"\0" * 31}),
        change(3, {0: "text"}),
        change(3, {0: b"\0" * 32, 1: b"\0" * 32}),
        change(4, lambda indexes: list(reversed(indexes))),
        change(4, lambda indexes: [indexes[0], *indexes]),
        change(4, lambda indexes: [*indexes, 1000]),
        change(4, lambda indexes: indexes[1:]),
        change(4, lambda indexes: [*indexes[:-1], "0"]),
        change(4, []),
        change(4, {}),
    ],
)  # fmt: skip
def test_a_malformed_derived_proof_is_refused(view, loader, malform):
    value = value_of(malform(parts_of(view)))
    with pytest.raises(ProofError):
        verify({**view, "proof": {**view["proof"], "proofValue": value}}, loader)


def test_the_helpers_of_these_tests_leave_a_good_proof_good(view, loader):
    assert value_of(parts_of(view)) == view["proof"]["proofValue"]


@each(
    "value",
    [
        "",
        "u",
        "u2V0B",
        "u2V0C" + "A" * 20,
        "z2V0B",
        "u2V0B=",
        "u2V0B$$$$",
        "u2V0Bé",
        "2V0B",
        "u" + "A",
    ],
)
def test_what_is_no_derived_proof_at_all_is_refused(view, loader, value):
    with pytest.raises(ProofError):
        verify({**view, "proof": {**view["proof"], "proofValue": value}}, loader)


def test_padding_bits_and_bytes_left_over_are_refused(view, loader):
    value = view["proof"]["proofValue"]
    data = base64.urlsafe_b64decode(value[1:] + "===")
    longer = "u" + base64.urlsafe_b64encode(data + b"\0").rstrip(b"=").decode()
    indefinite = value_of(parts_of(view), indefinite_containers=True)
    for other in (longer, indefinite, value + "=="):
        with pytest.raises(ProofError):
            verify({**view, "proof": {**view["proof"], "proofValue": other}}, loader)
    # One spelling in base64url, too: the last character must have no bits to spare.
    spare = {1: 4, 2: 2}.get(len(data) % 3)
    if spare:
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        other = value[:-1] + alphabet[alphabet.index(value[-1]) + 1]
        with pytest.raises(ProofError, match="left over"):
            verify({**view, "proof": {**view["proof"], "proofValue": other}}, loader)


@each(
    "malform",
    [
        lambda parts: parts[:4],
        change(2, b"\0" * 31),
        change(2, "text"),
        change(4, [5]),
        change(4, "text"),
        change(4, ["no pointer"]),
        change(4, ["/absent"]),
        change(3, lambda signatures: signatures[:-1]),
    ],
)
def test_a_malformed_base_proof_is_not_derived_from(base, loader, malform):
    value = value_of(malform(parts_of(base)), sd_value.BASE_HEADER)
    with pytest.raises(ProofError):
        derive({**base, "proof": {**base["proof"], "proofValue": value}}, ["/credentialSubject/mass"], loader=loader)


@settings(max_examples=example_count(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000), st.integers(0, 7))
def test_no_flipped_bit_gets_through(view, loader, place, bit):
    data = bytearray(base64.urlsafe_b64decode(view["proof"]["proofValue"][1:] + "==="))
    data[place % len(data)] ^= 1 << bit
    value = "u" + base64.urlsafe_b64encode(bytes(data)).rstrip(b"=").decode()
    with pytest.raises(DocumentError):
        verify({**view, "proof": {**view["proof"], "proofValue": value}}, loader)


# --- blank nodes ----------------------------------------------------------------------------------------------------


def test_a_document_with_blank_nodes_is_disclosed_with_a_label_map(credential, sign, loader):
    base = sign(without_ids(credential), ["/issuer"])
    view = derive(base, ["/credentialSubject/reading/1", "/credentialSubject/part/part/mass"], loader=loader)
    assert verify(view, loader)
    assert view["credentialSubject"] == {"reading": [{"cells": 2, "mass": "2.0"}], "part": {"part": {"mass": "0.1"}}}
    labels = sd_value.decode_derived(view["proof"]["proofValue"]).labels
    assert sorted(labels) == [0, 1, 2, 3]  # subject, reading, part, inner


@each(
    "malform",
    [
        lambda labels: {},
        lambda labels: {n: masked for n, masked in labels.items() if n},
        lambda labels: {**labels, 99: b"\0" * 32},
        lambda labels: dict.fromkeys(labels, labels[0]),
        lambda labels: {n: labels[max(labels) - n] for n in labels},
        lambda labels: {n: b"\0" * 31 + bytes([n]) for n in labels},
    ],
)
def test_a_label_map_that_does_not_fit_is_refused(credential, sign, loader, malform):
    view = derive(sign(without_ids(credential), ["/issuer"]), ["/credentialSubject/reading"], loader=loader)
    parts = parts_of(view)
    parts[3] = malform(parts[3])
    with pytest.raises(ProofError):
        verify({**view, "proof": {**view["proof"], "proofValue": value_of(parts)}}, loader)


def test_a_view_names_what_its_pointers_name(base, loader, credential):
    for target in TARGETS:
        view = derive(base, [target], loader=loader)
        selected = pointers.select(credential, [*MANDATORY, target])
        assert {key: value for key, value in view.items() if key != "proof"} == selected


def test_nothing_is_left_of_the_base_proof_in_a_view(base, view):
    hmac_key = sd_value.decode_base(base["proof"]["proofValue"]).hmac_key
    assert hmac_key not in base64.urlsafe_b64decode(view["proof"]["proofValue"][1:] + "===")
    assert view["proof"]["cryptosuite"] == ecdsa_sd_2023.NAME
