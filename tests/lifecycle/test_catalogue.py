"""The facts of the life cycle: complete, named in both languages, and a slip stops the load."""

from __future__ import annotations

import re

import pytest

from passport.errors import MalformedOntology, UsageError
from passport.lifecycle import catalogue
from passport.lifecycle.checks.conditions import CONDITIONS
from passport.lifecycle.effects import EFFECTS
from passport.lifecycle.event import READ_OUT
from passport.lifecycle.event_catalogue import FILE, MEMBERS, read
from passport.linked_data import resources
from passport.vocabulary.indicator import Audience
from passport.vocabulary.vocabulary import load
from tests.conftest import CHECKOUT
from tests.each import each

TEXT = resources.read_text(FILE)
KINDS = catalogue().kinds
RESTRICTED = {
    Audience.LEGITIMATE_INTEREST,
    Audience.NOTIFIED_BODY,
    Audience.MARKET_SURVEILLANCE,
    Audience.COMMISSION,
    Audience.CN_REGULATOR,
}


def test_every_kind_of_the_list_is_described_but_the_read_out():
    listed = [code.code for code in load().enumerations["lifecycleEvent"].codes]
    assert [*KINDS] == [code for code in listed if code != READ_OUT]


def test_everything_is_named_in_both_languages():
    facts = catalogue()
    labels = [kind.label for kind in KINDS.values()]
    labels += [term.label for kind in KINDS.values() for term in kind.fields.values()]
    labels += [rule.label for rule in facts.rules.values()] + [rule.basis for rule in facts.rules.values()]
    labels += [permit.label for permit in facts.permits.values()] + list(facts.conditions.values())
    labels += [code.label for code in (*facts.roles.codes, *facts.states.codes)]
    labels += [source.label for kind in KINDS.values() for source in kind.sources]
    assert all(label["en"] and label["zh"] for label in labels)


def test_every_condition_has_a_test_and_is_asked_by_a_kind():
    assert set(catalogue().conditions) == set(CONDITIONS)
    assert {condition for kind in KINDS.values() for condition in kind.conditions} == set(CONDITIONS)


def test_every_kind_but_the_correction_has_an_effect():
    assert set(EFFECTS) == set(KINDS) - {"correct"}


def test_every_rule_that_the_checks_name_exists():
    sources = [path.read_text(encoding="utf-8") for path in (CHECKOUT / "passport" / "lifecycle").rglob("*.py")]
    named = {name for text in sources for name in re.findall(r'(?:rule\(|rules\[)"([a-z-]+)"', text)}
    assert named == set(catalogue().rules)
    assert set(catalogue().rules) == {
        "banned-use", "code-before-production", "market-needs-passport", "operation-by-legal-state", "permit",
        "sale-needs-passport", "scrapped-together", "second-life-code",
    }  # fmt: skip


@each("kind", ["place_on_market", "transform", "recycle"])
def test_what_is_public(kind):
    assert KINDS[kind].audiences == (Audience.PUBLIC,)


@each("kind", ["repair", "remove", "replace", "retire", "assess", "declare_waste"])
def test_what_a_legitimate_interest_and_the_authorities_read(kind):
    assert set(KINDS[kind].audiences) == RESTRICTED


def test_the_rest_is_for_the_chinese_regulator_alone():
    rest = [kind for kind in KINDS.values() if Audience.PUBLIC not in kind.audiences and len(kind.audiences) == 1]
    assert {kind.audiences for kind in rest} == {(Audience.CN_REGULATOR,)}
    assert len(rest) == len(KINDS) - 9


def test_a_correction_is_readable_like_what_it_corrects():
    facts = catalogue()
    assert facts.audiences("correct", "recycle") == (Audience.PUBLIC,)
    assert facts.audiences("correct") == (Audience.CN_REGULATOR,)
    assert facts.audiences("fit", "recycle") == (Audience.CN_REGULATOR,)


def test_rules_by_jurisdiction():
    assert set(catalogue().profile("eu")) == {"market-needs-passport", "operation-by-legal-state"}
    assert set(catalogue().profile("cn", "eu")) == set(catalogue().profile())
    with pytest.raises(UsageError):
        catalogue().profile("atlantis")


def test_the_rule_that_is_known_from_the_press_says_so():
    rule = catalogue().rules["sale-needs-passport"]
    assert (rule.source.kind, rule.source.verified) == ("press", False)


def test_members_are_those_that_events_have():
    assert set(MEMBERS) >= {member for kind in KINDS.values() for member in kind.members_required}


@each(
    ("before", "after"),
    [
        ("@prefix", "@prefx"),
        ("role:repairShop", "role:plumber"),
        ("bp:removalReason", "bp:removalSeason"),
        ("when:on-market a lc:Condition", "when:on-sale a lc:Condition"),
        ('lc:member "vehicle"', 'lc:member "bicycle"'),
        ('lc:holder "actor"', 'lc:holder "nobody"'),
        ('lc:holder "actor"', 'lc:holder "actor" , "buyer"'),
        ("lc:status status:waste", "lc:status status:lost"),
        ("lc:readableBy audience:public", "lc:readableBy audience:everybody"),
        ("lc:readableBy audience:public ;", ""),
        ("event:fit a lc:EventKind", "event:fix a lc:EventKind"),
        ("lc:source lc:source.gbt34014 , lc:source.rules2018 .", "lc:source lc:source.hearsay ."),
        ('lc:ends "always"', 'lc:ends "never"'),
        ("codes:intendedUse.electricBicycle", "codes:intendedUse.bicycle"),
        ('"排污许可证"@zh', '"排污许可证"@en'),
        ("a lc:EventKind", "a lc:EventKynd"),
        ("lc:allows bp:batteryBatch", "lc:allows bp:packCode , bp:batteryBatch"),
        ("lc:whileStopped true", 'lc:whileStopped "yes"'),
        ('skos:notation "permit"', 'skos:notation "banned-use"'),
        ("lc:reportedBy role:regulator ;", ""),
    ],
)
def test_a_slip_in_the_file_stops_the_load(before, after):
    assert before in TEXT
    with pytest.raises(MalformedOntology):
        read(TEXT.replace(before, after), load())
