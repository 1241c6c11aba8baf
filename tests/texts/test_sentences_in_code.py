"""No sentence that people read is said in code but as a message: held by the syntax of every module."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from passport import errors
from passport.errors import PassportError
from tests.each import each

CHECKOUT = Path(__file__).resolve().parents[2]
MODULES = [
    path
    for package in ("passport", "resolver", "issuer")
    for path in sorted((CHECKOUT / package).rglob("*.py"))
    if "texts" not in path.parts
]
#: What a file says in Chinese of its own: words that are looked for in what was handed in, never said.
_RECOGNISED = "# data: recognised in input"
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_CLASS = re.compile(r"^ *class (\w+)\(([^)]*)\):", re.MULTILINE)
_WORD = re.compile(r"[A-Z]?[a-z]+[.,;:!?)]*")
#: Functions whose texts people read, and that take messages or values.
_SAYERS = {"say", "talk", "progress", "say_fact", "Fault", "CellFault", "DoctorFinding", "HealthCheck"}
_OF_AN_ERROR = {"message", "expected", "found", "hint", "where"}


def _errors() -> set[str]:
    """Names of all classes of errors: of the library, and derived from these anywhere."""
    names = {
        name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, PassportError)
    }
    classes = [found for path in MODULES for found in _CLASS.findall(path.read_text(encoding="utf-8"))]
    bases = {name: set(re.findall(r"(\w+)(?:,|\s*$)", listed)) for name, listed in classes}
    while more := {name for name, above in bases.items() if above & names} - names:
        names |= more
    return names


def test_the_errors_of_other_packages_are_known():
    assert {"UnopenedMessage", "InvalidHost", "NotAcceptable"} <= _errors()


def _shown(path: Path) -> Path:
    return path.relative_to(CHECKOUT) if path.is_relative_to(CHECKOUT) else path


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _own_words(node: ast.expr) -> str:
    """The words that an expression itself writes, not those of values in it."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return " ".join(_own_words(part) for part in node.values if isinstance(part, ast.Constant))
    if isinstance(node, ast.IfExp):
        return f"{_own_words(node.body)} {_own_words(node.orelse)}"
    if isinstance(node, ast.BinOp | ast.BoolOp):
        parts = [node.left, node.right] if isinstance(node, ast.BinOp) else node.values
        return " ".join(map(_own_words, parts))
    return ""


def _is_sentence(node: ast.expr) -> bool:
    """Whether it writes several words, or puts one beside a value. Codes, options and names with marks are no words."""
    parts = _own_words(node).split()
    is_put_together = isinstance(node, ast.JoinedStr | ast.BinOp | ast.IfExp)
    return any(_WORD.fullmatch(part.lstrip("(")) for part in parts) and (len(parts) > 1 or is_put_together)


def _is_command_line(node: ast.expr) -> bool:
    """Whether it is there to be typed, beginning with the name of the program."""
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
    return isinstance(first, ast.FormattedValue) and "program" in ast.unparse(first.value)


def _strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Texts of a module with their last lines, but docstrings, which show examples."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.end_lineno or node.lineno, node.value


def _said(path: Path, names_of_errors: set[str]) -> Iterator[str]:
    for node in ast.walk(_tree(path)):
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        if name in names_of_errors:
            suspects = node.args[:1] + [each.value for each in node.keywords if each.arg in _OF_AN_ERROR]
        elif name in _SAYERS:
            suspects = [*node.args, *(each.value for each in node.keywords)]
        elif name == "Message":
            # A word of English that is put into a message is put into its translations, too.
            suspects = [each.value for each in node.keywords if each.arg not in ("plural", "context", "command")]
        else:
            continue
        for suspect in suspects:
            if _is_sentence(suspect) and not _is_command_line(suspect):
                yield f"{_shown(path)}:{suspect.lineno}: {_own_words(suspect).strip()[:60]!r}"


def test_every_sentence_is_a_message():
    names = _errors()
    said = [line for path in MODULES for line in _said(path, names)]
    assert not said, "write these as Message(…), with their values beside them:\n" + "\n".join(said)


def test_no_chinese_in_code():
    said = []
    for path in MODULES:
        source = path.read_text(encoding="utf-8")
        lines = source.splitlines()
        for number, text in _strings(_tree(path)) if _CHINESE.search(source) else ():
            # A bound of a range is written as an escape, and says nothing.
            line = lines[number - 1]
            if _CHINESE.search(text) and _CHINESE.search(line) and not line.endswith(_RECOGNISED):
                said.append(f"{_shown(path)}:{number}: {text[:60]!r}")
    assert not said, "Chinese is in the catalogue, the ontology or the shapes:\n" + "\n".join(said)


@each(
    "code",
    [
        'UsageError("no trust list given")',
        'UsageError(f"no file {path}")',
        'UsageError(text, expected="a file" if single else "files")',
        'UsageError(text, hint="Try " + name)',
        'console.say("nothing to do")',
        'Message("{name} is {state}", name=name, state="as before" if same else "new")',
        'Message("{name} has {what}", name=name, what=f"{number} faults")',
    ],
)
def test_a_sentence_that_is_no_message_is_found(code, tmp_path):
    module = tmp_path / "module.py"
    module.write_text(code, encoding="utf-8")
    assert list(_said(module, {"UsageError"}))


@each(
    "code",
    [
        'UsageError(Message("no trust list given"), found=repr(path))',
        'UsageError(text, found=f"{number}")',
        'Message("{name} is {state}", name=name, state=Message("as before") if same else Message("new"))',
        'logger.info("the trust list was read")',
        'console.say(f"{name}  {value}")',
    ],
)
def test_values_and_logs_are_no_sentences(code, tmp_path):
    module = tmp_path / "module.py"
    module.write_text(code, encoding="utf-8")
    assert not list(_said(module, {"UsageError"}))
