"""Records from a Parquet file: one row is one pack, with the parts of a record as columns.

* The columns are ``model``, ``batch``, ``pack``, ``condition`` and ``events``: each a struct as in a JSON record, or
  its JSON as text. A file with the one column ``record`` holds whole records as JSON.
* What a row does not state is null there, and is left out. Decimals keep their digits; days and instants are as in
  ISO 8601.
* Rows are written to a file of JSON lines first, some at a time, so that neither the length of the file nor the size of
  its row groups matters, and several processes can read it.

Reading takes the extra ``parquet`` (pyarrow).
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from passport.battery.fault import Fault
from passport.battery.record import Record
from passport.battery.record_chunks import CHUNK
from passport.battery.value_reader import PARTS
from passport.errors import MalformedDocument, UnreadableInput, UsageError
from passport.exchange.records import json_lines
from passport.exchange.records.json_file import MAX_JSON
from passport.linked_data import strict_json
from passport.texts import Message

#: A column that holds whole records.
RECORD = "record"


def lines(path: Path) -> Iterator[bytes]:
    """The rows as JSON lines, in their order.

    :raises UsageError: pyarrow is not installed.
    :raises UnreadableInput: it is no Parquet file, or has none of the columns.
    """
    parquet = _parquet()
    from pyarrow import ArrowException

    try:
        with parquet.ParquetFile(path) as file:
            columns = [name for name in file.schema_arrow.names if name in (*PARTS, RECORD)]
            if not columns:
                raise UnreadableInput(
                    Message("{name} has no column of a record", name=path.name),
                    expected=", ".join((*PARTS, RECORD)),
                    found=", ".join(file.schema_arrow.names)[:200],
                )
            for batch in file.iter_batches(batch_size=CHUNK):
                for row in batch.select(columns).to_pylist():
                    yield _line(row, path.name)
    except (ArrowException, OSError) as error:
        raise UnreadableInput(
            Message("{name} cannot be read", name=path.name), found=str(error).splitlines()[0][:200]
        ) from None


def _parquet() -> Any:
    try:
        from pyarrow import parquet
    except ImportError:
        raise UsageError(
            Message("Parquet files are read with pyarrow, which is not installed"),
            hint=Message("Install it: pip install 'battery-passport[parquet]'"),
        ) from None
    return parquet


def _line(row: dict[str, Any], name: str) -> bytes:
    """:raises UnreadableInput: a value has no JSON form, or the row is too long."""
    try:
        if isinstance(row.get(RECORD), str):
            text = _json_of(row[RECORD])
        else:
            members = (f"{json.dumps(key)}:{_json_of(value)}" for key, value in row.items() if value is not None)
            text = "{" + ",".join(members) + "}"
        line = text.encode("utf-8")
    except (TypeError, ValueError) as error:
        raise UnreadableInput(
            Message("{name} has a value that no record holds", name=name), found=str(error)[:200]
        ) from None
    if len(line) > json_lines.MAX_LINE:
        raise UnreadableInput(
            Message("{name} has a row that is too long", name=name),
            expected=Message("at most {count} bytes", count=json_lines.MAX_LINE),
            found=str(len(line)),
        )
    return line


def _json_of(value: Any) -> str:
    """A value as JSON in one line. Text that is JSON stays as it is, with all digits."""
    if isinstance(value, str):
        try:
            strict_json.loads(value, max_bytes=json_lines.MAX_LINE)
        except MalformedDocument:
            return json.dumps(value)  # the reader of records says what is wrong
        # In JSON a line ends between values only, never inside one.
        return value.replace("\r", " ").replace("\n", " ")
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """A value of Arrow as JSON has it."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if not _is_missing(item)}
    if isinstance(value, list):
        if value and all(isinstance(item, tuple) and len(item) == 2 for item in value):  # a map
            return {key: _plain(item) for key, item in value if not _is_missing(item)}
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, float) and math.isinf(value):
        return str(value)
    return value


def _is_missing(value: Any) -> bool:
    """Null; in a column of floating-point numbers programs write NaN for it."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def stage(path: Path, to: Path) -> None:
    """Write the rows to a file of JSON lines, where they are not there already; only its owner may read it.

    :raises UnreadableInput: as :func:`lines`, or the lines cannot be written.
    """
    if to.exists():
        return
    unfinished = to.with_name(f".{to.name}.tmp")
    try:
        to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            for line in lines(path):
                stream.write(line + b"\n")
        unfinished.replace(to)
    except OSError as error:
        raise UnreadableInput(
            Message("{name} cannot be read", name=path.name), found=error.strerror or type(error).__name__
        ) from None
    finally:
        unfinished.unlink(missing_ok=True)


def read_tolerantly(path: Path, *, partial: bool = False) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The records of a whole file.

    Parameters and errors as in :func:`passport.exchange.records.json_lines.read_tolerantly`.

    :raises UsageError: pyarrow is not installed.
    """
    data = bytearray()
    for line in lines(path):
        data += line + b"\n"
        if len(data) > MAX_JSON:
            raise MalformedDocument(
                Message("{name} is too large to be read as a whole", name=path.name),
                expected=Message("at most {max_bytes} bytes", max_bytes=MAX_JSON),
            )
    return json_lines.whole(bytes(data), path.name, partial=partial)
