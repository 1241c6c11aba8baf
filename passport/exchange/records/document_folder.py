"""A folder with the documents that passports link: which file is behind which address, its bytes and its digest.

The file of ``https://maker.example/docs/manual.pdf`` is ``maker.example/docs/manual.pdf`` in the folder, else
``docs/manual.pdf``, else ``manual.pdf``: a copy of the site and a heap of files both work.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from passport.errors import UnreadableInput, UsageError
from passport.texts import Message

#: Bytes of a document that is read at once, and of all documents that are held in memory.
_CHUNK, _MOST = 1 << 20, 256 * 1024 * 1024
#: The head of a multihash of SHA-256.
_SHA_256 = b"\x12\x20"


def digests(folder: Path, urls: Iterable[str]) -> dict[str, str]:
    """Address -> digest of the documents that the folder holds, as ``digestMultibase``: SHA-256 in base64url.

    :raises UsageError: there is no such folder; :raises UnreadableInput: a file in it cannot be read.
    """
    return {url: _digest(path) for url, path in _files(folder, urls)}


def contents(folder: Path, urls: Iterable[str]) -> dict[str, bytes]:
    """Address -> bytes of the documents that the folder holds.

    :raises UsageError: there is no such folder, or its documents are too large.
    :raises UnreadableInput: a file in it cannot be read.
    """
    held: dict[str, bytes] = {}
    left = _MOST
    for url, path in _files(folder, urls):
        held[url] = b"".join(_chunks(path))
        left -= len(held[url])
        if left < 0:
            raise UsageError(
                Message("the documents in {folder} are too large", folder=str(folder)),
                expected=Message("at most {count} bytes", count=_MOST),
            )
    return held


def _files(folder: Path, urls: Iterable[str]) -> Iterator[tuple[str, Path]]:
    if not folder.is_dir():
        raise UsageError(Message("{folder} is no folder", folder=str(folder)))
    root = folder.resolve()
    for url in dict.fromkeys(urls):
        path = _file(root, url)
        if path is not None:
            yield url, path


def _file(root: Path, url: str) -> Path | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    path = PurePosixPath(unquote(parts.path).lstrip("/"))
    if "\x00" in parts.netloc + str(path) or not path.name:
        return None
    for name in (PurePosixPath(parts.netloc) / path, path, PurePosixPath(path.name)):
        # An address may hold "..", and a link may lead anywhere: only what lies in the folder is a document of it.
        file = (root / name).resolve()
        if file.is_relative_to(root) and file.is_file():
            return file
    return None


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return "u" + urlsafe_b64encode(_SHA_256 + digest.digest()).decode().rstrip("=")


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise UnreadableInput(
            Message("{name} cannot be read", name=path.name), found=error.strerror or type(error).__name__
        ) from None
