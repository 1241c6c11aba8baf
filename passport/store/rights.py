"""Who may do what in a store on a PostgreSQL server: the owner of the tables, the publisher, and the resolver.

* The *owner* is a role that cannot log in: no program can remove the triggers that keep the store append-only.
* The *publisher* reads and adds rows. Facts of supervision are no record, and it may change those.
* The *resolver* reads everything except base proofs, roles, refused events, and what only the write side asks for.

    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        give(connection, owner="keeper", publisher="publisher", resolver="resolver")
"""

from __future__ import annotations

import sqlalchemy as sql

from passport.errors import UsageError
from passport.store import tables
from passport.store.facts import fact_tables
from passport.texts import Message

#: Tables of the record that the read side never asks for.
WRITE_SIDE_ONLY = frozenset({
    "base_proofs", "pack_modules", "refused_events", "role_status_lists", "roles", "status_list_coverage",
    "status_list_issuers",
})  # fmt: skip


def give(
    connection: sql.Connection,
    *,
    owner: str | None = None,
    publisher: str | None = None,
    resolver: str | None = None,
) -> None:
    """Give the database to its owner, and each of the other roles its rights; a role that is None stays as it is.

    :param connection: of a superuser, in a transaction.
    :raises UsageError: the store is no server's; a file has no roles.
    """
    if connection.dialect.name != "postgresql":
        raise UsageError(Message("only a store on a PostgreSQL server has roles"))
    quote = connection.dialect.identifier_preparer.quote
    record = [quote(table.name) for table in tables.metadata.sorted_tables]
    facts = [quote(table.name) for table in fact_tables.facts.sorted_tables]
    read = [quote(table.name) for table in tables.metadata.sorted_tables if table.name not in WRITE_SIDE_ONLY]
    database = quote(str(connection.exec_driver_sql("SELECT current_database()").scalar()))
    statements: list[str] = []
    if owner is not None:
        statements += [f"ALTER TABLE {table} OWNER TO {quote(owner)}" for table in (*record, *facts)]
        statements.append(f"ALTER FUNCTION refuse_change() OWNER TO {quote(owner)}")
        statements.append("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        # The owner of a schema may drop every table in it, and that of public is the owner of the database.
        statements.append(f"ALTER DATABASE {database} OWNER TO {quote(owner)}")
        statements.append(f"ALTER SCHEMA public OWNER TO {quote(owner)}")
    for role in (publisher, resolver):
        if role is not None:
            statements.append(f"GRANT CONNECT ON DATABASE {database} TO {quote(role)}")
            statements.append(f"GRANT USAGE ON SCHEMA public TO {quote(role)}")
    if publisher is not None:
        statements.append(f"GRANT SELECT, INSERT ON {', '.join(record)} TO {quote(publisher)}")
        statements.append(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(facts)} TO {quote(publisher)}")
    if resolver is not None:
        statements.append(f"GRANT SELECT ON {', '.join((*read, *facts))} TO {quote(resolver)}")
    for statement in statements:
        connection.exec_driver_sql(statement)
