"""The public view from stored bytes is the presenter's, byte for byte, or there is none."""

from __future__ import annotations

import json
import re
import threading
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.linked_data import strict_json
from passport.presenting.presenter import Presenter
from passport.store import Pack, StatusChange, Store, StoredCredential
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import BATCH, EVENT, MODEL, PASSPORT
from passport.vocabulary.vocabulary import Audience, Carrier
from resolver.serving.public_view import PublicView, is_hidden_event, list_numbers, named_batch
from tests.each import each

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
PACK, OTHER, MODEL_IRI = "https://p.example/id/M/1", "https://p.example/id/M/2", "https://p.example/id/M"
READABLE = {"id", "type", "lifecycleEvent", "gtin"}


def signed(number: int, type_: str, subject: str, lists: tuple[int, ...] = (), **claims) -> StoredCredential:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": f"urn:credential:{number}",
        "type": ["VerifiableCredential", type_],
        "credentialStatus": [
            {"id": f"https://p.example/status/{n}#1", "statusListCredential": f"https://p.example/status/{n}"}
            for n in lists
        ],
        "credentialSubject": {"id": subject, "type": "BatteryPack", **claims},
    }
    return StoredCredential(document["id"], type_, subject, strict_json.dumps(document), "digest", AT)


@pytest.fixture
def store(store_url):
    return filled(store_url)


@pytest.fixture
def shared_store(shared_url):
    return filled(shared_url)


def filled(url: str) -> Store:
    opened = Store.open(url)
    with opened.transaction() as transaction:
        transaction.add_credential(signed(1, MODEL, MODEL_IRI, (3, 1), name="型号"))
        transaction.add_credential(signed(2, PASSPORT, PACK, (2, 1), serial='a "quoted" \\ text'))
        for subject in (PACK, OTHER):
            transaction.add_pack(Pack(subject, MODEL_IRI, "ev", subject[-1], None))
        for number in (1, 2):
            transaction.add_status_list(number, {"list": number, "version": 1})
    return opened


def presented(store: Store, subject: str) -> bytes:
    return Presenter(store, vocabulary.load()).present(subject, Audience.PUBLIC).presentation_bytes()


BATCH_IRI, IN_BATCH = f"{MODEL_IRI}/batch/B1", f"{MODEL_IRI}/4"


@pytest.fixture
def with_batch(store):
    with store.transaction() as transaction:
        transaction.add_credential(signed(11, BATCH, BATCH_IRI, (2,), batteryModel=MODEL_IRI))
        transaction.add_credential(signed(12, PASSPORT, IN_BATCH, (1,), batteryModel=MODEL_IRI, batteryBatch=BATCH_IRI))
        transaction.add_pack(Pack(IN_BATCH, MODEL_IRI, "ev", "4", None))
    return store


@pytest.mark.parametrize("place", [(IN_BATCH, MODEL_IRI), (BATCH_IRI, MODEL_IRI, True), (PACK, MODEL_IRI)])
def test_a_batch_is_composed_as_the_presenter_does(with_batch, place):
    view = PublicView(with_batch, vocabulary.load())
    assert view.knows(place[0])
    body, digest = view.presentation(*place)
    assert body == presented(with_batch, place[0])
    assert digest == Presenter(with_batch, vocabulary.load()).present(place[0], Audience.PUBLIC).digest
    assert (b"BatteryBatchCredential" in body) is (place[0] != PACK)


def test_of_a_batch_that_is_not_there_there_is_no_view(with_batch):
    view = PublicView(with_batch, vocabulary.load())
    assert view.presentation(f"{MODEL_IRI}/batch/B2", MODEL_IRI, True) is None
    assert not view.knows(f"{MODEL_IRI}/batch/B2")


@each(
    ("body", "batch"),
    [
        (b'{"credentialSubject":{"id":"a"}}', None),
        (b'{"credentialSubject":{"batteryBatch":"https://p/10/B"}}', "https://p/10/B"),
        (b'{"credentialSubject":{"batteryBatch":"https:\\/\\/p"}}', ""),
        (b'{"credentialSubject":{"batteryBatch":"a","x":{"batteryBatch":"b"}}}', ""),
        (b'{"credentialSubject":{"name":"the \\"batteryBatch\\":\\"x\\" of"}}', ""),
    ],
)
def test_the_batch_of_a_pack_is_found_or_it_is_said_that_it_is_not_certain(body, batch):
    assert named_batch(body) == batch


@pytest.mark.parametrize("place", [(PACK, MODEL_IRI), (MODEL_IRI, None)])
def test_it_is_what_the_presenter_gives(store, place):
    body, digest = PublicView(store, vocabulary.load()).presentation(*place)
    assert body == presented(store, place[0])
    view = Presenter(store, vocabulary.load()).present(place[0], Audience.PUBLIC)
    assert json.loads(body) == view.presentation()
    assert body == strict_json.dumps(view.presentation())
    assert digest == view.digest


def test_a_pack_without_a_passport_credential_is_left_to_the_presenter(store):
    view = PublicView(store, vocabulary.load())
    assert view.knows(OTHER)
    assert view.presentation(OTHER, MODEL_IRI) is None


@pytest.mark.parametrize("subject", ["https://p.example/id/M/3", "", "urn:credential:1", "https://p.example/id/M/1'"])
def test_there_is_none_of_what_is_not_there(store, subject):
    view = PublicView(store, vocabulary.load())
    assert view.presentation(subject, MODEL_IRI) is None
    assert view.presentation(subject) is None
    assert not view.knows(subject)


