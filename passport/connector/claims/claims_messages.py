"""Messages of the Decentralized Claims Protocol 1.0.1, read strictly and built by its JSON schemas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from passport.errors import MalformedDocument, MalformedMessage
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

CONTEXT: Final = "https://w3id.org/dspace-dcp/v1.0/dcp.jsonld"
#: Prefix of a scope that asks for credentials of a type, or of an identifier.
BY_TYPE: Final = "org.eclipse.dspace.dcp.vc.type:"
BY_ID: Final = "org.eclipse.dspace.dcp.vc.id:"

QUERY: Final = "PresentationQueryMessage"
RESPONSE: Final = "PresentationResponseMessage"
CREDENTIALS: Final = "CredentialMessage"
REQUEST: Final = "CredentialRequestMessage"
OFFER: Final = "CredentialOfferMessage"

MAX_BYTES = 500_000
_MAX_ENTRIES = 50
_MAX_TEXT = 2_048


def read(body: bytes, type_: str) -> JsonObject:
    """A message of this type.

    :raises MalformedMessage: it is none, or its schema does not allow it.
    """
    try:
        message = strict_json.loads(body, max_bytes=MAX_BYTES, max_depth=20)
    except MalformedDocument as error:
        raise MalformedMessage(Message("the message cannot be read: {error}", error=error)) from error
    if not isinstance(message, dict) or message.get("type") != type_:
        raise MalformedMessage(Message("another message is due here"), expected=type_)
    context = message.get("@context")
    if context != CONTEXT and (not isinstance(context, list) or CONTEXT not in context):
        raise _wrong("@context")
    _CHECKS[type_](message)
    return message


def message(type_: str, members: Mapping[str, Any]) -> JsonObject:
    """A message of this type; members that are None are left out."""
    stated = {name: value for name, value in members.items() if value is not None}
    return {"@context": [CONTEXT], "type": type_, **stated}


def scope_of(type_: str) -> str:
    """The scope that asks for credentials of a type, for reading."""
    return f"{BY_TYPE}{type_}:read"


def _query(message: JsonObject) -> None:
    scopes = message.get("scope")
    if ("presentationDefinition" in message) == ("scope" in message):
        raise _wrong("scope")
    if "scope" in message and not _texts(scopes):
        raise _wrong("scope")


def _credentials(message: JsonObject) -> None:
    for name in ("issuerPid", "holderPid"):
        if not _text(message.get(name)):
            raise _wrong(name)
    if message.get("status") not in ("ISSUED", "REJECTED"):
        raise _wrong("status")
    if not _objects(message.get("credentials", [])):
        raise _wrong("credentials")
    for container in message.get("credentials", []):
        if not all(isinstance(container.get(name), str) for name in ("credentialType", "format", "payload")):
            raise _wrong("credentials")


def _request(message: JsonObject) -> None:
    if not _text(message.get("holderPid")):
        raise _wrong("holderPid")
    _named(message)


def _offer(message: JsonObject) -> None:
    if not _text(message.get("issuer")):
        raise _wrong("issuer")
    _named(message)


def _named(message: JsonObject) -> None:
    entries = message.get("credentials")
    if not entries or not _objects(entries) or not all(_text(entry.get("id")) for entry in entries):
        raise _wrong("credentials")


def _text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _MAX_TEXT


def _texts(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= _MAX_ENTRIES and all(map(_text, value))


def _objects(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= _MAX_ENTRIES and all(isinstance(each, dict) for each in value)


def _wrong(name: str) -> MalformedMessage:
    return MalformedMessage(Message("{name} of the message is wrong", name=name))


_CHECKS: Mapping[str, Callable[[JsonObject], None]] = {
    QUERY: _query,
    CREDENTIALS: _credentials,
    REQUEST: _request,
    OFFER: _offer,
    RESPONSE: lambda message: None,
}
