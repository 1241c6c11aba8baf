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
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any

from passport.credentials.checks.split_nodes import check_split_nodes, is_signed_as_graph, signs_graph
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

MAX_DEPTH = 64
MAX_NODES = 500_000
MAX_CREDENTIALS = 200
MAX_STATUS_ENTRIES = 64

# VCDM 2.0, 4.9: dateTimeStamp, that is xsd:dateTime with a zone. Years outside 0001-9999 have no instant here.
_DATE_TIME = re.compile(
    r"(?P<date>\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))T"
    r"(?:(?P<time>(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?P<fraction>\.\d+)?|(?P<midnight>24:00:00(?:\.0+)?))"
    r"(?P<zone>Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))\Z",
    re.ASCII,
)
# Control characters are out, C1 ones too: ids and types are shown on terminals, which take some of them as commands.
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f-\x9f]+\Z")
_TERM = re.compile(r"[^\s@:\x00-\x20\x7f-\x9f][^\s:\x00-\x20\x7f-\x9f]*\Z")
_MEDIA_TYPE = re.compile(r"application/[a-z0-9][a-z0-9.+-]{0,60}")
_DIGEST_SRI = re.compile(r"sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}\Z")
_DIGEST_MULTIBASE = re.compile(r"[zu][A-Za-z0-9_-]+\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*\Z")
_HIDING_KEYWORDS = frozenset({"@included", "@reverse", "@graph", "@nest"})
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
    for entry in _objects(document, "credentialSchema"):
        _required_id(entry, "credentialSchema.id")
    for name in ("credentialSchema", "refreshService", "termsOfUse", "evidence", "confidenceMethod", "renderMethod"):
        for entry in _objects(document, name):
            _check_typed(entry, name)
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
        _check_url(holder.get("id") if isinstance(holder, dict) else holder, "holder")
    for entry in _objects(document, "termsOfUse"):
        _check_typed(entry, "termsOfUse")
    count = sum(1 for _ in _objects(document, "verifiableCredential"))
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
        raise MalformedCredential("@context", expected=CREDENTIALS_V2, found=_show(context))
    kinds = types(document)
    if kinds not in ((ENVELOPED_CREDENTIAL,), (ENVELOPED_PRESENTATION,)):
        raise MalformedCredential(
            "type",
            expected=Message(
                "{enveloped_credential} or {enveloped_presentation}",
                enveloped_credential=ENVELOPED_CREDENTIAL,
                enveloped_presentation=ENVELOPED_PRESENTATION,
            ),
            found=_show(document.get("type")),
        )
    if unknown := sorted(document.keys() - {"@context", "id", "type"}):
        raise MalformedCredential(
            Message("{member} beside an envelope", member=_show(unknown[0])),
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
            "id", expected=Message("a data: URL of one of {names}", names=", ".join(allowed)), found=_show(name)
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
    return _check_url(issuer.get("id") if isinstance(issuer, dict) else issuer, "issuer")


def holder_id(presentation: JsonObject) -> str | None:
    """The URL in ``holder``, or in its ``id``; None where the presentation names no holder."""
    holder = presentation.get("holder")
    name = holder.get("id") if isinstance(holder, dict) else holder
    return name if isinstance(name, str) else None


def subjects(document: Mapping[str, Any]) -> tuple[JsonObject, ...]:
    """The subjects of a credential."""
    return tuple(_objects(document, "credentialSubject"))


def status_entries(document: Mapping[str, Any]) -> tuple[JsonObject, ...]:
    """The entries of ``credentialStatus``; empty where there is none."""
    return tuple(_objects(document, "credentialStatus"))


def credentials(presentation: JsonObject) -> tuple[JsonObject, ...]:
    """The documents in ``verifiableCredential``, in order."""
    return tuple(_objects(presentation, "verifiableCredential"))


def valid_from(document: Mapping[str, Any]) -> datetime | None:
    """``validFrom`` (of VCDM 1.1: ``issuanceDate``) as an aware instant in UTC, None where open."""
    return _instant(document, "issuanceDate" if is_v1(document) else "validFrom")


def valid_until(document: Mapping[str, Any]) -> datetime | None:
    """``validUntil`` (of VCDM 1.1: ``expirationDate``) as an aware instant in UTC, None where open."""
    return _instant(document, "expirationDate" if is_v1(document) else "validUntil")


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
            _check_keys(_objects_of_proof(document["proof"]))
    else:
        _check_shape(document, as_graph=signs_graph(cryptosuite) or is_signed_as_graph(document))
    context = document.get("@context")
    entries = context if isinstance(context, list) else []
    first = entries[0] if entries else None
    if first != CREDENTIALS_V2 and not (allow_v1 and first == CREDENTIALS_V1):
        raise MalformedCredential(
            "@context",
            expected=Message("a list that begins with {credentials_v2}", credentials_v2=CREDENTIALS_V2),
            found=_show(context),
        )
    for entry in entries[1:]:
        if not isinstance(entry, dict):
            _check_url(entry, "@context")
    _check_id(document, "id")
    _check_types(document.get("type"), "type")
    kinds = types(document)
    if required_type not in kinds:
        raise MalformedCredential("type", expected=required_type, found=_show(document.get("type")))
    if excluded_type in kinds:
        raise MalformedCredential(
            "type",
            expected=Message(
                "{required_type} or {excluded_type}", required_type=required_type, excluded_type=excluded_type
            ),
            found=Message("both"),
        )
    for name in ("name", "description"):
        _check_text(document, name)
    for entry in _objects(document, "proof"):
        _check_typed(entry, "proof")


def _check_shape(document: JsonObject, *, as_graph: bool) -> None:
    """Refuse keys that hide something from a reader of JSON (see the module's docstring), and what is too deep.

    :param as_graph: whether a suite that signs RDF has signed it, or is about to.
    """
    # A presentation describes its credentials where they are; inside one, the credential is checked on its own.
    apart = {"verifiableCredential", DID_DOCUMENT} if is_presentation(document) else set()
    outer = {key: value for key, value in document.items() if key not in apart}
    if keywords := [key for key in outer if key.startswith("@") and key != "@context"]:
        raise MalformedCredential(
            Message("{keyword} as a property of the document", keyword=_show(keywords[0])),
            expected=Message("its plain name"),
        )
    # The whole walk comes first: values are compared below, and comparing recurses where the walk does not.
    # Proofs are graphs of their own (VC Data Integrity 1.0, section 2.1): what they say is said of no other node.
    described = _objects_in({key: value for key, value in outer.items() if key != "proof"})
    objects = [*described, *_objects_in({"proof": outer["proof"]})] if "proof" in outer else described
    _check_keys(objects)
    if as_graph:
        check_split_nodes(document, reversed(described))


def _check_keys(objects: Sequence[JsonObject]) -> None:
    # Most objects of a long list have the same keys.
    for keys in dict.fromkeys(map(tuple, objects)):
        if ":" in "".join(keys) or not _HIDING_KEYWORDS.isdisjoint(keys):
            hidden = next(key for key in keys if key in _HIDING_KEYWORDS or ":" in key)
            raise MalformedCredential(
                Message("{key} as a key", key=_show(hidden)),
                expected=Message("names that the contexts define"),
                found=Message("an IRI or a keyword"),
            )


def _objects_of_proof(proof: Any) -> list[JsonObject]:
    if type(proof) is dict and set(map(type, proof.values())) == {str}:  # nearly all
        return [proof]
    return _objects_in({"proof": proof})


def _objects_in(root: JsonObject) -> list[JsonObject]:
    """Every JSON object in ``root``, level by level and without recursion."""
    objects: list[JsonObject] = []
    level: list[Any] = [root]
    count, depth, more = 1, 0, True
    while more:
        if depth > MAX_DEPTH:
            raise MalformedCredential(
                Message("nested too deep"), expected=Message("at most {max_depth} levels", max_depth=MAX_DEPTH)
            )
        if count > MAX_NODES:
            raise MalformedCredential(
                Message("too large"), expected=Message("at most {max_nodes} values", max_nodes=MAX_NODES)
            )
        members: list[Collection[Any]] = []
        for value in level:
            if isinstance(value, dict):
                objects.append(value)
                members.append(value.values())
            elif isinstance(value, list):
                members.append(value)
        sizes = sum(map(len, members))
        more = sizes > 0
        count += sizes
        # Texts are nearly all.
        level = [member for member in chain.from_iterable(members) if type(member) is not str]
        depth += 1
    return objects


def _check_issuer(document: JsonObject) -> None:
    if "issuer" not in document:
        raise MalformedCredential(Message("issuer is missing"))
    issuer_id(document)
    if isinstance(document["issuer"], dict):
        for name in ("name", "description"):
            _check_text(document["issuer"], name, "issuer.")


def _check_subjects(document: JsonObject) -> None:
    subject = document.get("credentialSubject")
    subject_objects = (
        [subject] if type(subject) is dict else list(_objects(document, "credentialSubject", required=True))
    )
    if not subject_objects or not all(subject_objects):
        raise MalformedCredential("credentialSubject", expected=Message("one or more objects that say something"))
    for subject in subject_objects:
        _check_id(subject, "credentialSubject.id")
        if "type" in subject:
            _check_types(subject["type"], "credentialSubject.type")


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
    for count, entry in enumerate(_objects(document, "credentialStatus"), 1):
        if count > MAX_STATUS_ENTRIES:
            raise MalformedCredential(
                "credentialStatus",
                expected=Message("at most {max_status_entries} entries", max_status_entries=MAX_STATUS_ENTRIES),
                found=Message("more"),
            )
        _check_typed(entry, "credentialStatus")
        if "BitstringStatusListEntry" not in types(entry):
            continue
        if not isinstance(entry.get("statusPurpose"), str) or not entry["statusPurpose"]:
            raise MalformedCredential("credentialStatus.statusPurpose", expected=Message("a string"))
        index = entry.get("statusListIndex")
        if not isinstance(index, str) or not re.fullmatch(r"0|[1-9][0-9]{0,9}", index, re.ASCII):
            raise MalformedCredential(
                "credentialStatus.statusListIndex",
                expected=Message("a number from 0 as a string"),
                found=_show(index),
            )
        address = _check_url(entry.get("statusListCredential"), "credentialStatus.statusListCredential")
        if entry.get("id") == address:
            raise MalformedCredential(
                "credentialStatus.id", expected=Message("another URL than the list's"), found=_show(address)
            )
        _check_messages(entry)


def _check_messages(entry: JsonObject) -> None:
    """Bitstring Status List 1.0, section 2.1: statusSize, statusMessage and statusReference."""
    size = entry.get("statusSize", 1)
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= 8:
        raise MalformedCredential("credentialStatus.statusSize", expected=Message("1 to 8 bits"), found=_show(size))
    if "statusMessage" in entry:
        messages = list(_objects(entry, "statusMessage"))
        if not isinstance(entry["statusMessage"], list) or len(messages) != 2**size:
            raise MalformedCredential(
                "credentialStatus.statusMessage",
                expected=Message("a list of {count}, one for each value", count=2**size),
                found=str(len(messages)),
            )
        values = set()
        for message in messages:
            status = message.get("status")
            if not isinstance(status, str) or not re.fullmatch(r"0x[0-9a-fA-F]{1,4}", status):
                raise MalformedCredential(
                    "credentialStatus.statusMessage.status",
                    expected=Message("a number such as 0x0"),
                    found=_show(status),
                )
            if not isinstance(message.get("message"), str):
                raise MalformedCredential("credentialStatus.statusMessage.message", expected=Message("a text"))
            values.add(int(status, 16))
        if values != set(range(2**size)):
            raise MalformedCredential("credentialStatus.statusMessage", expected=Message("each value once"))
    elif size > 1:
        raise MalformedCredential(
            Message("credentialStatus.statusMessage is missing"), expected=Message("a message for each value")
        )
    if "statusReference" in entry:
        references = entry["statusReference"]
        for reference in references if isinstance(references, list) else [references]:
            _check_url(reference, "credentialStatus.statusReference")


def _check_related(document: JsonObject) -> None:
    seen: set[str] = set()
    for entry in _objects(document, "relatedResource"):
        resource = _required_id(entry, "relatedResource.id")
        if resource in seen:
            raise MalformedCredential(
                "relatedResource.id", expected=Message("each resource once"), found=_show(resource)
            )
        seen.add(resource)
        sri, multibase = entry.get("digestSRI"), entry.get("digestMultibase")
        if sri is None and multibase is None:
            raise MalformedCredential(
                "relatedResource", expected=Message("digestSRI or digestMultibase"), found=_show(resource)
            )
        for name, value, pattern in (
            ("digestSRI", sri, _DIGEST_SRI),
            ("digestMultibase", multibase, _DIGEST_MULTIBASE),
        ):
            if value is not None and not (isinstance(value, str) and pattern.match(value)):
                raise MalformedCredential(f"relatedResource.{name}", expected=Message("a digest"), found=_show(value))


# --- values ---------------------------------------------------------------------------------------------------------


def _objects(document: Mapping[str, Any], name: str, *, required: bool = False) -> Iterator[JsonObject]:
    """The objects under ``name``, whether one or a list of them."""
    if name not in document:
        if required:
            raise MalformedCredential(Message("{name} is missing", name=name))
        return
    value = document[name]
    for entry in value if isinstance(value, list) else [value]:
        if not isinstance(entry, dict):
            raise MalformedCredential(name, expected=Message("an object, or a list of objects"), found=_show(entry))
        yield entry


def _check_typed(entry: JsonObject, name: str) -> None:
    _check_id(entry, f"{name}.id")
    _check_types(entry.get("type"), f"{name}.type")


def _check_id(entry: JsonObject, name: str) -> None:
    if "id" in entry:
        _check_url(entry["id"], name)


def _required_id(entry: JsonObject, name: str) -> str:
    if "id" not in entry:
        raise MalformedCredential(Message("{name} is missing", name=name))
    return _check_url(entry["id"], name)


def _check_url(value: Any, name: str) -> str:
    if not isinstance(value, str) or not _ABSOLUTE.match(value):
        raise MalformedCredential(name, expected=Message("an absolute URL"), found=_show(value))
    return value


def _check_types(value: Any, name: str) -> None:
    entries = value if isinstance(value, list) else [value]
    if not entries or not all(isinstance(entry, str) and _is_type(entry) for entry in entries):
        raise MalformedCredential(name, expected=Message("one or more types"), found=_show(value))
    if len(set(entries)) != len(entries):
        raise MalformedCredential(name, expected=Message("each type once"), found=_show(value))


def _is_type(text: str) -> bool:
    return _is_short_type(text) if len(text) <= _SHORT else bool(_TERM.match(text) or _ABSOLUTE.match(text))


#: Characters of a type that is remembered: the same few occur in all documents.
_SHORT = 100


@lru_cache(maxsize=512)
def _is_short_type(text: str) -> bool:
    return bool(_TERM.match(text) or _ABSOLUTE.match(text))


def _check_text(holder: JsonObject, name: str, prefix: str = "") -> None:
    """VCDM 2.0, 11.1: a string, or one or more language value objects."""
    if name not in holder:
        return
    value = holder[name]
    if isinstance(value, str):
        return
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, str) and isinstance(value, list):
            continue
        if not isinstance(entry, dict) or not _is_language_value(entry):
            raise MalformedCredential(
                prefix + name, expected=Message("a string, or objects with @value and @language"), found=_show(entry)
            )


