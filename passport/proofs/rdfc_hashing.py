"""From a document and the options of its proof to the bytes that are signed, for the suites that canonicalise RDF.

1. The proof configuration is the proof without its value, under the *document's* ``@context``: the words of the proof
mean what they mean in the document. 2. Configuration and document are canonicalised with RDFC-1.0, apart from each
other. 3. What is signed is hash(configuration) || hash(document).

(VC Data Integrity ECDSA Cryptosuites 1.0, sections 3.2.3 to 3.2.5; EdDSA Cryptosuites 1.0, sections 3.2.3 to 3.2.5)
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from passport.errors import ProofError
from passport.linked_data import jsonld
from passport.linked_data.contexts import ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.linked_data.walked import Listed, Walked
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


def canonical_bytes(
    document: JsonObject, *, algorithm: str, loader: ContextLoader, graph: Walked | Listed | None = None
) -> bytes:
    """The canonical N-Quads document of a JSON-LD document, in UTF-8.

    :param algorithm: the hash function inside RDFC-1.0, ``"sha256"`` or ``"sha384"``.
    :param graph: of the document, where the caller has made it.
    :raises UnsafeJsonLd: something in it would not be signed.
    :raises UnknownContext: a context is not pinned.
    :raises CanonicalizationLimit: its blank nodes would take more work than is allowed.
    """
    return (graph or jsonld.graph(document, loader=loader)).canonical_bytes(algorithm)


def configuration_hash(document: JsonObject, options: JsonObject, *, algorithm: str, loader: ContextLoader) -> bytes:
    """Hash of the canonical proof configuration (sections 3.2.4 and 3.2.5).

    The proofs of one key differ in ``created`` alone: the canonical form of the rest is remembered.

    :raises ProofError: the document has no ``@context``; and as :func:`canonical_bytes`.
    """
    created, context = options.get("created"), document.get("@context")
    if type(created) is str and type(context) is list and _PLAIN_INSTANT(created):
        rest = tuple([pair for pair in options.items() if pair[0] not in _ASIDE])
        try:
            around = loader.configurations[rest, tuple(context), algorithm]
        except (KeyError, TypeError):  # not known yet, or something that is no text
            around = _around_created(rest, context, algorithm, loader) if _is_usual(rest, context) else None
        if around is not None:
            return digest(f"{around[0]}{created}{around[1]}".encode(), algorithm)
    configuration = proof_configuration(document, options)
    return digest(canonical_bytes(configuration, algorithm=algorithm, loader=loader), algorithm)


# Stands for itself in a literal of N-Quads. Another spelling of `created` takes the long way.
_PLAIN_INSTANT = re.compile(r"[0-9TZ:.+-]{1,40}").fullmatch
#: Not in the configuration, the document's, or the part that differs.
_ASIDE = frozenset({"proofValue", "@context", "created"})
# Each is a property of its own, so that the order of the statements does not depend on what they say.
_USUAL = frozenset({"type", "cryptosuite", "verificationMethod", "proofPurpose"})
_MAX_LENGTH = 500
_REMEMBERED = 256
_PLACEHOLDER = "1970-01-01T00:00:00Z"


def _is_usual(rest: tuple[tuple[str, Any], ...], context: list[Any]) -> bool:
    return (
        set(map(type, context)) == {str}
        and _USUAL.issuperset([key for key, _ in rest])
        and all(type(value) is str and len(value) <= _MAX_LENGTH for _, value in rest)
    )


def _around_created(
    rest: tuple[tuple[str, Any], ...], context: list[str], algorithm: str, loader: ContextLoader
) -> tuple[str, str] | None:
    """The canonical form of a proof configuration before and after the text of ``created``. None if it is elsewhere.

    Only usual configurations are kept, so that one that is found among them needs no second look.
    """
    key = (rest, tuple(context), algorithm)
    if key in loader.configurations:
        return loader.configurations[key]
    configuration = {**dict(rest), "created": _PLACEHOLDER, "@context": list(context)}
    text = canonical_bytes(configuration, algorithm=algorithm, loader=loader).decode("utf-8")
    quoted = f'"{_PLACEHOLDER}"'
    before, _, after = text.partition(quoted)
    around = (f'{before}"', f'"{after}') if text.count(quoted) == 1 else None
    if len(loader.configurations) >= _REMEMBERED:
        loader.configurations.clear()
    loader.configurations[key] = around
    return around


def hash_data(
    document: JsonObject, options: JsonObject, *, algorithm: str, loader: ContextLoader,
    graph: Walked | Listed | None = None,
) -> bytes:  # fmt: skip
    """What an rdfc suite signs: hash of the configuration, then hash of the document.

    :param algorithm: ``"sha256"`` or ``"sha384"``.
    :param graph: of the document, where the caller has made it.
    :raises ProofError: the document has no ``@context``; and as :func:`canonical_bytes`.
    """
    return configuration_hash(document, options, algorithm=algorithm, loader=loader) + digest(
        canonical_bytes(document, algorithm=algorithm, loader=loader, graph=graph), algorithm
    )


def digest(data: bytes, algorithm: str) -> bytes:
    """:param algorithm: ``"sha256"`` or ``"sha384"``."""
    return _HASHES[algorithm](data).digest()


_HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}
