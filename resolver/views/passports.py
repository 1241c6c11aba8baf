"""The passport itself, in the form and the language asked for.

``/01/…``, ``/id/…`` and ``/gbt34014/…`` redirect here (:mod:`resolver.views.links`). A request with a token runs
through the same code as a public one; only its audience differs.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, g, render_template, request

from passport.battery.identifiers.address import PassportAddress, parse_iri, parse_path
from passport.errors import AccessDenied, UnknownPassport
from passport.presenting.presenter import PassportView, Presenter, batch_of
from passport.presenting.standing import AsOf
from passport.store import Store
from passport.texts import Message
from passport.vocabulary.credential_types import BATCH, MODEL
from resolver.access.authorised_reader import AuthorisedReader, InvalidToken, ScopeExceeded, opens
from resolver.addresses import PREFIX
from resolver.forms import en18222
from resolver.forms.exports import EXPORTS, ExportForm, export
from resolver.forms.negotiation import FORMS, HTML, NotAcceptable, choose_form, choose_language
from resolver.forms.representations import FACES
from resolver.forms.summary import summary
from resolver.page.page import build_page, file_name
from resolver.page.view_model import PageRequest
from resolver.page.wording import Words
from resolver.tombstone import refuse_ceased
from resolver.unissued import unissued
from resolver.views import coarser, log_access, public, reader, right_of, services

blueprint = Blueprint("passports", __name__)
VARY = "Accept, Accept-Language, Authorization"


def redirect(subject: str) -> Response:
    """307 to the passport of ``subject``; other query parameters are passed on."""
    base_url = services().config.base_url
    location = base_url + PREFIX + parse_iri(subject, base_url).path
    query = request.query_string.decode("ascii", "ignore")
    if query and query.isprintable():
        location += f"?{query}"
    response = Response(status=307)
    response.headers["Location"] = location
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = VARY
    return response


@blueprint.get(f"{PREFIX}/<path:rest>")
def show(rest: str) -> Response:
    """The passport, in the form and the language asked for, as this reader may see it."""
    who = reader()
    address = parse_path(request.path.removeprefix(PREFIX), decoded=True)
    subject = subject_at(address)
    if address.is_alias:
        return redirect(subject)
    if who is None:
        refuse_ceased(services().store, subject)
    return answer(subject, who)


@blueprint.post(f"{PREFIX}/<path:rest>")
def show_to_holder(rest: str) -> Response:
    """The same for a reader in a browser, whose form posts the token (RFC 6750 section 2.2)."""
    who, token = holder_of_form()
    return answer(subject_at(parse_path(request.path.removeprefix(PREFIX), decoded=True)), who, token)


def holder_of_form() -> tuple[AuthorisedReader, str]:
    """Who reads, by the token in a form of ours. A token in the address is never looked at.

    :raises InvalidToken: there is none, it is not valid, or there is another one in the header.
    """
    same_site_only()
    token = request.form.get("access_token", "")
    if not token or "Authorization" in request.headers:
        raise InvalidToken(Message("no access token"), expected=Message("one, in the form field access_token"))
    g.reader = services().access.read(f"Bearer {token}", services().now())
    return g.reader, token


def same_site_only() -> None:
    """:raises AccessDenied: the browser says that a page of another site sent this form."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise AccessDenied(Message("a form of another site"), expected=Message("the form on this site"))


def answer(subject: str, who: AuthorisedReader | None, token: str | None = None) -> Response:
    """The passport of ``subject`` in the form and language asked for.

    :param token: the reader's access token, where it came in a form and the page must hand it on.
    """
    wanted = request.args.get("format", "")
    if wanted in EXPORTS:
        return _export(subject, who, EXPORTS[wanted])
    if wanted == "pdf":
        return _summary(subject, who)
    form = choose_form(request.headers.get("Accept"), request.args.get("format"))
    as_of = request.args.get("at")
    view, digest = view_of(subject, who, as_of), None
    if form is HTML:
        body, language = _page(view, who, token, as_of)
    elif form in FACES:
        body, language = FACES[form](view, services().vocabulary), None
    else:
        body, language, digest = view.presentation_bytes(), None, view.digest
    text = form.media_type.startswith("text/")
    content_type = f"{form.media_type}; charset=utf-8" if text else form.media_type
    response = public(body, content_type, vary=VARY, digest=digest)
    if language:
        response.headers["Content-Language"] = language
    elif token is not None:
        name = file_name(subject.rsplit("/", 1)[-1])
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.passport.jsonld"'
    path = services().config.base_url + PREFIX + parse_iri(subject, services().config.base_url).path
    more = f"&{urlencode({'at': as_of})}" if as_of else ""
    response.headers["Link"] = ", ".join(
        f'<{path}?format={other.name}{more}>; rel="alternate"; type="{other.media_type}"'
        for other in FORMS
        if other is not form
    )
    return response


