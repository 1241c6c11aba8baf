"""``passport event``: life-cycle events: report them, hand in signed ones, list what was accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from passport.commands.events.event_intake import hand_in, save_receipts
from passport.commands.terminal import console
from passport.commands.terminal.fault_list import print_faults
from passport.credentials.wording import shortened
from passport.errors import FaultyRecord, MalformedDocument, UsageError
from passport.exchange.event_tables.event_inputs import InputEvent, faults_of, files_of, read_inputs
from passport.lifecycle import Predecessor, catalogue
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.publishing.events.inbox import Status
from passport.publishing.events.message import EventMessage
from passport.publishing.events.outbox import Outbox
from passport.publishing.events.reporting import Reporter
from passport.store import Store
from passport.texts import Message, say

_MESSAGES = (".json",)


_receipts_option = click.option(
    "--receipts", metavar="FOLDER", type=click.Path(path_type=Path), help="Write the receipts there."
)
_log_passphrase_option = click.option(
    "--log-passphrase-file", metavar="FILE", help="File whose first line is the passphrase of the key of the own log."
)


@click.group()
def event() -> None:
    """Life-cycle events: report them, hand in signed ones, list what was accepted.

    \b
    Examples:
      passport event template fit -o fit.xlsx
      passport event new fit.xlsx --accreditation maker.jsonld
      passport event send out/events --to https://registry.example/events
      passport event list
    """


@event.command()
@click.argument("inputs", metavar="FILE...", nargs=-1, required=True)
@click.option("--accreditation", "accreditation_file", metavar="FILE", help="Accreditation to enclose.")
@click.option("--status-list", "list_files", metavar="FILE", multiple=True, help="Status list to enclose; repeatable.")
@click.option("--no-check-digit", is_flag=True, help="Take VINs without a check digit, as European makers give them.")
@click.option("--to", "address", metavar="URL", help="Hand in there, and not to the own store.")
@click.option("--sign-only", is_flag=True, help="Sign into out/events and hand in nowhere.")
@_receipts_option
@_log_passphrase_option
@console.project_option
@console.passphrase_option
@console.command
def new(
    inputs: tuple[str, ...],
    accreditation_file: str | None,
    list_files: tuple[str, ...],
    no_check_digit: bool,
    address: str | None,
    sign_only: bool,
    receipts: Path | None,
    log_passphrase_file: str | None,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Sign events with the project's key and hand them in. FILE is JSON, lines of JSON, a workbook, CSV, or a folder.

    All faults of all files are found before anything is signed. A VIN is hashed under the project's keys for hashes of
    vehicles (passport key vehicle) and written nowhere. Signed messages are kept in out/events: the same input
    again signs nothing twice, and an interrupted run goes on where it stopped.

    The answer has a receipt of each event, if the inbox signs checkpoints of its log: -o writes it beside the signed
    event, for passport log check.

    \b
    Examples:
      passport event new fit.json --receipts receipts
      passport event new events/ --to https://registry.example/events --accreditation maker.jsonld
      passport event new fit.xlsx --sign-only
    """
    if address is not None and sign_only:
        raise UsageError(Message("--to and --sign-only exclude each other"))
    log_passphrase = console.read_passphrase(log_passphrase_file)
    project = Project.find(project_folder)
    try:
        events = read_inputs(inputs, console.read_input)
    except FaultyRecord as error:
        _raise_faulty(inputs, error, as_json)
    issuer = project.issuer_with_key(console.read_passphrase(passphrase_file))
    store = project.open_store()
    reporter = Reporter(
        issuer,
        project.base_url,
        _heads(store),
        project.vehicle_keys(),
        not no_check_digit,
        None if accreditation_file is None else _document(accreditation_file),
        tuple(_document(path) for path in list_files),
    )
    try:
        completed = _completed(reporter, events)
    except FaultyRecord as error:
        _raise_faulty(inputs, error, as_json)
    outbox = Outbox(project.folder / "out" / "events")
    at = console.now()
    messages = []
    for document in completed:
        message = outbox.get(document["id"])
        if message is None:
            message = reporter.message(document, at=at)
            outbox.put(message)
        else:
            reporter.follow(message)
        messages.append(message)
    if sign_only:
        _say_signed(messages, as_json)
        return
    outcomes = hand_in(project, store, messages, address, at, log_passphrase)
    for outcome in outcomes:
        if outcome["status"] == Status.REFUSED.value and "event" in outcome:
            outbox.remove(outcome["event"])
    _report(outcomes, _saved(receipts, messages, outcomes), as_json)


