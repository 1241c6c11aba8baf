"""A store that an earlier version made is brought up to date in place, when it is opened or by an upgrade of its own.

``tests/store/schemas/`` has what each version of this software added to a store, as that version's own code made it:
tables, indexes, triggers. Version 1 kept no purpose of a status list, which was the parity of its number. Version 2
kept neither how far a signed list goes, nor which lists are of roles.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sql

from passport.errors import StoreMissing, StoreNewer, StoreOlder, UnusableProject, UsageError
from passport.store import StatusEntry, Store, migrations, tables
from passport.store.engines import engine_of
from passport.store.facts import fact_tables
from passport.store.rights import WRITE_SIDE_ONLY
from passport.store.store_upgrade import examine, upgrade
from passport.store.versions import VERSION

ISSUER = "did:example:issuer"
SCHEMAS = Path(__file__).parent / "schemas"
#: Rows of version 2 and later beside those of version 1, as each version wrote them.
VERSION_2 = """
INSERT INTO status_list_purposes VALUES (1, 'revocation'), (2, 'suspension'), (3, 'revocation'), (4, 'revocation');
INSERT INTO roles VALUES (1, 'urn:role', 'did:example:holder', 'commission', 'x', '', '2026-11-01T00:00:00+00:00',
    '2026-12-01T00:00:00+00:00', 4);
