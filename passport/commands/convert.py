"""``passport convert``: records from any format into any other, and what the other could not hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from passport.commands import console
from passport.errors import FaultyRecord, UsageError
from passport.exchange import files, formats

#: Losses of a pack that are listed one by one before the rest is counted.
_LISTED = 12
#: Endings that make OUT a file.
_FILE_SUFFIXES = (".json", ".jsonld", ".xlsx")


@click.command()
@click.argument("path", metavar="IN", type=click.Path(path_type=Path))
@click.option("--from", "source", type=click.Choice(files.FORMATS), help="Format of IN (default: by its name).")
@click.option("--to", "target", type=click.Choice(list(formats.FORMATS)), required=True, help="Format to write.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File or folder to write.")
@click.option("--despite-faults", is_flag=True, help="Write what could be read of a faulty file; still leaves with 1.")
@click.option("--verbose", is_flag=True, help="List everything that the format could not hold.")
@console.command
def convert(
    path: Path, source: str | None, target: str, output: Path, despite_faults: bool, verbose: bool, as_json: bool
) -> None:
    """Write the packs in IN in another format, and say what it could not hold.

    A name that ends in .json or .xlsx is a file, any other a folder. What a peer's schema asks for and a record does
    not say is filled with placeholders that nobody takes for values; the member is named.

    \b
    Examples:
      passport convert packs.xlsx --to batterypass -o out
      passport convert packs.xlsx --to catenax -o battery_pass.json
      passport convert battery_pass.json --from catenax --to xlsx -o packs.xlsx
      passport convert packs.xlsx --to csv -o tables --json
    """
    records, faults = files.read(path, source)
    violations = tuple(fault for fault in faults if fault.severity == "violation")
    if violations and not despite_faults:
        raise FaultyRecord(
            f"{path.name} has {len(violations)} fault{'s' if len(violations) != 1 else ''}; nothing was written",
            violations, hint="passport validate lists them; --despite-faults writes what could be read",
        )
    one_file = output.suffix.lower() in _FILE_SUFFIXES and not output.is_dir()
    written = formats.write(target, records, one_file=one_file)
    places = _save(written, output, one_file)
    if as_json:
        console.say_json({
            "format": target, "files": [str(place) for place in places],
            "packs": [pack.to_json() for pack in written.packs], "faults": [fault.to_json() for fault in faults],
        })  # fmt: skip
    else:
        for place in places:
            console.say(str(place))
        for pack in written.packs:
            _tell(pack, target, verbose)
        if violations:
            console.talk(f"{path.name} has {len(violations)} faults: passport validate lists them")
    if violations or any(pack.missing for pack in written.packs):
        raise SystemExit(1)


def _save(written: formats.Written, output: Path, one_file: bool) -> list[Path]:
    if one_file and set(written.files) != {""}:
        raise UsageError("this format writes several files", expected="-o FOLDER", found=str(output))
    places = []
    for name, data in written.files.items():
        place = output if one_file else output / (name or f"packs.{_suffix(data)}")
        console.write_output(place, data)
        places.append(place)
    return places


def _suffix(data: bytes) -> str:
    return "xlsx" if data.startswith(b"PK") else "json"


def _tell(pack: formats.PackExport, target: str, verbose: bool) -> None:
    if not (pack.losses or pack.filled or pack.missing):
        console.talk(f"{pack.pack}: {target} holds all of it")
        return
    console.talk(f"{pack.pack}: {target} could not hold {len(pack.losses)} data points")
    # What is there in part and what has a reason of its own comes first: it is what somebody can do something about.
    losses = sorted(pack.losses, key=lambda loss: (not loss.partly, loss.reason == "the format has no place for it"))
    shown = losses if verbose else losses[:_LISTED]
    _rows([(loss.indicator, "in part" if loss.partly else "", loss.reason) for loss in shown])
    if len(shown) < len(losses):
        console.talk(f"  and {len(losses) - len(shown)} more: --verbose lists them")
    if pack.filled:
        console.talk(f"  filled with placeholders, since the format asks for them: {len(pack.filled)}")
        for place in pack.filled if verbose else ():
            console.talk(f"    {place}")
    for place in pack.missing:
        console.talk(f"  not valid by the format's schema: it asks for {place}, which nothing can stand in for")


def _rows(rows: Sequence[tuple[str, str, str]]) -> None:
    if rows:
        console.talk(console.table(rows, indent="  "))
