"""Passports in the form of EN 18222: ids, element paths, pages of a list, the envelope of an error. Pure.

* A ``dppId`` is the ``batteryPassportIdentifier`` that the maker signed, where there is one: one passport, one
  identifier, in every form of it. Else it is the address at which the passport is shown, ``{base}/passports/…``,
  under which each passport is found as well. A ``productId`` is the subject IRI (the text of the QR code) or the code
  on the plate.
* A passport is written by :mod:`passport.exchange.en18223`, from what the reader's view holds and nothing else.
* An element is named by a singular query of RFC 9535 (section 2.3.5.1), which names one place at most:
  ``$['performance']['ratedEnergy']``, ``$.performance.originalPowerCapability[0]``. An absent element and an element
  that this reader may not see get the same answer.
* A former version is the state of the store at that instant (:class:`passport.presenting.standing.AsOf`).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from passport.battery.linked_documents import digest_pointers
from passport.battery.record import Record, category_of
from passport.errors import MalformedDocument, UnknownPassport
from passport.exchange import en18223
from passport.linked_data.json_types import JsonObject
from passport.presenting.presenter import PassportView, mandatory_pointers
from passport.proofs import ecdsa_sd_2023
from passport.texts import Message
from passport.vocabulary.credential_types import READING_TIMES
from passport.vocabulary.indicator import Carrier, Indicator
from passport.vocabulary.vocabulary import Vocabulary

#: Everything below it speaks EN 18222, errors of every kind included.
ROOT = "/v1"
PAGE = 100
MAX_PATH = 500
#: EN 18222's names of results; it has no others.
RESULTS: Mapping[int, str] = {
    400: "ClientErrorBadRequest", 401: "ClientNotAuthorized", 403: "ClientForbidden",
    404: "ClientErrorResourceNotFound", 405: "ClientMethodNotAllowed", 409: "ClientResourceConflict",
    410: "ClientErrorResourceNotFound", 500: "ServerInternalError", 501: "ServerNotImplemented",
}  # fmt: skip


#: What EN 18223 calls what a passport is about.
_GRANULARITY = {"model": "model", "batch": "batch", "pack": "item"}


class NoSuchElement(UnknownPassport):
    """Nothing at this path, or nothing that this reader may see."""

    code = "no-such-element"


# --- the document ---------------------------------------------------------------------------------------------------


def document(
    view: PassportView, vocabulary: Vocabulary, *, dpp_id: str, active: bool, full: bool = False
) -> JsonObject:
    """The passport of EN 18223 that a view gives.

    :param dpp_id: the identifier of a passport that was given none.
    :param active: whether the passport's own credential still counts; the state of the battery is another matter.
    :param full: the full representation; else the compressed one.
    """
    written = en18223.write(record_of(view, vocabulary), full=full).document
    update = max(credential["validFrom"] for credential in view.credentials)
    written.update(
        digitalProductPassportId=identifier_in(view.claims) or dpp_id, uniqueProductIdentifier=view.subject,
        granularity=_GRANULARITY[view.grain], dppStatus="active" if active else "inactive", lastUpdated=update,
    )  # fmt: skip
    claims = view.claims
    if not isinstance(claims.get("operatorIdentifier"), str):
        # The economic operator falls back to the signer of the passport, who answers for it.
        written["economicOperatorId"] = view.credentials[-1]["issuer"]
    return written


def identifier_in(claims: Mapping[str, Any]) -> str | None:
    """The identifier that the maker gave a passport."""
    given = claims.get("batteryPassportIdentifier")
    return given if isinstance(given, str) and given else None


def record_of(view: PassportView, vocabulary: Vocabulary) -> Record:
    """What a view says, in the form in which records are read: fields by their names, nothing of the signed frame."""
    parts: dict[Carrier, dict[str, Any]] = {carrier: {} for carrier in Carrier}
    times: dict[str, Any] = {}
    for credential in view.credentials:
        subject = credential["credentialSubject"]
        for key, value in subject.items():
            indicator = vocabulary.indicators.get(key)
            if indicator is not None:
                parts[indicator.carrier][key] = _in_fields(indicator, value)
        times.update({key: subject[key] for key in READING_TIMES if key in subject})
    model = {**parts[Carrier.MODEL], **parts[Carrier.MODEL_DETAIL]}
    condition = {**times, **parts[Carrier.CONDITION]} if parts[Carrier.CONDITION] else None
    return Record(category_of(model), model, parts[Carrier.PASSPORT], condition, batch=parts[Carrier.BATCH])


def _in_fields(indicator: Indicator, value: Any) -> Any:
    if isinstance(value, list):
        return [_in_fields(indicator, entry) for entry in value]
    if indicator.fields and isinstance(value, Mapping):
        names = {field.term: field.name for field in indicator.fields}
        return {names[term]: held for term, held in value.items() if term in names}
    return value


# --- element paths --------------------------------------------------------------------------------------------------

_NAME = re.compile(r"\.([A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)")
_INDEX = re.compile(r"\[\s*(0|-?[1-9][0-9]{0,8})\s*\]")
_QUOTED = re.compile(r"\[\s*(?:'((?:[^'\\]|\\['\\])*)'|\"((?:[^\"\\]|\\[\"\\])*)\")\s*\]")


def parse_path(text: str) -> tuple[str | int, ...]:
    """The segments of a singular query.

    :raises MalformedDocument: not one; wildcards, slices, filters and descendants name more than one place.
    """
    segments: list[str | int] = []
    rest = text[1:] if text.startswith("$") and len(text) <= MAX_PATH else None
    while rest:
        if match := _NAME.match(rest):
            segments.append(match[1])
        elif match := _INDEX.match(rest):
            segments.append(int(match[1]))
        elif match := _QUOTED.match(rest):
            quoted = match[1] if match[1] is not None else match[2]
            segments.append(re.sub(r"\\(.)", r"\1", quoted))
        else:
            rest = None
            break
        rest = rest[match.end() :]
    if rest is None:
        raise MalformedDocument(
            Message("elementIdPath"), expected=Message("a path to one element: $['performance']['ratedEnergy']")
        )
    return tuple(segments)


def element(passport: Any, path: Sequence[str | int]) -> Any:
    """The element at a path.

    :raises NoSuchElement: there is none.
    """
    value = passport
    for segment in path:
        named = isinstance(segment, str) and isinstance(value, Mapping) and segment in value
        counted = isinstance(segment, int) and isinstance(value, list) and -len(value) <= segment < len(value)
        if not named and not counted:
            raise NoSuchElement(Message("no such element"))
        value = value[segment]
    return value


def proof_of(view: PassportView, path: Sequence[str | int], vocabulary: Vocabulary) -> PassportView:
    """The view narrowed to the credentials that prove the element at ``path``: restricted ones show only its indicator.

    :raises NoSuchElement: the path names no indicator of the view.
    """
    inside = vocabulary.dimensions.get(path[0]) if path and isinstance(path[0], str) else None
    wanted = {
        key for key in view.claims
        if inside is not None and key in vocabulary.indicators and vocabulary.indicators[key].dimension is inside
        and (len(path) < 2 or path[1] == key)
    }  # fmt: skip
    shown = []
    for credential in view.credentials:
        keys = [key for key in credential["credentialSubject"] if key in wanted]
        if keys and is_selective(credential):
            pointers = [f"/credentialSubject/{key}" for key in keys]
            pointers += digest_pointers(credential, [credential["credentialSubject"][key] for key in keys])
            shown.append(ecdsa_sd_2023.thin(credential, pointers, mandatory_pointers=mandatory_pointers(credential)))
        elif keys:
            shown.append(credential)
    if not shown:
        raise NoSuchElement(Message("no such element"))
    named = {entry["statusListCredential"] for credential in shown for entry in credential.get("credentialStatus", [])}
    lists = tuple(listed for listed in view.status_lists if listed["id"] in named)
    return PassportView(view.subject, view.model, view.audience, tuple(shown), lists, batch=view.batch)


def is_selective(credential: Mapping[str, Any]) -> bool:
    """Whether a credential may be shown in part."""
    proof = credential.get("proof")
    return isinstance(proof, Mapping) and proof.get("cryptosuite") == "ecdsa-sd-2023"


# --- versions -------------------------------------------------------------------------------------------------------


def instant(text: str) -> datetime:
    """An instant of RFC 3339.

    :raises MalformedDocument: it is none.
    """
    try:
        parsed = datetime.fromisoformat(text.upper().replace(" ", "+", 1) if text.count(" ") == 1 else text.upper())
        if parsed.tzinfo is None or "T" not in text.upper():
            raise ValueError
    except ValueError:
        raise MalformedDocument(Message("date"), expected=Message("an instant such as 2027-03-08T09:30:00Z")) from None
    try:
        return parsed.astimezone(UTC)
    except OverflowError:
        # In UTC it lies in the year 0 or 10000: before and after everything.
        return (datetime.min if parsed.year == 1 else datetime.max).replace(tzinfo=UTC)


# --- lists and errors -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListPage:
    """One page of a list, and where the next one begins; ``""`` behind the last."""

    items: tuple[str, ...]
    cursor: str


def page(items: Sequence[str], limit: int, cursor: str) -> ListPage:
    """The items from ``cursor`` on.

    :raises MalformedDocument: a cursor that we did not give.
    """
    start = _position(cursor)
    shown = tuple(items[start : start + limit])
    end = start + len(shown)
    return ListPage(shown, _cursor(end) if end < len(items) else "")


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"p{position}".encode()).decode("ascii").rstrip("=")


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    for position in range(PAGE + 1):
        if _cursor(position) == cursor:
            return position
    raise MalformedDocument(Message("cursor"), expected=Message("a cursor of an earlier answer"))


def envelope(status: int, text: str, *, correlation: str, at: datetime) -> dict[str, Any]:
    """An error as EN 18222 says it."""
    code = RESULTS.get(status, RESULTS[400 if status < 500 else 500])
    return {
        "messages": [
            {
                "messageType": "Error", "text": text, "code": code,
                "correlationId": correlation, "timestamp": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            }
        ]
    }  # fmt: skip


def product_ids(body: Any) -> tuple[str, ...]:
    """The ids in the body of ReadDPPIdsByProductIds.

    :raises MalformedDocument: not an object with 1 to 100 texts under ``productIds`` and nothing else.
    """
    ids = body.get("productIds") if isinstance(body, Mapping) else None
    if (
        not isinstance(ids, list)
        or not 1 <= len(ids) <= PAGE
        or not all(isinstance(text, str) and text for text in ids)
        or set(body) != {"productIds"}
    ):
        raise MalformedDocument(Message("body"), expected=Message('{"productIds": [1 to 100 ids]}'))
    return tuple(dict.fromkeys(ids))
