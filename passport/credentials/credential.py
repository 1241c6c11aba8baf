"""What a credential or presentation must look like: Verifiable Credentials Data Model 2.0, checked by property.

``check_credential`` and ``check_presentation`` look at the JSON only and return nothing: a document that breaks the
model is refused with the name of the property, never repaired. They are run before signing and before verifying.

Two rules go beyond the model, because a proof covers the *graph* while this package, and those after it, read *keys*:

* No shape under which a property could be hidden from a reader of JSON while the graph stays the same: no absolute or
  compact IRI as a key, no ``@included``, ``@reverse``, ``@graph`` or ``@nest``; and where RDF is signed, no node that
  a verifier reads described in two places (:mod:`~passport.credentials.checks.split_nodes`). Otherwise a holder could
  move ``validUntil``, ``credentialStatus`` or the ``packs`` of a role out of sight, and the proof would still verify.
* Nesting, size and number of members are bounded, and walked without recursion.

Inline contexts, undefined terms and relative IRIs are not looked for here: JSON-LD expansion refuses them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from passport.credentials.checks.split_nodes import is_signed_as_graph, signs_graph
from passport.credentials.properties.document_shape import MAX_NODES, check_proof_shape, check_shape
from passport.credentials.properties.property_values import (
    check_id,
    check_text,
    check_typed,
    check_types,
    check_url,
    instant,
    objects,
    required_id,
    show,
)
from passport.credentials.properties.status_entry import check_list_entry
from passport.errors import MalformedCredential
from passport.linked_data.json_types import JsonObject
from passport.linked_data.walked import Walked
from passport.texts import Message

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
VERIFIABLE_CREDENTIAL = "VerifiableCredential"
VERIFIABLE_PRESENTATION = "VerifiablePresentation"
ENVELOPED_CREDENTIAL = "EnvelopedVerifiableCredential"
ENVELOPED_PRESENTATION = "EnvelopedVerifiablePresentation"
ENVELOPED_MEDIA_TYPES = ("application/vc+jwt", "application/vc+sd-jwt", "application/vc+cose")
ENVELOPED_PRESENTATION_MEDIA_TYPES = ("application/vp+jwt", "application/vp+sd-jwt", "application/vp+cose")

# Where a saved passport carries DID documents: an absolute IRI with a JSON literal is legal JSON-LD under any context.
DID_DOCUMENT = "https://w3id.org/battery-passport/ns#didDocument"
#: A checkpoint of the publisher's log in a saved passport, as a text: signed by itself, and no part of the passport.
LOG_CHECKPOINT = "logCheckpoint"

MAX_CREDENTIALS = 200
MAX_STATUS_ENTRIES = 64

_MEDIA_TYPE = re.compile(r"application/[a-z0-9][a-z0-9.+-]{0,60}")
_DIGEST_SRI = re.compile(r"sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}\Z")
_DIGEST_MULTIBASE = re.compile(r"[zu][A-Za-z0-9_-]+\Z")
#: What is checked of every credential. One that has nothing else has nothing else to check.
_USUAL_MEMBERS = frozenset({
    "@context", "id", "type", "issuer", "name", "description", "validFrom", "validUntil", "credentialStatus",
    "credentialSubject", "proof",
})  # fmt: skip


def check_credential(
    document: Any, *, allow_v1: bool = False, cryptosuite: str | None = None, walked: Walked | None = None
) -> None:
    """Return if ``document`` is a credential of VCDM 2.0; whether it is secured is not looked at.

    :param allow_v1: take a credential of VCDM 1.1 too, for documents of others; nothing here makes one.
    :param cryptosuite: the suite that is about to sign it, besides those of the proofs that it has.
    :param walked: the graph of ``document`` without its proofs, where the caller has made it: a document that could be
        walked has plain keys and is not deep, and the walk tells whether a node is described twice.
    :raises MalformedCredential: it is not; the message names the property.
    :raises SplitNode: RDF is signed, and something that a verifier reads is described in two places.
    """
    _check_envelope(
        document, VERIFIABLE_CREDENTIAL, VERIFIABLE_PRESENTATION,
        allow_v1=allow_v1, cryptosuite=cryptosuite, walked=walked,
    )  # fmt: skip
    if is_v1(document) and "issuanceDate" not in document:
        raise MalformedCredential(
            Message("issuanceDate is missing"), expected=Message("an instant, as VCDM 1.1 wants it")
        )
    _check_issuer(document)
    _check_subjects(document)
    _check_validity(document)
    _check_status(document)
    if _USUAL_MEMBERS.issuperset(document):
        return
    for entry in objects(document, "credentialSchema"):
        required_id(entry, "credentialSchema.id")
    for name in ("credentialSchema", "refreshService", "termsOfUse", "evidence", "confidenceMethod", "renderMethod"):
        for entry in objects(document, name):
            check_typed(entry, name)
    _check_related(document)


def check_presentation(document: Any, *, allow_v1: bool = False, cryptosuite: str | None = None) -> None:
    """Return if ``document`` is a presentation of VCDM 2.0. The credentials in it are not looked into.

    :param allow_v1: take a presentation of VCDM 1.1 too.
    :param cryptosuite: the suite that is about to sign it, besides those of the proofs that it has.
    :raises MalformedCredential: it is not, or it holds more than 200 credentials.
    :raises SplitNode: RDF is signed, and something is said of the presentation in another place.
    """
    _check_envelope(
        document, VERIFIABLE_PRESENTATION, VERIFIABLE_CREDENTIAL, allow_v1=allow_v1, cryptosuite=cryptosuite
    )
    if "holder" in document:
        holder = document["holder"]
        check_url(holder.get("id") if isinstance(holder, dict) else holder, "holder")
    for entry in objects(document, "termsOfUse"):
        check_typed(entry, "termsOfUse")
    count = sum(1 for _ in objects(document, "verifiableCredential"))
    if count > MAX_CREDENTIALS:
        raise MalformedCredential(
            Message("too many credentials in one presentation"),
            expected=Message("at most {max_credentials}", max_credentials=MAX_CREDENTIALS),
            found=str(count),
        )


def check_enveloped(document: Any) -> tuple[str, str]:
    """Media type and content of an enveloped credential or presentation. (VCDM 2.0, sections 4.12.1 and 4.13.2)

    A media type of another kind than those of W3C is given back too: it is for the caller to say that it is not known.

    The content of a COSE message is base64, all others are text.

    It consists of ``@context``, ``type`` and a ``data:`` URL in ``id``; any other member would be unsigned.

    :raises MalformedCredential: it does not.
    """
    if not isinstance(document, dict):
        raise MalformedCredential(Message("not a JSON object"), found=type(document).__name__)
    context = document.get("@context")
    if CREDENTIALS_V2 not in (context if isinstance(context, list) else [context]):
        raise MalformedCredential("@context", expected=CREDENTIALS_V2, found=show(context))
    kinds = types(document)
    if kinds not in ((ENVELOPED_CREDENTIAL,), (ENVELOPED_PRESENTATION,)):
        raise MalformedCredential(
            "type",
            expected=Message(
                "{enveloped_credential} or {enveloped_presentation}",
                enveloped_credential=ENVELOPED_CREDENTIAL,
                enveloped_presentation=ENVELOPED_PRESENTATION,
            ),
            found=show(document.get("type")),
        )
    if unknown := sorted(document.keys() - {"@context", "id", "type"}):
        raise MalformedCredential(
            Message("{member} beside an envelope", member=show(unknown[0])),
            expected=Message("@context, id and type alone"),
        )
    allowed, others = ENVELOPED_MEDIA_TYPES, ENVELOPED_PRESENTATION_MEDIA_TYPES
    if kinds != (ENVELOPED_CREDENTIAL,):
        allowed, others = others, allowed
    name = document.get("id")
    media_type, comma, content = name.removeprefix("data:").partition(",") if isinstance(name, str) else ("", "", "")
    # A COSE message is binary, and a URL takes binary as base64 only.
    encoded = media_type.endswith(";base64")
    media_type = media_type.removesuffix(";base64")
    if (
        not isinstance(name, str)
        or not name.startswith("data:")
        or not comma
        or media_type in others
        or (media_type in allowed and encoded is not media_type.endswith("+cose"))
        or not _MEDIA_TYPE.fullmatch(media_type)
    ):
        raise MalformedCredential(
            "id", expected=Message("a data: URL of one of {names}", names=", ".join(allowed)), found=show(name)
        )
    return media_type, content


# --- reading what was checked ---------------------------------------------------------------------------------------


def types(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The values of ``type``, in order."""
    value = document.get("type", [])
    return tuple([entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, str)])


