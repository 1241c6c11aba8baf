"""Changes of status lists and of the entries that name them, and what may come when a list is asked for."""

from __future__ import annotations

import copy
from random import Random

from passport.credentials import status_list
from passport.errors import Undetermined
from tests.torture.changes.draft import Draft
from tests.torture.changes.members import signed_by_another
from tests.torture.signed_world import LIST

# --- status lists ---------------------------------------------------------------------------------------------------


def _list_of(draft: Draft, chance: Random) -> dict:
    return draft.member(chance, lists=True)


def list_of_another_time(draft: Draft, chance: Random) -> None:
    """A genuine list of another generation in the place of one, or beside it."""
    current = _list_of(draft, chance)
    found = [each for each in draft.world.of(kind=LIST) if each.id == current.get("id")]
    other = copy.deepcopy(chance.choice(found or draft.world.of(kind=LIST)).document)
    if chance.random() < 0.7:
        draft.members[:] = [each for each in draft.members if each is not current]
    draft.members.insert(chance.randint(0, len(draft.members)), other)


def all_lists_of_another_time(draft: Draft, chance: Random) -> None:
    """Every list of the file replaced by one generation."""
    generations: dict[str, list[dict]] = {}
    for each in draft.world.of(kind=LIST, annexed=False):
        generations.setdefault(each.id, []).append(each.document)
    number = chance.randrange(3)
    draft.members[:] = [
        copy.deepcopy(generations[each["id"]][min(number, len(generations[each["id"]]) - 1)])
        if isinstance(each, dict) and isinstance(each.get("id"), str) and each["id"] in generations
        else each
        for each in draft.members
    ]


def list_of_another(draft: Draft, chance: Random) -> None:
    """Another purpose, another issuer, another address: a genuine list in the wrong place, or renamed."""
    current = _list_of(draft, chance)
    other = draft.original(chance, kind=LIST)
    if chance.random() < 0.5:
        other["id"] = current.get("id")
    draft.members[:] = [*(each for each in draft.members if each is not current), other]


def list_forged(draft: Draft, chance: Random) -> None:
    current = _list_of(draft, chance)
    subject = current.get("credentialSubject")
    if not isinstance(subject, dict):
        return
    change = chance.choice(("bits", "purpose", "both", "until", "unsigned", "entry", "subject", "id"))
    if change in ("bits", "unsigned"):
        bits = status_list.BitString()
        bits.set(chance.randrange(len(bits)), True)
        subject["encodedList"] = bits.encoded()
    if change == "unsigned":
        current.pop("proof", None)
    elif change == "purpose":
        subject["statusPurpose"] = chance.choice(("revocation", "suspension", "refresh", "message"))
    elif change == "both":
        subject["statusPurpose"] = ["revocation", "suspension", "refresh"]
    elif change == "until":
        current["validUntil"] = "2099-01-01T00:00:00Z"
    elif change == "entry":
        current["credentialStatus"] = [status_list.entry("https://passport.example.com/status/1", 5, "revocation")]
    elif change == "subject":
        current["credentialSubject"] = chance.choice(
            ([subject], [subject, subject], {**subject, "type": "BatteryPack"})
        )
    elif change == "id":
        current["id"] = chance.choice(("https://rival.example.org/status/1", "https://passport.example.com/status/99"))
    if chance.random() < 0.3:
        signed_by_another(draft, chance)


def entry_changed(draft: Draft, chance: Random) -> None:
    """The entry in the credential: another place, list or purpose, none at all."""
    member = draft.member(chance, lists=False)
    entries = member.get("credentialStatus")
    if not isinstance(entries, list) or not entries:
        return
    number = chance.randrange(len(entries))
    entry = entries[number]
    change = chance.choice(("remove", "all", "place", "list", "purpose", "type", "double", "one", "size"))
    if change == "remove":
        del entries[number]
    elif change == "all":
        member.pop("credentialStatus")
    elif not isinstance(entry, dict):
        return
    elif change == "place":
        entry["statusListIndex"] = chance.choice(("1", "131071", int(entry.get("statusListIndex", 0)), "007"))
    elif change == "list":
        entry["statusListCredential"] = chance.choice([each.id for each in draft.world.of(kind=LIST)])
    elif change == "purpose":
        entry["statusPurpose"] = chance.choice(("revocation", "suspension", "refresh", "message", "other"))
    elif change == "type":
        entry["type"] = chance.choice(("Unknown2026", ["BitstringStatusListEntry", "Unknown2026"]))
    elif change == "double":
        entries.append(copy.deepcopy(entry))
    elif change == "one":
        member["credentialStatus"] = entry
    else:
        entry["statusSize"] = chance.choice((1, 2, "1", None))


def list_answered(draft: Draft, chance: Random) -> None:
    """What comes when the lists are asked for: newer, older, of another, forged, no list, nothing."""
    lists = draft.world.of(kind=LIST)
    for address in {each.id for each in lists}:
        own = [each.document for each in lists if each.id == address and not each.annexed]
        answer = chance.choice(("newest", "newest", "newest", "any", "annexed", "other", "forged", "error", "none"))
        if answer == "none":
            continue
        document = copy.deepcopy(own[-1])
        if answer == "any":
            document = copy.deepcopy(chance.choice(own))
        elif answer == "annexed":
            document = draft.original(chance, kind=LIST, annexed=True)
        elif answer == "other":
            document = draft.original(chance)
        elif answer == "forged":
            document["credentialSubject"]["encodedList"] = status_list.BitString().encoded()
            document["validUntil"] = "2099-01-01T00:00:00Z"
        draft.fetched[address] = Undetermined("nobody answers") if answer == "error" else document
    if chance.random() < 0.4:
        draft.members[:] = [
            each for each in draft.members if LIST not in str(each.get("type") if isinstance(each, dict) else "")
        ]