_LANGUAGE_VALUE: dict[str, Callable[[Any], bool]] = {
    "@value": lambda value: isinstance(value, str),
    "@language": lambda value: isinstance(value, str) and bool(_LANGUAGE.match(value)),
    "@direction": lambda value: value in ("ltr", "rtl", None),
}


def _is_language_value(entry: JsonObject) -> bool:
    return "@value" in entry and all(
        key in _LANGUAGE_VALUE and _LANGUAGE_VALUE[key](value) for key, value in entry.items()
    )


def _instant(document: Mapping[str, Any], name: str) -> datetime | None:
    if name not in document:
        return None
    text = document[name]
    match = _DATE_TIME.match(text) if isinstance(text, str) else None
    try:
        if match is None:
            raise ValueError
        fraction = (match["fraction"] or ".0")[:7]  # microseconds are as fine as it gets
        zone = match["zone"].replace("Z", "+00:00")
        instant = datetime.fromisoformat(f"{match['date']}T{match['time'] or '00:00:00'}{fraction.ljust(7, '0')}{zone}")
        return instant.astimezone(UTC) + timedelta(days=1 if match["midnight"] else 0)
    except (ValueError, OverflowError):
        raise MalformedCredential(
            name, expected=Message("a date and time with its zone, such as 2026-07-21T00:00:00Z"), found=_show(text)
        ) from None


def _show(value: Any) -> str:
    text = repr(value) if isinstance(value, (str, int, float, bool, type(None))) else type(value).__name__
    return text if len(text) <= 80 else text[:77] + "…"
