"""The files beside the cases: the manifest with the expected verdicts, its schema, contexts, keys, and a README."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import passport
from passport.credentials.credential import date_time
from passport.credentials.verification_result import CHECKS
from passport.interop_kit.case import OUTCOMES, Case
from passport.interop_kit.world import AT, World
from passport.linked_data import contexts, resources, strict_json
from passport.linked_data.contexts import PINS
from passport.texts import languages

FORMAT = "battery-passport-interoperability-set/1"

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Manifest of a battery passport interoperability set",
    "type": "object",
    "required": ["format", "madeBy", "at", "checks", "cases", "contexts", "keys", "files"],
    "additionalProperties": False,
    "properties": {
        "format": {"const": FORMAT},
        "madeBy": {"type": "string"},
        "warning": {"type": "string"},
        "at": {"$ref": "#/$defs/instant", "description": "the instant of verification, unless a case names another"},
        "checks": {"type": "object", "description": "the names of the checks, by number"},
        "cases": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/case"}},
        "contexts": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["url", "file", "sha256OfJcs"],
                "additionalProperties": False,
                "properties": {
                    "url": {"type": "string", "format": "uri"},
                    "file": {"type": "string"},
                    "sha256OfJcs": {
                        "type": "string",
                        "pattern": "^[0-9a-f]{64}$",
                        "description": "of the RFC 8785 form, the same for every serialisation",
                    },
                },
            },
        },
        "keys": {"type": "string", "description": "the file of the public keys"},
        "files": {
            "type": "object",
            "description": "SHA-256 of each other file, by path",
            "additionalProperties": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        },
    },
    "$defs": {
        "instant": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"},
        "outcome": {"enum": list(OUTCOMES.values())},
        "case": {
            "type": "object",
            "required": ["name", "title", "file", "mediaType", "trust", "at", "expected"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string", "pattern": "^[a-z0-9-]+$"},
                "title": {
                    "type": "object",
                    "description": "by language",
                    "required": list(languages()),
                    "additionalProperties": False,
                    "properties": {language: {"type": "string"} for language in languages()},
                },
                "file": {"type": "string"},
                "mediaType": {"type": "string", "pattern": "^application/(vc|vp)([+](jwt|sd-jwt|cose))?$"},
                "trust": {"type": "string", "description": "the trust list to verify by"},
                "at": {"$ref": "#/$defs/instant"},
                "about": {"type": "string", "description": "the address or code that is asked for"},
                "challenge": {"type": "string"},
                "domain": {"type": "string"},
                "expected": {
                    "type": "object",
                    "required": ["verified", "exitCode", "checks", "code", "signatures", "superseded"],
                    "additionalProperties": False,
                    "properties": {
                        "verified": {"type": ["boolean", "null"], "description": "null: could not be determined"},
                        "exitCode": {"enum": [0, 1, 3]},
                        "checks": {
                            "type": "object",
                            "description": "the worst outcome over all members of the file, by number",
                            "required": [str(number) for number in CHECKS],
                            "additionalProperties": False,
                            "properties": {str(number): {"$ref": "#/$defs/outcome"} for number in CHECKS},
                        },
                        "presentation": {
                            "$ref": "#/$defs/outcome",
                            "description": "check 2 of the presentation itself, where it is signed or has to be",
                        },
                        "code": {"type": ["string", "null"], "description": "of the first check that did not pass"},
                        "signatures": {
                            "type": ["boolean", "null"],
                            "description": "whether every proof in the file holds by cryptography alone, whoever "
                            "signed; null: a proof, a context or the text leaves it open",
                        },
                        "superseded": {
                            "type": "array",
                            "items": {"type": "string"},
                            "description": "ids of the credentials of which a newer one exists",
                        },
                    },
                },
            },
        },
    },
}


def files_of(world: World, cases: Sequence[Case]) -> dict[str, bytes]:
    """All files of the set, by path; ``expected.json`` among them."""
    pinned, copies = _contexts()
    files = {
        **{case.path: case.data for case in cases},
        "trust/namespaces.json": _json(world.actors.trust_list(namespaces=True)),
        "trust/any-subject.json": _json(world.actors.trust_list(namespaces=False)),
        "keys.json": _json({"warning": WARNING, "keys": world.actors.public_keys}),
        **{f"did/{_plain(did)}.json": _json(document) for did, document in world.actors.documents.items()},
        **copies,
        "expected.schema.json": _json(SCHEMA),
        "README.md": _readme(cases).encode(),
    }
    manifest = {
        "format": FORMAT,
        "madeBy": f"battery-passport {passport.__version__}",
        "warning": WARNING,
        "at": date_time(AT),
        "checks": {str(number): name for number, name in CHECKS.items()},
        "cases": [case.to_json(AT) for case in cases],
        "contexts": pinned,
        "keys": "keys.json",
        "files": {path: hashlib.sha256(data).hexdigest() for path, data in sorted(files.items())},
    }
    return {**files, "expected.json": _json(manifest)}


WARNING = "TEST KEYS. Everybody has the private halves. Put no DID of this set into a trust list that decides anything."


def _contexts() -> tuple[list[dict[str, str]], dict[str, bytes]]:
    """The contexts that the set uses: what is said of each, and the copies."""
    pins: Mapping[str, Any] = strict_json.loads(resources.read_bytes(PINS))
    listed, copies = [], {}
    for url, pin in sorted(pins.items()):
        path = f"contexts/{pin['file'].rpartition('/')[2]}"
        copies[path] = resources.read_bytes(f"contexts/{pin['file']}")
        listed.append({"url": url, "file": path, "sha256OfJcs": contexts.digest(strict_json.loads(copies[path]))})
    return listed, copies


def _readme(cases: Sequence[Case]) -> str:
    rows = "\n".join(f"| `{case.name}` | {_word(case.verified)} | {case.code or ''} | {case.title} |" for case in cases)
    return f"""# Battery passports: an interoperability set

**{WARNING}**

Signed documents of battery passports, good ones and faulty ones, with the verdict that is expected of each. Nothing
outside this folder is needed: contexts and DID documents are copies in it, and no address in it has to be fetched.

* `expected.json` lists the cases: the file, the trust list, the instant to verify at, what is asked for, and the
  expected outcome of each check. `expected.schema.json` is its JSON Schema. `files` holds the SHA-256 of every other
  file.
* `cases/` holds the files: presentations and credentials in JSON-LD, tokens (`.jwt`, `.sd-jwt`) and COSE messages
  (`.cose`).
* `trust/` holds the trust lists, `keys.json` the public keys, `did/` the DID document of the issuer with did:web.
* `contexts/` holds the JSON-LD contexts.

Verify at {date_time(AT)}. With the software that made the set:

    passport verify cases/passport-public.jsonld --offline --trust trust/namespaces.json --at {date_time(AT)}

A verifier without trust lists or without a rule for passports can still be held against `signatures` and checks 1 to 4.

| case | verified | code | what it is |
|---|---|---|---|
{rows}
"""


def _word(verified: bool | None) -> str:
    return {True: "yes", False: "no", None: "could not be determined"}[verified]


def _plain(did: str) -> str:
    return did.removeprefix("did:").replace(":", "-").replace("%", "-")


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
