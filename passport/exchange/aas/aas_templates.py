"""The submodel templates of a battery passport: IDTA 02099-1 (metadata) and the seven parts of IDTA 02035.

The facts are in ``templates.txt`` beside this module, which says how it is read. Nothing here knows an indicator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Element:
    """One element of a template.

    :param name: idShort; ``[]`` for the entry of a list.
    :param kind: ``property``, ``texts`` (MultiLanguageProperty), ``file``, ``group`` (collection) or ``list``.
    :param cardinality: ``1``, ``?`` (0..1), ``+`` (1..n) or ``*`` (0..n).
    :param type: XSD type without its prefix, content type of a file, kind of a list's entries; ``-``: none.
    :param ids: the semantic id, then what supplements it.
    """

    name: str
    kind: str
    cardinality: str
    type: str
    ids: tuple[str, ...]
    elements: tuple[Element, ...] = ()

    @property
    def required(self) -> bool:
        return self.cardinality in ("1", "+")

    @property
    def entry(self) -> Element:
        """The one kind of entry that a list has."""
        return self.elements[0]


@dataclass(frozen=True)
class Template:
    """One submodel.

    :param key_type: how the template itself refers to its semantic id.
    """

    name: str
    key_type: str
    template_id: str
    version: str
    revision: str
    ids: tuple[str, ...]
    elements: tuple[Element, ...]


@cache
def templates() -> Mapping[str, Template]:
    """The templates by idShort, in the order of their parts."""
    text = resources.files(__package__).joinpath("templates.txt").read_text("utf-8")
    prefixes: dict[str, str] = {}
    by_name: dict[str, Template] = {}
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        for line in lines:
            if line.startswith("prefix "):
                _, name, iri = line.split(" ")
                prefixes[name] = iri
        if lines and lines[0].startswith("submodel "):
            _, name, key_type, template_id, version, *ids = lines[0].split(" ")
            elements = tuple(_elements(lines[1:], prefixes))
            first, _, second = version.partition(".")
            whole = tuple(_iri(each, prefixes) for each in ids)
            by_name[name] = Template(name, key_type, template_id, first, second, whole, elements)
    return by_name


def _elements(lines: list[str], prefixes: Mapping[str, str], depth: int = 0) -> Iterator[Element]:
    indent = "  " * depth
    starts = [n for n, line in enumerate(lines) if not line.startswith(indent + "  ")]
    for n, end in zip(starts, [*starts, len(lines)][1:], strict=True):
        name, kind, cardinality, type_, *ids = lines[n].split()
        inner = tuple(_elements(lines[n + 1 : end], prefixes, depth + 1))
        yield Element(name, kind, cardinality, type_, tuple(_iri(each, prefixes) for each in ids), inner)


def _iri(short: str, prefixes: Mapping[str, str]) -> str:
    prefix, colon, rest = short.partition(":")
    return prefixes[prefix] + rest if colon and prefix in prefixes else short
