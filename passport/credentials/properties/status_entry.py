"""A ``BitstringStatusListEntry`` of ``credentialStatus``. (Bitstring Status List 1.0, section 2.1)"""

from __future__ import annotations

import re

from passport.credentials.properties.property_values import check_url, objects, show
from passport.errors import MalformedCredential
from passport.linked_data.json_types import JsonObject
from passport.texts import Message


def check_list_entry(entry: JsonObject) -> None:
    """:raises MalformedCredential: a member of the entry breaks the model; the message names it."""
    if not isinstance(entry.get("statusPurpose"), str) or not entry["statusPurpose"]:
        raise MalformedCredential("credentialStatus.statusPurpose", expected=Message("a string"))
    index = entry.get("statusListIndex")
    if not isinstance(index, str) or not re.fullmatch(r"0|[1-9][0-9]{0,9}", index, re.ASCII):
        raise MalformedCredential(
            "credentialStatus.statusListIndex",
            expected=Message("a number from 0 as a string"),
            found=show(index),
        )
    address = check_url(entry.get("statusListCredential"), "credentialStatus.statusListCredential")
    if entry.get("id") == address:
        raise MalformedCredential(
            "credentialStatus.id", expected=Message("another URL than the list's"), found=show(address)
        )
    _check_messages(entry)


def _check_messages(entry: JsonObject) -> None:
    """Bitstring Status List 1.0, section 2.1: statusSize, statusMessage and statusReference."""
    size = entry.get("statusSize", 1)
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= 8:
        raise MalformedCredential("credentialStatus.statusSize", expected=Message("1 to 8 bits"), found=show(size))
    if "statusMessage" in entry:
        messages = list(objects(entry, "statusMessage"))
        if not isinstance(entry["statusMessage"], list) or len(messages) != 2**size:
            raise MalformedCredential(
                "credentialStatus.statusMessage",
                expected=Message("a list of {count}, one for each value", count=2**size),
                found=str(len(messages)),
            )
        values = set()
        for message in messages:
            status = message.get("status")
            if not isinstance(status, str) or not re.fullmatch(r"0x[0-9a-fA-F]{1,4}", status):
                raise MalformedCredential(
                    "credentialStatus.statusMessage.status",
                    expected=Message("a number such as 0x0"),
                    found=show(status),
                )
            if not isinstance(message.get("message"), str):
                raise MalformedCredential("credentialStatus.statusMessage.message", expected=Message("a text"))
            values.add(int(status, 16))
        if values != set(range(2**size)):
            raise MalformedCredential("credentialStatus.statusMessage", expected=Message("each value once"))
    elif size > 1:
        raise MalformedCredential(
            Message("credentialStatus.statusMessage is missing"), expected=Message("a message for each value")
        )
    if "statusReference" in entry:
        references = entry["statusReference"]
        for reference in references if isinstance(references, list) else [references]:
            check_url(reference, "credentialStatus.statusReference")
