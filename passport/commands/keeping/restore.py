"""``passport restore``: a project made again from its backup."""

from __future__ import annotations

from pathlib import Path

import click

from passport.commands.keeping.fsck import print_examination
from passport.commands.terminal import console
from passport.commands.terminal.row_progress import RowProgress
from passport.errors import UsageError
from passport.oversight.supervised_store import rebuild_from_events
from passport.publishing.upkeep.examiner import examine
from passport.publishing.upkeep.restore import restore as restore_project
from passport.texts import Message

#: Documents of each sort that are verified after a restore.
_SAMPLE = 1_000


@click.command()
@click.argument("file", metavar="FILE")
@click.argument("folder", metavar="DIR")
@click.option("--store", "store_url", metavar="URL", help="Empty store to fill (default: that of the backup).")
@click.option(
    "--sample", type=click.IntRange(min=0), default=_SAMPLE, show_default=True,
    help="Documents of each sort to verify afterwards; 0: none.",
)  # fmt: skip
@console.command
def restore(file: str, folder: str, store_url: str | None, sample: int, as_json: bool) -> None:
    """Make a project again in DIR, a new folder, from the backup FILE.

    Every member is compared with its digest. The store is filled in one transaction, and what follows from its
    documents is made again. A restore overwrites nothing, and leaves nothing behind if it fails.

    Put the keys back by hand if they are not in the backup. Afterwards run passport refresh: restored status lists may
    be too old.

    \b
    Exit code: 0 restored and sound, 1 the backup or a document is at fault,
    2 DIR or the store is unusable, 3 something could not be checked.

    \b
    Examples:
      passport restore /backup/shop-2027-03-08.zip shop
      passport restore shop.zip shop --store postgresql://postgres@/passports
    """
    if not Path(folder).absolute().parent.is_dir():
        raise UsageError(Message("{path} is missing", path=Path(folder).absolute().parent))
    with RowProgress() as progress:
        restored = restore_project(
            Path(file),
            Path(folder),
            store_url=store_url,
            progress=lambda rows, total: progress.add(Message("Restoring"), rows, total),
        )
        store = restored.project.open_store()
        try:
            packs = rebuild_from_events(store) if store.event_number() else 0
            examination = (
                examine(
                    restored.project, store, at=console.now(), sample=sample,
                    progress=lambda part, rows, total: progress.add(Message("Verifying"), rows, total),
                )
                if sample
                else None
            )  # fmt: skip
        finally:
            store.close()
    if not as_json:
        console.say(Message("{folder} was restored from the backup of {made}.", folder=folder, made=restored.made))
    print_examination(
        examination,
        as_json,
        {
            "folder": folder, "made": restored.made, "files": list(restored.files),
            "documents": restored.store.documents, "factsOfPacks": packs,
        },
    )  # fmt: skip
