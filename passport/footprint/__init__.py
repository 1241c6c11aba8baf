"""The carbon footprint of a battery: from an inventory to a figure that says how it came about.

    inventory = reading.from_json(document, "inventory.json")
    result = calculate(inventory, software="battery-passport 0.1.0")
    result.per_functional_unit          # kg CO2e per kWh delivered over the service life

The method is part of the figure. Each method is a module that registers itself under its id in :data:`METHODS`;
results of different methods, boundaries or functional units are never compared or mixed.
"""

from passport.footprint.mee_draft_2025 import MeeDraft2025
from passport.footprint.method import METHODS, FootprintMethod, calculate, register
from passport.footprint.result import FootprintResult, average, compare

register(MeeDraft2025())

__all__ = ["METHODS", "FootprintMethod", "FootprintResult", "average", "calculate", "compare", "register"]
