"""The passport page: what it says, to whom, in both languages, and what it never holds."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from passport.battery.privacy import rights
from passport.credentials.trust import TrustList
from passport.identity.keys import Algorithm, PrivateKey
from passport.presenting.presenter import PassportView
from passport.publishing.publisher import Publisher
from passport.reports.report_words import COMMON
from passport.texts import Message, languages, say, template
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import PASSPORT
from passport.vocabulary.vocabulary import Audience
from resolver.page.structured_data import structured_data
from tests.each import each
from tests.remembering_publisher import RememberingPublisher

BASE = "https://passport.example.com"
CHECKOUT = Path(__file__).resolve().parents[2]
HTML = {"Accept": "text/html"}
PACKS = ("ev", "stationary", "lmt")
#: Octets of a page with its style sheet, nothing compressed. The meaning of each entry is in the page, one tap away.
BUDGET = 96_000
BUDGETS = {
    ("ev", Audience.PUBLIC): 108_000,
    ("ev", Audience.LEGITIMATE_INTEREST): 122_000,
    ("ev", Audience.COMMISSION): 113_000,
    ("ev", Audience.CN_REGULATOR): 115_000,
    ("ev", Audience.NOTIFIED_BODY): 113_000,
    ("ev", Audience.MARKET_SURVEILLANCE): 113_000,
}
DATA_BLOCK = "application/ld+json"
VOID = {"meta", "link", "input", "path", "rect", "line", "br", "img"}


HOSTILE_NAME = "</script><script>alert(1)</script><!--\u2028&"


class Reading(HTMLParser):
    """What a page holds: its text, headings, links, and the language of each run of text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[tuple[int, str]] = []
        self.tags: list[tuple[str, dict]] = []
        self.ids: list[str] = []
        self.text = ""
        self.data: list[str] = []
        self._data_block = False
        self._heading: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self._data_block = attributes.get("type") == DATA_BLOCK
        if not self._data_block:
            self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if re.fullmatch(r"h[1-6]", tag):
            self._heading = []

    def handle_endtag(self, tag):
        self._data_block = False
        if re.fullmatch(r"h[1-6]", tag) and self._heading is not None:
            self.headings.append((int(tag[1]), " ".join("".join(self._heading).split())))
            self._heading = None

    def handle_data(self, data):
        if self._data_block:
            self.data.append(data)
            return
        self.text += data
        if self._heading is not None:
            self._heading.append(data)

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(site, pack: str = "ev", query: str = "", headers: dict | None = None) -> str:
    subject = site.operator.packs[pack]
    answer = site.client.get(site.path(subject) + query, headers={**HTML, **(headers or {})})
    assert answer.status_code == 200, answer.text
    return answer.text


def row(text: str, id_: str) -> str:
    """The markup of one entry."""
    return re.search(rf"<li id={id_}[ >].*?(?=<li id=|</ul>\n|<section|</section>)", text, re.S).group()


def fold_of(text: str, id_: str) -> str:
    """The markup of the line behind which the name of an entry is."""
    folds = re.findall(r"<details class=fold.*?</details>", text, re.S)
    return next(fold for fold in folds if re.search(rf"<li id={id_}[ >]", fold))


def words(text: str) -> str:
    text = re.sub(r"<script[^>]*>.*?</script>", " ", text, flags=re.DOTALL)
    plain = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())
    return re.sub(r" ([,.;:])", r"\1", plain)


# --- every page -----------------------------------------------------------------------------------------------------


@pytest.mark.product(of=6)
@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_with_its_style_sheet_stays_within_its_budget(site, pack, language, audience):
    headers = {} if audience is Audience.PUBLIC else site.bearer(audience)
    style = len(site.client.get("/static/passport.css").data)
    weight = len(page(site, pack, f"?lang={language}", headers).encode()) + style
    assert weight < BUDGETS.get((pack, audience), BUDGET), weight


