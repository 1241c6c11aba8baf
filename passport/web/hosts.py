"""Whether a request names its host as HTTP asks for (RFC 9112, section 3.2).

The name decides nothing here, since the base URL comes from the configuration. But a request that this site and a proxy
before it could read in two ways is answered by neither: with two names, a cache may keep the answer under either.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address

from flask import Flask, request

from passport.errors import UsageError
from passport.texts import Message

_MAX = 255
# uri-host [":" port] of RFC 3986, as far as a name of DNS, IPv4 or an IPv6 address in brackets goes. The characters of
# a registered name are those that are unreserved; percent-encoding and sub-delimiters name no host.
_NAME = re.compile(r"([A-Za-z0-9._~-]+|\[([0-9A-Fa-f:.]+)\])(?::([0-9]{0,5}))?").fullmatch


class InvalidHost(UsageError):
    """A request without ``Host``, with more than one, or with one that is no host."""

    code = "invalid-host"
    hint = "Send one Host header with the name of this site."


def is_host(value: str) -> bool:
    """Whether a text is one host, with or without a port."""
    parts = _NAME(value) if len(value) <= _MAX else None
    if parts is None:
        return False
    _, address, port = parts.groups()
    return (address is None or _is_ipv6(address)) and int(port or 0) <= 65_535


def check_host(protocol: str, value: str | None) -> None:
    """Refuse a request whose host is not named once and rightly.

    :param protocol: such as ``HTTP/1.1``; before it, a request needs no host, but may not have a wrong one.
    :param value: of the ``Host`` header; several in one, divided by commas, as WSGI gives them; None without one.
    :raises InvalidHost: it is missing, doubled, empty or malformed.
    """
    if value is None:
        if protocol in ("HTTP/1.0", "HTTP/0.9"):
            return
        raise InvalidHost(
            Message("the request names no host"), expected=Message("one Host header"), found=Message("none")
        )
    value = value.strip(" \t")
    if not is_host(value):
        fault = (
            Message("an empty one")
            if not value
            else Message("two or more")
            if "," in value
            else Message("a malformed one")
        )
        raise InvalidHost(
            Message("the request's host cannot be used"), expected=Message("one Host header with a host"), found=fault
        )


def register(app: Flask) -> None:
    """Check the host of each request of an application before anything else."""

    @app.before_request
    def named_host() -> None:
        environ = request.environ
        check_host(environ.get("SERVER_PROTOCOL", "HTTP/1.1"), environ.get("HTTP_HOST"))


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
