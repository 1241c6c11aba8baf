"""Writing of workbooks (.xlsx): created, filled cell by cell, and turned into bytes.

The bytes depend only on the content: no clock, no user name, entries of the archive in one order with one time.
Text is never written as a formula: a formula in the data must never run on the reader's machine.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from passport.errors import UsageError
from passport.exchange.spreadsheet.opening.workbook import escaped
from passport.texts import Message

if TYPE_CHECKING:
    import openpyxl

#: Before any workbook was: the time in every archive entry and in the properties, so that bytes do not change.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def empty() -> openpyxl.Workbook:
    """A workbook without a sheet."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    book.properties.creator = "passport"
    return book


def put(cell: Any, content: Any, number_format: str, *, bold: bool = False) -> None:
    """Put content into a cell as it is: text is never a formula."""
    from openpyxl.styles import Alignment, Font

    cell.value = escaped(content) if isinstance(content, str) else content
    if isinstance(content, str):
        cell.data_type = "s"  # text that begins with "=" too
        if "\n" in content:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.number_format = number_format
    if bold:
        cell.font = Font(bold=True)


def saved(book: openpyxl.Workbook, path: Path | str | None = None) -> bytes:
    """The bytes of a workbook.

    :param path: the file to write as well; None writes none.
    :raises UsageError: it has no sheet, or the file cannot be written.
    """
    if not book.sheetnames:
        raise UsageError(
            Message("there is nothing to write a workbook of"),
            expected=Message("at least one record"),
            found=Message("none"),
        )
    buffer = io.BytesIO()
    book.save(buffer)
    data = _reproducible(buffer.getvalue())
    if path is not None:
        try:
            Path(path).write_bytes(data)
        except OSError as error:
            raise UsageError(
                Message("{name} cannot be written", name=Path(path).name),
                expected=Message("a file in a folder that is there"),
                found=error.strerror or type(error).__name__,
            ) from None
    return data


def _reproducible(data: bytes) -> bytes:
    """The workbook without the time at which it was made."""
    stamp = f"{datetime(*_EPOCH).isoformat()}Z".encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        # A reader that streams expects the content types first.
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, content)
    return buffer.getvalue()
