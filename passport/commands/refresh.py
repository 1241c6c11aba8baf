"""``passport refresh``: newer status lists, signed here, or brought from where the key is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import click

from passport.commands.terminal import console
from passport.credentials.credential import date_time
from passport.errors import MalformedStatusList, UsageError
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.project import ISSUER_KEY, Project
from passport.publishing.publisher import Publisher
from passport.publishing.registrar import Registrar
from passport.publishing.status.status_intake import take
from passport.texts import Message


@click.command()
@click.option(
    "--from",
    "files",
    metavar="LIST",
    multiple=True,
    help="Signed status list to take instead of signing, JSON; repeatable. For a copy without a key.",
)
@console.project_option
@console.passphrase_option
@console.command
def refresh(files: tuple[str, ...], project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Sign the status lists again with today's date, and the directory of enterprises where there is one. Meant for a
    daily timer where the key is.

    A signed list is valid for seven days. One that was signed within the last twelve hours and says what it should is
    left alone, so a second run changes nothing.

    A copy without a key takes the lists that were signed elsewhere, if they are newer and verify: --from.

    \b
    Examples:
      passport refresh --project shop
      passport refresh --project shop --passphrase-file /run/credentials/passphrase
      curl -sS -O https://passport.example.com/status/1 && passport refresh --from 1 --project abroad
    """
    project = Project.find(project_folder)
    if files:
        _take(project, files, as_json)
        return
    if not (project.folder / ISSUER_KEY).exists():
        raise UsageError(
            Message("there is no key here to sign with"),
            expected=Message("{file} in {folder}", file=ISSUER_KEY, folder=str(project.folder)),
            hint=Message(
                "Run it where the key is. A copy without a key takes the signed lists: passport refresh --from LIST."
            ),
        )
    store = project.open_store()
    publisher, at = Publisher.of_project(project, store, console.read_passphrase(passphrase_file)), console.now()
    lists = publisher.refresh_status_lists(at=at)
    listing = Registrar(store, publisher.issuer, project.base_url).refresh(at)
    if as_json:
        console.say_json({
            **({} if listing is None else {"directory": {"id": listing["id"], "validUntil": listing["validUntil"]}}),
            "statusLists": [
                {"id": entry.address, "purpose": entry.purpose, "outcome": "signed" if entry.signed else "fresh",
                 "validFrom": date_time(entry.valid_from), "validUntil": date_time(entry.valid_until)}
                for entry in lists
            ]
        })  # fmt: skip
        return
    rows = [
        ("signed" if entry.signed else "fresh", entry.address, entry.purpose, _until(entry.valid_until))
        for entry in lists
    ]
    if listing is not None:
        rows.append(("signed", listing["id"], "directory", _until(datetime.fromisoformat(listing["validUntil"]))))
    console.say(console.table(rows) if rows else Message("nothing to do: no status list yet"))


def _until(end: datetime) -> Message:
    return Message("until {end:%Y-%m-%d %H:%M} UTC", end=end)


def _take(project: Project, files: tuple[str, ...], as_json: bool) -> None:
    if (project.folder / ISSUER_KEY).exists():
        raise UsageError(
            Message("this project has a key"),
            expected=Message("a copy without one"),
            hint=Message("Leave out --from: it signs."),
        )
    documents = [document for path in files for document in _documents(path)]
    lists = take(project.open_store(), documents, project.trust_list(), project.base_url, at=console.now())
    if as_json:
        console.say_json({
            "statusLists": [
                {"id": entry.address, "purpose": entry.purpose, "outcome": "taken" if entry.taken else "same",
                 "changes": entry.changes, "validFrom": date_time(entry.valid_from),
                 "validUntil": date_time(entry.valid_until) if entry.valid_until else None}
                for entry in lists
            ]
        })  # fmt: skip
        return
    console.say(
        console.table(
            [
                (
                    "taken" if entry.taken else "same",
                    entry.address,
                    entry.purpose,
                    Message("{n} change", plural="{n} changes", n=entry.changes),
                )
                for entry in lists
            ]
        )
    )


def _documents(path: str) -> Iterator[JsonObject]:
    """The list credentials in a file: one, an array of them, or those of a presentation."""
    contents = strict_json.loads(console.read_input(path))
    if isinstance(contents, dict) and "verifiableCredential" in contents:
        contents = contents["verifiableCredential"]
    for document in contents if isinstance(contents, list) else [contents]:
        if not isinstance(document, dict):
            raise MalformedStatusList(
                Message("{path} holds no status list", path=path), expected=Message("a credential as JSON")
            )
        yield document
