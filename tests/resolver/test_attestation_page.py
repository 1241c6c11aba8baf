"""Who attested which value of a passport: marks on the passport page, the page of all attestations, the verifier."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from passport.attestation.attested_values import read_attestation, subjects_of, value_digest
from passport.belonging import passport_verifier
from passport.presenting.presenter import Presenter
from passport.vocabulary.credential_types import ATTESTATION, BATCH, CONDITION, MODEL, MODEL_DETAIL, PASSPORT, ROLE
from passport.vocabulary.vocabulary import Audience
from tests.attestation.test_attestations import AT, CORE, VOCABULARY, World
from tests.resolver.conftest import HTML, Operator, make_site

LATER = AT + timedelta(minutes=3)
SECRET = "capacityFade"


class Shop:
    """A resolver over a maker's store with attestations: of public values, one of them changed since, and a secret."""

    def __init__(self, folder) -> None:
        self.world = world = World(folder)
        world.hand_over(world.sign(*CORE))
        world.hand_over(self._recycled())
        self.secret = self._secret()
        world.hand_over(self.secret)
        changed = [replace(each, model={**each.model, "batteryMass": "541"}) for each in world.record]
        world.publisher.issue(changed, at=AT + timedelta(minutes=1), replace=True, reason="weighed again")
        kinds = [PASSPORT, MODEL, BATCH, MODEL_DETAIL, CONDITION, ROLE]
        trust = [{"id": world.maker.issuer, "name": {"en": "Maker"}, "trustedFor": kinds,
                  "audiences": [each.value for each in Audience if each is not Audience.PUBLIC]},
                 {"id": world.lab.issuer, "name": {"en": "Lab", "zh": "某检测所"}, "trustedFor": [ATTESTATION]},
                 ]  # fmt: skip
        world.maker.trust_list_path.write_text(json.dumps({"issuers": trust}))
        self.site = make_site(Operator(world.maker, world.store, {}), folder)
        self.site.clock[0] = LATER
        self.place = world.pack.removeprefix(world.maker.base_url)

    def _values(self, audience):
        return subjects_of(Presenter(self.world.store, VOCABULARY).present(self.world.pack, audience).credentials)

    def _attest(self, subject, kind, name, value):
        statement = replace(
            read_attestation(self.world.sign("ratedCapacity")), subject=subject, kind=kind,
            values={name: value_digest(name, value)},
        )  # fmt: skip
        return self.world.attestor.attest(statement, valid_from=AT, valid_until=AT + timedelta(days=30), at=AT)

    def _recycled(self):
        subjects = self._values(Audience.PUBLIC)
        batch = next(name for name, values in subjects.items() if "recycledNickelShare" in values)
        value = subjects[batch]["recycledNickelShare"]
        return self._attest(batch, "BatteryBatch", "recycledNickelShare", value)

    def _secret(self):
        pack = self._values(Audience.LEGITIMATE_INTEREST)[self.world.pack]
        return self._attest(self.world.pack, "BatteryPack", SECRET, pack[SECRET])

    def token(self, audience=Audience.LEGITIMATE_INTEREST):
        role = self.site.operator.grant(self.site.holder, audience)
        answer = self.site.ask(self.site.presentation(role, domain=self.world.maker.base_url))
        assert answer.status_code == 200, answer.text
        return answer.json["access_token"]

    def bearer(self, *audience):
        return {"Authorization": f"Bearer {self.token(*audience)}"}

    def page(self, **options):
        return self.site.client.get(
            f"/passports{self.place}", headers={**HTML, **options.pop("headers", {})}, **options
        )


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return Shop(tmp_path_factory.mktemp("attested-site"))


def row_of(html, id_):
    """The entry of an indicator, up to the next one."""
    return re.split(r"<li id=|</ul>", html.split(f"<li id={id_}", 1)[1], maxsplit=1)[0]


def text_of(html):
    return " ".join(re.sub("<[^>]*>", " ", html).split())


# --- the passport page ------------------------------------------------------------------------------------------------


def test_the_passport_page_names_beside_a_value_who_attested_it_and_until_when(shop):
    html = shop.page().text
    assert "✓ attested by Lab until 7 March 2028" in text_of(row_of(html, "ratedCapacity"))
    assert "attested" not in row_of(html, "ratedEnergy"), "nobody examined it"
    assert f"/attestations{shop.place}?lang=en" in html
    chinese = shop.page(query_string={"lang": "zh"}).text
    assert "某检测所" in row_of(chinese, "ratedCapacity") and "2028年3月7日" in row_of(chinese, "ratedCapacity")


def test_the_passport_page_says_when_an_attestation_no_longer_fits_the_value(shop):
    mark = text_of(row_of(shop.page().text, "batteryMass"))
    assert "! attested by Lab, which no longer fits: the value was changed since" in mark and "✓" not in mark


def test_a_value_that_is_drawn_has_its_mark_below_the_picture(shop):
    figure = [each.split("</figure>", 1)[0] for each in shop.page().text.split("<figure>")[1:]]
    own = next(each for each in figure if "attested by" in each)
    drawn = text_of(own.split("<details>", 1)[0])
    assert "✓ attested by Lab until 7 April 2027" in drawn and "Nickel" in drawn


