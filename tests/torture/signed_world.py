"""A small world of signed documents for the mutation of whole files: two makers, their packs, supports, and strangers.

Everything that anybody signed is an :class:`Original`, tagged with what it *is*: whose, of which pack and model, of
when, withdrawn since when. The tags come from the story told here and never from the code under test.

* The maker issues four packs of one model and one of another; one is revoked, one suspended, one gets a newer read-out.
* The rival is on the trust list too, for its own packs. It also signs documents about the maker's pack.
* The stranger is on nobody's list and signs whatever it likes.
* The status lists exist in three generations: expired, in force, newest.

The packs are the examples with a dozen indicators left, one of each JSON type, so that a verification takes
milliseconds.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

from passport.battery.identifiers.record_address import addressed
from passport.battery.record import Record
from passport.belonging import passport_verifier
from passport.credentials import status_list
from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.credentials.envelopes import enveloping
from passport.credentials.issuer import Issuer, presentation
from passport.credentials.trust import TrustList
from passport.credentials.verifier import Verifier
from passport.exchange.records import record_files
from passport.identity import Algorithm, KeySigner, PrivateKey, did_web, multibase_encode
from passport.presenting.presenter import Presenter
from passport.publishing.sign import base_credential
from passport.store import Store
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import (
    BATCH,
    CONDITION,
    DECLARATION_TYPE,
    EVENT,
    MODEL,
    MODEL_DETAIL,
    PASSPORT,
    VERIFICATION_TYPE,
)
from passport.vocabulary.derivation.derived_context import CONTEXT
from passport.vocabulary.vocabulary import Audience
from tests.conftest import CHECKOUT
from tests.older_countersignature import older_countersignature
from tests.unjudged_publisher import UnjudgedPublisher

NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=20)  # everything is issued, and the first lists, which have expired since
BEFORE = NOW - timedelta(days=4)  # the lists are signed anew
LATELY = NOW - timedelta(days=1)  # a newer read-out, a revocation, a suspension, and the newest lists
LATER = NOW + timedelta(days=3)

MAKER_BASE, RIVAL_BASE = "https://passport.example.com", "https://rival.example.org"
CHALLENGE, DOMAIN = "c0ffee", "passport.example.com"
ROLE = "BatteryRoleCredential"
LIST = status_list.LIST_CREDENTIAL
ONCE = frozenset({MODEL, MODEL_DETAIL, BATCH, PASSPORT})

_MODEL_KEYS = (
    "batteryModelIdentifier",
    "gtin",
    "registeredTrademark",
    "manufacturerContact",
    "warrantyPeriod",
    "batteryCategory",
    "nominalVoltage",
    "batteryDimensions",
    "safetyMeasures",
    "ceMarking",
    "extinguishingAgent",
    "batteryChemistry",
    "ratedEnergy",
)
_DETAIL_KEYS = ("dismantlingInformation", "detailedComposition", "testReportResults")
_CONDITION_KEYS = (
    "recordedAt",
    "statusChangedAt",
    "batteryStatus",
    "stateOfCharge",
    "numberOfFullCycles",
    "deepDischargeEvents",
    "temperatureInformation",
    "remainingCapacity",
)


@dataclass(frozen=True)
class Original:
    """One document as somebody signed it.

    :param kind: its own type.
    :param signer: ``maker``, ``rival``, ``auditor``, ``stranger`` or ``holder``.
    :param pack: address of the pack that it is about; :param model: of the model that it is about or of its pack.
    :param annexed: it is about somebody else's subject: only namespaces tell.
    :param withdrawn: since when its issuer's lists say so.
    :param superseded: a newer read-out exists.
    :param selective: parts may have been left out by whoever passed it on.
    """

    document: dict
    kind: str
    signer: str
    pack: str | None = None
    model: str | None = None
    annexed: bool = False
    withdrawn: datetime | None = None
    superseded: bool = False
    selective: bool = False
    expired: bool = False

    @property
    def id(self) -> str:
        return self.document["id"]


@dataclass(frozen=True)
class Named:
    """A good file, and how it is verified.

    :param about: the addresses that may be asked for.
    """

    name: str
    document: Any
    about: tuple[str, ...] = ()
    challenge: str | None = None
    domain: str | None = None
    superseded: bool = False

    @property
    def text(self) -> str:
        return self.document if isinstance(self.document, str) else json.dumps(self.document)


@dataclass(frozen=True)
class SignedWorld:
    """:param verifiers: by whether the trust list has namespaces."""

    originals: tuple[Original, ...]
    named: tuple[Named, ...]
    verifiers: dict[bool, Verifier]
    bases: tuple[dict, ...]  # the issuers' own copies, which nobody may show
    keys: dict[str, Issuer]
    tokens: tuple[dict, ...]  # genuine envelopes
    trust_lists: dict[bool, TrustList]

    def verifier(self, bound: bool, fetched: dict[str, Any]) -> Verifier:
        """One that got these answers when it asked for lists."""
        return passport_verifier(self.trust_lists[bound], status_lists=fetched)

    def file(self, name: str) -> Named:
        return next(each for each in self.named if each.name == name)

    def of(self, **tags: Any) -> list[Original]:
        return [each for each in self.originals if all(getattr(each, key) == value for key, value in tags.items())]


# --- packs ----------------------------------------------------------------------------------------------------------


@cache
def _example(name: str) -> Record:
    return record_files.read(CHECKOUT / "examples" / name)[0][0]


def _kept(values: dict, keys: Iterable[str]) -> dict:
    kept = {key: copy.deepcopy(values[key]) for key in keys if key in values}
    if "detailedComposition" in kept:  # one substance of each component
        kept["detailedComposition"] = list({one["componentName"]: one for one in kept["detailedComposition"]}.values())
    return kept


def _record(name: str, serial: str, code: str | None = None, **condition: Any) -> Record:
    """A short record of one pack: the example ``name`` with another serial number."""
    whole = _example(name)
    pack = copy.deepcopy({key: whole.pack[key] for key in ("dataCarrier", "manufacturingDate", "batchNumber")})
    pack |= {"serialNumber": serial} | ({} if code is None else {"packTractionBatteryCode": code})
    said = {**_kept(whole.condition, _CONDITION_KEYS), **condition}
    model = _kept(whole.model, (*_MODEL_KEYS, *_DETAIL_KEYS))
    return replace(whole, model=model, pack=pack, condition=said, events={})


class _Publisher(UnjudgedPublisher):
    """Signs without judging: what is missing here was left out on purpose, and shapes cost more than signatures."""

    def prepared(self, record: Record) -> Record:
        return addressed(record, self.path.base_url)


class _Maker:
    """An issuer with a store of its own, and the generations of its lists."""

    def __init__(self, name: str, issuer: Issuer, base: str, records: list[Record]) -> None:
        self.name, self.issuer, self.base = name, issuer, base
        self.store = Store.open("sqlite://")
        self.publisher = _Publisher(self.store, issuer, base, vocabulary.load(), ())
        self.publisher.issue(records, at=LONG_AGO)
        self.packs = [pack.subject for pack in self.store.packs()]
        self.generations = [self.lists()]
        self.sign()

    def sign(self, at: datetime = BEFORE) -> None:
        self.publisher.sign_status_lists(at=at)
        self.generations.append(self.lists())

    def lists(self) -> list[dict]:
        return [self.store.status_list(number) for number in self.store.list_numbers()]

    def view(self, subject: str, audience: Audience) -> list[dict]:
        return list(Presenter(self.store, vocabulary.load()).present(subject, audience).credentials)

    def lists_of(self, documents: Iterable[dict], generation: int = -1) -> list[dict]:
        named = {
            entry["statusListCredential"] for document in documents for entry in document.get("credentialStatus", ())
        }
        return [document for document in self.generations[generation] if document["id"] in named]

    def file(self, documents: list[dict], generation: int = -1) -> dict:
        return presentation([*documents, *self.lists_of(documents, generation)])


def _web_issuer(base: str) -> tuple[Issuer, dict]:
    did, key = did_web.did_for(base), PrivateKey.generate(Algorithm.P256)
    return Issuer(did, KeySigner(key, f"{did}#key-1")), did_web.document(did, {"key-1": key.public_key})


def _key_issuer(algorithm: Algorithm = Algorithm.P256) -> Issuer:
    key = PrivateKey.generate(algorithm)
    return Issuer(key.public_key.did_key, KeySigner(key))


@contextmanager
def _seeded(seed: str) -> Iterator[None]:
    """Keys, ids and places in lists out of a seed: the same world in every session, on every machine."""
    chance = Random(seed)
    places = partial(status_list.random_indexes, token_bytes=chance.randbytes)

    def key(algorithm: Algorithm = Algorithm.P256) -> PrivateKey:
        return PrivateKey.from_multikey(multibase_encode(algorithm.private_prefix + chance.randbytes(32)))

    with (
        patch.object(PrivateKey, "generate", key),
        patch.object(PrivateKey, "ephemeral", key),
        patch("passport.publishing.places.uuid4", lambda: UUID(bytes=chance.randbytes(16), version=4)),
        patch("passport.proofs.ecdsa_sd_2023.secrets.token_bytes", chance.randbytes),
        patch("passport.publishing.places.status_list.random_indexes", places),
    ):
        yield


# --- the world ------------------------------------------------------------------------------------------------------


def make_world() -> SignedWorld:
    """The world of this module's docstring, in about a second."""
    with _seeded("a small world"):
        return _make_world()


