"""The story that ``passport demo --story`` plays: one pack from cell to recycled cathode powder, nine actors.

``examples/story.json`` tells it. It is played in the way that events go in real life, on a clock of its own:

* A registrar lists sixteen enterprises of every role, the actors among them.
* An authority accredits nine actors. Each has a project folder with its own key; the maker's is the demo itself.
* Each of the two passports is issued by its own economic operator. Both publish at the address of the demo: the project
  of the second one names the demo's store and base URL.
* The carmaker makes the key for hashes of vehicles and delivers it, encrypted, to those who handle vehicles.
* Each event is signed by its actor at the time at which it happens, and handed in to the inbox of the demo. The actor
  keeps its receipt.
* At the end of each year of the story a witness cosigns the log, and at the end of it supervision judges all of it.

What was accepted stays: played again, the story goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from passport.battery.record import Record
from passport.commands.events.event_intake import Supervision, inbox_of, save_receipts
from passport.commands.events.log_keys import LOG_KEYS, WITNESS_KEY, log_signer, receipt_writer
from passport.commands.events.vehicle_key import KIND as VEHICLE_KEY
from passport.commands.terminal import console
from passport.errors import FaultyRecord
from passport.exchange.records import record_files
from passport.identity.keys import PrivateKey
from passport.identity.shared_secret import SharedSecret
from passport.lifecycle import Permit, Predecessor
from passport.linked_data import resources, strict_json
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.publishing.events.accreditation import ActorStatement
from passport.publishing.events.actor_grants import ActorGrants
from passport.publishing.events.inbox import Inbox, Status
from passport.publishing.events.reporting import Reporter
from passport.publishing.log.log_checkpoints import Log, log_name
from passport.publishing.log.log_sources import StoredLog
from passport.publishing.log.log_witness import cosign_log
from passport.publishing.publisher import Publisher
from passport.publishing.status.status_lists import StatusLists
from passport.store import Store
from passport.store.log.log_writing import EVENTS
from passport.store.log.witness_state import WitnessState
from passport.texts import Message
from passport.transparency.note import Kind, NoteKey
from passport.vocabulary.credential_types import ACTOR, PASSPORT
from resolver.commands.story_directory import StoryDirectory
from resolver.commands.story_projects import actor_project, make_key, operator_project, trust

#: From when and until when the accreditations of the story are valid.
_SINCE, _UNTIL = datetime(2019, 1, 1, tzinfo=UTC), datetime(2039, 1, 1, tzinfo=UTC)
#: An event is signed and handed in so long after it happened.
_REPORTED = timedelta(hours=1)
_REGISTRATION = "EXAMPLE-1"


def story() -> JsonObject:
    """The story as it is told."""
    told: JsonObject = strict_json.loads(resources.path("examples/story.json").read_bytes())
    return told


@dataclass(frozen=True)
class Actor:
    """One of the nine: its project, its reporter, and what it encloses."""

    project: Project
    reporter: Reporter


class StoryStage:
    """Where the story is played: the demo's project, and those of the others below ``actors/``.

    :param project: of the demo, which is the maker's.
    """

    def __init__(self, project: Project, store: Store) -> None:
        self.told = story()
        self.project = project
        self.store = store
        self.authority = actor_project(project, "authority", self.told["authority"])
        self.witness = actor_project(project, "witness", self.told["witness"])
        trust(project, self.authority.issuer, self.told["authority"], [ACTOR])
        for owner, path in ((project, LOG_KEYS[EVENTS]), (self.witness, WITNESS_KEY)):
            make_key(owner.folder / path)
        self.log = Log(store, EVENTS, log_name(project.base_url, EVENTS))
        self.log_key = self.log.key(log_signer(project, LOG_KEYS[EVENTS], None))
        self._witness_signer = log_signer(self.witness, WITNESS_KEY, None)
        witness_name = f"{self.witness.base_url.split('://', 1)[1]}/witness"
        self.witness_key = NoteKey(witness_name, Kind.WITNESS, self._witness_signer.public_key)
        for path, vkey in (
            (project.folder / LOG_KEYS[EVENTS], self.log_key),
            (self.witness.folder / WITNESS_KEY, self.witness_key),
        ):
            console.write_output(path.with_suffix(".vkey"), f"{vkey}\n".encode())
        self._authority_store = self.authority.open_store()
        #: Names of the actors that issue a passport, in the order of the passports.
        self._publishers = tuple(dict.fromkeys(passport["issuer"] for passport in self.told["passports"]))
        self.actors = {name: self._actor(name, each) for name, each in self.told["actors"].items()}
        self._deliver_vehicle_key()
        self.names: dict[str, str] = {name: actor.project.issuer for name, actor in self.actors.items()}
        self.directory = StoryDirectory(project, store, self.told, self.names)

    # --- what is there before the first event -------------------------------------------------------------------------

    def issue(self) -> None:
        """Issue the two passports, each at its time and by its own issuer; issued ones stay."""
        packs: dict[str, Record] = {}
        for passport in self.told["passports"]:
            record = _record(passport, self.names, packs)
            packs[passport["name"]] = record
            # Issuing signs the status lists anew: those of an issued passport are never signed for a time that is past.
            issued_at = datetime.fromisoformat(passport["issuedAt"])
            at = console.now() if self.store.packs_named(record.pack["serialNumber"]) else issued_at
            publisher = self._publisher(passport["issuer"])
            entry = publisher.issue([record], at=at, on=issued_at.date())
            subject, prefix = entry.of_kind("pack")[0].subject, "" if passport["name"] == "pack" else "cabinet_"
            credential = self.store.current(subject, PASSPORT)
            self.names[passport["name"]] = subject
            self.names[f"{prefix}model"] = entry.of_kind("model")[0].subject
            self.names[f"{prefix}passport"] = credential.id if credential is not None else ""

    def sign_lists(self, at: datetime) -> None:
        """Sign the status lists of both issuers as of ``at``: after the story, those of its time have ended."""
        for name in self._publishers:
            self._publisher(name).sign_status_lists(at=at)

    def publish_directory(self, at: datetime) -> int:
        """List the enterprises of the story. :returns: how many there are."""
        return self.directory.publish(_SINCE, _UNTIL, at)

    def _publisher(self, name: str) -> Publisher:
        return Publisher.of_project(self.actors[name].project, self.store, None)

    def _actor(self, name: str, told: JsonObject) -> Actor:
        if name == "maker":
            project = self.project
        elif name in self._publishers:
            project = operator_project(self.project, name, told["name"])
        else:
            project = actor_project(self.project, name, told["name"])
        path = self.authority.folder / "out" / f"{name}.jsonld"
        if not path.exists():
            permits = (Permit(told["permit"], _REGISTRATION, _SINCE),) if "permit" in told else ()
            statement = ActorStatement(
                holder=project.issuer, legal_name=told["name"], roles=tuple(told["roles"]),
                registration_number=_REGISTRATION, manufacturer_codes=tuple(told.get("manufacturerCodes", ())),
                permits=permits,
            )  # fmt: skip
            grants = ActorGrants(self._authority_store, self.authority.issuer_with_key(None), self.authority.base_url)
            console.write_output(
                path, strict_json.dumps(grants.grant(statement, valid_from=_SINCE, valid_until=_UNTIL))
            )
        reporter = Reporter(
            project.issuer_with_key(None), project.base_url, self._head,
            accreditation=strict_json.loads(path.read_bytes()),
        )  # fmt: skip
        return Actor(project, reporter)

    def _head(self, pack: str) -> Predecessor | None:
        row = self.store.event_head(pack)
        return None if row is None else Predecessor(row.id, row.digest)

    def _deliver_vehicle_key(self) -> None:
        holders = [self.actors[name] for name, told in self.told["actors"].items() if told.get("vehicleKey")]
        maker, *others = holders
        secrets = maker.project.vehicle_keys()
        secret = secrets[0] if secrets else SharedSecret.generate()
        if not secrets:
            maker.project.keep_vehicle_key(secret)
        for other in others:
            if not other.project.vehicle_keys():
                key = PrivateKey.load(other.project.key_path, None)
                sealed = secret.sealed_for(key.public_key, kind=VEHICLE_KEY)
                other.project.keep_vehicle_key(SharedSecret.opened(sealed, key, kind=VEHICLE_KEY))
        for holder in holders:
            holder.reporter.vehicle_keys = holder.project.vehicle_keys()

    # --- the events ---------------------------------------------------------------------------------------------------

    def play(self) -> int:
        """Hand in each event that is not accepted yet. :returns: how many were handed in.

        :raises FaultyRecord: one was refused.
        """
        inbox = inbox_of(self.project, self.store, receipt_writer(self.project, self.store, None))
        lists = StatusLists(self._authority_store, self.authority.issuer_with_key(None), self.authority.base_url)
        played, unseen = 0, None
        for actor, document in self.steps():
            at = datetime.fromisoformat(document["occurredAt"]) + _REPORTED
            if unseen is not None and unseen.year != at.year:
                self.cosign(datetime(unseen.year, 12, 31, tzinfo=UTC))
                unseen = None
            event = actor.reporter.complete(document)
            if self.store.event(event["id"]) is not None:
                continue
            lists.sign_all(at)
            actor.reporter.status_lists = tuple(self._status_lists())
            self._hand_in(inbox, actor, event, at)
            played, unseen = played + 1, at
        if unseen is not None:
            self.cosign(unseen + _REPORTED)
            Supervision(self.project, self.store).follow(unseen + _REPORTED)
        return played

    def steps(self) -> Iterator[tuple[Actor, JsonObject]]:
        """Each event as its actor reports it, with addresses and DIDs for the names of the story.

        An event that refers to the hand-over before it needs that one to be accepted when it is asked for.
        """
        for step in self.told["steps"]:
            pack = self.names[step.get("pack", "pack")]
            names = dict(self.names)
            counterpart = {"counterpart": self.names[step["counterpart"]]} if "counterpart" in step else {}
            document = {name: value for name, value in step.items() if name != "actor"}
            if step.get("fields", {}).get("handoverEvent") == "{handover}":
                names["handover"] = self._handover(pack, datetime.fromisoformat(step["occurredAt"]))
            yield self.actors[step["actor"]], {**_filled(document, names), **counterpart, "pack": pack}

    def _handover(self, pack: str, before: datetime) -> str:
        """The last event before an instant by which the pack was sent out."""
        return max(
            (row for row in self.store.event_chain(pack) if row.kind == "send_out" and row.instant < before),
            key=lambda row: row.instant,
        ).id

    def _hand_in(self, inbox: Inbox, actor: Actor, event: JsonObject, at: datetime) -> None:
        # The last event is asked of the inbox: others have reported since this actor last did.
        head = self._head(event["pack"])
        chained = event if head is None else {**event, "predecessor": {"id": head.id, "digest": head.digest}}
        message = actor.reporter.message(chained, at=at)
        (outcome,) = inbox.accept([message], now=at)
        if outcome.status is not Status.ACCEPTED:
            raise FaultyRecord(Message("an event of the story was refused"), outcome.faults)
        save_receipts(actor.project.folder / "out" / "receipts", [message], [outcome.to_json()])

    def _status_lists(self) -> Iterator[JsonObject]:
        for number in sorted(self._authority_store.role_lists()):
            document = self._authority_store.status_list(number)
            if document is not None:
                yield document

    def cosign(self, at: datetime) -> None:
        """The witness looks at the log and cosigns its newest checkpoint."""
        state = WitnessState(self.witness.folder / "witness.db")
        try:
            source = StoredLog(self.store, EVENTS)
            seen = cosign_log(source, state, self.log_key, self.witness_key.name, self._witness_signer, at=at)
        finally:
            state.close()
        self.log.add_cosignatures(seen.note, [self.witness_key])

    def close(self) -> None:
        self._authority_store.close()


def _record(told: JsonObject, names: Mapping[str, str], before: Mapping[str, Record]) -> Record:
    """The record of an example workbook, with what the story says otherwise."""
    (record, *_), *_ = record_files.read(resources.path(f"examples/{told['workbook']}"))
    borrowed = {name: before["pack"].model[name] for name in told.get("modelFromPack", ())}
    model = {**record.model, **borrowed, **told.get("model", {})}
    return replace(
        record,
        model={name: value for name, value in model.items() if value is not None},
        pack={**record.pack, **_filled(told["pack"], names)},
        condition=told.get("condition"),
        events={},
        batch_identifier=told["batch"],
    )


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    """A value with the names in braces filled in."""
    if isinstance(value, str):
        return names[value[1:-1]] if value[:1] == "{" and value[-1:] == "}" else value
    if isinstance(value, dict):
        return {name: _filled(each, names) for name, each in value.items()}
    return [_filled(each, names) for each in value] if isinstance(value, list) else value
