"""``passport connector member``: an authority makes a company a member, by what a registrar signed of it."""

from __future__ import annotations

from dataclasses import replace

import click

from passport.belonging import passport_verifier
from passport.commands.terminal import console
from passport.connector.claims.credential_twin import STATUS, twin_claims
from passport.connector.connector_settings import ConnectorSettings
from passport.credentials import credential as vcdm
from passport.credentials.issuer import presentation
from passport.credentials.status_fetch import fetch_status_lists
from passport.errors import MalformedDocument, UsageError
from passport.identity.http_client import GuardedClient
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.texts import Message


@click.command()
@click.argument("files", metavar="CREDENTIAL...", nargs=-1, required=True)
@click.option("--offline", is_flag=True, help="Ask nobody: what is not in the file could not be checked.")
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
    settings, trust = ConnectorSettings.load(project.folder), project.trust_list()
    document = presentation([each for path in files for each in _members(path)])
    result = passport_verifier(trust).verify(document, at=at)
    if not offline and (fetched := fetch_status_lists(result, trust, GuardedClient())):
        result = passport_verifier(trust, status_lists=fetched).verify(document, at=at)
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


def _members(path: str) -> list[JsonObject]:
    """The credentials of a file, which is a presentation or one credential."""
    try:
        document = strict_json.loads(console.read_input(path))
    except MalformedDocument as error:
        raise UsageError(Message("{path} is not JSON", path=path), found=str(error)) from error
    if vcdm.is_presentation(document):
        return [each for each in vcdm.credentials(document) if isinstance(each, dict)]
    if not isinstance(document, dict):
        raise UsageError(Message("{path} holds no credential", path=path))
    return [document]
