"""What is in git, and what must never be: private keys, databases, addresses of package registries, large files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from tests.conftest import CHECKOUT, LONGEST
from tests.each import each

# File names that may be larger than the limit, each with its reason.
LARGE = {
    "ontology/battery.ttl": "all terms in one file, with their names, definitions and mappings in two languages",
    "ontology/derived/battery-graph.json": "the same, for a start without a Turtle parser",
    "passport/texts/zh.po": "a language is one file",
}
LIMIT = 300_000  # bytes

# Material, not mention: a header alone, as in documentation or in a message, is no key.
PRIVATE = {
    "PEM": re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{16}"),
    "Multikey": re.compile(rb"secretKeyMultibase[\"']?\s*[:=]\s*[\"']z[1-9A-HJ-NP-Za-km-z]{40}"),
    "JWK": re.compile(rb"[\"']d[\"']\s*:\s*[\"'][A-Za-z0-9_-]{42}"),
}


def git(*arguments: str) -> str:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    done = subprocess.run(["git", *arguments], cwd=CHECKOUT, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        pytest.skip(f"not a git checkout: {done.stderr.strip()}")
    return done.stdout


def tracked_files() -> list[Path]:
    names = [name for name in git("ls-files", "-z").split("\0") if name]
    return [CHECKOUT / name for name in names if (CHECKOUT / name).is_file()]


def private_material(content: bytes) -> list[str]:
    return [kind for kind, pattern in PRIVATE.items() if pattern.search(content)]


def test_no_private_key_is_in_git():
    found = {str(path.relative_to(CHECKOUT)): private_material(path.read_bytes()) for path in tracked_files()}
    assert {name: kinds for name, kinds in found.items() if kinds} == {}


@each(
    "content",
    [
        b"-----BEGIN " + b"ENCRYPTED PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\n",
        b'{"secretKeyMultibase": "z' + b"3u2en7t5LR2WtQH5PfFqMqwVHgeXouLzo6haApm8XHqvjxq" + b'"}',
        b'{"kty": "EC", "d": "' + b"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI" + b'"}',
    ],
    ids=["PEM", "Multikey", "JWK"],
)
def test_the_search_finds_a_private_key(content):
    assert private_material(content)


@each(
    "name",
    [
        "demo/passport.toml",
        "demo/keys/issuer.pem",
        "keys/issuer.pem",
        "project/keys/issuer.pem",
        "project/keys/holders/recycler.pem",
        "project/passports.db",
        "project/state.db",
        "project/state.db-wal",
        ".venv/bin/python",
        "tests/interop/node_modules/jsonld/package.json",
        "dist/battery_passport-0.1.0.tar.gz",
    ],
)
def test_git_ignores_what_belongs_to_one_operator_or_one_machine(name):
    assert git("check-ignore", "--no-index", name).strip() == name


@each("name", ["keys/README.md", "keys/trusted-issuers.json", "examples/ev-ncm-100kwh.xlsx"])
def test_git_keeps_what_belongs_to_everybody(name):
    assert git("check-ignore", "--no-index", name) == ""


def test_no_large_file_without_a_reason():
    sizes = {str(path.relative_to(CHECKOUT)): path.stat().st_size for path in tracked_files()}
    assert {name: size for name, size in sizes.items() if size > LIMIT and name not in LARGE} == {}


def test_the_lock_file_records_digests_and_no_registry():
    lock = json.loads((CHECKOUT / "tests/interop/package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")] == []


def test_every_python_package_is_pinned_to_one_version():
    lines = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9.]+", line)] == []


def test_every_direct_dependency_is_pinned():
    """A dependency that pyproject.toml names and constraints.txt forgets would float."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    named = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *(one for extra in project["project"]["optional-dependencies"].values() for one in extra),
    ]
    wanted = {re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-") for requirement in named}
    lines = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.split("==")[0].lower().replace("_", "-") for line in lines}
    assert wanted - pinned - {"battery-passport"} == set()


def test_the_commands_take_the_pythons_that_the_project_names():
    """`make install` and the pipeline ask before there is a pip that reads the range of the project."""
    project = (CHECKOUT / "pyproject.toml").read_text("utf-8")
    range_of_project = re.search(r'requires-python = ">=3\.(\d+),<3\.(\d+)"', project)
    assert range_of_project is not None
    first, last = range_of_project.groups()
    compared = f"(3, {first}) <= sys.version_info < (3, {last})"
    makefile, pipeline = (CHECKOUT / "Makefile").read_text("utf-8"), (CHECKOUT / ".ci" / "run").read_text("utf-8")
    assert compared in makefile and compared in pipeline
    assert "|".join(f"3.{minor}" for minor in range(int(first), int(last))) + ")" in makefile
    assert f"expected Python 3.{first} to 3.{int(last) - 1};" in makefile


@pytest.mark.parametrize("python", ["3.11.0", "3.12.0", "3.13.0", "3.14.0"])
def test_no_pinned_package_wants_a_newer_python_than_this_project(python):
    """A pin that the maker's own machine takes is refused by pip on another: Debian 12 ships Python 3.11.2."""
    lines = (CHECKOUT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    refused = []
    for name in (line.split("==")[0] for line in lines):
        try:
            wanted = metadata.metadata(name).json.get("requires_python")
        except metadata.PackageNotFoundError:
            continue  # for another platform
        if wanted and not SpecifierSet(wanted).contains(python):
            refused.append(f"{name}: {wanted}")
    assert refused == []


def test_the_files_that_are_handed_out_first_exist():
    assert [name for name in LONGEST if not (CHECKOUT / "tests" / name).is_file()] == []
