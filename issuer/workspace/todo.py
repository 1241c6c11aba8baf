"""The first page: what waits, for whom; what runs; what is overdue or ends soon."""

from __future__ import annotations

from issuer.workspace.frame import Colleague, WorkPage, page, workspace
from issuer.workspace.key_pages import ending_lists
from issuer.workspace.passport_pages import passport_rows, read_out_days
from passport.oversight.overview import owed_by
from passport.store.register.registration_outbox import DEACTIVATED, REJECTED, SUSPENDED, OutboxRow
from passport.store.workspace.drafts import DraftState
from passport.supervision.rulebook import rulebook

_SHOWN = 20


@page("/")
def todo(who: Colleague) -> WorkPage:
    here, at = workspace(), workspace().now()
    waits = [draft for draft in here.drafts.all(DraftState.WAITS) if who.id not in here.drafts.hands(draft.id)]
    approved = here.drafts.all(DraftState.APPROVED)
    drafts = here.drafts.all(DraftState.DRAFT)
    running = [order for order in here.orders.all(limit=20) if not order.is_over]
    answered = [each for each in here.suppliers.all() if each.state == "answered"]
    asked = [each for each in here.access.all() if each.state == "open"]
    overdue, more = passport_rows(state="overdue", limit=_SHOWN)
    book = rulebook().profile(*here.project.regimes)
    owed = owed_by(here.store, book, here.project.issuer)
    now = int(at.timestamp())
    values = {
        "waits": waits, "approved": approved, "drafts": drafts, "running": running, "answered": answered,
        "asked": asked, "overdue": overdue, "overdue_more": more is not None, "days": read_out_days(),
        "owed": owed[:_SHOWN], "owed_total": len(owed), "owed_late": sum(row.due < now for row in owed), "now": now,
        "duties": book.duties, "lists": ending_lists(here, at), "registrations": _unregistered(),
    }  # fmt: skip
    return WorkPage("todo.html", "/", values)


def _unregistered() -> tuple[OutboxRow, ...]:
    """Passports that a register rejected, suspended or deactivated, by what was last learned of it."""
    here = workspace()
    if not here.project.registrations_path.exists():
        return ()
    return tuple(
        row for state in (REJECTED, SUSPENDED, DEACTIVATED) for row in here.registrations.in_state(state, _SHOWN)
    )
