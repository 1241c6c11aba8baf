"""The guide to the connector is run: every command, in its order; both languages have the same ones, and pictures."""

from __future__ import annotations

import json
import re
import shlex
from xml.etree import ElementTree

from click.testing import CliRunner

from issuer.commands.connector import connector
from passport.commands.terminal import console
from passport.connector.connector_node import ConnectorNode
from passport.project import Project
from tests.conftest import CHECKOUT
from tests.connector.companies import Company, dataspace
from tests.each import each


def commands(page: str) -> list[list[str]]:
    text = (CHECKOUT / "docs" / page).read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line.removeprefix("$ passport connector ")) for line in lines]


def test_both_languages_have_the_same_commands():
    assert commands("connector-guide.md") == commands("connector-guide.zh.md")
    assert len(commands("connector-guide.md")) > 15


def test_the_guide_has_every_command_of_the_connector():
    text = (CHECKOUT / "docs" / "connector-guide.md").read_text(encoding="utf-8")
    named = {f"passport connector {name}" for name in connector.commands if name != "log"}
    named |= {f"passport connector log {name}" for name in connector.commands["log"].commands}
    assert sorted(name for name in named if name not in text) == []


@each("page", ["connector", "connector-guide"])
@each("ending", ["", ".zh"])
def test_each_page_has_a_picture_in_its_language(page, ending):
    text = (CHECKOUT / "docs" / f"{page}{ending}.md").read_text(encoding="utf-8")
    assert f"images/{page}{ending}.svg)" in text
    picture = (CHECKOUT / "docs" / "images" / f"{page}{ending}.svg").read_text(encoding="utf-8")
    ElementTree.fromstring(picture)
    assert bool(re.search("[一-鿿]", picture)) == (ending == ".zh")


@each("page", ["connector-guide.md"])
def test_every_command_of_the_page_runs_in_its_order(tmp_path, monkeypatch, page):
    members = {"cells": ("CN", {"roles": ["cell-maker"]}), "packs": ("CN", {"roles": ["manufacturer"]})}
    space = dataspace(tmp_path, members)
    network = space.network
    # The page sets the connector of the cell maker up.
    for name in ("settings.json", "agreement.pem"):
        (tmp_path / "cells" / "connector" / name).unlink()
    (tmp_path / "cells" / "connector.db").unlink()
    (tmp_path / "cells" / "part.json").write_text('{"batteryChemistry": "lfp"}')
    (tmp_path / "record.json").write_text('{"model": {"batteryCategory": "lmt"}}')
    open_ = ConnectorNode.open.__func__
    monkeypatch.setattr(
        ConnectorNode, "open",
        classmethod(lambda cls, project, passphrase, *, client=None, loopback=False: open_(
            cls, project, passphrase, client=network
        )),
    )  # fmt: skip
    monkeypatch.setattr(console, "now", lambda: network.now)
    monkeypatch.chdir(tmp_path)
    network.eager = True
    known = {}
    for words in commands(page):
        words = [known.get(word, word) for word in words]
        done = CliRunner().invoke(connector, words)
        assert done.exit_code == 0, (words, done.output, done.exception)
        if words[0] == "init":
            folder = tmp_path / "cells"
            cells = Company("cells", folder, network, ConnectorNode.open(Project.open(folder), None))
            network.join(cells)
        if words[0] == "join":
            space.authority.node.issuance.deliver(at=network.now)
        if words[0] == "catalog":
            known["DATASET"] = re.match(r"urn:uuid:\S+", done.stdout)[0]
        if words[:2] == ["log", "key"]:
            known["VKEY"] = re.search(r"packs\.example/log/exchange\+\S+", done.stdout)[0]
            # What each company publishes as its DID document.
            own = ConnectorNode.open(Project.open(tmp_path / "packs"), None).document
            (tmp_path / "packs-did.json").write_text(json.dumps(own))
        if words[0] == "request":
            known["AGREEMENT"] = re.search(r"agreement +(urn:uuid:\S+)", done.stdout)[1]
    assert json.loads((tmp_path / "whole.json").read_text())["model"]["batteryChemistry"] == "lfp"
