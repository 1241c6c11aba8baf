"""What is asked for, the text of tokens, and changes without any thought."""

from __future__ import annotations

import base64
import copy
import json
from random import Random

from tests.torture.changes.draft import Draft, place

# --- what was asked for, tokens --------------------------------------------------------------------------------------


def asked_for_another(draft: Draft, chance: Random) -> None:
    addresses = sorted({each.pack or each.model or each.id for each in draft.world.originals})
    draft.about = chance.choice((*addresses, *draft.named.about))


def token_changed(draft: Draft, chance: Random) -> None:
    """The text of a token, its kind, its header, or what stands beside the envelope."""
    holder, key = place(chance, draft.document, lambda key, value: key == "id" and str(value).startswith("data:"))
    if not str(holder[key]).startswith("data:"):
        return
    kind, _, token = holder[key].partition(",")
    change = chance.choice(("character", "kind", "header", "beside", "disclosure", "payload", "another", "blank"))
    if change == "character":
        at = chance.randrange(len(token))
        token = token[:at] + chance.choice("Aa0-_.~=") + token[at + 1 :]
    elif change == "kind":
        kind = chance.choice(
            (
                "data:application/vc+jwt",
                "data:application/vp+jwt",
                "data:application/vc+sd-jwt",
                "data:application/jwt",
                "data:",
            )
        )
    elif change in ("header", "payload"):
        parts = token.split("~")[0].split(".")
        number = 0 if change == "header" else 1
        try:
            content = json.loads(base64.urlsafe_b64decode(parts[number] + "=="))
        except ValueError:
            return
        more = {
            "alg": "none",
            "kid": draft.world.keys["stranger"].signer.verification_method,
            "jwk": {},
            "crit": ["b64"],
        }
        claims = {"stateOfCharge": "99", "iss": "did:x:y", "exp": 1, "vc": {}, "proof": {}, "id": "urn:x:y"}
        name, value = chance.choice(list((more if change == "header" else claims).items()))
        content[name] = value
        parts[number] = base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
        token = "~".join([".".join(parts), *token.split("~")[1:]])
    elif change == "beside":
        holder[chance.choice(("issuer", "credentialSubject", "proof", "name", "validFrom"))] = {"id": "urn:x:y"}
    elif change == "disclosure":
        first, *disclosures = token.split("~")
        chance.shuffle(disclosures)
        token = "~".join([first, *disclosures[: chance.randint(0, len(disclosures))], ""])
    elif change == "another":
        holder[key] = chance.choice(draft.world.tokens)["id"]
        return
    else:
        token = chance.choice((token + " ", "\n" + token, token + "=", token.replace(".", "..", 1)))
    holder[key] = f"{kind},{token}"


# --- anything -------------------------------------------------------------------------------------------------------

STRANGE = ("\x00", "\x08", "\x7f", "\x85", "\u2028", "\ufeff", "\u200b", "\u0301", "\\", '"', "\n", "\ud800", "<", " ")


def character_changed(draft: Draft, chance: Random) -> None:
    holder, key = place(chance, draft.document, lambda _, value: isinstance(value, str) and value)
    text = str(holder[key])
    at = chance.randrange(len(text) or 1)
    holder[key] = text[:at] + chance.choice((*"aAzZ019-_.:/#", "", text[at : at + 1] * 2, *STRANGE)) + text[at + 1 :]


def value_replaced(draft: Draft, chance: Random) -> None:
    holder, key = place(chance, draft.document)
    holder[key] = chance.choice(
        (0, 1, -1, 1.5, 2**53, True, False, None, "", "x", [], {}, "urn:x:y", "https://passport.example.com")
    )


def values_exchanged(draft: Draft, chance: Random) -> None:
    (one, key), (other, name) = place(chance, draft.document), place(chance, draft.document)
    one[key], other[name] = copy.deepcopy(other[name]), copy.deepcopy(one[key])


def something_removed(draft: Draft, chance: Random) -> None:
    holder, key = place(chance, draft.document)
    del holder[key]


def key_renamed(draft: Draft, chance: Random) -> None:
    holder, key = place(chance, draft.member(chance))
    if isinstance(holder, dict):
        names = (
            "stateOfCharge",
            "remainingCapacity",
            "ratedEnergy",
            "name",
            "validUntil",
            "issuer",
            "credentialStatus",
            "batteryModel",
            "evidence",
        )
        holder[chance.choice(names)] = holder.pop(key)


def something_added(draft: Draft, chance: Random) -> None:
    holder, key = place(chance, draft.document, lambda _, value: isinstance(value, dict))
    names = (
        "stateOfCharge",
        "remainingCapacity",
        "ratedEnergy",
        "name",
        "@id",
        "@type",
        "@graph",
        "@included",
        "@reverse",
        "@nest",
        "validUntil",
        "evidence",
        "proof",
        "https://evil.example.com/#p",
        "_:p",
        "batteryModel",
        "packs",
        "@index",
        "@language",
    )
    values = ("x", 1, "urn:x:y", {}, [], {"id": "urn:x:z"}, None, "1.0", {"name": "x"}, True)
    if isinstance(holder[key], dict):
        holder[key][chance.choice(names)] = copy.deepcopy(chance.choice(values))
