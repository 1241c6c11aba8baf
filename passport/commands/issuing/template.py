"""``passport template``: a workbook to fill in, for one battery category and the regimes that matter."""

from __future__ import annotations

import click

from passport.commands.terminal import console
from passport.linked_data import resources
from passport.texts import Message
from passport.vocabulary.vocabulary import Category, chosen_regimes

#: The example that shows how a form is filled, by category.
EXAMPLES = {
    Category.EV: "ev-ncm-100kwh.xlsx", Category.LMT: "lmt-ebike.xlsx", Category.STATIONARY: "stationary-lfp.xlsx",
    Category.INDUSTRIAL: "stationary-lfp.xlsx",
}  # fmt: skip


@click.command()
@click.option(
    "--category", type=click.Choice([each.value for each in Category]), required=True, help="Battery category."
)
@click.option("--regime", "regime_codes", multiple=True, help="Regime: eu, cn; repeatable (default: both).")
@click.option("--no-example", is_flag=True, help="Leave row 3 empty.")
@console.output_option("-o", "--output", endings=(".xlsx",), required=True, help="The workbook (.xlsx).")
@console.command
def template(
    category: str, regime_codes: tuple[str, ...], no_example: bool, output: console.Destination, as_json: bool
) -> None:
    """Write a workbook to fill in: names in both languages, units, rules as comments, drop-downs, an example row.

    \b
    Examples:
      passport template --category ev --regime eu --regime cn -o ev.xlsx
      passport template --category lmt --regime eu --no-example -o bikes.xlsx
    """
    from passport.exchange.records import record_files
    from passport.exchange.spreadsheet import template as templates

    kind = Category(category)
    regimes = chosen_regimes(regime_codes or ("eu", "cn"))
    example = None if no_example else record_files.read_records(resources.path(f"examples/{EXAMPLES[kind]}"))[0]
    data = templates.write(None, kind, regimes, example=example)
    output.write(data)
    if as_json:
        console.say_json({"file": str(output), "bytes": len(data), "category": category,
                          "regimes": [regime.code for regime in regimes]})  # fmt: skip
        return
    console.say(
        Message(
            "{file}  {count:,} bytes, {category}, {regimes}",
            file=str(output),
            count=len(data),
            category=kind.value,
            regimes=[regime.label for regime in regimes],
        )
    )
    console.say(Message("Fill it in and run: {command}", command=f"{console.program()} validate {output}"))
