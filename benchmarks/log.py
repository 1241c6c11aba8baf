"""The log of events at a million entries, against bare SHA-256 of the same number of bytes.

    python benchmarks/log.py [ENTRIES] [--batch 500] [--folder /tmp]

On one core, in an embedded store on the disk of ``--folder``. Times are of the processor, so that other work on the
machine changes little; of appending the time that passed is beside it, with the waits for the disk.

* appending, in commits of ``--batch`` entries, by rate, and as a multiple of one SHA-256 over 33 bytes for each entry
  (a leaf) in the same run: what no such log can do without;
* a checkpoint: the root from the tiles;
* a proof of inclusion: read, made and verified, as a multiple of one SHA-256 for each hash in the proof; and how many
  tiles it reads;
* the audit of all entries, as a multiple of the bare hashes of the whole tree.

Best of five where one run takes under a second.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time

from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.publishing.log.log_audit import audit
from passport.publishing.log.log_checkpoints import Log
from passport.store import Store
from passport.store.log.log_writing import EVENTS
from passport.transparency import merkle
from passport.transparency.checkpoint import Checkpoint
from passport.transparency.tiles import Tile, TileTree


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("entries", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--batch", type=int, default=500)
    parser.add_argument("--folder", default=tempfile.gettempdir())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        store = Store.open(f"sqlite:///{Path(folder) / 'log.db'}")
        json.dump(measured(store, options.entries, options.batch), sys.stdout, indent=2)
        print()
        store.close()


def measured(store: Store, count: int, batch: int) -> dict[str, object]:
    entries = [sha256(number.to_bytes(8, "big")).digest() for number in range(count)]
    bare_leaf = bare(count, 33) / count
    bare_node = bare(count, 65) / count

    began, passed = process_time(), perf_counter()
    for begin in range(0, count, batch):
        with store.transaction() as transaction:
            transaction.append_to_log(EVENTS, entries[begin : begin + batch])
    appending, passed = (process_time() - began) / count, (perf_counter() - passed) / count

    log = Log(store, EVENTS, "log.example/log/events")
    signing = once(lambda: log.sign(KeySigner(PrivateKey.generate(Algorithm.ED25519))))
    stored = store.log_checkpoint(EVENTS)
    assert stored is not None

    asked: list[Tile] = []

    def read(tile: Tile) -> bytes:
        asked.append(tile)
        return store.log_tile(EVENTS, tile)

    index = count // 3
    proof = TileTree(count, read).inclusion(index)
    tiles_read = len(asked)
    proving = best(lambda: TileTree(count, read).inclusion(index))
    leaf = merkle.leaf_hash(entries[index])
    verifying = best(lambda: merkle.verify_inclusion(leaf, index, count, proof, stored.root))
    receipt = best(lambda: log.receipt(entries[index]))
    checkpoint = Checkpoint(log.origin, stored.size, stored.root)
    auditing = once(lambda: audit(store, EVENTS, [checkpoint]))
    return {
        "entries": count,
        "append": {
            "batch": batch, "per_second": round(1 / appending), "per_second_that_passed": round(1 / passed),
            "times_one_sha256_of_33_bytes": round(appending / bare_leaf, 1),
        },
        "checkpoint_ms": round(signing * 1000, 2),
        "inclusion": {
            "hashes": len(proof), "tiles_read": tiles_read,
            "made_ms": round(proving * 1000, 3), "receipt_ms": round(receipt * 1000, 3),
            "verified_us": round(verifying * 1e6, 1),
            "made_times_bare": round(proving / (bare_node * len(proof)), 1),
            "verified_times_bare": round(verifying / (bare_node * len(proof)), 2),
        },
        "audit": {
            "seconds": round(auditing, 2),
            "times_bare": round(auditing / ((bare_leaf + bare_node) * count), 1),
        },
    }  # fmt: skip


def bare(count: int, length: int) -> float:
    """Seconds for so many digests of so many bytes each."""
    data = bytes(length)
    began = process_time()
    for _ in range(count):
        sha256(data).digest()
    return process_time() - began


def once(operation: Callable[[], object]) -> float:
    began = process_time()
    operation()
    return process_time() - began


def best(operation: Callable[[], object]) -> float:
    return min(once(operation) for _ in range(5))


if __name__ == "__main__":
    main()
