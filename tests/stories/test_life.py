"""One pack from cell to recycled cathode powder: nine actors sign, and nobody can tell the story otherwise.

The story is played by ``passport demo --story``. Then its signed messages are handed in again to an empty inbox, one by
one, and before each of them whatever could be handed in instead: the event that follows, the one before once more, the
same event signed by another actor, moved, or altered.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from passport.belonging import passport_verifier
from passport.commands import main
from passport.commands.events.event_intake import inbox_of
from passport.commands.keeping.init import make_project
from passport.credentials.credential import issuer_id
from passport.credentials.trust import TrustList
from passport.directory.directory_file import directory_file
from passport.directory.listing import directory_of
from passport.directory.trust_policy import read_policy, trust_list_of, verified_directory
from passport.errors import UsageError
from passport.identity import PrivateKey
from passport.identity.did import DidResolver
from passport.lifecycle import catalogue
from passport.linked_data import resources, strict_json
from passport.presenting.successors import predecessors, successors
from passport.project import Project
from passport.publishing.events.event_credentials import read_event
from passport.publishing.events.histories import Histories
from passport.publishing.events.inbox import InboxOutcome, Status
from passport.publishing.events.logged_documents import logged_documents
from passport.publishing.events.message import EventMessage
from passport.publishing.log.log_audit import audit
from passport.store import EventKey, KeyKind, Store, StoredCredential
from passport.store.log.log_writing import EVENTS
from passport.transparency.checkpoint import Quorum, open_checkpoint
from passport.transparency.note import Kind, NoteKey
from passport.vocabulary.credential_types import MODEL, PASSPORT
from resolver.commands.story import StoryStage, story
from tests.each import each
from tests.resolver.conftest import HTML, Operator, make_site

STEPS = story()["steps"]
#: Who else may report it by law: the table of events names both roles.
ALLOWED_TOO = {("remove", "dismantler")}
NUMBERS = range(len(STEPS))
#: The last event of each pack: nothing follows that would show that it is missing.
LAST = {max(n for n in NUMBERS if STEPS[n].get("pack") == pack) for pack in {step.get("pack") for step in STEPS}}


def name(n: int) -> str:
    return f"{n}-{STEPS[n]['event']}-{STEPS[n]['actor']}"


@dataclass
class Played:
    """The demo after the story."""

    answer: dict
    project: Project
    store: Store
    stage: StoryStage
    messages: list[EventMessage]
    times: list

    def following(self, n: int) -> int | None:
        """The next event of the same pack."""
        pack = self.pack(n)
        return next((m for m in NUMBERS[n + 1 :] if self.pack(m) == pack), None)

    def pack(self, n: int) -> str:
        return self.messages[n].event["credentialSubject"]["id"]


@pytest.fixture(scope="module")
def played(tmp_path_factory) -> Played:
    folder = tmp_path_factory.mktemp("story") / "demo"
    words = ["demo", "--story", "--no-serve", "--folder", str(folder), "--json"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    project = Project.open(folder)
    store = project.open_store()
    stage = StoryStage(project, store)
    stage.issue()
    rows = store.latest_events(limit=100)
    return Played(
        json.loads(result.stdout), project, store, stage, [message_of(store, row) for row in rows],
        [row.accepted_at for row in rows],
    )  # fmt: skip


def message_of(store: Store, row) -> EventMessage:
    """A message as it was handed in."""
    digests = [row.digest, row.detail, row.accreditation, row.status_list]
    found = store.event_documents([digest for digest in digests if digest is not None])
    event, detail, accreditation, status_list = (
        strict_json.loads(found[digest].body) if digest is not None else None for digest in digests
    )
    return EventMessage(event, detail, accreditation, (status_list,))


# --- the story --------------------------------------------------------------------------------------------------------


def test_sixteen_enterprises_of_every_role_are_listed_and_trust_follows_from_them(played):
    at = datetime.now(UTC)
    directory = directory_of(played.store.directory_changes())
    roles = {role for each in directory.identities.values() for role in each.enterprise.roles}
    assert len(directory.identities) == 16
    assert roles == {code.code for code in catalogue().roles.codes}
    assert {actor.project.issuer for actor in played.stage.actors.values()} < set(directory.identities)
    before = strict_json.loads(played.project.trust_list_path.read_bytes())
    file = directory_file(played.store, directory, at)
    verified = verified_directory(passport_verifier(TrustList.from_json(before)).verify(file, at=at))
    rules = read_policy(strict_json.loads(resources.read_bytes("examples/trust-policy.json")))
    registrar = {
        "issuers": [each for each in before["issuers"] if "EnterpriseDirectoryCredential" in each["trustedFor"]]
    }
    made = trust_list_of(verified, rules, registrar, at=at)
    # Maker and utiliser issue passports, the authority accredits, the laboratory attests.
    assert len(made.added) == 4 and made.left_out == ()
    assert played.stage.publish_directory(at) == 16
    assert directory_of(played.store.directory_changes()) == directory, "played again, nothing changes"


def test_nine_actors_sign_with_their_own_keys_what_the_story_tells(played):
    rows = played.store.latest_events(limit=100)
    assert [row.kind for row in rows] == [step["event"] for step in STEPS]
    assert [row.actor for row in rows] == [played.answer["story"]["actors"][step["actor"]] for step in STEPS]
    assert len(set(played.answer["story"]["actors"].values())) == 9
    folders = {actor.project.folder for actor in played.stage.actors.values()}
    assert len(folders) == 9 and all((folder / "keys" / "issuer.pem").exists() for folder in folders)


def test_where_the_story_ends(played):
    pack, cabinet = (played.answer["story"][which] for which in ("pack", "successor"))
    histories = Histories(played.store)
    assert histories.of(pack).state.label == "Recycled" and histories.of(pack).state.successors == (cabinet,)
    assert histories.of(cabinet).state.label == "Produced" or histories.of(cabinet).state.ending is None
    assert histories.of(cabinet).state.predecessors == (pack,)


def test_played_again_nothing_is_told_twice(played):
    before = (played.store.event_number(), played.store.log_checkpoint(EVENTS))
    assert played.stage.play() == 0
    assert (played.store.event_number(), played.store.log_checkpoint(EVENTS)) == before


def test_the_numbers_of_the_vehicles_stand_nowhere(played):
    vins = {step["vin"].encode() for step in STEPS if "vin" in step}
    assert len(vins) == 2
    for path in played.project.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(vin in data for vin in vins), path


def test_the_log_is_sound_and_a_witness_saw_it(played):
    vkey = NoteKey.parse(played.answer["story"]["logKey"])
    notes = [stored.note for stored in played.store.log_checkpoints(EVENTS)]
    result = audit(
        played.store, EVENTS, [open_checkpoint(bytes(note), vkey).checkpoint for note in notes],
        logged_documents(played.store),
    )  # fmt: skip
    assert not result.faults and result.size == sum(2 if each.detail else 1 for each in played.messages)
    witness = NoteKey.parse((played.stage.witness.folder / "keys" / "witness.vkey").read_text().strip())
    assert witness.kind is Kind.WITNESS
    assert Quorum((witness,), 1).require(notes[-1])


def test_every_actor_keeps_receipts_that_verify_offline(played):
    checked = 0
    for actor in played.stage.actors.values():
        for proof in (actor.project.folder / "out" / "receipts").glob("*.tlog-proof"):
            words = ["log", "check", proof, proof.with_suffix(".jsonld"), "--witnesses", "0", "--log-key"]
            result = CliRunner().invoke(main, [*map(str, words), played.answer["story"]["logKey"]])
            assert result.exit_code == 0, result.output
            checked += 1
    assert checked == played.store.log_size(EVENTS)


def as_regulator(played, site) -> dict[str, str]:
    """The header of the demo's regulator, by a token of the site."""
    site.clock[0] = datetime.now(UTC).replace(microsecond=0)
    role = json.loads((played.project.folder / "out" / "regulator-role.jsonld").read_bytes())
    key = PrivateKey.load(played.project.folder / "keys" / "regulator.pem", None)
    answer = site.ask(site.presentation(role, key=key, domain=played.project.base_url))
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json['access_token']}"}


