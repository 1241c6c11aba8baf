"""The company's own sign-in: what of a provider's answer is refused, and what its configuration has to be.

The provider here is a small one in memory, which lies on demand; a real one is in tests/interop.
"""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from issuer.workspace.app import create_workspace
from issuer.workspace.people.company_provider import CompanyProvider, ProviderConfig, RefusedSignIn
from issuer.workspace.services import WorkspaceConfig
from passport.errors import PassportError, UnusableProject, UsageError
from passport.identity.http_client import GuardedClient, HttpAnswer
from passport.store.workspace.people import WorkRole
from tests.each import each
from tests.issuer.work_world import AT, ORIGIN, WorkWorld

ISSUER = "https://login.example.com"
CONFIG = ProviderConfig(ISSUER, "workspace", "secret", {"en": "Example Corp"})
KEY = ECKey.generate_key("P-256", {"kid": "1"}, auto_kid=False)


class Provider:
    """Answers the requests of a :class:`CompanyProvider`.

    :ivar claims: what its tokens say otherwise; :ivar description: what it says of itself otherwise.
    """

    def __init__(self):
        self.claims, self.description, self.sent, self.nonce = {}, {}, [], ""
        self.key, self.algorithm, self.answer = KEY, "ES256", None

    def check(self, url):
        pass

    def get(self, url, *, accept):
        if url.endswith("/jwks"):
            return HttpAnswer(url, json.dumps({"keys": [KEY.as_dict(private=False)]}).encode())
        assert url == f"{ISSUER}/.well-known/openid-configuration"
        return HttpAnswer(url, json.dumps({
            "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/auth", "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks", "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
            "authorization_response_iss_parameter_supported": True, **self.description,
        }).encode())  # fmt: skip

    def exchange(self, url, body, *, authorization, content_type):
        self.sent.append((url, parse_qs(body.decode()), authorization))
        if self.answer is not None:
            return self.answer
        now = int(AT.timestamp())
        claims = {"iss": ISSUER, "sub": "248", "aud": "workspace", "iat": now, "exp": now + 300, "nonce": self.nonce}
        claims = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        token = jwt.encode({"alg": self.algorithm, "kid": "1"}, claims, self.key, algorithms=[self.algorithm])
        document = {"access_token": "a", "token_type": "Bearer", "id_token": token}
        return HttpAnswer(url, json.dumps(document).encode())


@pytest.fixture
def provider():
    return Provider()


@pytest.fixture
def company(provider):
    return CompanyProvider(CONFIG, ORIGIN, provider)


def started(company, provider) -> tuple[dict, dict]:
    session: dict = {}
    query = {name: values[0] for name, values in parse_qs(urlsplit(company.start(session, AT)).query).items()}
    provider.nonce = query["nonce"]
    return session, query


def answered(company, provider, at=AT, **answer):
    session, query = started(company, provider)
    given = {"code": "c", "state": query["state"], "iss": ISSUER, **answer}
    return company.finish(session, {name: value for name, value in given.items() if value is not None}, at)


def test_a_sign_in_uses_pkce_and_authenticates_the_client(company, provider):
    _, query = started(company, provider)
    assert query["code_challenge_method"] == "S256" and query["response_type"] == "code"
    assert query["redirect_uri"] == f"{ORIGIN}/sign-in/company/back" and "secret" not in str(query)
    user, invitation = answered(company, provider)
    assert (user.issuer, user.subject, invitation) == (ISSUER, "248", None)
    ((url, form, authorization),) = provider.sent
    assert url == f"{ISSUER}/token" and authorization.startswith("Basic ")
    assert form["grant_type"] == ["authorization_code"] and len(form["code_verifier"][0]) == 64


WRONG_CLAIMS = {
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "another-client"},
    "several audiences and another party": {"aud": ["workspace", "x"], "azp": "x"},
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "an end that has passed": {"exp": int(AT.timestamp()) - 61},
    "no end": {"exp": None},
    "a time to come": {"iat": int(AT.timestamp()) + 600},
    "no subject": {"sub": None},
    "a subject that is no text": {"sub": 248},
    "a wrong hash of the access token": {"at_hash": "AAAA"},
}


@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
def test_an_id_token_is_refused_with(company, provider, claims):
    provider.claims = claims
    with pytest.raises(RefusedSignIn):
        answered(company, provider)


def test_an_id_token_of_another_key_is_refused(company, provider):
    provider.key = ECKey.generate_key("P-256", {"kid": "1"}, auto_kid=False)
    with pytest.raises(RefusedSignIn):
        answered(company, provider)