def test_what_is_stored_changes_the_version_and_what_is_given(store):
    view = PublicView(store, vocabulary.load())
    changes = [
        lambda t: t.add_status_list(3, {"list": 3, "version": 1}),
        lambda t: t.add_status_list(1, {"list": 1, "version": 2}),
        lambda t: t.add_credential(signed(7, PASSPORT, PACK, (2,), serial="new")),
        lambda t: t.add_credential(signed(8, MODEL, MODEL_IRI, (1,), name="new")),
    ]
    for change in changes:
        version, body = view.version(), view.presentation(PACK, MODEL_IRI)
        assert view.version() == version
        with store.transaction() as transaction:
            change(transaction)
        assert view.version() != version
        assert view.presentation(PACK, MODEL_IRI).body == presented(store, PACK)
        assert view.presentation(PACK, MODEL_IRI).digest != body.digest
        assert view.version() == store.version()


def test_what_is_published_meanwhile_gives_no_mixed_and_no_old_answer(shared_store):
    """Model, pack and status list are published together, with one number each time."""
    view, published = PublicView(shared_store, vocabulary.load()), [0]

    def publish() -> None:
        for number in range(1, 31):
            with shared_store.transaction() as transaction:
                about = ((MODEL, MODEL_IRI), (PASSPORT, PACK))
                transaction.add_credentials([
                    (signed(100 * number + n, type_, subject, (1,), serial=f"edition {number}"), None)
                    for n, (type_, subject) in enumerate(about)
                ])  # fmt: skip
                transaction.add_status_list(1, {"list": 1, "serial": f"edition {number}"})
            published[0] = number

    publisher = threading.Thread(target=publish)
    publisher.start()
    seen = set()
    while publisher.is_alive() or published[0] not in seen:
        least = published[0]
        view.hold()
        version = view.version()
        body, _ = view.presentation(PACK, MODEL_IRI)
        assert view.version() == version, "a moment stays the same"
        view.release()
        if not least:
            continue
        editions = [int(number) for number in re.findall(rb"edition ([0-9]+)", body)]
        assert len(editions) == 3 and len(set(editions)) == 1 and editions[0] >= least, editions
        seen.add(editions[0])
    publisher.join()
    shared_store.close()


def test_a_status_change_changes_the_version(store):
    view = PublicView(store, vocabulary.load())
    version = view.version()
    with store.transaction() as transaction:
        transaction.add_status_change(StatusChange(1, 1, True, "why", AT))
    assert view.version() != version


@pytest.mark.parametrize(
    ("claims", "hidden"),
    [
        ({"lifecycleEvent": "produce", "cellCodes": ["1"]}, True),
        ({"lifecycleEvent": "produce"}, False),
        ({"lifecycleEvent": "recycle", "cellCodes": ["1"]}, False),
        ({"cellCodes": ["1"], "lifecycleEvent": "recycle"}, False),
        ({"cellCodes": ["1"]}, False),
    ],
)
def test_an_event_that_might_concern_the_public_is_left_to_the_presenter(store, claims, hidden):
    with store.transaction() as transaction:
        transaction.add_credential(signed(5, EVENT, PACK, **claims))
    found = PublicView(store, vocabulary.load()).presentation(PACK, MODEL_IRI)
    assert (found is not None) is hidden
    if hidden:
        assert found.body == presented(store, PACK)


def test_where_a_restricted_credential_may_hold_what_is_public_there_is_none(store):
    words = vocabulary.load()
    key = next(key for key, one in words.indicators.items() if one.carrier == Carrier.CONDITION)
    public = replace(
        words.indicators[key], audiences=frozenset({Audience.PUBLIC}), audiences_art77=frozenset({Audience.PUBLIC})
    )
    changed = copy(words)
    object.__setattr__(changed, "indicators", {**words.indicators, key: public})
    assert PublicView(store, words).presentation(PACK, MODEL_IRI) is not None
    assert PublicView(store, changed).presentation(PACK, MODEL_IRI) is None


@each(
    ("document", "numbers"),
    [
        ({"a": 1}, frozenset()),
        ({"statusListCredential": "https://x/status/4"}, frozenset({4})),
        ({"statusListCredential": "https://x/status/4", "text": 'statusListCredential":"https://x/5"'}, None),
        ({"statusListCredential": "https://x/status/four"}, None),
        ({"statusListCredential": 4}, None),
        ({"statusListCredential": ["https://x/status/4"]}, None),
    ],
)
def test_status_lists_are_found_or_it_is_said_that_they_are_not(document, numbers):
    assert list_numbers(strict_json.dumps(document)) == numbers


KEYS = st.text(max_size=8) | st.sampled_from(["credentialSubject", "lifecycleEvent"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(
    before=st.dictionaries(st.text(max_size=8), JSON, max_size=3),
    subject=st.dictionaries(
        st.sampled_from(["id", "type", "lifecycleEvent", "gtin", "cellCodes", "vinHash"]),
        JSON | st.sampled_from(["recycle", "produce"]),
    ),
)
def test_an_event_called_hidden_is_hidden_and_ends_nothing(before, subject):
    """Against the whole document, read."""
    document = {
        **{key: value for key, value in before.items() if key != "credentialSubject"},
        "credentialSubject": subject,
    }
    if is_hidden_event(strict_json.dumps(document), READABLE):
        assert not subject.keys() <= READABLE
        assert subject.get("lifecycleEvent") != "recycle"


@settings(deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_what_is_no_event_is_never_called_hidden(body):
    assert is_hidden_event(body, READABLE) is False


def test_an_event_is_read_no_further_than_its_first_restricted_key():
    body = signed(1, EVENT, PACK, lifecycleEvent="produce", cellCodes=["x" * 100_000]).body
    assert is_hidden_event(body, READABLE) is True
    assert is_hidden_event(body[:-50_000], READABLE) is True
