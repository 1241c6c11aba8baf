"""The cut-off: a material below 1 % of its component's mass may be dropped, and its mass goes to the highest factor.

* All shares are of the component's original mass, and all cuts are made at once. Rows of one material in one component
  count together, so that dividing a row changes nothing.
* The mass goes to the input with the highest factor of the component, in the calculation at hand. A material that
  itself has the highest factor is not dropped. So a cut never lowers a result.
* Nothing is lost: the masses before and after are equal, and each cut is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from passport.footprint.formulas import exactly
from passport.footprint.inventory.inventory import Material


@dataclass(frozen=True)
class CutOff:
    """One material that was dropped.

    :param share_of: mass of the component, kg; the share is ``mass / share_of``.
    :param receiver: material that took the mass.
    :param factor: kg CO2e/kg of the dropped, :param receiver_factor: of the receiving one.
    """

    component: str
    name: str
    mass: Decimal
    share_of: Decimal
    receiver: str
    factor: Decimal
    receiver_factor: Decimal

    @property
    def difference(self) -> Decimal:
        """By how much the cut raised the result, kg CO2e."""
        return self.mass * (self.receiver_factor - self.factor)


@exactly
def cut(
    materials: Sequence[Material], factor: Callable[[Material], Decimal], limit: Decimal
) -> tuple[list[Decimal], tuple[CutOff, ...]]:
    """The masses to calculate with, in the order of ``materials``, and the record of the cuts.

    :param factor: kg CO2e of a kilogram of the material in this calculation.
    :param limit: share of the component's mass, exclusive.
    """
    masses = [material.mass for material in materials]
    components: dict[str, list[int]] = {}
    for index, material in enumerate(materials):
        components.setdefault(material.component, []).append(index)
    record: list[CutOff] = []
    for component, members in components.items():
        whole = sum((materials[index].mass for index in members), Decimal(0))
        of_name: dict[str, Decimal] = {}
        for index in members:
            of_name[materials[index].name] = of_name.get(materials[index].name, Decimal(0)) + materials[index].mass
        small = {name for name, mass in of_name.items() if mass < limit * whole}
        if not small:
            continue
        factors = {index: factor(materials[index]) for index in members}
        highest = max(factors.values())
        at_top = [index for index in members if factors[index] == highest]
        # By name, so that the record does not depend on the order of rows; a large material before a small one.
        receiver = min(
            at_top,
            key=lambda index: (
                materials[index].name in small,
                materials[index].name,
                -materials[index].mass,
            ),
        )
        for index in members:
            material = materials[index]
            if material.name in small and factors[index] < highest and material.mass:
                masses[index] = Decimal(0)
                masses[receiver] += material.mass
                record.append(
                    CutOff(
                        component,
                        material.name,
                        material.mass,
                        whole,
                        materials[receiver].name,
                        factors[index],
                        highest,
                    )
                )
    return masses, tuple(record)
