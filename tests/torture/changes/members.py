"""Changes of types and members, of who signed them, of roles and of dates."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

from passport.errors import PassportError
from passport.proofs.data_integrity import add_proof
from tests.torture.changes.draft import CREDENTIALS, NAMESPACE, Draft, claims, place, places
from tests.torture.signed_world import CONDITION, LIST, MODEL, NOW, PASSPORT, ROLE

TYPES = (
    LIST,
    "BitstringStatusList",
    MODEL,
    PASSPORT,
    CONDITION,
    ROLE,
    "VerifiablePresentation",
    "EnvelopedVerifiableCredential",
    "BatteryEventCredential",
    "CarbonFootprintDeclarationCredential",
    "BatteryPack",
    "Unknown",
    "urn:x:type",
    "https://www.w3.org/ns/credentials/status#BitstringStatusListCredential",
)


# --- types ----------------------------------------------------------------------------------------------------------


def _typed(draft: Draft, chance: Random) -> dict:
    holders = [
        item for item, key in places(draft.member(chance), lambda key, _: key == "type") if isinstance(item, dict)
    ]
    return chance.choice(holders or [draft.member(chance)])


def type_added(draft: Draft, chance: Random) -> None:
    holder = draft.member(chance) if chance.random() < 0.6 else _typed(draft, chance)
    value = holder.get("type", [])
    value = list(value) if isinstance(value, list) else [value]
    value.insert(chance.randint(0, len(value)), chance.choice(TYPES))
    holder["type"] = value


def type_removed(draft: Draft, chance: Random) -> None:
    holder = _typed(draft, chance)
    value = holder.get("type")
    if isinstance(value, list) and value:
        del value[chance.randrange(len(value))]
    else:
        holder.pop("type", None)


def type_reordered(draft: Draft, chance: Random) -> None:
    holder = _typed(draft, chance)
    if isinstance(holder.get("type"), list):
        chance.shuffle(holder["type"])


def type_as_iri(draft: Draft, chance: Random) -> None:
    holder, key = place(
        chance, draft.member(chance), lambda key, value: key == "type" or isinstance(value, str) and value[:1].isupper()
    )
    value = holder[key]
    base = chance.choice(
        (NAMESPACE, CREDENTIALS, "cred:", "https://w3id.org/security#", "https://www.w3.org/ns/credentials/status#")
    )
    if isinstance(value, list):
        number = chance.randrange(len(value) or 1)
        holder[key] = [base + str(one) if place_ == number else one for place_, one in enumerate(value)]
    else:
        holder[key] = base + str(value)


def type_replaced(draft: Draft, chance: Random) -> None:
    holder = _typed(draft, chance)
    holder["type"] = chance.choice((*TYPES, ["VerifiableCredential", chance.choice(TYPES)], "VerifiableCredential", []))


def all_types_of_a_list(draft: Draft, chance: Random) -> None:
    """A credential dressed as a list: its types, and its subject."""
    member = draft.member(chance, lists=False)
    member["type"] = ["VerifiableCredential", LIST]
    subject = member.get("credentialSubject")
    if isinstance(subject, dict):
        subject["type"] = chance.choice(("BitstringStatusList", ["BitstringStatusList", str(subject.get("type"))]))


# --- members --------------------------------------------------------------------------------------------------------


def member_of_another(draft: Draft, chance: Random) -> None:
    """A member replaced by, or beside, a genuine one of the same kind: of another pack, model or maker."""
    member = draft.member(chance, lists=False)
    kinds = member.get("type")
    own = kinds[-1] if isinstance(kinds, list) and kinds else None
    found = [each for each in draft.world.originals if each.kind == own and each.id != member.get("id")]
    other = copy.deepcopy(chance.choice(found or list(draft.world.originals)).document)
    members = draft.members
    place_ = next((number for number, each in enumerate(members) if each is member), None)
    if chance.random() < 0.6 and place_ is not None:
        members[place_] = other
    else:
        members.insert(chance.randint(0, len(members)), other)
    with_its_lists(draft, chance, other)


def member_added(draft: Draft, chance: Random) -> None:
    other = draft.original(chance)
    draft.members.insert(chance.randint(0, len(draft.members)), other)
    with_its_lists(draft, chance, other)


def members_of_another_file(draft: Draft, chance: Random) -> None:
    """Some members of one file, the rest of another."""
    named = chance.choice(draft.world.named)
    other = named.document.get("verifiableCredential", []) if isinstance(named.document, dict) else []
    taken = [copy.deepcopy(each) for each in other if chance.random() < 0.5]
    if chance.random() < 0.5:
        draft.members[:] = [each for each in draft.members if chance.random() < 0.6]
    draft.members.extend(taken)


def with_its_lists(draft: Draft, chance: Random, document: dict) -> None:
    """What the member needs to be looked up, so that it is not merely undetermined."""
    if chance.random() < 0.2:
        return
    entries = document.get("credentialStatus", [])
    present = {str(each.get("id")) for each in draft.members if isinstance(each, dict)}
    for address in {entry["statusListCredential"] for entry in entries} - present:
        generations = [each for each in draft.world.of(kind=LIST) if each.id == address and not each.annexed]
        if generations:
            draft.members.append(copy.deepcopy(generations[-1].document))


def member_removed(draft: Draft, chance: Random) -> None:
    if draft.members:
        del draft.members[chance.randrange(len(draft.members))]


def member_doubled(draft: Draft, chance: Random) -> None:
    member = copy.deepcopy(draft.member(chance))
    if chance.random() < 0.4:
        member["id"] = chance.choice((f"{member.get('id')}2", "urn:x:twin", str(member.get("id")).upper()))
    draft.members.insert(chance.randint(0, len(draft.members)), member)


def members_reordered(draft: Draft, chance: Random) -> None:
    chance.shuffle(draft.members)


def member_wrapped(draft: Draft, chance: Random) -> None:
    """A member in a form that two readers see differently."""
    members = draft.members
    number = chance.randrange(len(members) or 1)
    one = members[number] if members else {}
    forms = [
        [one],
        {"@graph": one},
        {"@graph": [one]},
        {"@set": [one]},
        {"@list": [one]},
        json.dumps(one),
        None,
        {},
        one.get("id") if isinstance(one, dict) else None,
        {"id": one.get("id") if isinstance(one, dict) else "x"},
        {
            "@context": "https://www.w3.org/ns/credentials/v2",
            "type": ["VerifiablePresentation"],
            "verifiableCredential": [one],
        },
        {"@type": "@json", "@value": one},
    ]
    members[number : number + 1] = [chance.choice(forms)]


def id_changed(draft: Draft, chance: Random) -> None:
    holder, key = place(chance, draft.document, lambda key, _: key == "id")
    names = [each.id for each in draft.world.originals]
    holder[key] = chance.choice((*chance.sample(names, 3), "urn:x:y", None, f"{holder[key]}#x", f"{holder[key]}/"))


# --- signed by others -----------------------------------------------------------------------------------------------


def signed_by_another(draft: Draft, chance: Random) -> None:
    """A member changed and signed anew: under the stranger's own name, or under the issuer's with a stranger's key."""
    member = draft.member(chance)
    name = chance.choice(("stranger", "rival", "auditor", "holder"))
    issuer = draft.world.keys[name]
    if (
        "proof" not in member
        or not isinstance(member.get("credentialSubject"), dict)
        or member.get("issuer") == issuer.id
    ):
        return
    plain = {key: copy.deepcopy(value) for key, value in member.items() if key != "proof"}
    # Rival and auditor are trusted for something: what they signed under their own name is a document of the world.
    if name in ("stranger", "holder") and chance.random() < 0.6:
        plain["issuer"] = issuer.id
    if chance.random() < 0.5:
        change_of_a_value(draft, chance, plain)
    try:
        signed = add_proof(plain, issuer.signer, cryptosuite="ecdsa-rdfc-2019", created=NOW)
    except PassportError:
        return
    if chance.random() < 0.3:
        signed["proof"]["verificationMethod"] = (
            member["proof"].get("verificationMethod") if isinstance(member["proof"], dict) else None
        )
    member.clear()
    member.update(signed)


