"""The gateway for read-outs: what it signs, what it refuses, whom it lets in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from issuer.read_out_gateway import MAX_BODY, MOST, GatewayConfig, create_gateway
from passport.commands.keeping.init import make_project
from passport.errors import UnusableProject
from passport.publishing.condition.read_outs import ReadOutLoader
from passport.publishing.publisher import Publisher
from passport.store import Store
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import CONDITION
from tests.packs import example_records
from tests.remembered_stores import copy_of

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
TOKEN = "t" * 32
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def operator(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gateway") / "operator"
    project = make_project(folder, "https://passport.example.com", names={"en": "Operator", "zh": None})
    return project.issuer_with_key(None), project.base_url


@pytest.fixture(scope="module")
def issued(operator):
    store = Store.open("sqlite://")
    record = example_records("lmt-ebike.xlsx")[0]
    record = replace(record, pack={**record.pack, "serialNumber": "EB0001"}, condition=None)
    Publisher(store, *operator, vocabulary.load(), ()).issue([record], at=AT - timedelta(days=60))
    return store


@pytest.fixture
def store(issued):
    return copy_of(issued)


@pytest.fixture
def client(store, operator):
    config = GatewayConfig(ReadOutLoader(store, *operator), TOKEN)
    return create_gateway(config, now=lambda: AT).test_client()


def read_out(day: int = 1, **values):
    at = f"2027-03-{day:02}T08:00:00Z"
    return {"serialNumber": "EB0001", "recordedAt": at, "numberOfFullCycles": 10 + day, **values}


def post(client, body, headers=BEARER):
    return client.post("/read-outs", json=body, headers=headers)


def test_a_read_out_is_signed_and_stored(client, store):
    answer = post(client, read_out())
    assert answer.status_code == 200 and answer.json["faults"] == []
    (entry,) = answer.json["entries"]
    assert store.credential(entry["credential"]).type == CONDITION
    assert post(client, read_out()).json["entries"][0]["outcome"] == "same"


def test_supervision_is_told_of_added_read_outs_and_of_no_others(store, operator):
    told = []
    config = GatewayConfig(ReadOutLoader(store, *operator), TOKEN, lambda: told.append(1))
    client = create_gateway(config, now=lambda: AT).test_client()
    assert post(client, read_out(serialNumber="absent")).status_code == 422 and told == []
    assert post(client, read_out()).status_code == 200 and told == [1]


def test_a_faulty_one_of_a_list_is_named_and_the_others_are_added(client):
    answer = post(client, [read_out(2), read_out(1, numberOfFullCycles=20), read_out(3, numberOfFullCycles=5)])
    assert answer.status_code == 200
    assert [entry["recordedAt"][8:10] for entry in answer.json["entries"]] == ["01"]
    named = {(fault["code"], fault["location"]["pointer"]) for fault in answer.json["faults"]}
    assert named == {("value-fell", "/0/numberOfFullCycles"), ("value-fell", "/2/numberOfFullCycles")}


def test_nothing_but_faults_is_422(client, store):
    before = store.version()
    answer = post(client, [read_out(serialNumber="EB9"), {"serialNumber": "EB0001"}])
    assert answer.status_code == 422 and answer.json["entries"] == []
    assert {fault["code"] for fault in answer.json["faults"]} >= {"unknown-pack"}
    assert store.version() == before


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {TOKEN}"}])
def test_nobody_without_the_token_is_let_in(client, store, headers):
    answer = post(client, read_out(), headers)
    assert answer.status_code == 401 and "WWW-Authenticate" in answer.headers
    assert not store.history(store.packs()[0].subject, CONDITION)


@pytest.mark.parametrize("token", ["", "short", "t" * 31])
def test_a_short_token_starts_nothing(store, operator, token):
    with pytest.raises(UnusableProject):
        GatewayConfig(ReadOutLoader(store, *operator), token)


def test_a_form_of_another_site_is_refused(client):
    assert client.post("/read-outs", data="x=1", headers=BEARER).status_code == 415


@pytest.mark.parametrize("body", [b"{", b'{"a":1,"a":2}', b"[]", b"\xff"])
def test_what_is_no_read_out_is_refused(client, body):
    answer = client.post("/read-outs", data=body, headers=BEARER, content_type="application/json")
    assert answer.status_code in (400, 422)


def test_a_list_that_is_too_long_is_refused(client):
    assert post(client, [read_out()] * (MOST + 1)).status_code == 400


def test_a_body_that_is_too_large_is_refused(client):
    answer = client.post("/read-outs", data=b" " * (MAX_BODY + 1), headers=BEARER, content_type="application/json")
    assert answer.status_code == 413


def test_there_is_nothing_to_read(client):
    assert client.get("/read-outs", headers=BEARER).status_code == 405
    assert client.get("/", headers=BEARER).status_code == 404


def test_an_error_of_the_program_tells_nothing(client, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("secret")

    monkeypatch.setattr(ReadOutLoader, "add", broken)
    answer = post(client, read_out())
    assert answer.status_code == 500 and "secret" not in answer.text
