"""A saved passport holds the newest checkpoint of the log, which says nothing of the passport itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from passport.credentials.checks.presentation_check import unproved
from passport.credentials.credential import LOG_CHECKPOINT
from passport.credentials.issuer import presentation
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.linked_data import jsonld, strict_json
from passport.presenting.presenter import Presenter
from passport.publishing.log.log_checkpoints import Log
from passport.store import Store, StoredCredential
from passport.store.log.log_writing import EVENTS
from passport.transparency import note
from passport.transparency.checkpoint import open_checkpoint
from passport.transparency.note import Kind, Note, NoteKey
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import MODEL
from passport.vocabulary.vocabulary import Audience

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
SIGNER = KeySigner(PrivateKey.generate(Algorithm.ED25519))
MODEL_IRI = "https://passport.example.com/id/M"


@pytest.fixture(params=["memory", "file"])
def store(request, tmp_path):
    opened = Store.open("sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path / 'passports.db'}")
    body = strict_json.dumps({"id": "urn:1", "type": [MODEL], "credentialSubject": {"id": MODEL_IRI}})
    with opened.transaction() as transaction:
        transaction.add_credential(StoredCredential("urn:1", MODEL, MODEL_IRI, body, "", AT))
    yield opened
    opened.close()


def signed(store: Store) -> NoteKey:
    log = Log(store, EVENTS, "passport.example.com/log/events")
    with store.transaction() as transaction:
        transaction.append_to_log(EVENTS, [bytes(32)])
    log.sign(SIGNER)
    return log.key(SIGNER)


def test_a_store_without_a_checkpoint_saves_what_it_saved_before(store):
    view = Presenter(store, vocabulary.load()).present(MODEL_IRI, Audience.PUBLIC)
    assert LOG_CHECKPOINT not in view.presentation()
    assert view.presentation_bytes() == strict_json.dumps(view.presentation())


def test_the_newest_checkpoint_is_in_the_saved_passport(store):
    presenter = Presenter(store, vocabulary.load())
    before = presenter.present(MODEL_IRI, Audience.PUBLIC)
    key = signed(store)
    views = [before]
    for size in (1, 2):
        view = presenter.present(MODEL_IRI, Audience.PUBLIC)
        saved = strict_json.loads(view.presentation_bytes())
        assert saved == view.presentation()
        assert view.presentation_bytes() == strict_json.dumps(view.presentation())
        assert open_checkpoint(saved[LOG_CHECKPOINT].encode(), key).checkpoint.size == size
        views.append(view)
        signed(store)
    assert len({view.digest for view in views}) == 3


def test_a_cosignature_comes_with_it(store):
    signed(store)
    presenter = Presenter(store, vocabulary.load())
    presenter.present(MODEL_IRI, Audience.PUBLIC)
    witness = NoteKey("witness.example", Kind.WITNESS, SIGNER.public_key)
    text = store.log_checkpoint(EVENTS).note.text
    cosigned = Note(text, (note.cosign(text, witness.name, SIGNER, AT),))
    Log(store, EVENTS, "passport.example.com/log/events").add_cosignatures(cosigned, [witness])
    view = presenter.present(MODEL_IRI, Audience.PUBLIC)
    assert Note.parse(view.presentation()[LOG_CHECKPOINT].encode()).verify(witness) == (AT,)
    assert view.checkpoint == store.log_checkpoint_note(EVENTS)
    assert store.direct is None or store.direct.log_checkpoint_note(EVENTS) == view.checkpoint


def test_the_checkpoint_is_a_literal_in_linked_data(store):
    signed(store)
    document = Presenter(store, vocabulary.load()).present(MODEL_IRI, Audience.PUBLIC).presentation()
    document["verifiableCredential"] = []
    (expanded,) = jsonld.expand(document)
    name = "https://w3id.org/battery-passport/ns#logCheckpoint"
    assert expanded[name] == [{"@value": document[LOG_CHECKPOINT]}]


def test_a_verifier_does_not_take_the_checkpoint_for_a_statement_about_the_passport():
    assert unproved({**presentation(()), LOG_CHECKPOINT: "log.example\n"}) == ()


def test_anything_else_under_its_name_is_reported():
    assert unproved({**presentation(()), LOG_CHECKPOINT: {"id": "urn:x"}}) == (LOG_CHECKPOINT,)
