"""Where a log is read from: an address with tiles, a folder with the same files, or the store of a project.

Nothing of it is trusted: checkpoints are signed, and tiles are compared with the root in the checkpoint.
"""

from __future__ import annotations

from pathlib import Path

from passport.errors import FetchFailed, UnloggedDocument, UsageError
from passport.identity.http_client import GuardedClient
from passport.project import CONFIGURATION, Project
from passport.publishing.log.log_witness import LogSource
from passport.store import Store
from passport.store.log.access_log import AccessLog
from passport.store.log.log_reading import LogQueries
from passport.store.log.log_writing import ACCESS, EVENTS
from passport.store.state.resolver_state import ResolverState
from passport.texts import Message
from passport.transparency.merkle import HASH_BYTES
from passport.transparency.note import MAX_NOTE_BYTES
from passport.transparency.tiles import WIDTH, Tile

_MAX_TILE_BYTES = WIDTH * (HASH_BYTES + 2)


def source_of(text: str, log: str = EVENTS) -> LogSource:
    """The source that an argument names.

    :param log: which log of a project.
    :raises UsageError: it is neither an address nor a folder with a log.
    """
    if text.startswith(("https://", "http://")):
        return _Address(text.rstrip("/"))
    folder = Path(text)
    if (folder / CONFIGURATION).is_file():
        return StoredLog(log_store(Project.open(folder), log), log)
    if (folder / "checkpoint").is_file():
        return _Folder(folder)
    raise UsageError(
        Message("{path} holds no log", path=text),
        expected=Message("an address, a project, or a folder with a checkpoint and tiles"),
    )


def log_store(project: Project, log: str) -> Store | AccessLog:
    """Where a project keeps a log."""
    return ResolverState(project.state_path).reads if log == ACCESS else project.open_store()


class StoredLog:
    """A log in a store."""

    def __init__(self, store: LogQueries, log: str) -> None:
        self._store = store
        self._log = log

    def checkpoint(self) -> bytes:
        stored = self._store.log_checkpoint(self._log)
        if stored is None:
            raise UnloggedDocument(
                Message("the log has no checkpoint yet"), hint=Message("Sign one: passport log checkpoint")
            )
        return bytes(stored.note)

    def tile(self, tile: Tile) -> bytes:
        return self._store.log_tile(self._log, tile)


class _Folder:
    """Files below a folder, under the paths that an address has."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def checkpoint(self) -> bytes:
        return self._read("checkpoint", MAX_NOTE_BYTES)

    def tile(self, tile: Tile) -> bytes:
        return self._read(tile.path, _MAX_TILE_BYTES)

    def _read(self, name: str, limit: int) -> bytes:
        try:
            with open(self._folder / name, "rb") as file:
                # One byte more than allowed: what is too long is refused where it is parsed.
                return file.read(limit + 1)
        except OSError as error:
            path = self._folder / name
            raise UsageError(Message("{path} cannot be read", path=path), found=error.strerror) from error


class _Address:
    """A log on the web. The user named its host, so it may be this machine."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = GuardedClient().naming(url)

    def checkpoint(self) -> bytes:
        return self._get("checkpoint", "text/plain", MAX_NOTE_BYTES)

    def tile(self, tile: Tile) -> bytes:
        try:
            return self._get(tile.path, "application/octet-stream", _MAX_TILE_BYTES)
        except FetchFailed:
            if tile.width == WIDTH:
                raise
        # A partial tile may be gone as soon as the full one is there; it is its beginning.
        full = self._get(Tile(tile.level, tile.number).path, "application/octet-stream", _MAX_TILE_BYTES)
        return full[: len(full) // WIDTH * tile.width]

    def _get(self, path: str, accept: str, limit: int) -> bytes:
        return self._client.get(f"{self._url}/{path}", accept=accept, max_bytes=limit).body
