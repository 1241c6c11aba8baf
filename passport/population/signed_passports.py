"""Passports and read-outs of a population, signed by the operator of a store.

* A pack has a passport if its maker reported one. All packs are of the model of a pattern, which a record describes; of
  packs with one code the first has a passport.
* A passport is signed at the end of the quarter in which it was reported, a read-out at the end of the one in which it
  was read.
* A read-out that the loader refuses is stored past it (:func:`SignedPassports.record`), as a node has it that runs
  other software: signed all the same.

    passports = SignedPassports(store, issuer, base_url, pattern)
    passports.issue(population)              # IRIs of credentials by pack
    passports.add_read_outs(population)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from passport.battery.fault import Location
from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.battery.record import Record
from passport.credentials.issuer import Issuer
from passport.exchange.event_tables.read_out_files import ReadOut
from passport.lifecycle import LifecycleEvent
from passport.population.life import MODEL, Chronicle
from passport.publishing.condition.known_packs import KnownPacks
from passport.publishing.condition.read_outs import ReadOutLoader
from passport.publishing.planned_credential import PlannedCredential
from passport.publishing.prepare import prepare_read_outs
from passport.publishing.publisher import Publisher
from passport.publishing.write_path import WritePath
from passport.store import Store
from passport.vocabulary.credential_types import CONDITION
from passport.vocabulary.vocabulary import Carrier, chosen_regimes, load

#: What a production event of the pattern says of every pack of the model.
_SPECIFIED = ("cellSpecification", "moduleSpecification", "packSpecification")
_OWN = ("packTractionBatteryCode", "serialNumber", "manufacturingDate", "batchNumber", "batteryPassportIdentifier",
        "batteryIdentifier")  # fmt: skip


@dataclass(frozen=True)
class _Passport:
    """A passport to be issued. :ivar at: instant of its event."""

    at: datetime
    record: Record


class SignedPassports:
    """:param issuer: of the operator; :param pattern: a record whose model and batch all packs have."""

    def __init__(self, store: Store, issuer: Issuer, base_url: str, pattern: Record) -> None:
        self._issuer, self._pattern, self._store = issuer, pattern, store
        self._publisher = Publisher(store, issuer, base_url, load(), chosen_regimes(("eu",)))
        self._loader = ReadOutLoader(store, issuer, base_url)
        self._path = WritePath(store, issuer, base_url)

    def issue(self, population: Chronicle) -> None:
        """Sign the passports that makers reported; their events then name the credentials."""
        credentials: dict[str, str] = {}
        for at, passports in _by_quarter(self._passports(population), population.now):
            report = self._publisher.issue([each.record for each in passports], at=at)
            credentials |= {entry.subject: entry.credentials[0] for entry in report.of_kind("pack")}
        for place, (accepted, number, event) in enumerate(population.reported):
            if event.kind == "issue_passport" and event.pack in credentials:
                fields = {**event.fields, "issuedCredential": credentials[event.pack]}
                population.reported[place] = (accepted, number, replace(event, fields=fields))

    def add_read_outs(self, population: Chronicle) -> tuple[str, ...]:
        """Sign the read-outs of packs with a passport; returns the packs with one that was stored past the loader."""
        past: list[str] = []
        rows = [_Row(datetime.fromtimestamp(row["time"], UTC), row) for row in population.readouts
                if self._store.pack(row["pack"]) is not None]  # fmt: skip
        for at, group in _by_quarter(rows, population.now):
            for each in sorted(group, key=lambda each: each.at):
                read_out = _read_out(each)
                if self._loader.add([read_out], at=at).refused:
                    self.record(each.row["pack"], read_out, at)
                    past.append(each.row["pack"])
        self._loader.finish(at=population.now)
        return tuple(past)

    def record(self, pack: str, read_out: ReadOut, at: datetime) -> None:
        """Store a signed read-out that is not held against those before it."""
        known = KnownPacks(self._store, self._issuer.id)
        known.begin()
        record = Record(self._pattern.category, {}, {"batteryIdentifier": pack}, read_out.values)
        planned = PlannedCredential(record, CONDITION, Carrier.CONDITION, pack)
        self._path.places.expect([planned.status_purposes])
        place = self._path.places.take(planned.status_purposes)
        head = known.current([pack])[pack].head
        write = prepare_read_outs([planned], head, [place], late=0, issuer=self._issuer.id, at=at)
        self._path.commit_turn(self._path.sign_all([write]), at=at)

    def _passports(self, population: Chronicle) -> Iterable[_Passport]:
        registered = {event.pack: event for _, _, event in population.reported if event.kind == "register_code"}
        produced = {event.pack: event for _, _, event in population.reported if event.kind == "produce"}
        codes: set[str] = set()
        for _, _, event in population.reported:
            code = registered[event.pack].text("packCode") if event.kind == "issue_passport" else None
            if code is not None and code not in codes:
                codes.add(code)
                yield _Passport(event.instant, self._record(registered[event.pack], produced[event.pack], code))

    def _record(self, registered: LifecycleEvent, produced: LifecycleEvent, code: str) -> Record:
        batch = (produced.text("batteryBatch") or "").rpartition("/")[2]
        made = self._pattern.events["production"]
        pack: dict[str, Any] = {name: value for name, value in self._pattern.pack.items() if name not in _OWN}
        pack |= {
            "packTractionBatteryCode": code, "serialNumber": registered.pack.rpartition("/")[2],
            "manufacturingDate": _day_of(code).isoformat(), "batchNumber": batch,
        }  # fmt: skip
        model = {name: value for name, value in self._pattern.model.items() if name != "gtin"}
        return replace(
            self._pattern,
            model={**model, "batteryModelIdentifier": MODEL},
            pack=pack,
            condition=None,
            batch_identifier=batch,
            events={
                "production": {
                    **{name: made[name] for name in _SPECIFIED if name in made},
                    "moduleTractionBatteryCodes": [part.code for part in registered.parts],
                }
            },
        )


@dataclass(frozen=True)
class _Row:
    at: datetime
    row: Mapping[str, Any]


def _read_out(each: _Row) -> ReadOut:
    values = {
        "recordedAt": each.at.isoformat(), "numberOfFullCycles": each.row["cycles"],
        "stateOfCertifiedEnergy": f"{each.row['soh'] / 100:.2f}",
    }  # fmt: skip
    serial = each.row["pack"].rpartition("/")[2]
    return ReadOut({"serialNumber": serial}, values, lambda _: Location("population"))


def _by_quarter(items: Iterable[Any], now: datetime) -> Iterable[tuple[datetime, list[Any]]]:
    """Items with the end of the quarter of their instants, or now, the oldest first."""
    groups: dict[datetime, list[Any]] = defaultdict(list)
    for item in items:
        first = datetime(item.at.year, item.at.month - (item.at.month - 1) % 3, 1, tzinfo=UTC)
        groups[min(now, (first + timedelta(days=95)).replace(day=1))].append(item)
    return sorted(groups.items())


def _day_of(code: str) -> date:
    return TractionBatteryCode.parse(code).production_date
