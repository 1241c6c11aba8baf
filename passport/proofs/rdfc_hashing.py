"""From a document and the options of its proof to the bytes that are signed, for the suites that canonicalise RDF.

1. The proof configuration is the proof without its value, under the *document's* ``@context``: the words of the proof
mean what they mean in the document. 2. Configuration and document are canonicalised with RDFC-1.0, apart from each
other. 3. What is signed is hash(configuration) || hash(document).

(VC Data Integrity ECDSA Cryptosuites 1.0, sections 3.2.3 to 3.2.5; EdDSA Cryptosuites 1.0, sections 3.2.3 to 3.2.5)
"""

from __future__ import annotations

import hashlib

from passport.errors import ProofError
from passport.linked_data import jsonld
from passport.linked_data.contexts import ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.linked_data.rdfc10 import CanonicalDataset
from passport.texts import Message


def proof_configuration(document: JsonObject, options: JsonObject) -> JsonObject:
    """The proof without its value, under the document's contexts.

    :raises ProofError: the document has no ``@context``.
    """
    if "@context" not in document:
        raise ProofError(
            Message("the document has no @context, so its words have no meaning to sign"), expected=Message("@context")
        )
    configuration = {key: value for key, value in options.items() if key != "proofValue"}
    configuration["@context"] = document["@context"]
    return configuration


def canonical_form(document: JsonObject, *, algorithm: str, loader: ContextLoader) -> CanonicalDataset:
    """Canonical dataset of a JSON-LD document.

    :param algorithm: the hash function inside RDFC-1.0, ``"sha256"`` or ``"sha384"``.
    :raises UnsafeJsonLd: something in it would not be signed.
    :raises UnknownContext: a context is not pinned.
    :raises CanonicalizationLimit: its blank nodes would take more work than is allowed.
    """
    return jsonld.graph(document, loader=loader).canonical(algorithm)


def configuration_hash(document: JsonObject, options: JsonObject, *, algorithm: str, loader: ContextLoader) -> bytes:
    """Hash of the canonical proof configuration (sections 3.2.4 and 3.2.5).

    :raises ProofError: the document has no ``@context``; and as :func:`canonical_form`.
    """
    form = canonical_form(proof_configuration(document, options), algorithm=algorithm, loader=loader)
    return digest(form.text, algorithm)


def hash_data(document: JsonObject, options: JsonObject, *, algorithm: str, loader: ContextLoader) -> bytes:
    """What an rdfc suite signs: hash of the configuration, then hash of the document.

    :param algorithm: ``"sha256"`` or ``"sha384"``.
    :raises ProofError: the document has no ``@context``; and as :func:`canonical_form`.
    """
    return configuration_hash(document, options, algorithm=algorithm, loader=loader) + digest(
        canonical_form(document, algorithm=algorithm, loader=loader).text, algorithm
    )


def digest(text: str, algorithm: str) -> bytes:
    """Hash of a text's UTF-8 bytes."""
    return hashlib.new(algorithm, text.encode("utf-8")).digest()
