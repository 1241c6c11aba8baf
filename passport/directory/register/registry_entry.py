"""What is registered of one passport: ``DppRegistryEntry`` of EN 18222, with what Regulation (EU) 2026/1778 adds. Pure.

EN 18222 names the first five members; the names of the others are this project's own, since none is published:

``uniqueProductIdentifier``, ``digitalProductPassportId``, ``uniqueEconomicOperatorIdentifier``,
``uniqueBackUpOperatorIdentifier`` and ``dppApiEndpoint``; then ``modelIdentifier`` and ``batchIdentifier`` (Article
8(4)), ``dppDigest`` of the version, ``commodityCode`` and ``facilityIdentifier``.

* Facts of a passport (:func:`facts_of`) come from its verified public credentials.
* *Coherence* (:func:`differences`) compares an entry with these facts, member by member; what the register does not
  know is not compared, what the passport does not say is a difference.
* The digest of a version (:func:`version_digest`) covers the public credentials of pack, batch and model, whichever
  order they come in, and no status list: it changes with each re-issue and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from passport.credentials import credential as vcdm
from passport.credentials.digests import digest_of, document_digest
from passport.directory.enterprise import is_resolver_address
from passport.errors import FaultyRecord
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary.credential_types import BATCH, MODEL, PASSPORT

#: Member -> attribute of an entry, in the order in which they are written.
MEMBERS: Mapping[str, str] = {
    "uniqueProductIdentifier": "product",
    "digitalProductPassportId": "passport",
    "uniqueEconomicOperatorIdentifier": "operator",
    "uniqueBackUpOperatorIdentifier": "backup",
    "dppApiEndpoint": "endpoint",
    "modelIdentifier": "model",
    "batchIdentifier": "batch",
    "dppDigest": "digest",
    "commodityCode": "commodity_code",
    "facilityIdentifier": "facility",
}
REQUIRED = (
    "uniqueProductIdentifier", "digitalProductPassportId", "uniqueEconomicOperatorIdentifier", "dppApiEndpoint",
    "dppDigest",
)  # fmt: skip
MAX_TEXT = 500
_DIGEST = re.compile(r"u[A-Za-z0-9_-]{46}", re.ASCII)
_PUBLIC = (PASSPORT, BATCH, MODEL)


@dataclass(frozen=True)
class RegistryEntry:
    """What an operator registers, by the members in :data:`MEMBERS`."""

    product: str
    passport: str
    operator: str
    endpoint: str
    digest: str
    backup: str | None = None
    model: str | None = None
    batch: str | None = None
    commodity_code: str | None = None
    facility: str | None = None

    def to_json(self) -> JsonObject:
        """As it is handed in."""
        values = ((member, getattr(self, name)) for member, name in MEMBERS.items())
        return {member: value for member, value in values if value is not None}


@dataclass(frozen=True)
class EntryFault:
    """:ivar member: of the entry; :ivar message: what is wrong with it."""

    member: str
    message: Message

    def to_json(self) -> JsonObject:
        return {"pointer": f"/{self.member}", "code": "malformed-value", "message": str(self.message)}


def read_entry(document: Any) -> RegistryEntry:
    """The entry that a JSON document is.

    :raises FaultyRecord: it is none, with every fault.
    """
    if not isinstance(document, dict):
        raise FaultyRecord(Message("an entry of the register is a JSON object"), found=type(document).__name__)
    faults = [EntryFault(str(name)[:80], Message("there is no member of this name")) for name in document
              if name not in MEMBERS]  # fmt: skip
    for member in MEMBERS:
        value = document.get(member)
        if value is None and member not in document:
            if member in REQUIRED:
                faults.append(EntryFault(member, Message("it is missing")))
        elif not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT or "\0" in value:
            faults.append(EntryFault(member, Message("expected a text of at most {count} characters", count=MAX_TEXT)))
    good = {fault.member for fault in faults}
    if "dppApiEndpoint" not in good and not is_resolver_address(document.get("dppApiEndpoint", "")):
        faults.append(EntryFault("dppApiEndpoint", Message("expected an https address without query and fragment")))
    if "dppDigest" not in good and not _DIGEST.fullmatch(document.get("dppDigest", "")):
        faults.append(EntryFault("dppDigest", Message("expected a multihash of SHA-256 in base64url")))
    if faults:
        raise FaultyRecord(
            Message("the entry has {n} fault", plural="the entry has {n} faults", n=len(faults)), tuple(faults)
        )
    return RegistryEntry(**{name: document[member] for member, name in MEMBERS.items() if member in document})


# --- what a passport says ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PassportFacts:
    """What the public credentials of a passport say of what is registered.

    :ivar issuer: DID that issued the passport credential; :ivar operator: identifier of the operator, where stated.
    :ivar codes: everything by which the passport is known.
    """

    product: str
    issuer: str
    passport: str | None
    operator: str | None
    backup: str | None
    model: str | None
    batch: str | None
    digest: str
    commodity_code: str | None
    facility: str | None
    maker: str
    model_name: str
    category: str
    codes: frozenset[str] = field(default_factory=frozenset)


def version_digest(documents: Iterable[Mapping[str, Any]]) -> str:
    """Digest of a version of a passport: of the sorted digests of its public credentials."""
    digests = sorted(
        document_digest(dict(document)) for document in documents if set(vcdm.types(dict(document))) & {*_PUBLIC}
    )  # fmt: skip
    return digest_of("\n".join(digests).encode())


def facts_of(documents: Sequence[Mapping[str, Any]]) -> PassportFacts:
    """The facts of a passport.

    :param documents: its verified credentials.
    :raises FaultyRecord: they hold no passport of one pack.
    """
    of_type = {
        kind: [document for document in documents if kind in vcdm.types(dict(document))] for kind in _PUBLIC
    }  # fmt: skip
    if len(of_type[PASSPORT]) != 1:
        raise FaultyRecord(Message("there is no passport of one pack"), found=str(len(of_type[PASSPORT])))
    own = of_type[PASSPORT][0]
    subjects: dict[str, Mapping[str, Any]] = {
        kind: found[0]["credentialSubject"] if found else {} for kind, found in of_type.items()
    }
    pack, batch, model = (subjects[kind] for kind in _PUBLIC)

    def text(name: str, *places: Mapping[str, Any]) -> str | None:
        values = (place.get(name) for place in places)
        return next((value for value in values if isinstance(value, str)), None)

    backup = model.get("backupProvider") or pack.get("backupProvider")
    operator = text("operatorIdentifier", pack, batch, model)
    known = {
        text(name, pack, model)
        for name in ("packTractionBatteryCode", "serialNumber", "batteryPassportIdentifier", "gtin")
    }
    product = str(pack["id"])
    return PassportFacts(
        product=product,
        issuer=vcdm.issuer_id(dict(own)),
        passport=text("batteryPassportIdentifier", pack),
        operator=operator,
        backup=backup.get("partyIdentifier") if isinstance(backup, Mapping) else None,
        model=text("batteryModel", pack),
        batch=text("batteryBatch", pack),
        digest=version_digest(documents),
        commodity_code=text("commodityCode", model, pack),
        facility=text("facilityIdentifier", batch, pack),
        maker=text("manufacturerName", model, pack) or "",
        model_name=text("batteryModelIdentifier", model, pack) or "",
        category=text("batteryCategory", model, pack) or "",
        codes=frozenset({product} | {code for code in known if code}),
    )


@dataclass(frozen=True)
class EntryDifference:
    """One thing in which register and passport differ.

    :ivar member: of the entry; :ivar registered: what was handed in.
    :ivar found: what the passport says; None: nothing.
    """

    member: str
    registered: str
    found: str | None

    def to_json(self) -> JsonObject:
        return {"member": self.member, "registered": self.registered, "passport": self.found}


def differences(entry: RegistryEntry, facts: PassportFacts) -> tuple[EntryDifference, ...]:
    """Where an entry and the facts of its passport differ; empty where they are coherent."""
    found: dict[str, str | None] = {
        "product": facts.product,
        # A passport that was given no identifier is known by the address at which it is shown.
        "passport": facts.passport or (entry.passport if entry.passport.endswith(_path(facts.product)) else None),
        "operator": facts.issuer if entry.operator == facts.issuer else facts.operator,
        "backup": facts.backup,
        "model": facts.model,
        "batch": facts.batch,
        "digest": facts.digest,
        "commodity_code": facts.commodity_code,
        "facility": facts.facility,
    }
    return tuple(
        EntryDifference(member, getattr(entry, name), found[name])
        for member, name in MEMBERS.items()
        if name in found and getattr(entry, name) is not None and getattr(entry, name) != found[name]
    )


def _path(address: str) -> str:
    return "/" + address.partition("://")[2].partition("/")[2]
