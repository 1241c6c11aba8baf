"""Copies in every format of ``convert``, the one-page summary, and the trust list to download."""

from __future__ import annotations

import io
import json
import re
import zipfile

from passport.credentials.trust import TrustList
from resolver.forms.exports import EXPORTS
from tests.each import each

MODEL = "/passports/01/09529999001009"


@each("name", EXPORTS)
def test_a_pack_is_copied_in_every_format_of_convert(shared_site, name):
    answer = shared_site.client.get(shared_site.path(shared_site.ev), query_string={"format": name})
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["Content-Disposition"]
    if answer.mimetype == "application/zip":
        assert len(zipfile.ZipFile(io.BytesIO(answer.data)).namelist()) > 1
    elif "json" in answer.mimetype:
        json.loads(answer.data)
    else:
        assert answer.data.startswith(b"PK")
    assert b"stateOfCertifiedEnergy" not in answer.data, "no more than the public may read"


def test_a_model_has_no_copy_and_no_summary(anonymous):
    for name in ("xlsx", "pdf"):
        assert anonymous.get(MODEL, query_string={"format": name}).status_code == 406


@each("language", ["en", "zh"])
def test_the_summary_is_one_page_and_the_same_each_time(shared_site, language):
    query = {"format": "pdf", "lang": language}
    first = shared_site.client.get(shared_site.path(shared_site.ev), query_string=query)
    assert (first.status_code, first.mimetype) == (200, "application/pdf")
    assert len(re.findall(rb"/Type /Page\b(?!s)", first.data)) == 1
    assert shared_site.client.get(shared_site.path(shared_site.ev), query_string=query).data == first.data


def test_a_role_gets_no_summary_of_restricted_data(site):
    answer = site.client.get(site.path(site.ev), query_string={"format": "pdf"}, headers=site.bearer())
    assert answer.status_code == 406


def test_the_trust_list_of_the_site_is_the_one_that_the_command_reads(shared_site):
    answer = shared_site.client.get("/trusted-issuers.json")
    ours = TrustList.load(shared_site.operator.project.trust_list_path)
    assert TrustList.from_json(json.loads(answer.data)).issuers == ours.issuers
