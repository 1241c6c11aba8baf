"""docs/companies.md, docs/digital-identity.md and docs/platform.md are run: every command, in its order.

Servers are asked as over HTTP, in this process. The Chinese pages have the same commands.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from issuer.commands import register as register_commands
from issuer.register_api import RegisterApi, create_register
from passport import commands as all_commands
from passport.commands import main
from passport.commands.companies import trust as trust_commands
from passport.commands.keeping.init import make_project
from passport.commands.terminal import console
from passport.directory.register.register_service import RegisterService
from passport.errors import FetchFailed
from passport.project import Project
from passport.store.register.register_store import RegisterStore
from passport.vocabulary.credential_types import ATTESTATION, BATCH, CONDITION, DIRECTORY, IDENTITY, MODEL, PASSPORT
from resolver.app import create_app
from resolver.config import ResolverConfig
from tests.conftest import CHECKOUT
from tests.each import each

CODE = "ZZZPE10A7K2M05G6J0000317"
KINDS = [MODEL, "BatteryModelDetailCredential", BATCH, PASSPORT, CONDITION]


def commands(page: str) -> list[list[str]]:
    text = (CHECKOUT / "docs" / page).read_text(encoding="utf-8")
    blocks = "".join(re.findall(r"```console\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ")
    return [shlex.split(line.removeprefix("$ passport "), comments=True) for line in blocks.splitlines()]


class Stage:
    """Projects in a folder, and what stands in the place of the network between them."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.known, self.served = folder, {"CODE": CODE}, []
        monkeypatch.chdir(folder)
        for name in ("PASSPORT_PROJECT", "PASSPORT_STORE"):
            monkeypatch.delenv(name, raising=False)
        registered = {**all_commands._registered(), "register": "issuer.commands.register:register"}
        monkeypatch.setattr(all_commands, "_registered", lambda: registered)
        monkeypatch.setattr(register_commands, "fetch_over", lambda client: self.fetch)
        monkeypatch.setattr(register_commands, "_post_over", lambda client: self.post)
        monkeypatch.setattr(trust_commands, "GuardedClient", lambda: self)
        monkeypatch.setattr("passport.web.server.serve", lambda app, host, port: self.served.append(app))
        monkeypatch.setattr("issuer.event_inbox.Follower.wake", lambda follower: None)

    def project(self, url: str) -> Project:
        host = urlsplit(url).hostname
        for path in self.folder.glob("*/passport.toml"):
            project = Project.open(path.parent)
            if urlsplit(project.base_url).hostname == host:
                return project
        raise FetchFailed(f"{host} has no address")

    def fetch(self, url: str) -> bytes:
        project = self.project(url)
        app = create_app(ResolverConfig.from_project(project), store=project.open_store(), now=console.now)
        answer = app.test_client().get(urlsplit(url).path, headers={"Accept": "application/vp"})
        assert answer.status_code == 200, answer.text
        return answer.data

    def naming(self, url: str) -> Stage:
        return self

    def get(self, url: str, **_: str):
        return type("Answer", (), {"body": self.fetch(url)})()

    def post(self, url: str, body: bytes, token: str) -> bytes:
        project = self.project(url)
        service = RegisterService(
            RegisterStore(project.register_path), project.issuer_with_key(None), project.base_url, project.trust_list,
            self.fetch,
        )  # fmt: skip
        app = create_register(RegisterApi(service, console.now))
        answer = app.test_client().post(
            urlsplit(url).path, data=body, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 200, answer.text
        return answer.data

    def run(self, *words: str) -> str:
        done = CliRunner().invoke(main, [self.known.get(word, word) for word in words])
        assert done.exit_code == 0, (words, done.output, done.exception)
        return done.stdout

    def trust(self, project: str, *entries: dict) -> None:
        path = self.folder / project / "trusted-issuers.json"
        path.write_text(json.dumps({"issuers": list(entries)}))

    def entry(self, project: str, *kinds: str) -> dict:
        """What a person writes into a trust list by hand."""
        opened = Project.open(self.folder / project)
        document = self.folder / project / "did.json"
        more = {"didDocument": json.loads(document.read_text())} if document.exists() else {}
        return {"id": opened.issuer, "name": {"en": project}, "trustedFor": list(kinds), **more}


@pytest.fixture
def stage(tmp_path, monkeypatch):
    return Stage(tmp_path, monkeypatch)


@each("page", ["digital-identity", "platform"])
def test_both_languages_have_the_same_commands_and_a_picture_each(page):
    assert commands(f"{page}.md") == commands(f"{page}.zh.md") and len(commands(f"{page}.md")) > 10
    for name in (page, f"{page}.zh"):
        assert f"(images/{name}.svg)" in (CHECKOUT / "docs" / f"{name}.md").read_text(encoding="utf-8")
        assert (CHECKOUT / "docs" / "images" / f"{name}.svg").read_text(encoding="utf-8").startswith("<svg ")


def test_every_command_of_the_page_on_digital_identity_runs_in_its_order(stage):
    shutil.copy(CHECKOUT / "examples" / "trust-policy.json", stage.folder / "policy.json")
    lists = []
    for words in commands("digital-identity.md"):
        stage.run(*words)
        if words[0] == "directory" and words[1] == "save" and not (stage.folder / "registrars.json").exists():
            by_hand = {"issuers": [stage.entry("registrar", IDENTITY, DIRECTORY)]}
            (stage.folder / "registrars.json").write_text(json.dumps(by_hand))
        if words[:2] == ["trust", "from-directory"]:
            document = json.loads((stage.folder / "registrars.json").read_text())
            lists.append({each["id"] for each in document["issuers"]})
    assert ["did:web:maker.example" in each for each in lists] == [False, True, False]
    (token,) = json.loads((stage.folder / "anchor.json").read_text())
    assert token.count(".") == 2


def test_every_command_of_the_page_on_the_platform_runs_in_its_order(stage):
    shutil.copy(CHECKOUT / "examples" / "lmt-ebike.xlsx", stage.folder / "packs.xlsx")
    states = []
    for words in commands("platform.md"):
        if words[:2] == ["register", "validate"]:
            stage.trust("register", stage.entry("maker", *KINDS))
        if words[:2] == ["register", "send"]:
            stage.trust("register", stage.entry("maker", *KINDS))
        stage.run(*words)
        if words[:2] == ["register", "status"]:
            done = json.loads(stage.run("register", "status", "--json", "--project", "maker"))
            assert done["counts"] == {"registered": 1}
        if words[:2] == ["register", "list"]:
            rows = json.loads(stage.run("register", "list", "--json", "--project", "register"))["registrations"]
            stage.known["REGISTRATION"] = rows[0]["registration"]
        if words[1] in ("suspend", "restore"):
            rows = json.loads(stage.run("register", "list", "--json", "--project", "register"))["registrations"]
            states.append(rows[0]["state"])
    assert states == ["suspended", "registered"]


def test_every_command_of_the_page_on_companies_runs_in_its_order(stage):
    maker = make_project(stage.folder / "maker", "https://maker.example", names={"en": "Maker"}, did_web_issuer=True)
    make_project(stage.folder / "registrar", "https://registrar.example", names={"en": "Registrar"})
    make_project(stage.folder / "lab", "https://lab.example", names={"en": "Lab"})
    make_project(stage.folder / "verifier", "https://verifier.example", names={"en": "Verifier"})
    stage.run("issue", str(CHECKOUT / "examples" / "ev-ncm-100kwh.xlsx"), "--project", "maker")
    own = stage.entry("maker", *KINDS)
    stage.trust("registrar", own)
    stage.trust("lab", own)
    stage.trust("maker", own, stage.entry("lab", ATTESTATION))
    stage.trust("verifier", stage.entry("registrar", IDENTITY, DIRECTORY))
    shutil.copy(stage.folder / "maker" / "trusted-issuers.json", stage.folder / "trusted-issuers.json")
    shutil.copy(CHECKOUT / "examples" / "trust-policy.json", stage.folder / "policy.json")
    (stage.folder / "report.pdf").write_bytes(b"%PDF-1.7 a report")
    for words in commands("companies.md"):
        stage.run(*words)
    assert len(stage.served) == 1, "the register was started"
    store = RegisterStore(Project.open(stage.folder / "registrar").register_path)
    assert store.counts()["pending"] == 1
    assert maker.issuer == "did:web:maker.example"
    listed = json.loads((stage.folder / "verifier" / "trusted-issuers.json").read_text())["issuers"]
    assert maker.issuer not in {each["id"] for each in listed}, "its identity was revoked before"
    assert json.loads((stage.folder / "attested.jsonld").read_text())["verifiableCredential"]
