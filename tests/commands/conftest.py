"""The command line as a person calls it, in a project of its own, with workbooks that can be spoiled."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from passport.commands import main
from passport.errors import PassportError

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@dataclass
class Shell:
    """Runs ``passport`` in process; ``folder`` is where files go."""

    folder: Path

    def run(self, *words: str | Path, code: int | None = 0, stdin: str | None = None) -> Result:
        result = CliRunner().invoke(main, [str(word) for word in words], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        # A fault of the program leaves with 3 as its cause: no test takes it for an answer.
        cause = result.exception.__cause__ if result.exception else None
        if cause is not None and not isinstance(cause, PassportError | KeyboardInterrupt):
            raise cause
        if code is not None:
            assert result.exit_code == code, result.output
        return result

    def json(self, *words: str | Path, code: int | None = 0) -> Any:
        return json.loads(self.run(*words, "--json", code=code).stdout)

    def workbook(self, name: str, edit: Callable[[openpyxl.Workbook], None] | None = None) -> Path:
        """A copy of an example workbook, edited if so wished."""
        path = self.folder / name
        if edit is None:
            return Path(shutil.copy(EXAMPLES / name, path))
        book = openpyxl.load_workbook(EXAMPLES / name)
        edit(book)
        book.save(path)
        return path


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name in ("PASSPORT_PROJECT", "PASSPORT_STORE"):
        monkeypatch.delenv(name, raising=False)
    # A process of thousands of tests has more to look through than a command, and does so at its own times.
    monkeypatch.setattr("passport.commands.issuing.issue.spare_collections", lambda: None)
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path)


@pytest.fixture
def shop(shell: Shell) -> Path:
    """A project with an issuer."""
    return init(shell)


def init(shell: Shell) -> Path:
    folder = shell.folder / "shop"
    shell.run("init", folder, "--base-url", "https://passport.example.com", "--name", "Example Operator")
    return folder


@pytest.fixture(scope="session")
def _issued_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The project of ``shop`` in which the LMT pack is issued, and the address of the pack."""
    shell = Shell(tmp_path_factory.mktemp("issued"))
    folder = init(shell)
    document = shell.json("issue", shell.workbook("lmt-ebike.xlsx"), "--project", folder)
    return folder, next(entry["id"] for entry in document["entries"] if entry["kind"] == "pack")


@pytest.fixture
def issued(shell: Shell, shop: Path, _issued_once: tuple[Path, str]) -> str:
    """Address of the LMT pack, issued in ``shop``: a copy of a project that is issued once."""
    shell.workbook("lmt-ebike.xlsx")
    folder, address = _issued_once
    shutil.rmtree(shop)
    shutil.copytree(folder, shop)
    return address


#: Elements without an end tag.
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """What a page consists of: that its elements close, its texts, and every address in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.tags: set[str] = set()
        self.language = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.add(tag)
        self.language = given["lang"] if tag == "html" else self.language
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if tag == "a" else []
        self.loads += [value for name, value in given.items() if name in ("src", "srcset", "data", "action")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def _stands_alone(text: str) -> Page:
    page = Page(text)
    assert not page.tags & {"script", "link", "img", "iframe", "object", "form"} and page.loads == []
    assert "@import" not in text and "url(" not in text
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links if link.startswith("#")} <= set(page.ids)
    assert [link for link in page.links if not link.startswith("#")] == []
    return page


@pytest.fixture
def stands_alone() -> Callable[[str], Page]:
    """Checks that a page is whole and needs nothing from elsewhere; gives it back taken apart."""
    return _stands_alone


# For the whole session: the files that share these are not handed out one after another.
@pytest.fixture(scope="session")
def nursery() -> Iterator[Any]:
    """Starts processes with the streams that a test decides."""
    from tests.commands.processes import Nursery

    made = Nursery()
    yield made
    made.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A folder in which every line of ``calls.CALLS`` has its files."""
    from tests.commands.calls import make_world

    with socket.create_server(("127.0.0.1", 0)) as listener:
        with pytest.MonkeyPatch.context() as patch:
            for name in ("PASSPORT_PROJECT", "PASSPORT_STORE"):
                patch.delenv(name, raising=False)
            folder = tmp_path_factory.mktemp("world")
            patch.chdir(folder)
            made = make_world(folder, listener)
        yield made
