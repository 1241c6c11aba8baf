"""One spelling for documents of our own context: what programs read is what was signed."""

from __future__ import annotations

import copy
import json

from hypothesis import given
from hypothesis import strategies as st

from passport.errors import PassportError
from passport.linked_data import compiled, jsonld, rdfc10, spelling
from passport.linked_data.contexts import CREDENTIALS_V2
from passport.vocabulary.derivation.derived_context import CONTEXT
from tests.each import each

BASE = "https://passport.example.com"


def respelled(content):
    """What is said of a document, which is the same where it was walked before."""
    where = spelling.respelled(content)
    walked = compiled.walk({key: value for key, value in content.items() if key != "proof"})
    assert spelling.respelled(content, walked=walked) == where
    return where


PACK = f"{BASE}/id/M/1"


def document(**claims) -> dict:
    return {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "id": f"{BASE}/credentials/1",
        "type": ["VerifiableCredential", "BatteryPassportCredential"],
        "issuer": "did:example:maker",
        "validFrom": "2027-03-01T00:00:00Z",
        "credentialStatus": [
            {
                "id": f"{BASE}/status/1#7",
                "type": "BitstringStatusListEntry",
                "statusPurpose": "revocation",
                "statusListIndex": "7",
                "statusListCredential": f"{BASE}/status/1",
            }
        ],
        "credentialSubject": {
            "id": PACK,
            "type": "BatteryPack",
            "serialNumber": "1",
            "batteryModel": f"{BASE}/id/M",
            "ratedCapacity": "280.0",
            "numberOfFullCycles": 12,
            "batteryIdentifier": PACK,
            "registeredTrademark": ["Example", "示例"],
            "previousPassport": [f"{BASE}/id/M/0"],
            **claims,
        },
    }


def graph(content: dict) -> str:
    return rdfc10.canonicalize(jsonld.reference(content)).text


def test_the_one_spelling_is_let_pass():
    assert respelled(document()) is None


def test_the_walk_itself_sees_that_a_document_is_spelled_well():
    walked = compiled.walk(document())
    assert walked is not None
    assert (walked.once, walked.spelled) == (True, True)
    linked = compiled.walk(document(manufacturerContact={"id": f"{BASE}/x", "manufacturerName": "A"}, gtin="1"))
    assert linked is not None and linked.spelled


def changed(change) -> dict:
    content = copy.deepcopy(document())
    change(content, content["credentialSubject"])
    return content


#: Each says the same as the original, in another spelling.
SPELLINGS = {
    "a whole number as a text": lambda d, s: s.update(numberOfFullCycles="12"),
    "a whole number with a point": lambda d, s: s.update(numberOfFullCycles=12.0),
    "a null": lambda d, s: s.update(gtin=None),
    "a null in a list": lambda d, s: s["registeredTrademark"].append(None),
    "an empty list": lambda d, s: s.update(gtin=[]),
    "an empty set": lambda d, s: s.update(gtin={"@set": []}),
    "a set object": lambda d, s: s.update(registeredTrademark={"@set": ["Example", "示例"]}),
    "a value object": lambda d, s: s.update(serialNumber={"@value": "1"}),
    "a typed value object": lambda d, s: s.update(
        ratedCapacity={"@value": "280.0", "@type": "http://www.w3.org/2001/XMLSchema#decimal"}
    ),
    "a list of one": lambda d, s: s.update(serialNumber=["1"]),
    "a set without its list": lambda d, s: s.update(previousPassport=f"{BASE}/id/M/0"),
    "a value twice": lambda d, s: s["registeredTrademark"].append("Example"),
    "a link as an object": lambda d, s: s.update(batteryModel={"id": f"{BASE}/id/M"}),
    "a link as an object with a keyword": lambda d, s: s.update(batteryModel={"@id": f"{BASE}/id/M"}),
    "an id under its keyword": lambda d, s: s.update({"@id": s.pop("id")}),
    "a type under its keyword": lambda d, s: s.update({"@type": s.pop("type")}),
    "a type as an IRI": lambda d, s: s.update(type="https://w3id.org/battery-passport/ns#BatteryPack"),
    "a type in a list of one": lambda d, s: s.update(type=["BatteryPack"]),
    "a type of the credential as an IRI": lambda d, s: d.update(
        type=["VerifiableCredential", "https://w3id.org/battery-passport/ns#BatteryPassportCredential"]
    ),
    "the subject in a list of one": lambda d, s: d.update(credentialSubject=[s]),
    "the issuer as an object": lambda d, s: d.update(issuer={"id": d["issuer"]}),
    "the status without its list": lambda d, s: d.update(credentialStatus=d["credentialStatus"][0]),
    "one more context": lambda d, s: d["@context"].append("https://w3id.org/security/data-integrity/v2"),
    "a context twice": lambda d, s: d["@context"].append(CONTEXT),
    "a status entry in two places": lambda d, s: d["credentialStatus"].append(dict(d["credentialStatus"][0])),
}


@each("change", SPELLINGS.values(), ids=SPELLINGS)
def test_another_spelling_of_the_same_graph_is_refused(change):
    content = changed(change)
    assert respelled(content) is not None
    try:
        same = graph(content)
    except PassportError:
        return  # expansion refuses it, too
    assert same == graph(document())


