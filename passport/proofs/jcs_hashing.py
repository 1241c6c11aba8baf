"""From a document and the options of its proof to the bytes that are signed, for the suites that canonicalise JSON.

1. The proof repeats the document's ``@context``. Their specification lets a document grow further contexts after
   signing and hashes it with those of the proof; then words could change their meaning behind the signature. Here the
   two must be equal, which every signer in practice makes them.
2. Configuration (the proof without its value) and document are canonicalised with RFC 8785, apart from each other.
3. What is signed is hash(configuration) || hash(document).

The JSON itself is signed, order of arrays included. Contexts take no part in that, yet a program that reads it as
JSON-LD relies on them: so document and configuration are expanded in safe mode first, and a term that no context
defines, a context that is not pinned or an inline one is refused, when signing as when verifying.
(VC Data Integrity ECDSA Cryptosuites 1.0, section 3.3; EdDSA Cryptosuites 1.0, section 3.3)
"""

from __future__ import annotations

import hashlib

from passport.errors import ProofError
from passport.linked_data import jcs, jsonld
from passport.linked_data.contexts import ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.linked_data.walked import Listed, Walked
from passport.texts import Message


def hash_data(
    document: JsonObject, options: JsonObject, *, algorithm: str, loader: ContextLoader,
    graph: Walked | Listed | None = None,
) -> bytes:  # fmt: skip
    """What a jcs suite signs: hash of the configuration, then hash of the document.

    :param algorithm: ``"sha256"`` or ``"sha384"``.
    :param graph: of the document, where the caller has made it; the JSON is what is signed.
    :raises ProofError: the proof has other contexts than the document's.
    :raises MalformedDocument: the document has no canonical form.
    :raises UnsafeJsonLd: something in it is defined by no context; for a document that has contexts.
    :raises UnknownContext: a context is not pinned.
    """
    if "@context" in options and options["@context"] != document.get("@context"):
        raise ProofError(Message("the proof was made under other contexts than the document's"),
                         expected=Message("the same @context in the proof as in the document"))  # fmt: skip
    configuration = {key: value for key, value in options.items() if key != "proofValue"}
    if "@context" in document:
        if graph is None:
            jsonld.to_dataset(document, loader=loader)
        jsonld.to_dataset({**configuration, "@context": document["@context"]}, loader=loader)
    return b"".join(hashlib.new(algorithm, jcs.canonicalize(value)).digest() for value in (configuration, document))
