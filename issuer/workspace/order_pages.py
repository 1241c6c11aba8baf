"""An order to issue: how far it is, what was refused and why, and the labels of what was issued."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import current_app, request
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from issuer.workspace.frame import Colleague, WorkPage, download, page, step, to, workspace
from passport.errors import UnknownPassport
from passport.reports import label_sheet, qr_code
from passport.reports.label_run import PackLabel, zpl
from passport.store.workspace.orders import Order, OrderState
from passport.store.workspace.people import WorkRole
from passport.vocabulary.vocabulary import Audience

#: Labels on one sheet of the page to print, and refused packs that are shown.
LABELS_OF_SHEET, SHOWN_REFUSED = 200, 200
_MADE = ("issued", "replaced", "same")


@page("/orders")
def orders(who: Colleague) -> WorkPage:
    here = workspace()
    rows = [(order, here.drafts.get(order.draft)) for order in here.orders.all()]
    return WorkPage("orders.html", "/passports", {"rows": rows})


@page("/orders/<id_>")
def order(who: Colleague, id_: str) -> WorkPage:
    """The state of this moment. It reloads by itself only where the address says so, and while there is work."""
    here, shown = workspace(), _order(id_)
    packs = here.orders.packs(shown)
    refused = [pack for pack in packs if pack.outcome == "refused"]
    at = here.now()
    values: dict[str, Any] = {
        "order": shown, "draft": here.drafts.get(shown.draft), "at": at,
        "outcomes": Counter(pack.outcome for pack in packs), "refused": refused[:SHOWN_REFUSED],
        "refused_total": len(refused), "made": [pack for pack in packs if pack.outcome in _MADE][:SHOWN_REFUSED],
        "made_total": len(packs) - len(refused), "left": _left(shown), "follow": request.args.get("follow") == "1",
        "journal": here.journal.of(shown.draft, limit=20),
    }  # fmt: skip
    return WorkPage("order.html", "/passports", values)


@step("/orders/<id_>/stop", WorkRole.SIGN)
def stop_order(who: Colleague, id_: str) -> Response:
    here = workspace()
    here.orders.stop(_order(id_), at=here.now(), by=who.id)
    return to(f"/orders/{id_}")


@page("/orders/<id_>/labels.zpl")
def labels_zpl(who: Colleague, id_: str) -> Response:
    """For a label printer: one label for each pack of the order that is issued."""
    body = b"".join(zpl(label for _, label in _labels(_order(id_))))
    return download(body, f"labels-{id_}.zpl", "application/octet-stream")


@page("/orders/<id_>/labels.pdf")
def labels_pdf(who: Colleague, id_: str) -> Response:
    """Sheets of labels to print at 100 %."""
    body = label_sheet.pdf(label for _, label in _labels(_order(id_)))
    return download(body, f"labels-{id_}.pdf", "application/pdf")


@page("/orders/<id_>/labels")
def labels(who: Colleague, id_: str) -> WorkPage:
    """A sheet of labels to print from the browser."""
    shown = _order(id_)
    drawn: list[tuple[str, Markup]] = []
    for name, each in _labels(shown):
        if len(drawn) == LABELS_OF_SHEET:
            break
        svg = qr_code.label(each.address, code=each.code, serial=each.serial, maker=each.maker, model=each.model)
        drawn.append((name, Markup(svg)))  # noqa: S704 - drawn by us, its texts escaped
    return WorkPage("labels.html", "/passports", {"order": shown, "labels": drawn})


def _labels(shown: Order) -> Iterator[tuple[str, PackLabel]]:
    here = workspace()
    for pack in here.orders.packs(shown, *_MADE):
        try:
            claims = here.presenter.present(pack.subject or "", Audience.PUBLIC).claims
        except UnknownPassport:
            continue
        yield pack.name, PackLabel(
            pack.subject or "", claims.get("manufacturerName", ""), claims.get("batteryModelIdentifier", ""),
            claims.get("packTractionBatteryCode"), claims.get("serialNumber"),
        )  # fmt: skip


def _left(shown: Order) -> timedelta | None:
    """How long the rest takes at the rate so far."""
    at = workspace().now()
    if shown.is_over or shown.begun is None or not shown.checked:
        return None
    return (at - shown.begun) / shown.checked * max(shown.total - shown.checked, 0)


def _order(id_: str) -> Order:
    shown = workspace().orders.get(id_)
    if shown is None:
        raise NotFound
    return shown


def wake_worker() -> None:
    """Tell the worker of this process, where there is one, that there is an order."""
    worker = current_app.extensions.get("workspace-worker")
    if worker is not None:
        worker.wake()


__all__ = ["OrderState", "wake_worker"]
