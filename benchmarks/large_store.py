"""What a large store takes: bytes and rows of each table, and what one pack costs behind so many others.

    python -m benchmarks.large_store [--packs 100000] [--at 1000 10000] [--store postgresql://…]

A store of that many packs of an electric vehicle, each with its passport and a read-out, is built from one pack that is
really issued: the others are copies with a code, ids and places of their own. **Their signatures do not hold**, and
nothing is judged, so that the building takes seconds for thousands of packs; sizes are those of real packs. The store
grows from each size of ``--at`` to the next, and at each is measured:

* ``issue``: processor time of a pack that is issued for real, over that of 40 bare signatures; in turns here and in a
  store that stays small, for a busy machine changes both. It includes the pack's places in status lists and the signing
  of the lists that it changed.
* ``search``: milliseconds of the resolver's search for a code, a model and a batch, and for what no pack has.
* ``dump``: milliseconds until the first statements of the public dump, and of each further pack.
* ``lists``: milliseconds to see which status lists have to be signed, and to sign one of them.
* ``resume``: seconds from the call of ``passport issue --resume`` of a run that has issued all these packs to the first
  chunk that it stores then; and the same of a run on an empty store, which is what starting costs by itself.
* ``tables``: rows, and bytes with and without the indexes; of SQLite from ``dbstat``, of PostgreSQL from its catalogue.

Times of the search, the dump and the lists are processor time, of this process and of a PostgreSQL server that runs
beside it (Linux). Everything goes to standard output as one JSON document, and each size to standard error as soon as
it is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sql

from benchmarks.issuing import AT, bare_signatures, issue, issue_all, project, write_packs
from passport.battery.record_chunks import Position
from passport.commands.issuing.issue_call import IssueCall, IssueWay
from passport.exchange.records.record_input import open_input
from passport.linked_data import strict_json
from passport.presenting.presenter import batch_of
from passport.project import Project
from passport.publishing.bulk.journal import RunJournal
from passport.publishing.places import Reserved
from passport.publishing.publisher import Publisher, issue_order
from passport.store import Pack, Store, StoredCredential
from passport.vocabulary.credential_types import CONDITION, PASSPORT
from passport.vocabulary.vocabulary import Category, due_on
from resolver.forms.public_dumps import as_nquads
from resolver.pack_search import Index, Query

CHUNK = 500
TURNS = 3
#: First numbers of the packs that are issued for measuring, beyond those of the copies.
_FURTHER, _COSTING = 9_900_000, 5_000_000
CALL = "import sys; from passport.commands import main; sys.argv[0] = 'passport'; main()"


def build(shop: Project, model: Pack, first: int, last: int) -> float:
    """Add copies of the pack that was issued. :returns: processor seconds a pack."""
    publisher = Publisher.of_project(shop, shop.open_store(), None)
    store, places = publisher.store, publisher.path.places
    originals = [store.current(model.subject, type_) for type_ in (PASSPORT, CONDITION)]
    purposes = [tuple(entry["statusPurpose"] for entry in each.document["credentialStatus"]) for each in originals]
    kept = [store.base_proof(each.id) for each in originals]
    proofs = [None if each is None else strict_json.dumps(each) for each in kept]
    started = time.process_time()
    for begin in range(first, last + 1, CHUNK):
        numbers = range(begin, min(begin + CHUNK, last + 1))
        places.expect([each for each in purposes for _ in numbers])
        copies = [
            (_copy(original, model, number, places.take(of)), proof)
            for number in numbers
            for original, of, proof in zip(originals, purposes, proofs, strict=True)
        ]
        with store.transaction() as transaction:
            transaction.add_credentials(copies)
            transaction.add_packs(_renumbered(model, number) for number in numbers)
    spent = time.process_time() - started
    store.close()
    return spent / (last - first + 1)


def _code(number: int) -> str:
    return f"{number:07}"


def _renumbered(pack: Pack, number: int) -> Pack:
    ends = {name: getattr(pack, name)[:-7] + _code(number) for name in ("subject", "serial", "code")}
    return replace(pack, **ends)


def _copy(original: StoredCredential, pack: Pack, number: int, place: Reserved) -> StoredCredential:
    own = _renumbered(pack, number)
    document = {**original.document, "credentialStatus": list(place.status)}
    text = strict_json.dumps(document).decode().replace(original.id, place.id).replace(pack.subject, own.subject)
    text = text.replace(str(pack.code), str(own.code)).replace(pack.serial, own.serial)
    text = text.replace(f"-{1:012}", f"-{number:012}")
    return replace(original, id=place.id, subject=own.subject, body=text.encode(), content=secrets.token_hex(32))


# --- sizes ------------------------------------------------------------------------------------------------------------


def sizes(url: str) -> dict[str, dict[str, int]]:
    """Rows and bytes of the tables that are not nearly empty, with their indexes."""
    engine = sql.create_engine(url)
    with engine.connect() as connection:
        names = sorted(sql.inspect(engine).get_table_names())
        rows = {name: connection.execute(sql.text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in names}  # noqa: S608 (names of our own tables)
        found = _sqlite_bytes(url) if engine.dialect.name == "sqlite" else _postgresql_bytes(connection, names)
    engine.dispose()
    return {
        name: {"rows": rows[name], "bytes": found[name][0], "of its indexes": found[name][1]}
        for name in sorted(names, key=lambda name: -sum(found[name]))
        if sum(found[name]) > 100_000
    }


def _sqlite_bytes(url: str) -> dict[str, tuple[int, int]]:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        owners = dict(connection.execute("SELECT name, tbl_name FROM sqlite_master"))
        pages = connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall()
    found: dict[str, tuple[int, int]] = dict.fromkeys(owners.values(), (0, 0))
    for name, size in pages:
        own, indexes = found.get(owners.get(name, name), (0, 0))
        found[owners.get(name, name)] = (
            (own + size, indexes) if owners.get(name, name) == name else (own, indexes + size)
        )
    return found


def _postgresql_bytes(connection: sql.Connection, names: list[str]) -> dict[str, tuple[int, int]]:
    query = sql.text("SELECT pg_table_size(to_regclass(:name)), pg_indexes_size(to_regclass(:name))")
    return {name: tuple(connection.execute(query, {"name": f'"{name}"'}).one()) for name in names}  # type: ignore[misc]


# --- what is looked up ------------------------------------------------------------------------------------------------


def search(store: Store, pack: Pack, clock: Callable[[], float]) -> dict[str, float]:
    """Milliseconds of a search, by what is searched for; ``pack`` is in the store."""
    index = Index(store)
    index.models()
    found = index.find(Query(code=pack.code))
    assert [each.subject for each, _ in found.items] == [pack.subject], found
    asked = {
        "code": Query(code=pack.code),
        "unknown code": Query(code="nowhere"),
        "model": Query(model=found.items[0][1].identifier),
        "batch": Query(batch=str(batch_of(store, pack.subject))),
        "category without packs": Query(category=Category.LMT),
    }
    assert not index.find(asked["category without packs"]).items
    return {name: _least_ms(lambda query=query: index.find(query), clock) for name, query in asked.items()}


def dump(store: Store, clock: Callable[[], float], packs: int = 300) -> dict[str, float]:
    """Milliseconds until the dump begins, and a pack."""

    def first() -> float:
        started = clock()
        next(as_nquads(store))
        return clock() - started

    started, statements = clock(), as_nquads(store)
    # Of these, one is the model's and one the batch's.
    assert len(list(islice(statements, packs))) == packs
    each = (clock() - started - first()) / packs
    return {"begins": round(min(first(), first()) * 1000, 2), "each pack": round(each * 1000, 3)}


def lists(publisher: Publisher, clock: Callable[[], float]) -> dict[str, float]:
    """How many status lists there are, milliseconds to see which have to be signed, and to sign one."""
    store = publisher.store
    numbers = store.list_purposes()
    seen = _least_ms(lambda: (store.unsigned_lists(), store.lists_behind()), clock)
    started = clock()
    publisher.sign_status_lists(at=AT)
    return {"lists": len(numbers), "look": seen, "sign one": round((clock() - started) / len(numbers) * 1000, 2)}


def _clock(store: Store) -> Callable[[], float]:
    """Processor seconds of this process and of those that serve its connections."""
    if store.engine.dialect.name == "sqlite":
        return time.process_time
    with store.engine.connect() as connection:
        query = sql.text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        files = [Path(f"/proc/{pid}/schedstat") for pid in connection.execute(query).scalars()]
    return lambda: time.process_time() + sum(int(file.read_text().split()[0]) for file in files) / 1e9


def _least_ms(work: Callable[[], Any], clock: Callable[[], float], times: int = 5) -> float:
    spent = []
    for _ in range(times):
        started = clock()
        work()
        spent.append(clock() - started)
    return round(min(spent) * 1000, 3)


# --- the start of a resumed run ---------------------------------------------------------------------------------------


def resumed(shop: Project, packs: int) -> dict[str, float]:
    """Seconds until a resumed run stores its first chunk behind so many packs."""
    path = shop.folder / f"run-{packs}.jsonl"
    more = shop.folder / "more.jsonl"
    write_packs(more, False, _FURTHER + packs // 100, 100)
    # What is done is never read again: a line of a run that goes on is found by its place.
    begun = b"{}\n" * packs
    path.write_bytes(begun + more.read_bytes())
    journal = _journal(shop, path)
    if packs:
        publisher = Publisher.of_project(shop, shop.open_store(), None)
        newest = [stored.id for _, stored in publisher.store.numbered(publisher.store.version()[0] - 1)][-1]
        publisher.store.close()
        journal.begin()
        for number in range(0, packs, 50):
            end = Position(0, number // 50 + 1, number + 50, 3 * (number + 50), number + 51)
            lines = [json.dumps({"number": number + n + 1, "outcome": "issued"}) for n in range(50)]
            journal.chunk_done(asdict(end), lines, {"issued": 50}, newest, ())
        journal.release()
    progress = journal.folder / "progress.jsonl"
    length = progress.stat().st_size if progress.exists() else 0
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 (our own command)
        [sys.executable, "-c", CALL, "issue", str(path), "--project", str(shop.folder), "--keep-going", "--resume"]
        if packs else
        [sys.executable, "-c", CALL, "issue", str(more), "--project", str(shop.folder), "--keep-going"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    watched = progress if packs else _journal(shop, more).folder / "progress.jsonl"
    first, spent = time.perf_counter() - started, 0.0
    while process.poll() is None and not (watched.exists() and watched.stat().st_size > length):
        first, spent = time.perf_counter() - started, _processor_seconds(process.pid) or spent
        time.sleep(0.005)
    said = process.communicate()[1].decode()
    assert process.returncode == 0, said
    assert not packs or f"{packs} packs are done" in said.replace(",", ""), said
    return {"seconds": round(first, 2), "processor seconds": round(spent, 2), "load": os.getloadavg()[0]}


def _processor_seconds(process: int) -> float | None:
    """What a process has taken so far (Linux); None where it has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _journal(shop: Project, path: Path) -> RunJournal:
    """The journal as ``passport issue --keep-going`` names it."""
    publisher = Publisher.of_project(shop, shop.open_store(), None)
    order = issue_order(AT, due_on(AT.date()))
    records = open_input([path], None, merge=False, on=AT.date())
    way = IssueWay(allow_loss=False, keep_going=True, resume=True, dry_run=False, as_json=False)
    call = IssueCall(shop, publisher, order, records, None, way)
    publisher.store.close()
    return call._journal


