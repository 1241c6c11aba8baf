"""Chinese texts use the words of the law and the standards; what they replaced is left in readable headings only."""

from __future__ import annotations

import re
from pathlib import Path

from tests.each import each

CHECKOUT = Path(__file__).resolve().parents[2]
#: Word -> the right one.
REPLACED = {
    "过放电次数": "深度放电事件次数", "单只": "单件", "合法权益方": "合法权益人", "通知机构": "公告机构",
    "监管机构": "市场监督管理机构", "市场监督机构": "市场监督管理机构", "轻型交通工具电池": "轻型交通运输工具电池",
    "分类收集": "单独收集", "三元正极材料": "镍钴锰酸锂", "原材料获取与预处理": "原材料获取",
    "生命末期与回收": "电池生命末期", "报废与回收": "电池生命末期", "分销运输": "电池分销",
    "全国电力消费组合": "国家平均电力消费组合", "电源直接连接": "直连电力", "第三方认证": "第三方鉴证",
    "出示文件": "可验证展示（VP）", "签发者": "签发方", "前序电池护照链接": "原电池护照链接",
    "注册登记标识": "登记标识", "以角色身份阅读": "凭角色凭证查看", "本页面对公众是完整的": "公众可见内容已全部展示",
    "本页内容可以信赖到什么程度": "本页可信度",
}  # fmt: skip
#: What is read in files of others, and what others print.
_READ = re.compile(r"(skos:(hidden|alt)Label|meta:catarc\w*)\s+[^;]*")
FILES = [
    *sorted((CHECKOUT / "ontology").rglob("*.ttl")), *sorted((CHECKOUT / "shapes").glob("*.ttl")),
    CHECKOUT / "README.zh.md",
]  # fmt: skip


@each("path", FILES, ids=lambda path: path.name)
def test_no_text_uses_a_word_that_was_replaced(path):
    text = _READ.sub("", path.read_text("utf-8"))
    assert {word: right for word, right in REPLACED.items() if word in text} == {}
