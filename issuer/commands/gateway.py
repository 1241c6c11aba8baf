"""``passport gateway``: takes read-outs of battery management systems over HTTP, and signs them."""

from __future__ import annotations

import os

import click

from passport.commands.events.event_intake import Supervision
from passport.commands.terminal import console
from passport.errors import UsageError
from passport.project import Project
from passport.publishing.condition.read_outs import ReadOutLoader
from passport.texts import Message
from passport.web.listening import check_port

TOKEN = "PASSPORT_GATEWAY_TOKEN"  # noqa: S105  the name of the variable, not its value


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8472, show_default=True, help="Port to listen on.")
@console.project_option
@console.passphrase_option
@console.command
def gateway(host: str, port: int, project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Take read-outs over HTTP (POST /read-outs), judge them, sign them and store them.

    It signs with the project's key, so it needs a bearer token of at least 32 characters in PASSPORT_GATEWAY_TOKEN.

    \b
    Example:
      passport gateway --project shop
    """
    try:
        from issuer.event_inbox import Follower
        from issuer.read_out_gateway import MAX_BODY, GatewayConfig, create_gateway
        from passport.web.server import Application, serve
    except ImportError:
        raise UsageError(
            Message("the server is not installed"), hint=Message('pip install "battery-passport[server]"')
        ) from None
    token = os.environ.get(TOKEN)
    if not token:
        raise UsageError(Message("{variable} is not set", variable=TOKEN), expected=Message("a bearer token"))
    project = Project.find(project_folder)
    issuer = project.issuer_with_key(console.read_passphrase(passphrase_file))
    store = project.open_store()
    loader = ReadOutLoader(store, issuer, project.base_url)
    config = GatewayConfig(loader, token, Follower(Supervision(project, store).follow, console.now).wake)
    check_port(host, port)
    console.talk(Message("gateway for read-outs on {host}, port {port}; Ctrl-C stops.", host=host, port=port))
    try:
        serve(Application(create_gateway(config, now=console.now), max_body=MAX_BODY), host, port)
    finally:
        loader.finish(at=console.now())
