"""The verifier page: a saved passport in, the same numbered checks as ``passport verify`` out.

The form works without a script: a file input (a file may be dropped on it) and a text field. A submitted file is not
stored or logged, and no address in it is fetched; the report is part of the page. Signatures are judged by this site's
trust list, and the page says so. For our own credentials the store's newest status lists count beside the file's own.

    GET  /verify              the form
    POST /verify              the result as a page; with ``Accept: application/json`` as the report for machines
    POST /verify/report.pdf   the report of a result as PDF, made from what the page of the result hands back
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import RequestEntityTooLarge

from passport.attestation import attested_standing
from passport.battery.identifiers.address import parse_iri
from passport.belonging import passport_verifier
from passport.credentials import credential as vcdm
from passport.credentials import intake
from passport.credentials.verification_result import VerificationResult
from passport.errors import MalformedDocument, PassportError
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.reports.verification_report import sheet_pdf
from passport.texts import Message
from resolver.addresses import PREFIX
from resolver.forms import sealed_sheet
from resolver.forms.negotiation import choose_language, prefers_html
from resolver.page import formatting as f
from resolver.page import verification
from resolver.page.wording import Words
from resolver.views import public, services

blueprint = Blueprint("verify", __name__)
blueprint.add_app_template_filter(verification.sentence_case)
_NAME = re.compile(r"[^\w.\-() ]+")
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_MAX_LISTS = 20
_MAX_ABOUT = 400
_HTML = "text/html; charset=utf-8"


@blueprint.get("/verify")
def form() -> Response:
    """The empty form."""
    language = _language()
    response = public(_page(language).encode("utf-8"), _HTML, vary="Accept-Language")
    response.headers["Content-Language"] = language
    return response


@blueprint.post("/verify")
def verify() -> Response:
    """The result for what was handed in."""
    here, at = services(), services().now()
    html = prefers_html(request.headers.get("Accept"))
    language = _language()
    try:
        data, name = handed_in("text")
    except RequestEntityTooLarge:
        if not html:
            raise
        return _answer(_page(language, too_large=True), 413)
    try:
        if not data.strip():
            raise MalformedDocument(Message("nothing to verify"), expected=Message("a file, or text"))
        given = intake.take(data)
        result = _result(given.document, _about())
    except PassportError as error:
        if not html:
            raise
        fault = verification.unreadable(data, error, language) if data.strip() else None
        return _answer(_page(language, fault=fault, empty=fault is None), 400)
    if not html:
        response = Response(
            strict_json.dumps(attested_standing.report(result, here.config.trust_list)), content_type="application/json"
        )
        response.headers["Cache-Control"] = "no-store"
        return response
    outcome = verification.view(
        result,
        data,
        name=name,
        trust_list=here.config.trust_list,
        vocabulary=here.vocabulary,
        at=at,
        language=language,
        site=here.config.base_url.split("://", 1)[1],
    )
    words = Words(language)
    size = f.size(len(data), language) if len(data) >= 1000 else f"{len(data)}{f.NARROW}B"
    notes = [words("full-stop", sentence=phrase.text(language)) for phrase in given.found]
    return _answer(
        _page(
            language, result=outcome, size=size, when=f.moment(at, language), notes=notes, page=_page_of(outcome),
            sheet=sealed_sheet.sealed(outcome.sheet, here.state.secret()),
        ),
        200,
    )  # fmt: skip


@blueprint.post("/verify/report.pdf")
def report() -> Response:
    """The report of a result as PDF. It is refused unless this site sealed it."""
    sheet = sealed_sheet.opened(request.form.get("sheet", ""), services().state.secret())
    response = Response(sheet_pdf(sheet, _language()), content_type="application/pdf")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Disposition"] = 'attachment; filename="verification.pdf"'
    return response


def _page_of(outcome: verification.ResultView) -> str | None:
    """The page of the battery, where its passport is published here."""
    here = services()
    subject = outcome.battery.subject if outcome.battery else ""
    if not subject.startswith(here.config.base_url + "/") or here.store.pack(subject) is None:
        return None
    return here.config.root + PREFIX + parse_iri(subject, here.config.base_url).path


def handed_in(field: str) -> tuple[bytes, str | None]:
    """Bytes of the file, else of the text field ``field``, else of the body; and the file's name."""
    if request.mimetype in ("multipart/form-data", "application/x-www-form-urlencoded"):
        file = request.files.get("file")
        if file is not None and (data := file.read()):
            name = _NAME.sub("", (file.filename or "").replace("\\", "/").rsplit("/", 1)[-1]).strip()[:80]
            return data, name or None
        return request.form.get(field, "").encode("utf-8"), None
    return request.get_data(cache=False), None


def _result(document: Any, about: str | None) -> VerificationResult:
    """:param about: the code or address on the battery, where the reader gave one.
    :raises PassportError: the installation or the document is beyond judging."""
    here = services()
    lists = _own_lists(_named_lists(document))
    result = passport_verifier(here.config.trust_list, status_lists=lists).verify(document, at=here.now(), about=about)
    # What is in a token shows its status entries only once it was opened.
    read = [reading.list for credential in result.credentials for reading in credential.statuses]
    if more := _own_lists(url for url in read if url not in lists):
        verifier = passport_verifier(here.config.trust_list, status_lists=more | lists)
        result = verifier.verify(document, at=here.now(), about=about)
    return result


def _about() -> str | None:
    """What is printed on the battery, as typed by the reader: a code, or the address in its QR code."""
    return request.form.get("about", "").strip()[:_MAX_ABOUT] or None


def _named_lists(document: Any) -> Iterator[str]:
    members = vcdm.credentials(document) if vcdm.is_presentation(document) else (document,)
    for member in members:
        entries = member.get("credentialStatus") if isinstance(member, dict) else None
        for entry in entries if isinstance(entries, list) else [entries]:
            url = entry.get("statusListCredential") if isinstance(entry, dict) else None
            if isinstance(url, str):
                yield url


def _own_lists(urls: Iterable[str]) -> dict[str, JsonObject]:
    """The newest lists of our own store among ``urls``. Nothing is fetched."""
    here = services()
    prefix = f"{here.config.base_url}/status/"
    lists: dict[str, JsonObject] = {}
    for url in urls:
        number = url.removeprefix(prefix)
        if url in lists or len(lists) >= _MAX_LISTS or number == url or not _NUMBER.fullmatch(number):
            continue
        stored = here.store.status_list(int(number))
        if stored is not None:
            lists[url] = stored
    return lists


def _language() -> str:
    return choose_language(
        request.headers.get("Accept-Language"), request.args.get("lang"), services().config.languages
    )


def _page(language: str, **parts: Any) -> str:
    issuers = [
        (issuer.named(language), issuer.id, verification.kinds_of(issuer.trusted_for, language))
        for issuer in services().config.trust_list.issuers
    ]
    return render_template("verify.html", words=Words(language), language=language, issuers=issuers, **parts)


def _answer(html: str, status: int) -> Response:
    response = Response(html, status, content_type=_HTML)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = _language()
    return response
