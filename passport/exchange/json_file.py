"""A JSON file from disk: bounded before it is read, strict when it is parsed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from passport.errors import UnreadableInput
from passport.linked_data import strict_json
from passport.texts import Message

#: Largest JSON file that is read, bytes: some thousand packs with the codes of their cells.
MAX_JSON = 64 * 1024 * 1024


def read_json(path: Path) -> Any:
    """The document of a JSON file.

    :raises UnreadableInput: the file is missing or cannot be opened.
    :raises MalformedDocument: it is no JSON, or larger than :data:`MAX_JSON`.
    """
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_JSON + 1)
    except OSError as error:
        raise UnreadableInput(
            Message("{name} cannot be read", name=path.name), found=error.strerror or type(error).__name__
        ) from None
    return strict_json.loads(data, max_bytes=MAX_JSON)
