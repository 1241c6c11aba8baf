"""Making credentials: check first, then sign.

1. The document is a credential of VC Data Model 2.0 and its issuer is this one.
2. Everything in it is defined by a pinned context; nothing is a float, a null or a blank node. What expansion would
   drop would not be signed, and what has no name of its own cannot be disclosed on its own (docs/decisions/0003).
3. It carries no proof yet. Then, and only then, the key is used.

    issuer = Issuer(signer.public_key.did_key, signer)
    signed = issuer.issue(credential, created=now)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from passport.credentials import credential as vcdm
from passport.credentials.related import check_related
from passport.errors import MalformedCredential, Respelled, UnsafeJsonLd, UsageError
from passport.identity import Signer
from passport.linked_data import jsonld, spelling
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.proofs.data_integrity import add_proof

DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"


@dataclass(frozen=True)
class Issuer:
    """Somebody with a DID and a key who signs credentials, and as a holder presentations.

    :param id: the DID that stands in ``issuer``.
    :raises UsageError: the signer's verification method belongs to another DID, so nothing signed would verify.
    """

    id: str
    signer: Signer

    def __post_init__(self) -> None:
        controller = self.signer.verification_method.partition("#")[0]
        if controller != self.id:
            raise UsageError("the key belongs to another issuer", expected=f"a key of {self.id}", found=controller)

    def issue(
        self,
        credential: dict,
        *,
        created: datetime,
        cryptosuite: str = "ecdsa-rdfc-2019",
        mandatory_pointers: Sequence[str] = (),
        allow_blank_nodes: bool = False,
        foreign: bool = False,
        loader: ContextLoader = PINNED,
    ) -> dict:
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
        """
        vcdm.check_credential(credential, allow_v1=foreign, cryptosuite=cryptosuite)
        check_related(credential)
        if vcdm.is_v1(credential) and DATA_INTEGRITY_V2 not in credential["@context"]:
            # Its own context does not know the words of a proof. (VC Data Integrity 1.0, section 2.4.1)
            credential = {**credential, "@context": [*credential["@context"], DATA_INTEGRITY_V2]}
        if vcdm.issuer_id(credential) != self.id:
            raise MalformedCredential("issuer", expected=self.id, found=vcdm.issuer_id(credential))
        if "proof" in credential:
            raise MalformedCredential("the credential is signed already", expected="no proof")
        if (where := spelling.respelled(credential, loader=loader)) is not None:
            raise Respelled(where)
        quads = jsonld.to_dataset(credential, loader=loader, refuse_floats=not foreign, refuse_unsigned=not foreign)
        if not allow_blank_nodes:
            for quad in quads:
                if quad.subject.startswith("_:") or quad.object.startswith("_:"):
                    raise UnsafeJsonLd(
                        "a node without an id",
                        expected="an id for every nested object",
                        found=f"one under or with {quad.predicate}",
                        hint="Give the nested object an id under the credential's own.",
                    )
        return add_proof(
            credential,
            self.signer,
            cryptosuite=cryptosuite,
            created=created,
            mandatory_pointers=mandatory_pointers,
            loader=loader,
        )

    def present(
        self,
        credentials: Sequence[dict],
        *,
        challenge: str,
        domain: str,
        created: datetime,
        holder: str | None = None,
        cryptosuite: str = "ecdsa-rdfc-2019",
        loader: ContextLoader = PINNED,
    ) -> dict:
        """A presentation of ``credentials`` signed for one verifier and one occasion.

        :param challenge: what the verifier asked to have signed; :param domain: whom it is signed for.
        :raises UsageError: ``holder`` is somebody else, or challenge or domain are empty.
        """
        if holder not in (None, self.id):
            raise UsageError("only the holder can sign a presentation", expected=self.id, found=holder)
        if not challenge or not domain:
            raise UsageError(
                "a presentation is signed for somebody",
                expected="a challenge and a domain",
                hint="Without both, whoever sees it can present it again elsewhere.",
            )
        unsigned = presentation(credentials, holder=self.id)
        vcdm.check_presentation(unsigned, cryptosuite=cryptosuite)
        return add_proof(
            unsigned,
            self.signer,
            cryptosuite=cryptosuite,
            created=created,
            purpose="authentication",
            challenge=challenge,
            domain=domain,
            loader=loader,
        )


def presentation(
    credentials: Iterable[dict],
    *,
    id: str | None = None,
    holder: str | None = None,
    did_documents: Iterable[dict] = (),
) -> dict:
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
