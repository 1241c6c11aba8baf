"""Bulk registration: a maker's outbox of 100,000 packs, handed in to a register on this machine, killed and resumed.

    python benchmarks/registering.py [--packs 100000] [--validated 100] [--kill-at 0.4]

The register is a process of its own behind the product's HTTP server, on loopback; so is the maker's run. When the part
``--kill-at`` of the packs is handed in, the maker's process is killed (SIGKILL) and started again. Measured are packs
per second, and the peak of each process's memory, which must not grow with the number of packs. ``rows per second of
bare SQLite`` is the floor beside it: as many rows in as many commits, fully synchronous, in a file beside.

Validation reads and verifies each passport; its rate is measured with ``--validated`` real passports that are read from
a store in this process, without a network.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import signal
import socket
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from issuer.commands.register import _post_over
from issuer.register_api import RegisterApi, create_register
from passport.commands.keeping.init import make_project
from passport.credentials.digests import canonical_bytes, digest_of
from passport.credentials.trust import TrustList
from passport.directory.register.register_service import RegisterService
from passport.directory.register.registration_client import RegistrationClient, queued_rows
from passport.errors import FetchFailed
from passport.exchange.records import record_files
from passport.identity.http_client import GuardedClient
from passport.linked_data import strict_json
from passport.presenting.presenter import Presenter
from passport.project import Project
from passport.publishing.publisher import Publisher
from passport.store import Store
from passport.store.register.register_store import RegisterStore
from passport.store.register.registration_outbox import OutboxRow, RegistrationOutbox
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import BATCH, CONDITION, MODEL, MODEL_DETAIL, PASSPORT
from passport.vocabulary.vocabulary import Audience

CHECKOUT = Path(__file__).resolve().parent.parent
BASE = "https://maker.example"
KINDS = [MODEL, MODEL_DETAIL, BATCH, PASSPORT, CONDITION]


def now() -> datetime:
    return datetime.now(UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--packs", type=int, default=100_000)
    parser.add_argument("--validated", type=int, default=100)
    parser.add_argument("--kill-at", type=float, default=0.4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(measured(Path(name), options.packs, options.validated, options.kill_at), indent=1))


def measured(folder: Path, packs: int, validated: int, kill_at: float) -> dict[str, Any]:
    """Everything, as one document."""
    processes = multiprocessing.get_context("fork")
    maker = make_project(folder / "maker", BASE, names={"en": "Maker"})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    register = make_project(folder / "register", f"http://127.0.0.1:{port}", names={"en": "Register"})
    entry = {"id": maker.issuer, "name": {"en": "Maker"}, "trustedFor": KINDS}
    register.trust_list_path.write_text(json.dumps({"issuers": [entry]}))
    validation = validation_rate(folder, maker, register, validated)
    started = time.perf_counter()
    outbox = RegistrationOutbox(maker.registrations_path)
    queued = outbox.queue(rows(validation.pop("row"), packs), now())
    queueing = time.perf_counter() - started
    outbox.close()
    server = processes.Process(target=serve_register, args=(register.folder, port))
    server.start()
    wait_for(port)
    started = time.perf_counter()
    first = processes.Process(target=hand_in, args=(maker.folder, register.base_url, folder / "first.json"))
    first.start()
    at_kill = wait_until(maker, int(packs * kill_at), first)
    os.kill(first.pid or 0, signal.SIGKILL)
    first.join()
    again = time.perf_counter()
    second = processes.Process(target=hand_in, args=(maker.folder, register.base_url, folder / "second.json"))
    second.start()
    resumed = wait_until(maker, at_kill + 1, second) and time.perf_counter() - again
    second.join()
    whole = time.perf_counter() - started
    report = json.loads((folder / "second.json").read_text())
    outbox = RegistrationOutbox(maker.registrations_path)
    counts = outbox.counts()
    outbox.close()
    taken = RegisterStore(register.register_path).counts()["pending"]
    memory = server_memory(server.pid or 0)
    os.kill(server.pid or 0, signal.SIGTERM)
    server.join()
    if counts != {"sent": packs} or taken != packs:
        raise SystemExit(f"not every pack was handed in once: {counts}, {taken} at the register")
    return {
        "packs": packs,
        "queued per second": round(queued / queueing),
        "killed with handed in": at_kill,
        "handed in per second": round(packs / whole),
        "resumed after seconds": round(resumed, 2),
        "handed in once each": True,
        "peak memory of the maker's run, MB": report["memory"],
        "processor seconds of the resumed run": report["processor"],
        "peak memory of the register, MB": memory,
        "rows per second of bare SQLite": bare_sqlite(folder, packs),
        **validation,
    }


def rows(row: OutboxRow, number: int) -> Iterator[OutboxRow]:
    """Rows of one form, with products of their own. They are the maker's, so only their passports are missing."""
    document = strict_json.loads(row.entry)
    for place in range(number):
        product = f"{BASE}/id/BULK/{place:07d}"
        content = canonical_bytes({**document, "uniqueProductIdentifier": product})
        yield replace(row, key=f"bulk-{place:09d}", product=product, digest=digest_of(content), entry=content)


