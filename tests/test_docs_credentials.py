"""docs/credentials.md is run: its lines work as they are, and there are no more than twenty-five of them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = (CHECKOUT / "docs" / "credentials.md").read_text(encoding="utf-8")


def snippet() -> str:
    (found,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    return found


def test_the_lines_run_and_print_what_the_page_says(tmp_path):
    done = subprocess.run([sys.executable, "-c", snippet()], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    verified, answers = done.stdout.split(maxsplit=1)
    assert verified == "True"
    names = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert (
        re.findall(r"'(\w+)': 'passed'", answers)
        == names[:5]
        == ["proof", "controller", "validity", "status", "issuer"]
    )


def test_there_are_about_twenty_statements():
    assert len([line for line in snippet().splitlines() if line.strip()]) <= 25
    assert len(ast.parse(snippet()).body) <= 20


def test_what_is_hidden_is_hidden(tmp_path):
    code = snippet() + "\nassert 'batchNumber' in str(base) and 'batchNumber' not in str(view)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_every_module_and_suite_that_the_page_names_exists():
    from passport.proofs import CRYPTOSUITES

    for name in re.findall(r"`((?:ecdsa|eddsa)-[a-z0-9-]+)`", PAGE):
        assert name in CRYPTOSUITES
    for name in re.findall(r"`((?:credentials|identity)\.\w+)`", PAGE):
        assert (CHECKOUT / "passport" / (name.replace(".", "/") + ".py")).is_file()
