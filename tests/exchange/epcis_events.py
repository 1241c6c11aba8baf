"""Life-cycle event documents of every kind for tests of EPCIS, as hypothesis draws them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from passport.lifecycle import catalogue, from_json
from passport.vocabulary.indicator import Datatype
from tests.lifecycle.life_world import CODE, MODULES

KINDS = tuple(kind for kind in catalogue().kinds if kind != "correct")
NOW = datetime(2040, 1, 1, tzinfo=UTC)

#: Packs in the GS1 scheme, in our own, and on a host without a stop.
PACKS = st.sampled_from([
    "https://passport.example.com/01/09529999001009/21/A7K2M05G6J0000318", "https://battery.example/id/EV1/1",
    "http://localhost:8080/01/09529999001009/21/A7", "urn:epc:id:sgtin:9529999.000100.A7-1",
])  # fmt: skip
DIDS = st.sampled_from(["did:web:maker.example", "did:web:shop.example:repair", "did:key:zDnaMade"])
DIGESTS = st.text("ABCxyz019-_", min_size=42, max_size=42).map(lambda text: f"uD{text}")
HASHES = st.text("ABCxyz019-_", min_size=42, max_size=42).map(lambda text: f"uV{text}")
# "stolen", "1e3", "bp:x" and the like are words and spellings that the hash treats in their own way.
TEXTS = st.text(min_size=1, max_size=20).filter(str.strip) | st.sampled_from(
    ["stolen", "unknown", "007", "1e3", " 5 ", "nan", "bp:x", "urn:epcglobal:cbv:disp:active", "电芯故障", "a.b/01/1"]
)
INSTANTS = st.builds(
    lambda moment, minutes: moment.replace(tzinfo=timezone(timedelta(minutes=minutes))).isoformat(),
    st.datetimes(datetime(2000, 1, 2), datetime(2090, 1, 1)),
    st.sampled_from([0, 480, -600, 345, 840, -839]),
)
IRIS = st.builds("https://battery.example/{}".format, st.text("abcXYZ019-.", min_size=1, max_size=12))


def _value(term):
    if term.enumeration is not None:
        single = st.sampled_from([code.code for code in term.enumeration.codes])
    elif term.datatype is Datatype.BOOLEAN:
        single = st.booleans()
    elif term.datatype is Datatype.ANY_URI:
        single = IRIS
    elif term.datatype is Datatype.DATE_TIME:
        single = INSTANTS
    elif term.datatype is Datatype.DECIMAL:
        single = st.decimals(min_value="0.001", max_value=100, places=3).map(lambda number: format(number, "f"))
    elif term.datatype is Datatype.INTEGER:
        single = st.integers(1, 1000)
    elif term.range.pattern is not None:
        single = st.from_regex(term.range.pattern, fullmatch=True).map(str.strip)
    else:
        single = TEXTS
    return st.lists(single, min_size=1, max_size=3, unique=True) if term.repeatable else single


PLACES = st.fixed_dictionaries(
    {"country": st.just("CN")},
    optional={
        "province": st.just("CN-AH"),
        "locality": st.sampled_from(["Hefei", "合肥 / 蜀山"]),
        "facility": st.sampled_from(["plant 1", "https://id.gs1.org/414/9529999000002", "站#1?"]),
    },
)
MEMBERS = {
    "place": PLACES,
    "counterpart": DIDS,
    "vehicle": st.lists(
        st.fixed_dictionaries({"keyId": st.sampled_from(["k1", "k/2#"]), "hash": HASHES}), min_size=1, max_size=2
    ),
    "parts": st.lists(
        st.fixed_dictionaries({"code": st.sampled_from(MODULES), "within": st.just(CODE)})
        | st.fixed_dictionaries({"code": st.sampled_from(MODULES), "out": st.just(True)}),
        min_size=1,
        max_size=3,
    ),
}


@st.composite
def documents(draw, kind=None, number=1):
    """A document of one kind that is well formed."""
    known = catalogue().kinds[kind or draw(st.sampled_from(KINDS))]
    document = {
        "id": f"urn:event:{number}", "pack": draw(PACKS), "event": known.code, "occurredAt": draw(INSTANTS),
        "actor": draw(DIDS),
    }  # fmt: skip
    if draw(st.booleans()):
        document["predecessor"] = {"id": "urn:event:0", "digest": draw(DIGESTS)}
    for name in MEMBERS:
        if name in known.members_required or (name in known.members_optional and draw(st.booleans())):
            document[name] = draw(MEMBERS[name])
    fields = {name: draw(_value(term)) for name, term in known.required.items()}
    fields |= {name: draw(_value(term)) for name, term in known.optional.items() if draw(st.booleans())}
    return document | ({"fields": fields} if fields else {})


@st.composite
def corrections(draw, original, number):
    """A correction of a document."""
    kind = catalogue().kinds[original["event"]]
    fields = {"eventReason": draw(TEXTS)}
    document = {
        "id": f"urn:event:{number}", "pack": original["pack"], "event": "correct", "occurredAt": draw(INSTANTS),
        "actor": original["actor"], "corrects": original["id"],
    }  # fmt: skip
    if draw(st.booleans()):
        return document | {"fields": fields | {"eventWithdrawn": True}}
    if draw(st.booleans()):
        fields["correctedInstant"] = draw(INSTANTS)
    if kind.fields:
        name = draw(st.sampled_from(sorted(kind.fields)))
        fields[name] = draw(_value(kind.fields[name]))
    if "place" in (*kind.members_required, *kind.members_optional):
        document["place"] = draw(PLACES)
    return document | {"fields": fields}


@st.composite
def histories(draw):
    """Documents of several events, some of them corrected once or twice."""
    made = []
    for _ in range(draw(st.integers(1, 4))):
        original = draw(documents(number=len(made) + 1))
        made.append(original)
        for _ in range(draw(st.integers(0, 2))):
            made.append(draw(corrections(original, len(made) + 1)))
            if made[-1]["fields"].get("eventWithdrawn"):
                break
    return made


def events(made):
    """The documents as events."""
    return [from_json(document, roles=()) for document in made]