def change_of_a_value(draft: Draft, chance: Random, root: Any = None) -> None:
    holder, key = place(
        chance, claims(draft, chance) if root is None else root, lambda _, value: not isinstance(value, dict | list)
    )
    value = holder[key]
    if isinstance(value, bool):
        holder[key] = not value
    elif isinstance(value, int):
        holder[key] = value + chance.choice((1, -1, 1000))
    elif isinstance(value, str) and value:
        at = chance.randrange(len(value))
        holder[key] = value[:at] + chance.choice("01aZ-_/") + value[at + 1 :]
    else:
        holder[key] = "x"


def unsigned_member(draft: Draft, chance: Random) -> None:
    member = draft.member(chance)
    member.pop("proof", None)
    if chance.random() < 0.5:
        change_of_a_value(draft, chance, member)


def base_proof_shown(draft: Draft, chance: Random) -> None:
    draft.members.append(copy.deepcopy(chance.choice(draft.world.bases)))


# --- roles and holders ----------------------------------------------------------------------------------------------


def another_role(draft: Draft, chance: Random) -> None:
    role = draft.original(chance, kind=ROLE)
    members = [each for each in draft.members if not (isinstance(each, dict) and ROLE in str(each.get("type")))]
    draft.members[:] = [*members, role]
    with_its_lists(draft, chance, role)


