"""The supervision desk at full size: processor milliseconds of each page.

    python -m benchmarks.desk [--packs 96000] [--each 3] [--seed 1] [--url sqlite:////tmp/desk.db]

It makes a project with the facts of a seeded population (about ten events a pack), judges them, and asks for every page
as an authority does, several times: the first time and the middle of the others are printed. Times are processor time
of this process. One JSON document goes to standard output. With ``--url`` the
database is kept, and one that is filled already is measured as it is.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from passport.commands.companies.grant import role_credential
from passport.commands.keeping.init import make_project
from passport.credentials.issuer import Issuer
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.shared_secret import SharedSecret
from passport.identity.signer import KeySigner
from passport.oversight.supervisor import check
from passport.population.population import NOW, Population
from passport.population.violations import STORIES, plant
from passport.project import Project
from passport.store import Store
from passport.store.facts.fact_writing import BENCHMARK, writing
from passport.supervision.rulebook import rulebook
from passport.vocabulary.vocabulary import Audience
from resolver.app import create_app
from resolver.config import ResolverConfig

BASE = "https://passport.example.com"
TIMES = 5
VIN = "LEXTEST0600000001"


def fill(store: Store, packs: int, each: int, seed: int, now: datetime) -> Population:
    """Facts and alerts of a population."""
    population = Population(seed=seed, now=now)
    population.fill(packs)
    for _ in range(each):
        for rule in STORIES:
            plant(population, rule)
    with writing(store) as facts:
        facts.begin(BENCHMARK)
        facts.fill(population.facts())
        facts.refer(**population.references())
    check(store, rulebook(), now)
    return population


class Reader:
    """An authority before the desk."""

    def __init__(self, project: Project, store: Store, now: datetime) -> None:
        config = replace(ResolverConfig.from_project(project), vehicle_keys=(SharedSecret("k1", bytes(range(32))),))
        self.client = create_app(config, store=store, now=lambda: now).test_client(use_cookies=False)
        holder = PrivateKey.generate(Algorithm.P256)
        role = role_credential(
            project, project.issuer_with_key(None), holder.public_key.did_key, Audience.CN_REGULATOR, "benchmark", (),
            now - timedelta(minutes=5), now + timedelta(days=30), store=store,
        )  # fmt: skip
        self.client.environ_base["wsgi.errors"] = sys.stderr
        presentation = Issuer(holder.public_key.did_key, KeySigner(holder)).present(
            [role], challenge=self.client.get("/token").json["challenge"], domain=BASE, created=now
        )
        answer = self.client.post("/token", json={"presentation": presentation})
        self.token = answer.json["access_token"]

    def measure(self, path: str, **fields: str) -> dict[str, Any]:
        """Milliseconds of the first time, and the middle of the others; size of the page."""
        times = []
        for _ in range(TIMES + 1):
            start = time.process_time()
            answer = self.client.post(path, data={"access_token": self.token, **fields})
            times.append((time.process_time() - start) * 1000)
            if answer.status_code != 200:
                raise SystemExit(f"{path}: {answer.status_code}")
        return {
            "firstMs": round(times[0], 1), "medianMs": round(statistics.median(times[1:]), 1),
            "bytes": len(answer.get_data()),
        }  # fmt: skip


def _counted(store: Store, table: str) -> int:
    with store.engine.connect() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packs", type=int, default=96_000)
    parser.add_argument("--each", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", help="database, kept or filled already; by default an SQLite file that is removed")
    options = parser.parse_args()
    # Years of events lie before that day, as they do in the benchmark of the rules.
    now = NOW
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder) / "project", BASE, names={"en": "Benchmark", "zh": "基准"})
        store = Store.open(options.url or f"sqlite:///{Path(folder) / 'passports.db'}")
        if not _counted(store, "fact_packs"):
            fill(store, options.packs, options.each, options.seed, now)
        reader = Reader(project, store, now)
        alerts = reader.client.post("/desk/alerts?format=json", data={"access_token": reader.token}).json["items"]
        of_rule = {item["rule"]: item for item in alerts}
        with store.engine.connect() as connection:
            largest = connection.exec_driver_sql(
                "SELECT actor FROM fact_volumes WHERE kind = '' ORDER BY n DESC LIMIT 1"
            ).scalar_one()
            code = connection.exec_driver_sql("SELECT code FROM fact_packs ORDER BY number LIMIT 1").scalar_one()
        month = (now - timedelta(days=60)).strftime("%Y-%m")
        pages: dict[str, tuple[str, dict[str, str]]] = {
            "alerts": ("/desk/alerts", {}),
            "alerts, filtered": ("/desk/alerts?severity=high&deadline=late", {}),
            "one alert": (f"/desk/alerts/{of_rule['hand-over-without-receipt']['id']}", {}),
            "alert of an actor": (f"/desk/alerts/{of_rule['sudden-volume']['id']}", {}),
            "pack": ("/desk/packs/1", {}),
            "largest actor": (f"/desk/actors/{quote(largest)}", {}),
            "small actor": (f"/desk/actors/{quote(of_rule['sudden-volume']['actors'])}", {}),
            "flows": (f"/desk/flows?month={month}", {}),
            "flows of a province": (f"/desk/flows?month={month}&province=CN-GD", {}),
            "search by code": ("/desk/search", {"q": code}),
            "search by end of code": ("/desk/search", {"q": code[-7:]}),
            "search by VIN": ("/desk/search", {"vin": VIN, "foreign": "1"}),
            "completeness": ("/desk/completeness", {}),
            "overdue": ("/desk/overdue", {}),
            "scrapping": ("/desk/scrap", {"vin": VIN, "foreign": "1", "codes": code}),
            "looks": ("/desk/looks", {}),
            "own duties": ("/duties", {}),
        }
        report = {
            "events": _counted(store, "fact_events"), "packs": _counted(store, "fact_packs"), "alerts": len(alerts),
            "pages": {name: reader.measure(path, **fields) for name, (path, fields) in pages.items()},
        }  # fmt: skip
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
