"""What backup, restore, examination, move and publication of a factory's packs cost.

    python -m benchmarks.durability [--packs 10000] [--sample 1000] [--sample-only] [--published 200] [--postgresql URL]

Packs of an electric vehicle without a production event (:mod:`benchmarks.issuing`), with their read-outs:

* *backup*: one archive; *restore*: a new project from it, everything that follows from documents made again, and a
  sample of the documents verified. The time of 100,000 packs is extrapolated by the number of packs.
* *fsck*: each document, status place, restricted view and derived row; by sample beside it. ``--sample-only`` leaves
  out the whole one, which takes as long as issuing.
* *move*: the whole store into another SQLite file, or into the empty PostgreSQL database of ``--postgresql``.
* *publish*: files of so many packs, and a second time without a change.
* *sizes*: bytes of store and archive for each pack, for the sizing of larger stores (docs/scale.md).

Times are those of the clock and of this process's processor, both in seconds. Everything goes to standard output as one
JSON document.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks.issuing import AT, issue, project, write_packs
from passport.publishing.upkeep.backup import back_up
from passport.publishing.upkeep.examiner import examine
from passport.publishing.upkeep.restore import restore
from passport.store import Store
from passport.store.copying.store_move import move
from passport.store.store_upgrade import examine as describe
from resolver.config import ResolverConfig
from resolver.static_site.site_publisher import publish
from resolver.static_site.site_resources import SiteResources


def timed(work: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    """Seconds of the clock and of the processor, and the result."""
    clock, processor = perf_counter(), process_time()
    result = work()
    return {"clock": round(perf_counter() - clock, 2), "processor": round(process_time() - processor, 2)}, result


def published(shop: Any, store: Store, folder: Path, packs: int) -> dict[str, Any]:
    """Publication of the first packs of a store."""
    config = replace(ResolverConfig.from_project(shop), state_path=folder / "state.db")

    class Some(SiteResources):
        def subjects(self) -> Any:
            yield from (pack.subject for pack in self._store.find_packs(limit=packs))

    def work() -> Any:
        resources = Some(config, store, shop.trust_list_path, AT)
        return publish(resources, folder / "site", at=AT)

    first, done = timed(work)
    again, _ = timed(work)
    files = [path for path in (folder / "site" / "public").rglob("*") if path.is_file()]
    return {
        "passports": done.passports, "first": first, "again": again,
        "ms a passport": round(first["processor"] / packs * 1000, 1),
        "ms a passport, unchanged": round(again["processor"] / packs * 1000, 2),
        "bytes a passport": sum(path.stat().st_size for path in files) // packs,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packs", type=int, default=10_000)
    parser.add_argument("--sample", type=int, default=1_000)
    parser.add_argument("--sample-only", action="store_true")
    parser.add_argument("--published", type=int, default=200)
    parser.add_argument("--postgresql", metavar="URL", help="an empty database")
    options = parser.parse_args()
    result: dict[str, Any] = {
        "machine": platform.platform(), "cores": os.cpu_count(), "packs": options.packs, "load": os.getloadavg()[0],
    }  # fmt: skip
    with project(False) as shop, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_packs(folder / "packs.jsonl", False, 1, options.packs)
        issue(shop, folder / "packs.jsonl")
        store = shop.open_store()
        info = describe(shop.store_url)
        result["rows"] = {table: rows for table, rows in info.rows.items() if rows}
        result["backup"], backup = timed(lambda: back_up(shop, folder / "b.zip", at=AT))
        restoring, restored = timed(lambda: restore(folder / "b.zip", folder / "again"))
        again = restored.project.open_store()
        sampling, sampled = timed(lambda: examine(restored.project, again, at=AT, sample=options.sample))
        assert sampled.outcome is True, sampled
        again.close()
        result["restore"], result["fsck, sample"] = restoring, sampling
        if not options.sample_only:
            result["fsck"], whole = timed(lambda: examine(shop, store, at=AT))
            assert whole.outcome is True, whole
        target = Store.open(options.postgresql or f"sqlite:///{folder / 'moved.db'}")
        result["move"], _ = timed(lambda: move(store, target))
        result["moved to"] = target.engine.dialect.name
        if options.postgresql:
            result["bytes a pack, moved"] = int((describe(options.postgresql).size or 0) / options.packs)
        target.close()
        result["publish"] = published(shop, store, folder, options.published)
        store.close()
        result["bytes a pack"] = {
            "store": int((info.size or 0) / options.packs), "backup": int(backup.bytes / options.packs),
        }  # fmt: skip
        seconds = restoring["clock"] + sampling["clock"]
        # The sample is of a fixed size, whatever the store holds.
        result["restore and sample of 100,000 packs, extrapolated"] = round(
            restoring["clock"] * 100_000 / options.packs + sampling["clock"]
        )
        result["restore and sample"] = round(seconds, 2)
    json.dump(result, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
