"""``passport workspace``: the pages for the people who make passports, and those people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from passport.commands.terminal import console
from passport.errors import UsageError
from passport.project import Project
from passport.store.workspace.people import INVITATION, People, Person, WorkRole
from passport.store.workspace.subjects import Subjects
from passport.store.workspace.workspace_file import WorkspaceFile
from passport.texts import Message
from passport.web.listening import check_port

_BY = "command"


@click.group()
def workspace() -> None:
    """The workspace: pages behind a login for the people who make passports.

    \b
    Examples:
      passport workspace user add lin --full-name "Lin Mei" --role enter --project shop
      passport workspace serve --project shop
    """


@workspace.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8473, show_default=True, help="Port to listen on.")
@click.option("--origin", metavar="URL", help="Where browsers find it, https (default: http://localhost and the port).")
@click.option("--accreditation", "accreditation_file", metavar="FILE", help="Accreditation to enclose with events.")
@click.option("--status-list", "list_files", metavar="FILE", multiple=True, help="Status list to enclose; repeatable.")
@click.option(
    "--log-passphrase-file", metavar="FILE", help="File whose first line is the passphrase of the key of the log."
)
@console.project_option
@console.passphrase_option
@console.command
def serve(
    host: str,
    port: int,
    origin: str | None,
    accreditation_file: str | None,
    list_files: tuple[str, ...],
    log_passphrase_file: str | None,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Serve the workspace, and issue what is ordered there.

    It signs with the project's key. People sign in with passkeys, which work on https or on localhost only: for others
    than yourself, put a proxy with TLS before it and name its address with --origin.

    A company's own sign-in (OpenID Connect) is offered beside passkeys where sign-in.toml in the project's folder
    describes it. The client's secret is in a file that it names, or in PASSPORT_SIGN_IN_SECRET.

    \b
    Examples:
      passport workspace serve --project shop
      passport workspace serve --project shop --origin https://work.example.com
    """
    try:
        from issuer.workspace.app import MAX_BODY, create_workspace
        from issuer.workspace.people.company_provider import ProviderConfig
        from issuer.workspace.services import WorkspaceConfig
        from issuer.workspace.worker import OrderWorker
        from passport.web.server import Application
        from passport.web.server import serve as serve_application
    except ImportError:
        raise UsageError(
            Message("the workspace is not installed"), hint=Message('pip install "battery-passport[workspace]"')
        ) from None
    project = Project.find(project_folder)
    issuer = project.issuer_with_key(console.read_passphrase(passphrase_file))
    config = WorkspaceConfig(
        project, project.open_store(), issuer, origin or f"http://localhost:{port}",
        None if accreditation_file is None else _document(accreditation_file),
        tuple(_document(path) for path in list_files),
        log_passphrase=console.read_passphrase(log_passphrase_file), provider=ProviderConfig.of_project(project.folder),
    )  # fmt: skip
    check_port(host, port)
    app = create_workspace(config, now=console.now)
    worker = app.extensions["workspace-worker"] = OrderWorker(app.extensions["workspace"])
    console.talk(Message("workspace at {origin}; Ctrl-C stops.", origin=config.origin))
    if not any(person.disabled is None for person in app.extensions["workspace"].people.all()):
        console.talk(Message("No person can sign in yet: passport workspace user add"))
    worker.start()
    try:
        serve_application(Application(app, max_body=MAX_BODY), host, port)
    finally:
        worker.close()


@workspace.group()
def user() -> None:
    """People of the workspace.

    \b
    Examples:
      passport workspace user add lin --full-name "Lin Mei" --role enter --project shop
      passport workspace user list --project shop
    """


_role_option = click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in WorkRole]),
    help="What the person may do; repeatable.",
)  # fmt: skip
_origin_option = click.option(
    "--origin", metavar="URL", default="http://localhost:8473", show_default=True,
    help="Where browsers find the workspace.",
)  # fmt: skip


@user.command()
@click.argument("name", metavar="NAME")
@click.option("--full-name", default="", help="As pages show it.")
@_role_option
@_origin_option
@console.project_option
@console.command
def add(
    name: str, full_name: str, roles: tuple[str, ...], origin: str, project_folder: str | None, as_json: bool
) -> None:
    """Add a person, and print the link with which a passkey is enrolled. It serves once, for three days.

    \b
    Examples:
      passport workspace user add lin --full-name "Lin Mei" --role enter --project shop
      passport workspace user add zhao --role approve --role administer --origin https://work.example.com
    """
    people, at = _people(project_folder), console.now()
    person = people.add(name, full_name, frozenset(map(WorkRole, roles)), at=at, by=_BY)
    _say_link(person, people.invite(person, at=at, by=_BY), origin, as_json)


@user.command()
@click.argument("name", metavar="NAME")
@_origin_option
@console.project_option
@console.command
def invite(name: str, origin: str, project_folder: str | None, as_json: bool) -> None:
    """Print a new link with which a person enrols a passkey, such as after a lost one. An earlier link ends.

    \b
    Example:
      passport workspace user invite lin --project shop
    """
    people = _people(project_folder)
    person = people.named(name)
    _say_link(person, people.invite(person, at=console.now(), by=_BY), origin, as_json)


