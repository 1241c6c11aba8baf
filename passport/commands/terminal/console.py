"""Output of the command line: results on stdout, progress and errors on stderr, one JSON document with ``--json``.

Errors of the library become ``error:`` and ``hint:`` lines and the exit code that says whose fault it is.
:mod:`~passport.commands.terminal.text` makes text safe for a line, :mod:`~passport.commands.terminal.output` decides
the exit code and when lines are written, and :mod:`~passport.commands.terminal.destination` which files may be written.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from passport.commands.terminal import destination, output
from passport.commands.terminal.command_lines import command_lines
from passport.commands.terminal.destination import Destination, Folder, output_option
from passport.commands.terminal.language import language_option
from passport.commands.terminal.output import is_product, settle
from passport.commands.terminal.output import release as print_now
from passport.commands.terminal.text import (
    Styled,
    beside,
    columns,
    is_terminal,
    json_text,
    language,
    line,
    lines,
    pad,
    shown,
    styled,
    table,
    takes_colour,
    width,
    wrap,
)
from passport.errors import FaultyRecord, PassportError, StoredUnverified, UsageError
from passport.texts import Message, Text, day, error_detail, error_hint
from passport.texts import say as in_language

__all__ = [
    "Destination", "Folder", "Styled", "beside", "columns", "is_product", "is_terminal", "language",
    "line", "lines", "output_option", "pad", "print_now", "settle", "shown", "table", "width", "wrap",
]  # fmt: skip

MARKS = {
    "passed": ("✓", "green"), "failed": ("✗", "red"), "warning": ("!", "yellow"), "undetermined": ("?", "yellow"),
    "not-reached": ("·", None), "not-applied": ("·", None),
}  # fmt: skip


def now() -> datetime:
    """The one clock of the command line, UTC."""
    return datetime.now(UTC)


def say(*parts: str) -> None:
    """A result, on stdout: one line. What is not :class:`Styled` is escaped (:mod:`.text`)."""
    output.put(line(*parts) + "\n")


def talk(*parts: str) -> None:
    """Something by the way, on stderr; nothing where the output is JSON."""
    context = click.get_current_context(silent=True)
    if not (context and context.params.get("as_json")):
        output.put_aside(line(*parts) + "\n")


def say_json(document: Any) -> None:
    """The one JSON document of a command, on stdout."""
    output.put(_json(document))


def produce(data: bytes | Styled) -> None:
    """The output that a command makes, on stdout, as it is; a terminal gets it escaped."""
    output.is_product()
    if isinstance(data, bytes) and is_terminal(sys.stdout):
        output.put(shown(data.decode("utf-8", "backslashreplace")))
    else:
        output.put(data if isinstance(data, bytes) else data + "\n")


def produce_json(document: Any) -> None:
    """The same for a JSON document."""
    output.is_product()
    say_json(document)


def _json(document: Any) -> bytes:
    # UTF-8 (RFC 8259, section 8.1), except on a terminal that cannot show it.
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    ascii_only = is_terminal(sys.stdout) and encoding.lower().replace("-", "") != "utf8"
    return (json_text(json.dumps(document, ensure_ascii=ascii_only, indent=2, default=str)) + "\n").encode()


def mark(outcome: str) -> Styled:
    """The mark of an outcome, coloured on a terminal."""
    sign, colour = MARKS[outcome]
    return styled(sign, fg=colour, on=sys.stdout)


def on_terminal() -> bool:
    """Whether results go to a terminal that takes colour."""
    return takes_colour(sys.stdout)


def spoken(text: Text) -> str:
    """A text in the language of this run."""
    return in_language(text, language())


def say_fact(label: str, fact: str, columns: int) -> None:
    """A result with its label, in a column of so many columns; without a label, below the fact before."""
    say(pad(label, columns) + spoken(fact))


def say_command(command: str, *, indent: int = 2, label: str = "") -> None:
    """A command that can be pasted, in lines of the terminal; a label is in the columns before it."""
    first, *others = command_lines(command, columns() - indent)
    say(lines([pad(label, indent) + first, *(" " * indent + each for each in others)]))


def say_wrapped(text: str) -> None:
    """A sentence in lines of the terminal."""
    say(lines(wrap(spoken(text), columns())))


def progress(text: str) -> None:
    """A line on stderr that rewrites itself and is gone when something is said; nothing where stderr is no terminal
    that can."""
    if takes_colour(sys.stderr):
        output.rewrite(line(text))


def long_date(at: date | str) -> str:
    """``20 July 2026`` in the language of the run, from a date, an instant or ISO text."""
    return day(datetime.fromisoformat(at) if isinstance(at, str) else at, language())


def report_error(error: PassportError, as_json: bool) -> None:
    """Print one error, on stderr, or as the JSON document where that was asked for."""
    if as_json:
        document: dict[str, Any] = {"code": error.code, "message": error.message}
        document |= {
            name: value for name in ("expected", "found", "hint") if (value := getattr(error, name, None)) is not None
        }
        if isinstance(error, FaultyRecord):
            document["faults"] = [fault.to_json() for fault in error.faults]
        if isinstance(error, StoredUnverified):
            document["credentials"] = list(error.credentials)
        say_json({"error": document})
        return
    _aside(styled(Message("error:"), fg="red", on=sys.stderr), " ", error.message)
    if (detail := error_detail(error)) is not None:
        _aside("       ", detail)
    if hint := error_hint(error):
        _aside(pad(Message("hint:"), 7), hint)


def _aside(*parts: str) -> None:
    output.put_aside(line(*parts) + "\n")


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command ``--json``, ``--lang`` and the one way in which it leaves the program; see
    :mod:`passport.commands.terminal.output`."""

    @language_option
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
    @wraps(function)
    def run(*args: Any, as_json: bool, **options: Any) -> None:
        output.answer(
            lambda: function(*args, as_json=as_json, **destination.checked(options)),
            lambda error: report_error(error, as_json),
        )

    return run


