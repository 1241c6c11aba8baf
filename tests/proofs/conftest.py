"""A small real world for proofs: vector files, keys, and a context with a term of each kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from passport.identity import Algorithm, DidResolver, KeySigner, PrivateKey
from passport.linked_data.contexts import PINNED, ContextLoader

V2 = "https://www.w3.org/ns/credentials/v2"
TEST_CONTEXT = "https://example.org/contexts/proofs-test"
NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def w3c(vectors: Path) -> Callable[[str], Any]:
    """Content of a vector file below w3c/: parsed when it is JSON, else its text."""

    def read(name: str) -> Any:
        data = (vectors / "w3c" / name).read_bytes()
        return json.loads(data) if name.endswith(".json") else data.decode("utf-8")

    return read


@pytest.fixture(scope="session")
def vector_loader(vectors: Path) -> ContextLoader:
    folder = vectors / "w3c" / "contexts"
    names = {
        "https://www.w3.org/ns/credentials/examples/v2": "credentials-examples-v2.jsonld",
        "https://w3id.org/citizenship/v4rc1": "citizenship-v4rc1.jsonld",
    }
    return PINNED.extended({url: json.loads((folder / name).read_bytes()) for url, name in names.items()})


@pytest.fixture(scope="session")
def loader() -> ContextLoader:
    ns = "https://example.org/ns#"
    return PINNED.extended(
        {
            TEST_CONTEXT: {
                "@context": {
                    "@protected": True,
                    "TestCredential": ns + "TestCredential",
                    "mass": {"@id": ns + "mass", "@type": "http://www.w3.org/2001/XMLSchema#decimal"},
                    "cells": ns + "cells",
                    "maker": {"@id": ns + "maker", "@type": "@id"},
                    "title": {"@id": ns + "title", "@container": "@language"},
                    "notes": {"@id": ns + "notes", "@container": "@set"},
                    "reading": {"@id": ns + "reading", "@container": "@set"},
                    "part": ns + "part",
                    "steps": {"@id": ns + "steps", "@container": "@list"},
                    "data": {"@id": ns + "data", "@type": "@json"},
                    "m~n": ns + "odd",
                }
            }
        }
    )


@pytest.fixture(scope="session")
def signers() -> dict[str, KeySigner]:
    """One signer for each suite."""
    p256 = KeySigner(PrivateKey.generate(Algorithm.P256))
    return {
        "ecdsa-rdfc-2019": p256,
        "ecdsa-rdfc-2019 P-384": KeySigner(PrivateKey.generate(Algorithm.P384)),
        "eddsa-rdfc-2022": KeySigner(PrivateKey.generate(Algorithm.ED25519)),
        "ecdsa-sd-2023": p256,
    }


@pytest.fixture(scope="session")
def resolver() -> DidResolver:
    return DidResolver()


@pytest.fixture
def credential() -> dict:
    """A credential in which every node has an id."""
    return {
        "@context": [V2, TEST_CONTEXT],
        "id": "urn:x:credential",
        "type": ["VerifiableCredential", "TestCredential"],
        "issuer": "did:example:issuer",
        "validFrom": "2026-11-21T00:00:00Z",
        "credentialSubject": {
            "id": "urn:x:pack",
            "mass": "450.50",
            "cells": 96,
            "maker": "https://example.org/maker",
            "title": {"en": "Pack", "zh": "电池包"},
            "notes": ["first", "second", "third"],
            "reading": [
                {"id": "urn:x:credential#reading-1", "cells": 1, "mass": "1.0"},
                {"id": "urn:x:credential#reading-2", "cells": 2, "mass": "2.0"},
                {"id": "urn:x:credential#reading-3", "cells": 3},
            ],
            "part": {"id": "urn:x:part", "part": {"id": "urn:x:inner", "mass": "0.1", "cells": 4}},
            "data": {"free": [1, None, 0.5], "form": "x"},
        },
    }
