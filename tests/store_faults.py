"""Ways to really break a database of SQLite, for tests of the store and of the resolver."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.conftest import skip_unless

PAGE = 4096


@contextmanager
def writers_lock(path: Path) -> Iterator[None]:
    """Another connection has the writer's lock, as a program that hangs has it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.close()


def overwrite_pages(path: Path, first: int = 1, last: int | None = None, byte: int = 0xFF) -> None:
    """Overwrite pages of a file, counted from 0, and its write-ahead log, as a disk that fails does."""
    content = bytearray(path.read_bytes())
    end = len(content) if last is None else min(len(content), (last + 1) * PAGE)
    content[first * PAGE : end] = bytes([byte]) * (end - first * PAGE)
    path.write_bytes(content)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


class SmallDisk:
    """A file system of its own, with room for ``size`` bytes."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        mount(["-t", "tmpfs", "-o", f"size={size}", "none", str(folder)])

    def fill(self) -> None:
        with suppress(OSError), open(self.folder / "ballast", "wb", buffering=0) as ballast:
            while True:
                ballast.write(bytes(512))

    def make_room(self) -> None:
        (self.folder / "ballast").unlink()

    def make_read_only(self) -> None:
        mount(["-o", "remount,ro", str(self.folder)])

    def make_writable(self) -> None:
        mount(["-o", "remount,rw", str(self.folder)])

    def remove(self) -> None:
        subprocess.run(["umount", "-l", self.folder], check=True)


def mount(words: list[str]) -> None:
    done = None
    if shutil.which("mount"):
        done = subprocess.run(["mount", *words], capture_output=True, text=True)
    skip_unless(done is not None and done.returncode == 0, "mount", "this user may mount no file system")


@contextmanager
def small_disk(folder: Path, size: int = 3_000_000) -> Iterator[SmallDisk]:
    folder.mkdir()
    disk = SmallDisk(folder, size)
    try:
        yield disk
    finally:
        disk.remove()