@user.command()
@click.argument("name", metavar="NAME")
@click.option("--subject", required=True, metavar="TEXT", help="Subject (sub) of the person at the provider.")
@console.project_option
@console.command
def link(name: str, subject: str, project_folder: str | None, as_json: bool) -> None:
    """Let a person in under a subject of the company's own sign-in, which sign-in.toml describes.

    Without this, a person links an account with the link of an invitation.

    \b
    Example:
      passport workspace user link lin --subject 248289761001 --project shop
    """
    project = Project.find(project_folder)
    file = WorkspaceFile(project.workspace_path)
    people = People(file)
    person = people.named(name)
    try:
        from issuer.workspace.people.company_provider import ProviderConfig
    except ImportError:
        raise UsageError(
            Message("the workspace is not installed"), hint=Message('pip install "battery-passport[workspace]"')
        ) from None
    provider = ProviderConfig.of_project(project.folder)
    if provider is None:
        raise UsageError(Message("the project has no sign-in of the company"), hint=Message("Write sign-in.toml."))
    Subjects(file, people).link(person, provider.issuer, subject, at=console.now(), by=_BY)
    _say_person(people, name, as_json)


@user.command(name="list")
@console.project_option
@console.command
def list_(project_folder: str | None, as_json: bool) -> None:
    """List the people with their roles and passkeys.

    \b
    Example:
      passport workspace user list --project shop
    """
    people = _people(project_folder)
    rows = [(person, people.passkeys(person)) for person in people.all()]
    if as_json:
        console.say_json({"people": [_described(person, len(keys)) for person, keys in rows]})
        return
    for person, keys in rows:
        console.say(
            console.spoken(
                Message(
                    "{name}, {full_name}: {roles}; {n} passkey",
                    plural="{name}, {full_name}: {roles}; {n} passkeys",
                    name=person.name,
                    full_name=person.full_name,
                    roles=", ".join(role.value for role in WorkRole if role in person.roles),
                    n=len(keys),
                )
                if person.disabled is None
                else Message("{name}, {full_name}: disabled", name=person.name, full_name=person.full_name)
            )
        )
    if not rows:
        console.say(Message("no person was added yet"))


@user.command()
@click.argument("name", metavar="NAME")
@_role_option
@console.project_option
@console.command
def role(name: str, roles: tuple[str, ...], project_folder: str | None, as_json: bool) -> None:
    """Give a person these roles instead of those before. The sessions of the person end.

    \b
    Example:
      passport workspace user role lin --role enter --role approve --project shop
    """
    people = _people(project_folder)
    people.set_roles(people.named(name), frozenset(map(WorkRole, roles)), at=console.now(), by=_BY)
    _say_person(people, name, as_json)


@user.command()
@click.argument("name", metavar="NAME")
@console.project_option
@console.command
def disable(name: str, project_folder: str | None, as_json: bool) -> None:
    """Let a person in no more. Sessions and invitations end, and passkeys are forgotten.

    \b
    Example:
      passport workspace user disable lin --project shop
    """
    people = _people(project_folder)
    people.disable(people.named(name), at=console.now(), by=_BY)
    _say_person(people, name, as_json)


def _people(project_folder: str | None) -> People:
    return People(WorkspaceFile(Project.find(project_folder).workspace_path))


def _say_link(person: Person, token: str, origin: str, as_json: bool) -> None:
    link = f"{origin.rstrip('/')}/enrol/{token}"
    if as_json:
        console.say_json({**_described(person, 0), "invitation": link})
        return
    console.say(link)
    console.talk(
        Message(
            "{name} opens this link once within {hours} hours and enrols a passkey. Hand it over on a safe way.",
            name=person.full_name,
            hours=int(INVITATION.total_seconds() // 3600),
        )
    )


def _say_person(people: People, name: str, as_json: bool) -> None:
    person = people.named(name)
    if as_json:
        console.say_json(_described(person, len(people.passkeys(person))))
    else:
        console.say(Message("{name} is up to date", name=person.name))


def _described(person: Person, passkeys: int) -> dict[str, Any]:
    return {
        "name": person.name,
        "fullName": person.full_name,
        "roles": [role.value for role in WorkRole if role in person.roles],
        "disabled": person.disabled is not None,
        "passkeys": passkeys,
    }


def _document(path: str) -> Any:
    """:raises UsageError: it is no credential."""
    from passport.errors import MalformedDocument
    from passport.linked_data import strict_json

    try:
        document = strict_json.loads(Path(path).read_bytes())
    except (OSError, MalformedDocument) as error:
        raise UsageError(Message("{path} cannot be read", path=path), found=str(error)[:200]) from error
    if not isinstance(document, dict):
        raise UsageError(Message("{path} is no credential", path=path), expected=Message("a JSON object"))
    return document
