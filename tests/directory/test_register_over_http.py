"""A register and two makers as servers of their own, joined by HTTPS: real sockets, certificates and the real client.

Each name of the world has a server on loopback, and an address on the internet that leads to it.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from issuer.commands.register import _post_over, fetch_over
from issuer.event_inbox import Follower
from issuer.register_api import RegisterApi, create_register
from passport.belonging import passport_verifier
from passport.commands.keeping.init import make_project
from passport.credentials.issuer import Issuer
from passport.directory.register.register_service import RegisterService
from passport.directory.register.registration_client import RegistrationClient
from passport.directory.register.submission import read_receipt
from passport.errors import FetchFailed
from passport.identity import KeySigner
from passport.identity.did import DidResolver
from passport.identity.http_client import GuardedClient
from passport.store import Store
from passport.store.register.register_rows import RegistrationState
from passport.store.register.registration_outbox import RegistrationOutbox
from resolver.app import create_app
from resolver.config import ResolverConfig
from tests.register_world import REGISTER, make_register_world
from tests.resolver.conftest import TEMPLATES
from tests.web_server import Disguised, make_certificate

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_):
        pass


class Node:
    """One name with a server, which can be switched off and on again.

    :ivar requests: method and path of each request. :ivar cut: how many answers are lost on their way.
    """

    def __init__(self, app, certificate):
        self.app, self.requests, self.cut, self._server = app, [], 0, None
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self.switch_on()

    def switch_on(self):
        self._server = make_server(
            "127.0.0.1", 0, self, threaded=True, ssl_context=self._tls, request_handler=Quiet
        )  # fmt: skip
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def switch_off(self):
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __call__(self, environ, start_response):
        self.requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        answer = self.app(environ, start_response)
        if self.cut:
            # The request was worked on, and the line breaks before the answer is out.
            self.cut -= 1
            with suppress(OSError):
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        return answer


class Web:
    """The world with servers: two makers' resolvers, the register that takes, and the register's site."""

    def __init__(self, folder):
        self.world = world = make_register_world(folder, AT)
        self.nodes, self.addresses, self._folder = {}, {}, folder
        for name, maker in world.makers.items():
            self.add(f"{name}.example", maker.app)
        client = GuardedClient(tls=self.tls, lookup=self.lookup, connect=self.connect)
        self.fetch, self.post = fetch_over(client), _post_over(client)
        issuer = Issuer(world.key.public_key.did_key, KeySigner(world.key))
        service = RegisterService(world.store, issuer, REGISTER, lambda: world.trust, self.fetch)
        self.follower = Follower(lambda at: service.validate(at), world.now)
        self.add("register.example", create_register(RegisterApi(service, world.now, self.follower.wake)))
        self.add("site.example", self._site(folder))
        self.client = client

    def _site(self, folder):
        project = make_project(folder / "site", "https://site.example", names={"en": "Register"})
        entries = [each.entry for each in self.world.makers.values()]
        project.trust_list_path.write_text(json.dumps({"issuers": entries}))
        config = replace(
            ResolverConfig.from_project(project), state_path=folder / "s.db", register_path=self.world.store.path
        )
        self.site = create_app(config, store=Store.open("sqlite://"), now=self.world.now)
        self.site.jinja_env.bytecode_cache = TEMPLATES
        self.site.extensions["register-fetch"] = self.fetch
        return self.site

    def add(self, host, app):
        folder = self._folder / host
        folder.mkdir()
        certificate = make_certificate(folder, host)
        self.nodes[host] = Node(app, certificate)
        self.addresses[host] = f"93.184.216.{len(self.addresses) + 10}"
        if not hasattr(self, "tls"):
            self.tls = ssl.create_default_context(cafile=str(certificate))
        self.tls.load_verify_locations(str(certificate))

    def lookup(self, host, port, **_):
        return [(None, None, None, "", (self.addresses[host], port))]

    def connect(self, address, timeout):
        host = next(name for name, each in self.addresses.items() if each == address[0])
        connection = Disguised(socket.AF_INET, socket.SOCK_STREAM)
        connection.peer = address[0]
        connection.settimeout(timeout)
        connection.connect(("127.0.0.1", self.nodes[host].port))
        return connection

    def maker(self, name, outbox=None):
        each = self.world.makers[name]
        return RegistrationClient(outbox or each.outbox, each.issuer, REGISTER, self.post)

    def decided(self, client):
        """Asks until the register has validated what was sent; it does so by itself."""
        for _ in range(400):
            if client.ask(self.world.now):
                return
            time.sleep(0.02)
        raise AssertionError("the register decided nothing")

    def look_up(self, code):
        """What the register's site answers over HTTPS, without its memory of a minute."""
        self.site.extensions.pop("resolver-register", None)
        url = f"https://site.example/register?code={quote(code, safe='')}"
        return json.loads(self.client.get(f"{url}&format=json", accept="application/json").body)

    def page(self, code, lang="en"):
        url = f"https://site.example/register?code={quote(code, safe='')}&lang={lang}"
        return self.client.get(url, accept="text/html").body.decode()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Both makers registered what they issued, each in its own run."""
    web = Web(tmp_path_factory.mktemp("nodes"))
    for name in web.world.makers:
        web.world.queue(name)
        client = web.maker(name)
        assert client.send(web.world.now) == 1
        web.decided(client)
    yield web
    for node in web.nodes.values():
        node.switch_off()


@pytest.fixture
def web(made):
    made.world.clock[0] = AT
    return made


def registration_of(web, name):
    (registration,) = web.world.store.registrations_of(web.world.makers[name].packs[0])
    return registration


def test_from_the_outbox_over_the_register_to_a_registration_identifier(web):
    register, alpha = web.nodes["register.example"], web.world.makers["alpha"]
    assert register.requests[:2] == [("POST", "/v1/registerDPPs"), ("POST", "/v1/registrations")]
    paths = [path for method, path in web.nodes["alpha.example"].requests if method == "GET"]
    assert any(path.startswith("/v1/dppsByProductId/") for path in paths), "read at the maker, not at the sender's word"
    (row,) = alpha.outbox.in_state("registered", 5)
    receipt = read_receipt(row.receipt, web.world.key.public_key.did_key, DidResolver(), AT)
    assert receipt["registrationId"] == row.registration == registration_of(web, "alpha").registration
    assert receipt["correlationId"] == row.correlation and receipt["state"] == "registered"


def test_an_answer_that_is_lost_is_asked_for_again_and_registers_nothing_twice(web, tmp_path):
    outbox, register = RegistrationOutbox(tmp_path / "outbox.db"), web.nodes["register.example"]
    web.world.queue("alpha", outbox)
    before = web.world.store.counts()
    register.cut = 1
    with pytest.raises(FetchFailed):
        web.maker("alpha", outbox).send(web.world.now)
    assert outbox.counts() == {"queued": 1}
    outbox.close()
    # The maker's program starts again; only its file is left.
    outbox = RegistrationOutbox(tmp_path / "outbox.db")
    client = web.maker("alpha", outbox)
    assert client.send(web.world.now) == 1
    if outbox.counts() == {"sent": 1}:
        web.decided(client)
    assert outbox.counts() == {"registered": 1}
    (row,) = outbox.in_state("registered", 1)
    assert row.registration == registration_of(web, "alpha").registration
    after = web.world.store.counts()
    assert after["registered"] == before["registered"] and after["pending"] == 0
    outbox.close()


def test_a_register_that_is_off_loses_nothing(web, tmp_path):
    outbox, register = RegistrationOutbox(tmp_path / "outbox.db"), web.nodes["register.example"]
    web.world.queue("beta", outbox)
    register.switch_off()
    with pytest.raises(FetchFailed):
        web.maker("beta", outbox).send(web.world.now)
    assert outbox.counts() == {"queued": 1}
    register.switch_on()
    assert web.maker("beta", outbox).send(web.world.now) == 1
    outbox.close()


@pytest.mark.parametrize(
    ("state", "outcome", "headline"),
    [
        (RegistrationState.SUSPENDED, "suspended", "Suspended"),
        (RegistrationState.REGISTERED, "registered", "Registered"),
        (RegistrationState.DEACTIVATED, "withdrawn", "Withdrawn"),
    ],
)  # fmt: skip
def test_a_suspension_and_a_deactivation_reach_readers_and_the_maker(web, state, outcome, headline):
    registration = registration_of(web, "beta")
    assert web.world.service.change(registration.registration, state, "examined", AT)
    assert web.look_up(registration.product)["outcome"] == outcome
    assert f"<h1>{headline}</h1>" in web.page(registration.product)
    assert web.maker("beta").follow(web.world.now) == {state.value: 1}
    (row,) = web.world.makers["beta"].outbox.in_state(state.value, 1)
    assert row.detail == (None if state is RegistrationState.REGISTERED else "examined")
    if state is RegistrationState.DEACTIVATED:
        with web.world.store.turn() as connection:
            connection.execute("UPDATE registrations SET state = 'registered'")


@pytest.mark.parametrize("name", ["alpha", "beta"])
def test_any_code_leads_to_the_makers_resolver_and_the_answer_is_verified(web, name):
    maker = web.world.makers[name]
    pack, node = maker.store.pack(maker.packs[0]), web.nodes[f"{name}.example"]
    for code in filter(None, (pack.subject, pack.code, pack.serial, registration_of(web, name).registration)):
        node.requests.clear()
        answer = web.look_up(code)
        assert (answer["outcome"], answer["source"], answer["verified"]) == ("registered", "resolver", True), code
        assert node.requests, "the maker's own resolver was asked"
    url = f"https://site.example/register?code={quote(pack.subject, safe='')}"
    signed = json.loads(web.client.get(url, accept="application/vp").body)
    assert passport_verifier(web.world.trust).verify(signed, at=AT, about=pack.subject).verified is True


def test_an_answer_of_a_maker_that_was_altered_on_its_way_is_not_shown(web):
    node = web.nodes["alpha.example"]
    real = node.app

    def altered(environ, start_response):
        body = b"".join(real(environ, start_response))
        assert b'"manufacturerName":"' in body
        # Of the same length, as the head of the answer says.
        return [re.sub(rb'"manufacturerName":"..', b'"manufacturerName":"XX', body)]

    node.app = altered
    try:
        answer = web.look_up(registration_of(web, "alpha").product)
    finally:
        node.app = real
    assert (answer["source"], answer["unreachable"]) == ("copy", "unverified")


def test_a_maker_that_is_switched_off_is_answered_from_the_copy_with_its_date(web):
    """The drill, over HTTP: its server is gone for a month, the other maker's is not."""
    web.nodes["alpha.example"].switch_off()
    try:
        web.world.makers["beta"].publisher.sign_status_lists(at=web.world.later(days=30))
        product = registration_of(web, "alpha").product
        answer = web.look_up(product)
        assert (answer["outcome"], answer["source"], answer["verified"]) == ("registered", "copy", True)
        assert answer["unreachable"] == "fetch-failed"
        assert answer["asOf"].startswith("2027-03-08") and answer["statusAsOf"].startswith("2027-03-08")
        assert "8 March 2027" in web.page(product) and "2027年3月8日" in web.page(product, "zh")
        other = web.look_up(registration_of(web, "beta").product)
        assert (other["outcome"], other["source"]) == ("registered", "resolver")
    finally:
        web.nodes["alpha.example"].switch_on()
    web.world.clock[0] = AT
    assert web.look_up(product)["source"] == "resolver", "back again"
