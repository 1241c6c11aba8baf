"""The register of several makers: two steps, coherence, an outbox that survives crashes, look-up, continuity."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from issuer.register_api import RegisterApi, create_register
from passport.credentials.trust import TrustList
from passport.directory.register.register_service import RegisterService
from passport.directory.register.registration_lookup import AnswerSource, LookupKind, RegistrationLookup
from passport.directory.register.registry_entry import read_entry
from passport.directory.register.submission import read_receipt, submission_token
from passport.errors import AccessDenied, FaultyRecord, FetchFailed, ProofError, StoreFailure
from passport.identity import KeySigner, PrivateKey
from passport.identity.did import DidResolver
from passport.linked_data import strict_json
from passport.store.register.register_rows import Approval, RegistrationState
from passport.store.register.register_store import RegisterStore
from passport.store.register.registration_outbox import RegistrationOutbox
from tests.register_world import REGISTER, make_register_world

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Both makers have registered what they issued."""
    world = make_register_world(tmp_path_factory.mktemp("register"), AT)
    for maker in world.makers:
        world.register(maker)
    return world


@pytest.fixture
def world(made):
    """The same, whatever the test before did to the clock and the switches."""
    made.clock[0] = AT
    for maker in made.makers.values():
        maker.on = True
    return made


def entry_of(world, maker="alpha"):
    return strict_json.loads(world.makers[maker].outbox.in_state("registered", 1)[0].entry)


def submit(
    world, document, maker="alpha", *, key="a-key-of-mine", signer=None, issuer=None, body=None, at=None, aud=REGISTER
):
    sender = world.makers[maker].issuer
    sent = strict_json.dumps(document) if body is None else body
    token = submission_token(
        signer or sender.signer, issuer or sender.id, aud, strict_json.dumps(document), at or world.now()
    )
    return world.app.test_client(use_cookies=False).post(
        "/v1/registerDPP", data=sent, content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
    )  # fmt: skip


# --- two steps --------------------------------------------------------------------------------------------------------


def test_an_entry_is_pending_at_once_and_registered_after_validation(world):
    document = entry_of(world)
    first = submit(world, document, key="step-by-step")
    assert first.status_code == 202 and first.json["state"] == "pending" and "registrationId" not in first.json
    resolver = DidResolver()
    receipt = read_receipt(first.json["receipt"], world.key.public_key.did_key, resolver, world.now())
    assert receipt["correlationId"] == first.json["correlationId"] and receipt["state"] == "pending"
    world.service.validate(world.now())
    again = submit(world, document, key="step-by-step")
    assert again.json["correlationId"] == first.json["correlationId"] and again.json["state"] == "registered"
    receipt = read_receipt(again.json["receipt"], world.key.public_key.did_key, resolver, world.now())
    assert receipt["registrationId"] == again.json["registrationId"]
    (known,) = world.store.registrations_of(document["uniqueProductIdentifier"])
    assert known.registration == again.json["registrationId"], "a newer version keeps the identifier"
    with pytest.raises(ProofError):
        read_receipt(again.json["receipt"], "did:key:zDnaeWMi4AbgB7LSrTE8HyMeoMFcBp98Xoy7ieDHUjC2NfTMu", resolver, AT)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("dppDigest", "u" + "A" * 46), ("modelIdentifier", "https://alpha.example/id/X"), ("batchIdentifier", "B-1"),
        ("digitalProductPassportId", "urn:uuid:other"), ("commodityCode", "000000"), ("facilityIdentifier", "F-9"),
        ("uniqueEconomicOperatorIdentifier", "did:web:other.example"), ("uniqueBackUpOperatorIdentifier", "B"),
        ("dppApiEndpoint", "https://beta.example/v1"), ("uniqueProductIdentifier", "https://beta.example/id/X/1"),
    ],
)  # fmt: skip
def test_what_register_and_passport_say_differently_is_rejected_and_named(world, member, value):
    document = {**entry_of(world), member: value}
    sent = submit(world, document, key=f"differs-{member}")
    world.service.validate(world.now())
    outcome = submit(world, document, key=f"differs-{member}").json
    assert (sent.status_code, outcome["state"]) == (202, "rejected") and "registrationId" not in outcome
    named = {each["member"]: each for each in outcome["differences"]}
    assert named[member]["registered"] == value


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"dppApiEndpoint": "http://alpha.example/v1"}, "dppApiEndpoint"), ({"dppDigest": "sha-1"}, "dppDigest"),
        ({"uniqueProductIdentifier": ""}, "uniqueProductIdentifier"), ({"more": "x"}, "more"),
        ({"digitalProductPassportId": 7}, "digitalProductPassportId"),
        ({"modelIdentifier": "x" * 501}, "modelIdentifier"),
        ({"dppApiEndpoint": "https://user@alpha.example/v1"}, "dppApiEndpoint"),
    ],
)  # fmt: skip
def test_an_entry_of_another_form_is_refused_at_once_with_its_place(world, changes, member):
    answer = submit(world, {**entry_of(world), **changes}, key=f"form-{member}")
    assert answer.status_code == 400
    assert any(member in message["text"] for message in answer.json["messages"])
    with pytest.raises(FaultyRecord):
        read_entry([])


