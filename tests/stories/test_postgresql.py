"""Story: two processes issue into PostgreSQL at once, a resolver that may only read shows it, one pack is recalled."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from passport.commands.keeping.init import make_project
from passport.errors import AnotherIssuer, StoreFailure
from passport.presenting.presenter import Presenter
from passport.project import Project
from passport.publishing.publisher import Publisher
from passport.publishing.upkeep.examiner import examine
from passport.store import Store
from passport.store.store_upgrade import upgrade
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import CONDITION
from passport.vocabulary.vocabulary import Audience
from resolver import wsgi
from resolver.serving.site import Site
from tests.each import each
from tests.packs import example_records

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BASE = "https://passport.example.com"
VP = {"Accept": "application/vp"}
AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Office:
    """The write side as commands in processes of their own, and the read side as its server makes it."""

    project: Project
    read_only: str
    app: Flask

    def start(self, *words: object) -> subprocess.Popen:
        command = [sys.executable, "-c", "from passport.commands import main; main()", *map(str, words)]
        environ = {name: value for name, value in os.environ.items() if name != "PASSPORT_STORE"}
        environ["PASSPORT_PROJECT"] = str(self.project.folder)
        return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self, running: subprocess.Popen, code: int = 0) -> dict:
        said, talk = running.communicate(timeout=600)
        assert running.returncode == code, talk
        return json.loads(said)

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client(use_cookies=False)


@pytest.fixture(scope="module")
def office(cluster, tmp_path_factory) -> Office:
    url = cluster.database()
    project = make_project(tmp_path_factory.mktemp("office") / "shop", BASE, names={"en": "Operator", "zh": "运营者"})
    with open(project.folder / "passport.toml", "a", encoding="utf-8") as settings:
        settings.write(f'store = "{url}"\n')
    Store.open(url).close()
    cluster.sql("CREATE ROLE reader LOGIN PASSWORD 'only reading'", url)
    upgrade(url, resolver="reader")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASSPORT_PROJECT", str(project.folder))
        patch.setenv("PASSPORT_STORE", url.replace("admin", "reader"))
        patch.setenv("PASSPORT_RATE_LIMIT", "off")
        patch.setenv("PGPASSWORD", "only reading")
        yield Office(Project.open(project.folder), url.replace("admin", "reader"), wsgi.app())
    cluster.sql("DROP OWNED BY reader; DROP ROLE reader", url)


@pytest.fixture(scope="module")
def packs(office: Office) -> dict[str, str]:
    """Addresses of packs that two processes issued at once: one pack of each own, and one that both were given."""
    own = {"ev-ncm-100kwh.xlsx", "lmt-ebike.xlsx"}
    running = [
        office.start("issue", EXAMPLES / name, EXAMPLES / "stationary-lfp.xlsx", "--json") for name in sorted(own)
    ]
    entries = [entry for one in running for entry in office.finish(one)["entries"]]
    issued = [entry["id"] for entry in entries if entry["outcome"] == "issued"]
    assert len(issued) == len(set(issued)) == 9
    assert [entry["outcome"] for entry in entries if entry["id"] not in issued] == []
    assert sorted(entry["outcome"] for entry in entries) == ["issued"] * 9 + ["same"] * 3
    return {entry["id"].split("/")[3]: entry["id"] for entry in entries if entry["kind"] == "pack"}


@pytest.mark.torture
def test_what_two_processes_issue_at_once_is_issued_once_and_served(office: Office, packs):
    store = Store.open(office.read_only)
    assert len(store.packs()) == 3
    for pack in store.packs():
        path = "/passports" + pack.subject.removeprefix(BASE)
        answer = office.client.get(path, headers=VP)
        assert answer.status_code == 200
        names = [credential["id"] for credential in json.loads(answer.data)["verifiableCredential"]]
        assert len(names) == len(set(names))
        assert office.client.get(path, headers={"Accept": "text/html"}).status_code == 200
        assert all(len(store.history(pack.subject, type_)) == 1 for type_ in ("BatteryPassportCredential", CONDITION))
    assert office.client.get("/health").status_code == 200


def test_a_recall_is_seen_by_the_next_reader(office: Office, packs):
    subject = next(iter(Store.open(office.read_only).packs())).subject
    path = "/passports" + subject.removeprefix(BASE)
    before = office.client.get(path, headers=VP)
    assert office.client.get(path, headers=VP).headers["ETag"] == before.headers["ETag"]
    office.finish(office.start("revoke", subject, "--reason", "recalled", "--json"))
    after = office.client.get(path, headers=VP)
    assert after.headers["ETag"] != before.headers["ETag"]
    again = office.client.get(path, headers={**VP, "If-None-Match": before.headers["ETag"]})
    assert again.status_code == 200
    assert "withdrawn" in office.client.get(path + "?lang=en", headers={"Accept": "text/html"}).text.lower()


def test_several_operators_and_resolvers_share_a_database(office: Office, packs, tmp_path):
    """A second operator publishes with its own key; two resolvers show both, and a withdrawal with the next read."""
    own = make_project(tmp_path / "second", BASE, names={"en": "Second", "zh": None})
    second = replace(own, store=office.project.store)
    store = second.open_store()
    record = example_records("lmt-ebike.xlsx")[0]
    identifier = "urn:uuid:00000000-0000-4000-8000-000000000007"
    pack = {**record.pack, "serialNumber": "EB7", "batteryPassportIdentifier": identifier}
    model = {name: value for name, value in record.model.items() if name != "gtin"} | {
        "batteryModelIdentifier": "SECOND-1"
    }
    publisher = Publisher(store, second.issuer_with_key(None), BASE, vocabulary.load(), ())
    with pytest.raises(AnotherIssuer):
        publisher.revoke(packs_of(store, office)[0], reason="of the other operator", at=AT)
    issued = publisher.issue([replace(record, model=model, pack=pack)], at=AT)
    subject = issued.of_kind("pack")[0].subject
    path = "/passports" + subject.removeprefix(BASE)
    clients = [office.client, wsgi.app().test_client(use_cookies=False)]
    before = [client.get(path, headers=VP) for client in clients]
    assert [answer.status_code for answer in before] == [200, 200] and before[0].data == before[1].data
    assert set(store.list_issuers().values()) == {second.issuer, office.project.issuer}
    assert publisher.revoke(subject, reason="recalled", at=AT)
    for client, answer in zip(clients, before, strict=True):
        assert client.get(path, headers={**VP, "If-None-Match": answer.headers["ETag"]}).status_code == 200
        assert "withdrawn" in client.get(path + "?lang=en", headers={"Accept": "text/html"}).text.lower()
    result = examine(office.project, store, at=AT)
    assert {part.part.value: part.told for part in result.parts if part.faults} == {}
    assert result.outcome is True, "what both signed, in one store"
    store.close()


def packs_of(store: Store, office: Office) -> list[str]:
    """Packs that the first operator issued."""
    return [
        pack.subject for pack in store.packs()
        if (stored := store.current(pack.subject, "BatteryPassportCredential"))
        and stored.document["issuer"] == office.project.issuer
    ]  # fmt: skip


def test_everything_that_is_shown_can_be_shown_by_a_role_that_sees_no_base_proof(office: Office, packs):
    store = Store.open(office.read_only)
    presenter = Presenter(store, vocabulary.load())
    for pack in store.packs():
        for audience in Audience:
            presenter.present(pack.subject, audience).presentation()
    credential = store.packs()[0].subject
    paths = ["/", "/search?q=VO26090001742", "/status/1", "/ns", "/healthz", "/issuers", "/dumps/public.nq",
             "/dumps/public.csv", credential.removeprefix(BASE), "/.well-known/gs1resolver",
             "/v1/dpps/" + credential.replace("/", "%2F").replace(":", "%3A")]  # fmt: skip
    answers = {path: office.client.get(path, follow_redirects=False).status_code for path in paths}
    assert {path: status for path, status in answers.items() if status >= 500} == {}


@each(
    "path",
    ["/passports/id/VO-HV13/%00", "/passports/id/a%00b/1", "/passports/id/%ED%A0%80/1", "/search?q=%00", "/id/%00/1",
     "/search?maker=%00&category=%00&after=%00", "/credentials/%00", "/gbt34014/%00", "/v1/dpps/%00",
     "/status/999999999", "/status/99999999999999999999", "/passports/id/" + "x" * 3000],
)  # fmt: skip
@each("headers", [VP, {"Accept": "text/html"}], ids=["program", "person"])
def test_what_no_database_can_hold_is_not_found_instead_of_failing(office: Office, path, headers):
    assert office.client.get(path, headers=headers).status_code < 500


def test_while_the_database_is_away_readers_are_told_to_come_back(office: Office, packs, cluster):
    path = "/passports" + next(iter(packs.values())).removeprefix(BASE)
    assert office.client.get(path, headers=VP).status_code == 200
    cluster.control("stop")
    try:
        for headers in (VP, {"Accept": "text/html"}, {**VP, "Cookie": "past=the-front"}):
            answer = office.client.get(path, headers=headers)
            assert answer.status_code == 503
            assert "socket" not in answer.text and "psycopg" not in answer.text and "SELECT" not in answer.text
        # Nor does the quick way wait for it, in the one thread that reads for everybody.
        assert at_once(office, path, patience=0) is None
    finally:
        cluster.control("start")
    answer = office.client.get(path, headers=VP)
    assert answer.status_code == 200
    sent = at_once(office, path, patience=10)
    assert sent is not None and sent.startswith(b"HTTP/1.1 200 OK") and sent.endswith(answer.data)


def at_once(office: Office, path: str, *, patience: float) -> bytes | None:
    """What the event loop of a server answers at once, asked for so many seconds; None where the store is away."""
    answers: list[bytes] = []

    def loop() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        asyncio.get_event_loop().run_until_complete(answer())

    async def answer() -> None:
        site, end = Site(office.app), time.monotonic() + patience
        request = f"GET {path} HTTP/1.1\r\nHost: passport.example.com\r\nAccept: application/vp\r\n\r\n".encode()
        while True:
            with suppress(StoreFailure):
                said = site.at_once(request, SimpleNamespace(known=None, address="192.0.2.1"))
                answers.extend([] if said is None else [said])
            if answers or time.monotonic() > end:
                return
            await asyncio.sleep(0.02)

    thread = threading.Thread(target=loop)
    thread.start()
    thread.join()
    return answers[0] if answers else None
