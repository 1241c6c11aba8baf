"""``passport fsck``: whether everything in the store is what was signed, and fits together."""

from __future__ import annotations

from typing import Any

import click

from passport.commands.terminal import console
from passport.commands.terminal.row_progress import RowProgress
from passport.project import Project
from passport.publishing.upkeep.examination import ExaminedPart, PartResult, StoreExamination
from passport.publishing.upkeep.examiner import examine
from passport.texts import Message

NAMES = {
    ExaminedPart.DATABASE: Message("Database file"),
    ExaminedPart.CREDENTIALS: Message("Credentials"),
    ExaminedPart.VIEWS: Message("Restricted views"),
    ExaminedPart.EVENTS: Message("Documents of events"),
    ExaminedPart.STATUS_LISTS: Message("Status lists"),
    ExaminedPart.ROWS: Message("Derived rows"),
    ExaminedPart.LOGS: Message("Logs"),
}
_MARKS = {True: "passed", False: "failed", None: "undetermined"}
_FAULTS, _UNKNOWN = 1, 3


@click.command()
@click.option(
    "--sample", type=click.IntRange(min=1), metavar="N",
    help="Look at N documents of each sort: the newest, and others at random (default: all).",
)  # fmt: skip
@console.project_option
@console.command
def fsck(sample: int | None, project_folder: str | None, as_json: bool) -> None:
    """Look through all that the store keeps: every signature, status place, restricted view and log entry.

    A restricted view has to be, byte for byte, what its base proof gives. A status list has to have the bits that the
    changes of status give. Readers and writers may go on meanwhile. Nothing is repaired: restore a backup.

    \b
    Exit code: 0 sound, 1 something is wrong, 2 the project is unusable,
    3 something could not be checked.

    \b
    Examples:
      passport fsck --project shop
      passport fsck --sample 1000 --project shop --json
    """
    project = Project.find(project_folder)
    store = project.open_store()
    try:
        with RowProgress() as progress:
            examination = examine(
                project, store, at=console.now(), sample=sample,
                progress=lambda part, rows, total: progress.add(NAMES[part], rows, total),
            )  # fmt: skip
    finally:
        store.close()
    print_examination(examination, as_json, {})


def print_examination(examination: StoreExamination | None, as_json: bool, more: dict[str, Any]) -> None:
    """Print an examination, and settle the exit code. :param more: members of the JSON document before it."""
    if examination is not None and examination.outcome is not True:
        console.settle(_FAULTS if examination.outcome is False else _UNKNOWN)
    if as_json:
        found = None if examination is None else _examination_json(examination)
        console.say_json({**more, **(found or {})})
        return
    for part in () if examination is None else examination.parts:
        console.say(console.mark(_MARKS[part.outcome]), " ", Message("{name}: {detail}", name=NAMES[part.part],
                                                                     detail=_detail(part)))  # fmt: skip
        for fault in part.told:
            console.say("  ", Message("{name}: {detail}", name=fault.name, detail=fault.message))
        if part.faults > len(part.told):
            console.say("  ", Message("and {n:,} more", n=part.faults - len(part.told)))
        if part.reason is not None:
            console.say("  ", Message("{n:,} could not be checked: {reason}", n=part.unknown, reason=part.reason))


def _detail(part: PartResult) -> Message:
    if part.faults:
        return Message("{n:,} looked at, {faults:,} wrong", n=part.examined, faults=part.faults)
    if part.examined < part.total:
        return Message("{n:,} of {total:,} looked at", n=part.examined, total=part.total)
    return Message("{n:,} looked at", n=part.examined)


def _examination_json(examination: StoreExamination) -> dict[str, Any]:
    return {
        "sound": examination.outcome, "sample": examination.sample,
        "parts": [
            {
                "part": part.part.value, "sound": part.outcome, "examined": part.examined, "total": part.total,
                "faults": part.faults, "unknown": part.unknown, "reason": part.reason,
                "told": [{"name": fault.name, "message": str(fault.message)} for fault in part.told],
            }
            for part in examination.parts
        ],
    }  # fmt: skip
