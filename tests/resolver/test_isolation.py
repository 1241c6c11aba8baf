"""No page and no report prints a stranger's right-to-left text without keeping it apart from what is around it."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest
from markupsafe import Markup

from passport.battery.privacy.personal_text import free_text_terms
from passport.commands.keeping.init import make_project
from passport.exchange.records import record_files
from passport.exchange.spreadsheet import inventory_workbook
from passport.footprint import footprint_report
from passport.presenting.presenter import Presenter
from passport.reports import completeness_page, footprint_page
from passport.reports.isolation import IsolatedValues, isolated, isolated_plainly
from passport.reports.standalone_page import environment
from passport.store import Store
from passport.texts import Message, say
from passport.texts.isolation import CLOSING, OPENING, isolated_text
from passport.validation.completeness import reports
from passport.validation.validator import validate
from passport.vocabulary import vocabulary
from passport.vocabulary.indicator import Datatype
from passport.vocabulary.vocabulary import Audience
from resolver.app import create_app
from resolver.config import ResolverConfig
from resolver.page import macros
from tests.each import each
from tests.remembering_publisher import RememberingPublisher

CHECKOUT = Path(__file__).resolve().parents[2]
NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
BASE = "https://passport.example.com"
WORD = "שלום"
HTML = {"Accept": "text/html"}


class Apart(HTMLParser):
    """Gathers the texts with a stranger's word that nothing keeps apart."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.seen, self.loose, self._open = 0, [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if value and WORD in value and name in ("title", "aria-label", "alt", "placeholder"):
                self._judge(value, f"{tag}/@{name}")
        if tag not in ("br", "wbr", "meta", "link", "input", "path", "rect", "line"):
            self._open.append(tag)

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if WORD not in data or {"script", "style"} & set(self._open):
            return
        if "bdi" in self._open and "svg" not in self._open:
            self.seen += 1
        else:
            self._judge(data, "/".join(self._open[-3:]))

    def _judge(self, text, place):
        self.seen += 1
        if any(OPENING not in before for before in text.split(WORD)[:-1]):
            self.loose.append((place, text[:80]))


def hebrew(part):
    """The values with the word in every text that is a stranger's own."""
    known = vocabulary.load().indicators
    return part and {name: _hebrew(value, known[name]) if name in known else value for name, value in part.items()}


def _hebrew(value, kind):
    if isinstance(value, list):
        return [_hebrew(item, kind) for item in value]
    if isinstance(value, dict) and getattr(kind, "fields", ()):
        return {name: _hebrew(held, kind.field(name)) for name, held in value.items()}
    if kind.datatype is Datatype.LANG_STRING:
        return {language: f"{text} {WORD}" for language, text in value.items()}
    return f"{value} {WORD}" if kind.iri in free_text_terms() else value


def _parts(record, change):
    return replace(record, **{part: change(getattr(record, part)) for part in ("model", "batch", "pack", "condition")})


@pytest.fixture(scope="module")
def record():
    (example,) = record_files.read(CHECKOUT / "examples" / "ev-ncm-100kwh.xlsx")[0]
    return _parts(example, hebrew)


