"""What only a server has: roles and their rights, passwords, locales, other people's settings, and times of absence."""

from __future__ import annotations

import re
import secrets
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sql
from sqlalchemy.exc import DBAPIError

from passport.errors import StoreLocked, StoreReadOnly, StoreUnavailable, UnusableProject
from passport.store import Pack, Store, StoredCredential, engines, tables
from passport.store.facts import fact_tables
from passport.store.store_upgrade import upgrade

CHECKOUT = Path(__file__).resolve().parents[2]
AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
TYPE = "BatteryPassportCredential"
RECORD = {table.name for table in tables.metadata.sorted_tables}
FACTS = {table.name for table in fact_tables.facts.sorted_tables}
#: Tables of the record that the role of the read side may not read.
WRITE_SIDE_ONLY = {
    "base_proofs", "pack_modules", "refused_events", "role_status_lists", "roles", "status_list_coverage",
    "status_list_issuers",
}  # fmt: skip


def credential(number: int) -> StoredCredential:
    return StoredCredential(f"urn:credential:{number}", TYPE, "urn:pack:1", b'{"a":1}', "digest", AT)


def add(store: Store, number: int) -> None:
    with store.transaction() as transaction:
        transaction.add_credential(credential(number), base_proof=b'{"secret":%d}' % number)


@pytest.fixture
def url(cluster) -> str:
    return cluster.database()


# --- roles, as docs/deploy.md sets them up --------------------------------------------------------------------------


@dataclass(frozen=True)
class Roles:
    """The database of docs/deploy.md: URLs of it in each role, which find their passwords in a file."""

    admin: str
    publisher: str
    resolver: str


def test_the_documentation_sets_up_roles_that_can_do_their_work_and_nothing_else(roles: Roles, cluster):
    publisher, resolver = Store.open(roles.publisher), Store.open(roles.resolver)
    add(publisher, 1)
    assert resolver.current("urn:pack:1", TYPE).id == "urn:credential:1"
    assert resolver.version() == publisher.version() == (1, 0, 0, 0, 0, 0)
    assert publisher.base_proof("urn:credential:1") == {"secret": 1}
    with pytest.raises(StoreUnavailable):
        resolver.base_proof("urn:credential:1")
    with pytest.raises(StoreReadOnly):
        add(resolver, 2)
    assert publisher.version() == (1, 0, 0, 0, 0, 0)


@pytest.mark.product(of=6)
@pytest.mark.parametrize("table", sorted(RECORD))
@pytest.mark.parametrize(
    "change", ["DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}", "ALTER TABLE {} DISABLE TRIGGER ALL",
               "ALTER TABLE {} OWNER TO publisher", "DROP TRIGGER {0}_append_only ON {0}"],
)  # fmt: skip
@pytest.mark.parametrize("role", ["publisher", "resolver"])
def test_neither_role_can_take_anything_away(roles: Roles, role, table, change):
    # Closed at once: the server has a hundred connections, and there are more tables and changes than that.
    store = Store.open(getattr(roles, role))
    refused = pytest.raises(DBAPIError, match="permission denied|must be owner|read-only")
    with closing(store), refused, store.engine.begin() as connection:
        connection.exec_driver_sql(change.format(table))


def test_each_role_has_the_rights_that_it_needs_and_no_others(roles: Roles, cluster):
    """The publisher adds to the record and changes facts; the resolver reads, and not what only the write side asks."""
    kinds = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    asked = "SELECT relname || ' ' || kind FROM pg_class, unnest('{{{kinds}}}'::text[]) kind WHERE relkind = 'r' AND "
    asked += "relnamespace = 'public'::regnamespace AND has_table_privilege('{role}', oid, kind)"

    def held(role: str) -> set[str]:
        return set(cluster.sql(asked.format(kinds=",".join(kinds), role=role), roles.admin).splitlines())

    changes = {f"{table} {kind}" for table in FACTS for kind in ("SELECT", "INSERT", "UPDATE", "DELETE")}
    assert held("publisher") == changes | {f"{table} {kind}" for table in RECORD for kind in ("SELECT", "INSERT")}
    assert held("resolver") == {f"{table} SELECT" for table in (RECORD | FACTS) - WRITE_SIDE_ONLY}


@pytest.mark.product(of=3)
@pytest.mark.parametrize("change", ["DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"])
@pytest.mark.parametrize("table", sorted(RECORD))
def test_not_even_a_superuser_changes_rows_by_accident(roles: Roles, table, change):
    store = Store.open(roles.admin)
    refused = pytest.raises(DBAPIError, match="append-only")
    with closing(store), refused, store.engine.begin() as connection:
        connection.exec_driver_sql(change.format(table))