"""
VERSION_3 = "INSERT INTO role_status_lists VALUES (4);\n"
TYPES = {"sqlite": {"bytes": "BLOB"}, "postgresql": {"bytes": "BYTEA"}}
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


def schema_of(version: int, dialect: str) -> list[str]:
    """The statements that made a store of that version."""
    paths = [SCHEMAS / f"version-{number}.{dialect}.sql" for number in range(1, version + 1)]
    return [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


def make_store_of(version: int, url: str, *, without: str = "", rows: bool = True, more: str = "") -> None:
    """A store as that version made it, with its rows and triggers."""
    engine = engine_of(url)
    dialect = engine.dialect.name
    filled = ROWS + (VERSION_2 if version >= 2 else "") + (VERSION_3 if version >= 3 else "") + more if rows else ""
    statements = [*schema_of(version, dialect), *filled.format(**TYPES[dialect]).split(";\n")]
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for statement in statements:
            if statement.strip() and not (without and f" {without} " in f"{statement} "):
                connection.exec_driver_sql(statement)
        # Version 1 did not write its number yet.
        if version > 1 and dialect == "sqlite":
            connection.exec_driver_sql(f"PRAGMA user_version={version}")
        elif version > 1:
            connection.exec_driver_sql(f"COMMENT ON TABLE credentials IS 'Battery passports, version {version}'")
    engine.dispose()


def make_version_1(url: str, *, without: str = "", rows: bool = True, more: str = "") -> None:
    make_store_of(1, url, without=without, rows=rows, more=more)


def make_version_2(url: str) -> None:
    make_store_of(2, url)


def make_version_3(url: str) -> None:
    """It had no transparency logs."""
    make_store_of(3, url)


def shape_of(engine: sql.Engine) -> dict:
    """Tables, columns with type and key, indexes with columns and condition, and triggers of a store."""
    inspector = sql.inspect(engine)
    shape: dict = {"tables": {}, "indexes": {}}
    for name in inspector.get_table_names():
        columns = {each["name"]: (str(each["type"]), each["nullable"]) for each in inspector.get_columns(name)}
        key = tuple(inspector.get_pk_constraint(name)["constrained_columns"])
        unique = sorted(tuple(each["column_names"]) for each in inspector.get_unique_constraints(name))
        shape["tables"][name] = (columns, key, unique)
        for index in inspector.get_indexes(name):
            if "duplicates_constraint" not in index:
                options = index.get("dialect_options", {})
                where = str(next((value for key, value in options.items() if key.endswith("_where")), None))
                shape["indexes"][index["name"]] = (name, tuple(index["column_names"]), index["unique"], where)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        else:
            query = "SELECT tgname, pg_get_triggerdef(oid) || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal"
        shape["triggers"] = dict(connection.exec_driver_sql(query).all())
    return shape


def test_an_old_stores_lists_get_the_purposes_that_their_numbers_had(empty_url):
    make_version_1(empty_url)
    store = Store.open(empty_url)
    assert store.list_purposes() == {1: "revocation", 2: "suspension", 3: "revocation", 4: "suspension"}
    assert store.is_flagged("urn:a") and store.is_flagged("urn:b")
    assert [store.status_list(number) for number in (1, 2, 3, 4)] == [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}]
    assert [change.reason for number in (2, 3) for change in store.status_changes(number)] == ["stolen", "recalled"]


def new_store(request: pytest.FixtureRequest, tmp_path: Path, like: str) -> str:
    """The address of another new store in the same kind of database."""
    if like.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'new.db'}"
    return request.getfixturevalue("cluster").database()


def test_a_store_of_each_version_becomes_what_a_new_one_is_and_keeps_its_documents(empty_url, tmp_path, request):
    new = Store.open(new_store(request, tmp_path, empty_url))
    expected = shape_of(new.engine)
    assert len(expected["triggers"]) >= len(tables.metadata.sorted_tables)
    for version in range(1, VERSION + 1):
        url = empty_url if version == 1 else new_url(empty_url, version, request)
        make_store_of(version, url)
        with engine_of(url).connect() as connection:
            assert migrations.version_of(connection) == version
        before = examine(url)
        assert (before.version, before.newest) == (version, VERSION)
        assert bool(before.missing_tables) is (version < VERSION)
        assert upgrade(url) == (version, VERSION)
        assert upgrade(url) == (VERSION, VERSION), "again: nothing to do"
        store = Store.open(url)
        assert shape_of(store.engine) == expected, version
        assert examine(url).version == VERSION and examine(url).missing_tables == ()
        assert [store.status_list(number) for number in (1, 2, 3, 4)] == [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}]
        assert store.is_flagged("urn:a") and store.is_flagged("urn:b")
        with store.transaction() as transaction:
            transaction.begin_status_list(5, "refresh", ISSUER)
            transaction.add_status_entries([StatusEntry(5, 1, "urn:c")])
        assert store.list_purposes()[5] == "refresh"
        store.close()
    new.close()


def new_url(like: str, number: int, request: pytest.FixtureRequest) -> str:
    if like.startswith("sqlite"):
        return like.replace("passports.db", f"passports-{number}.db")
    return request.getfixturevalue("cluster").database()


def test_a_table_that_was_lost_comes_back_with_the_rows_that_follow_from_others(empty_url):
    make_store_of(VERSION, empty_url, more=SIGNED_LATER)
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE status_list_issuers")
    engine.dispose()
    assert Store.open(empty_url).list_issuers() == {1: "did:example:issuer", 2: "did:example:other"}


def test_looking_at_a_store_changes_nothing(empty_url, tmp_path):
    make_store_of(3, empty_url)
    for _ in range(2):
        info = examine(empty_url)
        assert info.version == 3 and "events" in info.missing_tables
        assert info.rows["status_entries"] == 4 and info.size > 0
    with pytest.raises(StoreMissing):
        examine(f"sqlite:///{tmp_path / 'none.db'}")
    assert not (tmp_path / "none.db").exists()


def test_an_upgrade_of_a_newer_store_is_refused(empty_url):
    Store.open(empty_url).close()
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA user_version={VERSION + 1}")
        else:
            connection.exec_driver_sql(f"COMMENT ON TABLE credentials IS 'Battery passports, version {VERSION + 1}'")
    engine.dispose()
    with pytest.raises(StoreNewer):
        upgrade(empty_url)
    assert examine(empty_url).version == VERSION + 1


def test_roles_for_a_store_in_a_file_are_refused(tmp_path):
    url = f"sqlite:///{tmp_path / 'passports.db'}"
    with pytest.raises(UsageError, match="PostgreSQL"):
        upgrade(url, publisher="publisher")
    assert examine(url).version is None, "nothing was made"


def test_a_store_of_version_2_keeps_its_rows_and_its_lists_of_roles(empty_url):
    make_version_2(empty_url)
    store = Store.open(empty_url)
    assert store.role_lists() == {4}
    assert store.list_purposes() == {1: "revocation", 2: "suspension", 3: "revocation", 4: "revocation"}
    assert store.is_flagged("urn:a") and store.is_flagged("urn:b")
    assert [store.status_list(number) for number in (1, 2, 3, 4)] == [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}]
    # How far the signed lists go is not known, so that the next signing makes them from all changes.
    assert store.lists_behind() == (1, 2, 3, 4)
    assert store.signed_list(3).last_change is None


def test_a_store_of_version_3_keeps_its_rows_and_begins_with_an_empty_log(empty_url):
    make_version_3(empty_url)
    store = Store.open(empty_url)
    assert store.list_purposes() == {1: "revocation", 2: "suspension", 3: "revocation", 4: "revocation"}
    assert store.log_size("events") == 0 and store.log_checkpoint("events") is None
    with store.transaction() as transaction:
        assert transaction.append_to_log("events", [bytes(32)]) == 0


def test_a_store_of_version_4_finds_its_passports_by_their_identifiers(empty_url):
    make_version_3(empty_url)
    engine = engine_of(empty_url)
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
    store = Store.open(empty_url)
    assert store.packs_of_identifier("urn:uuid:1") == ("https://p.example/1",)
    assert store.packs_of_identifier("urn:uuid:2") == ()


def test_a_store_of_version_5_knows_in_which_pack_a_module_is(empty_url):
    make_version_3(empty_url)
    engine = engine_of(empty_url)
    body = '{"credentialSubject": {"id": "https://p.example/1", "moduleTractionBatteryCodes": ["M1", "M2"]}}'
    one = '{"credentialSubject": {"id": "https://p.example/2", "moduleTractionBatteryCodes": "M2"}}'
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        for number, said in enumerate((body, one), 1):
            row = {"sequence": number, "id": f"urn:c{number}", "type": "BatteryEventCredential", "subject": "s",
                   "body": said.encode(), "content": "", "issued_at": "2026-11-01T00:00:00+00:00"}  # fmt: skip
            connection.execute(tables.credentials.insert(), row)
    engine.dispose()
    assert Store.open(empty_url).packs_of_modules(["M1", "M2", "M3"]) == {
        "M1": {("https://p.example/1", "urn:c1")},
        "M2": {("https://p.example/1", "urn:c1"), ("https://p.example/2", "urn:c2")},
    }


def test_a_store_of_version_5_knows_when_its_read_outs_were_read(empty_url):
    make_version_3(empty_url)
    engine = engine_of(empty_url)
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
    rows = Store.open(empty_url).read_outs("s")
    assert [(row.stored.id, row.instant.isoformat(), row.late) for row in rows] == [
        ("urn:c1", "2027-03-02T00:00:00+00:00", False), ("urn:c3", "2027-03-01T23:00:00+00:00", False),
    ]  # fmt: skip


def test_a_store_of_version_5_knows_to_which_issuer_a_status_list_belongs(empty_url):
    """That is the issuer of its newest signed version. A list that names none belongs to nobody."""
    make_version_1(empty_url, more=SIGNED_LATER)
    store = Store.open(empty_url)
    assert store.list_issuers() == {1: "did:example:issuer", 2: "did:example:other"}
    assert store.list_purposes(issuer="did:example:other") == {2: "suspension"}
    assert store.list_purposes(issuer="did:example:older") == {}
    assert set(store.list_purposes()) == {1, 2, 3, 4}


def test_an_updated_store_lets_nobody_change_a_purpose(empty_url):
    make_version_1(empty_url)
    store = Store.open(empty_url)
    for change in ("UPDATE status_list_purposes SET purpose = 'refresh'", "DELETE FROM status_list_purposes"):
        with pytest.raises(sql.exc.DBAPIError, match="append-only"), store.engine.begin() as connection:
            connection.exec_driver_sql(change)
    assert store.list_purposes()[1] == "revocation"


def test_an_old_store_that_is_opened_again_stays_as_it_is(empty_url):
    make_version_1(empty_url)
    Store.open(empty_url).close()
    store = Store.open(empty_url)
    with store.transaction() as transaction:
        transaction.begin_status_list(6, "refresh", ISSUER)
    store.close()
    assert Store.open(empty_url).list_purposes()[6] == "refresh"


def test_an_old_store_that_many_open_at_once_is_updated_once(empty_url):
    make_version_1(empty_url)
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(lambda _: Store.open(empty_url), range(8)))
    assert {tuple(store.list_purposes().items()) for store in stores} == {
        ((1, "revocation"), (2, "suspension"), (3, "revocation"), (4, "suspension"))
    }


def test_an_old_copy_without_base_proofs_is_updated_too(empty_url):
    make_version_1(empty_url, without="base_proofs")
    assert len(Store.open(empty_url).list_purposes()) == 4


def test_an_old_store_in_which_nothing_was_issued_has_no_lists(empty_url):
    make_version_1(empty_url, rows=False)
    assert Store.open(empty_url).list_purposes() == {}


def test_an_old_store_on_a_server_is_refused_to_a_role_that_may_only_read(cluster):
    url = cluster.database()
    make_store_of(4, url)
    cluster.sql("CREATE ROLE looker LOGIN PASSWORD 'x'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker", url)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PGPASSWORD", "x")
            with pytest.raises(StoreOlder, match=f"version {VERSION}; found version 4") as caught:
                Store.open(url.replace("admin", "looker"))
            assert "passport store upgrade" in caught.value.hint
            with pytest.raises(UnusableProject, match="permission denied"):
                upgrade(url.replace("admin", "looker"))
    finally:
        cluster.sql("DROP OWNED BY looker; DROP ROLE looker", url)


def test_an_old_file_that_nobody_may_write_is_refused_as_an_older_one(tmp_path):
    path = tmp_path / "passports.db"
    make_version_2(f"sqlite:///{path}")
    # Root may write everything: a file that its own connections open as read-only is the same to SQLite.
    with pytest.MonkeyPatch.context() as patch:
        connect = migrations.upgrade

        def read_only(connection):
            connection.exec_driver_sql("PRAGMA query_only=ON")
            return connect(connection)

        patch.setattr(migrations, "upgrade", read_only)
        with pytest.raises(StoreOlder, match="found version 2"):
            Store.open(f"sqlite:///{path}")


def test_an_upgrade_gives_each_role_of_a_server_its_rights_and_no_more(cluster):
    url = cluster.database()
    cluster.sql("CREATE ROLE keeper; CREATE ROLE publisher; CREATE ROLE resolver")
    try:
        make_version_1(url, more=SIGNED_LATER)
        assert upgrade(url, owner="keeper", publisher="publisher", resolver="resolver") == (1, VERSION)
        query = (
            "SELECT json_agg(json_build_object('table', tablename, 'owner', tableowner, 'rights', ARRAY("
            " SELECT role || ' ' || privilege FROM unnest(ARRAY['publisher', 'resolver']) role,"
            " unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) privilege"
            " WHERE has_table_privilege(role, tablename, privilege)))) FROM pg_tables WHERE schemaname = 'public'"
        )
        rows = {row["table"]: row for row in json.loads(cluster.sql(query, url))}
        assert set(rows) == set(tables.metadata.tables) | set(fact_tables.facts.tables)
        assert {row["owner"] for row in rows.values()} == {"keeper"}
        for name, row in rows.items():
            publisher = {"publisher SELECT", "publisher INSERT"}
            publisher |= {"publisher UPDATE", "publisher DELETE"} if name in fact_tables.facts.tables else set()
            assert set(row["rights"]) == publisher | (set() if name in WRITE_SIDE_ONLY else {"resolver SELECT"}), name
        store = Store.open(url)
        assert store.list_issuers() == {1: "did:example:issuer", 2: "did:example:other"}
        for table in tables.metadata.tables:
            with pytest.raises(sql.exc.DBAPIError, match="append-only"), store.engine.begin() as connection:
                connection.exec_driver_sql(f"DELETE FROM {table}")
        store.close()
    finally:
        cluster.sql(f"DROP DATABASE {cluster.name(url)} WITH (FORCE); DROP ROLE keeper, publisher, resolver")
