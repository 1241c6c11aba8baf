"""The read side after a newer read-out: the older one is neither withdrawn nor wrong, on any page and in any form."""

from __future__ import annotations

import html
import io
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from passport.credentials.status_list import check_status
from passport.presenting.standing import AsOf
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import CONDITION
from passport.vocabulary.vocabulary import Audience
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher
from tests.resolver.conftest import BASE, HTML, NOW, VP, make_operator, make_site

RECYCLER = Audience.LEGITIMATE_INTEREST


@pytest.fixture
def site(tmp_path):
    """A site with one e-bike battery that was read on 1 March."""
    return make_site(make_operator(tmp_path, "lmt-ebike"), tmp_path)


@pytest.fixture
def pack(site) -> str:
    return site.operator.packs["lmt"]


def read(site, day: int, charge: str, **options) -> None:
    """One more read-out, of that day in March 2027."""
    (record,) = example_records("lmt-ebike.xlsx")
    condition = {**record.condition, "recordedAt": f"2027-03-{day:02}T08:00:00Z", "stateOfCharge": charge}
    operator = site.operator
    publisher = RememberingPublisher(operator.store, operator.issuer, BASE, vocabulary.load(), ())
    publisher.issue([replace(record, condition=condition)], at=site.clock[0], **options)


def words(answer) -> str:
    text = re.sub(r"<(style|head).*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def handed_in(site, document: dict, lang: str = "en"):
    form = {"file": (io.BytesIO(json.dumps(document).encode()), "old.jsonld")}
    return site.client.post(f"/verify?lang={lang}", data=form, content_type="multipart/form-data", headers=HTML)


def statuses(document: dict, lists: dict[str, dict]) -> dict[str, bool]:
    return {
        entry["statusPurpose"]: check_status(entry, lists[entry["statusListCredential"]])
        for entry in document["credentialStatus"]
    }


def test_the_page_of_a_role_says_valid_and_offers_the_list_of_read_outs(site, pack):
    site.later(hours=1)
    read(site, 5, "60")
    offers = {
        "en": ("Signed, unchanged, not withdrawn", "Says of which read-outs"),
        "zh": ("已签名，未改动，未撤销", "列明哪些读取已有更新"),
    }
    for lang, (valid, offered) in offers.items():
        answer = site.get(pack, {**HTML, **site.bearer(RECYCLER)}, query_string={"lang": lang})
        assert answer.status_code == 200
        assert valid in words(answer) and offered in words(answer)
        assert "Passport withdrawn" not in words(answer) and "护照已撤销" not in words(answer)


def test_the_page_of_the_public_is_not_touched_by_read_outs(site, pack):
    before = site.get(pack, VP)
    site.later(minutes=5)
    read(site, 5, "60")
    after = site.get(pack, VP)
    types = {type_ for one in json.loads(after.data)["verifiableCredential"] for type_ in one["type"]}
    assert CONDITION not in types
    purposes = [one["credentialSubject"].get("statusPurpose") for one in json.loads(after.data)["verifiableCredential"]]
    assert "refresh" not in purposes
    # Credentials are as before, byte for byte; the lists are those of the last signing.
    assert json.loads(after.data)["verifiableCredential"][:2] == json.loads(before.data)["verifiableCredential"][:2]


def test_a_presentation_holds_the_newest_read_out_and_the_three_lists(site, pack):
    site.later(hours=1)
    read(site, 5, "60")
    answer = site.get(pack, {**VP, **site.bearer(RECYCLER)})
    found = {one["id"]: one for one in json.loads(answer.data)["verifiableCredential"]}
    (condition,) = [one for one in found.values() if CONDITION in one["type"]]
    assert condition["credentialSubject"]["stateOfCharge"] == "60"
    assert statuses(condition, found) == {"revocation": False, "refresh": False}
    assert condition["refreshService"]["id"].partition("#")[0] == pack
    assert len(answer.data) < 60_000


def test_the_refresh_service_leads_to_the_newest_read_out(site, pack):
    older = site.presenter.present(pack, RECYCLER).credential(CONDITION)
    site.later(hours=1)
    read(site, 5, "60")
    path = older["refreshService"]["id"].partition("#")[0].removeprefix(BASE)
    headers = {**VP, **site.bearer(RECYCLER)}
    there = site.client.get(path, headers=headers)
    assert there.status_code == 307
    answer = site.client.get(there.headers["Location"].removeprefix(BASE), headers=headers)
    (condition,) = [one for one in json.loads(answer.data)["verifiableCredential"] if CONDITION in one["type"]]
    assert condition["credentialSubject"]["recordedAt"] > older["credentialSubject"]["recordedAt"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_saved_passport_with_an_older_read_out_is_verified_as_good(site, pack, lang):
    saved = site.presenter.present(pack, RECYCLER).presentation()
    site.later(hours=1)
    read(site, 5, "60")
    said = words(handed_in(site, saved, lang))
    assert {"en": "Verified.", "zh": "核验通过"}[lang] in said
    for wrong in ("Do not rely", "withdrawn since", "请勿", "已撤销"):
        assert wrong not in said


def test_a_saved_passport_with_a_read_out_that_was_wrong_is_not_good(site, pack):
    saved = site.presenter.present(pack, RECYCLER).presentation()
    recorded = site.presenter.present(pack, RECYCLER).credential(CONDITION)["credentialSubject"]["recordedAt"]
    site.later(hours=1)
    (record,) = example_records("lmt-ebike.xlsx")
    wrong = replace(record, condition={**record.condition, "stateOfCharge": "7"})
    publisher = RememberingPublisher(site.operator.store, site.operator.issuer, BASE, vocabulary.load(), ())
    publisher.issue([wrong], at=site.clock[0], replace=True, reason="typed wrong")
    now = site.presenter.present(pack, RECYCLER).credential(CONDITION)
    assert now["credentialSubject"]["recordedAt"] == recorded and now["credentialSubject"]["stateOfCharge"] == "7"
    assert "Do not rely on this file" in words(handed_in(site, saved))


def test_an_earlier_version_of_a_passport_is_active_and_its_read_out_refreshed(site, pack):
    """Asked for as of yesterday: the older read-out, with today's lists, which say that a newer one exists."""
    site.later(hours=1)
    read(site, 5, "60")
    here = site.app.extensions["resolver"]
    before = AsOf(here.store, NOW)
    older = before.current(pack, CONDITION)
    assert older.document["credentialSubject"]["stateOfCharge"] != "60"
    lists = {one["id"]: one for one in map(here.store.status_list, here.store.list_numbers())}
    assert statuses(older.document, lists) == {"revocation": False, "refresh": True}
    assert not here.store.is_flagged(older.id)


def test_the_service_stays_healthy_over_weeks_of_read_outs_and_daily_signing(site, pack):
    publisher = RememberingPublisher(site.operator.store, site.operator.issuer, BASE, vocabulary.load(), ())
    for day in range(9, 12):
        site.later(days=5)
        publisher.refresh_status_lists(at=site.clock[0])
        read(site, day, str(day))
        assert site.client.get("/health").json["status"] == "pass"
        view = site.presenter.present(pack, RECYCLER)
        assert all(one["validUntil"] > f"{site.clock[0] + timedelta(days=6):%Y-%m-%d}" for one in view.status_lists)