def test_the_page_of_its_life_is_verified_for_the_regulator(played, tmp_path):
    pack = played.answer["story"]["pack"]
    site = make_site(Operator(played.project, played.store, {"ev": pack}), tmp_path)
    path = played.answer["story"]["events"].removeprefix(played.project.base_url)
    assert played.answer["story"]["commands"]["events"].endswith(played.answer["story"]["events"])
    headers = as_regulator(played, site)
    page = site.client.get(path + "?lang=en", headers={**HTML, **headers}).text
    assert page.count("✓ Verified") == 36 and "36 events, all verified" in page
    assert all(actor["name"]["en"] in page for actor in story()["actors"].values())
    told = json.loads(site.client.get(path, headers={"Accept": "application/vp", **headers}).data)
    trust = played.project.trust_list()
    found = passport_verifier(trust, DidResolver(trust.did_documents())).verify(told, at=site.clock[0], about=pack)
    assert found.verified, [str(check.detail) for check in found.checks]


def test_each_passport_is_issued_by_its_own_operator_and_both_verify(played, tmp_path):
    """Two keys, two project folders, one store; a reader of either passport needs the trust list only."""
    verified = {}
    for operator, which in (("maker", "pack"), ("utiliser", "successor")):
        project, pack = played.stage.actors[operator].project, played.answer["story"][which]
        issuers = {issuer_id(stored.document) for stored in passport_of(played.store, pack)}
        assert issuers == {project.issuer}
        lists = played.store.list_purposes(issuer=project.issuer)
        assert {issuer_id(played.store.status_list(number)) for number in lists} == {project.issuer}
        for stored in passport_of(played.store, pack):
            assert {place.list for place in played.store.status_entries(stored.id)} <= set(lists)
        saved = tmp_path / f"{which}.jsonld"
        words = ["show", pack, "--project", str(project.folder), "--save", str(saved)]
        assert CliRunner().invoke(main, words).exit_code == 0
        trust = str(played.project.trust_list_path)
        result = CliRunner().invoke(main, ["verify", str(saved), "--offline", "--trust", trust, "--json"])
        assert result.exit_code == 0, result.output
        verified[project.issuer] = json.loads(result.stdout)["verified"]
    assert list(verified.values()) == [True, True], "two issuers"


