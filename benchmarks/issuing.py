"""What issuing a factory's packs costs: packs a second, and against bare signatures and hashes of the same documents.

    python benchmarks/issuing.py [--packs 1000] [--jobs 2] [--growth 0] [--store postgresql://…] [--readme]

Packs of an electric vehicle as JSON lines, with a production event of 192 cells and without one (then under the EU
regime alone, for the Chinese one asks for it), go the way of
``passport issue --keep-going``: read, judged, batch, read-out, status places, signed, stored. Codes and the values of
the read-out differ from pack to pack; model and batch are those of all.

* ``packs a second``: wall clock, with one job and with several, starting of the processes left out.
* ``ratio to the floor``: processor time of the bare P-256 signatures and SHA-256 of the same documents, over the
  processor time of the whole run with one job. After each chunk of packs its signatures and hashes are made bare, so
  that what slows the machine for a while slows both. The floor's own time is in no other figure.
* ``jobs``: the rate with several jobs over the rate with one.
* ``growth``: processor time a pack for each further thousand packs in one store, over the floor of the same moment.
* ``verify``: saved public passports, each with its model, batch and status lists, verified one after the other.
* ``places``: places in status lists, reserved in blocks as a run does it.
* ``--store``: the rate with one job in another store beside the SQLite file.
* ``--readme`` writes the table in ``benchmarks/README.md`` anew.

A run of a busy machine says little of rates: ``load`` is told, and the ratios are what to compare. Everything goes to
standard output as one JSON document.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from passport.commands.keeping.init import make_project
from passport.commands.verify_folder import FolderCheck
from passport.exchange import formats
from passport.exchange.records import record_files
from passport.exchange.records.record_input import open_input
from passport.identity.keys import PrivateKey
from passport.presenting.presenter import Presenter
from passport.project import Project
from passport.publishing.bulk.crew import OwnCrew, ProcessCrew, WorkbenchPlan, spare_collections
from passport.publishing.bulk.issue_run import IssueRun
from passport.publishing.places import PURPOSES
from passport.publishing.publisher import Publisher, issue_order
from passport.vocabulary.vocabulary import Audience, due_on, load

CHECKOUT = Path(__file__).resolve().parent.parent
AT = datetime(2026, 11, 29, 9, tzinfo=UTC)
REGIMES = 'regimes = ["eu", "cn"]'


def example(with_event: bool) -> dict[str, Any]:
    (record,) = record_files.read_records(CHECKOUT / "examples" / "ev-ncm-100kwh.xlsx")
    document = json.loads(next(iter(formats.write("json", [record]).files.values())))
    for name in ("batteryIdentifier", "dataCarrier"):
        document["pack"].pop(name, None)
    if not with_event:
        document.pop("events")
    return document


def write_packs(path: Path, with_event: bool, first: int, count: int) -> None:
    """Packs of one model, each with a code of its own."""
    document = example(with_event)
    text, code = json.dumps(document), document["pack"]["packTractionBatteryCode"]
    modules = document.get("events", {}).get("production", {}).get("moduleTractionBatteryCodes", ())
    for n, module in enumerate(modules):
        text = text.replace(module, f"<{n}>")
    with open(path, "w", encoding="utf-8") as stream:
        for number in range(first, first + count):
            own = f"{code[:-7]}{number:07}"
            line = text.replace(code, own)
            for n, module in enumerate(modules):
                # A module is in one pack, and its cells name it.
                line = line.replace(f"<{n}>", f"{module[:-7]}{number * len(modules) + n:07}")
            record = json.loads(line)
            record["pack"] |= {
                "serialNumber": own[7:],
                "batteryPassportIdentifier": f"urn:uuid:00000000-0000-4000-8000-{number:012}",
            }
            record["condition"] |= {
                "internalResistanceAtStatusChange": f"0.{12000 + number % 900}",
                "ratedCapacityAtStatusChange": f"{140 + number % 300 / 100:.2f}",
                "powerCapabilityAtStatusChange": str(350000 + number % 5000),
                "stateOfCharge": f"{30 + number % 400 / 10:.1f}",
            }
            stream.write(json.dumps(record) + "\n")


@contextmanager
def project(with_event: bool) -> Iterator[Project]:
    """A project; of packs without a production event, which the Chinese regime asks for, under the EU's alone."""
    with tempfile.TemporaryDirectory() as folder:
        shop = make_project(Path(folder) / "shop", "https://passport.example.com", names={"en": "Shop", "zh": None})
        if not with_event:
            configuration = shop.folder / "passport.toml"
            text = configuration.read_text("utf-8")
            assert REGIMES in text
            configuration.write_text(text.replace(REGIMES, 'regimes = ["eu"]'), encoding="utf-8")
        yield Project.find(str(shop.folder))


