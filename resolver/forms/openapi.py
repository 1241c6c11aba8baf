"""The API for programs as an OpenAPI 3.1 document, served at ``/openapi.json``. Pure.

The document is written by hand, since it is a promise: a test sends each request that it describes and compares every
answer with it. The passport page, its forms and the redirects in front of it follow standards of their own and are not
described here. What people read in it is a message each, for the page of :mod:`resolver.forms.openapi_page`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import passport
from passport.exchange import en18223
from passport.texts import Message, Text
from passport.vocabulary.vocabulary import Category

Json = dict[str, Any]

_PRESENTATIONS = ("application/vp", "application/ld+json")
_ANY_ID = {"type": "string", "minLength": 1, "maxLength": 300}


_FORMAT = {"name": "format", "in": "query", "required": False, "schema": {"enum": ["json", "html"]}}
_SIGNED = {"name": "format", "in": "query", "required": False, "schema": {"enum": ["json", "html", "vp", "jsonld"]}}
_LANG = {"name": "lang", "in": "query", "required": False, "schema": {"type": "string"}}


def document(base_url: str) -> Json:
    """The description of the resolver at a base URL."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Battery passport resolver",
            "version": passport.__version__,
            "summary": Message("Reads battery passports: EN 18222 read operations, search, credentials, status."),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "security": [{}, {"role": []}],
        "tags": [
            {"name": "EN 18222"},
            {"name": "search"},
            {"name": "directory"},
            {"name": "signed documents"},
            {"name": "operation"},
        ],
        "paths": {**_dpp_paths(), **_search_paths(), **_document_paths(), **_operation_paths()},
        "components": {"schemas": _schemas(), "responses": _responses(), "securitySchemes": {"role": _role()}},
    }


def _role() -> Json:
    return {
        "type": "http", "scheme": "bearer",
        "description": Message(
            "A token for a role credential: GET /token gives a challenge, POST /token takes a presentation."
        ),
    }  # fmt: skip


# --- paths ----------------------------------------------------------------------------------------------------------


