"""Changes of the wrapper, of proofs and of derived views."""

from __future__ import annotations

import copy
from random import Random

from passport.credentials.credential import DID_DOCUMENT
from passport.errors import PassportError
from passport.identity import did_web, multibase_decode, multibase_encode
from passport.proofs import ecdsa_sd_2023, sd_value
from passport.proofs.data_integrity import add_proof
from tests.torture.changes.draft import NAMESPACE, Draft
from tests.torture.changes.members import INSTANTS
from tests.torture.changes.spellings import spellings
from tests.torture.signed_world import CHALLENGE, CONDITION, LIST, MODEL_DETAIL, NOW, PASSPORT

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


# --- the wrapper ----------------------------------------------------------------------------------------------------


def wrapper_member(draft: Draft, chance: Random) -> None:
    if not isinstance(draft.document, dict):
        return
    stranger = draft.world.keys["stranger"]
    name = chance.choice(
        (
            "holder",
            "holder",
            "id",
            "credentialSubject",
            "issuer",
            "validUntil",
            "name",
            "termsOfUse",
            "evidence",
            "stateOfCharge",
            "typo",
            "proof",
            "type",
            "@id",
            "@graph",
            "@included",
            "credentialStatus",
            NAMESPACE + "stateOfCharge",
        )
    )
    values = {
        "holder": (stranger.id, {"id": stranger.id, "name": "x"}, None, draft.world.keys["holder"].id),
        "type": (
            ["VerifiablePresentation", PASSPORT],
            ["VerifiablePresentation", "VerifiableCredential"],
            "VerifiablePresentation",
            ["VerifiablePresentation", LIST],
        ),
        "proof": ({}, [], None, draft.world.file("presented").document["proof"]),
        "id": ("urn:x:wrapper", draft.world.originals[0].id),
    }.get(name, ({"stateOfCharge": "99"}, "x", None, [{"id": "urn:x:y"}], {"@type": "@json", "@value": {"a": 1}}))
    draft.document[name] = copy.deepcopy(chance.choice(values))


def enclosed_keys(draft: Draft, chance: Random) -> None:
    """A DID document in the file, of somebody else's DID with the stranger's key."""
    if not isinstance(draft.document, dict):
        return
    key = draft.world.keys["stranger"].signer.public_key
    did = chance.choice([issuer.id for issuer in draft.world.keys.values()])
    document = (
        did_web.document(did, {"key-1": key})
        if did.startswith("did:web")
        else {**did_web.document("did:web:x.example", {"key-1": key}), "id": did}
    )
    entry = chance.choice(({"@type": "@json", "@value": document}, document, {"@value": document}))
    present = draft.document.get(DID_DOCUMENT, [])
    draft.document[DID_DOCUMENT] = (
        [entry] if chance.random() < 0.5 else [*(present if isinstance(present, list) else [present]), entry]
    )


def members_not_in_a_list(draft: Draft, chance: Random) -> None:
    if isinstance(draft.document, dict) and "verifiableCredential" in draft.document:
        members = draft.members
        draft.document["verifiableCredential"] = chance.choice(
            (members[0] if members else {}, {"@set": members}, {"@list": members}, [members], {"0": members}, [])
        )


def without_a_wrapper(draft: Draft, chance: Random) -> None:
    draft.document = draft.member(chance) if chance.random() < 0.7 else draft.members


# --- proofs ---------------------------------------------------------------------------------------------------------


def _proof(draft: Draft, chance: Random) -> dict:
    holder = draft.member(chance) if chance.random() < 0.85 else draft.document
    value = holder.get("proof") if isinstance(holder, dict) else None
    value = chance.choice(value) if isinstance(value, list) and value else value
    return value if isinstance(value, dict) else {}


