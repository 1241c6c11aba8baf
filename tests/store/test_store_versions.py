"""A store that an earlier version made is brought up to date in place, when it is opened.

``VERSION_1`` is what version 0.9 and before made: it kept no purpose of a status list, which was the parity of its
number. ``VERSION_2`` did not keep how far a signed list goes, nor which lists are of roles.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sql

from passport.errors import UnusableProject
from passport.store import StatusEntry, Store, tables
from passport.store.engines import engine_of
from passport.store.versions import VERSION

ISSUER = "did:example:issuer"
CHECKOUT = Path(__file__).resolve().parents[2]
VERSION_1 = """
CREATE TABLE base_proofs (id {text} NOT NULL, body {bytes} NOT NULL, PRIMARY KEY (id));
CREATE TABLE credentials (
    sequence {number} NOT NULL, id {text} NOT NULL, type {text} NOT NULL, subject {text} NOT NULL,
    body {bytes} NOT NULL, content {text} NOT NULL, issued_at {text} NOT NULL, PRIMARY KEY (sequence), UNIQUE (id)
);
CREATE INDEX credentials_of_subject ON credentials (subject, type, sequence);
CREATE TABLE packs (
    subject {text} NOT NULL, model {text} NOT NULL, category {text} NOT NULL, serial {text} NOT NULL, code {text},
    PRIMARY KEY (subject), UNIQUE (code)
);
CREATE INDEX ix_packs_serial ON packs (serial);
CREATE TABLE status_changes (
    sequence {number} NOT NULL, list INTEGER NOT NULL, position INTEGER NOT NULL, value BOOLEAN NOT NULL,
    reason {text} NOT NULL, changed_at {text} NOT NULL, PRIMARY KEY (sequence)
);
CREATE TABLE status_entries (
    list INTEGER NOT NULL, position INTEGER NOT NULL, credential {text} NOT NULL, PRIMARY KEY (list, position)
);
CREATE INDEX ix_status_entries_credential ON status_entries (credential);
CREATE TABLE status_lists (
    sequence {number} NOT NULL, list INTEGER NOT NULL, body {bytes} NOT NULL, PRIMARY KEY (sequence)
);
CREATE INDEX ix_status_lists_list ON status_lists (list);
"""
VERSION_2 = """
CREATE TABLE status_list_purposes (list INTEGER NOT NULL, purpose {text} NOT NULL, PRIMARY KEY (list));
CREATE TABLE status_notices (change {number} NOT NULL, reason {text}, replaced_by {text}, PRIMARY KEY (change));
CREATE TABLE roles (
    sequence {number} NOT NULL, id {text} NOT NULL, holder {text} NOT NULL, audience {text} NOT NULL,
    purpose {text} NOT NULL, packs {text} NOT NULL, valid_from {text} NOT NULL, valid_until {text} NOT NULL,
    list INTEGER NOT NULL, PRIMARY KEY (sequence), UNIQUE (id)
);
CREATE INDEX ix_roles_holder ON roles (holder);
CREATE INDEX status_changes_of_place ON status_changes (list, position, sequence);
INSERT INTO status_list_purposes VALUES (1, 'revocation'), (2, 'suspension'), (3, 'revocation'), (4, 'revocation');
INSERT INTO roles VALUES (1, 'urn:role', 'did:example:holder', 'commission', 'x', '', '2026-11-01T00:00:00+00:00',
    '2026-12-01T00:00:00+00:00', 4);
