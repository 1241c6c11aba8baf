"""Duties and rules as data: what the files say, and what a file with a slip in it is told."""

from __future__ import annotations

import pytest

from passport.errors import MalformedOntology, UsageError
from passport.linked_data import resources
from passport.supervision.rulebook import FOLDER, SEVERITIES, read, rulebook
from tests.each import each

RULES = resources.read_text(f"{FOLDER}/rules.ttl")
CN = resources.read_text(f"{FOLDER}/cn.ttl")


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_the_installed_files_make_a_rulebook_of_two_countries():
    assert rulebook().profiles == ("cn", "eu")
    assert {rule.severity for rule in rulebook().rules.values()} == set(SEVERITIES)
    assert {duty.form for duty in rulebook().duties.values()} == {"report", "follow"}


def test_a_third_country_is_one_more_file():
    third = CN.replace("cn-", "jp-").replace('"cn"', '"jp"')
    book = read([("rules.ttl", RULES), ("cn.ttl", CN), ("jp.ttl", third)])
    assert "jp" in book.profiles
    assert set(book.profile("jp").duties) == {code.replace("cn-", "jp-") for code in book.profile("cn").duties}


def test_no_limit_of_the_measures_of_2026_claims_to_be_verified():
    assert not [duty.code for duty in rulebook().profile("cn").duties.values() if duty.verified]


def test_banned_uses_and_permits_are_those_of_the_life_cycle():
    lists = {(row["list"], row["code"]) for row in rulebook().inputs().lists}
    assert {("banned-use", "electricBicycle"), ("permit", "utiliser"), ("permit", "dismantler")} <= lists
    (lithium,) = (
        row for row in rulebook().inputs().lists
        if (row["list"], row["code"], row["text"]) == ("recovery", "lithium", "cn-lithium")
    )  # fmt: skip
    assert lithium["number"] == 9000


def test_numbers_of_a_rule_can_be_set():
    book = rulebook().with_numbers("hand-over-without-receipt", days=10)
    assert book.rules["hand-over-without-receipt"].numbers["days"] == 10
    assert rulebook().rules["hand-over-without-receipt"].numbers["days"] == 30


@each(("rule", "number"), [("no-such-rule", "days"), ("cloned-code", "days")])
def test_a_number_that_is_not_there_is_refused(rule, number):
    with pytest.raises(UsageError, match="to set"):
        rulebook().with_numbers(rule, **{number: 1})


@each(
    ("old", "new", "fault"),
    [
        ('sv:severity "high"', 'sv:severity "dreadful"', "dreadful"),
        ('sv:subject "pack"', 'sv:subject "cell"', "cell"),
        ("fitted {pack}", "fitted {secret}", "secret"),
        ('sv:with "days=30"', 'sv:with "days=soon"', "name=number"),
        ('skos:notation "cloned-code"', 'skos:notation "used-as-new"', "another has too"),
        ('sv:query """', 'sv:quest """', "query"),
    ],
)
def test_a_slip_in_a_rule_is_refused(old, new, fault):
    with pytest.raises(MalformedOntology, match=fault):
        read([("rules.ttl", changed(RULES, old, new))])


@each(
    ("old", "new", "fault"),
    [
        ("role:batteryMaker", "role:baker", "baker"),
        ("event:register_code", "event:bake", "bake"),
        ("sv:days 30", "sv:days 0", "no reporter, no event or no days"),
        ('sv:form "report"', 'sv:form "follow"', "done by an event"),
        ("sv:reporter role:batteryMaker", "sv:reporter role:police", "binds no role"),
        ("sv:percent 98.0", "sv:percent 980.0", "percent"),
        ('"2026-04-01"^^xsd:date', '"soon"', "date"),
    ],
)
def test_a_slip_in_a_duty_is_refused(old, new, fault):
    with pytest.raises(MalformedOntology, match=fault):
        read([("rules.ttl", RULES), ("cn.ttl", changed(CN, old, new))])


def test_a_folder_without_rules_is_refused():
    with pytest.raises(MalformedOntology, match="no rules"):
        read([("cn.ttl", CN)])