# --- the whole --------------------------------------------------------------------------------------------------------


def cost(shop: Project, first: int, packs: int = 400) -> float:
    """Processor time of a pack over that of 40 bare signatures."""
    path = shop.folder / "cost.jsonl"
    write_packs(path, False, first, packs)
    least = bare_signatures(1000) / 25
    spent = issue(shop, path)["processor"]
    return round(spent / ((least + bare_signatures(1000) / 25) / 2), 2)


def issued_in_turns(shop: Project, small: Project, packs: int) -> dict[str, list[float]]:
    """The cost of a pack in a large store and in a small one."""
    costs: dict[str, list[float]] = {"here": [], "in a small store": []}
    for turn in range(TURNS):
        for name, where in (("here", shop), ("in a small store", small)):
            costs[name].append(cost(where, _COSTING + packs + 500 * turn))
    return costs


def measured(shop: Project, small: Project, pack: Pack, packs: int) -> dict[str, Any]:
    """What a pack costs behind so many others."""
    publisher = Publisher.of_project(shop, shop.open_store(), None)
    clock = _clock(publisher.store)
    result: dict[str, Any] = {
        "load": os.getloadavg()[0], "search, ms": search(publisher.store, pack, clock),
        "dump, ms": dump(publisher.store, clock), "lists, ms": lists(publisher, clock),
    }  # fmt: skip
    publisher.store.close()
    result["issue"] = issued_in_turns(shop, small, packs)
    result["resume"] = resumed(shop, packs)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packs", type=int, default=100_000)
    parser.add_argument("--at", type=int, nargs="*", default=[], metavar="PACKS", help="smaller sizes, in order")
    parser.add_argument("--store", metavar="URL", help="an empty PostgreSQL database; without it a file")
    options = parser.parse_args()
    result: dict[str, Any] = {"day": str(datetime.now(UTC).date()), "packs": options.packs}
    with project(False) as shop:
        result["start on an empty store"] = resumed(shop, 0)
    with project(False) as shop, project(False) as small:
        # The first run in a process also loads and compiles.
        cost(small, _COSTING, 200)
        large = shop if options.store is None else _elsewhere(shop, options.store)
        first = large.folder / "first.jsonl"
        write_packs(first, False, 1, 1)
        issue_all(large, first)
        store = large.open_store()
        (pack,) = store.packs()
        store.close()
        last = 1
        for size in [*options.at, options.packs]:
            spent = build(large, pack, last + 1, size)
            last = size
            result[str(size)] = {
                "built, processor ms a pack": round(spent * 1000, 3),
                **measured(large, small, pack, size),
            }
            print(size, json.dumps(result[str(size)]), file=sys.stderr, flush=True)
        result["tables"] = tables = sizes(large.store_url)
        # Those that were issued for measuring are among them.
        result["bytes a pack"] = round(_sum(tables) / tables["packs"]["rows"])
    json.dump(result, sys.stdout, indent=2)
    print()


def _sum(tables: Mapping[str, Mapping[str, int]]) -> int:
    return sum(each["bytes"] + each["of its indexes"] for each in tables.values())


def _elsewhere(shop: Project, url: str) -> Project:
    configuration = shop.folder / "passport.toml"
    configuration.write_text(f'store = "{url}"\n' + configuration.read_text("utf-8"), encoding="utf-8")
    return Project.find(str(shop.folder))


if __name__ == "__main__":
    main()