def _summary(subject: str, who: AuthorisedReader | None) -> Response:
    """The public passport of a pack on one page, as PDF.

    :raises NotAcceptable: the address is that of a model or batch, or the reader has a role.
    """
    here = services()
    language = choose_language(request.headers.get("Accept-Language"), request.args.get("lang"), here.config.languages)
    view = view_of(subject, None, request.args.get("at"))
    if view.grain != "pack" or who is not None:
        raise NotAcceptable(Message("the summary is of one battery and for the public"))
    page_request = PageRequest(language=language, regime=None, reader=None, at=here.now(), as_of=request.args.get("at"))
    response = public(summary(build_page(view, page_request, here), language), "application/pdf", vary=VARY)
    name = file_name(subject.rsplit("/", 1)[-1])
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["Content-Language"] = language
    return response


def _export(subject: str, who: AuthorisedReader | None, form: ExportForm) -> Response:
    """A copy in a format of ``passport convert``, to be saved.

    :raises NotAcceptable: the address is that of a model or batch, of which these formats know nothing.
    """
    view = view_of(subject, who, request.args.get("at"))
    if view.grain != "pack":
        raise NotAcceptable(Message("this format is of one battery"), expected=Message("the address of a pack"))
    copy = export(view, services().vocabulary, form)
    response = public(copy.body, copy.media_type, vary=VARY)
    stem = file_name(subject.rsplit("/", 1)[-1])
    name = f"{stem}{copy.suffix}" if copy.suffix == f".{form.name}" else f"{stem}.{form.name}{copy.suffix}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def subject_at(address: PassportAddress) -> str:
    """The subject IRI at an address.

    :raises UnissuedPack: no passport is issued for this serial number or code.
    :raises UnknownPassport: no such model or batch, or the pack is of another batch.
    """
    store = services().store
    base_url = services().config.base_url
    if address.is_alias:
        pack = store.pack_of_code(address.model + (address.serial or ""))
        if pack is None:
            raise unissued(store, address, base_url)
        return pack.subject
    subject = address.iri(base_url)
    if address.serial and store.pack(subject) is None:
        raise unissued(store, address, base_url)
    if address.serial:
        refuse_other_batch(store, address, base_url)
    elif store.current(subject, BATCH if address.is_batch else MODEL) is None:
        raise UnknownPassport(
            Message("no passport at this address"), hint=Message("Compare the address with the plate.")
        )
    return subject


def refuse_other_batch(store: Store, address: PassportAddress, base_url: str) -> None:
    """Refuse an address that puts a pack into a batch that is not its own.

    A pack that was issued without a batch is found under any, as it was when it was issued.

    :raises UnknownPassport: the pack is of another batch.
    """
    batch = batch_of(store, address.iri(base_url)) if address.batch else None
    if address.batch and batch is not None and batch != address.of_batch(address.batch).iri(base_url):
        raise UnknownPassport(
            Message("this battery is not of batch {batch}", batch=address.batch),
            hint=Message("Compare the address with the plate."),
        )


def view_of(subject: str, who: AuthorisedReader | None, as_of: str | None = None) -> PassportView:
    """:param as_of: the instant of ``?at=``, of which the passport is to be shown; None: as it is.

    :raises MalformedDocument: that is no instant.
    :raises UnknownPassport: nothing was issued there at that instant.
    """
    if who is not None and not opens(who, subject, coarser):
        raise ScopeExceeded(Message("your role does not open this passport"))
    here = services()
    presenter = here.presenter
    if as_of is not None:
        former = AsOf(here.store, en18222.instant(as_of))
        presenter = Presenter(former, here.vocabulary, policy=here.config.access_policy)
    view = presenter.present(subject, right_of(who))
    if view.own is None:
        raise UnknownPassport(Message("nothing was issued at this address at that time"))
    if who is not None:
        log_access(who, subject, view)
    return view


def _page(view: PassportView, who: AuthorisedReader | None, token: str | None, as_of: str | None) -> tuple[bytes, str]:
    here = services()
    language = choose_language(request.headers.get("Accept-Language"), request.args.get("lang"), here.config.languages)
    page_request = PageRequest(
        language=language,
        regime=request.args.get("regime"),
        reader=who,
        at=here.now(),
        token=token,
        as_of=as_of,
        all_names=request.args.get("names") == "law",
    )
    page = build_page(view, page_request, here)
    html = render_template("passport.html", page=page, words=Words(language), language=language)
    return html.encode("utf-8"), language
