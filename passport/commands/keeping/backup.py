"""``passport backup``: one archive with everything of a project that cannot be made again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from passport.commands.terminal import console
from passport.commands.terminal.row_progress import RowProgress
from passport.project import Project
from passport.publishing.upkeep.backup import back_up
from passport.texts import Message

_COLUMNS = 14


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--with-keys", is_flag=True, help="Put the private keys in too. Refused unless all are encrypted.")
@console.project_option
@console.command
def backup(file: str, with_keys: bool, project_folder: str | None, as_json: bool) -> None:
    """Write a backup of the project to FILE, a ZIP archive, while readers and writers go on.

    It holds every signed document, status and log entry, the configuration, the trust list, the DID document and the
    resolver's log of reads, each with a digest. What follows from these is made again by passport restore.

    Private keys are NOT in it, unless --with-keys is given and each of them is encrypted. Shared keys for hashes of
    vehicles and the resolver's secret are never in it. Restricted data are: keep the file like the store.

    \b
    Examples:
      passport backup /backup/shop-2027-03-08.zip --project shop
      passport backup shop.zip --with-keys --project shop --json
    """
    project = Project.find(project_folder)
    with RowProgress() as progress:
        made = back_up(
            project,
            Path(file),
            at=console.now(),
            with_keys=with_keys,
            progress=lambda rows, total: progress.add(Message("Backing up"), rows, total),
        )
    if as_json:
        rows = {name: table.rows for name, table in made.store.tables.items()}
        console.say_json({
            "file": str(made.path), "bytes": made.bytes, "storeVersion": made.store.version, "rows": rows,
            "documents": made.store.documents, "places": made.store.places, "placesSet": made.store.places_set,
            "logs": {name: asdict(root) for name, root in made.store.logs.items()}, "files": sorted(made.files),
            "keys": list(made.keys), "leftOut": list(made.left_out),
        })  # fmt: skip
        return
    console.say_fact(Message("File"), str(made.path), _COLUMNS)
    console.say_fact(Message("Size"), Message("{size:.1f} MB", size=made.bytes / 1e6), _COLUMNS)
    console.say_fact(Message("Documents"), f"{made.store.documents:,}", _COLUMNS)
    console.say_fact(
        Message("Status places"),
        Message("{places:,}, of which {set:,} are set", places=made.store.places, set=made.store.places_set),
        _COLUMNS,
    )
    console.say_fact(Message("Files"), ", ".join(sorted(made.files)), _COLUMNS)
    for name in made.left_out:
        console.say(console.mark("warning"), " ", Message("not in the backup: {path}", path=name))