def is_presentation(document: Any) -> bool:
    """Whether ``document`` says of itself that it is a presentation."""
    return isinstance(document, dict) and VERIFIABLE_PRESENTATION in types(document)


def is_enveloped(document: Any) -> bool:
    """Whether ``document`` says of itself that it is an enveloped credential."""
    return isinstance(document, dict) and ENVELOPED_CREDENTIAL in types(document)


def is_enveloped_presentation(document: Any) -> bool:
    """Whether ``document`` says of itself that it is an enveloped presentation."""
    return isinstance(document, dict) and ENVELOPED_PRESENTATION in types(document)


def is_v1(document: Any) -> bool:
    """Whether ``document`` says of itself that it follows VCDM 1.1."""
    context = document.get("@context") if isinstance(document, dict) else None
    return isinstance(context, list) and bool(context) and context[0] == CREDENTIALS_V1


def issuer_id(document: Mapping[str, Any]) -> str:
    """The URL in ``issuer``, or in its ``id``.

    :raises MalformedCredential: there is none.
    """
    issuer = document.get("issuer")
    return check_url(issuer.get("id") if isinstance(issuer, dict) else issuer, "issuer")


def holder_id(presentation: JsonObject) -> str | None:
    """The URL in ``holder``, or in its ``id``; None where the presentation names no holder."""
    holder = presentation.get("holder")
    name = holder.get("id") if isinstance(holder, dict) else holder
    return name if isinstance(name, str) else None


