"""``passport connector init``, ``document``, ``join``, ``serve``: a company gets a connector and runs it."""

from __future__ import annotations

import click

from issuer.commands.connector.shared import LOOPBACK, node_of
from passport.commands.terminal import console
from passport.connector.connector_settings import KEY, MEMBERSHIP, ConnectorSettings
from passport.errors import UsageError
from passport.identity.keys import PrivateKey
from passport.project import Project
from passport.texts import Message
from passport.web.limits import Limit
from passport.web.listening import check_port


@click.command()
@click.option("--address", metavar="URL", required=True, help="Address of the connector, as others reach it.")
@click.option("--country", metavar="CODE", required=True, help="Country of the company, such as CN or DE.")
@click.option("--release", "release_file", metavar="FILE", help="Policy of what may leave the country, in the project.")
@console.project_option
@console.command
def init(address: str, country: str, release_file: str | None, project_folder: str | None, as_json: bool) -> None:
    """Give a project a connector: its settings, and a key to which others encrypt.

    Without a release policy nothing is handed over to a company in another country.

    \b
    Example:
      passport connector init --address https://connector.example.com --country CN --project shop
    """
    project = Project.find(project_folder)
    if (project.folder / KEY).exists():
        raise UsageError(Message("the project has a connector already"), found=str(project.folder / KEY))
    members = {"address": address, "country": country} | ({} if release_file is None else {"release": release_file})
    settings = ConnectorSettings.from_json(members, project.folder)
    settings.save(project.folder)
    PrivateKey.generate().save(project.folder / KEY, None)
    if as_json:
        console.say_json({"address": settings.address, "key": str(project.folder / KEY)})
    else:
        console.say(Message("connector of {issuer} at {address}", issuer=project.issuer, address=settings.address))
        console.say(Message("Publish the DID document that passport connector document writes."))


@click.command()
@console.output_option("-o", "--output", endings=(".json",), help="File to write (default: stdout).")
@console.project_option
@console.passphrase_option
@console.command
def document(
    output: console.Destination | None, project_folder: str | None, passphrase_file: str | None, as_json: bool
) -> None:
    """Write the company's DID document with what others need for exchanges: services, and the key to encrypt to.

    \b
    Example:
      passport connector document -o did.json --project shop
    """
    console.deliver_json(node_of(project_folder, passphrase_file).document, output)


@click.command()
@click.argument("authority", metavar="DID")
@LOOPBACK
@console.project_option
@console.passphrase_option
@console.command
def join(
    authority: str, loopback: bool, project_folder: str | None, passphrase_file: str | None, as_json: bool
) -> None:
    """Ask an authority for the membership credential, which it delivers to the running connector.

    \b
    Example:
      passport connector join did:web:authority.example --project shop
    """
    node = node_of(project_folder, passphrase_file, loopback)
    pid = node.requester.request(authority, (MEMBERSHIP,), at=console.now())
    if as_json:
        console.say_json({"request": pid, "type": MEMBERSHIP})
    else:
        console.say(Message("asked for {type}; request {request}", type=MEMBERSHIP, request=pid))


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8473, show_default=True, help="Port to listen on.")
@click.option("--proxies", type=click.IntRange(0, 9), default=0, show_default=True,
              help="How many reverse proxies of ours a request passes.")  # fmt: skip
@click.option("--strangers", metavar="LIMIT", default="300/60", show_default=True,
              help="Requests/seconds of a client without a valid proof, or off; a failed one counts ten.")  # fmt: skip
@LOOPBACK
@console.project_option
@console.passphrase_option
@console.command
def serve(
    host: str, port: int, proxies: int, strangers: str, loopback: bool, project_folder: str | None,
    passphrase_file: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Answer other companies, and send what waits.

    A reverse proxy with TLS belongs in front of it; the address in the settings is the one to call. Behind it,
    --proxies 1 tells clients apart by X-Forwarded-For.

    \b
    Example:
      passport connector serve --proxies 1 --project shop
    """
    try:
        from issuer.connector_face import MAX_BODY, ConnectorFaceConfig, MessageSender, create_connector
        from passport.web.server import Application
        from passport.web.server import serve as serve_application
    except ImportError:
        raise UsageError(
            Message("the server is not installed"), hint=Message('pip install "battery-passport[server]"')
        ) from None
    node = node_of(project_folder, passphrase_file, loopback)
    service = node.service
    issuance = node.issuance if node.settings.memberships else None
    sender = MessageSender(service, console.now, also=None if issuance is None else issuance.deliver)
    config = ConnectorFaceConfig([node.answerer(service, sender.wake)], Limit.parse(strangers), proxies)
    app = create_connector(config, now=console.now)
    check_port(host, port)
    sender.start()
    console.talk(Message("connector on {host}, port {port}; Ctrl-C stops.", host=host, port=port))
    serve_application(Application(app, max_body=MAX_BODY), host, port)
