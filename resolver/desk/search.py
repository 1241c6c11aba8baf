"""Search over codes, serials, actors, alerts and VINs. What is typed comes by POST and is in no log."""

from __future__ import annotations

from contextlib import suppress

from flask import request

from passport.errors import MalformedIdentifier
from passport.oversight.overview import matches
from passport.oversight.scrap_query import packs_of_vehicle
from passport.texts import error_text, say
from resolver.desk.alert import vehicle_name
from resolver.desk.alerts import entry_row, page_names
from resolver.desk.frame import ROOT, DeskPage, Visitor, desk, route
from resolver.desk.vehicles import hashes_of, typed_hashes
from resolver.views import services

_MOST = 200
#: Packs of one serial number that are shown: it is unique per model only.
_SHOWN = 20
_VIN = 17


@route("/search")
def desk_search(visitor: Visitor) -> DeskPage:
    """What a code, serial number, DID, alert id or VIN leads to."""
    text = "".join(request.form.get("q", "").split())[:_MOST].strip("…")
    fault, hashes = None, None
    try:
        hashes = typed_hashes() if visitor.sees_all else None
    except MalformedIdentifier as error:
        fault = say(error_text(error), visitor.language)
    if hashes is None and visitor.sees_all and len(text) == _VIN:
        # People type a VIN where they search for anything else.
        with suppress(MalformedIdentifier):
            hashes = hashes_of(text, check_digit=False) or None
    store, names = services().store, page_names(visitor)
    numbers = packs_of_vehicle(store, hashes) if hashes else ()
    wanted = text if text.startswith(("did:", "http")) else text.upper() if text.isascii() else text
    found = matches(store, wanted, numbers)
    # Serial numbers and codes of passports that no event names, by the pack that its events are of.
    issued = [row for pack in store.packs_named(wanted)[:_SHOWN] for row in matches(store, pack.subject).packs]
    packs = dict.fromkeys([*found.packs, *issued])
    actors = matches(store, text).actors if text and visitor.sees_all else ()
    entries = [entry for entry in desk().alerts.entries() if len(text) >= 4 and entry.id.startswith(text.lower())]
    alerts = [entry_row(entry, visitor) for entry in entries if visitor.may_see(entry)]
    return DeskPage(
        "search",
        f"{ROOT}/search",
        {
            "asked": bool(text or hashes),
            "packs": [(number, names.pack(iri, code), code or iri) for number, iri, code in packs],
            "actors": actors,
            "alerts": alerts[:20],
            "vehicle": vehicle_name(hashes[0]) if hashes else None,
            "no_key": hashes == (),
            "fault": fault,
        },
        elements=(f"packs={len(packs)}", f"actors={len(actors)}", f"alerts={len(alerts)}",
                  *(["vehicle"] if hashes else [])),
        status=400 if fault else 200,
    )  # fmt: skip