def test_the_same_key_for_another_entry_is_a_conflict_and_a_missing_key_a_fault(world):
    document = entry_of(world)
    submit(world, document, key="one-and-only")
    answer = submit(world, {**document, "commodityCode": "850760"}, key="one-and-only")
    assert answer.status_code == 409 and answer.json["messages"][0]["code"] == "idempotency-conflict"
    assert submit(world, document, key="short").status_code == 400


def test_only_the_signed_body_of_a_trusted_sender_is_taken(world):
    document, stranger = entry_of(world), PrivateKey.generate()
    did = stranger.public_key.did_key
    other = strict_json.dumps({**document, "dppDigest": "u" + "B" * 46})
    refused = {
        "a stranger": submit(world, document, signer=KeySigner(stranger), issuer=did),
        "a stranger in the maker's name": submit(world, document, signer=KeySigner(stranger)),
        "another body": submit(world, document, body=other),
        "an old token": submit(world, document, at=world.now() - timedelta(hours=1)),
        "a token of tomorrow": submit(world, document, at=world.now() + timedelta(days=1)),
        "a token for another register": submit(world, document, aud="https://other.example"),
    }
    assert {name: answer.status_code for name, answer in refused.items()} == dict.fromkeys(refused, 401)
    bare = world.app.test_client().post("/v1/registerDPP", json=document, headers={"Idempotency-Key": "no-token-1"})
    assert bare.status_code == 401 and bare.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_operator_does_not_register_what_another_registered_unless_it_was_released(world):
    """The product of alpha, in the words of beta: outside its addresses, and registered by another."""
    document = {**entry_of(world), "uniqueEconomicOperatorIdentifier": world.makers["beta"].project.issuer}
    submit(world, document, "beta", key="not-mine-really")
    world.service.validate(world.now())
    outcome = submit(world, document, "beta", key="not-mine-really").json
    members = [each["member"] for each in outcome["differences"]]
    assert outcome["state"] == "rejected" and "uniqueEconomicOperatorIdentifier" in members
    (row,) = world.makers["alpha"].outbox.in_state("registered", 1)
    body = strict_json.dumps({"registrationId": row.registration, "to": "did:web:x.example"})
    beta = world.makers["beta"].issuer
    with pytest.raises(AccessDenied):
        world.service.release(submission_token(beta.signer, beta.id, REGISTER, body, AT), body, AT)


def test_a_resolver_that_does_not_answer_leaves_an_entry_pending_and_it_is_tried_again_later(world):
    document = entry_of(world)
    world.makers["alpha"].on = False
    submit(world, document, key="try-again-later")
    world.service.validate(world.now())
    outcome = submit(world, document, key="try-again-later").json
    assert outcome["state"] == "pending" and outcome["fault"].startswith("fetch-failed")
    asked = len(world.fetched)
    world.service.validate(world.now())
    assert len(world.fetched) == asked, "not before its time"
    world.makers["alpha"].on = True
    world.service.validate(world.later(seconds=31))
    assert submit(world, document, key="try-again-later").json["state"] == "registered"


# --- the maker's side -------------------------------------------------------------------------------------------------


def test_the_outbox_knows_what_became_of_each_pack_and_queues_nothing_twice(world):
    for maker in world.makers.values():
        assert maker.outbox.counts() == {"registered": len(maker.packs)}
        (row,) = maker.outbox.in_state("registered", 5)
        assert row.registration and row.receipt and row.product == maker.packs[0]
    assert world.queue("alpha") == 0


@pytest.fixture
def outbox(tmp_path):
    """An empty outbox of alpha, as after its file was lost."""
    return RegistrationOutbox(tmp_path / "outbox.db")


