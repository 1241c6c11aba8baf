"""``passport footprint``: a battery's carbon footprint, calculated, explained and declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import click

import passport
from passport.attestation.attested_values import LEVEL_CODES
from passport.battery.batch import identifier_of
from passport.battery.fault import count
from passport.battery.identifiers import record_address as addresses
from passport.battery.record import Record
from passport.commands.terminal import console
from passport.commands.terminal.fault_list import print_faults
from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.errors import FaultyRecord, UsageError
from passport.exchange.records import record_files
from passport.exchange.spreadsheet import inventory_workbook, record_writer
from passport.footprint import declared
from passport.footprint import footprint_report as reports
from passport.footprint.facts import facts
from passport.footprint.footprint_report import FootprintReport
from passport.footprint.inventory import inventory_reading
from passport.footprint.inventory.inventory import Inventory
from passport.footprint.result import FootprintResult
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.linked_data import strict_json
from passport.project import Project
from passport.publishing import footprint_declaration
from passport.publishing.publisher import Publisher
from passport.reports import footprint_page, footprint_workbook
from passport.texts import Message
from passport.vocabulary.credential_types import DECLARATION_TYPE

METHOD = "cn-mee-2024-63-draft-2025-03"
SOFTWARE = f"battery-passport {passport.__version__}"
_JSON_BYTES = 64 * 1024 * 1024
_inventory = click.argument("path", metavar="INVENTORY", type=click.Path(path_type=Path))


@click.group()
def footprint() -> None:
    """Calculate, explain and declare the carbon footprint of a battery model.

    \b
    The path of a figure:
      passport footprint template -o inventory.xlsx     fill it in
      passport footprint calc inventory.xlsx            the figure, and what to be careful about
      passport footprint report inventory.xlsx -o report.html --lang zh
      passport footprint declare inventory.xlsx --packs packs.xlsx --project shop -o declaration.jsonld
      passport footprint countersign declaration.jsonld --key verifier.pem -o verified.jsonld
      passport footprint check verified.jsonld view.jsonld --trust trusted-issuers.json
    """


@footprint.command()
@console.output_option("-o", "--output", endings=(".xlsx",), required=True, help="Workbook to write (.xlsx).")
@console.command
def template(output: console.Destination, as_json: bool) -> None:
    """Write an empty inventory, a workbook to fill in.

    \b
    Example:
      passport footprint template -o inventory.xlsx
    """
    output.write(inventory_workbook.write(None, {"method": METHOD, "cutOff": "yes", "gwpSet": "ar6"}))
    if as_json:
        console.say_json({"file": str(output)})
    else:
        console.say(
            Message(
                "{file}  fill in the sheets inventory, materials, parts, energy, emissions and transport",
                file=str(output),
            )
        )


@footprint.command()
@_inventory
@console.command
def calc(path: Path, as_json: bool) -> None:
    """Calculate the footprint of INVENTORY (.xlsx or .json).

    \b
    Examples:
      passport footprint calc inventory.xlsx
      passport footprint calc inventory.json --json
    """
    report = explained(path, as_json)
    console.is_product()
    if as_json:
        console.say_json(report.to_json())
        return
    _print(report)


@footprint.command("report")
@_inventory
@console.output_option(
    "-o", "--output", endings=(".html", ".json", ".xlsx"), required=True, help=".html, .json or .xlsx."
)
@console.command
def write_report(path: Path, output: console.Destination, as_json: bool) -> None:
    """Write a report that shows each line from datum to result: one file, HTML, JSON or XLSX by its name.

    \b
    Examples:
      passport footprint report inventory.xlsx -o report.html --lang zh
      passport footprint report inventory.xlsx -o report.xlsx
    """
    makers: dict[str, Callable[[FootprintReport], bytes]] = {
        ".html": lambda report: footprint_page.html(report, console.language()).encode(),
        ".json": lambda report: strict_json.dumps(report.to_json()),
        ".xlsx": lambda report: footprint_workbook.workbook(report, console.language()),
    }
    # A device has no ending: it gets the page.
    data = makers.get(output.suffix, makers[".html"])(explained(path, as_json))
    output.write(data)
    if as_json:
        console.say_json({"file": str(output), "bytes": len(data)})
    else:
        console.say(Message("{file}  {count:,} bytes", file=str(output), count=len(data)))


@footprint.command()
@_inventory
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

    :param records: the packs of the model, with the figures; :param batch: its identifier, where somebody said.
    :raises UsageError: the packs are of several batches and nobody said which, or of another one.
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


@footprint.command()
@click.argument("path", metavar="DECLARATION", type=click.Path(path_type=Path))
@click.option("--key", "key_path", type=click.Path(path_type=Path), required=True, help="The verifier's private key.")
@click.option(
    "--statement",
    default="The declaration conforms to the method it names.",
    show_default=True,
    help="What the verifier states.",
)
@click.option(
    "--inventory",
    "inventory_path",
    type=click.Path(path_type=Path),
    help="Calculate anew from this inventory; other figures than the declared ones are refused.",
)
@click.option(
    "--level",
    type=click.Choice(LEVEL_CODES),
    default=LEVEL_CODES[0],
    show_default=True,
    help="How far the values were examined.",
)
@click.option("--days", type=click.IntRange(1, 36600), help="How long it is valid (default: as the scheme says).")
@console.output_option(
    "-o", "--output", endings=(".jsonld", ".json"), required=True, help="File to write (.jsonld, .json)."
)
@console.passphrase_option
@console.command
def countersign(
    path: Path,
    key_path: Path,
    statement: str,
    inventory_path: Path | None,
    level: str,
    days: int | None,
    output: console.Destination,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Countersign the maker's DECLARATION as an independent verifier, with a did:key of your own.

    The countersignature is an attestation of the declared figures (BatteryAttestationCredential), under the scheme
    carbon-footprint.

    \b
    Example:
      passport footprint countersign declaration.jsonld --key verifier.pem --inventory inventory.xlsx -o verified.jsonld
    """
    document = strict_json.loads(console.read_input(str(path)))
    signed = footprint_declaration.declaration_in(document)
    result = explained(inventory_path, as_json).result if inventory_path else None
    digest = footprint_declaration.digest_of(inventory_path.read_bytes()) if inventory_path else None
    key = PrivateKey.load(key_path, console.read_passphrase(passphrase_file))
    issuer = Issuer(key.public_key.did_key, KeySigner(key))
    credential = footprint_declaration.countersign(
        signed, issuer, at=console.now(), statement=statement, result=result, inventory_digest=digest, level=level,
        days=days,
    )  # fmt: skip
    others = [member for member in footprint_declaration.members(document) if member != signed]
    output.write(strict_json.dumps(footprint_declaration.bundle([signed, credential, *others])))
    if as_json:
        console.say_json({"verification": credential["id"], "declaration": signed["id"], "file": str(output)})
    else:
        console.say(Message("{file}  countersigned by {issuer}", file=str(output), issuer=issuer.id))


