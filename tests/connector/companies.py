"""Companies with connectors, joined by a network in memory: real projects, keys, stores and messages; no sockets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from passport.commands.keeping.init import make_project
from passport.connector.connector_node import ConnectorNode
from passport.connector.connector_settings import KEY, MEMBERSHIP, OFFERS, ConnectorSettings
from passport.connector.local_network import LocalNetwork
from passport.identity.http_client import HttpAnswer
from passport.identity.keys import PrivateKey
from passport.linked_data import strict_json
from passport.project import Project


class Network(LocalNetwork):
    """A network that keeps what went over it. ``intercept`` sees each request, and may change, keep or drop it."""

    def __init__(self) -> None:
        super().__init__(datetime(2027, 3, 8, 9, 30, tzinfo=UTC))
        self.requests, self.intercept, self.eager = [], None, False

    def exchange(self, url: str, body: bytes | None, *, authorization: str, **options: Any) -> HttpAnswer:
        request = ("GET" if body is None else "POST", url, body or b"", authorization)
        self.requests.append(request)
        answer = self.forward(*request) if self.intercept is None else self.intercept(self.forward, *request)
        if self.eager and body is not None and "/dsp/" in url:
            # A company that got a message sends what it has to say before the next thing happens.
            self.peers[urlsplit(url).netloc].service.send_due(at=self.now)
        return answer


@dataclass
class Company:
    """A project with its connector."""

    name: str
    folder: Path
    network: Network
    node: ConnectorNode
    answerer: Any = field(init=False)
    service: Any = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    @property
    def did(self) -> str:
        return self.node.did

    def restart(self) -> None:
        """As after a crash: all that is in memory is gone."""
        self.node.state.close()
        self.node = ConnectorNode.open(self.node.project, None, client=self.network)
        self.service = self.node.service
        self.answerer = self.node.answerer(self.service)

    def offer(self, *entries: dict[str, Any]) -> None:
        (self.folder / OFFERS).write_bytes(strict_json.dumps({"offers": list(entries)}))

    def trust(self, other: Company) -> None:
        path = self.node.project.trust_list_path
        document = strict_json.loads(path.read_bytes())
        own = strict_json.loads((other.folder / "did.json").read_bytes())
        entry = {"id": other.did, "name": {"en": other.name}, "trustedFor": [MEMBERSHIP], "didDocument": own}
        document["issuers"].append(entry)
        path.write_bytes(strict_json.dumps(document))
        self.restart()

    def states(self, kind: str) -> list[str]:
        return [row.body["state"] for row in self.node.state.processes(kind)]

    def process(self, kind: str) -> SimpleNamespace:
        (row,) = self.node.state.processes(kind)
        return SimpleNamespace(**{"peer_pid": None, "agreement": None, "reason": None, **row.body})


@dataclass
class Dataspace:
    """An authority, and companies that are its members."""

    network: Network
    authority: Company
    members: dict[str, Company]

    def settle(self, rounds: int = 12) -> None:
        """Let everybody send what is due, until nobody has anything to send."""
        self.network.settle(rounds=rounds, peers=[self.authority, *self.members.values()])

    def later(self, **delta: float) -> None:
        self.network.now += timedelta(**delta)


def company(folder: Path, name: str, country: str, network: Network, **settings: Any) -> Company:
    host = f"{name}.example"
    make_project(folder, f"https://{host}", names={"en": name, "zh": name}, did_web_issuer=True)
    ConnectorSettings(f"https://{host}", country, **settings).save(folder)
    PrivateKey.generate().save(folder / KEY, None)
    made = Company(name, folder, network, ConnectorNode.open(Project.open(folder), None, client=network))
    network.join(made)
    return made


def dataspace(folder: Path, members: dict[str, tuple[str, dict[str, Any]]]) -> Dataspace:
    """An authority, and members with the claims that it states of them, all of whom have joined."""
    network = Network()
    stated = {f"did:web:{name}.example": {**claims, "country": country} for name, (country, claims) in members.items()}
    authority = company(folder / "authority", "authority", "BE", network, memberships=stated)
    made = {}
    for name, (country, _) in members.items():
        made[name] = company(folder / name, name, country, network)
        made[name].trust(authority)
        made[name].node.requester.request(authority.did, (MEMBERSHIP,), at=network.now)
    authority.node.issuance.deliver(at=network.now)
    return Dataspace(network, authority, made)


def asked_for(consumer: Company, provider: Company, *, name: str | None = None, at: datetime | None = None) -> Any:
    """Ask for the dataset of a name, or for the only one, from the provider's catalogue."""
    now = at or consumer.network.now
    datasets = consumer.node.catalogue_of(provider.did, at=now).get("dataset", [])
    wanted = None if name is None else next(offer.dataset for offer in provider.node.offers() if offer.name == name)
    (dataset,) = [each for each in datasets if wanted in (None, each["@id"])]
    offer = {**dataset["hasPolicy"][0], "target": dataset["@id"]}
    address = consumer.node.address_of(provider.did, at=now)
    return consumer.service.begin_negotiation(provider.did, address, offer, at=now)


def agreed(space: Dataspace, consumer: Company, provider: Company, *, name: str | None = None) -> dict[str, Any]:
    """The agreement of a negotiation that went well."""
    begun = asked_for(consumer, provider, name=name)
    space.settle()
    body = consumer.node.state.process(begun.pid).body
    assert body["state"] == "FINALIZED", body
    return body["agreement"]


def started(space: Dataspace, consumer: Company, agreement: dict[str, Any]) -> str:
    """Our identifier of a transfer that is started."""
    begun = consumer.service.begin_transfer(agreement["@id"], at=space.network.now)
    space.settle()
    assert consumer.node.state.process(begun.pid).body["state"] == "STARTED"
    return begun.pid