def role_widened(draft: Draft, chance: Random) -> None:
    role = next((each for each in draft.members if isinstance(each, dict) and ROLE in str(each.get("type"))), None)
    subject = (role or {}).get("credentialSubject")
    if not isinstance(subject, dict):
        another_role(draft, chance)
        return
    change = chance.choice(("audience", "packs", "id", "purpose", "validUntil"))
    if change == "validUntil":
        role[change] = chance.choice(("2099-01-01T00:00:00Z", None))
    elif change == "packs":
        subject.pop("packs", None)
    elif change == "audience":
        subject[change] = chance.choice((["commission"], ["legitimate-interest", "commission"], "legitimate-interest"))
    else:
        subject[change] = chance.choice((draft.world.keys["stranger"].id, "repair"))


# --- dates ----------------------------------------------------------------------------------------------------------

INSTANTS = (
    "2027-03-08T09:30:00Z",
    "2027-03-08T09:30:00+00:00",
    "2027-03-08T09:30:00.000Z",
    "2027-03-08T10:30:00+01:00",
    "2099-01-01T00:00:00Z",
    "2000-01-01T00:00:00Z",
    "2027-02-16T09:30:00Z",
    "2027-02-16T24:00:00Z",
    "2027-02-16",
    None,
    0,
)


def date_changed(draft: Draft, chance: Random) -> None:
    member = draft.member(chance)
    holder = member if chance.random() < 0.7 else member.get("proof")
    if not isinstance(holder, dict):
        return
    key = chance.choice(("validFrom", "validUntil") if holder is member else ("created", "expires"))
    if chance.random() < 0.25:
        holder.pop(key, None)
    else:
        holder[key] = chance.choice(INSTANTS)


def date_respelled(draft: Draft, chance: Random) -> None:
    """The same instant in another form."""
    holder, key = place(chance, draft.document, lambda _, value: isinstance(value, str) and value.endswith("00Z"))
    text = holder[key]
    holder[key] = chance.choice(
        (f"{text[:-1]}+00:00", f"{text[:-1]}.0Z", f"{text[:-1]}-00:00", text.lower(), f" {text}")
    )
