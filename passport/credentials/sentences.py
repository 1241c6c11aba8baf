"""Everything a verification says about one check, in English and Chinese side by side. A table, and nothing else.

The keys are the codes of the report for machines, of ``passport.errors`` among them; a few more say what held. What
stands in braces are the values that :class:`~passport.credentials.wording.Phrase` carries; ``day`` behind a colon asks
for the date alone. A phrase begins in lower case and has no stop, since it may stand in a table or in a sentence.

What a library error says to the letter stands beside these as machine detail, never in their place.
"""

from __future__ import annotations

PHRASES: dict[str, tuple[str, str]] = {
    # --- what held --------------------------------------------------------------------------------------------------
    "counted": ("{count} of {count}", "共{count}份"),
    "signed-with": ("{suites}, key {keys}", "{suites}，密钥{keys}"),
    "signed-with-enclosed": (
        "{suites}, key {keys}, whose DID document comes from the file itself",
        "{suites}，密钥{keys}，其DID文档取自文件本身",
    ),
    "unasked": ("{signed}; no challenge was asked for", "{signed}；未要求应答质询"),
    "from-until": ("from {starts:day}, until {end}", "自{starts:day}起，至{end}"),
    "from": ("from {starts:day}, no end", "自{starts:day}起，无截止日期"),
    "until": ("until {end}", "至{end}"),
    "several": ("{each}", "{each}"),
    "no-end": ("no end", "无截止日期"),
    "list-signed": ("list signed {at}", "状态列表签署于{at}"),
    "no-status-entry": ("no status entry", "没有状态条目"),
    "no-bearing": ("{purpose} has no bearing on validity", "{purpose}类状态不影响有效性"),
    "listed": ("{issuer}, {source}", "{issuer}，{source}"),
    "listed-here": ("{issuer}, on the trust list", "{issuer}，在信任名录中"),
    "any-issuer": ("any issuer is accepted, {issuer} too", "任何签发方均获认可，包括{issuer}"),
    "accepted-for": ("{accepted}; {subject}", "{accepted}；{subject}"),
    "any-subject": ("trusted for any battery", "不限电池范围"),
    "own-subject": ("this battery is in its namespace", "该电池在其命名空间内"),
    "list-of-issuer": ("a list of the credentials' own issuer", "凭证签发方自己的列表"),
    "newer-exists": ("a newer read-out exists; list signed {at}", "已有更新的读数；状态列表签署于{at}"),
    "list-unfetched": (
        "list signed {at}; a newer one could not be fetched: {why}",
        "状态列表签署于{at}；无法获取更新的列表：{why}",
    ),
    "together": ("{pack} and {model}", "{pack}与{model}"),
    "the-pack": ("one pack", "同一电池包"),
    "the-model": ("its model", "其型号"),
    "a-model": ("one model", "同一型号"),
    "the-supports": ("one subject", "同一对象"),
    "model-absent": ("its model, which is not in the file", "其型号（文件中未包含）"),
    "read-outs": (
        "{what}; of {count} read-outs the newest is of {at:day}",
        "{what}；共{count}份读数，最新的为{at:day}",
    ),
    "the-trust-list": ("the trust list", "信任名录"),
    # --- what was not asked -----------------------------------------------------------------------------------------
    "not-reached": ("not reached", "未进行"),
    "no-credential": ("no credential", "没有凭证"),
    "no-rule": ("not applied", "未适用"),
    "no-batteries": ("not applied: nothing in it is about a battery", "未适用：其中没有关于电池的凭证"),
    # --- what was handed in, and is no document ---------------------------------------------------------------------
    "file-empty": ("the file is empty", "文件为空"),
    "file-pdf": ("it is a PDF document", "这是PDF文件"),
    "file-picture": ("it is a picture", "这是图片"),
    "file-workbook": ("it is a workbook or another archive", "这是工作簿或其他压缩文件"),
    "file-page": ("it is a web page", "这是网页"),
    "file-address": ("it is an address, not a passport", "这是网址，不是护照"),
    "file-text": ("it is text, and not JSON", "这是文本，不是JSON"),
    "file-token": ("it is a token that does not say its kind", "这是未注明类型的令牌"),
    "file-several": ("several documents stand one behind the other", "多份文档首尾相接"),
    # --- what stood around the document, or is something else -------------------------------------------------------
    "found-mark": ("it begins with a byte order mark, which was skipped", "文件开头有字节顺序标记，已略过"),
    "found-encoding": ("it was read as {encoding}", "文件按{encoding}编码读取"),
    "found-list": ("it was the only entry of a list", "文档是列表中的唯一一项"),
    "found-member": (
        "it was taken out of “{member}”; what stood beside it is not signed and was not read",
        "文档取自“{member}”；其余内容未经签名，未予读取",
    ),
    "json-did-document": ("it is a DID document, not a credential", "这是DID文档，不是凭证"),
    "json-trust-list": ("it is a trust list, not a credential", "这是信任名录，不是凭证"),
    "json-keys": ("it is a key, not a credential", "这是密钥，不是凭证"),
    "json-problem": ("it is an error message of a server, not a credential", "这是服务器的错误信息，不是凭证"),
    "json-report": ("it is a report of a verification, not the passport", "这是核验报告，不是护照"),
    "json-record": (
        "it is the data of a battery before signing, not a passport",
        "这是签名之前的电池数据，不是护照",
    ),
    "several-documents": ("there are several documents in it", "其中有多份文档"),
    "unreadable-document": ("it is not well-formed: neither JSON nor a token", "格式有误：既不是JSON，也不是令牌"),
    # --- 1: a credential of VC Data Model 2.0 -----------------------------------------------------------------------
    "malformed-credential": (
        "it does not have the form that VC Data Model 2.0 asks for",
        "格式不符合可验证凭证数据模型2.0",
    ),
    "split-node": (
        "it says things of itself, its status, issuer or role in two places, of which a reader may see one only",
        "文件对自身、状态、签发方或角色的陈述分散在两处，读者可能只看到其中一处",
    ),
    "malformed-document": (
        "it is not well-formed, or nested too deeply",
        "格式有误，或嵌套过深",
    ),
    "unsafe-json-ld": (
        "it holds something that no context defines, so that no signature covers it",
        "含有上下文未定义的内容，签名无法覆盖",
    ),
    "unknown-context": (
        "it uses a context that this verifier does not hold; contexts are never fetched",
        "引用了本核验程序未收录的上下文；上下文从不联网获取",
    ),
    "respelled": (
        "a value is written in another way than its issuer writes it",
        "某项值的写法与签发方的写法不同",
    ),
    "duplicate": ("there are two documents of this id", "有两份文档使用同一标识"),
    "enveloped": ("{kind} cannot be checked by this version", "本版本无法核验{kind}"),
    # --- 2: the proof verifies --------------------------------------------------------------------------------------
    "unsigned": ("not signed", "没有签名"),
    "too-much-work": (
        "the file holds more proofs than are looked at together",
        "文件中的证明数量或长度超出一次核验的范围",
    ),
    "canonicalization-limit": (
        "its structure is more intricate than is looked at",
        "结构过于复杂，超出核验范围",
    ),
    "proof-error": ("its proof does not hold", "证明（签名）不成立"),
    "unknown-proof": ("its kind of proof is not known to this verifier", "本核验程序不识别此类证明"),
    "invalid-signature": ("signature and content do not match", "签名与内容不符"),
    "base-proof": ("it carries a base proof, which is the issuer's own copy", "带有签发方自留的基础证明"),
    "malformed-key": ("the key it names cannot be read", "所称密钥无法读取"),
    "foreign-key": (
        "the signature verifies, but the key belongs to {keys}, not to {controller}",
        "签名有效，但密钥属于{keys}，不属于{controller}",
    ),
    "key-elsewhere": ("the key is not one of {controller}", "密钥不属于{controller}"),
    "nobody": ("nobody", "无人"),
    "one-holder": ("one holder", "同一持有者"),
    "unresolvable-did": ("the keys of who signed it are not at hand", "未掌握签名者的密钥"),
    "self-asserted-keys": ("the keys of {did} come from the file itself", "{did}的密钥仅取自文件本身"),
    # --- 3: within its validity -------------------------------------------------------------------------------------
    "not-yet-valid": ("valid only from {starts}", "自{starts}起方生效"),
    "expired": ("expired {ends}", "已于{ends}过期"),
    # --- 4: no status bit is set ------------------------------------------------------------------------------------
    "revoked": ("withdrawn (status {index}, list of {at})", "已撤销（状态序号{index}，列表签署于{at}）"),
    "suspended": ("suspended (status {index}, list of {at})", "已暂停（状态序号{index}，列表签署于{at}）"),
    "unknown-status": ("status of an unknown kind, {kind}", "状态类型不明：{kind}"),
    "unknown-purpose": ("status for an unknown purpose, {purpose}", "状态用途不明：{purpose}"),
    "no-status-list": ("no status list in the file", "文件中没有状态列表"),
    "unusable-status-list": (
        "the status list at hand does not count: {faults}",
        "现有状态列表不可采信：{faults}",
    ),
    "list-of-another": ("signed by another issuer", "由其他签发方签署"),
    "list-proof": ("its proof: {why}", "其证明：{why}"),
    "fetch-failed": ("it could not be fetched", "无法获取"),
    "refused-address": (
        "its address is not called: only public https addresses are, and those that the user names",
        "不访问其地址：仅访问公共https地址及用户指定的地址",
    ),
    "list-undated": ("it does not say of when it is", "未注明时间"),
    "list-expired": ("it is past its time, {ends}", "已过有效期（{ends}）"),
    "list-of-later": ("it is of a later time, {starts}", "签署时间较晚（{starts}）"),
    "list-of-nobody": (
        "a status list of {issuer}, who issued nothing else in the file",
        "状态列表的签发方{issuer}未签发文件中的其他凭证",
    ),
    "malformed-status-list": ("it is not a list for this status", "不是适用于该状态的列表"),
    # --- 5: issuer accepted -----------------------------------------------------------------------------------------
    "not-listed": ("{issuer} is not on the trust list {source}", "{issuer}不在信任名录{source}中"),
    "not-on-the-list": ("{issuer} is not on the trust list", "{issuer}不在信任名录中"),
    "not-trusted-for": ("{issuer} is not trusted for {kinds} by {source}", "{source}未认可{issuer}签发{kinds}"),
    "no-kind": (
        "{issuer} is not trusted for credentials of no kind by {source}",
        "凭证未说明类型，{source}无从认可{issuer}签发",
    ),
    "address-elsewhere": (
        "the subject {found} lies outside the addresses that its issuer is trusted for",
        "对象{found}不在其签发方获认可的地址范围内",
    ),
    "gtin-elsewhere": (
        "GTIN {found} has none of the prefixes that its issuer is trusted for",
        "GTIN {found}不属于其签发方获认可的前缀",
    ),
    "code-elsewhere": (
        "code {found} has none of the manufacturer codes that its issuer is trusted for",
        "编码{found}不属于其签发方获认可的厂商代码",
    ),
    "namespace-unknown": (
        "what is known of {subject} does not tell whether it is in its issuer's namespace",
        "根据已知信息无法判断{subject}是否在其签发方的命名空间内",
    ),
    "no-subject": ("it is about nothing that has an address", "所述对象没有地址"),
    # --- 6: belongs together ------------------------------------------------------------------------------------------
    "other-pack": ("it holds data of two packs, {one} and {other}", "其中含有两个电池包的数据：{one}和{other}"),
    "other-model": (
        "the pack names the model {named}, and the file holds {found}",
        "电池包指向型号{named}，文件中却是{found}",
    ),
    "two-models": ("it holds two models, {one} and {other}", "其中含有两个型号：{one}和{other}"),
    "two-versions": ("it holds two {kind} credentials of one battery", "其中含有同一电池的两份{kind}凭证"),
    "two-read-outs": (
        "it holds two read-outs, and neither is marked as replaced",
        "其中有两份读数，均未标记为已被取代",
    ),
    "other-asked": ("it is not about {about}, which was asked for", "内容与所查询的{about}不符"),
    "support-of-another": (
        "its {kind} credential concerns {found}, which is nothing in the file",
        "其中的{kind}凭证所涉对象{found}不在文件中",
    ),
    "no-battery-subject": (
        "its {kind} credential is about nothing that has an address",
        "其中的{kind}凭证没有可识别的对象",
    ),
    "kind-unknown": (
        "how a credential of kind {kind} belongs to a battery is not known here",
        "本程序不了解{kind}类凭证与电池的关系",
    ),
    "binding-unknown": (
        "nothing in the file says that the pack {pack} is of the model {model}",
        "文件中没有内容说明电池包{pack}属于型号{model}",
    ),
    # --- the families of errors, where nothing says more --------------------------------------------------------------
    "document-error": ("the document is at fault", "文档有误"),
    "usage-error": ("the call cannot be answered", "调用有误，无法核验"),
    "undetermined": ("it could not be found out", "无法查明"),
    "verification-failed": ("it does not verify", "核验未通过"),
    "passport-error": ("it could not be judged", "无法判定"),
}

