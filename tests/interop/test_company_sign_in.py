"""Signing in to the workspace with a real OpenID provider (npm oidc-provider) on this machine."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, Request, build_opener

import pytest

from issuer.workspace.app import create_workspace
from issuer.workspace.people.company_provider import BACK, SIGNED_OUT, ProviderConfig
from issuer.workspace.services import Workspace, WorkspaceConfig
from tests.conftest import skip_unless
from tests.issuer.work_world import ORIGIN, Desk, WorkWorld

FOLDER = Path(__file__).resolve().parent
SECRET = "a secret of the tests, long enough"  # noqa: S105


class CompanyWorld(WorkWorld):
    """A workspace that knows a provider. Its clock is that of this machine, since the provider's is."""

    def __init__(self, folder: Path, issuer: str) -> None:
        super().__init__(folder)
        self.at = datetime.now(UTC)
        (self.project.folder / "sign-in.toml").write_text(
            f'issuer = "{issuer}"\nclient_id = "workspace"\nname = {{en = "Example Corp"}}\n'
        )
        provider = ProviderConfig.of_project(self.project.folder, {"PASSPORT_SIGN_IN_SECRET": SECRET})
        config = WorkspaceConfig(self.project, self.store, self.here.config.issuer, ORIGIN, provider=provider)
        self.app = create_workspace(config, now=lambda: self.at)
        self.here: Workspace = self.app.extensions["workspace"]


class _Stop(HTTPRedirectHandler):
    """Follows redirects on the provider, and stops at an address of ours."""

    def redirect_request(self, request, body, code, text, headers, address):  # noqa: PLR0913 - urllib's signature
        if address.startswith(ORIGIN):
            raise _Back(address)
        return super().redirect_request(request, body, 303, text, headers, address)


class _Back(Exception):
    pass


def browser_at_the_provider() -> OpenerDirector:
    return build_opener(HTTPCookieProcessor(CookieJar()), _Stop())


def log_in(address: str, login: str, browser: OpenerDirector | None = None) -> str:
    """What a person does at the provider: the form of its login, then that of its consent. The address back to us."""
    return click_through(address, browser or browser_at_the_provider(), login=login, password="any")  # noqa: S106


def click_through(address: str, browser: OpenerDirector, **typed: str) -> str:
    """Send the forms of the provider until it leads back to us. :returns: the address there."""
    body = None
    try:
        for _ in range(4):
            with browser.open(Request(address, body)) as answer:  # noqa: S310 - of the tests
                page, here = answer.read().decode(), answer.url
            action = re.search(r'<form[^>]*action="([^"]+)"', page)[1]
            fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
            address, body = urljoin(here, action), urlencode({**fields, **typed}).encode()
    except _Back as back:
        return str(back)
    except HTTPError as error:
        raise AssertionError(error.read().decode()[:2000]) from error
    raise AssertionError("the provider does not come to an end")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    node = shutil.which("node")
    skip_unless(node is not None, "node", "node is not installed")
    skip_unless((FOLDER / "node_modules" / "oidc-provider").is_dir(), "node", "no oidc-provider: run `make interop`")
    command = [node, "provider.mjs", "workspace", SECRET, ORIGIN + BACK, ORIGIN + SIGNED_OUT]
    with subprocess.Popen(command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        issuer = json.loads(process.stdout.readline())["issuer"]
        yield CompanyWorld(tmp_path_factory.mktemp("company"), issuer)
        process.stdin.close()


def begin(desk: Desk, **query: str) -> str:
    answer = desk.get("/sign-in/company", query_string=query)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def back(desk: Desk, address: str):
    parts = urlsplit(address)
    return desk.get(parts.path, query_string=dict(parse_qsl(parts.query)))


def test_an_invited_person_links_an_account_and_signs_in_with_it_ever_after(world):
    lin = world.here.people.add("lin", "Lin Mei", frozenset({"enter"}), at=world.at, by="command")
    invitation = world.here.people.invite(lin, at=world.at, by="command")
    desk = world.browser()
    assert "Use Example Corp instead of a passkey" in desk.get(f"/enrol/{invitation}").text
    assert back(desk, log_in(begin(desk, invitation=invitation), "lin@corp")).headers["Location"] == "/"
    assert "Lin Mei" in desk.get("/").text
    other = world.browser()
    assert "Sign in with Example Corp" in other.get("/sign-in").text
    assert back(other, log_in(begin(other), "lin@corp")).headers["Location"] == "/"
    assert "Lin Mei" in other.get("/").text
    # The invitation is used up.
    third = world.browser()
    assert back(third, log_in(begin(third, invitation=invitation), "somebody-else")).status_code == 403


def test_an_account_that_nobody_linked_is_refused_and_makes_no_person(world):
    before = len(world.here.people.all())
    desk = world.browser()
    answer = back(desk, log_in(begin(desk), "stranger"))
    assert answer.status_code == 403 and "no person of this workspace" in answer.text
    assert desk.get("/").status_code == 303 and len(world.here.people.all()) == before


def test_an_answer_serves_once_and_in_the_browser_that_asked(world):
    yan = world.here.people.add("yan", "Yan", frozenset({"enter"}), at=world.at, by="command")
    world.here.subjects.link(yan, world.here.provider.config.issuer, "yan", at=world.at, by="command")
    desk, thief = world.browser(), world.browser()
    begin(thief)
    address = log_in(begin(desk), "yan")
    assert back(thief, address).status_code == 403
    assert back(desk, address).status_code == 303
    again = world.browser()
    begin(again)
    assert back(again, address).status_code == 403
    # The code was used: also a browser that holds the right state is refused by the provider.


def test_a_disabled_person_is_not_let_in(world):
    zhao = world.here.people.add("zhao", "Zhao", frozenset({"enter"}), at=world.at, by="command")
    world.here.subjects.link(zhao, world.here.provider.config.issuer, "zhao", at=world.at, by="command")
    world.here.people.disable(zhao, at=world.at, by="command")
    desk = world.browser()
    assert back(desk, log_in(begin(desk), "zhao")).status_code == 403


def test_who_signs_out_is_led_to_the_sign_out_of_the_provider_and_is_a_stranger_there_afterwards(world):
    wu = world.here.people.add("wu", "Wu", frozenset({"enter"}), at=world.at, by="command")
    world.here.subjects.link(wu, world.here.provider.config.issuer, "wu", at=world.at, by="command")
    desk, browser = world.browser(), browser_at_the_provider()
    back(desk, log_in(begin(desk), "wu", browser))
    # The provider knows the browser: no form is shown.
    again = world.browser()
    assert back(again, click_through(begin(again), browser)).headers["Location"] == "/"
    page = desk.post("/sign-out", at="/")
    assert page.status_code == 200 and "Wu" not in page.text
    assert desk.get("/").status_code == 303, "signed out here, whatever happens at the provider"
    address = html.unescape(re.search(r'href="(http://127[^"]+)"', page.text)[1])
    assert click_through(address, browser, logout="yes") == f"{ORIGIN}/sign-in"
    stranger = world.browser()
    assert "login" in browser.open(begin(stranger)).read().decode()