def _make_world() -> SignedWorld:
    rival_issuer, rival_document = _web_issuer(RIVAL_BASE)
    keys = {"maker": _key_issuer(), "rival": rival_issuer}
    keys |= {name: _key_issuer() for name in ("auditor", "stranger", "holder")}
    ev = "ev-ncm-100kwh.xlsx"
    maker = _Maker(
        "maker",
        keys["maker"],
        MAKER_BASE,
        [
            *(_record(ev, f"A7K2M05G6J00003{n}", f"ZZZPE10A7K2M05G6J00003{n}") for n in (17, 18, 19, 20)),
            _record("lmt-ebike.xlsx", "RS260122-04417"),
        ],
    )
    rival = _Maker("rival", keys["rival"], RIVAL_BASE, [_record("lmt-ebike.xlsx", "RS260122-09999")])
    first, second, revoked, suspended, other = maker.packs
    older = _credential(maker, first, CONDITION)
    record = _record(ev, "A7K2M05G6J0000317", "ZZZPE10A7K2M05G6J0000317", recordedAt="2027-03-06T10:00:00Z")
    record.condition["stateOfCharge"] = "41"
    maker.publisher.issue([record], at=LATELY)
    maker.publisher.revoke(revoked, reason="recalled", at=LATELY)
    maker.publisher.suspend(suspended, reason="under examination", at=LATELY)
    maker.sign(at=LATELY)
    rival.sign(at=LATELY)
    withdrawn = {revoked: LATELY, suspended: LATELY}
    originals = [original for one in (maker, rival) for original in _issued(one, withdrawn, {older["id"]})]
    supports = _supports(keys, maker, first, second)
    originals += supports.originals
    originals += _annexed(keys, originals, maker, first)
    envelopes, tokens = _enveloped(keys, maker, first)
    originals += envelopes
    named = _named(keys, maker, rival, older, supports, envelopes, tokens)
    bases = tuple(
        base_credential(stored.document, kept)
        for one in (maker, rival)
        for pack in one.packs
        for kind in (CONDITION, MODEL_DETAIL)
        if (stored := one.store.current(pack if kind == CONDITION else one.store.pack(pack).model, kind)) is not None
        if (kept := one.store.base_proof(stored.id)) is not None
    )
    trust_lists = {bound: _trust_list(keys, rival_document, bound) for bound in (True, False)}
    return SignedWorld(
        tuple(originals),
        tuple(named),
        {bound: passport_verifier(trust_list) for bound, trust_list in trust_lists.items()},
        bases,
        keys,
        tuple(tokens),
        trust_lists,
    )


