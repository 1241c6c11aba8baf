"""``passport qr``: the QR code of a pack, alone or on a printable label."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from passport.commands.terminal import console
from passport.errors import MalformedDocument, UsageError
from passport.linked_data import strict_json
from passport.presenting.presenter import Presenter
from passport.presenting.subject_search import find_subject
from passport.project import Project
from passport.reports import qr_code as codes
from passport.reports.label_run import PackLabel, zpl
from passport.reports.label_sheet import pdf
from passport.texts import Message
from passport.vocabulary.vocabulary import Audience, load

_ENDINGS = {"svg": ".svg", "png": ".png", "terminal": ".txt"}
_LABELS = (".zpl", ".pdf")


@click.command()
@click.argument("identifier", required=False)
@click.option(
    "--run",
    type=click.Path(path_type=Path),
    metavar="RESULTS",
    help="Labels of all packs in results of `passport issue`.",
)
@click.option("--label", is_flag=True, help="A printable SVG label with the codes in plain text.")
@click.option(
    "--format", "kind", type=click.Choice(["terminal", "svg", "png"]), help="Default: by --output, else terminal."
)
@click.option(
    "--level", type=click.Choice(["L", "M", "Q", "H"]), default="Q", show_default=True, help="Error correction."
)
@console.output_option(
    "-o",
    "--output",
    endings=(*_ENDINGS.values(), *_LABELS),
    help="File to write (.svg, .png; .txt as in the terminal; .zpl or .pdf for --run).",
)
@console.project_option
@console.command
def qr(
    identifier: str | None,
    run: Path | None,
    label: bool,
    kind: str | None,
    level: str,
    output: console.Destination | None,
    project_folder: str | None,
    as_json: bool,
) -> None:
    """Print or write the QR code of IDENTIFIER (address, pack code or serial number).

    \b
    Examples:
      passport qr ZZZPE10A7K2M05G6J0000317
      passport qr ZZZPE10A7K2M05G6J0000317 -o code.svg
      passport qr ZZZPE10A7K2M05G6J0000317 --label -o label.svg
      passport qr --run results.jsonl -o labels.zpl
      passport qr --run results.jsonl -o labels.pdf
    """
    if (run is None) == (identifier is None):
        raise UsageError(Message("a code is asked for of one IDENTIFIER, or of a --run"))
    project = Project.find(project_folder)
    store = project.open_store()
    presenter = Presenter(store, load(), policy=project.access_policy)
    if run is not None:
        _labels(run, presenter, output, level, as_json)
        return
    kind = _kind(kind, label, output)
    assert identifier is not None, "it was asked for above"
    subject = find_subject(store, identifier, project.base_url)
    if label:
        claims = presenter.present(subject, Audience.PUBLIC).claims
        data = codes.label(
            subject,
            code=claims.get("packTractionBatteryCode"),
            serial=claims.get("serialNumber"),
            maker=claims.get("manufacturerName", ""),
            model=claims.get("batteryModelIdentifier", ""),
            level=level,
        ).encode()
    elif kind == "terminal":
        is_coloured = output is None and console.on_terminal()
        drawn = console.Styled(codes.terminal(subject, level=level, colour=is_coloured))
        data = (drawn + "\n").encode()
    else:
        data = codes.png(subject, level=level) if kind == "png" else codes.svg(subject, level=level).encode()
    if output is not None:
        output.write(data)
    if as_json:
        console.say_json({"text": subject, "level": level, "file": str(output) if output else None})
    elif output is not None:
        console.say(f"{output}  {subject}")
    elif kind == "terminal":
        console.produce(drawn)
        _tell_width(drawn)
    else:
        console.produce(data)


def _labels(results: Path, presenter: Presenter, output: console.Destination | None, level: str, as_json: bool) -> None:
    """Write the labels of the packs that a run issued or found issued, in its order.

    :raises UsageError: there is no file to write, or the results cannot be read.
    """
    if output is None:
        raise UsageError(Message("labels of a run are written to a file"), hint=Message("Name it: -o labels.zpl"))
    output.require(*_LABELS)
    number = 0

    def labels() -> Iterator[PackLabel]:
        nonlocal number
        for subject in _subjects(results):
            claims = presenter.present(subject, Audience.PUBLIC).claims
            number += 1
            yield PackLabel(
                subject, claims.get("manufacturerName", ""), claims.get("batteryModelIdentifier", ""),
                claims.get("packTractionBatteryCode"), claims.get("serialNumber"),
            )  # fmt: skip

    if output.suffix == ".pdf":
        output.write(pdf(labels(), level))
    else:
        output.write_parts(zpl(labels(), level))
    if as_json:
        console.say_json({"labels": number, "level": level, "file": str(output)})
    else:
        console.say(Message("{n} label: {path}", plural="{n} labels: {path}", n=number, path=str(output)))


def _subjects(results: Path) -> Iterator[str]:
    """:raises UsageError: it is no file of results."""
    try:
        with open(results, encoding="utf-8") as stream:
            for line in stream:
                result = strict_json.loads(line)
                if isinstance(result, dict) and result.get("outcome") in ("issued", "replaced", "same"):
                    yield str(result["id"])
    except (OSError, UnicodeDecodeError, MalformedDocument, KeyError) as error:
        raise UsageError(
            Message("{name} holds no results of `passport issue`", name=results.name), found=str(error)[:80]
        ) from error


def _kind(kind: str | None, label: bool, output: console.Destination | None) -> str:
    """What to make.

    :raises UsageError: the options contradict each other, or the name of the file.
    """
    if label and kind not in (None, "svg"):
        raise UsageError(
            Message("a label is SVG"), expected=Message("--label without --format"), found=f"--format {kind}"
        )
    by_name = {ending: each for each, ending in _ENDINGS.items()}.get(output.suffix) if output else None
    kind = "svg" if label else kind or by_name or "terminal"
    if output is not None:
        output.require(_ENDINGS[kind])
    elif kind == "png" and console.is_terminal(sys.stdout):
        raise UsageError(
            Message("a PNG image is no text for a terminal"), hint=Message("Write it to a file: -o code.png")
        )
    return kind


def _tell_width(drawn: str) -> None:
    """A code whose lines a terminal breaks cannot be scanned."""
    needed = console.width(drawn.split("\n")[0])
    if console.is_terminal(sys.stdout) and needed > console.columns():
        console.talk(
            Message(
                "This code is {needed} columns wide, and the terminal {columns}: make it wider, take --level L, "
                "or write a file with -o code.svg.",
                needed=needed,
                columns=console.columns(),
            )
        )
