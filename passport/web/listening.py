"""Whether an address of this machine can be listened on. Loads no server."""

from __future__ import annotations

import socket

from passport.errors import UsageError


def check_port(host: str, port: int) -> None:
    """:raises UsageError: the address cannot be listened on."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}, port {port}", found=error.strerror, hint="Choose another one: --port 8081"
        ) from error
