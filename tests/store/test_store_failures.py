"""A failure of the store says what failed: each is really provoked, and has its own code, hint and exit code."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sql
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from passport import errors
from passport.commands import main
from passport.commands.keeping.init import make_project
from passport.errors import (
    AlreadyIssued,
    StoreDamaged,
    StoreFailure,
    StoreForeign,
    StoreFull,
    StoreLocked,
    StoreMissing,
    StoreNewer,
    StoreReadOnly,
    StoreUnavailable,
)
from passport.store import Pack, StatusChange, StatusEntry, Store, StoredCredential, engines, failures, versions
from tests.conftest import CHECKOUT
from tests.each import each
from tests.store_faults import PAGE, overwrite_pages, small_disk, writers_lock

ISSUER = "did:example:issuer"
AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
TYPE = "BatteryPassportCredential"
KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, StoreFailure)]


def credential(number: int, size: int = 10) -> StoredCredential:
    body = json.dumps({"a": "x" * size}).encode()
    return StoredCredential(f"urn:credential:{number}", TYPE, f"urn:pack:{number}", body, "digest", AT)


def add(store: Store, number: int, size: int = 10) -> None:
    with store.transaction() as transaction:
        transaction.add_credential(credential(number, size), base_proof=b'{"secret":"of the pack"}')


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a store with one credential."""
    found = tmp_path / "passports.db"
    store = opened(found)
    add(store, 1)
    store.close()
    return found


def opened(path: Path) -> Store:
    return Store.open(f"sqlite:///{path}")


# --- locked ---------------------------------------------------------------------------------------------------------


def test_a_store_that_another_writer_keeps_locked_is_locked(path, monkeypatch):
    monkeypatch.setattr(engines, "PATIENCE", 0)
    store = opened(path)
    with writers_lock(path):
        with pytest.raises(StoreLocked, match="SQLITE_BUSY"):
            add(store, 2)
        assert store.current("urn:pack:1", TYPE) is not None, "a reader waits for no writer"
    add(store, 2)


def test_a_second_opening_of_a_file_takes_no_lock_from_the_first(path):
    """To open and close the file once more would drop this process's locks: SQLite's writers would not see it."""
    held = opened(path)
    assert held.version() == (1, 0, 0, 0, 0, 0)
    opened(path).close()
    code = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1])\n"
        "connection.execute('CREATE TABLE IF NOT EXISTS other (a)')\n"
        "connection.executemany('INSERT INTO other VALUES (?)', [('y' * 500,)] * 400)\n"
        "connection.commit()\n"
        "connection.close()\n"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code, str(path)], check=True)
        assert path.with_name(path.name + "-wal").exists(), "taken away under the open store"
        with held.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    held.close()


# --- full -----------------------------------------------------------------------------------------------------------


@each("name", ["", "/passports.db"], ids=["memory", "file"])
def test_a_store_without_a_free_page_is_full_and_goes_on_when_there_are_some(tmp_path, name):
    store = Store.open(f"sqlite:///{tmp_path}{name}" if name else "sqlite://")
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(StoreFull):
        add(store, 1, 100_000)
    assert store.version() == (0, 0, 0, 0, 0, 0)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=100000")
    add(store, 1, 100_000)


