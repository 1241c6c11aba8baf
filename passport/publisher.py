"""The write side: issue passports, revoke, suspend. All or nothing.

1. Every record gets its address and is validated against the operator's regimes. One fault anywhere, and nothing is
   issued: the error lists all of them.
2. What was issued before with the same content is left alone; with other content it is refused, unless the caller
   says ``replace`` and why. A newer read-out replaces an older one without being asked.
3. Each pack is signed and stored in one transaction, its model's credentials with the first pack that needs them.
4. A replaced credential is revoked in the same transaction.

Grain and audience decide the credential (docs/decisions): public credentials are signed whole with ecdsa-rdfc-2019,
restricted ones with ecdsa-sd-2023. Of a restricted one the read side gets the full derived view; the base proof stays
in the write side's table.

    Publisher(store, issuer, base_url, vocabulary, regimes).issue(records, at=now)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from passport.battery import address as addresses
from passport.battery import record as records_module
from passport.battery.derived_context import CONTEXT
from passport.battery.intake import judge
from passport.battery.record import Fault, Record
from passport.battery.validation import On, ValidationReport
from passport.battery.vocabulary import Carrier, Regime, Vocabulary
from passport.credentials import status_list
from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.credentials.issuer import Issuer
from passport.errors import AlreadyIssued, FaultyRecord, UnknownPassport, UsageError
from passport.identity.keys import Algorithm
from passport.linked_data import jcs, strict_json
from passport.presenter import CONDITION, EVENT, MODEL, MODEL_DETAIL, PASSPORT, mandatory_pointers
from passport.proofs import ecdsa_sd_2023
from passport.store import Pack, StatusChange, StatusEntry, Store, StoredCredential, Transaction

REVOCATION, SUSPENSION = "revocation", "suspension"
PURPOSES = (REVOCATION, SUSPENSION)
# A list is left at three quarters: random positions are still found at once, and a newcomer's place tells nothing.
_FILL = status_list.MINIMUM_LENGTH * 3 // 4


@dataclass(frozen=True)
class _Plan:
    """One credential that is to exist: what kind, about whom, saying what."""

    type: str
    carrier: Carrier
    subject: str
    subject_type: str
    restricted: bool
    has_status: bool
    extra: Mapping[str, str]


@dataclass(frozen=True)
class Issued:
    """What became of one model or pack: ``issued``, ``replaced`` or ``same``.

    :ivar kind: ``model`` or ``pack``; :ivar name: the model's identifier, or the pack's code or serial number.
    :ivar credentials: ids of the credentials signed now; empty where nothing changed.
    :ivar issued_at: when the present credentials were signed first, for ``same``.
    """

    kind: str
    name: str
    subject: str
    outcome: str
    credentials: tuple[str, ...]
    issued_at: datetime
    report: ValidationReport | None = None


@dataclass(frozen=True)
class IssueReport:
    """All that :meth:`Publisher.issue` did, in the order of the records."""

    entries: tuple[Issued, ...]

    def of_kind(self, kind: str) -> tuple[Issued, ...]:
        return tuple(entry for entry in self.entries if entry.kind == kind)


class Publisher:
    """Signs and stores for one economic operator.

    :param regimes: regimes that every record is validated against, as far as they apply to its category.
    :raises UsageError: the issuer's key is not P-256, which selective disclosure asks for (ecdsa-sd-2023).
    """

    def __init__(
        self, store: Store, issuer: Issuer, base_url: str, vocabulary: Vocabulary, regimes: Sequence[Regime]
    ) -> None:
        if issuer.signer.public_key.algorithm is not Algorithm.P256:
            raise UsageError("the issuer's key cannot sign passports", expected="a P-256 key (ecdsa-sd-2023)")
        self._store = store
        self._issuer = issuer
        self._base_url = base_url
        self._vocabulary = vocabulary
        self._regimes = tuple(regimes)

    # --- issuing ----------------------------------------------------------------------------------------------------

    def check(
        self, records: Iterable[Record], *, on: On
    ) -> tuple[tuple[Record, ValidationReport], ...]:
        """The records with their addresses, validated.

        :raises FaultyRecord: with every fault of every record.
        """
        faults: list[Fault] = []
        checked = []
        records = tuple(records)
        faults += records_module.duplicate_packs(records)
        for handed_in in records:
            record, report = judge(handed_in, self._regimes, on=on, base_url=self._base_url)
            faults += [fault for fault in report.faults if fault.severity == "violation" and fault not in faults]
            checked.append((record, report))
        if faults:
            raise FaultyRecord("nothing was issued", tuple(faults))
        return tuple(checked)

    def issue(
        self,
        records: Iterable[Record],
        *,
        at: datetime,
        on: On | None = None,
        replace: bool = False,
        reason: str | None = None,
        progress: Callable[[Issued], None] = lambda _: None,
    ) -> IssueReport:
        """Validate all records, then sign and store each pack in a transaction of its own.

        :param at: instant of signing, aware; becomes ``validFrom``.
        :param on: day (or per regime a day) whose obligations apply; default the day of ``at``.
        :param replace: revoke and re-issue what was issued with other content; needs ``reason``.
        :raises FaultyRecord: a record is at fault; nothing was issued.
        :raises AlreadyIssued: known with other content and ``replace`` not said; nothing was issued.
        """
        if replace and not (reason or "").strip():
            raise UsageError("a replacement needs a reason", hint='Say --reason "what was corrected".')
        at = at.replace(microsecond=0)
        checked = self.check(records, on=at.date() if on is None else on)
        plans = [(record, report, self._plans(record)) for record, report in checked]
        if not replace:
            conflicts = [text for record, _, plan in plans for text in self._conflicts(record, plan)]
            if conflicts:
                raise AlreadyIssued(
                    conflicts[0] if len(conflicts) == 1 else f"{conflicts[0]} (and {len(conflicts) - 1} more)",
                    hint='Nothing was issued. If the new content is right: --replace --reason "what was corrected".',
                )
        entries: list[Issued] = []
        models_done: set[str] = set()
        for record, report, plan in plans:
            done = self._issue_one(record, report, plan, at, reason, models_done)
            for entry in done:
                entries.append(entry)
                progress(entry)
        with self._store.transaction() as transaction:
            self._publish_status_lists(transaction, at)
        return IssueReport(tuple(entries))

    def _plans(self, record: Record) -> tuple[_Plan, ...]:
        pack = record.pack["batteryIdentifier"]
        model = addresses.model_address_of(record, self._base_url)
        plans = [
            _Plan(MODEL, Carrier.MODEL, model, "BatteryModel", False, True, {}),
            _Plan(MODEL_DETAIL, Carrier.MODEL_DETAIL, model, "BatteryModel", True, True, {}),
            _Plan(PASSPORT, Carrier.PASSPORT, pack, "BatteryPack", False, True, {"batteryModel": model}),
            _Plan(CONDITION, Carrier.CONDITION, pack, "BatteryPack", True, False, {}),
        ]
        if record.events.get("production"):
            plans.append(_Plan(EVENT, Carrier.EVENT, pack, "BatteryPack", False, True, {"lifecycleEvent": "produce"}))
        return tuple(plan for plan in plans if records_module.claims(record, plan.carrier, ""))

    def _content(self, record: Record, plan: _Plan, credential_id: str) -> dict[str, Any]:
        return {**plan.extra, **(records_module.claims(record, plan.carrier, credential_id) or {})}

    def _conflicts(self, record: Record, plans: Sequence[_Plan]) -> list[str]:
        conflicts = []
        for plan in plans:
            current = self._store.current(plan.subject, plan.type)
            content = self._content(record, plan, "")
            if current is None or current.content == _digest(content) or _newer_reading(plan, current, content):
                continue
            conflicts.append(
                f"{_name(record, plan)} was issued on {current.issued_at.date()} with other content: "
                + self._difference(record, current, content)
            )
        return conflicts

    def _difference(self, record: Record, current: StoredCredential, content: Mapping[str, Any]) -> str:
        before = _without_ids(current.document["credentialSubject"], top=True)
        after = _without_ids(content, top=True)
        for key in [*self._vocabulary.indicators, "recordedAt", "batteryModel"]:
            if before.get(key) != after.get(key):
                indicator = self._vocabulary.indicators.get(key)
                label = indicator.label["en"] if indicator else key
                unit = f" {indicator.unit.symbol}" if indicator and indicator.unit else ""
                return (
                    f"{label}: issued {_short(before.get(key))}{unit}, "
                    f"in {record.locate(key)} {_short(after.get(key))}{unit}"
                )
        return "the same indicators in another order"

    def _issue_one(
        self,
        record: Record,
        report: ValidationReport,
        plans: Sequence[_Plan],
        at: datetime,
        reason: str | None,
        models_done: set[str],
    ) -> list[Issued]:
        signed: dict[str, list[str]] = {"model": [], "pack": []}
        replaced = {"model": False, "pack": False}
        since = {"model": at, "pack": at}
        pack, serial = record.pack["batteryIdentifier"], addresses.address(record).serial
        with self._store.transaction() as transaction:
            for plan in plans:
                kind = "model" if plan.subject_type == "BatteryModel" else "pack"
                content = self._content(record, plan, "")
                digest = _digest(content)
                current = transaction.current(plan.subject, plan.type)
                if current is not None and current.content == digest:
                    since[kind] = current.issued_at
                    continue
                if current is not None:
                    replaced[kind] = True
                    self._set_status(transaction, current.id, REVOCATION, True, reason or "newer read-out", at)
                signed[kind].append(self._sign_and_store(transaction, record, plan, digest, at))
            if transaction.pack(pack) is None:
                transaction.add_pack(
                    Pack(
                        pack,
                        plans[0].subject,
                        record.category.value,
                        serial,
                        record.pack.get("packTractionBatteryCode"),
                    )
                )
            self._publish_status_lists(transaction, at, only_missing=not any(replaced.values()))
        entries = []
        model = plans[0].subject
        if model not in models_done:
            models_done.add(model)
            entries.append(
                Issued(
                    "model",
                    str(record.model.get("batteryModelIdentifier")),
                    model,
                    _outcome(signed["model"], replaced["model"]),
                    tuple(signed["model"]),
                    since["model"],
                )
            )
        name = record.pack.get("packTractionBatteryCode") or serial
        outcome = _outcome(signed["pack"], replaced["pack"])
        entries.append(Issued("pack", name, pack, outcome, tuple(signed["pack"]), since["pack"], report))
        return entries

    def _sign_and_store(
        self, transaction: Transaction, record: Record, plan: _Plan, digest: str, at: datetime
    ) -> str:
        credential_id = f"{self._base_url}/credentials/{uuid4()}"
        document: dict[str, Any] = {
            "@context": [CREDENTIALS_V2, CONTEXT],
            "id": credential_id,
            "type": ["VerifiableCredential", plan.type],
            "issuer": self._issuer.id,
            "validFrom": date_time(at),
        }
        if plan.has_status:
            document["credentialStatus"] = self._allot_status(transaction, credential_id)
        document["credentialSubject"] = {
            "id": plan.subject,
            "type": plan.subject_type,
            **self._content(record, plan, credential_id),
        }
        base = None
        if plan.restricted:
            base = self._issuer.issue(
                document,
                created=at,
                cryptosuite="ecdsa-sd-2023",
                mandatory_pointers=mandatory_pointers(document),
            )
            everything = [f"/credentialSubject/{key}" for key in document["credentialSubject"] if key != "id"]
            signed = ecdsa_sd_2023.derive(base, everything)
        else:
            signed = self._issuer.issue(document, created=at, cryptosuite="ecdsa-rdfc-2019")
        transaction.add_credential(
            StoredCredential(credential_id, plan.type, plan.subject, strict_json.dumps(signed), digest, at), base
        )
        return credential_id

    def publish(
        self, type_: str, subject: str, subject_type: str, content: Mapping[str, Any], *, at: datetime
    ) -> StoredCredential:
        """Sign one public credential that comes from no record, such as a footprint declaration, and store it.

        The same content again changes nothing; other content revokes the one before in the same transaction.

        :param content: what it says of ``subject``, without id and type; nested objects with ids of their own.
        """
        at = at.replace(microsecond=0)
        digest = _digest(content)
        current = self._store.current(subject, type_)
        if current is not None and current.content == digest:
            return current
        credential_id = f"{self._base_url}/credentials/{uuid4()}"
        with self._store.transaction() as transaction:
            if current is not None:
                self._set_status(transaction, current.id, REVOCATION, True, f"replaced by {credential_id}", at)
            document = {
                "@context": [CREDENTIALS_V2, CONTEXT],
                "id": credential_id,
                "type": ["VerifiableCredential", type_],
                "issuer": self._issuer.id,
                "validFrom": date_time(at),
                "credentialStatus": self._allot_status(transaction, credential_id),
                "credentialSubject": {"id": subject, "type": subject_type, **content},
            }
            signed = self._issuer.issue(document, created=at)
            stored = StoredCredential(credential_id, type_, subject, strict_json.dumps(signed), digest, at)
            transaction.add_credential(stored)
            self._publish_status_lists(transaction, at, only_missing=current is None)
        return stored

    # --- status -----------------------------------------------------------------------------------------------------

    def revoke(self, subject: str, *, reason: str, at: datetime) -> tuple[str, ...]:
        """Revoke the current credentials about a pack (or a model). Cannot be taken back.

        :returns: ids of the credentials revoked now; those revoked before are left out.
        :raises UnknownPassport: nothing is issued about ``subject``.
        """
        return self._change(subject, REVOCATION, True, reason, at)

    def suspend(self, subject: str, *, reason: str, at: datetime, lift: bool = False) -> tuple[str, ...]:
        """Suspend the current credentials about ``subject``, or lift the suspension."""
        return self._change(subject, SUSPENSION, not lift, reason, at)

    def _change(self, subject: str, purpose: str, value: bool, reason: str, at: datetime) -> tuple[str, ...]:
        if not reason.strip():
            raise UsageError("a change of status needs a reason")
        at = at.replace(microsecond=0)
        # An event stays what it is, a fact of the past, whatever becomes of the passport.
        types = (PASSPORT,) if self._store.pack(subject) else (MODEL, MODEL_DETAIL)
        current = [stored for type_ in types if (stored := self._store.current(subject, type_))]
        if not current:
            raise UnknownPassport(f"no passport at {subject}")
        with self._store.transaction() as transaction:
            changed = tuple(
                stored.id
                for stored in current
                if self._set_status(transaction, stored.id, purpose, value, reason, at)
            )
            self._publish_status_lists(transaction, at)
        return changed

    def _allot_status(self, transaction: Transaction, credential_id: str) -> list[dict]:
        entries, stored = [], []
        pair = 0
        while len(transaction.positions(2 * pair + 1)) >= _FILL:
            pair += 1
        for number, purpose in enumerate(PURPOSES, start=2 * pair + 1):
            # Independent random places: neither list tells which pack, nor which entries belong together.
            position = status_list.free_index(transaction.positions(number), status_list.MINIMUM_LENGTH)
            stored.append(StatusEntry(number, position, credential_id))
            entries.append(status_list.entry(self._list_id(number), position, purpose))
        transaction.add_status_entries(stored)
        return entries

    def _set_status(
        self, transaction: Transaction, credential_id: str, purpose: str, value: bool, reason: str, at: datetime
    ) -> bool:
        """Append a change of the credential's bit; False where there is no such bit or it stands so already."""
        for entry in transaction.status_entries(credential_id):
            if _purpose(entry.list) == purpose:
                bits = {change.position: change.value for change in transaction.status_changes(entry.list)}
                if bits.get(entry.position, False) != value:
                    transaction.add_status_change(StatusChange(entry.list, entry.position, value, reason, at))
                    return True
        return False

    def _publish_status_lists(self, transaction: Transaction, at: datetime, *, only_missing: bool = False) -> None:
        for number in transaction.list_numbers():
            if only_missing and transaction.status_list(number) is not None:
                continue
            bits = status_list.BitString()
            for change in transaction.status_changes(number):
                bits.set(change.position, change.value)
            unsigned = status_list.status_list_credential(
                self._list_id(number), self._issuer.id, _purpose(number), bits, valid_from=at
            )
            transaction.add_status_list(number, self._issuer.issue(unsigned, created=at))

    def _list_id(self, number: int) -> str:
        return f"{self._base_url}/status/{number}"


