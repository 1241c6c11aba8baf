"""The report of a verification, in a form of the page that shows it, so that nothing has to be kept here.

The page carries the content of the report, sealed by this resolver (HMAC-SHA-256), and hands it back for the PDF, whose
fonts weigh more than the page. Without the seal, anyone could have this site print a report of their own.

    text = sealed(sheet, secret)
    opened(text, secret) == sheet
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import zlib
from dataclasses import asdict

from passport.errors import MalformedDocument
from passport.reports.verification_report import SheetCheck, VerificationSheet
from passport.texts import Message

_PURPOSE = b"verification sheet\0"
#: Characters of a sealed sheet, at most: one of a file with a thousand credentials is shorter.
_MOST = 100_000


def sealed(sheet: VerificationSheet, secret: bytes) -> str:
    """The sheet as one text for a form. :param secret: of this resolver."""
    packed = zlib.compress(json.dumps(asdict(sheet), ensure_ascii=False).encode(), 9)
    return f"{_text(packed)}.{_text(_seal(packed, secret))}"


def opened(text: str, secret: bytes) -> VerificationSheet:
    """The sheet that this resolver sealed.

    :raises MalformedDocument: it did not, or the text was changed.
    """
    try:
        packed, seal = (base64.urlsafe_b64decode(part.encode("ascii")) for part in text[:_MOST].split("."))
    except (ValueError, binascii.Error):
        raise _refusal() from None
    if not hmac.compare_digest(seal, _seal(packed, secret)):
        raise _refusal()
    # From here on it is what this resolver wrote.
    content = json.loads(zlib.decompress(packed))
    return VerificationSheet(
        **content | {
            "battery": tuple((name, value) for name, value in content["battery"]),
            "checks": tuple(SheetCheck(**check) for check in content["checks"]),
        }
    )  # fmt: skip


def _refusal() -> MalformedDocument:
    return MalformedDocument(
        Message("the report is not of this site"), expected=Message("the form on the page of the answer")
    )


def _seal(packed: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, _PURPOSE + packed, "sha256")


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii")
