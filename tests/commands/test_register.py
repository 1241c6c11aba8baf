"""``passport register``: a maker's outbox, a register that takes and validates, each by its command; no network."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from issuer.commands import register as commands
from issuer.register_api import RegisterApi, create_register
from passport import commands as all_commands
from passport.commands.keeping.init import make_project
from passport.commands.terminal import console
from passport.directory.register.register_service import RegisterService
from passport.errors import FetchFailed
from passport.project import Project
from passport.store.register.register_store import RegisterStore
from resolver.app import create_app
from resolver.config import ResolverConfig

KINDS = ["BatteryPassportCredential", "BatteryModelCredential", "BatteryBatchCredential"]


@pytest.fixture
def registrar(shell, shop, issued, monkeypatch):
    """A register beside the shop, whose passport is issued; both are asked as over HTTP."""
    registered = all_commands._registered()
    place = "issuer.commands.register:register"
    monkeypatch.setattr(all_commands, "_registered", lambda: {**registered, "register": place})
    node = make_project(shell.folder / "node", "https://register.example", names={"en": "Register"})
    maker = Project.open(shop)
    entry = {"id": maker.issuer, "name": {"en": "Shop"}, "trustedFor": KINDS}
    node.trust_list_path.write_text(json.dumps({"issuers": [entry]}))
    resolver = create_app(ResolverConfig.from_project(maker), store=maker.open_store(), now=console.now)
    switch = {"on": True}

    def fetch(url):
        if not switch["on"]:
            raise FetchFailed("down")
        return resolver.test_client().get(urlsplit(url).path, headers={"Accept": "application/vp"}).data

    service = RegisterService(
        RegisterStore(node.register_path), node.issuer_with_key(None), node.base_url, node.trust_list, fetch
    )
    app = create_register(RegisterApi(service, console.now))

    def post(url, body, token):
        headers = {"Authorization": f"Bearer {token}"}
        answer = app.test_client().post(urlsplit(url).path, data=body, content_type="application/json", headers=headers)
        return answer.data

    monkeypatch.setattr(commands, "fetch_over", lambda client: fetch)
    monkeypatch.setattr(commands, "_post_over", lambda client: post)
    return switch


def test_from_the_outbox_to_a_registration_and_back(shell, registrar):
    maker, node = ("--project", "shop"), ("--project", "node")
    assert shell.json("register", "queue", *maker)["queued"] == 1
    send = ("register", "send", "--to", "https://register.example", *maker)
    assert shell.json(*send)["counts"] == {"sent": 1}
    assert shell.json("register", "validate", *node)["counts"]["registered"] == 1
    assert "registered  1" in shell.run(*send).stdout
    assert shell.json("register", "status", *maker)["counts"] == {"registered": 1}
    (row,) = shell.json("register", "list", *node)["registrations"]
    assert row["state"] == "registered" and row["registration"] in shell.run("register", "list", *node).stdout
    assert "1 coherent, 0 different" in shell.run("register", "check", "--renew-copies", *node).stdout
    for word, state, code in (("suspend", "suspended", 1), ("restore", "registered", 0)):
        shell.run("register", word, row["registration"], "--reason", "examined", *node)
        assert shell.json("register", "list", *node)["registrations"][0]["state"] == state
        assert shell.json(*send, code=code)["changed"] == {state: 1}
        assert ("examined" in shell.run("register", "status", *maker, code=code).stdout) is bool(code)
    released = shell.json(
        "register", "release", row["registration"], "--to", "did:web:next.example", "--register",
        "https://register.example", *maker,
    )  # fmt: skip
    assert released["registrationId"] == row["registration"]
    registrar["on"] = False
    assert shell.json("register", "check", *node, code=3)["counts"] == {"undetermined": 1}
    shell.run("register", "deactivate", row["registration"], "--reason", "recycled", *node)
    assert shell.json(*send, code=1)["changed"] == {"deactivated": 1}
    assert shell.json(*send)["counts"] == {"deactivated": 1}
    (told,) = shell.json("register", "status", *maker)["deactivated"]
    assert told["detail"] == "recycled"
    assert shell.json("register", "queue", *maker)["queued"] == 0
    assert shell.json("register", "queue", told["product"], *maker)["queued"] == 1
    assert shell.json("register", "restore", row["registration"], "--reason", "no", *node)["outcome"] == "same"


def test_what_is_no_register_and_what_is_not_registered_say_so(shell, registrar):
    assert "is no register" in shell.run("register", "list", "--project", "shop", code=2).stderr
    gone = ("register", "suspend", "urn:uuid:none", "--reason", "x", "--project", "node")
    assert "there is no registration urn:uuid:none" in shell.run(*gone, code=2).stderr
    assert shell.run("register", "status", "--project", "shop").stdout == "nothing is there yet\n"
