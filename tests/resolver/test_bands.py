"""The bands above a passport: withdrawn, suspended, superseded, ended, model only. Word, mark and edge differ."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from passport.publishing.publisher import Publisher
from passport.store import StoredCredential
from passport.texts import template
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import EVENT
from tests.each import each
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher
from tests.resolver.conftest import EXAMPLES

HTML = {"Accept": "text/html"}
SECRET = "supplier ZX-81 lied to us"


@pytest.fixture
def own(make_operator, make_site, tmp_path):
    """A site over a store of its own, for tests that write to it."""
    return make_site(make_operator(tmp_path, "lmt-ebike"), tmp_path)


def publisher(site) -> Publisher:
    known = tuple(vocabulary.regimes().values())
    return RememberingPublisher(
        site.operator.store, site.operator.issuer, site.operator.project.base_url, vocabulary.load(), known
    )


def record():
    return example_records("lmt-ebike.xlsx")[0]


def another(site) -> str:
    other = replace(record(), pack={**record().pack, "serialNumber": "RS260122-09999"})
    return publisher(site).issue([other], at=site.clock[0]).of_kind("pack")[0].subject


def bands(text: str) -> list[str]:
    """Class and words of each band, in order."""
    found = re.findall(r'<div class="band (\w+)" role="region".*?>(.*?)</div></div>', text, re.DOTALL)
    return [f"{kind}: " + " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split()) for kind, body in found]


def page(site, query: str = "", status: int = 200, **options) -> str:
    answer = site.client.get(site.path(site.operator.packs["lmt"]) + query, headers={**HTML, **options})
    assert answer.status_code == status
    text = answer.text
    if 'class="band' in text and "<h1>" in text:
        assert text.index('class="band') < text.index("<h1>"), "the band comes first"
    return text


# --- what it says ---------------------------------------------------------------------------------------------------


def test_a_valid_passport_has_no_band(own):
    assert bands(page(own)) == []


def test_a_withdrawn_passport_begins_with_the_day_the_public_reason_and_the_replacement(own):
    instead = another(own)
    publisher(own).revoke(
        own.operator.packs["lmt"], reason=SECRET, at=own.clock[0], public_reason="wrong date of manufacture",
        replaced_by=instead,
    )  # fmt: skip
    text = page(own)
    (band,) = bands(text)
    assert band.startswith("withdrawn: ✗ Withdrawn. Do not rely on it. The issuer withdrew this passport on 8 March")
    assert "2027: wrong date of manufacture. Open the passport that replaces it , signed on 8 March 2027" in band
    assert f'href="{own.path(instead)}?lang=en"' in text
    assert own.client.get(own.path(instead), headers=HTML).status_code == 200
    assert "Signed and unchanged, but withdrawn" in text
    chinese = page(own, "?lang=zh")
    assert bands(chinese)[0].startswith("withdrawn: ✗ 已撤销，请勿采信 签发方于2027年3月8日撤销本护照：wrong date")
    assert "已签名且未改动，但已撤销" in chinese


def test_a_reason_that_was_not_published_is_told_to_nobody(own):
    publisher(own).revoke(own.operator.packs["lmt"], reason=SECRET, at=own.clock[0])
    for query, said in (("", "No reason was published."), ("?lang=zh", "未公布原因。")):
        text = page(own, query)
        assert said in bands(text)[0] and SECRET not in text
        assert SECRET not in page(own, query, **own.bearer())
    for form in ("vp", "turtle", "csv"):
        assert SECRET not in own.client.get(own.path(own.operator.packs["lmt"]) + f"?format={form}").text
    assert "No replacement is named" in bands(page(own))[0]


def test_a_suspended_passport_says_since_when_and_that_no_end_is_set(own):
    pack = own.operator.packs["lmt"]
    publisher(own).suspend(pack, reason=SECRET, at=own.clock[0], public_reason="the mass is being weighed again")
    (band,) = bands(page(own))
    assert band.startswith("suspended: ! Suspended since 8 March 2027")
    assert "weighed again. Take the data as unconfirmed until the suspension is lifted. No end is set." in band
    assert re.search(r'href="/status/\d+"', page(own))
    assert bands(page(own, "?lang=zh"))[0].startswith("suspended: ! 已暂停（自2027年3月8日起）")
    publisher(own).suspend(pack, reason="done", at=own.clock[0], lift=True)
    assert bands(page(own)) == []


def test_a_former_version_is_withdrawn_and_leads_to_the_one_in_force(own):
    changed = replace(record(), pack={**record().pack, "batchNumber": "2026-W99"})
    publisher(own).issue(
        [changed], at=own.clock[0], replace=True, reason=SECRET, public_reason="wrong batch number",
    )  # fmt: skip
    assert bands(page(own)) == []
    text = page(own, "?at=2027-03-08T09:00:00Z")
    (band,) = bands(text)
    assert "wrong batch number. Open the passport that replaces it" in band
    # What it says now is told among the versions alone, with the reason that was published.
    before, _, versions = text.partition('<section id="versions"')
    assert "2026-W99" not in before and "2026-W99" in page(own)
    assert "Because: wrong batch number" in versions and "2026-W99" in versions and SECRET not in text
    assert f"{own.path(own.operator.packs['lmt'])}?format=vp&amp;at=2027-03-08T09%3A00%3A00Z" in text
    assert page(own, "?at=2020-01-01T00:00:00Z", status=404)
    assert page(own, "?at=yesterday", status=400)


def test_an_older_read_out_says_so_with_the_value_then_and_now(own):
    before = record()
    newer = {**before.condition, "recordedAt": "2027-03-01T08:00:00Z", "capacityFade": "4.4"}
    newer["remainingCapacity"] = "16.25"
    own.later(minutes=5)
    publisher(own).issue([replace(before, condition=newer)], at=own.clock[0])
    recycler = own.bearer()
    assert bands(page(own, **recycler)) == []
    text = page(own, "?at=2027-03-08T09:00:00Z", **recycler)
    (band,) = bands(text)
    assert band.startswith("superseded: ↺ An older read-out You are reading the condition of ")
    assert "A newer one was read on 1 March 2027. Remaining capacity: 16.6 Ah then, 16.25 Ah now." in band
    assert "Read the latest" in band
    assert "Signed and unchanged, but not the newest read-out" in text
    assert "newest read-out there is" not in text and "newest read-out there is" in page(own, **recycler)
    posted = own.client.post(
        own.path(own.operator.packs["lmt"]) + "?at=2027-03-08T09:00:00Z", data={"access_token": own.token()},
        headers=HTML,
    ).text  # fmt: skip
    # A link would lead out of the role, to a page without any read-out.
    assert re.search(r'<button form="role" formaction="[^"]*\?lang=en" class="lk">Read the latest', posted)
    assert bands(page(own, "?at=2027-03-08T09:00:00Z&lang=zh", **recycler))[0].startswith("superseded: ↺ 非最新读数")
    # The public sees no read-out, and is not told that there is a newer one.
    assert bands(page(own, "?at=2027-03-08T09:00:00Z")) == []


def recycle(site) -> None:
    pack = site.operator.packs["lmt"]
    document = {"id": f"{pack}#end", "credentialSubject": {"id": pack, "lifecycleEvent": "recycle"}}
    with site.operator.store.transaction() as transaction:
        transaction.add_credential(
            StoredCredential(document["id"], EVENT, pack, json.dumps(document).encode(), "x", site.clock[0])
        )


@pytest.mark.parametrize(("query", "said"), [("", "Ended: this battery no longer exists"), ("?lang=zh", "已终止")])
def test_an_ended_passport_begins_with_its_end(own, query, said):
    recycle(own)
    text = page(own, query, status=410)
    (band,) = bands(text)
    assert band.startswith(f"ended: ■ {said}")
    assert text.count("<h1") == 1
    # When and by whom is in an event that the public may not read.
    assert "8 March" not in band and "3月8日" not in band


def test_a_models_page_says_that_it_is_of_no_single_battery(site):
    answer = site.get(site.ev.split("/21/")[0], HTML)
    (band,) = bands(answer.text)
    assert band.startswith("model: □ Model only, not one battery GTIN 09529999001009 is the same on every LH-NCM100")
    chinese = site.client.get("/passports/id/VO-HV13?lang=zh", headers=HTML)
    assert bands(chinese.text)[0].startswith("model: □ 仅型号数据")


def test_a_withdrawn_model_is_said_on_the_pages_of_its_packs(own):
    model = own.operator.store.pack(own.operator.packs["lmt"]).model
    publisher(own).revoke(model, reason=SECRET, at=own.clock[0], public_reason="wrong chemistry")
    (band,) = bands(page(own))
    assert band.startswith("withdrawn: ✗ Model data withdrawn. Do not rely on them.")
    assert "wrong chemistry" in band


@pytest.mark.parametrize("reason", ["<script>alert(1)</script>", "{0.__class__}", '"><img src=x>', "&lt;b&gt;"])
def test_a_public_reason_becomes_no_markup(own, reason):
    publisher(own).revoke(own.operator.packs["lmt"], reason="x", at=own.clock[0], public_reason=reason)
    text = page(own)
    assert html.escape(reason, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in text
    # The data block is the page's own.
    assert text.count("<script") == 1 and "<img" not in text


def test_the_kept_page_of_a_passport_is_not_shown_after_its_withdrawal(own):
    from resolver.serving.public_cache import Front

    own.app.wsgi_app = Front(own.app.wsgi_app, own.app.extensions["resolver"])
    assert [bands(page(own)) for _ in range(3)] == [[]] * 3
    publisher(own).revoke(own.operator.packs["lmt"], reason="x", at=own.clock[0], public_reason="wrong mass")
    assert "wrong mass" in bands(page(own))[0]


# --- how it looks ---------------------------------------------------------------------------------------------------


def test_each_kind_has_a_mark_and_an_edge_of_its_own():
    from passport.presenting.standing_words import MARKS

    assert len(set(MARKS.values()) | {"□"}) == len(MARKS) + 1
    style = (EXAMPLES.parent / "resolver" / "static" / "passport.css").read_text(encoding="utf-8")
    screen, _, paper = style.partition("@media print{")
    edges = {
        ".withdrawn": "background:var(--bad)", ".suspended": "3px dashed", ".superseded": "8px double",
        ".band.ended": "background:var(--ink)", ".band.model": "border-color:var(--ink)",
    }  # fmt: skip
    for kind, edge in edges.items():
        assert re.search(re.escape(kind) + r"\{[^}]*" + re.escape(edge), screen), kind
    assert ".withdrawn{border:5px solid" in paper and "border-left:18px solid" in paper


@each("table", ["_HEADLINES", "_ACTS"])
def test_the_sentences_exist_in_both_languages_with_the_same_fields(table):
    from passport.presenting import standing_words

    for message in getattr(standing_words, table).values():
        chinese = template(message, "zh")
        assert set(re.findall(r"{(\w+)}", message)) == set(re.findall(r"{(\w+)}", chinese)), message
        assert re.search(r"[\u4e00-\u9fff]", chinese)


def test_the_clock_of_a_band_is_that_of_the_change(own):
    publisher(own).suspend(own.operator.packs["lmt"], reason="x", at=own.clock[0] - timedelta(days=3))
    assert "Suspended since 5 March 2027" in bands(page(own))[0]
