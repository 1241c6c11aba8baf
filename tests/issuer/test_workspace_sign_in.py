"""Who gets into the workspace: passkeys, invitations, sessions, lock-out, roles. Every way in that is refused."""

from __future__ import annotations

import pytest

from issuer.workspace.people.passkeys import check_origin
from issuer.workspace.people.session_cookie import COOKIE
from passport.errors import UsageError
from passport.store.workspace.people import MOST_FAILURES, WorkRole
from tests.each import each
from tests.issuer.soft_authenticator import PRESENT, SoftAuthenticator, b64
from tests.issuer.work_world import ORIGIN, WorkWorld, field_of, options_of


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return WorkWorld(tmp_path_factory.mktemp("workspace"))


@pytest.fixture
def lin(world):
    """A person of her own for each test, since lock-out and sessions are remembered."""
    world.number = getattr(world, "number", 0) + 1
    return world.join(f"lin{world.number}", "enter")


def is_in(desk):
    return desk.get("/").status_code == 200


def test_nobody_sees_a_page_without_signing_in(world):
    desk = world.browser()
    rules = [rule for rule in world.app.url_map.iter_rules() if rule.endpoint.startswith("workspace.")]
    closed = [rule for rule in rules if not rule.rule.startswith(("/sign-in", "/enrol", "/supplier/"))]
    assert len(closed) > 30
    for rule in closed:
        path = rule.rule.replace("<int:number>", "0").replace("<", "").replace(">", "")
        for method in rule.methods & {"GET", "POST"}:
            answer = desk.client.open(path, base_url=ORIGIN, method=method)
            # A form without a session has no token either.
            assert (answer.status_code, answer.headers.get("Location")) in ((303, "/sign-in"), (400, None)), rule


def test_a_passkey_that_was_enrolled_signs_in_and_out(world, lin):
    assert is_in(lin)
    lin.post("/sign-out", at="/")
    assert not is_in(lin)
    assert world.sign_in(lin).headers["Location"] == "/"
    assert is_in(lin)