def test_an_id_token_under_the_shared_secret_is_refused(company, provider):
    provider.key, provider.algorithm = OctKey.import_key("secret" * 8, {"kid": "1"}), "HS256"
    with pytest.raises(RefusedSignIn):
        answered(company, provider)


WRONG_ANSWERS = {
    "another state": {"state": "x"},
    "no state": {"state": None},
    "another provider": {"iss": "https://evil.example"},
    "no provider where it always names itself": {"iss": None},
    "an error": {"error": "access_denied", "code": None},
    "no code": {"code": None},
}


@pytest.mark.parametrize("answer", WRONG_ANSWERS.values(), ids=WRONG_ANSWERS)
def test_an_answer_is_refused_with(company, provider, answer):
    with pytest.raises(RefusedSignIn):
        answered(company, provider, **answer)
    assert provider.sent == []


def test_an_answer_after_ten_minutes_is_refused(company, provider):
    from datetime import timedelta

    with pytest.raises(RefusedSignIn, match="too long"):
        answered(company, provider, at=AT + timedelta(minutes=10, seconds=1))


def test_an_answer_serves_once(company, provider):
    session, query = started(company, provider)
    answer = {"code": "c", "state": query["state"], "iss": ISSUER}
    assert company.finish(session, answer, AT)
    with pytest.raises(RefusedSignIn, match="this browser"):
        company.finish(session, answer, AT)


@pytest.mark.parametrize(
    "description", [{"issuer": "https://evil.example"}, {"token_endpoint": 1}, {"jwks_uri": None}], ids=str
)
def test_a_provider_that_describes_itself_wrongly_is_refused(company, provider, description):
    from passport.errors import PassportError

    provider.description = description
    with pytest.raises(PassportError):
        answered(company, provider)


BODIES = [b"", b"[]", b'{"error":"invalid_grant"}', b'{"id_token":1}', b'{"id_token":"a.b.c"}', b"<html>"]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_token_answer_that_is_none_is_refused_and_quoted_nowhere(company, provider, body, status):
    provider.answer = HttpAnswer(f"{ISSUER}/token", body, status=status)
    with pytest.raises(RefusedSignIn) as caught:
        answered(company, provider)
    assert "a.b.c" not in str(caught.value) and "secret" not in str(caught.value)


# --- in the workspace -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return WorkWorld(tmp_path_factory.mktemp("company"))


def desk_with(world, provider, **changes):
    """A browser at a workspace with this provider."""
    from dataclasses import replace

    config = WorkspaceConfig(
        world.project, world.store, world.here.config.issuer, ORIGIN, provider=replace(CONFIG, **changes)
    )
    world.app = create_workspace(config, now=lambda: world.at)
    world.here = world.app.extensions["workspace"]
    world.here.provider = CompanyProvider(world.here.provider.config, ORIGIN, provider)
    return world.browser()


def sign_in(desk, provider):
    query = parse_qs(urlsplit(desk.get("/sign-in/company").headers["Location"]).query)
    provider.nonce = query["nonce"][0]
    return desk.get("/sign-in/company/back", query_string={"code": "c", "state": query["state"][0], "iss": ISSUER})


def test_a_new_person_is_made_only_where_roles_are_configured(world, provider):
    provider.claims = {"sub": "new", "name": "New Person", "preferred_username": "new@example.com"}
    assert sign_in(desk_with(world, provider), provider).status_code == 403
    desk = desk_with(world, provider, new_people=frozenset({WorkRole.ENTER}))
    assert sign_in(desk, provider).status_code == 303
    person = world.here.people.named("new")
    assert (person.full_name, person.roles) == ("New Person", {WorkRole.ENTER})
    assert desk.get("/people").status_code == 403


def test_a_name_that_is_taken_makes_a_person_of_its_own(world, provider):
    world.here.people.add("admin", "Admin", frozenset({WorkRole.ADMINISTER}), at=AT, by="command")
    provider.claims = {"sub": "evil", "preferred_username": "admin"}
    desk = desk_with(world, provider, new_people=frozenset({WorkRole.ENTER}))
    assert sign_in(desk, provider).status_code == 303
    assert desk.get("/people").status_code == 403


