"""A JSON file from disk: bounded before it is read, strict when it is parsed.

One byte order mark of UTF-8 at its beginning is skipped: editors write it. Any other encoding than UTF-8 is refused.
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

from passport.errors import MalformedDocument, UnreadableInput
from passport.linked_data import strict_json
from passport.texts import Message

#: Largest JSON file that is read, bytes: some thousand packs with the codes of their cells.
MAX_JSON = 64 * 1024 * 1024


def read_json(path: Path) -> Any:
    """The document of a JSON file.

    :raises UnreadableInput: the file is missing, cannot be opened, or is in another encoding.
    :raises MalformedDocument: it is no JSON, or larger than :data:`MAX_JSON`; the message names the file.
    """
    data = read_bytes(path).removeprefix(codecs.BOM_UTF8)
    # JSON begins with two ASCII characters, so that a zero byte among the first is that of a wider encoding.
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\x00" in data[:4]:
        raise _not_utf8(path, "UTF-16")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(path, Message("byte {position} is not UTF-8", position=error.start + 1)) from None
    try:
        return strict_json.loads(data, max_bytes=MAX_JSON)
    except MalformedDocument as error:
        raise MalformedDocument(
            Message("{name}: {problem}", name=path.name, problem=error.message),
            expected=error.expected,
            found=error.found,
            hint=error.hint,
        ) from error


def read_bytes(path: Path) -> bytes:
    """The bytes of a file; of a larger one than :data:`MAX_JSON`, one byte more than that.

    :raises UnreadableInput: the file is missing, or cannot be opened.
    """
    try:
        with open(path, "rb") as stream:
            return stream.read(MAX_JSON + 1)
    except OSError as error:
        raise UnreadableInput(
            Message("{name} cannot be read", name=path.name), found=error.strerror or type(error).__name__
        ) from None


def _not_utf8(path: Path, found: str) -> UnreadableInput:
    return UnreadableInput(
        Message("{name} is not in UTF-8", name=path.name),
        expected="UTF-8",
        found=found,
        hint=Message("save it as UTF-8; Notepad and other editors offer that when they save"),
    )