def test_neither_operator_can_revoke_the_passport_of_the_other(played):
    for operator, which in (("maker", "successor"), ("utiliser", "pack")):
        folder, pack = played.stage.actors[operator].project.folder, played.answer["story"][which]
        result = CliRunner().invoke(main, ["revoke", pack, "--reason", "mine now", "--project", str(folder)])
        assert result.exit_code == 2 and "another issuer issued it" in result.stderr
        assert not played.store.is_flagged(played.store.current(pack, PASSPORT).id)


def test_an_operator_that_publishes_at_another_address_is_refused(played, tmp_path):
    """Such as one of a demo that was made for another port: its passports would be served by nobody."""
    demo = make_project(tmp_path / "demo", played.project.base_url, names={"en": "Demo", "zh": None})
    make_project(tmp_path / "demo" / "actors" / "utiliser", "https://utiliser.example", names={"en": "U", "zh": None})
    with pytest.raises(UsageError, match="was made for https://utiliser.example"):
        StoryStage(demo, Store.open("sqlite://"))


def passport_of(store: Store, pack: str) -> list[StoredCredential]:
    """The credentials of the passport in force: of the pack, and of its model."""
    model = store.pack(pack).model
    return [store.current(pack, PASSPORT), store.current(model, MODEL)]


def test_old_and_new_passport_lead_to_each_other(played, tmp_path):
    pack, cabinet = (played.answer["story"][which] for which in ("pack", "successor"))
    site = make_site(Operator(played.project, played.store, {}), tmp_path)
    base = played.project.base_url
    ns = "https://w3id.org/battery-passport/ns#"
    headers = {**HTML, **as_regulator(played, site)}
    for one, relation, other in ((pack, "successorPack", cabinet), (cabinet, "previousPassport", pack)):
        page = site.client.get(f"/passports{one.removeprefix(base)}/events", headers=headers).text
        assert f'<a href="{other}">' in page
        answer = site.client.get(one.removeprefix(base), headers={"Accept": "application/linkset+json"})
        if one == pack:
            assert answer.status_code == 410, "a passport that has ceased offers no links"
            continue
        (own,) = [each for each in answer.json["linkset"] if each["anchor"] == one]
        assert [link["href"] for link in own[ns + relation]] == [other]
    assert successors(played.store, cabinet) == () == predecessors(played.store, pack)
    # The pack was recycled: the public is told that its passport has ceased.
    for ending in ("", "/events"):
        assert site.client.get(f"/passports{pack.removeprefix(base)}{ending}", headers=HTML).status_code == 410
        assert site.client.get(f"/passports{cabinet.removeprefix(base)}{ending}", headers=HTML).status_code == 200


def test_a_pack_that_only_an_event_names_is_not_linked(played):
    """The index leads to candidates; the public passport of the new pack decides."""
    key = EventKey(KeyKind.ORIGIN, played.answer["story"]["pack"])
    cabinet = played.answer["story"]["successor"]
    assert played.store.packs_by_key([key], swap_limit=1) == {key: frozenset({cabinet})}
    unissued = Store.open("sqlite://")
    inbox = inbox_of(played.project, unissued)
    lists = played.messages[-1].status_lists
    inbox.accept([replace(message, status_lists=lists) for message in played.messages], now=played.times[-1])
    assert unissued.packs_by_key([key], swap_limit=1) == {key: frozenset({cabinet})}
    assert successors(unissued, played.answer["story"]["pack"]) == ()