@footprint.command()
@click.argument("path", metavar="DECLARATION", type=click.Path(path_type=Path))
@click.argument("passport_path", metavar="[PASSPORT]", type=click.Path(path_type=Path), required=False)
@click.option("--trust", "trust_path", type=click.Path(path_type=Path), required=True, help="Trust list. No default.")
@click.option("--at", "instant", metavar="INSTANT", help="As of this instant, such as 2027-03-08T09:30:00Z.")
@console.command
def check(path: Path, passport_path: Path | None, trust_path: Path, instant: str | None, as_json: bool) -> None:
    """Check a countersigned DECLARATION, and that the figures of a saved PASSPORT are the declared ones.

    \b
    Exit codes: 0 all holds, 1 something does not, 2 unusable, 3 something could not be checked.
    Example:
      passport footprint check verified.jsonld view.jsonld --trust shop/trusted-issuers.json
    """
    at = _instant(instant)
    document = strict_json.loads(console.read_input(str(path)))
    passport_document = strict_json.loads(console.read_input(str(passport_path))) if passport_path else None
    examination = footprint_declaration.examine(document, passport_document, TrustList.load(trust_path), at=at)
    _print_examination(examination, as_json)
    if examination.holds is not True:
        raise SystemExit(1 if examination.holds is False else 3)


@footprint.command()
@click.argument("path", metavar="DECLARATION", type=click.Path(path_type=Path))
@click.option("--trust", "trust_path", type=click.Path(path_type=Path), help="Trust list (default: the project's).")
@console.project_option
@console.command
def publish(path: Path, trust_path: Path | None, project_folder: str | None, as_json: bool) -> None:
    """Keep a countersigned DECLARATION in the project, once it holds.

    \b
    Example:
      passport footprint publish verified.jsonld --project shop
    """
    project = Project.find(project_folder)
    trust = TrustList.load(trust_path) if trust_path else project.trust_list()
    document, at = strict_json.loads(console.read_input(str(path))), console.now()
    examination = footprint_declaration.examine(document, None, trust, at=at)
    if examination.holds is not True:
        _print_examination(examination, as_json)
        raise SystemExit(1 if examination.holds is False else 3)
    name = footprint_declaration.add_countersignature(project.open_store(), document, at=at, body=strict_json.dumps)
    if as_json:
        console.say_json({"verification": name})
    else:
        console.say_fact(Message("kept"), name, 6)


