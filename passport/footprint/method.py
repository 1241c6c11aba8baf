"""The interface of footprint methods, and their registry.

A method is a module with a class that fulfils :class:`FootprintMethod`, registered under its id. Nothing else needs an
edit: the command, the report and the declaration work with its results.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from passport.battery.fault import count
from passport.errors import FaultyRecord, UnknownMethod
from passport.footprint.inventory import inventory_checks
from passport.footprint.inventory.inventory import Inventory
from passport.footprint.result import FootprintResult
from passport.texts import Message, Text


@dataclass(frozen=True)
class AlternativeReading:
    """What another reading of an ambiguous clause would give.

    :param total: kg CO2e of one battery by that reading, :param energy: kWh over the service life by it.
    :param per_functional_unit: their quotient; :param difference: to the result, per functional unit.
    """

    code: str
    label: Text
    total: Decimal
    energy: Decimal
    per_functional_unit: Decimal
    difference: Decimal


@dataclass(frozen=True)
class Influence:
    """What the result does when one input rises by a tenth: per functional unit, and in per cent of it."""

    input: Text
    effect: Decimal
    per_cent: Decimal


class FootprintMethod(Protocol):
    """One way to calculate a footprint.

    :ivar id: repeated in every result and declaration.
    :ivar regime: code of the regime whose indicators a result fills, and no others: ``eu`` or ``cn``.
    """

    id: str
    label: Text
    regime: str
    boundaries: tuple[str, ...]

    def calculate(self, inventory: Inventory, *, software: str) -> FootprintResult:
        """The result of an inventory without faults."""

    def readings(self, inventory: Inventory, result: FootprintResult) -> tuple[AlternativeReading, ...]:
        """What ambiguous clauses, read in another way, would change."""

    def influences(self, inventory: Inventory, result: FootprintResult, most: int) -> tuple[Influence, ...]:
        """The inputs that move the result most, strongest first."""


METHODS: dict[str, FootprintMethod] = {}


def register(method: FootprintMethod) -> None:
    """Make a method known under its id."""
    METHODS[method.id] = method


def find(method_id: str) -> FootprintMethod:
    """The method of that id.

    :raises UnknownMethod: there is none.
    """
    if method_id not in METHODS:
        raise UnknownMethod(
            Message("no such footprint method"),
            expected=", ".join(METHODS),
            found=repr(method_id)[:80],
            hint=Message("A method is one module under passport/footprint that registers itself."),
        )
    return METHODS[method_id]


def calculate(inventory: Inventory, *, software: str) -> FootprintResult:
    """The footprint of an inventory by the method that it names.

    :param software: name and version of what calculates, kept in the result.
    :raises UnknownMethod: no such method, or not with that boundary.
    :raises FaultyRecord: with every fault of the inventory.
    """
    method = find(inventory.method)
    if inventory.boundary not in method.boundaries:
        raise UnknownMethod(
            Message("{method} has no such boundary", method=method.id),
            expected=", ".join(method.boundaries),
            found=repr(inventory.boundary)[:80],
        )
    faults = inventory_checks.faults(inventory)
    if faults:
        raise FaultyRecord(Message("{file} has {count}", file=inventory.file, count=count(faults)), faults)
    return method.calculate(inventory, software=software)
