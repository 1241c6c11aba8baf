"""Input files of a command: one or several, read as far as possible, with all their faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from passport.battery.fault import Fault, of_severity
from passport.battery.not_issued import not_issued
from passport.battery.record import Record
from passport.commands import console
from passport.errors import FaultyRecord
from passport.exchange import record_files


@dataclass(frozen=True)
class Inputs:
    """Records, and the faults of the files they come from.

    :param name: of all files, for messages.
    :param faults: what kept something from being read or merged.
    :param unusable: the files themselves are at fault, not what they say.
    """

    name: str
    records: tuple[Record, ...]
    faults: tuple[Fault, ...] = ()
    unusable: bool = False

    @property
    def losses(self) -> tuple[Fault, ...]:
        """What was read and would not be issued."""
        events = (fault for record in self.records for fault in not_issued(record))
        return tuple(dict.fromkeys((*of_severity("loss", self.faults), *events)))


def inputs_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``FILE …``, ``--from`` and ``--merge``."""
    options = (
        click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)),
        click.option("--from", "source_format", type=click.Choice(record_files.FORMATS),
                     help="Format (default: by the file's name; a folder holds .csv files)."),
        click.option("--merge", is_flag=True,
                     help="Make one record of all that the files say about a pack; a contradiction is a fault."),
    )  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def allow_loss_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--allow-loss``."""
    option = click.option(
        "--allow-loss", is_flag=True, help="Go on although input is lost; what is lost is listed in any case."
    )
    return option(function)


def read_inputs(paths: tuple[Path, ...], source_format: str | None, *, merge: bool, on: date | None = None) -> Inputs:
    """The records of all files.

    :param on: the day of checking; None is today.
    :raises PassportError: a file cannot be read at all.
    """
    name = " + ".join(path.name or str(path) for path in paths)
    try:
        records, faults = record_files.read_many(paths, source_format, merge=merge, on=on or console.now().date())
    except FaultyRecord as error:
        return Inputs(name, (), error.faults, error.exit_code == 2)
    return Inputs(name, records, faults)
