"""The language of this run: ``--lang`` at any position, else that of the locale, else English.

click's own texts are translated here too. Its help is laid out here, since click counts a wide character as one column.
"""

from __future__ import annotations

import copy
import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from passport.commands.terminal import text
from passport.commands.terminal.command_lines import help_lines, term_lines
from passport.texts import ENGLISH, Message, language_of_locale, languages
from passport.texts.catalogue import translation
from passport.texts.command_help import paragraphs

_Command = TypeVar("_Command", bound=click.Command)
_OPTION = "--lang"

#: What click says, in its own words, so that they are in the catalogue.
CLICK = (
    Message("Usage:"),
    Message("Options"),
    Message("Commands"),
    Message("Show this message and exit."),
    Message("Show the version and exit."),
    Message("default: {default}"),
    Message("required"),
    Message("Error: {message}"),
    Message("Try '{command} {option}' for help."),
    Message("No such option {name!r}."),
    Message("No such command {name!r}."),
    Message("Did you mean {possibility}?"),
    Message("(Did you mean one of: {possibilities}?)"),
    Message("Missing command."),
    Message("Missing argument"),
    Message("Missing option"),
    Message("Invalid value for {param_hint}: {message}"),
    Message("Invalid value: {message}"),
    Message("Option {name!r} requires an argument."),
    Message("Option {name!r} does not take a value."),
    Message("{value!r} is not {choice}."),
    Message("{value!r} is not one of {choices}."),
    Message("{value!r} is not a valid {number_type}."),
    Message("{value} is not in the range {range}."),
    Message("{name} {filename!r} does not exist."),
    Message("{name} {filename!r} is a file."),
    Message("{name} {filename!r} is a directory."),
    Message("{name} {filename!r} is not readable."),
    Message("file"),
    Message("directory"),
    Message("path"),
    Message("Got unexpected extra argument ({args})"),
    Message("Got unexpected extra arguments ({args})"),
    Message("Aborted!"),
)


def of_arguments(arguments: Sequence[str]) -> str:
    """The language that a command line asks for, before anything else of it is read, so that its errors follow too."""
    wanted = None
    for place, argument in enumerate(arguments):
        if argument == _OPTION:
            wanted = arguments[place + 1] if place + 1 < len(arguments) else None
        elif argument.startswith(f"{_OPTION}="):
            wanted = argument.partition("=")[2]
    return wanted if wanted in languages() else language_of_locale(os.environ)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything in ``language``, click's own sentences among it."""
    token = text.LANGUAGE.set(language)
    try:
        yield
    finally:
        text.LANGUAGE.reset(token)


def language_option(function: Callable[..., None]) -> Callable[..., None]:
    """``--lang``, which is read by :func:`of_arguments`; here it is named in the help and checked."""
    return click.option(
        _OPTION,
        type=click.Choice(languages()),
        expose_value=False,
        help="Language (default: that of the locale, else English).",
    )(function)


# --- help -------------------------------------------------------------------------------------------------------------


def localized(command: _Command) -> _Command:
    """A copy of a command whose help is in the language of this run."""
    language = text.language()
    if language == ENGLISH:
        return command
    made = copy.copy(command)
    made.help = _translated_help(command.help, language)
    made.short_help = command.short_help or _summary(made.help)
    made.params = [_localized_parameter(parameter, language) for parameter in command.params]
    if isinstance(made, click.Group):
        made.commands = {name: localized(each) for name, each in made.commands.items()}
    return made


def _localized_parameter(parameter: click.Parameter, language: str) -> click.Parameter:
    if isinstance(parameter, click.Option) and parameter.help:
        parameter = copy.copy(parameter)
        parameter.help = translation(language, " ".join((parameter.help or "").split())) or parameter.help
    return parameter


def _translated_help(help_text: str | None, language: str) -> str | None:
    """The help with its texts replaced, as they were collected; examples stay."""
    if not help_text:
        return help_text
    blocks = []
    for block in inspect.cleandoc(help_text).split("\n\n"):
        if block.startswith("\b"):
            lines = [
                line if line.startswith(" ") else translation(language, line) or line for line in block.split("\n")
            ]
            blocks.append("\n".join(lines))
        else:
            blocks += [translation(language, each) or each for each in paragraphs(block)]
    return "\n\n".join(blocks)


def _summary(help_text: str | None) -> str | None:
    """The first sentence, as click makes it of an English text."""
    first = (help_text or "").split("\n\n")[0]
    return first.partition("：")[0].partition("。")[0] if first else None


class HelpFormatter(click.HelpFormatter):
    """Lays out help by columns of the terminal, not by characters."""

    def write_text(self, text_: str) -> None:
        indent = " " * self.current_indent
        room = max(self.width - self.current_indent, 20)
        blocks = []
        for block in inspect.cleandoc(text_).split("\n\n"):
            is_laid_out = block.startswith("\b\n")
            lines = (
                [part for line in block.split("\n")[1:] for part in help_lines(line, room)]
                if is_laid_out
                else text.wrap(" ".join(block.split()), room)
            )
            blocks.append("\n".join(indent + line for line in lines))
        self.write("\n\n".join(blocks) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        terms = list(rows)
        first = min(max((text.width(term) for term, _ in terms), default=0), col_max) + col_spacing
        indent = " " * self.current_indent
        for term, meaning in terms:
            room = max(self.width - self.current_indent - first, 10)
            lines = text.wrap(meaning, room) if meaning else [""]
            if text.width(term) > first - col_spacing:
                for line in term_lines(term, self.width - self.current_indent):
                    self.write(f"{indent}{line}\n")
            else:
                self.write(f"{indent}{text.pad(term, first)}{lines.pop(0)}".rstrip() + "\n")
            for line in lines:
                self.write(f"{indent}{' ' * first}{line}\n")


class Context(click.Context):
    """Whose help is laid out by columns."""

    formatter_class = HelpFormatter


def teach_click() -> None:
    """Let click look up its sentences here: it asks gettext for compiled files of its own otherwise."""

    def look_up(source: str) -> str:
        return translation(text.language(), source) or source

    def look_up_plural(singular: str, plural: str, number: int) -> str:
        return look_up(singular if number == 1 else plural)

    for module in (click.core, click.decorators, click.exceptions, click.formatting, click.parser, click.types):
        names: dict[str, Any] = vars(module)
        if "_" in names:
            names["_"] = look_up
        if "ngettext" in names:
            names["ngettext"] = look_up_plural
