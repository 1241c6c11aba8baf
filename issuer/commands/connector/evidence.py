"""``passport connector log``: the log of exchanges, signed checkpoints of it, and evidence for a third party."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

import click

from issuer.commands.connector.shared import state_of
from passport.commands.events.log import checkpoint_in, report_audit, show_key, stated_key
from passport.commands.events.log_keys import EXCHANGE_KEY, log_signer
from passport.commands.terminal import console
from passport.connector.connector_settings import ConnectorSettings
from passport.connector.exchange_evidence import EvidenceLine, EvidenceOutcome, ExchangeEvidence
from passport.connector.exchange_evidence import check as check_evidence
from passport.errors import UnreadableInput, UsageError
from passport.identity import DidResolver
from passport.linked_data import strict_json
from passport.project import Project
from passport.publishing.log.log_audit import FaultKind, LogFault, LoggedDocument, audit
from passport.publishing.log.log_checkpoints import Log, log_name
from passport.store.state.exchange_reading import salted
from passport.store.state.exchange_state import EXCHANGE, ExchangeState
from passport.texts import Message
from passport.transparency.checkpoint import open_checkpoint
from passport.transparency.note import Kind, NoteKey

_FAILED, _OPEN = 1, 3


@click.group()
def log() -> None:
    """Show, sign and verify the log of exchanges, and prove from it what was agreed and sent.

    \b
    Examples:
      passport connector log show --project shop
      passport connector log key --project shop
      passport connector log checkpoint -o checkpoint.txt --project shop
      passport connector log verify --checkpoint checkpoint.txt --project shop
      passport connector log prove AGREEMENT -o evidence.json --project shop
    """


@log.command()
@click.option("--process", "pid", metavar="PROCESS", help="Only of this negotiation or transfer.")
@console.project_option
@console.command
def show(pid: str | None, project_folder: str | None, as_json: bool) -> None:
    """Print the log of messages and hand-overs.

    \b
    Example:
      passport connector log show --project shop
    """
    state = state_of(Project.find(project_folder))
    lines = state.records(pid, limit=100_000)
    if as_json:
        names = ("at", "direction", "peer", "process", "name", "outcome", "digest", "agreement", "token")
        rows = [{"entry": position, **dict(zip(names, record.row, strict=True))} for position, record, _ in lines]
        console.say_json({"size": state.log_size(EXCHANGE), "lines": rows})
        return
    for position, record, _ in lines:
        console.say(f"{position}  {record.at:%Y-%m-%d %H:%M:%S}  {record.direction}  {record.outcome}")
        console.say(f"    {record.name}  {record.peer}")
    if not lines:
        console.say(Message("none yet"))


@log.command()
@console.project_option
@console.passphrase_option
@console.command
def key(project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Make the key of the log of exchanges where there is none, and show its public half (vkey).

    It is an Ed25519 key of its own, keys/exchange-log.pem, mode 600. It signs checkpoints. Give the vkey to the
    companies you exchange with: they need it to check your evidence.

    \b
    Example:
      passport connector log key --project shop
    """
    project = Project.find(project_folder)
    show_key(project, EXCHANGE_KEY, _origin(project), Kind.LOG, passphrase_file, as_json)


@log.command()
@console.output_option("-o", "--output", help="File to write (default: stdout).")
@console.project_option
@console.passphrase_option
@console.command
def checkpoint(
    output: console.Destination | None, project_folder: str | None, passphrase_file: str | None, as_json: bool
) -> None:
    """Sign the log of exchanges as it is now, and print the checkpoint. Meant for a timer.

    A checkpoint that is kept elsewhere, by the other company or a witness, shows later that nothing before it was
    changed or cut off.

    \b
    Example:
      passport connector log checkpoint -o checkpoint.txt --project shop
    """
    project = Project.find(project_folder)
    stored = _log(project, state_of(project)).sign(log_signer(project, EXCHANGE_KEY, passphrase_file))
    if output is not None:
        output.write(bytes(stored.note))
    if as_json:
        document = {"origin": _origin(project), "size": stored.size, "checkpoint": bytes(stored.note).decode()}
        (console.produce_json if output is None else console.say_json)(document)
    elif output is None:
        console.produce(bytes(stored.note))
    else:
        console.say(Message("{n} entry", plural="{n} entries", n=stored.size), "  ", str(output))


@log.command()
@click.option("--checkpoint", "files", metavar="FILE", multiple=True,
              help="Checkpoint or evidence that was kept elsewhere; repeatable.")  # fmt: skip
@click.option("--log-key", metavar="VKEY", help="Key of the log (default: its .vkey in keys/ of the project).")
@console.project_option
@console.command
def verify(files: tuple[str, ...], log_key: str | None, project_folder: str | None, as_json: bool) -> None:
    """Look the log of exchanges through, and say which line was deleted, altered, reordered or cut off.

    It compares lines, messages, entries and signed checkpoints with each other. A change of all of them together is
    found by a checkpoint that was kept elsewhere.

    \b
    Exit code: 0 sound, 1 not sound.

    \b
    Example:
      passport connector log verify --checkpoint checkpoint.txt --project shop
    """
    project = Project.find(project_folder)
    state = state_of(project)
    vkey = stated_key(project, EXCHANGE_KEY, log_key)
    notes = [bytes(stored.note) for stored in state.log_checkpoints(EXCHANGE)]
    notes += [note for path in files for note in _checkpoints_in(console.read_input(path))]
    checkpoints = [open_checkpoint(note, vkey).checkpoint for note in notes]
    result = audit(state, EXCHANGE, checkpoints, _documents(state))
    report_audit(replace(result, faults=(*result.faults, *_changed_messages(state))), vkey.name, as_json)