def test_the_view_of_a_role_in_a_browser_hands_on_its_token_within_the_budget(site):
    style = len(site.client.get("/static/passport.css").data)
    answer = site.client.post(site.path(site.ev), data={"access_token": site.token()}, headers=HTML)
    assert len(answer.data) + style < 132_000


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("query", ["?lang=en", "?lang=zh", "?lang=en&regime=eu", "?lang=zh&regime=cn"])
def test_a_page_is_well_made(site, pack, query):
    read = Reading(page(site, pack, query))
    language = query[6:8]
    assert read.all("html") == [{"lang": language}]
    assert [level for level, _ in read.headings].count(1) == 1
    levels = [level for level, _ in read.headings]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False)), levels
    assert all(text for _, text in read.headings)
    assert len(read.ids) == len(set(read.ids))
    assert read.all("main")[0]["id"] == "main"
    assert read.all("a")[0]["href"] == "#main"
    targets = {a["href"][1:] for a in read.all("a") if a["href"].startswith("#")}
    assert targets <= set(read.ids)
    assert all(svg.get("role") == "img" and svg.get("aria-label") for svg in read.all("svg"))
    assert all(nav.get("aria-label") for nav in read.all("nav"))
    assert all(section.get("aria-labelledby") in read.ids for section in read.all("section"))


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.COMMISSION])
@pytest.mark.parametrize("pack", PACKS)
def test_a_page_names_the_battery_and_its_passport_in_the_words_of_schema_org(site, pack, audience):
    headers = {} if audience is Audience.PUBLIC else site.bearer(audience)
    (block,) = Reading(page(site, pack, headers=headers)).data
    data = json.loads(block)
    subject = site.operator.packs[pack]
    assert (data["@context"], data["@type"], data["@id"]) == ("https://schema.org", "IndividualProduct", subject)
    passport = data["hasDigitalProductPassport"]
    assert passport["@type"] == "DigitalProductPassport"
    assert passport["url"] == passport["@id"] == BASE + site.path(subject)
    assert site.client.get(site.path(subject)).status_code == 200
    assert data == json.loads(Reading(page(site, pack)).data[0]), "the same for every reader"


@pytest.mark.parametrize(
    ("language", "method", "boundary"),
    [
        ("en", "Rules of the Joint Research Centre", "Partial life cycle"),
        ("zh", "欧盟联合研究中心电动汽车", "部分生命周期"),
    ],
)
def test_every_footprint_stands_with_its_method_and_boundary(site, language, method, boundary):
    # Once in the row of the total, once in that of the absolute figure, once below the picture, once as an entry.
    text = words(page(site, "ev", f"?lang={language}"))
    assert text.count(method) >= 4
    assert text.count(boundary) >= 6, "both regimes' figures have one"


def test_the_page_of_a_model_names_the_model(site):
    model = site.ev.split("/21/")[0]
    answer = site.client.get(site.path(model), headers=HTML)
    data = json.loads(Reading(answer.text).data[0])
    assert (data["@type"], data["@id"], data["gtin"]) == ("ProductModel", model, "09529999001009")
    assert "serialNumber" not in data and "model" not in data


def test_nothing_ends_the_data_block_early(site):
    context = SimpleNamespace(
        claims={"manufacturerName": HOSTILE_NAME, "gtin": 7, "serialNumber": HOSTILE_NAME},
        is_model=False, view=SimpleNamespace(subject="https://x/01/1/21/2", model="https://x/01/1"),
        here=SimpleNamespace(config=SimpleNamespace(base_url="https://x", languages=("en",))),
    )  # fmt: skip
    with site.app.app_context():
        block = site.app.jinja_env.from_string("{{ data|tojson }}").render(data=structured_data(context, HOSTILE_NAME))
    assert not set("<>&\u2028") & set(block)
    assert json.loads(block)["manufacturer"]["name"] == HOSTILE_NAME and "gtin" not in json.loads(block)


@pytest.mark.parametrize("query", ["?lang=en", "?lang=zh"])
def test_a_page_asks_nobody_else_and_runs_nothing(site, query):
    text = page(site, query=query)
    read = Reading(text)
    assert not read.all("script") and not read.all("img") and not read.all("iframe") and not read.all("style")
    assert not any("style" in attributes for _, attributes in read.tags)
    assert not any(name.startswith("on") for _, attributes in read.tags for name in attributes)
    assert [link["href"].split("?")[0] for link in read.all("link")] == ["data:,", "/static/passport.css"]
    schemes = {a["href"].split(":")[0] for a in read.all("a") if ":" in a["href"].split("/")[0]}
    assert schemes <= {"https", "mailto"}