def hand_in(folder: Path, register: str, report: Path) -> None:
    """The maker's run: what ``passport register send`` does."""
    project = Project.open(folder)
    outbox = RegistrationOutbox(project.registrations_path)
    client = RegistrationClient(
        outbox, project.issuer_with_key(None), register, _post_over(GuardedClient().naming(register))
    )  # fmt: skip
    client.send(now)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    report.write_text(json.dumps({"memory": usage.ru_maxrss // 1024, "processor": round(usage.ru_utime, 1)}))
    outbox.close()


def serve_register(folder: Path, port: int) -> None:
    """The register's process: it takes what is handed in, and validates nothing."""
    from passport.directory.register.submission import MAX_BODY
    from passport.web.server import Application, serve

    project = Project.open(folder)
    service = RegisterService(
        RegisterStore(project.register_path), project.issuer_with_key(None), project.base_url, project.trust_list,
        unread,
    )  # fmt: skip
    serve(Application(create_register(RegisterApi(service, now)), max_body=MAX_BODY), "127.0.0.1", port)


def unread(url: str) -> bytes:
    raise FetchFailed("nothing is read here")


def wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the register did not start")


def wait_until(maker: Project, handed_in: int, process: Any) -> int:
    """How many packs are handed in, as soon as there are that many or the process has ended."""
    while True:
        outbox = RegistrationOutbox(maker.registrations_path)
        sent = outbox.counts().get("sent", 0)
        outbox.close()
        if sent >= handed_in or not process.is_alive():
            return sent
        time.sleep(0.05)


def server_memory(pid: int) -> int:
    """Peak resident memory of a process, in MB (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM:"))


def bare_sqlite(folder: Path, packs: int) -> int:
    """As many rows in as many transactions as the register writes, and nothing else."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE floor (key TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID")
    started = time.perf_counter()
    for start in range(0, packs, 500):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO floor VALUES (?, ?)",
            [(f"bulk-{place:09d}", b"x" * 600) for place in range(start, start + 500)],
        )
        connection.execute("COMMIT")
    return round(packs / (time.perf_counter() - started))


def validation_rate(folder: Path, maker: Project, register: Project, number: int) -> dict[str, Any]:
    """Packs validated per second of processor time, each read and verified; and a row of an outbox as it is."""
    store, at = Store.open("sqlite://"), now()
    publisher = Publisher(
        store, maker.issuer_with_key(None), BASE, vocabulary.load(), tuple(vocabulary.regimes().values())
    )  # fmt: skip
    record = record_files.read_records(CHECKOUT / "examples" / "stationary-lfp.xlsx")[0]
    many = [replace(record, pack={**record.pack, "serialNumber": f"BULK-{place:05d}"}) for place in range(number)]
    publisher.issue(many, at=at - timedelta(minutes=1))
    presenter = Presenter(store, vocabulary.load())
    passports = {
        pack.subject: presenter.present(pack.subject, Audience.PUBLIC).presentation_bytes() for pack in store.packs()
    }  # fmt: skip
    trust = TrustList.load(register.trust_list_path)

    def fetch(url: str) -> bytes:
        return passports[unquote(url.rsplit("/", 1)[1])]

    register_store = RegisterStore(folder / "validated.db")
    service = RegisterService(register_store, register.issuer_with_key(None), register.base_url, lambda: trust, fetch)
    outbox = RegistrationOutbox(folder / "validated-outbox.db")
    outbox.queue(queued_rows(store, BASE, maker.issuer), at)
    (row,) = outbox.in_state("queued", 1)
    app = create_register(RegisterApi(service, now))

    def post(url: str, body: bytes, token: str) -> bytes:
        headers = {"Authorization": f"Bearer {token}"}
        path = url.removeprefix(register.base_url)
        return app.test_client().post(path, data=body, content_type="application/json", headers=headers).data

    RegistrationClient(outbox, maker.issuer_with_key(None), register.base_url, post).send(now)
    started = time.process_time()
    while service.validate(now()):
        pass
    spent = time.process_time() - started
    registered = register_store.counts().get("registered", 0)
    if registered != number:
        raise SystemExit(f"{registered} of {number} were registered")
    outbox.close()
    return {"row": row, "validated": number, "validated per second of processor time": round(number / spent, 1)}


if __name__ == "__main__":
    main()
