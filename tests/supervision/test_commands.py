"""``passport supervise``, ``passport alerts`` and ``passport duties`` as a person calls them."""

from __future__ import annotations

import json

import pytest

from tests.commands.conftest import init


def test_a_check_finds_what_is_planted_and_opens_alerts(shell, supervised, planted):
    answer = shell.json("supervise", "check", "--project", supervised, code=1)
    assert {(finding["rule"], finding["subject"]) for finding in answer["findings"]} == planted.all
    assert answer["opened"] == len(answer["findings"])
    again = shell.json("supervise", "check", "--project", supervised, code=1)
    assert (again["opened"], again["closed"]) == (0, 0)


def test_each_finding_says_who_what_and_on_which_basis_in_both_languages(shell, supervised):
    for finding in shell.json("supervise", "check", "--project", supervised, code=1)["findings"]:
        assert set(finding["text"]) >= {"en", "zh"}
        assert all("{" not in text for text in finding["text"].values())
        assert finding["subject"] in finding["text"]["zh"]
        assert finding["evidence"] and finding["basis"]["zh"] and finding["basis"]["en"]


def test_a_country_leaves_the_rules_of_others_out(shell, supervised):
    found = shell.json("supervise", "check", "--project", supervised, "--country", "eu", code=1)["findings"]
    assert "used-as-new" not in {finding["rule"] for finding in found}
    assert "cloned-code" in {finding["rule"] for finding in found}


def test_a_country_without_rules_is_refused(shell, supervised):
    result = shell.run("supervise", "check", "--project", supervised, "--country", "atlantis", code=2)
    assert "no rules of supervision for atlantis" in result.output


def test_a_check_without_events_finds_nothing(shell):
    shop = init(shell)
    assert "0 violations" in shell.run("supervise", "check", "--project", shop).stdout
    assert shell.json("supervise", "rebuild", "--project", shop) == {"packs": 0}


def test_an_alert_goes_through_its_life(shell, supervised):
    shell.run("supervise", "check", "--project", supervised, code=1)
    listed = shell.json("alerts", "list", "--rule", "banned-use", "--project", supervised)["alerts"]
    (alert,) = listed
    at = ("--project", supervised)
    shown = shell.json("alerts", "show", alert["id"], *at)
    assert [event["event"] for event in shown["events"]] == alert["evidence"]
    shell.run("alerts", "assign", alert["id"], "--to", "wang", "--reason", "Anhui", "--by", "li", *at)
    explained = shell.json("alerts", "explain", alert["id"], "--reason", "an error of the form", "--by", "wang", *at)
    assert (explained["status"], explained["owner"]) == ("explained", "wang")
    closed = shell.json("alerts", "close", alert["id"][:6], "--reason", "corrected", "--by", "wang", *at)
    assert (closed["status"], closed["reason"]) == ("closed", "corrected")
    assert shell.json("alerts", "list", "--rule", "banned-use", *at)["alerts"] == []
    opened = shell.json("alerts", "reopen", alert["id"], "--reason", "seen again", "--by", "li", *at)
    assert [step["step"] for step in opened["steps"]] == ["assign", "explain", "close", "reopen"]
    assert "seen again" in shell.run("alerts", "show", alert["id"], *at).stdout


def test_alerts_are_listed_by_severity_and_subject(shell, supervised, planted):
    shell.run("supervise", "check", "--project", supervised, code=1)
    severities = [alert["severity"] for alert in shell.json("alerts", "list", "--project", supervised)["alerts"]]
    assert severities == sorted(severities, key=["high", "medium", "low"].index)
    (_, subject), *_ = planted.expected["hoarding"]
    of_actor = shell.json("alerts", "list", "--subject", subject, "--project", supervised)["alerts"]
    assert "hoarding" in {alert["rule"] for alert in of_actor}
    high = shell.run("--lang", "zh", "alerts", "list", "--severity", "high", "--project", supervised).stdout
    assert "电池" in high and " low " not in high


def test_an_unknown_alert_is_refused(shell, supervised):
    assert "no alert is named" in shell.run("alerts", "show", "000000", "--project", supervised, code=2).output


def test_an_alert_is_not_closed_twice(shell, supervised):
    shell.run("supervise", "check", "--project", supervised, code=1)
    (alert,) = shell.json("alerts", "list", "--rule", "banned-use", "--project", supervised)["alerts"]
    shell.run("alerts", "close", alert["id"], "--reason", "seen", "--project", supervised)
    result = shell.run("alerts", "close", alert["id"], "--reason", "seen", "--project", supervised, code=2)
    assert "closed by a person" in result.output


def test_duties_say_who_when_and_whether_the_basis_was_read(shell):
    listed = {duty["code"]: duty for duty in shell.json("duties", "--country", "cn")["duties"]}
    assert listed["cn-utiliser-in"]["days"] == 30
    assert "24(7)" in listed["cn-utiliser-in"]["basis"]["en"]
    assert {duty["basisVerified"] for duty in listed.values()} == {False}
    assert all(duty["country"] == "cn" for duty in listed.values())
    assert "not at hand" in shell.run("duties", "--country", "eu").stdout


def test_an_actor_learns_what_it_owes(shell, supervised, planted):
    (_, pack), *_ = planted.expected["report-overdue"]
    actor = next(
        event.actor for event, _ in planted.population.events() if event.pack == pack and event.kind == "remove"
    )
    owed = shell.json("duties", "--actor", actor, "--project", supervised, code=1)["owed"]
    assert [(each["duty"], each["pack"], each["overdue"]) for each in owed] == [("cn-removed-pack-moves", pack, True)]
    assert "1 overdue" in shell.run("duties", "--actor", actor, "--project", supervised, code=1).stdout


def test_a_receiver_learns_of_the_receipt_that_it_owes(shell, supervised, planted):
    (_, pack), *_ = planted.expected["hand-over-without-receipt"]
    receiver = [event.counterpart for event, _ in planted.population.events() if event.pack == pack][-1]
    (owed,) = shell.json("duties", "--actor", receiver, "--project", supervised, code=1)["owed"]
    assert (owed["duty"], owed["pack"], owed["overdue"]) == (None, pack, True)


def test_an_actor_that_owes_nothing_leaves_with_0(shell, supervised):
    assert shell.json("duties", "--actor", "did:web:nobody.example", "--project", supervised)["owed"] == []


@pytest.mark.parametrize("words", ["supervise", "supervise rebuild", "supervise check", "alerts", "alerts list",
                                   "alerts show", "alerts assign", "alerts explain", "alerts close", "alerts reopen",
                                   "duties"])  # fmt: skip
def test_each_command_has_help_with_an_example(shell, words):
    assert f"passport {words.split()[0]}" in shell.run(*words.split(), "--help").stdout.split("Example")[1]


def test_json_is_one_document(shell, supervised):
    text = shell.run("supervise", "check", "--project", supervised, "--json", code=1).stdout
    assert json.loads(text)["opened"]
