"""An open publisher of battery passports as linked data with verifiable credentials.

import passport

pack = passport.open("https://passport.example.com/01/09529999001009/21/A7K2M05G6J0000317")
pack.verify("trusted-issuers.json", at=datetime.now(UTC)).verified
pack.claims["ratedEnergy"]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from passport.opened_passport import OpenedPassport

__all__ = ["open"]
__version__ = "0.1.0"


def open(source: Any, **options: Any) -> OpenedPassport:
    """Read a passport from its address or from a file: :func:`passport.opened_passport.open_passport`."""
    from passport.opened_passport import open_passport

    return open_passport(source, **options)
