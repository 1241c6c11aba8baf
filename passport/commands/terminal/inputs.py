"""Options of the commands that read records: which files, as what they are read, and by which rules they are judged."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import click

from passport.errors import UsageError
from passport.exchange.records import record_files
from passport.texts import Message
from passport.vocabulary.vocabulary import Stage


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


@contextmanager
def stdin_as_file(paths: Sequence[Path]) -> Iterator[tuple[Path, ...]]:
    """The files, with stdin in place of ``-`` as a file of JSON lines that only its owner may read.

    :raises UsageError: stdin is closed, or named twice.
    """
    if Path("-") not in paths:
        yield tuple(paths)
        return
    if sys.stdin is None or sys.stdin.closed or paths.count(Path("-")) > 1:
        raise UsageError(Message("stdin cannot be read"), found=Message("it is closed, or named twice"))
    with tempfile.TemporaryDirectory(prefix="passport-") as folder:
        file = Path(folder) / "stdin.jsonl"
        with open(file, "wb") as stream:
            shutil.copyfileobj(sys.stdin.buffer, stream)
        yield tuple(file if path == Path("-") else path for path in paths)


def judging_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--regime``, ``--on`` and ``--stage``."""
    options = (
        click.option("--regime", "regime_codes", multiple=True, help="Regime: eu, cn; repeatable (default: both)."),
        click.option("--on", "day", metavar="DATE",
                     help="Day of checking (default: today, or the day on which the regime enters into force). "
                     "Obligations are those of the date of placing on the market; where a pack has none, of this day."),
        click.option("--stage", type=click.Choice([stage.value for stage in Stage]), default=Stage.PRODUCTION.value,
                     show_default=True, help="Life-cycle stage that the pack has reached."),
    )  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def documents_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--documents``."""
    option = click.option(
        "--documents", "documents_folder", metavar="FOLDER", type=click.Path(path_type=Path),
        help="Folder with the documents that the packs link; their digests are signed.",
    )  # fmt: skip
    return option(function)


def allow_loss_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--allow-loss``."""
    option = click.option(
        "--allow-loss", is_flag=True, help="Go on although input is lost; what is lost is listed in any case."
    )
    return option(function)


def day_or_usage(text: str) -> date:
    """The day of ``--on``.

    :raises UsageError: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            Message("--on is not a date"), expected=Message("such as 2027-02-18"), found=repr(text)
        ) from None
