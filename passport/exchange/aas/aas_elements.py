"""Submodels as AAS JSON, and as plain values by idShort: both ways, by the templates.

    plain:  {"GeneralInformation": {"BatteryMass": "540"}}      a property is its text, a text has its languages,
                                                                a file is {"value": …, "contentType": …}

* Writing makes every element that a template asks for. A property without a value is there without one: that says
  plainly that the value is not known, and it is named.
* Reading finds an element by its idShort, else by its semantic id; an unknown one keeps its own name, so that what it
  holds is not lost. Names, descriptions and concept descriptions say what a template says, and are not data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from passport.exchange.aas.aas_templates import Element, Template
from passport.linked_data.json_types import JsonObject

_NUMBERED = re.compile(r"__\d+__$")
_MODEL_TYPES = {
    "property": "Property", "texts": "MultiLanguageProperty", "file": "File",
    "group": "SubmodelElementCollection", "list": "SubmodelElementList",
}  # fmt: skip
#: A content type that says nothing but "bytes" (RFC 2046, 4.5.1).
NO_CONTENT_TYPE = "application/octet-stream"
#: Members of an element that describe it; everything else is what it says.
_DESCRIBING = frozenset({
    "modelType", "idShort", "category", "displayName", "description", "semanticId", "supplementalSemanticIds",
    "embeddedDataSpecifications", "valueType", "valueId", "orderRelevant", "semanticIdListElement",
    "typeValueListElement", "valueTypeListElement",
})  # fmt: skip


# --- writing --------------------------------------------------------------------------------------------------------


def submodel(template: Template, values: Mapping[str, Any], identifier: str, filled: list[str]) -> JsonObject:
    """A submodel instance.

    :param values: plain values by idShort.
    :param identifier: of the submodel, globally unique.
    :param filled: joined by the paths of required elements that have no value.
    """
    elements = _children(template.elements, values, template.name, filled)
    return {
        "modelType": "Submodel",
        "idShort": template.name,
        "id": identifier,
        "kind": "Instance",
        "administration": {
            "version": template.version,
            "revision": template.revision,
            "templateId": template.template_id,
        },
        **_semantics(template.ids, "Submodel" if template.key_type == "ModelReference" else "GlobalReference"),
        **({"submodelElements": elements} if elements else {}),
    }


def _semantics(ids: Sequence[str], key: str = "GlobalReference") -> JsonObject:
    def reference(identifier: str, key: str) -> JsonObject:
        kind = "ExternalReference" if key == "GlobalReference" else "ModelReference"
        return {"type": kind, "keys": [{"type": key, "value": identifier}]}

    members: JsonObject = {"semanticId": reference(ids[0], key)}
    if len(ids) > 1:
        members["supplementalSemanticIds"] = [reference(each, "GlobalReference") for each in ids[1:]]
    return members


def _children(elements: Sequence[Element], values: Mapping[str, Any], path: str, filled: list[str]) -> list[JsonObject]:
    made = []
    for element in elements:
        value = values.get(element.name)
        if element.cardinality in "+*" and isinstance(value, list):  # several of one name in a collection
            made += [
                _made(element, each, f"{path}.{element.name}[{n}]", filled, f"{element.name}__{n:02d}__")
                for n, each in enumerate(value)
            ]
        elif value not in (None, {}, []) or element.required:
            made.append(_made(element, value, f"{path}.{element.name}", filled, element.name))
    return made


def _made(element: Element, value: Any, path: str, filled: list[str], name: str | None) -> JsonObject:
    made: JsonObject = {"modelType": _MODEL_TYPES[element.kind]}
    if name is not None:
        made["idShort"] = name
    made |= _semantics(element.ids)
    if element.kind == "group":
        inner = _children(element.elements, value if isinstance(value, Mapping) else {}, path, filled)
        if inner:
            made["value"] = inner
        return made
    if element.kind == "list":
        made |= {"orderRelevant": True, "typeValueListElement": element.type}
        if element.type == "Property":
            made["valueTypeListElement"] = f"xs:{element.entry.type}"
        entries = [
            _made(element.entry, each, f"{path}[{n}]", filled, None)
            for n, each in enumerate(value if isinstance(value, list) else ())
        ]
        if entries:
            made["value"] = entries
        elif element.required:
            filled.append(path)
        return made
    if element.kind == "property":
        made["valueType"] = f"xs:{element.type}"
    if element.kind == "file":
        held = value if isinstance(value, Mapping) else {}
        value = held.get("value")
        made["contentType"] = held.get("contentType") or NO_CONTENT_TYPE
        if "contentType" not in held:
            filled.append(f"{path}.contentType")
    if value in (None, {}):
        filled.append(path)
    elif element.kind == "texts":
        made["value"] = [{"language": language, "text": text} for language, text in value.items()]
    else:
        made["value"] = value
    return made


# --- reading --------------------------------------------------------------------------------------------------------


def identifiers(element: Any) -> list[str]:
    """The semantic id of an element or submodel and what supplements it, without what is malformed."""
    if not isinstance(element, Mapping):
        return []
    more = element.get("supplementalSemanticIds")
    references = [element.get("semanticId"), *(more if isinstance(more, list) else [])]
    keys = [reference.get("keys") for reference in references if isinstance(reference, Mapping)]
    values = [key.get("value") for each in keys if isinstance(each, list) for key in each if isinstance(key, Mapping)]
    return [value for value in values if isinstance(value, str)]


def plain(elements: Any, known: Sequence[Element]) -> dict[str, Any]:
    """Elements as plain values by idShort.

    :param known: what the template has at this place.
    """
    values: dict[str, Any] = {}
    for n, element in enumerate(elements if isinstance(elements, list) else ()):
        own = element.get("idShort") if isinstance(element, Mapping) else None
        name = own if isinstance(own, str) else f"({n})"
        template = _template_of(name, element, known)
        if template is not None:
            name = template.name
        value = _plain_value(element, template)
        if template is not None and template.cardinality in "+*":
            values.setdefault(name, []).append(value)
        else:
            values[name if name not in values else f"{name}({n})"] = value
    return values


def _template_of(name: str, element: Any, known: Sequence[Element]) -> Element | None:
    bare = _NUMBERED.sub("", name)
    named = next((each for each in known if each.name in (name, bare)), None)
    if named is not None:
        return named
    ids = identifiers(element)
    return next((each for each in known if ids and each.ids[0] == ids[0]), None)


def _plain_value(element: Any, template: Element | None) -> Any:
    if not isinstance(element, Mapping):
        return element
    value, kind = element.get("value"), element.get("modelType")
    inner = template.elements if template is not None else ()
    more = _more(element)
    if kind in ("SubmodelElementCollection", "SubmodelElementList") and isinstance(value, list):
        if kind == "SubmodelElementCollection":
            return {**plain(value, inner), **more}
        entries: list[Any] = [_plain_value(each, inner[0] if inner else None) for each in value]
        return [*entries, more] if more else entries
    if kind == "MultiLanguageProperty" and isinstance(value, list):
        texts = [each for each in value if isinstance(each, Mapping)]
        by_language = {str(each.get("language")).lower(): each.get("text") for each in texts}
        # Two texts of one language: unchanged, so that neither is lost.
        value = by_language if len(by_language) == len(value) else value
    if kind == "File":
        file = {"value": value, "contentType": element.get("contentType")}
        more = {name: held for name, held in more.items() if name != "contentType"} | file
        return {name: held for name, held in more.items() if held is not None}
    if not more:
        return value
    return more if value is None else {"value": value, **more}


def _more(element: Mapping[str, Any]) -> dict[str, Any]:
    """What an element says beside its value: extensions, ranges, references. Qualifiers of the template say nothing."""
    more = {name: held for name, held in element.items() if name not in _DESCRIBING and name != "value"}
    qualifiers = more.pop("qualifiers", None)
    data = [each for each in qualifiers if not _of_template(each)] if isinstance(qualifiers, list) else qualifiers
    return {**more, **({"qualifiers": data} if data else {})}


def _of_template(qualifier: Any) -> bool:
    kind = qualifier.get("type") if isinstance(qualifier, Mapping) else None
    return isinstance(kind, str) and (kind.startswith("SMT/") or kind in ("Cardinality", "Multiplicity"))