def _credential(maker: _Maker, subject: str, kind: str) -> dict:
    return maker.store.current(subject, kind).document


def _issued(maker: _Maker, withdrawn: dict[str, datetime], superseded: set[str]) -> Iterable[Original]:
    """All that a maker issued in the ordinary way, and its lists of all times."""
    store = maker.store
    for pack in store.packs():
        for kind in (PASSPORT, CONDITION, EVENT):
            for stored in store.history(pack.subject, kind):
                since = withdrawn.get(pack.subject) if kind == PASSPORT else None
                yield Original(
                    stored.document,
                    kind,
                    maker.name,
                    pack.subject,
                    pack.model,
                    withdrawn=since,
                    superseded=stored.id in superseded,
                    selective=kind == CONDITION,
                )
    for model in store.models():
        for kind in (MODEL, MODEL_DETAIL):
            for stored in store.history(model, kind):
                yield Original(stored.document, kind, maker.name, None, model, selective=kind == MODEL_DETAIL)
    for batch in store.subjects_since(BATCH, 0):
        for stored in store.history(batch, BATCH):
            yield Original(
                stored.document, BATCH, maker.name, None, stored.document["credentialSubject"]["batteryModel"]
            )
    for number, generation in enumerate(maker.generations):
        for document in generation:
            yield Original(document, LIST, maker.name, expired=number == 0)


