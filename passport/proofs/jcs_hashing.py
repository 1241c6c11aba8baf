"""From a document and the options of its proof to the bytes that are signed, for the suites that canonicalise JSON.

1. The proof repeats the document's ``@context``. Their specification lets a document grow further contexts after
   signing and hashes it with those of the proof; then words could change their meaning behind the signature. Here the
   two must be equal, which every signer in practice makes them.
2. Configuration (the proof without its value) and document are canonicalised with RFC 8785, apart from each other.
3. What is signed is hash(configuration) || hash(document).

The JSON itself is signed, undefined terms and order of arrays included; no context is processed.
(VC Data Integrity ECDSA Cryptosuites 1.0, section 3.3; EdDSA Cryptosuites 1.0, section 3.3)
"""

from __future__ import annotations

import hashlib

from passport.errors import ProofError
from passport.linked_data import jcs


def hash_data(document: dict, options: dict, *, algorithm: str) -> bytes:
    """What a jcs suite signs: hash of the configuration, then hash of the document.

    :param algorithm: ``"sha256"`` or ``"sha384"``.
    :raises ProofError: the proof has other contexts than the document.
    :raises MalformedDocument: the document has no canonical form.
    """
    if "@context" in options and options["@context"] != document.get("@context"):
        raise ProofError("the proof was made under other contexts than the document's")
    configuration = {key: value for key, value in options.items() if key != "proofValue"}
    return b"".join(hashlib.new(algorithm, jcs.canonicalize(value)).digest() for value in (configuration, document))
