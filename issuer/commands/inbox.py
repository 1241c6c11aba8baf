"""``passport inbox``: takes signed life-cycle events over HTTP. It holds no key."""

from __future__ import annotations

import os

import click

from passport.commands.terminal import console
from passport.errors import UsageError
from passport.project import Project
from passport.texts import Message
from passport.web.listening import check_port

TOKEN = "PASSPORT_EVENTS_TOKEN"  # noqa: S105  the name of the variable, not its value


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8471, show_default=True, help="Port to listen on.")
@console.project_option
@console.command
def inbox(host: str, port: int, project_folder: str | None, as_json: bool) -> None:
    """Take signed life-cycle events over HTTP (POST /events) into the project's store.

    The signature and the accreditation of the actor decide. With PASSPORT_EVENTS_TOKEN set, a request needs that bearer
    token besides.

    \b
    Example:
      passport inbox --project registry --host 0.0.0.0
    """
    try:
        from issuer.event_inbox import MAX_BODY, EventInboxConfig, create_event_inbox
        from passport.web.server import Application, serve
    except ImportError:
        raise UsageError(
            Message("the server is not installed"), hint=Message('pip install "battery-passport[server]"')
        ) from None
    from passport.commands.event import inbox_of

    project = Project.find(project_folder)
    config = EventInboxConfig(inbox_of(project, project.open_store()), os.environ.get(TOKEN) or None)
    check_port(host, port)
    console.talk(Message("event inbox on {host}, port {port}; Ctrl-C stops.", host=host, port=port))
    serve(Application(create_event_inbox(config, now=console.now), max_body=MAX_BODY), host, port)
