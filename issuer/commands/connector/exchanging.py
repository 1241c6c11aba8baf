"""``passport connector request``, ``pull``, ``merge``, ``end``: an agreement, its data, and its end."""

from __future__ import annotations

from pathlib import Path

import click

from issuer.commands.connector.shared import LOOPBACK, WAIT, node_of, tell, until
from passport.commands.terminal import console
from passport.connector.data.signed_part import sign_part
from passport.connector.decider import ExchangeStep, StepKind
from passport.connector.exchange_process import ProcessState
from passport.errors import UnreadableInput, UsageError
from passport.exchange.records.supplier_part import merged
from passport.linked_data import strict_json
from passport.project import Project
from passport.texts import Message


@click.command()
@click.argument("peer", metavar="DID")
@click.argument("dataset", metavar="DATASET")
@WAIT
@LOOPBACK
@console.project_option
@console.passphrase_option
@console.command
def request(
    peer: str, dataset: str, wait: float, loopback: bool, project_folder: str | None, passphrase_file: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Agree with another company on the use of a dataset, on the terms of its catalogue.

    The other company's messages come to the running connector (passport connector serve). Exit code 3: there was no
    agreement in time; the negotiation goes on.

    \b
    Example:
      passport connector request did:web:cells.example urn:uuid:… --project shop
    """
    node = node_of(project_folder, passphrase_file, loopback)
    found = node.catalogue_of(peer, at=console.now()).get("dataset", [])
    offered = next((each["hasPolicy"][0] for each in found if each.get("@id") == dataset), None)
    if offered is None:
        raise UsageError(Message("the other company does not offer this to us"), found=dataset[:120])
    address = node.address_of(peer, at=console.now())
    begun = node.service.begin_negotiation(peer, address, {**offered, "target": dataset}, at=console.now())
    process = until(node, begun.pid, {ProcessState.FINALIZED}, wait)
    tell(process, as_json, {"agreement": process.agreement_id})


@click.command()
@click.argument("agreement", metavar="AGREEMENT")
@console.output_option("-o", "--output", endings=(".json", ".jsonld"), help="File to write (default: stdout).")
@click.option("--signed", "signed_file", type=click.Path(path_type=Path), help="Keep what the provider signed here.")
@WAIT
@LOOPBACK
@console.project_option
@console.passphrase_option
@console.command
def pull(
    agreement: str, output: console.Destination | None, signed_file: Path | None, wait: float, loopback: bool,
    project_folder: str | None, passphrase_file: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Get the data of an agreement: start a transfer, fetch, decrypt, verify, and complete the transfer.

    \b
    Example:
      passport connector pull urn:uuid:… -o part.json --project shop
    """
    node = node_of(project_folder, passphrase_file, loopback)
    begun = node.service.begin_transfer(agreement, at=console.now())
    until(node, begun.pid, {ProcessState.STARTED}, wait)
    data = node.consumer.pull(begun.pid, at=console.now())
    if signed_file is not None:
        console.write_output(signed_file, data.signed.encode() + b"\n")
    node.service.choose(begun.pid, ExchangeStep(StepKind.COMPLETE), at=console.now())
    until(node, begun.pid, {ProcessState.COMPLETED}, wait)
    console.deliver_json(data.content, output)
    console.talk(Message("{kind} of {provider}; digest {digest}", kind=data.kind, provider=data.provider,
                         digest=data.digest))  # fmt: skip


@click.command()
@click.argument("record", metavar="RECORD")
@click.argument("part", metavar="PART")
@console.output_option("-o", "--output", endings=(".json",), help="File to write (default: stdout).")
@console.command
def merge(record: str, part: str, output: console.Destination | None, as_json: bool) -> None:
    """Merge a supplier's PART into a RECORD, both JSON. Exit code 1: the record says something else already.

    \b
    Example:
      passport connector merge record.json part.json -o whole.json
    """
    documents = [strict_json.loads(console.read_input(path)) for path in (record, part)]
    if not all(isinstance(each, dict) for each in documents):
        raise UnreadableInput(Message("a record and a part are JSON objects"))
    console.deliver_json(merged(*documents), output)


@click.command()
@click.argument("part", metavar="PART")
@click.option("--for", "request_file", metavar="FILE", required=True, help="The request, saved from the maker's page.")
@click.option("--credential", metavar="FILE", help="About us, where the maker's trust list does not name us.")
@console.output_option("-o", "--output", endings=(".jws",), help="File to write (default: stdout).")
@console.project_option
@console.passphrase_option
@console.command
def sign(
    part: str, request_file: str, credential: str | None, output: console.Destination | None,
    project_folder: str | None, passphrase_file: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Sign a supplier's PART of a record, JSON, for the request of a maker. The maker's page takes the file.

    \b
    Example:
      passport connector sign part.json --for request.json -o part.jws
    """
    files = [part, request_file, *([] if credential is None else [credential])]
    documents = [strict_json.loads(console.read_input(path)) for path in files]
    if not all(isinstance(each, dict) for each in documents):
        raise UnreadableInput(Message("a part, a request and a credential are JSON objects"))
    issuer = Project.find(project_folder).issuer_with_key(console.read_passphrase(passphrase_file))
    text = sign_part(
        documents[0], documents[1], issuer.id, issuer.signer, at=console.now(),
        credential=documents[2] if credential else None,
    )  # fmt: skip
    if output is not None:
        output.write(text.encode() + b"\n")
    if as_json:
        console.say_json({"signer": issuer.id, **({"signed": text} if output is None else {"file": str(output)})})
    elif output is None:
        console.produce(text.encode() + b"\n")
    else:
        console.say(str(output))


@click.command()
@click.argument("pid", metavar="PROCESS")
@click.option("--reason", default="ended", show_default=True, help="Code that the other company is told.")
@WAIT
@LOOPBACK
@console.project_option
@console.passphrase_option
@console.command
def end(
    pid: str, reason: str, wait: float, loopback: bool, project_folder: str | None, passphrase_file: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Terminate a negotiation or transfer. Its token gives nothing from then on.

    \b
    Example:
      passport connector end urn:uuid:… --reason contract-breach --project shop
    """
    node = node_of(project_folder, passphrase_file, loopback)
    node.service.choose(pid, ExchangeStep(StepKind.TERMINATE, code=reason), at=console.now())
    tell(until(node, pid, {ProcessState.TERMINATED}, wait), as_json, {})
