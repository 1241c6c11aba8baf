"""``passport qr``: the QR code of a pack, alone or on a printable label."""

from __future__ import annotations

from pathlib import Path

import click

from passport.battery.vocabulary import Audience
from passport.commands import console
from passport.commands.project_parts import find_subject, open_presenter
from passport.exchange import qr as codes
from passport.project import Project


@click.command()
@click.argument("identifier")
@click.option("--label", is_flag=True, help="A printable SVG label with the codes in plain text.")
@click.option(
    "--format", "kind", type=click.Choice(["terminal", "svg", "png"]), help="Default: by --output, else terminal."
)
@click.option(
    "--level", type=click.Choice(["L", "M", "Q", "H"]), default="Q", show_default=True, help="Error correction."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write.")
@console.project_option
@console.command
def qr(
    identifier: str,
    label: bool,
    kind: str | None,
    level: str,
    output: Path | None,
    project_folder: str | None,
    as_json: bool,
) -> None:
    """Print or write the QR code of IDENTIFIER (address, pack code or serial number).

    \b
    Examples:
      passport qr ZZZPE10A7K2M05G6J0000317
      passport qr ZZZPE10A7K2M05G6J0000317 -o code.svg
      passport qr ZZZPE10A7K2M05G6J0000317 --label -o label.svg
    """
    project = Project.find(project_folder)
    store = project.open_store()
    subject = find_subject(store, identifier, project.base_url)
    kind = kind or ("svg" if label else _kind_of(output))
    if label:
        claims = open_presenter(project, store).present(subject, Audience.PUBLIC).claims
        data = codes.label(
            subject,
            code=claims.get("packTractionBatteryCode"),
            serial=claims.get("serialNumber"),
            maker=claims.get("manufacturerName", ""),
            model=claims.get("batteryModelIdentifier", ""),
            level=level,
        ).encode()
    elif kind == "terminal":
        data = (codes.terminal(subject, level=level, colour=console.on_terminal()) + "\n").encode()
    else:
        data = codes.png(subject, level=level) if kind == "png" else codes.svg(subject, level=level).encode()
    if output is not None:
        console.write_output(output, data)
    if as_json:
        console.say_json({"text": subject, "level": level, "file": str(output) if output else None})
    elif output is not None:
        console.say(f"{output}  {subject}")
    else:
        click.get_binary_stream("stdout").write(data)


def _kind_of(output: Path | None) -> str:
    suffix = output.suffix.lower() if output else ""
    return {".svg": "svg", ".png": "png"}.get(suffix, "terminal")
