"""A dataspace of an authority, a cell maker, a pack maker, a recycler abroad, and a company without a role."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from passport.connector.connector_node import ConnectorNode
from passport.project import Project
from tests.connector.companies import Company, Dataspace, dataspace

MEMBERS = {
    "cells": ("CN", {"roles": ["cell-maker"]}),
    "packs": ("CN", {"roles": ["manufacturer"]}),
    "recycler": ("DE", {"roles": ["recycler"], "purposes": ["recycling"]}),
    "stranger": ("DE", {"roles": []}),
}
PART = {"cellName": "C-280", "cellManufacturer": "Cells"}


@pytest.fixture(scope="session")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Dataspace:
    """Made once; a test that needs its own state takes ``space``."""
    return dataspace(tmp_path_factory.mktemp("dataspace"), MEMBERS)


@pytest.fixture
def space(joined: Dataspace, tmp_path: Path) -> Dataspace:
    return copied(joined, tmp_path)


def copied(joined: Dataspace, folder_of_all: Path) -> Dataspace:
    """The same companies, each with a copy of its folder, and an offer of the cell maker."""
    network = type(joined.network)()
    made = {}
    for company in (joined.authority, *joined.members.values()):
        folder = folder_of_all / company.name
        shutil.copytree(company.folder, folder)
        node = ConnectorNode.open(Project.open(folder), None, client=network)
        made[company.name] = Company(company.name, folder, network, node)
        network.join(made[company.name])
    authority = made.pop("authority")
    (made["cells"].folder / "part.json").write_text(json.dumps(PART))
    made["cells"].offer({
        "name": "part", "title": {"en": "Part of the cell"}, "kind": "record-part", "file": "part.json",
        "policy": {"roles": ["manufacturer"], "days": 30, "noOnwardTransfer": True},
    })  # fmt: skip
    return Dataspace(network, authority, made)