def subjects(document: Mapping[str, Any]) -> tuple[JsonObject, ...]:
    """The subjects of a credential."""
    return tuple(objects(document, "credentialSubject"))


def status_entries(document: Mapping[str, Any]) -> tuple[JsonObject, ...]:
    """The entries of ``credentialStatus``; empty where there is none."""
    return tuple(objects(document, "credentialStatus"))


def credentials(presentation: JsonObject) -> tuple[JsonObject, ...]:
    """The documents in ``verifiableCredential``, in order."""
    return tuple(objects(presentation, "verifiableCredential"))


def valid_from(document: Mapping[str, Any]) -> datetime | None:
    """``validFrom`` (of VCDM 1.1: ``issuanceDate``) as an aware instant in UTC, None where open."""
    return instant(document, "issuanceDate" if is_v1(document) else "validFrom")


def valid_until(document: Mapping[str, Any]) -> datetime | None:
    """``validUntil`` (of VCDM 1.1: ``expirationDate``) as an aware instant in UTC, None where open."""
    return instant(document, "expirationDate" if is_v1(document) else "validUntil")


@lru_cache(maxsize=64)
def date_time(at: datetime) -> str:
    """``at`` as a credential has it: UTC, whole seconds."""
    return at.astimezone(UTC).isoformat()[:19] + "Z"


# --- the properties, one by one -------------------------------------------------------------------------------------


