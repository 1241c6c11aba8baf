"""No query of the desk walks through a large table: each begins with an index. What is looked for by its end does."""

from __future__ import annotations

import sqlalchemy as sql

from passport.store.facts import (
    actor_reading,
    dossier_reading,
    flow_reading,
    overview_reading,
    vehicle_reading,
)
from tests.each import each

MODULES = (actor_reading, dossier_reading, flow_reading, overview_reading, vehicle_reading)
#: Small tables that are read whole, codes by their ends, which no index can give, and packs counted by model.
WHOLE = {
    "_BEGUN": "fact_volumes", "_CODE_ENDS": "fact_packs", "_ACTORS": "fact_accreditations", "_CHANGES": "",
    "_MODELS": "packs",
}  # fmt: skip
QUERIES = [
    (f"{module.__name__.rpartition('.')[2]}.{name}", query)
    for module in MODULES
    for name, query in sorted(vars(module).items())
    if isinstance(query, sql.TextClause)
]


def steps(desk_site, query: sql.TextClause) -> list[str]:
    with desk_site.site.operator.store.engine.connect() as connection:
        names = query.compile().params
        values = {name: [1] if name == "numbers" else 1 for name in names}
        statement = sql.text(f"EXPLAIN QUERY PLAN {query.text}")
        if "numbers" in names:
            statement = statement.bindparams(sql.bindparam("numbers", expanding=True))
        return [row[3] for row in connection.execute(statement, values)]


@each(("name", "query"), QUERIES, ids=[name for name, _ in QUERIES])
def test_a_query_begins_with_an_index(desk_site, name, query):
    plan = steps(desk_site, query)
    assert plan
    scans = [
        step
        for step in plan
        if step.startswith("SCAN") and not step.startswith(("SCAN x", "SCAN (subquery", "SCAN CONSTANT"))
    ]
    if name.rpartition(".")[2] not in WHOLE:
        assert scans == [], plan
