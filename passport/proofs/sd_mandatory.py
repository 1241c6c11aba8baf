"""The mandatory part of a derived document, computed from the proof.

A derived proof says which *statements* are mandatory, not which pointers the issuer gave. To thin a document, the
JSON is needed: everything that says mandatory statements only. It is found from the top down. Where an object holds
both kinds, its properties are tried in halves, and a half that says nothing mandatory beyond what its object says
anyhow (its id, its type, that it is there) is left alone.
"""

from __future__ import annotations

from typing import Any

from passport.errors import ProofError
from passport.proofs import pointers as json_pointers
from passport.proofs.sd_statements import MaskedStatements

# Not parts to be chosen: they come with every part of their object.
_OF_THE_OBJECT = frozenset({"@context", "id", "type", "@id", "@type"})


def pointers(statements: MaskedStatements, mandatory: frozenset[int]) -> list[str]:
    """Pointers that together select exactly the mandatory statements of a document, in document order."""
    if not mandatory:
        return []
    return _Search(statements, mandatory).run()


class _Search:
    def __init__(self, statements: MaskedStatements, mandatory: frozenset[int]) -> None:
        self.statements = statements
        self.mandatory = mandatory
        self.found: list[str] = []

    def run(self) -> list[str]:
        document = self.statements.document
        everywhere = self.statements.numbers(())
        self.among([(key,) for key in document if key not in _OF_THE_OBJECT], everywhere)
        return self.found

    def numbers(self, paths: list[tuple[Any, ...]]) -> frozenset[int]:
        return self.statements.numbers(json_pointers.write(path) for path in paths)

    def among(self, paths: list[tuple[Any, ...]], anyhow: frozenset[int]) -> None:
        """Look for mandatory parts among siblings; ``anyhow`` is what each of them says by its place."""
        if not paths:
            return
        try:
            numbers = self.numbers(paths)
        except ProofError:
            # Members of a JSON literal: in part they say something else. A whole that is mandatory was found before.
            return
        if numbers <= self.mandatory:
            self.found.extend(json_pointers.write(path) for path in paths)
        elif numbers & self.mandatory <= anyhow:
            return
        elif len(paths) > 1:
            middle = len(paths) // 2
            self.among(paths[:middle], anyhow)
            self.among(paths[middle:], anyhow)
        else:
            self.below(paths[0], anyhow)

    def below(self, path: tuple[Any, ...], anyhow: frozenset[int]) -> None:
        """The part is not mandatory as a whole; something in it may be."""
        value: Any = json_pointers.resolve(self.statements.document, json_pointers.write(path))
        if isinstance(value, list):
            self.among([(*path, index) for index in range(len(value))], anyhow)
        elif isinstance(value, dict):
            name = next((key for key in ("id", "@id", "type", "@type") if key in value), None)
            if name is not None:
                anyhow = self.numbers([(*path, name)])
                if anyhow <= self.mandatory:
                    self.found.append(json_pointers.write((*path, name)))
            self.among([(*path, key) for key in value if key not in _OF_THE_OBJECT], anyhow)
