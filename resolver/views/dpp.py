"""EN 18222: the read operations, under ``/v1``. Writing stays out until the published casing is settled.

    GET  /v1/dpps/{dppId}                              ?representation=compressed|full
    GET  /v1/dpps/{dppId}/elements/{elementIdPath}     Accept: application/vp gives the signed proof of it
    GET  /v1/dppsByProductId/{productId}
    GET  /v1/dppsByIdAndDate/{dppId}                   ?date=2027-03-08T09:30:00Z
    POST /v1/dppsByProductIds                          ?limit=&cursor=    {"productIds": […]}

Identifiers and paths are percent-encoded once, each as one segment. The server undoes that once; nothing is ever
decoded again. Whoever sends a token sees what its role may see, and that is logged; errors speak the standard's own
envelope.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import PathConverter

from passport.battery.address import parse_iri
from passport.battery.identifier import TractionBatteryCode
from passport.errors import MalformedDocument, MalformedIdentifier, PassportError, UnknownPassport
from passport.linked_data import strict_json
from passport.presenter import MODEL, PASSPORT, PassportView, Presenter
from resolver import dpp, problems
from resolver.access import Reader, ScopeExceeded, opens
from resolver.negotiation import media_weight
from resolver.tombstone import refuse_ceased
from resolver.views import log_access, public, reader, right_of, services
from resolver.views.passports import PREFIX, subject_at


class _Rest(PathConverter):
    """What is left of a path, line breaks included: the usual converter stops at one, and leaves our envelope."""

    regex = "(?s:[^/].*?)"


blueprint = Blueprint("dpp", __name__, url_prefix="/v1")
blueprint.record_once(lambda state: state.app.url_map.converters.setdefault("rest", _Rest))
VARY = "Accept, Authorization"
_ELEMENTS = "/elements/"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@blueprint.route("/<rest:rest>", methods=_METHODS)
def operation(rest: str) -> Response:
    """Every operation, chosen by its first segment, so that an error below ``/v1`` is always in the envelope."""
    name, _, argument = rest.partition("/")
    if name == "dppsByProductIds" and not argument:
        _only("POST")
        return read_ids()
    if name not in _READS or not argument:
        if rest in ("dpps", "registerDPP"):
            raise MethodNotAllowed(valid_methods=["OPTIONS"])
        raise NotFound
    _only("GET")
    return _READS[name](argument)


def _only(method: str) -> None:
    if request.method != method and not (method == "GET" and request.method == "HEAD"):
        raise MethodNotAllowed(valid_methods=["GET", "HEAD", "OPTIONS"] if method == "GET" else ["OPTIONS", "POST"])


def read_dpp(argument: str) -> Response:
    """ReadDPPById, and ReadDataElement where a path follows the id."""
    dpp_id, mark, path = argument.partition(_ELEMENTS + "$")
    if mark:
        return read_element(dpp_id, "$" + path)
    subject = _subject_of(argument)
    full = _full()
    return _passport(_view(subject), full)


def read_element(dpp_id: str, path: str) -> Response:
    """ReadDataElement: the value, or the credentials that prove it."""
    segments = dpp.parse_path(path)
    who, view = _seen(_subject_of(dpp_id))
    accept = request.headers.get("Accept")
    found = dpp.element(_document(view, False), segments)
    if who is not None:
        _log_element(who, view, segments)
    if media_weight("application/vp", accept) > media_weight("application/json", accept):
        proof = dpp.proof_of(view, segments, services().vocabulary)
        return public(strict_json.dumps(proof.presentation()), "application/vp", vary=VARY)
    return public(strict_json.dumps(found), "application/json", vary=VARY)


def read_by_product(argument: str) -> Response:
    """ReadDPPByProductId."""
    subject = _subject_of_product(argument)
    if subject is None:
        raise UnknownPassport("no passport of this product")
    full = _full()
    return _passport(_view(subject), full)


def read_version(argument: str) -> Response:
    """ReadDPPVersionByIdAndDate: the passport as it was at an instant."""
    texts = request.args.getlist("date")
    if len(texts) != 1:
        raise MalformedDocument("date", expected="?date= with one instant such as 2027-03-08T09:30:00Z")
    at = dpp.instant(texts[0])
    subject = _subject_of(argument)
    full = _full()
    here = services()
    former = Presenter(dpp.AsOf(here.store, at), here.vocabulary, policy=here.config.access_policy)
    return _passport(_view(subject, former), full)


def read_ids() -> Response:
    """ReadDPPIdsByProductIds: of the products named, the ids of the passports that there are."""
    if request.mimetype != "application/json":
        raise MalformedDocument("body", expected="application/json")
    limit, cursor = request.args.get("limit", str(dpp.PAGE)), request.args.get("cursor", "")
    if not (limit.isascii() and limit.isdecimal() and len(limit) <= 3 and 1 <= int(limit) <= dpp.PAGE):
        raise MalformedDocument("limit", expected=f"1 to {dpp.PAGE}")
    ids = dpp.product_ids(strict_json.loads(request.get_data(cache=False)))
    subjects = [subject for one in ids if (subject := _subject_of_product(one)) is not None]
    page = dpp.page([_dpp_id(subject) for subject in dict.fromkeys(subjects)], int(limit), cursor)
    response = Response(
        strict_json.dumps({"items": list(page.items), "cursor": page.cursor}), content_type="application/json"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


_READS = {"dpps": read_dpp, "dppsByProductId": read_by_product, "dppsByIdAndDate": read_version}


# --- ids ------------------------------------------------------------------------------------------------------------


def _dpp_id(subject: str) -> str:
    base_url = services().config.base_url
    return base_url + PREFIX + subject.removeprefix(base_url)


def _subject_of(dpp_id: str) -> str:
    """The subject of a passport's id. An id that cannot be ours is as unknown as any other."""
    base_url = services().config.base_url
    if not dpp_id.startswith(f"{base_url}{PREFIX}/"):
        raise UnknownPassport("no passport of this id")
    subject = _subject_of_product(base_url + dpp_id.removeprefix(base_url + PREFIX))
    if subject is None:
        raise UnknownPassport("no passport of this id")
    return subject


