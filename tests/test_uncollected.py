"""Packs, read-outs and views leave nothing in memory that waits for the collector of cycles."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from passport.battery.record_json import many_from_json
from passport.commands.keeping.init import make_project
from passport.commands.verify_folder import FolderCheck
from passport.exchange import formats
from passport.exchange.event_tables.read_out_files import read_blocks
from passport.presenting.presenter import Presenter
from passport.publishing.condition.read_outs import ReadOutLoader
from passport.publishing.publisher import Publisher
from passport.store import Store
from passport.vocabulary import vocabulary
from passport.vocabulary.vocabulary import Audience
from tests.packs import example_records
from tests.uncollected import uncollected

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


def test_what_refers_to_itself_is_counted():
    class Node:
        pass

    Node.__module__ = "passport.imagined"
    with uncollected() as waiting:
        node = Node()
        node.itself = node
        del node
        alone = Node()
        del alone
    assert list(waiting.values()) == [1]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uncollected") / "operator"
    return make_project(folder, "https://passport.example.com", names={"en": "Operator", "zh": None})


@pytest.fixture(scope="module")
def store():
    return Store.open("sqlite://")


@pytest.fixture(scope="module")
def publisher(project, store):
    """It has issued a pack of each kind, so that modules are imported and shapes compiled."""
    publisher = Publisher(store, project.issuer_with_key(None), project.base_url, vocabulary.load(), ())
    publisher.issue(_packs(1), at=AT - timedelta(days=60))
    return publisher


def _packs(number: int):
    """A pack with a production event of 192 cells, and one without, with codes of their own."""
    records = [example_records(name)[0] for name in ("ev-ncm-100kwh.xlsx", "lmt-ebike.xlsx")]
    text = next(iter(formats.write("json", records).files.values())).decode()
    for code in ("ZZZPE10A7K2M05G6J", "ZZZME11A7K2M05G6G", "A7K2M05G6J", "RS26"):
        text = text.replace(f'"{code}0', f'"{code}{number}')
    return many_from_json(json.loads(text), "packs.json")


def test_packs_that_are_issued(publisher):
    with uncollected() as waiting:
        publisher.issue(_packs(2), at=AT - timedelta(days=59))
    assert not waiting


def test_read_outs_that_are_loaded(publisher, project, store, tmp_path):
    loader = ReadOutLoader(store, project.issuer_with_key(None), project.base_url)
    rows = [f"RS261122-04417,2027-03-0{day}T08:00:00Z,{day}\n" for day in range(1, 8)]
    files = [tmp_path / "first.csv", tmp_path / "rest.csv"]
    for file, some in zip(files, (rows[:1], rows[1:]), strict=True):
        file.write_text("serialNumber,recordedAt,stateOfCharge\n,,%\n" + "".join(some), encoding="utf-8")

    def load(file):
        return [loader.add(block, at=AT).count("added") for block, faults in read_blocks(file) if not faults]

    load(files[0])
    with uncollected() as waiting:
        assert load(files[1]) == [6]
    assert not waiting


def test_views_that_are_presented_and_verified(publisher, project, store, tmp_path):
    publisher.sign_status_lists(at=AT)
    presenter, check = Presenter(store, vocabulary.load()), FolderCheck(project.trust_list_path, AT, "en")

    def saved_and_verified(folder):
        folder.mkdir()
        for number, pack in enumerate(store.packs()):
            for audience in (Audience.PUBLIC, Audience.LEGITIMATE_INTEREST, Audience.CN_REGULATOR):
                file = folder / f"{number}-{audience.value}.jsonld"
                file.write_bytes(presenter.present(pack.subject, audience).presentation_bytes())
                yield check.answer(file).outcome

    assert set(saved_and_verified(tmp_path / "first")) == {"verified"}
    with uncollected() as waiting:
        assert set(saved_and_verified(tmp_path / "again")) == {"verified"}
    assert not waiting