def test_a_run_that_dies_before_it_stores_the_answer_is_answered_the_same_again(world, outbox, monkeypatch):
    world.queue("alpha", outbox)
    before = world.store.counts()

    def crash(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "change", crash)
        with pytest.raises(KeyboardInterrupt):
            world.client("alpha", outbox).send(world.now)
    sent = world.store.counts()["pending"]
    assert sent == before["pending"] + 1 and outbox.counts() == {"queued": 1}
    client = world.client("alpha", outbox)
    assert client.send(world.now) == 1
    assert world.store.counts()["pending"] == sent, "the same submission"
    world.service.validate(world.now())
    assert client.ask(world.now) == 1 and outbox.counts() == {"registered": 1}


def test_a_register_that_is_down_or_answers_something_else_loses_nothing(world, outbox):
    world.queue("alpha", outbox)
    client = world.client("alpha", outbox)

    def down(*_):
        raise FetchFailed("down")

    client._post = down
    with pytest.raises(FetchFailed):
        client.send(world.now)
    client._post = lambda *_: b'{"outcomes": "?"}'
    with pytest.raises(FetchFailed, match="something else"):
        client.send(world.now)
    assert outbox.counts() == {"queued": 1}


def many(world, number):
    """Rows of that many packs of one form."""
    document = entry_of(world)
    (row,) = world.makers["alpha"].outbox.in_state("registered", 1)
    for place in range(number):
        product = f"https://alpha.example/id/MANY/{place:05d}"
        entry = strict_json.dumps({**document, "uniqueProductIdentifier": product})
        yield replace(
            row, key=f"many-{place:08d}", product=product, digest=str(place), entry=entry, state="queued"
        )  # fmt: skip


def forget_many(world):
    with world.store.turn() as connection:
        return connection.execute("DELETE FROM submissions WHERE key LIKE 'many-%'").rowcount


def test_many_packs_go_in_batches_and_a_stopped_run_goes_on(world, outbox):
    """1,200 entries of one form: three requests, of which the second is lost once."""
    assert outbox.queue(many(world, 1200), AT) == 1200
    client, calls = world.client("alpha", outbox), []

    def post(*words):
        calls.append(words)
        if len(calls) == 2:
            raise FetchFailed("lost")
        return world.post(*words)

    client._post = post
    with pytest.raises(FetchFailed):
        client.send(world.now)
    assert outbox.counts() == {"sent": 500, "queued": 700}
    assert client.send(world.now) == 700
    assert outbox.counts() == {"sent": 1200} and len(calls) == 4
    assert forget_many(world) == 1200


def test_a_run_that_is_killed_goes_on_where_it_stopped_and_registers_nothing_twice(world, tmp_path):
    """A process of its own is killed after the register took the second batch and before the answer is stored."""
    path = tmp_path / "outbox.db"
    outbox = RegistrationOutbox(path)
    outbox.queue(many(world, 1200), AT)
    outbox.close()
    process = multiprocessing.get_context("fork").Process(target=killed_run, args=(world, path))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    outbox = RegistrationOutbox(path)
    assert outbox.counts() == {"sent": 500, "queued": 700}
    with world.store.turn() as connection:
        before = connection.execute("SELECT count(*) FROM submissions WHERE key LIKE 'many-%'").fetchone()[0]
    assert before == 1000, "the register has a batch of which the maker does not know"
    assert world.client("alpha", outbox).send(world.now) == 700
    assert outbox.counts() == {"sent": 1200} and forget_many(world) == 1200
    outbox.close()


def killed_run(world, path):
    """What the process does; it opens files of its own."""
    world.service = RegisterService(
        RegisterStore(world.store.path), world.makers["beta"].issuer, REGISTER, lambda: world.trust, world.fetch
    )  # fmt: skip
    world.app = create_register(RegisterApi(world.service, world.now))
    client, calls = world.client("alpha", RegistrationOutbox(path)), []

    def post(*words):
        calls.append(words)
        answer = world.post(*words)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    client._post = post
    client.send(world.now)


# --- what the register does later -----------------------------------------------------------------------------------


def test_what_the_register_does_later_reaches_its_operator_alone_and_once(world):
    client, outbox = world.client("alpha"), world.makers["alpha"].outbox
    client.follow(world.now)
    (row,) = outbox.in_state("registered", 1)
    world.service.change(row.registration, RegistrationState.SUSPENDED, "examined", AT)
    assert world.client("beta").follow(world.now) == {}
    assert client.follow(world.now) == {"suspended": 1} and client.follow(world.now) == {}
    (told,) = outbox.in_state("suspended", 1)
    assert (told.key, told.detail) == (row.key, "examined")
    assert world.queue("alpha") == 0, "a suspended version is not handed in again"
    world.service.change(row.registration, RegistrationState.REGISTERED, "cleared", AT)
    assert client.follow(world.now) == {"registered": 1}
    assert outbox.in_state("registered", 1) == (row,)


