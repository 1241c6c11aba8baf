"""The interface for programs as a page: all that the OpenAPI document says, in both languages."""

from __future__ import annotations

import html
import re

from resolver.forms import openapi
from resolver.forms.openapi_page import api_page
from tests.each import each
from tests.resolver.conftest import BASE, HTML


@each("language", ["en", "zh"])
def test_each_request_and_object_is_on_the_page_with_its_parameters_and_answers(anonymous, language):
    answer = anonymous.get("/docs/api", query_string={"lang": language}, headers=HTML)
    assert answer.status_code == 200 and answer.headers["Content-Language"] == language
    document, text = openapi.document(BASE), html.unescape(answer.text)
    for path, methods in document["paths"].items():
        for operation in methods.values():
            part = text.partition(f'<h3 id="{operation["operationId"]}">')[2].partition("<h3")[0]
            assert path in part
            assert all(f"<code>{one['name']}</code>" in part for one in operation["parameters"])
            assert re.findall(r'<th scope="row">(\d{3})</th>', part) == list(operation["responses"])
    for name, schema in document["components"]["schemas"].items():
        part = text.partition(f'<h3 id="{name}">')[2].partition("<h3")[0]
        assert re.findall(r'<th scope="row"><code>(.*?)</code>', part) == list(schema["properties"])


def test_the_page_asks_nobody_else_and_its_links_lead_somewhere(anonymous):
    page = anonymous.get("/docs/api", headers=HTML).text
    assert "<script" not in page and not re.search(r'(?:href|src|action)="(?!/|#|\?|data:,)', page)
    ids = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids
    for target in set(re.findall(r'href="(/[^"?#]*)', page)):
        assert anonymous.get(target, headers=HTML).status_code == 200, target


def test_the_home_page_leads_to_it(anonymous):
    assert 'href="/docs/api' in anonymous.get("/", headers=HTML).text


def test_a_command_names_the_address_of_the_site():
    page = api_page(openapi.document("https://a.example/dpp"))
    calls = [each.call for group in page.groups for each in group.operations]
    assert "curl -s 'https://a.example/dpp/v1/dpps/{dppId}'" in calls
    assert len(calls) == sum(map(len, openapi.document(BASE)["paths"].values()))
