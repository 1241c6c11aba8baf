"""``passport doctor`` on keys, the database and signatures: each thing that can be wrong, and what is said of it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from passport.commands import main
from passport.commands.keeping.init import make_project
from passport.credentials.issuer import Issuer
from passport.identity import did_web
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.linked_data import strict_json
from passport.project import Project
from passport.publishing.stored_sample import sample
from passport.store import Store
from passport.vocabulary import vocabulary
from resolver.commands.doctor import DoctorFinding, examine
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOW = datetime.now(UTC)
DID = "did:web:passport.example.com"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return make_project(
        tmp_path / "shop", "https://passport.example.com", names={"en": "Shop", "zh": "店"}, did_web_issuer=True
    )


def issue(project: Project, key: PrivateKey | None = None) -> None:
    """Issue a pack, with a foreign key where one is given."""
    issuer = project.issuer_with_key(None)
    if key is not None:
        issuer = Issuer(DID, KeySigner(key, project.verification_method))
    store = project.open_store()
    publisher = RememberingPublisher(store, issuer, project.base_url, vocabulary.load(), ())
    publisher.issue(example_records("lmt-ebike.xlsx"), at=NOW)
    store.close()


def finding(project: Project, name: str, passphrase: bytes | None = None) -> DoctorFinding:
    return next(each for each in examine(project, NOW, {}, passphrase) if each.name == name)


def put(project: Project, key: PrivateKey, passphrase: bytes | None = None) -> None:
    project.key_path.unlink()
    key.save(project.key_path, passphrase)


# --- the key --------------------------------------------------------------------------------------------------------


def test_the_right_key_passes_and_is_named(project):
    found = finding(project, "signing key")
    assert (found.outcome, found.detail) == ("passed", f"is {DID}#key-1 of the DID document")


def test_a_foreign_key_is_found(project):
    put(project, PrivateKey.generate())
    found = finding(project, "signing key")
    assert found.outcome == "failed" and "not the one of" in found.detail


def test_a_served_and_a_pinned_document_that_differ_are_found(project):
    document = did_web.document(DID, {"key-1": PrivateKey.generate().public_key})
    project.did_document_path.write_text(json.dumps(document), encoding="utf-8")
    found = finding(project, "signing key")
    assert found.outcome == "failed" and "two keys" in found.detail


def test_a_method_that_no_document_has_is_found(project):
    assert finding(replace(project, verification_method=f"{DID}#key-9"), "signing key").outcome == "failed"


def test_an_encrypted_key_is_held_against_the_document_with_its_passphrase_only(project):
    key = PrivateKey.load(project.key_path, None)
    put(project, key, b"secret")
    found = finding(project, "signing key")
    assert found.outcome == "undetermined" and "--passphrase-file" in found.hint
    assert finding(project, "signing key", b"secret").outcome == "passed"
    assert finding(project, "signing key", b"wrong").outcome == "failed"
    put(project, PrivateKey.generate(), b"secret")
    assert finding(project, "signing key", b"secret").outcome == "failed"


def test_a_read_side_without_a_key_still_knows_its_document(project):
    project.key_path.unlink()
    assert finding(project, "signing key").outcome == "passed"
    project.did_document_path.write_text("{}", encoding="utf-8")
    assert finding(project, "signing key").outcome == "failed"


def test_the_command_takes_the_passphrase_from_a_file(project, tmp_path):
    issue(project)
    key = PrivateKey.load(project.key_path, None)
    put(project, key, b"secret")
    (tmp_path / "secret.txt").write_text("secret\n", encoding="utf-8")
    words = ["doctor", "--project", str(project.folder)]
    assert CliRunner().invoke(main, words).exit_code == 3
    done = CliRunner().invoke(main, [*words, "--passphrase-file", str(tmp_path / "secret.txt")])
    assert done.exit_code == 0, done.output


# --- signatures -----------------------------------------------------------------------------------------------------


def test_credentials_that_a_foreign_key_signed_are_found(project):
    issue(project, PrivateKey.generate())
    found = finding(project, "signatures")
    assert found.outcome == "failed" and "--replace" in found.hint
    done = CliRunner().invoke(main, ["doctor", "--project", str(project.folder), "--json"])
    assert done.exit_code == 1
    failed = {each["name"] for each in json.loads(done.stdout)["findings"] if each["outcome"] == "failed"}
    assert {"signatures", "status list 1"} <= failed


def test_what_was_replaced_is_no_fault_any_more(project):
    issue(project, PrivateKey.generate())
    store = project.open_store()
    publisher = RememberingPublisher(store, project.issuer_with_key(None), project.base_url, vocabulary.load(), ())
    records = example_records("lmt-ebike.xlsx")
    publisher.issue(records, at=NOW, replace=True, reason="wrong key")
    store.close()
    assert finding(project, "signatures").outcome == "passed"


def test_a_sample_of_a_large_store_is_bounded_and_holds_the_newest(project):
    issue(project)
    store = project.open_store()
    (first,) = store.numbered(0, 1)
    with store.transaction() as transaction:
        for number in range(60):
            body = first[1].body.replace(first[1].id.encode(), f"{first[1].id}{number}".encode())
            transaction.add_credential(
                replace(first[1], id=f"{first[1].id}{number}", subject=f"urn:m{number}", body=body)
            )
    found = sample(store, project.resolvers()[-1], at=NOW, size=10)
    assert found.total == 65
    # The five newest do not fit their signatures; of the others at most five more were drawn.
    assert 5 <= len(found.faults) <= found.examined <= 10
    assert f"{first[1].id}59" in {fault.id for fault in found.faults}


# --- the database ---------------------------------------------------------------------------------------------------


def test_a_whole_database_says_what_was_looked_at(project):
    issue(project)
    found = finding(project, "database")
    assert found.outcome == "passed" and found.detail.startswith("quick_check; 5 credentials")


def test_a_row_that_is_missing_is_found(project):
    issue(project)
    with sqlite3.connect(project.folder / "passports.db") as connection:
        connection.execute("DROP TRIGGER credentials_no_delete")
        connection.execute("DELETE FROM credentials WHERE sequence = 2")
    found = finding(project, "database")
    assert (found.outcome, found.detail) == ("failed", "1 rows of credentials are missing")


def test_a_damaged_page_is_found(project):
    issue(project)
    path = project.folder / "passports.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        rootpage = "SELECT rootpage FROM sqlite_master WHERE name = 'credentials_of_subject'"
        (page,) = connection.execute(rootpage).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\0" * size)
    assert finding(project, "database").outcome == "failed"


def test_a_document_that_was_changed_in_the_database_is_found(project):
    issue(project)
    with sqlite3.connect(project.folder / "passports.db") as connection:
        connection.execute("DROP TRIGGER credentials_no_update")
        number, body = connection.execute("SELECT sequence, body FROM credentials ORDER BY sequence").fetchone()
        document = strict_json.loads(body)
        document["credentialSubject"]["batteryMass"] = "9.9"
        connection.execute("UPDATE credentials SET body = ? WHERE sequence = ?", (strict_json.dumps(document), number))
    assert finding(project, "database").outcome == "passed"
    assert "do not match" in finding(project, "signatures").detail


def test_postgresql_says_what_is_checked_instead(project, cluster):
    store = Store.open(cluster.database())
    publisher = RememberingPublisher(store, project.issuer_with_key(None), project.base_url, vocabulary.load(), ())
    publisher.issue(example_records("lmt-ebike.xlsx"), at=NOW)
    whole = store.integrity()
    assert whole.faults == ()
    assert whole.detail.startswith(f"all documents read, data checksums {cluster.sql('SHOW data_checksums')}; 5 cred")
    store.close()
