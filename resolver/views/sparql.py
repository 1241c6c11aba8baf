"""``/sparql``: queries over what everybody may read (SPARQL 1.1 Protocol, query operation only).

GET  /sparql                  the page with a field and examples
GET  /sparql?query=…          the answer: JSON, XML, CSV or TSV; Turtle or N-Triples for CONSTRUCT and DESCRIBE
POST /sparql                  the same with ``query`` in a form, or the query as ``application/sparql-query``
"""

from __future__ import annotations

from importlib.util import find_spec

from flask import Blueprint, Response, current_app, render_template, request
from werkzeug.exceptions import NotFound

from passport.errors import PassportError
from passport.linked_data import strict_json
from passport.texts import Message, error_text
from resolver.forms.negotiation import Form, choose_form, choose_language, prefers_html
from resolver.forms.sparql import SparqlAnswer, SparqlIndex
from resolver.page.wording import Words
from resolver.views import public, services

blueprint = Blueprint("sparql", __name__)
VARY = "Accept, Accept-Language"
_JSON = Form("json", "application/sparql-results+json", ("application/json",))
_RESULTS = (
    _JSON, Form("xml", "application/sparql-results+xml"), Form("csv", "text/csv"),
    Form("tsv", "text/tab-separated-values"),
)  # fmt: skip
_TRIPLES = (Form("turtle", "text/turtle"), Form("nt", "application/n-triples"))
_ROWS = 200
_PREFIX = "PREFIX : <https://w3id.org/battery-passport/ns#>\n"
_EXAMPLES = (
    (Message("Rated energy of each model"), _PREFIX + "SELECT ?name ?energy WHERE {\n"
     "  ?model :batteryModelIdentifier ?name ; :ratedEnergy ?energy .\n} ORDER BY DESC(?energy) LIMIT 50"),
    (Message("Mean footprint per kWh by category"), _PREFIX + "SELECT ?category "
     "(AVG(?footprint) AS ?mean) (COUNT(?batch) AS ?batches) WHERE {\n"
     "  ?batch :batteryCarbonFootprint ?footprint .\n  ?pack :batteryBatch ?batch ; :batteryModel ?model .\n"
     "  ?model :batteryCategory ?category .\n} GROUP BY ?category"),
    (Message("Cobalt in critical raw materials, with the credential that says so"), _PREFIX
     + "SELECT ?credential ?model ?share WHERE {\n"
     "  GRAPH ?credential {\n    ?model :criticalRawMaterials ?material .\n"
     "    ?material :substanceIdentifier \"7440-48-4\" ; :massFraction ?share .\n  }\n} LIMIT 50"),
)  # fmt: skip
_TEXTS = {
    "title": Message("Ask the public data (SPARQL)"),
    "text": Message(
        "Every signed public credential is a named graph. Queries only; an answer takes some seconds and megabytes at "
        "most. For more, download all public data."
    ),
    "query": Message("Query"),
    "ask": Message("Ask"),
    "examples": Message("Examples"),
    "answer": Message("Answer"),
    "rows": Message("{number} rows; at most {most} are shown here"),
}


@blueprint.route("/sparql", methods=["GET", "POST"])
def sparql() -> Response:
    """The page, or the answer to a query.

    :raises NotFound: the engine is not installed here.
    """
    if find_spec("pyoxigraph") is None:
        raise NotFound
    query = _query()
    html = prefers_html(request.headers.get("Accept")) and "format" not in request.args
    if query is None:
        return _page("", None, None)
    if not html:
        return _response(_answer(query))
    try:
        answer = _answer(query, html=True)
    except PassportError as error:
        return _page(query, None, error)
    return _page(query, answer, None)


def _query() -> str | None:
    if request.method == "POST" and request.mimetype == "application/sparql-query":
        return request.get_data(cache=False).decode("utf-8", "replace")
    return request.form.get("query", "") if request.method == "POST" else request.args.get("query")


def _answer(query: str, *, html: bool = False) -> SparqlAnswer:
    here = services()
    accept, wanted = request.headers.get("Accept"), request.args.get("format")
    names = {form.name for form in _RESULTS}
    results = _JSON if html else choose_form(accept, wanted if wanted in names else None, _RESULTS) if (
        wanted in names or not _names(accept, _TRIPLES)) else _JSON  # fmt: skip
    triples = _TRIPLES[0]
    if not html and (wanted in {form.name for form in _TRIPLES} or _names(accept, _TRIPLES)):
        triples = choose_form(accept, wanted, _TRIPLES)
    index: SparqlIndex | None = current_app.extensions.get("resolver-sparql")
    if index is None:
        folder = here.config.state_path.parent / "sparql-index"
        index = current_app.extensions["resolver-sparql"] = SparqlIndex(folder)
    return index.query(here.store, query, results=results.media_type, triples=triples.media_type)


def _names(accept: str | None, forms: tuple[Form, ...]) -> bool:
    return any(form.media_type in (accept or "") for form in forms)


def _response(answer: SparqlAnswer) -> Response:
    text = answer.media_type.startswith("text/")
    return public(answer.body, f"{answer.media_type}; charset=utf-8" if text else answer.media_type, vary=VARY)


def _page(query: str, answer: SparqlAnswer | None, error: PassportError | None) -> Response:
    here = services()
    language = choose_language(request.headers.get("Accept-Language"), request.args.get("lang"), here.config.languages)
    words = Words(language)
    names: tuple[str, ...] = ()
    rows: list[list[str]] = []
    plain = ""
    if answer is not None and answer.media_type == _JSON.media_type:
        document = strict_json.loads(answer.body)
        names = tuple(document.get("head", {}).get("vars", ()))
        bindings = document.get("results", {}).get("bindings", [])
        rows = [[row.get(name, {}).get("value", "") for name in names] for row in bindings]
        plain = str(document["boolean"]).lower() if "boolean" in document else ""
    elif answer is not None:
        plain = answer.body.decode("utf-8")[:100_000]
    html = render_template(
        "sparql.html", words=words, language=language, t={key: words.say(text) for key, text in _TEXTS.items()},
        query=query, names=names, rows=rows[:_ROWS], plain=plain, answered=answer is not None,
        count=words.say(_TEXTS["rows"].fill(number=len(rows), most=_ROWS)),
        error=None if error is None else words.say(error_text(error)), found=None if error is None else error.found,
        examples=[(words.say(name), text) for name, text in _EXAMPLES],
    )  # fmt: skip
    response = public(html.encode("utf-8"), "text/html; charset=utf-8", vary=VARY)
    if error is not None:
        response.status_code = 400
        response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = language
    return response
