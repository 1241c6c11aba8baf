"""Where the files are that the library publishes and reads: ontology, shapes, contexts, examples.

In a checkout they lie beside the package, so that an edit is seen at once; in an installed wheel they are under
``passport/published``. This is the only module that knows.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from passport.errors import UsageError
from passport.texts import Message

PACKAGE = Path(__file__).resolve().parent.parent
CHECKOUT = PACKAGE.parent


def data_root() -> Path:
    # Beside an installed package lies site-packages, where some other distribution may have put a folder called
    # "examples": only the project's own pyproject.toml together with the ontology folder makes it a checkout.
    if (CHECKOUT / "pyproject.toml").is_file() and (CHECKOUT / "ontology").is_dir():
        return CHECKOUT
    return PACKAGE / "published"


def path(relative: str) -> Path:
    """Path of a published file such as ``"ontology/battery.ttl"``, whether or not it exists yet.

    :raises UsageError: the name is absolute or climbs out with ``..``.
    """
    name = PurePosixPath(relative)
    if name.is_absolute() or ".." in name.parts or not name.parts:
        raise UsageError(
            Message("{relative!r} does not name a published file", relative=relative),
            expected=Message("a relative path without '..'"),
        )
    return data_root() / name


def read_bytes(relative: str) -> bytes:
    """Content of a published file.

    :raises UsageError: there is no such file.
    """
    try:
        return path(relative).read_bytes()
    except OSError as error:
        raise UsageError(
            Message(
                "the published file {relative} cannot be read ({strerror})", relative=relative, strerror=error.strerror
            ),
            hint=Message("Reinstall the package."),
        ) from error


def read_text(relative: str) -> str:
    """Content of a published UTF-8 file.

    :raises UsageError: there is no such file, or it is not UTF-8.
    """
    try:
        return read_bytes(relative).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(
            Message("the published file {relative} is not UTF-8 (byte {start})", relative=relative, start=error.start)
        ) from error
