"""Asking for a role: the form of the passport page goes to the operator's workspace, and nowhere else."""

from __future__ import annotations

import pytest

from passport.credentials.trust import TrustList
from passport.errors import UnusableProject
from passport.project import Project
from tests.each import each
from tests.resolver.conftest import HTML

ASK = "https://work.example.com/ask"
RELATION = "https://w3id.org/battery-passport/ns#accessRequest"


@pytest.fixture(scope="module")
def asking(operator, make_site, tmp_path_factory):
    """A site whose operator has a workspace."""
    return make_site(operator, tmp_path_factory.mktemp("asking"), workspace_url="https://work.example.com")


@each("language", ["en", "zh"])
def test_the_form_posts_to_the_workspace_and_the_policy_allows_that_address_only(asking, language):
    answer = asking.get(asking.ev, HTML | {"Accept-Language": language})
    assert f'action="{ASK}?lang={language}"' in answer.text
    assert f'name="pack" value="{asking.ev}"' in answer.text and answer.text.count("<option") == 7
    assert f"form-action 'self' {ASK};" in answer.headers["Content-Security-Policy"]


def test_the_form_offers_nothing_to_notified_bodies_where_the_trust_list_admits_none(operator, make_site, tmp_path):
    trust_list = operator.project.trust_list().to_json()
    for entry in trust_list["issuers"]:
        entry["audiences"] = ["legitimate-interest"]
    site = make_site(
        operator, tmp_path, workspace_url="https://work.example.com", trust_list=TrustList.from_json(trust_list)
    )
    page = site.get(site.ev, HTML).text
    assert page.count("<option") == 6 and "conformity-assessment" not in page


def test_the_linkset_names_the_form(asking):
    pack = asking.client.get(asking.ev.removeprefix("https://passport.example.com"), query_string="linkType=linkset")
    levels = pack.json["linkset"]
    assert levels[0][RELATION][0]["href"].startswith(f"{ASK}?pack=https%3A%2F%2Fpassport.example.com%2F")
    assert not any(RELATION in level for level in levels[1:])


def test_without_a_workspace_the_page_tells_how_to_ask(site):
    answer = site.get(site.ev, HTML)
    assert 'id="ask-form"' not in answer.text and 'id="ask"' in answer.text
    assert "form-action 'self';" in answer.headers["Content-Security-Policy"]
    levels = site.client.get(site.ev.removeprefix("https://passport.example.com"), query_string="linkType=linkset")
    assert not any(RELATION in level for level in levels.json["linkset"])


def test_a_reader_with_a_role_and_a_model_have_no_form(asking):
    assert 'id="ask-form"' not in asking.get(asking.ev, HTML | asking.bearer()).text
    assert 'id="ask-form"' not in asking.get(asking.ev.partition("/21/")[0], HTML).text


@each("url", [
    "https://work.example.com/path", "ftp://work.example.com", "https://a.example; script-src *", "https://a b",
    "https://user@a.example", "https://a.example/\\n", "//a.example", "",
])  # fmt: skip
def test_a_workspace_is_refused_that_is_no_origin(tmp_path, url):
    (tmp_path / "passport.toml").write_text(
        'base_url = "https://p.example"\nissuer = "did:web:p.example"\nverification_method = "did:web:p.example#k"\n'
        f'workspace_url = "{url}"\n'
    )
    with pytest.raises(UnusableProject, match="workspace_url"):
        Project.open(tmp_path)


def test_a_project_keeps_its_workspace(tmp_path):
    made = Project(tmp_path, "https://p.example", "did:key:z", "did:key:z#z", workspace_url="https://work.example:8473")
    made.write()
    assert Project.open(tmp_path).workspace_url == "https://work.example:8473"
