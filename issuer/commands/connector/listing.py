"""``passport connector agreements``, ``transfers``, ``page``: what was agreed and handed over."""

from __future__ import annotations

import click

from issuer.commands.connector.shared import line_of, state_of, terms_of
from passport.commands.terminal import console
from passport.connector.connector_settings import OFFERS
from passport.connector.data.data_offer import read_offers
from passport.connector.exchange_process import ExchangeKind
from passport.linked_data import strict_json
from passport.project import Project
from passport.reports.exchange_page import OfferLine, page
from passport.texts import Message


@click.command()
@console.project_option
@console.command
def agreements(project_folder: str | None, as_json: bool) -> None:
    """List agreements and negotiations, newest first.

    \b
    Example:
      passport connector agreements --project shop
    """
    _listed(project_folder, ExchangeKind.NEGOTIATION, as_json)


@click.command()
@console.project_option
@console.command
def transfers(project_folder: str | None, as_json: bool) -> None:
    """List transfers, newest first.

    \b
    Example:
      passport connector transfers --project shop
    """
    _listed(project_folder, ExchangeKind.TRANSFER, as_json)


@click.command(name="page")
@console.output_option("-o", "--output", endings=(".html",), required=True, help="File to write.")
@console.project_option
@console.command
def page_(output: console.Destination, project_folder: str | None, as_json: bool) -> None:
    """Write offers, agreements and transfers as one page that opens without a network.

    \b
    Example:
      passport connector page -o exchange.html --project shop
    """
    project = Project.find(project_folder)
    state = state_of(project)
    path = project.folder / OFFERS
    made = read_offers(strict_json.loads(path.read_bytes()), project.issuer) if path.exists() else ()
    language = console.language()
    offered = [
        OfferLine(each.title.get(language) or next(iter(each.title.values()), each.name), each.kind, each.dataset,
                  terms_of(each.odrl()))
        for each in made
    ]  # fmt: skip
    kinds = {
        kind: [line_of(row, state) for row in state.processes(kind)]
        for kind in (ExchangeKind.NEGOTIATION, ExchangeKind.TRANSFER)
    }
    text = page(
        project.issuer, offered, kinds[ExchangeKind.NEGOTIATION], kinds[ExchangeKind.TRANSFER],
        made=console.now().date(), language=language,
    )  # fmt: skip
    output.write(text.encode())
    if as_json:
        console.say_json({"file": str(output)})
    else:
        console.say(str(output))


def _listed(project_folder: str | None, kind: ExchangeKind, as_json: bool) -> None:
    state = state_of(Project.find(project_folder))
    lines = [line_of(row, state) for row in state.processes(kind)]
    if as_json:
        console.say_json({f"{kind}s": [line.to_json() for line in lines]})
        return
    for line in lines:
        console.say(f"{line.pid}  {line.state}  {line.side}")
        console.say(f"    {line.peer}")
        if line.agreement is not None:
            console.say(f"    {line.agreement}")
    if not lines:
        console.say(Message("none yet"))
