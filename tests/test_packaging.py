"""What is published works away from the checkout: the wheel, made from the source archive, in an empty folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT
from tests.each import each

PUBLISHED = ("ontology", "shapes", "contexts", "examples")


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Source archive and the wheel built from it, so that a file missing from the first is missing from the second."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (source,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    return source, wheel


@pytest.fixture(scope="module")
def installed(archives: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that holds the wheel as pip unpacks it, with its dependencies coming from this environment."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "-qq", "--no-index", "--no-deps", "--target", str(folder)]
    done = subprocess.run([*command, str(archives[1])], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def run(installed: Path, code: str, cwd: Path, *arguments: str) -> subprocess.CompletedProcess:
    """``code`` in an isolated interpreter that finds the installed wheel before anything else."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PASSPORT"))}
    before = f"import sys; sys.path.insert(0, {str(installed)!r})"
    command = [sys.executable, "-I", "-c", f"{before}\n{code}", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


def files_below(folder: str) -> set[str]:
    """Files of the checkout that git tracks or would track, as paths from the checkout."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", folder]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"not a git checkout: {done.stderr.strip()}")
    return {name for name in done.stdout.splitlines() if (CHECKOUT / name).is_file()}


@each("folder", PUBLISHED)
def test_the_wheel_carries_every_published_file(archives, folder):
    with zipfile.ZipFile(archives[1]) as wheel:
        shipped = set(wheel.namelist())
    expected = {f"passport/published/{name}" for name in files_below(folder)}
    assert expected
    assert expected - shipped == set()


def test_the_wheel_carries_the_templates_and_the_licences(archives):
    with zipfile.ZipFile(archives[1]) as wheel:
        shipped = set(wheel.namelist())
    assert files_below("resolver") - shipped == set()
    licences = {Path(name).name for name in shipped if ".dist-info/licenses/" in name}
    assert licences == {"LICENSE", "NOTICE"}


def test_the_wheel_carries_no_tests_and_no_keys(archives):
    with zipfile.ZipFile(archives[1]) as wheel:
        names = wheel.namelist()
    folders = {name.split("/")[0] for name in names}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {"passport", "resolver", "issuer"}
    assert [name for name in names if name.endswith((".pem", ".db", ".key"))] == []


def test_the_source_archive_carries_what_it_is_built_from(archives):
    with tarfile.open(archives[0]) as archive:
        shipped = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    assert {"pyproject.toml", "LICENSE", "NOTICE", "README.md", "CHANGELOG.md"} <= shipped
    for folder in ("passport", "resolver", *PUBLISHED):
        assert files_below(folder) - shipped == set()


def test_published_files_are_found_in_the_wheel_and_not_in_the_checkout(installed, tmp_path):
    code = (
        "import json, passport\n"
        "from passport.linked_data import resources\n"
        f"paths = [str(resources.path(name)) for name in {PUBLISHED!r}]\n"
        "json.dump([passport.__file__, *paths], sys.stdout)"
    )
    done = run(installed, code, tmp_path)
    assert done.returncode == 0, done.stderr
    package, *paths = map(Path, json.loads(done.stdout))
    assert package.is_relative_to(installed)
    assert paths == [installed / "passport" / "published" / name for name in PUBLISHED]
    assert all(path.is_dir() for path in paths)


def test_ontology_regimes_and_contexts_load_from_the_wheel(installed, tmp_path):
    code = (
        "from passport.vocabulary import vocabulary; from passport.vocabulary.derivation import derived_context\n"
        "from passport.linked_data.contexts import PINNED\n"
        "from passport.lifecycle import catalogue\n"
        "assert PINNED.load(derived_context.CONTEXT)\n"
        "assert catalogue().kinds\n"
        "print(len(vocabulary.load().indicators), sorted(vocabulary.regimes()))"
    )
    done = run(installed, code, tmp_path)
    assert done.returncode == 0, done.stderr
    count, rest = done.stdout.strip().split(" ", 1)
    assert int(count) >= 145
    assert rest == "['cn', 'eu']"


def test_the_command_runs_from_an_empty_folder(installed, tmp_path):
    script = installed / "bin" / "passport"
    assert script.is_file()
    done = run(installed, "from passport.commands import main; main()", tmp_path, "--help")
    assert done.returncode == 0, done.stderr
    assert "issue" in done.stdout
    assert "verify" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_pack_is_issued_and_verified_from_an_empty_folder(installed, tmp_path):
    """The whole path needs nothing of the checkout: the demo, without serving."""
    done = run(installed, "from passport.commands import main; main()", tmp_path, "demo", "--no-serve", "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["packs"]) == 3
    assert (tmp_path / "demo" / "passports.db").is_file()
