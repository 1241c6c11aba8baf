"""The verifier page."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "verify": ("Verify a battery passport", "核验电池护照"),
    "verify-short": ("Verify a file", "核验文件"),
    "verify-text": (
        "Give a saved passport, a presentation or a credential. It is checked here and not kept. The command "
        "<code>passport verify</code> does the same on your own computer, without a network if need be.",
        "请提供护照存档、出示文件或凭证。文件在本站核验，不予保存。在您自己的计算机上，命令<code>passport verify</code>"
        "可进行同样的核验，且无需联网。",
    ),
    "verify-file": ("<b>Saved passport</b>, drop it here or choose a file", "<b>护照存档</b>：拖到此处或选择文件"),
    "verify-limit": ("JSON-LD or JWT, up to 1 MB", "JSON-LD或JWT，不超过1 MB"),
    "verify-paste": ("Paste it instead", "改为粘贴文本"),
    "verify-paste-label": ("Text of the passport", "护照文本"),
    "verify-about": ("Code or address on the battery (optional)", "电池上的编码或网址（选填）"),
    "verify-about-hint": (
        "With it, check 6 also tells whether the file is this battery's.",
        "填写后，第6项还将判定文件是否属于该电池。",
    ),
    "verify-button": ("Verify", "核验"),
    "verify-nothing": (
        "There was no file and no text. Choose a file or paste the text of one.",
        "未提供文件或文本。请选择文件，或粘贴文本。",
    ),
    "verify-too-large": (
        "This is larger than 1 MB, so nothing was read and nothing was checked. The command reads up to 4 MB.",
        "内容超过1 MB，未读取，也未进行任何核验。命令行可读取不超过4 MB的文件。",
    ),
    "machine-detail": ("For technicians:", "技术细节："),
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
    "members": ("What is in the file", "文件内容"),
    "count-not-applied": ("{number} not applied", "{number}项未适用"),
    "by-credential": ("By credential", "按凭证查看"),
    "credential": ("Credential", "凭证"),
    "found": ("What was found", "核验发现"),
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
    "hidden-unknown": (
        "Where a proof does not verify, nobody can say what was left out or put in.",
        "证明（签名）未通过或未核验的，无法判断其中省略或添加了什么。",
    ),
    "unchecked": ("What could not be checked", "未能核验的内容"),
    "unchecked-never": (
        "No check of this kind can tell whether the values are true, or whether the battery before you is the one "
        "described.",
        "此类核验无法判断数据是否属实，也无法判断您面前的电池是否就是所述电池。",
    ),
    "unchecked-compare": ("Compare the code on the battery: {code}", "请与电池上的编码比对：{code}"),
    "unchecked-nothing": ("Every check could be made.", "各项核验均已进行。"),
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
}
