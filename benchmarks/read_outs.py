"""Loading of read-outs against their bare signing, in one run.

    python benchmarks/read_outs.py                     50,000 read-outs of 500 packs
    python benchmarks/read_outs.py --count 5000
    python benchmarks/read_outs.py --memory            peak memory with a stubbed signer at up to 1,000,000 of them
    python benchmarks/read_outs.py --memory 10000 300000

*Signing* is the issuer alone: the base proof, and the full view derived from it, of the same documents. *Loading* reads
a CSV file, judges each read-out by the shapes and against the one before it, reserves places in status lists, signs,
and stores. Times are of the processor. After each block its read-outs are signed alone, so that a machine that is busy
for a while makes both slower.

*Memory* is the peak of a process of its own for each length. Its signer makes one signature and copies it, since a
million of them take half an hour; everything else is done as always.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

from passport.commands.keeping.init import make_project
from passport.exchange.event_tables.read_out_files import read_blocks
from passport.exchange.records import record_files
from passport.linked_data import resources, strict_json
from passport.publishing import sign as signing
from passport.publishing.bulk.crew import spare_collections
from passport.publishing.condition.read_outs import BlockReport, ReadOutLoader
from passport.publishing.publisher import Publisher
from passport.publishing.sign import sign
from passport.store import Store
from passport.vocabulary import vocabulary

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
FIRST = datetime(2027, 1, 1, tzinfo=UTC)
HEAD = "serialNumber,recordedAt,stateOfCharge,numberOfFullCycles,energyThroughput,remainingCapacity,ohmicResistance"
UNITS = ",,%,cycles,kWh,Ah,Ω"


def write_readings(path: Path, count: int, packs: int) -> None:
    """A CSV file in which the packs take turns, each a little more used than before."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f"{HEAD}\n{UNITS}\n")
        for number in range(count):
            turn, pack = divmod(number, packs)
            at = FIRST + timedelta(minutes=turn)
            file.write(
                f"EB{pack:06},{at:%Y-%m-%dT%H:%M:%SZ},{20 + turn % 80},{100 + turn // 1440},{1000 + turn},"
                f"{13 - turn % 2 * 0.01},0.02{turn % 10}\n"
            )


def issue(store: Store, issuer: Any, base_url: str, packs: int) -> None:
    record = record_files.read(resources.path("examples/lmt-ebike.xlsx"))[0][0]
    records = [
        replace(record, pack={**record.pack, "serialNumber": f"EB{number:06}"}, condition=None)
        for number in range(packs)
    ]
    Publisher(store, issuer, base_url, vocabulary.load(), ()).issue(records, at=AT - timedelta(days=90))


def load(path: Path, loader: ReadOutLoader, after_block: Callable[[BlockReport], None] = lambda _: None) -> int:
    added = 0
    for block, faults in read_blocks(path):
        report = loader.add(block, at=AT)
        wrong = [fault for fault in (*faults, *report.faults) if fault.severity == "violation"]
        if wrong:
            raise SystemExit(f"refused: {wrong[0]}")
        added += report.count("added")
        after_block(report)
    loader.finish(at=AT)
    return added


class BareSigning:
    """Signs the read-outs of each block again when it is stored, without loading, so that a slow minute of the machine
    slows both. :ivar seconds: of the processor; :ivar count: read-outs."""

    def __init__(self, store: Store, issuer: Any) -> None:
        self._store, self._issuer = store, issuer
        self.seconds, self.count = 0.0, 0
        #: Seconds for looking them up, which belong to neither side.
        self.aside = 0.0

    def __call__(self, report: BlockReport) -> None:
        started = process_time()
        stored = [self._store.credential(entry.credential) for entry in report.entries]
        documents = [{key: value for key, value in each.document.items() if key != "proof"} for each in stored if each]
        begun = process_time()
        for document in documents:
            sign(self._issuer, document, restricted=True, at=AT)
        self.seconds += process_time() - begun
        self.aside += begun - started
        self.count += len(documents)


def main() -> None:
    parser = argparse.ArgumentParser(description="Loading of read-outs against their bare signing.")
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--packs", type=int, default=500)
    parser.add_argument(
        "--memory", type=int, nargs="*", metavar="COUNT", help="peak memory alone, with a stubbed signer"
    )
    parser.add_argument("--stubbed", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory is not None:
        for count in options.memory or (10_000, 100_000, 1_000_000):
            words = ["--stubbed", "--count", str(count), "--packs", str(options.packs)]
            subprocess.run([sys.executable, __file__, *words], check=True)  # noqa: S603 (this file)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = make_project(folder / "operator", "https://passport.example.com", names={"en": "O", "zh": None})
        issuer = project.issuer_with_key(None)
        store = Store.open(f"sqlite:///{folder / 'passports.db'}")
        issue(store, issuer, project.base_url, options.packs)
        path = folder / "readings.csv"
        write_readings(path, options.count, options.packs)
        spare_collections()  # as the command does
        if options.stubbed:
            print(json.dumps(stubbed(path, ReadOutLoader(store, issuer, project.base_url))))
            return
        alone = BareSigning(store, issuer)
        started = process_time()
        added = load(path, ReadOutLoader(store, issuer, project.base_url), alone)
        loading = process_time() - started - alone.seconds - alone.aside
        bare = alone.seconds / alone.count
        print(json.dumps({
            "readOuts": added,
            "loadedPerSecond": round(added / loading),
            "signedPerSecond": round(1 / bare),
            "ratio": round(added / loading * bare, 2),
        }, indent=2))  # fmt: skip


def stubbed(path: Path, loader: ReadOutLoader) -> dict[str, Any]:
    """Peak memory of this process after a file; signatures are copied, not made."""
    copied: list[tuple[Any, bytes | None]] = []
    signed = signing.sign

    def stub(issuer: Any, document: dict[str, Any], *, restricted: bool, at: datetime) -> signing.Signed:
        if not copied:
            one = signed(issuer, document, restricted=restricted, at=at)
            copied.append((json.loads(one.body)["proof"], one.issuer_part))
        proof, issuer_part = copied[0]
        return signing.Signed(strict_json.dumps({**document, "proof": proof}), issuer_part)

    signing.sign = stub
    started = process_time()
    added = load(path, loader)
    seconds = process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform != "darwin" else 1024**2)
    return {"readOuts": added, "peakMegabytes": peak, "loadedPerSecond": round(added / seconds)}


if __name__ == "__main__":
    main()
