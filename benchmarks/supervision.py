"""Supervision at full size: what is planted is found, nothing else is, and how long it takes.

    python benchmarks/supervision.py [--packs 100000] [--each 3] [--seed 1] [--url sqlite:////tmp/supervision.db]
    python benchmarks/supervision.py --url sqlite:////tmp/supervision.db --again

For each size (10,000, 100,000 and 1,000,000 events at the default) it makes a population with planted violations and
near misses, writes the facts, judges everything, and judges the arrival of single events at packs chosen at random: the
newest event of each, by the rules that its kind can touch. ``judging`` is the rules alone, ``checking`` a whole
transaction that opens and closes alerts too, ``recording`` the renewal of the facts of the pack before. ``--again``
measures arrivals in a database that a run before has filled.
Times are processor seconds of this process on one core, and wall-clock seconds beside them; with PostgreSQL the
server is in the latter only. The facts are marked as those of a benchmark, so that no rebuild replaces them.

One JSON document goes to standard output; what falls short of its target is also said on standard error, and the exit
code is then 1.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from passport.lifecycle import History
from passport.oversight.supervisor import check_event, findings_of_rule, judge_all, record, values_of
from passport.population.population import NOW, Population
from passport.population.violations import STORIES, plant
from passport.store import Store
from passport.store.facts.fact_writing import BENCHMARK, writing
from passport.store.facts.rule_queries import judging
from passport.supervision.rulebook import rulebook

FULL_PASS_SECONDS = 30
EVENT_MILLISECONDS = 5
ARRIVALS = 400


class Clock:
    """Processor and wall-clock seconds since it was made."""

    def __init__(self) -> None:
        self.cpu, self.wall = time.process_time(), time.perf_counter()

    def read(self) -> dict[str, float]:
        return {
            "cpu": round(time.process_time() - self.cpu, 3),
            "wall": round(time.perf_counter() - self.wall, 3),
        }


def measure(packs: int, each: int, seed: int, url: str) -> dict[str, Any]:
    """One size."""
    clock = Clock()
    population = Population(seed=seed)
    population.fill(packs)
    expected = set().union(*(plant(population, rule) for _ in range(each) for rule in STORIES))
    result: dict[str, Any] = {"events": len(population.reported), "packs": len(population.lives)}
    result["made"] = clock.read()
    store = Store.open(url)
    clock = Clock()
    with writing(store) as facts:
        facts.begin(BENCHMARK)
        facts.fill(population.facts())
        facts.refer(**population.references())
    result["written"] = clock.read()
    clock = Clock()
    findings = judge_all(store, rulebook(), population.now)
    result["fullPass"] = clock.read()
    found = {(finding.rule, finding.subject) for finding in findings}
    result |= {"planted": len(expected), "missed": sorted(expected - found), "falseAlarms": sorted(found - expected)}
    result["rules"] = _rules(store, population)
    result["arrivingEventMs"] = _arrivals(store, seed, population.now)
    result["recordingEventMs"] = _recording(store, population, seed)
    store.close()
    return result


def _rules(store: Store, population: Population) -> dict[str, float]:
    """Processor seconds of each rule over everything, the slowest ten."""
    seconds: dict[str, float] = {}
    with judging(store) as (judge, _):
        judge.prepare(rulebook().inputs())
        judge.everything()
        for rule in rulebook().rules.values():
            start = time.process_time()
            judge.answer(rule.query, values_of(rule, population.now))
            seconds[rule.code] = round(time.process_time() - start, 3)
    return dict(sorted(seconds.items(), key=lambda item: -item[1])[:10])


def _arrivals(store: Store, seed: int, now: datetime) -> dict[str, dict[str, float]]:
    """Milliseconds to judge the newest event of a pack, over all that it affects."""
    chosen = random.Random(seed)  # noqa: S311 (no secret)
    book = rulebook()
    judging_, checking = _Times(), _Times()
    with judging(store) as (judge, connection):
        judge.prepare(book.inputs())
        newest = connection.exec_driver_sql(
            "SELECT p.number, e.kind, e.event FROM fact_packs p JOIN fact_events e ON e.number = p.last"
        ).all()
        arrivals = chosen.choices(newest, k=ARRIVALS)
        for pack, kind, _ in arrivals:
            with judging_:
                judge.only(*judge.affected(pack))
                for rule in book.concerning(frozenset({kind})):
                    findings_of_rule(judge, rule, now)
    for pack, kind, event in arrivals:
        with checking:
            check_event(store, book, pack=pack, event=event, at=now, touched=frozenset({kind}))
    return {"judging": judging_.spread(), "checking": checking.spread()}


class _Times:
    """Milliseconds of what is done inside, of the processor and of the clock on the wall."""

    def __init__(self) -> None:
        self.cpu: list[float] = []
        self.wall: list[float] = []

    def __enter__(self) -> None:
        self.start = time.process_time(), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.cpu.append((time.process_time() - self.start[0]) * 1000)
        self.wall.append((time.perf_counter() - self.start[1]) * 1000)

    def spread(self) -> dict[str, float]:
        return {**_spread(self.cpu, "cpu"), **_spread(self.wall, "wall")}


def _recording(store: Store, population: Population, seed: int) -> dict[str, float]:
    """Milliseconds to renew the facts of a pack when one event came."""
    by_pack: dict[str, list[Any]] = {}
    for event, receipt in population.events():
        by_pack.setdefault(event.pack, []).append((event, receipt))
    chosen = random.Random(seed)  # noqa: S311 (no secret)
    times: list[float] = []
    with writing(store) as facts:
        for pack in chosen.choices(sorted(by_pack), k=ARRIVALS):
            listed = by_pack[pack]
            history = History.of(pack, ((event, receipt.digest) for event, receipt in listed))
            start = time.process_time()
            record(facts, history, {event.id: receipt for event, receipt in listed})
            times.append((time.process_time() - start) * 1000)
    return _spread(times, "cpu")


def _spread(times: list[float], name: str) -> dict[str, float]:
    ordered = sorted(times)
    return {
        f"{name}Median": round(statistics.median(ordered), 2),
        f"{name}P95": round(ordered[int(len(ordered) * 0.95)], 2),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--packs", type=int, default=96_000, help="packs of the largest size; a tenth and a hundredth too"
    )
    parser.add_argument("--each", type=int, default=3, help="planted violations of each rule")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", help="database of the largest size; by default an SQLite file that is removed")
    parser.add_argument("--again", action="store_true", help="only arrivals, in the database of --url")
    options = parser.parse_args()
    if options.again:
        store = Store.open(options.url)
        print(json.dumps(_arrivals(store, options.seed, NOW), indent=1))
        return 0
    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        for size in (options.packs // 100, options.packs // 10, options.packs):
            url = options.url if options.url and size == options.packs else f"sqlite:///{Path(folder) / f'{size}.db'}"
            sizes.append(measure(size, options.each, options.seed, url))
            print(f"{sizes[-1]['events']} events: {sizes[-1]['fullPass']}", file=sys.stderr)
    small, large = sizes[0], sizes[-1]
    ratio = large["fullPass"]["cpu"] / max(small["fullPass"]["cpu"], 0.001)
    n_log_n = large["events"] * math.log(large["events"]) / (small["events"] * math.log(small["events"]))
    report = {
        "machine": platform.platform(), "python": platform.python_version(), "sqlite": sqlite3.sqlite_version,
        "rules": len(rulebook().rules), "sizes": sizes,
        "growth": {"fullPass": round(ratio, 1), "nLogN": round(n_log_n, 1)},
    }  # fmt: skip
    print(json.dumps(report, indent=1))
    short = [
        *(f"missed {size['missed']}" for size in sizes if size["missed"]),
        *(f"false alarms {size['falseAlarms'][:5]}" for size in sizes if size["falseAlarms"]),
        *(["full pass too slow"] if large["fullPass"]["cpu"] > FULL_PASS_SECONDS else []),
        *(["arriving event too slow"] if large["arrivingEventMs"]["judging"]["cpuMedian"] > EVENT_MILLISECONDS else []),
        *(["grows faster than n log n"] if ratio > n_log_n else []),
    ]
    for line in short:
        print(f"short of the target: {line}", file=sys.stderr)
    return int(bool(short))


if __name__ == "__main__":
    sys.exit(main())
