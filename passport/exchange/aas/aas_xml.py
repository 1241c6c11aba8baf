"""An AAS environment in XML as the JSON of the same metamodel.

The two serialisations have the same names. Where XML has a list, JSON has an array; where XML names the class of an
entry by its tag, JSON has ``modelType``. Values are texts in both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from passport.errors import MalformedDocument
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

#: Tags whose children are entries.
_LISTS = frozenset({
    "assetAdministrationShells", "submodels", "conceptDescriptions", "submodelElements", "keys", "description",
    "displayName", "supplementalSemanticIds", "qualifiers", "extensions", "specificAssetIds",
    "embeddedDataSpecifications", "isCaseOf", "annotations", "statements", "refersTo", "inputVariables",
    "outputVariables", "inoutputVariables", "preferredName", "shortName", "definition", "valueReferencePairs",
})  # fmt: skip
#: Entries whose class is said by their tag in XML and by ``modelType`` in JSON.
_CLASSES = frozenset({
    "assetAdministrationShell", "submodel", "conceptDescription", "property", "multiLanguageProperty", "range", "file",
    "blob", "referenceElement", "relationshipElement", "annotatedRelationshipElement", "entity", "operation",
    "capability", "basicEventElement", "submodelElementCollection", "submodelElementList",
})  # fmt: skip
#: Classes whose ``value`` is a list.
_LISTED_VALUES = frozenset({"submodelElementCollection", "submodelElementList", "multiLanguageProperty"})
_MAX_DEPTH = 200
_MAX_ELEMENTS = 500_000


class _Node:
    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.text: list[str] = []
        self.children: list[_Node] = []


def parse(data: bytes, name: str, start: Callable[[str, dict[str, str]], None], **handlers: Any) -> None:
    """Walk through XML.

    :raises MalformedDocument: it is none, or has a document type.
    """
    parser = expat.ParserCreate()

    def refuse(*_: Any) -> None:
        raise MalformedDocument(Message("{name} has a document type", name=name))

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    for handler, function in handlers.items():
        setattr(parser, handler, function)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise MalformedDocument(Message("{name} is no XML", name=name), found=str(error)) from None


def environment(data: bytes, name: str) -> JsonObject:
    """The environment as JSON values.

    :raises MalformedDocument: no XML, or too deep or large to be an environment.
    """
    root = _Node("")
    stack, count = [root], 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if len(stack) > _MAX_DEPTH or count > _MAX_ELEMENTS:
            raise MalformedDocument(Message("{name} is too large", name=name))
        node = _Node(tag.rpartition(":")[2])
        stack[-1].children.append(node)
        stack.append(node)

    def end(tag: str) -> None:
        stack.pop()

    def text(data: str) -> None:
        stack[-1].text.append(data)

    parse(data, name, start, EndElementHandler=end, CharacterDataHandler=text)
    value = _value(root.children[0], "") if root.children else None
    if not isinstance(value, dict):
        raise MalformedDocument(Message("{name} is no XML of an environment", name=name))
    return value


def _value(node: _Node, owner: str) -> Any:
    """A node as JSON.

    :param owner: tag of the class around it: decides whether a ``value`` is a list.
    """
    if node.tag in _LISTS or (node.tag == "value" and owner in _LISTED_VALUES):
        return [_entry(child) for child in node.children]
    if not node.children:
        return "".join(node.text)
    inner = node.tag if node.tag in _CLASSES else owner if node.tag == "value" else ""
    return {child.tag: _value(child, inner) for child in node.children}


def _entry(node: _Node) -> Any:
    value = _value(node, node.tag)
    if node.tag in _CLASSES and isinstance(value, dict):
        return {"modelType": node.tag[0].upper() + node.tag[1:], **value}
    return value