def test_all_texts_exist_in_every_language_with_the_same_fields():
    from resolver.page import wording

    for key, text in wording.TEXTS.items():
        said = [
            template(text, language) if isinstance(text, Message) else say(text, language) for language in languages()
        ]
        assert all(each.strip() for each in said), key
        fields = [set(re.findall(r"{(\w+)}", each)) for each in said]
        assert all(each == fields[0] for each in fields), key
    assert {code.code for code in vocabulary.load().enumerations["purpose"].codes} == set(rights.PURPOSES)


def test_no_text_is_kept_that_nobody_says():
    from resolver.page import wording

    folder = CHECKOUT / "resolver"
    own = folder / "page" / "wording"
    sources = [each for each in folder.rglob("*") if each.suffix in (".py", ".html") and own not in each.parents]
    said = "".join(each.read_text(encoding="utf-8") for each in sources)
    # Some keys are put together: status-valid, dynamic-restricted.
    quoted = set(re.findall(r"""["'](?=([\w?-]+)["'])""", said))
    stems = set(re.findall(r"""["']([\w?-]+-)(?:\{|["'] ~)""", said)) | {"problem-", "count-", "why-"}
    for key in wording.TEXTS:
        stem = key.removesuffix("-restricted").removesuffix("-about")
        if key not in COMMON:
            assert stem in quoted or any(key.startswith(s) for s in stems), key


def test_reports_and_pages_have_the_same_colours():
    """A report is one file and a page asks for its style sheet, so the palette is written twice."""
    sheets = ("resolver/static/passport.css", "passport/reports/templates/page.css")
    page_, report = ((CHECKOUT / sheet).read_text(encoding="utf-8") for sheet in sheets)
    for scheme in (0, 1):  # light, dark
        ours, theirs = (
            dict(re.findall(r"--(\w+):(#\w+)", re.findall(r":root\{([^}]*)\}", text)[scheme]))
            for text in (page_, report)
        )
        assert len(theirs) == 10 and theirs.items() <= ours.items()


def test_chinese_sentences_stand_without_blanks_between_them(site):
    for query, headers in (("?lang=zh", {}), ("?lang=zh", site.bearer())):
        text = html.unescape(re.sub(r"<[^>]*>", "", page(site, query=query, headers=headers)))
        assert re.findall(r"[。？：][ \u00a0]+[\u3400-\u9fff]", text) == []


@pytest.mark.parametrize("pack", PACKS)
def test_no_label_is_missing_in_either_language(site, pack):
    indicators = vocabulary.load().indicators
    for language in ("en", "zh"):
        text = page(site, pack, f"?lang={language}")
        named = re.findall(r"<li id=(\w+)(?: [^>]*)?>(?:<details><summary><span class=k>|<a [^>]*>)(.*?)<", text)
        assert len(named) > 80
        for id_, label in named:
            assert html.unescape(label) == indicators[id_].in_text[language]
            assert html.escape(indicators[id_].definition[language], quote=False) in text.replace("&#39;", "'") or (
                f"/ns/{id_}?lang={language}" in text
            ), "its meaning is one tap away"
    chinese = page(site, pack, "?lang=zh")
    # What a page says itself is Chinese; only what was signed, and names marked as English, is not.
    for sentence in ("Signed, unchanged", "not yet due", "estricted", "What you may need", "Downloads", "entries"):
        assert sentence not in words(chinese)


# --- what it says ---------------------------------------------------------------------------------------------------


def test_the_header_says_what_battery_this_is(site):
    said = words(page(site))
    assert "LH-NCM100-192S" in said
    assert "Electric-vehicle battery by Lanhu Example Power Battery Co., Ltd." in said
    assert "Chemistry NMC" in said and "Energy 100" in said
    code = re.search(r'<span class="code">(.*?)</span>', page(site))[1]
    assert re.findall(r"<b>(\w+)</b>", code) == ["ZZZ", "P", "E", "10", "A7K2M05", "G6J", "0000317"]


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", ["537.6\u202fV", "48,000\u202fkWh", "−40\u202f°C", "18 June 2026", "96\u00a0months", "28.7\u202f%",
                "350\u202fkW", "128\u202fmΩ", "Signed as 360,000\u202fW",
                "−10\u00a0–\u00a050\u202f°C", "2,090 × 1,290 × 145\u202fmm", "10\u202fs"]),
        ("zh", ["537.6\u202fV", "48,000\u202fkWh", "−40\u202f°C", "2026年6月18日", "96个月", "28.7%",
                "350\u202fkW", "128\u202fmΩ", "−10\u00a0至\u00a050\u202f°C",
                "2,090 × 1,290 × 145\u202fmm", "10\u202fs"]),
    ],
)  # fmt: skip
def test_values_are_written_as_people_write_them(site, language, shown):
    text = html.unescape(re.sub(r"<[^>]*>", "", page(site, query=f"?lang={language}")))
    for value in shown:
        assert value in text, value


