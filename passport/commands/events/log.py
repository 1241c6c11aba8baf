"""``passport log``: checkpoints of the log of events, its audit, receipts, and a witness for logs of others."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from passport.commands.events.log_keys import LOG_KEYS, PUBLIC, WITNESS_KEY, kept_key, log_signer
from passport.commands.terminal import console
from passport.credentials.credential import LOG_CHECKPOINT, date_time
from passport.errors import BrokenLog, MalformedLogData, UsageError
from passport.linked_data import strict_json
from passport.project import Project
from passport.publishing.events.logged_documents import logged_documents
from passport.publishing.log.log_audit import LogAudit, LoggedDocument, audit
from passport.publishing.log.log_checkpoints import Log, log_name
from passport.publishing.log.log_sources import log_store, source_of
from passport.publishing.log.log_witness import cosign_log
from passport.store.log.access_log import AccessLog
from passport.store.log.log_writing import ACCESS, EVENTS
from passport.store.log.witness_state import WitnessState
from passport.texts import Message
from passport.transparency import receipt as receipts
from passport.transparency.checkpoint import Checkpoint, Cosignature, Quorum, open_checkpoint
from passport.transparency.note import Kind, Note, NoteKey
from passport.transparency.receipt import SUFFIX, Receipt, document_entry

_STATE = "witness.db"


_log_option = click.option(
    "--log",
    "which",
    type=click.Choice([EVENTS, ACCESS]),
    default=EVENTS,
    show_default=True,
    help="The log of events, or the resolver's log of reads of restricted data.",
)


@click.group()
def log() -> None:
    """Sign, verify and witness the log of events, which cannot be rewritten unseen.

    \b
    Examples:
      passport log key --project shop
      passport log checkpoint --project shop
      passport log witness https://passport.example.com/log/events --log-key VKEY --project witness
      passport log verify --checkpoint kept.txt --project shop
    """


# --- keys -----------------------------------------------------------------------------------------------------------


@log.command()
@click.option("--witness", "for_witness", is_flag=True, help="The key of a witness for logs of others.")
@_log_option
@console.project_option
@console.passphrase_option
@console.command
def key(for_witness: bool, which: str, project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Make the key of the log where there is none, and show its public half (vkey).

    It is an Ed25519 key of its own in keys/, mode 600: it signs checkpoints, and no trust list names it. Verifiers and
    witnesses need the vkey.

    \b
    Examples:
      passport log key --project shop
      passport log key --witness --project witness --passphrase-file secret.txt
    """
    project = Project.find(project_folder)
    path = WITNESS_KEY if for_witness else LOG_KEYS[which]
    name, kind = (
        (_witness_name(project), Kind.WITNESS) if for_witness else (log_name(project.base_url, which), Kind.LOG)
    )
    show_key(project, path, name, kind, passphrase_file, as_json)


def show_key(project: Project, path: Path, name: str, kind: Kind, passphrase_file: str | None, as_json: bool) -> None:
    """Make a key where there is none, and show its public half, which is written beside it."""
    private_key, made = kept_key(project, path, passphrase_file)
    file, vkey = project.folder / path, NoteKey(name, kind, private_key.public_key)
    console.write_output(file.with_suffix(PUBLIC), f"{vkey}\n".encode())
    if as_json:
        console.say_json({"file": str(file), "name": vkey.name, "vkey": str(vkey), "made": made})
        return
    console.say_fact(Message("File"), str(file), 8)
    console.say_fact(Message("Name"), vkey.name, 8)
    console.say_fact(Message("vkey"), str(vkey), 8)


# --- checkpoints ----------------------------------------------------------------------------------------------------


