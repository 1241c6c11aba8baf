"""The store keeps what was signed and lets nobody change it, in every database alike."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sql
from sqlalchemy.exc import DBAPIError

from passport.errors import AlreadyIssued, MalformedDocument, StoreDamaged, UnusableProject
from passport.linked_data import strict_json
from passport.store import Notice, Pack, PublicStatus, StatusChange, StatusEntry, Store, StoredCredential, derived_rows
from passport.store.tables import READ_OUT
from passport.transparency.checkpoint import Checkpoint
from passport.transparency.note import Note, NoteSignature
from tests.each import each

ISSUER = "did:example:issuer"
AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
TYPE = "BatteryPassportCredential"
TABLES = (
    "credentials", "base_proofs", "packs", "status_entries", "status_list_purposes", "status_list_issuers",
    "role_status_lists", "status_changes", "status_notices", "status_lists", "status_list_coverage", "log_entries",
    "log_tiles", "log_checkpoints", "log_cosignatures", "passport_identifiers", "pack_modules", "read_outs",
)  # fmt: skip
#: Texts that not every database can hold, as hostile addresses and arguments of a command line bring them.
UNSTORABLE = ("urn:pack:1\0", "\0", "urn:\ud800", "\udcff")


def credential(number: int, subject: str = "urn:pack:1", body: bytes = b'{"a":1}') -> StoredCredential:
    return StoredCredential(f"urn:credential:{number}", TYPE, subject, body, "digest", AT)


def fill_log(transaction) -> None:
    """A log with an entry, a full tile, a checkpoint and a cosignature."""
    transaction.append_to_log("events", [bytes(32)] * 257)
    line = NoteSignature("witness.example", b"1234", b"56")
    checkpoint = Checkpoint("log.example", 257, bytes(32))
    transaction.add_log_checkpoint("events", checkpoint, Note(checkpoint.text, (line,)))
    transaction.add_log_cosignature(transaction.log_checkpoint("events"), line)


def pack(subject: str, serial: str = "1", code: str | None = None) -> Pack:
    return Pack(subject, "urn:model", "ev", serial, code)


@pytest.fixture
def store(store_url):
    opened = Store.open(store_url)
    yield opened
    opened.close()


# --- what is kept ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "instant"),
    [
        ("2027-03-01T08:00:00Z", "2027-03-01T08:00:00.000000Z"),
        ("2027-03-01T08:00:00.25+08:00", "2027-03-01T00:00:00.250000Z"),
        ("2027-03-01T08:00:00", None),
        ("2027-03-01\u00e9", None),
        ('2027"', None),
        (7, None),
        (None, None),
    ],
)
def test_the_time_of_a_read_out_is_that_of_its_excerpt_and_of_its_bytes(stated, instant):
    document = {"credentialSubject": {"id": "urn:pack:1", "recordedAt": stated}}
    assert derived_rows.read_instant(strict_json.dumps(document)) == instant
    assert derived_rows.instant_of(derived_rows.excerpt(document)) == instant
    assert derived_rows.instant_of({}) is None and derived_rows.read_instant(b"{") is None


def test_what_was_signed_comes_back_byte_for_byte(store):
    body = '{"名称":  "电池", "b" : 1e0 }'.encode()
    with store.transaction() as transaction:
        transaction.add_credential(credential(1, body=body), base_proof=b'{"secret":"base"}')
    assert store.credential("urn:credential:1").body == body
    assert store.credential("urn:credential:1").issued_at == AT
    assert store.base_proof("urn:credential:1") == {"secret": "base"}


def test_the_newest_is_current_and_the_older_stays_readable(store):
    for number in (1, 2):
        with store.transaction() as transaction:
            transaction.add_credential(credential(number))
    assert store.current("urn:pack:1", TYPE).id == "urn:credential:2"
    assert [stored.id for stored in store.history("urn:pack:1", TYPE)] == ["urn:credential:1", "urn:credential:2"]


def test_a_status_is_the_sum_of_its_changes(store):
    with store.transaction() as transaction:
        transaction.begin_status_list(2, "suspension", ISSUER)
        transaction.begin_status_list(1, "revocation", ISSUER)
        transaction.add_status_entries([StatusEntry(1, 7, "urn:credential:1"), StatusEntry(2, 9, "urn:credential:1")])
        transaction.add_status_change(StatusChange(2, 9, True, "召回", AT))
    assert store.is_flagged("urn:credential:1")
    assert [store.status_bit(*place) for place in ((1, 7), (1, 9), (2, 7), (2, 9))] == [False, False, False, True]
    assert store.list_numbers() == (1, 2)
    assert store.list_purposes() == {1: "revocation", 2: "suspension"}
    with store.transaction() as transaction:
        transaction.add_status_change(StatusChange(2, 9, False, "lifted", AT))
        transaction.add_status_list(2, {"version": 1})
        transaction.add_status_list(2, {"version": 2})
    assert not store.is_flagged("urn:credential:1")
    assert [change.reason for change in store.status_changes(2)] == ["召回", "lifted"]
    assert store.status_list(2) == {"version": 2}
    assert store.status_list(1) is None


def test_a_reason_is_public_only_where_a_notice_says_it(store):
    with store.transaction() as transaction:
        transaction.begin_status_list(1, "revocation", ISSUER)
        transaction.add_status_change(StatusChange(1, 7, True, "a customer complained", AT))
        transaction.add_status_change(
            StatusChange(1, 8, True, "a supplier was wrong", AT), Notice("错误的生产日期", "urn:pack:2")
        )
    assert store.public_status(1, 6) is None
    assert store.public_status(1, 7) == PublicStatus(True, AT, Notice())
    assert store.public_status(1, 8) == PublicStatus(True, AT, Notice("错误的生产日期", "urn:pack:2"))
    with store.transaction() as transaction:
        transaction.add_status_change(StatusChange(1, 8, False, "lifted", AT))
    assert store.public_status(1, 8) == PublicStatus(False, AT, Notice()), "an old notice outlived its change"


def test_the_models_of_a_codes_beginning_are_found_and_no_others(store):
    codes = {"ZZZPE10A": "urn:m1", "ZZZPE10B": "urn:m1", "ZZZPE11A": "urn:m2", "ZZZPF": "urn:m3", None: "urn:m4"}
    with store.transaction() as transaction:
        for number, (code, model) in enumerate(codes.items()):
            transaction.add_pack(Pack(f"urn:pack:{number}", model, "ev", str(number), code))
    assert store.models_of_code("ZZZPE10") == ("urn:m1",)
    assert set(store.models_of_code("ZZZPE1")) == {"urn:m1", "urn:m2"}
    assert store.models_of_code("ZZZQ") == ()
    assert store.models_of_code("%") == store.models_of_code("Z_Z") == ()


CHANGES = {
    "sqlite": ("UPDATE {table} SET rowid = rowid + 1000", "DELETE FROM {table}", "DELETE FROM {table} WHERE rowid > 0",
               "REPLACE INTO {table} SELECT * FROM {table}"),
    "postgresql": ("UPDATE {table} SET {column} = {column}", "DELETE FROM {table}", "TRUNCATE {table}",
                   "SET session_replication_role = replica; DELETE FROM {table}",
                   "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({key}) DO UPDATE SET {column} = NULL"),
}  # fmt: skip


@pytest.mark.product(of=2)
@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_ever_changed_or_deleted(store, table):
    with store.transaction() as transaction:
        subject = {
            "id": "urn:pack:1",
            "batteryPassportIdentifier": "urn:uuid:1",
            "moduleTractionBatteryCodes": ["M1"],
        }
        body = json.dumps({"credentialSubject": subject}).encode()
        transaction.add_credential(credential(1, body=body), base_proof=b"{}")
        read = b'{"credentialSubject":{"id":"urn:pack:1","recordedAt":"2027-03-01T08:00:00Z"}}'
        transaction.add_credential(replace(credential(2, body=read), type=READ_OUT))
        transaction.add_pack(pack("urn:pack:1"))
        transaction.begin_status_list(1, "revocation", ISSUER, for_roles=True)
        transaction.add_status_entries([StatusEntry(1, 7, "urn:credential:1")])
        transaction.add_status_change(StatusChange(1, 7, True, "why", AT), Notice("why, for everybody"))
        transaction.add_status_list(1, {}, last_change=1)
        fill_log(transaction)
    found = sql.inspect(store.engine)
    key = ", ".join(found.get_pk_constraint(table)["constrained_columns"])
    names = {"table": table, "key": key, "column": found.get_columns(table)[-1]["name"]}
    for change in CHANGES[store.engine.dialect.name]:
        with pytest.raises(DBAPIError, match="append-only"), store.engine.begin() as connection:
            connection.exec_driver_sql(change.format(**names))


# --- all or nothing, one after the other ----------------------------------------------------------------------------


def test_a_late_read_out_is_in_the_history_and_never_current(shared_url):
    store, about = Store.open(shared_url), ("urn:pack:1", READ_OUT)

    def read_out(number: int, hour: int) -> StoredCredential:
        body = f'{{"credentialSubject":{{"id":"urn:pack:1","recordedAt":"2027-03-01T{hour:02}:00:00+08:00"}}}}'
        return replace(credential(number, body=body.encode()), type=READ_OUT)

    first, newest, late = read_out(1, 8), read_out(2, 20), read_out(3, 9)
    with store.transaction() as transaction:
        transaction.add_credentials([(first, None), (newest, None)])
        transaction.add_credentials([(late, None)], late=[late.id])
    for reader in (store, Store.open(shared_url)):
        assert reader.current(*about) == newest
        assert reader.newest([about]) == {about: (3, newest)} and reader.newest_numbers([about]) == {about: 3}
        assert [row.stored for row in reader.read_outs("urn:pack:1")] == [newest, late, first]
        assert [row.late for row in reader.read_outs("urn:pack:1")] == [False, True, False]
        assert reader.late_ids("urn:pack:1") == {late.id}
        before, after = datetime(2027, 3, 1, 1, tzinfo=UTC), datetime(2027, 3, 1, 0, 30, tzinfo=UTC)
        assert [row.stored for row in reader.read_outs("urn:pack:1", before=before)] == [first]
        assert [row.stored for row in reader.read_outs_after("urn:pack:1", after, limit=1)] == [late]
        assert reader.read_outs_at([("urn:pack:1", before), ("urn:pack:1", after)]) == {
            ("urn:pack:1", before): ((late.id, late.content),)
        }
        if reader.direct is not None:
            assert reader.direct.current(*about) == newest.body
            assert reader.direct.current_beside("urn:pack:1", READ_OUT, TYPE, "fit")[0] == newest.body


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
    assert store.taken_places(1, [7, 8]) == {7}
    assert store.taken_places(2, [7, 8]) == frozenset()
    assert store.count_places(1) == 1


def test_a_signed_list_says_how_far_it_goes_and_which_lists_are_behind(store):
    with store.transaction() as transaction:
        for number, purpose in ((1, "revocation"), (2, "suspension"), (3, "refresh")):
            transaction.begin_status_list(number, purpose, ISSUER)
    assert store.unsigned_lists() == store.lists_behind() == (1, 2, 3)
    with store.transaction() as transaction:
        transaction.add_status_list(1, {"version": 1}, last_change=0)
        transaction.add_status_list(2, {"version": 1}, last_change=0)
    assert store.unsigned_lists() == store.lists_behind() == (3,)
    with store.transaction() as transaction:
        transaction.add_status_change(StatusChange(2, 7, True, "stolen", AT))
        transaction.add_status_change(StatusChange(1, 8, True, "recalled", AT))
        transaction.add_status_change(StatusChange(2, 7, False, "found", AT))
        transaction.add_status_list(1, {"version": 2}, last_change=2)
        transaction.add_status_list(2, {"version": 2}, last_change=1)
    assert store.lists_behind() == (2, 3)
    assert list(store.bits_since(2, 0)) == [(1, 7, True), (3, 7, False)]
    assert list(store.bits_since(2, 1)) == [(3, 7, False)]
    assert list(store.bits_since(1, 2)) == []
    assert (store.signed_list(1).sequence, store.signed_list(1).last_change) == (3, 2)
    assert store.signed_list(3) is None and store.signed_number(3) == 0 and store.signed_number(2) == 4


def test_a_list_that_was_signed_elsewhere_counts_as_behind(store):
    with store.transaction() as transaction:
        transaction.begin_status_list(1, "revocation", ISSUER)
        transaction.add_status_list(1, {"version": 1})
    assert store.signed_list(1).last_change is None
    assert store.lists_behind() == (1,) and store.unsigned_lists() == ()


def test_the_newest_of_several_subjects_and_types_is_found_at_once(store):
    with store.transaction() as transaction:
        for number, subject in enumerate(("urn:pack:1", "urn:pack:1", "urn:pack:2"), start=1):
            transaction.add_credential(credential(number, subject))
    abouts = [("urn:pack:1", TYPE), ("urn:pack:2", "other"), ("urn:pack:3", TYPE)]
    assert {about: number for about, (number, _) in store.newest_contents(abouts).items()} == {("urn:pack:1", TYPE): 2}
    assert store.newest(abouts) == {("urn:pack:1", TYPE): (2, credential(2))}


def test_the_places_of_a_credential_are_found_by_the_purposes_of_their_lists(store):
    with store.transaction() as transaction:
        transaction.begin_status_list(1, "revocation", ISSUER)
        transaction.begin_status_list(2, "suspension", ISSUER, for_roles=True)
        transaction.add_status_entries([StatusEntry(2, 9, "urn:credential:1"), StatusEntry(1, 7, "urn:credential:1")])
    assert store.places_of("urn:credential:1") == {
        "revocation": StatusEntry(1, 7, "urn:credential:1"), "suspension": StatusEntry(2, 9, "urn:credential:1"),
    }  # fmt: skip
    assert store.places_of("urn:credential:2") == {}
    assert store.role_lists() == {2}


def test_a_list_of_another_purpose_under_a_known_number_is_refused(store):
    with store.transaction() as transaction:
        transaction.begin_status_list(1, "revocation", ISSUER)
    with pytest.raises(AlreadyIssued), store.transaction() as transaction:
        transaction.begin_status_list(1, "refresh", ISSUER)
    assert store.list_purposes() == {1: "revocation"}


def test_a_credential_that_a_newer_one_refreshes_is_not_flagged(store):
    with store.transaction() as transaction:
        transaction.begin_status_list(1, "revocation", ISSUER)
        transaction.begin_status_list(3, "refresh", ISSUER)
        transaction.add_status_entries([StatusEntry(1, 7, "urn:credential:1"), StatusEntry(3, 9, "urn:credential:1")])
        transaction.add_status_change(StatusChange(3, 9, True, "a newer read-out", AT))
    assert store.status_bit(3, 9)
    assert not store.is_flagged("urn:credential:1")


def test_a_set_bit_in_a_list_of_no_known_purpose_counts_as_flagged(store):
    with store.transaction() as transaction:
        transaction.add_status_entries([StatusEntry(9, 7, "urn:credential:1")])
        transaction.add_status_change(StatusChange(9, 7, True, "why", AT))
    assert store.is_flagged("urn:credential:1")


def test_a_code_is_given_to_one_pack_and_many_packs_have_none(store):
    with store.transaction() as transaction:
        for number in range(3):
            transaction.add_pack(pack(f"urn:pack:{number}"))
        transaction.add_pack(pack("urn:pack:3", code="ZZZ"))
    with pytest.raises(AlreadyIssued), store.transaction() as transaction:
        transaction.add_pack(pack("urn:pack:4", code="ZZZ"))
    assert store.pack_of_code("ZZZ").subject == "urn:pack:3"


def test_writers_wait_for_each_other(shared_url):
    """Two publishers never both find a pack unknown: the second reads what the first has stored."""
    Store.open(shared_url).close()
    found: list[bool] = []
    inside, finish = threading.Event(), threading.Event()

    def first():
        with Store.open(shared_url).transaction() as transaction:
            inside.set()
            assert finish.wait(300)
            transaction.add_pack(pack("urn:pack:1"))

    def second():
        assert inside.wait(300)
        finish.set()
        with Store.open(shared_url).transaction() as transaction:
            found.append(transaction.pack("urn:pack:1") is not None)

    threads = [threading.Thread(target=target) for target in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert found == [True]


def test_rows_are_numbered_in_the_order_of_the_turns(shared_url):
    """Else a row could be seen late under a low number, and the version would not change with it."""
    Store.open(shared_url).close()
    turns: list[str] = []

    def write(writer: int) -> None:
        store = Store.open(shared_url)
        for number in range(8):
            with store.transaction() as transaction:
                transaction.add_credential(credential(100 * writer + number))
                turns.append(f"urn:credential:{100 * writer + number}")
        store.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    store = Store.open(shared_url)
    assert [stored.id for stored in store.history("urn:pack:1", TYPE)] == turns
    assert store.version()[0] == len(turns)
    store.close()


def test_what_is_read_at_one_version_is_always_the_same(shared_url):
    Store.open(shared_url).close()
    done = threading.Event()
    seen: dict[tuple, set[int]] = {}

    def read() -> None:
        store = Store.open(shared_url)
        while not done.is_set():
            before, found = store.version(), len(store.history("urn:pack:1", TYPE))
            if store.version() == before:
                seen.setdefault(before, set()).add(found)
        store.close()

    def write(writer: int) -> None:
        store = Store.open(shared_url)
        for number in range(10):
            with store.transaction() as transaction:
                transaction.add_credential(credential(100 * writer + number))
        store.close()

    with ThreadPoolExecutor(3) as pool:
        reader = pool.submit(read)
        try:
            list(pool.map(write, range(2)))
        finally:
            done.set()
        reader.result()
    assert {version: counts for version, counts in seen.items() if counts != {version[0]}} == {}


def test_a_transaction_that_failed_changes_no_version(store):
    before = store.version()
    with pytest.raises(ZeroDivisionError), store.transaction() as transaction:
        transaction.add_credential(credential(1))
        raise ZeroDivisionError
    assert store.version() == before
    with store.transaction() as transaction:
        transaction.add_credential(credential(2))
    assert store.version() > before


def test_a_new_store_may_be_opened_by_several_at_once(empty_url):
    together = threading.Barrier(8)

    def open_and_write(number: int) -> None:
        together.wait(300)
        store = Store.open(empty_url)
        with store.transaction() as transaction:
            transaction.add_credential(credential(number))
        store.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(open_and_write, range(8)))
    assert len(Store.open(empty_url).history("urn:pack:1", TYPE)) == 8


# --- what is asked --------------------------------------------------------------------------------------------------


def test_packs_come_in_the_order_of_their_code_points(store):
    with store.transaction() as transaction:
        for subject in ("urn:a", "urn:B", "urn:é", "urn:_", "urn:电"):
            transaction.add_pack(pack(subject))
    assert [one.subject for one in store.find_packs()] == ["urn:B", "urn:_", "urn:a", "urn:é", "urn:电"]
    assert [one.subject for one in store.find_packs(after="urn:_", limit=2)] == ["urn:a", "urn:é"]


def test_packs_are_found_by_what_is_on_the_plate(store):
    with store.transaction() as transaction:
        for number, code in ((1, "CODE-1"), (2, None), (3, None)):
            transaction.add_pack(pack(f"urn:pack:{number}", serial=f"S{min(number, 2)}", code=code))
    assert {one.subject for one in store.packs_named("S2")} == {"urn:pack:2", "urn:pack:3"}
    assert {one.subject for one in store.find_packs(named=["CODE-1", "urn:pack:3", "S9"], category="ev")} == {
        "urn:pack:1",
        "urn:pack:3",
    }
    assert store.find_packs(named=[]) == () == store.find_packs(models=["urn:other"])
    assert store.models() == ("urn:model",)


@each(
    ("look", "index"),
    [
        (lambda store: store.find_packs(category="lmt", after="x"), "packs_of_category (category=? AND subject>?)"),
        (lambda store: store.find_packs(models=["a"], after="x"), "packs_of_model (model=? AND subject>?)"),
        (lambda store: store.find_packs(models=["a", "b"], after="x"), "packs_of_model (model=? AND subject>?)"),
        (lambda store: store.find_packs(named=["A"], after="x"), "ix_packs_serial (serial=?)"),
        (lambda store: store.subjects_since(TYPE, 0), "credentials_of_type (type=? AND sequence>?)"),
    ],
    ids=["category", "model", "models", "name", "type"],
)
def test_few_rows_among_many_are_read_from_an_index(look, index):
    """Without it a search for the only pack of a model, or a dump's list of batches, reads all rows of the store."""
    store, plans = Store.open("sqlite://"), []

    @sql.event.listens_for(store.engine, "before_cursor_execute")
    def explain(connection, cursor, statement, parameters, *_):
        if statement.startswith("SELECT"):
            plans.append(" ".join(row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)))

    assert look(store) == ()
    (plan,) = plans
    assert index in plan and "SCAN" not in plan.replace("SCAN named_packs", ""), plan
    store.close()


