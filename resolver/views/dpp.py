"""EN 18222: the read operations, under ``/v1``. Writing stays out until the published casing is settled.

    GET  /v1/dpps/{dppId}                              ?representation=compressed|full
    GET  /v1/dpps/{dppId}/elements/{elementIdPath}
    GET  /v1/dppsByProductId/{productId}
    GET  /v1/dppsByIdAndDate/{dppId}                   ?date=2027-03-08T09:30:00Z
    POST /v1/dppsByProductIds                          ?limit=&cursor=    {"productIds": […]}

``Accept: application/vp`` (or ``application/ld+json``) gives the same data signed: the credentials of the passport, or
those that prove the element. Identifiers and paths are percent-encoded once, each as one segment. The server decodes
them once and never again. A request with a token sees what its role may see, and is logged. All errors, routing errors
too, have the standard's own envelope (:mod:`resolver.problems`).
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, request
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.exceptions import RequestURITooLarge
from werkzeug.routing import PathConverter

from passport.battery.identifiers.address import PassportAddress, parse_iri
from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.errors import MalformedDocument, MalformedIdentifier, UnknownPassport
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.presenting.presenter import PassportView, Presenter
from passport.presenting.standing import AsOf
from passport.texts import Message
from passport.vocabulary.credential_types import BATCH, MODEL, PASSPORT
from resolver.access.authorised_reader import AuthorisedReader, ScopeExceeded, opens
from resolver.addresses import PREFIX
from resolver.forms import en18222
from resolver.forms.negotiation import JSON, JSONLD, VP, Form, NotAcceptable, choose_form
from resolver.tombstone import has_ceased, refuse_ceased
from resolver.views import coarser, log_access, public, reader, right_of, services
from resolver.views.passports import subject_at


class _Rest(PathConverter):
    """What is left of a path, line breaks included: the usual converter stops at one, and leaves our envelope."""

    regex = "(?s:[^/].*?)"


blueprint = Blueprint("dpp", __name__, url_prefix=en18222.ROOT)
VARY = "Accept, Authorization"
#: The last two are the same bytes: what is signed is linked data.
_FORMS = (JSON, VP, JSONLD)
_ELEMENTS = "/elements/"
#: Of an id; no address of ours comes near it.
_LONGEST = 2000


@blueprint.record_once
def _add_converter(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["rest"] = _Rest


@blueprint.get("/dpps/<rest:argument>")
def read_dpp(argument: str) -> Response:
    """ReadDPPById, and ReadDataElement where a path follows the id."""
    dpp_id, mark, path = argument.partition(_ELEMENTS + "$")
    if mark:
        return read_element(dpp_id, "$" + path)
    full = _full()
    try:
        subject = _subject_of(argument)
    except UnknownPassport:
        # An id may hold "/elements/" itself, so this comes second: a path that does not begin as one.
        dpp_id, mark, path = argument.rpartition(_ELEMENTS)
        if mark and _subject_of(dpp_id):
            en18222.parse_path(path)
        raise
    return _answer(_form(), _view(subject), full=full)


def read_element(dpp_id: str, path: str) -> Response:
    """ReadDataElement: the value, or the credentials that prove it."""
    segments = en18222.parse_path(path)
    form = _form()
    who, view = _seen(_subject_of(dpp_id))
    value = en18222.element(_document(view, False), segments)
    if segments and form is not JSON:
        try:
            view = en18222.proof_of(view, segments, services().vocabulary)
        except en18222.NoSuchElement:
            raise NotAcceptable(
                Message("no credential says this; it is ours to say"),
                expected=JSON.media_type,
                hint=Message("Ask for JSON."),
            ) from None
    if who is not None:
        _log_element(who, view, segments)
    if form is not JSON or not segments:
        return _answer(form, view)
    return public(strict_json.dumps(value), JSON.media_type, vary=VARY)


@blueprint.get("/dppsByProductId/<rest:argument>")
def read_by_product(argument: str) -> Response:
    """ReadDPPByProductId."""
    full = _full()
    try:
        subject = _found(argument)
    except MalformedIdentifier:
        raise UnknownPassport(Message("no passport of this product")) from None
    return _answer(_form(), _view(subject), full=full)


@blueprint.get("/dppsByIdAndDate/<rest:argument>")
def read_version(argument: str) -> Response:
    """ReadDPPVersionByIdAndDate: the passport as it was at an instant."""
    at = en18222.instant(_argument("date", ""))
    full = _full()
    subject = _subject_of(argument)
    here = services()
    former = Presenter(AsOf(here.store, at), here.vocabulary, policy=here.config.access_policy)
    return _answer(_form(), _view(subject, former), full=full)


@blueprint.post("/dppsByProductIds")
def read_ids() -> Response:
    """ReadDPPIdsByProductIds: of the products named, the ids of the passports that there are."""
    if request.mimetype != "application/json":
        raise MalformedDocument(Message("body"), expected=Message("application/json"))
    _form((JSON,))
    limit, cursor = _argument("limit", str(en18222.PAGE)), _argument("cursor", "")
    if not (limit.isascii() and limit.isdecimal() and len(limit) <= 3 and 1 <= int(limit) <= en18222.PAGE):
        raise MalformedDocument(Message("limit"), expected=Message("{least} to {most}", least=1, most=en18222.PAGE))
    ids = en18222.product_ids(strict_json.loads(request.get_data(cache=False)))
    subjects = dict.fromkeys(subject for product_id in ids if (subject := _subject_of_product(product_id)) is not None)
    there = [
        _given_id(subject) or _dpp_id(subject) for subject in subjects if not has_ceased(services().store, subject)
    ]
    page = en18222.page(there, int(limit), cursor)
    response = Response(
        strict_json.dumps({"items": list(page.items), "cursor": page.cursor}), content_type=JSON.media_type
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = VARY
    return response


@blueprint.route("/dpps", methods=["OPTIONS"])
@blueprint.route("/registerDPP", methods=["OPTIONS"])
def not_offered() -> Response:
    """What the standard has and this resolver has not: writing. Any other method is 405."""
    return Response(status=204, headers={"Allow": "OPTIONS"})


# --- ids ------------------------------------------------------------------------------------------------------------


def _dpp_id(subject: str) -> str:
    base_url = services().config.base_url
    return base_url + PREFIX + subject.removeprefix(base_url)


def _given_id(subject: str) -> str | None:
    """The identifier that the maker gave the passport now in force."""
    stored = services().store.current(subject, PASSPORT)
    return None if stored is None else en18222.identifier_in(stored.document["credentialSubject"])


def _subject_of(dpp_id: str) -> str:
    """The subject of a passport's id. An id that cannot be ours is as unknown as any other."""
    base_url = services().config.base_url
    if len(dpp_id) > _LONGEST:
        raise RequestURITooLarge
    if not dpp_id.startswith(f"{base_url}{PREFIX}/"):
        packs = services().store.packs_of_identifier(dpp_id)
        if len(packs) != 1:
            # An identifier that was given twice names no passport.
            raise UnknownPassport(Message("no passport of this id"))
        return packs[0]
    try:
        return _found(base_url + dpp_id.removeprefix(base_url + PREFIX))
    except MalformedIdentifier:
        raise UnknownPassport(Message("no passport of this id")) from None


