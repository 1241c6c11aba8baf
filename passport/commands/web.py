"""What the command line asks of other machines: a passport by its address, and status lists. Nothing else, ever.

A document must not be able to send us anywhere: a list is asked for only at the server that the credential's own id
names, a redirect may not leave the server, plain http is for this machine and its network, and answers are bounded.
"""

from __future__ import annotations

import ipaddress
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from passport.commands import console
from passport.credentials.result import VerificationResult
from passport.errors import DocumentError, PassportError, Undetermined, UsageError
from passport.linked_data import strict_json

TIMEOUT_SECONDS = 5
MAX_BYTES = 4_000_000


def read(source: str, offline: bool) -> bytes:
    """The bytes of a file, of stdin for ``-``, or of a passport's address.

    :raises UsageError: it cannot be read, or an address is given and nobody may be asked.
    :raises Undetermined: no answer in time.
    """
    if urlsplit(source).scheme not in ("http", "https"):
        return console.read_input(source)
    if offline:
        raise UsageError("an address cannot be read with --offline", hint="Save the passport first, and give the file.")
    return _fetch(source, "application/vp, application/vc;q=0.9")


def missing_status_lists(result: VerificationResult) -> Iterator[tuple[str, dict]]:
    """The status lists without which check 4 could not be made, as far as their servers give them.

    Only from the server that the credential's own id names, and only where its proof verified.
    """
    wanted = {
        reading.list
        for credential in result.credentials
        for reading in credential.statuses
        if reading.value is None and credential.check(2).passed and _same_server(reading.list, credential.id)
    }
    for address in sorted(wanted)[:20]:
        try:
            answer = strict_json.loads(_fetch(address, "application/vc"))
        except PassportError as error:
            console.talk(f"The status list could not be asked for: {error}")
            continue
        if isinstance(answer, dict):
            yield address, answer


def _same_server(address: str, other: Any) -> bool:
    if not isinstance(other, str):
        return False
    try:
        one, two = urlsplit(address), urlsplit(other)
        return (one.scheme, one.hostname, one.port) == (two.scheme, two.hostname, two.port)
    except ValueError:
        return False


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows a redirect on the same server only: the address of a pack leads to its passport by one."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if not _same_server(newurl, req.full_url):
            raise DocumentError(f"{req.full_url} leads to another server", found=newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _fetch(address: str, accept: str) -> bytes:
    """The bytes at ``address``: https, or http on this machine and in private networks, where the demo lives.

    :raises Undetermined: no answer in time.
    :raises UsageError: plain http to somewhere else.
    """
    parts = urlsplit(address)
    if parts.scheme == "http" and not _is_near(parts.hostname or ""):
        raise UsageError("plain http is for this machine and its network only", expected="https://…", found=address)
    request = urllib.request.Request(address, headers={"Accept": accept})  # noqa: S310  scheme checked by the caller
    opener = urllib.request.build_opener(_NoRedirect())
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            data = answer.read(MAX_BYTES + 1)
    except urllib.error.HTTPError as error:
        raise Undetermined(f"{parts.hostname} answered {error.code} for {address}") from error
    except (OSError, ValueError) as error:
        raise Undetermined(
            f"{parts.hostname} did not answer within {TIMEOUT_SECONDS} seconds",
            hint="Verify a saved file instead, or try again.",
        ) from error
    if len(data) > MAX_BYTES:
        raise DocumentError(f"{address} is too large", expected=f"at most {MAX_BYTES:,} bytes")
    return data


def _is_near(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
