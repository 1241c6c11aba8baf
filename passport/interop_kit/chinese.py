"""The Chinese description of each case. The English one is part of the case."""

from passport.vocabulary.vocabulary import load

#: By name of the case. ``{reader}`` is the audience of a saved passport, which the vocabulary names.
TITLES = {
    "passport-public": "护照存档：人人可读的内容。",
    "passport-legitimate-interest": "护照存档：{reader}可读的内容；部分为派生视图。",
    "passport-notified-body": "护照存档：{reader}可读的内容。",
    "passport-market-surveillance": "护照存档：{reader}可读的内容。",
    "passport-commission": "护照存档：{reader}可读的内容。",
    "passport-cn-regulator": "护照存档：{reader}可读的内容；含生产事件。",
    "model-alone": "仅有电池型号，没有电池包。",
    "one-credential": "电池包凭证及其状态列表。文件中没有其所指型号，这并非错误。",
    "passport-did-web": "did:web签发方的护照，其DID文档既在信任名录中，也在文件中。",
    "superseded-read-out": "已有更新读数的读数：refresh位已置位。核验通过，结果会说明这一点。",
    "two-read-outs": "同一电池包的两份读数，其中一份已有更新的读数，即另一份。",
    "declaration": "碳足迹声明及审核方的会签。",
    "keys-in-another-order": "公开护照，各对象的键换了顺序。",
    "code-asked-for": "公开护照，按铭牌上的动力电池编码查询。",
    "outside-namespaces-any-subject": (
        "另一制造商就本制造商电池包所作的陈述；信任名录对任何电池都信任它。签名无法分辨，请写明命名空间。"
    ),
    "presented": "持有者应质询、为指定域签署的可验证展示：角色凭证及其所指电池包。",
    "vc-jwt": "以vc+jwt封装的电池包凭证，附状态列表。",
    "vc-sd-jwt": "以vc+sd-jwt封装的电池包凭证，披露其中三项，另两项未披露。",
    "vc-cose": "以vc+cose封装的电池包凭证，附状态列表。",
    "vp-jwt": "vp+jwt格式的可验证展示，单独一个令牌：型号，以及vc+jwt格式的电池包凭证。",
    "vp-cose": "同一展示，vp+cose格式，单独一条COSE消息。",
    "vp-sd-jwt": "同一展示，带密钥绑定的vp+sd-jwt格式，单独一个令牌。",
    "tampered-value": "电池包凭证的一项值被更改。",
    "tampered-derived-view": "派生视图（ecdsa-sd-2023）的一项值被更改。",
    "value-of-another-view": "派生视图中加入了签发方签署过、但本视图未披露的值。",
    "proof-of-another": "电池包凭证带着型号凭证的证明。",
    "no-proof": "没有证明的电池包凭证。",
    "base-proof": "签发方自留的读数副本，任何人都不得出示。",
    "respelled-number": "数字写成文本。图相同，签名成立，程序读到的却是另一类型。",
    "respelled-null": "没有意义的null。",
    "respelled-link": "链接写成对象。",
    "respelled-type": "类型写成IRI。",
    "one-key-twice": "同一对象中一个键出现两次：两个解析器读出两份文件。",
    "foreign-member": "真实护照，外加陌生方以自己名义签署的型号。",
    "foreign-member-dressed-as-a-list": "同上，另加状态列表的类型，冒充无须信任的佐证。",
    "foreign-issuer": "整个文件由信任名录以外的签发方签署。",
    "foreign-key": "以制造商名义、用陌生方密钥签署的型号。",
    "issuer-replaced": "陌生方签署的内容，签发方改成了制造商。",
    "outside-namespaces": "获认可的另一制造商就本制造商的电池包作陈述。",
    "not-trusted-for-this": "仅就会签获认可的审核方签署了护照。",
    "revoked": "撤销位已置位的凭证。",
    "suspended": "暂停位已置位的凭证。",
    "expired": "已过有效期的凭证。",
    "not-yet-valid": "尚未生效的凭证。",
    "before-its-time": "在签署之前的时刻核验公开护照。",
    "stale-list": "状态列表已过期：是否撤销无法核验。",
    "no-list": "仅有电池包凭证，没有状态列表。",
    "list-of-another-purpose": "撤销列表的地址下放着暂停列表，签署后被更改。",
    "tampered-list": "状态列表的位被更改。",
    "list-of-a-stranger": "陌生方以自己名义签署的状态列表。",
    "two-packs": "一个文件中有两个电池包的护照。",
    "read-out-of-another-pack": "护照带着同型号另一电池包的读数。",
    "model-of-another-pack": "护照带着并非其所指的型号。",
    "model-of-another-maker": "护照带着另一获认可制造商的型号。",
    "two-versions": "同一电池包的两份护照，均有效。",
    "other-address-asked": "真实护照，但不是所查询的电池包。",
    "declaration-of-another-model": "护照带着另一型号的碳足迹声明。",
    "presented-for-another-challenge": "为另一质询签署的可验证展示。",
    "presented-to-another": "为另一核验方签署的可验证展示。",
    "presented-unsigned": "给出了质询，而展示无人签署。",
    "unknown-cryptosuite": "尚无人知晓的密码套件。",
    "unknown-cryptosuite-beside-a-known-one": "两个证明：一个成立，另一个的密码套件尚无人知晓。",
    "unknown-context": "未固定的上下文；上下文从不下载。",
    "tampered-token": "vc+jwt的签名有一个字符被更改。",
}


def title(name: str) -> str:
    """What the case ``name`` shows."""
    text = TITLES[name]
    if "{reader}" not in text:
        return text
    return text.format(reader=load().enumerations["audience"].label_of(name.removeprefix("passport-"), "zh"))
