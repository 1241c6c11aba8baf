"""Whether an address of this machine can be listened on. Loads no server."""

from __future__ import annotations

import socket

from passport.errors import UsageError
from passport.texts import Message


def check_port(host: str, port: int) -> None:
    """:raises UsageError: the address cannot be listened on."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        raise UsageError(
            Message("cannot listen on {host}, port {port}", host=host, port=port),
            found=error.strerror,
            hint=Message("Choose another one: --port 8081"),
        ) from error
