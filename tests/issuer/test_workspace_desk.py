"""The running work: access requests, suppliers, events, states of passports, people."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from issuer.workspace.services import WorkspaceConfig
from passport.commands import main
from passport.commands.keeping.init import make_project
from passport.identity.keys import PrivateKey
from passport.publishing.publisher import Publisher
from passport.store.register.registration_outbox import OutboxRow, RegistrationOutbox
from passport.store.workspace.requests import MOST_OPEN_FOR_PACK
from tests.each import each
from tests.issuer.test_workspace_drafts import bring, draft_of
from tests.issuer.work_world import AT, ORIGIN, WorkWorld, field_of
from tests.packs import example_records


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = WorkWorld(tmp_path_factory.mktemp("workspace"))
    records = [*example_records("lmt-ebike.xlsx"), *example_records("ev-ncm-100kwh.xlsx")]
    report = Publisher.of_project(world.project, world.store, None).issue(records, at=AT)
    world.pack = report.of_kind("pack")[0].subject
    return world


@pytest.fixture(scope="module")
def lin(world):
    return world.join("lin", "enter")


@pytest.fixture(scope="module")
def tan(world):
    return world.join("tan", "sign", "administer")


def test_the_desk_names_what_a_register_suspended_with_the_reason(world, lin):
    assert "suspended" not in lin.get("/").text and not world.project.registrations_path.exists()
    outbox = RegistrationOutbox(world.project.registrations_path)
    row = OutboxRow("a-key-of-mine", world.pack, "digest", b"{}", "suspended", detail="order of the authority")
    outbox.queue([row], AT)
    outbox.change([row], AT)
    outbox.close()
    page = lin.get("/").text
    assert "order of the authority" in page and world.pack in page and "suspended" in page


# --- access requests --------------------------------------------------------------------------------------------------


def request_of(world, **changes):
    holder = f"did:key:{PrivateKey.generate().public_key.multikey}"
    return {
        "pack": world.pack, "holder": holder, "audience": "legitimate-interest", "purpose": "recycling",
        "person": "Rec GmbH", "reason": "the pack is in our yard", **changes,
    }  # fmt: skip


def ask(world, **changes):
    client = world.app.test_client()
    return client.post("/ask", base_url=ORIGIN, json=request_of(world, **changes))


def answer(world, ticket):
    return world.app.test_client().post("/ask/answer", base_url=ORIGIN, json={"ticket": ticket})


def open_id(world):
    return next(each.id for each in world.here.access.all() if each.state == "open")


def test_a_stranger_asks_is_granted_and_fetches_a_role_that_is_taken_back(world, lin, tan):
    ticket = ask(world).json["ticket"]
    assert answer(world, ticket).status_code == 202
    id_ = open_id(world)
    assert "the pack is in our yard" in tan.get("/access").text
    assert "You may not sign" in lin.get("/access").text
    assert tan.post(f"/access/{id_}", {"step": "grant", "days": "14"}, at="/access").status_code == 303
    credential = answer(world, ticket).json["credential"]
    assert credential["credentialSubject"]["packs"] == [world.pack]
    assert credential["validUntil"].startswith("2027-03-22")
    role = world.store.role(credential["id"])
    assert role.purpose == "recycling" and not world.store.is_flagged(role.id)
    assert tan.post(f"/access/{id_}", {"step": "grant", "days": "14"}, at="/access").status_code == 400
    tan.post(f"/access/{id_}", {"step": "revoke", "answer": "contract ended"}, at="/access")
    told = answer(world, ticket)
    assert (told.status_code, told.json["reason"]) == (403, "contract ended")
    assert world.store.is_flagged(role.id)


def test_a_refusal_has_a_reason_and_leaves_no_role(world, tan):
    ticket, before = ask(world).json["ticket"], len(world.store.roles())
    id_ = open_id(world)
    assert tan.post(f"/access/{id_}", {"step": "refuse"}, at="/access").status_code == 400
    assert tan.post(f"/access/{id_}", {"step": "grant", "days": "4000"}, at="/access").status_code == 400
    tan.post(f"/access/{id_}", {"step": "refuse", "answer": "no recycler"}, at="/access")
    assert answer(world, ticket).json["reason"] == "no recycler" and len(world.store.roles()) == before


@each("changes", [
    {"pack": "https://passport.example.com/none"}, {"holder": "did:key:zNothing"}, {"holder": "Rec GmbH"},
    {"audience": "cn-regulator"}, {"audience": "public"}, {"purpose": "curiosity"}, {"reason": "  "},
    {"person": "x" * 300}, {"reason": 7}, {"more": "x"},
])  # fmt: skip
def test_a_request_is_refused_with(world, changes):
    assert ask(world, **changes).status_code == 400


PAGE = {"Accept": "text/html,*/*;q=0.8"}
#: What a browser sends with the form of a page whose policy hides its address.
ELSEWHERE = {**PAGE, "Origin": "null", "Sec-Fetch-Site": "cross-site"}


def by_form(world, path, data, **headers):
    return world.app.test_client().post(path, base_url=ORIGIN, data=data, headers={**ELSEWHERE, **headers})


def test_the_form_of_another_site_asks_and_the_answer_is_a_page_without_a_cookie(world, tan):
    given = by_form(world, "/ask?lang=zh", request_of(world))
    assert given.status_code == 201 and "Set-Cookie" not in given.headers and 'lang="zh"' in given.text
    ticket = given.text.partition('id="ticket">')[2].partition("<")[0]
    assert "Not decided yet" in by_form(world, "/ask/answer", {"ticket": ticket}).text
    tan.post(f"/access/{open_id(world)}", {"step": "grant", "days": "7"}, at="/access")
    assert "Save the role credential" in by_form(world, "/ask/answer", {"ticket": ticket}).text
    saved = by_form(world, "/ask/answer", {"ticket": ticket, "save": "1"})
    assert saved.headers["Content-Disposition"] == 'attachment; filename="role.jsonld"'
    assert json.loads(saved.data)["credentialSubject"]["packs"] == [world.pack]


def test_a_fault_is_at_its_field_and_what_was_typed_is_kept(world):
    given = by_form(world, "/ask", request_of(world, holder="Rec GmbH", reason=""))
    assert given.status_code == 400
    assert field_of(given.text, "person") == "Rec GmbH" and field_of(given.text, "holder") == "Rec GmbH"
    assert 'id="f-holder"' in given.text and 'id="f-reason"' in given.text and 'id="f-person"' not in given.text
    assert "&lt;b&gt;" in by_form(world, "/ask", request_of(world, person="<b>", reason="")).text


def test_a_form_without_its_pack_leads_to_the_search(world):
    client = world.app.test_client()
    page = client.get("/ask?pack=https://passport.example.com/none", base_url=ORIGIN)
    assert page.status_code == 404 and "/look" in page.text and 'name="holder"' not in page.text
    assert client.get(f"/ask?pack={world.pack}", base_url=ORIGIN).text.count("<option") == 7


def test_a_notified_body_asks_by_the_form_like_the_others(world, tan):
    form = request_of(world, purpose="conformity-assessment")
    del form["audience"]
    page = by_form(world, "/ask?lang=en", form)
    assert page.status_code == 201
    id_ = open_id(world)
    assert "conformity assessment, as a notified body" in tan.get("/access").text
    tan.post(f"/access/{id_}", {"step": "grant", "days": "7"}, at="/access")
    ticket = page.text.partition('id="ticket">')[2].partition("<")[0]
    subject = answer(world, ticket).json["credential"]["credentialSubject"]
    assert (subject["audience"], subject["purpose"]) == (["notified-body"], "conformity-assessment")
    del form["purpose"]
    assert by_form(world, "/ask", form).status_code == 400


def test_the_form_offers_nothing_to_notified_bodies_where_the_trust_list_admits_none(world):
    kept = world.project.trust_list_path.read_bytes()
    listed = json.loads(kept)
    listed["issuers"][0]["audiences"] = ["legitimate-interest"]
    world.project.trust_list_path.write_text(json.dumps(listed))
    page = world.app.test_client().get(f"/ask?pack={world.pack}", base_url=ORIGIN).text
    world.project.trust_list_path.write_bytes(kept)
    assert page.count("<option") == 6 and "conformity-assessment" not in page


def test_a_ticket_that_is_none_is_said_at_its_field(world):
    given = by_form(world, "/ask/answer", {"ticket": "x" * 43})
    assert given.status_code == 404 and 'id="f-ticket"' in given.text
    assert by_form(world, "/ask/answer", {}).status_code == 400


def test_a_ticket_saves_no_credential_before_it_is_granted(world):
    ticket = ask(world).json["ticket"]
    given = by_form(world, "/ask/answer", {"ticket": ticket, "save": "1"})
    assert "Content-Disposition" not in given.headers and "Not decided yet" in given.text


def test_the_form_of_another_site_is_refused_everywhere_else(world, tan):
    given = tan.client.post("/events", base_url=ORIGIN, headers=ELSEWHERE)
    assert given.json["code"] == "foreign-origin"


def test_a_ticket_of_nobody_and_a_body_that_is_none_are_refused(world):
    assert answer(world, "x" * 43).status_code == 404
    client = world.app.test_client()
    for body in (b"", b"[]", b"{", b'{"ticket": 1}'):
        given = client.post("/ask/answer", base_url=ORIGIN, data=body, content_type="application/json")
        assert given.status_code == 400


def test_open_requests_are_bounded(world):
    for _ in range(MOST_OPEN_FOR_PACK):
        ask(world)
    assert ask(world).status_code == 400


# --- suppliers --------------------------------------------------------------------------------------------------------


def asked_supplier(world, lin, *indicators):
    """A draft that lacks some values, and the link for its supplier."""
    record = json.loads(next(iter(_json(example_records("lmt-ebike.xlsx")).values())))
    for name in indicators:
        record["model"].pop(name)
    address = bring(lin, ("ebike.json", json.dumps(record).encode()))
    page = lin.post(f"{address}/packs/0/ask-supplier", {"supplier": "Lan Cells", "indicators": list(indicators)}).text
    return address, page.partition('class="link">')[2].partition("<")[0].removeprefix(ORIGIN)


def _json(records):
    from passport.exchange import formats

    return formats.write("json", records).files


def test_a_supplier_fills_in_its_part_and_nothing_else_and_it_is_merged_with_its_source(world, lin):
    names = ("expectedNumberOfCycles", "initialInternalResistanceCell")
    address, link = asked_supplier(world, lin, *names)
    assert "place" in lin.get(address).text and "to mend" in lin.get(address).text
    supplier = world.browser()
    page = supplier.get(link).text
    assert "expectedNumberOfCycles" in page and "batteryMass" not in page and "RS260122" not in page
    assert supplier.post(link, {"expectedNumberOfCycles": "800"}).status_code == 400, "without a name"
    data = {"expectedNumberOfCycles": "800", "initialInternalResistanceCell": "0.018", "person": "Wei, Lan Cells",
            "batteryMass": "9"}  # fmt: skip
    assert "Your answer was kept" in supplier.post(link, data).text
    (asked,) = [each for each in world.here.suppliers.all() if each.state == "answered"]
    assert "batteryMass" not in asked.answer
    assert "800" in lin.get(f"/suppliers/{asked.id}").text
    assert lin.post(f"/suppliers/{asked.id}", {"step": "take"}).headers["Location"] == address
    assert supplier.get(link).status_code == 404
    form = lin.get(f"{address}/packs/0/performance").text
    assert "Lan Cells.json" in form and field_of(form, "expectedNumberOfCycles") == "800"
    assert "can be issued" in lin.get(address).text


def test_a_contradiction_of_a_supplier_is_a_fault_that_names_both(world, lin):
    address, link = asked_supplier(world, lin, "expectedNumberOfCycles")
    world.browser().post(link, {"expectedNumberOfCycles": "800", "person": "Wei"})
    lin.post(f"{address}/packs/0/performance",
             {"version": draft_of(world, address).version, "expectedNumberOfCycles": "900"}, at="/bring")  # fmt: skip
    (asked,) = [each for each in world.here.suppliers.all() if each.state == "answered"]
    assert "differs" in lin.get(f"/suppliers/{asked.id}").text


def test_a_link_ends_and_can_be_closed(world, lin):
    _, link = asked_supplier(world, lin, "expectedNumberOfCycles")
    (asked,) = [each for each in world.here.suppliers.all() if each.state == "open"]
    lin.post(f"/suppliers/{asked.id}", {"step": "close"})
    assert world.browser().get(link).status_code == 404
    assert world.browser().get("/supplier/" + "x" * 43).status_code == 404


def test_a_supplier_is_asked_by_name_and_for_something(world, lin):
    address = bring(lin, ("e.json", next(iter(_json(example_records("lmt-ebike.xlsx")).values()))))
    ask_at = f"{address}/packs/0/ask-supplier"
    assert lin.post(ask_at, {"supplier": "", "indicators": ["batteryMass"]}).status_code == 400
    assert lin.post(ask_at, {"supplier": "X", "indicators": ["president"]}).status_code == 400


# --- states, lists, people --------------------------------------------------------------------------------------------


def test_a_passport_is_suspended_lifted_and_withdrawn_with_reasons(world, tan):
    where = f"/passport?of={world.pack}"

    def change(step, **more):
        return tan.post("/passport", {"of": world.pack, "step": step, "reason": "checked", **more}, at=where)

    assert tan.post("/passport", {"of": world.pack, "step": "suspend", "reason": ""}, at=where).status_code == 400
    assert change("suspend").status_code == 303 and "Suspended" in tan.get(where).text
    assert change("lift").status_code == 303 and "Issued" in tan.get(where).text
    assert change("explode").status_code == 404
    assert tan.get("/passport?of=https://elsewhere.example/1").status_code == 404


def test_people_are_added_invited_and_disabled_on_the_page(world, tan):
    page = tan.post("/people", {"step": "add", "name": "new", "full_name": "New Person", "roles": ["enter"]}).text
    link = page.partition('class="link">')[2].partition("<")[0]
    assert link.startswith(f"{ORIGIN}/enrol/") and link not in tan.get("/people").text
    person = world.here.people.named("new")
    tan.post("/people", {"step": "roles", "person": person.id, "roles": ["approve"]})
    assert {role.value for role in world.here.people.named("new").roles} == {"approve"}
    tan.post("/people", {"step": "disable", "person": person.id})
    assert world.here.people.named("new").disabled is not None
    assert tan.post("/people", {"step": "add", "name": "new", "roles": ["enter"]}).status_code == 400
    assert tan.post("/people", {"step": "add", "name": "two words", "roles": ["enter"]}).status_code == 400
    assert tan.post("/people", {"step": "add", "name": "none"}).status_code == 400
    assert tan.post("/people", {"step": "invite", "person": "nobody"}).status_code == 404


def test_the_command_adds_invites_lists_and_disables(world):
    def run(*words, code=0):
        result = CliRunner().invoke(
            main, ["workspace", "user", *words, "--project", str(world.project.folder), "--json"]
        )
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if code == 0 else None

    added = run("add", "wu", "--full-name", "Wu Hao", "--role", "enter", "--role", "sign", "--origin", ORIGIN)
    assert added["invitation"].startswith(f"{ORIGIN}/enrol/") and added["roles"] == ["enter", "sign"]
    again = run("invite", "wu")["invitation"]
    assert world.browser().get(added["invitation"].removeprefix(ORIGIN)).status_code == 404 and again
    assert run("role", "wu", "--role", "approve")["roles"] == ["approve"]
    assert run("disable", "wu")["disabled"]
    assert "wu" in [person["name"] for person in run("list")["people"]]
    run("add", "wu", "--role", "enter", code=2)
    run("disable", "nobody", code=2)


# --- events -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def accredited(world, tmp_path_factory):
    """The same workspace with an accreditation of an authority that its trust list names."""
    folder = tmp_path_factory.mktemp("authority")
    authority = make_project(folder / "authority", "https://authority.example.com", names={"en": "A", "zh": None})
    listed = json.loads(world.project.trust_list_path.read_text())
    listed["issuers"].append(
        {"id": authority.issuer, "name": {"en": "Authority"}, "trustedFor": ["BatteryActorCredential"]}
    )
    world.project.trust_list_path.write_text(json.dumps(listed))
    file = folder / "maker.jsonld"
    CliRunner().invoke(main, [
        "accredit", world.project.issuer, "--name", "Maker", "--registration", "HRB 1", "--role", "batteryMaker",
        "--role", "economicOperator", "--from", "2026-01-01", "--project", str(authority.folder), "-o", str(file),
    ], catch_exceptions=False)  # fmt: skip
    accreditation = json.loads(file.read_text())
    number = int(accreditation["credentialStatus"][0]["statusListCredential"].rpartition("/")[2])
    lists = (authority.open_store().status_list(number),)
    before = world.here.config
    world.here.config = WorkspaceConfig(world.project, world.store, before.issuer, ORIGIN, accreditation, lists)
    yield world
    world.here.config = before


def test_an_event_of_the_form_is_signed_and_stored_and_an_impossible_one_is_refused(accredited, tan):
    world, code = accredited, str(example_records("ev-ncm-100kwh.xlsx")[0].pack["packTractionBatteryCode"])
    pack = world.here.store.pack_of_code(code)
    now, before = datetime.now(UTC).replace(microsecond=0), world.at
    # The authority's list is of the machine's clock.
    world.at = now
    try:
        register = {
            "packs": f"{code}\n{code}\n", "occurredAt": (now - timedelta(hours=1)).isoformat(),
            "fields.batteryModel": pack.model, "fields.packCode": code,
        }  # fmt: skip
        assert 'name="fields.packCode"' in tan.get("/events/register_code").text
        faults = {"packs": ("", "Type or scan"), "occurredAt": ("yesterday", "instant with its offset"),
                  "fields.packCode": ("X", "packCode")}  # fmt: skip
        for name, (value, sentence) in faults.items():
            refused = tan.post("/events/register_code", {**register, name: value})
            assert refused.status_code == 400 and sentence in refused.text
        unknown = tan.post("/events/register_code", {**register, "packs": f"{code}\nRS000"})
        assert unknown.status_code == 400 and "no passport of RS000" in unknown.text
        assert world.store.event_head(pack.subject) is None, "all packs are completed before one is signed"
        assert tan.post("/events/register_code", register).status_code == 303
        assert world.store.event_head(pack.subject).kind == "register_code"
        sold = {"packs": code, "occurredAt": now.isoformat(), "fields.market": "EU"}
        impossible = tan.post("/events/place_on_market", sold)
        assert impossible.status_code == 400 and len(world.store.event_chain(pack.subject)) == 1
        assert "Code registered" in tan.get("/events").text
    finally:
        world.at = before


def test_kinds_without_a_form_have_no_page(tan):
    for code in ("recycled", "correct", "produce"):
        assert tan.get(f"/events/{code}").status_code == 404


def test_an_overdue_read_out_and_lists_that_end_are_on_the_first_page(world, tan):
    world.later(days=500)
    world.sign_in(tan) if tan.get("/").status_code != 200 else None
    page = tan.get("/").text
    assert "read on" in page and tan.get("/passports?state=overdue").text.count("RS260122") > 0
    assert "to be signed" in tan.get("/keys").text
    assert tan.post("/keys/lists", at="/keys").status_code == 303
    assert "All status lists are fresh" in tan.get("/keys").text