def test_who_was_spoken_of_since_a_version_is_said_once_each(store):
    with store.transaction() as transaction:
        transaction.add_credential(credential(1, subject="urn:old"))
    before = store.version()
    with store.transaction() as transaction:
        for number, subject in ((2, "urn:b"), (3, "urn:a"), (4, "urn:b")):
            transaction.add_credential(credential(number, subject=subject))
    assert store.subjects_since(TYPE, before[0]) == ("urn:b", "urn:a")
    assert store.subjects_since("Other", before[0]) == ()


@pytest.mark.parametrize("text", UNSTORABLE)
def test_a_text_that_no_database_can_hold_is_found_nowhere(store, text):
    with store.transaction() as transaction:
        transaction.add_pack(pack("urn:pack:1", code="CODE-1"))
        transaction.add_credential(credential(1))
        assert transaction.pack(text) is None
    assert store.credential(text) is store.current(text, TYPE) is store.pack(text) is store.pack_of_code(text) is None
    assert store.packs_named(text) == store.history(text, TYPE) == store.status_entries(text) == ()
    assert [one.subject for one in store.find_packs(named=[text, "CODE-1"])] == ["urn:pack:1"]


@pytest.mark.parametrize("text", UNSTORABLE)
def test_a_text_that_no_database_can_hold_is_not_stored(store, text):
    with pytest.raises(MalformedDocument), store.transaction() as transaction:
        transaction.add_credential(credential(1, subject=text))
    with pytest.raises(MalformedDocument), store.transaction() as transaction:
        transaction.add_status_change(StatusChange(1, 7, True, text, AT))
    assert store.version() == (0, 0, 0, 0, 0, 0)