def _dpp_paths() -> Json:
    dpp_id = _in_path(
        "dppId",
        _segment("digitalProductPassportId"),
        "https://passport.example.com/passports/01/…",
    )
    representation = _in_query("representation", {"type": "string", "enum": ["compressed", "full"]})
    presentation = {"schema": {"$ref": "#/components/schemas/Presentation"}}
    proof = {"application/vp": presentation, "application/ld+json": presentation}
    passport_ = _json(
        Message("The passport as this reader may see it, or the credentials that it is made of"), "Passport"
    )
    passport_["content"] |= proof
    refused = dict.fromkeys((400, 406, 414), _ref("Refused"))
    read = {200: passport_, **refused, 401: _ref("NotAuthorized"), 403: _ref("Forbidden"),
            404: _ref("NotFound"), 410: _ref("NotFound"), 429: _ref("TooMany")}  # fmt: skip
    element = {"description": Message("The element, or the credentials that prove it"),
               "content": {"application/json": {"schema": {}}, **proof}}  # fmt: skip
    ids = {
        **_operation("EN 18222", "ReadDPPIdsByProductIds", Message("Ids of the passports of products"),
                     [_in_query("limit", {"type": "integer", "minimum": 1, "maximum": 100}),
                      _in_query("cursor", {"type": "string", "enum": [""]})],
                     {200: _json(Message("Ids"), "Ids"), **refused, 413: _ref("Refused"), 429: _ref("TooMany")}),
        "requestBody": {"required": True,
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ProductIds"}}}},
    }  # fmt: skip
    return {
        "/v1/dpps/{dppId}": {
            "get": _operation("EN 18222", "ReadDPPById", Message("A passport"), [dpp_id, representation], read)
        },
        "/v1/dpps/{dppId}/elements/{elementIdPath}": {
            "get": _operation(
                "EN 18222", "ReadDataElement", Message("One element of a passport"),
                [dpp_id,
                 _in_path("elementIdPath", _segment(Message("singular query of RFC 9535")), "$['performance']")],
                {**read, 200: element},
            )
        },
        "/v1/dppsByProductId/{productId}": {
            "get": _operation(
                "EN 18222", "ReadDPPByProductId", Message("The passport of a product"),
                [_in_path("productId", _segment(Message("uniqueProductIdentifier or plate code"))), representation],
                read,
            )
        },
        "/v1/dppsByIdAndDate/{dppId}": {
            "get": _operation(
                "EN 18222", "ReadDPPVersionByIdAndDate", Message("A passport as it was at an instant"),
                [dpp_id, _in_query("date", {"type": "string", "format": "date-time"}, required=True), representation],
                read,
            )
        },
        "/v1/dppsByProductIds": {"post": ids},
    }  # fmt: skip


def _search_paths() -> Json:
    text = {"type": "string", "maxLength": 200, "pattern": "^[^\\u0000]*$"}
    category = {"type": "string", "enum": ["", *Category]}
    return {
        "/search": {
            "get": _operation(
                "search", "search", Message("Passports by public data"),
                [_in_query(name, text) for name in ("code", "maker", "model", "batch")]
                + [_in_query("category", category),
                   _in_query("limit", {"type": "integer", "minimum": 1, "maximum": 100}),
                   _in_query("after", text), _FORMAT, _LANG],
                {200: _json_or_page(Message("What was found"), "Found"), 400: _ref("Problem"), 406: _ref("Problem"),
                 429: _ref("TooMany")},
            )
        },
        "/issuers": {
            "get": _operation(
                "search", "issuers", Message("Who is trusted here, and for what"),
                [_FORMAT, _LANG],
                {200: _json_or_page(Message("The trust list in short"), "Issuers"), 406: _ref("Problem"),
                 429: _ref("TooMany")},
            )
        },
        "/directory": {
            "get": _operation(
                "directory", "directory", Message("Enterprises by name, code, role and region; the signed list of all"),
                [_in_query(name, text) for name in ("name", "code", "role", "region", "after")] + [_SIGNED, _LANG],
                {200: _signed(Message("The enterprises that fit"), "Enterprises"), 400: _ref("Problem"),
                 404: _ref("Problem"),
                 406: _ref("Problem"), 429: _ref("TooMany")},
            )
        },
        "/directory/changes": {
            "get": _operation(
                "directory", "directoryChanges", Message("What changed in the directory, oldest first"),
                [_in_query("after", {"type": "integer", "minimum": 0, "maximum": 10**17})],
                {200: _json(Message("Changes"), "DirectoryChanges"), 400: _ref("Problem"), 429: _ref("TooMany")},
            )
        },
        "/directory/enterprises/{did}": {
            "get": _operation(
                "directory", "enterprise", Message("One enterprise with its keys over time"),
                [_in_path("did", Message("DID, as it is")), _FORMAT, _LANG],
                {200: _json_or_page(Message("The enterprise"), "Enterprise"), 404: _ref("Problem"),
                 406: _ref("Problem"),
                 429: _ref("TooMany")},
            )
        },
    }  # fmt: skip


def _document_paths() -> Json:
    credential = {"description": Message("As signed"), "content": {"application/vc": {"schema": {"type": "object"}}}}
    refused = {401: _ref("Problem"), 404: _ref("Problem"), 429: _ref("TooMany")}
    return {
        "/credentials/{uuid}": {
            "get": _operation("signed documents", "credential", Message("One signed credential"),
                              [_in_path("uuid", "UUID")],
                              {200: credential, **refused, 410: _ref("Problem")})
        },
        "/status/{number}": {
            "get": _operation("signed documents", "statusList", Message("A signed status list"),
                              [_in_path("number", Message("number of the list"))], {200: credential, **refused})
        },
    }  # fmt: skip


def _operation_paths() -> Json:
    return {
        "/health": {
            "get": _operation("operation", "health",
                              Message("Whether the store answers and its status lists are fresh"), [],
                              {200: _json(Message("Good"), "Health"), 503: _json(Message("Not good"), "Health")})
        },
        "/.well-known/gs1resolver": {
            "get": _operation("operation", "gs1resolver", Message("GS1 resolver description"), [],
                              {200: {"description": Message("Description"), "content": _body({"type": "object"})},
                               429: _ref("TooMany")})
        },
    }  # fmt: skip


# --- pieces ---------------------------------------------------------------------------------------------------------


def _operation(tag: str, name: str, summary: str, parameters: list[Json], responses: Mapping[int, Json]) -> Json:
    return {
        "tags": [tag], "operationId": name, "summary": summary, "parameters": parameters,
        "responses": {str(status): answer for status, answer in sorted(responses.items())},
    }  # fmt: skip


def _segment(what: Text) -> Message:
    return Message("{what}, percent-encoded once, as one segment", what=what)


def _in_path(name: str, description: str, example: str | None = None) -> Json:
    return {"name": name, "in": "path", "required": True, "description": description, "schema": _ANY_ID,
            **({"example": example} if example else {})}  # fmt: skip


def _in_query(name: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _body(schema: Json, media_type: str = "application/json") -> Json:
    return {media_type: {"schema": schema}}


def _json(description: str, schema: str) -> Json:
    return {"description": description, "content": _body({"$ref": f"#/components/schemas/{schema}"})}


def _json_or_page(description: str, schema: str) -> Json:
    answer = _json(description, schema)
    return {**answer, "content": {**answer["content"], "text/html": {"schema": {"type": "string"}}}}


def _signed(description: str, schema: str) -> Json:
    """JSON, a page, or the signed file."""
    answer = _json_or_page(description, schema)
    presentation = {"schema": {"$ref": "#/components/schemas/Presentation"}}
    return {**answer, "content": {**answer["content"], **dict.fromkeys(_PRESENTATIONS, presentation)}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/responses/{name}"}


def _responses() -> Json:
    envelope = {"$ref": "#/components/schemas/Messages"}
    problem = {"$ref": "#/components/schemas/Problem"}
    either = {**_body(problem, "application/problem+json"), "text/html": {"schema": {"type": "string"}}}
    return {
        **{
            name: {"description": description, "content": _body(envelope)}
            for name, description in (
                ("Refused", Message("The request cannot be used")),
                ("NotAuthorized", Message("The token is not valid")),
                ("Forbidden", Message("The role does not open this passport")),
                ("NotFound", Message("Nothing there, or nothing that this reader may know of")),
            )
        },
        "Problem": {"description": Message("A problem (RFC 9457)"), "content": either},
        "TooMany": {
            "description": Message("Too many requests"), "content": either,
            "headers": {"Retry-After": {"schema": {"type": "integer"}}},
        },
    }  # fmt: skip


def _object(properties: Json, *, required: list[str] | None = None, more: bool = False) -> Json:
    return {"type": "object", "properties": properties, "required": required or list(properties),
            **({} if more else {"additionalProperties": False})}  # fmt: skip


def _schemas() -> Json:
    text, texts = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    header = {
        "digitalProductPassportId": text, "uniqueProductIdentifier": text, "economicOperatorId": text,
        "granularity": {"enum": list(en18223.GRANULARITIES)}, "dppSchemaVersion": text,
        "dppStatus": {"enum": list(en18223.STATUSES)}, "lastUpdated": {"type": "string", "format": "date-time"},
        "contentSpecificationIds": texts,
    }  # fmt: skip
    message = _object({"messageType": {"enum": ["Error"]}, "text": text, "code": text, "correlationId": text,
                       "timestamp": {"type": "string", "format": "date-time"}})  # fmt: skip
    hit = _object({"subject": text, "passport": text, "model": text, "category": text, "serial": text,
                   "code": {"type": ["string", "null"]}, "maker": text, "modelIdentifier": text,
                   "batch": {"type": ["string", "null"]}})  # fmt: skip
    issuer = _object({"id": text, "name": {"type": "object", "additionalProperties": text}, "trustedFor": texts,
                      "regimes": texts})  # fmt: skip
    key = _object({"method": text, "publicKeyMultibase": text, "standing": {"enum": ["inUse", "retired", "revoked"]},
                   "since": text, "standingSince": text})  # fmt: skip
    enterprise = _object({"did": text, "address": text, "since": text, "identity": {"type": "object"},
                          "standing": {"enum": ["valid", "suspended", "revoked", "ended"]},
                          "keys": {"type": "array", "items": key}})  # fmt: skip
    change = _object({"number": {"type": "integer"}, "at": text, "kind": {"enum": ["identity", "standing", "keys"]},
                      "did": text, "credential": {"type": ["string", "null"]},
                      "standing": {"type": ["string", "null"]}, "enterprise": text})  # fmt: skip
    return {
        "Enterprise": enterprise,
        "Enterprises": _object({"number": {"type": "integer"}, "items": {"type": "array", "items": enterprise},
                                "next": {"type": ["string", "null"]}}),
        "DirectoryChanges": _object({"items": {"type": "array", "items": change}, "last": {"type": "integer"},
                                     "next": {"type": ["string", "null"]}}),
        "Passport": _object(header, more=True),
        "Presentation": _object({"type": texts, "verifiableCredential": {"type": "array"}}, more=True),
        "ProductIds": _object({
            "productIds": {"type": "array", "minItems": 1, "maxItems": 100, "items": {"type": "string", "minLength": 1}}
        }),
        "Ids": _object({"items": texts, "cursor": text}),
        "Messages": _object({"messages": {"type": "array", "minItems": 1, "items": message}}),
        "Found": _object({"items": {"type": "array", "items": hit}, "next": {"type": ["string", "null"]}}),
        "Issuers": _object({"issuers": {"type": "array", "items": issuer}}),
        "Health": _object({"status": {"enum": ["pass", "fail"]}, "checks": {"type": "object"}}),
        "Problem": _object({"type": text, "title": text, "status": {"type": "integer"}, "code": text},
                           more=True),
    }  # fmt: skip