@log.command()
@click.option("--cosigned", metavar="FILE", help="Add the cosignatures in this file instead of signing.")
@click.option("--witness-key", "witness_keys", metavar="VKEY", multiple=True, help="Key of a witness; repeatable.")
@console.output_option("-o", "--output", help="File to write (default: stdout).")
@_log_option
@console.project_option
@console.passphrase_option
@console.command
def checkpoint(
    cosigned: str | None,
    witness_keys: tuple[str, ...],
    which: str,
    output: console.Destination | None,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Sign the log as it is now, and print the checkpoint. Meant for a timer where the key is.

    A second run without new entries signs nothing. What witnesses cosigned comes back with --cosigned: it is verified
    with the keys of the witnesses, stored, and served with the checkpoint from then on.

    \b
    Examples:
      passport log checkpoint --project shop -o checkpoint.txt
      passport log checkpoint --cosigned cosigned.txt --witness-key VKEY --project shop
    """
    if bool(cosigned) != bool(witness_keys):
        raise UsageError(
            Message("cosignatures and the keys of their witnesses belong together"),
            expected=Message("--cosigned with --witness-key, or neither"),
        )
    project = Project.find(project_folder)
    own = Log(log_store(project, which), which, log_name(project.base_url, which))
    if cosigned:
        note = Note.parse(console.read_input(cosigned))
        new = own.add_cosignatures(note, [NoteKey.parse(text) for text in witness_keys])
        if as_json:
            console.say_json({"added": [witness.name for witness in new]})
        else:
            console.say(Message("{n} cosignature added", plural="{n} cosignatures added", n=len(new)))
        return
    stored = own.sign(log_signer(project, LOG_KEYS[which], passphrase_file))
    if output is not None:
        output.write(bytes(stored.note))
    if as_json:
        document = {"origin": own.origin, "size": stored.size, "checkpoint": bytes(stored.note).decode()}
        (console.produce_json if output is None else console.say_json)(document)
    elif output is None:
        console.produce(bytes(stored.note))
    else:
        console.say(Message("{n} entry", plural="{n} entries", n=stored.size), "  ", str(output))


# --- audit ----------------------------------------------------------------------------------------------------------


@log.command()
@click.option(
    "--checkpoint",
    "files",
    metavar="FILE",
    multiple=True,
    help="Checkpoint that was kept elsewhere: by a witness, in a receipt, in a saved passport; repeatable.",
)
@click.option("--log-key", metavar="VKEY", help="Key of the log (default: its .vkey in keys/ of the project).")
@_log_option
@console.project_option
@console.command
def verify(files: tuple[str, ...], log_key: str | None, which: str, project_folder: str | None, as_json: bool) -> None:
    """Look the log through, and say what was deleted, altered, reordered or cut off, and where.

    It compares entries, tiles, documents and signed checkpoints with each other. An operator who rewrites all of them
    is found out only by a checkpoint that was kept elsewhere: give the oldest that you have.

    \b
    Exit code: 0 sound, 1 not sound.

    \b
    Examples:
      passport log verify --project shop
      passport log verify --checkpoint kept.txt --checkpoint event.tlog-proof --project shop
    """
    project = Project.find(project_folder)
    store = log_store(project, which)
    vkey = stated_key(project, LOG_KEYS[which], log_key)
    notes = [bytes(stored.note) for stored in store.log_checkpoints(which)]
    notes += [checkpoint_in(console.read_input(path)) for path in files]
    checkpoints = [open_checkpoint(note, vkey).checkpoint for note in notes]
    if isinstance(store, AccessLog):
        reads = (LoggedDocument(entry, f"read {number}", body) for entry, number, body in store.salted())
        result = audit(store, which, checkpoints, reads, may_be_forgotten=True)
    else:
        result = audit(store, which, checkpoints, logged_documents(store))
    report_audit(result, vkey.name, as_json)


def report_audit(result: LogAudit, origin: str, as_json: bool) -> None:
    """Print what an audit found; exit code 1 where the log is not sound."""
    if result.faults:
        console.settle(BrokenLog.exit_code)
    if as_json:
        console.say_json({
            "origin": origin, "sound": not result.faults, "size": result.size, "root": result.root.hex(),
            "checkpoints": result.checkpoints, "documents": result.documents,
            "faults": [
                {"kind": fault.kind.value, "index": fault.index, "message": str(fault.message)}
                for fault in result.faults
            ],
        })  # fmt: skip
        return
    console.say_fact(Message("Log"), origin, 13)
    console.say_fact(Message("Entries"), f"{result.size:,}", 13)
    console.say_fact(Message("Checkpoints"), Message("{n:,} compared", n=result.checkpoints), 13)
    if result.documents is not None:
        console.say_fact(Message("Documents"), Message("{n:,} compared", n=result.documents), 13)
    for fault in result.faults:
        console.say(console.mark("failed"), " ", fault.message)
    if not result.faults:
        console.say(console.mark("passed"), " ", Message("nothing was deleted, altered, reordered or cut off"))


def checkpoint_in(data: bytes) -> bytes:
    """The note in a file: a checkpoint itself, or the one in a receipt or in a saved passport."""
    if data.startswith(b"c2sp.org/tlog-proof"):
        return Receipt.parse(data).checkpoint
    if data.lstrip()[:1] == b"{":
        saved = strict_json.loads(data)
        note = saved.get(LOG_CHECKPOINT) if isinstance(saved, dict) else None
        if not isinstance(note, str):
            raise MalformedLogData(Message("the file holds no checkpoint of a log"))
        return note.encode()
    return data


# --- receipts -------------------------------------------------------------------------------------------------------


@log.command()
@click.argument("document", metavar="DOCUMENT")
@console.output_option("-o", "--output", endings=(SUFFIX,), help="File to write (.tlog-proof; default: stdout).")
@console.project_option
@console.command
def receipt(document: str, output: console.Destination | None, project_folder: str | None, as_json: bool) -> None:
    """Print the receipt of the signed DOCUMENT (a file, byte for byte as it was accepted; - reads stdin).

    A receipt proves offline that the document is in the log: passport log check.

    \b
    Example:
      passport log receipt event.jsonld -o event.tlog-proof --project shop
    """
    project = Project.find(project_folder)
    made = Log(project.open_store(), EVENTS, log_name(project.base_url, EVENTS)).receipt(
        document_entry(console.read_input(document))
    )
    if as_json:
        console.produce_json({"index": made.index, "receipt": bytes(made).decode()})
        return
    console.deliver(bytes(made), output)


@log.command()
@click.argument("receipt_file", metavar="RECEIPT")
@click.argument("document", metavar="DOCUMENT")
@click.option("--log-key", metavar="VKEY", required=True, help="Key of the log.")
@click.option("--witness-key", "witness_keys", metavar="VKEY", multiple=True, help="Key of a witness; repeatable.")
@click.option("--witnesses", "needed", type=click.IntRange(min=0), help="How many must have cosigned (default: all).")
@console.command
def check(
    receipt_file: str, document: str, log_key: str, witness_keys: tuple[str, ...], needed: int | None, as_json: bool
) -> None:
    """Verify the RECEIPT of the signed DOCUMENT, offline, with keys that you have from elsewhere.

    \b
    Exit code: 0 the document is in the log, 1 the receipt does not prove it.

    \b
    Examples:
      passport log check event.tlog-proof event.jsonld --log-key VKEY --witness-key VKEY
      passport log check event.tlog-proof event.jsonld --log-key VKEY --witnesses 0
    """
    if not witness_keys and needed is None:
        raise UsageError(
            Message("no witness is named"),
            expected="--witness-key VKEY",
            hint=Message("--witnesses 0 relies on the operator of the log alone, who can rewrite it."),
        )
    witnesses = tuple(NoteKey.parse(text) for text in witness_keys)
    everybody = len({witness.public_key for witness in witnesses})
    quorum = Quorum(witnesses, everybody if needed is None else needed)
    entry = document_entry(console.read_input(document))
    proof = receipts.verify(Receipt.parse(console.read_input(receipt_file)), entry, NoteKey.parse(log_key), quorum)
    if as_json:
        console.say_json({
            "verified": True, "origin": proof.checkpoint.origin, "index": proof.index, "size": proof.checkpoint.size,
            "cosignatures": _cosignatures_json(proof.cosignatures),
        })  # fmt: skip
        return
    console.say(
        console.mark("passed"),
        " ",
        Message("entry {index} of {origin}", index=proof.index, origin=proof.checkpoint.origin),
    )
    for each in proof.cosignatures:
        seen = Message("seen by {witness} at {at:%Y-%m-%d %H:%M} UTC", witness=each.witness.name, at=each.at)
        console.say(console.mark("passed"), " ", seen)
    if not proof.cosignatures:
        console.say(console.mark("undetermined"), " ", Message("no witness: only the operator of the log says so"))


def _cosignatures_json(cosignatures: Iterable[Cosignature]) -> list[dict[str, str]]:
    return [{"witness": each.witness.name, "at": date_time(each.at)} for each in cosignatures]


# --- witness --------------------------------------------------------------------------------------------------------


@log.command()
@click.argument("source", metavar="SOURCE")
@click.option("--log-key", metavar="VKEY", required=True, help="Key of the log, from its operator.")
@_log_option
@console.output_option("-o", "--output", help="File to write (default: stdout).")
@console.project_option
@console.passphrase_option
@console.command
def witness(
    source: str,
    log_key: str,
    which: str,
    output: console.Destination | None,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Cosign the newest checkpoint of the log at SOURCE, if it continues what this witness saw before.

    SOURCE is the address of a log, the folder of a project, or a folder with a checkpoint and tiles. The witness keeps
    what it saw in witness.db of its own project. It refuses a log that was rolled back or shows two histories; then
    both checkpoints together prove what the operator did.

    \b
    Exit code: 0 cosigned, 1 refused, 3 not reached.

    \b
    Examples:
      passport log witness https://passport.example.com/log/events --log-key VKEY -o cosigned.txt --project witness
      passport log witness ../shop --log-key VKEY --project witness
    """
    project = Project.find(project_folder)
    signer = log_signer(project, WITNESS_KEY, passphrase_file)
    state = WitnessState(project.folder / _STATE)
    try:
        witnessed, name = source_of(source, which), _witness_name(project)
        cosigned = cosign_log(witnessed, state, NoteKey.parse(log_key), name, signer, at=console.now())
    finally:
        state.close()
    data = bytes(cosigned.note)
    if output is not None:
        output.write(data)
    if as_json:
        document = {
            "origin": cosigned.checkpoint.origin, "size": cosigned.checkpoint.size,
            "before": cosigned.before.size if cosigned.before else None, "checkpoint": data.decode(),
        }  # fmt: skip
        (console.produce_json if output is None else console.say_json)(document)
    elif output is None:
        console.produce(data)
    else:
        console.say(_growth(cosigned.checkpoint, cosigned.before.size if cosigned.before else None), "  ", str(output))


def _growth(checkpoint: Checkpoint, before: int | None) -> Message:
    if before is None:
        return Message(
            "{origin}: {size:,} entries, seen for the first time", origin=checkpoint.origin, size=checkpoint.size
        )
    return Message(
        "{origin}: {size:,} entries, {before:,} before",
        origin=checkpoint.origin,
        size=checkpoint.size,
        before=before,
    )


# --- parts ----------------------------------------------------------------------------------------------------------


def _witness_name(project: Project) -> str:
    return f"{project.base_url.split('://', 1)[1]}/witness"


def stated_key(project: Project, path: Path, text: str | None) -> NoteKey:
    """The public key of a log: as it is given, or as it is beside its private key.

    :raises UsageError: there is none at hand.
    """
    if text is None:
        path = (project.folder / path).with_suffix(PUBLIC)
        try:
            text = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                Message("{path} cannot be read", path=path),
                hint=Message("Give the key of the log: --log-key VKEY. Its operator has it: passport log key"),
            ) from error
    return NoteKey.parse(text)