def test_the_session_is_new_at_sign_in_and_its_cookie_is_out_of_reach(world, lin):
    desk = world.browser()
    desk.key = lin.key
    desk.get("/sign-in")
    before = desk.client.get_cookie(COOKIE, "work.example.com").value
    answer = world.sign_in(desk)
    cookie = answer.headers["Set-Cookie"]
    assert before not in cookie and {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    desk.client.set_cookie(COOKIE, before, domain="work.example.com", secure=True)
    assert not is_in(desk)


WRONG = {
    "another origin": {"origin": "https://work.example.com.evil.example"},
    "another site's id": {"rp_id": "evil.example"},
    "another challenge": {"challenge": b64(b"0" * 64)},
    "no verified user": {"flags": PRESENT},
    "no present user": {"flags": 0},
}


@pytest.mark.parametrize("wrongly", WRONG.values(), ids=WRONG)
def test_a_passkey_is_refused_with(world, lin, wrongly):
    lin.post("/sign-out", at="/")
    answer = world.sign_in(lin, **wrongly)
    assert answer.status_code == 403 and not is_in(lin)


def test_a_signature_of_another_key_is_refused(world, lin):
    desk = world.browser()
    desk.key = SoftAuthenticator(ORIGIN, id=lin.key.id)
    assert world.sign_in(desk).status_code == 403


def test_a_passkey_that_was_never_enrolled_is_refused(world):
    assert world.sign_in(world.browser()).status_code == 403


def test_an_authenticator_that_counts_back_is_refused_as_a_copy(world, lin):
    lin.post("/sign-out", at="/")
    world.sign_in(lin)
    lin.post("/sign-out", at="/")
    lin.key.count -= 1
    assert world.sign_in(lin, counts=False).status_code == 403


def test_an_answer_serves_once(world, lin):
    lin.post("/sign-out", at="/")
    page = lin.get("/sign-in").text
    data = {"csrf_token": field_of(page, "csrf_token"), "answer": lin.key.get(options_of(page))}
    other = world.browser()
    assert other.client.post("/sign-in", base_url=ORIGIN, data=data).status_code == 400
    assert lin.client.post("/sign-in", base_url=ORIGIN, data=data).status_code == 303
    lin.client.delete_cookie(COOKIE, domain="work.example.com")
    page = lin.get("/sign-in").text
    data["csrf_token"] = field_of(page, "csrf_token")
    assert lin.client.post("/sign-in", base_url=ORIGIN, data=data).status_code == 403


@each("answer", ["", "{", "[]", "null", '{"id": "AA", "rawId": "AA"}', "x" * 30_000, '{"id": 1}'])
def test_what_is_no_answer_is_refused(world, answer):
    desk = world.browser()
    assert desk.post("/sign-in", {"answer": answer}).status_code in (400, 403)


def test_a_challenge_ends_after_five_minutes(world, lin):
    lin.post("/sign-out", at="/")
    page = lin.get("/sign-in").text
    world.later(minutes=6)
    data = {"csrf_token": field_of(page, "csrf_token"), "answer": lin.key.get(options_of(page))}
    assert lin.client.post("/sign-in", base_url=ORIGIN, data=data).status_code == 403


def test_so_many_failures_lock_a_person_out_for_a_time(world, lin):
    lin.post("/sign-out", at="/")
    for _ in range(MOST_FAILURES):
        assert world.sign_in(lin, flags=PRESENT).status_code == 403
    assert world.sign_in(lin).status_code == 403
    world.later(minutes=16)
    assert world.sign_in(lin).status_code == 303


def test_so_many_failures_lock_an_address_out_for_a_time(world, lin):
    lin.post("/sign-out", at="/")
    for _ in range(20):
        world.sign_in(world.browser(), address="203.0.113.9")
        world.sign_in(world.browser())
    assert world.sign_in(lin, address="203.0.113.9").status_code == 403
    assert world.sign_in(lin).status_code == 303, "everybody behind the proxy is locked out"
    lin.post("/sign-out", at="/")
    world.later(minutes=16)
    assert world.sign_in(lin, address="203.0.113.9").status_code == 303


def test_a_session_ends_unused_and_in_any_case(world, lin):
    world.later(minutes=29)
    assert is_in(lin)
    world.later(minutes=31)
    assert not is_in(lin)
    world.sign_in(lin)
    for _ in range(25):
        world.later(minutes=25)
        lin.get("/")
    assert not is_in(lin)


def test_other_roles_and_disabling_end_the_sessions(world, lin):
    people = world.here.people
    people.set_roles(lin.person, frozenset({WorkRole.APPROVE}), at=world.at, by="command")
    assert not is_in(lin)
    world.sign_in(lin)
    people.disable(lin.person, at=world.at, by="command")
    assert not is_in(lin)
    assert world.sign_in(lin).status_code == 403


# --- invitations ------------------------------------------------------------------------------------------------------


def enrol(world, desk, token, answer=None):
    page = desk.get(f"/enrol/{token}")
    if page.status_code != 200:
        return page
    data = {"csrf_token": field_of(page.text, "csrf_token"), "answer": answer or desk.key.create(options_of(page.text))}
    return desk.client.post(f"/enrol/{token}", base_url=ORIGIN, data=data)


def test_an_invitation_serves_once_and_ends(world, lin):
    people = world.here.people
    token = people.invite(lin.person, at=world.at, by="command")
    assert enrol(world, world.browser(), token).status_code == 303
    assert enrol(world, world.browser(), token).status_code == 404
    late = people.invite(lin.person, at=world.at, by="command")
    world.later(hours=73)
    assert enrol(world, world.browser(), late).status_code == 404


def test_a_later_invitation_ends_the_one_before(world, lin):
    first, second = (world.here.people.invite(lin.person, at=world.at, by="command") for _ in range(2))
    assert enrol(world, world.browser(), first).status_code == 404
    assert enrol(world, world.browser(), second).status_code == 303


def test_an_invitation_of_nobody_and_an_unverified_user_are_refused(world, lin):
    assert enrol(world, world.browser(), "x" * 43).status_code == 404
    token = world.here.people.invite(lin.person, at=world.at, by="command")
    desk = world.browser()
    page = desk.get(f"/enrol/{token}").text
    data = {"csrf_token": field_of(page, "csrf_token"), "answer": desk.key.create(options_of(page), flags=PRESENT)}
    assert desk.client.post(f"/enrol/{token}", base_url=ORIGIN, data=data).status_code == 403


def test_a_passkey_of_somebody_is_not_enrolled_again(world, lin):
    other = world.join("again", "enter")
    token = world.here.people.invite(other.person, at=world.at, by="command")
    desk = world.browser()
    desk.key = SoftAuthenticator(ORIGIN, id=lin.key.id)
    assert enrol(world, desk, token).status_code == 400


# --- forms and headers ------------------------------------------------------------------------------------------------


def test_a_form_without_the_token_of_the_session_is_refused(world, lin):
    other = world.join("other", "enter")
    token = field_of(other.get("/bring").text, "csrf_token")
    for data in ({}, {"csrf_token": token}):
        answer = lin.client.post("/bring", base_url=ORIGIN, data=data)
        assert answer.status_code == 400


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
])  # fmt: skip
def test_a_form_of_another_site_is_refused(world, lin, headers):
    assert lin.post("/sign-out", at="/", headers=headers).status_code == 403
    assert is_in(lin)