def _purpose(number: int) -> str:
    return PURPOSES[(number - 1) % len(PURPOSES)]


def _outcome(signed: Sequence[str], replaced: bool) -> str:
    if not signed:
        return "same"
    return "replaced" if replaced else "issued"


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(jcs.canonicalize(dict(content))).hexdigest()


def _newer_reading(plan: _Plan, current: StoredCredential, content: Mapping[str, Any]) -> bool:
    if plan.type != CONDITION:
        return False
    return datetime.fromisoformat(content["recordedAt"]) > datetime.fromisoformat(
        current.document["credentialSubject"]["recordedAt"]
    )


def _without_ids(value: Any, top: bool = False) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_ids(item) for key, item in value.items() if key != "id" and not (top and key == "type")}
    if isinstance(value, list):
        return [_without_ids(item) for item in value]
    return value


def _short(value: Any) -> str:
    text = "nothing" if value is None else value if isinstance(value, str) else strict_json.dumps(value).decode()
    return text if len(text) <= 80 else text[:77] + "…"


def _name(record: Record, plan: _Plan) -> str:
    if plan.subject_type == "BatteryModel":
        return f"model {record.model.get('batteryModelIdentifier')}"
    return f"pack {record.pack.get('packTractionBatteryCode') or record.pack.get('serialNumber')}"

