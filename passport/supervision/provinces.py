"""The provinces of China by their codes (ISO 3166-2), with names and the place of each on a map of equal tiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from passport.linked_data import resources
from passport.supervision.rulebook import FOLDER
from passport.supervision.upload_fields import SV
from passport.vocabulary.indicator import Texts
from passport.vocabulary.strict_turtle import RDFS, SKOS, OntologySource

_FILE = "provinces.ttl"


@dataclass(frozen=True)
class Province:
    """:ivar column: of its tile, from the west; :ivar row: from the north."""

    code: str
    label: Texts
    column: int
    row: int


@cache
def provinces() -> Mapping[str, Province]:
    """All provinces by code, from the north to the south.

    :raises MalformedOntology: the file contradicts itself; the message names the term.
    """
    name = f"{FOLDER}/{_FILE}"
    source = OntologySource(resources.path(name).read_text(encoding="utf-8"), name)
    known: dict[str, Province] = {}
    tiles: set[tuple[int, int]] = set()
    for node in source.of_type(SV.Province):
        column, row = node.integer(SV.column), node.integer(SV.row)
        if column is None or row is None or (column, row) in tiles:
            raise node.wrong("has no tile of its own")
        tiles.add((column, row))
        code = node.required_text(SKOS.notation)
        known[code] = Province(code, node.texts(RDFS.label), column, row)
    return MappingProxyType(dict(sorted(known.items(), key=lambda item: (item[1].row, item[1].column))))
