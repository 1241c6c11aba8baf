"""The list of commands in the help of a group, from their source: to load each of them takes seconds.

The help of a command is the docstring of its function. Where the source does not show that, the command is loaded.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

import click

from passport.commands.terminal.language import localized

#: With one of these, the list shows something else than the docstring.
_ATTRIBUTES = frozenset({"help", "short_help", "hidden", "deprecated"})


class CommandList(click.Group):
    """Commands to be listed, in their order.

    :param places: ``module:name`` of each command, by what people call it; :param load: loads the command at a place.
    """

    def __init__(self, places: Mapping[str, str], load: Callable[[str], click.Command]) -> None:
        super().__init__(commands={name: _described(name, place) or load(place) for name, place in places.items()})

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)


def _described(name: str, place: str) -> click.Command | None:
    """A command that says of itself what the one at ``place`` says; None where its source does not tell."""
    module, _, function = place.partition(":")
    spec = find_spec(module)
    try:
        tree = ast.parse(Path(spec.origin or "").read_bytes()) if spec else None
    except (OSError, SyntaxError, ValueError):
        return None
    for node in tree.body if tree else ():
        if isinstance(node, ast.FunctionDef) and node.name == function and _is_plain(node):
            return localized(click.Command(name, help=ast.get_docstring(node, clean=False)))
    return None


def _is_plain(function: ast.FunctionDef) -> bool:
    """Whether a function is made a command, or a group, whose help is its docstring."""
    makers = [
        decorator
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr in ("command", "group")
    ]
    keywords = {keyword.arg for maker in makers for keyword in maker.keywords}
    # One without a name is **attributes, which may hold anything.
    return len(makers) == 1 and None not in keywords and _ATTRIBUTES.isdisjoint(keywords)
