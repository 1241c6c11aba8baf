"""What the pages say that take something in: the verifier page, and the page on which a role is presented."""

from __future__ import annotations

FORM_TEXTS: dict[str, tuple[str, str]] = {
    # --- verifier page ----------------------------------------------------------------------------------------------
    "verify": ("Verify a battery passport", "核验电池护照"),
    "verify-short": ("Verify a file", "核验文件"),
    "verify-text": (
        "Give a saved passport, a presentation or a credential. It is checked here and not kept. The command "
        "<code>passport verify</code> does the same on your own computer, without a network if need be.",
        "请提供护照存档、出示文件或凭证。文件在本站核验，不予保存。在您自己的计算机上，命令<code>passport verify</code>"
        "可进行同样的核验，且无需联网。",
    ),
    "verify-file": ("<b>Saved passport</b>, drop it here or choose a file", "<b>护照存档</b>：拖到此处或选择文件"),
    "verify-limit": ("JSON-LD, up to 1 MB", "JSON-LD，不超过1 MB"),
    "verify-paste": ("Paste it instead", "改为粘贴文本"),
    "verify-paste-label": ("Text of the passport", "护照文本"),
    "verify-button": ("Verify", "核验"),
    "verify-nothing": (
        "There was no file and no text. Choose a file or paste the text of one.",
        "未提供文件或文本。请选择文件，或粘贴文本。",
    ),
    "verify-unreadable": (
        "This cannot be read as a passport, so nothing was checked.",
        "无法作为护照读取，未进行任何核验。",
    ),
    "verify-trust": ("Whose signature counts here", "本站认可哪些签名"),
    "verify-trust-text": (
        "Check 5 goes by the trust list of this site. On your own computer you choose a list of your own.",
        "第5项依据本站的信任名录判定。在您自己的计算机上，由您自行选择名录。",
    ),
    "verify-trust-nobody": (
        "The list is empty: no issuer is accepted.",
        "名录为空，不认可任何签发方。",
    ),
    "result": ("Result for {name}", "{name}的核验结果"),
    "result-pasted": ("Result for the pasted text", "所粘贴文本的核验结果"),
    "count-passed": ("{number} passed", "{number}项通过"),
    "count-undetermined": ("{number} could not be checked", "{number}项未核验"),
    "count-failed": ("{number} failed", "{number}项未通过"),
    "count-not-reached": ("{number} not reached", "{number}项未进行"),
    "by-credential": ("By credential", "按凭证查看"),
    "credential": ("Credential", "凭证"),
    "found": ("What was found", "核验发现"),
    "presentation-check": ("The presentation itself", "出示文件本身"),
    "presentation-good": ("signed by its holder", "由持有者签名"),
    "hidden": ("What was hidden from you", "未向您披露的内容"),
    "hidden-text": (
        "A derived view leaves entries out, and what is left still verifies.",
        "派生视图省略了部分条目，其余部分仍可核验。",
    ),
    "hidden-here": ("Entries here", "此处条目"),
    "hidden-vocabulary": ("In the vocabulary", "词汇表中"),
    "hidden-not-here": ("Not here", "未列出"),
    "hidden-note": (
        "“Not here” means left out or never filled in. A derived view cannot tell which, and cannot prove that nothing "
        "else was left out.",
        "“未列出”指被省略或从未填报。派生视图无法区分二者，也无法证明没有省略其他内容。",
    ),
    "hidden-none": (
        "Nothing within these credentials: each is whole. Whether there are others that are not in the file cannot be "
        "seen from it; a public view holds none of the restricted ones.",
        "这些凭证均完整，未省略内容。文件之外是否还有其他凭证，无法由文件看出；公开视图不含受限凭证。",
    ),
    "unchecked": ("What could not be checked", "未能核验的内容"),
    "unchecked-never": (
        "No check of this kind can tell whether the values are true, or whether the battery before you is the one "
        "described.",
        "此类核验无法判断数据是否属实，也无法判断您面前的电池是否就是所述电池。",
    ),
    "unchecked-compare": ("Compare the code on the battery: {code}", "请与电池上的编码比对：{code}"),
    "unchecked-nothing": ("All five checks could be made.", "五项核验均已进行。"),
    "report": ("Report", "核验报告"),
    "report-json": ("Report for machines", "机器可读报告"),
    "report-note": (
        "The same checks under the same numbers; what <code>passport verify --json</code> prints. It is in this page: "
        "nothing is kept here to be fetched again.",
        "编号与内容相同，与<code>passport verify --json</code>的输出一致。报告包含在本页内，本站不留存。",
    ),
    "report-page": (
        "To file it for people, print this page: it holds all details and the digest of the file.",
        "如需存档供人阅读，请打印本页：其中含全部细节与文件摘要。",
    ),
    "digest": ("SHA-256 of the file", "文件的SHA-256"),
    "footer-verify": (
        "Checked on this server; the file was not kept. No cookies, no third-party requests.",
        "在本服务器核验，文件未予保存。不使用Cookie，不向第三方发送请求。",
    ),
    # --- presenting a role ------------------------------------------------------------------------------------------
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
        "Signed; restricted content: keep it as you keep the documents.",
        "已签名，含受限内容，请按资料要求保管。",
    ),
    "home-verify": (
        "A saved passport can be checked here, or on your own computer.",
        "护照存档可在本站核验，也可在您自己的计算机上核验。",
    ),
    "home-present": ("Read with a role", "以角色身份阅读"),
    "leave": ("Leave the role", "退出角色"),
}
