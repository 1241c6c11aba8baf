"""The two stories that ``passport demo --exchange`` plays: companies agree on data and hand it over.

1. A cell maker gives its part of a record to the pack maker, who merges it, and issues three packs.
2. A recycler in another country gets the dismantling data of the three packs for ninety days, as far as a release
   policy lets them leave; on the ninetieth day it is refused.

An authority says who is who. Each company is a project of its own below ``exchange/``, with its own key, store, and
log. The connectors are joined in memory: nothing listens, and no clock is waited for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from passport.commands.keeping.init import make_project
from passport.connector.agreements import agreement_digest
from passport.connector.connector_node import ConnectorNode
from passport.connector.connector_settings import KEY, MEMBERSHIP, OFFERS, ConnectorSettings
from passport.connector.data.sealed_data import PulledData
from passport.connector.decider import ExchangeStep, StepKind
from passport.connector.local_network import LocalNetwork, LocalPeer
from passport.errors import PassportError, PeerFailed
from passport.exchange.formats import write
from passport.exchange.records import record_files
from passport.exchange.records.record_files import read_records
from passport.exchange.records.supplier_part import merged
from passport.identity.keys import PrivateKey
from passport.linked_data import resources, strict_json
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.publishing.publisher import Publisher
from passport.texts import Message
from passport.vocabulary.vocabulary import due_on

FOLDER = "exchange"
_WORKBOOK = "examples/lmt-ebike.xlsx"
#: What the maker of the cells knows, and the maker of the packs does not.
_OF_THE_CELLS = ("batteryChemistry", "cathodeActiveMaterial", "anodeActiveMaterial", "initialInternalResistanceCell")
_MEMBERS: Mapping[str, tuple[str, JsonObject]] = {
    "cells": ("CN", {"roles": ["cell-maker"]}),
    "packs": ("CN", {"roles": ["manufacturer"]}),
    "recycler": ("DE", {"roles": ["recycler"], "purposes": ["recycling"]}),
}
_NAMES = {
    "authority": Message("Authority of the demonstration"), "cells": Message("Maker of the cells"),
    "packs": Message("Maker of the packs"), "recycler": Message("Recycler abroad"),
}  # fmt: skip


@dataclass(frozen=True)
class StoryLine:
    """One step of a story: who did what, and what can be checked of it."""

    who: str
    what: Message
    digest: str = ""


class ExchangeStage:
    """Where the stories are played.

    :param folder: of the demo; what was there from an earlier run has been removed.
    """

    def __init__(self, folder: Path, at: datetime) -> None:
        self.network = LocalNetwork(at)
        self.lines: list[StoryLine] = []
        stated = {
            f"did:web:{name}.example": {**claims, "country": country} for name, (country, claims) in _MEMBERS.items()
        }
        self._folder = folder
        self.authority = self._company("authority", "BE", memberships=stated)
        self.members = {name: self._company(name, country) for name, (country, _) in _MEMBERS.items()}

    def play(self) -> None:
        """Both stories, from the first membership to the refusal at the end."""
        self._join()
        part = self._part_of_the_cells()
        packs = self._issue(part)
        self._dismantling(packs)

    # --- the stories ------------------------------------------------------------------------------------------------

    def _join(self) -> None:
        for name in self.members:
            peer = self.members[name]
            self._trust(peer.node.project)
            peer = self.members[name] = self._opened(peer.node.project)
            peer.node.requester.request(self.authority.node.did, (MEMBERSHIP,), at=self.network.now)
        self.authority.node.issuance.deliver(at=self.network.now)
        self._say("authority", Message("states the role and the country of three companies"))

    def _part_of_the_cells(self) -> PulledData:
        cells, packs = self.members["cells"], self.members["packs"]
        record = _example()
        part = {name: record["model"][name] for name in _OF_THE_CELLS if name in record["model"]}
        self._write(cells, "part.json", part)
        policy = {"roles": ["manufacturer"], "days": 365, "noOnwardTransfer": True}
        self._offer(cells, {"name": "part", "kind": "record-part", "file": "part.json", "policy": policy})
        self._say("cells", Message("offers its part of the record to makers of packs"))
        agreement = self._agreed(packs, cells)
        data = self._pulled(packs, agreement)
        self._say("packs", Message("gets {n} values of the cells", n=len(data.content)), data.digest)
        return data

    def _issue(self, part: PulledData) -> list[str]:
        packs = self.members["packs"]
        project, lines = packs.node.project, []
        for number in range(1, 4):
            record = _example()
            for name in _OF_THE_CELLS:
                record["model"].pop(name, None)
            record["pack"] |= {
                "serialNumber": f"EX{number:06}",
                "batteryPassportIdentifier": f"urn:uuid:00000000-0000-4000-8000-{number:012}",
            }
            for name in ("batteryIdentifier", "dataCarrier"):
                record["pack"].pop(name, None)
            lines.append(strict_json.dumps(merged(record, part.content)))
        path = project.folder / "merged.jsonl"
        path.write_bytes(b"\n".join(lines) + b"\n")
        store = project.open_store()
        try:
            at = self.network.now
            publisher = Publisher.of_project(project, store, None)
            report = publisher.issue(list(read_records(path)), at=at, on=due_on(at.date()))
        finally:
            store.close()
        self._say("packs", Message("merges them, and issues three packs"))
        return sorted(issued.subject for issued in report.of_kind("pack"))

    def _dismantling(self, subjects: list[str]) -> None:
        packs, recycler = self.members["packs"], self.members["recycler"]
        policy = {"roles": ["recycler"], "purposes": ["recycling"], "days": 90, "noOnwardTransfer": True}
        self._offer(packs, {
            "name": "dismantling", "kind": "passport", "audience": "legitimate-interest", "packs": subjects,
            "policy": policy,
        })  # fmt: skip
        self._say("packs", Message("offers dismantling data of three packs to recyclers for ninety days"))
        agreement = self._agreed(recycler, packs)
        data = self._pulled(recycler, agreement)
        n = len(data.content["verifiableCredential"])
        self._say(
            "recycler", Message("gets {n} signed documents, as far as they may leave the country", n=n), data.digest
        )
        self.network.now += timedelta(days=90)
        try:
            self._pulled(recycler, agreement)
        except PassportError as error:
            self._say("recycler", Message("is refused on the ninetieth day: {reason}", reason=error.message))
        self.network.now -= timedelta(days=90)

    # --- what companies do ------------------------------------------------------------------------------------------

    def _agreed(self, consumer: LocalPeer, provider: LocalPeer) -> JsonObject:
        now, did = self.network.now, provider.node.did
        (dataset,) = consumer.node.catalogue_of(did, at=now)["dataset"]
        offer = {**dataset["hasPolicy"][0], "target": dataset["@id"]}
        begun = consumer.service.begin_negotiation(did, consumer.node.address_of(did, at=now), offer, at=now)
        self.network.settle()
        body = self._body(consumer, begun.pid)
        agreement: JsonObject = body["agreement"]
        who = consumer.node.did.removeprefix("did:web:").removesuffix(".example")
        self._say(who, Message("agrees with {peer} on the use", peer=did), agreement_digest(agreement))
        return agreement

    def _pulled(self, consumer: LocalPeer, agreement: JsonObject) -> PulledData:
        begun = consumer.service.begin_transfer(agreement["@id"], at=self.network.now)
        self.network.settle()
        data = consumer.node.consumer.pull(begun.pid, at=self.network.now)
        consumer.service.choose(begun.pid, ExchangeStep(StepKind.COMPLETE), at=self.network.now)
        self.network.settle()
        return data

    @staticmethod
    def _body(peer: LocalPeer, pid: str) -> JsonObject:
        row = peer.node.state.process(pid)
        if row is None or row.body["state"] != "FINALIZED":
            raise PeerFailed(Message("the companies of the demonstration do not agree"))
        return row.body

    # --- what is there before ---------------------------------------------------------------------------------------

    def _company(self, name: str, country: str, **settings: Any) -> LocalPeer:
        folder = self._folder / FOLDER / name
        names: dict[str, str | None] = {"en": str(_NAMES[name]), "zh": None}
        make_project(folder, f"https://{name}.example", names=names, did_web_issuer=True)
        release = "connector/release.json" if name == "packs" else None
        ConnectorSettings(f"https://{name}.example", country, release=release, **settings).save(folder)
        if release is not None:
            (folder / release).write_bytes(resources.path("examples/release-abroad.json").read_bytes())
        PrivateKey.generate().save(folder / KEY, None)
        return self._opened(Project.open(folder))

    def _opened(self, project: Project) -> LocalPeer:
        peer = LocalPeer(ConnectorNode.open(project, None, client=self.network))
        self.network.join(peer)
        return peer

    def _trust(self, project: Project) -> None:
        document = strict_json.loads(project.trust_list_path.read_bytes())
        authority = self.authority.node
        document["issuers"].append({
            "id": authority.did, "name": {"en": str(_NAMES["authority"])}, "trustedFor": [MEMBERSHIP],
            "didDocument": dict(authority.project.own_documents()[0]),
        })  # fmt: skip
        project.trust_list_path.write_bytes(strict_json.dumps(document))

    @staticmethod
    def _offer(peer: LocalPeer, entry: JsonObject) -> None:
        (peer.node.project.folder / OFFERS).write_bytes(strict_json.dumps({"offers": [entry]}))

    @staticmethod
    def _write(peer: LocalPeer, name: str, content: JsonObject) -> None:
        (peer.node.project.folder / name).write_bytes(strict_json.dumps(content))

    def _say(self, who: str, what: Message, digest: str = "") -> None:
        self.lines.append(StoryLine(who, what, digest))

    def close(self) -> None:
        for peer in (self.authority, *self.members.values()):
            peer.node.state.close()

    def document(self) -> JsonObject:
        """The stories for a program."""
        steps = [{"who": line.who, "what": line.what, "digest": line.digest} for line in self.lines]
        logs = {name: peer.node.state.log_size("exchange") for name, peer in self.members.items()}
        return {"steps": steps, "logged": logs}

    @staticmethod
    def name_of(who: str) -> Message:
        return _NAMES[who]


def _example() -> JsonObject:
    """The example record of an electric bicycle, as JSON."""
    (read,) = record_files.read_records(resources.path(_WORKBOOK))
    document: JsonObject = strict_json.loads(next(iter(write("json", [read]).files.values())))
    return document