def test_chinese_in_a_signed_text_is_marked_on_an_english_page(site):
    assert "<span lang=zh>澜湖示例动力电池有限公司</span>" in page(site)
    assert "<span lang=zh>澜湖" not in page(site, query="?lang=zh")


def test_both_vocabularies_stand_beside_a_value(site):
    entry = row(page(site), "nominalVoltage")
    assert "XIII\u00a01(h)" in html.unescape(entry)
    assert "<span lang=zh>电池包标称电压" in entry


def test_the_regime_switch_leaves_out_what_only_the_other_side_knows(site):
    eu, cn = page(site, query="?regime=eu"), page(site, query="?regime=cn")
    assert "电池包标称电压" not in eu and "<b>CN</b>" not in eu
    assert "XIII" not in cn and "<b>EU</b>" not in cn
    assert "<li id=carbonFootprintAccountingStatement" in cn
    assert "<li id=carbonFootprintAccountingStatement" not in eu


def test_a_value_that_waits_for_an_act_is_shown_beside_the_other_rules_and_left_out_alone(site):
    both, eu = page(site), page(site, query="?regime=eu")
    entry = row(both, "batteryCarbonFootprint")
    assert "0.154" in entry and "Not yet due" in entry
    assert "not yet due" in fold_of(eu, "batteryCarbonFootprint") and "0.154" not in eu


def test_eu_documents_write_the_month_of_manufacture(site):
    assert "written “June 2026” in EU documents" in row(page(site), "manufacturingDate")
    assert "June 2026” in EU" not in page(site, query="?regime=cn")


def test_a_point_that_comes_later_says_when(site):
    fold = fold_of(page(site), "dueDiligenceReport")
    assert "1 not yet due" in fold
    assert "18 August 2027" in fold


def test_the_footprint_is_drawn_with_its_figures_and_they_add_up(site):
    text = page(site)
    label = re.search(r'aria-label="(Raw materials, parts[^"]*)"', text).group(1)
    assert "0.1269 · 82.4" in label and "0.022 · 14.3" in label and "0.0051 · 3.3" in label
    assert "7,392 kg over 48,000 kWh" in text
    # Without the values that the EU does not want yet there is nothing to draw.
    assert "0.1269" not in page(site, query="?regime=eu")


def test_a_battery_that_china_does_not_ask_about_has_no_rules_to_choose(site):
    said = words(page(site, "stationary"))
    assert "Rules" not in said
    assert "The China rules ask nothing of this kind of battery" in words(page(site, "stationary", "?regime=cn"))


def test_what_waits_for_an_act_names_the_article_under_which_it_comes(site):
    fold = words(fold_of(page(site), "carbonFootprintPerformanceClass"))
    assert "not yet due" in fold and "EU: waits for the act under Article 7" in fold
    assert "第7条" in fold_of(page(site, query="?lang=zh"), "carbonFootprintPerformanceClass")


def test_a_name_in_two_languages_leads_with_the_readers(site):
    entry = row(page(site), "manufacturerName")
    assert "Lanhu Example Power Battery Co., Ltd.<p lang=zh>澜湖示例动力电池有限公司" in entry
    entry = row(page(site, query="?lang=zh"), "manufacturerName")
    assert "澜湖示例动力电池有限公司<p lang=en>Lanhu" in entry


def test_a_latin_address_keeps_its_commas_on_a_chinese_page(site):
    entry = row(page(site, query="?lang=zh"), "manufacturerAddress")
    assert "1 Example Road, Demonstration Industrial Park, 230000 Hefei, CN" in entry


