"""A reader's role: what it opens, what may be taken along, and how to ask for one."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- role ---------------------------------------------------------------------------------------------------------
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
    "opens-state": ("As read {at}: {list}.", "读取于{at}：{list}。"),
    "opens-value": ('{label} <a href="#{id}">{value}</a>', '{label}<a href="#{id}">{value}</a>'),
    "opens-nothing": (
        "This passport holds nothing that your role opens beyond the public part.",
        "除公开部分外，本护照没有您的角色可查看的内容。",
    ),
    # --- downloads and asking -----------------------------------------------------------------------------------------
    "downloads": ("Downloads", "下载"),
    "saved-passport": ("Saved passport", "护照存档"),
    "saved-note": (
        "Signed. Holds what it takes to verify it offline.",
        "已签名，含离线验证所需的全部内容。",
    ),
    "saved-role-note": (
        "Ask for it with your token. Signed, with restricted content, not for passing on.",
        "需携带令牌获取。已签名，含受限内容，不得转交他人。",
    ),
    "cred-model": ("Model credential", "型号凭证"),
    "cred-passport": ("Pack credential", "电池包凭证"),
    "cred-signed": ("Signed on {date}.", "{date}签名。"),
    "status-list": ("Status list", "状态列表"),
    "copy-note": ("A copy of the data, not signed.", "数据副本，未签名。"),
    "copy-csv-note": (
        "A copy for spreadsheets, in both languages, not signed.",
        "供电子表格使用的副本，中英双语，未签名。",
    ),
    "purpose-revocation": ("Signed. Says what is withdrawn.", "已签名，列明已撤销的凭证。"),
    "purpose-suspension": ("Signed. Says what is suspended.", "已签名，列明已暂停的凭证。"),
    "purpose-refresh": ("Signed. Says of which read-outs a newer one exists.", "已签名，列明哪些读取已有更新。"),
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
    # --- presenting a role --------------------------------------------------------------------------------------------
    "present": ("Read with a role", "以角色身份阅读"),
    "present-text": (
        "Whoever holds a role credential of an authority on the trust list may see more than the public. Show it here: "
        "what you sign is good for this site, for this once, and for five minutes.",
        "持有信任名录中主管机构所签发角色凭证者，可查看公众以外的内容。请在此出示：所签署的出示文件仅用于本站、"
        "仅限一次、五分钟内有效。",
    ),
    "present-sign": ("Sign the challenge", "签署质询"),
    "present-sign-text": (
        "With the command, where your key is; or with a wallet, using the same challenge and domain.",
        "在存有密钥的计算机上使用下列命令；或用钱包签署同样的质询与域。",
    ),
    "present-challenge": ("Challenge", "质询"),
    "present-domain": ("Domain", "域"),
    "present-until": ("Good until", "有效至"),
    "present-show": ("Show the presentation", "提交出示文件"),
    "present-file": ("<b>Presentation</b>, drop it here or choose a file", "<b>出示文件</b>：拖到此处或选择文件"),
    "present-paste-label": ("Text of the presentation", "出示文件的文本"),
    "present-passport": (
        "Passport to open: code on the battery, or the address in its QR code",
        "要打开的护照：电池上的编码，或二维码中的地址",
    ),
    "present-button": ("Open the restricted view", "打开受限视图"),
    "present-refused": ("This was not accepted.", "未被接受。"),
    "present-again": (
        "The challenge is used up by the attempt; below is a new one.",
        "该质询已随本次提交失效，下方为新的质询。",
    ),
    "present-nothing": (
        "There was no presentation. Choose the file that the command wrote, or paste its text.",
        "未提供出示文件。请选择命令生成的文件，或粘贴其文本。",
    ),
    "present-logged": (
        "What you open is recorded: who, which passport, which entries, when. The view lasts {minutes} minutes at "
        "most, or until you leave the role. No cookie is set.",
        "您所查看的内容将被记录：查看者、护照、条目与时间。视图最长有效{minutes}分钟，退出角色后即失效。不设置Cookie。",
    ),
    "another": ("Another passport", "打开另一份护照"),
    "another-text": ("In the same role, until {time}.", "以同一角色，至{time}。"),
    "ask-here": (
        'In a browser: <a href="{href}">show your role credential</a>; the restricted view opens on the spot.',
        '在浏览器中：<a href="{href}">出示您的角色凭证</a>，随即打开受限视图。',
    ),
    "saved-post-note": (
        "Signed, with restricted content, not for passing on.",
        "已签名，含受限内容，不得转交他人。",
    ),
    "leave": ("Leave the role", "退出角色"),
}
