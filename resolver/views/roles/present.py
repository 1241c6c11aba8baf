"""Reading with a role in a browser: show the role credential, and the restricted view is the answer.

    GET  /present?passport=…   a single-use challenge, the command that signs it, a form for the presentation
    POST /present              the restricted page itself, for the presentation handed in
    POST /present/open         another passport in the same role: code or address, and the token as form field

Without a passport, the answer is the supervision desk for the role of an authority (:mod:`resolver.desk`), and the page
of its own duties for any other.

There is no cookie, and no token in an address. The token is a hidden field of the restricted page; the forms of that
page (language, rules, download, another passport) post it again, as RFC 6750 section 2.2 describes. The reader's rights
come from the presentation alone. The button that leaves the page revokes the token (``POST /revoke``). For the next
visitor of a shared computer only a page remains that no cache may keep. (docs/decisions/0007)

A form of another site cannot open a view here, since it has no token. The header ``Sec-Fetch-Site`` is checked as well
where the browser sends it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, render_template, request

from passport.errors import PassportError, StoreFailure
from passport.linked_data import strict_json
from passport.texts import say
from resolver.access.challenges import CHALLENGE_LIFETIME
from resolver.desk.sign_in import signed_in
from resolver.forms.negotiation import choose_language
from resolver.page import formatting as f
from resolver.page.wording import Words, refusal_texts
from resolver.views import services
from resolver.views.home import subject_of
from resolver.views.passports import answer, holder_of_form, same_site_only
from resolver.views.verify import handed_in

blueprint = Blueprint("present", __name__)


@blueprint.get("/present")
def challenge() -> Response:
    """The challenge, and the form. What was asked to be opened is kept as the text it is, and led nowhere."""
    return _page(request.args.get("passport", "")[:300])


@blueprint.post("/present")
def present() -> Response:
    """The restricted view for the presentation handed in; the same page with a new challenge where it earns nothing."""
    same_site_only()
    wanted = request.form.get("passport", "").strip()[:300]
    data, _ = handed_in("presentation")
    if not data.strip():
        return _page(wanted, answer=Words(_language())("present-nothing"))
    try:
        # First the passport, which a typing error must not cost a challenge.
        subject = subject_of(wanted) if wanted else None
        text = data.strip()
        presentation = strict_json.loads(text) if text.startswith(b"{") else text.decode("utf-8", "replace")
        grant = services().access.grant(presentation, services().now())
        g.reader = grant.reader
        if subject is None:
            return signed_in(grant)
        return answer(subject, grant.reader, grant.access_token)
    except StoreFailure:
        # Nothing is wrong with what was handed in.
        raise
    except PassportError as error:
        sentence = say(refusal_texts.of_error(error.code, error.message), _language())
        return _page(wanted, answer=sentence, fault=error, used=error.code == "invalid-grant")


@blueprint.post("/present/open")
def another() -> Response:
    """Another passport, by its code or address, in the role of the token that the form holds."""
    who, token = holder_of_form()
    return answer(subject_of(request.form.get("passport", "").strip()[:300]), who, token)


def _language() -> str:
    return choose_language(
        request.headers.get("Accept-Language"), request.args.get("lang"), services().config.languages
    )


def _page(wanted: str, **parts: Any) -> Response:
    here, language = services(), _language()
    g.pop("reader", None)
    html = render_template(
        "present.html",
        words=Words(language),
        language=language,
        wanted=wanted,
        wallet_href=f"{here.config.root}/wallet?" + urlencode({"lang": language, "passport": wanted}),
        challenge=here.access.challenge(here.now()),
        domain=here.config.base_url,
        until=f.moment(here.now() + CHALLENGE_LIFETIME, language),
        minutes=here.config.token_lifetime // 60,
        **parts,
    )
    response = Response(html, 400 if parts else 200, content_type="text/html; charset=utf-8")
    # Each visitor gets a challenge of their own.
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Language"] = language
    return response
