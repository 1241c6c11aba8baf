"""What an inventory consists of, field by field: one table for the workbook, its template, JSON and the documentation.

A field has one name everywhere; a workbook may also use its English or Chinese label. A quantity whose unit is fixed
may be given in a multiple of it, which row 2 of the workbook says; JSON always uses the unit itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

_MASS = {"kg": Decimal(1), "g": Decimal("0.001"), "t": Decimal(1000)}
_ENERGY = {"kWh": Decimal(1), "Wh": Decimal("0.001"), "MWh": Decimal(1000)}
_DISTANCE = {"km": Decimal(1), "m": Decimal("0.001")}
_CO2E = {"kg CO2e": Decimal(1), "t CO2e": Decimal(1000)}
_PER_KG = {"kg CO2e/kg": Decimal(1), "t CO2e/t": Decimal(1)}
_PER_UNIT = {"kg CO2e/unit": Decimal(1)}
_PER_TKM = {"kg CO2e/(t·km)": Decimal(1), "g CO2e/(t·km)": Decimal("0.001")}
_SHARE = {"1": Decimal(1), "%": Decimal("0.01")}
_NONE: Mapping[str, Decimal] = {}


@dataclass(frozen=True)
class InventoryField:
    """One field.

    :param kind: ``text``, ``decimal``, ``share``, ``level``, ``year``, ``code`` or ``flag``.
    :param units: accepted unit -> how much of the field's own unit it is; the first is the field's own.
    :param codes: list of :mod:`.facts` that a code is of.
    """

    name: str
    en: str
    zh: str
    kind: str = "text"
    required: bool = False
    units: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    codes: str | None = None

    @property
    def label(self) -> Mapping[str, str]:
        return {"en": self.en, "zh": self.zh}

    @property
    def unit(self) -> str:
        """The field's own unit, empty where it has none."""
        return next(iter(self.units), "")


def _provenance(*, rated: bool = True) -> tuple[InventoryField, ...]:
    activity = (InventoryField("activityData", "Activity data", "活动数据类型", "code", codes="data-kind"),)
    if not rated:
        return activity
    return (
        *activity,
        InventoryField("factorData", "Factor data", "因子数据类型", "code", codes="data-kind"),
        InventoryField("source", "Source of the factor", "因子来源"),
        InventoryField("geography", "Geography", "地域"),
        InventoryField("year", "Year", "年份", "year"),
        InventoryField("timeLevel", "Level: time", "等级：时间", "level"),
        InventoryField("technologyLevel", "Level: technology", "等级：技术", "level"),
        InventoryField("geographyLevel", "Level: geography", "等级：地域", "level"),
        InventoryField("method", "Method of the factor", "因子核算方法"),
    )


#: Fields of the sheet ``inventory``, one a row; in JSON the members of ``inventory``.
GENERAL = (
    InventoryField("model", "Battery model identifier", "电池包型号", required=True),
    InventoryField("method", "Method", "核算方法", required=True),
    InventoryField("boundary", "System boundary", "系统边界", "code", required=True, codes="boundary"),
    InventoryField("plant", "Manufacturing plant", "生产工厂"),
    InventoryField("period", "Period of the data", "数据时段"),
    InventoryField("usableEnergy", "Usable energy", "可用能量", "decimal", required=True, units=_ENERGY),
    InventoryField("ratedEnergy", "Rated energy", "额定能量", "decimal", units=_ENERGY),
    InventoryField("vehicleClass", "Vehicle class", "车辆类别", "code", codes="vehicle-class"),
    InventoryField(
        "cyclesPerYear",
        "Full equivalent cycles per year, by the maker",
        "制造商给出的每年等效全循环次数",
        "decimal",
        units={"cycles": Decimal(1)},
    ),
    InventoryField("cyclesSource", "Basis of the maker's cycles", "制造商循环次数的依据"),
    InventoryField("warrantyYears", "Warranty", "质保年限", "decimal", required=True, units={"a": Decimal(1)}),
    InventoryField("allocationFactor", "Allocation factor A", "分配系数A", "decimal"),
    InventoryField("allocationProof", "Reference to the proof of another A", "其他分配系数的证明依据"),
    InventoryField("endOfLifeCounting", "End of life is counted", "生命末期计算方式", "code", codes="end-of-life"),
    InventoryField(
        "endOfLife", "Treatment of one battery at end of life", "单个电池生命末期处理排放", "decimal", units=_CO2E
    ),
    InventoryField("endOfLifeData", "Data of the treatment", "生命末期数据类型", "code", codes="data-kind"),
    InventoryField("endOfLifeSource", "Source of the treatment's figure", "生命末期数据来源"),
    InventoryField("endOfLifeTimeLevel", "Treatment, level: time", "生命末期等级：时间", "level"),
    InventoryField("endOfLifeTechnologyLevel", "Treatment, level: technology", "生命末期等级：技术", "level"),
    InventoryField("endOfLifeGeographyLevel", "Treatment, level: geography", "生命末期等级：地域", "level"),
    InventoryField("cutOff", "Apply the cut-off", "采用取舍准则", "flag"),
    InventoryField("electricityTreatment", "How electricity was treated", "电力处理方式说明"),
    InventoryField("gwpSet", "Greenhouse-gas potentials", "全球变暖潜势数据集", "code", codes="gwp-set"),
)

