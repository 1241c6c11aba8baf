"""``passport connector member``: an authority makes a company a member, by what a registrar signed of it."""

from __future__ import annotations

from dataclasses import replace

import click

from passport.commands.companies.company_file import offline_option, verify_files
from passport.commands.terminal import console
from passport.connector.claims.credential_twin import STATUS, twin_claims
from passport.connector.connector_settings import ConnectorSettings
from passport.project import Project
from passport.texts import Message


@click.command()
@click.argument("files", metavar="CREDENTIAL...", nargs=-1, required=True)
@offline_option
@console.project_option
@console.command
def member(files: tuple[str, ...], offline: bool, project_folder: str | None, as_json: bool) -> None:
    """Make a company a member of this authority's dataspace, by its identity, accreditation or role.

    Roles, country and purposes are those of the credentials, which must verify by this project's trust list. The
    membership is issued when the company asks for it, ends with the first of them, and is revoked as soon as one is.

    \b
    Example:
      passport connector member maker.identity.jsonld --project authority
    """
    project, at = Project.find(project_folder), console.now()
    settings = ConnectorSettings.load(project.folder)
    result = verify_files(files, project, at, offline=offline)
    holder, claims = twin_claims(result)
    replace(settings, memberships={**settings.memberships, holder: claims}).save(project.folder)
    if as_json:
        console.say_json({"member": holder, "claims": claims})
        return
    console.say(Message("member: {did}", did=holder))
    for name, value in claims.items():
        if name == STATUS:
            console.say("  ", Message("revoked or suspended as its originals are"))
            continue
        console.say("  ", name, "  ", value if isinstance(value, str) else ", ".join(value))