"""
VERSION_3 = """
CREATE TABLE role_status_lists (list INTEGER NOT NULL, PRIMARY KEY (list));
CREATE TABLE status_list_coverage (signed {number} NOT NULL, last_change {number} NOT NULL, PRIMARY KEY (signed));
CREATE INDEX status_changes_of_list ON status_changes (list, sequence);
"""
TYPES = {
    "sqlite": {"text": "TEXT", "bytes": "BLOB", "number": "INTEGER"},
    "postgresql": {"text": 'TEXT COLLATE "C"', "bytes": "BYTEA", "number": "BIGINT"},
}
OLD_TABLES = ("base_proofs", "credentials", "packs", "status_changes", "status_entries", "status_lists")
# Lists 1 to 4 as two full pairs; a revoked credential in list 3, a suspended one in list 2.
ROWS = """
INSERT INTO status_entries VALUES (1, 7, 'urn:a'), (2, 9, 'urn:a'), (3, 5, 'urn:b'), (4, 6, 'urn:b');
INSERT INTO status_changes VALUES (1, 3, 5, TRUE, 'recalled', '2026-11-01T00:00:00+00:00');
INSERT INTO status_changes VALUES (2, 2, 9, TRUE, 'stolen', '2026-11-01T00:00:00+00:00');
INSERT INTO status_lists VALUES (1, 1, CAST('{{"n":1}}' AS {bytes})), (2, 2, CAST('{{"n":2}}' AS {bytes}));
INSERT INTO status_lists VALUES (3, 3, CAST('{{"n":3}}' AS {bytes})), (4, 4, CAST('{{"n":4}}' AS {bytes}));
"""


# Newer versions of lists 1 and 2; what is in lists 3 and 4 names no issuer.
SIGNED_LATER = """
INSERT INTO status_lists VALUES (5, 1, CAST('{{"issuer":"did:example:older"}}' AS {bytes}));
INSERT INTO status_lists VALUES (6, 1, CAST('{{"issuer":"did:example:issuer"}}' AS {bytes}));
INSERT INTO status_lists VALUES (7, 2, CAST('{{"issuer":"did:example:other"}}' AS {bytes}));
"""


def make_version_2(url: str) -> None:
    """A store as version 2 made it."""
    make_version_1(url, more=VERSION_2, tables_made=(*OLD_TABLES, "status_list_purposes", "status_notices", "roles"))


def make_version_3(url: str) -> None:
    """A store as version 3 made it: it had no transparency logs."""
    made = ("status_list_purposes", "status_notices", "roles", "role_status_lists", "status_list_coverage")
    make_version_1(url, more=VERSION_2 + VERSION_3, tables_made=(*OLD_TABLES, *made))


def make_version_1(
    url: str, *, without: str = "", rows: bool = True, more: str = "", tables_made: tuple[str, ...] = OLD_TABLES
) -> None:
    """A store as version 1 made it, with its triggers."""
    engine = engine_of(url)
    dialect = engine.dialect.name
    script = (VERSION_1 + (ROWS if rows else "") + more).format(**TYPES[dialect])
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for statement in script.split(";\n"):
            if statement.strip() and f"TABLE {without} " not in statement:
                connection.exec_driver_sql(statement)
        for table in tables_made:
            for statement in tables.APPEND_ONLY[dialect] if table != without else ():
                connection.exec_driver_sql(statement.format(table=table))
    engine.dispose()


def test_an_old_stores_lists_get_the_purposes_that_their_numbers_had(shared_url):
    make_version_1(shared_url)
    store = Store.open(shared_url)
    assert store.list_purposes() == {1: "revocation", 2: "suspension", 3: "revocation", 4: "suspension"}
    assert store.is_flagged("urn:a") and store.is_flagged("urn:b")
    assert [store.status_list(number) for number in (1, 2, 3, 4)] == [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}]
    assert [change.reason for number in (2, 3) for change in store.status_changes(number)] == ["stolen", "recalled"]


@pytest.mark.parametrize(
    "make", [make_version_1, make_version_2, make_version_3], ids=["version 1", "version 2", "version 3"]
)
def test_an_old_store_becomes_what_a_new_one_is(shared_url, tmp_path, make):
    make(shared_url)
    updated = Store.open(shared_url)
    new = Store.open(f"sqlite:///{tmp_path / 'new.db'}")

    def shape(store: Store) -> dict:
        found = sql.inspect(store.engine)
        columns = {name: [column["name"] for column in found.get_columns(name)] for name in found.get_table_names()}
        indexes = {index["name"] for name in columns for index in found.get_indexes(name) if not _of_constraint(index)}
        return {"columns": columns, "indexes": indexes}

    assert shape(updated) == shape(new)
    with updated.transaction() as transaction:
        transaction.begin_status_list(5, "refresh", ISSUER)
        transaction.add_status_entries([StatusEntry(5, 1, "urn:c")])
    assert updated.list_purposes()[5] == "refresh"


def test_a_store_of_version_2_keeps_its_rows_and_its_lists_of_roles(shared_url):
    make_version_2(shared_url)
    store = Store.open(shared_url)
    assert store.role_lists() == {4}
    assert store.list_purposes() == {1: "revocation", 2: "suspension", 3: "revocation", 4: "revocation"}
    assert store.is_flagged("urn:a") and store.is_flagged("urn:b")
    assert [store.status_list(number) for number in (1, 2, 3, 4)] == [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}]
    # How far the signed lists go is not known, so that the next signing makes them from all changes.
    assert store.lists_behind() == (1, 2, 3, 4)
    assert store.signed_list(3).last_change is None


def test_a_store_of_version_3_keeps_its_rows_and_begins_with_an_empty_log(shared_url):
    make_version_3(shared_url)
    store = Store.open(shared_url)
    assert store.list_purposes() == {1: "revocation", 2: "suspension", 3: "revocation", 4: "revocation"}
    assert store.log_size("events") == 0 and store.log_checkpoint("events") is None
    with store.transaction() as transaction:
        assert transaction.append_to_log("events", [bytes(32)]) == 0


def test_a_store_of_version_4_finds_its_passports_by_their_identifiers(shared_url):
    make_version_3(shared_url)
    engine = engine_of(shared_url)
    said = '{"credentialSubject": {"id": "https://p.example/1", "batteryPassportIdentifier": "urn:uuid:1"}}'
    other = '{"credentialSubject": {"id": "https://p.example/2", "previousPassport": "urn:uuid:2"}}'
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for number, (kind, body) in enumerate(
            (
                ("BatteryPassportCredential", said),
                ("BatteryPassportCredential", said),
                ("BatteryModelCredential", other),
            ),
            1,
        ):
            row = {"sequence": number, "id": f"urn:c{number}", "type": kind, "subject": "s", "body": body.encode(),
                   "content": "", "issued_at": "2026-11-01T00:00:00+00:00"}  # fmt: skip
            connection.execute(tables.credentials.insert(), row)
    engine.dispose()
    store = Store.open(shared_url)
    assert store.packs_of_identifier("urn:uuid:1") == ("https://p.example/1",)
    assert store.packs_of_identifier("urn:uuid:2") == ()


def test_a_store_of_version_5_knows_in_which_pack_a_module_is(shared_url):
    make_version_3(shared_url)
    engine = engine_of(shared_url)
    body = '{"credentialSubject": {"id": "https://p.example/1", "moduleTractionBatteryCodes": ["M1", "M2"]}}'
    one = '{"credentialSubject": {"id": "https://p.example/2", "moduleTractionBatteryCodes": "M2"}}'
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for number, said in enumerate((body, one), 1):
            row = {"sequence": number, "id": f"urn:c{number}", "type": "BatteryEventCredential", "subject": "s",
                   "body": said.encode(), "content": "", "issued_at": "2026-11-01T00:00:00+00:00"}  # fmt: skip
            connection.execute(tables.credentials.insert(), row)
    engine.dispose()
    assert Store.open(shared_url).packs_of_modules(["M1", "M2", "M3"]) == {
        "M1": {("https://p.example/1", "urn:c1")},
        "M2": {("https://p.example/1", "urn:c1"), ("https://p.example/2", "urn:c2")},
    }


def test_a_store_of_version_5_knows_when_its_read_outs_were_read(shared_url):
    make_version_3(shared_url)
    engine = engine_of(shared_url)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for number, (kind, said) in enumerate(
            (
                ("BatteryConditionCredential", '{"id": "s", "recordedAt": "2027-03-02T08:00:00+08:00"}'),
                ("BatteryPassportCredential", '{"id": "s"}'),
                ("BatteryConditionCredential", '{"id": "s", "recordedAt": "2027-03-01T23:00:00Z"}'),
                ("BatteryConditionCredential", '{"id": "s"}'),
            ),
            1,
        ):
            body = f'{{"credentialSubject": {said}}}'.encode()
            row = {"sequence": number, "id": f"urn:c{number}", "type": kind, "subject": "s", "body": body,
                   "content": "", "issued_at": "2026-11-01T00:00:00+00:00"}  # fmt: skip
            connection.execute(tables.credentials.insert(), row)
    engine.dispose()
    rows = Store.open(shared_url).read_outs("s")
    assert [(row.stored.id, row.instant.isoformat(), row.late) for row in rows] == [
        ("urn:c1", "2027-03-02T00:00:00+00:00", False), ("urn:c3", "2027-03-01T23:00:00+00:00", False),
    ]  # fmt: skip


def test_a_store_of_version_5_knows_to_which_issuer_a_status_list_belongs(shared_url):
    """That is the issuer of its newest signed version. A list that names none belongs to nobody."""
    make_version_1(shared_url, more=SIGNED_LATER)
    store = Store.open(shared_url)
    assert store.list_issuers() == {1: "did:example:issuer", 2: "did:example:other"}
    assert store.list_purposes(issuer="did:example:other") == {2: "suspension"}
    assert store.list_purposes(issuer="did:example:older") == {}
    assert set(store.list_purposes()) == {1, 2, 3, 4}


def _of_constraint(index: dict) -> bool:
    """Whether the index only serves a UNIQUE of its table, which each database names in its own way."""
    return "duplicates_constraint" in index


def test_an_updated_store_lets_nobody_change_a_purpose(shared_url):
    make_version_1(shared_url)
    store = Store.open(shared_url)
    for change in ("UPDATE status_list_purposes SET purpose = 'refresh'", "DELETE FROM status_list_purposes"):
        with pytest.raises(sql.exc.DBAPIError, match="append-only"), store.engine.begin() as connection:
            connection.exec_driver_sql(change)
    assert store.list_purposes()[1] == "revocation"


def test_an_old_store_that_is_opened_again_stays_as_it_is(shared_url):
    make_version_1(shared_url)
    Store.open(shared_url).close()
    store = Store.open(shared_url)
    with store.transaction() as transaction:
        transaction.begin_status_list(6, "refresh", ISSUER)
    store.close()
    assert Store.open(shared_url).list_purposes()[6] == "refresh"


def test_an_old_store_that_many_open_at_once_is_updated_once(shared_url):
    make_version_1(shared_url)
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: Store.open(shared_url), range(8)))
    assert {tuple(store.list_purposes().items()) for store in stores} == {
        ((1, "revocation"), (2, "suspension"), (3, "revocation"), (4, "suspension"))
    }


def test_an_old_copy_without_base_proofs_is_updated_too(shared_url):
    make_version_1(shared_url, without="base_proofs")
    assert len(Store.open(shared_url).list_purposes()) == 4


def test_an_old_store_in_which_nothing_was_issued_has_no_lists(shared_url):
    make_version_1(shared_url, rows=False)
    assert Store.open(shared_url).list_purposes() == {}


def test_an_old_store_on_a_server_is_refused_to_a_role_that_may_only_read(cluster):
    url = cluster.database()
    make_version_1(url)
    cluster.sql("CREATE ROLE looker LOGIN PASSWORD 'x'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker", url)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PGPASSWORD", "x")
            with pytest.raises(UnusableProject) as caught:
                Store.open(url.replace("admin", "looker"))
        assert "permission denied" in str(caught.value)
        assert "Upgrading" in caught.value.hint
    finally:
        cluster.sql("DROP OWNED BY looker; DROP ROLE looker", url)


def test_the_documented_script_updates_a_store_whose_tables_belong_to_the_keeper(cluster):
    url = cluster.database()
    cluster.sql("CREATE ROLE keeper; CREATE ROLE publisher; CREATE ROLE resolver")
    try:
        make_version_1(url, more=SIGNED_LATER)
        section = (CHECKOUT / "docs" / "deploy.md").read_text(encoding="utf-8").split("\n## Upgrading\n")[1]
        scripts = re.findall(r"```sql\n(.*?)```", section.split("\n## ")[0], re.DOTALL)
        assert len(scripts) == VERSION - 1, "one for each version before this one"
        for script in scripts:
            cluster.sql(script, url)
        store = Store.open(url)
        assert store.list_purposes() == {1: "revocation", 2: "suspension", 3: "revocation", 4: "suspension"}
        with pytest.raises(sql.exc.DBAPIError, match="append-only"), store.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM status_list_purposes")
        shape = "SELECT indexname FROM pg_indexes WHERE indexname = 'status_changes_of_place'"
        assert cluster.sql(shape, url) == "status_changes_of_place"
        rights = "SELECT has_table_privilege('{}', 'status_list_purposes', '{}')"
        assert cluster.sql(rights.format("resolver", "SELECT"), url) == "t"
        assert cluster.sql(rights.format("publisher", "INSERT"), url) == "t"
        assert cluster.sql(rights.format("resolver", "INSERT"), url) == "f"
        assert store.list_issuers() == {1: "did:example:issuer", 2: "did:example:other"}
        for table in ("role_status_lists", "status_list_coverage", "status_list_issuers"):
            rights = f"SELECT has_table_privilege('{{}}', '{table}', '{{}}')"
            assert cluster.sql(rights.format("publisher", "INSERT"), url) == "t"
            assert cluster.sql(rights.format("resolver", "SELECT"), url) == "f"
            with pytest.raises(sql.exc.DBAPIError, match="append-only"), store.engine.begin() as connection:
                connection.exec_driver_sql(f"DELETE FROM {table}")
        for table in ("events", "event_documents", "event_keys", "refused_events"):
            rights = f"SELECT has_table_privilege('{{}}', '{table}', '{{}}')"
            assert cluster.sql(rights.format("publisher", "INSERT"), url) == "t"
            reads = "t" if table in ("events", "event_documents", "event_keys") else "f"
            assert cluster.sql(rights.format("resolver", "SELECT"), url) == reads
            with pytest.raises(sql.exc.DBAPIError, match="append-only"), store.engine.begin() as connection:
                connection.exec_driver_sql(f"DELETE FROM {table}")
        shape = "SELECT indexname FROM pg_indexes WHERE indexname = 'status_changes_of_list'"
        assert cluster.sql(shape, url) == "status_changes_of_list"
        for table in ("log_entries", "log_tiles", "log_checkpoints", "log_cosignatures"):
            rights = f"SELECT has_table_privilege('{{}}', '{table}', '{{}}')"
            assert cluster.sql(rights.format("publisher", "INSERT"), url) == "t"
            assert cluster.sql(rights.format("resolver", "SELECT"), url) == "t"
            assert cluster.sql(rights.format("resolver", "INSERT"), url) == "f"
            with pytest.raises(sql.exc.DBAPIError, match="append-only"), store.engine.begin() as connection:
                connection.exec_driver_sql(f"DELETE FROM {table}")
        owner = "SELECT tableowner FROM pg_tables WHERE tablename = 'status_list_purposes'"
        assert cluster.sql(owner, url) == "keeper"
    finally:
        cluster.sql(f"DROP DATABASE {cluster.name(url)} WITH (FORCE); DROP ROLE keeper, publisher, resolver")
