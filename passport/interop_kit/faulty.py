"""Files that do not verify, one fault each, and files of which something cannot be checked."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from passport.credentials.credential import date_time
from passport.credentials.envelopes import enveloping
from passport.credentials.issuer import presentation
from passport.credentials.status_list import REVOCATION, SUSPENSION, BitString
from passport.interop_kit.case import Case
from passport.interop_kit.good import annexed, presented
from passport.interop_kit.world import AT, CHALLENGE, DOMAIN, ISSUED_AT, World
from passport.texts import Message
from passport.vocabulary.credential_types import CONDITION, MODEL, MODEL_DETAIL, PASSPORT
from passport.vocabulary.vocabulary import Audience

JsonObject = dict[str, Any]


def cases(world: World) -> Iterator[Case]:
    """All of them, in the order of the manifest."""
    yield from _changed(world)
    yield from _signed_by_others(world)
    yield from _out_of_time(world)
    yield from _mixed(world)
    yield from _wrong_occasion(world)
    yield from _not_known(world)


def _changed(world: World) -> Iterator[Case]:
    first, maker = world.first, world.maker
    interested = maker.view(world.pack, Audience.LEGITIMATE_INTEREST)
    wrong: JsonObject = {"checks": "pfnnnp", "code": "invalid-signature", "signatures": False}

    def subject(**claims: Any) -> Callable[[JsonObject], None]:
        return lambda document: document["credentialSubject"].update(claims)

    yield Case(
        "tampered-value",
        Message("A value of the pack's credential was changed."),
        world.file(first[MODEL], _changed_to(first[PASSPORT], subject(manufacturingDate="2026-07-18"))),
        **wrong,
    )
    detail = next(document for document in interested if MODEL_DETAIL in document["type"])
    read_out = next(document for document in interested if CONDITION in document["type"])
    yield Case(
        "tampered-derived-view",
        Message("A value of a derived view (ecdsa-sd-2023) was changed."),
        world.file(first[PASSPORT], _changed_to(read_out, subject(numberOfFullCycles=3))),
        **wrong,
    )
    narrow = next(each for each in maker.view(world.pack, Audience.NOTIFIED_BODY) if MODEL_DETAIL in each["type"])
    added = next(key for key in detail["credentialSubject"] if key not in narrow["credentialSubject"])
    yield Case(
        "value-of-another-view",
        Message("A derived view with a value that its issuer signed and that this view does not disclose."),
        world.file(first[PASSPORT], _changed_to(narrow, subject(**{added: detail["credentialSubject"][added]}))),
        **(wrong | {"code": "proof-error"}),
    )
    yield Case(
        "proof-of-another",
        Message("The pack's credential with the proof of the model's."),
        world.file(first[MODEL], {**first[PASSPORT], "proof": first[MODEL]["proof"]}),
        **wrong,
    )
    yield Case(
        "no-proof",
        Message("The pack's credential without a proof."),
        world.file(first[MODEL], world.plain_passport),
        **(wrong | {"code": "unsigned"}),
    )
    yield Case(
        "base-proof",
        Message("The issuer's own copy of a read-out, which may not be shown."),
        world.file(first[PASSPORT], maker.bases[first[CONDITION]["id"]]),
        **(wrong | {"code": "base-proof"}),
    )
    model_claims = first[MODEL]["credentialSubject"]
    respelled: JsonObject = {"checks": "fnnnnp", "code": "respelled"}
    for name, title, document in (
        ("respelled-number", Message("A number as a text. The graph is the same, the signature holds, a program reads "
                                     "another type."),
         _changed_to(first[MODEL], subject(warrantyPeriod=str(model_claims["warrantyPeriod"])))),
        ("respelled-null", Message("A null that says nothing."),
         _changed_to(first[MODEL], subject(carbonFootprintLabel=None))),
        ("respelled-link", Message("A link as an object."),
         _changed_to(first[MODEL], subject(ceMarking={"id": model_claims["ceMarking"]}))),
        ("respelled-type", Message("A type as an IRI."),
         _changed_to(first[MODEL], lambda each: each["type"].__setitem__(
             1, "https://w3id.org/battery-passport/ns#BatteryModelCredential"))),
    ):  # fmt: skip
        yield Case(name, title, world.file(document, first[PASSPORT]), **respelled)
    twice = json.dumps(first[PASSPORT]).replace('{"@context"', '{"id": "urn:x:other", "@context"', 1)
    yield Case(
        "one-key-twice",
        Message("One key twice in an object: two parsers read two documents."),
        twice,
        checks="fnnnnn",
        code="malformed-document",
        signatures=None,
    )


def _signed_by_others(world: World) -> Iterator[Case]:
    first, maker, actors = world.first, world.maker, world.actors
    stranger = actors.stranger
    forged = {**world.plain_model, "issuer": stranger.id}
    forged.pop("credentialStatus")
    signed = stranger.issue(forged, created=ISSUED_AT)
    yield Case(
        "foreign-member",
        Message("A genuine passport and a model that a stranger signed under its own name."),
        world.file(first[PASSPORT], signed),
        checks="ppppfp",
        code="issuer-not-accepted",
    )
    dressed = _changed_to(forged, lambda each: each["type"].append("BitstringStatusListCredential"))
    yield Case(
        "foreign-member-dressed-as-a-list",
        Message("The same with the type of a status list added, to be taken for support that needs no trust."),
        world.file(first[PASSPORT], stranger.issue(dressed, created=ISSUED_AT)),
        checks="ppppfp",
        code="issuer-not-accepted",
    )
    yield Case(
        "foreign-issuer",
        Message("A whole file of an issuer that no trust list names."),
        presentation([signed]),
        checks="ppppfp",
        code="issuer-not-accepted",
    )
    in_its_name = {**stranger.issue(forged, created=ISSUED_AT), "issuer": maker.issuer.id}
    yield Case(
        "foreign-key",
        Message("A model in the maker's name, signed with the stranger's key."),
        world.file(first[PASSPORT], _signed_with(stranger, {**forged, "issuer": maker.issuer.id})),
        checks="pfnnnp",
        code="foreign-key",
    )
    yield Case(
        "issuer-replaced",
        Message("What the stranger signed, with the maker's name in the place of its own."),
        world.file(first[PASSPORT], in_its_name),
        checks="pfnnnp",
        code="invalid-signature",
        signatures=False,
    )
    yield Case(
        "outside-namespaces",
        Message("The rival, which is trusted for its own packs, about a pack of the maker."),
        annexed(world),
        checks="ppppfp",
        code="subject-not-accepted",
    )
    yield Case(
        "not-trusted-for-this",
        Message("The auditor, which is trusted for countersignatures, signs a passport."),
        actors.auditor.issue(
            {
                **annexed_without_proof(world),
                "issuer": actors.auditor.id,
                "id": "urn:uuid:6a0c1f6e-31c4-4b0a-9d8e-2f6a4a4b9d11",
            },
            created=ISSUED_AT,
        ),
        checks="ppppfp",
        code="issuer-not-accepted",
    )


def annexed_without_proof(world: World) -> JsonObject:
    return {key: value for key, value in annexed(world).items() if key != "proof"}


def _out_of_time(world: World) -> Iterator[Case]:
    first, maker = world.first, world.maker
    for purpose, code, title in (
        (REVOCATION, "revoked", Message("A credential whose revocation bit is set.")),
        (SUSPENSION, "suspended", Message("A credential whose suspension bit is set.")),
    ):
        yield Case(
            code,
            title,
            world.file(world.withdrawn(purpose)),
            checks="pppfpp",
            code=code,
        )
    expired = world.passport_of("A7K2M05G6J0000403", validUntil=date_time(AT - timedelta(days=1)))
    yield Case(
        "expired",
        Message("A credential past its validUntil."),
        world.file(expired),
        checks="ppfppp",
        code="expired",
    )
    yield Case(
        "not-yet-valid",
        Message("A credential whose validFrom lies ahead."),
        world.file(world.passport_of("A7K2M05G6J0000404", validFrom=date_time(AT + timedelta(days=30)))),
        checks="ppfppp",
        code="not-yet-valid",
    )
    yield Case(
        "before-its-time",
        Message("The public passport at an instant before it was signed."),
        world.public,
        checks="pfnnnn",
        code="proof-error",
        at=ISSUED_AT - timedelta(days=1),
    )
    yield Case(
        "stale-list",
        Message("Status lists past their time: whether it was revoked could not be checked."),
        world.file(first[PASSPORT], at=AT - timedelta(days=30)),
        checks="pppupp",
        code="unusable-status-list",
    )
    yield Case(
        "no-list",
        Message("The pack's credential alone, without its status lists."),
        first[PASSPORT],
        checks="pppupp",
        code="no-status-list",
    )
    lists = maker.lists_of([first[PASSPORT]])
    yield Case(
        "list-of-another-purpose",
        Message("The list of suspensions under the address of the revocations, changed after it was signed."),
        presentation([first[PASSPORT], {**lists[1], "id": lists[0]["id"]}]),
        checks="pfnunp",
        code="invalid-signature",
        signatures=False,
    )
    bits = BitString()
    bits.set(1, True)
    changed = _changed_to(lists[0], lambda each: each["credentialSubject"].update(encodedList=bits.encoded()))
    yield Case(
        "tampered-list",
        Message("A status list whose bits were changed."),
        presentation([first[PASSPORT], changed, lists[1]]),
        checks="pfnunp",
        code="invalid-signature",
        signatures=False,
    )
    stranger = world.actors.stranger
    plain = {key: value for key, value in lists[0].items() if key != "proof"}
    foreign = stranger.issue({**plain, "issuer": stranger.id}, created=AT - timedelta(days=1))
    yield Case(
        "list-of-a-stranger",
        Message("A status list that a stranger signed under its own name."),
        presentation([first[PASSPORT], foreign, lists[1]]),
        checks="pppufp",
        code="unusable-status-list",
    )


def _mixed(world: World) -> Iterator[Case]:
    first, second, other = world.first, world.second, world.other
    for name, title, documents, code in (
        ("two-packs", Message("The passports of two packs in one file."),
         (first[MODEL], first[PASSPORT], second[PASSPORT]), "other-pack"),
        ("read-out-of-another-pack", Message("A passport with the read-out of another pack of the same model."),
         (first[MODEL], first[PASSPORT], second[CONDITION]), "other-pack"),
        ("model-of-another-pack", Message("A passport with a model other than the named one."),
         (other[MODEL], first[PASSPORT]), "other-model"),
    ):  # fmt: skip
        yield Case(name, title, world.file(*documents), checks="pppppf", code=code)
    yield Case(
        "model-of-another-maker",
        Message("A passport with the model of another trusted maker."),
        presentation(
            [first[PASSPORT], world.foreign[MODEL], *world.maker.lists_of([first[PASSPORT]]),
             *world.rival.lists_of([world.foreign[MODEL]])]
        ),
        checks="pppppf",
        code="other-model",
    )  # fmt: skip
    twin = world.maker.sign({**world.plain_passport, "id": world.maker.new_id("second version")})
    yield Case(
        "two-versions",
        Message("Two passports of one pack, both in force."),
        world.file(first[PASSPORT], twin),
        checks="pppppf",
        code="two-versions",
    )
    yield Case(
        "other-address-asked",
        Message("A genuine passport of a pack that was not asked for."),
        world.public,
        about=second[PASSPORT]["credentialSubject"]["id"],
        checks="pppppf",
        code="other-asked",
    )
    declared, countersigned = world.declaration()
    yield Case(
        "declaration-of-another-model",
        Message("A passport with the carbon footprint declaration of another model."),
        world.file(other[PASSPORT], declared, countersigned),
        checks="pppppf",
        code="support-of-another",
    )


def _wrong_occasion(world: World) -> Iterator[Case]:
    signed = presented(world)
    unsigned = {key: value for key, value in signed.items() if key != "proof"}
    for name, title, document, challenge, domain, code in (
        ("presented-for-another-challenge", Message("A presentation that was signed for another challenge."), signed,
         "another", DOMAIN, "proof-error"),
        ("presented-to-another", Message("A presentation that was signed for another verifier."), signed,
         CHALLENGE, "other.example.net", "proof-error"),
        ("presented-unsigned", Message("A presentation without a signature, where a challenge was given."), unsigned,
         CHALLENGE, DOMAIN, "unsigned"),
    ):  # fmt: skip
        yield Case(name, title, document, challenge=challenge, domain=domain, presentation="f", code=code)


def _not_known(world: World) -> Iterator[Case]:
    first = world.first
    future = _changed_to(first[PASSPORT], lambda each: each["proof"].update(cryptosuite="future-rdfc-2030"))
    unknown: JsonObject = {"checks": "pupppp", "code": "unknown-proof", "signatures": None}
    yield Case(
        "unknown-cryptosuite",
        Message("A cryptosuite that is not known yet."),
        world.file(first[MODEL], future),
        **unknown,
    )
    both = {**first[PASSPORT], "proof": [first[PASSPORT]["proof"], future["proof"]]}
    yield Case(
        "unknown-cryptosuite-beside-a-known-one",
        Message("Two proofs, of which one holds and one is of a cryptosuite that is not known yet."),
        world.file(first[MODEL], both),
        **unknown,
    )
    context = _changed_to(first[PASSPORT], lambda each: each["@context"].append("https://example.net/unknown/v1"))
    yield Case(
        "unknown-context",
        Message("A context that is in no list of pinned contexts; contexts are never fetched."),
        world.file(first[MODEL], context),
        checks="unnnnp",
        code="unknown-context",
        signatures=None,
    )
    token = enveloping.secure({**world.plain_passport, "id": world.maker.new_id("token")}, world.maker.issuer)
    head, payload, signature = token.split(".")
    spoiled = f"{head}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    yield Case(
        "tampered-token",
        Message("A vc+jwt with one character of its signature changed."),
        presentation([enveloping.envelope(enveloping.VC_JWT, spoiled)]),
        checks="pfnnnn",
        code="invalid-signature",
        signatures=False,
    )


def _changed_to(document: JsonObject, change: Callable[[JsonObject], Any]) -> JsonObject:
    copied = copy.deepcopy(document)
    change(copied)
    return copied


def _signed_with(signer: Any, unsigned: JsonObject) -> JsonObject:
    """Signed with a key of another party than its issuer, which an issuer's own software refuses."""
    from passport.proofs.data_integrity import add_proof

    return add_proof(unsigned, signer.signer, cryptosuite="ecdsa-rdfc-2019", created=ISSUED_AT)
