"""How the command line speaks: results on stdout, talk on stderr, one JSON document where it was asked for.

Errors of the library become ``error:`` and ``hint:`` lines and the exit code that says whose fault it is. Colour only
on a terminal, only on the mark, never with ``NO_COLOR``.
"""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from passport.errors import FaultyRecord, PassportError, StoredUnverified, UsageError

MARKS = {"passed": ("✓", "green"), "failed": ("✗", "red"), "undetermined": ("?", "yellow"), "not-reached": ("·", None)}


def now() -> datetime:
    """The one clock of the command line, UTC."""
    return datetime.now(UTC)


def shown(text: str) -> str:
    """A text as a terminal may get it: values of strangers stand in it, and none of them moves a cursor or a word.

    Line ends, tabs and our own three colours stay. Other control characters, and those that turn the direction of
    writing (Unicode TR 36, section 2.10), are written out.
    """
    return _DANGEROUS.sub(lambda found: "".join(f"\\u{ord(character):04x}" for character in found[0]), text)


_DANGEROUS = re.compile(
    r"\x1b(?!\[(?:3[123]|0)m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


def say(text: str = "") -> None:
    """A result, on stdout."""
    click.echo(shown(text))


def talk(text: str) -> None:
    """Something by the way, on stderr; nothing where the output is JSON."""
    context = click.get_current_context(silent=True)
    if not (context and context.params.get("as_json")):
        click.echo(shown(text), err=True)


def say_json(document: Any) -> None:
    """The one JSON document of a command, on stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def mark(outcome: str) -> str:
    """The mark of an outcome, coloured on a terminal."""
    sign, colour = MARKS[outcome]
    if colour and on_terminal():
        return click.style(sign, fg=colour)
    return sign


def on_terminal() -> bool:
    """Whether results go to a terminal that takes colour."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def width(text: str) -> int:
    """Columns that a text takes in a terminal: wide East Asian characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def pad(text: str, columns: int) -> str:
    return text + " " * max(0, columns - width(text))


def table(rows: Sequence[Sequence[str]], *, indent: str = "", right: frozenset[int] = frozenset()) -> str:
    """Rows as aligned columns, two blanks between them; columns in ``right`` are flush right."""
    if not rows:
        return ""
    widths = [max(width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            " " * (widths[column] - width(cell)) + cell if column in right else pad(cell, widths[column])
            for column, cell in enumerate(row)
        ]
        lines.append((indent + "  ".join(cells)).rstrip())
    return "\n".join(lines)


def english_date(day: Any) -> str:
    """``20 July 2026``, from a date, a datetime or ISO text."""
    value = day if hasattr(day, "strftime") else datetime.fromisoformat(day)
    return f"{value.day} {value.strftime('%B %Y')}"


def report_error(error: PassportError, as_json: bool) -> None:
    """Print one error, on stderr, or as the JSON document where that was asked for."""
    if as_json:
        document: dict[str, Any] = {"code": error.code, "message": error.message}
        document |= {
            name: value
            for name in ("expected", "found", "hint")
            if (value := getattr(error, name, None)) is not None
        }
        if isinstance(error, FaultyRecord):
            document["faults"] = [fault.to_json() for fault in error.faults]
        if isinstance(error, StoredUnverified):
            document["credentials"] = list(error.credentials)
        say_json({"error": document})
        return
    mark_of_error = click.style("error:", fg="red") if _colour_on_stderr() else "error:"
    click.echo(f"{mark_of_error} {shown(error.message)}", err=True)
    detail = getattr(error, "detail", None) or "; ".join(
        f"{word} {said}" for word, said in (("expected", error.expected), ("found", error.found)) if said is not None
    )
    if detail:
        click.echo(f"       {shown(detail)}", err=True)
    if error.hint:
        click.echo(f"hint:  {shown(error.hint)}", err=True)


def _colour_on_stderr() -> bool:
    return sys.stderr.isatty() and "NO_COLOR" not in os.environ


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command ``--json`` and the one way in which errors leave the program."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout.")
    @wraps(function)
    def run(*args: Any, as_json: bool, **options: Any) -> None:
        try:
            function(*args, as_json=as_json, **options)
        except PassportError as error:
            report_error(error, as_json)
            raise SystemExit(error.exit_code) from error
        except BrokenPipeError:
            # The reader has seen enough (`passport show … | head`).
            sys.stdout = None
            raise SystemExit(0) from None

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
        line = sys.stdin.readline() if path == "-" else Path(path).read_text(encoding="utf-8").split("\n", 1)[0]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the passphrase file {path} cannot be read") from error
    if not line.strip("\r\n"):
        raise UsageError("the passphrase is empty")
    return line.strip("\r\n").encode()


def read_input(path: str) -> bytes:
    """The bytes of a file, or of stdin for ``-``.

    :raises UsageError: it cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read", found=error.strerror) from error


def write_output(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file in one step, so that nothing half-written stays behind.

    :raises UsageError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written", found=error.strerror) from error


def deliver(text: str, output: Path | None) -> None:
    """A result that may go to a file: there it is named, else it stands on stdout.

    :raises UsageError: the file cannot be written.
    """
    if output is None:
        say(text.rstrip("\n"))
        return
    write_output(output, text.encode("utf-8"))
    talk(f"{output} written, {len(text.encode('utf-8')):,} bytes")


def deliver_json(document: Any, output: Path | None) -> None:
    """The same for the one JSON document of a command."""
    deliver(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n", output)


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
