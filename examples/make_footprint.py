"""Makes footprint-ev-ncm.xlsx, the inventory of an invented 100 kWh NCM pack.

    python examples/make_footprint.py

Masses, factors and sources are invented, but for the defaults of the draft. They are chosen so that the result is the
worked example of the draft: 7,392 kg CO2e over 48,000 kWh, 0.154 kg CO2e/kWh, of which materials and parts 82.4 % and
production 14.3 %. The bytes depend on this file alone.
"""

from __future__ import annotations

from pathlib import Path

from passport.exchange.spreadsheet import inventory_workbook

GENERAL = {
    "model": "LH-NCM100-192S",
    "method": "cn-mee-2024-63-draft-2025-03",
    "boundary": "partial",
    "manufacturer": "Lanhu Example Power Battery Co., Ltd. (澜湖示例动力电池有限公司)",
    "plant": "plant 1",
    "plantCountry": "CN",
    "studyYear": 2026,
    "period": "2026-01 to 2026-06",
    "usableEnergy": 100,
    "ratedEnergy": 100,
    "vehicleClass": "light-non-commercial",
    "warrantyYears": 8,
    "cutOff": "yes",
    "gwpSet": "ar6",
    "electricityTreatment": "All electricity was bought from the grid and counted at the national consumption mix; "
    "no certificates were counted.",
    "limitations": "Masses, factors and sources are invented; only the method is real.",
}
PRIMARY = {
    "factorData": "primary",
    "source": "supplier's declaration, verified on site",
    "geography": "CN",
    "year": 2026,
}


def database(technology: int, geography: str = "CN", released: int = 2024, year: int = 2024) -> dict:
    """A factor of an invented database. Levels of time and geography follow from its release and its region."""
    return {
        "factorData": "secondary",
        "source": "Example LCA database 4.1",
        "geography": geography,
        "year": year,
        "databaseYear": released,
        "technologyLevel": technology,
    }


def material(component: str, name: str, mass: str, virgin: str | None, origin: dict, **more: object) -> dict:
    return {"component": component, "name": name, "mass": mass, "virginFactor": virgin, **origin, **more}


MATERIALS = [
    material("cell", "NCM cathode material", "165", None, {}, keyPart="yes"),
    material("cell", "graphite", "98", "5.2", PRIMARY, keyPart="yes"),
    material(
        "cell",
        "copper foil",
        "42",
        "4.6",
        database(2, "RAS"),
        recycledShare="0.2",
        recycledFactor="1.3",
        recoveredShare="0.9",
    ),
    material("cell", "aluminium foil", "24", "16.5", database(2), recoveredShare="0.9"),
    material("cell", "LiPF6", "9.6", "15.3", database(3, "RAS")),
    material("cell", "solvents", "55", "2.1", database(3, "RAS")),
    material("cell", "separator", "12", "7.4", database(2, "RAS", released=2022)),
    material("cell", "binder", "3.4", "9.8", database(3, "RAS", released=2022)),
    material(
        "casing",
        "aluminium",
        "52",
        "14.2",
        database(1),
        recycledShare="0.3",
        recycledFactor="1.1",
        recoveredShare="0.95",
    ),
    material("casing", "steel", "18", "2.2", database(2, released=2026), recoveredShare="0.9"),
    material("casing", "sealant", "0.55", "4.5", database(3, "GLO", released=2022)),
]
PARTS = [
    {
        "component": "pack",
        "name": "battery management system",
        "quantity": 1,
        "unit": "piece",
        "factor": "98.6",
        **database(3, "RAS"),
    },
    {"component": "pack", "name": "harness", "quantity": "11", "unit": "kg", "factor": "6.9", **database(2, "RAS")},
    {"component": "pack", "name": "cooling plate", "quantity": "1", "unit": "piece", "factor": "125.9595", **PRIMARY},
]
ENERGY = [
    {
        "process": "coating and drying",
        "step": "cell",
        "name": "electricity",
        "amount": "820",
        "unit": "kWh",
        "factor": "0.5777",
        "treatment": "national-mix",
        **database(1, released=2026, year=2025),
    },
    {
        "process": "formation",
        "step": "cell",
        "name": "electricity",
        "amount": "560",
        "unit": "kWh",
        "factor": "0.5777",
        "treatment": "national-mix",
        **database(1, released=2026, year=2025),
    },
    {
        "process": "drying rooms",
        "step": "cell",
        "name": "natural gas",
        "amount": "86",
        "unit": "m3",
        "factor": "2.09",
        **database(2, released=2026),
    },
    {
        "process": "module assembly",
        "step": "module",
        "name": "electricity",
        "amount": "48",
        "unit": "kWh",
        "factor": "0.5777",
        "treatment": "national-mix",
        **database(1, released=2026, year=2025),
    },
    {
        "process": "pack assembly",
        "step": "pack",
        "name": "steam",
        "amount": "1",
        "unit": "GJ",
        "factor": "25.2564",
        **PRIMARY,
    },
]
EMISSIONS = [
    {"process": "coating and drying", "step": "cell", "gas": "co2", "mass": "21"},
    {"process": "cooling plant", "step": "pack", "gas": "hfc-134a", "mass": "0.004"},
]
TRANSPORT = [
    {"name": "plant to harbour", "mass": "500", "distance": "350", "mode": "road", "stage": "distribution"},
    {"name": "harbour to harbour", "mass": "500", "distance": "22825.2", "mode": "water", "stage": "distribution"},
    {"name": "harbour to vehicle maker", "mass": "500", "distance": "120", "mode": "rail", "stage": "distribution"},
    {"name": "vehicle maker, last leg", "mass": "500", "distance": "58", "mode": "road", "stage": "distribution"},
]
TABLES = {"materials": MATERIALS, "parts": PARTS, "energy": ENERGY, "emissions": EMISSIONS, "transport": TRANSPORT}


def tables() -> dict[str, list[dict]]:
    """The tables without the fields that a line leaves empty."""
    return {
        name: [{field: value for field, value in row.items() if value is not None} for row in rows]
        for name, rows in TABLES.items()
    }


if __name__ == "__main__":
    target = Path(__file__).parent / "footprint-ev-ncm.xlsx"
    print(f"{target.name}  {len(inventory_workbook.write(target, GENERAL, tables())):,} bytes")
