"""Error declarations of other systems as corrections: the declared event stays, and a correction of it is added.

* ``did_not_occur`` withdraws the event.
* ``incorrect_data`` with one corrective event of the same kind and pack corrects it; the corrective event is no event
  of its own then. What it does not say stays, as in every correction.
* Anything else says that the event is wrong and not what is right, or says more than one correction can. It is refused.

The id of the correction is made from event and declaration, so that the same input gives the same correction. A second
declaration, of the corrective event, corrects the same event once more.

Source: EPCIS 2.0 section 7.4.1.2 (error declaration).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from passport.exchange.epcis.epcis_forms import bare
from passport.lifecycle.event import CORRECTED_INSTANT, CORRECTION, REASON, WITHDRAWN
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

NOT_OCCURRED, INCORRECT = "did_not_occur", "incorrect_data"
_CARRIED = ("place", "counterpart", "vehicle", "parts")


def corrective_ids(declaration: Any) -> tuple[str, ...]:
    """The events that a declaration names as the right ones."""
    ids = declaration.get("correctiveEventIDs") if isinstance(declaration, Mapping) else None
    return tuple(each for each in (ids if isinstance(ids, list) else [ids]) if isinstance(each, str))


def correction_of(
    event: JsonObject, root: JsonObject, declaration: Any, corrective: Sequence[JsonObject | None]
) -> JsonObject | Message:
    """The document of the correction; else why the declaration cannot be taken.

    :param event: the declared event; :param root: the event that it corrects itself, or the same.
    :param corrective: the events of :func:`corrective_ids`, None for one that the input does not hold.
    """
    if not isinstance(declaration, Mapping):
        return Message("the error declaration is no JSON object")
    reason, at = declaration.get("reason"), declaration.get("declarationTime")
    told = bare(reason) if isinstance(reason, str) else None
    correction: JsonObject = {
        "id": uuid5(NAMESPACE_URL, f"{event.get('id')} {at} {told}").urn, "event": CORRECTION, "pack": root.get("pack"),
        "occurredAt": at, "corrects": root.get("id"),
    }  # fmt: skip
    if "actor" in root:
        correction["actor"] = root["actor"]
    if told == NOT_OCCURRED:
        if corrective:
            return Message("the event is said not to have occurred, and others to be right in its place")
        return {**correction, "fields": {REASON: told, WITHDRAWN: True}}
    if told != INCORRECT:
        return Message("why the event is in error is not said in words of CBV")
    if not corrective:
        return Message("the event is declared erroneous, and nothing says what is right")
    if len(corrective) > 1:
        return Message("one event is corrected by several")
    (right,) = corrective
    if right is None:
        return Message("the corrective event is not in the file")
    if (right.get("event"), right.get("pack"), right.get("actor")) != (
        root.get("event"), root.get("pack"), root.get("actor"),
    ):  # fmt: skip
        return Message(
            "the corrective event is of another kind, pack or actor: withdraw the event, and report the other"
        )
    fields = {**right.get("fields", {}), REASON: told}
    if right.get("occurredAt") != root.get("occurredAt"):
        fields[CORRECTED_INSTANT] = right.get("occurredAt")
    return {**correction, **{name: right[name] for name in _CARRIED if name in right}, "fields": fields}
