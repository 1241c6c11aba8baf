"""``passport revoke``: withdraw a passport, suspend it, or lift a suspension."""

from __future__ import annotations

import click

from passport.commands.terminal import console
from passport.errors import UsageError
from passport.presenting.subject_search import find_subject
from passport.project import Project
from passport.publishing.publisher import Publisher
from passport.texts import Message


@click.command()
@click.argument("identifier")
@click.option("--reason", required=True, help="Why; kept in the store, not published.")
@click.option("--public-reason", metavar="TEXT", help="Why, for everybody: the page and the terminal show it.")
@click.option("--replaced-by", metavar="IDENTIFIER", help="The passport in this project that takes its place.")
@click.option("--suspend", is_flag=True, help="Only suspend: can be lifted again.")
@click.option("--lift", is_flag=True, help="Lift a suspension.")
@console.project_option
@console.passphrase_option
@console.command
def revoke(
    identifier: str,
    reason: str,
    public_reason: str | None,
    replaced_by: str | None,
    suspend: bool,
    lift: bool,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Revoke the passport of IDENTIFIER (address of a pack, batch or model, pack code or serial number).

    Revoking cannot be taken back.

    \b
    Examples:
      passport revoke ZZZPE10A7K2M05G6J0000317 --reason "wrong chemistry declared"
      passport revoke VO26090001742 --reason "case 4711" --public-reason "wrong date of manufacture"
      passport revoke VO26090001742 --suspend --reason "safety recall under way"
      passport revoke VO26090001742 --lift --reason "recall closed"
    """
    if suspend and lift:
        raise UsageError(Message("--suspend and --lift exclude each other"))
    if replaced_by and (suspend or lift):
        raise UsageError(
            Message("--replaced-by is for a revocation"), hint=Message("A suspended passport may come back.")
        )
    project = Project.find(project_folder)
    store = project.open_store()
    subject = find_subject(store, identifier, project.base_url)
    instead = find_subject(store, replaced_by, project.base_url) if replaced_by else None
    publisher = Publisher.of_project(project, store, console.read_passphrase(passphrase_file))
    if suspend or lift:
        changed = publisher.suspend(subject, reason=reason, at=console.now(), lift=lift, public_reason=public_reason)
    else:
        changed = publisher.revoke(
            subject, reason=reason, at=console.now(), public_reason=public_reason, replaced_by=instead
        )
    word = "suspended" if suspend else "suspension lifted" if lift else "revoked"
    if as_json:
        console.say_json({"subject": subject, "outcome": word if changed else "same", "credentials": list(changed)})
        return
    if not changed:
        console.say(Message("nothing to do: {subject} has this status already", subject=subject))
    for credential in changed:
        console.say(f"{word}  {credential}")
