"""What commands share that change the state of one thing for a reason: suspend, restore, revoke, deactivate."""

from __future__ import annotations

from collections.abc import Callable

import click

from passport.commands.terminal import console
from passport.texts import Message

#: A command before click makes one of it.
Command = Callable[..., None]


def change_options(metavar: str, *, help: str) -> Callable[[Command], Command]:
    """The arguments of such a command: ``name``, ``reason``, ``project_folder``.

    :param metavar: what the name is of; :param help: of ``--reason``: where the reason is kept.
    """

    def decorated(function: Command) -> Command:
        function = console.project_option(function)
        function = click.option("--reason", required=True, help=help)(function)
        return click.argument("name", metavar=metavar)(function)

    return decorated


def say_changed(changed: bool, kind: str, name: str, as_json: bool, *, outcome: str = "changed") -> None:
    """What became of it. :param kind: member of the JSON document for the name."""
    if as_json:
        console.say_json({"outcome": outcome if changed else "same", kind: name})
    else:
        console.say(Message("done: {name}", name=name) if changed else Message("nothing to do: it is so already"))
