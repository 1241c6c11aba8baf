"""Codes, vehicles and events of a population: each new one differs from all before it, and a seed changes none."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from itertools import count

from passport.lifecycle import VehicleHash

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: Letters of years, months and days in a code (GB/T 34014): 2020 is A, the 31st is 0.
_DATE_LETTERS = "ABCDEFGHJKLMNPRSTVWXY"


class Serials:
    """:param base_url: addresses of events begin with it."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._serial, self._event, self._vehicle, self._module = count(1), count(1), count(1), count(1)

    def code(self, at: datetime, kind: str = "P", maker: str = "001") -> str:
        """A new code, with the day of ``at``."""
        serial = next(self._serial if kind == "P" else self._module)
        block = "".join(_DIGITS[serial // 36**place % 36] for place in (4, 3, 2, 1, 0))
        return f"{maker}{kind}E01{block}00{_day_characters(at)}{serial % 9_999_999 + 1:07}"

    def second_life_code(self, at: datetime) -> str:
        """A new code of a second-life product."""
        serial = next(self._serial)
        return f"0AB{'P'}{'E'}0{_DIGITS[serial // 9_999_999 % 36]}{_day_characters(at)}{serial % 9_999_999 + 1:07}RP"

    def vehicle(self) -> tuple[VehicleHash, ...]:
        """A new vehicle under one key."""
        digest = hashlib.sha256(f"vehicle {next(self._vehicle)}".encode()).digest()
        return (VehicleHash("k1", "u" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()),)

    def event_id(self) -> str:
        return f"{self.base_url}/event/{next(self._event)}"


def _day_characters(at: datetime) -> str:
    """The three characters of a day in a code (GB/T 34014)."""
    day = "0" if at.day == 31 else str(at.day) if at.day < 10 else _DATE_LETTERS[at.day - 10]
    return f"{_DATE_LETTERS[at.year - 2020]}{'123456789ABC'[at.month - 1]}{day}"
