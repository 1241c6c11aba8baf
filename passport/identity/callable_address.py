"""Addresses that the HTTP client may call: the parts of a URL, and which IP addresses are public.

The rules are those of :mod:`passport.identity.http_client`. IANA's special-purpose registries (RFC 6890) decide what is
public; an IPv4 address inside an IPv6 one (mapped, NAT64, 6to4, Teredo) is judged like the address itself.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from passport.errors import RefusedAddress
from passport.texts import Message

MAX_URL = 2048

_PRINTABLE = re.compile(r"[!-~]+\Z")
_HOST = re.compile(r"[A-Za-z0-9._-]+\Z")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")
_PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def split(url: str) -> SplitResult:
    """The parts of an address that can be called, without its fragment.

    :raises RefusedAddress: it is none.
    """
    if not isinstance(url, str) or len(url) > MAX_URL or not _PRINTABLE.match(url) or "\\" in url:
        raise RefusedAddress(
            Message("not a web address"),
            expected=Message("https://… in at most {max_url} printable ASCII characters", max_url=MAX_URL),
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if parts.netloc.startswith("["):
            if "%" in host:  # a zone, which is a network card of this machine
                raise ValueError
            ipaddress.IPv6Address(host)
        elif not _HOST.match(host):
            raise ValueError
    except ValueError:
        raise RefusedAddress(
            Message("not a web address"), expected=Message("https://host/…"), found=url[:200]
        ) from None
    if parts.scheme not in ("https", "http") or port == 0:
        raise RefusedAddress(Message("not a web address"), expected=Message("https://host/…"), found=url[:200])
    if "@" in parts.netloc:
        # The part before the @ goes to the server, and hides from a reader which server it is.
        raise RefusedAddress(Message("the address holds a user name"), expected=Message("https://host/…"))
    return parts._replace(fragment="")


def host_of(parts: SplitResult) -> str:
    return (parts.hostname or "").lower()


def port_of(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def origin_of(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, host_of(parts), port_of(parts)


def is_loopback(parts: SplitResult) -> bool:
    """Whether the host says itself that it is loopback: a foreign name may resolve to anything."""
    host = host_of(parts)
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_near(address: _Address) -> bool:
    return address.is_loopback or any(address in network for network in _PRIVATE if network.version == address.version)


def is_public(address: _Address) -> bool:
    if address in _NAT64:
        # Where there is no IPv4, each IPv4 host has such an address; the one inside is looked at by itself.
        return True
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return address.version == 4 or address in _UNICAST


def inner_addresses(text: str) -> list[_Address]:
    """The address and the IPv4 addresses inside it, to which mapped, NAT64, 6to4 and Teredo addresses lead; empty where
    the text is no address."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return []
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    inner: list[_Address] = [address]
    if address in _NAT64:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour is not None:
        inner.append(address.sixtofour)
    if address.teredo is not None:
        inner.extend(address.teredo)
    return inner
