"""``passport verify`` speaks the language that was asked for to the end, and names the checks by their numbers."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from passport.commands import main
from passport.commands.keeping.init import make_project
from passport.commands.terminal.console import width, wrap
from passport.credentials.issuer import Issuer
from passport.credentials.verification_result import CHECKS
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.texts import say

LATIN_SENTENCE = re.compile(r"\b[a-z]+(?: [a-z]+){2,}")


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path / "shop", "https://a.example", names={"en": "Operator", "zh": "运营者"})


def credential(issuer: Issuer, **changes) -> dict:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "https://a.example/credentials/1",
        "type": ["VerifiableCredential"],
        "issuer": issuer.id,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "https://a.example/1"},
    }
    return {**document, **changes}


def run(project, data: bytes, *options: str):
    path = project.folder / "file"
    path.write_bytes(data)
    options = (*options, "--offline", "--trust", str(project.trust_list_path), "--at", "2027-03-08T09:30:00Z")
    return CliRunner().invoke(main, ["verify", str(path), *options])


def test_the_result_is_told_in_chinese_with_the_same_numbers(project):
    key = PrivateKey.generate(Algorithm.P256)
    stranger = Issuer(key.public_key.did_key, KeySigner(key))
    signed = stranger.issue(credential(stranger), created=datetime(2026, 1, 1, tzinfo=UTC))
    result = run(project, json.dumps(signed).encode(), "--lang", "zh")
    assert result.exit_code == 1
    assert result.output.startswith("请勿依据此文件。")
    for number, check in CHECKS.items():
        name = say(check, "zh")
        assert re.search(rf"^{number}  [✓✗?·]  {re.escape(name)}", result.output, re.MULTILINE)
    assert "提示：" in result.output
    assert not LATIN_SENTENCE.search(result.output)


@pytest.mark.parametrize(
    ("data", "said", "code"),
    [
        (b"%PDF-1.7", "这是PDF文件", 2),
        (b"", "文件为空", 2),
        (b"\x89PNG\r\n", "这是图片", 2),
        (b'{"a":1}{"b":2}', "多份文档首尾相接", 2),
        (b'{"a":1,"a":2}', "格式有误", 1),
    ],
)
def test_a_file_that_is_none_is_called_what_it_is_and_the_error_stays_as_it_is(project, data, said, code):
    result = run(project, data, "--lang", "zh")
    assert result.exit_code == code
    assert f"无法作为护照读取，未进行任何核验：{said}" in result.output
    assert "错误：" in result.output


def test_chinese_lines_keep_to_the_width_of_the_terminal_and_begin_with_no_closing_mark():
    lines = wrap("请勿依据此文件。" * 20, 80)
    assert "".join(lines) == "请勿依据此文件。" * 20
    assert all(width(line) <= 80 and not line.startswith("。") for line in lines)
