"""``passport refresh``: sign the status lists anew, so that what they say is known to be of today."""

from __future__ import annotations

import click

from passport.commands import console
from passport.commands.project_parts import open_publisher
from passport.project import Project


@click.command()
@console.project_option
@console.passphrase_option
@console.command
def refresh(project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Sign all status lists again with today's date; nothing they say changes. Meant for a daily timer.

    \b
    Examples:
      passport refresh --project shop
      passport refresh --project shop --passphrase-file /run/credentials/passphrase
    """
    project = Project.find(project_folder)
    store = project.open_store()
    publisher = open_publisher(project, store, console.read_passphrase(passphrase_file))
    publisher.sign_status_lists(at=console.now())
    numbers = store.list_numbers()
    if as_json:
        console.say_json({"statusLists": [f"{project.base_url}/status/{number}" for number in numbers]})
        return
    for number in numbers:
        console.say(f"signed  {project.base_url}/status/{number}")
    if not numbers:
        console.say("nothing to do: no status list yet")