@pytest.fixture(scope="module")
def site(record, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    project = make_project(folder / "project", BASE, names={"en": f"Operator {WORD}", "zh": f"运营者 {WORD}"})
    store = Store.open("sqlite://")
    regimes = tuple(vocabulary.regimes().values())
    publisher = RememberingPublisher(store, project.issuer_with_key(None), BASE, vocabulary.load(), regimes)
    subject = publisher.issue([record], at=NOW - timedelta(hours=1)).of_kind("pack")[0].subject
    app = create_app(ResolverConfig.from_project(project), store=store, now=lambda: NOW)
    return app.test_client(use_cookies=False), subject, store


def apart(page):
    reading = Apart(page)
    assert reading.loose == []
    return reading.seen


@each("language", ["en", "zh"])
def test_every_value_of_a_passport_is_kept_apart(site, language):
    client, subject, _ = site
    answer = client.get(f"/passports{subject.removeprefix(BASE)}?lang={language}", headers=HTML)
    assert answer.status_code == 200 and apart(answer.text) > 20


@each("language", ["en", "zh"])
def test_every_value_of_a_verification_is_kept_apart(site, language):
    client, subject, store = site
    view = Presenter(store, vocabulary.load()).present(subject, Audience.CN_REGULATOR).presentation()
    view["verifiableCredential"][0]["name"] = f"Name {WORD}"
    answer = client.post(f"/verify?lang={language}", data={"text": json.dumps(view)}, headers=HTML)
    assert answer.status_code == 200 and apart(answer.text) > 1
    answer = client.post(f"/verify?lang={language}", data={"text": json.dumps({"type": [WORD]})}, headers=HTML)
    apart(answer.text)


@each("path", ["/search?code={word}", "/issuers", "/{word}", "/find?code={word}"])
@each("language", ["en", "zh"])
def test_every_value_of_another_page_is_kept_apart(site, path, language):
    client = site[0]
    answer = client.get(path.format(word=WORD), query_string=None, headers={**HTML, "Accept-Language": language})
    apart(answer.text)


def test_a_list_of_found_packs_keeps_their_makers_apart(site):
    client, _, store = site
    assert apart(client.get("/search?category=ev", headers=HTML).text) > 0


@each("language", ["en", "zh"])
def test_every_value_of_a_report_is_kept_apart(record, language):
    spoilt = _parts(record, lambda part: {**part, "batteryMass": WORD} if "batteryMass" in part else part)
    spoilt = replace(spoilt, model={**spoilt.model, "gtin": f"{WORD}1"})
    regimes = tuple(vocabulary.regimes().values())
    judged = list(reports(spoilt, validate(spoilt, regimes, on=NOW.date())))
    page = completeness_page.page(judged, file=f"{WORD}.xlsx", made=NOW.date(), language=language)
    assert apart(page) > 3


def test_every_value_of_a_footprint_report_is_kept_apart():
    example = inventory_workbook.read(CHECKOUT / "examples" / "footprint-ev-ncm.xlsx")
    named = replace(example, model=f"EV {WORD}", plant=f"Plant {WORD}")
    assert apart(footprint_page.html(footprint_report.make(named, software="test 1"))) > 2


# --- the one place ----------------------------------------------------------------------------------------------------


def test_a_value_without_other_direction_stays_byte_for_byte():
    assert isolated("a < b") == "a &lt; b" and isolated("蓝湖") == "蓝湖" and isolated_text("Müller") == "Müller"
    assert isolated(Markup("<b>x</b>")) == "<b>x</b>"


@each("text", [WORD, "مرحبا", "a\u202eb", "a\u200f", "\u2067a"])
def test_a_value_of_another_direction_is_kept_apart(text):
    assert isolated(f"<{text}") == f"<bdi>&lt;{text}</bdi>"
    assert isolated_text(text) == f"{OPENING}{text}{CLOSING}"
    assert isolated_plainly(isolated(text)) == isolated_plainly(text) == f"{OPENING}{text}{CLOSING}"


@each("language", ["en", "zh"])
def test_a_value_in_a_sentence_is_kept_apart_and_the_sentence_is_not(language):
    sentence = say(Message("{name} has {n} faults", name=WORD, n=2), language)
    assert f"{OPENING}{WORD}{CLOSING}" in sentence and sentence.count(OPENING) == 1


@each(("template", "page"), [
    ("<p>{{ v }}</p>", "<p><bdi>{v}</bdi></p>"),
    ("<p title='{{ v }}'>", "<p title='{o}{v}{c}'>"),
    ("<p{% if v %} title={{ v }}{% endif %}>{{ v }}", "<p title={o}{v}{c}><bdi>{v}</bdi>"),
    ("<a href='/{{ v }}?x={{ v }}'>{{ v }}", "<a href='/{v}?x={v}'><bdi>{v}</bdi>"),
    ("<input value={{ v }} aria-label='{{ v }}, {{ v }}'>", "<input value={v} aria-label='{o}{v}{c}, {o}{v}{c}'>"),
    ("<title>{{ v }}</title>{{ v }}", "<title>{o}{v}{c}</title><bdi>{v}</bdi>"),
    ("{% block title %}{{ v }}{% endblock %}{% block a %}{{ v }}{% endblock %}", "{o}{v}{c}<bdi>{v}</bdi>"),
    ("<svg><text>{{ v }}</text></svg>{{ v }}", "<svg><text>{o}{v}{c}</text></svg><bdi>{v}</bdi>"),
    ("<script>{{ v }}</script>{{ v }}", "<script>{v}</script><bdi>{v}</bdi>"),
    ("{{ v if v else 'x' }}{{ 'a' ~ v }}", "<bdi>{v}</bdi><bdi>a{v}</bdi>"),
    ("{% set x %}<b>{{ v }}</b>{% endset %}<i title='{{ x }}'>{{ x }}</i>",
     "<i title='<b>{o}{v}{c}</b>'><b><bdi>{v}</bdi></b></i>"),
])  # fmt: skip
def test_an_expression_of_a_template_is_isolated_as_its_place_requires(template, page):
    made = jinja2.Environment(autoescape=True, extensions=[IsolatedValues]).from_string(template).render(v=WORD)
    assert made == page.replace("{v}", WORD).replace("{o}", OPENING).replace("{c}", CLOSING)


def test_every_environment_of_templates_isolates(site):
    app = site[0].application
    assert all(
        IsolatedValues.identifier in each.extensions for each in (app.jinja_env, environment(), macros._TEMPLATES)
    )


def test_no_module_of_a_page_escapes_by_itself():
    """``markupsafe.escape`` keeps nothing apart; ``isolated`` does both."""
    own = CHECKOUT / "passport" / "reports" / "isolation.py"
    escaping = []
    for path in [*(CHECKOUT / "resolver").rglob("*.py"), *(CHECKOUT / "passport" / "reports").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "markupsafe" and path != own:
                escaping += [path.name for name in node.names if name.name == "escape"]
    assert escaping == []


def test_no_template_turns_isolation_off():
    for folder in (CHECKOUT / "resolver" / "templates", CHECKOUT / "passport" / "reports" / "templates"):
        for path in folder.glob("*.html"):
            text = path.read_text("utf-8")
            assert "autoescape" not in text, path.name
            assert text.count("|safe") == 0, path.name
