"""Every sentence that a page says, in English and Chinese side by side. Labels of indicators come from the ontology.

* Say what is so, then what to do. Full sentences for judgements, bare nouns for labels.
* Never claim more than was checked: "nothing was changed since … signed", not "the data are correct".
* English: sentence case, British spelling, "withdrawn" for people where the data say revoked.
* Chinese: 书面而平实，称“您”。

A text may hold markup of our own and ``{fields}``; what is put into a field is escaped.
"""

from __future__ import annotations

from markupsafe import Markup, escape

from resolver.page.wording_forms import FORM_TEXTS

TEXTS: dict[str, tuple[str, str]] = {
    # --- frame ------------------------------------------------------------------------------------------------------
    "site": ("Battery passport", "电池护照"),
    "skip": ("Skip to the passport", "跳到护照正文"),
    "skip-page": ("Skip to the text", "跳到正文"),
    "rules": ("Rules", "规则"),
    "rules-nav": ("Rules shown", "显示规则"),
    "both": ("Both", "两者"),
    "language": ("Language", "语言"),
    "contents": ("Sections", "目录"),
    "title": ("{name} {serial}, battery passport", "{name} {serial} 电池护照"),
    "title-model": ("{name}, battery model", "{name} 电池型号"),
    "served": ("Served {at}.", "页面生成于{at}。"),
    "served-role": ("Served {at} to {holder}, access {token}.", "页面于{at}提供给{holder}，访问编号{token}。"),
    "footer-public": (
        "Public data, free of charge. No cookies, no third-party requests; your address is not recorded.",
        "公开数据，免费查看。不使用Cookie，不向第三方发送请求，不记录您的地址。",
    ),
    "footer-role": (
        "No cookies, no third-party requests. What you open is recorded.",
        "不使用Cookie，不向第三方发送请求。所查看的内容会被记录。",
    ),
    "print-role": ("Restricted view, not for passing on.", "受限视图，不得转交他人。"),
    "wrong": ("Something wrong?", "发现错误？"),
    # --- header -----------------------------------------------------------------------------------------------------
    "maker-line": ("{category} by {maker}", "{maker}生产的{category}"),
    "energy": ("Rated energy", "额定能量"),
    "capacity": ("Rated capacity", "额定容量"),
    "voltage": ("Nominal voltage", "标称电压"),
    "mass": ("Mass", "质量"),
    "made": ("Made", "生产日期"),
    "plate": (
        "Pack code, GB/T 34014. It must be the same as on the battery.",
        "动力电池包编码（GB/T 34014），应与实物一致。",
    ),
    "plate-serial": (
        "Serial number. It must be the same as on the battery.",
        "序列号，应与实物一致。",
    ),
    "code-maker": ("maker", "厂商"),
    "code-specification": ("specification", "规格"),
    "code-traceability": ("traceability", "追溯信息"),
    "code-serial": ("serial", "序列号"),
    "code-second-life": ("second life", "综合利用"),
    "type-P": ("pack", "包"),
    "type-M": ("module", "模块"),
    "type-C": ("cell", "单体"),
    "kind-A": ("nickel-metal hydride", "镍氢"),
    "kind-B": ("iron phosphate", "磷酸铁锂"),
    "kind-C": ("manganese oxide", "锰酸锂"),
    "kind-D": ("cobalt oxide", "钴酸锂"),
    "kind-E": ("ternary", "三元"),
    "kind-F": ("supercapacitor", "超级电容"),
    "kind-G": ("titanate", "钛酸锂"),
    "kind-Z": ("other", "其他"),
    "qr": ("QR code with the address of this passport", "本护照地址的二维码"),
    "model-page": (
        "This is the model’s page. A single battery has a passport of its own: scan the code on it.",
        "本页为型号页面。每块电池另有自己的护照，请扫描电池上的二维码。",
    ),
    # --- status of the document -------------------------------------------------------------------------------------
    "status-valid": ("Passport valid", "护照有效"),
    "status-valid-model": ("Model data valid", "型号数据有效"),
    "status-suspended": ("Passport suspended", "护照已暂停"),
    "status-withdrawn": ("Passport withdrawn", "护照已撤销"),
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
    # --- trust strip ------------------------------------------------------------------------------------------------
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
        "The trust list of this site names {who} as an issuer of these credentials{regimes}.",
        "本站信任名录列明{who}可签发这些凭证{regimes}。",
    ),
    "listed-regimes": (", for {list}", "（{list}）"),
    "not-listed": (
        "<span class=warn>The trust list of this site does not name {who} for {list}.</span> The signature says that "
        "nothing was changed; it does not say who is behind it.",
        "<span class=warn>本站信任名录未列明{who}可签发{list}。</span>签名只说明内容未被改动，不说明签名者的身份。",
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
        "Download the <a href=\"{href}\" download=\"{file}\">saved passport</a> and check it on a computer of your "
        "own, with or without a network:",
        "下载<a href=\"{href}\" download=\"{file}\">护照存档</a>，在自己的计算机上核验，联网或离线均可：",
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
    # --- key --------------------------------------------------------------------------------------------------------
    "key": ("How to read the entries", "如何阅读各条目"),
    "static": ("static", "静态"),
    "dynamic": ("dynamic", "动态"),
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
    # --- entries ----------------------------------------------------------------------------------------------------
    "indicator": ("Indicator", "指标"),
    "value": ("Value", "数值"),
    "eu-name": ("EU name, Annex", "欧盟名称与附件"),
    "cn-name": ("Chinese name", "中国名称"),
    "eu": ("EU", "欧盟"),
    "cn": ("China", "中国"),
    "same-name": ("same name", "同名"),
    "not-yet-due": ("Not yet due", "尚未到期"),
    "restricted": ("Restricted", "受限"),
    "not-applicable": ("Does not apply", "不适用"),
    "missing": ("Missing", "缺失"),
    "from-date": ("{regime}: from {date}", "{regime}：自{date}起"),
    "pending": ("{regime}: waits for an act that is not yet in force", "{regime}：待相关法案生效"),
    "at-stage": ("{regime}: {stage}", "{regime}：{stage}"),
    "changed-at": ("at the status change of {at}", "状态变更时（{at}）"),
    "read-at": ("read {at}", "读取于{at}"),
    "entries": ("{number} entries", "共{number}条"),
    "month-only": ("written “{month}” in EU documents", "欧盟文件中写作“{month}”"),
    "yes": ("Yes", "是"),
    "no": ("No", "否"),
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
    # --- restricted sections ----------------------------------------------------------------------------------------
    "dynamic-restricted": (
        "<span class=rs>Restricted.</span> The law keeps the condition of a single battery for people with a "
        "legitimate interest: repairers, remanufacturers, second-life operators, recyclers, and whoever buys this "
        "battery. This page does not tell whether the {number} items were filled in.",
        "<span class=rs>受限。</span>单块电池的状况依法仅供合法权益方查看：维修、再制造、综合利用、回收企业，"
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
    # --- role -------------------------------------------------------------------------------------------------------
    "role-region": ("Your role", "您的角色"),
    "role-line": (
        "You are reading in a role: {role}, until {time}",
        "您正以角色身份阅读：{role}，至{time}",
    ),
    "role-detail": (
        "Purpose: {purpose}. Role credential of {issuer}{end}. What you open here is logged. Restricted entries are "
        "not for passing on.",
        "用途：{purpose}。角色凭证签发方：{issuer}{end}。您所查看的内容会被记录，受限条目不得转交他人。",
    ),
    "role-end": (", valid until {date}", "，有效期至{date}"),
    "public-view": ("Public view: the same address without the token", "公开视图：不带令牌访问同一地址"),
    "opens": ("What your role opens", "您的角色可查看的内容"),
    "opens-text": (
        "{number} restricted items of this passport are open to you: {list}.",
        "本护照有{number}个受限项目对您开放：{list}。",
    ),
    "opens-one": ('<a href="#{id}">{title}</a> ({number})', '<a href="#{id}">{title}</a>（{number}）'),
    "opens-nothing": (
        "This passport holds nothing that your role opens beyond the public part.",
        "除公开部分外，本护照没有您的角色可查看的内容。",
    ),
    # --- downloads and asking ---------------------------------------------------------------------------------------
    "downloads": ("Downloads", "下载"),
    "saved-passport": ("Saved passport", "护照存档"),
    "saved-note": (
        "Signed. Holds what it takes to verify it offline.",
        "已签名，含离线验证所需的全部内容。",
    ),
    "saved-role-note": (
        "Ask for it with your token. Signed; restricted content: keep it as you keep the documents.",
        "需携带令牌获取。已签名，含受限内容，请按资料要求保管。",
    ),
    "cred-model": ("Model credential", "型号凭证"),
    "cred-passport": ("Pack credential", "电池包凭证"),
    "cred-signed": ("Signed on {date}.", "{date}签名。"),
    "status-list": ("Status list", "状态列表"),
    "purpose-revocation": ("Signed. Says what is withdrawn.", "已签名，列明已撤销的凭证。"),
    "purpose-suspension": ("Signed. Says what is suspended.", "已签名，列明已暂停的凭证。"),
    "ask": ("Seeing more than the public", "查看公众以外的内容"),
    "ask-short": ("Seeing more", "查看更多"),
    "ask-text": (
        "You may see restricted entries when an authority on the trust list has given you a role credential.",
        "若信任名录中的主管机构已向您签发角色凭证，即可查看受限内容。",
    ),
    "ask-1": (
        "Ask an issuer of role credentials for one; say who you are and what for.{issuers}",
        "向角色凭证签发机构申请，说明身份与用途。{issuers}",
    ),
    "ask-issuers": (" Here these are: {list}.", "本站认可：{list}。"),
    "ask-2": (
        "Get a challenge from <code>{token}</code>, sign a presentation with a wallet or with the command "
        "<code>passport present</code>, and post it there.",
        "从<code>{token}</code>获取质询，用钱包或命令<code>passport present</code>签署出示文件，并提交到同一地址。",
    ),
    "ask-3": (
        "Send the access token with the request for this address. You then read the restricted view for {minutes} "
        "minutes at most. What you open is logged, with the time.",
        "请求本页地址时附上访问令牌，即可查看受限内容，最长{minutes}分钟。所查看的内容与时间将被记录。",
    ),
    # --- charts -----------------------------------------------------------------------------------------------------
    "chart-table": ("Figures as a table", "数据表"),
    "chart-footprint": (
        "Carbon footprint by life-cycle stage, {total} kg CO₂e/kWh",
        "按生命周期阶段的碳足迹，{total} kg CO₂e/kWh",
    ),
    "chart-footprint-note": (
        "Per kWh delivered over the service life{sum}. It must not be compared with a figure per kWh of capacity.",
        "按使用寿命内每输出1 kWh计{sum}。不得与按每kWh容量计的数值比较。",
    ),
    "chart-footprint-sum": (": {mass} kg over {energy} kWh", "：{mass} kg，{energy} kWh"),
    "chart-stage": ("Stage", "阶段"),
    "chart-share": ("Share", "占比"),
    "chart-total": ("Total", "合计"),
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
    "chart-mass-share": ("Share of pack mass", "占电池包质量比例"),
    "other-materials": ("Other materials", "其他材料"),
    "chart-recycled": ("Recycled share per metal", "各金属再生材料占比"),
    "chart-recycled-note": (
        "Share of the metal in the active material that was recovered from waste.",
        "活性材料中该金属来自废料回收的比例。",
    ),
    "chart-recycled-minimum": (
        "Recycled share per metal, beside the legal minimum", "各金属再生材料占比与法定最低值",
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
    "tl-read": ("Last read-out", "最近一次读取"),
    "tl-energy": ("{value} of certified energy", "认证能量的{value}"),
    "tl-cycles": ("{value} full cycles", "完整循环{value}次"),
    "tl-signed": ("Signed by {who}; signature checked", "由{who}签名，签名已核验"),
    "metal-recycledNickelShare": ("Nickel", "镍"),
    "metal-recycledCobaltShare": ("Cobalt", "钴"),
    "metal-recycledLithiumShare": ("Lithium", "锂"),
    "metal-recycledLeadShare": ("Lead", "铅"),
    # --- home and problems ------------------------------------------------------------------------------------------
    "home-title": ("Battery passports", "电池护照"),
    "home-text": (
        "Behind the QR code on a battery stands its passport: who made it, from what, how it performs, what its carbon "
        "footprint is, how to take it apart. Each passport is signed by the maker, and anybody can check it.",
        "电池上的二维码通向它的护照：由谁制造、用什么材料、性能如何、碳足迹多少、如何拆解。"
        "每份护照均由制造商签名，任何人都可以核验。",
    ),
    "find": ("Find a passport", "查找护照"),
    "find-label": (
        "Code on the battery (GB/T 34014), or the address in its QR code",
        "电池上的编码（GB/T 34014），或二维码中的地址",
    ),
    "find-button": ("Open the passport", "打开护照"),
    "home-programs": ("For programs", "供程序使用"),
    "home-negotiate": (
        "The address in the QR code leads to a page for people and, with <code>Accept: application/vp</code> or "
        "<code>?format=vp</code>, to the signed data.",
        "二维码中的地址对人显示网页；使用<code>Accept: application/vp</code>或<code>?format=vp</code>可取得签名数据。",
    ),
    "home-ns": ("Vocabulary", "词汇表"),
    "home-context": ("JSON-LD context", "JSON-LD上下文"),
    "home-token": ("Access with a role credential", "使用角色凭证访问"),
    "problem-400": ("This address cannot be right", "地址有误"),
    "problem-401": ("Your access has ended", "访问权限已失效"),
    "problem-403": ("Your role does not open this", "您的角色无权查看"),
    "problem-404": ("There is nothing at this address", "该地址没有内容"),
    "problem-405": ("That cannot be done here", "不支持该操作"),
    "problem-406": ("There is no such form of this document", "没有所请求的格式"),
    "problem-413": ("That is too large", "内容过大"),
    "problem-500": ("Something failed here, and it is not your doing", "本站出现故障，与您的操作无关"),
    "problem-500-hint": ("Try again in a minute.", "请稍后再试。"),
    "problem-expected": ("Details", "详情"),
    "problem-home": ("To the front page", "返回首页"),
}

TEXTS |= FORM_TEXTS

#: Who may read, as the entries name them. People with a legitimate interest first; the four authorities after.
AUDIENCES: dict[str, tuple[str, str]] = {
    "public": ("the public", "公众"),
    "legitimate-interest": ("legitimate interest", "合法权益方"),
    "notified-body": ("notified bodies", "公告机构"),
    "market-surveillance": ("market surveillance", "市场监督机构"),
    "commission": ("Commission", "欧盟委员会"),
    "cn-regulator": ("Chinese regulator", "中国主管部门"),
}

#: "Not yet due, …": what the indicator waits for.
STAGES: dict[str, tuple[str, str]] = {
    "production": ("at production", "生产时"),
    "placing-on-market": ("when placed on the market", "投放市场时"),
    "fitting": ("when fitted to a vehicle", "装车时"),
    "sale": ("when sold", "销售时"),
    "use": ("in use", "使用中"),
    "repair": ("when repaired", "维修时"),
    "swap": ("when swapped", "换电时"),
    "second-life": ("in second life", "综合利用时"),
    "recycling": ("when recycled", "回收时"),
    "scrapping": ("when the vehicle is scrapped", "车辆报废时"),
}

#: Batteries as people call them; the ontology's labels carry the legal thresholds.
CATEGORIES: dict[str, tuple[str, str]] = {
    "ev": ("Electric-vehicle battery", "电动汽车动力电池"),
    "lmt": ("Battery for light means of transport", "轻型交通工具电池"),
    "industrial": ("Industrial battery", "工业电池"),
    "stationary": ("Stationary storage battery", "固定式储能电池"),
}

#: Section names for people, where the vocabulary's own are shorter or more technical.
SECTIONS: dict[str, tuple[str, str]] = {
    "basic": ("Identity and product", "基础信息"),
    "labels": ("Labels and symbols", "标签标识"),
    "compliance": ("Conformity and due diligence", "合规声明"),
    "dynamic": ("Condition of this pack", "动态信息"),
    "traceability": ("Traceability records", "溯源管理"),
}

LANGUAGES = ("en", "zh")


class Words:
    """All texts in one language.

    :param language: ``en`` or ``zh``.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._index = LANGUAGES.index(language)

    @property
    def other(self) -> str:
        """The other language."""
        return LANGUAGES[1 - self._index]

    def __call__(self, key: str, **fields: object) -> Markup:
        """The text ``key`` with its fields filled in; what is filled in is escaped."""
        text = Markup(TEXTS[key][self._index])  # noqa: S704 - our own text
        return text.format(**fields) if fields else text

    @property
    def comma(self) -> Markup:
        """Between clauses."""
        return Markup("，") if self.language == "zh" else Markup(", ")

    @property
    def pause(self) -> Markup:
        """Between the parts of an enumeration."""
        return Markup("、") if self.language == "zh" else Markup(", ")

    @property
    def space(self) -> Markup:
        """Between sentences."""
        return Markup("") if self.language == "zh" else Markup(" ")

    def has(self, key: str) -> bool:
        return key in TEXTS

    def of(self, table: dict[str, tuple[str, str]], key: str) -> str:
        """An entry of one of the small tables; the key itself where there is none."""
        return table[key][self._index] if key in table else key

    def join(self, parts: list, *, pause: str | None = None) -> Markup:
        """A list in a sentence: commas, and in English an "and" before the last; ``pause`` replaces the Chinese one."""
        if self.language == "zh":
            return (self.pause if pause is None else escape(pause)).join(parts)
        if len(parts) < 2:
            return Markup("").join(parts)
        return Markup(" and ").join([Markup(", ").join(parts[:-1]), parts[-1]])

    def clauses(self, parts: list) -> Markup:
        """Clauses one after the other: semicolons in Chinese, "and" in English."""
        return self.comma.join(parts) if self.language == "zh" else self.join(parts)
