"""The frame of every page, the header of a passport, the front page, and problems."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    # --- frame --------------------------------------------------------------------------------------------------------
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
    # --- header -------------------------------------------------------------------------------------------------------
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
    # --- home and problems --------------------------------------------------------------------------------------------
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
    "home-verify": (
        "A saved passport can be checked here, or on your own computer.",
        "护照存档可在本站核验，也可在您自己的计算机上核验。",
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
    "problem-503": ("This site cannot do that at the moment", "本站暂时无法处理"),
    "problem-home": ("To the front page", "返回首页"),
}
