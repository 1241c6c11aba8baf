"""Captions and labels of the pictures."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- charts -------------------------------------------------------------------------------------------------------
    "chart-footprint": (
        "Carbon footprint by life-cycle stage, {total} kg CO₂e/kWh",
        "按生命周期阶段的碳足迹，{total} kg CO₂e/kWh",
    ),
    "chart-footprint-note": (
        "Per kWh delivered over the service life{sum}. It must not be compared with a figure per kWh of capacity.",
        "按使用寿命内每输出1 kWh计{sum}。不得与按每kWh容量计的数值比较。",
    ),
    "chart-footprint-sum": (": {mass} kg over {energy} kWh", "：{mass} kg，{energy} kWh"),
    "stage-raw": ("Raw materials, parts", "原材料与零部件"),
    "stage-production": ("Battery production", "电池生产"),
    "stage-distribution": ("Distribution", "分销运输"),
    "stage-end": ("End of life, recycling", "报废与回收"),
    "chart-crm": ("Critical raw materials, share of pack mass", "关键原材料占电池包质量的比例"),
    "chart-crm-note": (
        "Everything the public may know of the composition. Cathode, anode and electrolyte in detail are restricted.",
        "公众可了解的全部组成信息。正极、负极、电解质的详细组成受限。",
    ),
    "chart-crm-note-role": (
        "Critical raw materials only; the detailed composition is among the entries below.",
        "仅列关键原材料；详细组成见下方条目。",
    ),
    "chart-material": ("Material", "材料"),
    "chart-cas": ("CAS number", "CAS号"),
    "chart-mass-share": ("Share of pack mass", "占电池包质量比例"),
    "other-materials": ("Other materials", "其他材料"),
    "chart-recycled": ("Recycled share per metal", "各金属再生材料占比"),
    "chart-recycled-note": (
        "Share of the metal in the active material that was recovered from waste.",
        "活性材料中该金属来自废料回收的比例。",
    ),
    "chart-recycled-minimum": (
        "Recycled share per metal, beside the legal minimum",
        "各金属再生材料占比与法定最低值",
    ),
    "chart-minima": (
        "Marks: least share in the EU from {days}. They bind batteries placed on the market from then on.",
        "刻线为欧盟自{days}起的最低占比，适用于自该日起投放市场的电池。",
    ),
    "above-minimum": ("meets the {year} minimum", "达到{year}年最低值"),
    "below-minimum": ("below the {year} minimum", "低于{year}年最低值"),
    "minimum": ("least", "最低"),
    "from-day": ("From {date}", "自{date}起"),
    "chart-metal": ("Metal", "金属"),
    "chart-soce": ("State of certified energy (SOCE) over time, %", "认证能量状态（SOCE）变化，%"),
    "chart-capacity": ("Remaining capacity over time, Ah", "剩余容量变化，Ah"),
    "chart-soce-note": (
        "Usable energy as a share of what was certified when new; {number} read-outs, each signed when it was taken.",
        "可用能量占出厂认证能量的比例；共{number}次读取，每次均单独签名。",
    ),
    "chart-capacity-note": ("{number} read-outs, each signed when it was taken.", "共{number}次读取，每次均单独签名。"),
    "chart-threshold": ("{value}: exhausted, as declared for this model", "{value}：该型号声明的耗尽阈值"),
    "chart-line-label": ("From {first} on {start} to {last} on {end}", "由{start}的{first}到{end}的{last}"),
    "chart-read-on": ("Read on", "读取日期"),
    "life": ("Life of this pack so far", "该电池包迄今的经历"),
    "life-note": (
        "As far as you may see it; a filled mark is a change of status.",
        "限您可查看的内容；实心标记表示状态变更。",
    ),
    "tl-made": ("Made", "生产"),
    "tl-service": ("Put into service", "投入使用"),
    "tl-status": ("Status: {status}", "状态：{status}"),
    "tl-negativeEvents": ("Negative event", "负面事件"),
    "tl-accidentInformation": ("Accident", "事故"),
    "tl-read": ("Last read-out", "最近一次读取"),
    "tl-energy": ("{value} of certified energy", "认证能量的{value}"),
    "tl-cycles": ("{value} full cycles", "完整循环{value}次"),
    "tl-signed": ("Signed by {who}; signature checked", "由{who}签名，签名已核验"),
    "metal-recycledNickelShare": ("Nickel", "镍"),
    "metal-recycledCobaltShare": ("Cobalt", "钴"),
    "metal-recycledLithiumShare": ("Lithium", "锂"),
    "metal-recycledLeadShare": ("Lead", "铅"),
}