def _subject_of_product(product_id: str) -> str | None:
    base_url = services().config.base_url
    try:
        if product_id.startswith(base_url + "/"):
            return subject_at(parse_iri(product_id, base_url))
        pack = services().store.pack_of_code(str(TractionBatteryCode.parse(product_id)))
    except (MalformedIdentifier, UnknownPassport):
        return None
    return pack.subject if pack else None


# --- answers --------------------------------------------------------------------------------------------------------


def _full() -> bool:
    wanted = request.args.get("representation", "compressed")
    if wanted not in ("compressed", "full"):
        raise MalformedDocument("representation", expected="compressed or full")
    return wanted == "full"


def _log_element(who: Reader, view: PassportView, path: Sequence[str | int]) -> None:
    """Log what goes out and no more: an element, not the passport around it."""
    try:
        shown = dpp.proof_of(view, path, services().vocabulary) if path else view
    except dpp.NoSuchElement:
        return  # a member of the header, which says nothing restricted
    log_access(who, view.subject, shown)


def _view(subject: str, presenter: Presenter | None = None) -> PassportView:
    who, view = _seen(subject, presenter)
    if who is not None:
        log_access(who, subject, view)
    return view


def _seen(subject: str, presenter: Presenter | None = None) -> tuple[Reader | None, PassportView]:
    """Who reads, and what they may see; not logged yet."""
    who = reader()
    here = services()

    def model_of(pack: str) -> str | None:
        found = here.store.pack(pack)
        return found.model if found else None

    if who is None:
        refuse_ceased(here.store, subject)
    elif not opens(who, subject, model_of):
        raise ScopeExceeded("your role does not open this passport")
    view = (presenter or here.presenter).present(subject, right_of(who))
    if not any({MODEL, PASSPORT} & set(one["type"]) for one in view.credentials):
        raise UnknownPassport("no passport of this id at that time")
    if view.subject != view.model and view.credential(PASSPORT) is None:
        raise UnknownPassport("no passport of this id at that time")
    return who, view


def _document(view: PassportView, full: bool) -> dict:
    public_ones = [one for type_ in (MODEL, PASSPORT) if (one := view.credential(type_)) is not None]
    return dpp.document(
        view, services().vocabulary, dpp_id=_dpp_id(view.subject),
        active=not any(services().store.is_flagged(one["id"]) for one in public_ones), full=full,
    )  # fmt: skip


def _passport(view: PassportView, full: bool) -> Response:
    return public(strict_json.dumps(_document(view, full)), "application/json", vary=VARY)


# --- errors ---------------------------------------------------------------------------------------------------------


@blueprint.errorhandler(PassportError)
def of_the_library(error: PassportError) -> Response:
    return _refused(problems.of_error(error))


@blueprint.errorhandler(HTTPException)
def of_the_framework(error: HTTPException) -> Response:
    return _refused(problems.of_http(error))


def _refused(problem: problems.Problem) -> Response:
    g.correlation = str(uuid4())
    text = problem.detail or problem.code.replace("-", " ")
    body = dpp.envelope(problem.status, text, correlation=g.correlation, at=services().now())
    response = Response(strict_json.dumps(body), problem.status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = VARY
    if problem.challenge:
        response.headers["WWW-Authenticate"] = problem.challenge
    if problem.allow:
        response.headers["Allow"] = problem.allow
    return response