#: What to do, by the same keys. For readers; what an operator can do stands in the error's own hint.
HINTS: dict[str, tuple[str, str]] = {
    "file-pdf": (
        "A printed page cannot be verified. Open the passport by its QR code and save it there.",
        "打印件无法核验。请扫描二维码打开护照，并在该页保存护照存档。",
    ),
    "file-picture": (
        "Scan the code with a camera; the page it leads to offers the saved passport.",
        "请用相机扫描二维码；所打开的页面提供护照存档。",
    ),
    "file-workbook": (
        "Passports are issued from workbooks; what can be verified is the signed passport.",
        "工作簿用于签发护照；可核验的是已签名的护照。",
    ),
    "file-page": (
        "A saved web page cannot be verified. On the passport page, choose “Saved passport” under the downloads.",
        "保存的网页无法核验。请在护照页面的下载部分选择“护照存档”。",
    ),
    "file-address": (
        "Open it, save the passport there, and give that file.",
        "请打开该网址，在页面上保存护照，再提供该文件。",
    ),
    "file-token": (
        "Ask for the passport as JSON-LD, or as a JWT, SD-JWT or COSE credential of VC Data Model 2.0.",
        "请索取JSON-LD格式的护照，或符合可验证凭证数据模型2.0的JWT、SD-JWT、COSE凭证。",
    ),
    "enveloped": (
        "Ask for the passport as JSON-LD, or as a JWT, SD-JWT or COSE credential of VC Data Model 2.0.",
        "请索取JSON-LD格式的护照，或符合可验证凭证数据模型2.0的JWT、SD-JWT、COSE凭证。",
    ),
    "file-several": (
        "Give one document at a time.",
        "请每次只提供一份文档。",
    ),
    "respelled": (
        "Fetch the passport again from the address on the battery: this copy was rewritten on its way.",
        "请通过电池上的地址重新获取护照：此副本在传递中被改写。",
    ),
    "unknown-proof": (
        "Verify it with software that knows this kind of proof.",
        "请使用支持此类证明的软件核验。",
    ),
    "other-pack": (
        "Verify each pack's passport by itself, fetched from the address on the battery.",
        "请通过电池上的地址获取每个电池包的护照，并分别核验。",
    ),
    "other-model": (
        "Fetch the passport again from the address on the battery.",
        "请通过电池上的地址重新获取护照。",
    ),
    "other-asked": (
        "Compare the address with the code on the battery. The file may be genuine, and of another battery.",
        "请核对地址与电池上的编码。文件可能真实，但属于另一电池。",
    ),
    "several-documents": (
        "Give one document at a time.",
        "请每次只提供一份文档。",
    ),
    "unreadable-document": (
        "Save it again as JSON in UTF-8, or fetch the passport again from the address on the battery.",
        "请另存为UTF-8编码的JSON文件，或通过电池上的地址重新获取护照。",
    ),
    "unknown-context": (
        "Ask its issuer for a passport that uses published contexts.",
        "请向签发方索取使用已发布上下文的护照。",
    ),
    "unsafe-json-ld": (
        "Ask its issuer for a passport without undefined terms.",
        "请向签发方索取不含未定义术语的护照。",
    ),
    "split-node": (
        "Ask its issuer for the document as it was signed; somebody on the way may have rearranged it.",
        "请向签发方索取签名时的原始文件；文件可能在流转途中被重新排列。",
    ),
    "invalid-signature": (
        "Fetch the passport again from the address on the battery. A signature covers a credential as a whole and "
        "cannot tell which value was changed.",
        "请通过电池上的地址重新获取护照。签名覆盖整份凭证，无法指出被更改的是哪一项。",
    ),
    "unsigned": (
        "Ask for the signed passport: an unsigned one proves nothing.",
        "请索取带签名的护照；未签名的文件不能证明任何内容。",
    ),
    "base-proof": (
        "Do not pass it on; make a view: passport show ID --as AUDIENCE --save FILE",
        "请勿转交；请制作视图：passport show ID --as AUDIENCE --save FILE",
    ),
    "foreign-key": (
        "Take it for what its signer says, not for what the named issuer says.",
        "仅可视为签名者所述，不可视为所称签发方所述。",
    ),
    "unresolvable-did": (
        "DID documents are never fetched unasked: pin the document in the trust list.",
        "DID文档不会自行联网获取：请将其固定在信任名录中。",
    ),
    "self-asserted-keys": (
        "Pin the issuer's DID document in the trust list.",
        "请将签发方的DID文档固定在信任名录中。",
    ),
    "expired": (
        "Fetch the current one from the address on the battery.",
        "请通过电池上的地址获取现行护照。",
    ),
    "revoked": (
        "Fetch the current one from the address on the battery.",
        "请通过电池上的地址获取现行护照。",
    ),
    "suspended": (
        "Ask the issuer why, and whether it will count again.",
        "请向签发方了解暂停原因以及是否会恢复。",
    ),
    "no-status-list": (
        "Ask for a file saved with its status lists.",
        "请索取随附状态列表的护照存档。",
    ),
    "unusable-status-list": (
        "Ask for a file saved with its current status lists.",
        "请索取随附现行状态列表的护照存档。",
    ),
    "not-listed": (
        "Add the issuer only if you know it by another way than this file.",
        "仅当您通过此文件以外的途径了解该签发方时，方可将其列入名录。",
    ),
    "not-on-the-list": (
        "Add the issuer only if you know it by another way than this file.",
        "仅当您通过此文件以外的途径了解该签发方时，方可将其列入名录。",
    ),
}
