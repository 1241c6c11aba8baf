"""Connectors on one machine, joined without sockets: for demonstrations, and for tests of whole stories.

It takes the place of the HTTP client. Messages, signatures, encryption, stores and logs are those of real connectors;
only the way between them is a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from passport.connector.connector_endpoint import ConnectorAnswer, ConnectorRequest
from passport.connector.connector_node import ConnectorNode
from passport.connector.exchange_service import ExchangeService
from passport.errors import FetchFailed
from passport.identity.http_client import GuardedClient, HttpAnswer
from passport.linked_data import strict_json
from passport.texts import Message


@dataclass
class LocalPeer:
    """A connector on the network, with what is kept in memory between two restarts."""

    node: ConnectorNode
    service: ExchangeService = field(init=False)
    answerer: Callable[[ConnectorRequest, datetime], ConnectorAnswer | None] = field(init=False)

    def __post_init__(self) -> None:
        self.service = self.node.service
        self.answerer = self.node.answerer(self.service)


class LocalNetwork(GuardedClient):
    """Carries requests between connectors, by the host of their address.

    :ivar now: the instant at which requests are answered.
    """

    peers: dict[str, LocalPeer]
    now: datetime

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self.peers, self.now = {}, now

    def __setattr__(self, name: str, value: Any) -> None:
        # Unlike the client whose place it takes, a network changes: connectors join, and time goes on.
        self.__dict__[name] = value

    def join(self, peer: LocalPeer) -> None:
        """Put a connector on the network, in place of the one of its address."""
        self.peers[urlsplit(peer.node.settings.address).netloc] = peer

    def naming(self, url: str) -> LocalNetwork:
        return self

    def get(self, url: str, **options: Any) -> HttpAnswer:
        answer = self.forward("GET", url, b"", None)
        if answer.status != 200:
            raise FetchFailed(Message("{host} answered {status} for {url}", host=urlsplit(url).netloc,
                                      status=answer.status, url=url))  # fmt: skip
        return answer

    def exchange(self, url: str, body: bytes | None, *, authorization: str, **options: Any) -> HttpAnswer:
        return self.forward("GET" if body is None else "POST", url, body or b"", authorization)

    def forward(self, method: str, url: str, body: bytes, authorization: str | None) -> HttpAnswer:
        """The answer of the connector at an address.

        :raises FetchFailed: there is none of that host.
        """
        parts = urlsplit(url)
        peer = self.peers.get(parts.netloc)
        if peer is None:
            raise FetchFailed(Message("{host} has no address", host=parts.netloc))
        answer = peer.answerer(ConnectorRequest(method, parts.path, body, authorization), self.now)
        if answer is None:
            return HttpAnswer(url, b"", status=404)
        content = answer.body if answer.json is None else strict_json.dumps(answer.json)
        return HttpAnswer(url, content, answer.media_type, answer.status)

    def settle(self, *, rounds: int = 12, peers: Iterable[LocalPeer] | None = None) -> None:
        """Let all connectors send what is due, until none has anything to send."""
        for _ in range(rounds):
            if not sum(peer.service.send_due(at=self.now) for peer in peers or self.peers.values()):
                return
