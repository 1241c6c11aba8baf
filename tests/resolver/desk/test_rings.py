"""docs/rings.md is walked over HTTP, as a stranger before the desk does, and each ring is proved from signed events."""

from __future__ import annotations

import html
import json
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sql

from passport.belonging import passport_verifier
from passport.commands.keeping.init import make_project
from passport.oversight.supervised_store import rebuild_from_events
from passport.oversight.supervisor import judge_all
from passport.population.rings import RINGS, legal_names
from passport.population.signed_population import SignedPopulation
from passport.store import Store
from passport.store.facts import fact_tables
from passport.supervision.rulebook import rulebook
from passport.vocabulary.credential_types import PASSPORT
from passport.vocabulary.vocabulary import Audience
from resolver.commands.supervision_stage import VIOLATIONS, SupervisionStage
from tests.each import each
from tests.resolver.conftest import BASE, HTML, NOW, Operator, Site, make_site

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "rings.md").read_text(encoding="utf-8")
#: Heading, address, number of alerts, rules, and the paragraph of the proof.
WALK = re.findall(
    r"## \d+\. ([^\n]+)\n\nAsk for `([^`]+)`: \*\*(\d+)\*\* alerts \(([^)]+)\)\.\n.*?\*Proof:\* (.*?)\n\n",
    PAGE,
    re.DOTALL,
)


#: Rules that rest on signed passports and read-outs.
STATED = ("silent-in-use", "cycles-fall", "recovery-below-limit", "recovery-above-content")


@dataclass(frozen=True)
class RingSite:
    """The site of the walk. :ivar file: its database; :ivar token: of China's regulator."""

    site: Site
    made: SignedPopulation
    stage: SupervisionStage
    file: Path
    token: str

    def post(self, path: str, **fields: str):
        return self.site.client.post(path, data={"access_token": self.token, **fields}, headers=HTML)

    def alerts(self, address: str) -> list[dict]:
        return self.post(f"{address}{'&' if '?' in address else '?'}format=json").json["items"]


@pytest.fixture(scope="module")
def walked(tmp_path_factory) -> RingSite:
    folder = tmp_path_factory.mktemp("rings")
    project = make_project(folder / "project", BASE, names={"en": "Example Operator", "zh": "示例运营者"})
    store = Store.open(f"sqlite:///{folder / 'rings.db'}")
    stage = SupervisionStage(project, store)
    made = stage.play(NOW, packs=4, violations=(*VIOLATIONS[:1], *STATED))
    site = make_site(Operator(project, store, {}), folder)
    return RingSite(site, made, stage, folder / "rings.db", site.token(Audience.CN_REGULATOR))


def test_the_page_tells_every_ring_by_its_name():
    assert [heading for heading, *_ in WALK] == [name["en"] for name, _ in RINGS.values()]


@pytest.mark.torture
def test_from_afar_the_list_of_actors_names_each_ring_and_no_honest_actor(walked):
    page = walked.post("/desk/alerts?lang=en").text
    listed = re.findall(r"actor=did%3Aweb%3A(\w+)\.example", page)
    assert {f"did:web:{name}.example" for name in listed} <= set(legal_names())
    assert {ring.actors[0] for ring in walked.made.rings.values()} <= {f"did:web:{name}.example" for name in listed}


@each("step", WALK)
def test_the_walk_finds_each_ring_and_proves_it_from_signed_events(walked, step):
    heading, address, count, rules, proof = step
    items = walked.alerts(address)
    assert len(items) == int(count)
    assert {item["rule"] for item in items} == set(re.findall(r"`([a-z-]+)`", rules))
    ring = next(ring for ring in walked.made.rings.values() if ring.name["en"] == heading)
    assert {(item["rule"], item["pack"]) for item in items} == ring.alerts
    shown = walked.post(f"/desk/alerts/{items[0]['id']}?lang=en").text
    outcomes = re.findall(r'class="o_ (\w+)"', shown)
    assert set(outcomes) <= {"ok", "qm"} and outcomes.count("ok") >= 9
    verifier = passport_verifier(walked.site.operator.project.trust_list())
    kinds, told = set(), ""
    # A file for each pack of the alert; the page leads to all of them.
    for file in dict.fromkeys(re.findall(rf'="(/desk/alerts/{items[0]["id"]}/evidence[^"]*)"', shown)):
        signed = json.loads(walked.post(html.unescape(file)).data)
        result = verifier.verify(signed, at=NOW)
        assert result.verified, [check.detail for check in result.checks]
        subjects = [part["credentialSubject"] for part in signed["verifiableCredential"]]
        kinds |= {subject["lifecycleEvent"] for subject in subjects if "lifecycleEvent" in subject}
        told += json.dumps(signed)
    assert set(re.findall(r"`([a-z_]+)`", proof)) <= kinds
    assert ring.actors[0] in told


