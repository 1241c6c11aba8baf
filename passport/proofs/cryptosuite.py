"""The interface of cryptosuites, and the table of the known ones.

A suite turns a document and the options of a proof into a proof value, and checks one. It decides neither who may
sign nor whether a proof is in force: :mod:`passport.proofs.data_integrity` does that once for all suites. The table
is filled in ``passport/proofs/__init__.py``; a further suite (SM2, BBS) joins there without an edit elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from passport.errors import ProofError, UnknownProof
from passport.identity import Algorithm, Signer, VerificationMethod
from passport.linked_data.contexts import ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.linked_data.walked import Listed, Walked
from passport.texts import Message


class Cryptosuite(Protocol):
    """One way of signing, as its specification names it."""

    @property
    def name(self) -> str:
        """As ``cryptosuite`` in a proof."""

    @property
    def algorithms(self) -> frozenset[Algorithm]:
        """Kinds of key it works with."""

    @property
    def context_in_proof(self) -> bool:
        """Whether the proof repeats the document's ``@context``, as the jcs suites want it."""

    def create_proof_value(
        self,
        document: JsonObject,
        options: JsonObject,
        signer: Signer,
        *,
        mandatory_pointers: Sequence[str],
        loader: ContextLoader,
        graph: Walked | Listed | None = None,
    ) -> str:
        """Sign.

        :param document: the unsecured document (in a proof chain it holds the proofs that are signed with it).
        :param options: the proof without ``proofValue``.
        :param mandatory_pointers: for suites with selective disclosure; others refuse them.
        :param graph: the graph of ``document``, where the caller has made it; None: a suite that signs RDF makes it.
        :return: the ``proofValue``.
        """

    def verify_proof_value(
        self,
        document: JsonObject,
        proof: JsonObject,
        method: VerificationMethod,
        *,
        loader: ContextLoader,
        graph: Walked | None = None,
    ) -> bool:
        """Check a proof; ``document`` and ``graph`` as for signing, ``proof`` whole.

        A suite may have a method ``postponed`` beside it, with the same parameters: it checks all but the signature,
        and returns a function that verifies that one.

        :return: whether the proof is one derived from another, so that the document may be a part of what was signed.
        :raises ProofError: the value is malformed or does not verify.
        """


CRYPTOSUITES: dict[str, Cryptosuite] = {}


def register(suite: Cryptosuite) -> None:
    """Add a suite to the table under its name."""
    CRYPTOSUITES[suite.name] = suite


def find(name: object) -> Cryptosuite:
    """The suite of that name.

    :raises UnknownProof: it is not known.
    :raises ProofError: it is no name.
    """
    if not isinstance(name, str) or not name:
        raise ProofError(Message("the proof names no cryptosuite"), expected=Message("a name"), found=repr(name)[:80])
    suite = CRYPTOSUITES.get(name)
    if suite is None:
        raise UnknownProof(
            Message("unknown cryptosuite"),
            expected=Message("one of {names}", names=", ".join(sorted(CRYPTOSUITES))),
            found=repr(name)[:80],
        )
    return suite
