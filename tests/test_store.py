"""The store keeps what was signed and lets nobody change it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sql
from sqlalchemy.exc import IntegrityError, OperationalError

from passport.errors import AlreadyIssued, UnusableProject
from passport.store import Pack, StatusChange, StatusEntry, Store, StoredCredential

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


def credential(number: int, subject: str = "urn:pack:1", body: bytes = b'{"a":1}') -> StoredCredential:
    return StoredCredential(f"urn:credential:{number}", "BatteryPassportCredential", subject, body, "digest", AT)


@pytest.fixture(params=["memory", "file"])
def store(request, tmp_path: Path):
    opened = Store.open("sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path / 'passports.db'}")
    yield opened
    opened.close()


def test_what_was_signed_comes_back_byte_for_byte(store):
    body = '{"名称":  "电池", "b" : 1e0 }'.encode()
    with store.transaction() as transaction:
        transaction.add_credential(credential(1, body=body), base_proof={"secret": "base"})
    assert store.credential("urn:credential:1").body == body
    assert store.base_proof("urn:credential:1") == {"secret": "base"}


def test_the_newest_is_current_and_the_older_stays_readable(store):
    for number in (1, 2):
        with store.transaction() as transaction:
            transaction.add_credential(credential(number))
    assert store.current("urn:pack:1", "BatteryPassportCredential").id == "urn:credential:2"
    assert [stored.id for stored in store.history("urn:pack:1", "BatteryPassportCredential")] == [
        "urn:credential:1", "urn:credential:2",
    ]


@pytest.mark.parametrize("table", ["credentials", "base_proofs", "packs", "status_entries", "status_changes",
                                   "status_lists"])
@pytest.mark.parametrize("verb", ["UPDATE {table} SET rowid = rowid + 1000", "DELETE FROM {table}"])
def test_no_row_is_ever_changed_or_deleted(store, table, verb):
    with store.transaction() as transaction:
        transaction.add_credential(credential(1), base_proof={})
        transaction.add_pack(Pack("urn:pack:1", "urn:model", "ev", "1", None))
        transaction.add_status_entries([StatusEntry(1, 7, "urn:credential:1")])
        transaction.add_status_change(StatusChange(1, 7, True, "why", AT))
        transaction.add_status_list(1, {})
    with pytest.raises((IntegrityError, OperationalError), match="append-only"), store._engine.begin() as connection:
        connection.execute(sql.text(verb.format(table=table)))


def test_a_transaction_that_fails_leaves_nothing(store):
    with pytest.raises(ZeroDivisionError), store.transaction() as transaction:
        transaction.add_credential(credential(1))
        assert transaction.credential("urn:credential:1") is not None
        raise ZeroDivisionError
    assert store.credential("urn:credential:1") is None


def test_the_same_id_twice_is_refused(store):
    with store.transaction() as transaction:
        transaction.add_credential(credential(1))
    with pytest.raises(AlreadyIssued), store.transaction() as transaction:
        transaction.add_credential(credential(2))
        transaction.add_credential(credential(1))
    assert store.credential("urn:credential:2") is None


def test_one_place_in_a_status_list_is_given_once(store):
    with store.transaction() as transaction:
        transaction.add_status_entries([StatusEntry(1, 7, "urn:credential:1")])
    with pytest.raises(AlreadyIssued), store.transaction() as transaction:
        transaction.add_status_entries([StatusEntry(1, 7, "urn:credential:2")])
    with store.transaction() as transaction:
        assert 7 in transaction.positions(1) and 8 not in transaction.positions(1)
        assert len(transaction.positions(1)) == 1


def test_writers_wait_for_each_other(tmp_path):
    """Two publishers never both find a pack unknown: the second reads what the first has stored."""
    url = f"sqlite:///{tmp_path / 'passports.db'}"
    Store.open(url).close()
    found: list[bool] = []
    inside, finish = threading.Event(), threading.Event()

    def first():
        with Store.open(url).transaction() as transaction:
            inside.set()
            finish.wait(10)
            transaction.add_pack(Pack("urn:pack:1", "urn:model", "ev", "1", None))

    def second():
        inside.wait(10)
        finish.set()
        with Store.open(url).transaction() as transaction:
            found.append(transaction.pack("urn:pack:1") is not None)

    threads = [threading.Thread(target=target) for target in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [True]


def test_an_address_that_cannot_be_opened_is_refused_without_quoting_a_password():
    with pytest.raises(UnusableProject) as caught:
        Store.open("nonsense://user:hunter2@nowhere/db")
    assert "hunter2" not in str(caught.value)
