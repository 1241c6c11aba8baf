"""A project comes back from its backup as it was, and nothing comes back from an archive that was changed."""

from __future__ import annotations

import json
import os
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from passport.errors import DamagedBackup, KeyFileError, StoreNotEmpty, UsageError
from passport.identity.keys import Algorithm, PrivateKey
from passport.publishing.upkeep import backup as backups
from passport.publishing.upkeep.backup import MANIFEST, back_up
from passport.publishing.upkeep.examiner import examine
from passport.publishing.upkeep.restore import restore
from passport.store import Store
from passport.store.copying.store_move import move
from passport.store.copying.table_rows import all_tables, digest, moment
from passport.store.facts import fact_tables
from passport.store.state.resolver_state import ResolverState
from passport.store.state.state_copy import STATE_FILES
from passport.store.workspace.workspace_file import WorkspaceFile
from tests.each import each
from tests.publishing.kept_project import AT, LATER, kept_project


def content(url: str) -> dict[str, tuple[int, str]]:
    """Rows and digest of each table of the record, and of those that follow from it."""
    store = Store.open(url)
    with moment(store.engine) as connection:
        made = {
            table.name: digest(connection, table) for table in all_tables() if table.metadata is not fact_tables.facts
        }
    store.close()
    return {name: (each.rows, each.hex) for name, each in made.items()}


@pytest.fixture
def project(tmp_path):
    return kept_project(tmp_path)