def _check_envelope(
    document: Any,
    required_type: str,
    excluded_type: str,
    *,
    allow_v1: bool,
    cryptosuite: str | None,
    walked: Walked | None = None,
) -> None:
    if not isinstance(document, dict):
        raise MalformedCredential(Message("not a JSON object"), found=type(document).__name__)
    if walked is not None and walked.once and walked.size <= MAX_NODES:
        # Nodes that are described once are split nowhere; of keys and depth the walk has seen all but the proofs.
        if "proof" in document:
            check_proof_shape(document["proof"])
    else:
        # A presentation describes its credentials where they are; inside one, each is checked on its own.
        apart = ("verifiableCredential", DID_DOCUMENT) if is_presentation(document) else ()
        as_graph = signs_graph(cryptosuite) or is_signed_as_graph(document)
        check_shape(document, apart=apart, as_graph=as_graph)
    context = document.get("@context")
    entries = context if isinstance(context, list) else []
    first = entries[0] if entries else None
    if first != CREDENTIALS_V2 and not (allow_v1 and first == CREDENTIALS_V1):
        raise MalformedCredential(
            "@context",
            expected=Message("a list that begins with {credentials_v2}", credentials_v2=CREDENTIALS_V2),
            found=show(context),
        )
    for entry in entries[1:]:
        if not isinstance(entry, dict):
            check_url(entry, "@context")
    check_id(document, "id")
    check_types(document.get("type"), "type")
    kinds = types(document)
    if required_type not in kinds:
        raise MalformedCredential("type", expected=required_type, found=show(document.get("type")))
    if excluded_type in kinds:
        raise MalformedCredential(
            "type",
            expected=Message(
                "{required_type} or {excluded_type}", required_type=required_type, excluded_type=excluded_type
            ),
            found=Message("both"),
        )
    for name in ("name", "description"):
        check_text(document, name)
    for entry in objects(document, "proof"):
        check_typed(entry, "proof")


def _check_issuer(document: JsonObject) -> None:
    if "issuer" not in document:
        raise MalformedCredential(Message("issuer is missing"))
    issuer_id(document)
    if isinstance(document["issuer"], dict):
        for name in ("name", "description"):
            check_text(document["issuer"], name, "issuer.")


def _check_subjects(document: JsonObject) -> None:
    subject = document.get("credentialSubject")
    subject_objects = (
        [subject] if type(subject) is dict else list(objects(document, "credentialSubject", required=True))
    )
    if not subject_objects or not all(subject_objects):
        raise MalformedCredential("credentialSubject", expected=Message("one or more objects that say something"))
    for subject in subject_objects:
        check_id(subject, "credentialSubject.id")
        if "type" in subject:
            check_types(subject["type"], "credentialSubject.type")


def _check_validity(document: JsonObject) -> None:
    if not is_v1(document) and "validFrom" not in document and "validUntil" not in document:
        return
    first, last = valid_from(document), valid_until(document)
    if first is not None and last is not None and last < first:
        raise MalformedCredential(
            "validUntil",
            expected=Message("an instant after validFrom, {start}", start=date_time(first)),
            found=date_time(last),
        )


def _check_status(document: JsonObject) -> None:
    for count, entry in enumerate(objects(document, "credentialStatus"), 1):
        if count > MAX_STATUS_ENTRIES:
            raise MalformedCredential(
                "credentialStatus",
                expected=Message("at most {max_status_entries} entries", max_status_entries=MAX_STATUS_ENTRIES),
                found=Message("more"),
            )
        check_typed(entry, "credentialStatus")
        if "BitstringStatusListEntry" not in types(entry):
            continue
        check_list_entry(entry)


def _check_related(document: JsonObject) -> None:
    seen: set[str] = set()
    for entry in objects(document, "relatedResource"):
        resource = required_id(entry, "relatedResource.id")
        if resource in seen:
            raise MalformedCredential(
                "relatedResource.id", expected=Message("each resource once"), found=show(resource)
            )
        seen.add(resource)
        sri, multibase = entry.get("digestSRI"), entry.get("digestMultibase")
        if sri is None and multibase is None:
            raise MalformedCredential(
                "relatedResource", expected=Message("digestSRI or digestMultibase"), found=show(resource)
            )
        for name, value, pattern in (
            ("digestSRI", sri, _DIGEST_SRI),
            ("digestMultibase", multibase, _DIGEST_MULTIBASE),
        ):
            if value is not None and not (isinstance(value, str) and pattern.match(value)):
                raise MalformedCredential(f"relatedResource.{name}", expected=Message("a digest"), found=show(value))