PROOF_VALUES: dict[str, tuple] = {
    "type": ("DataIntegrityProof2", "Ed25519Signature2020", ["DataIntegrityProof"], ["DataIntegrityProof", "X"], None),
    "cryptosuite": (
        "eddsa-rdfc-2022",
        "ecdsa-rdfc-2019",
        "ecdsa-sd-2023",
        "ecdsa-jcs-2019",
        "bbs-2023",
        "none",
        None,
        5,
        {"@value": "ecdsa-rdfc-2019", "@type": "https://w3id.org/security#cryptosuiteString"},
    ),
    "created": INSTANTS,
    "expires": ("2099-01-01T00:00:00Z", "2000-01-01T00:00:00Z", None),
    "proofPurpose": (
        "authentication",
        "assertionMethod",
        ["assertionMethod"],
        "https://w3id.org/security#assertionMethod",
    ),
    "challenge": ("c0ffef", "", CHALLENGE, None, [CHALLENGE]),
    "domain": ("evil.example.com", "passport.example.com", None, ["passport.example.com"]),
    "nonce": ("abc",),
    "previousProof": ("urn:x:before", []),
    "id": ("urn:x:proof", "relative", None),
    "name": ("x", None),
    "proofValue": ("", "z", "u", "zzzz", None, 5),
    "stateOfCharge": ("99",),
    "typo": ("x", None),
    "@context": ("https://www.w3.org/ns/credentials/v2", {"@vocab": "https://evil.example.com/#"}, None, []),
}


def proof_option(draft: Draft, chance: Random) -> None:
    name = chance.choice(list(PROOF_VALUES))
    _proof(draft, chance)[name] = copy.deepcopy(chance.choice(PROOF_VALUES[name]))


def proof_of_another_key(draft: Draft, chance: Random) -> None:
    issuer = draft.world.keys[chance.choice(list(draft.world.keys))]
    method = issuer.signer.verification_method
    _proof(draft, chance)["verificationMethod"] = chance.choice(
        (method, {"id": method}, {"id": method, "controller": issuer.id}, [method], method.split("#")[0], None, 5)
    )


def proof_option_respelled(draft: Draft, chance: Random) -> None:
    proof = _proof(draft, chance)
    if proof:
        key = chance.choice(list(proof))
        proof[key] = copy.deepcopy(chance.choice(list(spellings(proof[key], chance))))


def proof_set(draft: Draft, chance: Random) -> None:
    """Proofs beside the one: of a stranger, of an unknown suite, of nobody, chained."""
    member = draft.member(chance)
    proof = member.get("proof")
    if not isinstance(proof, dict) or member.get("issuer") == draft.world.keys["rival"].id:
        return
    issuer = draft.world.keys[chance.choice(("stranger", "rival", "holder"))]
    plain = {key: value for key, value in member.items() if key != "proof"}
    try:
        other = add_proof(plain, issuer.signer, cryptosuite="ecdsa-rdfc-2019", created=NOW)["proof"]
    except PassportError:
        other = {}
    unknown = {**proof, "cryptosuite": "future-rdfc-2030"}
    member["proof"] = chance.choice(
        (
            [proof, other],
            [other, proof],
            [other],
            [proof, unknown],
            [unknown],
            [proof],
            [proof, proof],
            [],
            {"proof": proof},
            [[proof]],
            [proof, {**other, "previousProof": "urn:x:1"}],
            [{**proof, "id": "urn:x:1"}, {**other, "previousProof": "urn:x:1"}],
            [proof, None],
            [proof, {}],
            {"@graph": proof},
            {"@set": [proof]},
            [proof, {**proof, "type": "Ed25519Signature2020"}],
        )
    )


def signature_twice(draft: Draft, chance: Random) -> None:
    """The second signature that anybody can make of one of ECDSA: the same ``r``, and ``n - s``."""
    proof = _proof(draft, chance)
    try:
        value = multibase_decode(proof.get("proofValue"))
    except PassportError:
        return
    if len(value) == 64:
        other = (ORDER - int.from_bytes(value[32:], "big")).to_bytes(32, "big")
        proof["proofValue"] = multibase_encode(value[:32] + other)


def proof_of_another(draft: Draft, chance: Random) -> None:
    """A proof, or only its value, from another document."""
    proof = draft.original(chance).get("proof")
    if chance.random() < 0.5:
        draft.member(chance)["proof"] = proof
    elif isinstance(proof, dict):
        _proof(draft, chance)["proofValue"] = proof.get("proofValue")


