"""Publication of a project as files: what has changed is written, what is gone is removed.

    DIR/public/             for the web server
    DIR/manifest.jsonl      what is in it (:mod:`.site_manifest`)
    DIR/changes.jsonl       what this publication changed

1. Status lists first: a verifier never finds a passport whose list is older than its withdrawal here.
2. Each passport whose source has changed. A file is written beside its place and renamed, so that a reader gets the old
   file or the new one, whole. The page of a passport that is withdrawn says so; a recycled one has only what is to be
   answered with 410.
3. What is not published any more is removed.
4. Everything is on the disk before the manifest is replaced. After a crash, the same command makes again what the
   manifest does not know yet.

One publication at a time writes into a folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from passport.errors import UsageError
from passport.texts import Message
from resolver.static_site.site_makers import SiteMakers
from resolver.static_site.site_manifest import (
    MANIFEST,
    PUBLIC,
    FileChange,
    PublishedResource,
    read_manifest,
    write_changes,
    write_manifest,
)
from resolver.static_site.site_resources import STATUS_FOLDER, SiteResources, described

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

#: What is told of progress: passports that were looked at more, of so many as were there the last time.
SiteProgress = Callable[[int, int], None]
_SITE = "/"
_TURN = ".publishing"


@dataclass
class Publication:
    """What a publication did.

    :ivar passports: resources in the tree that are passports; :ivar lists: status lists.
    :ivar made: passports that were made anew; the others are as they were.
    :ivar changes: files that were written or removed.
    :ivar left_out: addresses that are no names of files.
    """

    passports: int = 0
    lists: int = 0
    made: int = 0
    changes: list[FileChange] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def count(self, change: str) -> int:
        """Files that were ``added``, ``changed`` or ``removed``."""
        return sum(each.change == change for each in self.changes)


def publish(
    resources: SiteResources,
    folder: Path,
    *,
    at: datetime,
    everything: bool = False,
    makers: SiteMakers | None = None,
    progress: SiteProgress = lambda done, total: None,
) -> Publication:
    """Bring the tree in ``folder`` up to date.

    :param at: the instant of publication.
    :param makers: makes the files of passports elsewhere; None: this process does.
    :param everything: make all passports anew, changed or not.
    :raises UsageError: the folder holds something else, another publication is under way, or a file cannot be written.
    """
    try:
        folder.mkdir(mode=0o755, exist_ok=True)
        with publication_turn(folder):
            before = read_manifest(folder)
            if not (folder / MANIFEST).exists():
                if any(each.name != _TURN for each in folder.iterdir()):
                    raise UsageError(
                        Message("{path} was not published by this command", path=folder),
                        expected=Message("a new or empty folder, or one of an earlier publication"),
                    )
                # From here on the folder is ours, however far this publication comes.
                write_manifest(folder, at.isoformat(), {})
            return _Site(resources, folder, before, makers or SiteMakers(resources)).publish(at, everything, progress)
    except OSError as error:
        raise UsageError(Message("{path} cannot be written", path=folder), found=error.strerror) from error


class _Site:
    def __init__(
        self, resources: SiteResources, folder: Path, before: Mapping[str, PublishedResource], makers: SiteMakers
    ) -> None:
        self._resources, self._folder, self._before, self._makers = resources, folder, before, makers
        self._public = folder / PUBLIC
        self._after: dict[str, PublishedResource] = {}
        self._done = Publication()

    def publish(self, at: datetime, everything: bool, progress: SiteProgress) -> Publication:
        for number in self._resources.lists():
            files = self._resources.status_list(number)
            self._put(f"{STATUS_FOLDER}/{number}", hashlib.sha256(b"".join(files.values())).hexdigest(), files)
            self._done.lists += 1
        for subject, source, made in self._makers.make(self._stale(everything)):
            self._passport(subject, source, made)
            progress(1, len(self._before))
        files = self._resources.site(self._makers.style_sheets)
        known = self._before.get(_SITE)
        # Style sheets are named by pages, and no page may have been made anew.
        for name in known.files if known else ():
            if name not in files and name.startswith("static/") and (self._public / name).exists():
                files[name] = (self._public / name).read_bytes()
        self._put(_SITE, "", files)
        for name in self._before.keys() - self._after.keys():
            self._remove(self._before[name].files)
        # All files at once: waiting for the disk after each of a million would take hours.
        os.sync()
        write_changes(self._folder, self._done.changes)
        write_manifest(self._folder, at.isoformat(), self._after)
        return self._done

    def _stale(self, everything: bool) -> Iterator[tuple[str, str]]:
        """The passports that have to be made, each with the digest of what it is made from; the others stay."""
        for subject in self._resources.subjects():
            source = self._resources.source(subject)
            known = self._before.get(subject)
            if known is not None and known.source == source and not everything and self._is_there(known):
                self._after[subject] = known
                self._done.passports += 1
            else:
                yield subject, source

    def _passport(self, subject: str, source: str, files: Mapping[str, bytes]) -> None:
        if not files:
            self._done.left_out.append(subject)
            return
        self._done.passports += 1
        self._done.made += 1
        self._put(subject, source, files)

    def _is_there(self, known: PublishedResource) -> bool:
        return all((self._public / name).is_file() for name in known.files)

    def _put(self, name: str, source: str, files: Mapping[str, bytes]) -> None:
        known = self._before.get(name)
        old = known.files if known else {}
        new = described(files)
        for path, data in files.items():
            if old.get(path) != new[path] or not (self._public / path).is_file():
                _write(self._public / path, data)
                self._done.changes.append(FileChange(path, "changed" if path in old else "added"))
        self._remove({path: digest for path, digest in old.items() if path not in new})
        self._after[name] = PublishedResource(source, new)

    def _remove(self, files: Mapping[str, str]) -> None:
        for name in files:
            path = self._public / name
            with suppress(FileNotFoundError):
                path.unlink()
            self._done.changes.append(FileChange(name, "removed"))
            for parent in path.parents:
                if parent == self._public:
                    break
                try:
                    parent.rmdir()
                except OSError:
                    break


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    partial = path.with_name(f".{os.getpid()}.partial")
    with open(os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o644), "wb") as file:
        file.write(data)
    partial.replace(path)


@contextmanager
def publication_turn(folder: Path) -> Iterator[None]:
    """One publication at a time. :raises UsageError: another one is under way."""
    descriptor = os.open(folder / _TURN, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if fcntl is not None:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UsageError(
                    Message("another publication writes into {path}", path=folder),
                    hint=Message("Wait for the other command."),
                ) from None
        yield
    finally:
        os.close(descriptor)
