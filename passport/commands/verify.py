"""``passport verify``: may this file be relied on?"""

from __future__ import annotations

import ipaddress
import textwrap
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from passport.commands import console
from passport.credentials import credential as vcdm
from passport.credentials import status_list
from passport.credentials.result import VerificationResult
from passport.credentials.trust import TrustList
from passport.credentials.verdict import Verdict
from passport.credentials.verifier import Verifier
from passport.errors import DocumentError, PassportError, Undetermined, UsageError
from passport.linked_data import strict_json

TIMEOUT_SECONDS = 5
MAX_BYTES = 4_000_000

@click.command()
@click.argument("source", metavar="FILE|URL")
@click.option("--trust", "trust_path", type=click.Path(path_type=Path), help="Trust list: who may sign. No default.")
@click.option("--offline", is_flag=True, help="Ask nobody: what is not in the file could not be checked.")
@click.option("--regime", "regime_codes", multiple=True, help="Also judge what it says by this regime; repeatable.")
@click.option("--at", "instant", metavar="INSTANT", help="As of this instant, such as 2027-03-08T09:30:00Z.")
@console.command
def verify(
    source: str,
    trust_path: Path | None,
    offline: bool,
    regime_codes: tuple[str, ...],
    instant: str | None,
    as_json: bool,
) -> None:
    """Verify a saved passport, a presentation or a credential: FILE, - for stdin, or the address of a passport.

    Without --offline, a status list that is not in the file is asked for at the address that the credential names, if
    that is on the same server as the credential. Contexts and keys are never fetched.

    \b
    Exit codes: 0 verified, 1 not verified, 2 unusable, 3 something could not be checked.
    Examples:
      passport verify view.jsonld --offline --trust shop/trusted-issuers.json
      passport verify https://passport.example.com/01/… --trust trusted-issuers.json
    """
    at = _instant(instant) if instant else console.now()
    if trust_path is None:
        raise UsageError(
            "no trust list given",
            expected="--trust FILE: who may sign is your decision and has no default",
            hint="For the demo: --trust demo/trusted-issuers.json",
        )
    trust_list = TrustList.load(trust_path)
    document = strict_json.loads(_read(source, offline))
    lists = {} if offline else dict(_missing_status_lists(document))
    verifier = Verifier(trust_list, status_lists=lists)
    if regime_codes:
        result = _inspect(document, verifier, at, regime_codes, trust_list, source, as_json)
    else:
        result = verifier.verify(document, at=at)
        if as_json:
            console.say_json(result.to_json())
        else:
            _print(result, trust_list, source, at)
    if result.verified is not True:
        raise SystemExit(1 if result.verified is False else 3)


def _inspect(
    document: Any,
    verifier: Verifier,
    at: datetime,
    regime_codes: tuple[str, ...],
    trust_list: TrustList,
    source: str,
    as_json: bool,
) -> VerificationResult:
    """Verification and content together; this alone loads the ontology."""
    from passport.commands.regimes import chosen_regimes, due_on
    from passport.commands.validate import completeness
    from passport.inspector import inspect

    inspection = inspect(
        document, verifier, at=at, regimes=chosen_regimes(regime_codes), on=due_on(at.astimezone(UTC).date())
    )
    if as_json:
        console.say_json(inspection.to_json())
        return inspection.verification
    _print(inspection.verification, trust_list, source, at)
    if inspection.validation is None:
        console.say("Content  not judged: nothing in it is proved")
        return inspection.verification
    for report in inspection.validation.regimes.values():
        console.say(f"Content  {report.regime.label['en']}: {completeness(report)}, of what this view shows")
    for fault in inspection.validation.faults:
        if fault.code != "missing":
            console.say(f"         {fault.indicator}: {fault.message.get('en', fault.code)}")
    return inspection.verification


# --- what is printed ------------------------------------------------------------------------------------------------


def _print(result: VerificationResult, trust_list: TrustList, source: str, at: datetime) -> None:
    verdict = Verdict(result, names=trust_list.issuer, at=at)
    for line in textwrap.wrap(verdict.sentence, 80, break_long_words=False, break_on_hyphens=False):
        console.say(line)
    console.say()
    for row in verdict.rows:
        sign = console.mark(row.outcome.value)
        console.say(f"{row.number}  {sign}  {console.pad(row.name, 35)}  {row.detail}".rstrip())
    if result.presentation is not None:
        worst = next((check for check in result.presentation.checks if not check.passed), None)
        outcome = worst.outcome.value if worst else "passed"
        console.say(f"   {console.mark(outcome)}  {console.pad('the presentation itself', 35)}  "
                    f"{worst.detail if worst else 'signed by its holder'}")
    console.say()
    if result.verified:
        derived = any(credential.derived for credential in result.credentials)
        console.say(f"View     {verdict.labels(result.credentials)}")
        if derived:
            console.say("         a derived view cannot prove that nothing else was left out")
    for subject in dict.fromkeys(subject for credential in result.credentials for subject in credential.subjects):
        console.say(f"Subject  {subject}")
    failing = [check for credential in result.credentials for check in credential.checks if not check.passed]
    for hint in dict.fromkeys(check.hint for check in failing if check.hint):
        console.say(f"\nhint:  {hint}")
    if result.verified is None and source != "-":
        console.say("\nRun it again without --offline, or ask for a file saved with its status lists.")


# --- what is read ---------------------------------------------------------------------------------------------------


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise UsageError("--at is not an instant", expected="such as 2027-03-08T09:30:00Z", found=repr(text))
    return at


def _read(source: str, offline: bool) -> bytes:
    if urlsplit(source).scheme not in ("http", "https"):
        return console.read_input(source)
    if offline:
        raise UsageError("an address cannot be read with --offline", hint="Save the passport first, and give the file.")
    return _fetch(source, "application/vp, application/vc;q=0.9")


def _missing_status_lists(document: Any) -> Iterator[tuple[str, dict]]:
    """The status lists that the credentials name and the file lacks, as far as their servers give them.

    Only from the server that the credential's own id names: a document must not be able to send us anywhere.
    """
    members = vcdm.credentials(document) if vcdm.is_presentation(document) else [document]
    members = [member for member in members if isinstance(member, dict)]
    enclosed = {member.get("id") for member in members if status_list.LIST_CREDENTIAL in vcdm.types(member)}
    wanted = set()
    for member in members:
        entries = member.get("credentialStatus", [])
        for entry in entries if isinstance(entries, list) else [entries]:
            address = entry.get("statusListCredential") if isinstance(entry, dict) else None
            if isinstance(address, str) and address not in enclosed and _same_server(address, member.get("id")):
                wanted.add(address)
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