def test_many_changes_come_in_pages_and_none_is_asked_for_twice(world, outbox):
    (row,) = world.makers["alpha"].outbox.in_state("registered", 1)
    client, asked = world.client("alpha", outbox), []
    client._post = lambda url, body, token: asked.append(body) or world.post(url, body, token)
    with world.store.turn() as connection:
        connection.executemany(
            "INSERT INTO changes VALUES (?, ?, ?)",
            [(world.makers["alpha"].project.issuer, 10**9 + number, row.registration) for number in range(1200)],
        )
    assert client.follow(world.now) == {} and len(asked) == 3
    client.follow(world.now)
    assert json.loads(asked[-1]) == {"after": 10**9 + 1199}
    with world.store.turn() as connection:
        connection.execute("DELETE FROM changes WHERE sequence >= ?", (10**9,))


def test_a_feed_that_does_not_go_on_is_refused_and_changes_nothing(world, outbox):
    outbox.follow([], REGISTER, 7, AT)
    client = world.client("alpha", outbox)
    for answer in ({}, {"outcomes": []}, {"outcomes": [], "newest": 6}, {"outcomes": [{}], "newest": 7},
                   {"outcomes": "?", "newest": 8}):  # fmt: skip
        client._post = lambda *_, answer=answer: strict_json.dumps(answer)
        with pytest.raises(FetchFailed, match="something else"):
            client.follow(world.now)
    assert outbox.followed(REGISTER) == 7
    alpha = world.makers["alpha"].issuer
    for body in (b"[]", b'{"after": -1}', b'{"after": true}', b'{"after": "0"}'):
        with pytest.raises(FaultyRecord):
            world.service.changes_of(submission_token(alpha.signer, alpha.id, REGISTER, body, AT), body, AT)


def test_a_register_of_an_earlier_version_keeps_what_it_did(world, tmp_path):
    (row,) = world.makers["alpha"].outbox.in_state("registered", 1)
    with sqlite3.connect(world.store.path) as original, sqlite3.connect(tmp_path / "old.db") as copy:
        original.backup(copy)
        copy.executescript("DROP TABLE changes; PRAGMA user_version=1;")
    store, alpha = RegisterStore(tmp_path / "old.db"), world.makers["alpha"].project.issuer
    assert store.changes(alpha, 0, 500) == world.store.changes(alpha, 0, 500) != ()
    store.close()


# --- look-up ----------------------------------------------------------------------------------------------------------


def lookup(world, fetch=True):
    return RegistrationLookup(world.store, lambda: world.trust, world.fetch if fetch else None)


@pytest.mark.parametrize("maker", ["alpha", "beta"])
def test_any_code_leads_to_the_makers_resolver_and_its_answer_is_verified(world, maker):
    each = world.makers[maker]
    pack = each.store.pack(each.packs[0])
    found = lookup(world)
    (registration,) = found.find(pack.subject)
    for code in filter(None, (pack.code, pack.serial, registration.registration)):
        assert registration in found.find(code), code
    answer = found.answer(registration, world.now())
    assert (answer.kind, answer.source) == (LookupKind.REGISTERED, AnswerSource.RESOLVER)
    assert answer.passport.result.verified is True and answer.passport.facts.product == pack.subject
    assert answer.differences == () and world.fetched[-1].startswith(each.project.base_url)
    assert found.find("nobody") == ()


def test_a_maker_that_is_switched_off_is_answered_from_the_copy_with_its_date(world):
    """The drill: one maker gone for a month. Its copy keeps its date; the other maker is as it was."""
    world.makers["alpha"].on = False
    at = world.later(days=30)
    # Whoever is left has signed its lists anew meanwhile.
    world.makers["beta"].publisher.sign_status_lists(at=at)
    found = lookup(world)
    (gone,) = found.find(world.makers["alpha"].packs[0])
    answer = found.answer(gone, at)
    assert (answer.kind, answer.source) == (LookupKind.REGISTERED, AnswerSource.COPY)
    assert answer.unreachable == "fetch-failed" and answer.passport.result.verified is True
    assert AT <= answer.as_of < AT + timedelta(minutes=5) and answer.status_at < at - timedelta(days=29)
    (other,) = found.find(world.makers["beta"].packs[0])
    assert found.answer(other, at).source is AnswerSource.RESOLVER
    assert lookup(world, fetch=False).answer(other, at).source is AnswerSource.COPY


