"""``passport convert``: records from any format into any other, and what the other could not hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from passport.battery.fault import Fault, of_severity
from passport.commands.terminal import console
from passport.commands.terminal.fault_list import print_losses
from passport.commands.terminal.inputs import allow_loss_option
from passport.errors import FaultyRecord, UsageError
from passport.exchange import formats
from passport.exchange.event_tables import event_files
from passport.exchange.records import record_files
from passport.texts import Message

#: Losses of a pack that are listed one by one before the rest is counted.
_LISTED = 12
#: Endings of the one file of a format; all others hold JSON.
_ENDINGS = {"xlsx": (".xlsx",), "csv": ()}
_JSON = (".json", ".jsonld")
#: Endings of files. A name with one of them is no folder, unless there is such a folder.
_OF_FILES = {".csv", ".htm", ".html", ".json", ".jsonld", ".pdf", ".ttl", ".txt", ".xls", ".xlsx", ".xml", ".zip"}


_DESPITE = Message("passport validate lists them; --despite-faults writes what could be read")


@click.command()
@click.argument("path", metavar="IN", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "source",
    type=click.Choice([*record_files.FORMATS, *event_files.FORMATS]),
    help="Format of IN (default: by its name).",
)
@click.option(
    "--to",
    "target",
    type=click.Choice([*formats.FORMATS, *event_files.FORMATS]),
    required=True,
    help="Format to write.",
)
@console.output_option("-o", "--output", endings=None, required=True, help="File or folder to write.")
@click.option("--despite-faults", is_flag=True, help="Write what could be read of a faulty file; still leaves with 1.")
@allow_loss_option
@click.option("--verbose", is_flag=True, help="List everything that the format could not hold.")
@console.command
def convert(
    path: Path,
    source: str | None,
    target: str,
    output: console.Destination,
    despite_faults: bool,
    allow_loss: bool,
    verbose: bool,
    as_json: bool,
) -> None:
    """Write the packs in IN in another format, and say what it could not hold.

    A name that ends in .json or .xlsx is a file, any other a folder, which has to be new or empty. What a peer's schema
    asks for and a record does not say is filled with placeholders that cannot be taken for values; the member is named.
    What IN says and no record holds is listed, and ends with 1 unless --allow-loss is given.

    \b
    Examples:
      passport convert packs.xlsx --to batterypass -o out
      passport convert packs.xlsx --to catenax -o battery_pass.json
      passport convert battery_pass.json --from catenax --to xlsx -o packs.xlsx
      passport convert packs.xlsx --to csv -o tables --json
      passport convert events.json --to epcis -o epcis.jsonld
      passport convert epcis.jsonld --to events -o events.json
    """
    if target in event_files.FORMATS or source in event_files.FORMATS:
        _convert_events(path, source, target, output, despite_faults, as_json)
        return
    place = _place(output, target)
    records, faults = record_files.read(path, source, on=console.now().date())
    violations, losses = _violations(path, faults, despite_faults, _DESPITE), of_severity("loss", faults)
    written = formats.write(target, records, one_file=not isinstance(place, console.Folder))
    losing = bool(losses) and not allow_loss
    console.settle(1 if violations or losing or any(pack.missing for pack in written.packs) else 0)
    paths = _save(written, place)
    if as_json:
        console.say_json({
            "format": target, "files": [str(each) for each in paths],
            "packs": [pack.to_json() for pack in written.packs],
            "faults": [fault.to_json() for fault in faults if fault.severity != "loss"],
            "notTaken": [fault.to_json() for fault in losses],
        })  # fmt: skip
    else:
        for each in paths:
            console.say(str(each))
        for pack in written.packs:
            _tell(pack, target, verbose)
        print_losses(path.name, losses)
        if violations:
            console.talk(
                Message(
                    "{name} has {n} fault: passport validate lists it",
                    plural="{name} has {n} faults: passport validate lists them",
                    name=path.name,
                    n=len(violations),
                )
            )


def _violations(path: Path, faults: Sequence[Fault], despite_faults: bool, hint: Message) -> tuple[Fault, ...]:
    """The violations among faults.

    :raises FaultyRecord: there are some, and nothing is to be written despite them.
    """
    violations = of_severity("violation", faults)
    if violations and not despite_faults:
        raise FaultyRecord(
            Message(
                "{name} has {n} fault; nothing was written",
                plural="{name} has {n} faults; nothing was written",
                name=path.name,
                n=len(violations),
            ),
            violations,
            hint=hint,
        )
    return violations


def _convert_events(
    path: Path,
    source: str | None,
    target: str,
    output: console.Destination,
    despite_faults: bool,
    as_json: bool,
) -> None:
    """Write life-cycle events in the other format of events."""
    source = source or next(name for name in event_files.FORMATS if name != target)
    for name in (source, target):
        if name not in event_files.FORMATS:
            raise UsageError(
                Message("events and packs are not converted into each other"),
                expected=Message("one of {codes}", codes=list(event_files.FORMATS)),
                found=name,
            )
    place = _place(output, target)
    file = event_files.read(path, source)
    if not as_json:
        # Nothing else lists them: passport validate knows packs only.
        _rows(
            [(fault.location.pointer or "", fault.found or "", console.spoken(fault.message)) for fault in file.faults]
        )
    hint = Message("--despite-faults writes what could be read")
    violations = _violations(path, file.faults, despite_faults, hint)
    data, losses = event_files.write(target, file, created=console.now())
    console.settle(1 if violations else 0)
    destination = place.inside(f"{target}.json") if isinstance(place, console.Folder) else place
    destination.write(data)
    if as_json:
        console.say_json({
            "format": target, "files": [str(destination.path)], "events": len(file.documents),
            "losses": [loss.to_json() for loss in losses], "faults": [fault.to_json() for fault in file.faults],
        })  # fmt: skip
        return
    console.say(str(destination.path))
    _rows([(loss.event, loss.pointer, loss.reason) for loss in losses])


def _place(output: console.Destination, target: str) -> console.Destination:
    """The file or the folder to write.

    :raises UsageError: the format is no such file, or something is there.
    """
    endings = _ENDINGS.get(target, _JSON)
    if not output.is_folder and (output.suffix in _OF_FILES or output.is_device):
        if not endings:
            raise UsageError(
                Message("this format is a folder of files"),
                expected=Message("-o FOLDER"),
                found=output.suffix or str(output),
            )
        output.require(*endings)
        output.check()
        return output
    folder = output.as_folder()
    folder.check()
    return folder


def _save(written: formats.Written, place: console.Destination) -> list[Path]:
    if isinstance(place, console.Folder):
        made = {place.inside(name or f"packs.{_suffix(data)}"): data for name, data in written.files.items()}
    elif set(written.files) != {""}:
        raise UsageError(Message("this format writes several files"), expected=Message("-o FOLDER"), found=str(place))
    else:
        made = {place: written.files[""]}
    for destination, data in made.items():
        destination.write(data)
    return [destination.path for destination in made]


def _suffix(data: bytes) -> str:
    return "xlsx" if data.startswith(b"PK") else "json"


def _tell(pack: formats.PackExport, target: str, verbose: bool) -> None:
    if not (pack.losses or pack.filled or pack.missing):
        console.talk(Message("{pack}: {target} holds all of it", pack=pack.pack, target=target))
        return
    console.talk(
        Message(
            "{pack}: {target} could not hold {n} data point",
            plural="{pack}: {target} could not hold {n} data points",
            pack=pack.pack,
            target=target,
            n=len(pack.losses),
        )
    )
    # What is there in part and what has a reason of its own comes first: it is what the reader can change.
    losses = sorted(pack.losses, key=lambda loss: (not loss.partly, loss.reason == "the format has no place for it"))
    shown = losses if verbose else losses[:_LISTED]
    _rows([(loss.indicator, Message("in part") if loss.partly else "", loss.reason) for loss in shown])
    if len(shown) < len(losses):
        rest = Message("and {number} more: --verbose lists them", number=len(losses) - len(shown))
        console.talk("  " + console.spoken(rest))
    if pack.filled:
        filled = Message("filled with placeholders, since the format asks for them: {number}", number=len(pack.filled))
        console.talk("  " + console.spoken(filled))
        for place in pack.filled if verbose else ():
            console.talk(f"    {place}")
    for place in pack.missing:
        invalid = Message(
            "not valid by the format's schema: it asks for {place}, which nothing can stand in for", place=place
        )
        console.talk("  " + console.spoken(invalid))


def _rows(rows: Sequence[tuple[str, str, str]]) -> None:
    if rows:
        console.talk(console.table(rows, indent="  "))