def test_a_name_that_somebody_else_points_here_is_refused(world, lin):
    assert lin.client.get("/", base_url="https://evil.example").status_code == 421


def test_scripts_are_forbidden_but_on_the_pages_of_passkeys(world, lin):
    usual = lin.get("/bring").headers["Content-Security-Policy"]
    assert "default-src 'none'" in usual and "script-src" not in usual and "frame-ancestors 'none'" in usual
    assert "script-src 'self'" in world.browser().get("/sign-in").headers["Content-Security-Policy"]
    assert lin.get("/bring").headers["Cache-Control"] == "private, no-store"


@each("origin", ["http://work.example.com", "https://work.example.com/", "ftp://localhost",
                                    "http://127.0.0.1:8473", "https://", ""])  # fmt: skip
def test_an_origin_without_passkeys_is_refused(origin):
    with pytest.raises(UsageError):
        check_origin(origin)


# --- roles ------------------------------------------------------------------------------------------------------------

STEPS = {
    "enter": ["/bring", "/bring/x/cells", "/bring/x/ask", "/bring/x/discard", "/suppliers/x",
              "/bring/x/packs/0/performance", "/bring/x/packs/0/ask-supplier"],
    "approve": ["/bring/x/approve", "/bring/x/send-back"],
    "sign": ["/bring/x/order", "/orders/x/stop", "/passport", "/keys/lists", "/access/x",
             "/access/accreditations/0", "/events/fit"],
    "administer": ["/people"],
}  # fmt: skip


@each("role", STEPS)
def test_a_step_is_refused_without_its_role(world, role):
    others = [other for other in STEPS if other != role]
    desk = world.join(f"not-{role}", *others)
    for path in STEPS[role]:
        assert desk.post(path, at="/bring").status_code == 403, path
    if role == "administer":
        assert desk.get("/people").status_code == 403


def test_the_last_administrator_stays(world):
    world.here.people.named("not-enter")
    people = world.here.people
    for person in people.all():
        if WorkRole.ADMINISTER in person.roles and person.disabled is None and person.name != "not-enter":
            people.set_roles(person, frozenset({WorkRole.ENTER}), at=world.at, by="command")
    last = people.named("not-enter")
    with pytest.raises(UsageError):
        people.disable(last, at=world.at, by="command")
    with pytest.raises(UsageError):
        people.set_roles(last, frozenset({WorkRole.SIGN}), at=world.at, by="command")
