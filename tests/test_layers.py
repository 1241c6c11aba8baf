"""Imports run one way: the table of the house, held by reading every module.

    errors <- texts <- linked_data <- identity <- proofs <- credentials
    identity <- transparency                                       logs: trees, checkpoints, receipts; store keeps them
    errors <- texts <- linked_data <- vocabulary <- battery <- validation, footprint, lifecycle <- exchange <- reports
    lifecycle <- supervision                                       duties, rules and alerts over facts: pure
    oversight                                                      joins supervision, store and publishing; the resolver
                                                                   reads it, and changes no facts; its webhooks go
                                                                   through the one HTTP client of identity
    attestation                                                    what a third party examined, whether it still fits
    directory                                                      who is who: identities, trust from them, register
    population                                                     a seeded population of packs, its events signed, for
                                                                   the demonstration and for measurements
    store, presenting, publishing, inspector, belonging, project   join the two wings
    connector                                                      company to company: protocol, claims, hand-over
    web                                                            what both faces need of HTTP
    worker_pool, worker_cluster                                    tasks in several processes, or on several machines
    passport, opened_passport                                      three lines for programmers: open, verify, read
    store                                                          all SQL, the resolver's own state included
    commands, resolver, issuer                                     the roof; resolver and issuer never meet

A new arrow is a design decision: change the table here in the same commit, and say why in its message.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.each import each

CHECKOUT = Path(__file__).resolve().parent.parent
OURS = ("passport", "resolver", "issuer")

ERRORS = "passport.errors"
TEXTS = "passport.texts"
DATA = "passport.linked_data"
IDENTITY = "passport.identity"
PROOFS = "passport.proofs"
CREDENTIALS = "passport.credentials"
TRANSPARENCY = "passport.transparency"
VOCABULARY = "passport.vocabulary"
BATTERY = "passport.battery"
VALIDATION = "passport.validation"
FOOTPRINT = "passport.footprint"
LIFECYCLE = "passport.lifecycle"
SUPERVISION = "passport.supervision"
EXCHANGE = "passport.exchange"
REPORTS = "passport.reports"
STORE = "passport.store"
OVERSIGHT = "passport.oversight"
POPULATION = "passport.population"
ATTESTATION = "passport.attestation"
DIRECTORY = "passport.directory"
PROJECT = "passport.project"
PRESENTING = "passport.presenting"
PUBLISHING = "passport.publishing"
INSPECTOR = "passport.inspector"
BELONGING = "passport.belonging"
INTEROP_KIT = "passport.interop_kit"
OPENED = "passport.opened_passport"
CONNECTOR = "passport.connector"
WEB = "passport.web"
COMMANDS = "passport.commands"
WORKER_POOL = "passport.worker_pool"
WORKER_CLUSTER = "passport.worker_cluster"
RESOLVER = "resolver"
ISSUER = "issuer"

_SIGNED = {ERRORS, TEXTS, DATA, IDENTITY, PROOFS, CREDENTIALS}
_RECORDS = {ERRORS, TEXTS, DATA, VOCABULARY, BATTERY, VALIDATION, FOOTPRINT, EXCHANGE, REPORTS}
_JOIN = {TRANSPARENCY, STORE, ATTESTATION, DIRECTORY, PROJECT, PRESENTING, PUBLISHING, INSPECTOR, BELONGING}

# part -> parts that it may import, besides itself and the name and version in passport/__init__.py
MAY_IMPORT: Mapping[str, set[str]] = {
    "passport": {OPENED},
    "passport.__main__": {COMMANDS},
    OPENED: _SIGNED | {VOCABULARY, BELONGING},
    ERRORS: set(),
    TEXTS: {ERRORS},
    DATA: {ERRORS, TEXTS},
    IDENTITY: {ERRORS, TEXTS, DATA},
    PROOFS: {ERRORS, TEXTS, DATA, IDENTITY},
    CREDENTIALS: {ERRORS, TEXTS, DATA, IDENTITY, PROOFS},
    TRANSPARENCY: {ERRORS, TEXTS, IDENTITY},
    VOCABULARY: {ERRORS, TEXTS, DATA},
    BATTERY: {ERRORS, TEXTS, DATA, VOCABULARY},
    VALIDATION: {ERRORS, TEXTS, DATA, VOCABULARY, BATTERY},
    FOOTPRINT: {ERRORS, TEXTS, DATA, VOCABULARY, BATTERY},
    LIFECYCLE: {ERRORS, TEXTS, DATA, VOCABULARY, BATTERY},
    SUPERVISION: {ERRORS, TEXTS, DATA, VOCABULARY, BATTERY, LIFECYCLE},
    EXCHANGE: {ERRORS, TEXTS, DATA, VOCABULARY, BATTERY, VALIDATION, FOOTPRINT, LIFECYCLE},
    REPORTS: _RECORDS - {REPORTS},
    STORE: {ERRORS, TEXTS, DATA, TRANSPARENCY},
    ATTESTATION: _SIGNED | {VOCABULARY},
    DIRECTORY: _SIGNED | {VOCABULARY, BATTERY, STORE, BELONGING},
    PROJECT: _SIGNED | {VOCABULARY, BATTERY, STORE},
    PRESENTING: _SIGNED | _RECORDS | {LIFECYCLE, ATTESTATION, STORE},
    PUBLISHING: _SIGNED
    | _RECORDS
    | {
        LIFECYCLE,
        TRANSPARENCY,
        STORE,
        ATTESTATION,
        DIRECTORY,
        BELONGING,
        PROJECT,
        PRESENTING,
        WORKER_POOL,
        WORKER_CLUSTER,
    },
    OVERSIGHT: {ERRORS, TEXTS, DATA, IDENTITY, VOCABULARY, LIFECYCLE, SUPERVISION, STORE, PUBLISHING}
    # A worker of a cluster opens the project's store.
    | {PROJECT, WORKER_CLUSTER},
    POPULATION: _SIGNED | {VOCABULARY, BATTERY, LIFECYCLE, EXCHANGE, SUPERVISION, STORE, PUBLISHING},
    CONNECTOR: _SIGNED | {TRANSPARENCY, VOCABULARY, BATTERY, STORE, PROJECT, PRESENTING},
    INSPECTOR: _SIGNED | _RECORDS,
    BELONGING: _SIGNED | {VOCABULARY},
    INTEROP_KIT: _SIGNED | _RECORDS | {STORE, PRESENTING, PUBLISHING},
    WEB: {ERRORS, TEXTS},
    WORKER_POOL: {ERRORS, TEXTS},
    WORKER_CLUSTER: {ERRORS, TEXTS},
    COMMANDS: _SIGNED
    | _RECORDS
    | _JOIN
    | {LIFECYCLE, SUPERVISION, OVERSIGHT, INTEROP_KIT, WORKER_POOL, WORKER_CLUSTER},
    RESOLVER: _SIGNED
    | _RECORDS
    | _JOIN
    | {LIFECYCLE, SUPERVISION, OVERSIGHT, POPULATION, CONNECTOR, WEB, COMMANDS, WORKER_POOL},
    ISSUER: _SIGNED | _RECORDS | _JOIN | {LIFECYCLE, SUPERVISION, OVERSIGHT, CONNECTOR, WEB, COMMANDS},
}

#: What the read side may import of the write side: nothing that signs. Its commands set up a whole project.
READ_SIDE_OF_PUBLISHING = {
    "passport.publishing.footprint_declaration",
    "passport.publishing.events.event_credentials",
}

#: What makes facts and judges them: not for the read side, whose desk shows what was judged.
JUDGING = {
    "passport.oversight.supervised_store", "passport.oversight.supervisor", "passport.oversight.cluster_pass",
}  # fmt: skip

# package of other people -> parts that may import it; what is not named here is bound by no rule
ONLY: Mapping[str, set[str]] = {
    "babel": {TEXTS},
    "pyld": {DATA},
    "rdflib": {OPENED, DATA, VOCABULARY, BATTERY, VALIDATION, FOOTPRINT, LIFECYCLE, SUPERVISION},
    "pyshacl": {VALIDATION},
    "cryptography": {IDENTITY},
    "jwcrypto": {PROOFS, RESOLVER},
    "alembic": {STORE},
    "distributed": {WORKER_CLUSTER},
    "pkcs11": {IDENTITY},
    "sqlalchemy": {STORE},
    "sqlite3": {STORE},
    "openpyxl": {EXCHANGE, REPORTS},
    "pandas": {OPENED},
    "pyoxigraph": {RESOLVER},
    "qrcode": {REPORTS},
    "reportlab": {REPORTS},
    "jinja2": {REPORTS, RESOLVER},
    "click": {COMMANDS, RESOLVER, ISSUER},
    "flask": {RESOLVER, ISSUER, WEB},
    "flask_wtf": {ISSUER},
    "authlib": {ISSUER},
    "joserfc": {ISSUER},
    "webauthn": {ISSUER},
    "uvicorn": {WEB},
    "a2wsgi": {WEB},
}


@dataclass(frozen=True)
class Import:
    """One import statement's target: a module of ours in full, or the top-level name of somebody else's package."""

    importer: str
    target: str
    line: int
    for_types_only: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.target}"


def module_name(path: Path, root: Path = CHECKOUT) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def part_of(module: str) -> str:
    """The part of the house that a module of ours belongs to: the longest name in the table that contains it."""
    parts = module.split(".")
    names = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    return next((name for name in names if name in MAY_IMPORT and (name != "passport" or module == name)), module)


def imports_of(source: str, importer: str, modules: set[str], *, is_package: bool = False) -> Iterator[Import]:
    """Every import in ``source``, inside functions too; ``from a import b`` means ``a.b`` where that is a module."""
    yield from _imports_in(ast.parse(source), source, importer, modules, is_package=is_package)


def _imports_in(
    tree: ast.Module, source: str, importer: str, modules: set[str], *, is_package: bool
) -> Iterator[Import]:
    types_only = {
        id(inner)
        for node in (ast.walk(tree) if "TYPE_CHECKING" in source else ())
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(ast.Module(node.body, []))
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = importer.split(".")[: None if is_package and node.level == 1 else is_package - node.level]
                base = ".".join([*package, *([base] if base else [])])
            targets = [f"{base}.{alias.name}" if f"{base}.{alias.name}" in modules else base for alias in node.names]
        else:
            continue
        for target in dict.fromkeys(targets):
            top = target.split(".")[0]
            yield Import(importer, target if top in OURS else top, node.lineno, id(node) in types_only)


@dataclass(frozen=True)
class House:
    """All modules of ours, their imports, and the classes of each by module. Every file is parsed once."""

    modules: set[str]
    imports: tuple[Import, ...]
    classes: dict[str, list[str]]


@cache
def house() -> House:
    paths = sorted(path for package in OURS for path in (CHECKOUT / package).rglob("*.py"))
    modules = {module_name(path) for path in paths}
    imports: list[Import] = []
    classes = {}
    for path in paths:
        name, source = module_name(path), path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        imports += _imports_in(tree, source, name, modules, is_package=path.name == "__init__.py")
        classes[name] = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    return House(modules, tuple(imports), classes)


@pytest.fixture(scope="module")
def modules() -> set[str]:
    return house().modules


@pytest.fixture(scope="module")
def imports() -> tuple[Import, ...]:
    return house().imports


def cycles(arrows: Mapping[str, set[str]]) -> list[list[str]]:
    """Every elementary way back that a depth-first walk meets, as the list of names along it."""
    found: list[list[str]] = []
    finished: set[str] = set()

    def walk(name: str, path: list[str]) -> None:
        if name in path:
            found.append([*path[path.index(name) :], name])
            return
        if name in finished:
            return
        for target in sorted(arrows.get(name, ())):
            walk(target, [*path, name])
        finished.add(name)

    for name in sorted(arrows):
        walk(name, [])
    return found


# --- the house ------------------------------------------------------------------------------------------------------


def test_every_module_has_its_place_in_the_table(modules):
    assert [name for name in sorted(modules) if part_of(name) not in MAY_IMPORT] == []


@each("part", sorted(MAY_IMPORT))
def test_a_part_imports_only_what_the_table_allows(part, imports):
    allowed = MAY_IMPORT[part] | {part, "passport"}
    wrong = [
        str(found)
        for found in imports
        if part_of(found.importer) == part
        and found.target.split(".")[0] in OURS
        and part_of(found.target) not in allowed
    ]
    assert wrong == []


@each("package", sorted(ONLY))
def test_a_foreign_package_is_imported_only_where_it_belongs(package, imports):
    wrong = [
        str(found) for found in imports if found.target == package and part_of(found.importer) not in ONLY[package]
    ]
    assert wrong == []


def test_the_read_side_imports_nothing_that_signs(imports):
    wrong = [
        str(found)
        for found in imports
        if found.importer.split(".")[0] == RESOLVER
        and part_of(found.target) == PUBLISHING
        and not found.importer.startswith("resolver.commands.")
        and found.target not in READ_SIDE_OF_PUBLISHING
    ]
    assert wrong == []


def test_the_read_side_judges_nothing(imports):
    wrong = [str(found) for found in imports if found.importer.split(".")[0] == RESOLVER and found.target in JUDGING]
    assert wrong == []


def test_the_table_itself_runs_one_way():
    assert cycles(MAY_IMPORT) == []


def test_no_module_imports_its_way_back_to_itself(imports):
    arrows: dict[str, set[str]] = {}
    for found in imports:
        if found.target.split(".")[0] in OURS and found.target != found.importer:
            arrows.setdefault(found.importer, set()).add(found.target)
    assert [" -> ".join(cycle) for cycle in cycles(arrows)] == []


def test_no_class_name_is_borne_twice():
    places: dict[str, list[str]] = {}
    for module, names in house().classes.items():
        for name in names:
            places.setdefault(name, []).append(module)
    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}


def test_only_one_module_knows_of_the_quick_way(imports):
    outside = {
        found.importer
        for found in imports
        if found.target.startswith("resolver.serving") and not found.importer.startswith("resolver.serving")
    }
    assert outside == {"resolver.quick_way"}


# --- what a verifier loads ------------------------------------------------------------------------------------------


def loaded_after(statement: str) -> set[str]:
    """Names of the modules in a fresh interpreter after ``statement``."""
    code = f"import json, sys\n{statement}\njson.dump(sorted(sys.modules), sys.stdout)"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def test_a_verifier_loads_neither_the_ontology_nor_shacl_nor_a_server():
    loaded = loaded_after("import passport.credentials.verifier")
    assert "passport.credentials.verifier" in loaded
    unwanted = {
        "passport.vocabulary",
        "passport.battery",
        "passport.exchange",
        "rdflib",
        "pyshacl",
        "openpyxl",
        "sqlalchemy",
        "flask",
        "babel",
    }
    assert loaded & (unwanted | {"passport.identity.http_client"}) == set()


def test_a_finding_in_english_reads_no_catalogue():
    loaded = loaded_after(
        "from datetime import UTC, datetime\nfrom passport.credentials.wording import Phrase\n"
        "Phrase('list-signed', {'at': datetime(2027, 3, 8, tzinfo=UTC)}).detail"
    )
    assert "babel.dates" in loaded
    assert "babel.messages" not in loaded


def test_the_rule_of_battery_passports_names_credentials_without_reading_the_ontology():
    loaded = loaded_after(
        "import passport.belonging\nfrom passport.vocabulary import credential_types\ncredential_types.names()"
    )
    assert loaded & {"passport.vocabulary.vocabulary", "rdflib", "pyshacl", "sqlalchemy", "flask"} == set()


def test_the_command_starts_without_the_server_extra():
    """``pip install battery-passport`` without ``[server]`` has a working ``passport``."""
    blocked = "sys.modules.update(flask=None, uvicorn=None)"
    assert "passport.commands" in loaded_after(f"{blocked}\nimport passport.commands; passport.commands.main")


# --- the reader of imports itself -----------------------------------------------------------------------------------


@each(
    ("source", "expected"),
    [
        ("import pyld.jsonld", {"pyld"}),
        ("import passport.proofs.pointers as p", {"passport.proofs.pointers"}),
        ("from passport.proofs import pointers", {"passport.proofs.pointers"}),
        ("from passport.proofs import CRYPTOSUITES", {"passport.proofs"}),
        ("from passport.proofs.pointers import select", {"passport.proofs.pointers"}),
        ("from . import pointers", {"passport.proofs.pointers"}),
        ("from .pointers import select", {"passport.proofs.pointers"}),
        ("from ..errors import ProofError", {"passport.errors"}),
        ("def late():\n    import rdflib", {"rdflib"}),
    ],
)
def test_the_reader_finds_every_way_to_import(source, expected):
    modules = {"passport", "passport.errors", "passport.proofs", "passport.proofs.pointers", "passport.proofs.sd"}
    assert {found.target for found in imports_of(source, "passport.proofs.sd", modules)} == expected


def test_the_reader_resolves_relative_imports_of_a_package_itself():
    modules = {"passport.proofs", "passport.proofs.pointers"}
    (found,) = imports_of("from . import pointers", "passport.proofs", modules, is_package=True)
    assert found.target == "passport.proofs.pointers"


def test_the_reader_knows_an_import_for_types_only():
    source = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from passport.errors import ProofError\n"
    found = list(imports_of(source, "passport.x", {"passport.errors"}))
    assert [(item.target, item.for_types_only) for item in found] == [("typing", False), ("passport.errors", True)]


def test_a_way_back_is_found():
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [["b", "c", "b"]]