def test_a_role_that_may_only_read_cannot_make_the_tables(roles: Roles, cluster):
    cluster.sql("CREATE SCHEMA empty; GRANT USAGE ON SCHEMA empty TO resolver", roles.admin)
    with pytest.raises(StoreReadOnly):
        Store.open(roles.resolver + "&options=-csearch_path%3Dempty")
    with pytest.raises(UnusableProject, match="permission denied"):
        Store.open(roles.resolver + "&options=-csearch_path%3Dempty%20-cdefault_transaction_read_only%3Doff")


@pytest.fixture(scope="module")
def roles(cluster, tmp_path_factory) -> Iterator[Roles]:
    """Made as docs/deploy.md says: its script, the passwords, and ``passport store upgrade`` with the three roles."""
    passfile = tmp_path_factory.mktemp("roles") / "pgpass"
    passfile.touch(mode=0o600)
    cluster.sql(documented_script())
    url = f"postgresql://admin@/passports?host={cluster.folder}&port=5432"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSFILE", str(passfile))
        try:
            for role in ("publisher", "resolver"):
                password = secrets.token_hex()
                cluster.sql(f"ALTER ROLE {role} PASSWORD '{password}'")
                with open(passfile, "a", encoding="utf-8") as lines:
                    lines.write(f"*:*:passports:{role}:{password}\n")
            upgrade(url, owner="keeper", publisher="publisher", resolver="resolver")
            yield Roles(url, url.replace("admin", "publisher"), url.replace("admin", "resolver"))
        finally:
            cluster.sql("DROP DATABASE passports WITH (FORCE); DROP ROLE keeper, publisher, resolver")


def documented_script() -> str:
    """The script of docs/deploy.md that makes the roles and the database; the command after it names the same roles."""
    section = (CHECKOUT / "docs" / "deploy.md").read_text(encoding="utf-8").split("\n## PostgreSQL\n")[1]
    section = section.split("\n## ")[0]
    assert "--owner keeper --publisher publisher --resolver resolver" in section
    (script,) = re.findall(r"```sql\n(.*?)```", section, re.DOTALL)
    return script


# --- passwords ------------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_refused_and_stands_in_no_message(roles: Roles, monkeypatch):
    monkeypatch.delenv("PGPASSFILE")
    password = secrets.token_hex()
    monkeypatch.setenv("PGPASSWORD", password)
    with pytest.raises(UnusableProject, match="password authentication failed") as caught:
        Store.open(roles.publisher)
    assert password not in "".join(traceback.format_exception(caught.value)) + str(caught.value.hint)


def test_a_password_in_the_address_is_refused_even_where_it_is_right(url):
    password = secrets.token_hex()
    with pytest.raises(UnusableProject, match="holds a password") as caught:
        Store.open(url.replace("admin@", f"admin:{password}@"))
    assert password not in "".join(traceback.format_exception(caught.value))
    assert "PGPASSFILE" in caught.value.hint


# --- plans ----------------------------------------------------------------------------------------------------------


def test_a_code_in_a_thousand_spellings_is_looked_up_and_not_looked_for(cluster):
    """Asked for address, code and serial number at once and in order, the server read all packs: 0.4 s of a million."""
    store, plans = Store.open(cluster.database()), []
    with store.engine.begin() as connection:
        numbers = "SELECT 'urn:' || n, 'urn:model', 'ev', 'S' || n, 'C' || n FROM generate_series(1, 20000) n"
        connection.exec_driver_sql(f"INSERT INTO packs (subject, model, category, serial, code) {numbers}")  # noqa: S608
        connection.exec_driver_sql("ANALYZE packs")

    @sql.event.listens_for(store.engine, "before_cursor_execute")
    def explain(connection, cursor, statement, parameters, *_):
        if statement.startswith("SELECT") and "packs" in statement:
            cursor.execute("SET enable_seqscan = off")  # in so small a table it would be right
            cursor.execute(f"EXPLAIN ANALYZE {statement}", parameters)
            plans.append("\n".join(row[0] for row in cursor.fetchall()))

    found = store.find_packs(named=[*(f"c-{number}" for number in range(1300)), "C17", "S17", "urn:18"], limit=26)
    assert [pack.subject for pack in found] == ["urn:17", "urn:18"]
    (plan,) = plans
    removed = [int(number) for number in re.findall(r"Rows Removed by Filter: (\d+)", plan)]
    assert plan.count("Index Scan") == 3 and sum(removed) < 100, plan


