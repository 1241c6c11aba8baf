"""Files that verify, of every form in which a passport is handed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from passport.credentials.envelopes import enveloping
from passport.credentials.issuer import presentation
from passport.interop_kit.actors import seeded_bytes
from passport.interop_kit.case import ANY_SUBJECT, Case
from passport.interop_kit.world import AT, CHALLENGE, DOMAIN, World
from passport.proofs import jose, sd_jwt
from passport.texts import Message
from passport.vocabulary.credential_types import CONDITION, MODEL, PASSPORT
from passport.vocabulary.vocabulary import Audience, load

_VIEW = Message("A saved passport as this audience may read it: {audience}.")
_VIEWS = {
    Audience.PUBLIC: _VIEW,
    Audience.LEGITIMATE_INTEREST: Message(
        "A saved passport as this audience may read it: {audience}. It holds derived views too."
    ),
    Audience.NOTIFIED_BODY: _VIEW,
    Audience.MARKET_SURVEILLANCE: _VIEW,
    Audience.COMMISSION: _VIEW,
    Audience.CN_REGULATOR: Message(
        "A saved passport as this audience may read it: {audience}. It holds the event of production."
    ),
}


def cases(world: World) -> Iterator[Case]:
    """All of them, in the order of the manifest."""
    yield from _passports(world)
    yield from _presented(world)
    yield from _tokens(world)


def _passports(world: World) -> Iterator[Case]:
    maker, rival = world.maker, world.rival
    names = {code.code: code.label for code in load().enumerations["audience"].codes}
    for audience, title in _VIEWS.items():
        shown = world.file(*maker.view(world.pack, audience))
        title = title.fill(audience=names[audience.value])
        yield Case(f"passport-{audience.value}", title, shown, about=world.pack)
    yield Case(
        "model-alone",
        Message("The model of a battery without a pack."),
        world.file(*maker.view(world.model, Audience.PUBLIC)),
        about=world.model,
    )
    yield Case(
        "one-credential",
        Message(
            "The pack's credential and its status lists. The model that it names is not in the file; that is no fault."
        ),
        world.file(world.first[PASSPORT]),
    )
    yield Case(
        "passport-did-web",
        Message("A passport of an issuer with did:web, whose DID document is in the trust list and in the file."),
        presentation(
            [
                *(view := rival.view(_subject(world.foreign[PASSPORT]), Audience.LEGITIMATE_INTEREST)),
                *rival.lists_of(view),
            ],
            did_documents=list(world.actors.documents.values()),
        ),
    )
    yield Case(
        "superseded-read-out",
        Message("A read-out that a newer one follows: its refresh bit is set. It verifies, and the answer says so."),
        world.file(world.older_read_out),
        superseded=[world.older_read_out["id"]],
    )
    yield Case(
        "two-read-outs",
        Message("Two read-outs of one pack, of which one has a newer one: the other."),
        world.file(world.first[PASSPORT], world.older_read_out, world.first[CONDITION]),
        superseded=[world.older_read_out["id"]],
    )
    yield Case(
        "declaration",
        Message("A carbon footprint declaration and the countersignature of an auditor."),
        presentation(world.declaration()),
    )
    yield Case(
        "keys-in-another-order",
        Message("The public passport with the keys of each object in another order, and white space."),
        _reordered(world.public),
    )
    yield Case(
        "code-asked-for",
        Message("The public passport, asked for by the traction battery code on the plate."),
        world.public,
        about=str(world.first[PASSPORT]["credentialSubject"]["packTractionBatteryCode"]),
    )
    yield Case(
        "outside-namespaces-any-subject",
        Message(
            "The rival's statement about the maker's pack, by a trust list that trusts it for any battery. "
            "No signature can tell that it is not the rival's: name the namespaces."
        ),
        annexed(world),
        trust=ANY_SUBJECT,
    )


def _presented(world: World) -> Iterator[Case]:
    yield Case(
        "presented",
        Message(
            "A presentation that its holder signed for a challenge and a domain: a role, and the pack that it is for."
        ),
        presented(world),
        challenge=CHALLENGE,
        domain=DOMAIN,
        presentation="p",
    )


def presented(world: World) -> dict[str, Any]:
    """Role and pack, signed by the holder."""
    shown = [world.role(), world.first[PASSPORT]]
    return world.actors.holder.present(
        [*shown, *world.maker.lists_of(shown)], challenge=CHALLENGE, domain=DOMAIN, created=AT
    )


def annexed(world: World) -> dict[str, Any]:
    """The rival's credential about the maker's pack."""
    subject = {**world.plain_passport["credentialSubject"], "serialNumber": "A7K2M05G6J0000999"}
    subject = {key: value for key, value in subject.items() if key not in ("operatorInformation", "dataCarrier")}
    unsigned = world.rival.unsigned("annexed", PASSPORT, subject)
    return world.rival.sign(unsigned)


# --- tokens ---------------------------------------------------------------------------------------------------------


def _tokens(world: World) -> Iterator[Case]:
    maker, holder = world.maker.issuer, world.actors.holder
    plain = {**world.plain_passport, "id": world.maker.new_id("token")}
    lists = world.maker.lists_of([plain])
    yield Case(
        "vc-jwt",
        Message("The pack's credential as vc+jwt, enveloped, beside its status lists."),
        presentation([enveloping.envelope(enveloping.VC_JWT, enveloping.secure(plain, maker)), *lists]),
    )
    token = selective_token(world, plain)
    yield Case(
        "vc-sd-jwt",
        Message("The pack's credential as vc+sd-jwt, of which three properties are disclosed and two are not."),
        presentation([enveloping.envelope(enveloping.VC_SD_JWT, token), *lists]),
    )
    yield Case(
        "vc-cose",
        Message("The pack's credential as vc+cose, enveloped, beside its status lists."),
        presentation([enveloping.envelope(enveloping.VC_COSE, enveloping.secure_as_cose(plain, maker)), *lists]),
    )
    shown = [world.first[MODEL], enveloping.envelope(enveloping.VC_JWT, enveloping.secure(plain, maker))]
    occasion: dict[str, Any] = {"challenge": CHALLENGE, "domain": DOMAIN}
    yield Case(
        "vp-jwt",
        Message("A presentation as vp+jwt, a token by itself: the model, and the pack's credential as vc+jwt."),
        enveloping.secure_presentation([*shown, *lists], holder, **occasion, at=AT),
        presentation="p",
        ending="jwt",
        **occasion,
    )
    yield Case(
        "vp-cose",
        Message("The same presentation as vp+cose, a COSE message by itself."),
        enveloping.secure_presentation_as_cose([*shown, *lists], holder, **occasion, at=AT),
        presentation="p",
        ending="cose",
        **occasion,
    )
    yield Case(
        "vp-sd-jwt",
        Message("The same presentation as vp+sd-jwt with a key binding, a token by itself."),
        enveloping.secure_presentation_selectively([*shown, *lists], holder, **occasion, at=AT),
        presentation="p",
        ending="sd-jwt",
        **occasion,
    )


def selective_token(world: World, plain: dict[str, Any]) -> str:
    """``plain`` as a vc+sd-jwt with some of its disclosures. Salts follow from the seed."""
    numbers = iter(range(1000))
    names = ("batchNumber", "manufacturingDate", "operatorIdentifier", "operatorInformation", "dataCarrier")
    hidden = [f"/credentialSubject/{name}" for name in names if name in plain["credentialSubject"]]
    payload, disclosures = sd_jwt.conceal(
        plain, hidden, salt=lambda: jose.encode(seeded_bytes(f"salt {plain['id']} {next(numbers)}")[:16])
    )
    token = jose.sign(payload, world.maker.issuer.signer, typ="vc+sd-jwt", cty="vc")
    return enveloping.disclose(str(sd_jwt.Presented(token, disclosures)), hidden[:3])


def _subject(document: dict[str, Any]) -> str:
    return str(document["credentialSubject"]["id"])


def _reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reordered(value[key]) for key in sorted(value, reverse=True)}
    return [_reordered(each) for each in value] if isinstance(value, list) else value
