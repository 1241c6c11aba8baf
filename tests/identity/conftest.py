"""One key of each algorithm, made once: the tests need real keys, not new ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from passport.identity import Algorithm, PrivateKey

VECTOR_KEYS = {
    Algorithm.P256: ("vc-di-ecdsa/p256KeyPair.json", "secretKeyMultibase"),
    Algorithm.P384: ("vc-di-ecdsa/p384KeyPair.json", "secretKeyMultibase"),
    Algorithm.ED25519: ("vc-di-eddsa/keyPair.json", "privateKeyMultibase"),
}


@pytest.fixture(scope="session", params=list(Algorithm), ids=str)
def private_key(request) -> PrivateKey:
    return PrivateKey.generate(request.param)


@pytest.fixture(scope="session")
def p256() -> PrivateKey:
    return PrivateKey.generate(Algorithm.P256)


@pytest.fixture(scope="session", params=list(VECTOR_KEYS), ids=str)
def key_pair(request, vectors: Path) -> tuple[str, str]:
    """(publicKeyMultibase, secretKeyMultibase) of the W3C test key of one algorithm."""
    path, secret = VECTOR_KEYS[request.param]
    pair = json.loads((vectors / "w3c" / path).read_text(encoding="utf-8"))
    return pair["publicKeyMultibase"], pair[secret]
