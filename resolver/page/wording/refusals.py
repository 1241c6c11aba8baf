"""Why something was refused, for people: on the pages of problems, and where a role is presented.

What the library says to the letter stands beside it, as code. Errors are told apart by their code; those of a grant,
which have one code between them, by how their message begins.
"""

from __future__ import annotations

#: By the code of the error.
BY_CODE: dict[str, tuple[str, str]] = {
    "malformed-identifier": (
        "This is neither the code of a battery nor the address of a passport.",
        "这既不是电池编码，也不是护照地址。",
    ),
    "unknown-passport": (
        "There is no such passport here. Compare the address or the code with the battery.",
        "本站没有该护照。请与电池上的地址或编码比对。",
    ),
    "no-such-serial": (
        "No passport is published here for this serial number or code. Compare it with the battery.",
        "本站未发布该序列号或编码的护照。请与电池实物比对。",
    ),
    "passport-ceased": (
        "This passport has ceased to exist: the battery was recycled. Its address will never name another one.",
        "该护照已终止：电池已回收。其地址不会再用于其他电池。",
    ),
    "malformed-document": ("What was handed in is no well-formed presentation.", "所提交的不是格式正确的出示文件。"),
    "insufficient-scope": ("Your role does not open this passport.", "您的角色无权查看该护照。"),
    "invalid-token": (
        "Your access has ended, or it was never good here. Show your role credential again.",
        "您的访问权限已结束，或在本站无效。请重新出示角色凭证。",
    ),
    "not-acceptable": ("Choose another form of the document.", "请选择其他格式。"),
    "not-found": ("Compare the address with the battery.", "请与电池上的地址比对。"),
    "method-not-allowed": ("This address takes no such request.", "该地址不接受此类请求。"),
    "request-entity-too-large": ("At most 1 MB is taken.", "最多接受1 MB。"),
    "access-denied": ("This form was sent from another site.", "此表单由其他网站提交。"),
    "invalid-host": (
        "The request does not name this site in the way that HTTP asks for.",
        "请求未按HTTP的要求注明站点。",
    ),
    "store-unavailable": (
        "The store of passports does not answer at the moment.",
        "护照数据库暂时没有响应。",
    ),
    "store-locked": (
        "The store of passports is in use by another program. Try again in a few seconds.",
        "护照数据库正被其他程序占用。请过几秒再试。",
    ),
    "store-full": (
        "The disk of this site is full, so nothing can be recorded. Public passports can still be read. "
        "The operator has to make room.",
        "本站磁盘已满，无法写入记录。公开的护照仍可查看。须由运营者腾出空间。",
    ),
    "store-read-only": (
        "This site cannot record anything at the moment, and a restricted view needs a record. Public passports can "
        "still be read. The operator has to allow writing.",
        "本站暂时无法写入记录，而受限内容须有记录才能查看。公开的护照仍可查看。须由运营者恢复写入权限。",
    ),
    "store-damaged": (
        "The store of passports is damaged. Trying again does not help: the operator has to restore the backup.",
        "护照数据库已损坏。重试无济于事：须由运营者从备份恢复。",
    ),
    "store-missing": (
        "The store of passports is missing. Trying again does not help: the operator has to bring it back.",
        "护照数据库不存在。重试无济于事：须由运营者恢复。",
    ),
    "store-foreign": (
        "What should be the store of passports is no database. Trying again does not help: the operator has to look "
        "at it.",
        "护照数据库的文件不是数据库。重试无济于事：须由运营者检查。",
    ),
    "store-newer": (
        "The store of passports belongs to a newer version of this site. Trying again does not help: the operator has "
        "to install that version.",
        "护照数据库属于本站软件的更新版本。重试无济于事：须由运营者安装该版本。",
    ),
    "invalid-grant": ("The presentation does not give you a role here.", "该出示文件未赋予您在本站的角色。"),
}

#: By the beginning of the message of an ``invalid-grant``; the first that fits.
OF_GRANT: tuple[tuple[str, tuple[str, str]], ...] = (
    ("the challenge is not one of ours", ("The challenge is not one of this site.", "该质询不是本站发出的。")),
    ("the challenge has expired", ("The challenge is too old.", "该质询已过期。")),
    ("the challenge was used before", ("The challenge was used before.", "该质询已被使用。")),
    ("the proof has no challenge", ("The presentation answers no challenge.", "出示文件未应答质询。")),
    ("the token has no nonce", ("The presentation answers no challenge.", "出示文件未应答质询。")),
    (
        "the role credential could never be taken back",
        (
            "The role credential has no place in a status list. Ask its issuer for a new one.",
            "该角色凭证未列入状态列表。请向其签发方索取新的凭证。",
        ),
    ),
    ("not a presentation", ("This is no presentation of VC Data Model 2.0.", "这不是数据模型2.0的出示文件。")),
    (
        "nothing to go by",
        ("The presentation must hold one role credential and nothing else.", "出示文件须含且仅含一份角色凭证。"),
    ),
    ("the presentation names no holder", ("The presentation does not say who holds it.", "出示文件未说明持有者。")),
    (
        "the presentation is not signed by its holder",
        ("The presentation is not signed by its holder.", "出示文件不是由其持有者签名的。"),
    ),
    ("the presentation is not signed", ("The presentation is not signed.", "出示文件没有签名。")),
    (
        "the presentation does not verify",
        (
            "The signature of the presentation does not hold for this challenge and this site.",
            "出示文件的签名对该质询和本站不成立。",
        ),
    ),
    (
        "the role credential cannot be checked",
        ("The role credential could not be checked.", "角色凭证未能核验。"),
    ),
    (
        "the role credential is not accepted",
        (
            "The role credential does not verify, has expired, was withdrawn, or its issuer is not on the trust list.",
            "角色凭证未通过核验，或已过期、被撤销，或其签发方不在信任名录中。",
        ),
    ),
    (
        "the role credential speaks of another holder",
        ("The role credential was given to somebody else.", "角色凭证是签发给他人的。"),
    ),
    (
        "the role credential does not name the audience",
        ("The role credential names no role that opens anything here.", "角色凭证未载明可在本站使用的角色。"),
    ),
    (
        "the role's issuer is not trusted",
        ("The issuer of the role credential is not trusted for this role.", "该角色凭证的签发方未获认可签发此类角色。"),
    ),
    (
        "the role names more packs",
        (
            "The role credential names more batteries than one access holds. Ask for several, each for some of them.",
            "角色凭证所列电池过多，超出一次访问的范围。请申请多份，各列部分电池。",
        ),
    ),
    (
        "the role credential's purpose",
        (
            "The purpose that the role credential names is too long, or holds what cannot be printed.",
            "角色凭证所载用途过长或含不可打印的字符。",
        ),
    ),
    ("the role credential names no purpose", ("The role credential names no purpose.", "角色凭证未载明用途。")),
    ("a role for", ("For this purpose the role credential must name batteries.", "就此用途，角色凭证须列明电池。")),
    (
        "the role credential's packs",
        ("The role credential does not list its batteries as it should.", "角色凭证所列电池的格式有误。"),
    ),
)


def of_error(code: str, message: str, language: str) -> str:
    """What people are told about an error of ``code`` whose own words begin with ``message``."""
    index = ("en", "zh").index(language)
    if code == "invalid-grant":
        for head, texts in OF_GRANT:
            if message.startswith(head):
                return texts[index]
    return BY_CODE.get(code, BY_CODE["invalid-grant"])[index]
