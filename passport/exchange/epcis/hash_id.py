"""The CBV 2.0 hash id of an EPCIS event: ``ni:///sha-256;{digest}?ver=CBV2.0``.

The id is the SHA-256 of one text that two systems build alike from the same event: members in a fixed order, lists
sorted, instants in UTC with milliseconds, numbers without padding, GS1 keys in their canonical spelling. The event's
own id, the instant of recording and an error declaration are no part of it, so a declared event keeps its id.

    hash_id(event, {"bp": "https://w3id.org/battery-passport/ns#"})

The published tool ``epcis-event-hash-generator`` 1.9.3 gives the same ids, event by event. It replaces a text that is
equal to a CBV word *of the same file* by the word's IRI; here it is the words of the same event that count, so that an
id does not depend on which events share a file.

Source: CBV 2.0 section 8.9.2 (hash id).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from passport.exchange.epcis.digital_link import canonical

CBV = "https://ref.gs1.org/cbv/"
_GS1 = "https://gs1.org/voc/"
_QUANTITIES = ("epcClass", "quantity", "uom")
_METADATA = (
    "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules",
)  # fmt: skip
_REPORT = (
    "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism",
    "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue", "minValue",
    "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem",
)  # fmt: skip


def _plain(*names: str) -> Mapping[str, Any]:
    return dict.fromkeys(names)


_EPCS, _ELEMENTS = _plain("epc"), {"quantityElement": _plain(*_QUANTITIES)}
#: Members in the order of the text, each with the order of its own; None where it has a value.
_ORDER: Mapping[str, Any] = {
    **_plain("eventTime", "eventTimeZoneOffset", "certificationInfo", "parentID"),
    "epcList": _EPCS, "inputEPCList": _EPCS, "childEPCs": _EPCS, "quantityList": _ELEMENTS,
    "childQuantityList": _ELEMENTS, "inputQuantityList": _ELEMENTS, "outputEPCList": _EPCS,
    "outputQuantityList": _ELEMENTS, **_plain("action", "transformationID", "bizStep", "disposition"),
    "persistentDisposition": _plain("set", "unset"), "readPoint": _plain("id"), "bizLocation": _plain("id"),
    "sensorElementList": {
        "sensorElement": {"sensorMetadata": _plain(*_METADATA), "sensorReport": _plain(*_REPORT)}
    },
}  # fmt: skip
_PAIRS = {"sourceList", "destinationList", "bizTransactionList"}
_UNHASHED = {"recordTime", "eventID", "type", "errorDeclaration"}
_REMARKS = {"#text", "rdfs:comment", "comment"}
#: What a member's CBV words are called in full.
_WORDS = {
    "bizStep": f"{CBV}BizStep-", "disposition": f"{CBV}Disp-", "set": f"{CBV}Disp-", "unset": f"{CBV}Disp-",
    "component": f"{CBV}Comp-", "exception": _GS1,
}  # fmt: skip
_TYPE_WORDS = {
    "sourceList": f"{CBV}SDT-", "destinationList": f"{CBV}SDT-", "bizTransactionList": f"{CBV}BTT-",
    "sensorReport": _GS1,
}  # fmt: skip
#: The URNs of CBV 1.2, and what they are called since.
_URNS = {
    "urn:epcglobal:cbv:bizstep:": f"{CBV}BizStep-", "urn:epcglobal:cbv:disp:": f"{CBV}Disp-",
    "urn:epcglobal:cbv:btt:": f"{CBV}BTT-", "urn:epcglobal:cbv:sdt:": f"{CBV}SDT-",
    "urn:epcglobal:cbv:er:": f"{CBV}ER-",
}  # fmt: skip


@dataclass
class _Member:
    name: str
    text: str = ""
    members: list[_Member] = field(default_factory=list)


def hash_id(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> str:
    """The hash id.

    :param event: in the form of EPCIS 2.0 JSON.
    :param namespaces: prefix, without its colon -> namespace, as the context of the document declares them.
    """
    digest = hashlib.sha256(pre_hash(event, namespaces).encode("utf-8", "surrogatepass")).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(event: Mapping[str, Any], namespaces: Mapping[str, str]) -> str:
    """The text that is hashed."""
    words = dict(_words(event))
    members = _regrouped(list(_members(event, namespaces, words)))
    ordered, rest = _in_order(members, _ORDER, outermost=True)
    rest = [member for member in rest if member.name not in _UNHASHED and member.name != "@context"]
    return f"eventType={event.get('type', '')}{ordered}{_sorted(rest)}"


def _words(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The CBV words of an event, and what each is called in full."""
    if isinstance(value, Mapping):
        for key, held in value.items():
            prefix = _TYPE_WORDS.get(name, "") if key == "type" else _WORDS.get(key, "")
            for word in held if isinstance(held, list) else [held]:
                if prefix and isinstance(word, str) and word and ":" not in word:
                    yield word, prefix + word
            if key != "errorDeclaration":
                yield from _words(held, key)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item, name)


