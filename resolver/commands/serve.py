"""``passport serve``: the resolver behind the QR code."""

from __future__ import annotations

import os

import click

from passport.commands.terminal import console
from passport.errors import UsageError
from passport.project import Project
from passport.texts import Message
from passport.web.listening import check_port


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Number of processes.")
@console.project_option
@console.command
def serve(host: str, port: int, workers: int, project_folder: str | None, as_json: bool) -> None:
    """Serve the project's passports until Ctrl-C. The base URL is the project's; TLS belongs in front of this.

    \b
    Examples:
      passport serve --project shop
      passport serve --project shop --host 0.0.0.0 --port 80 --workers 2
    """
    project = Project.find(project_folder)
    run_server(project, host, port, workers)


def run_server(project: Project, host: str, port: int, workers: int = 1) -> None:
    """Serve ``project`` until interrupted."""
    try:
        from resolver import site_server
    except ModuleNotFoundError as error:
        raise UsageError(
            Message("the server is not installed"),
            found=Message("no {module}", module=error.name),
            hint=Message('pip install "battery-passport[server]"'),
        ) from None
    check_port(host, port)
    os.environ["PASSPORT_PROJECT"] = str(project.folder.resolve())
    console.talk(
        Message(
            "Serving {base_url} on {host}, port {port}; Ctrl-C stops.", base_url=project.base_url, host=host, port=port
        )
    )
    site_server.run(host, port, workers)
