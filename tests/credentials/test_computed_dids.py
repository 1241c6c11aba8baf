"""Issuers and holders whose DID is their key: did:jwk counts wherever did:key does."""

from __future__ import annotations

from passport.credentials.issuer import Issuer
from passport.credentials.verifier import Outcome
from passport.identity import KeySigner, PrivateKey, did_jwk
from passport.proofs.data_integrity import add_proof
from tests.each import each


def key_issuer(key: PrivateKey) -> Issuer:
    return Issuer(key.public_key.did_key, KeySigner(key))


def jwk_issuer(key: PrivateKey) -> Issuer:
    did = did_jwk.did_for(key.public_key)
    return Issuer(did, KeySigner(key, f"{did}#0"))


def test_an_issuer_with_a_did_jwk_is_trusted_like_one_with_a_did_key(world):
    issuer = jwk_issuer(PrivateKey.generate())
    entry = {"id": issuer.id, "name": {"en": "Example"}, "trustedFor": ["PackCredential"]}
    document = world.sign(world.unsigned(issuer=issuer.id, credentialStatus=...), issuer)
    assert world.verify(document, verifier=world.verifier(world.trust(entry))).verified is True
    assert world.verify(document).check(5).outcome is Outcome.FAILED
    other = jwk_issuer(PrivateKey.generate())
    moved = document | {"proof": world.sign(world.unsigned(issuer=other.id, credentialStatus=...), other)["proof"]}
    assert world.verify(moved, verifier=world.verifier(world.trust(entry))).verified is False


def test_a_holder_with_a_did_jwk_presents_like_one_with_a_did_key(world):
    holder = jwk_issuer(PrivateKey.generate())
    signed = holder.present(
        [world.role(holder.id)], challenge="nonce", domain="https://verifier.example", created=world.now,
        loader=world.loader,
    )  # fmt: skip
    result = world.verify(signed, challenge="nonce", domain="https://verifier.example")
    assert (result.verified, result.holder) == (True, holder.id)


@each("make", [key_issuer, jwk_issuer], ids=["did:key", "did:jwk"])
def test_a_proof_that_names_the_did_alone_means_its_one_key(world, make):
    issuer = make(PrivateKey.generate())
    signer = KeySigner(issuer.signer.private_key, issuer.id)
    entry = {"id": issuer.id, "name": {"en": "Example"}, "trustedFor": ["PackCredential"]}
    document = add_proof(
        world.unsigned(issuer=issuer.id, credentialStatus=...), signer, cryptosuite="ecdsa-rdfc-2019",
        created=world.now, loader=world.loader,
    )  # fmt: skip
    assert document["proof"]["verificationMethod"] == issuer.id
    assert world.verify(document, verifier=world.verifier(world.trust(entry))).verified is True
