"""``passport footprint declare``: the maker signs the footprint of one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from passport.battery.batch import identifier_of
from passport.battery.fault import count
from passport.battery.identifiers import record_address as addresses
from passport.battery.record import Record
from passport.commands.footprints.inventory_input import INVENTORY, explained
from passport.commands.terminal import console
from passport.errors import FaultyRecord, UsageError
from passport.exchange.records import record_files
from passport.exchange.spreadsheet import record_writer
from passport.footprint import declared
from passport.footprint.result import FootprintResult
from passport.linked_data import strict_json
from passport.project import Project
from passport.publishing import footprint_declaration
from passport.publishing.publisher import Publisher
from passport.texts import Message
from passport.vocabulary.credential_types import DECLARATION_TYPE


@click.command()
@INVENTORY
@click.option(
    "--packs",
    "packs_path",
    type=click.Path(path_type=Path),
    required=True,
    help="Workbook or JSON of the packs; says which model it is.",
)
@click.option("--batch", metavar="IDENTIFIER", help="Which batch of the model, where the packs are of several.")
@console.output_option(
    "--fill", endings=(".xlsx",), has_force=False, help="Also write the packs with the figures (.xlsx)."
)
@click.option("--study", metavar="URL", help="Address of the public study: declared, and filled in.")
@click.option("--statement", "statement_url", metavar="URL", help="Address of the accounting statement, for --fill.")
@click.option("--verifier", metavar="NAME|DID", help="Third party that verifies; a DID binds the countersignature.")
@console.output_option(
    "-o", "--output", endings=(".jsonld", ".json"), required=True, help="File for the declaration (.jsonld, .json)."
)
@console.project_option
@console.passphrase_option
@console.command
def declare(
    path: Path,
    packs_path: Path,
    batch: str | None,
    fill: console.Destination | None,
    study: str | None,
    statement_url: str | None,
    verifier: str | None,
    output: console.Destination,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Sign the footprint of INVENTORY as the maker's declaration for one batch, and keep it in the project.

    With --fill, the packs are written again with the figures and the declaration's address in the footprint indicators,
    ready for: passport issue. The same footprint again changes nothing; another one revokes the declaration before.

    \b
    Examples:
      passport footprint declare inventory.xlsx --packs packs.xlsx --project shop -o declaration.jsonld
      passport footprint declare inventory.xlsx --packs packs.xlsx --fill packs-filled.xlsx -o declaration.jsonld
    """
    report = explained(path, as_json)
    project = Project.find(project_folder)
    records, faults = record_files.read(packs_path)
    lost = tuple(fault for fault in faults if fault.severity in ("violation", "loss"))
    if fill is not None and lost:
        # The packs are written again: what could not be read would be gone from the new file.
        raise FaultyRecord(Message("{name} has {count}", name=packs_path.name, count=count(lost)), lost)
    of_model = [record for record in records if record.model.get("batteryModelIdentifier") == report.result.model]
    if not of_model:
        raise UsageError(
            Message("no pack in {packs_path} is of the inventory's model", packs_path=packs_path),
            expected=report.result.model[:80],
        )
    store = project.open_store()
    publisher = Publisher.of_project(project, store, console.read_passphrase(passphrase_file))
    figures = declared.indicators(report.result)
    names = declared.names_of(report.result.method)
    of_batch = _of_one_batch([declared.fill(record, report.result) for record in of_model], project.base_url, batch)
    content = {"batteryModel": addresses.model_address_of(of_model[0], project.base_url)}
    parties = footprint_declaration.DeclaredParties(of_model[0].model.get("manufacturerName"), study, verifier)
    content |= footprint_declaration.claims(report.result, footprint_declaration.digest_of(path.read_bytes()), parties)
    signed = publisher.publish(DECLARATION_TYPE, of_batch, "BatteryBatch", content, at=console.now()).document
    bundle = footprint_declaration.bundle([signed, *footprint_declaration.status_lists(store, signed)])
    output.write(strict_json.dumps(bundle))
    links, left_out = declared.links_of(report.result, declaration=signed["id"], study=study, statement=statement_url)
    if fill is not None:
        filled = [
            _filled(record, report.result, links, project.base_url, of_batch) if record in of_model else record
            for record in records
        ]
        fill.write(record_writer.write(None, filled))
    if as_json:
        console.say_json(
            {
                "declaration": signed["id"],
                "batch": of_batch,
                "model": content["batteryModel"],
                "indicators": figures,
                "notFilledIn": list(left_out) if fill is not None else [],
                "file": str(output),
            }
        )
        return
    figure = Message("{figure} kg CO2e/kWh for {batch}", figure=figures[names.total], batch=of_batch)
    console.say_fact(Message("Declared"), figure, 10)
    console.say_fact("", signed["id"], 10)
    countersign = f"{console.program()} footprint countersign {output} --key KEY -o FILE"
    console.say_fact(Message("Next"), Message("a third party: {command}", command=countersign), 10)
    if fill is not None:
        for link in left_out:
            notice = Message("{link}: the packs have no indicator for it by this method", link=link[:200])
            console.say_fact(Message("Not filled in"), notice, 10)
        console.say_fact("", Message("and: {command}", command=f"{console.program()} issue {fill}"), 10)


def _batch_address(record: Record, base_url: str) -> str:
    address = addresses.batch_address_of(record, base_url)
    assert address is not None, "a record with a footprint has a batch"
    return address


def _of_one_batch(records: Sequence[Record], base_url: str, batch: str | None) -> str:
    """The address of the batch that the footprint is of.

    :param records: the packs of the model, with the figures; :param batch: its identifier, where it was given.
    :raises UsageError: the packs are of several batches and none was given, or of another one.
    """
    by_name = {str(identifier_of(record)): _batch_address(record, base_url) for record in records}
    if batch is None and len(by_name) == 1:
        return next(iter(by_name.values()))
    if batch not in by_name:
        raise UsageError(
            Message("the packs are of several batches")
            if batch is None
            else Message("no pack is of batch {batch}", batch=batch[:80]),
            expected=Message("--batch with one of {batches}", batches=", ".join(sorted(by_name))[:300]),
        )
    return by_name[batch]


def _filled(
    record: Record, result: FootprintResult, links: Mapping[str, str | None], base_url: str, batch: str
) -> Record:
    """The record with the footprint of its batch. Of other batches of the model at most the energy is the same."""
    if _batch_address(declared.fill(record, result), base_url) == batch:
        return declared.fill(record, result, links)
    of_model = {name: value for name, value in declared.indicators(result).items() if name == declared.ENERGY}
    return replace(record, model={**record.model, **of_model})