def test_nine_rings_pass_the_inbox_and_the_clone_series_does_not(walked):
    clones = {pack for _, pack in walked.made.rings["clone-series"].alerts}
    packs = {event.id: event.pack for _, _, event in walked.made.population.reported}
    assert set(walked.made.refused.values()) == {("code-cloned",)}
    assert {packs[id_] for id_ in walked.made.refused} < clones and len(walked.made.refused) == len(clones) - 1


def test_the_alerts_are_what_is_hidden_and_nothing_else_also_after_a_rebuild(walked, tmp_path):
    made = walked.made
    with sqlite3.connect(walked.file) as original, sqlite3.connect(tmp_path / "copy.db") as copy:
        original.backup(copy)
    store = Store.open(f"sqlite:///{tmp_path / 'copy.db'}")
    rebuild_from_events(store)
    assert {(finding.rule, finding.subject) for finding in judge_all(store, rulebook(), NOW)} == made.expected
    store.close()
    assert VIOLATIONS[0] in {rule for rule, _ in made.expected}
    items = walked.alerts("/desk/alerts")
    assert {(item["rule"], item["pack"] or item["actor"]) for item in items} <= made.expected
    assert walked.stage.alerts.total() >= len(made.expected)


def test_the_demonstration_says_where_to_look_and_signs_nothing_a_second_time(walked, capsys):
    events = walked.stage.counts["events"]
    assert events == len(walked.made.population.reported)
    assert walked.stage.play(NOW) is None and walked.stage.counts["events"] == events
    role = (Path("regulator.pem"), Path("role.jsonld"))
    walked.stage.show(role)
    text = capsys.readouterr().out
    assert f"{events} events".replace(",", "") in text.replace(",", "") and f"{BASE}/present" in text
    document = walked.stage.document(role)
    assert set(document["rings"]) == set(walked.made.rings)
    pasted = text.replace(" \\\n    ", " ")
    assert all(command in pasted for command in document["commands"].values())


def test_the_pictures_are_small():
    for name in re.findall(r"\(images/([\w-]+\.png)\)", PAGE):
        assert (DOCS / "images" / name).stat().st_size < 120_000


@each("rule", STATED)
def test_what_rules_say_of_read_outs_and_contents_rests_on_signed_credentials(walked, rule):
    assert rule in VIOLATIONS
    store = walked.site.operator.store
    (pack,) = (pack for name, pack in walked.made.expected if name == rule)
    (item,) = walked.alerts(f"/desk/alerts?rule={rule}")
    assert item["pack"] == pack
    with store.engine.connect() as connection:
        read_outs = connection.execute(
            sql.select(fact_tables.readouts).where(fact_tables.readouts.c.pack == pack)
        ).all()
        contents = connection.execute(sql.select(fact_tables.contents).where(fact_tables.contents.c.pack == pack)).all()
    assert {row.material for row in contents} >= {"lithium", "copper"}
    signed = [store.credential(row.credential) for row in read_outs]
    assert len(signed) == {"silent-in-use": 1, "cycles-fall": 2}.get(rule, 0)
    verifier = passport_verifier(walked.site.operator.project.trust_list())
    passport = store.current(pack, PASSPORT)
    for credential in (passport, *signed):
        assert verifier.verify(credential.document, at=NOW).check(2).passed
    # Its event names the passport that was issued.
    named = [event.text("issuedCredential") for _, _, event in walked.made.population.reported
             if event.pack == pack and event.kind == "issue_passport"]  # fmt: skip
    assert named == [passport.id]


def test_the_loader_refuses_the_read_out_with_fewer_cycles(walked):
    assert walked.made.past_loader == tuple(pack for rule, pack in walked.made.expected if rule == "cycles-fall")
