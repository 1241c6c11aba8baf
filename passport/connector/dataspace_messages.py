"""Messages of the Dataspace Protocol 2025-1 as plain JSON: reading them strictly, and building them.

The shapes are those of the published JSON schemas. Members that a schema does not name are ignored, as the protocol
has it; a member that it names has its form or the message is refused. An identifier of a process becomes part of an
address, so its characters are limited here, which the schemas leave open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from passport.errors import MalformedDocument, MalformedMessage
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

CONTEXT: Final = "https://w3id.org/dspace/2025/1/context.jsonld"
VERSION: Final = "2025-1"
#: Bytes of one message.
MAX_MESSAGE = 100_000

CATALOG_REQUEST: Final = "CatalogRequestMessage"
CONTRACT_REQUEST: Final = "ContractRequestMessage"
CONTRACT_OFFER: Final = "ContractOfferMessage"
AGREEMENT: Final = "ContractAgreementMessage"
VERIFICATION: Final = "ContractAgreementVerificationMessage"
EVENT: Final = "ContractNegotiationEventMessage"
NEGOTIATION_END: Final = "ContractNegotiationTerminationMessage"
TRANSFER_REQUEST: Final = "TransferRequestMessage"
TRANSFER_START: Final = "TransferStartMessage"
TRANSFER_COMPLETION: Final = "TransferCompletionMessage"
TRANSFER_SUSPENSION: Final = "TransferSuspensionMessage"
TRANSFER_END: Final = "TransferTerminationMessage"

_PID = re.compile(r"[A-Za-z0-9._~:@-]{1,200}\Z", re.ASCII)
_TEXT_LENGTH = 2_048
_OPERATORS = frozenset({
    "eq", "gt", "gteq", "lteq", "hasPart", "isA", "isAllOf", "isAnyOf", "isNoneOf", "isPartOf", "lt", "term-lteq",
    "neq",
})  # fmt: skip
_LOGICAL = ("and", "andSequence", "or", "xone")
#: Levels of logical constraints, and rules or constraints side by side.
_DEPTH, _BREADTH = 4, 50

Check = Callable[[str, Any], None]


def read(body: bytes, *types: str) -> JsonObject:
    """A message of one of these types.

    :raises MalformedMessage: it is none.
    """
    try:
        message = strict_json.loads(body, max_bytes=MAX_MESSAGE, max_depth=24)
    except MalformedDocument as error:
        raise MalformedMessage(Message("the message cannot be read: {error}", error=error)) from error
    if not isinstance(message, dict) or message.get("@type") not in types:
        found = message.get("@type") if isinstance(message, dict) else None
        raise MalformedMessage(
            Message("another message is due here"),
            expected=Message("one of {names}", names=", ".join(types)),
            found=repr(found)[:80],
        )
    check(message)
    return message


def check(message: Mapping[str, Any]) -> None:
    """Refuse a message that its schema does not allow.

    :raises MalformedMessage: a member is missing or of another form.
    """
    context = message.get("@context")
    if not isinstance(context, list) or CONTEXT not in context or not all(isinstance(each, str) for each in context):
        raise _wrong("@context", Message("a list with {name}", name=CONTEXT))
    type_ = str(message.get("@type"))
    required, optional = _SHAPES[type_]
    for name, member in required.items():
        if name not in message:
            raise _wrong(name, Message("a member {name}", name=name))
        member(name, message[name])
    for name, member in optional.items():
        if name in message:
            member(name, message[name])
    either = _EITHER.get(type_)
    if either is not None and sum(name in message for name in either) != 1:
        raise _wrong(either[0], Message("{first} or {second}", first=either[0], second=either[1]))


def message(type_: str, members: Mapping[str, Any]) -> JsonObject:
    """A message of this type; members that are None are left out.

    :raises MalformedMessage: its schema does not allow it.
    """
    built = {
        "@context": [CONTEXT],
        "@type": type_,
        **{name: value for name, value in members.items() if value is not None},
    }
    check(built)
    return built


def acknowledgement(type_: str, provider: str, consumer: str, state: str) -> JsonObject:
    """``ContractNegotiation`` or ``TransferProcess``: a process as either side reports it."""
    return {
        "@context": [CONTEXT],
        "@type": type_,
        "providerPid": provider,
        "consumerPid": consumer,
        "state": state,
    }


def fault(type_: str, code: str, reason: str, provider: str | None = None, consumer: str | None = None) -> JsonObject:
    """``CatalogError``, ``ContractNegotiationError`` or ``TransferError``."""
    pids = {} if type_ == "CatalogError" else {"providerPid": provider or "", "consumerPid": consumer or ""}
    return {"@context": [CONTEXT], "@type": type_, **pids, "code": code, "reason": [reason]}


def is_pid(text: Any) -> bool:
    """Whether a text can be the identifier of a process."""
    return isinstance(text, str) and _PID.match(text) is not None and not set(text) <= {"."}


# --- members --------------------------------------------------------------------------------------------------------


def _pid(name: str, value: Any) -> None:
    if not is_pid(value):
        raise _wrong(name, Message("at most 200 letters, digits and . _ ~ : @ -"))


def _text(name: str, value: Any) -> None:
    if not isinstance(value, str) or not value or len(value) > _TEXT_LENGTH:
        raise _wrong(name, Message("a text"))


def _list(name: str, value: Any) -> None:
    if not isinstance(value, list) or not value or len(value) > _BREADTH:
        raise _wrong(name, Message("a list"))


def _event(name: str, value: Any) -> None:
    if value not in ("ACCEPTED", "FINALIZED"):
        raise _wrong(name, "ACCEPTED, FINALIZED")


def _offer(name: str, value: Any) -> None:
    check_policy(name, value, "Offer")


def _targeted_offer(name: str, value: Any) -> None:
    check_policy(name, value, "Offer")
    _text("target", value.get("target"))


def _agreement(name: str, value: Any) -> None:
    check_policy(name, value, "Agreement")
    for member in ("target", "assigner", "assignee"):
        _text(member, value.get(member))
    if "timestamp" in value:
        _text("timestamp", value["timestamp"])


def check_policy(name: str, value: Any, type_: str) -> None:
    """Refuse what is no ODRL offer or agreement of the schema; what it means is not looked at.

    :raises MalformedMessage: it is none.
    """
    if not isinstance(value, dict) or value.get("@type") != type_:
        raise _wrong(name, Message("a policy of type {type}", type=type_))
    _text("@id", value.get("@id"))
    if "target" in value:
        _text("target", value["target"])
    rules = [kind for kind in ("permission", "prohibition", "obligation") if kind in value]
    if not set(rules) & {"permission", "prohibition"}:
        raise _wrong(name, Message("{first} or {second}", first="permission", second="prohibition"))
    for kind in rules:
        _list(kind, value[kind])
        for rule in value[kind]:
            if not isinstance(rule, dict):
                raise _wrong(kind, Message("a list of objects"))
            _text("action", rule.get("action"))
            _constraints(rule.get("constraint", []), _DEPTH)


def _constraints(value: Any, depth: int) -> None:
    if not isinstance(value, list) or len(value) > _BREADTH or depth == 0:
        raise _wrong("constraint", Message("a list"))
    for constraint in value:
        if not isinstance(constraint, dict):
            raise _wrong("constraint", Message("a list of objects"))
        logical = [name for name in _LOGICAL if name in constraint]
        if len(logical) == 1 and "leftOperand" not in constraint:
            _constraints(constraint[logical[0]], depth - 1)
            continue
        if logical:
            raise _wrong("constraint", Message("one of {names}", names=", ".join(_LOGICAL)))
        _text("leftOperand", constraint.get("leftOperand"))
        if constraint.get("operator") not in _OPERATORS:
            raise _wrong("operator", Message("one of {names}", names=", ".join(sorted(_OPERATORS))))
        if not isinstance(constraint.get("rightOperand"), str | dict | list):
            raise _wrong("rightOperand", Message("a text"))


def _data_address(name: str, value: Any) -> None:
    if not isinstance(value, dict) or value.get("@type") != "DataAddress":
        raise _wrong(name, Message("a policy of type {type}", type="DataAddress"))
    _text("endpointType", value.get("endpointType"))
    if "endpoint" in value:
        _text("endpoint", value["endpoint"])
    if "endpointProperties" in value:
        _list("endpointProperties", value["endpointProperties"])
        for each in value["endpointProperties"]:
            if not isinstance(each, dict) or each.get("@type") != "EndpointProperty":
                raise _wrong("endpointProperties", Message("a list of objects"))
            if not all(isinstance(each.get(member), str) for member in ("name", "value")):
                raise _wrong("endpointProperties", Message("a list of objects"))


def _wrong(name: str, expected: str) -> MalformedMessage:
    return MalformedMessage(Message("{name} of the message is wrong", name=name), expected=expected)


_BOTH: dict[str, Check] = {"providerPid": _pid, "consumerPid": _pid}
_ENDING: tuple[dict[str, Check], dict[str, Check]] = (_BOTH, {"code": _text, "reason": _list})
#: Type -> members that are required, members that may be there.
_SHAPES: Mapping[str, tuple[Mapping[str, Check], Mapping[str, Check]]] = {
    CATALOG_REQUEST: ({}, {}),
    CONTRACT_REQUEST: (
        {"consumerPid": _pid, "offer": _offer},
        {"providerPid": _pid, "callbackAddress": _text},
    ),
    CONTRACT_OFFER: (
        {"providerPid": _pid, "offer": _targeted_offer},
        {"consumerPid": _pid, "callbackAddress": _text},
    ),
    AGREEMENT: ({**_BOTH, "agreement": _agreement}, {}),
    VERIFICATION: (_BOTH, {}),
    EVENT: ({**_BOTH, "eventType": _event}, {}),
    NEGOTIATION_END: _ENDING,
    TRANSFER_REQUEST: (
        {"consumerPid": _pid, "agreementId": _text, "format": _text, "callbackAddress": _text},
        {"dataAddress": _data_address},
    ),
    TRANSFER_START: (_BOTH, {"dataAddress": _data_address}),
    TRANSFER_COMPLETION: (_BOTH, {}),
    TRANSFER_SUSPENSION: _ENDING,
    TRANSFER_END: _ENDING,
}
#: Exactly one of the two is there.
_EITHER: Mapping[str, tuple[str, str]] = {
    CONTRACT_REQUEST: ("callbackAddress", "providerPid"),
    CONTRACT_OFFER: ("callbackAddress", "consumerPid"),
}
