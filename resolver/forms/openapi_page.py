"""The OpenAPI document laid out for people: operations by tag, parameters, answers and schemas. Pure.

page = api_page(openapi.document(base_url))
page.groups[0].operations[0].path
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from passport.texts import Message, Text

Json = Mapping[str, Any]

_TAGS: Mapping[str, Message] = {
    "EN 18222": Message("EN 18222: reading passports"),
    "search": Message("Searching"),
    "directory": Message("Directory of enterprises"),
    "signed documents": Message("Signed documents"),
    "operation": Message("Running the site"),
}
_PLACES: Mapping[str, Message] = {"path": Message("in the path"), "query": Message("in the query")}
_TYPES: Mapping[str, Message] = {
    "string": Message("text"),
    "integer": Message("whole number"),
    "number": Message("number", context="type of a value"),
    "boolean": Message("yes or no"),
    "object": Message("object", context="type of a value"),
    "array": Message("list", context="type of a value"),
    "null": Message("null"),
}


@dataclass(frozen=True)
class Parameter:
    """One parameter. :ivar kind: what its value is; :ivar schema: id of a schema on the page, or None."""

    name: str
    place: Text
    required: bool
    kind: tuple[Text, ...]
    about: Text | None = None
    example: str | None = None


@dataclass(frozen=True)
class Answer:
    """An answer by its status. :ivar schemas: names of schemas on the page."""

    status: str
    about: Text
    media_types: tuple[str, ...]
    schemas: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    """One request. :ivar call: a command that makes it, with parameters in braces."""

    id: str
    method: str
    path: str
    summary: Text
    parameters: tuple[Parameter, ...]
    body: tuple[str, ...]
    answers: tuple[Answer, ...]
    call: str


@dataclass(frozen=True)
class Group:
    title: Text
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Schema:
    """:ivar fields: name, what it is, whether it is required."""

    name: str
    fields: tuple[tuple[str, tuple[Text, ...], bool], ...]
    open_ended: bool


@dataclass(frozen=True)
class ApiPage:
    """:ivar role: how to be let in; :ivar server: base URL."""

    version: str
    summary: Text
    server: str
    role: Text
    groups: tuple[Group, ...]
    schemas: tuple[Schema, ...]


def api_page(document: Json) -> ApiPage:
    """The page of an OpenAPI document of ours.

    :param document: of :func:`resolver.forms.openapi.document`.
    """
    server, components = document["servers"][0]["url"], document["components"]
    operations = [
        (operation["tags"][0], _operation(method, path, operation, server, components["responses"]))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    tags = [tag["name"] for tag in document["tags"]]
    return ApiPage(
        document["info"]["version"], document["info"]["summary"], server,
        components["securitySchemes"]["role"]["description"],
        tuple(
            Group(_TAGS.get(tag, tag), tuple(each for its_tag, each in operations if its_tag == tag)) for tag in tags
        ),
        tuple(_schema(name, schema) for name, schema in components["schemas"].items()),
    )  # fmt: skip


def _operation(method: str, path: str, operation: Json, server: str, responses: Json) -> Operation:
    body = operation.get("requestBody", {}).get("content", {})
    sent = " -H 'Content-Type: application/json' -d '{…}'" if body else ""
    return Operation(
        operation["operationId"], method.upper(), path, operation["summary"],
        tuple(map(_parameter, operation["parameters"])), _named(body),
        tuple(_answer(status, answer, responses) for status, answer in operation["responses"].items()),
        f"curl -s{sent} '{server}{path}'",
    )  # fmt: skip


def _parameter(parameter: Json) -> Parameter:
    return Parameter(
        parameter["name"], _PLACES[parameter["in"]], parameter["required"], tuple(_kind(parameter["schema"])),
        parameter.get("description"), parameter.get("example"),
    )  # fmt: skip


def _answer(status: str, answer: Json, responses: Json) -> Answer:
    answer = responses[_name(answer["$ref"])] if "$ref" in answer else answer
    content = answer.get("content", {})
    return Answer(status, answer["description"], tuple(content), _named(content))


def _schema(name: str, schema: Json) -> Schema:
    required = set(schema["required"])
    return Schema(
        name,
        tuple((field, tuple(_kind(value)), field in required) for field, value in schema["properties"].items()),
        schema.get("additionalProperties", True) is not False,
    )


def _named(content: Json) -> tuple[str, ...]:
    """The schemas of the page that a body may have."""
    return tuple(
        dict.fromkeys(_name(each["schema"]["$ref"]) for each in content.values() if "$ref" in each.get("schema", {}))
    )


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _kind(schema: Json) -> Iterable[Text]:
    """What a value is, in parts that a page joins."""
    if "enum" in schema:
        values = ", ".join(json.dumps(value) if value == "" else str(value) for value in schema["enum"])
        yield Message("one of {values}", values=values)
        return
    types = schema.get("type", "object")
    for name in [types] if isinstance(types, str) else types:
        yield _TYPES[name]
    if "items" in schema and (items := schema["items"].get("type")):
        yield Message("of {kind}", kind=_TYPES[items])
    if schema.get("format") == "date-time":
        yield Message("an instant (RFC 3339)")
    if "maxLength" in schema:
        yield Message("at most {count} characters", count=schema["maxLength"])
    if "minimum" in schema or "maximum" in schema:
        yield Message("{least} to {most}", least=schema.get("minimum", 0), most=schema.get("maximum", "…"))
    if "maxItems" in schema:
        yield Message("at most {count} entries", count=schema["maxItems"])
