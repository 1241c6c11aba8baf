"""Steps of a draft: ask for approval, approve or send back, discard, order its issue."""

from __future__ import annotations

from werkzeug.wrappers import Response

from issuer.workspace.drafts.bring_in import judged_draft
from issuer.workspace.drafts.reissue import differences
from issuer.workspace.frame import Colleague, draft_or_404, field_of, step, to, workspace
from issuer.workspace.order_pages import wake_worker
from passport.errors import MalformedDocument, UsageError
from passport.publishing.status.status_notice import checked_reason
from passport.store.workspace.drafts import Draft
from passport.store.workspace.people import WorkRole
from passport.texts import Message


@step("/bring/<id_>/ask", WorkRole.ENTER)
def ask_approval(who: Colleague, id_: str) -> Response:
    """:raises UsageError: nothing in it could be issued."""
    here, draft = workspace(), _of_page(id_)
    if not judged_draft(draft).ready:
        raise UsageError(Message("no pack of the draft could be issued"), hint=Message("Correct its faults first."))
    here.drafts.ask_approval(draft, at=here.now(), by=who.id)
    return to(f"/bring/{id_}", "asked")


@step("/bring/<id_>/approve", WorkRole.APPROVE)
def approve(who: Colleague, id_: str) -> Response:
    here = workspace()
    here.drafts.approve(_of_page(id_), at=here.now(), by=who.id)
    return to(f"/bring/{id_}", "approved")


@step("/bring/<id_>/send-back", WorkRole.APPROVE)
def send_back(who: Colleague, id_: str) -> Response:
    here = workspace()
    here.drafts.send_back(_of_page(id_), field_of("reason", 300), at=here.now(), by=who.id)
    return to(f"/bring/{id_}", "sent-back")


@step("/bring/<id_>/discard", WorkRole.ENTER)
def discard(who: Colleague, id_: str) -> Response:
    here = workspace()
    here.drafts.discard(_of_page(id_), at=here.now(), by=who.id)
    return to("/bring", "discarded")


@step("/bring/<id_>/order", WorkRole.SIGN)
def order_issue(who: Colleague, id_: str) -> Response:
    """Order the issue of an approved draft. What is in force with other content is replaced only with a reason."""
    here, draft = workspace(), _of_page(id_)
    judged = judged_draft(draft)
    reason, public = field_of("reason", 300), field_of("public_reason", 300)
    records = [(pack.name, pack.record) for pack in judged.ready if pack.record is not None]
    replaces = bool(differences(here.store, records, here.project.base_url, here.vocabulary))
    if replaces and not reason:
        raise UsageError(Message("a replacement needs a reason"))
    if any(pack.losses for pack in judged.ready) and field_of("losses", 1) != "1":
        raise UsageError(
            Message("a part of the file would not be issued"), hint=Message("Say on the page that this is meant.")
        )
    settings = {"replace": replaces, "reason": reason, "publicReason": checked_reason(public or None)}
    made = here.orders.add(draft, settings, len(judged.ready), at=here.now(), by=who.id)
    wake_worker()
    return to(f"/orders/{made}")


def _of_page(id_: str) -> Draft:
    """The draft, in the version that the person saw.

    :raises MalformedDocument: it was changed meanwhile.
    """
    draft = draft_or_404(id_)
    if field_of("version", 10, required=True) != str(draft.version):
        raise MalformedDocument(
            Message("the draft was changed since the page was opened"), expected=Message("the newest page")
        )
    return draft