@log.command()
@click.argument("agreement", metavar="AGREEMENT")
@click.option("--without-data", is_flag=True, help="Leave out what was handed over: those lines hold the data itself.")
@console.output_option("-o", "--output", endings=(".json",), help="File to write (default: stdout).")
@console.project_option
@console.passphrase_option
@console.command
def prove(
    agreement: str, without_data: bool, output: console.Destination | None, project_folder: str | None,
    passphrase_file: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Write the evidence of an AGREEMENT: its messages and transfers, with the proof that our log holds them.

    The other lines of the log stay unknown to the reader. A checkpoint is signed where none covers the lines yet.

    \b
    Example:
      passport connector log prove urn:uuid:… -o evidence.json --project shop
    """
    project = Project.find(project_folder)
    state = state_of(project)
    rows = state.processes_of_agreement(agreement)
    if not rows:
        raise UsageError(Message("no such agreement"), found=repr(agreement)[:120])
    stored = _log(project, state).sign(log_signer(project, EXCHANGE_KEY, passphrase_file))
    receipts = _log(project, state).receipts_under(stored)
    lines = [
        EvidenceLine(record, salt, receipts(position))
        for row in rows
        for position, record, salt in state.records(row.pid, limit=100_000)
        if not (without_data and record.direction == "data")
    ]
    lines.sort(key=lambda line: line.receipt.index)
    made = ExchangeEvidence(project.issuer, rows[0].body["agreement"], tuple(lines))
    console.deliver_json(made.to_json(), output)


@log.command()
@click.argument("evidence", metavar="EVIDENCE")
@click.option("--log-key", metavar="VKEY", required=True, help="Key of the log, from the company whose log it is.")
@click.option("--did-document", "files", metavar="FILE", multiple=True,
              help="DID document of a company, from a source that you trust; repeatable.")  # fmt: skip
@console.command
def check(evidence: str, log_key: str, files: tuple[str, ...], as_json: bool) -> None:
    """Check the EVIDENCE of an exchange, offline: the log, the messages, the agreement, and the senders' signatures.

    \b
    Exit code: 0 all of it holds, 1 some of it does not, 3 the DID document of a sender is not at hand.

    \b
    Example:
      passport connector log check evidence.json --log-key VKEY --did-document cells-did.json
    """
    documents = [strict_json.loads(console.read_input(path)) for path in files]
    if not all(isinstance(each, dict) and isinstance(each.get("id"), str) for each in documents):
        raise UnreadableInput(Message("not a DID document"))
    shown = ExchangeEvidence.from_bytes(console.read_input(evidence))
    resolver = DidResolver({each["id"]: each for each in documents})
    checks = check_evidence(shown, NoteKey.parse(log_key), resolver)
    outcomes = Counter(each.outcome for each in checks)
    code = _FAILED if outcomes[EvidenceOutcome.FAILED] else _OPEN if outcomes[EvidenceOutcome.UNDETERMINED] else 0
    if code:
        console.settle(code)
    if as_json:
        console.say_json({
            "company": shown.company, "agreement": shown.agreement, "verified": code == 0,
            "checks": [
                {"step": each.step, "entry": each.index, "outcome": each.outcome.value, "message": str(each.message)}
                for each in checks
            ],
        })  # fmt: skip
        return
    for line in shown.lines:
        record, index = line.record, line.receipt.index
        console.say(f"{index}  {record.at:%Y-%m-%d %H:%M:%S}  {record.direction}  {record.name}  {record.outcome}")
        for each in checks:
            if each.index == index:
                console.say("  ", console.mark(each.outcome.value), " ", each.message)


# --- shared ---------------------------------------------------------------------------------------------------------


def _origin(project: Project) -> str:
    return log_name(ConnectorSettings.load(project.folder).address, EXCHANGE)


def _log(project: Project, state: ExchangeState) -> Log:
    return Log(state, EXCHANGE, _origin(project))


def _documents(state: ExchangeState) -> Iterator[LoggedDocument]:
    for position, number, record, salt in state.logged():
        yield LoggedDocument(position, Message("line {number}", number=number), salted(salt, record))


def _changed_messages(state: ExchangeState) -> Iterator[LogFault]:
    """Lines whose message is not that of the digest in the line."""
    for position, number, record, _ in state.logged():
        if record.body is not None and sha256(record.body).hexdigest() != record.digest:
            text = Message("the message of line {number} was altered", number=number)
            yield LogFault(FaultKind.ALTERED, position, text)


def _checkpoints_in(data: bytes) -> list[bytes]:
    """The checkpoints in a file: a checkpoint, a receipt, or evidence."""
    if data.lstrip()[:1] != b"{":
        return [checkpoint_in(data)]
    return list({line.receipt.checkpoint: None for line in ExchangeEvidence.from_bytes(data).lines})
