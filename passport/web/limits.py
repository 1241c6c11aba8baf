"""Token buckets: how many requests a client may make, in bounded memory.

    buckets = Buckets(Limit.parse("600/60"))
    buckets.take(client_key, 1, time.monotonic()).allowed

* A client is an IPv4 address or an IPv6 network of 64 bits, in the form that the caller keeps of it.
* Behind proxies of our own, the address of the client is taken from the outermost proxy. Entries that a client wrote
  into ``X-Forwarded-For`` itself are further left and never read.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

from passport.errors import UnusableProject
from passport.texts import Message

MAX_CLIENTS = 100_000


@dataclass(frozen=True)
class Limit:
    """``quota`` requests in ``window`` seconds, refilled evenly. A quota of 0 is no limit."""

    quota: int = 600
    window: int = 60

    @classmethod
    def parse(cls, text: str) -> Limit:
        """``600/60``, or ``off``.

        :raises UnusableProject: neither.
        """
        if text == "off":
            return cls(0, 60)
        match = re.fullmatch(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,5})", text, re.ASCII)
        if match is None:
            raise UnusableProject(
                Message("rate limit"), expected=Message("requests/seconds such as 600/60, or off"), found=repr(text)
            )
        return cls(int(match[1]), int(match[2]))

    @property
    def policy(self) -> str:
        return f'"default";q={self.quota};w={self.window}'


class RateDecision(NamedTuple):
    """:ivar left: requests that may follow at once; :ivar wait: seconds until ``cost`` fits again, or until all do."""

    allowed: bool
    left: int
    wait: int


class Buckets:
    """The state of all clients. The longest silent ones are forgotten first, and a forgotten one begins anew."""

    def __init__(self, limit: Limit, *, clients: int = MAX_CLIENTS) -> None:
        self._limit = limit
        self._rate = limit.quota / limit.window
        self._clients = clients
        self._levels: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        """The number of clients that are remembered."""
        return len(self._levels)

    def take(self, client: bytes, cost: int, at: float) -> RateDecision:
        """Take ``cost`` out of a client's bucket, where there is as much in it.

        :param at: seconds of a clock that never goes back.
        """
        quota, rate = self._limit.quota, self._rate
        with self._lock:
            level, since = self._levels.pop(client, (quota, at))
            if at > since:
                level += (at - since) * rate
                if level > quota:
                    level = quota
            if cost > quota:
                cost = quota
            allowed = level >= cost
            if allowed:
                level -= cost
            self._levels[client] = (level, at)
            if len(self._levels) > self._clients:
                self._levels.popitem(last=False)
        missing = (quota - level) if allowed else (cost - level)
        return RateDecision(allowed, int(level), max(1, math.ceil(missing / rate)))

    def give_back(self, client: bytes, cost: int) -> None:
        """Put into a client's bucket what was taken out of it: the request turned out to be one that costs nothing."""
        with self._lock:
            if client in self._levels:
                level, since = self._levels[client]
                self._levels[client] = (min(level + cost, self._limit.quota), since)


def client_of(address: str | None, forwarded: str | None, proxies: int) -> str:
    """The client's address, or for IPv6 its network: one household has 2⁶⁴ addresses.

    :param proxies: how many proxies of our own a request passes; 0 takes the connection itself.
    """
    if proxies:
        passed = [part.strip() for part in (forwarded or "").split(",")]
        # The last entry was written by the nearest proxy, and so on to the left.
        if len(passed) >= proxies and passed[-proxies]:
            address = passed[-proxies]
    try:
        parsed = ipaddress.ip_address((address or "").strip("[]").split("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)