def presentation_proof_moved(draft: Draft, chance: Random) -> None:
    if isinstance(draft.document, dict):
        draft.document["proof"] = copy.deepcopy(draft.world.file("presented").document["proof"])
        if chance.random() < 0.5:
            draft.document["holder"] = draft.world.keys["holder"].id


def presentation_unsigned(draft: Draft, _: Random) -> None:
    if isinstance(draft.document, dict):
        draft.document.pop("proof", None)


def another_occasion(draft: Draft, chance: Random) -> None:
    draft.challenge = chance.choice(("c0ffef", CHALLENGE, None))
    draft.domain = chance.choice(("passport.example.com", "evil.example.com", None))


# --- derived views --------------------------------------------------------------------------------------------------


def _derived(draft: Draft, chance: Random) -> dict | None:
    found = [
        each
        for each in draft.members
        if isinstance(each, dict)
        and isinstance(each.get("proof"), dict)
        and each["proof"].get("cryptosuite") == "ecdsa-sd-2023"
    ]
    return chance.choice(found) if found else None


def thinned_further(draft: Draft, chance: Random) -> None:
    member = _derived(draft, chance)
    if member is None or not isinstance(member.get("credentialSubject"), dict):
        return
    keys = [key for key in member["credentialSubject"] if key not in ("id", "type", "recordedAt")]
    kept = [f"/credentialSubject/{key}" for key in keys if chance.random() < 0.5]
    try:
        thinner = ecdsa_sd_2023.thin(member, kept)
    except PassportError:
        return
    member.clear()
    member.update(thinner)


def views_mixed(draft: Draft, chance: Random) -> None:
    """Values, signatures or the whole proof of another view in this one."""
    member = _derived(draft, chance)
    others = [
        each.document for each in draft.world.originals if each.selective and each.kind in (CONDITION, MODEL_DETAIL)
    ]
    if member is None or not others or not isinstance(member.get("credentialSubject"), dict):
        return
    other = copy.deepcopy(chance.choice(others))
    subject = other["credentialSubject"]
    change = chance.choice(("value", "values", "proof", "value and proof", "subject"))
    key = chance.choice([name for name in subject if name not in ("id", "type")])
    if change in ("value", "value and proof"):
        member["credentialSubject"][key] = subject[key]
    if change == "values":
        member["credentialSubject"] = {**subject, **member["credentialSubject"]}
    if change in ("proof", "value and proof"):
        member["proof"] = other["proof"]
    if change == "subject":
        member["credentialSubject"] = subject


def derived_proof_changed(draft: Draft, chance: Random) -> None:
    """Signatures exchanged or taken away with their values, mandatory places and labels moved."""
    member = _derived(draft, chance)
    if member is None:
        return
    try:
        proof = sd_value.decode_derived(member["proof"].get("proofValue"))
    except PassportError:
        return
    signatures, labels, mandatory = list(proof.signatures), dict(proof.labels), list(proof.mandatory)
    change = chance.choice(("swap", "drop", "double", "labels", "mandatory", "fewer mandatory", "drop value"))
    if change == "swap":
        chance.shuffle(signatures)
    elif change in ("drop", "drop value") and signatures:
        del signatures[chance.randrange(len(signatures))]
        if change == "drop value" and isinstance(member.get("credentialSubject"), dict) and member["credentialSubject"]:
            member["credentialSubject"].pop(chance.choice(list(member["credentialSubject"])))
    elif change == "double" and signatures:
        signatures.append(signatures[0])
    elif change == "labels":
        labels[chance.randrange(4)] = bytes(32)
    elif change == "mandatory":
        mandatory = sorted({*mandatory, max(mandatory, default=0) + chance.randint(1, 3)})
    elif mandatory:
        mandatory.pop(chance.randrange(len(mandatory)))
    changed = sd_value.DerivedProof(proof.base_signature, proof.proof_key, tuple(signatures), labels, tuple(mandatory))
    member["proof"]["proofValue"] = changed.encode()
