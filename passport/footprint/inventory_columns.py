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
class Field:
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


def _provenance(*, rated: bool = True) -> tuple[Field, ...]:
    activity = (Field("activityData", "Activity data", "活动数据类型", "code", codes="data-kind"),)
    if not rated:
        return activity
    return (
        *activity,
        Field("factorData", "Factor data", "因子数据类型", "code", codes="data-kind"),
        Field("source", "Source of the factor", "因子来源"),
        Field("geography", "Geography", "地域"),
        Field("year", "Year", "年份", "year"),
        Field("timeLevel", "Level: time", "等级：时间", "level"),
        Field("technologyLevel", "Level: technology", "等级：技术", "level"),
        Field("geographyLevel", "Level: geography", "等级：地域", "level"),
        Field("method", "Method of the factor", "因子核算方法"),
    )


#: Stands on the sheet ``inventory``, one field a row; in JSON under ``inventory``.
GENERAL = (
    Field("model", "Battery model identifier", "电池包型号", required=True),
    Field("method", "Method", "核算方法", required=True),
    Field("boundary", "System boundary", "系统边界", "code", required=True, codes="boundary"),
    Field("plant", "Manufacturing plant", "生产工厂"),
    Field("period", "Period of the data", "数据时段"),
    Field("usableEnergy", "Usable energy", "可用能量", "decimal", required=True, units=_ENERGY),
    Field("ratedEnergy", "Rated energy", "额定能量", "decimal", units=_ENERGY),
    Field("vehicleClass", "Vehicle class", "车辆类别", "code", codes="vehicle-class"),
    Field(
        "cyclesPerYear",
        "Full equivalent cycles per year, by the maker",
        "制造商给出的每年等效全循环次数",
        "decimal",
        units={"cycles": Decimal(1)},
    ),
    Field("cyclesSource", "Basis of the maker's cycles", "制造商循环次数的依据"),
    Field("warrantyYears", "Warranty", "质保年限", "decimal", required=True, units={"a": Decimal(1)}),
    Field("allocationFactor", "Allocation factor A", "分配系数A", "decimal"),
    Field("allocationProof", "Reference to the proof of another A", "其他分配系数的证明依据"),
    Field("endOfLifeCounting", "End of life is counted", "生命末期计算方式", "code", codes="end-of-life"),
    Field("endOfLife", "Treatment of one battery at end of life", "单个电池生命末期处理排放", "decimal", units=_CO2E),
    Field("endOfLifeData", "Data of the treatment", "生命末期数据类型", "code", codes="data-kind"),
    Field("endOfLifeSource", "Source of the treatment's figure", "生命末期数据来源"),
    Field("endOfLifeTimeLevel", "Treatment, level: time", "生命末期等级：时间", "level"),
    Field("endOfLifeTechnologyLevel", "Treatment, level: technology", "生命末期等级：技术", "level"),
    Field("endOfLifeGeographyLevel", "Treatment, level: geography", "生命末期等级：地域", "level"),
    Field("cutOff", "Apply the cut-off", "采用取舍准则", "flag"),
    Field("electricityTreatment", "How electricity was treated", "电力处理方式说明"),
    Field("gwpSet", "Greenhouse-gas potentials", "全球变暖潜势数据集", "code", codes="gwp-set"),
)

_FACTOR = Field("factor", "Factor", "排放因子", "decimal", units=_PER_UNIT)
_STEP = (
    Field("process", "Process", "工艺过程", required=True),
    Field("step", "Production step", "生产工序", "code", required=True, codes="step"),
)

#: Sheet (and JSON member) -> its fields, one line a row.
TABLES: Mapping[str, tuple[Field, ...]] = {
    "materials": (
        Field("component", "Component", "部件", required=True),
        Field("name", "Material", "材料", required=True),
        Field("mass", "Mass", "质量", "decimal", required=True, units=_MASS),
        Field("recycledShare", "Share of recycled material", "再生材料比例", "share", units=_SHARE),
        Field("virginFactor", "Factor of virgin material", "原生材料因子", "decimal", units=_PER_KG),
        Field("recycledFactor", "Factor of recycled material", "再生材料因子", "decimal", units=_PER_KG),
        Field("recoveredShare", "Share recovered at end of life", "生命末期回收比例", "share", units=_SHARE),
        Field("endOfLife", "Treatment of this material", "该材料的处理排放", "decimal", units=_CO2E),
        Field("keyPart", "Key part", "关键零部件", "flag"),
        *_provenance(),
    ),
    "parts": (
        Field("component", "Component", "部件", required=True),
        Field("name", "Part", "零件", required=True),
        Field("quantity", "Quantity", "数量", "decimal", required=True),
        Field("unit", "Unit", "单位", "code", required=True, codes="unit"),
        _FACTOR,
        Field("keyPart", "Key part", "关键零部件", "flag"),
        *_provenance(),
    ),
    "energy": (
        *_STEP,
        Field("name", "Energy carrier", "能源种类", required=True),
        Field("amount", "Amount", "用量", "decimal", required=True),
        Field("unit", "Unit", "单位", "code", required=True, codes="unit"),
        _FACTOR,
        Field("treatment", "Treatment of electricity", "电力处理方式", "code", codes="electricity"),
        *_provenance(),
    ),
    "emissions": (
        *_STEP,
        Field("gas", "Gas", "气体", "code", required=True, codes="gas"),
        Field("mass", "Mass of the gas", "气体质量", "decimal", required=True, units=_MASS),
        *_provenance(rated=False),
    ),
    "transport": (
        Field("name", "Leg", "运输段", required=True),
        Field("mass", "Mass carried", "运输质量", "decimal", required=True, units=_MASS),
        Field("distance", "Distance", "距离", "decimal", required=True, units=_DISTANCE),
        Field("mode", "Mode", "运输方式", "code", required=True, codes="mode"),
        Field("stage", "Stage", "阶段", "code", codes="stage"),
        Field("factor", "Factor", "排放因子", "decimal", units=_PER_TKM),
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