_FACTOR = InventoryField("factor", "Factor", "排放因子", "decimal", units=_PER_UNIT)
_STEP = (
    InventoryField("process", "Process", "工艺过程", required=True),
    InventoryField("step", "Production step", "生产工序", "code", required=True, codes="step"),
)

#: Sheet (and JSON member) -> its fields, one line a row.
TABLES: Mapping[str, tuple[InventoryField, ...]] = {
    "materials": (
        InventoryField("component", "Component", "部件", required=True),
        InventoryField("name", "Material", "材料", required=True),
        InventoryField("mass", "Mass", "质量", "decimal", required=True, units=_MASS),
        InventoryField("recycledShare", "Share of recycled material", "再生材料比例", "share", units=_SHARE),
        InventoryField("virginFactor", "Factor of virgin material", "原生材料因子", "decimal", units=_PER_KG),
        InventoryField("recycledFactor", "Factor of recycled material", "再生材料因子", "decimal", units=_PER_KG),
        InventoryField("recoveredShare", "Share recovered at end of life", "生命末期回收比例", "share", units=_SHARE),
        InventoryField("endOfLife", "Treatment of this material", "该材料的处理排放", "decimal", units=_CO2E),
        InventoryField("keyPart", "Key part", "关键零部件", "flag"),
        *_provenance(),
    ),
    "parts": (
        InventoryField("component", "Component", "部件", required=True),
        InventoryField("name", "Part", "零件", required=True),
        InventoryField("quantity", "Quantity", "数量", "decimal", required=True),
        InventoryField("unit", "Unit", "单位", "code", required=True, codes="unit"),
        _FACTOR,
        InventoryField("keyPart", "Key part", "关键零部件", "flag"),
        *_provenance(),
    ),
    "energy": (
        *_STEP,
        InventoryField("name", "Energy carrier", "能源种类", required=True),
        InventoryField("amount", "Amount", "用量", "decimal", required=True),
        InventoryField("unit", "Unit", "单位", "code", required=True, codes="unit"),
        _FACTOR,
        InventoryField("treatment", "Treatment of electricity", "电力处理方式", "code", codes="electricity"),
        *_provenance(),
    ),
    "emissions": (
        *_STEP,
        InventoryField("gas", "Gas", "气体", "code", required=True, codes="gas"),
        InventoryField("mass", "Mass of the gas", "气体质量", "decimal", required=True, units=_MASS),
        *_provenance(rated=False),
    ),
    "transport": (
        InventoryField("name", "Leg", "运输段", required=True),
        InventoryField("mass", "Mass carried", "运输质量", "decimal", required=True, units=_MASS),
        InventoryField("distance", "Distance", "距离", "decimal", required=True, units=_DISTANCE),
        InventoryField("mode", "Mode", "运输方式", "code", required=True, codes="mode"),
        InventoryField("stage", "Stage", "阶段", "code", codes="stage"),
        InventoryField("factor", "Factor", "排放因子", "decimal", units=_PER_TKM),
        *_provenance(),
    ),
}
LABELS: Mapping[str, Mapping[str, str]] = {
    "inventory": {"en": "Inventory", "zh": "清单"},
    "materials": {"en": "Materials", "zh": "材料"},
    "parts": {"en": "Parts", "zh": "零件"},
    "energy": {"en": "Energy", "zh": "能源"},
    "emissions": {"en": "Direct emissions", "zh": "直接排放"},
    "transport": {"en": "Transport", "zh": "运输"},
}
