"""A loader that knows, besides the pinned contexts, those that only test vectors use; and documents of our own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from passport.commands.keeping.init import make_project
from passport.errors import PassportError
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.store import Store
from passport.vocabulary import vocabulary
from tests.conftest import CHECKOUT
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher

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


@pytest.fixture(scope="session")
def own_documents(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """Every credential that the examples are published as, without its proof; and the configurations of the proofs."""
    base = "https://passport.example.com"
    project = make_project(tmp_path_factory.mktemp("operator") / "operator", base, names={"en": "Operator"})
    store, at = Store.open("sqlite://"), datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
    publisher = RememberingPublisher(store, project.issuer_with_key(None), base, vocabulary.load(), ())
    ids = []
    for workbook in sorted((CHECKOUT / "examples").glob("*.xlsx")):
        try:
            report = publisher.issue(example_records(workbook.name), at=at)
        except (AttributeError, KeyError, PassportError):
            continue  # not a workbook of packs
        ids += [identifier for entry in report.entries for identifier in entry.credentials]
    documents = []
    for identifier in ids:
        document = store.credential(identifier).document
        proof = {key: value for key, value in document.pop("proof").items() if key != "proofValue"}
        documents += [document, {"@context": document["@context"], **proof}]
    return documents
