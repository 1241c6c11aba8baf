"""The three example packs as records, and peers' schemas."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import strategies as st

from passport.battery.record import Record
from passport.battery.record_json import from_json

PACKS = ("ev-ncm-100kwh", "lmt-ebike", "stationary-lfp")


@pytest.fixture(params=PACKS)
def pack(request, examples: Path) -> Record:
    """One of the three example packs."""
    return example(examples, request.param)


@pytest.fixture
def ev(examples: Path) -> Record:
    return example(examples, "ev-ncm-100kwh")


def example(folder: Path, name: str) -> Record:
    return from_json(json.loads((folder / f"{name}.json").read_text("utf-8")), f"{name}.json")


@pytest.fixture(scope="session")
def schema_errors():
    """(schema file, document) -> what the schema says against it, in the draft that the schema names."""

    def errors(schema: Path, document) -> list[str]:
        read = json.loads(schema.read_text("utf-8"))
        kind = jsonschema.validators.validator_for(read, jsonschema.Draft202012Validator)
        found = kind(read, format_checker=kind.FORMAT_CHECKER).iter_errors(json.loads(json.dumps(document)))
        return [f"{error.json_path}: {error.message}" for error in found]

    return errors


#: Any JSON value, for members of foreign documents.
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="session")
def anything():
    return ANYTHING


def spoiled(document, path, value):
    """A copy of a document with one member replaced; ``path`` chooses it by numbers, round and round."""
    if isinstance(document, dict) and document and path:
        name = list(document)[path[0] % len(document)]
        return {**document, name: spoiled(document[name], path[1:], value)}
    if isinstance(document, list) and document and path:
        n = path[0] % len(document)
        return [*document[:n], spoiled(document[n], path[1:], value), *document[n + 1 :]]
    return value


@pytest.fixture(scope="session")
def spoil():
    return spoiled
