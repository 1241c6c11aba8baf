"""``passport revoke``: withdraw a passport, suspend it, or lift a suspension."""

from __future__ import annotations

import click

from passport.commands import console
from passport.commands.project_parts import find_subject, open_publisher
from passport.errors import UsageError
from passport.project import Project


@click.command()
@click.argument("identifier")
@click.option("--reason", required=True, help="Why; kept in the store, told to nobody else.")
@click.option("--suspend", is_flag=True, help="Only suspend: can be lifted again.")
@click.option("--lift", is_flag=True, help="Lift a suspension.")
@console.project_option
@console.passphrase_option
@console.command
def revoke(
    identifier: str,
    reason: str,
    suspend: bool,
    lift: bool,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Revoke the passport of IDENTIFIER (address, pack code or serial number). Revoking cannot be taken back.

    \b
    Examples:
      passport revoke ZZZPE10A7K2M05G6J0000317 --reason "wrong chemistry declared"
      passport revoke VO26090001742 --suspend --reason "safety recall under way"
      passport revoke VO26090001742 --lift --reason "recall closed"
    """
    if suspend and lift:
        raise UsageError("--suspend and --lift exclude each other")
    project = Project.find(project_folder)
    store = project.open_store()
    subject = find_subject(store, identifier, project.base_url)
    publisher = open_publisher(project, store, console.read_passphrase(passphrase_file))
    if suspend or lift:
        changed = publisher.suspend(subject, reason=reason, at=console.now(), lift=lift)
    else:
        changed = publisher.revoke(subject, reason=reason, at=console.now())
    word = "suspended" if suspend else "suspension lifted" if lift else "revoked"
    if as_json:
        console.say_json({"subject": subject, "outcome": word if changed else "same", "credentials": list(changed)})
        return
    if not changed:
        console.say(f"nothing to do: {subject} stands so already")
    for credential in changed:
        console.say(f"{word}  {credential}")
