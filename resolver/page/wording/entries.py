"""The entries: how to read them, their states, and the sections that are restricted as a whole."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- key ----------------------------------------------------------------------------------------------------------
    "key": ("How to read the entries", "如何阅读各条目"),
    "static-or-dynamic": ("static or dynamic", "静态或动态"),
    "key-static": ("static: fixed when the battery was made", "静态：生产时确定，不再变化"),
    "key-dynamic": (
        "dynamic: changes in use; always with the time it was read",
        "动态：随使用变化，并注明读取时间",
    ),
    "key-not-yet-due": (
        "the law asks for it later; nothing is missing",
        "法规要求的时间未到，不属于缺项",
    ),
    "key-restricted": (
        "the law keeps it for the readers named; this page does not tell whether it was filled in",
        "法规仅允许所列人员查看；本页不透露该项是否已填报",
    ),
    "key-not-applicable": ("not asked of this kind of battery", "该类电池无需填报"),
    "key-missing": ("due today and not there", "今日应有而未填"),
    "key-optional": ("Optional items that were left blank are not listed.", "未填写的选填项不列出。"),
    # --- entries ------------------------------------------------------------------------------------------------------
    "indicator": ("Indicator", "指标"),
    "value": ("Value", "数值"),
    "eu-name": ("EU name, Annex", "欧盟名称与附件"),
    "cn-name": ("Chinese name", "中国名称"),
    "eu": ("EU", "欧盟"),
    "cn": ("China", "中国"),
    "same-name": ("same name", "同名"),
    "restricted": ("Restricted", "受限"),
    "other-purpose": ("{who} for another purpose", "其他用途的{who}"),
    "not-applicable": ("Does not apply", "不适用"),
    "from-date": ("{regime}: from {date}", "{regime}：自{date}起"),
    "pending": ("{regime}: waits for an act that is not yet in force", "{regime}：待相关法案生效"),
    "pending-act": ("{regime}: waits for the act under Article {article}", "{regime}：待第{article}条所指法案生效"),
    "excluded": ("{regime}: not asked of this kind of battery", "{regime}：该类电池无需填报"),
    "at-stage": ("{regime}: {stage}", "{regime}：{stage}"),
    "changed-at": ("at the status change of {at}", "状态变更时，{at}"),
    "read-at": ("read {at}", "读取于{at}"),
    "entries": ("{number} entries", "共{number}条"),
    "in-picture": ("shares in the picture above", "比例见上图"),
    "particulars": ("{number} particulars", "共{number}项内容"),
    "as-table": ("As a table", "查看表格"),
    "in-brackets": (" ({text})", "（{text}）"),
    "month-only": ("written “{month}” in EU documents", "欧盟文件中写作“{month}”"),
    "more-not-due": ("{number} more items, not yet due", "另有{number}项尚未到期"),
    "more-not-applicable": ("{number} items that do not apply to this battery", "{number}项不适用于本电池"),
    "more-not-applicable-one": ("1 item that does not apply to this battery", "1项不适用于本电池"),
    "public-part-one": ("Public part, 1 item", "公开部分，1项"),
    "public-part": ("Public part, {number} items", "公开部分，{number}项"),
    "note-pending": (
        "The EU does not ask for these points yet; China does. Values are shown under the rules that ask for them and "
        "are left out of the EU view.",
        "欧盟尚未要求填报这些项目，中国已要求。数值在要求填报的规则下显示，在欧盟视图中不列出。",
    ),
    "regime-not-asked": (
        "The {regime} rules ask nothing of this kind of battery. All entries are shown.",
        "{regime}规则对该类电池无要求，以下显示全部条目。",
    ),
    # --- restricted sections ------------------------------------------------------------------------------------------
    "dynamic-restricted": (
        "<span class=rs>Restricted.</span> The law keeps the condition of a single battery for people with a "
        "legitimate interest: repairers, remanufacturers, second-life operators, recyclers, and whoever buys this "
        "battery. This page does not tell whether the {number} items were filled in.",
        "<span class=rs>受限。</span>单块电池的状况依法仅供合法权益人查看：维修、再制造、综合利用、回收企业，"
        "以及购买本电池的人。本页不透露这{number}项是否已填报。",
    ),
    "traceability-restricted": (
        "<span class=rs>Restricted.</span> The Chinese rules ask for {number} records, from production to recycling, "
        "for the competent authorities only. Owners, number plates and vehicle numbers are never part of a passport.",
        "<span class=rs>受限。</span>中国规则要求从生产到回收的{number}类记录，仅供主管部门查看。"
        "车主、车牌号、车辆识别代号不写入护照。",
    ),
    "how-to-ask": ("How to ask", "如何申请"),
    "names-of-items": ("Names of these items", "项目名称"),
}