def test_the_address_of_the_page_is_not_said_again_as_the_payload_of_its_code(site):
    entry = row(page(site), "dataCarrier")
    assert "QR code" in entry and site.ev not in entry


def test_materials_in_the_picture_are_not_listed_a_second_time(site):
    text = page(site)
    assert "class=x" not in row(text, "criticalRawMaterials") and text.count("<li id=criticalRawMaterials") == 1
    figure = re.search(r"<figure>.*?</figure>", text, re.S).group()
    assert "<li id=criticalRawMaterials" in figure
    assert "7440-48-4" in figure  # the CAS number of cobalt


def test_downloads_have_their_sizes_and_the_copies_say_that_they_are_not_signed(site):
    text = page(site)
    listed = words(re.search(r'<section id="downloads".*?</section>', text, re.S).group())
    names = ("Saved passport", "Summary on one page", "Model credential", "Pack credential", "Status list", "Turtle",
             "N-Quads", "CSV", "workbook", "Catena-X", "BatteryPass", "UNTP", "EN 18223", "AASX")  # fmt: skip
    assert [name for name in names if name not in listed] == []
    size = int(re.search(r"Model credential JSON-LD, (\d+) KB", listed)[1])
    href = re.search(r'href="([^"]+)" download="model.vc.jsonld"', text)[1]
    assert size == -(-len(site.client.get(href).data) // 1000)
    for href in re.findall(r'<li><a href="([^"]+)" download', text):
        assert site.client.get(html.unescape(href)).status_code == 200
    assert "The data of this view without signatures" in listed


def test_what_does_not_apply_is_counted_for_the_inspector(site):
    said = words(re.search(r'id="need-inspect".*?</details>', page(site), re.S).group())
    assert re.search(r"Not asked \d+ items? of the rules (is|are) not asked of this kind of battery", said)
    assert "<li id=initialSelfDischargeRate" not in page(site)


# --- what it never holds --------------------------------------------------------------------------------------------


def leaves(value) -> set[str]:
    if isinstance(value, dict):
        return {leaf for key, item in value.items() if key != "id" for leaf in leaves(item)}
    if isinstance(value, list):
        return {leaf for item in value for leaf in leaves(item)}
    return {str(value)}


@pytest.mark.product(of=4)
@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("audience", list(Audience))
def test_no_page_holds_a_value_that_its_reader_may_not_read(site, pack, audience):
    """Over all indicators: what another audience reads and this one may not is nowhere on the page."""
    known = vocabulary.load()
    allowed = rights.readable(known, audience)
    subject = site.operator.packs[pack]
    everything: dict = {}
    for other in Audience:
        everything.update(site.presenter.present(subject, other).claims)
    hidden = {id_: value for id_, value in everything.items() if id_ not in allowed}
    codes = {code.code for enumeration in known.enumerations.values() for code in enumeration.codes}
    assert hidden
    visible = leaves({id_: value for id_, value in everything.items() if id_ in allowed})
    headers = {} if audience is Audience.PUBLIC else site.bearer(audience)
    answers = [page(site, pack, query, headers) for query in ("", "?lang=zh", "?regime=eu")]
    answers.append(site.get(subject, {"Accept": "application/vp", **headers}).text)
    for id_, value in hidden.items():
        for leaf in leaves(value):
            # Short numbers and words from code lists stand on the page for other reasons; long values cannot.
            if len(leaf) >= 8 and leaf not in codes | visible and not any(leaf in text for text in visible):
                assert not any(html.escape(leaf) in answer or leaf in answer for answer in answers), (id_, leaf)
        for answer in answers[:3]:
            if re.search(rf"<li id={id_}[ >]", answer):
                assert "class=rs>" in fold_of(answer, id_), id_


def test_restricted_does_not_tell_whether_there_is_a_value(site):
    """Two packs, one with a condition read-out and one without, look the same to the public below the header."""
    view = site.presenter.present(site.ev, Audience.PUBLIC)
    dynamic = re.search(r'<details class=fold id="dynamic">.*?</details>', page(site), re.S).group()
    assert "Restricted" in dynamic and "16 November 2026" not in dynamic
    assert "does not tell whether" in dynamic
    assert not any("Condition" in name for document in view.credentials for name in document["type"])


def test_the_status_of_the_battery_is_not_public(site):
    said = words(page(site))
    assert "This is about the document, not about the state of the battery." in said
    assert "Original" not in said
    recycler = words(page(site, headers=site.bearer()))
    assert "Original" in recycler and "The state of the battery itself is below." in recycler
    regulator = words(page(site, headers=site.bearer("cn-regulator")))
    assert "The state of the battery itself is below." not in regulator


# --- roles ----------------------------------------------------------------------------------------------------------


def test_a_role_is_the_first_line_of_its_page_with_purpose_issuer_and_end(site):
    text = page(site, headers=site.bearer())
    body = text[text.index("<body>") :]
    assert body.index("rolebar") < body.index("<header")
    said = words(body)
    assert "You are reading in a role: legitimate interest, until 09:40 UTC" in said
    assert "Purpose: recycling. Role credential of Example Operator, valid until 7 April 2027" in said
    assert "What you open here is logged" in said
    assert "Restricted view, not for passing on" in said


def test_a_role_page_leads_with_what_the_role_opens_and_folds_the_public_part(site):
    text = page(site, headers=site.bearer())
    assert text.index('id="opens"') < text.index('id="manufacturer"')
    assert "restricted items of this passport are open to you" in text
    section = re.search(r'<section id="manufacturer".*?</section>', text, re.S).group()
    assert "<details class=public><summary>" in section and section.index("<summary>") < section.index("<li id=")
    condition = words(re.search(r'<section id="dynamic".*?</section>', text, re.S).group())
    assert "As read 16 November 2026, 08:30 UTC, the newest read-out" in condition
    assert "read 16 November 2026, 08:30 UTC" in words(row(text, "stateOfCertifiedEnergy"))
    assert "at the status change of 18 June 2026, 09:40 UTC" in condition


def test_a_role_page_begins_with_the_state_of_the_battery(site):
    said = words(re.search(r'<section id="opens".*?</section>', page(site, headers=site.bearer()), re.S).group())
    assert "As read 16 November 2026, 08:30 UTC: Battery status Original, State of certified energy (SOCE) 99" in said
    regulator = page(site, headers=site.bearer("cn-regulator"))
    assert (
        "As read" not in regulator
        and "SOCE" not in re.search(r'<section id="opens".*?</section>', regulator, re.S).group()
    )


def test_what_is_closed_to_a_purpose_says_so(site):
    role = site.operator.grant(site.holder, Audience.LEGITIMATE_INTEREST, (site.ev,), purpose="purchase")
    token = site.ask(site.presentation(role)).json["access_token"]
    text = page(site, headers={"Authorization": f"Bearer {token}"})
    fold = words(fold_of(text, "detailedComposition"))
    assert "legitimate interest for another purpose, notified bodies, market surveillance, Commission" in fold
    assert "Purpose: purchase." in words(text)


def test_a_role_page_holds_no_token(site):
    headers = site.bearer()
    assert headers["Authorization"].split()[1] not in page(site, headers=headers)


# --- how far you can rely on it -------------------------------------------------------------------------------------


def strip(text: str) -> str:
    return words(re.search(r'<details class="trust .*?</details>', text, re.S).group())


def test_the_trust_strip_says_who_signed_who_lists_them_and_what_was_checked(site):
    said = strip(page(site))
    assert "Example Operator signed the model’s data, the batch’s data and this pack’s data on 8 March 2027." in said
    assert "names Example Operator as an issuer of these credentials, for the EU and China" in said
    assert "Not withdrawn as of 8 March 2027, 09:30 UTC; the status list was signed 8 March 2027, 08:30 UTC" in said
    assert "complete for the public: 3 public credentials" in said
    assert re.search(r"40 of 40 are there for the EU and 13 of 13 are there for China", said)
    assert "passport verify A7K2M05G6J0000317.passport.jsonld --trust trusted-issuers.json" in said
    assert "Signed, unchanged, not withdrawn" in words(page(site))


def test_before_a_regimes_first_day_the_strip_says_when_it_begins(site):
    site.later(days=-60)
    # Signatures from the future are another matter; what is due is asked of the day.
    said = strip(page(site))
    assert "The rules of the EU apply from 18 February 2027; of the items that they ask for then, 40 of 40" in said


def test_an_unlisted_issuer_is_said_to_be_unlisted(operator, make_site, tmp_path):
    site = make_site(operator, tmp_path, trust_list=TrustList())
    said = strip(page(site))
    assert "does not name did:key:" in said
    assert "it does not say who is behind it" in said
    assert "Signed, unchanged, not withdrawn" not in words(page(site))
    assert "Signed, issuer not listed" in words(page(site))


@pytest.fixture
def own(make_operator, make_site, tmp_path):
    """A site over a store of its own, for tests that write to it."""
    operator = make_operator(tmp_path, "lmt-ebike")
    return make_site(operator, tmp_path)


def publisher(site) -> Publisher:
    known = vocabulary.regimes()
    return RememberingPublisher(
        site.operator.store, site.operator.issuer, site.operator.project.base_url, vocabulary.load(),
        tuple(known.values()),
    )  # fmt: skip


def test_a_withdrawn_passport_says_so_first(own):
    pack = own.operator.packs["lmt"]
    assert "Signed, unchanged, not withdrawn" in words(page(own, "lmt"))
    etag = own.get(pack, HTML).headers["ETag"]
    publisher(own).revoke(pack, reason="wrong cell supplier", at=own.clock[0])
    said = words(page(own, "lmt"))
    assert "Signed and unchanged, but withdrawn" in said and "Signed, unchanged, not withdrawn" not in said
    assert "Withdrawn by its issuer: this pack’s data" in said
    assert "wrong cell supplier" not in said
    assert own.get(pack, {**HTML, "If-None-Match": etag}).status_code == 200
    assert "已签名且未改动，但已撤销" in page(own, "lmt", "?lang=zh")


def test_a_suspended_passport_says_so(own):
    publisher(own).suspend(own.operator.packs["lmt"], reason="inquiry", at=own.clock[0])
    said = words(page(own, "lmt"))
    assert "Signed and unchanged, but suspended" in said
    assert "Suspended by its issuer for the time being: this pack’s data" in said


def test_a_tampered_store_is_told_on(site, monkeypatch):
    present = type(site.presenter).present

    def tampered(self, subject, audience):
        view = present(self, subject, audience)
        copied = json.loads(json.dumps(list(view.credentials)))
        for document in copied:
            if PASSPORT in document["type"]:
                document["credentialSubject"]["manufacturingDate"] = "2026-06-19"
        return PassportView(view.subject, view.model, view.audience, tuple(copied), view.status_lists)

    monkeypatch.setattr(type(site.presenter), "present", tampered)
    said = words(page(site))
    assert "Do not rely on this passport" in said
    assert "Do not rely on this pack’s data. Signature and content do not match." in said
    assert "Signed, unchanged, not withdrawn" not in said
    assert "complete for the public" not in said


def test_a_missing_status_list_is_could_not_be_checked_and_not_valid(site, monkeypatch):
    monkeypatch.setattr(site.operator.store, "status_list_body", lambda _: None)
    said = words(page(site))
    assert "Could not be checked" in said
    assert "Signed, unchanged, not withdrawn" not in said


# --- hostile content ------------------------------------------------------------------------------------------------

HOSTILE = (
    '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "</title><svg onload=x>",
    "{{ 7*7 }}", "{0.__class__}", "' onmouseover='x", "\u202egnp.exe", "<!--", "&lt;script&gt;", "]]>",
)  # fmt: skip


def fill(value, text: str):
    """A copy of signed content with every text replaced by a hostile one."""
    if isinstance(value, dict):
        return {key: item if key in ("id", "type") else fill(item, text) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, text) for item in value]
    return text if isinstance(value, str) else value


