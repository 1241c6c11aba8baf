"""What holds for every route there is: HEAD, OPTIONS, other methods, media types, and what caches must tell apart."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.each import each

BASE = "https://passport.example.com"
PACK = "/01/09529999001009/21/A7K2M05G6J0000317"
DPP = quote(f"{BASE}/passports{PACK}", safe="")

#: An address for each endpoint that answers GET; one that is not here fails the first test.
PATHS = {
    "home.home": "/",
    "home.find": "/find?code=ZZZPE10A7K2M05G6J0000317",
    "links.lead_on_01": PACK,
    "links.lead_on_id": "/id/VO-HV13/VO26090001742?linkType=linkset",
    "links.lead_on_gbt34014": "/gbt34014/ZZZPE10A7K2M05G6J0000317?linkType=gs1:pip",
    "links.other_key": "/8004/9526064ASSET",
    "links.compressed": "/AQnYUc1gmiERBhQ",
    "links.description": "/.well-known/gs1resolver",
    "links.context": "/contexts/linkset",
    "events.events": f"/passports{PACK}/events",
    "passports.show": f"/passports{PACK}",
    "attestations.attestations": f"/attestations{PACK}",
    "dpp.read_dpp": f"/v1/dpps/{DPP}",
    "dpp.read_by_product": "/v1/dppsByProductId/ZZZPE10A7K2M05G6J0000317",
    "dpp.read_version": f"/v1/dppsByIdAndDate/{DPP}?date=2027-03-08T09:30:00Z",
    "search.search": "/search?maker=lanhu",
    "search.issuers": "/issuers",
    "search.trust_list": "/trusted-issuers.json",
    "look.look": "/look?q=lanhu",
    "sparql.sparql": "/sparql",
    "look.scan": "/scan",
    "look.script": "/static/scan.js",
    "directory.directory": "/directory",
    "directory.changes": "/directory/changes",
    "directory.enterprise": "/directory/enterprises/did:web:maker.example",
    "register.register": "/register",
    "register.passports": "/register/passports",
    "register.dump": "/register/dump",
    "dumps.description": "/dumps",
    "dumps.file": "/dumps/passports.csv",
    "documents.credential": "/credentials/{passport}",
    "documents.countersignature": "/credentials/{passport}/countersignature",
    "documents.status_list": "/status/1",
    "documents.ontology": "/ns",
    "documents.context": "/contexts/battery/v1",
    "documents.shapes": "/shapes/rules-pack.ttl",
    "documents.did_document": "/did.json",
    "documents.style_sheet": "/static/passport.css",
    "documents.site_style_sheet": "/static/site.css",
    "documents.life_style_sheet": "/static/life.css",
    "documents.desk_style_sheet": "/static/desk.css",
    "documents.health": "/healthz",
    "log.checkpoint": "/log/events/checkpoint",
    "log.tile": "/log/events/tile/0/000.p/1",
    "terms.index": "/terms",
    "terms.namespace": "/units",
    "terms.term": "/ns/gtin",
    "tokens.challenge": "/token",
    "verify.form": "/verify",
    "api.api": "/docs/api",
    "present.challenge": "/present",
    "wallet.wallet_page": "/wallet",
    "wallet.wallet_done": "/wallet/done",
    "wallet.request_object": "/wallet/requests/{challenge}",
    "wallet.did_document": "/wallet/did.json",
    "desk.desk_alerts": "/desk",
    "desk.desk_queries": "/desk/queries",
    "desk.desk_feeds": "/desk/feeds",
    "desk.desk_feed": "/desk/feeds/alerts.atom",
    "desk.desk_alert": "/desk/alerts/0123456789ab",
    "desk.desk_evidence": "/desk/alerts/0123456789ab/evidence",
    "desk.desk_step": "/desk/alerts/0123456789ab/step",
    "desk.desk_pack": "/desk/packs/1",
    "desk.desk_actor": "/desk/actors/did:web:shop.example",
    "desk.desk_flows": "/desk/flows",
    "desk.desk_scrap": "/desk/scrap",
    "desk.desk_search": "/desk/search",
    "desk.desk_completeness": "/desk/completeness",
    "desk.desk_pack_completeness": "/desk/completeness/packs",
    "desk.desk_overdue": "/desk/overdue",
    "desk.desk_looks": "/desk/looks",
    "desk.desk_leave": "/desk/leave",
    "desk.own_duties": "/duties",
    "desk.own_report": "/duties/report",
    "desk.desk_report": "/desk/reports/did:web:shop.example",
    "operation.show_health": "/health",
    "operation.description": "/openapi.json",
}
#: Each answer is another one: a challenge is used once.
FRESH = {"tokens.challenge", "present.challenge", "wallet.wallet_page", "wallet.wallet_done"}
ASKED = (
    ("Accept", ("text/html", "application/json", "application/ld+json", "text/turtle", "image/png")),
    ("Accept-Language", ("zh", "en")),
)


@pytest.fixture(scope="module")
def site(shared_site):
    return shared_site


@pytest.fixture(scope="module")
def paths(site) -> dict[str, str]:
    credential = site.operator.store.current(site.ev, "BatteryPassportCredential").id.rpartition("/")[2]
    return {endpoint: path.format(passport=credential, challenge=site.challenge()) for endpoint, path in PATHS.items()}


def test_every_route_is_looked_at_here(site):
    assert {rule.endpoint for rule in site.app.url_map.iter_rules() if "GET" in rule.methods} == PATHS.keys()


@pytest.mark.product(of=6)
@pytest.mark.parametrize("endpoint", PATHS)
@pytest.mark.parametrize("accept", [None, "text/html", "application/json", "image/png"])
def test_head_has_the_headers_of_get_and_no_body(site, paths, endpoint, accept):
    headers = {"Accept": accept} if accept else {}
    got, head = (site.client.open(paths[endpoint], method=method, headers=headers) for method in ("GET", "HEAD"))
    assert head.data == b""
    changing = {"Content-Length", "ETag"} if endpoint in FRESH else set()
    assert head.status_code == got.status_code
    assert _headers(head, changing) == _headers(got, changing)


@each("endpoint", PATHS)
def test_options_and_a_refused_method_name_the_same_methods(site, paths, endpoint):
    options = site.client.options(paths[endpoint])
    assert options.status_code in (200, 204)
    assert options.data == b""
    allowed = _methods(options)
    assert {"GET", "HEAD", "OPTIONS"} <= allowed
    for method in {"POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} - allowed:
        refused = site.client.open(paths[endpoint], method=method)
        assert (refused.status_code, _methods(refused)) == (405, allowed)
    assert options.headers["Access-Control-Allow-Methods"] if endpoint not in FRESH else True


@each("endpoint", PATHS)
def test_text_names_its_encoding_and_json_has_none_to_name(site, paths, endpoint):
    for accept in (None, *ASKED[0][1]):
        answer = site.client.get(paths[endpoint], headers={"Accept": accept} if accept else {})
        if answer.data:
            named = "charset=utf-8" in answer.content_type
            assert named is answer.mimetype.startswith("text/"), answer.content_type
        else:
            assert "Content-Type" not in answer.headers or answer.status_code == 307


@each("endpoint", PATHS)
def test_a_length_that_is_said_is_the_length(site, paths, endpoint):
    answer = site.client.get(paths[endpoint])
    assert answer.headers.get("Content-Length", str(len(answer.data))) == str(len(answer.data))


@pytest.mark.product(of=6)
@pytest.mark.parametrize("endpoint", sorted(PATHS.keys() - FRESH))
def test_what_changes_an_answer_that_is_kept_is_named_in_vary(site, paths, endpoint):
    """RFC 9110 section 12.5.5, for each header that decides anything here."""
    plain = site.client.get(paths[endpoint])
    asked = [(name, value) for name, values in ASKED for value in values]
    for name, value in [*asked, *site.bearer().items()]:
        other = site.client.get(paths[endpoint], headers={name: value})
        same = (other.status_code, other.data, other.headers.get("Location")) == (
            plain.status_code, plain.data, plain.headers.get("Location"))  # fmt: skip
        for answer in (plain, other) if not same else ():
            if "no-store" not in answer.headers.get("Cache-Control", ""):
                assert name.lower() in _listed(answer, "Vary"), (name, value, answer.headers)


def _headers(answer, without: set[str]) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in {"Date", *without}}


def _methods(answer) -> set[str]:
    return {method.strip() for method in answer.headers.get("Allow", "").split(",")}


def _listed(answer, header: str) -> set[str]:
    return {name.strip().lower() for name in answer.headers.get(header, "").split(",")}
