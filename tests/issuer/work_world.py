"""A workspace with a real project, a real store and a clock that is set by hand; people sign in with real passkeys."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from issuer.workspace.app import create_workspace
from issuer.workspace.services import Workspace, WorkspaceConfig
from issuer.workspace.worker import OrderWorker
from passport.commands.keeping.init import make_project
from passport.store.workspace.people import Person, WorkRole
from tests.issuer.soft_authenticator import SoftAuthenticator

ORIGIN = "https://work.example.com"
BASE = "https://passport.example.com"
AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


@dataclass
class Desk:
    """One person's browser."""

    client: FlaskClient
    person: Person | None = None
    key: SoftAuthenticator = field(default_factory=lambda: SoftAuthenticator(ORIGIN))

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, base_url=ORIGIN, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, *, at: str | None = None, **more: Any) -> Any:
        """Post a form with the token of a page. :param at: the page that has the form; by default the path itself."""
        token = field_of(self.get(at or path).text, "csrf_token")
        return self.client.post(path, base_url=ORIGIN, data={"csrf_token": token, **(data or {})}, **more)


class WorkWorld:
    """:param folder: for the project; :param settings: more of the configuration."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.at = AT
        self.project = make_project(folder / "operator", BASE, names={"en": "Operator", "zh": "运营商"})
        self.store = self.project.open_store()
        config = WorkspaceConfig(self.project, self.store, self.project.issuer_with_key(None), ORIGIN, **settings)
        self.app = create_workspace(config, now=lambda: self.at)
        self.here: Workspace = self.app.extensions["workspace"]
        self.worker = OrderWorker(self.here)

    def trust_accreditations(self) -> None:
        """Let the trust list name the operator for accreditations too."""
        path = self.project.trust_list_path
        listed = json.loads(path.read_text())
        listed["issuers"][0]["trustedFor"].append("BatteryActorCredential")
        path.write_text(json.dumps(listed))

    def later(self, **time: float) -> None:
        self.at += timedelta(**time)

    def browser(self) -> Desk:
        return Desk(self.app.test_client())

    def join(self, name: str, *roles: str) -> Desk:
        """A new person, who enrols a passkey and is signed in by that."""
        person = self.here.people.add(name, name.title(), frozenset(map(WorkRole, roles)), at=self.at, by="command")
        desk = self.browser()
        desk.person = person
        path = f"/enrol/{self.here.people.invite(person, at=self.at, by='command')}"
        page = desk.get(path)
        answer = desk.key.create(options_of(page.text))
        done = desk.client.post(
            path, base_url=ORIGIN, data={"csrf_token": field_of(page.text, "csrf_token"), "answer": answer}
        )
        assert done.status_code == 303, done.text
        return desk

    def sign_in(self, desk: Desk, *, address: str = "127.0.0.1", **wrongly: Any) -> Any:
        """The answer to a sign-in with the passkey of a desk. :param address: of the browser."""
        page = desk.get("/sign-in")
        answer = desk.key.get(options_of(page.text), **wrongly)
        data = {"csrf_token": field_of(page.text, "csrf_token"), "answer": answer}
        return desk.client.post("/sign-in", base_url=ORIGIN, data=data, environ_base={"REMOTE_ADDR": address})


def options_of(page: str) -> str:
    return html.unescape(re.search(r'data-options="([^"]*)"', page)[1])


def field_of(page: str, name: str) -> str:
    """The value of the first input of that name."""
    found = re.search(rf'name="{re.escape(name)}"[^>]*? value="([^"]*)"', page)
    assert found, f"no field {name}: {page[:1500]}"
    return html.unescape(found[1])
