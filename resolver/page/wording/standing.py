"""What stands above a passport when something is other than expected: no passport, model only, and what leads on."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- the page of a model ------------------------------------------------------------------------------------------
    "model-only": ("Model only, not one battery", "仅型号数据"),
    "model-only-gtin": (
        "GTIN {gtin} is the same on every {name}. For the passport of one battery, scan the code on its type plate.",
        "GTIN {gtin}为所有{name}共用。查看单块电池的护照，请扫描其铭牌上的二维码。",
    ),
    "model-only-text": (
        "This address is the same for every {name}. For the passport of one battery, scan the code on its type plate.",
        "本地址为所有{name}共用。查看单块电池的护照，请扫描其铭牌上的二维码。",
    ),
    "model-gtin": ("GTIN of the model", "型号的GTIN"),
    # --- no passport --------------------------------------------------------------------------------------------------
    "unissued-serial-title": ("No passport for serial {number}", "无此编码的护照：{number}"),
    "unissued-code-title": ("No passport for code {number}", "无此编码的护照：{number}"),
    "unissued-serial": (
        "No passport for serial <code>{number}</code> is published here",
        "无此编码的护照：<code>{number}</code>",
    ),
    "unissued-code": (
        "No passport for code <code>{number}</code> is published here",
        "无此编码的护照：<code>{number}</code>",
    ),
    "unissued-below": (
        "Below is only the model, {name}: what is the same for every battery of it.",
        "本站未发布该电池的护照；下方仅为型号{name}的数据，即该型号所有电池共有的内容。",
    ),
    "unissued-unknown": ("Its model is not known here either.", "本站未发布该电池的护照，也没有其型号的数据。"),
    "unissued-read": ("The code as it was read", "读取到的编码"),
    "unissued-do": ("What to do", "您可以这样做"),
    "unissued-model-part": ("model", "型号"),
    "unissued-compare": (
        "<b>Compare it with the battery.</b> Every sign: 0 and O, 1 and I look alike.",
        "<b>与电池实物比对。</b>逐字核对，0与O、1与I容易混淆。",
    ),
    "unissued-model": (
        '<b>Read what is known of the model.</b> <a href="#model">{name}</a> is below.',
        '<b>查看型号数据。</b><a href="#model">{name}</a>见下方。',
    ),
    "unissued-search": (
        '<b>Search by maker and model.</b> <a href="{href}">Search</a> finds what is published here.',
        '<b>按制造商和型号查找。</b><a href="{href}">搜索</a>本站已发布的护照。',
    ),
    "unissued-ask": ("<b>Ask the maker.</b> {maker}{contact}.", "<b>询问制造商。</b>{maker}{contact}。"),
    "unissued-contact": (", {mail}", "，{mail}"),
    "unissued-ask-label": (
        "<b>Ask the maker.</b> The name is on the label of the battery.",
        "<b>询问制造商。</b>名称见电池标签。",
    ),
    "unissued-must": (
        "<b>Buying or inspecting?</b> In the EU, a battery of this category that is placed on the market from {date} "
        "on must have a passport. Ask the seller where it is published.",
        "<b>购买或检查？</b>自{date}起投放欧盟市场的此类电池必须有护照，请询问卖方其发布地址。",
    ),
    "unissued-seller": (
        "<b>Buying or inspecting?</b> Ask the seller where its passport is published.",
        "<b>购买或检查？</b>请询问卖方其护照的发布地址。",
    ),
}