@pytest.mark.product(of=10)
@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("keep_category", [True, False])
def test_no_value_whatsoever_becomes_markup(site, monkeypatch, text, keep_category):
    present = type(site.presenter).present

    def hostile(self, subject, audience):
        view = present(self, subject, Audience.LEGITIMATE_INTEREST)
        credentials = []
        for document in view.credentials:
            filled = {**document, "credentialSubject": fill(document["credentialSubject"], text)}
            if keep_category and "batteryCategory" in document["credentialSubject"]:
                filled["credentialSubject"]["batteryCategory"] = "ev"
            credentials.append(filled)
        return PassportView(view.subject, view.model, view.audience, tuple(credentials), view.status_lists)

    monkeypatch.setattr(type(site.presenter), "present", hostile)
    for headers in ({}, site.bearer()):
        read = Reading(page(site, headers=headers))
        assert {tag for tag, _ in read.tags} <= {
            "html", "head", "meta", "title", "link", "body", "a", "header", "div", "span", "nav", "main", "h1", "h2",
            "h3", "p", "dl", "dt", "dd", "b", "strong", "ul", "ol", "li", "svg", "path", "rect", "text", "details",
            "summary", "code", "section", "small", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "abbr",
            "figure", "figcaption", "footer", "time", "i", "wbr", "bdi", "label", "input", "br", "use",
        }  # fmt: skip
        assert not any(name.startswith("on") for _, attributes in read.tags for name in attributes)
        assert not any(a["href"].lower().startswith(("javascript", "data:")) for a in read.all("a"))
        assert len(read.all("svg")) <= 6