def _trust_list(keys: dict[str, Issuer], rival_document: dict, with_namespaces: bool) -> TrustList:
    kinds = [MODEL, MODEL_DETAIL, BATCH, PASSPORT, CONDITION, EVENT, ROLE, DECLARATION_TYPE]

    def entry(name: str, trusted_for: list[str], base: str | None = None, document: dict | None = None) -> dict:
        return {
            "id": keys[name].id,
            "name": {"en": name.title()},
            "trustedFor": trusted_for,
            **({"didDocument": document} if document else {}),
            **({"namespaces": {"addresses": [base]}} if with_namespaces and base else {}),
        }

    return TrustList.from_json(
        {
            "issuers": [
                entry("maker", kinds, MAKER_BASE),
                entry("rival", kinds, RIVAL_BASE, rival_document),
                entry("auditor", [VERIFICATION_TYPE]),
            ]
        }
    )


# --- what is signed by hand -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Supports:
    originals: list[Original]
    role: dict
    role_lists: list[dict]
    declaration: dict
    countersignature: dict


def _unsigned(issuer: Issuer, id: str, kind: str, subject: dict, **more: Any) -> dict:
    return {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "id": id,
        "type": ["VerifiableCredential", kind],
        "issuer": issuer.id,
        "validFrom": date_time(LONG_AGO),
        **more,
        "credentialSubject": subject,
    }


