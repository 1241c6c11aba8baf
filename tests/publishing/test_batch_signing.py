"""A chunk is signed together where the key of a signing service takes digests in batches."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from passport.battery.identifiers.record_address import addressed
from passport.battery.record_json import many_from_json
from passport.credentials.issuer import Issuer
from passport.errors import SignerUnavailable
from passport.identity import DidResolver
from passport.identity.keys import PublicKey
from passport.identity.signers.remote_signer import RemoteAddress, RemoteSigner, client_of
from passport.publishing.stored_signatures import refuse_unverified
from passport.store import Store
from passport.texts import Message
from passport.vocabulary.vocabulary import load
from tests.identity.test_signers import authority, folder, service  # noqa: F401 (fixtures)
from tests.issued_packs import pack_of_number
from tests.unjudged_publisher import UnjudgedPublisher

BASE = "https://battery.example"
AT = datetime(2026, 11, 29, 9, tzinfo=UTC)
PACKS = 10


class Addressing(UnjudgedPublisher):
    def prepared(self, record):
        return addressed(record, BASE)


@pytest.fixture
def publisher(service, folder):  # noqa: F811
    key = PublicKey.from_object(service.key.public_key())
    signer = RemoteSigner(
        RemoteAddress.parse(service.address), f"{key.did_key}#{key.multikey}", key, client_of(folder, b"correct horse")
    )
    return Addressing(Store.open("sqlite://"), Issuer(key.did_key, signer), BASE, load(), ())


def records() -> tuple:
    return many_from_json([pack_of_number(number) for number in range(PACKS)], "packs.json")


def test_a_chunk_takes_a_few_requests_and_not_one_for_each_credential(publisher, service):  # noqa: F811
    publisher.issue(records(), at=AT)
    stored = [credential for _, credential in publisher.store.numbered(0, limit=1000)]
    assert len(stored) > 2 * PACKS
    # The first digest goes alone; those of the other threads wait for its answer, and go together.
    assert sum(service.batches) >= len(stored) and len(service.batches) < len(stored) / 2
    for credential in stored:
        refuse_unverified(credential.document, DidResolver(), AT, Message("it must hold"))
    assert len({credential.subject for credential in stored if credential.type == "BatteryPassportCredential"}) == PACKS


def test_a_service_that_fails_during_a_chunk_leaves_nothing_of_it(publisher, service):  # noqa: F811
    def fails() -> None:
        if len(service.batches) > 1:
            raise ConnectionError

    service.before_answer = fails
    with pytest.raises(SignerUnavailable):
        publisher.issue(records(), at=AT)
    assert publisher.store.numbered(0, limit=10) == ()
