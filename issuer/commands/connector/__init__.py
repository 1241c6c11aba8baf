"""``passport connector``: exchange of data with other companies by the Dataspace Protocol."""

from __future__ import annotations

import click

from issuer.commands.connector.evidence import log
from issuer.commands.connector.exchanging import end, merge, pull, request, sign
from issuer.commands.connector.listing import agreements, page_, transfers
from issuer.commands.connector.members import member
from issuer.commands.connector.offering import catalog, offer, offers
from issuer.commands.connector.setting_up import document, init, join, serve


@click.group()
def connector() -> None:
    """Exchange data with other companies: offers, agreements, transfers.

    \b
    The main path:
      passport connector init --address https://connector.example.com --country CN --project shop
      passport connector join did:web:authority.example --project shop
      passport connector catalog did:web:cells.example --project shop
      passport connector request did:web:cells.example DATASET --project shop
      passport connector pull AGREEMENT -o part.json --project shop
    """


for _each in (
    init, document, join, member, offer, offers, catalog, request, pull, merge, sign, end, agreements, transfers, log,
    page_, serve,
):  # fmt: skip
    connector.add_command(_each)
