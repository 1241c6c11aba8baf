"""Why a presentation opened nothing is said in both languages, for each way in which the resolver refuses one."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from passport.errors import MalformedDocument, MalformedIdentifier, UnknownPassport
from passport.texts import say
from resolver import access
from resolver.page.wording import refusal_texts
from resolver.tombstone import PassportCeased


def messages() -> list[str]:
    """How each ``InvalidGrant`` of the code begins, up to the first value in it."""
    found = []
    for node in ast.walk(ast.parse(inspect.getsource(access))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "InvalidGrant":
            head = node.args[0].values[0] if isinstance(node.args[0], ast.JoinedStr) else node.args[0]
            if isinstance(head, ast.Constant):
                found.append(head.value)
    return found


@pytest.mark.parametrize("message", messages())
def test_each_refusal_of_a_role_has_a_sentence_of_its_own(message):
    ways = ["the challenge has expired", "the challenge was used before"] if message == "the challenge " else [message]
    for way in ways:
        assert any(way.startswith(head) for head, _ in refusal_texts.OF_GRANT), way
        assert re.search(r"[\u4e00-\u9fff]", refusal_texts.of_error("invalid-grant", way, "zh"))
        assert refusal_texts.of_error("invalid-grant", way, "en") != refusal_texts.BY_CODE["invalid-grant"][0]


@pytest.mark.parametrize(
    "kind",
    [
        MalformedDocument,
        MalformedIdentifier,
        UnknownPassport,
        PassportCeased,
        access.ScopeExceeded,
        access.AccessDenied,
        access.InvalidGrant,
    ],
)
def test_each_other_error_on_that_page_has_one_too(kind):
    assert kind.code in refusal_texts.BY_CODE


def test_both_languages_have_every_sentence():
    for text in (*refusal_texts.BY_CODE.values(), *(text for _, text in refusal_texts.OF_GRANT)):
        assert say(text, "en").endswith(".") and say(text, "zh").endswith("。")
