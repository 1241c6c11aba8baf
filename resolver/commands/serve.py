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
@click.option(
    "--preview", is_flag=True, help="Links in pages lead here and not to the base URL; for a look before DNS."
)
@console.project_option
@console.command
def serve(host: str, port: int, workers: int, preview: bool, project_folder: str | None, as_json: bool) -> None:
    """Serve the project's passports until Ctrl-C. The base URL is the project's; TLS belongs in front of this.

    With --preview the site can be looked at where the base URL does not lead yet: links and forms of pages stay on this
    server, and each page says so. Signed data, QR codes and files hold the base URL as ever.

    \b
    Examples:
      passport serve --project shop
      passport serve --project shop --preview
      passport serve --project shop --host 0.0.0.0 --port 80 --workers 2
    """
    project = Project.find(project_folder)
    run_server(project, host, port, workers, preview=preview)


def run_server(project: Project, host: str, port: int, workers: int = 1, *, preview: bool = False) -> None:
    """Serve ``project`` until interrupted. :param preview: whether pages lead here instead of to the base URL."""
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
    # For this process and its workers; what an environment says of it otherwise does not count.
    os.environ.pop("PASSPORT_PREVIEW", None)
    if preview:
        os.environ["PASSPORT_PREVIEW"] = "1"
        shown = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        console.talk(Message("A preview of {base_url} is at {address}", base_url=project.base_url, address=shown))
    console.talk(
        Message(
            "Serving {base_url} on {host}, port {port}; Ctrl-C stops.", base_url=project.base_url, host=host, port=port
        )
    )
    site_server.run(host, port, workers)
