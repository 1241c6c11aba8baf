"""What a published tree holds, and what its last publication changed: two files of JSON lines beside the tree.

    manifest.jsonl      a line for each resource: its address, what it was made from, its files with their SHA-256
    changes.jsonl       a line for each file that the last publication wrote or removed, for purging a CDN

Both are for the operator: neither is in the folder that a web server serves.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from passport.errors import UsageError
from passport.texts import Message

FORMAT = "battery-passport-site"
FORMAT_VERSION = 1
MANIFEST, CHANGES, PUBLIC = "manifest.jsonl", "changes.jsonl", "public"


@dataclass(frozen=True)
class PublishedResource:
    """One resource of the tree.

    :ivar source: digest of everything that its files are made from.
    :ivar files: SHA-256 of each file by its path in the tree.
    """

    source: str
    files: Mapping[str, str]


@dataclass(frozen=True)
class FileChange:
    """:ivar change: ``added``, ``changed`` or ``removed``."""

    path: str
    change: str


def read_manifest(folder: Path) -> dict[str, PublishedResource]:
    """The resources of an earlier publication, by address; none where there was none.

    :raises UsageError: the file is no manifest, so the folder may belong to another program.
    """
    path = folder / MANIFEST
    try:
        with open(path, encoding="utf-8") as lines:
            head = json.loads(next(lines))
            if head["format"] != FORMAT or head["version"] != FORMAT_VERSION:
                raise ValueError
            return {
                str(entry["resource"]): PublishedResource(str(entry["source"]), dict(entry["files"]))
                for entry in map(json.loads, lines)
            }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        raise UsageError(
            Message("{path} is not the manifest of a published tree", path=path),
            expected=Message("{format}, version {version}", format=FORMAT, version=FORMAT_VERSION),
            hint=Message("Publish into a folder of its own."),
        ) from error


def write_manifest(folder: Path, made: str, resources: Mapping[str, PublishedResource]) -> None:
    """Replace the manifest as a whole. :param made: when the tree was published, ISO 8601."""
    head = json.dumps({"format": FORMAT, "version": FORMAT_VERSION, "made": made})
    lines = (
        json.dumps({"resource": name, "source": each.source, "files": dict(each.files)}, ensure_ascii=False)
        for name, each in sorted(resources.items())
    )
    _replace(folder / MANIFEST, (head, *lines))


def write_changes(folder: Path, changes: Iterable[FileChange]) -> None:
    """Replace the list of changes as a whole."""
    _replace(folder / CHANGES, (json.dumps(vars(each), ensure_ascii=False) for each in changes))


def _replace(path: Path, lines: Iterable[str]) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with open(partial, "w", encoding="utf-8") as file:
        for line in lines:
            file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
