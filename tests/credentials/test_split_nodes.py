"""One node in two places: honest documents do that, and only where RDF is signed can it hide something."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials import credential as vcdm
from passport.credentials.checks.split_nodes import signs_graph
from passport.credentials.credential import CREDENTIALS_V2
from passport.credentials.envelopes import enveloping
from passport.credentials.verification_result import Outcome
from passport.errors import MalformedCredential, SplitNode
from passport.identity import Algorithm, DidResolver, PrivateKey
from passport.linked_data import compiled
from passport.proofs import CRYPTOSUITES
from passport.proofs.data_integrity import verify_proof
from tests.each import each

CREDENTIAL = "https://battery.example.com/credentials/1"
ORGANISATION = "https://example.com/org"
RDF = "ecdsa-rdfc-2019"


@pytest.fixture(scope="module")
def ed_issuer(world):
    from tests.credentials.conftest import issuer_of

    return issuer_of(PrivateKey.generate(Algorithm.ED25519))


def two_places(world, **changes) -> dict:
    """A credential that describes one organisation in two places, each time in other words."""
    parts = [
        {"id": f"{world.base}/parts/1", "part": {"id": ORGANISATION, "ratedCapacity": "1"}},
        {"id": f"{world.base}/parts/2", "part": {"id": ORGANISATION, "ratedCapacity": "2", "cycles": "3"}},
    ]
    return world.unsigned(credentialStatus=..., credentialSubject=parts, **changes)


# --- what is accepted -----------------------------------------------------------------------------------------------


@each("suite", ["ecdsa-rdfc-2019", "ecdsa-jcs-2019", "ecdsa-sd-2023"])
def test_a_node_that_no_verifier_reads_may_be_described_in_two_places(world, suite):
    document = two_places(world)
    if suite == "ecdsa-sd-2023":
        from passport.proofs import ecdsa_sd_2023

        signed = world.sign(document, cryptosuite=suite, mandatory_pointers=["/issuer", "/validFrom"])
        signed = ecdsa_sd_2023.derive(signed, ["/credentialSubject"], loader=world.loader)
    else:
        signed = world.sign(document, cryptosuite=suite)
    assert world.verify(signed).verified is True


def test_a_token_may_describe_any_node_in_two_places(world):
    split = world.unsigned(credentialStatus=..., issuer={"id": world.issuer.id, "name": "A"})
    split["credentialSubject"]["part"] = {"id": world.issuer.id, "name": "B"}
    token = enveloping.secure(split, world.issuer, loader=world.loader)
    assert world.verify(enveloping.envelope(enveloping.VC_JWT, token)).verified is True


def test_a_proof_over_json_covers_the_places_too(world):
    split = world.unsigned(credentialStatus=..., issuer={"id": world.issuer.id, "name": "A"})
    split["credentialSubject"]["part"] = {"id": world.issuer.id, "name": "B"}
    assert world.verify(world.sign(split, cryptosuite="ecdsa-jcs-2019")).verified is True
    with pytest.raises(SplitNode, match="name"):
        world.sign(split)


def test_an_issuer_may_describe_itself_as_the_subject(world):
    itself = world.unsigned(
        credentialStatus=...,
        issuer={"id": world.issuer.id, "name": "Example"},
        credentialSubject={"id": world.issuer.id, "name": "Example", "ratedCapacity": "1"},
    )
    assert world.verify(world.sign(itself)).verified is True


def test_the_same_description_twice_hides_nothing(world):
    entry = world.unsigned()["credentialStatus"][0]
    vcdm.check_credential(world.unsigned(credentialStatus=[entry, copy.deepcopy(entry)]), cryptosuite=RDF)


# --- what is refused ------------------------------------------------------------------------------------------------


def moved(world, document: dict, name: str) -> dict:
    """``document`` with ``name`` said below the subject instead: the same graph, if the subject pointed there."""
    document = copy.deepcopy(document)
    # The type brings the words along: they are defined for credentials only.
    below = {"id": document["id"], "type": document["type"], name: document.pop(name)}
    document["credentialSubject"]["part"] = below
    return document


@each("suite", ["ecdsa-rdfc-2019", "ecdsa-sd-2023"])
@each("name", ["validUntil", "credentialStatus"])
def test_an_end_or_a_status_moved_below_the_subject_is_refused_though_the_graph_is_the_same(world, suite, name):
    document = world.unsigned(validUntil="2026-08-01T00:00:00Z")
    document["credentialSubject"]["part"] = {"id": document["id"]}
    options = {"mandatory_pointers": ["/issuer"]} if suite == "ecdsa-sd-2023" else {}
    signed = world.sign(document, cryptosuite=suite, **options)
    if suite == "ecdsa-sd-2023":
        from passport.proofs import ecdsa_sd_2023

        signed = ecdsa_sd_2023.derive(
            signed, ["/credentialSubject", f"/{name}", "/validFrom", "/credentialStatus"], loader=world.loader
        )
    hidden = moved(world, signed, name)
    assert verify_proof(hidden, DidResolver(), at=world.now, loader=world.loader)  # no signature notices
    first = world.verify(hidden).check(1)
    assert (first.outcome, first.code) == (Outcome.FAILED, "split-node")


def test_the_packs_of_a_role_moved_to_the_issuer_are_refused_though_the_graph_is_the_same(world):
    role = world.role(world.issuer.id, issuer={"id": world.issuer.id, "name": "Authority"})
    packs = role["credentialSubject"].pop("packs")
    role["issuer"]["packs"] = packs
    role["credentialSubject"]["name"] = role["issuer"].pop("name")
    assert verify_proof(role, DidResolver(), at=world.now, loader=world.loader)
    assert world.verify(role).check(1).code == "split-node"


def test_two_status_entries_of_one_id_that_differ_are_refused(world):
    entry = world.unsigned()["credentialStatus"][0] | {"id": f"{world.base}/status/1#1"}
    with pytest.raises(SplitNode):
        world.sign(world.unsigned(credentialStatus=[entry, entry | {"statusPurpose": "suspension"}]))


def test_a_status_list_whose_subject_is_described_in_two_places_does_not_count(world):
    listed = world.list()
    subject = listed["credentialSubject"]
    listed["credentialSubject"] = [subject, {"id": subject["id"], "statusPurpose": subject["statusPurpose"], "ttl": 1}]
    with pytest.raises(SplitNode, match="ttl"):
        vcdm.check_credential(listed)


def test_what_is_said_of_a_presentation_below_itself_is_refused_where_its_graph_is_signed(world):
    signed = world.stranger.present([], challenge="c", domain="d", created=world.now)
    named = signed | {"id": f"{world.base}/vp/1", "termsOfUse": {"type": ["https://example.org/T"]}}
    named["termsOfUse"]["https_"] = {"id": named["id"], "holder": world.stranger.id, "name": "X"}
    with pytest.raises(SplitNode):
        vcdm.check_presentation(named)
    vcdm.check_presentation({key: value for key, value in named.items() if key != "proof"})


@given(
    suite=st.sampled_from(sorted(CRYPTOSUITES)),
    name=st.sampled_from(["validUntil", "validFrom", "credentialStatus", "type", "termsOfUse", "name"]),
    depth=st.integers(0, 5),
    spelling=st.sampled_from(["id", "@id"]),
    in_list=st.booleans(),
)
def test_whatever_is_said_of_the_credential_elsewhere_is_refused_at_any_depth(suite, name, depth, spelling, in_list):
    below: object = {spelling: CREDENTIAL, name: "X"}
    for _ in range(depth):
        below = {"part": [below] if in_list else below}
    document = {
        "@context": [CREDENTIALS_V2],
        "id": CREDENTIAL,
        "type": ["VerifiableCredential"],
        "issuer": "did:example:1",
        "credentialSubject": {"part": below},
        "proof": {"type": "DataIntegrityProof", "cryptosuite": suite},
    }
    if signs_graph(suite):
        with pytest.raises(SplitNode):
            vcdm.check_credential(document)
    else:
        vcdm.check_credential(document)


@each(
    ("change", "refused"),
    [
        (
            {"evidence": {"id": CREDENTIAL, "type": ["VerifiableCredential"], "validUntil": "2030-01-01T00:00:00Z"}},
            True,
        ),
        ({"evidence": {"id": f"{CREDENTIAL}#1", "type": ["VerifiableCredential"], "name": "A"}}, False),
        ({"proof": {"type": "DataIntegrityProof", "cryptosuite": RDF, "@graph": []}}, True),
        ({"proof": {"type": "DataIntegrityProof", "cryptosuite": RDF, "https://example.org/x": "1"}}, True),
        ({"credentialSubject": {}}, True),
    ],
)
def test_a_document_that_was_walked_before_is_judged_the_same(change, refused):
    document = {
        "@context": [CREDENTIALS_V2],
        "id": CREDENTIAL,
        "type": ["VerifiableCredential"],
        "issuer": "did:example:1",
        "credentialSubject": {"id": ORGANISATION, "type": "VerifiableCredential", "name": "B"},
        "proof": {"type": "DataIntegrityProof", "cryptosuite": RDF},
        **change,
    }
    walked = compiled.walk({name: value for name, value in document.items() if name != "proof"})
    assert walked is not None
    for graph in (walked, None):
        if refused:
            with pytest.raises(MalformedCredential):
                vcdm.check_credential(document, walked=graph)
        else:
            vcdm.check_credential(document, walked=graph)


def test_each_suite_here_is_known_to_sign_a_graph_or_json():
    assert {name: signs_graph(name) for name in CRYPTOSUITES} == {
        name: not suite.context_in_proof for name, suite in CRYPTOSUITES.items()
    }


# --- files of others ------------------------------------------------------------------------------------------------


UNTP = ["0.6.1/untp-dcc", "0.6.1/untp-dfr", "0.6.1/untp-dia", "0.6.1/untp-dpp", "0.6.1/untp-dte", "working/untp-dpp"]


@each("name", UNTP)
@each("suite", ["ecdsa-rdfc-2019", "ecdsa-jcs-2019", None])
def test_the_published_samples_of_untp_have_the_form_of_credentials(vectors, name, suite):
    sample = json.loads((vectors / "untp" / f"{name}-instance.json").read_bytes())
    vcdm.check_credential(sample, cryptosuite=suite)
