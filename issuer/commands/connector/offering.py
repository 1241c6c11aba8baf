"""``passport connector offer``, ``offers``, ``catalog``: what is offered, here and by others."""

from __future__ import annotations

import click

from issuer.commands.connector.shared import LOOPBACK, node_of, terms_of
from passport.commands.terminal import console
from passport.connector.connector_settings import OFFERS
from passport.connector.data.data_offer import DataKind, read_offers
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.reports.exchange_page import TERMS
from passport.texts import Message


@click.command()
@click.argument("name", metavar="NAME")
@click.option(
    "--kind", type=click.Choice([kind.value for kind in DataKind]), required=True, help="What is handed over."
)
@click.option("--pack", "packs", metavar="URL", multiple=True, help="Address of a pack; repeatable.")
@click.option("--file", "part", metavar="FILE", help="Of a supplier's part, from the project's folder.")
@click.option("--audience", default="public", show_default=True, help="Whose view of the packs is handed over.")
@click.option("--title", metavar="TEXT", help="Title in the catalogue, in the language of the call.")
@click.option("--role", "roles", multiple=True, help="Role that the other company has to have; repeatable.")
@click.option("--purpose", "purposes", multiple=True, help="Purpose of the use; repeatable.")
@click.option("--to-country", "countries", multiple=True, help="Country of the other company; repeatable.")
@click.option("--days", type=click.IntRange(1, 9999), help="Days from the agreement on.")
@click.option("--until", metavar="TIME", help="Instant at which the use ends, with its zone.")
@click.option("--no-onward-transfer", is_flag=True, help="The other company hands nothing on.")
@console.project_option
@console.command
def offer(name: str, kind: str, packs: tuple[str, ...], part: str | None, audience: str, title: str | None,
          roles: tuple[str, ...], purposes: tuple[str, ...], countries: tuple[str, ...], days: int | None,
          until: str | None, no_onward_transfer: bool, project_folder: str | None, as_json: bool) -> None:  # fmt: skip
    """Offer data under a usage policy; an offer of that name is replaced.

    \b
    Examples:
      passport connector offer part --kind record-part --file part.json --role manufacturer --days 365 --project cells
      passport connector offer dismantling --kind passport --pack https://… --audience legitimate-interest --days 90
    """
    project = Project.find(project_folder)
    sets = {"roles": list(roles), "purposes": list(purposes), "countries": list(countries)}
    policy: JsonObject = {name_: values for name_, values in sets.items() if values}
    policy |= {} if days is None else {"days": days}
    policy |= {} if until is None else {"until": until}
    policy |= {"noOnwardTransfer": True} if no_onward_transfer else {}
    entry: JsonObject = {"name": name, "kind": kind, "policy": policy}
    entry |= {"packs": list(packs), "audience": audience} if packs else {}
    entry |= {} if part is None else {"file": part}
    entry |= {} if title is None else {"title": {console.language(): title}}
    path = project.folder / OFFERS
    known = strict_json.loads(path.read_bytes()) if path.exists() else {"offers": []}
    read_offers(known, project.issuer)
    changed = {"offers": [*(each for each in known["offers"] if each["name"] != name), entry]}
    made = read_offers(changed, project.issuer)[-1]
    console.write_output(path, strict_json.dumps(changed) + b"\n")
    if as_json:
        console.say_json({"name": name, "dataset": made.dataset, "offer": made.id})
    else:
        console.say(Message("offered {name}: dataset {dataset}", name=name, dataset=made.dataset))


@click.command()
@console.project_option
@console.command
def offers(project_folder: str | None, as_json: bool) -> None:
    """List what the project offers.

    \b
    Example:
      passport connector offers --project shop
    """
    project = Project.find(project_folder)
    path = project.folder / OFFERS
    made = read_offers(strict_json.loads(path.read_bytes()), project.issuer) if path.exists() else ()
    if as_json:
        console.say_json(
            {"offers": [{"name": each.name, "kind": each.kind, **each.odrl(target=True)} for each in made]}
        )
        return
    for each in made:
        console.say(console.table([(each.name, each.kind, each.dataset)]))
    if not made:
        console.say(Message("no offers"))


@click.command()
@click.argument("peer", metavar="DID")
@LOOPBACK
@console.project_option
@console.passphrase_option
@console.command
def catalog(peer: str, loopback: bool, project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """List what another company offers us, each dataset with its terms.

    \b
    Example:
      passport connector catalog did:web:cells.example --project shop
    """
    found = node_of(project_folder, passphrase_file, loopback).catalogue_of(peer, at=console.now())
    if as_json:
        console.say_json(found)
        return
    for dataset in found.get("dataset", []):
        console.say(dataset["@id"])
        for name, value in terms_of(dataset["hasPolicy"][0]):
            label = console.spoken(TERMS[name]) if name in TERMS else name
            for line in console.wrap(f"{label}: {value}", console.columns() - 2, indent=2):
                console.say(f"  {line}")
    if not found.get("dataset"):
        console.say(Message("nothing is offered to us"))