@each("text", HOSTILE)
def test_an_error_page_repeats_nothing_as_markup(anonymous, text):
    for path in (f"/find?code={text}", f"/gbt34014/{text}", f"/01/09529999001009?lang={text}&regime={text}"):
        answer = anonymous.get(path, headers=HTML)
        if answer.status_code != 307:
            tags = {tag for tag, _ in Reading(answer.text).tags}
            assert not tags & {"script", "img", "svg"}


def test_a_hostile_regime_or_language_parameter_is_ignored(site):
    plain = page(site)
    for query in ("?regime=<script>", "?regime=cn'--", "?lang=%00", "?lang=../../etc"):
        assert page(site, query=query).count("<script") == 1  # the data block
        assert len(page(site, query=query)) == len(plain)


def test_a_value_of_the_wrong_shape_is_shown_and_breaks_nothing(site, monkeypatch):
    present = type(site.presenter).present
    shapes = [None, True, 5, 1.5, [], {}, [[]], [{"x": 1}], {"a": {"b": []}}, ["x", 5, None]]

    for shape in shapes:

        def odd(self, subject, audience, shape=shape):
            view = present(self, subject, Audience.LEGITIMATE_INTEREST)
            credentials = [
                {**document, "credentialSubject": {
                    key: value if key in ("id", "type", "batteryCategory") else shape
                    for key, value in document["credentialSubject"].items()}}
                for document in view.credentials
            ]  # fmt: skip
            return PassportView(view.subject, view.model, view.audience, tuple(credentials), view.status_lists)

        monkeypatch.setattr(type(site.presenter), "present", odd)
        assert "Do not rely on this passport" in page(site), shape