def test_marks_are_printed(shop):
    style = shop.site.client.get("/static/passport.css").text
    hidden = [each for each in style.split("@media print{")[-1].split("}") if "display:none" in each]
    assert hidden and not any(re.search(r"\.att\b", each) for each in hidden)
    assert ".att{" in style


def test_the_page_of_an_earlier_version_says_nothing_of_its_values(shop):
    """They were replaced: what was attested of them counts no more, and was not changed since either."""
    before = text_of(row_of(shop.page(query_string={"at": "2027-03-08T09:30:30Z"}).text, "batteryMass"))
    assert "540" in before and "attested" not in before


# --- restricted values ------------------------------------------------------------------------------------------------


def test_a_stranger_does_not_learn_of_an_attestation_of_a_restricted_value(shop):
    for path in (f"/passports{shop.place}", f"/attestations{shop.place}"):
        for accept in ("text/html", "application/json", "application/vp"):
            answer = shop.site.client.get(path, headers={"Accept": accept})
            if answer.status_code == 200:
                assert shop.secret["id"] not in answer.text, (path, accept)
    assert SECRET not in shop.site.client.get(f"/attestations{shop.place}?format=json").text


def test_a_reader_with_the_role_sees_the_attestation_of_a_restricted_value(shop):
    headers = shop.bearer()
    assert "✓ attested by Lab until 7 April 2027" in text_of(row_of(shop.page(headers=headers).text, SECRET))
    path = f"/attestations{shop.place}"
    answer = shop.site.client.get(f"{path}?format=json", headers=headers)
    assert {each["indicator"]: each["standing"] for each in answer.json["attested"]}[SECRET] == "fits"
    assert answer.headers["Cache-Control"] == "private, no-store"
    file = json.loads(shop.site.client.get(f"{path}?format=vp", headers=headers).data)
    assert shop.secret["id"] in {each["id"] for each in file["verifiableCredential"]}
    trust = shop.site.app.extensions["resolver"].config.trust_list
    assert passport_verifier(trust).verify(file, at=LATER, about=shop.world.pack).verified is True


def test_a_reader_in_a_browser_asks_by_its_form(shop):
    token = shop.token()
    page = shop.site.client.post(f"/passports{shop.place}?lang=en", data={"access_token": token}, headers=HTML).text
    assert re.search(rf'<button form="role" formaction="/attestations{re.escape(shop.place)}', page)
    answer = shop.site.client.post(f"/attestations{shop.place}?lang=en", data={"access_token": token}, headers=HTML)
    assert answer.status_code == 200 and "Capacity fade" in answer.text and token in answer.text
    assert shop.site.client.post(f"/attestations{shop.place}", data={"access_token": "x"}).status_code == 401


def test_a_role_that_does_not_open_the_value_sees_no_attestation_of_it(shop):
    answer = shop.site.client.get(f"/attestations{shop.place}?format=json", headers=shop.bearer(Audience.NOTIFIED_BODY))
    assert answer.status_code == 200 and SECRET not in answer.text


# --- the page of all attestations, and the verifier -------------------------------------------------------------------


def test_the_page_says_who_attested_what_until_when_and_hands_it_out_signed(shop):
    path = f"/attestations{shop.place}"
    page = shop.site.client.get(path, headers=HTML)
    assert page.status_code == 200 and page.text.count("✓ attested") == len(CORE)
    assert "Lab" in page.text and "7 March 2028" in page.text and "GB/T 31486-2024" in page.text
    assert "额定容量" in shop.site.client.get(f"{path}?lang=zh", headers=HTML).text
    listed = shop.site.client.get(f"{path}?format=json").json["attested"]
    standings = {each["indicator"]: each["standing"] for each in listed}
    assert standings == {**dict.fromkeys((*CORE, "recycledNickelShare"), "fits"), "batteryMass": "changed"}


def test_the_verifier_page_names_the_attestations_of_a_file(shop):
    client = shop.site.client
    file = client.get(f"/attestations{shop.place}?format=vp").data
    assert passport_verifier(shop.world.trust()).verify(json.loads(file), at=LATER, about=shop.world.pack).verified
    upload = {"file": (io.BytesIO(file), "attested.jsonld")}
    page = text_of(client.post("/verify?lang=en", data=upload, headers=HTML).text)
    assert "Who examined these values" in page
    assert re.search("Rated capacity ✓ attested Lab [^✓✗]* 7 March 2028", page)
    assert "Battery mass ✗ the value was changed since Lab" in page
    bare = {"file": (io.BytesIO(client.get(f"/passports{shop.place}?format=vp").data), "bare.jsonld")}
    assert "Who examined these values" not in client.post("/verify?lang=en", data=bare, headers=HTML).text
    report = client.post("/verify", data=file, headers={"Accept": "application/json"}).json
    assert {each["standing"] for each in report["attested"]} == {"fits", "changed"}


def test_a_passport_without_attestations_says_so(site):
    path = "/attestations" + site.ev.removeprefix("https://passport.example.com")
    assert "No third party attested" in site.client.get(path, headers=HTML).text
    assert site.client.get("/attestations/id/NONE", headers=HTML).status_code == 404
