"""The interoperability set in front of both foreign stacks: what they can read, they judge as the manifest says.

They have neither trust lists nor a rule for passports, so they are held against signatures, controller, validity and
status (``signatures``, checks 2 to 4). Left out: tokens, which ``tests/interop`` compares elsewhere; did:web, which
both would fetch; cryptosuites and contexts that nobody knows.

A set ``refresh`` bit is told here and passes. Digital Bazaar's stack, as it is called here, refuses every bit that is
set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

import pytest

from passport.interop_kit import make

JsonObject = dict[str, Any]


@cache
def files() -> dict[str, bytes]:
    """The set, made when the first test asks for it."""
    return make()


@cache
def manifest() -> JsonObject:
    return json.loads(files()["expected.json"])


def _readable() -> Iterator[tuple[JsonObject, list[JsonObject], list[JsonObject], JsonObject]]:
    """Case, credentials, status lists and the file itself, of each case that consists of Data Integrity documents."""
    for case in manifest()["cases"]:
        if not case["file"].endswith(".jsonld") or case["expected"]["signatures"] is None:
            continue
        document = json.loads(files()[case["file"]])
        members = document.get("verifiableCredential", [document])
        if any("issuer" not in member or "did:web:" in str(member["issuer"]) for member in members):
            continue
        lists = [member for member in members if member["type"][1:] == ["BitstringStatusListCredential"]]
        yield case, [member for member in members if member not in lists], lists, document


@cache
def readable() -> list[tuple[JsonObject, list[JsonObject], list[JsonObject], JsonObject]]:
    return list(_readable())


def expected(case: JsonObject) -> bool:
    """Whether a verifier that looks at signatures, controller, validity and status accepts all credentials."""
    checks = case["expected"]["checks"]
    return case["expected"]["signatures"] and not {checks[number] for number in "234"} & {"failed", "undetermined"}


def test_most_of_the_set_can_be_read_by_others():
    assert len(readable()) > 40
    assert sum(expected(case) for case, *_ in readable()) > 15


def test_digital_bazaars_stack_judges_the_set_as_the_manifest_says(peer):
    jobs, wanted = [], []
    for case, credentials, lists, _ in readable():
        for document in (*credentials, *lists):
            statuses = lists if document in credentials else []
            jobs.append({"op": "verify", "document": document, "at": case["at"], "statusLists": statuses})
            wanted.append(case)
    by_case: dict[str, list[JsonObject]] = {}
    for case, result in zip(wanted, peer.all(jobs), strict=True):
        by_case.setdefault(case["name"], []).append(result)
    wrong = {}
    for case, *_ in readable():
        results = by_case[case["name"]]
        if case["expected"]["superseded"]:
            assert [r["error"] for r in results if not r["ok"]] == ["status bit set: refresh"], case["name"]
        elif all(result["ok"] for result in results) != expected(case):
            wrong[case["name"]] = results
    assert wrong == {}, wrong


def test_digital_bazaars_stack_judges_presentations_as_the_manifest_says(peer):
    cases = [(case, lists, document) for case, _, lists, document in readable() if "challenge" in case]
    assert len(cases) == 4
    jobs = [
        {
            "op": "verify-presentation",
            "document": document,
            "at": case["at"],
            "challenge": case["challenge"],
            "domain": case["domain"],
            "statusLists": lists,
        }
        for case, lists, document in cases
        if "proof" in document
    ]
    results = peer.all(jobs)
    assert [result["ok"] for result in results] == [True, False, False]


def test_openvc_judges_the_set_as_the_manifest_says():
    """It leaves a status list to its caller, so its proof and validity are asked for by hand; who signed it, is not.

    It has a rule of its own for the spelling of documents, and refuses two of the four that are respelled here.
    """
    openvc = pytest.importorskip("openvc")
    from openvc.errors import OpenvcError

    contexts = {entry["url"]: json.loads(files()[entry["file"]]) for entry in manifest()["contexts"]}
    extra = {url: document for url, document in contexts.items() if "www.w3.org" not in url}
    differing = set()
    for case, credentials, lists, _ in readable():
        by_address = {document["id"]: document for document in lists}
        options = {
            "policy": openvc.VerificationPolicy(now=datetime.fromisoformat(case["at"])),
            "extra_contexts": extra,
        }

        def verified_list(address: str, by_address=by_address, options=options) -> JsonObject:
            openvc.verify_credential(by_address[address], **options)
            return by_address[address]

        accepted = True
        for document in credentials:
            try:
                openvc.verify_credential(document, **options, resolve_status_list=verified_list)
            except (OpenvcError, KeyError):
                accepted = False
        if accepted != expected(case):
            differing.add((case["name"], accepted))
    assert differing == {("respelled-null", False), ("respelled-type", False), ("list-of-a-stranger", True)}
