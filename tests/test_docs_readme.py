"""README and docs/issue.md are run: from an empty folder to a verified file, by the commands as printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from passport.commands import main
from passport.project import Project
from tests.each import each

CHECKOUT = Path(__file__).resolve().parent.parent


def commands(page: str) -> list[list[str]]:
    """Commands of a page but for `serve`, which would not end, and `demo`, which has tests of its own."""
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    lines = re.findall(r"^\$ passport (.+)$", text, re.MULTILINE)
    return [words for words in map(shlex.split, lines) if words[0] not in ("serve", "demo")]


@each("page", ["README.md", "README.zh.md", "docs/issue.md"])
def test_the_commands_lead_from_an_empty_folder_to_a_passport(page, tmp_path, monkeypatch):
    for name in ("PASSPORT_PROJECT", "PASSPORT_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    code = None
    called = commands(page)
    assert [words[0] for words in called][:4] == ["init", "template", "validate", "issue"]
    for words in called:
        done = CliRunner().invoke(main, [code if word == "CODE" else word for word in words])
        assert done.exit_code == 0, (words, done.output)
        if words[0] == "issue":
            store = Project.open(tmp_path / "shop").open_store()
            code = store.packs()[0].subject
            store.close()
    assert (tmp_path / "view.jsonld").is_file()
