"""Making credentials: check first, then sign.

1. The document is a credential of VC Data Model 2.0 and its issuer is this one.
2. Everything in it is defined by a pinned context; nothing is a float, a null or a blank node. What expansion would
   drop would not be signed, and what has no name of its own cannot be disclosed on its own (docs/decisions/0003).
3. It carries no proof yet. Then, and only then, the key is used.
4. The first signature of each kind is verified with the key of the DID document before it is handed out, so that
   nothing is stored that an outside verifier refuses.

The key itself is held against the DID document when the issuer is made: a foreign key signs nothing.

    issuer = Issuer(signer.public_key.did_key, signer)
    signed = issuer.issue(credential, created=now)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from passport.credentials import credential as vcdm
from passport.credentials.checks.related import check_related
from passport.credentials.checks.signature_check import check_signature
from passport.errors import (
    ForeignKey,
    MalformedCredential,
    PassportError,
    Respelled,
    UnresolvableDid,
    UnsafeJsonLd,
    UnverifiedSignature,
    UsageError,
)
from passport.identity import DidResolver, Signer
from passport.linked_data import compiled, jsonld, spelling
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.proofs.data_integrity import add_proof
from passport.texts import Message

DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"


@dataclass(frozen=True)
class Issuer:
    """Somebody with a DID and a key who signs credentials, and as a holder presentations.

    :param id: the DID of ``issuer``.
    :param resolver: the DID document of a did:web issuer. Without it, its key and its first signature cannot be held
        against anything; :meth:`passport.project.Project.issuer_with_key` always hands it over. A did:key needs none.
    :raises UsageError: the signer's verification method belongs to another DID, so nothing signed would verify.
    :raises ForeignKey: the DID document gives another key for the verification method.
    :raises ProofError: the DID document has no such verification method for ``assertionMethod``.
    """

    id: str
    signer: Signer
    resolver: DidResolver = field(default_factory=DidResolver, repr=False, compare=False)
    _proved: set[tuple[str, str]] = field(default_factory=set, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        url = self.signer.verification_method
        controller = url.partition("#")[0]
        if controller != self.id:
            raise UsageError(
                Message("the key belongs to another issuer"),
                expected=Message("a key of {id}", id=self.id),
                found=controller,
            )
        if self.is_resolvable:
            # Before any end of the key: whether it still counts is asked with the first signature, at its instant.
            method = self.resolver.verification_method(url, "assertionMethod", at=datetime(1, 1, 1, tzinfo=UTC))
            if method.public_key != self.signer.public_key:
                raise ForeignKey(
                    Message("the private key is not the one of {url}", url=url),
                    expected=method.public_key.multikey,
                    found=self.signer.public_key.multikey,
                )

    @property
    def is_resolvable(self) -> bool:
        """Whether the DID document of this issuer is at hand."""
        try:
            self.resolver.resolve(self.id)
        except UnresolvableDid:
            return False
        return True

    def issue(
        self,
        credential: JsonObject,
        *,
        created: datetime,
        cryptosuite: str = "ecdsa-rdfc-2019",
        mandatory_pointers: Sequence[str] = (),
        allow_blank_nodes: bool = False,
        foreign: bool = False,
        loader: ContextLoader = PINNED,
    ) -> JsonObject:
        """``credential``, signed. The argument is left as it is.

        :param created: instant of signing, aware.
        :param mandatory_pointers: for ecdsa-sd-2023, what every derived view shows (RFC 6901).
        :param allow_blank_nodes: sign nodes without an id too; for documents that others designed.
        :param foreign: sign credentials of VCDM 1.1 too, and with them fractions as JSON numbers, and base directions,
            of which an RDF signature knows nothing; for test suites.
        :raises MalformedCredential: not VCDM 2.0, of another issuer, or signed already.
        :raises Respelled: a value of our own context in another spelling than this project writes.
        :raises UnsafeJsonLd: an undefined term, a relative IRI, a float, a null or a blank node.
        :raises UnknownContext: a context that is not pinned.
        :raises UnverifiedSignature: the first signature does not verify with the key of the DID document.
        """
        # One walk for all that is asked of the document. What it does not know is asked as if there were none.
        walked = compiled.walk(credential, loader=loader) if "proof" not in credential else None
        vcdm.check_credential(credential, allow_v1=foreign, cryptosuite=cryptosuite, walked=walked)
        check_related(credential)
        if vcdm.is_v1(credential) and DATA_INTEGRITY_V2 not in credential["@context"]:
            # Its own context does not know the words of a proof. (VC Data Integrity 1.0, section 2.4.1)
            credential, walked = {**credential, "@context": [*credential["@context"], DATA_INTEGRITY_V2]}, None
        if vcdm.issuer_id(credential) != self.id:
            raise MalformedCredential("issuer", expected=self.id, found=vcdm.issuer_id(credential))
        if "proof" in credential:
            raise MalformedCredential(Message("the credential is signed already"), expected=Message("no proof"))
        if (where := spelling.respelled(credential, loader=loader, walked=walked)) is not None:
            raise Respelled(where)
        graph = walked or jsonld.graph(
            credential, loader=loader, refuse_floats=not foreign, refuse_unsigned=not foreign
        )
        if not allow_blank_nodes and graph.has_blank_nodes:
            for quad in graph.quads():
                if quad.subject.startswith("_:") or quad.object.startswith("_:"):
                    raise UnsafeJsonLd(
                        Message("a node without an id"),
                        expected=Message("an id for every nested object"),
                        found=Message("one under or with {predicate}", predicate=quad.predicate),
                        hint=Message("Give the nested object an id under the credential's own."),
                    )
        signed = add_proof(
            credential,
            self.signer,
            cryptosuite=cryptosuite,
            created=created,
            mandatory_pointers=mandatory_pointers,
            loader=loader,
            graph=graph,
        )
        return self._proven(signed, cryptosuite, "assertionMethod", created, loader)

    def present(
        self,
        credentials: Sequence[JsonObject],
        *,
        challenge: str,
        domain: str,
        created: datetime,
        holder: str | None = None,
        cryptosuite: str = "ecdsa-rdfc-2019",
        loader: ContextLoader = PINNED,
    ) -> JsonObject:
        """A presentation of ``credentials`` signed for one verifier and one occasion.

        :param challenge: the verifier's challenge; :param domain: the verifier that it is signed for.
        :raises UsageError: ``holder`` is another party, or challenge or domain are empty.
        """
        if holder not in (None, self.id):
            raise UsageError(Message("only the holder can sign a presentation"), expected=self.id, found=holder)
        if not challenge or not domain:
            raise UsageError(
                Message("a presentation is signed for one verifier"),
                expected=Message("a challenge and a domain"),
                hint=Message("Without both, a reader of the presentation can present it again elsewhere."),
            )
        unsigned = presentation(credentials, holder=self.id)
        vcdm.check_presentation(unsigned, cryptosuite=cryptosuite)
        signed = add_proof(
            unsigned,
            self.signer,
            cryptosuite=cryptosuite,
            created=created,
            purpose="authentication",
            challenge=challenge,
            domain=domain,
            loader=loader,
        )
        return self._proven(signed, cryptosuite, "authentication", created, loader)

    def _proven(
        self, signed: JsonObject, cryptosuite: str, purpose: str, created: datetime, loader: ContextLoader
    ) -> JsonObject:
        """``signed``, verified as others will, where it is the first of its kind.

        :raises UnverifiedSignature: it does not verify.
        """
        kind = (cryptosuite, purpose)
        if kind not in self._proved and self.is_resolvable:
            try:
                check_signature(signed, self.resolver, controller=self.id, at=created, purpose=purpose, loader=loader)
            except PassportError as error:
                raise UnverifiedSignature(
                    Message("the first signature of this run does not verify"), found=str(error)
                ) from error
            self._proved.add(kind)
        return signed


def presentation(
    credentials: Iterable[JsonObject],
    *,
    id: str | None = None,
    holder: str | None = None,
    did_documents: Iterable[JsonObject] = (),
) -> JsonObject:
    """An unsigned presentation: the form in which a passport is saved.

    :param credentials: signed credentials, and the status list credentials that go with them.
    :param did_documents: documents of did:web issuers, so that the signatures can be checked offline. They show that
        the file fits together, not who the issuer is (``credentials.verifier``).
    """
    enclosed = [{"@type": "@json", "@value": document} for document in did_documents]
    return {
        "@context": [vcdm.CREDENTIALS_V2],
        **({} if id is None else {"id": id}),
        "type": [vcdm.VERIFIABLE_PRESENTATION],
        **({} if holder is None else {"holder": holder}),
        "verifiableCredential": list(credentials),
        **({vcdm.DID_DOCUMENT: enclosed} if enclosed else {}),
    }
