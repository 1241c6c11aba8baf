"""The same passport in every format that ``passport convert`` writes. Copies: they hold what the reader's view holds.

A format that is several files comes as one ZIP archive, whose bytes are the same each time. None of them is signed, and
a peer's format may have no place for some values; the verifiable form is ``application/vp``.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from passport.exchange import formats
from passport.presenting.presenter import PassportView
from passport.vocabulary.vocabulary import Vocabulary
from resolver.forms.en18222 import record_of

#: What the resolver's own forms are called already: their names here.
_RENAMED = {"json": "record", "csv": "tables"}
_MEDIA = {
    ".json": "application/json", ".jsonld": "application/ld+json", ".zip": "application/zip",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".aasx": "application/asset-administration-shell-package",
}  # fmt: skip
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class ExportForm:
    """One format: its name in ``?format=``, that of the library, and what people call it."""

    name: str
    format: str
    title: str


EXPORTS: Mapping[str, ExportForm] = {
    _RENAMED.get(name, name): ExportForm(_RENAMED.get(name, name), name, known.title)
    for name, known in formats.FORMATS.items()
}


@dataclass(frozen=True)
class ExportFile:
    """One file to download. :ivar suffix: with its stop."""

    body: bytes
    media_type: str
    suffix: str


def export(view: PassportView, vocabulary: Vocabulary, form: ExportForm) -> ExportFile:
    """The view of a pack in a format.

    :raises UsageError: the format's files cannot hold a value at all.
    """
    files = formats.write(form.format, [record_of(view, vocabulary)]).files
    if len(files) == 1:
        name, body = next(iter(files.items()))
        suffix = PurePosixPath(name).suffix or (".xlsx" if body.startswith(b"PK") else ".json")
        return ExportFile(body, _MEDIA.get(suffix, "application/octet-stream"), suffix)
    return ExportFile(_archive(files), _MEDIA[".zip"], ".zip")


def _archive(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, body in _members(files):
            archive.writestr(info, body)
    return out.getvalue()


def _members(files: Mapping[str, bytes]) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    for name in sorted(files):
        info = zipfile.ZipInfo(name, date_time=_EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED
        yield info, files[name]