def test_a_node_that_is_described_in_one_place_and_linked_in_another_is_refused():
    """The description could be in either place, and the graph would be the same."""
    node = {"id": f"{BASE}/credentials/1#origin", "manufacturerName": "A"}
    assert respelled(document(manufacturerContact=node)) is None
    linked = document(manufacturerContact=node, operatorInformation=node["id"])
    other = document(manufacturerContact=node["id"], operatorInformation=node)
    assert graph(linked) == graph(other)
    assert respelled(linked) is not None
    assert respelled(other) is not None
    assert respelled(document(manufacturerContact=node, operatorInformation=node)) is not None


def test_upper_case_in_a_language_tag_is_refused():
    terms = [key for key, term in context_terms().items() if term.get("@container") == "@language"]
    assert terms
    assert respelled(document(**{terms[0]: {"en": "text"}})) is None
    assert respelled(document(**{terms[0]: {"EN": "text"}})) is not None
    assert respelled(document(**{terms[0]: {"en": ["text"]}})) is not None
    assert respelled(document(**{terms[0]: {}})) is not None


def context_terms() -> dict[str, dict]:
    from passport.linked_data.contexts import PINNED

    terms = PINNED.load(CONTEXT)["@context"]
    return {key: term for key, term in terms.items() if isinstance(term, dict)}


@each(("coerced", "right"), [("boolean", True), ("integer", 7), ("decimal", "7.0")])
def test_each_typed_term_has_one_json_type(coerced, right):
    terms = [key for key, term in context_terms().items() if str(term.get("@type", "")).endswith("#" + coerced)]
    assert terms
    for term in terms:
        listed = context_terms()[term].get("@container") == "@set"
        for value in (True, False, 7, "7.0", "true", 7.5, None):
            wanted = type(value) is type(right)
            fault = respelled(document(**{term: [value] if listed else value}))
            assert (fault is None) is wanted, (term, value, fault)


def test_a_document_of_other_contexts_may_be_spelled_as_its_issuer_likes():
    foreign = document() | {"@context": [CREDENTIALS_V2], "credentialSubject": [{"id": PACK, "name": ["x"]}]}
    assert respelled(foreign) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "@value", "@id", "@set", "en", "x", "serialNumber"]), inner)
    ),
    max_leaves=6,
)


@given(st.sampled_from(["serialNumber", "batteryModel", "numberOfFullCycles", "registeredTrademark"]), json_values)
def test_no_value_in_one_place_says_the_same_in_two_spellings(term, value):
    """Any value: if it passes and has the graph of the original, it is the JSON of the original."""
    content = document(**{term: value})
    if respelled(content) is not None:
        return
    try:
        same = graph(content) == graph(document())
    except PassportError:
        return
    if same:
        before, after = document()["credentialSubject"][term], content["credentialSubject"][term]
        assert json.dumps(sorted(before) if isinstance(before, list) else before) == json.dumps(
            sorted(after) if isinstance(after, list) else after
        )


@given(json_values)
def test_nothing_that_stands_in_a_document_makes_it_fall_over(value):
    respelled(document(registeredTrademark=value))
    respelled(document() | {"type": value})
    respelled(document() | {"credentialStatus": value})
    respelled(document() | {"@context": value})
    respelled(document() | {"@context": [value, CONTEXT]})


# --- proofs ---------------------------------------------------------------------------------------------------------

PROOF = {
    "type": "DataIntegrityProof",
    "cryptosuite": "ecdsa-rdfc-2019",
    "created": "2027-03-01T00:00:00Z",
    "verificationMethod": "did:example:maker#key-1",
    "proofPurpose": "assertionMethod",
    "proofValue": "z1",
}


@each(
    "proof",
    [
        PROOF,
        [PROOF, {**PROOF, "cryptosuite": "eddsa-rdfc-2022"}],
        {**PROOF, "domain": ["a.example", "b.example"]},
        {**PROOF, "cryptosuite": "ecdsa-jcs-2019", "@context": [CREDENTIALS_V2, CONTEXT]},
    ],
    ids=["one", "two", "for two domains", "over JSON, with the document's context"],
)
def test_proofs_as_they_are_written_here_are_let_pass(proof):
    assert respelled({**document(), "proof": proof}) is None


@each(
    ("proof", "place"),
    [
        ([PROOF], "/proof"),
        ([], "/proof"),
        (None, "/proof"),
        ("z1", "/proof"),
        ([PROOF, PROOF], "/proof/1"),
        ([PROOF, {**PROOF, "proofValue": "z2"}], "/proof/1"),
        ({**PROOF, "name": None}, "/proof/name"),
        ({**PROOF, "stateOfCharge": []}, "/proof/stateOfCharge"),
        ({**PROOF, "type": ["DataIntegrityProof"]}, "/proof/type"),
        ({**PROOF, "verificationMethod": {"id": "did:example:maker#key-1"}}, "/proof/verificationMethod"),
        ({**PROOF, "domain": ["a.example", "a.example"]}, "/proof/domain"),
        ({**PROOF, "@context": {"@vocab": "https://evil.example/#"}}, "/proof/@context"),
        ({**PROOF, "@context": [CREDENTIALS_V2, CONTEXT]}, "/proof/@context"),
        ({**PROOF, "cryptosuite": "ecdsa-jcs-2019", "@context": [CREDENTIALS_V2]}, "/proof/@context"),
    ],
)  # fmt: skip
def test_a_proof_in_another_spelling_is_refused(proof, place):
    fault = respelled({**document(), "proof": proof})
    assert fault is not None
    assert fault.startswith(f"{place}: expected")