# --- addresses and failures -----------------------------------------------------------------------------------------


@each(
    "url",
    [
        "nonsense://user:hunter2@nowhere/db",
        "postgresql://user:hunter2@nowhere/db",
        "postgresql://nowhere/db?user=me&password=hunter2",
        "postgresql://nowhere/db?sslpassword=hunter2",
        "postgresql://user@nowhere:hunter2/db",
        "hunter2",
        "",
    ],
)
def test_an_address_that_cannot_be_opened_is_refused_without_quoting_a_password(url):
    with pytest.raises(UnusableProject) as caught:
        Store.open(url)
    assert "hunter2" not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"


@each("url", ["mysql://root@nowhere/db", "postgresql+psycopg2://nowhere/db", "sqlite+aiosqlite://"])
def test_a_database_that_would_not_refuse_changes_is_no_store(url):
    with pytest.raises(UnusableProject, match="sqlite or postgresql"):
        Store.open(url)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "passports.db"
    path.write_bytes(b"not a database " * 100)
    with pytest.raises(UnusableProject, match="not a database"):
        Store.open(f"sqlite:///{path}")


def test_a_database_that_fails_is_said_without_what_was_asked(store):
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE credentials")
    with pytest.raises(StoreDamaged) as caught:
        store.current("urn:pack:secret", TYPE)
    assert "secret" not in f"{caught.value} {caught.value.__cause__}"
    with pytest.raises(StoreDamaged), store.transaction() as transaction:
        transaction.add_pack(pack("urn:pack:1"))
        transaction.add_credential(credential(1))
    assert store.packs() == ()
