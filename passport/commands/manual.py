"""``passport manual``: the indicator manual in both languages, from the ontology alone."""

from __future__ import annotations

import click

from passport.commands.terminal import console
from passport.vocabulary import vocabulary
from passport.vocabulary.profile import battery_id


@click.command()
@console.output_option("-o", "--output", help="Write to this file (.html; .json with --json; default: stdout).")
@console.command
def manual(output: console.Destination | None, as_json: bool) -> None:
    """Write the indicator manual as one HTML page: both languages, every rule, unit, code and legal basis.

    \b
    Examples:
      passport manual -o manual.html
      passport manual --lang zh -o manual.zh.html
      passport manual --json        (the battery ID profile: dimensions, categories, sets, counts)
    """
    if output is None:
        console.is_product()
    else:
        output.require(*((".json",) if as_json else (".html", ".htm")))
    if as_json:
        console.deliver_json(battery_id().to_json(), output)
        return
    from passport.reports import manual as manuals

    text = manuals.page(vocabulary.load(), tuple(vocabulary.regimes().values()), battery_id(), console.language())
    console.deliver(text.encode(), output)
