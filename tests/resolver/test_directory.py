"""The directory of enterprises on the web: pages, JSON, the signed file and the feed of changes."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from urllib.parse import quote

import pytest

from passport.belonging import passport_verifier
from passport.commands.keeping.init import make_project
from passport.credentials.status_list import REVOCATION
from passport.credentials.trust import TrustList
from passport.identity import PrivateKey, did_rotation
from passport.publishing.registrar import Registrar
from passport.store import Store
from tests.directory_world import Company, credit_code
from tests.resolver.conftest import BASE, HTML, NOW, Operator, make_site

EARLIER = NOW - timedelta(days=2)
VP = {"Accept": "application/vp"}


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("registrar")
    project = make_project(folder / "project", BASE, names={"en": "Registrar", "zh": "登记机构"})
    store = Store.open("sqlite://")
    registrar = Registrar(store, project.issuer_with_key(None), BASE)
    companies = {
        "maker": Company("maker", 1, markets=("EU",), manufacturer_codes=("ZZZ",), resolvers=(BASE,)),
        "gone": Company("gone", 2, legal_name={"en": "Gone <b>Ltd</b>"}),
        "lab": Company("lab", 3, roles=("certificationBody",), provinces=("CN-SH",)),
    }
    for company in companies.values():
        registrar.issue(company.enterprise, company.document, valid_from=EARLIER)
    rotated = did_rotation.with_key(companies["maker"].document, "key-2", PrivateKey.generate().public_key)
    registrar.take_keys("did:web:maker.example", did_rotation.retired(rotated, "key-1"), EARLIER + timedelta(days=1))
    registrar.change("did:web:gone.example", REVOCATION, True, "a secret reason", NOW - timedelta(hours=1))
    return make_site(Operator(project, store, {}), folder), project


def test_the_page_lists_and_finds_enterprises_in_both_languages(listed):
    client = listed[0].client
    page = client.get("/directory", headers=HTML).text
    assert "Maker Co., Ltd." in page and "Gone &lt;b&gt;Ltd&lt;/b&gt;" in page and "Revoked" in page
    assert "a secret reason" not in page
    found = client.get(f"/directory?code={credit_code(3)}&lang=zh", headers=HTML).text
    assert "lab有限公司" in found and "maker有限公司" not in found and 'lang="zh"' in found
    for link in set(re.findall(r'href="(/[^"]*)"', page)):
        assert client.get(link, headers=HTML).status_code == 200, link
    assert 'href="/directory?lang=en"' in client.get("/?lang=en", headers=HTML).text


def test_one_enterprise_has_a_page_with_its_keys_over_time(listed):
    client = listed[0].client
    page = client.get("/directory/enterprises/did:web:maker.example", headers=HTML).text
    assert credit_code(1) in page and "#key-1" in page and "Retired: what it signed still verifies" in page
    one = client.get("/directory/enterprises/did:web:maker.example?format=json").json
    assert [(key["method"].partition("#")[2], key["standing"]) for key in one["keys"]] == [
        ("key-1", "retired"), ("key-2", "inUse"),
    ]  # fmt: skip
    served = client.get(one["identity"]["id"].removeprefix(BASE))
    assert served.mimetype == "application/vc" and json.loads(served.data) == one["identity"]
    assert client.get("/directory/enterprises/did:web:nobody.example", headers=HTML).status_code == 404


def test_the_signed_file_verifies_by_itself_and_names_the_revoked_one_without_its_document(listed):
    site, project = listed
    file = site.client.get("/directory", headers=VP)
    document = json.loads(file.data)
    assert file.headers["ETag"] and file.headers["Cache-Control"] == "public, max-age=60"
    trusted = {"id": project.issuer, "name": {"en": "R"}}
    trusted["trustedFor"] = ["EnterpriseIdentityCredential", "EnterpriseDirectoryCredential"]
    result = passport_verifier(TrustList.from_json({"issuers": [trusted]})).verify(document, at=NOW)
    assert result.verified is True and len(result.credentials) == 3
    entries = document["verifiableCredential"][0]["credentialSubject"]["listedIdentities"]
    assert {each["listedHolder"]: each["identityStanding"] for each in entries}["did:web:gone.example"] == "revoked"


def test_the_feed_goes_on_behind_the_last_change_that_was_seen(listed):
    client = listed[0].client
    feed = client.get("/directory/changes").json
    assert [(item["kind"], item["standing"]) for item in feed["items"]].count(("standing", "revoked")) == 1
    later = client.get(f"/directory/changes?after={feed['last']}").json
    assert later == {"items": [], "last": feed["last"], "next": None}
    assert "a secret reason" not in str(feed)
    for bad in ("x", "-1", "9" * 30):
        assert client.get(f"/directory/changes?after={bad}").status_code == 400


def test_a_query_that_is_none_is_refused_and_a_site_without_a_directory_says_so(listed, anonymous):
    client = listed[0].client
    for query in ("nmae=x", f"name={'x' * 201}", "name=a&name=b", f"code={quote(chr(0))}"):
        assert client.get(f"/directory?{query}").status_code == 400, query
    assert "No enterprise is listed here." in anonymous.get("/directory", headers=HTML).text
    assert anonymous.get("/directory", headers=VP).status_code == 404
    assert "/directory" not in anonymous.get("/", headers=HTML).text
