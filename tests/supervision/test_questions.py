"""The questions of the rules: each rule has some, and they follow its evidence."""

from __future__ import annotations

from passport.supervision.questions import LAST, NO, questions
from passport.supervision.rulebook import rulebook
from tests.each import each


@each("rule", sorted(rulebook().rules))
def test_each_rule_is_told_in_questions_in_both_languages(rule):
    listed = questions()[rule]
    assert listed
    assert [question.place for question in listed] == list(range(1, len(listed) + 1))
    for question in listed:
        assert question.label["zh"].endswith("？") and question.label["en"].endswith("?")


@each("rule", sorted(rulebook().rules))
def test_what_is_looked_for_and_missing_is_answered_with_no_and_named_in_the_query(rule):
    query = rulebook().rules[rule].query
    for question in questions()[rule]:
        if question.looked_for or question.due:
            assert question.answer == NO
            assert "NOT EXISTS" in query or "found" in query or "latest" in query or "until" in query


def test_a_question_points_to_a_last_event_only_where_the_rule_has_one():
    for rule, listed in questions().items():
        if any(question.shows == LAST for question in listed):
            columns = rulebook().rules[rule].query.split("FROM")[0]
            assert columns.count("NULL") < 5


def test_the_missing_kinds_of_a_duty_are_those_that_do_it():
    (question,) = [each for each in questions()["report-overdue"] if each.due]
    duty = next(code for code, duty in rulebook().duties.items() if duty.done_by)
    assert question.missing((duty,), rulebook()) == rulebook().duties[duty].done_by
