"""A desk to find rings at: a project with ten rings, planted violations, near misses and honest packs, and its server.

    python -m benchmarks.ring_desk                          in ./rings, at http://127.0.0.1:8080
    python -m benchmarks.ring_desk --packs 100000 --no-serve

What lies behind violations, near misses and rings is really signed, accredited and logged. The honest packs are facts
only; so the facts are marked as those of a benchmark, and ``passport supervise rebuild`` refuses to replace them.
``docs/rings.md`` walks through the desk. The commands to come in as China's regulator are printed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.population import Population
from benchmarks.rings import Ring, legal_names, plant_rings
from benchmarks.signed_events import SignedEvents
from benchmarks.violations import STORIES, plant
from passport.commands.companies.grant import role_credential
from passport.commands.keeping.init import make_project
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.lifecycle import History
from passport.linked_data import strict_json
from passport.oversight.supervisor import check
from passport.project import CONFIGURATION, Project
from passport.publishing.log.log_checkpoints import Log, log_name
from passport.publishing.publisher import Publisher
from passport.store import Store
from passport.store.facts.fact_writing import BENCHMARK, writing
from passport.store.log.log_writing import EVENTS
from passport.supervision.pack_facts import PackFacts, facts_of
from passport.supervision.rulebook import rulebook
from passport.vocabulary.vocabulary import Audience

#: The honest part begins so long before the day of judgement.
_SPAN = timedelta(days=1400)


@dataclass(frozen=True)
class RingDesk:
    """:ivar expected: rule and subject of each alert that must be open, and of no other.

    :ivar refused: codes of the faults of events that were recorded past the inbox, by id.
    """

    population: Population
    rings: dict[str, Ring]
    expected: frozenset[tuple[str, str]]
    refused: dict[str, tuple[str, ...]]


def make(
    project: Project, store: Store, now: datetime, *, packs: int, rules: tuple[str, ...] | None = None, seed: int = 1
) -> RingDesk:
    """Sign and hand in what is planted, add honest packs, judge, and pin the keys of all signers in the trust list.

    :param packs: honest ones; :param rules: with a planted violation and a near miss; None: all.
    """
    population = Population(seed=seed, now=now, base_url=project.base_url, start=now - _SPAN)
    rings = plant_rings(population)
    expected = {alert for ring in rings.values() for alert in ring.alerts}
    for rule in STORIES if rules is None else rules:
        expected |= plant(population, rule)
    planted = list(population.reported)
    signed = SignedEvents(store, population, base_url=project.base_url, names=legal_names())
    refused = signed.hand_in(planted)
    trust = strict_json.loads(project.trust_list_path.read_bytes())
    trust["issuers"] += signed.trusted()
    project.trust_list_path.write_text(json.dumps(trust, ensure_ascii=False, indent=1), encoding="utf-8")
    population.fill(packs)
    with writing(store) as facts:
        facts.begin(BENCHMARK)
        facts.fill(_facts(population, store))
        facts.refer(**population.references())
    check(store, rulebook(), now)
    return RingDesk(population, rings, frozenset(expected), refused)


def _facts(population: Population, store: Store) -> Iterator[PackFacts]:
    """The rows of each pack; signed events with the digest of what was signed."""
    by_pack: dict[str, list[tuple[object, object]]] = {}
    for event, receipt in population.events():
        by_pack.setdefault(event.pack, []).append((event, receipt))
    for pack, listed in by_pack.items():
        digests = {row.id: row.digest for row in store.event_chain(pack)}
        receipts = {
            event.id: replace(receipt, credential=event.id, digest=digests.get(event.id, receipt.digest))
            for event, receipt in listed
        }
        history = History.of(pack, ((event, receipts[event.id].digest) for event, _ in listed))
        rows = facts_of(history, receipts)
        if rows is not None:
            yield rows


def project_of(folder: Path, base_url: str) -> Project:
    """A project of an authority, with a signed log."""
    return make_project(folder, base_url, names={"en": "Supervision, demonstration", "zh": "监管演示"})


def sign_in(project: Project, store: Store, now: datetime) -> tuple[Path, Path]:
    """A key and a role credential of China's regulator, as files."""
    key_path, role_path = project.folder / "keys" / "regulator.pem", project.folder / "out" / "regulator-role.jsonld"
    key = PrivateKey.generate()
    key.save(key_path, None)
    role = role_credential(
        project, project.issuer_with_key(None), key.public_key.did_key, Audience.CN_REGULATOR, "supervision", (),
        now - timedelta(minutes=5), now + timedelta(days=30), store=store,
    )  # fmt: skip
    role_path.parent.mkdir(exist_ok=True)
    role_path.write_bytes(strict_json.dumps(role))
    return key_path, role_path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("rings"), help="where it lives; kept from run to run")
    parser.add_argument("--packs", type=int, default=2_000, help="honest packs, about ten events each")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--no-serve", action="store_true", help="stop before serving")
    options = parser.parse_args()
    base_url = f"http://127.0.0.1:{options.port}"
    now = datetime.now(UTC).replace(microsecond=0)
    if (options.folder / CONFIGURATION).exists():
        project = Project.open(options.folder)
        Publisher.of_project(project, project.open_store(), None).sign_status_lists(at=now)
    else:
        project = project_of(options.folder, base_url)
        store = project.open_store()
        print("signing and handing in what is planted; this takes a minute or two", flush=True)
        made = make(project, store, now, packs=options.packs)
        Log(store, EVENTS, log_name(base_url, EVENTS)).sign(KeySigner(PrivateKey.generate(Algorithm.ED25519)))
        sign_in(project, store, now)
        print(f"{len(made.population.reported)} events, {len(made.expected)} alerts", flush=True)
        store.close()
    folder = options.folder
    print(
        f"Come in at {project.base_url}/present. Leave the passport empty; the presentation is what this prints:\n"
        f"  passport present {folder}/out/regulator-role.jsonld --key {folder}/keys/regulator.pem"
        f" --domain {project.base_url} --challenge CHALLENGE\n"
        "where CHALLENGE is the one on that page. docs/rings.md walks through the desk.",
        flush=True,
    )
    if not options.no_serve:
        from resolver.commands.serve import run_server

        run_server(project, "127.0.0.1", options.port)


if __name__ == "__main__":
    main()
