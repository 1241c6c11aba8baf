"""``passport store``: what the store is, its upgrade, and its move to another database."""

from __future__ import annotations

from dataclasses import asdict

import click

from passport.commands.terminal import console
from passport.commands.terminal.row_progress import RowProgress
from passport.errors import UsageError
from passport.project import Project
from passport.store import Store
from passport.store.copying import store_move
from passport.store.copying.store_move import StoreMove
from passport.store.store_upgrade import StoreInfo, examine
from passport.store.store_upgrade import upgrade as upgrade_store
from passport.texts import Message

_COLUMNS = 14
_OLDER, _NEWER = 1, 2


@click.group()
def store() -> None:
    """Look at the store, upgrade one of an earlier version, or move it between SQLite and PostgreSQL.

    \b
    Examples:
      passport store info --project shop
      passport store upgrade --project shop
      passport store move sqlite:///shop/passports.db postgresql://publisher@db.example/passports
    """


@store.command()
@console.project_option
@console.command
def info(project_folder: str | None, as_json: bool) -> None:
    """Show database, version and rows of the store. Nothing in it is changed.

    \b
    Exit code: 0 the version of this software, 1 an older one, 2 a newer one, or unusable.

    \b
    Example:
      passport store info --project shop
    """
    project = Project.find(project_folder)
    found = examine(project.store_url)
    if found.version is None or found.version < found.newest or found.missing_tables:
        console.settle(_OLDER)
    if found.version is not None and found.version > found.newest:
        console.settle(_NEWER)
    if as_json:
        document = {name: value for name, value in asdict(found).items() if name != "rows"}
        console.say_json({**document, "missing": list(found.missing_tables), "rows": found.rows})
        return
    console.say_fact(Message("Database"), found.database, _COLUMNS)
    console.say_fact(Message("Version"), _version_words(found), _COLUMNS)
    if found.size is not None:
        console.say_fact(Message("Size"), Message("{size:.1f} MB", size=found.size / 1e6), _COLUMNS)
    filled = [[name, f"{rows:,}"] for name, rows in found.rows.items() if rows]
    if filled:
        console.say(console.table(filled, indent="  ", right=frozenset({1})))


def _version_words(found: StoreInfo) -> Message:
    if found.version is None:
        return Message("none: the database holds no store yet")
    if found.version > found.newest:
        return Message(
            "{version}, newer than version {newest} of this software", version=found.version, newest=found.newest
        )
    if found.version < found.newest:
        return Message("{version}, to be upgraded to {newest}", version=found.version, newest=found.newest)
    return Message("{version}, the newest", version=found.version)


@store.command()
@click.option("--owner", metavar="ROLE", help="PostgreSQL: the role that owns all tables, and cannot log in.")
@click.option("--publisher", metavar="ROLE", help="PostgreSQL: the role that adds rows.")
@click.option("--resolver", metavar="ROLE", help="PostgreSQL: the role that reads what the read side needs.")
@console.project_option
@console.command
def upgrade(
    owner: str | None, publisher: str | None, resolver: str | None, project_folder: str | None, as_json: bool
) -> None:
    """Bring a store of any earlier version up to date, in one transaction. Nothing that was signed is changed.

    Every command does so where its user may make tables. On a PostgreSQL server with separate roles neither publisher
    nor resolver may: run this as a superuser, and name the roles. It gives them their rights, for a new database too.

    \b
    Examples:
      passport store upgrade --project shop
      PASSPORT_STORE=postgresql://postgres@/passports passport store upgrade
        --owner keeper --publisher publisher --resolver resolver --project shop
    """
    project = Project.find(project_folder)
    before, now = upgrade_store(project.store_url, owner=owner, publisher=publisher, resolver=resolver)
    if as_json:
        console.say_json({"before": before, "version": now})
    elif before is None:
        console.say(Message("The store was made, version {version}.", version=now))
    elif before == now:
        console.say(Message("The store is of version {version}, the newest.", version=now))
    else:
        console.say(Message("The store was upgraded from version {before} to {version}.", before=before, version=now))


@store.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@console.command
def move(source: str, target: str, as_json: bool) -> None:
    """Move a whole store FROM one database TO an empty one, SQLite or PostgreSQL, and compare both.

    All or nothing: after a failure the new store is empty, and the same command begins again. Nobody can write to
    either store meanwhile. The old one stays as it is: name the new one in passport.toml before publishers go on.

    FROM and TO are addresses without a password, as in passport.toml.

    \b
    Exit code: 0 moved and the same, 2 an address is unusable,
    3 a database failed or the copy differed.

    \b
    Examples:
      passport store move sqlite:///shop/passports.db postgresql://publisher@db.example/passports
      passport store move postgresql://publisher@db.example/passports sqlite:///out/passports.db
    """
    if source == target:
        raise UsageError(Message("a store cannot be moved to itself"), expected=Message("two addresses"))
    # A file that does not exist would become an empty store here.
    examine(source)
    old, new = Store.open(source), Store.open(target)
    try:
        with RowProgress() as progress:
            moved = store_move.move(old, new, lambda rows, total: progress.add(Message("Moving"), rows, total))
    finally:
        old.close()
        new.close()
    if as_json:
        console.say_json(asdict(moved))
        return
    say_counts(moved)
    for name, log in moved.logs.items():
        console.say_fact(
            Message("Log {name}", name=name),
            Message("{size:,} entries, root {root}", size=log.size, root=log.root),
            _COLUMNS,
        )
    console.say(console.mark("passed"), " ", Message("every row was read back and is the same"))


def say_counts(counted: StoreMove) -> None:
    """What a store holds, in figures."""
    console.say_fact(Message("Documents"), f"{counted.documents:,}", _COLUMNS)
    console.say_fact(
        Message("Status places"),
        Message("{places:,}, of which {set:,} are set", places=counted.places, set=counted.places_set),
        _COLUMNS,
    )