def _supports(keys: dict[str, Issuer], maker: _Maker, first: str, second: str) -> _Supports:
    """Roles, a declaration with its countersignature, and a status list for them, made by hand."""
    issuer, model = keys["maker"], maker.store.pack(first).model
    address = f"{MAKER_BASE}/status/900"

    def role(number: int, holder: str, **more: Any) -> dict:
        until = more.pop("until", LATER)
        subject = {"id": holder, "audience": ["legitimate-interest"], "purpose": "recycling", **more}
        document = _unsigned(
            issuer,
            f"{MAKER_BASE}/credentials/role-{number}",
            ROLE,
            subject,
            validUntil=date_time(until),
            credentialStatus=[status_list.entry(address, number, "revocation")],
        )
        return issuer.issue(document, created=LONG_AGO)

    good = role(1, keys["holder"].id, packs=[first, second])
    others = [
        (role(2, keys["stranger"].id), {}),
        (role(3, keys["holder"].id), {"withdrawn": LATELY}),
        (role(4, keys["holder"].id, until=LATELY), {"expired": True}),
    ]
    lists = []
    for at in (LONG_AGO, BEFORE, LATELY):
        bits = status_list.BitString()
        bits.set(3, at == LATELY)
        document = status_list.status_list_credential(
            address, issuer.id, "revocation", bits, valid_from=at, valid_until=at + timedelta(days=7)
        )
        lists.append(issuer.issue(document, created=at))
    figures = {
        "batteryCarbonFootprint": "0.154",
        "carbonFootprintRawMaterials": "0.1269",
        "carbonFootprintProduction": "0.022",
        "carbonFootprintDistribution": "0.0051",
        "absoluteCarbonFootprint": "7392",
        "totalEnergyOverServiceLife": "48000",
        "footprintMethod": "mee-draft-2025",
    }
    subject = {"id": model, "type": "BatteryModel", "batteryModelIdentifier": "LH-NCM100-192S", **figures}
    declaration = issuer.issue(
        _unsigned(issuer, f"{MAKER_BASE}/credentials/declaration", DECLARATION_TYPE, subject), created=LONG_AGO
    )
    signed = older_countersignature(
        declaration, keys["auditor"], "https://auditor.example/credentials/countersignature", at=BEFORE
    )
    # The auditor is trusted for countersignatures and for nothing else.
    beyond = keys["auditor"].issue(
        _unsigned(
            keys["auditor"],
            "https://auditor.example/credentials/1",
            PASSPORT,
            {"id": first, "type": "BatteryPack", "batteryModel": model, "serialNumber": "1"},
        ),
        created=BEFORE,
    )
    originals = [
        Original(good, ROLE, "maker"),
        *(Original(document, ROLE, "maker", **tags) for document, tags in others),
        Original(declaration, DECLARATION_TYPE, "maker", None, model),
        Original(signed, VERIFICATION_TYPE, "auditor", None, model),
        Original(beyond, PASSPORT, "auditor", first, model, annexed=True),
        *(Original(document, LIST, "maker", expired=number == 0) for number, document in enumerate(lists)),
    ]
    return _Supports(originals, good, lists, declaration, signed)


def _annexed(keys: dict[str, Issuer], originals: list[Original], maker: _Maker, first: str) -> list[Original]:
    """What rival and stranger sign about the maker's pack and model, and under the addresses of its lists."""
    found = []
    model = maker.store.pack(first).model
    wanted = [
        original
        for original in originals
        if original.signer == "maker"
        and not original.expired
        and (original.pack == first or original.model == model and original.pack is None or original.kind == LIST)
        and original.kind in (PASSPORT, MODEL, LIST, ROLE)
        and original.withdrawn is None
    ]
    for original in wanted:
        for name in ("rival", "stranger"):
            plain = {key: copy.deepcopy(value) for key, value in original.document.items() if key != "proof"}
            plain["issuer"] = keys[name].id
            if original.kind == PASSPORT:
                plain["credentialSubject"]["serialNumber"] = "A7K2M05G6J0000666"
            if original.kind == MODEL:
                plain["credentialSubject"]["ratedEnergy"] = "999"
            if original.kind == LIST:
                bits = status_list.BitString()
                plain["credentialSubject"]["encodedList"] = bits.encoded()
            elif name == "rival" and original.kind != ROLE:
                plain.pop("credentialStatus", None)
            signed = keys[name].issue(plain, created=BEFORE)
            found.append(replace(original, document=signed, signer=name, annexed=True))
    return found


