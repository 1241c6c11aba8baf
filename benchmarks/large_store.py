"""What a large store takes: bytes and rows of each table, the start of a resumed run, the cost of a pack behind it.

    python -m benchmarks.large_store [--packs 100000] [--store postgresql://…]

A store of that many packs of an electric vehicle, each with its passport and a read-out, is built from one pack that is
really issued: the others are copies with a code, ids and places of their own. **Their signatures do not hold**, and
nothing is judged, so that the building takes seconds for thousands of packs; sizes are those of real packs.

* ``tables``: rows, and bytes with and without the indexes; of SQLite from ``dbstat``, of PostgreSQL from its catalogue.
* ``resume``: seconds from the call of ``passport issue --resume`` of a run that has issued all these packs to the first
  chunk that it stores then; and the same of a run on an empty store, which is what starting costs by itself.
* ``cost``: processor time of a pack that is issued for real, over that of 40 bare signatures, in an empty store and
  behind these packs.

Everything goes to standard output as one JSON document.
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
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sql

from benchmarks.issuing import AT, bare_signatures, issue, issue_all, project, write_packs
from passport.battery.record_chunks import Position
from passport.commands.issuing.issue_call import IssueCall, IssueWay
from passport.exchange.records.record_input import open_input
from passport.linked_data import strict_json
from passport.project import Project
from passport.publishing.bulk.journal import RunJournal
from passport.publishing.places import Reserved
from passport.publishing.publisher import Publisher, issue_order
from passport.store import Pack, StoredCredential
from passport.vocabulary.credential_types import CONDITION, PASSPORT
from passport.vocabulary.vocabulary import due_on

CHUNK = 500
CALL = "import sys; from passport.commands import main; sys.argv[0] = 'passport'; main()"


def build(shop: Project, packs: int) -> float:
    """Fill the store with copies of one issued pack. :returns: processor seconds a pack."""
    first = shop.folder / "first.jsonl"
    write_packs(first, False, 1, 1)
    issue_all(shop, first)
    publisher = Publisher.of_project(shop, shop.open_store(), None)
    store, places = publisher.store, publisher.path.places
    (model,) = store.packs()
    originals = [store.current(model.subject, type_) for type_ in (PASSPORT, CONDITION)]
    started = time.process_time()
    for begin in range(2, packs + 1, CHUNK):
        numbers = range(begin, min(begin + CHUNK, packs + 1))
        purposes = [tuple(entry["statusPurpose"] for entry in each.document["credentialStatus"]) for each in originals]
        places.expect([each for each in purposes for _ in numbers])
        copies = [
            _copy(original, model, number, places.take(of))
            for number in numbers
            for original, of in zip(originals, purposes, strict=True)
        ]
        with store.transaction() as transaction:
            transaction.add_credentials([(each, _base(each) if each.type == CONDITION else None) for each in copies])
            transaction.add_packs(_renumbered(model, number) for number in numbers)
    spent = time.process_time() - started
    store.close()
    return spent / packs


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


def _base(credential: StoredCredential) -> dict[str, Any]:
    # The base proof has a few bytes less than the view of everything.
    document: dict[str, Any] = json.loads(credential.body)
    return document


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
        if sum(found[name]) > 1_000_000
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


# --- the start of a resumed run ---------------------------------------------------------------------------------------


def resumed(shop: Project, packs: int) -> dict[str, float]:
    """Seconds until a resumed run stores its first chunk behind so many packs."""
    path = shop.folder / "run.jsonl"
    more = shop.folder / "more.jsonl"
    write_packs(more, False, packs + 1, 100)
    # What is done is never read again: a line of a run that goes on is found by its place.
    begun = b"{}\n" * packs
    path.write_bytes(begun + more.read_bytes())
    journal = _journal(shop, path)
    if packs:
        publisher = Publisher.of_project(shop, shop.open_store(), None)
        newest = [stored.id for _, stored in publisher.store.numbered(2 * packs - 10, limit=100)][-1]
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packs", type=int, default=100_000)
    parser.add_argument("--store", metavar="URL", help="an empty PostgreSQL database; without it a file")
    options = parser.parse_args()
    result: dict[str, Any] = {"packs": options.packs, "load": os.getloadavg()[0]}
    with project(False) as shop:
        # The first run in a process also loads and compiles.
        cost(shop, 8_000_000, 200)
        result["cost in an empty store"] = cost(shop, 9_000_000)
    with project(False) as shop:
        result["start on an empty store"] = resumed(shop, 0)
    with project(False) as shop:
        large = shop if options.store is None else _elsewhere(shop, options.store)
        result["built, processor ms a pack"] = round(build(large, options.packs) * 1000, 3)
        result["tables"] = tables = sizes(large.store_url)
        result["bytes a pack"] = round(_sum(tables) / options.packs)
        result["resumed behind them"] = resumed(large, options.packs)
        result["cost behind them"] = cost(large, 9_000_000)
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
