"""Why a presentation opened nothing is said in both languages, for each way in which the resolver refuses one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from passport.errors import AccessDenied, MalformedDocument, MalformedIdentifier, UnknownPassport
from passport.texts import say
from resolver import access
from resolver.access.authorised_reader import InvalidGrant, ScopeExceeded
from resolver.page.wording import refusal_texts
from resolver.tombstone import PassportCeased
from tests.each import each


def messages() -> list[str]:
    """How each ``InvalidGrant`` of the code begins, up to the first value in it."""
    beginnings = []
    for path in sorted(Path(access.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "InvalidGrant":
                # One of two messages by a condition is two beginnings; ``str(error)`` is another check's sentence.
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Call) and ast.unparse(part.func) == "Message":
                        beginnings.append(part.args[0].value.partition("{")[0])
    assert beginnings
    return beginnings


@each("message", messages())
def test_each_refusal_of_a_role_has_a_sentence_of_its_own(message):
    assert any(message.startswith(head) for head, _ in refusal_texts.OF_GRANT)
    sentence = refusal_texts.of_error("invalid-grant", message)
    assert sentence != refusal_texts.BY_CODE["invalid-grant"]
    assert re.search(r"[\u4e00-\u9fff]", say(sentence, "zh"))


@each(
    "kind",
    [
        MalformedDocument,
        MalformedIdentifier,
        UnknownPassport,
        PassportCeased,
        ScopeExceeded,
        AccessDenied,
        InvalidGrant,
    ],
)
def test_each_other_error_on_that_page_has_one_too(kind):
    assert kind.code in refusal_texts.BY_CODE


def test_both_languages_have_every_sentence():
    for text in (*refusal_texts.BY_CODE.values(), *(text for _, text in refusal_texts.OF_GRANT)):
        assert say(text, "en").endswith(".") and say(text, "zh").endswith("。")