# --- shared with declaring --------------------------------------------------------------------------------------------


def read_inventory(path: Path, as_json: bool) -> Inventory:
    """The inventory in a file; its faults are printed as a list to work through.

    :raises SystemExit: it has faults (exit code 1).
    """
    try:
        if path.suffix.lower() == ".xlsx":
            return inventory_workbook.read(path)
        if path.suffix.lower() == ".json" or str(path) == "-":
            document = strict_json.loads(console.read_input(str(path)), max_bytes=_JSON_BYTES)
            return inventory_reading.from_json(document, path.name)
    except FaultyRecord as error:
        _leave(path, error, as_json)
    raise UsageError(Message("unknown form of inventory"), expected=Message(".xlsx or .json"), found=path.name)


def explained(path: Path, as_json: bool) -> FootprintReport:
    """The report of an inventory file."""
    given = read_inventory(path, as_json)
    try:
        return reports.make(given, software=SOFTWARE)
    except FaultyRecord as error:
        _leave(path, error, as_json)


def _instant(text: str | None) -> datetime:
    try:
        at = console.now() if text is None else datetime.fromisoformat(text)
    except ValueError:
        at = datetime.min
    if at.tzinfo is None:
        raise UsageError(
            Message("--at is not an instant"), expected=Message("such as 2027-03-08T09:30:00Z"), found=repr(text)[:80]
        )
    return at


def _print_examination(examination: footprint_declaration.Examination, as_json: bool) -> None:
    if as_json:
        console.say_json(examination.to_json())
        return
    sentences = {True: "The declaration holds.", False: "Do not rely on this declaration.", None: "Not fully checked."}
    console.say(f"{sentences[examination.holds]}\n")
    for each in examination.checks:
        name = console.pad(each.name, 38)
        console.say(f"{each.number}  ", console.mark(each.outcome.value), f"  {name}  {each.detail}".rstrip())


def _leave(path: Path, error: FaultyRecord, as_json: bool) -> NoReturn:
    if as_json:
        raise error
    print_faults(path.name, error.faults)
    console.say(Message("Nothing was calculated. Correct the places above and run the same command again."))
    raise SystemExit(error.exit_code)


def _print(report: FootprintReport) -> None:
    lang = console.language()
    result = report.result
    document: dict[str, Any] = report.to_json()
    figures = document["indicators"]
    console.say(
        Message(
            "{model}  {figures} kg CO2e per kWh over the service life",
            model=result.model,
            figures=figures[declared.names_of(result.method).total],
        )
    )
    boundary = facts().label("boundary", result.boundary, lang)
    console.say(Message("{method}, {boundary}", method=report.method.label, boundary=boundary))
    console.say()
    rows = [
        (facts().label("stage", stage, lang), f"{value:,.1f} kg CO2e", f"{result.share(stage):.1f} %")
        for stage, value in result.stages.items()
    ]
    rows.append(("=", f"{result.total:,.1f} kg CO2e", Message("over {energy:,f} kWh", energy=result.energy.total)))
    console.say(console.table(rows, right=frozenset({1, 2})))
    console.say()
    quality = result.quality
    if quality.rating is not None:
        named = facts().label("quality-class", quality.category or "", lang)
        rated = Message(
            "{rating:.2f}, {named} (should be at most {limit})",
            rating=quality.rating,
            named=named,
            limit=quality.limit,
        )
        console.say_fact(Message("Data quality"), rated, 15)
    per_capacity = result.per_capacity.value
    console.say_fact(
        Message("Plausibility"),
        Message("{value:.2f} kg CO2e per kWh of capacity, another unit", value=per_capacity),
        15,
    )
    for cut in result.cut_offs:
        moved = Message(
            "{name}, {mass} kg of {share_of} kg, moved to {receiver}",
            name=cut.name,
            mass=cut.mass,
            share_of=cut.share_of,
            receiver=cut.receiver,
        )
        console.say_fact(Message("Cut off"), moved, 15)
    for each in report.readings:
        figure = f"{each.per_functional_unit:.6f} ({each.difference:+.6f})"
        console.say_fact(Message("Other reading"), f"{figure}  {console.spoken(each.label)}", 15)
    for finding in result.findings:
        console.say("! " + console.spoken(finding.message))
        if finding.place is not None:
            console.say("  " + console.spoken(finding.place.text))


def _say_fact(label: Message, fact: str) -> None:
    console.say(console.pad(label, 15) + console.spoken(fact))