@dataclass(frozen=True)
class Floor:
    """What cannot be saved of a pack. :ivar signed: how many signatures it has; :ivar bodies: its documents."""

    signed: int
    bodies: tuple[bytes, ...]

    def make(self, packs: int) -> tuple[float, float]:
        """Sign and hash for so many packs. :returns: seconds of the clock, and of this process."""
        key, data, kind = ec.generate_private_key(ec.SECP256R1()), bytes(64), ec.ECDSA(hashes.SHA256())
        clock, processor = perf_counter(), process_time()
        for _ in range(packs * self.signed):
            key.sign(data, kind)
        for _ in range(packs):
            for body in self.bodies:
                hashlib.sha256(body).digest()
        return perf_counter() - clock, process_time() - processor


def issue(shop: Project, path: Path, jobs: int = 1, floor: Floor | None = None) -> dict[str, float]:
    """Issue a file of lines. :returns: seconds of the clock and of this process, a pack, without the first chunk."""
    publisher = Publisher.of_project(shop, shop.open_store(), None)
    order = issue_order(AT, due_on(AT.date()))
    bench = publisher.workbench(order)
    plain = issue_order(AT, AT.date())
    crew = OwnCrew(bench) if jobs == 1 else ProcessCrew(WorkbenchPlan(shop.folder, None, AT.date(), plain), jobs)
    records = open_input([path], None, merge=False, on=AT.date())
    run = IssueRun(publisher.path, bench, crew, order)
    spare_collections()
    done, clock, processor, least = 0, perf_counter(), process_time(), 0.0
    warm = jobs * 2
    try:
        for number, chunk in enumerate(run.issue(records.chunks())):
            assert not chunk.refused, chunk.refused[0].faults
            done += len(chunk.packs)
            if floor is not None:
                bare_clock, bare = floor.make(len(chunk.packs))
                clock, processor, least = clock + bare_clock, processor + bare, least + bare
            if number < warm:
                # Modules are loaded and shapes compiled; each worker has begun.
                done, clock, processor, least = 0, perf_counter(), process_time(), 0.0
        run.finish()
        return {
            "clock": (perf_counter() - clock) / done,
            "processor": (process_time() - processor) / done,
            "floor": least / done,
        }
    finally:
        crew.close()
        publisher.store.close()


def bare_signatures(count: int) -> float:
    """Processor seconds of so many bare P-256 signatures."""
    return Floor(1, ()).make(count)[1]


