"""``passport directory``: the enterprises that a registrar lists: show, search, follow, save, sign."""

from __future__ import annotations

import click

from passport.commands.companies.identity import described, say_listed
from passport.commands.terminal import console
from passport.credentials import credential as vcdm
from passport.directory.directory_file import directory_file
from passport.directory.directory_search import DirectoryQuery, find_identities
from passport.directory.listing import Directory, directory_of
from passport.errors import UsageError
from passport.linked_data import strict_json
from passport.project import Project
from passport.publishing.registrar import Registrar
from passport.store import Store
from passport.texts import Message


@click.group()
def directory() -> None:
    """Read the directory of enterprises of this project, and hand it out signed.

    \b
    Examples:
      passport directory search --role batteryMaker --region CN
      passport directory save -o directory.jsonld
      passport trust from-directory directory.jsonld --policy policy.json
    """


@directory.command()
@click.option("--name", default="", help="Part of a legal name, in any language.")
@click.option("--code", default="", help="Identifier, DID, GTIN or plate code.")
@click.option("--role", default="", help="Role, such as batteryMaker.")
@click.option("--region", default="", help="Country, market or province: CN, EU, CN-AH.")
@console.project_option
@console.command
def search(name: str, code: str, role: str, region: str, project_folder: str | None, as_json: bool) -> None:
    """Find enterprises by name, code, role and region; every part that is given must fit.

    \b
    Examples:
      passport directory search --name 电池
      passport directory search --code ZZZPE10A7K2M0597M0000042
    """
    listing, at = _directory(Project.find(project_folder).open_store()), console.now()
    found = find_identities(listing, DirectoryQuery(name, code, role, region), limit=1000).items
    if as_json:
        console.say_json({"identities": [described(each, at) for each in found]})
        return
    for each in found:
        say_listed(each, at)
    if not found:
        console.say(Message("no enterprise fits"))


@directory.command()
@click.option("--after", type=click.IntRange(0), default=0, help="Number of the last change that was seen.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="How many at most.")
@console.project_option
@console.command
def changes(after: int, limit: int, project_folder: str | None, as_json: bool) -> None:
    """Show what changed in the directory, oldest first.

    \b
    Example:
      passport directory changes --after 12 --json
    """
    store = Project.find(project_folder).open_store()
    rows = list(store.directory_changes(after=after, limit=limit))
    if as_json:
        console.say_json({
            "changes": [
                {"number": row.sequence, "at": vcdm.date_time(row.at), "kind": row.kind.value, "did": row.did,
                 "credential": row.credential, "standing": row.standing}
                for row in rows
            ]
        })  # fmt: skip
        return
    table = [
        (str(row.sequence), f"{row.at:%Y-%m-%d %H:%M}", row.kind.value, row.standing or "", row.did) for row in rows
    ]  # fmt: skip
    console.say(console.table(table) if table else Message("no change"))


@directory.command()
@console.output_option(
    "-o", "--output", endings=(".jsonld", ".json"), help="File to write (.jsonld, .json; default: stdout)."
)
@console.project_option
@console.command
def save(output: console.Destination | None, project_folder: str | None, as_json: bool) -> None:
    """Save the signed directory with everything that its verification needs.

    \b
    Examples:
      passport directory save -o directory.jsonld
      passport verify directory.jsonld --offline --trust trusted-issuers.json
    """
    store = Project.find(project_folder).open_store()
    file = directory_file(store, _directory(store), console.now())
    if file is None:
        raise UsageError(
            Message("no directory was signed here"), hint=Message("passport identity issue lists the first enterprise.")
        )
    console.deliver(strict_json.dumps(file), output)


@directory.command()
@console.project_option
@console.passphrase_option
@console.command
def sign(project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Sign the directory anew with today's date. Each change does so by itself, and passport refresh does so each day.

    \b
    Example:
      passport directory sign --project registrar
    """
    project = Project.find(project_folder)
    issuer = project.issuer_with_key(console.read_passphrase(passphrase_file))
    signed = Registrar(project.open_store(), issuer, project.base_url).sign(console.now())
    if as_json:
        console.say_json({"id": signed["id"], "validUntil": signed["validUntil"]})
    else:
        console.say(Message("{id}, until {end}", id=signed["id"], end=console.long_date(signed["validUntil"])))


def _directory(store: Store) -> Directory:
    return directory_of(store.directory_changes())
