"""A loader that knows, besides the pinned contexts, those that only test vectors use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from passport.linked_data.contexts import PINNED, ContextLoader

VECTOR_CONTEXTS = {
    "https://www.w3.org/ns/credentials/examples/v2": "credentials-examples-v2.jsonld",
    "https://w3id.org/citizenship/v4rc1": "citizenship-v4rc1.jsonld",
}

TEST_CONTEXT = "https://example.org/contexts/test"


@pytest.fixture(scope="session")
def vector_loader(vectors: Path) -> ContextLoader:
    folder = vectors / "w3c" / "contexts"
    return PINNED.extended({url: json.loads((folder / name).read_bytes()) for url, name in VECTOR_CONTEXTS.items()})


@pytest.fixture(scope="session")
def loader() -> ContextLoader:
    """The pinned contexts and a small one with a term of each kind."""
    ns = "https://example.org/ns#"
    xsd = "http://www.w3.org/2001/XMLSchema#"
    return PINNED.extended(
        {
            TEST_CONTEXT: {
                "@context": {
                    "id": "@id",
                    "type": "@type",
                    "graph": "@graph",
                    "included": "@included",
                    "xsd": xsd,
                    "Thing": ns + "Thing",
                    "name": ns + "name",
                    "label": {"@id": ns + "label", "@container": "@language"},
                    "mass": {"@id": ns + "mass", "@type": "xsd:decimal"},
                    "voltage": {"@id": ns + "voltage", "@type": "xsd:double"},
                    "count": ns + "count",
                    "made": {"@id": ns + "made", "@type": "xsd:date"},
                    "part": {"@id": ns + "part", "@type": "@id"},
                    "parts": {"@id": ns + "part", "@type": "@id", "@container": "@set"},
                    "partOf": {"@reverse": ns + "part", "@type": "@id"},
                    "kind": {"@id": ns + "kind", "@type": "@vocab"},
                    "order": {"@id": ns + "order", "@container": "@list"},
                    "claim": {"@id": ns + "claim", "@container": "@graph"},
                    "data": {"@id": ns + "data", "@type": "@json"},
                    "forgotten": None,
                }
            }
        }
    )