# --- other people's settings ----------------------------------------------------------------------------------------


def test_the_order_of_addresses_is_ours_whatever_the_locale(cluster):
    store = Store.open(cluster.database("TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"))
    with store.transaction() as transaction:
        for subject in ("urn:a", "urn:B", "urn:_"):
            transaction.add_pack(Pack(subject, "urn:model", "ev", "1", None))
    assert [pack.subject for pack in store.find_packs()] == ["urn:B", "urn:_", "urn:a"]
    assert [pack.subject for pack in store.find_packs(after="urn:B")] == ["urn:_", "urn:a"]


def test_a_database_that_cannot_hold_chinese_is_refused(cluster):
    with pytest.raises(UnusableProject, match="UTF8; found LATIN1"):
        Store.open(cluster.database("TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"))


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_writer_reads_what_was_stored_while_it_waited_whatever_the_isolation(cluster, url, level):
    cluster.sql(f"ALTER DATABASE {cluster.name(url)} SET default_transaction_isolation = '{level}'")
    found, waiting = [], Store.open(url)

    def second() -> None:
        with waiting.transaction() as transaction:
            found.append(transaction.credential("urn:credential:1") is not None)

    thread = threading.Thread(target=second)
    with Store.open(url).transaction() as transaction:
        thread.start()
        wait_for(lambda: waits_for_a_turn(cluster, url))
        transaction.add_credential(credential(1))
    thread.join(300)
    assert found == [True]


def test_what_is_reported_as_stored_is_on_the_disk_whatever_the_server_was_told(cluster, url):
    for told, kept in (("off", "on"), ("remote_apply", "remote_apply")):
        cluster.sql(f"ALTER DATABASE {cluster.name(url)} SET synchronous_commit = '{told}'")
        with Store.open(url).engine.connect() as connection:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == kept


# --- turns ----------------------------------------------------------------------------------------------------------


def test_a_reader_waits_for_no_writer_and_sees_nothing_unfinished(url):
    writer, reader = Store.open(url), Store.open(url)
    with writer.transaction() as transaction:
        transaction.add_credential(credential(1))
        assert reader.version() == (0, 0, 0, 0, 0, 0)
        assert reader.current("urn:pack:1", TYPE) is None
    assert reader.version() == (1, 0, 0, 0, 0, 0)


def test_a_writer_that_waits_too_long_for_its_turn_gives_up(url, monkeypatch):
    monkeypatch.setattr(engines, "PATIENCE", 1)
    first, second = Store.open(url), Store.open(url)
    with first.transaction() as transaction:
        transaction.add_credential(credential(1))
        with pytest.raises(StoreLocked):
            add(second, 2)
    add(second, 2)
    assert first.version() == (2, 0, 0, 0, 0, 0)


def test_a_writer_that_is_cut_off_leaves_nothing_and_its_turn_to_others(cluster, url):
    first, second = Store.open(url), Store.open(url)
    with pytest.raises(StoreUnavailable), first.transaction() as transaction:
        transaction.add_credential(credential(1))
        cut_off = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        cluster.sql(cut_off, url)
        transaction.add_credential(credential(2))
    add(second, 3)
    assert [stored.id for stored in second.history("urn:pack:1", TYPE)] == ["urn:credential:3"]


def waits_for_a_turn(cluster, url: str) -> bool:
    return cluster.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted", url) == "1"


def wait_for(happened: Callable[[], bool]) -> None:
    assert any(happened() for _ in range(1000))


# --- times of absence -----------------------------------------------------------------------------------------------


def test_a_server_that_was_away_is_asked_again(cluster, url):
    store = Store.open(url)
    add(store, 1)
    cluster.control("stop")
    try:
        for question in (store.version, lambda: add(store, 2)):
            with pytest.raises(StoreUnavailable):
                question()
        with pytest.raises(UnusableProject, match="connection"):
            Store.open(url)
    finally:
        cluster.control("start")
    assert store.version() == (1, 0, 0, 0, 0, 0)
    cluster.control("restart")
    add(store, 2)
    assert store.version() == (2, 0, 0, 0, 0, 0)


def test_a_backup_is_a_store_again_and_as_strict(cluster, url):
    add(Store.open(url), 1)
    other = cluster.database()
    cluster.sql(cluster.client("pg_dump", url), other)
    restored = Store.open(other)
    add(restored, 2)
    assert [stored.id for stored in restored.history("urn:pack:1", TYPE)] == ["urn:credential:1", "urn:credential:2"]
    with pytest.raises(DBAPIError, match="append-only"), restored.engine.begin() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica; DELETE FROM credentials")
