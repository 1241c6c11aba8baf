"""A backup of a project: one archive (ZIP) with a manifest, digests, and everything that cannot be made again.

    manifest.json               what is in it, each member with its length and SHA-256; what is not in it
    store/TABLE.jsonl           the record, a line for each row (:mod:`passport.store.copying.store_archive`)
    project/passport.toml       the project's files; public halves of keys (.vkey) among them
    project/state.db            the resolver's state, without its secret; so the workspace's, the register's, the outbox
                                of registrations and the connector's, where the project has them
    keys/NAME.pem               only if asked for, and only keys that are encrypted

* Readers and writers go on meanwhile: the store is read as it is at one moment.
* The archive appears under its name when it is complete and on the disk. It is readable by its owner only: it holds
  restricted data of every audience.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from passport import __version__
from passport.errors import KeyFileError, UsageError
from passport.project import CONFIGURATION, DID_DOCUMENT, Project
from passport.store import Store
from passport.store.copying import store_archive
from passport.store.copying.store_archive import ArchivedStore
from passport.store.copying.store_move import Progress
from passport.store.state.state_copy import STATE_FILES, copy_state
from passport.store.versions import VERSION
from passport.texts import Message

FORMAT = "battery-passport-backup"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
#: Files of a project, by their path in it.
PROJECT_FILES = (CONFIGURATION, "trusted-issuers.json", DID_DOCUMENT, "releases.jsonl", "sign-in.toml")
_PROJECT, _KEYS = "project/", "keys/"
#: The usual level is five times as slow and saves a tenth.
_LEVEL = 2
_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"


@dataclass(frozen=True)
class ArchivedFile:
    """A member that is a file of the project. :ivar sha256: hexadecimal."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Backup:
    """An archive that was written.

    :ivar bytes: its length.
    :ivar files: the project's files in it; :ivar keys: the keys among them.
    :ivar left_out: private keys and secrets that are not in it, from the project's folder.
    """

    path: Path
    bytes: int
    store: ArchivedStore
    files: dict[str, ArchivedFile]
    keys: tuple[str, ...]
    left_out: tuple[str, ...]


def back_up(
    project: Project,
    path: Path,
    *,
    at: datetime,
    with_keys: bool = False,
    progress: Progress = lambda done, total: None,
) -> Backup:
    """Write the archive.

    :param at: when the backup is made, aware.
    :param with_keys: put private keys in, if all of them are encrypted.
    :raises UsageError: there is a file of that name already, or it cannot be written.
    :raises KeyFileError: a key is to be put in and is not encrypted.
    :raises StoreFailure: the store cannot be read.
    """
    keys = _private_files(project.folder)
    if with_keys:
        _refuse_open_keys(project.folder, keys)
    store = project.open_store()
    try:
        with _new_file(path) as stream:
            backup = _write(project, store, stream, at, keys if with_keys else (), progress)
    finally:
        store.close()
    left_out = tuple(name for name in keys if name not in backup[2])
    return Backup(path, path.stat().st_size, *backup, left_out)


def _write(
    project: Project, store: Store, stream: IO[bytes], at: datetime, keys: tuple[str, ...], progress: Progress
) -> tuple[ArchivedStore, dict[str, ArchivedFile], tuple[str, ...]]:
    made = at.timetuple()[:6]
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:

        def member(name: str) -> Any:
            info = zipfile.ZipInfo(name, made)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            info._compresslevel = _LEVEL  # type: ignore[attr-defined]
            return archive.open(info, "w", force_zip64=True)

        archived = store_archive.write(store, VERSION, member, progress)
        files: dict[str, ArchivedFile] = {}
        public = [str(each.relative_to(project.folder)) for each in sorted((project.folder / "keys").glob("*.vkey"))]
        for name in (*PROJECT_FILES, *public):
            if (project.folder / name).is_file():
                files[_PROJECT + name] = _add(member(_PROJECT + name), project.folder / name)
        for name in STATE_FILES:
            path = project.state_path.with_name(name)
            if path.exists():
                with tempfile.TemporaryDirectory(prefix="passport-backup-") as folder:
                    copy_state(path, Path(folder) / name)
                    files[_PROJECT + name] = _add(member(_PROJECT + name), Path(folder) / name)
        for name in keys:
            files[_KEYS + name.removeprefix(_KEYS)] = _add(
                member(_KEYS + name.removeprefix(_KEYS)), project.folder / name
            )
        with member(MANIFEST) as manifest:
            document = {
                "format": FORMAT, "formatVersion": FORMAT_VERSION, "software": __version__,
                "made": at.isoformat(), "issuer": project.issuer, "baseUrl": project.base_url,
                "store": asdict(archived), "files": {name: asdict(each) for name, each in files.items()},
                "keys": list(keys) or "not included",
            }  # fmt: skip
            manifest.write(json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")
    return archived, files, keys


def _add(member: IO[bytes], path: Path) -> ArchivedFile:
    digest, length = hashlib.sha256(), 0
    with member, open(path, "rb") as file:
        while data := file.read(1 << 20):
            member.write(data)
            digest.update(data)
            length += len(data)
    return ArchivedFile(length, digest.hexdigest())


def _private_files(folder: Path) -> tuple[str, ...]:
    """Files with private keys and shared secrets, from the project's folder."""
    keys = folder / "keys"
    known = (
        sorted(path for path in keys.rglob("*") if path.is_file() and path.suffix != ".vkey") if keys.is_dir() else ()
    )
    return tuple(str(path.relative_to(folder)) for path in known)


def _refuse_open_keys(folder: Path, names: tuple[str, ...]) -> None:
    for name in names:
        try:
            beginning = (folder / name).read_bytes()[: len(_ENCRYPTED)]
        except OSError as error:
            raise KeyFileError(Message("{path} cannot be read", path=name), found=error.strerror) from error
        if beginning != _ENCRYPTED:
            raise KeyFileError(
                Message("{path} is not encrypted, so it is put into no backup", path=name),
                expected=Message("a private key with a passphrase"),
                hint=Message("Keep it elsewhere, or leave out the keys: without --with-keys none is in the backup."),
            )


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file that appears under its name when it is complete and on the disk."""
    if path.exists():
        raise UsageError(
            Message("{path} exists already", path=path), hint=Message("A backup overwrites none. Name another file.")
        )
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            with open(descriptor, "w+b") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            os.rename(partial, path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise UsageError(Message("{path} cannot be written", path=path), found=error.strerror) from error
