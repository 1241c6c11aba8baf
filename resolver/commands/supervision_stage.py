"""What ``passport demo --supervision`` shows: a small population of packs, and the desk of the authority before it.

Ten rings and single violations are hidden among honest packs. Every event is signed by its actor, accredited, accepted
by the demo's inbox and in its log; only the second and third registration of the clone series are recorded past the
inbox, as by other software. ``docs/rings.md`` walks through the desk.

The population is signed once for a demo folder, as of that day. Later runs judge it again: deadlines pass.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from passport.commands.events.event_intake import Supervision
from passport.commands.events.log_keys import LOG_KEYS, log_signer
from passport.commands.terminal import console
from passport.exchange.records import record_files
from passport.linked_data import resources, strict_json
from passport.linked_data.json_types import JsonObject
from passport.oversight.alert_register import AlertRegister
from passport.oversight.stated_facts import contents_of
from passport.population.life import PackDesign
from passport.population.rings import RINGS
from passport.population.signed_population import PassportOperator, SignedPopulation, sign_population
from passport.project import Project
from passport.publishing.log.log_checkpoints import Log, log_name
from passport.store import Store
from passport.store.log.log_writing import EVENTS
from passport.store.state.alert_handling import AlertHandling
from passport.supervision.alerts import LIVE
from passport.supervision.rulebook import rulebook
from passport.texts import Message
from resolver.commands.story_projects import make_key

#: Honest packs of the demonstration.
PACKS = 140
#: Single violations beside the rings, each with its near miss: of rules that no ring breaks.
VIOLATIONS = (
    "silent-pack", "impossible-travel", "late-report", "report-overdue", "two-packs-in-vehicle",
    "pack-older-than-vehicle", "outlet-missing", "silent-in-use", "worn-as-new", "cycles-fall", "recovery-below-limit",
    "recovery-above-content",
)  # fmt: skip
_MADE = "population.json"
#: The example whose model the packs have.
_PATTERN = "ev-ncm-100kwh.xlsx"


@dataclass(frozen=True)
class SupervisionStage:
    """:ivar project: of the demo: the authority's node, which has the events of all."""

    project: Project
    store: Store

    def play(
        self, at: datetime, *, packs: int = PACKS, violations: Sequence[str] = VIOLATIONS
    ) -> SignedPopulation | None:
        """Sign the population, once, and judge it as of ``at``.

        :param packs: honest ones; :param violations: rules that are broken once, beside the rings.
        :returns: None where it was signed before.
        """
        made, path = None, self.project.folder / "out" / _MADE
        if not path.exists():
            made = sign_population(
                self.store, self.project.base_url, at, packs=packs, rules=violations,
                operator=_operator(self.project), progress=_progress,
            )  # fmt: skip
            self._trust(made.trusted)
            make_key(self.project.folder / LOG_KEYS[EVENTS])
            log = Log(self.store, EVENTS, log_name(self.project.base_url, EVENTS))
            signer = log_signer(self.project, LOG_KEYS[EVENTS], None)
            log.sign(signer)
            public = (self.project.folder / LOG_KEYS[EVENTS]).with_suffix(".vkey")
            console.write_output(public, f"{log.key(signer)}\n".encode())
            counts = {"packs": len(made.population.lives), "events": len(made.population.reported),
                      "actors": made.actors}  # fmt: skip
            console.write_output(path, strict_json.dumps(counts) + b"\n")
        Supervision(self.project, self.store).follow(at)
        return made

    def _trust(self, entries: Iterable[JsonObject]) -> None:
        path = self.project.trust_list_path
        listed = strict_json.loads(path.read_bytes())
        listed["issuers"] += entries
        console.write_output(path, (json.dumps(listed, ensure_ascii=False, indent=2) + "\n").encode())

    @property
    def counts(self) -> JsonObject:
        """How many packs, events and actors there are."""
        counts: JsonObject = strict_json.loads((self.project.folder / "out" / _MADE).read_bytes())
        return counts

    @property
    def alerts(self) -> Counter[str]:
        """Unresolved alerts by severity."""
        entries = AlertRegister(self.store, AlertHandling(self.project.state_path), rulebook()).entries()
        return Counter(entry.rule.severity for entry in entries if entry.status in LIVE)

    def commands(self, role: tuple[Path, Path]) -> dict[str, str]:
        """Ready-to-paste commands. :param role: files of the key and of the role credential of China's regulator."""
        program, at_project = console.program(), f"--project {self.project.folder}"
        key_path, role_path = role
        return {
            "present": f"{program} present {role_path} --key {key_path} --domain {self.project.base_url}"
            " --challenge CHALLENGE",
            "alerts": f"{program} alerts list --severity high {at_project}",
            "check": f"{program} supervise check {at_project}",
            "audit": f"{program} log verify {at_project}",
        }

    def document(self, role: tuple[Path, Path]) -> JsonObject:
        """All of it for a program, what is hidden included."""
        return {
            **self.counts, "desk": f"{self.project.base_url}/present", "alerts": dict(self.alerts),
            "rings": {code: dict(name) for code, (name, _) in RINGS.items()}, "violations": list(VIOLATIONS),
            "commands": self.commands(role),
        }  # fmt: skip

    def show(self, role: tuple[Path, Path]) -> None:
        """Print what to look at."""
        commands, counts, alerts = self.commands(role), self.counts, self.alerts
        console.say()
        console.say(Message("Supervision: what should not happen, found from signed events"))
        console.say("  ", Message("{events} events of {packs} packs and {actors} actors, signed, accepted and logged",
                                  events=counts["events"], packs=counts["packs"], actors=counts["actors"]))  # fmt: skip
        console.say("  ", Message("{n} alert is open, {high} of them high",
                                  plural="{n} alerts are open, {high} of them high",
                                  n=alerts.total(), high=alerts["high"]))  # fmt: skip
        console.say("  ", Message("Ten rings are hidden in them; docs/rings.md walks to each from the desk alone."))
        console.say_fact(Message("Desk"), f"{self.project.base_url}/present", 12)
        console.say_wrapped(
            Message("Come in as China's regulator: leave the passport empty, and paste what this prints")
        )
        console.say_command(commands["present"])
        console.say(Message("List alerts, judge again, audit the log"))
        for name in ("alerts", "check", "audit"):
            console.say_command(commands[name])


def _operator(project: Project) -> PassportOperator:
    """The demo's issuer, with the model of an example."""
    (pattern,) = record_files.read(resources.path(f"examples/{_PATTERN}"))[0][:1]
    mass = Decimal(str(pattern.model["batteryMass"]))
    stated = {
        "batteryMass": str(mass),
        "criticalRawMaterials": [
            {"substanceIdentifier": entry["identifier"], "massFraction": entry["massFraction"]}
            for entry in pattern.model["criticalRawMaterials"]
        ],
    }
    contents = {material: Decimal(grams) / 1000 for material, grams in contents_of(stated).items()}
    return PassportOperator(project.issuer_with_key(None), pattern, PackDesign(mass, contents))


def _progress(done: int, total: int) -> None:
    if done % 200 == 0:
        console.progress(console.spoken(Message("signing events: {done} of {total}", done=done, total=total)))