def test_a_full_disk_is_full_and_the_store_goes_on_when_there_is_room(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        store = opened(disk.folder / "passports.db")
        add(store, 1)
        disk.fill()
        with pytest.raises(StoreFull):
            add(store, 2, 200_000)
        assert store.current("urn:pack:1", TYPE) is not None, "what was stored is read"
        assert store.credential("urn:credential:2") is None
        disk.make_room()
        add(store, 2, 200_000)
        store.close()


def test_a_new_store_on_a_full_disk_is_full(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        disk.fill()
        with pytest.raises(StoreFull):
            opened(disk.folder / "passports.db")


def test_a_limit_of_the_process_is_full(path):
    """``ulimit -f``: SQLite calls this a disk I/O error."""
    code = (
        "import resource, sys\n"
        "from passport.errors import StoreFull\n"
        "from tests.store.test_store_failures import add, opened\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "try:\n    add(opened(sys.argv[1]), 2, 1_000_000)\n"
        "except StoreFull as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )  # fmt: skip
    assert "is full" in done.stdout, done.stderr


# --- read-only ------------------------------------------------------------------------------------------------------


def test_a_store_that_is_opened_read_only_is_read_and_takes_nothing(path):
    store = Store.open(f"sqlite:///file:{path}?mode=ro&uri=true")
    assert store.current("urn:pack:1", TYPE) is not None
    with pytest.raises(StoreReadOnly):
        add(store, 2)


def test_a_store_on_a_read_only_disk_is_read_only(tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        file = disk.folder / "passports.db"
        store = opened(file)
        add(store, 1)
        store.close()
        disk.make_read_only()
        with pytest.raises(StoreReadOnly):
            opened(file)
        with pytest.raises(StoreReadOnly):
            opened(disk.folder / "new.db")


def test_an_embedded_store_in_rollback_mode_on_a_read_only_disk_is_read(tmp_path):
    """As ``sqlite3 … VACUUM INTO`` writes one for a read side."""
    with small_disk(tmp_path / "disk") as disk:
        file = disk.folder / "passports.db"
        store = opened(file)
        add(store, 1)
        store.close()
        with sqlite3.connect(file) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
        connection.close()
        disk.make_read_only()
        store = opened(file)
        assert store.current("urn:pack:1", TYPE) is not None
        assert store.version() == (1, 0, 0, 0, 0, 0)
        with pytest.raises(StoreReadOnly):
            add(store, 2)
        store.close()


# --- damaged --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """The file of a store with many rows in every table."""
    path = tmp_path_factory.mktemp("whole") / "passports.db"
    store = opened(path)
    with store.transaction() as transaction:
        transaction.begin_status_list(1, "revocation", ISSUER)
        for number in range(60):
            transaction.add_credential(credential(number, 3000), base_proof=b'{"n":%d}' % number)
            transaction.add_pack(Pack(f"urn:pack:{number}", "urn:model", "ev", str(number), f"C{number}"))
            transaction.add_status_entries([StatusEntry(1, number, f"urn:credential:{number}")])
            transaction.add_status_change(StatusChange(1, number, True, "why", AT))
        transaction.add_status_list(1, {"list": "x" * 9000})
    store.close()
    return path


def use(store: Store) -> None:
    """Ask everything, and write."""
    for number in range(60):
        found = store.credential(f"urn:credential:{number}")
        if found is not None:
            assert isinstance(found.document, dict)
        store.base_proof(f"urn:credential:{number}")
        store.is_flagged(f"urn:credential:{number}")
    store.packs()
    store.status_list(1)
    store.version()
    add(store, 1000)


@each("byte", [0x00, 0xFF, 0x7B])
def test_overwritten_pages_are_damage(whole, tmp_path, byte):
    path = tmp_path / "passports.db"
    path.write_bytes(whole.read_bytes())
    overwrite_pages(path, first=1, byte=byte)
    with pytest.raises(StoreDamaged):
        use(opened(path))


@given(first=st.integers(0, 120), count=st.integers(1, 8), byte=st.integers(0, 255))
def test_whatever_page_is_overwritten_no_other_error_comes_out(whole, tmp_path_factory, first, count, byte):
    path = tmp_path_factory.mktemp("damaged") / "passports.db"
    path.write_bytes(whole.read_bytes())
    first = first % (path.stat().st_size // PAGE)
    overwrite_pages(path, first, first + count - 1, byte)
    try:
        store = opened(path)
        try:
            use(store)
        finally:
            store.close()
    except (StoreFailure, AlreadyIssued) as error:
        assert "of the pack" not in str(error)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"[]", b"", b'{"a":1}\0'])
def test_a_document_that_was_never_stored_like_that_is_damage_and_no_fault_of_the_reader(path, body):
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER credentials_no_update")
        connection.execute("DROP TRIGGER base_proofs_no_update")
        connection.execute("UPDATE credentials SET body = ?", (body,))
        connection.execute("UPDATE base_proofs SET body = ?", (body,))
        connection.execute("INSERT INTO status_lists VALUES (1, 1, ?)", (body,))
    connection.close()
    store = opened(path)
    for question in (
        lambda: store.current("urn:pack:1", TYPE).document,
        lambda: store.base_proof("urn:credential:1"),
        lambda: store.status_list(1),
    ):
        with pytest.raises(StoreDamaged):
            question()


@pytest.mark.parametrize("instant", ["yesterday", "", b"\xff"])
def test_an_instant_that_is_none_is_damage(path, instant):
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER credentials_no_update")
        connection.execute("UPDATE credentials SET issued_at = ?", (instant,))
    connection.close()
    with pytest.raises(StoreDamaged):
        opened(path).credential("urn:credential:1")


def test_a_text_that_is_not_utf_8_is_damage(path):
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER credentials_no_update")
        connection.execute("UPDATE credentials SET content = CAST(X'ff' AS TEXT)")
    connection.close()
    with pytest.raises(StoreDamaged):
        opened(path).credential("urn:credential:1")


# --- missing, foreign, newer ----------------------------------------------------------------------------------------


def test_a_folder_that_is_missing_is_said_and_not_made(tmp_path):
    with pytest.raises(StoreMissing):
        opened(tmp_path / "nowhere" / "passports.db")
    assert not (tmp_path / "nowhere").exists()


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreMissing):
        opened(tmp_path / "file" / "passports.db")


def test_a_file_that_is_taken_away_is_missing_and_no_empty_one_takes_its_place(path):
    """An empty store would say of every passport that it does not exist."""
    store = opened(path)
    store.close()
    path.unlink()
    with pytest.raises(StoreMissing):
        store.current("urn:pack:1", TYPE)
    with pytest.raises(StoreMissing):
        store.version()
    assert not path.exists()


def test_a_folder_in_the_place_of_the_file_is_no_database(tmp_path):
    with pytest.raises(StoreForeign):
        opened(tmp_path)


def test_an_overwritten_head_is_no_database(path):
    overwrite_pages(path, 0, 0)
    with pytest.raises(StoreForeign):
        opened(path)


def test_a_store_of_a_newer_version_is_refused_and_stays_as_it_is(empty_url):
    Store.open(empty_url).close()
    engine = engines.engine_of(empty_url)
    newer = versions.VERSION + 1
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA user_version={newer}")
        else:
            connection.exec_driver_sql(f"COMMENT ON TABLE credentials IS '{versions.COMMENT}{newer}'")
        connection.exec_driver_sql("DROP TABLE packs")
    with pytest.raises(StoreNewer, match=f"at most {versions.VERSION}; found {newer}"):
        Store.open(empty_url)
    assert not sql.inspect(engine).has_table("packs"), "nothing is made in it"
    engine.dispose()


def test_a_new_store_has_its_version_and_one_without_is_still_opened(empty_url):
    Store.open(empty_url).close()
    engine = engines.engine_of(empty_url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA user_version").scalar() == versions.VERSION
            connection.exec_driver_sql("PRAGMA user_version=0")
        else:
            connection.exec_driver_sql("COMMENT ON TABLE credentials IS 'passports of ours'")
    engine.dispose()
    Store.open(empty_url).close()


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


@each(
    ("sqlstate", "kind"),
    [("53100", StoreFull), ("55P03", StoreLocked), ("40P01", StoreLocked), ("25006", StoreReadOnly),
     ("XX001", StoreDamaged), ("57P03", StoreUnavailable)],
)  # fmt: skip
def test_a_server_that_fails_says_what_failed(cluster, sqlstate, kind):
    url = cluster.database()
    store = Store.open(url)
    cluster.sql(
        f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'of the pack' USING ERRCODE = '{sqlstate}'; END $$;"
        "CREATE TRIGGER fail BEFORE INSERT ON credentials EXECUTE FUNCTION fail()", url,
    )  # fmt: skip
    with pytest.raises(kind) as caught:
        add(store, 1)
    assert type(caught.value) is kind
    assert "of the pack" not in str(caught.value)


# --- what people are told -------------------------------------------------------------------------------------------


def test_each_failure_has_a_code_and_a_hint_of_its_own():
    assert len({kind.code for kind in KINDS}) == len(KINDS)
    hints = [kind.hint for kind in KINDS if kind is not StoreFailure]
    assert None not in hints and len(set(hints)) == len(hints)
    assert all(
        kind in failures.MESSAGES
        for kind in KINDS
        if kind not in (StoreFailure, errors.UnusableStore, StoreNewer, errors.StoreOlder)
    )


def test_the_guide_says_of_each_failure_what_to_do_and_how_a_command_leaves():
    guide = (CHECKOUT / "docs" / "deploy.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(store-[a-z-]+)` \|.*?\| ([123]) \|", guide, re.MULTILINE))
    named = [kind for kind in KINDS if kind not in (StoreFailure, errors.UnusableStore)]
    assert rows == {kind.code: str(kind.exit_code) for kind in named}


def passport(*words: str, **environ: str) -> tuple[int, dict]:
    result = CliRunner(env={"PASSPORT_STORE": None, **environ}).invoke(main, [*words, "--json"])
    return result.exit_code, json.loads(result.stdout).get("error", {})


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path / "shop", "https://passport.example.com", names={"en": "Operator", "zh": "运营者"})


def lock(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    lock.held = connection


def make_newer(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()


BREAK = {
    "store-damaged": (2, lambda path: overwrite_pages(path, 1)),
    "store-foreign": (2, lambda path: overwrite_pages(path, 0)),
    "store-newer": (2, make_newer),
    "store-locked": (3, lock),
}


@pytest.mark.parametrize("code", BREAK)
def test_a_command_leaves_with_the_code_that_says_whose_fault_it_is(project, monkeypatch, code):
    monkeypatch.setattr(engines, "PATIENCE", 0)
    project.open_store().close()
    expected, damage = BREAK[code]
    damage(project.folder / "passports.db")
    found, error = passport("issue", str(CHECKOUT / "examples" / "stationary-lfp.xlsx"), "--project", project.folder)
    assert (found, error["code"]) == (expected, code)
    assert error["hint"]


def test_a_command_without_room_leaves_with_3_and_says_that_nothing_was_stored(project, tmp_path):
    with small_disk(tmp_path / "disk") as disk:
        url = f"sqlite:///{disk.folder / 'passports.db'}"
        Store.open(url).close()
        disk.fill()
        words = ("issue", str(CHECKOUT / "examples" / "stationary-lfp.xlsx"), "--project", str(project.folder))
        found, error = passport(*words, PASSPORT_STORE=url)
        assert (found, error["code"]) == (3, "store-full")
        assert "Nothing was stored" in error["hint"]


def test_a_command_that_may_not_write_leaves_with_2(project):
    project.open_store().close()
    url = f"sqlite:///file:{project.folder / 'passports.db'}?mode=ro&uri=true"
    words = ("issue", str(CHECKOUT / "examples" / "stationary-lfp.xlsx"), "--project", str(project.folder))
    found, error = passport(*words, PASSPORT_STORE=url)
    assert (found, error["code"]) == (2, "store-read-only")


def test_a_command_without_its_folder_leaves_with_2(project, tmp_path):
    words = ("show", "X", "--project", str(project.folder))
    found, error = passport(*words, PASSPORT_STORE=f"sqlite:///{tmp_path}/nowhere/passports.db")
    assert (found, error["code"]) == (2, "store-missing")
