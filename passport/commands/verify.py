"""``passport verify``: may this file be relied on?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict

import click

from passport.belonging import passport_verifier
from passport.commands.terminal import console
from passport.credentials import intake
from passport.credentials.status_fetch import fetch_status_lists
from passport.credentials.trust import TrustList
from passport.credentials.verdict import Verdict, VerdictRow
from passport.credentials.verification_result import VerificationResult
from passport.credentials.verifier import Verifier
from passport.credentials.wording import Phrase
from passport.errors import FetchFailed, MalformedDocument, NoPassportThere, UsageError
from passport.exchange.records.document_folder import contents
from passport.identity.http_client import GuardedClient
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary import credential_types


class VerifyOptions(TypedDict):
    """As of when, and for what, a file is verified."""

    at: datetime
    about: str | None
    challenge: str | None
    domain: str | None


_ACCEPT = "application/vp, application/vc;q=0.9"
#: The address of a pack leads to its passport by one redirect, and a slash too many by another.
_REDIRECTS = 3

#: Status and problem code of a publisher's answer -> what it says and what to do.
_NOT_THERE: dict[tuple[int | None, str | None], tuple[Message, Message]] = {
    (404, "no-such-serial"): (
        Message("no passport is published for that serial number, so nothing was verified"),
        Message(
            "Compare the code with the battery, sign by sign, and ask the maker. "
            "The model's data are no passport of it."
        ),
    ),
    (410, "passport-ceased"): (
        Message("this passport has ceased to exist: the battery was recycled"),
        Message("Found this code on a battery? Tell the maker: the code may have been copied."),
    ),
}

_TEXTS: dict[str, Message] = {
    "view": Message("View"),
    "attested": Message("Attested"),
    "subject": Message("Subject"),
    "content": Message("Content"),
    "hint": Message("hint:"),
    "derived": Message("a derived view cannot prove that nothing else was left out"),
    "again": Message("Run it again without --offline, or ask for a file saved with its status lists."),
    "nothing": Message("not judged: nothing in it is proved"),
    "shown": Message("of what this view shows"),
    "unreadable": Message("This cannot be read as a passport, so nothing was checked"),
}


@click.command()
@click.argument("source", metavar="FILE|FOLDER|URL")
@click.option("--trust", "trust_path", type=click.Path(path_type=Path), help="Trust list: who may sign. No default.")
@click.option("--offline", is_flag=True, help="Fetch nothing: what is not in the file could not be checked.")
@click.option("--regime", "regime_codes", multiple=True, help="Also judge what it says by this regime; repeatable.")
@click.option("--at", "instant", metavar="INSTANT", help="As of this instant, such as 2027-03-08T09:30:00Z.")
@click.option("--about", metavar="ADDRESS|CODE", help="The battery that was asked for (default: the URL).")
@click.option("--challenge", help="What the holder was asked to sign. An unsigned presentation then fails.")
@click.option("--domain", help="Whom the holder had to sign it for.")
@click.option(
    "--documents",
    "documents_folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Folder with linked documents, to be compared with the digests that are signed.",
)
@click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Of a folder: processes that verify.")
@console.output_option("--results", help="Of a folder: a line for each file.", endings=(".jsonl",))
@console.command
def verify(
    source: str,
    trust_path: Path | None,
    offline: bool,
    regime_codes: tuple[str, ...],
    instant: str | None,
    about: str | None,
    challenge: str | None,
    domain: str | None,
    documents_folder: Path | None,
    jobs: int | None,
    results: console.Destination | None,
    as_json: bool,
) -> None:
    """Verify a saved passport, a presentation, a credential or a token: FILE, - for stdin, or a passport's address.

    Of a FOLDER each file is verified by itself, with --offline; the answer is the worst one.

    Without --offline, a newer status list is asked for at the address that a credential names, where its proof verified
    and the trust list names its issuer for it. Contexts and keys are never fetched.

    \b
    Exit codes: 0 verified, 1 not verified, 2 unusable, 3 something could not be checked.
    Examples:
      passport verify view.jsonld --offline --trust shop/trusted-issuers.json
      passport verify view.jsonld --trust shop/trusted-issuers.json --lang zh
      passport verify view.jsonld --offline --trust shop/trusted-issuers.json --about ZZZPE10A7K2M05G6J0000317
      passport verify https://passport.example.com/01/… --trust trusted-issuers.json
      passport verify saved --offline --trust trusted-issuers.json --jobs 4
    """
    at = _instant(instant) if instant else console.now()
    if trust_path is None:
        raise UsageError(
            Message("no trust list given"),
            expected=Message("--trust FILE: who may sign is your decision and has no default"),
            hint=Message("For the demo: --trust demo/trusted-issuers.json"),
        )
    trust_list = TrustList.load(trust_path)
    if Path(source).is_dir():
        if not offline or about or challenge or domain or regime_codes or documents_folder:
            raise UsageError(
                Message("the files of a folder are verified each by itself"),
                expected=Message("--offline, and no option for one file"),
            )
        from passport.commands.verify_folder import FolderCheck, verify_folder

        verify_folder(Path(source), FolderCheck(trust_path, at, console.language()), jobs or 1, results, as_json)
        return
    if jobs or results is not None:
        raise UsageError(Message("--jobs and --results are for a folder"))
    client = None if offline else _client(source)
    document = _document(_read(source, client), source)
    verify_options: VerifyOptions = {
        "at": at,
        "about": about or (source if _is_address(source) else None),
        "challenge": challenge,
        "domain": domain,
    }
    resources = _documents(document, documents_folder)
    verifier = passport_verifier(trust_list, resources=resources)
    result = verifier.verify(document, **verify_options)
    if client is not None and (fetched := fetch_status_lists(result, trust_list, client)):
        verifier = passport_verifier(trust_list, status_lists=fetched, resources=resources)
        result = verifier.verify(document, **verify_options)
    if regime_codes:
        result = _inspect(document, verifier, verify_options, regime_codes, trust_list, offline, as_json)
    elif as_json:
        console.say_json(_report(result, trust_list))
    else:
        _print(result, trust_list, offline, at)
    if result.verified is not True:
        raise SystemExit(1 if result.verified is False else 3)


def _client(source: str) -> GuardedClient:
    """The client of this call. Only the host in the address that the user gave may be a private or loopback one."""
    client = GuardedClient()
    return client.naming(source) if _is_address(source) else client


def _read(source: str, client: GuardedClient | None) -> bytes:
    """The bytes of a file, of stdin for ``-``, or of a passport's address.

    :param client: None: nothing may be fetched.
    :raises UsageError: it cannot be read, or an address is given and nothing may be fetched.
    :raises NoPassportThere: the publisher says that it publishes none for that serial number, or none any more.
    :raises FetchFailed: no answer in time.
    """
    if not _is_address(source):
        return console.read_input(source)
    if client is None:
        raise UsageError(
            Message("an address cannot be read with --offline"),
            hint=Message("Save the passport first, and give the file."),
        )
    try:
        return client.get(source, accept=_ACCEPT, redirects=_REDIRECTS).body
    except FetchFailed as error:
        known = _NOT_THERE.get((error.status, error.problem))
        if known is None:
            raise
        problem, hint = known
        raise NoPassportThere(
            Message("{problem}: {address}", problem=problem, address=source[:200]), hint=hint
        ) from error


def _is_address(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


def _document(data: bytes, source: str) -> Any:
    """What was found around the document, or what else the file is, is said on stderr.

    :raises MalformedDocument: neither JSON nor a token.
    """
    try:
        handed_in = intake.take(data)
        for phrase in handed_in.found:
            console.talk(Message("{source}: {what}.", source=source, what=phrase.text(console.language())))
        return handed_in.document
    except MalformedDocument as error:
        phrase = intake.looks_like(data) or Phrase.of(error)
        why = Message("{problem}: {why}", problem=_TEXTS["unreadable"], why=phrase.text(console.language()))
        console.talk(Message("{source}: {what}.", source=source, what=why))
        if hint := phrase.hint(console.language()):
            console.talk(console.pad(_TEXTS["hint"], 7) + hint)
        raise


def _documents(document: Any, folder: Path | None) -> dict[str, bytes]:
    """The linked documents that the folder holds, by address; how many of them there are is said on stderr."""
    if folder is None:
        return {}
    addresses = set(_related(document))
    held = contents(folder, sorted(addresses))
    console.talk(
        Message(
            "{held} of {n} linked document with a digest was at hand and is compared.",
            plural="{held} of {n} linked documents with a digest were at hand and are compared.",
            held=len(held), n=len(addresses),
        )
    )  # fmt: skip
    return held


def _related(value: Any) -> Iterator[str]:
    """The ids of all related resources in a document."""
    if isinstance(value, list):
        for item in value:
            yield from _related(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name == "relatedResource":
                entries = item if isinstance(item, list) else [item]
                ids = (entry.get("id") for entry in entries if isinstance(entry, dict))
                yield from (id_ for id_ in ids if isinstance(id_, str))
            else:
                yield from _related(item)


def _inspect(
    document: Any,
    verifier: Verifier,
    verify_options: VerifyOptions,
    regime_codes: tuple[str, ...],
    trust_list: TrustList,
    offline: bool,
    as_json: bool,
) -> VerificationResult:
    """Verification and content together; this alone loads the ontology."""
    from passport.commands.validate import completeness
    from passport.inspector import inspect
    from passport.vocabulary.vocabulary import chosen_regimes, due_on

    at = verify_options["at"]
    inspection = inspect(
        document,
        verifier,
        **verify_options,
        regimes=chosen_regimes(regime_codes),
        on=due_on(at.astimezone(UTC).date()),
    )
    if as_json:
        console.say_json(inspection.to_json())
        return inspection.verification
    _print(inspection.verification, trust_list, offline, at)
    label = console.pad(_TEXTS["content"], 9)
    if inspection.validation is None:
        console.say(label + console.spoken(_TEXTS["nothing"]))
        return inspection.verification
    for report in inspection.validation.regimes.values():
        filled = Message("{completeness}, {shown}", completeness=completeness(report), shown=_TEXTS["shown"])
        console.say(label + console.spoken(Message("{name}: {what}", name=report.regime.label, what=filled)))
    for fault in inspection.validation.faults:
        if fault.code != "missing":
            what = console.spoken(Message("{name}: {what}", name=fault.indicator, what=fault.message or fault.code))
            console.say(" " * 9 + what)
    return inspection.verification


# --- what is printed ------------------------------------------------------------------------------------------------


def _print(result: VerificationResult, trust_list: TrustList, offline: bool, at: datetime) -> None:
    verdict = Verdict(
        result, names=trust_list.issuer, at=at, language=console.language(), type_names=credential_types.names()
    )
    for line in console.wrap(verdict.sentence, 80):
        console.say(line)
    console.say()
    rows = verdict.rows
    for row in rows:
        _print_row(str(row.number), row)
    if verdict.presentation is not None:
        _print_row(" ", verdict.presentation)
    console.say()
    if result.verified:
        console.say(console.pad(_TEXTS["view"], 9) + verdict.labels(result.credentials))
        if any(credential.derived for credential in result.credentials):
            console.say(" " * 9 + console.spoken(_TEXTS["derived"]))
    _print_attested(result, trust_list)
    for subject in dict.fromkeys(subject for credential in result.credentials for subject in credential.subjects):
        console.say(console.pad(_TEXTS["subject"], 9) + subject)
    for note in verdict.notes:
        for line in console.wrap(note, 80):
            console.say(line)
    presented = () if verdict.presentation is None else (verdict.presentation,)
    for hint in dict.fromkeys(row.hint for row in (*presented, *rows) if row.hint):
        first, *more = console.wrap(hint, 72)
        console.say(f"\n{console.pad(_TEXTS['hint'], 7)}{first}")
        for line in more:
            console.say(" " * 7 + line)
    if offline and any(row.code == "no-status-list" for row in rows):
        console.say("\n" + console.spoken(_TEXTS["again"]))


def _report(result: VerificationResult, trust_list: TrustList) -> JsonObject:
    """The report for machines, with who attested which value where the file has attestations."""
    if not any(credential_types.ATTESTATION in each.types for each in result.credentials):
        return result.to_json()
    from passport.attestation.attested_standing import report

    return report(result, trust_list)


def _print_attested(result: VerificationResult, trust_list: TrustList) -> None:
    """Who attested which value of the file, until when, and whether that still fits."""
    if not any(credential_types.ATTESTATION in each.types for each in result.credentials):
        return
    from passport.attestation.attested_standing import STANDING_TEXTS, attested

    for each in attested(result, trust_list):
        issuer = trust_list.issuer(each.issuer)
        text = Message(
            "{name}: {standing}, {issuer}, until {end:%Y-%m-%d}", name=each.indicator,
            standing=STANDING_TEXTS[each.standing], issuer=each.issuer if issuer is None else issuer.name,
            end=each.until or datetime(9999, 12, 31, tzinfo=UTC),
        )  # fmt: skip
        first, *more = console.wrap(console.spoken(text), 70)
        console.say(console.pad(_TEXTS["attested"], 9) + first)
        for line in more:
            console.say(" " * 9 + line)


def _print_row(number: str, row: VerdictRow) -> None:
    """One check: number, mark, name, and what was found; the library's own words below, where there are any."""
    lines = [line for text in (*row.details, *row.machine_detail) for line in console.wrap(text, 80 - 43)]
    first, *more = lines or [""]
    console.say(f"{number}  ", console.mark(row.outcome.value), f"  {console.pad(row.name, 35)}  {first}".rstrip())
    for line in more:
        console.say(" " * 43 + line)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise UsageError(
            Message("--at is not an instant"), expected=Message("such as 2027-03-08T09:30:00Z"), found=repr(text)
        )
    return at
