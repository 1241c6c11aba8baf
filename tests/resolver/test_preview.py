"""A preview before DNS: pages lead to where they are served, and nothing that was signed is changed."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client
from werkzeug.wrappers import Response

from resolver.preview import Preview
from tests.each import each
from tests.resolver.conftest import BASE, HTML, VP

HOST = "http://192.0.2.10:8080"


@pytest.fixture(scope="module")
def looked_at(operator, make_site, tmp_path_factory):
    site = make_site(operator, tmp_path_factory.mktemp("preview"))
    site.app.wsgi_app = Preview(site.app.wsgi_app, BASE)
    return site


def get(site, path: str, headers: dict | None = None):
    client: FlaskClient = site.client
    return client.get(path, base_url=HOST, headers=headers or HTML)


@each("path", ["/", "/search?category=ev", "/terms", "/verify", "{ev}", "{ev}?lang=zh", "/nothing"])
def test_each_link_and_form_stays_on_the_preview_and_the_page_says_so(looked_at, path):
    answer = get(looked_at, path.format(ev=looked_at.path(looked_at.ev)))
    targets = re.findall(r'<[a-z][^>]*\b(?:href|action|formaction)=["\']?([^"\'\s>]+)', answer.text)
    assert targets and not [target for target in targets if target.startswith(BASE)]
    assert BASE in answer.text.partition("<main")[0] and "no-store" in answer.headers["Cache-Control"]
    assert ("预览" if "zh" in path else "Preview of") in answer.text
    assert "ETag" not in answer.headers and int(answer.headers["Content-Length"]) == len(answer.data)


def test_the_address_that_is_signed_and_printed_is_the_one_that_will_be_published(looked_at, anonymous):
    page = get(looked_at, looked_at.path(looked_at.ev)).text
    assert f'"{looked_at.ev}"' in page, "in the structured data"
    assert f'<p class="printonly">{looked_at.ev}</p>' in page
    here, there = (
        get(looked_at, looked_at.path(looked_at.ev), VP),
        anonymous.get(looked_at.path(looked_at.ev), headers=VP),
    )
    assert here.data == there.data and here.headers["ETag"] == there.headers["ETag"]


def test_a_code_leads_on_within_the_preview(looked_at):
    pack = looked_at.ev.removeprefix(BASE)
    assert get(looked_at, pack).headers["Location"] == f"/passports{pack}"
    assert get(looked_at, "/look?q=RS26012204417").headers["Location"].startswith("/passports/id/")


def test_text_between_tags_and_other_sites_are_left_alone():
    text = f'<body class="x"><a href={BASE}/a href="{BASE}" title="{BASE}">href="{BASE}/b"</a><a href="{BASE}.evil/c">'
    page = Preview(lambda *_: [], BASE).page(text)
    assert page.partition("</div></div>")[2] == (
        f'<a href=/a href="/" title="{BASE}">href="{BASE}/b"</a><a href="{BASE}.evil/c">'
    )


def test_a_site_below_a_path_is_looked_at_where_its_pages_lead():
    def application(environ, start_response):
        page = f'<html lang="en"><body>{environ["PATH_INFO"]}<a href="https://a.example/dpp/x">'
        return Response(page, content_type="text/html")(environ, start_response)

    client = Client(Preview(application, "https://a.example/dpp"))
    assert "/static/a.css" in client.get("/dpp/static/a.css").text and 'href="/x"' in client.get("/dpp").text