def _subject_of_product(product_id: str) -> str | None:
    """The subject of a product's id; None where there is none."""
    try:
        return _found(product_id)
    except (MalformedIdentifier, UnknownPassport):
        return None


def _found(product_id: str) -> str:
    """:raises UnissuedPack: an id of ours for a battery without a passport; the words say whether its model has one.

    :raises UnknownPassport: another id that is not known; :raises MalformedIdentifier: no id of ours.
    """
    if len(product_id) > _LONGEST:
        raise RequestURITooLarge
    base_url = services().config.base_url
    if product_id.startswith(base_url + "/"):
        return subject_at(parse_iri(product_id, base_url))
    code = TractionBatteryCode.parse(product_id)
    return subject_at(PassportAddress("gbt34014", code.model_part, code.item_part))


# --- answers --------------------------------------------------------------------------------------------------------


def _argument(name: str, default: str) -> str:
    """A parameter of the query; two that contradict each other are refused rather than one of them taken."""
    texts = request.args.getlist(name)
    if len(texts) > 1:
        raise MalformedDocument(name, expected=Message("once"), found=Message("{count} times", count=len(texts)))
    return texts[0] if texts else default


def _full() -> bool:
    wanted = _argument("representation", "compressed")
    if wanted not in ("compressed", "full"):
        raise MalformedDocument(Message("representation"), expected=Message("compressed or full"))
    return wanted == "full"


def _form(forms: tuple[Form, ...] = _FORMS) -> Form:
    return choose_form(request.headers.get("Accept"), forms=forms)


def _answer(form: Form, view: PassportView, *, full: bool = False) -> Response:
    """A whole view: the passport that it gives, or the signed credentials that it is."""
    if form is not JSON:
        return public(view.presentation_bytes(), form.media_type, vary=VARY)
    return public(strict_json.dumps(_document(view, full)), JSON.media_type, vary=VARY)


def _log_element(who: AuthorisedReader, view: PassportView, path: Sequence[str | int]) -> None:
    """Log what goes out and no more: an element, not the passport around it."""
    try:
        shown = en18222.proof_of(view, path, services().vocabulary) if path else view
    except en18222.NoSuchElement:
        return  # a member of the header, which says nothing restricted
    log_access(who, view.subject, shown)


def _view(subject: str, presenter: Presenter | None = None) -> PassportView:
    who, view = _seen(subject, presenter)
    if who is not None:
        log_access(who, subject, view)
    return view


def _seen(subject: str, presenter: Presenter | None = None) -> tuple[AuthorisedReader | None, PassportView]:
    """Who reads, and what they may see; not logged yet."""
    who = reader()
    here = services()
    if who is None:
        refuse_ceased(here.store, subject)
    elif not opens(who, subject, coarser):
        raise ScopeExceeded(Message("your role does not open this passport"))
    view = (presenter or here.presenter).present(subject, right_of(who))
    if view.own is None:
        raise UnknownPassport(Message("no passport of this id at that time"))
    return who, view


def _document(view: PassportView, full: bool) -> JsonObject:
    public_ones = [
        credential for type_ in (MODEL, BATCH, PASSPORT) if (credential := view.credential(type_)) is not None
    ]
    return en18222.document(
        view, services().vocabulary, dpp_id=_dpp_id(view.subject),
        active=not any(services().store.is_flagged(credential["id"]) for credential in public_ones), full=full,
    )  # fmt: skip
