"""The files that are derived from the ontology, and the one command that writes them.

    python -m passport.vocabulary.derived            writes what has changed, and names it
    python -m passport.vocabulary.derived --check    writes nothing; leaves with 1 where a file is stale, and names it

Derived are ``contexts/battery-v1.jsonld`` with its pin in ``contexts/pins.json``, ``shapes/datatypes.ttl``,
``shapes/personal-data.ttl``, ``shapes/parties.ttl``, ``ontology/derived/credential-names.json``,
``ontology/derived/battery-graph.json``, and one shapes file per regime and battery category, so that a new file under
``ontology/regimes/`` brings its shapes with it. The output depends on the ontology alone: the same on every machine.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence

from passport.errors import MalformedOntology
from passport.linked_data import contexts, resources, strict_json
from passport.texts import Message
from passport.vocabulary import credential_types
from passport.vocabulary.derivation.derived_context import CONTEXT, context
from passport.vocabulary.derivation.derived_parties import FILE as PARTIES
from passport.vocabulary.derivation.derived_parties import parties
from passport.vocabulary.derivation.derived_privacy import FILE as PRIVACY
from passport.vocabulary.derivation.derived_privacy import personal_data
from passport.vocabulary.derivation.derived_shapes import completeness, datatypes
from passport.vocabulary.ontology import graph as ontology_graph
from passport.vocabulary.vocabulary import ONTOLOGY, Regime, Vocabulary, load, regimes

CONTEXT_FILE = "battery-v1.jsonld"


def files(vocabulary: Vocabulary | None = None, known_regimes: Mapping[str, Regime] | None = None) -> dict[str, str]:
    """Every derived file by its name, with the content it should have.

    :param vocabulary: default: the ontology's.
    :param known_regimes: default: those under ``ontology/regimes/``.
    :raises MalformedOntology: the ontology contradicts itself.
    """
    vocabulary = vocabulary or load()
    known_regimes = regimes() if known_regimes is None else known_regimes
    document = context(vocabulary)
    made = {
        f"contexts/{CONTEXT_FILE}": _json(document),
        contexts.PINS: _pins(contexts.digest(document)),
        "shapes/datatypes.ttl": datatypes(vocabulary),
        PRIVACY: personal_data(vocabulary),
        PARTIES: parties(vocabulary),
        credential_types.NAMES_FILE: _json(_credential_names(vocabulary)),
        ontology_graph.FILE: ontology_graph.derived(resources.read_text(ONTOLOGY)),
    }
    for regime in known_regimes.values():
        for category in regime.categories:
            made[f"shapes/{regime.code}-{category}.ttl"] = completeness(vocabulary, regime, category)
    return made


def stale() -> tuple[str, ...]:
    """Names of derived files that are missing or differ from what the ontology says."""
    return tuple(name for name, content in files().items() if _current(name) != content)


def write() -> tuple[str, ...]:
    """Bring the derived files up to date; returns the names of those written."""
    written = stale()
    made = files()
    for name in written:
        path = resources.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made[name], encoding="utf-8", newline="\n")
    return written


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m passport.vocabulary.derived", description="Derive context and shapes from the ontology."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a derived file is stale")
    options = parser.parse_args(arguments)
    if options.check:
        for name in stale():
            print(f"stale: {name}; run python -m passport.vocabulary.derived", file=sys.stderr)
        return 1 if stale() else 0
    for name in write():
        print(f"written: {name}")
    return 0


def _current(name: str) -> str | None:
    try:
        return resources.path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _credential_names(vocabulary: Vocabulary) -> dict[str, dict[str, str]]:
    """What people call each type of credential, for readers that load no ontology."""
    missing = [name for name in credential_types.TYPES if name not in vocabulary.classes]
    if missing:
        raise MalformedOntology(
            Message("the ontology has no class {missing}, which is a type of credential here", missing=missing[0])
        )
    return {name: dict(vocabulary.classes[name].in_text) for name in credential_types.TYPES}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _pins(digest: str) -> str:
    """The list of pins as it is, with ours brought up to date. Pins of foreign contexts are never touched here."""
    pins = strict_json.loads(resources.read_bytes(contexts.PINS)) if resources.path(contexts.PINS).exists() else {}
    pins[CONTEXT] = {"file": CONTEXT_FILE, "sha256": digest, "own": True}
    return _json(dict(sorted(pins.items())))


if __name__ == "__main__":
    sys.exit(main())
