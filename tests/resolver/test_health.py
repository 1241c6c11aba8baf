"""Health is green only while every status list is signed, ours and fresh."""

from __future__ import annotations

from datetime import timedelta

import pytest

from passport.credentials.trust import TrustList
from passport.vocabulary import vocabulary
from resolver import health
from resolver.health import status_lists
from resolver.views import operation
from tests.remembering_publisher import RememberingPublisher


def outcomes(answer) -> set[str]:
    return {check["output"] for check in answer.json["checks"].values()}


def test_fresh_signed_lists_are_green(site):
    answer = site.client.get("/health")
    assert answer.status_code == 200
    assert answer.json["status"] == "pass"
    assert outcomes(answer) == {"is signed and fresh"}
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_list_that_nobody_renewed_is_red_and_a_new_one_green_again(make_operator, make_site, tmp_path):
    operator = make_operator(tmp_path, "lmt-ebike")
    site = make_site(operator, tmp_path, status_max_age=timedelta(hours=24))
    site.later(hours=25)
    answer = site.client.get("/health")
    assert (answer.status_code, answer.json["status"], outcomes(answer)) == (503, "fail", {"is too old"})
    publisher = RememberingPublisher(operator.store, operator.issuer, operator.project.base_url, vocabulary.load(), ())
    publisher.issue((), at=site.clock[0])
    assert site.client.get("/health").status_code == 200


def test_a_list_from_the_future_is_red(site):
    site.later(days=-1)
    answer = site.client.get("/health")
    assert answer.status_code == 503
    assert "is signed and fresh" not in outcomes(answer)


def test_a_list_of_somebody_whom_nobody_trusts_is_red(operator, make_site, tmp_path):
    site = make_site(operator, tmp_path, trust_list=TrustList())
    assert outcomes(site.client.get("/health")) == {"is signed by an issuer who is not trusted"}


def test_a_store_without_a_list_is_red(site):
    (check,) = status_lists({}, site.operator.project.trust_list(), at=site.clock[0])
    assert not check.passed


@pytest.mark.parametrize("change", [{"validFrom": "2027-03-08T09:00:00Z"}, {"proof": None}, {"type": ["x"]}])
def test_a_list_that_was_changed_is_red(site, change):
    document = {**site.operator.store.status_list(1), **change}
    (check,) = status_lists({1: document}, site.operator.project.trust_list(), at=site.clock[0])
    assert (check.status, check.ends) == ("fail", None)


def test_a_list_that_was_never_signed_is_red(site):
    (check,) = status_lists({7: None}, site.operator.project.trust_list(), at=site.clock[0])
    assert (check.name, check.status, check.detail) == ("status-list-7", "fail", "is not signed")


def test_a_list_that_ends_within_two_days_is_reported_and_the_service_goes_on(make_operator, make_site, tmp_path):
    operator = make_operator(tmp_path, "lmt-ebike")
    site = make_site(operator, tmp_path)
    # It was signed an hour before the clock began.
    site.later(days=4, hours=22, minutes=59)
    assert site.client.get("/health").json["status"] == "pass"
    site.later(minutes=1)
    answer = site.client.get("/health")
    assert (answer.status_code, answer.json["status"]) == (200, "warn")
    assert {check["status"] for check in answer.json["checks"].values()} == {"warn"}
    assert outcomes(answer) == {"was not renewed and ends on 2027-03-15 at 08:30 UTC"}
    site.later(days=2)
    answer = site.client.get("/health")
    assert (answer.status_code, answer.json["status"], outcomes(answer)) == (503, "fail", {"is too old"})
    publisher = RememberingPublisher(operator.store, operator.issuer, operator.project.base_url, vocabulary.load(), ())
    publisher.refresh_status_lists(at=site.clock[0])
    assert site.client.get("/health").json["status"] == "pass"


def test_the_list_of_read_outs_is_looked_at_like_the_others(site):
    assert set(site.client.get("/health").json["checks"]) >= {"status-list-1", "status-list-2", "status-list-3"}


def test_a_list_counts_no_longer_than_it_says_itself_whatever_the_operator_allows(site):
    operator = site.operator
    (check,) = status_lists(
        {1: operator.store.status_list(1)}, operator.project.trust_list(),
        at=site.clock[0] + timedelta(days=7), max_age=timedelta(days=30),
    )  # fmt: skip
    assert (check.status, check.detail) == ("fail", "is too old")


def test_health_names_no_path_no_key_and_no_value(site):
    text = site.client.get("/health").text
    assert "did:" not in text
    assert "/" not in text


def test_signatures_are_checked_once_in_some_seconds_and_at_once_when_a_list_was_signed(
    make_operator, make_site, tmp_path, monkeypatch
):
    operator = make_operator(tmp_path, "lmt-ebike")
    site = make_site(operator, tmp_path)
    asked = []
    check = health.status_lists
    monkeypatch.setattr(health, "status_lists", lambda *args, **more: asked.append(1) or check(*args, **more))
    first = site.client.get("/health")
    assert site.client.get("/health").data == first.data
    assert len(asked) == 1
    publisher = RememberingPublisher(operator.store, operator.issuer, operator.project.base_url, vocabulary.load(), ())
    publisher.issue((), at=site.clock[0])
    site.client.get("/health")
    assert len(asked) == 2
    site.later(seconds=operation.KEPT)
    site.client.get("/health")
    assert len(asked) == 3
