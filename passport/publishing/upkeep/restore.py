"""A project made again from a backup: all of it, or nothing.

1. The manifest is read, and each member is compared with its digest as it is read.
2. The files are written into a folder beside the project's, which takes the project's name at the end.
3. The store is filled in one transaction, and what follows from its documents is made again in it: identifiers of
   passports, modules, tiles of logs, keys of events. Facts of supervision are made by the caller.

Private keys are written as they are in the backup, where they are in it: encrypted. The secret of the resolver is in no
backup, so tokens of before end.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, Any

from passport.errors import DamagedBackup, UsageError
from passport.lifecycle import History
from passport.project import CONFIGURATION, Project
from passport.publishing.events.histories import Histories, keys_of
from passport.publishing.upkeep.backup import FORMAT, FORMAT_VERSION, MANIFEST, ArchivedFile
from passport.store import Store, Transaction
from passport.store.copying import store_archive
from passport.store.copying.store_archive import ArchivedStore, ArchivedTable
from passport.store.copying.store_move import LogRoot, Progress
from passport.store.state.state_copy import STATE_FILES
from passport.store.versions import VERSION
from passport.texts import Message

_MAX_MANIFEST = 16_000_000
_MAX_FILE = 64_000_000
#: State of a resolver, which grows with each read of restricted data.
_MAX_STATE = 1 << 40


@dataclass(frozen=True)
class Restored:
    """A project that was made again. :ivar made: when its backup was made, as the manifest says it."""

    project: Project
    made: str
    store: ArchivedStore
    files: tuple[str, ...]


def restore(
    path: Path, folder: Path, *, store_url: str | None = None, progress: Progress = lambda done, total: None
) -> Restored:
    """Make the project again in a new folder.

    :param folder: that does not exist, or is empty.
    :param store_url: another store than the backup's ``passport.toml`` names.
    :raises UsageError: the folder holds something, or the archive cannot be read.
    :raises StoreNotEmpty: the store on the server holds something.
    :raises DamagedBackup: the archive is no backup, or not what its digests say.
    :raises StoreFailure: the store cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            Message("{path} holds something already", path=folder),
            expected=Message("a new or empty folder"),
            hint=Message("A restore overwrites nothing."),
        )
    with _opened(path) as archive:
        made, archived, files = _manifest(archive)
        partial = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
        try:
            partial.mkdir(mode=0o700)
            for name, expected in files.items():
                _extract(archive, name, expected, partial)
            project = Project.open(partial)
            project = replace(project, store=store_url or os.environ.get("PASSPORT_STORE") or project.store)
            _fill(project.open_store(), archived, archive, progress)
            if store_url is not None:
                project.write()
            if folder.exists():
                folder.rmdir()
            partial.rename(folder)
        except OSError as error:
            raise UsageError(Message("{path} cannot be written", path=folder), found=error.strerror) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return Restored(replace(project, folder=folder), made, archived, tuple(files))


def _fill(store: Store, archived: ArchivedStore, archive: zipfile.ZipFile, progress: Progress) -> None:
    def member(name: str) -> IO[bytes]:
        return _member(archive, name)

    try:
        with store_archive.filling(store, archived, member, progress) as transaction:
            add_event_keys(transaction)
    finally:
        store.close()


def add_event_keys(transaction: Transaction) -> None:
    """Write the keys under which events of other packs find each event, from the signed events."""
    after = ""
    while packs := transaction.event_packs(after=after):
        after = packs[-1]
        for pack in packs:
            transaction.add_event_keys(pack, event_keys_of(transaction, pack))


def event_keys_of(transaction: Any, pack: str) -> dict[int, tuple[Any, ...]]:
    """The keys of each event of a pack, by the number of the event.

    :param transaction: or a store.
    """
    rows = transaction.event_chain(pack)
    history = History.empty(pack)
    keys: dict[int, tuple[Any, ...]] = {}
    for row, event in zip(rows, Histories(transaction).events(rows), strict=True):
        keys[row.sequence] = keys_of(event, history)
        history = history.with_event(event, row.digest)
    return keys


# --- the archive ----------------------------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except FileNotFoundError as error:
        raise UsageError(Message("{path} cannot be read", path=path), found=error.strerror) from error
    except zipfile.BadZipFile as error:
        raise DamagedBackup(Message("{path} is no backup, or damaged", path=path), found=str(error)[:200]) from error
    except (EOFError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
        raise DamagedBackup(Message("{path} is damaged", path=path), found=type(error).__name__) from error


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    try:
        return archive.open(name)
    except (KeyError, RuntimeError, NotImplementedError) as error:
        raise DamagedBackup(Message("{member} is missing from the backup", member=name)) from error


def _manifest(archive: zipfile.ZipFile) -> tuple[str, ArchivedStore, dict[str, ArchivedFile]]:
    with _member(archive, MANIFEST) as stream:
        data = stream.read(_MAX_MANIFEST + 1)
    try:
        document = json.loads(data)
        if document["format"] != FORMAT or document["formatVersion"] != FORMAT_VERSION:
            raise ValueError
        stored = document["store"]
        archived = ArchivedStore(
            int(stored["version"]),
            {
                str(name): ArchivedTable(
                    int(table["rows"]), int(table["bytes"]), str(table["sha256"]), tuple(map(str, table["columns"]))
                )
                for name, table in stored["tables"].items()
            },
            int(stored["documents"]), int(stored["places"]), int(stored["places_set"]),
            {str(name): LogRoot(int(root["size"]), str(root["root"])) for name, root in stored["logs"].items()},
        )  # fmt: skip
        files = {
            str(name): ArchivedFile(int(each["bytes"]), str(each["sha256"])) for name, each in document["files"].items()
        }
        made = str(document["made"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedBackup(
            Message("the manifest of the backup cannot be read"),
            expected=Message("{format}, version {version}", format=FORMAT, version=FORMAT_VERSION),
        ) from error
    if archived.version != VERSION:
        raise DamagedBackup(
            Message("the backup is of another version of the store"),
            expected=Message("version {version}", version=VERSION),
            found=Message("version {version}", version=archived.version),
            hint=Message("Restore it with the version of this software that made it, and upgrade then."),
        )
    if f"project/{CONFIGURATION}" not in files:
        raise DamagedBackup(Message("{member} is missing from the backup", member=f"project/{CONFIGURATION}"))
    return made, archived, files


def _extract(archive: zipfile.ZipFile, name: str, expected: ArchivedFile, folder: Path) -> None:
    """Write a file of the project. Its name is one that a backup has: a folder above is never reached."""
    root, *way = PurePosixPath(name).parts
    relative = Path(*way) if root == "project" else Path("keys", *way)
    if root not in ("project", "keys") or not way or any(part in ("..", "") or "\0" in part for part in way):
        raise DamagedBackup(Message("the backup has a member that no backup has"), found=name[:80])
    target = folder / relative
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    limit = _MAX_STATE if str(relative) in STATE_FILES else _MAX_FILE
    digest, length = hashlib.sha256(), 0
    with (
        _member(archive, name) as stream,
        open(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file,
    ):
        while length <= limit and (data := stream.read(1 << 20)):
            file.write(data)
            digest.update(data)
            length += len(data)
    if (length, digest.hexdigest()) != (expected.bytes, expected.sha256):
        raise DamagedBackup(
            Message("{member} is not what the manifest says", member=name),
            expected=Message("{n:,} bytes with the digest {digest}", n=expected.bytes, digest=expected.sha256),
            found=Message("{n:,} bytes with the digest {digest}", n=length, digest=digest.hexdigest()),
        )