# --- front page and errors ------------------------------------------------------------------------------------------


@each(("language", "heading"), [("en", "Battery passports"), ("zh", "电池护照")])
def test_the_front_page_says_what_this_is(anonymous, language, heading):
    answer = anonymous.get("/", headers={"Accept-Language": language})
    assert answer.headers["Content-Language"] == language
    assert Reading(answer.text).headings[0] == (1, heading)


def test_errors_are_pages_for_people(anonymous):
    answer = anonymous.get("/01/09529999001000", headers={**HTML, "Accept-Language": "zh"})
    assert answer.status_code == 400
    assert answer.mimetype == "text/html"
    read = Reading(answer.text)
    assert read.headings == [(1, "地址有误"), (2, "查找护照")]
    assert "check digit: expected 9" in read.text


def test_an_expired_token_is_told_to_a_person_too(site):
    headers = {**HTML, **site.bearer()}
    site.clock[0] += timedelta(minutes=11)
    answer = site.get(site.ev, headers)
    assert answer.status_code == 401
    assert "Your access has ended" in answer.text


def test_another_key_than_the_issuers_is_told_on(site, monkeypatch):
    stranger = PrivateKey.generate(Algorithm.P256).public_key.did_key
    present = type(site.presenter).present

    def reissued(self, subject, audience):
        view = present(self, subject, audience)
        credentials = tuple({**document, "issuer": stranger} for document in view.credentials)
        return PassportView(view.subject, view.model, view.audience, credentials, view.status_lists)

    monkeypatch.setattr(type(site.presenter), "present", reissued)
    assert "Do not rely on this passport" in words(page(site))
