"""Workbooks of ``examples/`` are read once in a process; each reading gets records of its own.

Reading one takes half a second, hundreds of tests begin with the same ones, and few of them are about reading. A
workbook that a test has changed is other bytes, and is read as ever.
"""

from __future__ import annotations

import hashlib
import pickle
from functools import cache
from pathlib import Path

from passport.exchange.records import record_files
from passport.vocabulary import vocabulary

_EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
_read = record_files._OWN["xlsx"]
_READINGS: dict[tuple[str, str, int], bytes] = {}


@cache
def _digests() -> frozenset[str]:
    return frozenset(hashlib.sha256(path.read_bytes()).hexdigest() for path in _EXAMPLES.glob("*.xlsx"))


def _remembered(path: Path) -> record_files.Records:
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    if digest not in _digests():
        return _read(path)
    # The name is in each record's origin. A test may have put another vocabulary in place.
    key = digest, path.name, id(vocabulary.load())
    if key not in _READINGS:
        _READINGS[key] = pickle.dumps(_read(path))
    return pickle.loads(_READINGS[key])


def remember_readings() -> None:
    """For this process, from now on. Done again it changes nothing."""
    record_files._OWN["xlsx"] = _remembered