def _enveloped(keys: dict[str, Issuer], maker: _Maker, first: str) -> tuple[list[Original], list[dict]]:
    """The maker's model and pack once more, as tokens."""
    issuer, model = keys["maker"], maker.store.pack(first).model
    originals, tokens = [], []
    for kind, subject in ((MODEL, model), (PASSPORT, first)):
        stored = _credential(maker, subject, kind)
        plain = {key: value for key, value in copy.deepcopy(stored).items() if key != "proof"}
        plain["id"] = f"{plain['id']}-token"
        pack = first if kind == PASSPORT else None
        tokens.append(enveloping.envelope(enveloping.VC_JWT, enveloping.secure(plain, issuer)))
        originals.append(Original(plain, kind, "maker", pack, model))
        plain = {**plain, "id": f"{plain['id']}-sd"}
        hidden = [f"/credentialSubject/{key}" for key in plain["credentialSubject"] if key not in ("id", "type")]
        token = enveloping.secure_selectively(
            plain, issuer, [each for each in hidden if "batteryModel" not in each][:4]
        )
        tokens.append(enveloping.envelope(enveloping.VC_SD_JWT, token))
        originals.append(Original(plain, kind, "maker", pack, model, selective=True))
    return originals, tokens


# --- good files -----------------------------------------------------------------------------------------------------


def _named(
    keys: dict[str, Issuer],
    maker: _Maker,
    rival: _Maker,
    older: dict,
    supports: _Supports,
    envelopes: list[Original],
    tokens: list[dict],
) -> Iterable[Named]:
    first, second, _, _, other = maker.packs
    model = maker.store.pack(first).model
    lists = maker.generations[-1]
    for audience in Audience:
        yield Named(f"passport, {audience.value}", maker.file(maker.view(first, audience)), (first,))
    yield Named("passport of the same model", maker.file(maker.view(second, Audience.PUBLIC)), (second,))
    yield Named("passport of another model", maker.file(maker.view(other, Audience.COMMISSION)), (other,))
    yield Named("model alone", maker.file(maker.view(model, Audience.PUBLIC)), (model,))
    yield Named("one credential", maker.file([_credential(maker, first, PASSPORT)]), (first,))
    yield Named("one read-out", maker.file([_credential(maker, first, CONDITION)]), (first,))
    both = [*maker.view(first, Audience.PUBLIC), _credential(maker, first, CONDITION), older]
    yield Named("two read-outs", maker.file(both), (first,), superseded=True)
    view = rival.view(rival.packs[0], Audience.LEGITIMATE_INTEREST)
    document = did_web.document(keys["rival"].id, {"key-1": keys["rival"].signer.public_key})
    yield Named(
        "passport of a did:web with its keys",
        presentation([*view, *rival.lists_of(view)], did_documents=[document]),
        (rival.packs[0],),
    )
    yield Named("declaration", presentation([supports.declaration, supports.countersignature]))
    yield Named("role", presentation([supports.role, supports.role_lists[-1]]))
    yield Named(
        "passport with declaration",
        presentation([*maker.view(first, Audience.PUBLIC), supports.declaration, supports.countersignature, *lists]),
        (first,),
    )
    shown = [supports.role, _credential(maker, first, PASSPORT), supports.role_lists[-1], *lists]
    presented = keys["holder"].present(shown, challenge=CHALLENGE, domain=DOMAIN, created=NOW)
    yield Named("presented", presented, (first,), CHALLENGE, DOMAIN)
    yield Named("presented, nobody asked", presented, (first,))
    yield Named("tokens", presentation([tokens[0], tokens[2], *lists]), (first,))
    yield Named("selective tokens", presentation([tokens[1], tokens[3], *lists]), (first,))
    token = enveloping.secure_presentation(
        [supports.role, tokens[2], supports.role_lists[-1], *lists],
        keys["holder"],
        challenge=CHALLENGE,
        domain=DOMAIN,
        at=NOW,
    )
    yield Named("presented as a token", enveloping.envelope(enveloping.VP_JWT, token), (first,), CHALLENGE, DOMAIN)