# --- held against it --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def attempts(played) -> dict[tuple[int, str], InboxOutcome]:
    """What an inbox answers that takes the story in, before and after each event."""
    store = Store.open("sqlite://")
    inbox = inbox_of(played.project, store)
    found: dict[tuple[int, str], InboxOutcome] = {}
    # All of it is handed in at the end of the story, under the accreditations as they stand then.
    now, lists = played.times[-1], played.messages[-1].status_lists
    messages = [replace(message, status_lists=lists) for message in played.messages]

    def tried(n: int, what: str, message: EventMessage) -> None:
        before = store.event_number()
        (found[n, what],) = inbox.accept([message], now=now)
        assert store.event_number() == before, (name(n), what, "was accepted")

    for n in NUMBERS:
        message, following = messages[n], played.following(n)
        if following is not None:
            tried(n, "left out", messages[following])
        for other in played.stage.actors:
            if other != STEPS[n]["actor"] and (STEPS[n]["event"], other) not in ALLOWED_TOO:
                tried(n, f"by {other}", signed_by(played, n, other))
        tried(n, "altered", altered(message))
        tried(n, "detail of another", replace(message, detail=messages[n - 1].detail if n else None))
        (found[n, "itself"],) = inbox.accept([message], now=now)
        assert found[n, "itself"].status is Status.ACCEPTED, found[n, "itself"].to_json()
        tried(n, "doubled", message)
        tried(n, "again", signed_by(played, n, STEPS[n]["actor"], store, id=f"{message.event['id']}-again"))
    return found


def signed_by(played, n: int, actor: str, store: Store | None = None, **changes) -> EventMessage:
    """The event signed anew by an actor, under its accreditation; behind the head of a store, where one is given."""
    message = played.messages[n]
    document = {**read_event(message.event, message.detail), "actor": played.stage.names[actor], **changes}
    if store is not None:
        head = store.event_head(document["pack"])
        document["predecessor"] = {"id": head.id, "digest": head.digest}
        document["occurredAt"] = (
            played.times[n] - timedelta(minutes=30)
        ).isoformat()  # a little later than the first time
    # A reporter that knows no last event: the first one of a pack follows nothing.
    reporter = replace(played.stage.actors[actor].reporter, head_of=lambda _: None, _heads={})
    signed = reporter.message(document, at=played.times[n])
    return replace(signed, status_lists=played.messages[-1].status_lists)


def altered(message: EventMessage) -> EventMessage:
    """Moved by a day, without a new signature."""
    event = copy.deepcopy(message.event)
    subject = event["credentialSubject"]
    subject["occurredAt"] = subject["occurredAt"].replace("T09:", "T08:")
    assert event != message.event
    return replace(message, event=event)


@each("n", NUMBERS, ids=name)
def test_an_event_is_accepted_where_it_belongs(attempts, n):
    assert attempts[n, "itself"].status is Status.ACCEPTED, attempts[n, "itself"].to_json()


@each("n", [n for n in NUMBERS if n not in LAST], ids=name)
def test_no_event_is_left_out(attempts, n):
    outcome = attempts[n, "left out"]
    assert outcome.status is Status.REFUSED and "not-the-head" in outcome.codes and says_why(outcome)


@each("n", NUMBERS, ids=name)
def test_no_event_is_doubled(attempts, n):
    assert attempts[n, "doubled"].status is Status.DUPLICATE and attempts[n, "doubled"].codes == ("already-stored",)
    again = attempts[n, "again"]
    assert again.status is Status.REFUSED and says_why(again)
    assert not {"not-the-head", "invalid-proof"} & set(again.codes)


@each("n", NUMBERS, ids=name)
def test_no_event_is_moved_or_altered(attempts, n):
    for what in ("altered", "detail of another"):
        assert attempts[n, what].status is Status.REFUSED and says_why(attempts[n, what])


@each("n", NUMBERS, ids=name)
def test_no_event_is_signed_by_another_actor(attempts, n):
    outcomes = [attempts[n, what] for number, what in attempts if number == n and what.startswith("by ")]
    assert len(outcomes) == 8 - sum(kind == STEPS[n]["event"] for kind, _ in ALLOWED_TOO)
    for outcome in outcomes:
        assert outcome.status is Status.REFUSED and says_why(outcome)
        assert not {"not-the-head", "accreditation-status-unknown"} & set(outcome.codes)


def says_why(outcome: InboxOutcome) -> bool:
    """Whether each reason is said in both languages."""
    said = [fault["message"] for fault in outcome.to_json()["faults"]]
    return bool(said) and all({"en", "zh"} <= message.keys() and all(message.values()) for message in said)


def test_the_story_ships_with_the_package():
    assert (Path(__file__).resolve().parents[2] / "examples" / "story.json").is_file()
