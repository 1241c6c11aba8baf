"""Files of a project that a rotation changes: replaced as a whole, and on the disk before the next step begins.

replace_file(project.did_document_path, data)
replace_file(path, with_settings(path.read_text("utf-8"), {"key_file": "keys/issuer-key-2.pem"}).encode())
"""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from passport.errors import UnusableProject
from passport.project import CONFIGURATION
from passport.texts import Message


def with_settings(text: str, settings: Mapping[str, str]) -> str:
    """A TOML text with some settings changed or added, and everything else, comments too, as it was.

    :raises UnusableProject: the text is written in a way that cannot be changed like that.
    """
    changed = text
    for name, value in settings.items():
        line = f"{name} = {json.dumps(value)}"
        pattern = re.compile(rf"^[ \t]*{re.escape(name)}[ \t]*=[^\n]*$", re.MULTILINE)
        if pattern.search(changed):
            # re.sub reads escapes in a replacement; those of JSON must reach the file as they are.
            changed = pattern.sub(line.replace("\\", r"\\"), changed, count=1)
        else:
            changed = changed.rstrip("\n") + f"\n{line}\n"
    try:
        if tomllib.loads(changed) == {**tomllib.loads(text), **settings}:
            return changed
    except tomllib.TOMLDecodeError:
        pass
    wanted = ", ".join(f"{name} = {json.dumps(value)}" for name, value in settings.items())
    raise UnusableProject(
        Message("{configuration} cannot be changed", configuration=CONFIGURATION),
        hint=Message("Change it by hand: {wanted}", wanted=wanted),
    )


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file as a whole; it is on the disk when this returns. Mode and owner stay as they were.

    :raises UnusableProject: it cannot be written; the old file is still there.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        like_its_folder(temporary, path if path.exists() else path.parent)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UnusableProject(Message("{path} cannot be written", path=path), found=error.strerror) from error


def like_its_folder(path: Path, model: Path | None = None) -> None:
    """Give the file to the owner of its folder: that user could not read a key that root made."""
    with suppress(OSError, AttributeError):
        state = (model or path.parent).stat()
        if os.geteuid() == 0 and state.st_uid != 0:
            os.chown(path, state.st_uid, state.st_gid)


def sync_folder(folder: Path) -> None:
    """Make what was renamed or made in ``folder`` last. Not every file system has that, or needs it."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