def floor_of(with_event: bool) -> Floor:
    """The signatures and documents of such a pack, as they were made for some."""
    signed: list[int] = []
    usual = PrivateKey.sign

    def counted(self: PrivateKey, data: bytes) -> bytes:
        signed.append(len(data))
        return usual(self, data)

    packs = 20
    with project(with_event) as shop:
        path = shop.folder / "few.jsonl"
        write_packs(path, with_event, 1, 1)
        issue_all(shop, path)
        write_packs(path, with_event, 2, packs)
        PrivateKey.sign = counted  # type: ignore[method-assign]
        try:
            issue_all(shop, path)
        finally:
            PrivateKey.sign = usual  # type: ignore[method-assign]
        store = shop.open_store()
        stored = [document for _, document in store.numbered(limit=10_000)]
        store.close()
    last = {document.id: document.body for document in stored if document.subject == stored[-1].subject}
    return Floor(len(signed) // packs, tuple(last.values()))


def issue_all(shop: Project, path: Path) -> None:
    publisher = Publisher.of_project(shop, shop.open_store(), None)
    order = issue_order(AT, due_on(AT.date()))
    bench = publisher.workbench(order)
    run = IssueRun(publisher.path, bench, OwnCrew(bench), order)
    for chunk in run.issue(open_input([path], None, merge=False, on=AT.date()).chunks()):
        assert not chunk.refused, chunk.refused[0].faults
    publisher.store.close()


def race(with_event: bool, packs: int, jobs: int) -> dict[str, float]:
    floor = floor_of(with_event)
    with project(with_event) as one, project(with_event) as several:
        path = one.folder / "packs.jsonl"
        write_packs(path, with_event, 1, packs)
        alone, together = issue(one, path, floor=floor), issue(several, path, jobs)
    return {
        "packs a second, one job": round(1 / alone["clock"], 1),
        f"packs a second, {jobs} jobs": round(1 / together["clock"], 1),
        "jobs": round(alone["clock"] / together["clock"], 2),
        "processor ms a pack": round(alone["processor"] * 1000, 2),
        "floor ms a pack": round(alone["floor"] * 1000, 2),
        "ratio to the floor": round(alone["floor"] / alone["processor"], 3),
    }


def growth(packs: int) -> dict[int, float]:
    """Processor time a pack over that of 40 bare signatures, by how many packs the store holds already."""
    costs = {}
    with project(False) as shop:
        for first in range(0, packs, 1000):
            path = shop.folder / "more.jsonl"
            write_packs(path, False, first + 1, 1000)
            least = bare_signatures(2000) / 50
            costs[first] = round(issue(shop, path)["processor"] / ((least + bare_signatures(2000) / 50) / 2), 2)
    return costs


def verify(packs: int) -> dict[str, float]:
    """Saved passports of some packs, verified as ``passport verify FOLDER`` does it with one job."""
    with project(False) as shop:
        path, saved = shop.folder / "packs.jsonl", shop.folder / "saved"
        write_packs(path, False, 1, packs)
        issue_all(shop, path)
        publisher = Publisher.of_project(shop, shop.open_store(), None)
        publisher.sign_status_lists(at=AT)
        presenter = Presenter(publisher.store, load(), policy=shop.access_policy)
        saved.mkdir()
        for number, pack in enumerate(publisher.store.packs()):
            view = presenter.present(pack.subject, Audience.PUBLIC)
            (saved / f"{number:06}.jsonld").write_bytes(view.presentation_bytes())
        publisher.store.close()
        check = FolderCheck(shop.trust_list_path, AT, "en")
        files = sorted(saved.iterdir())
        assert check.answer(files[0]).outcome == "verified", check.answer(files[0])
        least, started = bare_signatures(200) / 5, process_time()
        for file in files:
            check.answer(file)
        each = (process_time() - started) / len(files)
    return {"files a second and core": round(1 / each, 1), "over 40 bare signatures": round(each / least, 2)}


def places(count: int) -> dict[str, float]:
    """Reservation of places for so many credentials with two purposes."""
    with project(False) as shop:
        publisher = Publisher.of_project(shop, shop.open_store(), None)
        taken, started = publisher.path.places, process_time()
        for _ in range(0, count, 500):
            taken.expect([PURPOSES] * 500)
            for _ in range(500):
                taken.take(PURPOSES)
        each = (process_time() - started) / count
        publisher.store.close()
    return {"credentials": count, "processor us each": round(each * 1e6, 1)}


def elsewhere(url: str, packs: int) -> dict[str, float]:
    """One job into an empty store at another address, beside the SQLite file; without a production event."""
    with project(False) as shop:
        path = shop.folder / "packs.jsonl"
        write_packs(path, False, 1, packs)
        own = issue(shop, path)
        other = issue(replace(shop, store=url), path)
    return {
        "SQLite, packs a second": round(1 / own["clock"], 1), "there, packs a second": round(1 / other["clock"], 1),
        "ratio": round(own["clock"] / other["clock"], 2),
    }  # fmt: skip


GOALS = {"192 cells": (250, 0.15), "no production event": (400, 0.25)}


def table(result: dict[str, Any], jobs: int) -> str:
    """The rates as the table of ``benchmarks/README.md``."""
    rows = [
        f"Measured {result['day']} on {result['cores']} cores, Python {result['python']}, load {result['load']:.1f} "
        f"when it began (idle is below 0.3), {result['packs']} packs a run.",
        "",
        f"| | one job, packs/s | {jobs} jobs, packs/s | goal | jobs | floor / cost | goal |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, (rate, ratio) in GOALS.items():
        of = result[name]
        rows.append(
            f"| {name} | {of['packs a second, one job']} | {of[f'packs a second, {jobs} jobs']} | {rate} "
            f"| {of['jobs']} | {of['ratio to the floor']} | {ratio} |"
        )
    rows += [
        "",
        f"`verify`: {result['verify']['files a second and core']} saved passports a second and core (goal 300).",
    ]
    rows.append(f"A place in a status list: {result['places']['processor us each']} us.")
    if "growth" in result:
        costs = list(result["growth"].values())
        rows.append(
            f"Cost of a pack over 40 bare signatures: {costs[0]} in an empty store, {costs[-1]} behind "
            f"{list(result['growth'])[-1]} packs. Beyond that nothing was measured."
        )
    if "store" in result:
        rows.append(f"One job into PostgreSQL: {result['store']['ratio']} of the rate into SQLite.")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packs", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--growth", type=int, default=0, metavar="PACKS")
    parser.add_argument("--store", metavar="URL", help="an empty PostgreSQL database")
    parser.add_argument("--readme", action="store_true")
    options = parser.parse_args()
    result: dict[str, Any] = {
        "machine": platform.platform(), "python": platform.python_version(), "cores": os.cpu_count(),
        "day": str(datetime.now(UTC).date()), "packs": options.packs, "load": os.getloadavg()[0],
    }  # fmt: skip
    for name in GOALS:
        result[name] = race(name == "192 cells", options.packs, options.jobs)
    result["verify"] = verify(min(options.packs, 300))
    result["places"] = places(20_000)
    if options.growth:
        result["growth"] = growth(options.growth)
    if options.store:
        result["store"] = elsewhere(options.store, options.packs)
    json.dump(result, sys.stdout, indent=2)
    print()
    if options.readme:
        page = CHECKOUT / "benchmarks" / "README.md"
        before, _, after = page.read_text("utf-8").partition(_BEGIN)
        page.write_text(f"{before}{_BEGIN}\n{table(result, options.jobs)}\n{_END}{after.partition(_END)[2]}", "utf-8")


_BEGIN, _END = "<!-- rates of issuing.py -->", "<!-- end -->"

if __name__ == "__main__":
    main()
