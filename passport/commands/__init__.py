"""The ``passport`` command: one file a noun, one library call a command. ``serve``, ``demo``, ``doctor`` and ``vc-api``
are registered by the packages ``resolver`` and ``issuer``.

Each command parses words, calls the library once and prints. Results go to stdout, talk to stderr; ``--json`` prints
one JSON document. Exit codes: 0 good, 1 the document is at fault, 2 the call or the input file is unusable, 3 it could
not be determined. The code is settled before anything is printed: :mod:`passport.commands.terminal.output`.
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import entry_points
from typing import Any

import click

import passport
from passport.commands.terminal import language, output
from passport.commands.terminal.command_list import CommandList

#: Entry points under which other packages register commands of theirs.
GROUP = "passport.commands"

# In the order of the help, each with its module in this package. The command there has the same name, with _ for -.
_COMMANDS = {
    "init": "keeping.init",
    "key": "keeping.key",
    "template": "issuing.template",
    "validate": "validate",
    "report": "report",
    "convert": "convert",
    "issue": "issuing.issue",
    "condition": "events.condition",
    "show": "show",
    "verify": "verify",
    "revoke": "revoke",
    "qr": "qr",
    "grant": "companies.grant",
    "accredit": "companies.accredit",
    "identity": "companies.identity",
    "directory": "companies.directory",
    "trust": "companies.trust",
    "attest": "companies.attest",
    "certify": "companies.certify",
    "event": "events.event",
    "history": "events.history",
    "present": "companies.present",
    "release": "release",
    "footprint": "footprints.footprint",
    "manual": "manual",
    "log": "events.log",
    "refresh": "refresh",
    "store": "keeping.store",
    "backup": "keeping.backup",
    "restore": "keeping.restore",
    "fsck": "keeping.fsck",
    "vectors": "vectors",
    "supervise": "supervising.supervise",
    "alerts": "supervising.alerts",
    "duties": "supervising.duties",
    "report-period": "supervising.report_period",
}


language.teach_click()
click.Command.context_class = language.Context


class _Commands(click.Group):
    """Loads a command's module only when it is called: verifying does not load the ontology."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [*_own(), *sorted(_registered().keys() - _own().keys())]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        # The others are looked for where it is none of the own ones.
        place = _own().get(name) or _registered().get(name)
        return None if place is None else _loaded(place)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        places = {name: _own().get(name) or _registered()[name] for name in self.list_commands(context)}
        CommandList(places, _loaded).format_commands(context, formatter)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        if standalone_mode:
            # What a process loads stays: to look for cycles in it takes a sixth of the time until a resolver answers.
            gc.set_threshold(50_000, 20, 50)
        arguments = sys.argv[1:] if args is None else [str(each) for each in args]
        with language.speaking(language.of_arguments(arguments)):
            group = language.localized(self)

            def run() -> Any:
                return super(_Commands, group).main(args, prog_name, complete_var, False, **extra)

            return output.run_program(run) if standalone_mode else run()

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with output.printing_help():
            return super().make_context(*args, **extra)

    def invoke(self, context: click.Context) -> Any:
        with output.printing_help():
            return super().invoke(context)


@cache
def _own() -> dict[str, str]:
    """The commands of this package, each with its place."""
    return {name: f"passport.commands.{module}:{name.replace('-', '_')}" for name, module in _COMMANDS.items()}


@cache
def _registered() -> dict[str, str]:
    """The commands of other packages, each with its place. Read once: the look goes through every installed package."""
    return {point.name: point.value for point in entry_points(group=GROUP)}


def _loaded(place: str) -> click.Command:
    """The command at ``module:name``.

    :raises TypeError: there is no command.
    """
    module, _, name = place.partition(":")
    command = getattr(importlib.import_module(module), name)
    if not isinstance(command, click.Command):
        raise TypeError(f"{place} is no command")
    return language.localized(command)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@language.language_option
@click.version_option(passport.__version__, prog_name="passport")
def main() -> None:
    """Publish battery passports as linked data with verifiable credentials.

    \b
    The main path:
      passport init shop --base-url https://passport.example.com
      passport validate packs.xlsx --regime eu --regime cn
      passport issue packs.xlsx --project shop
      passport show CODE --project shop --as legitimate-interest --save view.jsonld
      passport verify view.jsonld --offline --trust shop/trusted-issuers.json
    """
