"""``passport inbox``: takes signed life-cycle events over HTTP. Its only key is that of the log, for receipts."""

from __future__ import annotations

import os

import click

from passport.commands.events.event_intake import TOKEN, Supervision, inbox_of
from passport.commands.events.log_keys import receipt_writer
from passport.commands.terminal import console
from passport.errors import UsageError
from passport.project import Project
from passport.texts import Message
from passport.web.listening import check_port


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8471, show_default=True, help="Port to listen on.")
@click.option(
    "--log-passphrase-file", metavar="FILE", help="File whose first line is the passphrase of the key of the log."
)
@console.project_option
@console.command
def inbox(host: str, port: int, log_passphrase_file: str | None, project_folder: str | None, as_json: bool) -> None:
    """Take signed life-cycle events over HTTP (POST /events) into the project's store.

    The signature and the accreditation of the actor decide. With PASSPORT_EVENTS_TOKEN set, a request needs that bearer
    token besides. Where the project has a key of its log (passport log key), each answer holds the proof that the event
    is in the log.

    \b
    Example:
      passport inbox --project registry --host 0.0.0.0
    """
    try:
        from issuer.event_inbox import MAX_BODY, EventInboxConfig, Follower, create_event_inbox
        from passport.web.server import Application, serve
    except ImportError:
        raise UsageError(
            Message("the server is not installed"), hint=Message('pip install "battery-passport[server]"')
        ) from None
    project = Project.find(project_folder)
    store = project.open_store()
    receipts = receipt_writer(project, store, console.read_passphrase(log_passphrase_file))
    follower = Follower(Supervision(project, store).follow, console.now)
    config = EventInboxConfig(inbox_of(project, store, receipts), os.environ.get(TOKEN) or None, follower.wake)
    check_port(host, port)
    console.talk(Message("event inbox on {host}, port {port}; Ctrl-C stops.", host=host, port=port))
    serve(Application(create_event_inbox(config, now=console.now), max_body=MAX_BODY), host, port)
