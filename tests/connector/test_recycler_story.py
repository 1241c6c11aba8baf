"""A recycler in another country gets dismantling data of three packs for ninety days, as far as it may leave."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from passport.connector.data.data_offer import DataKind
from passport.credentials.verifier import Verifier
from passport.errors import PeerFailed
from passport.exchange.records import record_files
from passport.linked_data import strict_json
from passport.vocabulary import vocabulary
from tests.connector.companies import agreed, started
from tests.issued_packs import pack_of_number, write_lines
from tests.remembering_publisher import RememberingPublisher


@pytest.fixture
def packs(space, tmp_path):
    """Addresses of four packs of the pack maker; the offer is of three of them."""
    company = space.members["packs"]
    project = company.node.project
    lines = write_lines(tmp_path / "packs.jsonl", [pack_of_number(number) for number in range(1, 5)])
    read = list(record_files.read_records(lines))
    publisher = RememberingPublisher(
        project.open_store(), project.issuer_with_key(None), project.base_url, vocabulary.load(),
        tuple(vocabulary.regimes()[code] for code in project.regimes),
    )  # fmt: skip
    report = publisher.issue(read, at=space.network.now)
    addresses = sorted(issued.subject for issued in report.of_kind("pack"))
    company.offer({
        "name": "dismantling", "title": {"en": "Dismantling data"}, "kind": "passport",
        "audience": "legitimate-interest", "packs": addresses[:3],
        "policy": {"roles": ["recycler"], "purposes": ["recycling"], "days": 90, "noOnwardTransfer": True},
    })  # fmt: skip
    return addresses


def release(space, classes, **more):
    company = space.members["packs"]
    policy = {"policy": "abroad", "recipient": "recyclers", "basis": "example", "classes": classes, **more}
    (company.folder / "connector" / "release.json").write_text(json.dumps(policy))
    replace(company.node.settings, release="connector/release.json").save(company.folder)
    company.restart()


def subjects(content):
    return {
        credential["credentialSubject"]["id"]
        for credential in content["verifiableCredential"]
        if "BatteryPassportCredential" in credential["type"]
    }


def test_the_recycler_gets_three_packs_still_signed_and_the_fourth_never(space, packs):
    release(space, ["open"])
    recycler, maker = space.members["recycler"], space.members["packs"]
    agreement = agreed(space, recycler, maker, name="dismantling")
    space.later(days=89)
    data = recycler.node.consumer.pull(started(space, recycler, agreement), at=space.network.now)
    assert data.kind == DataKind.PASSPORT
    assert subjects(data.content) == set(packs[:3])
    trust = maker.node.project.trust_list()
    for credential in data.content["verifiableCredential"]:
        result = Verifier(trust).verify(credential, at=space.network.now)
        if result.credentials:
            assert result.credentials[0].checks[1].passed, result.credentials[0].checks
    space.later(days=1)
    with pytest.raises(Exception, match="ended"):
        recycler.service.begin_transfer(agreement["@id"], at=space.network.now)


def test_nothing_leaves_the_country_without_a_release_policy(space, packs):
    recycler, maker = space.members["recycler"], space.members["packs"]
    pid = started(space, recycler, agreed(space, recycler, maker, name="dismantling"))
    with pytest.raises(PeerFailed):
        recycler.node.consumer.pull(pid, at=space.network.now)
    assert not [record for _, record, _ in maker.node.state.records() if record.direction == "data"]


def test_what_the_policy_withholds_stays(space, packs):
    words = vocabulary.load()
    release(space, ["open"])
    recycler, maker = space.members["recycler"], space.members["packs"]
    data = recycler.node.consumer.pull(
        started(space, recycler, agreed(space, recycler, maker, name="dismantling")), at=space.network.now
    )
    left = {
        name
        for credential in data.content["verifiableCredential"]
        for name in credential["credentialSubject"]
        if name in words.indicators
    }
    assert left
    assert {words.indicators[name].export_class.value for name in left} == {"open"}
    # The log says of each credential what left and what stayed, and by which policy.
    lines = [record for _, record, _ in maker.node.state.records() if record.direction == "release"]
    stated = [json.loads(record.body) for record in lines]
    assert {name for entry in stated for name in entry["released"]} == left
    assert {entry["policy"] for entry in stated} == {"abroad"} == {record.name for record in lines}
    signed = [
        each for each in data.content["verifiableCredential"] if "BitstringStatusListCredential" not in each["type"]
    ]
    digests = [sha256(strict_json.dumps(credential)).hexdigest() for credential in signed]
    assert [entry["sha256"] for entry in stated] == digests


def test_of_a_suppliers_part_only_what_the_policy_releases_leaves_the_country(space):
    recycler, maker = space.members["recycler"], space.members["packs"]
    release(space, ["open"])
    part = {"batteryChemistry": "lfp", "cathodeActiveMaterial": "LiFePO4", "price": 1}
    (maker.folder / "part.json").write_text(json.dumps(part))
    maker.offer({"name": "part", "kind": "record-part", "file": "part.json", "policy": {}})
    pid = started(space, recycler, agreed(space, recycler, maker, name="part"))
    assert recycler.node.consumer.pull(pid, at=space.network.now).content == {"batteryChemistry": "lfp"}
    (line,) = [record for _, record, _ in maker.node.state.records() if record.direction == "release"]
    stated = json.loads(line.body)
    assert (line.outcome, stated["withheld"]) == ("part", ["cathodeActiveMaterial", "price"])


def test_an_offer_that_was_widened_later_gives_no_pack_that_was_not_agreed(space, packs):
    release(space, ["open"])
    recycler, maker = space.members["recycler"], space.members["packs"]
    pid = started(space, recycler, agreed(space, recycler, maker, name="dismantling"))
    (offer,) = json.loads((maker.folder / "connector" / "offers.json").read_bytes())["offers"]
    maker.offer({**offer, "packs": packs})
    with pytest.raises(PeerFailed):
        recycler.node.consumer.pull(pid, at=space.network.now)
    maker.offer()
    with pytest.raises(PeerFailed):
        recycler.node.consumer.pull(pid, at=space.network.now)


def test_read_outs_are_handed_over_in_the_country(space, packs):
    cells, maker = space.members["cells"], space.members["packs"]
    maker.offer({
        "name": "state", "kind": "read-outs", "packs": packs[:1], "audience": "legitimate-interest", "policy": {},
    })  # fmt: skip
    pid = started(space, cells, agreed(space, cells, maker, name="state"))
    data = cells.node.consumer.pull(pid, at=space.network.now)
    assert any(
        "BatteryConditionCredential" in credential["type"] for credential in data.content["verifiableCredential"]
    )
