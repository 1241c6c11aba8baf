"""Reading the documents of an AAS environment: the handover documentation, and the references of the submodels to it.

* A document with a classification in this vocabulary belongs to that indicator, whatever refers to it.
* Another one belongs to the indicator of the list that refers to it: by its address, or by an identifier that the
  handover documentation explains.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from passport.battery.value_reader import part_of
from passport.exchange.aas import aas_elements
from passport.exchange.aas.aas_documents import NO_LANGUAGE, document_links
from passport.exchange.aas.aas_mapping import DOCUMENTS, REFERENCES, VDI_2770, VDI_CLASSES
from passport.exchange.converters import LINK, UnreadableValue
from passport.exchange.correspondences import at, entries_at
from passport.exchange.leaves import LeafDocument
from passport.linked_data.json_types import JsonObject
from passport.vocabulary import vocabulary as vocabulary_module


def read_documents(tree: JsonObject, source: LeafDocument) -> None:
    fields = dict(document_links())
    for entry, place in entries_at(tree, f"{DOCUMENTS}.Documents", source):
        links = _links(entry, place)
        for kind, inner in entries_at(entry, "DocumentClassifications", source, f"{place}."):
            system, own = at(kind, "ClassificationSystem")[0], at(kind, "ClassId")[0]
            if system == VDI_2770 and (own, at(kind, "ClassName.en")[0]) in VDI_CLASSES.values():
                source.take(inner)
            if system != vocabulary_module.NS or own not in fields or not links:
                continue
            source.take(inner)
            _put_document(str(own), fields[str(own)], links[0][0], entry, place, source)
            source.take(*(path for _, path in links[:2]))
    for indicator, path in REFERENCES.items():
        for link, inner in entries_at(tree, path, source):
            held = source.raw[part_of(indicator)].get(indicator)
            addresses = [
                each.get("documentUrl") if isinstance(each, Mapping) else each
                for each in (held if isinstance(held, list) else [held])
            ]
            if link in addresses:
                source.take(inner)
            elif indicator not in ("removalManual", "disassemblyManual"):
                read_reference(link, inner, indicator, tree, source)


def _put_document(indicator: str, field: str | None, link: str, entry: Any, place: str, source: LeafDocument) -> None:
    """A document with a classification of this vocabulary."""
    known = vocabulary_module.load().indicators[indicator]
    path = f"{place}.DocumentIds[0].DocumentIdentifier"
    title = at(entry, "DocumentVersions")[0]
    first = title[0] if isinstance(title, list) and title else {}
    version = f"{place}.DocumentVersions[0]"
    for tag, text in known.label.items():
        if at(first, f"Title.{tag}")[0] == text:
            source.take(f"{version}.Title.{tag}")
    if at(entry, "DocumentIds")[0] and at(entry["DocumentIds"][0], "DocumentDomainId")[0] == vocabulary_module.NS:
        source.take(f"{place}.DocumentIds[0].DocumentDomainId")
    languages, files = at(first, "Language")[0], at(first, "DigitalFiles")[0]
    language: Any = languages[0] if isinstance(languages, list) and len(languages) == 1 else None
    content_type = at(files[0], "contentType")[0] if isinstance(files, list) and files else None
    if language == NO_LANGUAGE:
        source.take(f"{version}.Language[0]")
        language = None
    if content_type == aas_elements.NO_CONTENT_TYPE:
        source.take(f"{version}.DigitalFiles[0].contentType")
        content_type = None
    if field is None:
        if known.repeatable:
            source.append(indicator, link, path)
        else:
            source.put(indicator, link, path)
        return
    n = source.count(indicator)
    source.put(indicator, link, path, entry=n, field=field)
    if known.field("mimeType") and isinstance(content_type, str):
        source.put(indicator, content_type, f"{version}.DigitalFiles[0].contentType", entry=n, field="mimeType")
    if known.field("language") and isinstance(language, str):
        source.put(indicator, language, f"{version}.Language[0]", entry=n, field="language")


def _links(entry: Any, place: str) -> list[tuple[str, str]]:
    """The addresses of a document with their paths: identifiers that are addresses, then its files."""
    pairs = []
    for name, path in (("DocumentIds", "DocumentIdentifier"), ("DocumentVersions", "DigitalFiles")):
        held = at(entry, name)[0]
        for n, each in enumerate(held if isinstance(held, list) else ()):
            inner = at(each, path)[0]
            if isinstance(inner, list):
                pairs += [
                    (at(file, "value")[0], f"{place}.{name}[{n}].{path}[{m}].value") for m, file in enumerate(inner)
                ]
            else:
                pairs.append((inner, f"{place}.{name}[{n}].{path}"))
    links = []
    for value, path in pairs:
        try:
            links.append((str(LINK.read(value)), path))
        except UnreadableValue:
            continue
    return links


def read_reference(link: Any, path: str, indicator: str, tree: JsonObject, source: LeafDocument) -> None:
    """A reference to a document: its address, or an identifier that the handover documentation explains."""
    address = link
    documents = at(tree, f"{DOCUMENTS}.Documents")[0]
    for n, entry in enumerate(documents if isinstance(documents, list) else ()):
        place = f"{DOCUMENTS}.Documents[{n}]"
        ids = at(entry, "DocumentIds")[0]
        named = [at(each, "DocumentIdentifier")[0] for each in (ids if isinstance(ids, list) else ())]
        links = _links(entry, place)
        if isinstance(link, str) and link in named and links:
            address = links[0][0]
            source.take(links[0][1], f"{place}.DocumentIds[{named.index(link)}].DocumentIdentifier")
            break
    value = source.value(LINK, address, path, indicator)
    if value is None:
        return
    source.take(path)
    if vocabulary_module.load().indicators[indicator].repeatable:
        source.append(indicator, value, path)
    else:
        source.put(indicator, value, path)
