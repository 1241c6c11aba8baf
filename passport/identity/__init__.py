"""Who signs: keys, Multikey, and the DIDs that name them (did:key, did:web). Nothing here touches a
network, but for :mod:`http_client` and :mod:`did_web_fetch`, which no verification imports."""

from passport.identity.did import DidResolver, VerificationMethod
from passport.identity.keys import Algorithm, PrivateKey, PublicKey
from passport.identity.multikey import decode_multikey, encode_multikey, multibase_decode, multibase_encode
from passport.identity.signer import KeySigner, Signer

__all__ = [
    "Algorithm",
    "DidResolver",
    "KeySigner",
    "PrivateKey",
    "PublicKey",
    "Signer",
    "VerificationMethod",
    "decode_multikey",
    "encode_multikey",
    "multibase_decode",
    "multibase_encode",
]