def project_option(function: Callable[..., None]) -> Callable[..., None]:
    """``--project DIR``: else ``PASSPORT_PROJECT``, else the current folder."""
    return click.option(
        "--project", "project_folder", metavar="DIR", help="Project folder (default: PASSPORT_PROJECT, else here)."
    )(function)


def passphrase_option(function: Callable[..., None]) -> Callable[..., None]:
    """``--passphrase-file FILE``: a secret is never an argument."""
    return click.option(
        "--passphrase-file",
        metavar="FILE",
        help="File whose first line is the passphrase of the private key; - reads it from stdin.",
    )(function)


def read_passphrase(path: str | None) -> bytes | None:
    """The passphrase in ``path``, None where there is none.

    :raises UsageError: the file cannot be read or is empty.
    """
    if path is None:
        return None
    try:
        first = _stdin().readline() if path == "-" else Path(path).read_text(encoding="utf-8").split("\n", 1)[0]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(Message("the passphrase file {path} cannot be read", path=path)) from error
    if not first.strip("\r\n"):
        raise UsageError(Message("the passphrase is empty"))
    return first.strip("\r\n").encode()


def read_input(path: str) -> bytes:
    """The bytes of a file, or of stdin for ``-``.

    :raises UsageError: it cannot be read.
    """
    try:
        return _stdin().buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise UsageError(Message("{path} cannot be read", path=path), found=error.strerror) from error


def _stdin() -> Any:
    """:raises UsageError: it was closed (``<&-``)."""
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError(Message("stdin cannot be read"), found=Message("it is closed"))
    return sys.stdin


write_output = destination.replace_file


def deliver(text: str | bytes, to: Destination | None) -> None:
    """What a command makes: in a file, which is then named on stderr, or on stdout.

    :param text: bytes as they are, or laid out for a terminal; then its first use is being read on stdout.
    :raises UsageError: the file cannot be written.
    """
    data = text if isinstance(text, bytes) else (text + "\n").encode("utf-8", "backslashreplace")
    if to is not None:
        to.write(data)
        talk(Message("{to} written, {count:,} bytes", to=to, count=len(data)))
    elif isinstance(text, bytes):
        produce(text)
    else:
        say(text)


def deliver_json(document: Any, to: Destination | None) -> None:
    """The one JSON document of a command, in a file or on stdout."""
    if to is None:
        say_json(document)
        return
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n"
    deliver(text.encode("utf-8", "backslashreplace"), to)


def program() -> str:
    """The command as the reader can paste it: relative to the current folder where it is not on the path."""
    executable = Path(sys.argv[0])
    if executable.name != "passport" or not executable.is_absolute() and "/" not in sys.argv[0]:
        return "passport"
    resolved = executable.absolute()
    if str(resolved.parent) in os.environ.get("PATH", "").split(os.pathsep):
        return "passport"
    try:
        return str(resolved.relative_to(Path.cwd()))
    except ValueError:
        return str(resolved)
