"""Files that a command writes where its caller says: ``-o``, ``--save``, ``--fill``.

* An existing file is overwritten only with ``--force``, and a file name ending must be one that the command can write.
  Both are checked before the command begins.
* A file is written completely or not at all.
* Devices and pipes (``-o /dev/stdout``) are written to, never replaced.

Files that a command keeps itself (a project's trust list, the demo's own) are replaced: :func:`replace_file`.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from passport.errors import UsageError
from passport.texts import Message


class Unwritten(UsageError):
    """A file could not be written."""


class Destination:
    """A file to write, as the caller named it.

    :ivar path: its path.
    """

    def __init__(self, path: Path, endings: tuple[str, ...], *, force: bool, is_required: bool) -> None:
        self.path = path
        self._endings = endings
        self._force = force
        self._is_required = is_required

    def __str__(self) -> str:
        return str(self.path)

    @property
    def suffix(self) -> str:
        return self.path.suffix.lower()

    @property
    def is_folder(self) -> bool:
        return self.path.is_dir()

    @property
    def is_device(self) -> bool:
        """Whether something is there that is written to and never replaced: a device, a pipe, a terminal."""
        return _is_device(self.path)

    def as_folder(self) -> Folder:
        """The same name as a folder."""
        return Folder(self.path, (), force=self._force, is_required=self._is_required)

    def check(self) -> None:
        """:raises UsageError: its ending is none of the command's, it exists, or its folder cannot be written."""
        self.require(*self._endings)
        if self.is_folder:
            raise UsageError(Message("{path} is a folder", path=self.path), expected=Message("the name of a file"))
        if not self.is_device:
            if os.path.lexists(self.path) and not self._force:
                raise _exists(self.path)
            _check_folder(self.path.parent)

    def require(self, *endings: str) -> None:
        """Hold the ending against those that an option leaves.

        :raises UsageError: it is none of them.
        """
        if endings and self.suffix not in endings and not self.is_device:
            hint = None if self._is_required else "Without this option the output goes to stdout."
            raise UsageError(
                Message("{path} cannot be written in this form", path=str(self.path)),
                expected=Message("a name that ends in {endings}", endings=" or ".join(endings)),
                found=self.path.suffix or Message("{name!r}, without an ending", name=self.path.name),
                hint=hint,
            )  # fmt: skip

    def write(self, data: bytes) -> None:
        """:raises UsageError: it cannot be written, or exists by now."""
        self.write_parts([data])

    def write_parts(self, parts: Iterable[bytes]) -> None:
        """The same from parts that need not fit into memory together."""
        _write(self.path, parts, replace=self._force)


class Folder(Destination):
    """A folder to write into, new or empty; with ``--force`` files of the same name in it are replaced."""

    def check(self) -> None:
        if self.path.is_dir() and any(self.path.iterdir()) and not self._force:
            raise UsageError(
                Message("{path} holds something already", path=str(self.path)),
                expected=Message("a new or empty folder"),
                found=Message("files in it"),
                hint=Message("Choose another folder, or replace files of the same name with --force."),
            )  # fmt: skip
        _check_folder(self.path)

    def inside(self, name: str) -> Destination:
        """A file in it."""
        return Destination(self.path / name, (), force=self._force, is_required=True)


class OutputOption(click.Option):
    """:ivar endings: None where the command itself checks, since its name may be a folder."""

    endings: tuple[str, ...] | None = ()


def output_option(
    *names: str, endings: tuple[str, ...] | None = (), has_force: bool = True, **settings: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An option that names a file to write, and ``--force``. The command gets a :class:`Destination`, already checked.

    :param endings: what the name has to end in; further conditions: :meth:`Destination.require`. None: a file or a
        folder; the command checks.
    :param has_force: False for the second such option of a command.
    """

    class Option(OutputOption):
        pass

    Option.endings = endings

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        if has_force:
            function = click.option("--force", is_flag=True, help="Replace a file that exists.")(function)
        return click.option(*names, cls=Option, type=click.Path(path_type=Path), **settings)(function)

    return decorate


def checked(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a call, with a checked :class:`Destination` for each file to write, and without ``force``.

    :raises UsageError: one of them is refused.
    """
    outputs = {
        option.name: option for option in click.get_current_context().command.params if isinstance(option, OutputOption)
    }
    if not outputs:
        return options
    force = bool(options.get("force"))
    made: dict[str, Any] = {name: value for name, value in options.items() if name != "force"}
    for name, option in outputs.items():
        if (path := made.get(name or "")) is not None:
            destination = Destination(path, option.endings or (), force=force, is_required=option.required)
            if option.endings is not None:
                destination.check()
            made[name or ""] = destination
    return made


def replace_file(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file that the command keeps itself; what was there is replaced in one step.

    :raises UsageError: it cannot be written.
    """
    _write(path, [data], replace=True, mode=0o600 if private else 0o644)


# --- files ------------------------------------------------------------------------------------------------------------


def _write(path: Path, parts: Iterable[bytes], *, replace: bool, mode: int = 0o644) -> None:
    try:
        if _is_device(path):
            with open(path, "wb") as file:
                file.writelines(parts)
        else:
            _write_whole(path, parts, replace, mode)
    except OSError as error:
        raise Unwritten(Message("{path} cannot be written", path=path), found=error.strerror) from error


def _write_whole(path: Path, parts: Iterable[bytes], replace: bool, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    taken = False
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.writelines(parts)
        if not replace:
            # The name is taken first, and only if it is free: of two calls at once one is refused.
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
            except FileExistsError:
                raise _exists(path) from None
            taken = True
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        if taken:
            path.unlink(missing_ok=True)
        raise


def _exists(path: Path) -> UsageError:
    return UsageError(
        Message("{path} exists already", path=path), hint=Message("Choose another name, or replace it with --force.")
    )


def _is_device(path: Path) -> bool:
    """Whether something is there that is written to and not replaced: a device, a pipe, a terminal."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _check_folder(folder: Path) -> None:
    """The nearest folder that exists has to take files: better refused now than after signing."""
    nearest = next((place for place in (folder, *folder.absolute().parents) if os.path.lexists(place)), None)
    if nearest is None or not nearest.is_dir():
        raise Unwritten(Message("{folder} is no folder", folder=folder), found=str(nearest))
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise Unwritten(
            Message("{folder} cannot be written", folder=folder),
            found=Message("no right to write in {nearest}", nearest=nearest),
        )