def _members(value: Mapping[str, Any], namespaces: Mapping[str, str], words: Mapping[str, str]) -> Iterator[_Member]:
    for key, held in value.items():
        if key in _REMARKS:
            continue
        prefix, colon, local = key.partition(":")
        name = f"{{{namespaces[prefix]}}}{local}" if colon and prefix in namespaces else key
        for item in held if isinstance(held, list) else [held]:
            if isinstance(item, Mapping):
                yield _Member(name, members=list(_members(item, namespaces, words)))
            elif isinstance(item, list):
                yield _Member(name)
            else:
                yield _Member(name, _text(item, namespaces, words))


def _text(value: Any, namespaces: Mapping[str, str], words: Mapping[str, str]) -> str:
    if not isinstance(value, str):
        return str(value)
    text: str = words.get(value, value)
    prefix, colon, local = text.partition(":")
    return namespaces[prefix] + local if colon and prefix in namespaces else text


def _regrouped(members: Sequence[_Member]) -> list[_Member]:
    """The members as the XML form of EPCIS nests them, which is the form that the text follows."""
    lists: dict[str, _Member] = {}
    others: list[_Member] = []
    for member in members:
        if member.name in _PAIRS:
            lists.setdefault(member.name, _Member(member.name)).members.append(member)
        elif member.name.endswith("List"):
            item = _Member(member.name[:-4], member.text, member.members)
            lists.setdefault(member.name, _Member(member.name)).members.append(item)
        elif member.name == "childEPCs":
            lists.setdefault(member.name, _Member(member.name)).members.append(_Member("epc", member.text))
        else:
            others.append(member)
    return [
        member if member.name in _PAIRS else _renamed(_Member(member.name, member.text, _regrouped(member.members)))
        for member in (*others, *lists.values())
    ]


def _renamed(member: _Member) -> _Member:
    if member.name in ("inputEPC", "outputEPC"):
        member.name = "epc"
    elif member.name in ("inputQuantity", "outputQuantity", "childQuantity") or (
        member.name == "quantity" and member.members
    ):
        member.name = "quantityElement"
    return member


def _in_order(
    members: Sequence[_Member], order: Mapping[str, Any], *, outermost: bool = False
) -> tuple[str, list[_Member]]:
    """The text of the members that the order names, and what is left of the others."""
    extensions: list[_Member] = []
    left = [member for member in members if member.name not in order]
    # Extensions of an inner member come right behind its own members, where their namespace ends with a slash.
    if not outermost and len(members) > 1 and not any("action" in m.name or "eventTime" in m.name for m in members):
        extensions = [member for member in left if "{" in member.name and "/}" in member.name]
        left = [member for member in left if not ("{" in member.name and "/}" in member.name)]
    text = ""
    for name, inner in order.items():
        texts = []
        for member in members:
            if member.name != name:
                continue
            below, rest = _in_order(member.members, inner) if inner else ("", member.members)
            value = _value(member)
            if value or below:
                texts.append(f"{name}{'=' if value else ''}{value}{below}")
            if rest:
                left.append(_Member(name, member.text, rest))
        text += "".join(sorted(texts))
    return text + _sorted(extensions), left


def _sorted(members: Sequence[_Member]) -> str:
    texts = []
    for member in members:
        if member.name in _PAIRS:
            below = "".join(sorted("".join(map(_whole, pair.members[:2])) for pair in member.members))
            texts.append(member.name + below)
        else:
            texts.append(_whole(member))
    return "".join(sorted(texts))


def _whole(member: _Member) -> str:
    value = _canonical_text(member.text.strip())
    return f"{member.name}{'=' if value else ''}{value}{_sorted(member.members)}"


def _value(member: _Member) -> str:
    text, name = member.text.strip(), member.name.lower()
    return _instant(text) if "time" in name and "offset" not in name else _canonical_text(text)


def _instant(text: str) -> str:
    """In UTC, rounded to milliseconds; a text that is no instant stays as it is."""
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
        rounded = moment.replace(microsecond=0) + timedelta(microseconds=round(moment.microsecond, -3))
    except (ValueError, OverflowError):
        return text
    return rounded.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _canonical_text(text: str) -> str:
    for urn, full in _URNS.items():
        text = text.replace(urn, full)
    try:
        number = float(text)
        text = str(int(number)) if int(number) == number else str(number)
    except (ValueError, OverflowError):
        pass
    return canonical(text) or text
