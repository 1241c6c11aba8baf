"""``--documents``: digests of linked documents are signed, named where they lack, and compared."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from passport.battery.linked_documents import linked_documents
from passport.exchange.records import record_files

CODE = "ZZZPE10A7K2M05G6J0000317"


@pytest.fixture
def packs(shell):
    return shell.workbook("ev-ncm-100kwh.xlsx")


@pytest.fixture
def manuals(shell, packs):
    """All documents that the pack links, but one."""
    (record,) = record_files.read_records(packs)
    folder = shell.folder / "manuals"
    for url in linked_documents(record)[1:]:
        path = folder / urlsplit(url).path.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(url)
    return folder


def test_validate_names_the_linked_documents_without_a_digest(shell, packs, manuals, monkeypatch):
    monkeypatch.setenv("COLUMNS", "500")
    (record,) = record_files.read_records(packs)
    links = linked_documents(record)
    report = shell.json("validate", packs, "--regime", "eu")
    (notice,) = [notice for notice in report["notices"] if notice["code"] == "document-without-digest"]
    assert all(url in notice["message"]["en"] for url in links)
    report = shell.json("validate", packs, "--regime", "eu", "--documents", manuals)
    (notice,) = [notice for notice in report["notices"] if notice["code"] == "document-without-digest"]
    assert notice["message"]["en"].startswith("1 linked document ") and links[0] in notice["message"]["en"]
    said = shell.run("validate", packs, "--regime", "eu", "--documents", manuals).stdout
    assert f"issue {packs} --documents {manuals}" in said


def test_a_folder_of_documents_that_is_not_there_is_refused(shell, packs):
    for command in ("validate", "issue"):
        shell.run(command, packs, "--documents", shell.folder / "none", code=2)


@pytest.mark.product(of=2)
@pytest.mark.parametrize("way", [(), ("--jobs", "2", "--keep-going")], ids=["one-process", "two-jobs"])
def test_a_document_that_was_exchanged_is_found_out(shell, shop, packs, manuals, way):
    shell.run("issue", packs, "--project", shop, "--documents", manuals, *way)
    view = shell.folder / "view.jsonld"
    shell.run("show", CODE, "--project", shop, "--as", "legitimate-interest", "--save", view)
    words = ("verify", view, "--offline", "--trust", shop / "trusted-issuers.json")
    assert "at hand" not in shell.run(*words).stderr
    compared = shell.run(*words, "--documents", manuals)
    assert "linked documents with a digest were at hand and are compared" in compared.stderr
    manual = next(path for path in sorted(manuals.rglob("*")) if path.is_file() and path.name.startswith("eu-d"))
    manual.write_text("another declaration")
    refused = shell.run(*words, "--documents", manuals, code=1)
    assert "is not the digest of" in " ".join(refused.stdout.split())