@event.command()
@click.argument("inputs", metavar="MESSAGE...", nargs=-1, required=True)
@click.option("--to", "address", metavar="URL", help="Hand in there, and not to the own store.")
@_receipts_option
@_log_passphrase_option
@console.project_option
@console.command
def send(
    inputs: tuple[str, ...],
    address: str | None,
    receipts: Path | None,
    log_passphrase_file: str | None,
    project_folder: str | None,
    as_json: bool,
) -> None:
    """Hand in signed messages: files, or folders of them. What was accepted before changes nothing.

    The inbox at URL is called with the token in PASSPORT_EVENTS_TOKEN, where it is set.

    \b
    Examples:
      passport event send out/events --to https://registry.example/events
      passport event send received.json
    """
    project = Project.find(project_folder)
    names = [name for path in inputs for name in files_of(path, _MESSAGES)]
    messages = _in_order([_message(name) for name in names])
    passphrase = console.read_passphrase(log_passphrase_file)
    outcomes = hand_in(project, project.open_store(), messages, address, console.now(), passphrase)
    _report(outcomes, _saved(receipts, messages, outcomes), as_json)


@event.command(name="list")
@click.argument("pack", required=False)
@click.option("--after", type=click.IntRange(0), default=0, help="Only events after this number.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="At most so many.")
@click.option("--refused", is_flag=True, help="Messages that were refused and kept, with their reasons.")
@console.project_option
@console.command
def list_(pack: str | None, after: int, limit: int, refused: bool, project_folder: str | None, as_json: bool) -> None:
    """List accepted events in the order of acceptance, of one PACK or of all.

    \b
    Examples:
      passport event list --limit 20
      passport event list https://passport.example.com/01/…/21/… --json
      passport event list --refused
    """
    project = Project.find(project_folder)
    store = project.open_store()
    if refused:
        kept = store.refused_events(after=after, limit=limit)
        if as_json:
            console.say_json({"refused": [
                {"digest": each.digest, "actor": each.actor, "pack": each.pack,
                 "refusedAt": each.refused_at.isoformat(), "reasons": strict_json.loads(each.reasons)}
                for each in kept
            ]})  # fmt: skip
            return
        for each in kept:
            reasons = strict_json.loads(each.reasons)
            console.say(each.refused_at.isoformat(), "  ", shortened(each.actor), "  ", each.pack)
            for reason in reasons:
                console.say("  ", f"{reason['code']}: ", console.spoken(reason["message"]))
        if not kept:
            console.say(Message("no message was refused"))
        return
    rows = (
        store.latest_events(after=after, limit=limit)
        if pack is None
        else store.event_chain(find_pack(store, pack, project), after=after, limit=limit)
    )
    if as_json:
        console.say_json({"events": [
            {"id": row.id, "pack": row.pack, "event": row.kind, "occurredAt": row.instant.isoformat(),
             "actor": row.actor, "position": row.position, "sequence": row.sequence, "digest": row.digest,
             "late": row.late, "logIndex": row.log_index}
            for row in rows
        ]})  # fmt: skip
        return
    kinds = catalogue().kinds
    for row in rows:
        label = console.spoken(dict(kinds[row.kind].label))
        console.say(
            f"{row.sequence:>6}  {row.instant.date().isoformat()}  ", console.pad(label, 24), f"  {row.pack}  ",
            shortened(row.actor),
        )  # fmt: skip
    if not rows:
        console.say(Message("no events"))


@event.command()
@click.argument("kind")
@console.output_option("-o", "--output", endings=(".xlsx", ".csv"), required=True, help="The file (.xlsx, .csv).")
@console.command
def template(kind: str, output: console.Destination, as_json: bool) -> None:
    """Write a table to fill in for one KIND of event: its fields with names in both languages, units and drop-downs.

    \b
    Examples:
      passport event template fit -o fit.xlsx
      passport event template recycle -o recycle.csv
    """
    from passport.exchange.spreadsheet import event_sheets

    event_kind = catalogue().kinds.get(kind)
    if event_kind is None:
        raise UsageError(
            Message("unknown event {kind}", kind=kind[:40]),
            expected=Message("one of {codes}", codes=list(catalogue().kinds)),
        )
    data = event_sheets.template(event_kind, as_csv=str(output).lower().endswith(".csv"))
    output.write(data)
    if as_json:
        console.say_json({"file": str(output), "bytes": len(data), "event": kind})
        return
    console.say(
        Message("{file}  {count:,} bytes, {event}", file=str(output), count=len(data), event=dict(event_kind.label))
    )


# --- signing ----------------------------------------------------------------------------------------------------------


def _completed(reporter: Reporter, events: Sequence[InputEvent]) -> list[JsonObject]:
    """:raises FaultyRecord: with every fault of every event, each with its place in the file."""
    completed, faults = [], []
    for each in events:
        try:
            completed.append(reporter.complete(each.document))
        except FaultyRecord as error:
            faults += faults_of(error, each)
    if faults:
        raise FaultyRecord(Message("nothing was signed"), tuple(faults))
    return completed


def _raise_faulty(inputs: Sequence[str], error: FaultyRecord, as_json: bool) -> NoReturn:
    """Print the faults as a list to work through, and leave with the exit code of the error."""
    if as_json:
        raise error
    print_faults(" + ".join(Path(name).name for name in inputs), error.faults)
    console.say(Message("Nothing was signed. Correct the places above and run the same command again."))
    raise SystemExit(error.exit_code)


def _heads(store: Store) -> Any:
    def head_of(pack: str) -> Predecessor | None:
        row = store.event_head(pack)
        return None if row is None else Predecessor(row.id, row.digest)

    return head_of


def _document(path: str) -> JsonObject:
    try:
        document = strict_json.loads(console.read_input(path))
    except MalformedDocument as error:
        raise UsageError(Message("{path}: {error}", path=path, error=error)) from error
    if not isinstance(document, dict):
        raise UsageError(Message("{path} is no credential", path=path), expected=Message("a JSON object"))
    return document


def _message(path: str) -> EventMessage:
    try:
        return EventMessage.from_json(strict_json.loads(console.read_input(path)))
    except MalformedDocument as error:
        raise UsageError(Message("{path}: {error}", path=path, error=error)) from error


def _in_order(messages: Sequence[EventMessage]) -> list[EventMessage]:
    """Each event after its predecessor; otherwise in the given order."""
    by_id = {message.event.get("id"): message for message in messages}
    ordered: dict[Any, EventMessage] = {}
    for message in messages:
        chain = []
        while message is not None and message.event.get("id") not in ordered and message not in chain:
            chain.append(message)
            subject = message.event.get("credentialSubject")
            before = subject.get("previousEvent") if isinstance(subject, dict) else None
            message = by_id.get(before)  # type: ignore[assignment]
        for each in reversed(chain):
            ordered[each.event.get("id")] = each
    return list(ordered.values())


# --- answers ----------------------------------------------------------------------------------------------------------


def _say_signed(messages: Sequence[EventMessage], as_json: bool) -> None:
    if as_json:
        console.say_json({"signed": [message.event["id"] for message in messages]})
        return
    for message in messages:
        console.say_fact(Message("signed"), message.event["id"], 10)


_SAID = {
    Status.ACCEPTED.value: (Message("accepted"), "passed"),
    Status.DUPLICATE.value: (Message("stored before"), "passed"),
    Status.REFUSED.value: (Message("refused"), "failed"),
    Status.UNDETERMINED.value: (Message("not checked"), "undetermined"),
}


def _saved(
    folder: Path | None, messages: Sequence[EventMessage], outcomes: Sequence[JsonObject]
) -> tuple[Path, int] | None:
    return None if folder is None else (folder, save_receipts(folder, messages, outcomes))


def _report(outcomes: Sequence[JsonObject], saved: tuple[Path, int] | None, as_json: bool) -> None:
    """Print what became of each message, and settle the exit code: 1 where one was refused, 3 where one is open."""
    statuses = {outcome["status"] for outcome in outcomes}
    code = 1 if Status.REFUSED.value in statuses else 3 if Status.UNDETERMINED.value in statuses else 0
    console.settle(code)
    if as_json:
        console.say_json({"outcomes": list(outcomes)})
        return
    for outcome in outcomes:
        word, mark = _SAID[outcome["status"]]
        console.say(console.mark(mark), " ", console.pad(console.spoken(word), 14), str(outcome.get("event", "")))
        if outcome["status"] in (Status.ACCEPTED.value, Status.DUPLICATE.value):
            receipt = outcome.get("receipt")
            if isinstance(receipt, Mapping) and "withoutProof" in receipt:
                console.say("    ", say(receipt["withoutProof"], console.language()))
            continue
        for fault in outcome.get("faults", ()):
            console.say(
                "    ", f"{fault['pointer']}  " if fault["pointer"] else "", say(fault["message"], console.language())
            )
        if "head" in outcome:
            head = outcome["head"]
            console.say(
                "    ", Message("The last event is {id}, digest {digest}.", id=head["id"], digest=head["digest"])
            )
    if saved is not None:
        folder, count = saved
        console.say(Message("{n} receipt in {folder}", plural="{n} receipts in {folder}", n=count, folder=folder))


def find_pack(store: Store, text: str, project: Project) -> str:
    """The pack that a person means: the address of a pack with events, else as for a passport."""
    from passport.presenting.subject_search import find_subject

    return text if store.event_head(text) is not None else find_subject(store, text, project.base_url)