def test_failures_of_one_address_lock_it_out(world, provider):
    desk = desk_with(world, provider)
    for _ in range(20):
        answer = desk.get("/sign-in/company/back", environ_base={"REMOTE_ADDR": "192.0.2.7"})
        assert answer.status_code == 403 and "this browser" in answer.text
    locked = desk.get("/sign-in/company", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert locked.status_code == 403 and "too many" in locked.text


def test_a_subject_belongs_to_one_person(world):
    first, second = (world.here.people.add(name, "", frozenset({WorkRole.ENTER}), at=AT, by="command") for name in "ab")
    world.here.subjects.link(first, ISSUER, "shared", at=AT, by="command")
    with pytest.raises(UsageError, match="another person"):
        world.here.subjects.link(second, ISSUER, "shared", at=AT, by="command")
    assert world.here.subjects.person("https://other.example", "shared") is None


def test_without_a_provider_there_is_no_such_page(tmp_path):
    world = WorkWorld(tmp_path)
    desk = world.browser()
    assert desk.get("/sign-in/company").status_code == 404 and "/sign-in/company" not in desk.get("/sign-in").text


# --- configuration ----------------------------------------------------------------------------------------------------

GOOD = f'issuer = "{ISSUER}"\nclient_id = "w"\n'


def test_a_configuration_takes_its_secret_from_a_file_or_the_environment(tmp_path):
    path = tmp_path / "sign-in.toml"
    path.write_text(GOOD)
    assert ProviderConfig.of_project(tmp_path, {}).client_secret is None
    config = ProviderConfig.of_project(tmp_path, {"PASSPORT_SIGN_IN_SECRET": "hidden"})
    assert config.client_secret == "hidden" and "hidden" not in repr(config)
    path.write_text(GOOD + 'client_secret_file = "secret"\nnew_people = ["enter"]\n')
    (tmp_path / "secret").write_text("of the file\n")
    (tmp_path / "secret").chmod(0o600)
    config = ProviderConfig.of_project(tmp_path, {})
    assert (config.client_secret, config.new_people) == ("of the file", {WorkRole.ENTER})
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(UnusableProject, match="others"):
        ProviderConfig.of_project(tmp_path, {})
    assert ProviderConfig.of_project(tmp_path / "absent", {}) is None


@each(
    "text",
    ["x", GOOD + 'client_secret = "no"\n', 'client_id = "w"\n', GOOD + 'new_people = ["president"]\n',
     GOOD + "name = 3\n", GOOD + 'client_secret_file = "absent"\n', GOOD + "client_secret_file = 3\n"],
)  # fmt: skip
def test_a_configuration_is_refused_that(tmp_path, text):
    (tmp_path / "sign-in.toml").write_text(text)
    with pytest.raises(UnusableProject):
        ProviderConfig.of_project(tmp_path, {})


def test_a_provider_on_a_private_network_is_called_only_where_it_is_the_one_named():
    company = CompanyProvider(ProviderConfig("https://10.1.2.3", "w"), ORIGIN)
    assert company._client.named == {"10.1.2.3"} and isinstance(company._client, GuardedClient)


def test_signing_out_leads_to_the_provider_without_a_token_in_the_address(company, provider):
    assert company.sign_out_address(AT) is None
    provider.description = {"end_session_endpoint": f"{ISSUER}/out?realm=a"}
    other = CompanyProvider(CONFIG, ORIGIN, provider)
    address = urlsplit(other.sign_out_address(AT))
    assert address._replace(query="").geturl() == f"{ISSUER}/out"
    assert parse_qs(address.query) == {
        "realm": ["a"], "client_id": ["workspace"], "post_logout_redirect_uri": [f"{ORIGIN}/sign-in"],
    }  # fmt: skip


def test_an_address_of_sign_out_is_refused_that_a_browser_must_not_open(provider):
    provider.check = GuardedClient().check
    for endpoint in (7, None, "", "javascript:alert(1)", "http://login.example.com/out", "https://a@b.example/out"):
        provider.description = {"end_session_endpoint": endpoint}
        with pytest.raises(PassportError):
            CompanyProvider(CONFIG, ORIGIN, provider).sign_out_address(AT)


def test_the_session_here_ends_also_where_the_provider_is_not_reached(tmp_path, provider, caplog):
    world = WorkWorld(tmp_path)
    config = WorkspaceConfig(world.project, world.store, world.here.config.issuer, ORIGIN, provider=CONFIG)
    world.app = create_workspace(config, now=lambda: world.at)
    world.here = world.app.extensions["workspace"]
    lin = world.join("lin", "enter")
    with lin.client.session_transaction(base_url=ORIGIN) as session:
        session["by-company"] = True
    provider.description = {"issuer": "https://elsewhere.example"}
    world.here.provider = CompanyProvider(CONFIG, ORIGIN, provider)
    assert lin.post("/sign-out", at="/").headers["Location"] == "/sign-in"
    assert lin.get("/").status_code == 303 and "no address for signing out" in caplog.text
