"""VINs that people type: hashed in memory, never kept, logged, shown or put into an address."""

from __future__ import annotations

from flask import request

from passport.lifecycle.vehicles import vehicle_hash
from resolver.views import services


def typed_hashes() -> tuple[str, ...] | None:
    """The hashes of the VIN in the posted form, one for each key of this site; None where none was typed.

    Only the body of the request is read: an address would end in logs and histories.

    :raises MalformedIdentifier: it is no VIN. The error does not repeat it.
    """
    text = request.form.get("vin", "")
    return hashes_of(text, check_digit=not request.form.get("foreign")) if text.strip() else None


def hashes_of(text: str, *, check_digit: bool) -> tuple[str, ...]:
    """The hashes of a VIN, one for each key of this site.

    :raises MalformedIdentifier: it is no VIN.
    """
    return tuple(
        vehicle_hash(text[:100], key.value, key_id=key.id, check_digit=check_digit).value
        for key in services().config.vehicle_keys
    )
