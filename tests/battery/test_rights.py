"""Exactly what the ontology's audiences allow is readable: neither more nor less, for every indicator and audience."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.battery.privacy import rights
from passport.errors import UsageError
from passport.vocabulary.vocabulary import Audience, Carrier, Datatype, load
from tests.each import each

VOCABULARY = load()
INDICATORS = list(VOCABULARY.indicators)
AUDIENCES = st.sampled_from(list(Audience))
CONDITION = [key for key, value in VOCABULARY.indicators.items() if value.carrier is Carrier.CONDITION]
DETAIL = [key for key, value in VOCABULARY.indicators.items() if value.carrier is Carrier.MODEL_DETAIL]


def condition(**subject) -> dict:
    return {
        "type": ["VerifiableCredential", "BatteryConditionCredential"],
        "credentialSubject": {"id": "https://example.com/01/1", "type": "BatteryPack", **subject},
    }


@each("identifier", INDICATORS)
def test_an_indicator_is_readable_exactly_by_its_audiences_and_a_public_one_by_all(identifier):
    indicator = VOCABULARY.indicators[identifier]
    for policy, audiences in (("annex-xiii", indicator.audiences), ("article-77", indicator.audiences_art77)):
        for audience in Audience:
            allowed = audience in audiences or Audience.PUBLIC in audiences
            assert (identifier in rights.readable(VOCABULARY, audience, policy=policy)) is allowed, audience


@each("audience", Audience)
def test_article_77_takes_nothing_away_from_anybody(audience):
    narrow = rights.readable(VOCABULARY, audience, policy="annex-xiii")
    assert narrow <= rights.readable(VOCABULARY, audience, policy="article-77")


@each("audience", [Audience.NOTIFIED_BODY, Audience.MARKET_SURVEILLANCE])
def test_article_77_opens_point_2_to_the_authorities_and_is_the_default(audience):
    assert rights.DEFAULT_POLICY == "article-77"
    assert "detailedComposition" not in rights.readable(VOCABULARY, audience, policy="annex-xiii")
    for policy in ({"policy": "article-77"}, {}):
        assert "detailedComposition" in rights.readable(VOCABULARY, audience, **policy)


@each("audience", [Audience.NOTIFIED_BODY, Audience.MARKET_SURVEILLANCE, Audience.COMMISSION])
def test_notified_bodies_market_surveillance_and_the_commission_read_points_2_and_3_and_not_4(audience):
    points = {
        point: {one.id for one in VOCABULARY.indicators.values() if (one.annex_xiii or "-")[0] == point}
        for point in "234"
    }
    readable = rights.readable(VOCABULARY, audience)
    assert points["2"] | points["3"] <= readable and not points["4"] & readable


def test_audiences_are_sets_and_not_levels():
    market = rights.readable(VOCABULARY, Audience.MARKET_SURVEILLANCE)
    recycler = rights.readable(VOCABULARY, Audience.LEGITIMATE_INTEREST)
    assert market - recycler and recycler - market


def test_test_reports_are_for_authorities_and_the_state_of_certified_energy_is_not():
    for audience in (Audience.NOTIFIED_BODY, Audience.MARKET_SURVEILLANCE, Audience.COMMISSION):
        assert "testReportResults" in rights.readable(VOCABULARY, audience)
        assert "stateOfCertifiedEnergy" not in rights.readable(VOCABULARY, audience)
    assert "testReportResults" not in rights.readable(VOCABULARY, Audience.LEGITIMATE_INTEREST)
    assert "stateOfCertifiedEnergy" in rights.readable(VOCABULARY, Audience.LEGITIMATE_INTEREST)


@given(st.lists(st.one_of(st.sampled_from(INDICATORS), st.text()), unique=True), AUDIENCES)
def test_an_unknown_key_is_never_visible_and_the_order_stays(keys, audience):
    seen = rights.visible(VOCABULARY, keys, audience)
    readable = rights.readable(VOCABULARY, audience)
    assert list(seen) == [key for key in keys if key in readable]


@given(
    st.sets(st.one_of(st.sampled_from(INDICATORS), st.text(max_size=20)), max_size=60),
    AUDIENCES,
    st.sampled_from(rights.POLICIES),
    st.sampled_from([("BatteryConditionCredential", CONDITION), ("BatteryModelDetailCredential", DETAIL)]),
)
def test_pointers_name_exactly_what_is_there_of_this_carrier_and_readable(keys, audience, policy, kind):
    type_, own = kind
    credential = {"type": ["VerifiableCredential", type_], "credentialSubject": dict.fromkeys(sorted(keys), "x")}
    readable = rights.readable(VOCABULARY, audience, policy=policy)
    pointed = set(rights.pointers(VOCABULARY, credential, audience, policy=policy))
    assert pointed - {"/credentialSubject/statusChangedAt"} == {
        f"/credentialSubject/{key}" for key in keys & readable & set(own)
    }


def test_no_pointer_goes_deeper_than_an_indicator():
    composition = [{"substanceName": "Graphite", "substanceMass": "13300"}]
    credential = {
        "type": ["VerifiableCredential", "BatteryModelDetailCredential"],
        "credentialSubject": {"id": "https://example.com/m", "detailedComposition": composition},
    }
    assert rights.pointers(VOCABULARY, credential, Audience.COMMISSION) == ("/credentialSubject/detailedComposition",)


def test_the_time_of_the_status_change_goes_with_the_values_it_dates_only():
    dated = condition(statusChangedAt="2026-06-18T09:40:00Z", ratedCapacityAtStatusChange="141", capacityFade="0.8")
    undated = condition(statusChangedAt="2026-06-18T09:40:00Z", capacityFade="0.8")
    assert "/credentialSubject/statusChangedAt" in rights.pointers(VOCABULARY, dated, Audience.LEGITIMATE_INTEREST)
    assert rights.pointers(VOCABULARY, undated, Audience.LEGITIMATE_INTEREST) == ("/credentialSubject/capacityFade",)
    assert rights.pointers(VOCABULARY, dated, Audience.MARKET_SURVEILLANCE) == ()


@each("type_", ["BatteryModelCredential", "BatteryPassportCredential", "BatteryEventCredential", ""])
def test_a_credential_that_is_shown_whole_or_not_at_all_gives_no_pointer(type_):
    credential = condition(stateOfCertifiedEnergy="99.3") | {"type": ["VerifiableCredential", type_]}
    assert rights.pointers(VOCABULARY, credential, Audience.LEGITIMATE_INTEREST) == ()


@each("credential", [{}, {"type": "x"}, {"type": [{}], "credentialSubject": []}, condition(id=None)])
def test_a_malformed_credential_gives_no_pointer(credential):
    assert rights.pointers(VOCABULARY, credential, Audience.COMMISSION) == ()


@each("audience", ["", "authority", "Public", "*", None])
def test_an_unknown_audience_is_refused_and_not_taken_for_the_public(audience):
    with pytest.raises(UsageError, match="unknown audience"):
        rights.readable(VOCABULARY, audience)


def test_an_unknown_policy_is_refused():
    with pytest.raises(UsageError, match="unknown access policy"):
        rights.pointers(VOCABULARY, condition(), Audience.PUBLIC, policy="article-78")


# --- purposes of a legitimate interest ------------------------------------------------------------------------------

INTEREST = Audience.LEGITIMATE_INTEREST
BY_POINT = {
    point: {one.id for one in VOCABULARY.indicators.values() if (one.annex_xiii or "-")[0] == point}
    for point in "1234"
}  # fmt: skip


@each("policy", rights.POLICIES)
@each("purpose", ["repair", "remanufacturing", "second-life", "recycling"])
def test_who_takes_care_of_batteries_reads_all_of_a_legitimate_interest(purpose, policy):
    right = rights.Right(INTEREST, purpose)
    assert rights.readable(VOCABULARY, right, policy=policy) == rights.readable(VOCABULARY, INTEREST, policy=policy)


@each("policy", rights.POLICIES)
@each("purpose", ["purchase", "aggregation"])
def test_who_owns_a_battery_reads_of_it_and_not_of_its_model(purpose, policy):
    seen = rights.readable(VOCABULARY, rights.Right(INTEREST, purpose), policy=policy)
    assert seen >= rights.readable(VOCABULARY, Audience.PUBLIC) | BY_POINT["4"]
    assert not seen & (BY_POINT["2"] | BY_POINT["3"])
    assert rights.pointers(VOCABULARY, detail(detailedComposition="x"), rights.Right(INTEREST, purpose)) == ()


def detail(**subject) -> dict:
    return {"type": ["VerifiableCredential", "BatteryModelDetailCredential"], "credentialSubject": subject}


@each("purpose", ["curiosity", "", "Recycling", "recycling "])
def test_a_purpose_that_is_not_in_the_table_opens_nothing(purpose):
    right = rights.Right(INTEREST, purpose)
    with pytest.raises(UsageError):
        rights.readable(VOCABULARY, right)
    with pytest.raises(UsageError):
        rights.check_right(right, names_packs=True)


def test_who_owns_batteries_has_to_name_them():
    for purpose, known in rights.PURPOSES.items():
        right = rights.Right(INTEREST, purpose)
        rights.check_right(right, names_packs=True)
        if known.own_packs:
            with pytest.raises(UsageError, match="names no packs"):
                rights.check_right(right, names_packs=False)


@each("audience", [one for one in Audience if one is not INTEREST])
def test_an_authority_says_its_purpose_in_its_own_words(audience):
    right = rights.Right(audience, "case 7/2027")
    rights.check_right(right, names_packs=False)
    assert rights.readable(VOCABULARY, right) == rights.readable(VOCABULARY, audience)


# --- default deny, inside values ------------------------------------------------------------------------------------

STRUCTURED = [one for one in VOCABULARY.indicators.values() if one.fields and one.carrier is Carrier.CONDITION]
TEXTS = [
    (indicator, field)
    for indicator in VOCABULARY.indicators.values()
    for field in indicator.fields
    if field.datatype is Datatype.LANG_STRING
]


def whole(indicator) -> dict:
    return {field.term: "x" for field in indicator.fields if not field.personal_data}


@each("indicator", STRUCTURED, ids=lambda one: one.id)
@each(
    "spoilt",
    [
        lambda value: {**value, "internalNote": "x"},
        lambda value: {**value, next(iter(value)): {"internalNote": "x"}},
        lambda value: {**value, next(iter(value)): [{"id": "x", "deeper": {"internalNote": "x"}}]},
        lambda value: {**value, next(iter(value)): [["x"]]},
        lambda value: {**value, "id": {"internalNote": "x"}},
        lambda value: {**value, "@included": [{"internalNote": "x"}]},
        lambda value: [[value]],
    ],
)
def test_a_value_with_something_in_it_that_nobody_classified_is_withheld(indicator, spoilt):
    good = whole(indicator)
    pointer = f"/credentialSubject/{indicator.id}"
    for value in (good, [good, good], {"id": "https://example.com/c#1", **good}):
        assert pointer in rights.pointers(VOCABULARY, condition(**{indicator.id: value}), INTEREST)
    for value in (spoilt(good), [good, spoilt(good)]):
        assert pointer not in rights.pointers(VOCABULARY, condition(**{indicator.id: value}), INTEREST)


@each("identifier", [name for name in CONDITION if not VOCABULARY.indicators[name].fields])
def test_a_plain_value_that_became_a_node_is_withheld(identifier):
    pointer = f"/credentialSubject/{identifier}"
    for value in ({"internalNote": "x"}, [{"internalNote": "x"}], [["x"]], {"id": "https://example.com/"}):
        assert pointer not in rights.pointers(VOCABULARY, condition(**{identifier: value}), INTEREST)


@each("text", TEXTS)
def test_a_text_in_no_language_or_that_is_no_text_is_withheld(text):
    indicator, field = text
    assert rights.is_classified(indicator, {**whole(indicator), field.term: {"en": "x", "zh-hans": ["y", "z"]}})
    for value in ({"internalNote": "x"}, {"en": {"internalNote": "x"}}, {'en"><script>': "x"}, {"en": "x", "": "y"}):
        assert not rights.is_classified(indicator, {**whole(indicator), field.term: value})


@each("indicator", [one for one in VOCABULARY.indicators.values() if one.fields])
def test_a_field_of_personal_data_withholds_the_value_it_strayed_into(indicator):
    personal = [field.term for field in indicator.fields if field.personal_data]
    assert rights.is_classified(indicator, whole(indicator))
    for term in personal:
        assert not rights.is_classified(indicator, {**whole(indicator), term: "x"})
