"""What carries a request to another company, and the answer that it brings back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class PeerAnswer:
    """What the other side's connector answered.

    :ivar token: the token that was sent along, for the log.
    """

    status: int
    body: bytes
    token: str = ""

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300


class Courier(Protocol):
    """Carries requests to other companies, with a proof of who we are."""

    def send(self, url: str, body: bytes | None, *, audience: str, at: datetime) -> PeerAnswer:
        """POST a JSON message, or GET where there is none.

        :param audience: DID of the other company.
        :raises PeerFailed: there is no answer.
        """
