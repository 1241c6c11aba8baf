"""What the document is worth: its status, and the four answers of the trust strip."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- status of the document ---------------------------------------------------------------------------------------
    "status-valid": ("Passport valid", "护照有效"),
    "status-valid-model": ("Model data valid", "型号数据有效"),
    "status-suspended": ("Signed and unchanged, but suspended", "已签名且未改动，但已暂停"),
    "status-withdrawn": ("Signed and unchanged, but withdrawn", "已签名且未改动，但已撤销"),
    "status-suspended-unsure": ("Suspended; the signature could not be checked", "已暂停，签名未核验"),
    "status-withdrawn-unsure": ("Withdrawn; the signature could not be checked", "已撤销，签名未核验"),
    "status-superseded": ("Signed and unchanged, but not the newest read-out", "已签名且未改动，但不是最新读数"),
    "status-ended": ("Signed and unchanged; the battery no longer exists", "已签名且未改动；该电池已不复存在"),
    "status-bad": ("Do not rely on this passport", "请勿依赖本护照"),
    "status-unlisted": ("Signed, issuer not listed", "已签名，签发方未列入名录"),
    "status-unknown": ("Could not be checked in full", "未能完全核验"),
    "status-expired": ("Passport out of its validity period", "护照不在有效期内"),
    "about-valid": (
        "Issued {issued}{end}; not suspended, not withdrawn.",
        "{issued}签发{end}；未暂停，未撤销。",
    ),
    "about-bad": ("What was checked stands below.", "核验结果见下。"),
    "about-other": ("Issued {issued}. What was checked stands below.", "{issued}签发。核验结果见下。"),
    "no-end": (", without end date", "，未设截止日期"),
    "with-end": (", until {end}", "，有效期至{end}"),
    "about-document": (
        "This is about the document, not about the state of the battery.",
        "此处指凭证本身，不表示电池的状态。",
    ),
    "about-document-role": ("The state of the battery itself is below.", "电池自身的状态见下。"),
    # --- trust strip --------------------------------------------------------------------------------------------------
    "trust": ("How far you can rely on this page", "本页内容可以信赖到什么程度"),
    "signed-by": ("Signed by", "签名方"),
    "listed-in": ("Listed in", "收录于"),
    "withdrawn?": ("Withdrawn?", "是否撤销"),
    "complete?": ("Complete?", "是否完整"),
    "data-model": ("the model’s data", "型号数据"),
    "data-detail": ("the model’s restricted data", "型号受限数据"),
    "data-passport": ("this pack’s data", "本包数据"),
    "data-condition": ("the condition of this pack", "本包状况"),
    "data-event": ("a traceability record", "溯源记录"),
    "signed-one": ("{what} on {date}", "于{date}签署{what}"),
    "signed": (
        "<b>{who}</b> signed {list}. Nothing was changed since.",
        "<b>{who}</b>{list}；此后内容未被改动。",
    ),
    "not-signed": (
        "<b class=bad>Do not rely on {list}.</b> {why} Compare with the maker, and do not use the values.",
        "<b class=bad>请勿依赖{list}。</b>{why}请向制造商核实，不要使用这些数值。",
    ),
    "why-changed": ("Signature and content do not match.", "签名与内容不符。"),
    "why-key": ("The key does not belong to the issuer.", "签名密钥不属于签发方。"),
    "why-unsigned": ("It is not signed.", "凭证没有签名。"),
    "why-form": ("It is not a well-formed credential.", "凭证格式有误。"),
    "sign-unknown": (
        "The signature on {list} could not be checked: {why}.",
        "{list}的签名未核验：{why}。",
    ),
    "listed": (
        'The <a href="{href}">trust list of this site</a> names {who} as an issuer of these credentials{regimes}.',
        '<a href="{href}">本站信任名录</a>列明{who}可签发这些凭证{regimes}。',
    ),
    "listed-regimes": (", for {list}", "（{list}）"),
    "not-listed": (
        '<span class=warn>The <a href="{href}">trust list of this site</a> does not name {who} for {list}.</span> The '
        "signature says that nothing was changed; it does not say who is behind it.",
        '<span class=warn><a href="{href}">本站信任名录</a>未列明{who}可签发{list}。</span>'
        "签名只说明内容未被改动，不说明签名者的身份。",
    ),
    "list-unknown": ("Could not be checked: {why}.", "未核验：{why}。"),
    "not-withdrawn": (
        "Not withdrawn as of {at}; the status list was signed {signed}.",
        "截至{at}未撤销；所依据的状态列表签署于{signed}。",
    ),
    "no-status": ("Its credentials name no status list.", "其凭证未指明状态列表。"),
    "condition-newest": ("The condition is the newest read-out there is.", "状况数据为现有最新一次读取。"),
    "is-withdrawn": (
        "<b class=bad>Withdrawn</b> by its issuer: {list}. Do not rely on it; the maker can say what replaced it.",
        "<b class=bad>已被签发方撤销</b>：{list}。请勿依赖，替代内容请询问制造商。",
    ),
    "is-suspended": (
        "<b class=warn>Suspended</b> by its issuer for the time being: {list}.",
        "<b class=warn>已被签发方暂停</b>：{list}。",
    ),
    "status-unchecked": (
        "<span class=warn>Could not be checked</span> for {list}: {why}.",
        "<span class=warn>{list}未核验</span>：{why}。",
    ),
    "expired": (
        "<b class=warn>Not within its validity period</b>: {list}.",
        "<b class=warn>不在有效期内</b>：{list}。",
    ),
    "complete-public-both": (
        "This view is complete for the public: both public credentials are shown whole.",
        "本页面对公众是完整的：两份公开凭证全文展示。",
    ),
    "complete-public": (
        "This view is complete for the public: {number} public credentials are shown whole.",
        "本页面对公众是完整的：{number}份公开凭证全文展示。",
    ),
    "complete-public-one": (
        "This view is complete for the public: the public credential is shown whole.",
        "本页面对公众是完整的：公开凭证全文展示。",
    ),
    "complete-role": (
        "You see what the policy gives to your role, each entry under its signature. What a derived view leaves out "
        "cannot be proved by it.",
        "您所看到的是规则允许您的角色查看的内容，每项均有签名。派生视图不能证明没有略去其他内容。",
    ),
    "due": ("Of the public items due today, {list}.", "今日应有的公开项目：{list}。"),
    "due-role": ("Of the items due today that you may see, {list}.", "今日应有且您可查看的项目：{list}。"),
    "due-one": ("{present} of {all} are there for {regime}", "{regime}{all}项，已填报{present}项"),
    "due-later": (
        "The rules of {regime} apply from {date}; of the items that they ask for then, {present} of {all} are there.",
        "{regime}规则自{date}起适用，届时应有的{all}项，已填报{present}项。",
    ),
    "the-eu": ("the EU", "欧盟"),
    "the-cn": ("China", "中国"),
    "vouch": ("A page cannot vouch for itself. Check it yourself", "网页不能为自己作证，请自行核验"),
    "check-plate": (
        "Compare the code above with the one on the battery.",
        "将上方编码与电池实物上的编码比对。",
    ),
    "check-file": (
        'Download the <a href="{href}" download="{file}">saved passport</a> and check it on a computer of your '
        "own, with or without a network:",
        '下载<a href="{href}" download="{file}">护照存档</a>，在自己的计算机上核验，联网或离线均可：',
    ),
    "check-role-file": (
        "Ask for this address with <code>Accept: application/vp</code> and your token, save the answer, and check it "
        "on a computer of your own:",
        "使用您的令牌并以<code>Accept: application/vp</code>请求本页地址，保存结果后在自己的计算机上核验：",
    ),
    "check-any": (
        "Or use any verifier of the W3C suites {suites}.",
        "或使用任何支持W3C {suites}的验证工具。",
    ),
}