def changed(source: Path, target: Path, edit) -> Path:
    """A copy of an archive. :param edit: what becomes of a member, by its name and bytes; None leaves it out."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = edit(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return target


def with_manifest(edit):
    """An edit of the manifest only."""

    def change(name: str, data: bytes) -> bytes:
        if name != MANIFEST:
            return data
        document = json.loads(data)
        edit(document)
        return json.dumps(document).encode()

    return change


@pytest.mark.parametrize("kind", ["file", "postgresql"])
def test_a_project_comes_back_as_it_was(project, tmp_path, kind, request):
    url = request.getfixturevalue("cluster").database() if kind == "postgresql" else None
    steps = []
    made = back_up(project, tmp_path / "b.zip", at=AT, progress=lambda rows, total: steps.append((rows, total)))
    assert sum(rows for rows, _ in steps) == steps[0][1] == sum(table.rows for table in made.store.tables.values())
    assert made.path.stat().st_mode & 0o777 == 0o600 and made.bytes == made.path.stat().st_size
    before = content(project.store_url)
    restored = restore(made.path, tmp_path / "again", store_url=url)
    assert content(restored.project.store_url) == before, "tiles, identifiers, modules and keys of events too"
    assert restored.store == made.store and restored.made == AT.isoformat()
    assert (made.store.places, made.store.places_set) == (before["status_entries"][0], 1)
    assert made.store.logs["events"].size == before["log_entries"][0]
    for name in ("trusted-issuers.json", "keys/log.vkey"):
        assert (tmp_path / "again" / name).read_bytes() == (project.folder / name).read_bytes()
    again = type(project).open(tmp_path / "again")
    assert (again.base_url, again.issuer, again.store) == (project.base_url, project.issuer, url)
    store = again.open_store()
    assert examine(again, store, at=LATER).outcome is True
    store.close()


def test_private_keys_and_secrets_are_in_no_backup(project, tmp_path):
    project.vehicle_keys()
    (project.folder / "keys" / "vehicles").mkdir()
    (project.folder / "keys" / "vehicles" / "k1.key").write_bytes(b"a shared secret")
    made = back_up(project, tmp_path / "b.zip", at=AT)
    assert made.keys == ()
    assert set(made.left_out) == {"keys/issuer.pem", "keys/log.pem", "keys/vehicles/k1.key"}
    state = ResolverState(project.state_path)
    secret = state.secret()
    state.close()
    with zipfile.ZipFile(made.path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert not [name for name, data in members.items() if b"PRIVATE KEY" in data or secret in data]
    assert not [name for name, data in members.items() if b"shared secret" in data]
    assert json.loads(members[MANIFEST])["keys"] == "not included"
    restore(made.path, tmp_path / "again")
    state = ResolverState(tmp_path / "again" / "state.db")
    assert state.log_head()[0] == 1 and state.first_broken() is None, "the log of reads is there"
    assert state.secret() != secret
    state.close()


def test_every_state_file_of_a_project_is_in_a_backup_without_its_secrets(project, tmp_path):
    secret = WorkspaceFile(project.workspace_path).secret()
    for name in ("register.db", "registrations.db", "connector.db"):
        with closing(sqlite3.connect(project.folder / name)) as database:
            database.execute("CREATE TABLE kept (what TEXT)")
            database.execute("INSERT INTO kept VALUES (?)", (name,))
            database.commit()
    (project.folder / "releases.jsonl").write_text("{}\n")
    made = back_up(project, tmp_path / "b.zip", at=AT)
    assert {f"project/{name}" for name in STATE_FILES} <= set(made.files)
    assert secret not in made.path.read_bytes()
    restore(made.path, tmp_path / "again")
    for name in ("register.db", "registrations.db", "connector.db"):
        with closing(sqlite3.connect(tmp_path / "again" / name)) as database:
            assert database.execute("SELECT what FROM kept").fetchall() == [(name,)]
    assert WorkspaceFile(tmp_path / "again" / "workspace.db").secret() != secret
    assert (tmp_path / "again" / "releases.jsonl").read_text() == "{}\n"


def test_keys_that_are_not_encrypted_are_refused(project, tmp_path):
    with pytest.raises(KeyFileError, match="not encrypted"):
        back_up(project, tmp_path / "b.zip", at=AT, with_keys=True)
    assert [path.name for path in tmp_path.iterdir()] == ["shop"], "nothing is left of it"


def test_encrypted_keys_are_in_a_backup_if_asked_for(project, tmp_path):
    (project.folder / "keys" / "issuer.pem").unlink()
    PrivateKey.generate(Algorithm.P256).save(project.folder / "keys" / "issuer.pem", b"correct horse")
    made = back_up(project, tmp_path / "b.zip", at=AT, with_keys=True)
    assert (made.keys, made.left_out) == (("keys/issuer.pem", "keys/log.pem"), ())
    restore(made.path, tmp_path / "again")
    key = tmp_path / "again" / "keys" / "issuer.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    PrivateKey.load(key, b"correct horse")


def test_a_backup_overwrites_no_file(project, tmp_path):
    (tmp_path / "b.zip").write_bytes(b"an earlier backup")
    with pytest.raises(UsageError, match="exists already"):
        back_up(project, tmp_path / "b.zip", at=AT)
    assert (tmp_path / "b.zip").read_bytes() == b"an earlier backup"


def test_a_backup_into_a_missing_folder_is_refused(project, tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        back_up(project, tmp_path / "none" / "b.zip", at=AT)


@pytest.mark.parametrize("kind", ["file", "postgresql"])
def test_a_backup_is_of_one_moment_while_a_writer_writes(project, tmp_path, kind, request):
    """What is stored after it began is in no table of it."""
    shared_url = project.store_url
    if kind == "postgresql":
        shared_url = request.getfixturevalue("cluster").database()
        old, new = project.open_store(), Store.open(shared_url)
        move(old, new)
        old.close()
        new.close()
        project = replace(project, store=shared_url)
    before = content(shared_url)
    written = []

    def write(rows: int, total: int) -> None:
        if not written:
            written.append(True)
            with Store.open(shared_url).transaction() as transaction:
                transaction.begin_status_list(77, "refresh", project.issuer)
                transaction.append_to_log("events", [bytes(32)])

    made = back_up(project, tmp_path / "b.zip", at=AT, progress=write)
    assert written and content(shared_url) != before
    restored = restore(made.path, tmp_path / "again", store_url=f"sqlite:///{tmp_path / 'again.db'}")
    assert content(restored.project.store_url) == before


# --- archives that were changed -------------------------------------------------------------------------------------

CHANGES = {
    "a signed document": (
        lambda name, data: data.replace(b"EB0001", b"EB0009") if name == "store/credentials.jsonl" else data,
        "not what the manifest says",
    ),
    "a row that is gone": (
        lambda name, data: data.split(b"\n", 1)[1] if name == "store/status_changes.jsonl" else data,
        "not what the manifest says",
    ),
    "a member that is gone": (lambda name, data: None if name == "store/packs.jsonl" else data, "is missing"),
    "no configuration": (
        with_manifest(lambda document: document["files"].pop("project/passport.toml")), "passport.toml is missing",
    ),
    "the trust list": (
        lambda name, data: data + b" " if name == "project/trusted-issuers.json" else data,
        "not what the manifest says",
    ),
    "a row that is no array": (
        lambda name, data: b"{}\n" if name == "store/packs.jsonl" else data, "cannot be read",
    ),
    "a row with a value of another kind": (
        lambda name, data: b"[[1],2,3,4,5]\n" if name == "store/packs.jsonl" else data, "cannot be read",
    ),
    "columns that no table has": (
        with_manifest(lambda document: document["store"]["tables"]["packs"].update(columns=["x; DROP TABLE packs"])),
        "other columns",
    ),
    "a log with another root": (
        with_manifest(lambda document: document["store"]["logs"]["events"].update(root="00")), "other roots",
    ),
    "another format": (with_manifest(lambda document: document.update(format="other")), "manifest"),
    "another version of the store": (
        with_manifest(lambda document: document["store"].update(version=99)), "another version",
    ),
    "no manifest": (lambda name, data: None if name == MANIFEST else data, "manifest.json is missing"),
    "a manifest that is no JSON": (lambda name, data: b"{" if name == MANIFEST else data, "manifest"),
    "a file above the folder": (
        with_manifest(lambda document: document["files"].update({"project/../../x": {"bytes": 1, "sha256": ""}})),
        "no backup has",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    return back_up(kept_project(folder), folder / "b.zip", at=AT).path


@each("change", CHANGES)
def test_a_changed_backup_is_refused_and_leaves_nothing_behind(archive, tmp_path, change):
    edit, words = CHANGES[change]
    with pytest.raises(DamagedBackup, match=words):
        restore(changed(archive, tmp_path / "changed.zip", edit), tmp_path / "again")
    assert [path.name for path in tmp_path.iterdir()] == ["changed.zip"]


def test_a_file_that_is_no_archive_is_refused(tmp_path):
    (tmp_path / "b.zip").write_bytes(b"PK" + os.urandom(500))
    with pytest.raises(DamagedBackup, match="no backup"):
        restore(tmp_path / "b.zip", tmp_path / "again")
    with pytest.raises(UsageError, match="cannot be read"):
        restore(tmp_path / "none.zip", tmp_path / "again")


def test_a_restore_overwrites_neither_a_folder_nor_a_store(project, tmp_path):
    made = back_up(project, tmp_path / "b.zip", at=AT)
    with pytest.raises(UsageError, match="holds something"):
        restore(made.path, project.folder)
    with pytest.raises(StoreNotEmpty, match="rows in"):
        restore(made.path, tmp_path / "again", store_url=project.store_url)
    assert not (tmp_path / "again").exists()


def test_a_backup_that_fails_leaves_no_file(project, tmp_path, monkeypatch):
    monkeypatch.setattr(backups, "copy_state", lambda *_: (_ for _ in ()).throw(sqlite3.OperationalError("disk")))
    with pytest.raises(sqlite3.OperationalError):
        back_up(project, tmp_path / "b.zip", at=AT)
    assert [path.name for path in tmp_path.iterdir()] == ["shop"]
