"""An offer of life-cycle events: a company with the role gets the signed events that the audience may read."""

from __future__ import annotations

import pytest

from passport.connector.data import offered_data
from passport.credentials.verifier import Verifier
from passport.errors import PeerFailed
from passport.lifecycle import catalogue
from passport.presenting.pack_events import readable_kinds
from passport.vocabulary.vocabulary import Audience
from tests.connector.companies import agreed, asked_for, started
from tests.connector.conftest import copied
from tests.each import each
from tests.lifecycle.life_world import NOW, PACK
from tests.lifecycle.story import STORY
from tests.publishing.event_world import ACTORS, SigningWorld

OTHER = "https://battery.example/id/EV1/none"


@pytest.fixture(scope="module")
def world(joined, tmp_path_factory):
    """The pack maker's store has the first events of a pack; it offers them to cell makers and to recyclers."""
    space = copied(joined, tmp_path_factory.mktemp("events"))
    maker = space.members["packs"]
    store = maker.node.project.open_store()
    signing = SigningWorld(store)
    for step in STORY[:9]:
        signing.take(step.event(signing))
    store.close()
    return space


def offered(world, audience, pack=PACK, role="cell-maker"):
    world.members["packs"].offer({
        "name": "life", "kind": "events", "packs": [pack], "audience": audience, "policy": {"roles": [role]},
    })  # fmt: skip


def pulled(world, consumer="cells"):
    company = world.members[consumer]
    pid = started(world, company, agreed(world, company, world.members["packs"], name="life"))
    return company.node.consumer.pull(pid, at=world.network.now)


def kinds(data):
    return [
        credential["credentialSubject"]["lifecycleEvent"]
        for credential in data.content["verifiableCredential"]
        if "BatteryEventCredential" in credential["type"]
    ]


def chain(world, audience):
    store = world.members["packs"].node.project.open_store()
    rows = store.event_chain(PACK, kinds=readable_kinds(audience))
    store.close()
    return [row.kind for row in rows]


@each("audience", [Audience.PUBLIC, Audience.LEGITIMATE_INTEREST, Audience.CN_REGULATOR])
def test_the_audience_of_the_offer_decides_which_events_go(world, audience):
    offered(world, audience.value)
    assert chain(world, audience)
    data = pulled(world)
    assert data.kind == "events"
    assert len(kinds(data)) == len(chain(world, audience))
    readable = {kind.code for kind in catalogue().kinds.values() if {audience, Audience.PUBLIC} & set(kind.audiences)}
    assert set(chain(world, audience)) <= readable
    # Details are China's regulator's alone.
    details = [each for each in data.content["verifiableCredential"] if "BatteryEventDetailCredential" in each["type"]]
    assert not details or audience is Audience.CN_REGULATOR


def test_readers_of_more_get_more(world):
    sizes = [len(chain(world, audience)) for audience in (Audience.PUBLIC, Audience.CN_REGULATOR)]
    assert sizes[0] < sizes[1]


def test_each_event_is_still_signed_by_its_actor(world):
    offered(world, Audience.CN_REGULATOR.value)
    verifier = Verifier(ACTORS.trust_list())
    for credential in pulled(world).content["verifiableCredential"]:
        for result in verifier.verify(credential, at=NOW).credentials:
            assert result.checks[1].passed, result.checks


def test_a_long_history_is_handed_over_whole(world, monkeypatch):
    monkeypatch.setattr(offered_data, "LARGEST_PAGE", 2)
    offered(world, Audience.CN_REGULATOR.value)
    assert len(kinds(pulled(world))) == len(chain(world, Audience.CN_REGULATOR)) > 4


def test_a_company_without_the_role_gets_none(world):
    offered(world, Audience.CN_REGULATOR.value, role="recycler")
    with pytest.raises(ValueError, match="not enough values"):
        asked_for(world.members["cells"], world.members["packs"], name="life")


def test_no_event_leaves_the_country(world):
    """An event holds no indicator that a release policy could name."""
    offered(world, Audience.CN_REGULATOR.value, role="recycler")
    with pytest.raises(PeerFailed):
        pulled(world, "recycler")


def test_a_pack_without_events_hands_nothing_over(world):
    offered(world, Audience.CN_REGULATOR.value, pack=OTHER)
    with pytest.raises(PeerFailed):
        pulled(world)