def test_an_answer_that_does_not_verify_is_not_shown_and_the_copy_is(world):
    found = lookup(world)

    (registration,) = found.find(world.makers["alpha"].packs[0])
    found._fetch = lambda url: strict_json.dumps(_renamed(json.loads(world.fetch(url))))
    answer = found.answer(registration, world.now())
    assert (answer.source, answer.unreachable) == (AnswerSource.COPY, "unverified")
    # The passport of another pack is no answer either.
    found._fetch = lambda url: world.fetch(url.replace("alpha", "beta"))
    assert found.answer(registration, world.now()).unreachable in ("unverified", "fetch-failed")


def _renamed(document):
    for each in document["verifiableCredential"]:
        if "manufacturerName" in each.get("credentialSubject", {}):
            each["credentialSubject"]["manufacturerName"] = "Somebody Else"
    return document


def test_the_copy_of_a_maker_that_is_no_longer_trusted_is_not_shown(world):
    found = RegistrationLookup(world.store, lambda: TrustList.from_json({"issuers": []}), None)
    (registration,) = found.find(world.makers["alpha"].packs[0])
    assert found.answer(registration, world.now()).source is AnswerSource.NOBODY


def test_suspended_deactivated_and_moved_registrations_say_so(world):
    found, beta = lookup(world), world.makers["beta"]
    (registration,) = found.find(beta.packs[0])
    name = registration.registration
    assert world.service.change(name, RegistrationState.SUSPENDED, "under examination", AT)
    assert found.answer(found.find(name)[0], AT).kind is LookupKind.SUSPENDED
    assert world.service.change(name, RegistrationState.REGISTERED, "cleared", AT)
    assert not world.service.change(name, RegistrationState.REGISTERED, "once more", AT)
    states = [state for state, _, _ in world.store.history(name)]
    assert states[-2:] == ["suspended", "registered"]
    with pytest.raises(StoreFailure), world.store.turn() as connection:
        connection.execute("DELETE FROM history")


def test_a_released_product_moves_to_the_operator_that_registers_it_next(world, monkeypatch):
    """As when another operator takes a product over: the older registration leads to the newer one."""
    alpha, beta = world.makers["alpha"], world.makers["beta"]
    (row,) = beta.outbox.in_state("registered", 1)
    entry = read_entry(strict_json.loads(row.entry))
    world.client("beta").release(row.registration, alpha.project.issuer, AT)
    assert world.store.registration(row.registration).released_to == alpha.project.issuer
    submission = world.store.submission(row.correlation)
    taken = replace(submission, operator=alpha.project.issuer, key="taken-over", correlation="urn:uuid:taken-over",
                    state=RegistrationState.PENDING)  # fmt: skip
    refusals = list(world.service._refusals(entry, taken, _anywhere(world)))
    assert refusals == [], "it was released to this operator"
    world.store.submit([taken])
    copy = world.store.copy(entry.product)
    facts = world.store.copies(limit=100)[-1]
    accepted = Approval(taken, "urn:uuid:new", frozenset({"x"}), copy, replace(facts, product=entry.product))
    world.store.decide([accepted], AT)
    answer = lookup(world).answer(world.store.registration(row.registration), AT)
    assert answer.kind is LookupKind.MOVED and answer.successor.registration == "urn:uuid:new"


def _anywhere(world):
    return TrustList.from_json({
        "issuers": [{name: value for name, value in maker.entry.items() if name != "namespaces"}
                    for maker in world.makers.values()]
    })  # fmt: skip


def test_coherence_is_computed_again_and_says_what_changed(world):
    reports = {each.registration.product: each for each in world.service.check(world.now(), renew_copies=True)}
    alpha = world.makers["alpha"].packs[0]
    assert reports[alpha].differences == () and reports[alpha].fault is None
    world.makers["alpha"].on = False
    (report,) = [each for each in world.service.check(world.now()) if each.registration.product == alpha]
    assert report.fault.startswith("fetch-failed")


def test_a_withdrawal_that_the_resolver_shows_is_hidden_by_no_copy(world):
    alpha = world.makers["alpha"]
    alpha.publisher.revoke(alpha.packs[0], reason="recalled", at=world.now())
    found = lookup(world)
    (registration,) = found.find(alpha.packs[0])
    answer = found.answer(registration, world.now())
    assert (answer.kind, answer.source) == (LookupKind.WITHDRAWN, AnswerSource.RESOLVER)
    (report,) = [each for each in world.service.check(world.now()) if each.registration == registration]
    assert report.differences[0].member == "digitalProductPassportId", "register and passport differ now"
    assert world.queue("alpha", world.makers["alpha"].outbox) == 0, "nothing of it is registered again"
